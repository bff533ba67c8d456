"""The rules of a configuration that span several settings, which a JSON Schema cannot explain in one sentence.

Each function takes settings that spec.json has accepted, and raises a ConfigError for the first rule broken.
"""

import re
from collections.abc import Mapping, Sequence
from ipaddress import IPv6Address
from typing import Any
from urllib.parse import urlsplit

from destination_sage_intacct.config.errors import ConfigError
from destination_sage_intacct.config.object_storage import check_object_storage
from destination_sage_intacct.this_machine import is_this_machine

Settings = Mapping[str, Any]

_CREDENTIAL = re.compile("[ -~]+")
_ADDRESS = re.compile(r"[!-\[\]-~]+")  # ASCII without blanks and backslashes
_PLACE = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(:[0-9]{1,5})?")
_LONGEST_HOST = 253
_LONGEST_LABEL = 63

# Custom objects may be documents too, such as those of order entry.
_WITH_LINES = ("Invoice", "Bill", "Journal Entry", "Custom object")


def check_rules(settings: Settings) -> None:
    """Check the settings as a whole against every rule.

    Raises:
        ConfigError: names the setting and the remedy.
    """
    _check_account(settings)
    _check_tokens(settings["credentials"])
    _check_object(settings, "")
    _check_matching(settings.get("matching", {}), "matching")
    _check_streams(settings.get("streams", ()))
    _check_lines(settings)
    _check_limits(settings.get("rejected_rows", {}))
    check_object_storage(settings.get("object_storage_config", {}))
    if "api_url" in settings:
        _check_api_url(settings["api_url"])


def _check_account(settings: Settings) -> None:
    """Check that what signs in is what a person meant to paste; its value is never in the text."""
    credentials = settings["credentials"]
    for name in sorted({"client_id", "client_secret", "refresh_token", "access_token"} & credentials.keys()):
        if not _CREDENTIAL.fullmatch(credentials[name]):
            message = (
                f"`credentials.{name}` holds a line break or a character outside ASCII, which cannot be right; copy it "
                "again, complete and with nothing around it."
            )
            raise ConfigError(message, key=f"credentials.{name}")
    names = {"company_id": settings["company_id"], "credentials.user_id": credentials.get("user_id", "")}
    for key, value in names.items():
        if not value.isprintable():
            message = f"`{key}` holds a line break or another character that cannot be seen; enter it again."
            raise ConfigError(message, key=key)


def _check_tokens(credentials: Settings) -> None:
    if credentials["auth_type"] == "oauth2.0" and not {"refresh_token", "access_token"} & credentials.keys():
        message = (
            "`credentials.refresh_token` is missing; fill in Refresh Token, "
            "or `credentials.access_token` for a trial that ends when the token expires."
        )
        raise ConfigError(message, key="credentials.refresh_token")


def _check_object(settings: Settings, prefix: str) -> None:
    """Check that a custom object and its path come together, at the top and in each entry of `streams`."""
    custom = settings.get("object_type") == "Custom object"
    has_path = "custom_object_path" in settings
    type_key, path_key = f"{prefix}object_type", f"{prefix}custom_object_path"
    if custom and not has_path:
        message = (
            f"`{path_key}` is missing; `{type_key}` is `Custom object`, which needs the path of the object, "
            "for example `platform-apps/nsp::subscription`."
        )
        raise ConfigError(message, key=path_key)
    if has_path and not custom:
        message = f"`{path_key}` is only for a custom object; remove it or set `{type_key}` to `Custom object`."
        raise ConfigError(message, key=path_key)


def _check_matching(matching: Settings, key: str) -> None:
    """Check that a natural key is made of different fields, and not of the record key."""
    names: Sequence[str] = matching.get("fields", ())
    for number, name in enumerate(names):
        field_key = f"{key}.fields[{number}]"
        if name == "key":
            message = (
                f"`{field_key}` is `key`, the number that Sage Intacct gives a record; remove it, or match by it "
                f"with `{key}.by` set to `record_key` and `{key}.field` to `key`."
            )
            raise ConfigError(message, key=field_key)
    _check_different(names, f"{key}.fields")


def _check_different(names: Sequence[str], key: str) -> None:
    for number, name in enumerate(names):
        first = names.index(name)
        if first != number:
            message = f"`{key}[{number}]` is `{name}`, as is `{key}[{first}]`; remove one of the two."
            raise ConfigError(message, key=f"{key}[{number}]")


def _check_streams(streams: Sequence[Settings]) -> None:
    seen: dict[tuple[str, str | None], int] = {}
    for number, entry in enumerate(streams):
        key = f"streams[{number}]"
        name = (entry["stream"], entry.get("namespace"))
        first = seen.setdefault(name, number)
        if first != number:
            stream = f"{name[1]}.{name[0]}" if name[1] else name[0]
            message = f"`{key}` is about stream `{stream}`, as is `streams[{first}]`; merge the two entries."
            raise ConfigError(message, key=key)
        _check_object(entry, f"{key}.")
        _check_matching(entry.get("matching", {}), f"{key}.matching")
        _check_field_mapping(entry.get("field_mapping", ()), f"{key}.field_mapping")


# Sage Intacct's own import templates have a column for debits and one for credits.
_ONE_AMOUNT = (
    " If one holds debits and the other credits: a line has one amount, and `txnType` says `debit` or `credit`. Make "
    "these two columns in the warehouse, for example `COALESCE(debit, credit)` and `CASE WHEN debit IS NULL THEN "
    "'credit' ELSE 'debit' END`."
)


def _check_field_mapping(mapping: Sequence[Settings], key: str) -> None:
    """No field is filled twice, nor a field together with a part of itself."""
    for number, entry in enumerate(mapping):
        for earlier in mapping[:number]:
            if _overlap(entry["field"], earlier["field"]):
                field_key = f"{key}[{number}].field"
                message = (
                    f"`{field_key}` sends column `{entry['column']}` to `{entry['field']}`, but column "
                    f"`{earlier['column']}` already fills `{earlier['field']}`; keep one of the two."
                )
                if entry["field"] == earlier["field"] == "txnAmount":
                    message += _ONE_AMOUNT
                raise ConfigError(message, key=field_key)


def _check_lines(settings: Settings) -> None:
    """Lines made from rows belong to an object that owns lines, and are the only ones that its documents get."""
    streams: Sequence[Settings] = settings.get("streams", ())
    everywhere = {entry["stream"]: entry.get("object_type") for entry in streams if "namespace" not in entry}
    for number, entry in enumerate(streams):
        if entry.get("lines", {}).get("rows") != "lines":
            continue
        key = f"streams[{number}]"
        label = entry.get("object_type") or everywhere.get(entry["stream"]) or settings.get("object_type")
        if label is not None and label not in _WITH_LINES:
            message = f"`{key}.lines` is for invoices, bills and journal entries; remove it: `{label}` has no lines."
            raise ConfigError(message, key=f"{key}.lines")
        _check_different(entry["lines"]["group_by"], f"{key}.lines.group_by")
        _check_line_fields(entry["lines"]["fields"], f"{key}.lines.fields")
        for place, mapped in enumerate(entry.get("field_mapping", ())):
            if _overlap(mapped["field"], "lines"):
                field_key = f"{key}.field_mapping[{place}].field"
                message = (
                    f"`{field_key}` sends column `{mapped['column']}` to `{mapped['field']}`, but `{key}.lines` makes "
                    "the lines of a document from its rows; keep one of the two."
                )
                raise ConfigError(message, key=field_key)


def _check_line_fields(fields: Sequence[Settings], key: str) -> None:
    for number, entry in enumerate(fields):
        name: str = entry["field"]
        if name.startswith("lines."):
            message = f"`{key}[{number}].field` is about a line already; write `{name.removeprefix('lines.')}`."
            raise ConfigError(message, key=f"{key}[{number}].field")
    _check_field_mapping(fields, key)


def _overlap(one: str, other: str) -> bool:
    return f"{one}.".startswith(f"{other}.") or f"{other}.".startswith(f"{one}.")


def _check_limits(rejected_rows: Settings) -> None:
    if rejected_rows.get("policy") == "stop" and not {"max_rows", "max_percent"} & rejected_rows.keys():
        message = (
            "`rejected_rows.max_rows` is missing; with the policy `stop`, fill in Maximum Rejected Rows or "
            "`rejected_rows.max_percent`."
        )
        raise ConfigError(message, key="rejected_rows.max_rows")


def _check_api_url(url: str) -> None:
    """Https, because every request carries the token; plain http where it does not leave the machine."""
    host = _host(url)
    if not host:
        message = (
            "`api_url` must be a host, an optional port and a path, without user and password, "
            "for example `https://api.intacct.com/ia/api/v1`."
        )
        raise ConfigError(message, key="api_url")
    if urlsplit(url).scheme != "https" and not is_this_machine(host):
        message = (
            "`api_url` must start with https; plain http is accepted only for localhost, a loopback address "
            "and host.docker.internal."
        )
        raise ConfigError(message, key="api_url")


def _host(url: str) -> str:
    """Return the host of an address that HTTP can use, empty for any other."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        if ":" in host:
            IPv6Address(host)
        is_port = parts.port != 0
    except ValueError:  # a port out of range, an invalid IPv6 address
        return ""
    labels = host.removesuffix(".").split(".")
    is_name = len(host) <= _LONGEST_HOST and all(0 < len(label) <= _LONGEST_LABEL for label in labels)
    is_address = bool(_ADDRESS.fullmatch(url) and _PLACE.fullmatch(parts.netloc))
    return host if is_address and is_port and is_name else ""

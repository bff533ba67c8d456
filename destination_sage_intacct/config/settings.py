"""The typed configuration: frozen dataclasses that hold every default, made from what Airbyte passes in.

spec.json says what each setting may be, rules.py what several settings must be together.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from math import isfinite
from typing import Any, Literal, TypeVar

from destination_sage_intacct.config.errors import ConfigError, check_settings, kind_of
from destination_sage_intacct.config.object_storage import NoStorage, ObjectStorage, built_object_storage
from destination_sage_intacct.config.rules import check_rules
from destination_sage_intacct.config.spec import DEEPEST, load_spec

ObjectLabel = Literal[
    "Customer",
    "Vendor",
    "Invoice",
    "Bill",
    "Journal Entry",
    "Employee",
    "Contact",
    "Project",
    "GL Account",
    "Custom object",
]
OperationSetting = Literal["auto", "insert", "update", "upsert"]
NullValues = Literal["leave", "clear"]
LinesOnUpdate = Literal["replace", "ignore"]
OnSourceDelete = Literal["ignore", "deactivate", "delete"]
RejectionPolicy = Literal["report", "continue", "stop"]

_T = TypeVar("_T")

_PLATFORM = ("_", "airbyte")
_PATHS = frozenset({"bucket_path", "path_format", "file_name_format"})  # checked against rules of their own
_SOURCE_NAMES = frozenset({"stream", "namespace", "column", "group_by", "entity_field", "source_delete_column"})


@dataclass(frozen=True, slots=True)
class OAuth:
    """Tokens that a user granted to an app; at least one of the two tokens is given.

    `access_token_mark` says what the access token was issued for; it is empty for one that a person gave.
    """

    client_id: str = field(repr=False)
    client_secret: str = field(repr=False)
    refresh_token: str = field(default="", repr=False)
    access_token: str = field(default="", repr=False)
    access_token_mark: str = ""


@dataclass(frozen=True, slots=True)
class ClientCredentials:
    """An app that signs in by itself as a Web Services user; `user_id` is without company and entity."""

    client_id: str = field(repr=False)
    client_secret: str = field(repr=False)
    user_id: str


@dataclass(frozen=True, slots=True)
class AccessToken:
    """One token, used until it expires."""

    access_token: str = field(repr=False)


Credentials = OAuth | ClientCredentials | AccessToken


@dataclass(frozen=True, slots=True)
class MatchByRecordKey:
    """A row finds its record by Sage Intacct's own key, which the mapped `field` holds."""

    field: str = "id"


@dataclass(frozen=True, slots=True)
class MatchByFields:
    """A row finds its record by a natural key: the values of 1 to 5 different `fields`, with dots between levels."""

    fields: tuple[str, ...]


Matching = MatchByRecordKey | MatchByFields


@dataclass(frozen=True, slots=True)
class FieldMapping:
    """One column of the stream and the field it fills, with dots between levels."""

    column: str
    field: str


@dataclass(frozen=True, slots=True)
class Lines:
    """Each row is one line of a document: `group_by`, 1 to 5 different columns, says which rows make one document.

    `fields` are those of the line, without `lines` in front, and no two of them overlap. A column may be here and
    in `field_mapping`: it then fills a field of the line and one of the header.
    """

    group_by: tuple[str, ...]
    fields: tuple[FieldMapping, ...]


@dataclass(frozen=True, slots=True)
class StreamSettings:
    """What the configuration says about one stream; None and () leave it to the whole configuration.

    `lines` is None when each row is a whole record, `entity_field` (a column) when no row names its own entity.
    """

    stream: str
    namespace: str | None = None
    object_type: ObjectLabel | None = None
    custom_object_path: str | None = None
    operation: OperationSetting | None = None
    matching: Matching | None = None
    field_mapping: tuple[FieldMapping, ...] = ()
    lines: Lines | None = None
    entity_field: str | None = None


@dataclass(frozen=True, slots=True)
class RejectedRows:
    """When rejected rows end a sync; only the policy `stop` has limits, and it has at least one."""

    policy: RejectionPolicy = "report"
    max_rows: int | None = None
    max_percent: float | None = None


@dataclass(frozen=True, slots=True)
class Config:
    """The whole configuration. `api_url` is without a slash at its end. Only `on_source_delete: delete` ever deletes.

    `max_concurrency` counts requests in flight, `batch_size` records in one write request; both are ceilings.
    `ignored_settings`: a sentence about each setting that was given and is not used.
    """

    company_id: str
    credentials: Credentials
    entity_id: str = ""
    object_type: ObjectLabel | None = None
    custom_object_path: str | None = None
    operation: OperationSetting = "auto"
    matching: Matching = MatchByRecordKey()
    streams: tuple[StreamSettings, ...] = ()
    default_for_other_streams: bool = False
    null_values: NullValues = "leave"
    lines_on_update: LinesOnUpdate = "replace"
    on_source_delete: OnSourceDelete = "ignore"
    source_delete_column: str = ""
    reactivate_returned_rows: bool = False
    show_rejected_values: bool = False
    skip_unchanged: bool = True
    resend_after_48_hours: bool = False
    max_concurrency: int = 6
    batch_size: int = 500
    request_timeout_seconds: int = 120
    max_retries: int = 3
    rejected_rows: RejectedRows = RejectedRows()
    object_storage_config: ObjectStorage = field(default=NoStorage())
    dry_run: bool = False
    api_url: str = "https://api.intacct.com/ia/api/v1"
    ignored_settings: tuple[str, ...] = ()

    def settings_for(self, namespace: str | None, stream: str) -> StreamSettings:
        """Return what holds for one stream: this configuration's settings, refined by the entries of `streams`.

        The entry without a namespace comes first, the one with the stream's own namespace refines it. In the
        answer `operation` and `matching` are always set; `object_type` is None when nothing names an object.
        """
        settings = StreamSettings(
            stream, namespace, self.object_type, self.custom_object_path, self.operation, self.matching
        )
        for wanted in dict.fromkeys((None, namespace)):
            for entry in self.streams:
                if (entry.stream, entry.namespace) == (stream, wanted):
                    settings = _refined(settings, entry)
        return settings


def parse_config(raw: object) -> Config:
    """Return the configuration that Airbyte passed in.

    What a form stores when a person touches nothing counts as not given: nulls, empty texts, lists and objects, and the
    first branch of a choice that says so. White space around
    a value is dropped, except in the names of streams, namespaces and columns, which are the source's own.
    Keys that start with `_` or `airbyte` are the platform's and are ignored.

    Raises:
        ConfigError: names the first setting that is wrong, and the remedy; never the value of a secret.
    """
    _check_depth(raw)
    given = _given(raw)
    if not isinstance(given, dict):
        raise ConfigError(f"The configuration must be an object of settings; it is {kind_of(raw)}.")
    used, ignored = check_settings(load_spec()["connectionSpecification"], given)
    check_rules(used)
    _check_texts(used)
    return replace(_built(used), ignored_settings=tuple(ignored))


def _check_depth(value: object, left: int = DEEPEST) -> None:
    """Raise where a configuration is nested too deep to be read."""
    if not left:
        raise ConfigError("The configuration is nested too deep; correct it.")
    for inner in value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ():
        _check_depth(inner, left - 1)


def _check_texts(value: object, path: str = "", key: str = "") -> None:
    """Raise where a text holds half a character, which JSON can spell and no text that the connector sends can hold."""
    match value:
        case Mapping():
            for name, inner in value.items():
                _check_texts(inner, f"{path}.{name}" if path else name, name)
        case list():
            for number, inner in enumerate(value):
                _check_texts(inner, f"{path}[{number}]", key)
        case str() if key not in _PATHS and any("\ud800" <= character <= "\udfff" for character in value):
            raise ConfigError(f"`{path}` holds half a character, which is not valid text; enter it again.", key=path)


def _given(value: object, key: str = "") -> object:
    """Return what the user has set, without what only says "not set"."""
    match value:
        case Mapping():
            own = {name: _given(inner, name) for name, inner in value.items() if not name.startswith(_PLATFORM)}
            set_ones = {name: inner for name, inner in own.items() if inner not in (None, "", [], {})}
            # A configuration written by hand may lack the form's mark.
            return {"rows": "lines", **set_ones} if key == "lines" and set_ones else set_ones
        case list():
            return [_given(inner, key) for inner in value]
        case str():
            trimmed = value.strip()
            return value if trimmed and key in _SOURCE_NAMES else trimmed
        case float() if value.is_integer():
            return int(value)
        case float() if not isfinite(value):
            return str(value)  # NaN and Infinity are not numbers in JSON, and pass every limit
    return value


def _built(given: Mapping[str, Any]) -> Config:
    """Checked settings as a Config; whatever is not given takes the dataclasses' defaults."""
    nested: dict[str, Any] = {"credentials": _chosen(given["credentials"], "auth_type", _CREDENTIALS)}
    if "matching" in given:
        nested["matching"] = _chosen(given["matching"], "by", _MATCHING)
    if "rejected_rows" in given:
        nested["rejected_rows"] = RejectedRows(**given["rejected_rows"])
    if "object_storage_config" in given:
        nested["object_storage_config"] = built_object_storage(given["object_storage_config"])
    if "streams" in given:
        nested["streams"] = tuple(_built_stream(entry) for entry in given["streams"])
    if "api_url" in given:
        nested["api_url"] = given["api_url"].rstrip("/")
    return Config(**{**given, **nested})


def _built_stream(given: Mapping[str, Any]) -> StreamSettings:
    nested: dict[str, Any] = {}
    if "matching" in given:
        is_above = given["matching"]["by"] == "default"
        nested["matching"] = None if is_above else _chosen(given["matching"], "by", _MATCHING)
    if "field_mapping" in given:
        nested["field_mapping"] = _built_mapping(given["field_mapping"])
    if "lines" in given:
        nested["lines"] = _built_lines(given["lines"])
    return StreamSettings(**{**given, **nested})


def _built_lines(given: Mapping[str, Any]) -> Lines | None:
    if given["rows"] == "records":
        return None
    return Lines(tuple(given["group_by"]), _built_mapping(given["fields"]))


def _built_mapping(given: Sequence[Mapping[str, Any]]) -> tuple[FieldMapping, ...]:
    return tuple(FieldMapping(**entry) for entry in given)


_CREDENTIALS: Mapping[str, Callable[..., Credentials]] = {
    "oauth2.0": OAuth,
    "client_credentials": ClientCredentials,
    "access_token": AccessToken,
}
_MATCHING: Mapping[str, Callable[..., Matching]] = {"record_key": MatchByRecordKey, "fields": MatchByFields}


def _chosen(given: Mapping[str, Any], tag: str, kinds: Mapping[str, Callable[..., _T]]) -> _T:
    """Return the dataclass that the discriminator `tag` names, filled with the rest; its lists as tuples."""
    rest = {name: value for name, value in given.items() if name != tag}
    return kinds[given[tag]](
        **{name: tuple(value) if isinstance(value, list) else value for name, value in rest.items()}
    )


def _refined(settings: StreamSettings, entry: StreamSettings) -> StreamSettings:
    """Return the settings of a stream with whatever the entry sets in their place."""
    named = {setting.name: getattr(entry, setting.name) for setting in fields(entry)}
    changes = {name: value for name, value in named.items() if value not in {None, ()}}
    if entry.object_type or entry.custom_object_path:
        # The two together name one object, so one of them is never taken from elsewhere.
        changes |= {"object_type": entry.object_type, "custom_object_path": entry.custom_object_path}
    return replace(settings, **(changes | {"namespace": settings.namespace}))

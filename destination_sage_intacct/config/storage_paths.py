"""The folders and names of files in a bucket, as they are configured: what could not be stored there is refused."""

import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime
from itertools import product
from typing import Any

from destination_sage_intacct.config.errors import ConfigError
from destination_sage_intacct.protocol.messages import StreamKey
from destination_sage_intacct.rejected_rows.path_template import (
    MOST_KEY_BYTES,
    PLACEHOLDER,
    PLACEHOLDERS,
    FileFacts,
    KeyFormat,
    filled,
    stray_brace,
    unknown_placeholders,
)

_SETTING = "object_storage_config"
_FORMATS = ("path_format", "file_name_format")
_PATHS = ("bucket_path", *_FORMATS)
# Control characters and halves of surrogate pairs: XML, and with it the list of a bucket, cannot hold them.
_UNWRITABLE = ("Cc", "Cs")


def check_paths(settings: Mapping[str, Any], keys: KeyFormat) -> None:
    """Hold the paths of a bucket against what S3 takes, so that it is not found out at the first rejected row.

    Args:
        settings: those of the object storage that are given.
        keys: made of them and the defaults.

    Raises:
        ConfigError: names the setting and the remedy.
    """
    for name in _PATHS:
        _check_characters(name, settings.get(name, ""))
    _check_no_placeholder(settings.get("bucket_path", ""))
    for name in _FORMATS:
        _check_placeholders(name, settings.get(name, ""))
    for name in _PATHS:
        _check_folders(name, settings.get(name, ""))
    if keys.excess_bytes:
        longest = max(_PATHS, key=lambda name: len(settings.get(name, "").encode()))
        raise ConfigError(
            f"`{_SETTING}.{longest}` is too long: the path of a file may have {MOST_KEY_BYTES} bytes in S3, the names "
            f"of namespace and stream included. Shorten it, or another part of the path, by {keys.excess_bytes} bytes.",
            key=f"{_SETTING}.{longest}",
        )


def _check_characters(name: str, text: str) -> None:
    for character in text:
        if unicodedata.category(character) in _UNWRITABLE:
            raise ConfigError(
                f"`{_SETTING}.{name}` holds the character U+{ord(character):04X}, which no name of a file can hold; "
                "remove it.",
                key=f"{_SETTING}.{name}",
            )


def _check_no_placeholder(bucket_path: str) -> None:
    found = PLACEHOLDER.search(bucket_path)
    held = found[0] if found else stray_brace(bucket_path)
    if held:
        raise ConfigError(
            f"`{_SETTING}.bucket_path` holds `{held}`, but it is one folder for all syncs, in which no placeholder is "
            f"filled in; remove the braces, or move the placeholder to `{_SETTING}.path_format`.",
            key=f"{_SETTING}.bucket_path",
        )


def _check_placeholders(name: str, template: str) -> None:
    stray = stray_brace(template)
    if stray:
        raise ConfigError(
            f"`{_SETTING}.{name}` holds `{stray}` with a brace that belongs to no placeholder; write placeholders as "
            "`{sync_id}`, and no other braces.",
            key=f"{_SETTING}.{name}",
        )
    for unknown in unknown_placeholders(template):
        known = ", ".join(f"`{placeholder}`" for placeholder in PLACEHOLDERS)
        raise ConfigError(
            f"`{_SETTING}.{name}` holds `{unknown}`, which stands for nothing; remove it or use one of {known}, or "
            "a date such as `{date:yyyy_MM}`.",
            key=f"{_SETTING}.{name}",
        )


def _check_folders(name: str, template: str) -> None:
    """No name is of one or two dots, also where a stream has no namespace or Airbyte gives a sync no number."""
    for namespace, sync_id in product(("-", None), ("-", None)):
        facts = FileFacts(StreamKey(namespace, "-"), sync_id, datetime(2026, 1, 1, tzinfo=UTC), 1, "-", ".csv")
        for segment in filled(template, facts).split("/"):
            if segment in {".", ".."}:
                is_always = namespace is not None and sync_id is not None
                where = "" if is_always else " where a stream has no namespace or a sync no number"
                raise ConfigError(
                    f"`{_SETTING}.{name}` gives a folder or file the name `{segment}`{where}, which stands for another "
                    "folder; remove it, or write more than dots.",
                    key=f"{_SETTING}.{name}",
                )

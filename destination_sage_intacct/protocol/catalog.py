"""The configured catalog: which streams come, and how Airbyte wants them written."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from destination_sage_intacct.protocol.messages import StreamKey


class CatalogError(Exception):
    """The configured catalog cannot be used. Says what to change in the connection."""


@dataclass(frozen=True, slots=True)
class ConfiguredStream:
    """One stream of the connection; `primary_key` holds a path of column names per key column.

    `object_name`: the object of the destination that was chosen in a data activation connection, empty in others; the
    columns then bear its fields' names. `cursor`: the path of the column that says which of two rows is newer, empty
    without one. `replaces_earlier`: Airbyte wants what earlier generations wrote to be removed.
    """

    key: StreamKey
    sync_mode: str
    columns: tuple[str, ...] = ()
    primary_key: tuple[tuple[str, ...], ...] = ()
    cursor: tuple[str, ...] = ()
    sync_id: str | None = None
    object_name: str = ""
    replaces_earlier: bool = False


def read_catalog(raw: object) -> tuple[ConfiguredStream, ...]:
    """Read a configured catalog as the platform writes it; keys that are not known are ignored.

    Raises:
        CatalogError: not a catalog, no streams, a stream without a name, a name that is no text, or the same stream
            twice.
    """
    streams = raw.get("streams") if isinstance(raw, Mapping) else None
    if not isinstance(streams, list):
        raise CatalogError("The configured catalog is not a JSON object with a list `streams`.")
    if not streams:
        raise CatalogError("The configured catalog has no streams: select at least one stream in the connection.")
    configured = tuple(_stream(entry, index) for index, entry in enumerate(streams))
    seen: set[StreamKey] = set()
    for stream in configured:
        if stream.key in seen:
            raise CatalogError(f"The configured catalog holds stream {stream.key} twice: keep one of them.")
        seen.add(stream.key)
    return configured


def _stream(entry: object, index: int) -> ConfiguredStream:
    stream = entry.get("stream") if isinstance(entry, Mapping) else None
    name = stream.get("name") if isinstance(stream, Mapping) else None
    if not isinstance(entry, Mapping) or not isinstance(stream, Mapping) or not isinstance(name, str) or not name:
        raise CatalogError(f"Entry {index + 1} of the configured catalog has no stream with a name.")
    namespace = stream.get("namespace") or None
    if not (namespace is None or isinstance(namespace, str)) or not _is_whole(f"{namespace}{name}"):
        raise CatalogError(
            f"Entry {index + 1} of the configured catalog has a stream whose name or namespace is not text: refresh "
            "the source's schema."
        )
    return ConfiguredStream(
        key=StreamKey(namespace, name),
        sync_mode=str(entry.get("destination_sync_mode") or "append"),
        columns=tuple(_mapping(_mapping(stream.get("json_schema")).get("properties"))),
        primary_key=_primary_key(entry.get("primary_key")),
        cursor=_path(entry.get("cursor_field")),
        sync_id=None if entry.get("sync_id") is None else str(entry["sync_id"]),
        object_name=str(entry.get("destination_object_name") or ""),
        replaces_earlier=_replaces_earlier(entry.get("generation_id"), entry.get("minimum_generation_id")),
    )


def _replaces_earlier(generation: object, least: object) -> bool:
    """Return whether no earlier generation is to stay (platform source, `DefaultProtocolSerializer`)."""
    return isinstance(generation, int) and generation > 0 and generation == least


def _is_whole(text: str) -> bool:
    """Return whether a text has no half of a character, which JSON can spell and UTF-8 cannot."""
    return not any("\ud800" <= character <= "\udfff" for character in text)


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _primary_key(value: object) -> tuple[tuple[str, ...], ...]:
    if not isinstance(value, list):
        return ()
    return tuple(_path(path) for path in value if isinstance(path, list) and path)


def _path(value: object) -> tuple[str, ...]:
    return tuple(str(part) for part in value) if isinstance(value, list) else ()

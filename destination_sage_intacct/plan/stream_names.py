"""Which entry of `streams` is about which stream of the catalog, also where the platform has renamed the streams.

Airbyte puts a connection's prefix before the name of every stream, and may replace the namespace, before a destination
sees them. An entry that misses must never send rows to the default object.
"""

from collections.abc import Sequence
from dataclasses import replace

from destination_sage_intacct.config import Config, ConfigError, StreamSettings
from destination_sage_intacct.plan.columns import did_you_mean
from destination_sage_intacct.protocol.catalog import ConfiguredStream
from destination_sage_intacct.protocol.messages import StreamKey
from destination_sage_intacct.rows.suggestions import nearest


def with_names_of(streams: Sequence[ConfiguredStream], config: Config) -> tuple[Config, list[str]]:
    """Return the configuration with its entries under the names that the streams have here, and what to say about that.

    Raises:
        ConfigError: an entry may be about several streams, or about none while a stream has no entry and would go to
            the default object.
    """
    keys = [stream.key for stream in streams]
    found = {
        number: key for number, entry in enumerate(config.streams) if (key := _renamed(number, entry, config, keys))
    }
    entries = [
        replace(entry, stream=found[number].name, namespace=found[number].namespace) if number in found else entry
        for number, entry in enumerate(config.streams)
    ]
    notices = [
        f"`streams[{number}]` is about stream {_about(config.streams[number])}, which arrives here as {key}: its "
        "settings apply to that stream."
        for number, key in found.items()
    ]
    renamed = replace(config, streams=tuple(entries))
    for number, entry in enumerate(entries):
        if not _is_met(entry, keys):
            notices.append(_unmatched(number, entry, renamed, streams))
    return renamed, notices


def _about(entry: StreamSettings) -> StreamKey:
    return StreamKey(entry.namespace, entry.stream)


def _is_met(entry: StreamSettings, keys: Sequence[StreamKey]) -> bool:
    return any(entry.stream == key.name and entry.namespace in {None, key.namespace} for key in keys)


def _renamed(number: int, entry: StreamSettings, config: Config, keys: Sequence[StreamKey]) -> StreamKey | None:
    """Return the stream that an entry of another name is about; None if none is, or the name is right."""
    if _is_met(entry, keys):
        return None
    free = [key for key in keys if not any(_is_met(other, [key]) for other in config.streams)]
    fitting = [key for key in free if _is_renamed(entry.stream, key.name, keys)]
    same = [key for key in fitting if key.namespace == entry.namespace]
    fitting = same if len(same) == 1 else fitting
    if len(fitting) > 1:
        listed = ", ".join(f"`{key}`" for key in fitting)
        raise ConfigError(
            f"`streams[{number}]` is about stream {_about(entry)}, which is not in the catalog, and may be meant for "
            f"{listed}. Write the name, and the namespace, that the stream has there.",
            key="streams",
        )
    return fitting[0] if fitting else None


def _is_renamed(name: str, here: str, keys: Sequence[StreamKey]) -> bool:
    """Return whether a stream has this name here, perhaps behind a prefix that all streams of the connection have."""
    prefix = here.removesuffix(name)
    return here.endswith(name) and all(key.name.startswith(prefix) for key in keys)


def _unmatched(number: int, entry: StreamSettings, config: Config, streams: Sequence[ConfiguredStream]) -> str:
    """Return a warning about an entry that is about no stream.

    Raises:
        ConfigError: a stream without an entry goes to the default object, and may be the one that is meant.
    """
    keys = [stream.key for stream in streams]
    names = tuple(key.name if entry.namespace is None else str(key) for key in keys)
    missing = f"`streams[{number}]` is about stream {_about(entry)}, which is not in the catalog"
    meant = did_you_mean(nearest(str(_about(entry)), names))
    by_default = [
        stream.key
        for stream in streams
        if not stream.object_name and not any(_is_met(each, [stream.key]) for each in config.streams)
    ]
    if by_default and config.object_type is not None and not config.default_for_other_streams:
        raise ConfigError(
            f"{missing}, while {_listed(by_default)} would go to {config.object_type}, as no entry is about "
            f"{'it' if len(by_default) == 1 else 'them'}. {meant}Write the names that the streams have here, with the "
            "connection's prefix; or remove the entry; or set `default_for_other_streams` if the object type above is "
            "meant for all others.",
            key="streams",
        )
    return f"{missing}, so its settings apply to no stream. {meant}Correct the name, or remove the entry."


def _listed(keys: Sequence[StreamKey]) -> str:
    return ("stream " if len(keys) == 1 else "streams ") + ", ".join(str(key) for key in keys)

"""Data activation: what the connection's form has decided about a stream, in place of the configuration.

The form offers what discover reported. Object, mode, field names and matching key come with the configured catalog;
only those settings of the configuration still apply that the form does not have.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from destination_sage_intacct.config import (
    Config,
    ConfigError,
    MatchByFields,
    MatchByRecordKey,
    Matching,
    StreamSettings,
)
from destination_sage_intacct.intacct.model import CUSTOM_OBJECTS
from destination_sage_intacct.intacct.objects import OBJECT_TYPES, ObjectType, object_at
from destination_sage_intacct.protocol.catalog import ConfiguredStream

RECORD_KEY = "key"
REFRESH_FIELDS = (
    "Refresh the destination's fields in the connection, and map the column to a field that is offered there."
)
_FINDING = ("append_dedup", "update", "soft_delete")
# What an entry of `streams` may set that the form has decided.
_DECIDED = ("object_type", "custom_object_path", "operation", "matching", "field_mapping")


def is_record_key(chosen: ObjectType, names: Sequence[str]) -> bool:
    """Return whether these fields are the `id` of a custom object, which is the record key."""
    return chosen.is_custom and [name.casefold() for name in names] == ["id"]


def chosen_object(stream: ConfiguredStream) -> ObjectType:
    """Return the object that was chosen for a stream.

    Raises:
        ConfigError: discover never offers an object of this name.
    """
    name = stream.object_name
    if name in OBJECT_TYPES:
        return OBJECT_TYPES[name]
    if name.startswith(CUSTOM_OBJECTS) and name != CUSTOM_OBJECTS:
        return object_at(name)
    raise unknown_object(stream)


def unknown_object(stream: ConfiguredStream) -> ConfigError:
    """Return the error about an object that the connection names and Sage Intacct does not have."""
    return ConfigError(
        f"Stream {stream.key} goes to the object {stream.object_name}, which Sage Intacct does not have, or no longer "
        "has. Refresh the destination's fields in the connection, and choose the object again.",
        key="object_type",
    )


def activated(stream: ConfiguredStream, settings: StreamSettings) -> StreamSettings:
    """Return the settings of a stream with what the form has decided in their place.

    Raises:
        ConfigError: records are to be found, and no matching key says how.
    """
    return replace(settings, operation="auto", matching=_matching(stream), field_mapping=())


def _matching(stream: ConfiguredStream) -> Matching:
    names = tuple(".".join(path) for path in stream.primary_key)
    if stream.sync_mode not in _FINDING:
        # No matching key belongs to an insert: the primary key, if the source has one, only distinguishes rows.
        return MatchByRecordKey(RECORD_KEY)
    if not names:
        raise _without_key(stream, "no matching key is set")
    missing = [name for name in names if stream.columns and name not in stream.columns]
    if missing:
        raise _without_key(stream, f"no column goes to `{missing[0]}`, which belongs to its matching key")
    if names == (RECORD_KEY,):
        return MatchByRecordKey(RECORD_KEY)
    if is_record_key(chosen_object(stream), names):
        return MatchByRecordKey(names[0])
    if RECORD_KEY in names:
        raise _without_key(stream, f"the record key `{RECORD_KEY}` names a record alone, not with other fields")
    offered = chosen_object(stream).natural_keys
    if sorted(names) not in [sorted(each) for each in offered]:
        # A key that several records may share would let a row change a record that it is not meant for.
        these = ", or ".join(_together(each) for each in ((RECORD_KEY,), *offered))
        raise _without_key(stream, f"{_together(names)} may be shared by several; what names one record is {these}")
    return MatchByFields(names)


def _together(names: Sequence[str]) -> str:
    return " with ".join(f"`{name}`" for name in names)


def _without_key(stream: ConfiguredStream, why: str) -> ConfigError:
    return ConfigError(
        f"Stream {stream.key} is to change records of {stream.object_name}, but {why}. Choose a matching key for the "
        "stream in the connection, and map columns to all of its fields.",
        key="matching",
    )


def unused_settings(config: Config, streams: Sequence[ConfiguredStream]) -> Iterator[str]:
    """Yield a warning for each entry of `streams` that sets what the form has decided."""
    for stream in streams:
        for number, entry in enumerate(config.streams) if stream.object_name else ():
            is_about = entry.stream == stream.key.name and entry.namespace in {None, stream.key.namespace}
            unused = [name for name in _DECIDED if getattr(entry, name)]
            if is_about and unused:
                named = ", ".join(f"`{name}`" for name in unused)
                yield (
                    f"Stream {stream.key}: {named} in `streams[{number}]` {'are' if len(unused) > 1 else 'is'} not "
                    "used, since the connection's mapping decides on it. Remove it from the configuration, or change "
                    "the mapping in the connection."
                )

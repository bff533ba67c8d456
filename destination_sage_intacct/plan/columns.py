"""The columns and streams that a configuration names, checked against those of the catalog."""

from collections.abc import Iterable, Iterator, Mapping

from destination_sage_intacct.config import ConfigError, StreamSettings
from destination_sage_intacct.protocol.catalog import ConfiguredStream
from destination_sage_intacct.protocol.messages import StreamKey
from destination_sage_intacct.rows.mapping import is_airbytes_own
from destination_sage_intacct.rows.suggestions import nearest

# What happens to a row that lacks a column named by a setting.
_WITHOUT: Mapping[str, str] = {
    "entity_field": "is written in the configured entity",
    "field_mapping": "leaves the field as it is",
    "lines.group_by": "is rejected",
    "lines.fields": "makes a line without the field",
}


def named_columns(settings: StreamSettings) -> dict[str, str]:
    """Return the columns that the settings of a stream name, each with the setting; not Airbyte's own."""
    named = [(settings.entity_field, "entity_field")] if settings.entity_field else []
    if settings.lines:
        named += [(column, "lines.group_by") for column in settings.lines.group_by]
        named += [(entry.column, "lines.fields") for entry in settings.lines.fields]
    named += [(entry.column, "field_mapping") for entry in settings.field_mapping]
    # The first setting counts: what it decides weighs more than one field.
    return {column: setting for column, setting in reversed(named) if not is_airbytes_own(column)}


def check_columns(stream: ConfiguredStream, settings: StreamSettings) -> None:
    """Check the columns that settings name against those of the stream; a catalog without columns proves nothing.

    Raises:
        ConfigError: the stream has no such column, so no row could ever fill what the setting says.
    """
    for column, setting in named_columns(settings).items() if stream.columns else ():
        if column not in stream.columns:
            raise ConfigError(
                f"Stream {stream.key}: `{setting}` names the column `{column}`, which the stream does not have. "
                f"{did_you_mean(nearest(column, stream.columns))}Correct the name, upper and lower case included; if "
                "the source has such a column, refresh the schema of the connection and select it.",
                key="streams",
            )


def missing_columns(stream: StreamKey, named: Mapping[str, str], row: Iterable[str]) -> Iterator[str]:
    """Check the columns that settings name against those of a first row; yield a warning for each that it lacks.

    Raises:
        ConfigError: the row has the column in another case, so the setting is misspelt.
    """
    columns = tuple(row)
    for column, setting in named.items():
        if column in columns:
            continue
        meant = nearest(column, columns)
        if meant.casefold() == column.casefold():
            raise ConfigError(
                f"Stream {stream}: `{setting}` names the column `{column}`, but its rows have `{meant}`. Correct the "
                "name: upper and lower case matter.",
                key="streams",
            )
        yield (
            f"Stream {stream}: `{setting}` names the column `{column}`, which its first row does not have. "
            f"{did_you_mean(meant)}A row without the column {_WITHOUT[setting]}."
        )


def did_you_mean(name: str) -> str:
    """Return the question whether a name was meant, ready to be followed by a sentence; empty without a name."""
    return f"Did you mean `{name}`? " if name else ""

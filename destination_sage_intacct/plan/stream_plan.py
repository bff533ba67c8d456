"""What is decided about a stream before its first row."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from destination_sage_intacct.config import ConfigError
from destination_sage_intacct.intacct.model import OPEN_MODEL, Model, known_model
from destination_sage_intacct.intacct.objects import ObjectType
from destination_sage_intacct.protocol.messages import StreamKey
from destination_sage_intacct.rows.mapping import ColumnMapping, Convert
from destination_sage_intacct.rows.paths import value_at
from destination_sage_intacct.rows.validation import Validation

Operation = Literal["insert", "update", "upsert", "deactivate", "delete"]
LINES = "lines"
# Set by sources that read a log of changes, on rows that were deleted there (Airbyte's CDC sources).
DELETED_AT = "_ab_cdc_deleted_at"
# What other loaders keep in a table (their documentation): Fivetran, Debezium, Singer.
OTHER_MARKS = ("_fivetran_deleted", "__deleted", "_sdc_deleted_at")
_POSITION = re.compile(r"\[\d*\]|\.\d+(?=\.|$)")
_NOT_DELETED = frozenset({"", "false", "f", "no", "n", "0"})


@dataclass(frozen=True, slots=True)
class LinePlan:
    """How rows that are lines become documents: what distinguishes these, and which column fills which line field."""

    group_by: tuple[str, ...]
    mapping: ColumnMapping
    convert: Convert


@dataclass(frozen=True, slots=True)
class StreamPlan:
    """All that is decided about a stream before its first row.

    `natural_key`: the dotted fields by which records are found; empty where a column holds the record key.
    `scope` goes into every idempotency key of the stream; `keep_nulls`: a null clears its field. `skip_unchanged`:
    rows whose values the record holds already are not written. `resend_after_48_hours`: a new record is sent again
    although it may be booked already. `convert` makes a value one of its field, `validate`
    finds what Sage Intacct is sure to reject. `create_only`: the dotted fields that an update cannot change.
    `lines`: each row is a line of a document. `line_models`: the models of the records in lists, by their objects'
    paths. `deletion_columns`: those that mark a row as deleted at the source. `reactivates`: a record that is inactive
    becomes active when its row comes back. `entity_field`: the column with the row's entity, empty where the configured
    one holds for all.
    `cursor`: the path of the column by which the newest version of a record counts; empty where the last row does.
    `unproved_columns`: those that settings name, each with the setting, where the catalog names no columns.
    `is_activated`: the connection's form decided on object, fields and matching key, not the configuration.
    `refusal`: why no row of the stream can be written, empty if they can.
    """

    stream: StreamKey
    object: ObjectType
    operation: Operation
    mapping: ColumnMapping
    model: Model
    natural_key: tuple[str, ...]
    primary_key: tuple[tuple[str, ...], ...]
    sync_id: str | None
    scope: tuple[str, ...]
    keep_nulls: bool
    skip_unchanged: bool
    resend_after_48_hours: bool
    convert: Convert
    validate: Validation
    create_only: frozenset[str] = frozenset()
    lines: LinePlan | None = None
    line_models: Mapping[str, Model] = field(default_factory=dict)
    lines_on_update: Literal["replace", "ignore"] = "replace"
    on_source_delete: Literal["ignore", "deactivate", "delete"] = "ignore"
    deletion_columns: tuple[str, ...] = (DELETED_AT,)
    reactivates: bool = False
    entity_field: str = ""
    cursor: tuple[str, ...] = ()
    unproved_columns: Mapping[str, str] = field(default_factory=dict)
    is_activated: bool = False
    refusal: str = ""

    def line_model(self, name: str) -> Model:
        """Return the model of the records in a list of the object; an open one if it is not known."""
        held = self.model.fields.get(name)
        return self.line_models.get(held.target if held else "") or OPEN_MODEL

    def known_line_model(self, name: str) -> Model:
        """Return the same, or what is known without a request where no row of the stream fills the list."""
        model = self.line_model(name)
        held = self.model.fields.get(name)
        return (known_model(held.target) or model) if model.is_open and held and held.target else model

    def has_field(self, name: str) -> bool:
        """Return whether a dotted path, ignoring positions, is one of the object or of the records in its lists."""
        path = _POSITION.sub("", name)
        held, _, inner = path.partition(".")
        return path in self.model.fields or inner in self.line_model(held).fields

    @property
    def fixed_on_update(self) -> frozenset[str]:
        """Return the fields that an update may name but not change; the natural key is never part of one."""
        return self.create_only - set(self.natural_key)

    @property
    def entity(self) -> str:
        """Return the entity that the rows are written in, empty for the top level."""
        return self.scope[1]

    @property
    def list_fields(self) -> tuple[str, ...]:
        """Return the fields with lists of owned records that rows of this stream fill."""
        filled = {path[0] for paths in self.mapping.targets.values() for path in paths}
        filled |= {LINES} if self.lines else set()
        return tuple(
            sorted(name for name in filled if name in self.model.fields and self.model.fields[name].type == "list")
        )

    def in_entity(self, entity: str) -> "StreamPlan":
        """Return the plan for rows of another entity."""
        company, _, *rest = self.scope
        return replace(self, scope=(company, entity, *rest))

    def with_mapping(self, mapping: ColumnMapping) -> "StreamPlan":
        """Return the plan with a mapping that covers more columns.

        Raises:
            ConfigError: none of the columns names a field, or none goes to a field that finds records, so that no row
                could ever deliver what it should.
        """
        if mapping.covered and not self._sends_fields(mapping) and not self._writes_without_fields(mapping):
            advice = "Name the columns after the fields, or map them with `streams[].field_mapping`."
            raise ConfigError(
                f"None of the columns of stream {self.stream} names a field of {self.object.label}, so nothing would "
                f"be written. Columns: {mapping.unsent_text() or 'only what finds records'}. "
                f"{'Map columns to fields in the connection.' if self.is_activated else advice}",
                key="streams",
            )
        missing = [name for name in self._finding_fields if mapping.covered and not mapping.fills(name)]
        if missing:
            advice = (
                "Name a column after it, map one with `streams[].field_mapping`, or choose other `matching.fields`."
            )
            in_connection = "Map a column to it in the connection, or choose another matching key there."
            raise ConfigError(
                f"Records of stream {self.stream} are to be found by `{missing[0]}`, but no column goes to that field. "
                f"{in_connection if self.is_activated else advice}",
                key="matching.fields",
            )
        return replace(self, mapping=mapping)

    def operation_of(self, data: Mapping[str, Any]) -> Operation | None:
        """Return the operation for a row; None for one that was deleted at the source, where that is to be ignored."""
        for column in self.deletion_columns:
            if column in data and _marks_deletion(data[column]):
                break
        else:
            return self.operation
        if self.on_source_delete == "delete" and self.operation == "deactivate":
            return "deactivate"  # the mode was chosen for the stream, the setting for all: keeping the record wins
        return None if self.on_source_delete == "ignore" else self.on_source_delete

    @property
    def watches_status(self) -> bool:
        """Return whether a record may be inactive because its row was deleted, while no column fills its status."""
        return self.on_source_delete == "deactivate" and self.object.has_status and not self.mapping.fills("status")

    @property
    def lacks_record_key(self) -> bool:
        """Return whether records are found by their record key, and no column decided on so far holds one."""
        return not self.natural_key and self.mapping.covered and self.mapping.key_column is None

    @property
    def _finding_fields(self) -> tuple[str, ...]:
        """Return the fields that some column must go to; a form with a matching key means the record key too."""
        means_record_key = self.is_activated and self.operation != "insert" and not self.natural_key
        return (self.mapping.key_field,) if means_record_key else self.natural_key

    def _sends_fields(self, mapping: ColumnMapping) -> bool:
        """Return whether rows hold more than which record they are about, or that it should exist."""
        if self.operation != "update" or self.lines is not None:
            return mapping.sends_fields
        finding = {tuple(name.split(".")) for name in self.natural_key} | {(mapping.key_field,)}
        return any(path not in finding for paths in mapping.targets.values() for path in paths)

    def _writes_without_fields(self, mapping: ColumnMapping) -> bool:
        """Return whether rows can be about something without a field: what they make inactive or delete."""
        # A configured mapping leaves Airbyte's own columns out, so that a row may still come with this one.
        may_be_deleted = mapping.resolve is None or any(each in mapping.unsent for each in self.deletion_columns)
        return self.operation == "deactivate" or (self.on_source_delete != "ignore" and may_be_deleted)


def deletion_columns(columns: Iterable[str], own: str) -> tuple[str, ...]:
    """Return the columns that mark a row as deleted at the source: Airbyte's, in any case, and the configured one.

    Args:
        columns: of the stream; without any, the names as their makers spell them are taken.
        own: the configured column, empty for none.
    """
    meant = [DELETED_AT, *([own] if own else [])]
    folded = {name.casefold() for name in meant}
    found = tuple(column for column in columns if column.casefold() in folded)
    return found or (*meant, *(name.upper() for name in meant))


def _marks_deletion(value: object) -> bool:
    """Return whether a value of such a column says that the row was deleted: a date, or a truth value."""
    if isinstance(value, str):
        return value.strip().casefold() not in _NOT_DELETED
    return bool(value)


def primary_key_values(plan: StreamPlan, data: object) -> list[object]:
    """Return the values of a row's primary key, None for what it does not hold."""
    return [value_at(data, path) for path in plan.primary_key]


def primary_key_text(plan: StreamPlan, data: object) -> str:
    """Return a row's primary key as a person finds it in the warehouse; empty without one."""
    return ", ".join(str(value) for value in primary_key_values(plan, data) if value is not None)

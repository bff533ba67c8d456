"""Reads rows into writes: their columns, the entity they are for, the document they are lines of, what they ask for."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from hashlib import sha256
from types import MappingProxyType
from typing import Any

from destination_sage_intacct import exact_json
from destination_sage_intacct.config import ConfigError
from destination_sage_intacct.delivery.actions import (
    Action,
    Create,
    Decision,
    Find,
    Reject,
    Write,
    decide_body,
    decide_row,
    identity_of,
    not_carried,
)
from destination_sage_intacct.delivery.documents import (
    Document,
    DocumentBuffer,
    document_missing,
    document_scattered,
    document_too_long,
)
from destination_sage_intacct.delivery.entities import EntityOf
from destination_sage_intacct.delivery.warnings import record_key_warnings, unsent_warning
from destination_sage_intacct.plan.columns import missing_columns
from destination_sage_intacct.plan.stream_plan import LINES, Operation, StreamPlan, primary_key_values
from destination_sage_intacct.protocol.ledger import Outcome, Row
from destination_sage_intacct.protocol.messages import changes_in
from destination_sage_intacct.rows.cursor import cursor_of
from destination_sage_intacct.rows.lines import LineRow, assemble
from destination_sage_intacct.rows.mapping import MappingError
from destination_sage_intacct.rows.paths import value_at
from destination_sage_intacct.rows.values import Problem

# Where a warehouse keeps what a record's `meta` says, in its own case.
_META = ("_airbyte_meta", "_AIRBYTE_META")
_NOTHING: Mapping[str, str] = MappingProxyType({})
# Of a source that sends other columns in each row.
_MOST_UNSENT_WARNINGS = 20
# About 60 MB. A row of a later round that is sent again after a crash could be booked twice.
_MOST_BODIES = 3_000_000
_HOPELESS = frozenset({"unknown_field", "read_only_field"})
_NOT_AN_OBJECT = Problem(
    "not_an_object",
    "The row is not a JSON object of columns and values",
    "Report it to the maker of the source: Airbyte's records are objects.",
)


class RowReader:
    """Reads the rows of one stream, in their order.

    Where each row is a line, a document is complete when a row of another one comes, or when `end` is called. A STATE
    in between does not end it, so that none is booked in part: the STATE waits for the document and for the next STATE
    behind it.

    Args:
        plan: of the stream; it takes up columns that the schema does not name.
        entity_of: returns the entity that a row names, once it is known to exist; None if no column names one.
        join: called with each two rows that follow each other in one document.
        warn: called with the columns that are not sent, once each.

    Attributes:
        plan: as it is now.
        not_carried: how many values of which column did not arrive as the source holds them, by reason.
    """

    def __init__(
        self,
        plan: StreamPlan,
        entity_of: EntityOf | None,
        join: Callable[[Row, Row], None],
        warn: Callable[[str], None],
    ) -> None:
        self.plan = plan
        self._entity_of = entity_of
        self._warn = warn
        self._unproved_columns = plan.unproved_columns
        self.not_carried: Counter[tuple[str, str]] = Counter()
        self._unsent_warnings = 0
        self._ordinals: BodyOrdinals | None = None
        self._documents = DocumentBuffer(plan.lines, join) if plan.lines is not None else None

    @property
    def last_row(self) -> Row | None:
        """Return the last row of the document that is open; None if there is none."""
        return self._documents.last_row if self._documents else None

    def read(self, row: Row) -> Iterator[Write]:
        """Read one row; its write is returned at once, or with the other rows of its document.

        Raises:
            ConfigError, MappingError: the row's columns cannot be mapped, one can never be delivered, or the stream's
                mode cannot be honoured.
        """
        if self.plan.refusal:
            raise ConfigError(self.plan.refusal, key="operation")
        if not isinstance(row.data, dict):
            yield self._write((row,), self.plan.entity, Reject(_NOT_AN_OBJECT))
            return
        self._check_unproved_columns(row)
        self._map_columns(row)
        lost = _lost(row)
        if lost:
            self.not_carried.update(lost.items())
        problem = _unreadable(row) if row.unreadable else self._missing(lost) if lost else None
        names_no_document = self._documents is not None and problem and problem.field in self._documents.lines.group_by
        if problem is not None and (self._documents is None or names_no_document):
            if self._documents is not None:
                self._documents.doubt(LineRow(row.number, None, problem, problem))
            yield self._write((row,), self.plan.entity, Reject(problem))
            return
        # A null that only says that the value did not come must not clear its field.
        data = {column: value for column, value in row.data.items() if column not in lost} if lost else row.data
        operation = self.plan.operation_of(data)
        if operation is None:
            yield self._write((row,), self.plan.entity, Outcome.SKIPPED)
            return
        entity: str | Problem = self.plan.entity
        if self.plan.entity_field and self._entity_of:
            entity = self._entity_of(data.get(self.plan.entity_field), self.plan.entity_field)
        if self._documents is not None:
            yield from self._gather(row, data, problem, entity, operation, self._documents)
        elif isinstance(entity, Problem):
            yield self._write((row,), self.plan.entity, Reject(entity))
        else:
            yield self._write((row,), entity, decide_row(self.plan, data, operation), self._fields_of(lost))

    def end(self) -> Iterator[Write]:
        """Complete the document that is open, if there is one.

        Raises:
            ConfigError: a column of it can never be delivered; its rows stay unsettled.
        """
        if self._documents is not None:
            is_first = not self._documents.has_ended
            document = self._documents.end(document_scattered(self._documents.lines))
            if document is not None:
                write = self._whole(document)
                write.may_be_cut = is_first and not document.deleted
                yield write

    def _whole(self, document: Document) -> Write:
        """Return the write of a document that is complete."""
        rows = tuple(document.rows)
        entity = document.entity(self.plan.entity_field)
        if isinstance(entity, Problem):
            return self._write(rows, self.plan.entity, Reject(entity))
        # A document is deleted only when all of its lines are; else it is what is left of it.
        first = (document.lines or document.deleted)[0]
        operation = self.plan.operation if document.lines else self.plan.operation_of(rows[0].data)
        is_written = operation is not None and operation not in {"deactivate", "delete"}
        body = assemble(document.lines, LINES) if is_written else first.header
        decision = decide_body(self.plan, operation or "delete", first.record_key, body, lines=len(rows))
        write = self._write(rows, entity, decision)
        write.line_rows = tuple(line.number for line in document.lines)
        return write

    def _fields_of(self, lost: Mapping[str, str]) -> Mapping[str, str]:
        """Return the fields that columns go to, each with what is known of its column."""
        if not lost:
            return _NOTHING
        targets = self.plan.mapping.targets
        return {".".join(path): why for column, why in lost.items() for path in targets.get(column, ())}

    def _missing(self, lost: Mapping[str, str]) -> Problem | None:
        """Return why a row cannot be written without what was lost of it; None if it can."""
        needed = next((column for column in lost if column in self._needed_columns), None)
        return None if needed is None else not_carried(needed, lost[needed])

    @property
    def _needed_columns(self) -> set[str]:
        """Return the columns without which a row cannot be distinguished, or its document would get another line."""
        found_by = {tuple(name.split(".")) for name in self.plan.natural_key} or {(self.plan.mapping.key_field,)}
        needed = {column for column, paths in self.plan.mapping.targets.items() if found_by & set(paths)}
        if self._documents is not None:
            needed |= {*self._documents.lines.group_by, *self._documents.lines.mapping.targets}
        return needed | {self.plan.entity_field, *self.plan.deletion_columns}

    def _gather(
        self,
        row: Row,
        data: Mapping[str, Any],
        problem: Problem | None,
        entity: str | Problem,
        operation: Operation,
        documents: DocumentBuffer,
    ) -> Iterator[Write]:
        """Add a row to its document, which is not booked without it; what that completes or rejects comes out."""
        lines = documents.lines
        values = [data.get(column) for column in lines.group_by]
        empty = [column for column, value in zip(lines.group_by, values, strict=True) if value is None or value == ""]
        if empty:
            yield self._write((row,), self.plan.entity, Reject(document_missing(empty)))
            return
        key = exact_json.encode(values)
        if documents.is_other(key):
            yield from self.end()
        if documents.is_full and (document := documents.end(document_too_long(lines))):
            yield self._write(tuple(document.rows), self.plan.entity, Reject(document_too_long(lines)))
        reason = documents.reason_against(key)
        if reason is not None:
            yield self._write((row,), self.plan.entity, Reject(reason))
            return
        record_key, header = self.plan.mapping.apply(data, keep_nulls=self.plan.keep_nulls, convert=self.plan.convert)
        _, line = lines.mapping.apply(data, keep_nulls=False, convert=lines.convert)
        if problem is not None and problem.field in lines.mapping.targets:
            line = problem
        elif problem is not None:
            header = problem
        line_row = LineRow(row.number, record_key, header, line)
        documents.add(key, row, line_row, entity, is_deleted=operation != self.plan.operation)

    def _write(
        self,
        rows: tuple[Row, ...],
        entity: str,
        decision: Decision,
        lost: Mapping[str, str] = _NOTHING,
    ) -> Write:
        """Return the write of these rows, with its outcome if no request is needed; `lost` are fields not carried."""
        plan = self.plan if entity == self.plan.entity else self.plan.in_entity(entity)
        if isinstance(decision, Action):
            identity, origin = identity_of(plan, decision), self._origin(rows[0], decision)
            has_cursor = plan.cursor and not isinstance(decision, Create)
            cursor = cursor_of(value_at(rows[0].data, plan.cursor)) if has_cursor else None
            return Write(rows, plan, decision, identity, origin, not_carried=lost, cursor=cursor)
        if isinstance(decision, Reject):
            self._raise_if_hopeless(decision.problem)
        write = Write(rows, plan, not_carried=lost)
        write.decide(decision)
        return write

    def _raise_if_hopeless(self, problem: Problem) -> None:
        """Stop at a column that no row of the stream could ever deliver, instead of rejecting each of them."""
        _, is_line, of_line = problem.field.partition("].")
        mapping = self.plan.lines.mapping if is_line and self.plan.lines else self.plan.mapping
        column = mapping.column_of(of_line or problem.field) if problem.code in _HOPELESS else None
        if column is not None:
            raise ConfigError(
                f"Stream {self.plan.stream}: column `{column}` goes to `{problem.field}`, but no row could deliver it: "
                f"{problem.message}. {problem.advice} No row of the stream was written from here on.",
                key="streams",
            )

    def _origin(self, row: Row, action: Action) -> tuple[object, ...]:
        """Return what distinguishes this row from others of equal body: its own key, else sync and ordinal."""
        if isinstance(action, Find):
            return ("natural", *action.natural_key)
        if not isinstance(action, Create):
            return ()
        values = primary_key_values(self.plan, row.data)
        if values.count(None) < len(values):
            return ("key", *values)
        self._ordinals = self._ordinals or BodyOrdinals()
        return ("ordinal", self.plan.sync_id, *self._ordinals.next(action.encoded))

    def _check_unproved_columns(self, row: Row) -> None:
        """Hold the columns that settings name against a first row, where the catalog lists no columns."""
        if not self._unproved_columns:
            return
        unproved, self._unproved_columns = self._unproved_columns, {}
        for warning in missing_columns(row.stream, unproved, row.data):
            self._warn(warning)

    def _map_columns(self, row: Row) -> None:
        """Extend the mapping to columns that came for the first time."""
        mapping = self.plan.mapping
        if mapping.covers(row.data):
            return
        try:
            wider = mapping.including(row.data)
        except MappingError as error:
            raise MappingError(f"Stream {row.stream}: {error}") from None
        unsent = wider.unsent_text(but=mapping.unsent)
        self.plan = self.plan.with_mapping(wider)
        if unsent and self._unsent_warnings < _MOST_UNSENT_WARNINGS:
            self._unsent_warnings += 1
            self._warn(unsent_warning(row.stream, unsent))
            if self._unsent_warnings == _MOST_UNSENT_WARNINGS:
                self._warn(f"Further columns of stream {row.stream} that are not sent will not be listed.")
        for warning in () if mapping.covered else record_key_warnings(self.plan):
            self._warn(warning)


def _unreadable(row: Row) -> Problem:
    """Return the problem that a value of a row cannot be read."""
    column, why = row.unreadable[0]
    return Problem(
        "unreadable_value",
        f"The value cannot be read: {why}",
        "Correct the value in the source. If it is right there, report it to the maker of the source.",
        column,
    )


def _lost(row: Row) -> Mapping[str, str]:
    """Return the columns of a row whose values did not arrive as the source holds them, with the reason."""
    changes = row.changes
    if not changes:
        if row.data.keys().isdisjoint(_META):
            return _NOTHING
        changes = next(changes_in(row.data[name]) for name in _META if name in row.data)
    return {change.column: change.reason for change in changes if change.column in row.data}


class BodyOrdinals:
    """Counts equal bodies: the ordinal is what distinguishes rows of a stream without any key.

    SQLite holds it in about 20 bytes a row, a dictionary takes 90. When it is full, counting starts again in a further
    round, which is a part of the ordinal: no two rows of a sync ever share one.

    Args:
        capacity: how many bodies are counted in a round.
    """

    def __init__(self, capacity: int = _MOST_BODIES) -> None:
        import sqlite3  # noqa: PLC0415 - it costs 2 MB that few syncs need

        self._counts = sqlite3.connect(":memory:", isolation_level=None)
        self._counts.execute("CREATE TABLE bodies (digest INTEGER PRIMARY KEY, count INTEGER NOT NULL)")
        self._capacity = capacity
        self._left = capacity
        self._rounds: tuple[int, ...] = ()

    def next(self, body: bytes) -> tuple[int, ...]:
        """Return how many rows with this body there were, this one included: 1, 2, 3; behind it the round, if any."""
        if not self._left:
            self._counts.execute("DELETE FROM bodies")
            self._left = self._capacity
            self._rounds = (sum(self._rounds) + 1,)
        self._left -= 1
        digest = int.from_bytes(sha256(body).digest()[:8], signed=True)
        ((ordinal,),) = self._counts.execute(_COUNT, (digest,))
        return int(ordinal), *self._rounds


_COUNT = "INSERT INTO bodies VALUES (?, 1) ON CONFLICT DO UPDATE SET count = count + 1 RETURNING count"

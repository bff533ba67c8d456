"""Reads rows: their columns, the entity they are for, the document they are lines of, and what they ask for."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from destination_sage_intacct import exact_json
from destination_sage_intacct.config import ConfigError
from destination_sage_intacct.delivery.actions import (
    Create,
    Leave,
    Match,
    Reject,
    Skip,
    Write,
    intend,
    intend_body,
    operation_of,
)
from destination_sage_intacct.delivery.documents import (
    Document,
    DocumentBuffer,
    missing,
    scattered,
    too_long,
)
from destination_sage_intacct.delivery.entities import EntityOf
from destination_sage_intacct.delivery.locks import Pending, identity_of
from destination_sage_intacct.delivery.ordinals import Ordinals
from destination_sage_intacct.delivery.warnings import record_key_warnings, unsent_warning
from destination_sage_intacct.plan.columns import missing_columns
from destination_sage_intacct.plan.stream_plan import (
    LINES,
    LinePlan,
    Operation,
    StreamPlan,
    primary_key_text,
    primary_key_values,
)
from destination_sage_intacct.protocol.ledger import Outcome, Row
from destination_sage_intacct.rejected_rows.rejection import Rejection, from_problem
from destination_sage_intacct.rows.idempotency import body_digest
from destination_sage_intacct.rows.lines import LineRow, assemble
from destination_sage_intacct.rows.mapping import MappingError
from destination_sage_intacct.rows.values import Problem

_NOT_AN_OBJECT = Problem(
    "not_an_object",
    "The row is not a JSON object of columns and values",
    "Report it to the maker of the source: Airbyte's records are objects.",
)


@dataclass(frozen=True, slots=True)
class Settled:
    """Rows whose outcome is known without a request."""

    rows: tuple[Row, ...]
    outcome: Outcome
    rejection: Rejection | None = None


Taken = Pending | Settled


class RowReader:
    """Reads the rows of one stream, in their order.

    Where each row is a line, a document is complete when a row of another one comes, or when `end` is called: a STATE
    in between does not end it, so that none is booked in halves. The STATE waits for it, and for the next one behind.

    Args:
        plan: of the stream; it takes up columns that the schema does not name.
        entity_of: proves the entity that a row names.
        join: told of each two rows of one document.
        warn: told of columns that are not sent, once each.
    """

    def __init__(
        self,
        plan: StreamPlan,
        entity_of: EntityOf,
        join: Callable[[Row, Row], None],
        warn: Callable[[str], None],
    ) -> None:
        self.plan = plan
        self._entity_of = entity_of
        self._warn = warn
        self._unproved_columns = plan.unproved_columns
        self._ordinals = Ordinals()
        self._documents = DocumentBuffer(join)

    @property
    def last_row(self) -> Row | None:
        """Return the last row of the document that is open; None if none is."""
        return self._documents.last_row

    def take(self, row: Row) -> Iterator[Taken]:
        """Read one row; it comes out at once, or with the other rows of its document.

        Raises:
            ConfigError, MappingError: the row's columns cannot be mapped, or one can never be delivered.
        """
        if not isinstance(row.data, dict):
            yield self._rejected((row,), _NOT_AN_OBJECT)
            return
        self._prove_columns(row)
        self._map_columns(row)
        operation = operation_of(self.plan, row.data)
        if operation is None:
            yield Settled((row,), Outcome.SKIPPED)
            return
        entity: str | Problem = self.plan.entity
        if self.plan.entity_field:
            entity = self._entity_of(row.data.get(self.plan.entity_field), self.plan.entity_field)
        if self.plan.lines is not None:
            yield from self._gathered(row, entity, operation, self.plan.lines)
        elif isinstance(entity, Problem):
            yield self._rejected((row,), entity)
        else:
            yield self._asked((row,), entity, intend(self.plan, row.data))

    def end(self) -> Iterator[Taken]:
        """Complete the document that is open, if one is.

        Raises:
            ConfigError: a column of it can never be delivered; its rows stay unsettled.
        """
        if self.plan.lines is None:
            return
        document = self._documents.end(scattered(self.plan.lines))
        if document is not None:
            yield self._whole(document)

    def _whole(self, document: Document) -> Taken:
        rows = tuple(document.rows)
        entity = document.entity(self.plan.entity_field)
        if isinstance(entity, Problem):
            return self._rejected(rows, entity)
        # A document goes only when all of its lines are gone; else it is what is left of it.
        first = (document.parts or document.deleted)[0]
        operation = self.plan.operation if document.parts else operation_of(self.plan, document.rows[0].data)
        is_written = operation is not None and operation not in {"deactivate", "delete"}
        body = assemble(document.parts, LINES) if is_written else first.header
        intent = intend_body(self.plan, operation or "delete", first.record_key, body, lines=len(rows))
        return self._asked(rows, entity, intent)

    def _gathered(self, row: Row, entity: str | Problem, operation: Operation, lines: LinePlan) -> Iterator[Taken]:
        values = [row.data.get(column) for column in lines.group_by]
        empty = [column for column, value in zip(lines.group_by, values, strict=True) if value is None or value == ""]
        if empty:
            yield self._rejected((row,), missing(empty))
            return
        key = exact_json.encode(values)
        if self._documents.is_other(key):
            yield from self.end()
        if self._documents.is_full and (document := self._documents.end(too_long(lines))):
            yield self._rejected(tuple(document.rows), too_long(lines))
        refusal = self._documents.refusal(key)
        if refusal is not None:
            yield self._rejected((row,), refusal)
            return
        record_key, header = self.plan.mapping.apply(
            row.data, keep_nulls=self.plan.keep_nulls, convert=self.plan.convert
        )
        _, line = lines.mapping.apply(row.data, keep_nulls=False, convert=lines.convert)
        part = LineRow(row.number, record_key, header, line)
        self._documents.add(key, row, part, entity, is_deleted=operation != self.plan.operation)

    def _asked(self, rows: tuple[Row, ...], entity: str, intent: object) -> Taken:
        match intent:
            case Reject(problem, key):
                self._raise_if_hopeless(problem)
                return self._rejected(rows, problem, key)
            case Leave():
                return Settled(rows, Outcome.UNCHANGED)
            case Skip():
                return Settled(rows, Outcome.SKIPPED)
        plan = self.plan if entity == self.plan.entity else self.plan.in_entity(entity)
        write: Write = intent  # type: ignore[assignment] # what is left
        first, *others = rows
        return Pending(first, write, identity_of(plan, write), self._origin(first, write), tuple(others), entity)

    def _raise_if_hopeless(self, problem: Problem) -> None:
        """Stop at a column that no row of the stream could ever deliver, instead of rejecting each of them."""
        hopeless = {"unknown_field", "read_only_field"}
        _, is_line, of_line = problem.field.partition("].")
        mapping = self.plan.lines.mapping if is_line and self.plan.lines else self.plan.mapping
        column = mapping.column_of(of_line or problem.field) if problem.code in hopeless else None
        if column is not None:
            raise ConfigError(
                f"Stream {self.plan.stream}: column `{column}` goes to `{problem.field}`, and no row could deliver it: "
                f"{problem.message}. {problem.advice} No row of the stream was written from here on.",
                key="streams",
            )

    def _rejected(self, rows: tuple[Row, ...], problem: Problem, key: str = "") -> Settled:
        shown = primary_key_text(self.plan, rows[0].data)
        return Settled(rows, Outcome.REJECTED, from_problem(problem, key, shown))

    def _origin(self, row: Row, write: Write) -> tuple[object, ...]:
        """Return what tells this row from others of equal body: natural or primary key, else sync and ordinal."""
        if isinstance(write, Match):
            return ("natural", *write.natural_key)
        if not isinstance(write, Create):
            return ()
        values = primary_key_values(self.plan, row.data)
        if any(value is not None for value in values):
            return ("key", *values)
        return ("ordinal", self.plan.sync_id, self._ordinals.next(body_digest(write.encoded)))

    def _prove_columns(self, row: Row) -> None:
        unproved, self._unproved_columns = self._unproved_columns, {}
        for warning in missing_columns(row.stream, unproved, row.data) if unproved else ():
            self._warn(warning)

    def _map_columns(self, row: Row) -> None:
        mapping = self.plan.mapping
        if mapping.covers(row.data):
            return
        try:
            wider = mapping.including(row.data)
        except MappingError as error:
            raise MappingError(f"Stream {row.stream}: {error}") from None
        unsent = wider.unsent_text(but=mapping.unsent)
        self.plan = self.plan.with_mapping(wider)
        if unsent:
            self._warn(unsent_warning(row.stream, unsent))
        for notice in () if mapping.covered else record_key_warnings(self.plan):
            self._warn(notice)

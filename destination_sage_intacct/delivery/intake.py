"""Reads rows: their columns, the entity they are for, the document they are lines of, and what they ask for."""

from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from destination_sage_intacct import exact_json
from destination_sage_intacct.config import ConfigError
from destination_sage_intacct.delivery.entities import Entities
from destination_sage_intacct.delivery.intents import (
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
from destination_sage_intacct.delivery.order import Pending, identity_of
from destination_sage_intacct.delivery.ordinals import Ordinals
from destination_sage_intacct.delivery.rejection import Rejection, from_problem
from destination_sage_intacct.plan import LINES, LinePlan, Operation, StreamPlan, primary_key_text, primary_key_values
from destination_sage_intacct.protocol.ledger import Outcome, Row
from destination_sage_intacct.protocol.messages import StreamKey
from destination_sage_intacct.rows.documents import Part, assemble
from destination_sage_intacct.rows.idempotency import body_digest
from destination_sage_intacct.rows.mapping import MappingError
from destination_sage_intacct.rows.values import Problem

_NOT_AN_OBJECT = Problem(
    "not_an_object",
    "The row is not a JSON object of columns and values",
    "Report it to the maker of the source: Airbyte's records are objects.",
)
_MOST_DOCUMENTS_REMEMBERED = 100_000


@dataclass(frozen=True, slots=True)
class Settled:
    """Rows whose outcome is known without a request."""

    rows: tuple[Row, ...]
    outcome: Outcome
    rejection: Rejection | None = None


Taken = Pending | Settled


@dataclass(slots=True)
class _Document:
    """The rows of one document so far."""

    key: bytes
    entity: str
    rows: list[Row] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)
    deleted: list[Part] = field(default_factory=list)  # lines that are gone at the source


class Intake:
    """Reads the rows of one stream, in their order.

    Where each row is a line, a document is complete when a row of another one comes, or at the end: a STATE in
    between does not end it, so that none is booked in halves. The STATE waits for it, and for the next one behind it.

    Args:
        plan: of the stream; it takes up columns that the schema does not name.
        entities: prove the entities that rows name.
        join: told of each two rows of one document.
        warn: told of columns that are not sent, once each.
    """

    def __init__(
        self,
        plan: StreamPlan,
        entities: Entities,
        join: Callable[[Row, Row], None],
        warn: Callable[[str], None],
    ) -> None:
        self.plan = plan
        self._entities = entities
        self._join = join
        self._warn = warn
        self._ordinals = Ordinals()
        self._open: _Document | None = None
        self._ended: OrderedDict[bytes, None] = OrderedDict()

    def take(self, row: Row) -> Iterator[Taken]:
        """Read one row; it comes out at once, or with the other rows of its document.

        Raises:
            ConfigError, MappingError: the row's columns cannot be mapped, or one can never be delivered.
        """
        if not isinstance(row.data, dict):
            yield self._rejected((row,), _NOT_AN_OBJECT)
            return
        self._map_columns(row)
        entity: str | Problem = self.plan.entity
        if self.plan.entity_field:
            entity = self._entities.of_row(row.data.get(self.plan.entity_field), self.plan.entity_field)
        operation = operation_of(self.plan, row.data)
        if operation is None:
            yield Settled((row,), Outcome.SKIPPED)
        elif isinstance(entity, Problem):
            yield self._rejected((row,), entity)
        elif self.plan.lines is None:
            yield self._asked((row,), entity, intend(self.plan, row.data))
        else:
            yield from self._gathered(row, entity, operation, self.plan.lines)

    def end(self) -> Iterator[Taken]:
        """Complete the document that is open, if one is."""
        document, self._open = self._open, None
        if document is None:
            return
        self._ended[document.key] = None
        if len(self._ended) > _MOST_DOCUMENTS_REMEMBERED:
            self._ended.popitem(last=False)
        # A document goes only when all of its lines are gone; else it is what is left of it.
        first = (document.parts or document.deleted)[0]
        operation = self.plan.operation if document.parts else operation_of(self.plan, document.rows[0].data)
        is_written = operation is not None and operation not in {"deactivate", "delete"}
        body = assemble(document.parts, LINES) if is_written else first.header
        intent = intend_body(self.plan, operation or "delete", first.record_key, body)
        yield self._asked(tuple(document.rows), document.entity, intent)

    def _gathered(self, row: Row, entity: str, operation: Operation, lines: LinePlan) -> Iterator[Taken]:
        values = [row.data.get(column) for column in lines.group_by]
        if any(value is None or value == "" for value in values):
            yield self._rejected((row,), _no_document(lines))
            return
        key = exact_json.encode([values, entity])
        if self._open is not None and self._open.key != key:
            yield from self.end()
        if self._open is None:
            if key in self._ended:
                yield self._rejected((row,), _scattered(lines))
                return
            self._open = _Document(key, entity)
        record_key, header = self.plan.mapping.apply(
            row.data, keep_nulls=self.plan.keep_nulls, convert=self.plan.convert
        )
        _, line = lines.mapping.apply(row.data, keep_nulls=False, convert=lines.convert)
        if self._open.rows:
            self._join(self._open.rows[-1], row)
        self._open.rows.append(row)
        part = Part(row.number, record_key, header, line)
        (self._open.parts if operation == self.plan.operation else self._open.deleted).append(part)

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


def unsent_warning(stream: StreamKey, columns: str) -> str:
    """Write the warning about columns that go nowhere."""
    return f"Columns of stream {stream} that are not sent: {columns}."


def _no_document(lines: LinePlan) -> Problem:
    return Problem(
        "document_missing",
        "The row does not tell which document it is a line of",
        "Fill every column of `lines.group_by`, or choose columns that every row has.",
        ", ".join(lines.group_by),
    )


def _scattered(lines: LinePlan) -> Problem:
    return Problem(
        "document_scattered",
        "The row belongs to a document whose other rows came earlier, with rows of other documents in between",
        "Order the source's rows by the columns of `lines.group_by`, so that all rows of a document come together.",
        ", ".join(lines.group_by),
    )

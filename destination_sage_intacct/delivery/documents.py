"""Gathers rows that are lines until their document is complete, and tells which rows cannot be part of one."""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from destination_sage_intacct.plan.stream_plan import LinePlan
from destination_sage_intacct.protocol.ledger import Row
from destination_sage_intacct.rows.lines import LineRow
from destination_sage_intacct.rows.values import Problem

MOST_LINES = 10_000
_MOST_DOCUMENTS_REMEMBERED = 100_000


@dataclass(slots=True)
class Document:
    """The rows of one document so far; `entities`: each that they name, or cannot name, and the first row's number."""

    key: bytes
    rows: list[Row] = field(default_factory=list)
    parts: list[LineRow] = field(default_factory=list)
    deleted: list[LineRow] = field(default_factory=list)  # lines that are gone at the source
    entities: dict[str | Problem, int] = field(default_factory=dict)

    def entity(self, column: str) -> str | Problem:
        """Return the one entity of all rows, or why they have none; `column` holds it."""
        for each in self.entities:
            if isinstance(each, Problem):
                return each
        (entity, first), *others = self.entities.items()
        if not others:
            return entity
        return Problem(
            "document_disagrees",
            f"Rows {first} and {others[0][1]} are lines of one document and are for different entities",
            "Give all rows of a document the same entity, an empty one being that of the configuration, or add the "
            "column to `lines.group_by` if it tells documents apart.",
            column,
        )


class DocumentBuffer:
    """Holds the one document of a stream that is open; remembers those that ended, so that none is booked in halves.

    Args:
        join: told of each two rows of one document.
    """

    def __init__(self, join: Callable[[Row, Row], None]) -> None:
        self._join = join
        self._open: Document | None = None
        self._refusals: OrderedDict[bytes, Problem] = OrderedDict()

    @property
    def last_row(self) -> Row | None:
        """Return the last row of the document that is open; None if none is."""
        return self._open.rows[-1] if self._open else None

    @property
    def is_full(self) -> bool:
        """Return whether the document that is open has as many lines as a document may have."""
        return self._open is not None and len(self._open.rows) >= MOST_LINES

    def is_other(self, key: bytes) -> bool:
        """Return whether a document is open and is not this one."""
        return self._open is not None and self._open.key != key

    def refusal(self, key: bytes) -> Problem | None:
        """Return why no further row may join this document, None if one may."""
        return self._refusals.get(key)

    def add(self, key: bytes, row: Row, part: LineRow, entity: str | Problem, *, is_deleted: bool) -> None:
        """Add a row to the document that is open, or open its document."""
        document = self._open = self._open or Document(key)
        if document.rows:
            self._join(document.rows[-1], row)
        document.rows.append(row)
        document.entities.setdefault(entity, row.number)
        (document.deleted if is_deleted else document.parts).append(part)

    def end(self, refusal: Problem) -> Document | None:
        """Give the document that is open, if one is; further rows of it are refused for this reason."""
        document, self._open = self._open, None
        if document is not None:
            self._refusals[document.key] = refusal
            if len(self._refusals) > _MOST_DOCUMENTS_REMEMBERED:
                self._refusals.popitem(last=False)
        return document


def missing(empty: Sequence[str]) -> Problem:
    """Say why a row that names no document is rejected; `empty` are the columns without a value."""
    named = ", ".join(f"`{column}`" for column in empty)
    is_are = "column {} is" if len(empty) == 1 else "columns {} are"
    return Problem(
        "document_missing",
        f"The row does not tell which document it is a line of: {is_are.format(named)} empty",
        "Fill every column of `lines.group_by`, or choose columns that every row has.",
    )


def scattered(lines: LinePlan) -> Problem:
    """Say why a row of a document that has ended is rejected."""
    return Problem(
        "document_scattered",
        "The row belongs to a document whose other rows came earlier, with rows of other documents in between",
        "Order the source's rows by the columns of `lines.group_by`, so that all rows of a document come together.",
        ", ".join(lines.group_by),
    )


def too_long(lines: LinePlan) -> Problem:
    """Say why a row of a document with too many lines is rejected."""
    return Problem(
        "document_too_long",
        f"The row belongs to a document of more than {MOST_LINES:,} lines, which is the most that is gathered",
        "Check that the columns of `lines.group_by` together tell each document from the others; split a document that "
        "is truly longer.",
        ", ".join(lines.group_by),
    )

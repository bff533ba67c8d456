"""Gathers rows that are lines until their document is complete, and says which rows cannot be part of one."""

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
    """The rows of one document so far; `entities`: each that they name, or the reason why not, with its first row."""

    key: bytes
    rows: list[Row] = field(default_factory=list)
    lines: list[LineRow] = field(default_factory=list)
    deleted: list[LineRow] = field(default_factory=list)  # lines that were deleted at the source
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
            "column to `lines.group_by` if it distinguishes documents.",
            column,
        )


class DocumentBuffer:
    """Holds the open document of a stream; remembers those that ended, so that none is booked in part.

    Args:
        lines: how rows become documents.
        join: called with each two rows that follow each other in one document.
    """

    def __init__(self, lines: LinePlan, join: Callable[[Row, Row], None]) -> None:
        self.lines = lines
        self._join = join
        self._open: Document | None = None
        self._reasons: OrderedDict[bytes, Problem] = OrderedDict()
        self._doubt: LineRow | None = None

    @property
    def last_row(self) -> Row | None:
        """Return the last row of the document that is open; None if there is none."""
        return self._open.rows[-1] if self._open else None

    @property
    def has_ended(self) -> bool:
        """Return whether a document has ended already, so that the next one is not the first."""
        return bool(self._reasons)

    @property
    def is_full(self) -> bool:
        """Return whether the document that is open has as many lines as a document may have."""
        return self._open is not None and len(self._open.rows) >= MOST_LINES

    def is_other(self, key: bytes) -> bool:
        """Return whether a document is open and is not this one."""
        return self._open is not None and self._open.key != key

    def reason_against(self, key: bytes) -> Problem | None:
        """Return why no further row may join this document; None if one may."""
        return self._reasons.get(key)

    def add(self, key: bytes, row: Row, line: LineRow, entity: str | Problem, *, is_deleted: bool) -> None:
        """Add a row to the document that is open, or open its document."""
        if self._open is None:
            self._open = Document(key, lines=[self._doubt] if self._doubt else [])
        document, self._doubt = self._open, None
        if document.rows:
            self._join(document.rows[-1], row)
        document.rows.append(row)
        document.entities.setdefault(entity, row.number)
        (document.deleted if is_deleted else document.lines).append(line)

    def doubt(self, line: LineRow) -> None:
        """Take a line that does not say which document it belongs to: the open one or the next lacks it.

        So neither is booked, except the next one if rows of the open one follow.
        """
        self._doubt = line
        if self._open is not None:
            self._open.lines.append(line)

    def end(self, reason: Problem) -> Document | None:
        """Return the document that is open, if there is one; further rows of it are rejected for this reason."""
        document, self._open = self._open, None
        if document is not None:
            self._reasons[document.key] = reason
            if len(self._reasons) > _MOST_DOCUMENTS_REMEMBERED:
                self._reasons.popitem(last=False)
        return document


def document_missing(empty: Sequence[str]) -> Problem:
    """Return why a row that names no document is rejected; `empty` are the columns without a value."""
    named = ", ".join(f"`{column}`" for column in empty)
    is_are = "column {} is" if len(empty) == 1 else "columns {} are"
    return Problem(
        "document_missing",
        f"It is not clear which document the row belongs to: {is_are.format(named)} empty",
        "Fill every column of `lines.group_by`, or choose columns that every row has.",
    )


def document_scattered(lines: LinePlan) -> Problem:
    """Return why a row of a document that has ended is rejected."""
    return Problem(
        "document_scattered",
        "The row belongs to a document whose other rows came earlier, with rows of other documents in between",
        "Order the source's rows by the columns of `lines.group_by`, so that all rows of a document come together.",
        ", ".join(lines.group_by),
    )


def document_too_long(lines: LinePlan) -> Problem:
    """Return why a row of a document with too many lines is rejected."""
    return Problem(
        "document_too_long",
        f"The row belongs to a document of more than {MOST_LINES:,} lines, which is the maximum",
        "Check that the columns of `lines.group_by` together distinguish each document from the others; split a "
        "document that is truly longer.",
        ", ".join(lines.group_by),
    )

"""Why a row was rejected, in a line that a person can act on; never with the row's values."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace

from destination_sage_intacct.intacct.advice import advise, field_at_fault
from destination_sage_intacct.intacct.errors import SageError
from destination_sage_intacct.intacct.redaction import HIDDEN
from destination_sage_intacct.rows.values import Problem

_LONGEST_KEY = 100


@dataclass(frozen=True, slots=True)
class Source:
    """Where the value of a field came from: the column, and the number of its row if others share the document.

    `field`: the same field, with the position that its line has among the lines of the source.
    """

    field: str
    column: str = ""
    row: int = 0


@dataclass(frozen=True, slots=True)
class Rejection:
    """Why a row was rejected, or all rows of a document.

    `key` is the record key, if it is known. `error_id` and `support_id` are Sage Intacct's; empty where the
    connector rejects. `foreseen`: Sage Intacct would say so, as a dry run found out. `column` holds the value of the
    field, in row `row` where the document has several.
    """

    message: str
    advice: str
    code: str
    field: str = ""
    key: str = ""
    error_id: str = ""
    support_id: str = ""
    by_sage: bool = False
    foreseen: bool = False
    column: str = ""
    row: int = 0

    def at(self, source: Source) -> "Rejection":
        """Return the same rejection with where the fault came from."""
        return replace(self, field=source.field, column=source.column, row=source.row)

    def sentence(self, number: int, stream: str, primary_key: str = "") -> str:
        """Return the log line of row `number` of a stream; its `primary_key` finds it in the warehouse."""
        where = f"Rejected row {number} of stream {stream}"
        where += f", primary key {shortened(primary_key)}" if primary_key not in {"", self.key} else ""
        where += f", record key {self.key}" if self.key else ""
        what = f"field {self.field}{self._column()}: " if self.field else ""
        marks = [mark for mark in (self.error_id or self.code, self._support()) if mark]
        return f"{where}: {what}{self.said} [{', '.join(marks)}] {self.advice}"

    @property
    def said(self) -> str:
        """Return the reason as a sentence."""
        says = "would say" if self.foreseen else "says"
        return _ended(self._in_row(f"Sage Intacct {says}: {self.message}" if self.by_sage else self.message))

    @property
    def located_message(self) -> str:
        """Return the message with the row at fault, where it is one of several of a document."""
        return self._in_row(self.message)

    def _in_row(self, text: str) -> str:
        return f"In row {self.row} of the same document: {text}" if self.row else text

    def _column(self) -> str:
        """Return the column, unless it is named as the field is."""
        named, field = self.column.replace("__", ".").casefold(), self.field.casefold()
        is_named_alike = f"{named}.".startswith(f"{field}.") or named == field.rpartition(".")[2]
        return f" (column {self.column})" if self.column and not is_named_alike else ""

    def _support(self) -> str:
        return f"support id {self.support_id}" if self.support_id else ""


def rejection_for(
    reason: Problem | SageError,
    key: str,
    values: Iterable[str] = (),
    shown: Collection[str] = (),
    path: str = "",
    has_field: Callable[[str], bool] = lambda _: False,
) -> Rejection:
    """Return why rows are rejected, found here or said by Sage Intacct. Its arguments are those of `from_sage`."""
    if isinstance(reason, Problem):
        return from_problem(reason, key)
    return from_sage(reason, key, values, shown, path, has_field)


def from_problem(problem: Problem, key: str) -> Rejection:
    """Return why a row is rejected that was not sent."""
    return Rejection(problem.message, problem.advice, problem.code, problem.field, key)


def from_sage(
    error: SageError,
    key: str,
    values: Iterable[str],
    shown: Collection[str] = (),
    path: str = "",
    has_field: Callable[[str], bool] = lambda _: False,
) -> Rejection:
    """Return why Sage Intacct rejects a row; the row's values, but its keys, are taken out of Sage's words.

    Args:
        error: why.
        key: the record's key, empty for none.
        values: all values of the row as texts, also those that were not sent because the record held them.
        shown: texts that may be shown even if they are values: what finds the rows in the warehouse.
        path: of the record's object.
        has_field: whether it has a field, whose name is then no value, though a row may hold it as one.
    """
    # What to do, and where, is worked out from Sage's own words.
    field = field_at_fault(error, path)
    kept = {key, *shown, *((field, *field.split(".")) if has_field(field) else ())}
    clean = replace(error, field=field).without(value for value in values if value not in kept)
    return Rejection(
        message=clean.message,
        advice=advise(error, clean.correction),
        code=clean.code or f"HTTP {error.status}",
        field=clean.field,
        key=key,
        error_id=clean.error_id,
        support_id=clean.support_id,
        by_sage=True,
        foreseen=error.foreseen,
    )


def shortened(key: str) -> str:
    """Return a primary key, shortened to what a line of the log shows."""
    return key if len(key) <= _LONGEST_KEY else key[: _LONGEST_KEY - 1] + HIDDEN


def _ended(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."

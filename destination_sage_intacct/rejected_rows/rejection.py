"""Why a row was rejected, in a line that a person can act on; never with the row's values."""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

from destination_sage_intacct.intacct.advice import advise, field_at_fault
from destination_sage_intacct.intacct.errors import SageError
from destination_sage_intacct.rows.values import Problem

_HIDDEN = "…"
_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
_QUOTES = "'\"`\u2018\u2019\u201c\u201d"
_LONGEST_KEY = 100


@dataclass(frozen=True, slots=True)
class Rejection:
    """Why a row was rejected, or all rows of a document.

    `key` is the record key, as far as it is known. `error_id` and `support_id` are Sage Intacct's; empty where the
    connector rejects.
    """

    message: str
    advice: str
    code: str
    field: str = ""
    key: str = ""
    error_id: str = ""
    support_id: str = ""
    by_sage: bool = False

    def sentence(self, number: int, stream: str, primary_key: str = "") -> str:
        """Return the log line of row `number` of a stream; its `primary_key` finds it in the warehouse."""
        where = f"Rejected row {number} of stream {stream}"
        where += f", primary key {shortened(primary_key)}" if primary_key not in {"", self.key} else ""
        where += f", record key {self.key}" if self.key else ""
        what = f"field {self.field}: " if self.field else ""
        marks = [mark for mark in (self.error_id or self.code, self._support()) if mark]
        return f"{where}: {what}{self.said} [{', '.join(marks)}] {self.advice}"

    @property
    def said(self) -> str:
        """Return the reason as a sentence."""
        return _ended(f"Sage Intacct says: {self.message}" if self.by_sage else self.message)

    def _support(self) -> str:
        return f"support id {self.support_id}" if self.support_id else ""


def rejection_for(
    reason: Problem | SageError, key: str, values: Iterable[str] = (), shown: Collection[str] = (), path: str = ""
) -> Rejection:
    """Return why rows are rejected, found here or said by Sage Intacct. Its arguments are those of `from_sage`."""
    return from_problem(reason, key) if isinstance(reason, Problem) else from_sage(reason, key, values, shown, path)


def from_problem(problem: Problem, key: str) -> Rejection:
    """Return why a row is rejected that was not sent."""
    return Rejection(problem.message, problem.advice, problem.code, problem.field, key)


def from_sage(
    error: SageError, key: str, values: Iterable[str], shown: Collection[str] = (), path: str = ""
) -> Rejection:
    """Return why Sage Intacct rejects a row; the row's values, but its keys, are taken out of Sage's words.

    Args:
        error: why.
        key: the record's key, empty for none.
        values: all values of the row as texts, also those that were not sent because the record held them.
        shown: texts that may be shown even if they are values: what finds the rows in the warehouse.
        path: of the record's object.
    """
    field = field_at_fault(error, path)
    kept = {key, *shown, field, *field.split(".")}
    hidden = [form for value in values if value not in kept for form in _forms(value)]
    return Rejection(
        message=without_values(error.message, hidden),
        advice=advise(replace(error, correction=without_values(error.correction, hidden))),
        code=error.code or f"HTTP {error.status}",
        field=field,
        key=key,
        error_id=error.error_id,
        support_id=error.support_id,
        by_sage=True,
    )


def without_values(text: str, values: Iterable[str]) -> str:
    """Replace every value that is a word of its own in the text; a single character only where it is quoted.

    Elsewhere a single character is too often a word, such as `a`, or the count of something.
    """
    for value in sorted({value for value in values if value}, key=len, reverse=True):
        if value in text:
            left, right = (rf"(?<=[{_QUOTES}])", rf"(?=[{_QUOTES}])") if len(value) == 1 else (r"(?<!\w)", r"(?!\w)")
            text = re.sub(f"{left}{re.escape(value)}{right}", _HIDDEN, text)
    return text


def _forms(value: str) -> list[str]:
    """Return the forms in which Sage Intacct may show a value: a date also as its users in America write it."""
    date = _DATE.fullmatch(value)
    return [value, f"{date[2]}/{date[3]}/{date[1]}"] if date else [value]


def shortened(key: str) -> str:
    """Return a primary key as far as a line of the log shows it."""
    return key if len(key) <= _LONGEST_KEY else key[: _LONGEST_KEY - 1] + _HIDDEN


def _ended(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."

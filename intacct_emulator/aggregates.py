"""The aggregates that a query's fields may name, such as `sum:totalDue`, in groups of rows that are alike otherwise.

Sources: Sage's OpenAPI, core query, for the functions; Sage's guide to the query service for the groups.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal, Inexact
from typing import Any

from intacct_emulator.comparing import NUMERIC, Column
from intacct_emulator.refusals import invalid_request
from intacct_emulator.store import Record

FUNCTIONS = frozenset({"count", "avg", "sum", "min", "max"})

# More digits than any sum of real values has, and few enough for one of 1E+999999 and 1.
_EXACT = Context(prec=10_000, Emax=MAX_EMAX, Emin=MIN_EMIN)
_DIGITS = 38
_AVERAGE = Context(prec=_DIGITS, Emax=MAX_EMAX, Emin=MIN_EMIN)


@dataclass(frozen=True, slots=True)
class Aggregate:
    """One function of the values that a group of rows holds of a column; empty fields have no part in it."""

    function: str
    column: Column

    def of(self, rows: Sequence[Record]) -> Any:  # noqa: ANN401 - of the field's type
        """Return the value for these rows; None where all fields are empty, and 0 for their count."""
        values = [value for value in map(self.column.read, rows) if value is not None]
        if self.function == "count":
            return len(values)
        if not values:
            return None
        if self.function in ("min", "max"):
            chosen = min if self.function == "min" else max
            return chosen(values, key=self.column.comparable)
        return self._number([Decimal(str(value)) for value in values])

    def _number(self, values: Sequence[Decimal]) -> Decimal | str:
        total = Decimal(0)
        for value in values:
            total = _EXACT.add(total, value)
        if self.function == "avg":
            total = _divided(total, len(values))
        # guess[sum-form]: a sum is written as the values of its field are: those of an amount as a string.
        return f"{total:f}" if self.column.kind == "amount" else total


def aggregate(name: str, column: Callable[[str], Column]) -> Aggregate | None:
    """Return the aggregate that a field's name calls for, None where it is a plain field.

    Raises:
        RefusalError: there is no such field, or it has no such aggregate.
    """
    function, colon, field = name.partition(":")
    # The names of custom fields have a colon too, but two: `nsp::SCORE`.
    if not colon or field.startswith(":"):
        return None
    if function not in FUNCTIONS:
        # guess[unknown-function]: that another function is refused is plain, the text is not known.
        raise invalid_request(f"Unrecognized function {function!r} in query fields")
    found = column(field)
    # guess[count-kinds]: `count` counts any field that is not empty; a copy of Sage's guide grants it to booleans,
    # arrays and enums only, the OpenAPI to all.
    if function in ("sum", "avg") and (found.kind not in NUMERIC or found.kind == "key"):
        raise invalid_request(f"The function {function} needs a field with numbers: {field}")
    if function != "count" and found.kind in ("array", "binary"):
        raise invalid_request(f"The function {function} cannot be used with the field {field}")
    return Aggregate(function, found)


def groups(rows: Sequence[Record], columns: Sequence[Column]) -> list[list[Record]]:
    """Return the rows in groups that are alike in these columns; without columns they are one, be it empty."""
    if not columns:
        return [list(rows)]
    found: dict[tuple[Any, ...], list[Record]] = {}
    for row in rows:
        found.setdefault(tuple(column.held(row) for column in columns), []).append(row)
    return list(found.values())


def _divided(total: Decimal, count: int) -> Decimal:
    """Return the quotient exactly, or with 38 digits where it has no end."""
    # guess[average-digits]: how many digits an average has is not known.
    context = Context(prec=_DIGITS + len(total.as_tuple().digits), Emax=MAX_EMAX, Emin=MIN_EMIN)
    exact = context.divide(total, Decimal(count))
    return _AVERAGE.plus(exact) if context.flags[Inexact] else exact

"""The value of a stream's cursor in a row, which says which of two versions of a record is the older one."""

import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Literal, NamedTuple

from destination_sage_intacct.rows.values import iso_spelling

_LONGEST_TEXT = 64
_FINER_THAN_MICROSECONDS = re.compile(r"([.,]\d{6})\d+")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Cursor(NamedTuple):
    """A number, a point in time in microseconds (`local`: of an unknown zone), or a text."""

    kind: Literal["number", "instant", "local", "text"]
    value: int | Decimal | str


def cursor_of(value: object) -> Cursor | None:
    """Return the cursor that a column's value is; None for null, and for values that have no order."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | Decimal):
        return Cursor("number", value)
    if not isinstance(value, str) or not value:
        return None
    moment = _moment(value)
    if moment is None:
        return Cursor("text", value) if len(value) <= _LONGEST_TEXT else None
    if moment.tzinfo is None:
        return Cursor("local", _microseconds(moment.replace(tzinfo=UTC)))
    return Cursor("instant", _microseconds(moment))


def is_older(cursor: Cursor | None, than: Cursor | None) -> bool:
    """Return whether a cursor is surely less than another one; False where they cannot be compared.

    Texts of different lengths, or that case would order differently, are ordered in different ways by
    different databases.
    """
    if cursor is None or than is None or cursor.kind != than.kind:
        return False
    one, other = cursor.value, than.value
    if isinstance(one, str) or isinstance(other, str):
        one, other = str(one), str(other)
        return len(one) == len(other) and one < other and one.casefold() < other.casefold()
    return one < other


def _moment(text: str) -> datetime | None:
    # Cut to microseconds, two versions may look equally old, and then the later row wins.
    spelled = iso_spelling(_FINER_THAN_MICROSECONDS.sub(r"\1", text))
    try:
        return datetime.fromisoformat(spelled) if "-" in spelled[4:5] else None
    except ValueError:
        return None


def _microseconds(moment: datetime) -> int:
    passed = moment - _EPOCH
    return (passed.days * 86_400 + passed.seconds) * 1_000_000 + passed.microseconds

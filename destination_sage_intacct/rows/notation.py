"""One notation for one value, by the type of its field: values in different forms of JSON compare as texts.

The API shows amounts as texts with two decimals, keys as texts, dates as `2026-01-31` and date-times with `Z`
(Sage REST guide, and recorded answers); a warehouse has its own forms of the same values.
"""

import re
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation

from destination_sage_intacct.intacct.model import FieldType

_NUMERIC = frozenset({"integer", "number", "amount"})
# Past this many digits before or after the point a number is no business value, and its notation could fill the memory.
_MOST_DIGITS = 100
# Python cuts off what is finer than a microsecond, so that two instants would look like one.
_FINER_THAN_MICROSECONDS = re.compile(r"[.,]\d{6}0*[1-9]")


def plain(value: object) -> str | None:
    """Return a scalar as text with its own digits; None for null, a list or an object.

    Only a decimal of more than 100 places stays in exponents.
    """
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return format(value, "f") if abs(value.adjusted()) < _MOST_DIGITS else str(value)
    return str(value) if isinstance(value, int) else None


def trimmed(number: str) -> str:
    """Return a plain notation without the decimals that add nothing: `1.50` and `1.5` are one number."""
    return number.rstrip("0").rstrip(".") if "." in number else number


def notation(value: object, kind: FieldType | None) -> str | None:
    """Return the one notation of a scalar as a value of this type; None if it is not such a value.

    Numbers are plain and trimmed, dates ISO, date-times ISO in UTC with `Z` (without a zone they are UTC), booleans
    `true` and `false`. Of every other type, and of an unknown one, a value's notation is its `plain` text.
    """
    if kind in _NUMERIC:
        return _number(value, whole=kind == "integer")
    if kind == "date":
        return _date(value)
    if kind == "date-time":
        return _instant(value)
    text = plain(value)
    return text if kind != "boolean" or text in {"true", "false"} else None


def _number(value: object, *, whole: bool) -> str | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        if "_" in value or not value.isascii():  # Python would read 1_0 and other scripts' digits; Sage would not
            return None
        try:
            number = Decimal(value)
        except InvalidOperation:
            return None
    elif isinstance(value, int | Decimal):
        number = Decimal(value)
    else:
        return None
    if not number.is_finite() or (number and abs(number.adjusted()) >= _MOST_DIGITS):
        return None
    text = trimmed(format(number, "f")) if number else "0"
    return None if whole and "." in text else text


def _date(value: object) -> str | None:
    try:
        return date.fromisoformat(value).isoformat() if isinstance(value, str) else None
    except ValueError:
        return None


def _instant(value: object) -> str | None:
    if not isinstance(value, str) or _FINER_THAN_MICROSECONDS.search(value):
        return None
    try:
        instant = datetime.fromisoformat(value)
        if instant.tzinfo is not None:
            instant = instant.astimezone(UTC).replace(tzinfo=None)
    except (ValueError, OverflowError):  # not ISO, or before the year 1 or after 9999 in UTC
        return None
    return f"{instant.isoformat()}Z"

"""One warehouse value as a single value of a field's type: exactly the same value, or why it is not one.

What is returned is in the API's own forms (Sage REST guide, and recorded answers): amounts as text, numbers as JSON
numbers, dates as `2026-01-31`, date-times as `2026-01-31T09:30:00Z`.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from destination_sage_intacct.intacct.model import Field, FieldType
from destination_sage_intacct.rows.suggestions import nearest
from destination_sage_intacct.rows.values import MOST_DIGITS, Problem, canonical_text, iso_spelling, plain_text

_TOO_LONG: int = 10**MOST_DIGITS
_MOST_SHOWN = 20
# Python takes any character between date and time, would read the zone of `2026-01-31-0500` as a time, and takes a week
# (`2026-W05`) for its Monday.
_ISO_LOOK = re.compile(r"[0-9]{4}-?[0-9]{2}-?[0-9]{2}(?:[Tt ](.+))?")
_PLAIN_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MIDNIGHT = re.compile(r"[0:.,]+(?:[Zz]|[+-].+)?")
_BOOLEANS: Mapping[object, bool] = {
    **dict.fromkeys(("true", "t", "yes", "y", "1", 1), True),
    **dict.fromkeys(("false", "f", "no", "n", "0", 0), False),
}


def to_text(value: object, _field: Field) -> str | Problem:
    """Return a text as it is; numbers and booleans in plain notation, with their own digits."""
    if isinstance(value, str):
        return value
    if isinstance(value, int | Decimal) and not isinstance(value, bool) and not _is_plain(value):
        return _TOO_MANY_DIGITS
    text = plain_text(value)
    return _NOT_TEXT if text is None else text


def _is_plain(number: int | Decimal) -> bool:
    if isinstance(number, int):
        return -_TOO_LONG < number < _TOO_LONG
    return -MOST_DIGITS < number.adjusted() < MOST_DIGITS


def is_blank(value: object) -> bool:
    """Return whether a value is a text of nothing but blanks."""
    return isinstance(value, str) and (not value or value.isspace())


def _decimal(value: object, otherwise: Problem) -> Decimal | Problem:
    """Read a number exactly: a text may have a sign, an exponent and blanks around it."""
    if type(value) is Decimal:
        number = value
    elif isinstance(value, str):
        if "_" in value or not value.isascii():  # Python would read 1_0 and other scripts' digits
            return otherwise
        try:
            number = Decimal(value)
        except InvalidOperation:
            return otherwise
    elif isinstance(value, int | Decimal) and not isinstance(value, bool):
        number = Decimal(value)
    else:
        return otherwise
    if not number.is_finite():
        return otherwise
    if not -MOST_DIGITS < number.adjusted() < MOST_DIGITS:
        return _TOO_LONG_A_NUMBER if number else Decimal(0)  # a zero has no digits that could be too many
    return number or abs(number)  # there is no negative zero


def _to_integer(value: object, _field: Field) -> int | Problem | None:
    if type(value) is int and _is_plain(value):
        return value
    if is_blank(value):
        return None
    number = _decimal(value, _NOT_AN_INTEGER)
    if isinstance(number, Problem):
        return number
    whole = int(number)
    return whole if whole == number else _NOT_AN_INTEGER


def _to_number(value: object, _field: Field) -> int | Decimal | Problem | None:
    if type(value) is int and _is_plain(value):
        return value
    if is_blank(value):
        return None
    number = _decimal(value, _NOT_A_NUMBER)
    if isinstance(number, Problem):
        return number
    text = str(number)
    return Decimal(format(number, "f")) if "E+" in text else number


def _to_amount(value: object, field: Field) -> str | Problem | None:
    if is_blank(value):
        return None
    number = _decimal(value, _NOT_A_NUMBER)
    if isinstance(number, Problem):
        return number
    text = format(number, "f")
    whole, point, decimals = text.partition(".")
    if len(decimals) <= field.decimals:
        return text
    if decimals[field.decimals :].strip("0"):
        return _too_many_decimals(field.decimals)
    return f"{whole}{point}{decimals[: field.decimals]}" if field.decimals else whole


def _to_boolean(value: object, _field: Field) -> bool | Problem | None:
    if isinstance(value, bool):
        return value
    if isinstance(value, str):
        value = value.strip().casefold()
        if not value:
            return None
    elif not isinstance(value, int | Decimal):
        return _NOT_A_BOOLEAN
    return _BOOLEANS.get(value, _NOT_A_BOOLEAN)


def _to_date(value: object, _field: Field) -> str | Problem | None:
    """Return the date as it is written, whatever its zone; a time of day other than midnight would get lost."""
    if not isinstance(value, str):
        return _NOT_A_DATE
    if _PLAIN_DATE.fullmatch(value):
        try:
            date.fromisoformat(value)
        except ValueError:
            return _NOT_A_DATE
        return value
    text = iso_spelling(value)
    if not text:
        return None
    look = _ISO_LOOK.fullmatch(text)
    if look is None:
        return _NOT_A_DATE
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return _NOT_A_DATE
    if look[1] and not _MIDNIGHT.fullmatch(look[1]):
        return _HAS_A_TIME
    return moment.date().isoformat()


def _to_instant(value: object, _field: Field) -> str | Problem | None:
    """Return a date-time in UTC; without a zone it is in UTC already. Sub-seconds stay where there are some."""
    if not isinstance(value, str):
        return _NOT_AN_INSTANT
    text = iso_spelling(value)
    if not text:
        return None
    made = canonical_text(text, "date-time") if _ISO_LOOK.fullmatch(text) else None
    if made is None:
        return _NOT_AN_INSTANT
    return f"{made[:-1].rstrip('0')}Z" if "." in made else made


def to_enum(value: object, field: Field) -> str | Problem | None:
    """Return the allowed value that this is, without regard to case and blanks around it."""
    if value in field.allowed and isinstance(value, str):
        return value
    if is_blank(value):
        return None
    text = to_text(value, field)
    if isinstance(text, Problem) or not field.allowed:
        return text
    folded = text.strip().casefold()
    same = [allowed for allowed in field.allowed if allowed.strip().casefold() == folded]
    return same[0] if len(same) == 1 else _not_allowed(folded, field.allowed)


def _not_allowed(value: str, allowed: tuple[str, ...]) -> Problem:
    named = [f"`{name}`" for name in allowed if name]
    rest = len(named) - _MOST_SHOWN
    shown = ", ".join(named[:_MOST_SHOWN]) + (f" and {rest} more" if rest > 0 else "")
    close = nearest(value, allowed)
    did_you = f"Did you mean `{close}`? " if close else ""
    return invalid_value(
        f"The value is not one that the field allows: {shown}",
        f"{did_you}Translate the column's values in the warehouse, for example with CASE.",
    )


SCALARS: Mapping[FieldType, Callable[[Any, Field], Any]] = {
    "string": to_text,
    "integer": _to_integer,
    "number": _to_number,
    "amount": _to_amount,
    "boolean": _to_boolean,
    "date": _to_date,
    "date-time": _to_instant,
    "enum": to_enum,
}
"""By type, what makes a value of it: that value, None for an empty text, or a `Problem` that names no field yet."""


def invalid_value(message: str, advice: str) -> Problem:
    """Return the problem that a value does not fit its field, which is named later."""
    return Problem("invalid_value", message, advice)


_NOT_TEXT = invalid_value(
    "The value is a list or an object, and the field holds a text",
    "Map a part of it to the field, or turn it into a text in the warehouse.",
)
_TOO_MANY_DIGITS = invalid_value(
    "The number has more than 100 digits", "Send the digits as a text, or correct the value in the warehouse."
)
_TOO_LONG_A_NUMBER = invalid_value(
    "The number has more than 100 digits before or after its decimal point", "Correct the value in the warehouse."
)
_NOT_AN_INTEGER = invalid_value(
    "The value is not a whole number",
    "Map a column of whole numbers, or round it in the warehouse, for example with ROUND(column).",
)
_NOT_A_NUMBER = invalid_value(
    "The value is not a number",
    "Map a column of numbers; a text holds digits and a decimal point, such as 1234.50, and no thousands separators.",
)


def _too_many_decimals(most: int) -> Problem:
    return invalid_value(
        f"The amount has more decimals than the {most} that the field keeps, and is not rounded",
        f"Round it in the warehouse, for example with ROUND(column, {most}).",
    )


_NOT_A_BOOLEAN = invalid_value(
    "The value is neither true nor false",
    "Map a column of booleans, or of true/false, t/f, yes/no, y/n or 1/0 in any case.",
)
_NOT_A_DATE = invalid_value(
    "The value is not a date in ISO form, such as 2026-01-31",
    "Cast the column to a date in the warehouse, for example with CAST(column AS DATE).",
)
_HAS_A_TIME = invalid_value(
    "The value has a time of day, and the field holds a date alone",
    "Cast the column to a date in the warehouse, in the time zone of your books.",
)
_NOT_AN_INSTANT = invalid_value(
    "The value is not a date-time in ISO form, such as 2026-01-31T09:30:00Z, or is finer than a microsecond",
    "Cast the column to a timestamp in the warehouse.",
)

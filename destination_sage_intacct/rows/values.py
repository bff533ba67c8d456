"""Single values of a row: their canonical text, and whether they can be sent at all."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from enum import Enum
from typing import Any

from destination_sage_intacct.intacct.model import FieldType

# A key goes into the URL. There a comma would address several records and a slash another resource.
_RECORD_KEY = re.compile(r"[A-Za-z0-9_:~-][A-Za-z0-9_.:~-]{0,99}")
# With more digits than this before or after the point, a number is not a business value, and its notation could fill
# the memory.
MOST_DIGITS = 100
# No record of Sage Intacct has ten. How deep Python can nest depends on its version and the caller, and too deep is an
# error that stops the sync.
_MOST_LEVELS = 100
_NUMERIC = frozenset({"integer", "number", "amount"})
# Python cuts off what is finer than a microsecond, so that two instants would look like one.
_FINER_THAN_MICROSECONDS = re.compile(r"[.,]\d{6}0*[1-9]")
_MICROSECOND_DIGITS = 6
_WAREHOUSE_TIME = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}(?::[0-9]{2})?)(?:[.,]([0-9]+))?"
    r" ?(UTC|GMT|utc|gmt|[Zz]|[+-][0-9]{2}(?::?[0-9]{2})?)?"
)


class Absent(Enum):
    """What marks a field that is left out, whatever `null_values` says."""

    ABSENT = "absent"


ABSENT = Absent.ABSENT


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a row cannot be sent. Never holds the row's values."""

    code: str
    message: str
    advice: str
    field: str = ""


def record_key(value: object) -> str | Problem | None:
    """Return a record key in the form of the URL, None when the row has none, or why it is not a key."""
    if value is None:
        return None
    text = value.strip() if isinstance(value, str) else whole_number(value) or ","
    if not text:
        return None
    if _RECORD_KEY.fullmatch(text):
        return text
    return Problem(
        "invalid_record_key",
        "The record key is not one of Sage Intacct's keys",
        "Map a column that holds the record's `key`, the number that Sage Intacct gave it, not its visible id.",
    )


def unsendable(body: dict[str, Any], encoded: bytes) -> Problem | None:
    """Return the problem that a value cannot arrive unchanged: a text with a NUL character.

    Args:
        body: the nested body.
        encoded: the same as JSON, in which a NUL is easy to see.
    """
    if b"\\u0000" not in encoded:
        return None
    for path, value in _leaves(body):
        if isinstance(value, str) and "\0" in value:
            return Problem(
                "invalid_value",
                "The text holds a NUL character (U+0000), which Sage Intacct cannot store",
                "Remove the character in the warehouse, for example with REPLACE(column, CHR(0), '').",
                path,
            )
    return None


def texts(body: dict[str, Any]) -> Iterator[str]:
    """Yield every scalar of a body as text, so that a message can be cleared of them."""
    for _, value in _leaves(body):
        if value is not None and not isinstance(value, bool):
            yield str(value)


def is_deep(value: object) -> bool:
    """Return whether objects and lists are nested deeper than 100 levels."""
    level = [value] if isinstance(value, dict | list) else []
    for _ in range(_MOST_LEVELS):
        if not level:
            return False
        inner = (member for each in level for member in (each.values() if isinstance(each, dict) else each))
        level = [member for member in inner if isinstance(member, dict | list)]
    return bool(level)


def is_empty(value: object) -> bool:
    """Return whether a value holds nothing: null, a blank text, an empty list, or an object of nothing but these."""
    left = [value]
    while left:
        each = left.pop()
        if isinstance(each, dict):
            left.extend(each.values())
        elif not (each is None or each == [] or (isinstance(each, str) and not each.strip())):
            return False
    return True


def _leaves(body: dict[str, Any]) -> Iterator[tuple[str, object]]:
    """Yield the values in a body in their order, with their dotted paths. Not recursive, as JSON may be deep."""
    left: list[tuple[str, object]] = [("", body)]
    while left:
        path, value = left.pop()
        if isinstance(value, dict):
            left.extend((f"{path}.{name}" if path else str(name), member) for name, member in reversed(value.items()))
        elif isinstance(value, list):
            left.extend((path, member) for member in reversed(value))
        else:
            yield path, value


def whole_number(value: object) -> str | None:
    """Return a whole number without decimals that add nothing (7.00 is `7`); None for any other value."""
    if isinstance(value, Decimal) and value.adjusted() < MOST_DIGITS and value == value.to_integral_value():
        return str(int(value))
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else None


def plain_text(value: object) -> str | None:
    """Return a scalar as text with its own digits; None for null, a list or an object.

    Only a decimal of more than 100 places stays in exponents.
    """
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return format(value, "f") if abs(value.adjusted()) < MOST_DIGITS else str(value)
    return str(value) if isinstance(value, int) else None


def trimmed(number: str) -> str:
    """Return a plain notation without the decimals that add nothing: `1.50` and `1.5` are one number."""
    return number.rstrip("0").rstrip(".") if "." in number else number


def canonical_text(value: object, kind: FieldType | None) -> str | None:
    """Return the one notation of a scalar as a value of this type; None if it is not such a value.

    Numbers are plain and trimmed, dates ISO, date-times ISO in UTC with `Z` (without a zone they are UTC), booleans
    `true` and `false`. Of every other type, and of an unknown one, a value's notation is its `plain_text` text.
    """
    if kind in _NUMERIC:
        return _number(value, whole=kind == "integer")
    if kind == "date":
        return _date(value)
    if kind == "date-time":
        return _instant(value)
    text = plain_text(value)
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
    if not number.is_finite() or (number and abs(number.adjusted()) >= MOST_DIGITS):
        return None
    text = trimmed(format(number, "f")) if number else "0"
    return None if whole and "." in text else text


def iso_spelling(text: str) -> str:
    """Return a date or date-time as ISO 8601 spells it, where a warehouse writes it a little differently.

    BigQuery writes ` UTC`, SQL Server a blank before the offset and seven decimals. Of any other text only the blanks
    around it go.
    """
    stripped = text.strip()
    found = _WAREHOUSE_TIME.fullmatch(stripped)
    if found is None:
        return stripped
    moment, fraction, zone = found.groups()
    shown = f".{fraction[:_MICROSECOND_DIGITS]}" if fraction else ""
    if fraction and fraction[_MICROSECOND_DIGITS:].strip("0"):
        return stripped
    return f"{moment}{shown}{'Z' if zone in {'UTC', 'GMT', 'utc', 'gmt'} else zone or ''}"


def _date(value: object) -> str | None:
    try:
        return date.fromisoformat(iso_spelling(value)).isoformat() if isinstance(value, str) else None
    except ValueError:
        return None


def _instant(value: object) -> str | None:
    text = iso_spelling(value) if isinstance(value, str) else ""
    if not text or _FINER_THAN_MICROSECONDS.search(text):
        return None
    try:
        instant = datetime.fromisoformat(text)
        if instant.tzinfo is not None:
            instant = instant.astimezone(UTC).replace(tzinfo=None)
    except (ValueError, OverflowError):  # not ISO, or before the year 1 or after 9999 in UTC
        return None
    return f"{instant.isoformat()}Z"

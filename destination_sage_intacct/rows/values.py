"""Warehouse values: what becomes of each, or a named reason why it cannot be sent."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

# A key goes into the URL. There a comma would address several records and a slash another resource.
_RECORD_KEY = re.compile(r"[A-Za-z0-9_:~-][A-Za-z0-9_.:~-]{0,99}")
_MOST_DIGITS = 100
# No record of Sage Intacct has ten. What Python can nest depends on its version and on who calls, and ends in an error
# that stops the sync.
_MOST_LEVELS = 100


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
    if isinstance(value, int) and not isinstance(value, bool):
        text = str(value)
    elif isinstance(value, Decimal) and value.adjusted() < _MOST_DIGITS and value == value.to_integral_value():
        text = str(int(value))
    elif isinstance(value, str):
        text = value.strip()
    else:
        text = ","
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
    """Find a value that cannot arrive unchanged: a text with a NUL character.

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
    """Tell whether objects and lists are nested deeper than 100 levels."""
    level = [value] if isinstance(value, dict | list) else []
    for _ in range(_MOST_LEVELS):
        if not level:
            return False
        inner = (member for each in level for member in (each.values() if isinstance(each, dict) else each))
        level = [member for member in inner if isinstance(member, dict | list)]
    return bool(level)


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

"""The kinds of values that fields hold: what is expected of each, in words and as a test."""

import re
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal

_AMOUNT = re.compile(r"-?\d+(\.\d+)?")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_DATE_TIME = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})")


def _is_text(value: object) -> bool:
    return type(value) is str


def _is_boolean(value: object) -> bool:
    return type(value) is bool


def _is_integer(value: object) -> bool:
    return type(value) is int


def _is_number(value: object) -> bool:
    return type(value) is int or type(value) is Decimal


def _is_amount(value: object) -> bool:
    return type(value) is str and _AMOUNT.fullmatch(value) is not None


def _is_date(value: object) -> bool:
    return type(value) is str and _DATE.fullmatch(value) is not None and _parses(date.fromisoformat, value)


def _is_date_time(value: object) -> bool:
    return type(value) is str and _DATE_TIME.fullmatch(value) is not None and _parses(datetime.fromisoformat, value)


def _is_list_of_texts(value: object) -> bool:
    return isinstance(value, list) and all(type(each) is str for each in value)


def _parses(parse: Callable[[str], object], value: str) -> bool:
    try:
        parse(value)
    except ValueError:
        return False
    return True


# guess[json-types]: a value of another JSON type is refused, not converted: no source shows either.
KINDS: dict[str, tuple[str, Callable[[object], bool]]] = {
    "string": ("a string", _is_text),
    "boolean": ("true or false", _is_boolean),
    "integer": ("an integer", _is_integer),
    "number": ("a number", _is_number),
    "date": ("a date such as 2026-01-31", _is_date),
    "date-time": ("a date and time such as 2026-01-31T08:00:00Z", _is_date_time),
    "amount": ("an amount as a string, such as '12.50'", _is_amount),
    "binary": ("a string", _is_text),
    "array": ("a list of strings", _is_list_of_texts),
}

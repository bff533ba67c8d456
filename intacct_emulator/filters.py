"""The query's filters: its operators, and the expression that joins them.

Source: Sage's OpenAPI, core query. Values are compared by the type of the field: numbers as numbers,
dates and times as instants, texts by their characters.
"""

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, TypeAlias

from intacct_emulator.refusals import invalid_request
from intacct_emulator.store import Record

Getter: TypeAlias = Callable[[Record], Any]
Test: TypeAlias = Callable[[Record], bool]

NUMERIC = frozenset({"number", "integer", "amount", "key"})
_DATED = frozenset({"date", "date-time"})
_TOKEN = re.compile(r"\s*(\d+|and|or|\(|\))", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Column:
    """A field that can be queried: how to read it and how to compare it."""

    name: str
    kind: str
    read: Getter

    def comparable(self, value: object, *, case_sensitive: bool = True) -> Any:  # noqa: ANN401 - of the field's type
        """Return the value in a form that compares as the field's type does; None stays None.

        Raises:
            RefusalError: the value is not of that type.
        """
        if value is None:
            return None
        try:
            if self.kind in NUMERIC:
                return _number(value)
            if self.kind in _DATED:
                return _instant(str(value))
        except (InvalidOperation, ValueError) as error:
            # guess: a value of another type is refused; the text is not known.
            raise invalid_request(f"The value {value!r} cannot be compared with the field {self.name}") from error
        if isinstance(value, bool):
            return str(value).lower()
        return str(value) if case_sensitive else str(value).casefold()


def _number(value: object) -> Decimal:
    number = Decimal(str(value))
    if not number.is_finite():
        raise ValueError(f"{value} is no number")
    return number


def _instant(value: str) -> datetime:
    if "T" not in value:
        return datetime.combine(date.fromisoformat(value), datetime.min.time(), UTC)
    instant = datetime.fromisoformat(value)
    return instant if instant.tzinfo is not None else instant.replace(tzinfo=UTC)


def _pair(test: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    return lambda value, wanted: test(value, wanted[0])


def _filled(test: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    return lambda value, wanted: value is not None and None not in wanted and test(value, wanted)


# guess: an empty field is not equal to anything but null, and is in no range.
_POSITIVE: dict[str, Callable[[Any, Any], bool]] = {
    "eq": _pair(lambda value, wanted: bool(value == wanted)),
    "lt": _filled(_pair(lambda value, wanted: bool(value < wanted))),
    "lte": _filled(_pair(lambda value, wanted: bool(value <= wanted))),
    "gt": _filled(_pair(lambda value, wanted: bool(value > wanted))),
    "gte": _filled(_pair(lambda value, wanted: bool(value >= wanted))),
    "in": lambda value, wanted: value in wanted,
    "between": _filled(lambda value, wanted: bool(wanted[0] <= value <= wanted[1])),
    "contains": _filled(_pair(lambda value, wanted: str(wanted) in str(value))),
    "startsWith": _filled(_pair(lambda value, wanted: str(value).startswith(str(wanted)))),
    "endsWith": _filled(_pair(lambda value, wanted: str(value).endswith(str(wanted)))),
    # guess: `$has` is listed without a description; taken as `contains any of` for a field with several values.
    "has": _filled(lambda value, wanted: any(str(one) in str(value) for one in wanted)),
}
_NEGATIVE = {
    "ne": "eq",
    "notIn": "in",
    "notBetween": "between",
    "notContains": "contains",
    "notStartsWith": "startsWith",
    "notEndsWith": "endsWith",
}
_LISTS = frozenset({"in", "notIn", "between", "notBetween", "has"})
_TEXTUAL = frozenset({"contains", "startsWith", "endsWith", "has"})
_BOUNDS = 2


def compile_filters(
    filters: object, expression: object, column: Callable[[str], Column], *, case_sensitive: bool
) -> Test:
    """Return one test out of all filters.

    Raises:
        RefusalError: a filter or the expression cannot be understood.
    """
    if filters is None:
        return lambda _record: True
    if not isinstance(filters, list):
        raise invalid_request("filters must be a list")
    tests = [_compile(each, column, case_sensitive=case_sensitive) for each in filters]
    if expression is None:
        return lambda record: all(test(record) for test in tests)
    return _join(str(expression), tests)


def _compile(one: object, column: Callable[[str], Column], *, case_sensitive: bool) -> Test:
    if not isinstance(one, dict) or len(one) != 1:
        raise invalid_request('A filter is an object with one operator, such as {"$eq":{"id":"A"}}')
    ((operator, operand),) = one.items()
    name = operator.removeprefix("$")
    positive = _NEGATIVE.get(name, name)
    if not operator.startswith("$") or positive not in _POSITIVE:
        raise invalid_request(f"Unrecognized operator {operator!r} in query filter")
    if not isinstance(operand, dict) or len(operand) != 1:
        raise invalid_request(f"{operator} takes one field and its value")
    ((field, value),) = operand.items()
    target = column(field)
    values = value if name in _LISTS and isinstance(value, list) else [value]
    if positive == "between" and len(values) != _BOUNDS:
        raise invalid_request(f"{operator} takes two values")
    if positive in _TEXTUAL:
        target = Column(target.name, "string", target.read)
    wanted: Collection[Any] = [target.comparable(each, case_sensitive=case_sensitive) for each in values]
    if positive == "in":
        wanted = frozenset(wanted)
    test, negated = _POSITIVE[positive], name in _NEGATIVE
    read = target.read
    return lambda record: test(target.comparable(read(record), case_sensitive=case_sensitive), wanted) != negated


def _join(expression: str, tests: Sequence[Test]) -> Test:
    """`(1 and 2) or 3`: numbers are filters."""
    # guess: `and` binds stronger than `or`, as it commonly does: the samples use parentheses.
    tokens = _TOKEN.findall(expression)
    if _TOKEN.sub("", expression).strip():
        raise invalid_request(f"The filterExpression {expression!r} cannot be understood")
    test, rest = _either([token.lower() for token in tokens], tests, expression)
    if rest:
        raise invalid_request(f"The filterExpression {expression!r} cannot be understood")
    return test


def _either(tokens: list[str], tests: Sequence[Test], whole: str) -> tuple[Test, list[str]]:
    first, rest = _both(tokens, tests, whole)
    parts = [first]
    while rest and rest[0] == "or":
        part, rest = _both(rest[1:], tests, whole)
        parts.append(part)
    return (lambda record: any(part(record) for part in parts)), rest


def _both(tokens: list[str], tests: Sequence[Test], whole: str) -> tuple[Test, list[str]]:
    first, rest = _one(tokens, tests, whole)
    parts = [first]
    while rest and rest[0] == "and":
        part, rest = _one(rest[1:], tests, whole)
        parts.append(part)
    return (lambda record: all(part(record) for part in parts)), rest


def _one(tokens: list[str], tests: Sequence[Test], whole: str) -> tuple[Test, list[str]]:
    if tokens and tokens[0] == "(":
        test, rest = _either(tokens[1:], tests, whole)
        if rest and rest[0] == ")":
            return test, rest[1:]
    elif tokens and tokens[0].isdigit() and 1 <= int(tokens[0]) <= len(tests):
        return tests[int(tokens[0]) - 1], tokens[1:]
    raise invalid_request(f"The filterExpression {whole!r} cannot be understood")

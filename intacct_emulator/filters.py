"""The query's filters: each names an operator, a field and a value. Source: Sage's OpenAPI, core query."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeAlias

from intacct_emulator import relative_dates
from intacct_emulator.comparing import DATED, Column
from intacct_emulator.refusals import RefusalError, invalid_request
from intacct_emulator.settings import Apostrophes

Test: TypeAlias = Callable[[Any], bool]


@dataclass(frozen=True, slots=True)
class Condition:
    """One filter: which values of a column, in comparable form, pass it.

    `equals` are these values, where they can be listed; so an index finds the records that hold them.
    """

    column: Column
    passes: Test
    equals: frozenset[Any] | None = None


@dataclass(frozen=True, slots=True)
class Operand:
    """A filter's value in comparable form: one point, or the span between the first and the last instant of days."""

    first: Any
    last: Any


# guess[empty-fields]: an empty field equals only null, and is in no range; with `$ne` and its like it
# passes.
_RANGES: dict[str, Callable[[Any, Sequence[Operand]], bool]] = {
    "lt": lambda value, wanted: bool(value < wanted[0].first),
    "lte": lambda value, wanted: bool(value <= wanted[0].last),
    "gt": lambda value, wanted: bool(value > wanted[0].last),
    "gte": lambda value, wanted: bool(value >= wanted[0].first),
    "between": lambda value, wanted: bool(wanted[0].first <= value <= wanted[1].last),
}
_TEXTS: dict[str, Callable[[str, str], bool]] = {
    "contains": lambda value, wanted: wanted in value,
    "startsWith": str.startswith,
    "endsWith": str.endswith,
}
_NEGATIVE = {
    "ne": "eq",
    "notIn": "in",
    "notBetween": "between",
    "notContains": "contains",
    "notStartsWith": "startsWith",
    "notEndsWith": "endsWith",
}
_OPERATORS = frozenset({"eq", "in", "has", *_RANGES, *_TEXTS})
_BOUNDS = 2
_BARE_APOSTROPHE = re.compile(r"(?<!\\)'")


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads filters, with what they may refer to: the fields, and the day that relative dates start from."""

    column: Callable[[str], Column]
    today: date
    case_sensitive: bool = True
    apostrophes: Apostrophes = "plain"

    def read(self, filters: object) -> list[Condition]:
        """Return the conditions, in the order of their numbers.

        Raises:
            RefusalError: a filter cannot be understood.
        """
        if filters is None:
            return []
        if not isinstance(filters, list):
            raise invalid_request("filters must be a list")
        return [self._condition(each) for each in filters]

    def _condition(self, one: object) -> Condition:
        if not isinstance(one, dict) or len(one) != 1:
            raise invalid_request('A filter is an object with one operator, such as {"$eq":{"id":"A"}}')
        ((operator, operand),) = one.items()
        name = operator.removeprefix("$")
        positive = _NEGATIVE.get(name, name)
        if not operator.startswith("$") or positive not in _OPERATORS:
            raise invalid_request(f"Unrecognized operator {operator!r} in query filter")
        if not isinstance(operand, dict) or len(operand) != 1:
            raise invalid_request(f"{operator} takes one field and its value")
        ((field, value),) = operand.items()
        condition = self._positive(operator, positive, self.column(field), _listed(operator, positive, value))
        if name not in _NEGATIVE:
            return condition
        passes = condition.passes
        return Condition(condition.column, lambda held: not passes(held))

    def _positive(self, operator: str, name: str, column: Column, values: list[Any]) -> Condition:
        if name in _TEXTS:
            if column.kind in DATED:
                raise invalid_request(f"{operator} cannot be used with the date field {column.name}")
            text = self._operand(column.as_text(), values[0]).first
            test = _TEXTS[name]
            return Condition(column.as_text(), lambda held: held is not None and text is not None and test(held, text))
        if name == "has":
            return self._has(column, values[0])
        wanted = [self._operand(column, each) for each in values]
        if name in ("eq", "in"):
            if all(each.first == each.last for each in wanted):
                equals = frozenset(each.first for each in wanted)
                return Condition(column, equals.__contains__, equals)
            return Condition(column, lambda held: any(_is_in(each, held) for each in wanted))
        if any(each.first is None for each in wanted):
            return Condition(column, lambda _held: False)
        ranges = _RANGES[name]
        return Condition(column, lambda held: held is not None and ranges(held, wanted))

    def _has(self, column: Column, value: object) -> Condition:
        if not isinstance(value, str) or column.kind not in ("array", "any"):
            # guess[has]: "a field that is an array of strings contains the given value"; all else is refused.
            raise invalid_request(f"$has takes a field that is an array of strings, and one string: {column.name}")
        wanted = self._plain(value) if self.case_sensitive else self._plain(value).casefold()
        members = Column(column.name, "members", lambda record: _members(column.read(record)), column.is_own)
        return Condition(members, lambda held: held is not None and wanted in held.split("\0"))

    def _operand(self, column: Column, value: object) -> Operand:
        if isinstance(value, dict | list):
            raise invalid_request(f"The value {value!r} cannot be compared with the field {column.name}")
        if isinstance(value, str):
            if column.kind in DATED and value in relative_dates.NAMES:
                # guess[relative-days]: a name is equal to each of its days, less than a day after them, greater than
                # one before them.
                return self._days(value)
            value = self._plain(value)
        point = column.comparable(value, case_sensitive=self.case_sensitive)
        return Operand(point, point)

    def _days(self, name: str) -> Operand:
        try:
            return Operand(*relative_dates.span(name, self.today))
        except (ValueError, OverflowError) as error:
            raise invalid_request(f"There is no {name} of {self.today}") from error

    def _plain(self, text: str) -> str:
        """Return the text that is meant."""
        # guess[apostrophes]: an apostrophe is literal; Fyle's client writes it as `\'`.
        if self.apostrophes == "plain":
            return text
        if _BARE_APOSTROPHE.search(text):
            raise invalid_request("A value of a query filter holds an apostrophe without a backslash")
        return text.replace("\\'", "'")


def _is_in(operand: Operand, value: Any) -> bool:  # noqa: ANN401 - of the field's type
    if value is None or operand.first is None:
        return value is operand.first
    return bool(operand.first <= value <= operand.last)


def _members(value: object) -> str | None:
    """Return the members of an array as one text, by which it can be compared with regard to case or without."""
    return "\0".join(str(each) for each in value) if isinstance(value, list) else None


def _listed(operator: str, name: str, value: object) -> list[Any]:
    if name not in ("in", "between"):
        return [value]
    if not isinstance(value, list) or (name == "between" and len(value) != _BOUNDS):
        raise _no_list(operator, "two values" if name == "between" else "a list of values")
    return value


def _no_list(operator: str, wanted: str) -> RefusalError:
    return invalid_request(f"{operator} takes {wanted}")

"""How values of a field are compared: numbers as numbers, dates and times as instants, texts by their characters."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, TypeAlias

from intacct_emulator.refusals import invalid_request
from intacct_emulator.store import Record

Getter: TypeAlias = Callable[[Record], Any]

NUMERIC = frozenset({"number", "integer", "amount", "key"})
DATED = frozenset({"date", "date-time"})


@dataclass(frozen=True, slots=True)
class Column:
    """A field that can be queried: how to read it and how to compare it; of kind `any` if it was not declared.

    `is_own` is whether the record alone decides its value, and no other record that it refers to.
    """

    name: str
    kind: str
    read: Getter
    is_own: bool = True

    def as_text(self) -> "Column":
        """Return the field with its values compared as texts."""
        return replace(self, kind="string")

    def comparable(self, value: object, *, case_sensitive: bool = True) -> Any:  # noqa: ANN401 - of the field's type
        """Return the value of a filter in a form that compares as the field's type does; None stays None.

        Raises:
            RefusalError: the value is not of that type.
        """
        try:
            return self._compared(value, case_sensitive=case_sensitive)
        except (InvalidOperation, ValueError) as error:
            # guess[compared-type]: a value of another type is refused; the text is not known.
            raise invalid_request(f"The value {value!r} cannot be compared with the field {self.name}") from error

    def held(self, record: Record, *, case_sensitive: bool = True) -> Any:  # noqa: ANN401 - of the field's type
        """Return the record's value in the same form, None where it is empty."""
        try:
            return self._compared(self.read(record), case_sensitive=case_sensitive)
        except (InvalidOperation, ValueError):
            # A custom object may hold such a value from before its field was declared with a type.
            return None

    def _compared(self, value: object, *, case_sensitive: bool) -> Any:  # noqa: ANN401 - of the field's type
        if value is None:
            return None
        if self.kind in NUMERIC:
            return _number(value)
        if self.kind in DATED:
            return _instant(str(value))
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

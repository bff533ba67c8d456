"""What the server must hold after some rows, one after another: a model so plain that it can be checked by reading."""

from collections import Counter
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from random_syncs import BY_ID, BY_KEY, BY_NAME, INVOICES, LINED, OWN_IDS, Operation, Row

Json = Any
Outcomes = frozenset[str]

_SHOWN = ("id", "name", "taxId", "creditLimit", "notes")
_HELD = (*_SHOWN, "status")
_NEW = {"status": "active"}  # what the server fills in
_FOUND_BY = {BY_ID: {"id"}, BY_NAME: {"id", "name", "taxId"}, BY_KEY: set()}
_NUMBERED = "CUST-0"  # the ids that the server gives by itself begin so


def customer(values: Json) -> tuple[str, ...]:
    """Return what is compared of a customer, digits included; an id that the server gave counts as any."""
    shown = {**values, "id": "*" if values["id"].startswith(_NUMBERED) else values["id"]}
    return tuple(_text(shown.get(name)) for name in _SHOWN)


def invoice(values: Json) -> tuple[str, ...]:
    """Return what is compared of an invoice."""
    number = values["referenceNumber"] or values["invoiceNumber"]
    return values["customer"]["id"], number, *(line["txnAmount"] for line in values["lines"])


def _text(value: Json) -> str:
    return str(value)


class Books:
    """Takes rows one after another and says what may become of each.

    Args:
        customers: what the server holds before.
        operation: of the stream `by_id`.
        skips: unchanged rows are not written.
        keeps_newest: a row of the stream `by_name` is skipped that is older than one that was delivered.
    """

    def __init__(
        self, customers: Iterable[Json], operation: Operation, *, skips: bool, keeps_newest: bool = False
    ) -> None:
        self._customers: dict[Json, Json] = {each["id"]: {name: each[name] for name in _HELD} for each in customers}
        self._ids = {each["key"]: each["id"] for each in customers}
        self._invoices: dict[Json, tuple[str, ...]] = {}
        self._operation = operation
        self._skips = skips
        self._newest: dict[Json, Json] | None = {} if keeps_newest else None

    @property
    def customers(self) -> Counter[tuple[str, ...]]:
        return Counter(customer(each) for each in self._customers.values())

    @property
    def invoices(self) -> Counter[tuple[str, ...]]:
        return Counter(self._invoices.values())

    @property
    def _ids_of_customers(self) -> list[str]:
        return [each["id"] for each in self._customers.values()]

    def take(self, row: Row) -> Outcomes:
        """Enter one row; return what it may come to."""
        if row.is_unsendable or row.is_spoilt:
            return frozenset({"rejected"})
        body = {
            name: value for name, value in row.data.items() if value is not None and name not in {"row", "key", "at"}
        }
        take = {
            BY_ID: self._by_id,
            BY_NAME: self._by_name,
            OWN_IDS: self._own_id,
            INVOICES: self._invoice,
            BY_KEY: self._by_key,
            LINED: self._line,
        }
        return take[row.stream](row, body)

    def _by_id(self, row: Row, body: Json) -> Outcomes:
        if "id" not in body or row.is_refused:
            return frozenset({"rejected"})
        if body["id"] not in self._customers and body["id"].casefold() in map(str.casefold, self._ids_of_customers):
            return frozenset({"rejected"})
        if self._operation == "insert" and body["id"] in self._customers:
            return frozenset({"skipped"})
        return self._written(row, body["id"], body, self._operation)

    def _by_name(self, row: Row, body: Json) -> Outcomes:
        place, at = (body["name"], body["taxId"]), row.data["at"]
        if self._newest is not None and at is not None and at < self._newest.get(place, at):
            return frozenset({"skipped"})
        outcomes = self._written(row, place, {"id": _NUMBERED, **body}, "upsert")
        if self._newest is not None and at is not None and "rejected" not in outcomes:
            self._newest[place] = at
        return outcomes

    def _by_key(self, row: Row, body: Json) -> Outcomes:
        found = self._ids.get(str(row.data["key"]))
        if row.data["key"] is None:
            return frozenset({"rejected"})
        if not body:
            return frozenset({"unchanged"})
        return frozenset({"rejected"}) if found is None else self._written(row, found, body, "update")

    def _own_id(self, row: Row, body: Json) -> Outcomes:
        # Without an id, only the primary key tells rows of equal values apart.
        place = body.get("id") or (row.data["row"], *(_text(body.get(name)) for name in _HELD))
        if row.is_refused:
            return frozenset({"rejected"})
        held = self._customers.setdefault(place, {"id": _NUMBERED, **_NEW, **body})
        return frozenset({"created"}) if self._holds(held, body) else frozenset({"rejected"})

    def _invoice(self, row: Row, body: Json) -> Outcomes:
        if row.is_refused:
            return frozenset({"rejected"})
        # The same row that comes again is not booked again; with other values it is another row.
        reference = body["referenceNumber"]
        self._invoices[row.data["row"], reference] = (body["customer__id"], reference, body["lines"][0]["txnAmount"])
        return frozenset({"created"})

    def _line(self, _row: Row, body: Json) -> Outcomes:
        booked = self._invoices.get(body["no"], (body["customer"], body["no"]))
        self._invoices[body["no"]] = (*booked, body["amount"])
        return frozenset({"created"})

    def _written(self, row: Row, place: Json, body: Json, operation: Operation) -> Outcomes:
        held = self._customers.get(place)
        if row.is_refused or (held is None and operation == "update"):
            return frozenset({"rejected"})
        if held is None:
            self._customers[place] = _NEW | body
            return frozenset({"created"})
        change = {name: value for name, value in body.items() if name not in _FOUND_BY[row.stream]}
        if not change:
            return frozenset({"unchanged"})
        is_unchanged = self._holds(held, change)
        if not is_unchanged:
            self._customers[place] = {**held, **change}
        # What this sync itself has written is not always compared: a write in vain, but no wrong one.
        return frozenset({"unchanged", "updated"}) if self._skips and is_unchanged else frozenset({"updated"})

    def _holds(self, held: Json, body: Json) -> bool:
        return all(name in held and _same(held[name], value) for name, value in body.items())


def _same(held: Json, value: Json) -> bool:
    if isinstance(value, int | Decimal) and isinstance(held, int | Decimal):
        return Decimal(held) == Decimal(value)
    return bool(held == value)

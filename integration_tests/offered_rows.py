"""Rows made from what discover offers: a value for every field, and records for the references to lead to."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from emulator_process import EmulatorProcess

Json = Any
Row = dict[str, Json]

_REFERENCE = re.compile(r"The (?:ID|record key) of a record of (\S+)\.(?: |$)")
_FIXED = "never changed"
_NOT_READ = "Cannot be read back"
# Of the states that the model lists, a new document takes just this one (Sage's OpenAPI).
_ONLY = {"Invoice": {"state": "draft"}, "Bill": {"state": "draft"}}
# Whom documents are for must be active, and a bill is found by its vendor.
_SAME = ("vendor", "customer", "status")

_CONTACT = "company-config/contact"
_HELD: tuple[tuple[str, Row], ...] = (
    ("company-config/location", {"name": "Place"}),
    ("company-config/department", {"name": "Department"}),
    (_CONTACT, {"printAs": "Anyone"}),
    ("general-ledger/journal", {"name": "Journal"}),
    ("general-ledger/account", {"name": "Account"}),
    ("accounts-receivable/account-label", {"description": "Label", "glAccount": {"id": "R1"}}),
    ("accounts-payable/account-label", {"description": "Label", "glAccount": {"id": "R1"}}),
    ("accounts-receivable/term", {"due": {"days": 15}}),
    ("accounts-payable/term", {"due": {"days": 15}}),
    ("accounts-receivable/customer", {"name": "Customer"}),
    ("accounts-payable/vendor", {"name": "Vendor"}),
    ("company-config/employee", {"primaryContact": {"id": "R1"}}),
    ("projects/project", {"name": "Project", "category": "contract"}),
    ("projects/task", {"name": "Task", "project": {"id": "R1"}}),
    ("construction/cost-type", {"name": "Cost type", "project": {"id": "R1"}, "task": {"id": "R1"}}),
    ("company-config/class", {"name": "Class"}),
    ("inventory-control/item", {"name": "Item", "itemType": "nonInventory", "costMethod": "standard"}),
    ("company-config/user", {"accountEmail": "r@example.com", "contact": {"id": "R1"}}),
    ("company-config/folder", {}),
    ("company-config/attachment", {"name": "Attachment", "folder": {"id": "R1"}}),
    ("general-ledger/txn-allocation-template", {"lines": [{"value": "100", "dimensions": {"location": {"id": "R1"}}}]}),
)


@dataclass(frozen=True)
class References:
    """The keys of two records of each object that the emulator has; their ids are R1 and R2."""

    keys: dict[str, tuple[str, ...]]

    def value(self, target: str, member: str, number: int) -> str:
        """Return the id or the key of the first or second record; of an object without records any text will do."""
        target = _CONTACT if target == "company-config/contact-version" else target
        return self.keys[target][number - 1] if member == "key" and target in self.keys else f"R{number}"


def hold_references(emulator: EmulatorProcess) -> References:
    """Make the records that references lead to."""
    keys = {path: emulator.hold(path, *({"id": each, **body} for each in ("R1", "R2"))) for path, body in _HELD}
    return References({path: tuple(held) for path, held in keys.items()})


def row(operation: Json, references: References, number: int) -> Row:
    """Return a row with a value for every field of an operation; another `number`, 1 or 2, gives other values."""
    return _values(operation["json_schema"]["properties"], references, number) | {
        name: value
        for name, value in _ONLY.get(operation["object_name"], {}).items()
        if name in operation["json_schema"]["properties"]
    }


def differences(given: Row, held: Json) -> Iterator[str]:
    """Yield the fields of a row, by dotted name, that a record does not hold with just that value.

    A reference goes out by its key where the row gives that too; the id of one to an object that the emulator does not
    hold is then not known there.
    """
    for name, value in given.items():
        found = _at(held, name)
        if found is None and name.endswith(".id") and f"{name.removesuffix('.id')}.key" in given:
            continue
        if isinstance(value, list) and isinstance(value[0], dict):
            if len(found or ()) != len(value):
                yield f"{name}: {found} instead of {value}"
            else:
                for line, own in zip(value, found, strict=True):
                    yield from (f"{name}: {each}" for each in differences(line, own))
        elif not _same(value, found):
            yield f"{name}: {found!r} instead of {value!r}"


def readable(operation: Json, given: Row) -> Row:
    """Return what of a row a record can be read back with."""
    properties = operation["json_schema"]["properties"]
    hidden = {name for name, each in properties.items() if _NOT_READ in each.get("description", "")} | {"key"}
    return {name: value for name, value in given.items() if name not in hidden}


def _values(properties: Json, references: References, number: int) -> Row:
    return {name: _value(name, schema, references, number) for name, schema in properties.items()}


def _value(name: str, schema: Json, references: References, number: int) -> Json:
    reference = _REFERENCE.match(schema.get("description", ""))
    if name.partition(".")[0] in _SAME or _FIXED in schema.get("description", ""):
        number = 1
    if reference:
        return references.value(reference[1], name.rpartition(".")[2], number)
    if "enum" in schema:
        allowed = [each for each in schema["enum"] if each]
        return allowed[(number - 1) % len(allowed)]
    match schema["type"], schema.get("format"):
        case "string", "date":
            return f"2026-02-1{number}"
        case "string", "date-time":
            return f"2026-02-1{number}T08:00:00Z"
        case "number", _:
            return 10 + number + 0.25
        case "integer", _:
            return 10 + number
        case "boolean", _:
            return number == 1
        case "array", _:
            return _entries(schema, references, number)
    return f"{name.rpartition('.')[2]} {number}"


def _entries(schema: Json, references: References, number: int) -> list[Json]:
    items = schema["items"]
    if items.get("type") == "string":
        return [f"value {number}"]
    if "properties" not in items:
        return [{"memo": f"memo {number}"}]
    # An entry whose debits equal its credits, where it matters.
    sides = ("debit", "credit") if "txnType" in items["properties"] else ("",)
    whole = _values(items["properties"], references, number)
    return [whole | ({"txnType": side} if side else {}) for side in sides]


def _at(held: Json, path: str) -> Json:
    for name in path.split("."):
        held = held.get(name) if isinstance(held, dict) else None
    return held


def _same(given: Json, held: Json) -> bool:
    if isinstance(given, bool) or not isinstance(given, int | float):
        return bool(given == held)
    return held is not None and Decimal(str(given)) == Decimal(str(held))

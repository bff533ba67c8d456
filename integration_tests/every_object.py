"""One example of each object, what it refers to, and how a warehouse would give it: for tests of every object.

The bodies are our own, in the shape of the create examples of Sage's reference; those can be read in their place.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
from emulator_process import EmulatorProcess

SAGES_EXAMPLES = Path(__file__).resolve().parents[2] / "shared" / "data" / "sage" / "examples"

Json = Any

_DECODER = msgspec.json.Decoder(float_hook=Decimal)
ENCODER = msgspec.json.Encoder(decimal_format="number")

CUSTOMER, VENDOR = "accounts-receivable/customer", "accounts-payable/vendor"
LOCATION, DEPARTMENT, CLASS = "company-config/location", "company-config/department", "company-config/class"
FOLDER, USER = "company-config/folder", "company-config/user"
CONTACT, EMPLOYEE, PROJECT = "company-config/contact", "company-config/employee", "projects/project"
ACCOUNT, JOURNAL, ENTRY = "general-ledger/account", "general-ledger/journal", "general-ledger/journal-entry"
INVOICE, BILL = "accounts-receivable/invoice", "accounts-payable/bill"
SUBSCRIPTION = "platform-apps/nsp::subscription"


@dataclass(frozen=True)
class Subject:
    """An object under test: the field that identifies a record, one with a text, and a body to create one."""

    label: str
    path: str
    natural_key: str
    text: str
    body: Mapping[str, Json]

    @property
    def settings(self) -> dict[str, Json]:
        """Return its part of the entry in `streams`."""
        if self.path.startswith("platform-apps/"):
            return {"object_type": "Custom object", "custom_object_path": self.path}
        return {"object_type": self.label}


_AMOUNTS = {"txnCurrency": "EUR", "exchangeRate": {"date": "2026-01-31", "typeId": "Daily", "rate": Decimal("0.05112")}}
_PLACE = {"location": {"id": "CA"}, "department": {"id": "SA"}}
SUBJECTS = (
    Subject(
        "Customer", CUSTOMER, "id", "name", {"id": "C-1", "name": "Überlingen", "creditLimit": Decimal("50000.01")}
    ),
    Subject(
        "Vendor", VENDOR, "id", "name", {"id": "V-1", "name": "Works", "billPayment": {"defaultDateOptions": "none"}}
    ),
    Subject(
        "Invoice",
        INVOICE,
        "invoiceNumber",
        "description",
        {
            "invoiceNumber": "I-0034",
            "customer": {"id": "C-00019"},
            "term": {"id": "N15"},
            "invoiceDate": "2026-01-31",
            "dueDate": "2026-02-28",
            "currency": _AMOUNTS,
            "contacts": {"payTo": {"id": "Mary"}},
            "lines": [
                {"txnAmount": "100.40", "glAccount": {"id": "5004"}, "dimensions": _PLACE},
                {"txnAmount": "-10.00", "accountLabel": {"id": "SWL001"}, "dimensions": {"customer": {"id": "1652"}}},
            ],
        },
    ),
    Subject(
        "Bill",
        BILL,
        "billNumber",
        "description",
        {
            "billNumber": "B-0034",
            "vendor": {"id": "1099 Int"},
            "createdDate": "2026-01-31",
            "dueDate": "2026-02-28",
            "isOnHold": True,
            "currency": _AMOUNTS,
            "lines": [{"txnAmount": "5.10", "glAccount": {"id": "6000"}, "dimensions": _PLACE, "memo": "Paper"}],
        },
    ),
    Subject(
        "Journal Entry",
        ENTRY,
        "referenceNumber",
        "description",
        {
            "referenceNumber": "J-0034",
            "glJournal": {"id": "EJ"},
            "postingDate": "2026-01-31",
            "description": "January",
            "lines": [
                {"txnType": "credit", "txnAmount": "200.10", "glAccount": {"id": "1000"}, "dimensions": _PLACE},
                {"txnType": "debit", "txnAmount": "200.10", "glAccount": {"id": "6000"}, "documentId": "Jan-1"},
            ],
        },
    ),
    Subject(
        "Employee",
        EMPLOYEE,
        "id",
        "jobTitle",
        {"id": "E-1", "primaryContact": {"id": "Mary"}, "startDate": "2026-01-31", "manager": {"id": "MGR-CS"}},
    ),
    Subject(
        "Contact",
        CONTACT,
        "id",
        "companyName",
        {
            "id": "Ada",
            "printAs": "Ada King",
            "email1": "ada@example.com",
            "mailingAddress": {"city": "Köln", "postCode": "00501"},
            "tax": {"isTaxable": True},
        },
    ),
    Subject(
        "Project",
        PROJECT,
        "id",
        "description",
        {
            "id": "P-1",
            "name": "Roll-out",
            "category": "contract",
            "contractAmount": "15000.00",
            "parent": {"key": "9"},
            "customer": {"key": "13"},
            "budget": {"billingAmount": "10000.00"},
        },
    ),
    Subject(
        "GL Account",
        ACCOUNT,
        "id",
        "name",
        {
            "id": "1501",
            "name": "Spare parts",
            "accountType": "balanceSheet",
            "normalBalance": "debit",
            "requireDimensions": {"department": True, "location": False},
        },
    ),
    Subject(
        "Subscription",
        SUBSCRIPTION,
        "name",
        "nsp::NOTE",
        {
            "name": "Gold",
            "nsp::NOTE": "First",
            "nsp::FEE": "19.90",
            "nsp::SINCE": "2026-01-31",
            "nsp::RENEWS": True,
            "nsp::r10007": {"key": "1099 Int"},
        },
    ),
)

_LINES = ("accounts-receivable/invoice-line", "accounts-payable/bill-line", "general-ledger/journal-entry-line")
_REGION = {"nsp::REGION": {"type": "string"}}
_SEATS = {"nsp::SEATS": {"type": "integer"}}
_OF_A_SUBSCRIPTION = {
    "nsp::NOTE": {"type": "string"},
    "nsp::FEE": {"type": "string", "format": "decimal-precision-2"},
    "nsp::SINCE": {"type": "string", "format": "date"},
    "nsp::RENEWS": {"type": "boolean"},
}

# What the examples refer to, Sage's own included. One that they name by its key is held here with that as its id.
_HELD: tuple[tuple[str, tuple[str, ...], Mapping[str, Json]], ...] = (
    (LOCATION, ("CA", "1", "4"), {"name": "Place"}),
    (DEPARTMENT, ("SA", "TS", "10", "11"), {"name": "Department"}),
    (JOURNAL, ("EJ",), {"name": "Expenses"}),
    (ACCOUNT, ("1000", "5004", "6000"), {"name": "Account"}),
    ("accounts-receivable/account-label", ("SWL001",), {"description": "Label", "glAccount": {"id": "5004"}}),
    ("accounts-receivable/term", ("N15",), {"due": {"days": 15}}),
    (CONTACT, ("Mary", "1099 Int", "Power Aerospace Materials(C1)", "1", "2"), {"printAs": "Anyone"}),
    (CUSTOMER, ("C-00019", "1652", "1", "13"), {"name": "Customer"}),
    (VENDOR, ("1099 Int",), {"name": "Vendor"}),
    (EMPLOYEE, ("MGR-CS", "10", "15"), {"primaryContact": {"id": "Mary"}}),
    (CLASS, ("1", "3"), {"name": "Class"}),
    (USER, ("1",), {"accountEmail": "mary@example.com", "contact": {"id": "Mary"}}),
    ("inventory-control/item", ("12",), {"name": "Item", "itemType": "nonInventory", "costMethod": "standard"}),
    (FOLDER, ("Receipts", "10"), {}),
    ("company-config/attachment", ("atch1",), {"name": "Receipt", "folder": {"id": "Receipts"}}),
    (PROJECT, ("8", "9", "10"), {"name": "Project", "category": "contract"}),
)
_BY_KEY = {"department": DEPARTMENT, "location": LOCATION, "customer": CUSTOMER, "primary": CONTACT, "billTo": CONTACT}
_BY_KEY |= {
    "nsp::r10007": VENDOR,
    "class": CLASS,
    "attachmentFolder": FOLDER,
    "customerUser": USER,
    "parent": PROJECT,
    "wipScheduleProject": PROJECT,
    "manager": EMPLOYEE,
    "salesContact": EMPLOYEE,
}


def prepare(emulator: EmulatorProcess) -> None:
    """Declare the custom fields and hold what the examples refer to, in an emulator without demo data."""
    emulator.reset()
    for subject in SUBJECTS:
        if subject.path != SUBSCRIPTION:
            emulator.declare_fields(subject.path, _REGION)
    for path in _LINES:
        emulator.declare_fields(path, _SEATS)
    refs = {"nsp::r10007": {"apiObject": VENDOR}}
    emulator.declare_fields(SUBSCRIPTION, _REGION | _OF_A_SUBSCRIPTION, refs)
    for path, ids, body in _HELD:
        emulator.hold(path, *({"id": each, **body} for each in ids))


def sages_body(subject: Subject) -> dict[str, Json]:
    """Return the first create example of Sage's reference; our own of a custom object, which Sage has none of."""
    if subject.path == SUBSCRIPTION:
        return dict(subject.body)
    examples = _DECODER.decode((SAGES_EXAMPLES / f"{subject.path.replace('/', '.')}.json").read_bytes())
    creating = examples[f"POST /objects/{subject.path}"]
    first: dict[str, Json] = next(each["body"] for each in creating if each["kind"] == "Request example")
    return first


def completed(subject: Subject, body: Mapping[str, Json], emulator: EmulatorProcess) -> dict[str, Json]:
    """Return an example with custom fields, a natural key and a text, its references by key at records held here."""
    keys = {(path, each["id"]): each["key"] for path, _, _ in _HELD for each in emulator.records(path)}

    def pointed(value: Json, name: str) -> Json:
        if isinstance(value, list):
            return [{**pointed(line, ""), "nsp::SEATS": place} for place, line in enumerate(value, 1)]
        if not isinstance(value, dict):
            return value
        if value.keys() == {"key"} and name in _BY_KEY:
            return {"key": keys[_BY_KEY[name], value["key"]]}
        return {inner: pointed(each, inner) for inner, each in value.items()}

    of_every = {subject.natural_key: "N-0034", subject.text: "Text", "nsp::REGION": "West"}
    own: dict[str, Json] = pointed(dict(body), "")
    return of_every | own


def leaves(body: Mapping[str, Json], prefix: str = "", between: str = ".") -> Iterator[tuple[str, Json]]:
    """Yield the fields of a nested body by their paths; lists are fields as a whole."""
    for name, value in body.items():
        if isinstance(value, dict):
            yield from leaves(value, f"{prefix}{name}{between}", between)
        else:
            yield prefix + name, value


def dotted(body: Mapping[str, Json]) -> dict[str, Json]:
    """Express a body as columns with dots; lines are an array whose keys have dots too."""
    return {name: [dict(leaves(each)) for each in value] if _is_list(value) else value for name, value in leaves(body)}


def underscored(body: Mapping[str, Json]) -> dict[str, Json]:
    """Express a body as columns with `__`, amounts as numbers and lines as JSON text."""
    return {
        name: ENCODER.encode(_numbers(value)).decode() if _is_list(value) else _numbers(value)
        for name, value in leaves(body, between="__")
    }


def _is_list(value: Json) -> bool:
    return isinstance(value, list)


def _numbers(value: Json) -> Json:
    if isinstance(value, list):
        return [_numbers(each) for each in value]
    if isinstance(value, dict):
        return {name: _numbers(each) for name, each in value.items()}
    return Decimal(value) if isinstance(value, str) and re.fullmatch(r"-?\d+\.\d+", value) else value

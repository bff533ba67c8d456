"""What a fresh company holds: entities, and with demo data what the samples of the documentation refer to."""

from typing import Any

from intacct_emulator.checking import Json
from intacct_emulator.objects_service import ObjectsService
from intacct_emulator.scope import Scope
from intacct_emulator.store import ENTITIES, Store

_ENTITIES = (("100", "United States"), ("200", "United Kingdom"), ("300", "Closed books"))

_NAMED: dict[str, tuple[tuple[str, str], ...]] = {
    "company-config/location": (("US", "United States"), ("CA", "California"), ("UK", "United Kingdom")),
    "company-config/department": (("SA", "Sales"), ("ENG", "Engineering"), ("FIN", "Finance")),
    "general-ledger/journal": (("EJ", "Expense Journal"), ("GJ", "General Journal"), ("PYRJ", "Payroll Journal")),
}

_ACCOUNTS = (
    ("1000", "Cash", "balanceSheet", "debit"),
    ("1200", "Accounts Receivable", "balanceSheet", "debit"),
    ("2000", "Accounts Payable", "balanceSheet", "credit"),
    ("4000", "Revenue", "incomeStatement", "credit"),
    ("5004", "Services Revenue", "incomeStatement", "credit"),
    ("6000", "Salaries", "incomeStatement", "debit"),
    ("6100", "Office Supplies", "incomeStatement", "debit"),
)

_CONTACTS = (("AMoore", "Andy", "Moore"), ("BLee", "Bo", "Lee"), ("Mary", "Mary", "Vanitha"))

_CUSTOMERS: tuple[Json, ...] = (
    {"id": "CUST-100", "name": "Power Aerospace Materials", "creditLimit": 20000, "nsp::REGION": "West"},
    {"id": "CUST-200", "name": "Logic Solutions", "nsp::REGION": "East"},
    {"id": "CUST-300", "name": "Starluck", "status": "inactive"},
)

_VENDORS: tuple[Json, ...] = (
    {"id": "VEND-100", "name": "Pacific Bell"},
    {"id": "VEND-200", "name": "Office Direct"},
)


def fill(store: Store, objects: ObjectsService, *, demo_data: bool) -> None:
    """Creates the entities and, if wanted, the demo data."""
    _create(store, objects, ENTITIES, [{"id": key, "name": name} for key, name in _ENTITIES])
    if not demo_data:
        return
    for path, rows in _NAMED.items():
        _create(store, objects, path, [{"id": key, "name": name} for key, name in rows])
    for path in ("accounts-receivable/term", "accounts-payable/term"):
        _create(store, objects, path, [{"id": f"N{days}", "due": {"days": days}} for days in (15, 30)])
    _create(store, objects, "general-ledger/account", [_account(*row) for row in _ACCOUNTS])
    for path in ("accounts-receivable/account-label", "accounts-payable/account-label"):
        _create(store, objects, path, [{"id": "SWL001", "description": "Services", "glAccount": {"id": "5004"}}])
    _create(store, objects, "company-config/contact", [_contact(*row) for row in _CONTACTS])
    _create(store, objects, "accounts-receivable/customer", [dict(row) for row in _CUSTOMERS])
    _create(store, objects, "accounts-payable/vendor", [dict(row) for row in _VENDORS])


def _account(number: str, name: str, kind: str, balance: str) -> Json:
    return {"id": number, "name": name, "accountType": kind, "normalBalance": balance}


def _contact(contact_id: str, first: str, last: str) -> Json:
    return {"id": contact_id, "firstName": first, "lastName": last, "printAs": f"{first} {last}"}


def _create(store: Store, objects: ObjectsService, path: str, bodies: list[dict[str, Any]]) -> None:
    table = store.table(path)
    if table is None:
        raise LookupError(f"There is no object {path} to fill with demo data")
    for body in bodies:
        objects.create(table, body, Scope())

"""What is posted to the general ledger: the documents that are no drafts, each with its entries.

A document that was reversed stays in the ledger, and its reversal is there too: together they come to zero.
"""

from collections.abc import Iterator
from decimal import Decimal

from intacct_emulator.checking import Json
from intacct_emulator.rules import BILL, DATES, ENTRY, EXPENSES, INVOICE
from intacct_emulator.states import is_posted, state_of
from intacct_emulator.store import Record, Store, Table
from intacct_emulator.totals import negated

_CARD_PURCHASE = "cash-management/credit-card-txn"

# The side of a line's account, and what the other side is called: a company chooses the accounts of that side.
# guess[offset-account]: the other side has no account here, unless the line names one.
_SIDES = {
    BILL: ("debit", "accounts payable"),
    INVOICE: ("credit", "accounts receivable"),
    # guess[posted-expenses]: an expense report is posted when it is approved, a purchase with a card at once.
    EXPENSES: ("debit", "employees"),
    _CARD_PURCHASE: ("debit", "credit card"),
}
_OTHER = {"debit": "credit", "credit": "debit"}
_DATES = {**DATES, EXPENSES: ("createdDate",), _CARD_PURCHASE: ("txnDate",)}
_NUMBERS = ("billNumber", "invoiceNumber", "expenseReportNumber", "referenceNumber")


def posted(store: Store) -> Iterator[Json]:
    """Yield the posted documents of all entities, object by object in the order of their keys.

    Each has `object`, `key`, `number`, `date`, `state`, `entity`, `currency` and its `entries`: `line` (its key),
    `account`, `txnType` (debit or credit), `txnAmount` (in the document's currency, never negative) and `location`.
    """
    for path in (*_SIDES, ENTRY):
        table = store.table(path)
        if table is not None:
            for record in table.records.values():
                if is_posted(table.schema, record.values):
                    yield _document(store, table, record)


def _document(store: Store, table: Table, record: Record) -> Json:
    path, values = table.schema.path, record.values
    return {
        "object": path,
        "key": record.key,
        "number": _first(values, _NUMBERS),
        "date": _first(values, _DATES[path]),
        "state": state_of(table.schema, values),
        "entity": record.entity,
        "currency": (values.get("currency") or {}).get("txnCurrency"),
        "entries": [entry for line in values.get("lines") or () for entry in _entries(store, path, line)],
    }


def _first(values: Json, names: tuple[str, ...]) -> str | None:
    return next((values[name] for name in names if values.get(name)), None)


def _entries(store: Store, path: str, line: Json) -> Iterator[Json]:
    """Yield the entries of a line: two that balance, and one of a line that is an entry itself."""
    account = _account(store, path, line)
    if path == ENTRY:
        yield _entry(line, account, line["txnType"])
        return
    side, other = _SIDES[path]
    yield _entry(line, account, side)
    yield _entry(line, _id(line, "overrideOffsetGLAccount") or other, _OTHER[side])


def _entry(line: Json, account: str | None, side: str) -> Json:
    amount = line["txnAmount"]
    if Decimal(amount) < 0:
        side, amount = _OTHER[side], negated(amount)
    location = _id(line.get("dimensions") or {}, "location")
    return {"line": line["key"], "account": account, "txnType": side, "txnAmount": amount, "location": location}


def _account(store: Store, path: str, line: Json) -> str | None:
    """Return the id of a line's account: its own, or that of its label or type of expense."""
    through = (line.get("accountLabel"), _label_of(path)), (line.get("expenseType"), "expenses/employee-expense-type")
    account = _id(line, "glAccount")
    for reference, target in through:
        table = store.table(target)
        named = table.records.get((reference or {}).get("key") or "") if table is not None else None
        if account is None and named is not None:
            account = _id(named.values, "glAccount")
    return account


def _label_of(path: str) -> str:
    return "accounts-receivable/account-label" if path == INVOICE else "accounts-payable/account-label"


def _id(values: Json, reference: str) -> str | None:
    found = (values.get(reference) or {}).get("id")
    return found if isinstance(found, str) else None

"""The company that the clients of `real_clients` work in, and the bodies that Fyle's product writes there."""

from dataclasses import dataclass
from typing import Any

Json = Any

BILL, ENTRY, PAYMENT = "accounts-payable/bill", "general-ledger/journal-entry", "accounts-payable/payment"
CARD_TXN, EXPENSE = "cash-management/credit-card-txn", "expenses/employee-expense"
ATTACHMENT, FOLDER = "company-config/attachment", "company-config/folder"
TRAVEL = "platform-apps/nsp::travel"

_NOTHING: Json = {"id": None}
_NOTHING_AT_ALL: Json = {"id": None, "key": None}

# Fyle names every dimension of each line; one that the expense does not have is an empty reference.
DIMENSIONS: Json = {
    "location": {"id": "CA"},
    "department": {"id": "SA"},
    "project": {"id": "P-1"},
    "customer": {"id": "CUST-100"},
    "vendor": _NOTHING,
    "employee": _NOTHING,
    "item": {"id": "I-1"},
    "task": {"id": "T-1"},
    "costType": {"id": "LABOR"},
    "class": {"id": "C-1"},
}
_TAXES = [{"purchasingTaxDetail": {"id": None}}]
_BILL_LINE = {
    "glAccount": {"id": "6100"},
    "txnAmount": "123.00",
    "totalTxnAmount": "123.00",
    "memo": "ann@example.com - Supplies",
    "allocation": _NOTHING,
    "dimensions": DIMENSIONS,
    "project": {"isBillable": None},
    "taxEntries": _TAXES,
}
_ENTRY_LINE = {
    "txnAmount": "123.00",
    "isBillable": None,
    "description": "ann@example.com - Supplies",
    "allocation": _NOTHING,
    "dimensions": {**DIMENSIONS, "vendor": {"id": "VEND-100"}},
}


@dataclass(frozen=True)
class Written:
    """An object, and a body of it that its client writes, or that one takes for granted."""

    path: str
    body: Json
    has_status: bool = False

    def __str__(self) -> str:
        return self.path


def bill(number: str, **parts: Json) -> Json:
    """Return a bill; `parts` are in the place of its own or of its line's."""
    line = {**_BILL_LINE, **{name: part for name, part in parts.items() if name in _BILL_LINE}}
    head = {name: part for name, part in parts.items() if name not in _BILL_LINE}
    return {
        "createdDate": "2026-01-05",
        "vendor": {"id": "VEND-100"},
        "billNumber": number,
        "dueDate": "2026-01-15",
        "currency": {"baseCurrency": "USD", "txnCurrency": "USD"},
        "attachment": _NOTHING,
        "lines": [line],
        **head,
    }


def entry(**parts: Json) -> Json:
    """Return a journal entry of which the debit has taxes."""
    taxes = [{"txnTaxAmount": None, "taxDetail": {"id": None}}]
    return {
        "glJournal": {"id": "EJ"},
        "postingDate": "2026-01-05",
        "description": "Expenses of Ann",
        "attachment": _NOTHING,
        "lines": [
            {**_ENTRY_LINE, "txnType": "debit", "glAccount": {"id": "6100"}, "taxEntries": taxes},
            {**_ENTRY_LINE, "txnType": "credit", "glAccount": {"id": "2000"}},
        ],
        **parts,
    }


CARD_PURCHASE: Json = {
    "creditCardAccount": {"id": "Visa"},
    "txnDate": "2026-01-05",
    "referenceNumber": "E/2026/01/T/1",
    "payee": "Office Direct",
    "description": "ann@example.com",
    "isInclusiveTax": False,
    "currency": {"baseCurrency": "USD", "txnCurrency": "USD"},
    "taxSolution": _NOTHING_AT_ALL,
    "attachment": _NOTHING_AT_ALL,
    "lines": [
        {
            "glAccount": {"id": "6100"},
            "description": "Supplies",
            "txnAmount": "123.00",
            "totalTxnAmount": "123.00",
            "dimensions": {**DIMENSIONS, "vendor": {"id": "VEND-100"}},
            "taxEntries": _TAXES,
            "isBillable": False,
            "isBilled": False,
        }
    ],
}
EXPENSE_REPORT: Json = {
    "state": "submitted",
    "expenseReportNumber": "E/2026/01/T/2",
    "createdDate": "2026-01-05",
    "description": "ann@example.com",
    "employee": {"id": "E-1"},
    "attachment": _NOTHING,
    "basePayment": {"baseCurrency": "USD"},
    "reimbursement": {"reimbursementCurrency": "USD"},
    "lines": [
        {
            "expenseType": {"id": "Meals"},
            "glAccount": _NOTHING,
            "paymentType": {"id": "Own card"},
            "isBillable": False,
            "txnAmount": "123.0",
            "entryDate": "2026-01-05",
            "paidTo": "Office Direct",
            "dimensions": {**DIMENSIONS, "employee": {"id": "E-1"}},
        }
    ],
}


def payment(bill_key: str) -> Json:
    """Return a payment of a bill."""
    return {
        "financialEntity": {"id": "Checking"},
        "paymentDate": "2026-01-15",
        "description": "Payment of a bill",
        "baseCurrency": {"currency": "USD"},
        "txnCurrency": {"currency": "USD"},
        "paymentMethod": "Cash",
        "vendor": {"id": "VEND-100"},
        "details": [{"txnCurrency": {"paymentAmount": "123.00"}, "bill": {"key": bill_key}}],
    }


def attachment(attachment_id: str) -> Json:
    """Return an attachment of one file."""
    files = [{"name": "receipt - 1.png", "data": "aGVsbG8="}]
    return {"id": attachment_id, "name": attachment_id, "folder": {"id": "FyleAttachments"}, "files": files}


_SHARE = {"value": "100", "dimensions": {"location": {"id": "US"}, "department": {"id": "FIN"}}}

# In the order in which each refers to those before it.
COMPANY = (
    Written("projects/project", {"id": "P-1", "name": "Bridge", "category": "contract"}, has_status=True),
    Written("projects/task", {"id": "T-1", "name": "Digging", "project": {"id": "P-1"}}),
    Written(
        "construction/cost-type",
        {"id": "LABOR", "name": "Labor", "project": {"id": "P-1"}, "task": {"id": "T-1"}},
        has_status=True,
    ),
    Written(
        "inventory-control/item",
        {"id": "I-1", "name": "Hours", "itemType": "nonInventory", "costMethod": "standard"},
        has_status=True,
    ),
    Written("company-config/class", {"id": "C-1", "name": "Retail"}, has_status=True),
    Written("company-config/employee", {"id": "E-1", "primaryContact": {"id": "AMoore"}}, has_status=True),
    Written(
        "expenses/employee-expense-type",
        {"id": "Meals", "description": "Meals out", "glAccount": {"id": "6100"}},
        has_status=True,
    ),
    Written("expenses/employee-expense-payment-type", {"id": "Own card"}, has_status=True),
    Written(
        "cash-management/credit-card-account",
        {"id": "Visa", "accountDetails": {"accountType": "credit"}},
        has_status=True,
    ),
    Written(
        "cash-management/checking-account",
        {"id": "Checking", "bankAccountDetails": {"bankName": "First"}},
        has_status=True,
    ),
    Written("cash-management/savings-account", {"id": "Savings"}, has_status=True),
    Written("general-ledger/txn-allocation-template", {"id": "RENT", "lines": [_SHARE]}, has_status=True),
    Written("tax/tax-detail", {"id": "Sales tax", "taxPercent": "8.5", "taxType": "purchase"}, has_status=True),
    Written(
        "company-config/user",
        {"id": "ann", "accountEmail": "ann@example.com", "contact": {"id": "AMoore"}},
        has_status=True,
    ),
    Written(FOLDER, {"id": "FyleAttachments"}, has_status=True),
    Written(ATTACHMENT, attachment("A-1")),
    Written("general-ledger/account", {"id": "6200", "name": "Travel"}, has_status=True),
    Written("company-config/department", {"id": "OPS", "name": "Operations"}, has_status=True),
    Written("company-config/location", {"id": "NY", "name": "New York"}, has_status=True),
    Written("company-config/entity", {"id": "400", "name": "Canada"}, has_status=True),
    Written("company-config/contact", {"id": "Cy", "printAs": "Cy"}, has_status=True),
    Written("accounts-receivable/customer", {"id": "CUST-900", "name": "Bakery"}, has_status=True),
    Written("accounts-payable/vendor", {"id": "VEND-900", "name": "Mill"}, has_status=True),
    Written(BILL, bill("B-0")),
    Written(ENTRY, entry()),
    Written(CARD_TXN, CARD_PURCHASE),
    Written(EXPENSE, EXPENSE_REPORT),
    Written(PAYMENT, payment("3001")),
)

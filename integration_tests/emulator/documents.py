"""Documents that the emulator's tests write: an invoice, a bill and a journal entry, each as small as is allowed."""

from typing import Any

INVOICE: dict[str, Any] = {
    "customer": {"id": "CUST-100"},
    "invoiceDate": "2026-01-05",
    "dueDate": "2026-02-04",
    "lines": [
        {"txnAmount": "100.40", "glAccount": {"id": "5004"}, "dimensions": {"location": {"id": "CA"}}},
        {"txnAmount": "-10", "glAccount": {"id": "5004"}},
    ],
}
BILL: dict[str, Any] = {
    "billNumber": "B-1",
    "vendor": {"id": "VEND-100"},
    "createdDate": "2026-01-05",
    "dueDate": "2026-01-31",
    "currency": {"txnCurrency": "USD"},
    "lines": [{"glAccount": {"id": "6000"}, "txnAmount": "5", "dimensions": {"location": {"id": "US"}}}],
}


def side(kind: str, amount: str, account: str = "1000") -> dict[str, Any]:
    """Return one line of a journal entry."""
    return {"txnType": kind, "txnAmount": amount, "glAccount": {"id": account}}


ENTRY: dict[str, Any] = {
    "glJournal": {"id": "EJ"},
    "postingDate": "2026-01-05",
    "description": "Accrual",
    "lines": [side("debit", "200.10"), side("credit", "200.10", "4000")],
}

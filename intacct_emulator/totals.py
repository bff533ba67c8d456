"""The totals of bills and invoices, which follow from their lines."""

from decimal import Context, Decimal

from intacct_emulator.checking import Json
from intacct_emulator.rules import BILL, INVOICE

_EXACT = Context(prec=10_000)


def with_totals(path: str, values: Json) -> Json:
    """Return the values of a document with its totals; those of other objects as they are.

    What is due is the whole amount, as no payment reaches a document. Totals in the base currency stay empty, as
    nothing is converted.
    """
    if path not in (BILL, INVOICE):
        return values
    total = Decimal(0)
    for line in values["lines"]:
        total = _EXACT.add(total, Decimal(line["txnAmount"]))
    shown = _shown(total)
    # guess[reversed-due]: of what was reversed, and of its reversal, nothing is due.
    due = _shown(Decimal(0)) if values.get("state") in ("reversed", "reversal") else shown
    return {**values, "totalTxnAmount": shown, "totalTxnAmountDue": due}


def negated(amount: str) -> str:
    """Return an amount with the other sign, to the last digit."""
    return format(_EXACT.minus(Decimal(amount)), "f")


def _shown(total: Decimal) -> str:
    """Return at least two decimals, as the model of an invoice says of its totals."""
    return format(_EXACT.add(total, Decimal("0.00")), "f")

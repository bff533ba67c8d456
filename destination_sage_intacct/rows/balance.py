"""Do the debits of a journal entry equal its credits? To the last digit, and only where the answer is sure."""

from collections.abc import Mapping, Sequence
from decimal import Context, Decimal
from typing import Any

from destination_sage_intacct.rows.body_schema import KEYED
from destination_sage_intacct.rows.notation import notation
from destination_sage_intacct.rows.values import Problem

# More than an amount and any number of lines can have, so that no sum is rounded.
_EXACT = Context(prec=400)
_UNBALANCED = Problem(
    "unbalanced",
    "The debits of the journal entry's lines are not equal to their credits",
    "Send all lines of the entry together, and correct the amounts or `txnType` in the warehouse.",
    "lines",
)


def imbalance(body: Mapping[str, Any]) -> Problem | None:
    """Find that the lines of a new journal entry do not balance.

    Of an update nothing is sure: the record may be a draft, and an update does not say so. Not judged, as Sage Intacct
    decides: a draft; lines that change the record's own ones; lines with taxes; lines of several currencies or rates,
    which balance after conversion; an amount that is negative or not a number.
    """
    lines = body.get("lines")
    if not isinstance(lines, list) or body.get("state") == "draft" or not _is_plain(lines):
        return None
    totals = {"debit": Decimal(0), "credit": Decimal(0)}
    for line in lines:
        amount = notation(line.get("txnAmount"), "amount")
        side = line.get("txnType")
        if amount is None or amount.startswith("-") or not isinstance(side, str) or side not in totals:
            return None
        totals[side] = _EXACT.add(totals[side], Decimal(amount))
    return None if totals["debit"] == totals["credit"] else _UNBALANCED


def _is_plain(lines: Sequence[Any]) -> bool:
    if not all(isinstance(line, Mapping) for line in lines) or not lines:
        return False
    currency = lines[0].get("currency")
    return not any(
        line.get("taxEntries") or line.get("currency") != currency or any(name in line for name in KEYED)
        for line in lines
    )

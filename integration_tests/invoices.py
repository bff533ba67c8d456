"""Invoices with a column of lines, written by one sync in this process, and what the server then holds of them."""

from decimal import Decimal
from typing import Any

from airbyte_input import catalog, configured_stream, record
from emulator_process import EmulatorProcess
from sync_in_process import Synced, sync

from destination_sage_intacct.intacct.transport import Transport

Json = Any

STREAM = "rows"
INVOICES = "accounts-receivable/invoice"
BY_NUMBER = {"matching": {"by": "fields", "fields": ["invoiceNumber"]}, "object_type": "Invoice"}


def line(amount: str) -> Json:
    return {"txnAmount": amount, "glAccount": {"id": "4000"}}


def invoice(number: int, *lines: Json) -> Json:
    """Return one row; a line may be given as its amount alone."""
    return {
        "invoiceNumber": f"I-{number}",
        "customer__id": "CUST-100",
        "invoiceDate": "2026-01-05",
        "dueDate": "2026-02-05",
        "lines": [line(each) if isinstance(each, str) else each for each in lines],
    }


def write(config: Json, *rows: Json, transport: Transport | None = None, **settings: Json) -> Synced:
    """Write rows in one sync."""
    stream = configured_stream(STREAM, columns=tuple(rows[0]))
    given = [record(STREAM, row) for row in rows]
    return sync(config | BY_NUMBER | settings, catalog(stream), given, transport=transport)


def amounts(emulator: EmulatorProcess) -> dict[str, list[Decimal]]:
    """Return the amounts of each invoice's lines."""
    return {
        each["invoiceNumber"]: [Decimal(line["txnAmount"]) for line in each["lines"]]
        for each in emulator.records(INVOICES)
    }


def line_keys(emulator: EmulatorProcess) -> list[str]:
    """Return the keys of the lines of all invoices."""
    return [line["key"] for each in emulator.records(INVOICES) for line in each["lines"]]

"""A document goes only with all of its lines: one line that is gone at the source never takes the others with it."""

from collections.abc import Callable
from typing import Any

import pytest
from airbyte_input import catalog, configured_stream, record
from emulator_process import EmulatorProcess
from invoices import INVOICES, STREAM, amounts
from sync_in_process import Synced, sync

Json = Any

GONE = {"_ab_cdc_deleted_at": "2026-02-01T00:00:00Z"}
FIELDS = ("invoiceNumber", "customer.id", "invoiceDate", "dueDate")
HEADER = [{"column": field, "field": field} for field in FIELDS]
LINES = {
    "group_by": ["invoiceNumber"],
    "fields": [{"column": "amount", "field": "txnAmount"}, {"column": "account", "field": "glAccount.id"}],
}
BY_NUMBER = {"by": "fields", "fields": ["invoiceNumber"]}
BY_KEY = {"by": "record_key", "field": "key"}


def line(number: int, amount: str, **more: Json) -> Json:
    row = dict(zip(FIELDS, (f"I-{number}", "CUST-100", "2026-01-05", "2026-02-05"), strict=True))
    return row | {"amount": amount, "account": "4000"} | more


@pytest.fixture
def write(emulator: EmulatorProcess, config_for: Callable[..., Json]) -> Callable[..., Synced]:
    def run(*rows: Json, matching: Json = BY_NUMBER, **settings: Json) -> Synced:
        keyed = [{"column": "key", "field": "key"}] if matching == BY_KEY else []
        stream = {"stream": STREAM, "object_type": "Invoice", "lines": LINES, "field_mapping": [*HEADER, *keyed]}
        given = config_for(emulator, streams=[stream], matching=matching, on_source_delete="delete", **settings)
        columns = (*FIELDS, "key", "amount", "account")
        return sync(given, catalog(configured_stream(STREAM, columns=columns)), [record(STREAM, row) for row in rows])

    return run


@pytest.mark.parametrize("matching", [BY_NUMBER, BY_KEY])
@pytest.mark.parametrize("dry_run", [False, True])
def test_one_deleted_line_does_not_delete_its_document(
    emulator: EmulatorProcess, write: Callable[..., Synced], matching: Json, dry_run: bool
) -> None:
    write(line(1, "10"), line(1, "20"), line(1, "30"), line(2, "5"))
    one, two = (each["key"] for each in emulator.records(INVOICES))

    gone = [line(1, "10", key=one) | GONE, line(1, "30", key=one) | GONE, line(2, "5", key=two) | GONE]
    synced = write(*gone, matching=matching, dry_run=dry_run)

    assert synced.outcomes(STREAM) == {"rejected": 2, "deleted": 1}
    assert (
        "field lines: The document has 3 lines, and 2 of them arrived as deleted, so nothing was deleted."
        in (synced.rejections[0])
    )
    kept = {"I-1": [10, 20, 30]}
    assert amounts(emulator) == (kept | {"I-2": [5]} if dry_run else kept)


def test_a_document_that_is_gone_already_counts_as_deleted(write: Callable[..., Synced]) -> None:
    synced = write(line(1, "10", key="999999") | GONE, matching=BY_KEY)

    assert synced.outcomes(STREAM) == {"deleted": 1}

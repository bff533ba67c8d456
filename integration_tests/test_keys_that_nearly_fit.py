"""A row whose key differs from a record's only by case or blanks creates no second record, and says why."""

from collections.abc import Callable
from typing import Any

import pytest
from airbyte_input import catalog, configured_stream, record
from connector_process import outcomes_told
from emulator_process import EmulatorProcess
from sync_in_process import Synced, sync

CUSTOMERS, INVOICES = "accounts-receivable/customer", "accounts-receivable/invoice"
BY_ID = {"matching": {"by": "fields", "fields": ["id"]}}
BY_NAME = {"matching": {"by": "fields", "fields": ["name"]}}
CONTINUE = {"rejected_rows": {"policy": "continue"}}

Json = Any


def sync_rows(config: Json, rows: list[Json], mode: str = "append_dedup") -> Synced:
    stream = configured_stream("rows", mode, columns=sorted({column for row in rows for column in row}))
    synced = sync(config, catalog(stream), [record("rows", row) for row in rows])
    assert synced.error is None
    return synced


def ids(emulator: EmulatorProcess) -> list[str]:
    return [each["id"] for each in emulator.records(CUSTOMERS)]


@pytest.mark.parametrize("operation", ["upsert", "insert", "update"])
@pytest.mark.parametrize(
    ("matching", "row"),
    [
        (BY_ID, {"id": "cust-100", "name": "x"}),
        (BY_NAME, {"id": "C-9", "name": "LOGISTICS  "}),
    ],
)
def test_no_record_is_made_beside_one_that_nearly_has_its_key(
    emulator: EmulatorProcess, config_for: Callable[..., Any], matching: Json, row: Json, operation: str
) -> None:
    sync_rows(config_for(emulator, **BY_ID), [{"id": "C-8", "name": "Logistics"}])
    before = emulator.records(CUSTOMERS)

    synced = sync_rows(config_for(emulator, operation=operation, **matching, **CONTINUE), [row])

    assert outcomes_told(synced.summaries, "rows") == {"rejected": 1}
    (line,) = synced.rejections
    nearly = next(each for each in before if each["id"] == ("C-8" if matching is BY_NAME else "CUST-100"))
    assert f"the record with the record key {nearly['key']} has one that differs only in case or blanks" in line
    assert emulator.records(CUSTOMERS) == before


def test_of_two_new_ids_that_differ_by_case_one_record_is_made(
    emulator: EmulatorProcess, config_for: Callable[..., Any]
) -> None:
    rows = [{"id": key, "name": key} for key in ("N-1", "n-1", "N-1")]

    synced = sync_rows(config_for(emulator, **BY_ID, **CONTINUE), rows)

    assert outcomes_told(synced.summaries, "rows") == {"created": 1, "rejected": 1, "unchanged": 1}
    assert [each for each in ids(emulator) if each.casefold() == "n-1"] == ["N-1"]


@pytest.mark.parametrize("padded", ["CUST-100   ", " CUST-100", "CUST-100\t"])
def test_blanks_around_an_id_are_no_part_of_it(
    emulator: EmulatorProcess, config_for: Callable[..., Any], padded: str
) -> None:
    before = ids(emulator)

    synced = sync_rows(config_for(emulator, **BY_ID), [{"id": padded, "notes": "padded"}])

    assert outcomes_told(synced.summaries, "rows") == {"updated": 1}
    assert ids(emulator) == before
    assert [each["id"] for each in emulator.records(CUSTOMERS) if each["notes"] == "padded"] == ["CUST-100"]


def test_blanks_around_the_id_of_a_reference_are_no_part_of_it(
    emulator: EmulatorProcess, config_for: Callable[..., Any]
) -> None:
    row = {
        "customer": "CUST-100  ",
        "invoiceNumber": "INV-7  ",
        "invoiceDate": "2026-01-05",
        "dueDate": "2026-02-05",
        "lines": [{"txnAmount": "1.00", "glAccount": {"id": " 4000"}}],
    }
    config = config_for(
        emulator, object_type="Invoice", matching={"by": "fields", "fields": ["customer.id", "invoiceNumber"]}
    )

    assert outcomes_told(sync_rows(config, [row]).summaries, "rows") == {"created": 1}
    assert outcomes_told(sync_rows(config, [row]).summaries, "rows") == {"unchanged": 1}

    (invoice,) = [each for each in emulator.records(INVOICES) if each["invoiceNumber"] == "INV-7"]
    assert (invoice["customer"]["id"], invoice["lines"][0]["glAccount"]["id"]) == ("CUST-100", "4000")


def test_keys_that_have_no_other_spelling_cost_no_further_query(
    emulator: EmulatorProcess, config_for: Callable[..., Any]
) -> None:
    sync_rows(config_for(emulator, **BY_ID), [{"id": str(number), "name": "x"} for number in range(1001, 1011)])
    assert emulator.stats()["by_route"]["POST /services/core/query"] == 1


@pytest.mark.parametrize("status", [400, 403, 500])
def test_where_that_cannot_be_asked_rows_are_written_and_it_is_said_once(
    emulator: EmulatorProcess, config_for: Callable[..., Any], status: int
) -> None:
    error = {"code": "invalidRequest", "message": "No", "errorId": "REST-1000"}
    answer = {"ia::result": {"ia::error": error}, "ia::meta": {"totalCount": 1, "totalSuccess": 0, "totalError": 1}}
    emulator.fault(
        route="/services/core/query", nth=[1, 3], action={"kind": "status", "status": status, "body": answer}
    )
    config = config_for(emulator, max_retries=0, **BY_ID)

    synced = sync_rows(config, [{"id": f"N-{number}", "name": "x"} for number in range(3)])

    assert outcomes_told(synced.summaries, "rows") == {"created": 3}
    assert len([line for line in synced.log if "did not answer whether there are any" in line]) == 1

"""Faults that meet with something else: a replay in other batches, a record deleted meanwhile, another stream."""

from dataclasses import replace

import pytest
from airbyte_input import CLIENT_CREDENTIALS, catalog, configured_stream, record
from emulator_process import EmulatorProcess
from fault_kinds import EVERY, FAULTS, TRUNCATED_LIST, Fault, HurriedClock, struck_way
from fault_scenarios import (
    BY_ID,
    BY_RECORD_KEY,
    CUSTOMERS,
    INVOICES,
    Scenario,
    assert_books_add_up,
    assert_holds_a_clean_run,
    customers,
    invoices,
)
from sync_in_process import sync

from destination_sage_intacct.intacct.errors import OutageError

pytestmark = pytest.mark.usefixtures("untraced")

BY_NATURAL_KEY = Scenario("by natural key", "POST", 2, 500, customers(80), {"matching": BY_ID}, "append_dedup")
WITH_OWN_IDS = Scenario(
    "with own ids", "POST", 2, 500, customers(80), {"matching": BY_RECORD_KEY, "operation": "insert"}
)
NUMBERED_INVOICES = Scenario(
    "invoices by number",
    "POST",
    2,
    500,
    [{**row, "invoiceNumber": f"SI-{row['row']}"} for row in invoices(80)],
    {"object_type": "Invoice", "matching": {"by": "fields", "fields": ["invoiceNumber"]}, "operation": "insert"},
    path=INVOICES,
)
IN_BATCHES = [BY_NATURAL_KEY, WITH_OWN_IDS, NUMBERED_INVOICES]
COMMITTED = {name: fault for name, fault in FAULTS.items() if name.endswith(" after")}


@pytest.mark.parametrize("fault", COMMITTED.values(), ids=COMMITTED)
@pytest.mark.parametrize("scenario", IN_BATCHES, ids=lambda scenario: scenario.name)
def test_a_replay_in_other_batches_books_nothing_twice(
    empty_emulator: EmulatorProcess, scenario: Scenario, fault: Fault
) -> None:
    scenario = scenario.prepare(empty_emulator)
    first = scenario.run(
        empty_emulator, struck_way(empty_emulator, fault, "POST", scenario.route, EVERY), max_retries=1
    )
    assert first.error is not None
    empty_emulator.clear_faults()

    replay = replace(scenario, batch_size=30).run(empty_emulator)

    assert replay.error is None
    assert assert_books_add_up(replay) == len(scenario.rows)
    assert_holds_a_clean_run(scenario, empty_emulator)


@pytest.mark.parametrize("scenario", IN_BATCHES, ids=lambda scenario: scenario.name)
def test_nothing_is_booked_twice_when_results_are_always_cut_off(
    empty_emulator: EmulatorProcess, scenario: Scenario
) -> None:
    """What a cut list leaves open is known only after a look, which the next sync takes."""
    scenario = scenario.prepare(empty_emulator)

    first = scenario.run(empty_emulator, struck_way(empty_emulator, TRUNCATED_LIST, "POST", scenario.route, EVERY))

    assert isinstance(first.error, OutageError)
    assert "HTTP 201 with an answer that does not cover everything that was sent" in str(first.error)
    assert assert_books_add_up(first) == 0
    empty_emulator.clear_faults()
    assert scenario.run(empty_emulator).error is None
    assert len(empty_emulator.records(scenario.path)) == len(scenario.rows)
    assert_holds_a_clean_run(scenario, empty_emulator)


@pytest.mark.parametrize("fault", ["429 Retry-After", "401", "connection refused"])
@pytest.mark.parametrize("batch_size", [1, 500])
def test_records_deleted_since_are_created_anew_though_a_first_send_came_to_nothing(
    empty_emulator: EmulatorProcess, batch_size: int, fault: str
) -> None:
    """The stored answer is of yesterday's sync, whatever else this one has tried before it hears it."""
    scenario = replace(WITH_OWN_IDS, batch_size=batch_size, rows=customers(3))
    assert scenario.run(empty_emulator).error is None
    empty_emulator.delete(CUSTOMERS)

    synced = scenario.run(empty_emulator, struck_way(empty_emulator, FAULTS[fault], "POST", scenario.route, (1,)))

    assert synced.error is None
    assert_holds_a_clean_run(scenario, empty_emulator)


@pytest.mark.parametrize("first", ["upsert", "deactivate"])
def test_rows_of_equal_values_in_streams_of_other_operations_are_both_written(
    empty_emulator: EmulatorProcess, first: str
) -> None:
    row = customers(1)[0]
    seed = {**row, "name": "Before"}
    assert replace(BY_NATURAL_KEY, rows=[seed]).run(empty_emulator).error is None
    modes = {"upsert": "append_dedup", "deactivate": "soft_delete"}
    order = [first, *(modes.keys() - {first})]
    config = {
        "company_id": "demo",
        "api_url": empty_emulator.url,
        "credentials": CLIENT_CREDENTIALS,
        "object_type": "Customer",
        "matching": BY_ID,
    }
    streams = catalog(*(configured_stream(name, modes[name], columns=[*row], primary_key=[["id"]]) for name in order))

    synced = sync(config, streams, [*(record(name, row) for name in order)], HurriedClock())

    assert synced.error is None
    (customer,) = empty_emulator.records(CUSTOMERS)
    assert (customer["name"], customer["status"]) == (row["name"], "inactive")

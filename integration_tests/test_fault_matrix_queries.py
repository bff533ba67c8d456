"""Whatever happens to a query on its way, no record is taken for missing, and none for unchanged that is not.

The faults strike only queries. A query that loses part of its answer would show at once: as a second record, or as
one more or one less that was written.
"""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from emulator_process import EmulatorProcess
from fault_kinds import EVERY_FROM_THE_SECOND, FAULTS, TRUNCATED_LIST, Fault, struck_way
from fault_scenarios import (
    BY_ID,
    BY_RECORD_KEY,
    Row,
    Scenario,
    assert_books_add_up,
    assert_holds_a_clean_run,
    customers,
)

from destination_sage_intacct.intacct.errors import AuthenticationError, OutageError

pytestmark = pytest.mark.usefixtures("untraced")

QUERY = "/services/core/query"
QUERY_FAULTS = {name: fault for name, fault in FAULTS.items() if not fault.needs_key}
QUERY_FAULTS |= {"truncated list": TRUNCATED_LIST}
ROWS = 24


def mixed() -> tuple[list[Row], list[Row]]:
    """Return rows of which each third is changed, unchanged and new, in turns, and the records that they find."""
    rows = customers(ROWS, notes="new")
    before = [{**row, "notes": "old" if row["row"] % 3 == 0 else "new"} for row in rows if row["row"] % 3 != 2]
    return rows, before


def scenarios() -> Iterator[Scenario]:
    rows, before = mixed()
    there = [row for row in rows if row["row"] % 3 != 2]
    by_id = Scenario("matched by id", "POST", 0, 1, rows, {"matching": BY_ID}, "append_dedup", before=before)
    by_key = Scenario(
        "compared by record key", "POST", 0, 1, there, {"matching": BY_RECORD_KEY, "operation": "update"}, before=before
    )
    for size in (1, 8):
        yield replace(by_id, batch_size=size)
        yield replace(by_key, batch_size=size)


SCENARIOS = list(scenarios())


def outcomes_of(rows: list[Row]) -> dict[str, int]:
    kinds = [("updated", "unchanged", "created")[row["row"] % 3] for row in rows]
    return {kind: kinds.count(kind) for kind in dict.fromkeys(kinds)}


@pytest.mark.parametrize("fault", QUERY_FAULTS.values(), ids=QUERY_FAULTS)
@pytest.mark.parametrize("scenario", SCENARIOS, ids=str)
def test_a_fault_that_passes_changes_no_outcome(
    empty_emulator: EmulatorProcess, scenario: Scenario, fault: Fault
) -> None:
    scenario = scenario.prepare(empty_emulator)
    # An answer without records has nothing to cut off; of the second and the third query, one finds a record.
    struck = (2, 3) if fault is TRUNCATED_LIST else (2,)

    synced = scenario.run(empty_emulator, struck_way(empty_emulator, fault, "POST", QUERY, struck))

    assert synced.error is None
    assert synced.outcomes("rows") == outcomes_of(scenario.rows)
    assert assert_books_add_up(synced) == len(scenario.rows) // 10 * 10
    assert_holds_a_clean_run(scenario, empty_emulator)
    if fault.action is not None:
        assert all(empty_emulator.struck()), "the fault met nothing"


@pytest.mark.parametrize("fault", QUERY_FAULTS.values(), ids=QUERY_FAULTS)
@pytest.mark.parametrize("scenario", SCENARIOS, ids=str)
def test_a_fault_that_lasts_fails_the_sync_for_now_and_the_replay_ends_as_a_clean_run(
    empty_emulator: EmulatorProcess, scenario: Scenario, fault: Fault
) -> None:
    scenario = scenario.prepare(empty_emulator)

    synced = scenario.run(
        empty_emulator, struck_way(empty_emulator, fault, "POST", QUERY, EVERY_FROM_THE_SECOND), max_retries=1
    )

    assert isinstance(synced.error, AuthenticationError if fault.is_final else OutageError)
    acknowledged = assert_books_add_up(synced)
    empty_emulator.clear_faults()
    replay = scenario.run(empty_emulator, start=acknowledged)
    assert replay.error is None
    assert_books_add_up(replay, acknowledged)
    assert_holds_a_clean_run(scenario, empty_emulator)

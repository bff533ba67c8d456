"""Whatever happens to a write on its way, the server ends with the records of a clean run, or the sync fails for now
and its replay ends with them.

Whole syncs against the emulator over HTTP; it commits or does not commit before it fails, as the cell says.
"""

from collections.abc import Iterator

import pytest
from emulator_process import EmulatorProcess
from fault_kinds import EVERY, EVERY_FROM_THE_SECOND, RECORD_LOCKED, TRUNCATED_LIST, Fault, struck_way
from fault_scenarios import SCENARIOS, Scenario, assert_books_add_up, assert_holds_a_clean_run

from destination_sage_intacct.intacct.errors import AuthenticationError, OutageError

pytestmark = pytest.mark.usefixtures("untraced")

ONLY_OF_BATCHES = {"truncated list": TRUNCATED_LIST}
IN_BATCHES = [each for each in SCENARIOS if each.is_batch]


def passing() -> Iterator[object]:
    """Yield each fault on one request; one of a row alone is like any other, the first batch is not like the second."""
    for scenario in SCENARIOS:
        for name, fault in {
            **scenario.faults(),
            "409 record locked": RECORD_LOCKED,
            **(ONLY_OF_BATCHES if scenario.is_batch else {}),
        }.items():
            for nth in (1, 2) if scenario.is_batch else (2,):
                yield pytest.param(scenario, fault, (nth,), id=f"{scenario}-{name}-request {nth}")


def lasting() -> Iterator[object]:
    for scenario in SCENARIOS:
        for name, fault in scenario.faults().items():
            yield pytest.param(scenario, fault, id=f"{scenario}-{name}")


@pytest.mark.parametrize("scenario", SCENARIOS, ids=str)
def test_without_a_fault_each_row_is_held_once(empty_emulator: EmulatorProcess, scenario: Scenario) -> None:
    scenario = scenario.prepare(empty_emulator)

    synced = scenario.run(empty_emulator)

    assert synced.error is None
    assert assert_books_add_up(synced) == len(scenario.rows)
    assert_holds_a_clean_run(scenario, empty_emulator)
    assert scenario.tried(empty_emulator) == scenario.requests


@pytest.mark.parametrize(("scenario", "fault", "nth"), passing())
def test_a_fault_that_passes_leaves_the_records_of_a_clean_run(
    empty_emulator: EmulatorProcess, scenario: Scenario, fault: Fault, nth: tuple[int, ...]
) -> None:
    scenario = scenario.prepare(empty_emulator)

    synced = scenario.run(empty_emulator, struck_way(empty_emulator, fault, scenario.method, scenario.route, nth))

    assert synced.error is None
    assert assert_books_add_up(synced) == len(scenario.rows)
    assert synced.rejections == []
    assert_holds_a_clean_run(scenario, empty_emulator)
    if fault.action is not None:
        assert scenario.tried(empty_emulator) > scenario.requests, "the fault met nothing"


@pytest.mark.parametrize(("scenario", "fault"), lasting())
def test_a_fault_that_lasts_fails_the_sync_for_now_and_the_replay_ends_as_a_clean_run(
    empty_emulator: EmulatorProcess, scenario: Scenario, fault: Fault
) -> None:
    scenario = scenario.prepare(empty_emulator)

    way = struck_way(empty_emulator, fault, scenario.method, scenario.route, EVERY_FROM_THE_SECOND)
    synced = scenario.run(empty_emulator, way, max_retries=1)

    assert isinstance(synced.error, AuthenticationError if fault.is_final else OutageError)
    acknowledged = assert_books_add_up(synced)
    assert acknowledged < len(scenario.rows)
    empty_emulator.clear_faults()
    replay = scenario.run(empty_emulator, start=acknowledged)
    assert replay.error is None
    assert assert_books_add_up(replay, acknowledged) == len(scenario.rows)
    assert_holds_a_clean_run(scenario, empty_emulator)


@pytest.mark.parametrize("scenario", IN_BATCHES, ids=str)
def test_batches_whose_results_are_always_cut_off_end_as_a_clean_run(
    empty_emulator: EmulatorProcess, scenario: Scenario
) -> None:
    """Creates are settled by the replay, other writes one by one."""
    scenario = scenario.prepare(empty_emulator)

    way = struck_way(empty_emulator, TRUNCATED_LIST, scenario.method, scenario.route, EVERY)
    synced = scenario.run(empty_emulator, way)

    assert synced.error is None if scenario.method == "DELETE" else isinstance(synced.error, OutageError)
    acknowledged = assert_books_add_up(synced)
    empty_emulator.clear_faults()
    assert scenario.run(empty_emulator, start=acknowledged).error is None
    assert_holds_a_clean_run(scenario, empty_emulator)


@pytest.mark.parametrize("scenario", [each for each in SCENARIOS if not each.is_batch], ids=str)
def test_a_row_whose_record_stays_locked_is_the_only_one_rejected(
    empty_emulator: EmulatorProcess, scenario: Scenario
) -> None:
    scenario = scenario.prepare(empty_emulator)
    way = struck_way(empty_emulator, RECORD_LOCKED, scenario.method, scenario.route, (2, 3))

    synced = scenario.run(empty_emulator, way, max_retries=0)

    assert_books_add_up(synced)
    assert all("The record is locked by another process. [BL01001973]" in each for each in synced.rejections)
    assert len(synced.rejections) == 2

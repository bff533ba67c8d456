"""The promises, over random rows, settings, faults and STATEs, against what the server holds afterwards."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from books import Books, Outcomes, customer, invoice
from emulator_process import EmulatorProcess
from example_counts import random_syncs_of
from hypothesis import event, example, given
from overlaps import WatchedExchange
from random_syncs import BY_ID, BY_NAME, RandomSync, Row, State, lines, random_syncs, rest_after
from sync_checks import CUSTOMERS, INVOICE_PATH, assert_every_row_has_an_outcome, held
from sync_in_process import Synced, sync

from destination_sage_intacct.intacct.errors import OutageError

pytestmark = pytest.mark.usefixtures("untraced", "odd_turns")

MOST_REPLAYS = 5

# Answers to batches that are cut, stored ones too, made updates of what had been created: two times, and every time.
NEW, OTHER = ({"id": name, "name": "Zyxo One", "creditLimit": None, "status": None} for name in ("N-1", "N-2"))
CUT_TWICE = RandomSync(
    streams=("by_id", "by_key"),
    operation="upsert",
    steps=(*(Row("by_id", NEW) for _ in range(6)), Row("by_id", OTHER), State("by_id", 7), State("by_key", 8)),
    settings={"batch_size": 2, "max_concurrency": 1, "skip_unchanged": False},
    flags=(),
    faults=({"route": "/objects/*", "method": "POST", "nth": [1, 2], "action": {"kind": "truncated_list"}},),
)
ALWAYS_CUT = RandomSync(
    streams=("by_key", "by_id"),
    operation="upsert",
    steps=(Row("by_id", NEW), Row("by_id", NEW), Row("by_id", OTHER), Row("by_id", NEW), State(None, 5)),
    settings={"batch_size": 2, "max_concurrency": 1, "skip_unchanged": False},
    flags=(),
    faults=({"route": "/objects/*", "method": "POST", "action": {"kind": "truncated_list"}},),
)


@random_syncs_of(80, 3000)
@given(case=random_syncs())
@example(case=CUT_TWICE)
@example(case=ALWAYS_CUT)
def test_the_promises_hold_whatever_comes(
    emulator_with: Callable[..., EmulatorProcess], config_for: Callable[..., Any], case: RandomSync
) -> None:
    emulator = emulator_with(*case.flags)
    skips = case.settings["skip_unchanged"]
    books = Books(emulator.records(CUSTOMERS), case.operation, skips=skips, keeps_newest=case.has_cursor)
    allowed = [books.take(step) if isinstance(step, Row) else frozenset() for step in case.steps]
    watched = WatchedExchange()

    finished = run_to_the_end(case, config_for(emulator, **case.configuration), emulator, allowed, watched)

    event("replayed" if len(finished) > 1 else "at once")
    assert held(emulator, CUSTOMERS, customer) == books.customers
    assert held(emulator, INVOICE_PATH, invoice) == books.invoices
    assert watched.overlaps == []
    assert_light(case, emulator, finished)


def run_to_the_end(
    case: RandomSync, config: Any, emulator: EmulatorProcess, allowed: list[Outcomes], transport: WatchedExchange
) -> list[Synced]:
    """Sync, and replay after each outage what was not acknowledged; from the first replay on without faults."""
    for fault in case.faults:
        emulator.fault(**fault)
    finished: list[Synced] = []
    steps = case.steps
    while len(finished) <= MOST_REPLAYS:
        synced = sync(config, case.catalog, lines(steps, case.streams), transport=transport)
        finished.append(synced)
        assert_every_row_has_an_outcome(steps, allowed, synced, is_first=len(finished) == 1)
        if synced.error is None:
            return finished
        assert isinstance(synced.error, OutageError), synced.error
        emulator.clear_faults()
        steps = rest_after(steps, {state["id"] for state in synced.states})
    raise AssertionError(f"{MOST_REPLAYS} replays without a fault, and still no end: {finished[-1].error}")


def assert_light(case: RandomSync, emulator: EmulatorProcess, finished: list[Synced]) -> None:
    """Check the requests in flight, and that nothing was written more often than there were rows to write."""
    stats = emulator.stats()
    assert stats["max_in_flight"] <= case.settings["max_concurrency"]
    if case.faults or len(finished) > 1:
        return
    rows = Counter(step.stream for step in case.steps if isinstance(step, Row))
    asked = stats["by_route"].get("POST /services/core/query", 0)
    read = sum(number for route, number in stats["by_route"].items() if route.startswith("GET "))
    assert stats["api_transactions"] - asked - read <= sum(rows.values())
    if set(rows) <= {BY_ID, BY_NAME}:
        assert asked <= 2 * sum(rows.values())  # once more for keys that no record has

"""The five promises, over random rows, settings, faults and STATEs, against what the server holds afterwards."""

import re
from collections import Counter
from collections.abc import Callable
from typing import Any

from books import Books, Outcomes, customer, invoice
from emulator_process import EmulatorProcess
from example_counts import PROVING, times
from hypothesis import HealthCheck, event, example, given, settings
from overlaps import WatchedExchange
from random_syncs import BY_ID, BY_NAME, RandomSync, Row, State, Step, lines, random_syncs, rest_after
from sync_in_process import Synced, sync

from destination_sage_intacct.intacct.errors import OutageError

CUSTOMERS, INVOICE_PATH = "accounts-receivable/customer", "accounts-receivable/invoice"
MOST_REPLAYS = 5

# Answers to batches that are cut, stored ones too, made updates of what had been created: two times, and every time.
NEW, OTHER = ({"id": name, "name": "One", "creditLimit": None, "status": None} for name in ("N-1", "N-2"))
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


@settings(
    max_examples=times(300, 3000),
    derandomize=not PROVING,
    database=None,
    deadline=None,
    print_blob=False,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture, HealthCheck.data_too_large],
)
@given(case=random_syncs())
@example(case=CUT_TWICE)
@example(case=ALWAYS_CUT)
def test_the_promises_hold_whatever_comes(
    emulator_with: Callable[..., EmulatorProcess], config_for: Callable[..., Any], case: RandomSync
) -> None:
    emulator = emulator_with(*case.flags)
    books = Books(emulator.records(CUSTOMERS), case.operation, skips=case.settings["skip_unchanged"])
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


def held(emulator: EmulatorProcess, path: str, shown: Callable[[Any], tuple[str, ...]]) -> Counter[tuple[str, ...]]:
    return Counter(shown(each) for each in emulator.records(path))


def assert_every_row_has_an_outcome(
    steps: tuple[Step, ...], allowed: list[Outcomes], synced: Synced, *, is_first: bool
) -> None:
    """Check the summaries, the reasons and the STATEs of one sync against the rows that went into it."""
    explained = {tuple(re.match(r"Rejected row (\d+) of stream (\w+)", line).groups()) for line in synced.rejections}
    assert len(explained) == len(synced.rejections)
    ended_well = synced.error is None
    for line in synced.summaries:
        stream, received, shown = re.match(r"Summary of (\w+) .*: (\d+) rows? = ([^;]+);", line).groups()
        counts = {word: int(number) for number, word in (part.split(" ", 1) for part in shown.split(" + "))}
        rows = [(step, may) for step, may in zip(steps, allowed, strict=True) if getattr(step, "data", None)]
        rows = [(step, may) for step, may in rows if step.stream == stream]
        assert sum(counts.values()) == int(received)
        assert not ended_well or int(received) == len(rows)
        reasons = {int(number) for number, of in explained if of == stream}
        assert counts["rejected"] == len(reasons)
        rejected = {number for number, (_, may) in enumerate(rows, start=1) if "rejected" in may}
        assert reasons <= rejected
        if is_first and ended_well:
            assert reasons == rejected
            assert_outcomes(counts, Counter(may for _, may in rows), line)
    assert_states(steps, synced)


def assert_outcomes(counts: dict[str, int], allowed: Counter[Outcomes], line: str) -> None:
    """Check each count against the rows that must come to it, and those that may."""
    for outcome, count in counts.items():
        must = sum(number for may, number in allowed.items() if may == {outcome})
        can = sum(number for may, number in allowed.items() if outcome in may)
        assert must <= count <= can, (line, allowed)


def assert_states(steps: tuple[Step, ...], synced: Synced) -> None:
    """Check that STATEs came in order, none without those before it, each with the count of its own rows."""
    expected: dict[str | None, list[tuple[int, int]]] = {}
    counts: Counter[str] = Counter()
    for step in steps:
        if isinstance(step, Row):
            counts[step.stream] += 1
        elif isinstance(step, State):
            own = list(counts) if step.stream is None else [step.stream]
            covered = sum(counts.pop(stream, 0) for stream in own)
            expected.setdefault(step.stream, []).append((step.identity, covered))
    released: dict[str | None, list[tuple[int, int]]] = {}
    for state in synced.states:
        stats = state["destinationStats"]
        stream = state["stream"]["stream_descriptor"]["name"] if state["type"] == "STREAM" else None
        rows = int(stats["recordCount"] + stats["rejectedRecordCount"])
        released.setdefault(stream, []).append((state["id"], rows))
    for stream, states in expected.items():
        came = released.get(stream, [])
        assert came == (states if synced.error is None else states[: len(came)])
    assert sum(state["destinationStats"]["rejectedRecordCount"] for state in synced.states) <= len(synced.rejections)


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
        assert asked <= sum(rows.values())

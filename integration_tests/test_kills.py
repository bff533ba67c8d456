"""The connector is killed outright at random points and started again: every record is held once, and right.

A replay begins after the last STATE that came out, as Airbyte does it. Some creates are still being worked on by the
server when the replay begins. An update that lands that late, after those of the replay, is the one thing that nothing
tells from a new one (docs/writing.md), so none does here.
"""

import random
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import pytest
from airbyte_input import catalog, configured_stream, record, stream_state
from connector_process import Finished, writing
from emulator_process import EmulatorProcess
from example_counts import times

pytestmark = pytest.mark.usefixtures("untraced")

Json = Any

LATENCY = ("--latency-ms", "20", "--latency-per-record-ms", "1", "--no-demo-data")
KILLS = times(9, 60)  # of each kind of rows, in batches and without: 54 in all
MOST_KILLS_OF_A_SYNC = 3
ROWS_PER_STATE = 20
# Longer than a killed connector takes to be up again, also while other tests run.
STILL_WORKING_SECONDS = 1.2
# A quarter of what a request takes; who looks without a pause takes the processors from the connector.
BETWEEN_LOOKS_SECONDS = 0.005


@dataclass(frozen=True)
class Load:
    """Rows of one kind, and what the server must hold after them."""

    name: str
    path: str
    rows: Sequence[Json]
    held: Sequence[Json]
    stream: Json
    settings: Json


def customers_by_id(size: int) -> Load:
    """Return each customer comes twice, a few rows apart, and the last name counts."""
    rows = []
    for number in range(size // 2):
        rows.append({"id": f"K-{number:04}", "name": "first"})
        if number % 8 == 7:
            rows += [{"id": f"K-{earlier:04}", "name": f"last {earlier}"} for earlier in range(number - 7, number + 1)]
    held = sorted({row["id"]: row["name"] for row in rows}.items())
    settings = {"matching": {"by": "fields", "fields": ["id"]}}
    stream = configured_stream("rows", "append_dedup", columns=("id", "name"))
    return Load("customers with a natural key", "accounts-receivable/customer", rows, held, stream, settings)


def customers_with_own_ids(size: int) -> Load:
    rows = [{"id": f"O-{number:04}", "name": f"Customer {number}"} for number in range(size)]
    stream = configured_stream("rows", "append", columns=("id", "name"), primary_key=[["id"]])
    held = [(row["id"], row["name"]) for row in rows]
    return Load("customers with own ids", "accounts-receivable/customer", rows, held, stream, {})


def invoices(size: int) -> Load:
    """Half of the invoices are equal to another one in everything that Sage Intacct sees."""
    rows = [
        {
            "number": number,
            "customer__id": "C",
            "invoiceDate": "2026-01-05",
            "dueDate": "2026-02-05",
            "referenceNumber": f"R-{number // 2:04}",
            "lines": [{"txnAmount": "10.10", "glAccount": {"id": "4000"}}],
        }
        for number in range(size)
    ]
    stream = configured_stream("rows", "append", columns=tuple(rows[0]), primary_key=[["number"]])
    held = [(row["referenceNumber"], "10.10") for row in rows]
    return Load("invoices", "accounts-receivable/invoice", rows, held, stream, {"object_type": "Invoice"})


def holdings(emulator: EmulatorProcess, path: str) -> list[Json]:
    records = emulator.records(path)
    if path.endswith("invoice"):
        return sorted((each["referenceNumber"], each["lines"][0]["txnAmount"]) for each in records)
    return sorted((each["id"], each["name"]) for each in records)


@pytest.mark.parametrize("load", [customers_by_id, customers_with_own_ids, invoices])
def test_killed_and_started_again_it_writes_each_row_once(
    config_for: Callable[..., Any], load: Callable[[int], Load]
) -> None:
    many = 160 if load is invoices else 1280
    tasks = [(load(many), {}), (load(160), {"batch_size": 1})]

    def kill_often(task: tuple[Load, Json]) -> None:
        rows, settings = task
        with EmulatorProcess(*LATENCY) as emulator:
            config = config_for(emulator, **{**rows.settings, **settings})
            chance = random.Random(f"{rows.name} {settings}")
            kills = 0
            while kills < KILLS:
                emulator.reset()
                emulator.hold("general-ledger/account", {"id": "4000", "name": "Revenue"})
                if load is invoices:
                    emulator.hold("accounts-receivable/customer", {"id": "C", "name": "Customer of every invoice"})
                kills += sync_with_kills(rows, config, emulator, chance)
                assert holdings(emulator, rows.path) == rows.held, f"{rows.name} {settings}, after {kills} kills"

    with ThreadPoolExecutor(len(tasks)) as side_by_side:
        list(side_by_side.map(kill_often, tasks))


def sync_with_kills(load: Load, config: Json, emulator: EmulatorProcess, chance: random.Random) -> int:
    """Sync to the end, killed on the way; return how often."""
    lines = list(with_states(load.rows))
    for kills in range(MOST_KILLS_OF_A_SYNC):
        finished = killed_on_the_way(load, config, lines, emulator, chance)
        if finished.code == 0:
            return kills
        assert finished.code == -signal.SIGKILL, finished.messages
        lines = rest_after(lines, [state["id"] for state in finished.states])
        if not lines:
            return kills + 1
    emulator.clear_faults()
    with writing(config, catalog(load.stream)) as running:
        running.send(*lines)
        finished = running.finish()
    assert finished.code == 0, finished.messages
    assert finished.outcomes("rows").get("rejected", 0) == 0
    return MOST_KILLS_OF_A_SYNC


def with_states(rows: Sequence[Json]) -> Iterator[Json]:
    for number, row in enumerate(rows, start=1):
        yield record("rows", row)
        if number % ROWS_PER_STATE == 0:
            yield stream_state("rows", number)
    yield stream_state("rows", len(rows))


def rest_after(lines: Sequence[Json], released: Sequence[int]) -> list[Json]:
    """Return what the source sends again."""
    places = [place for place, line in enumerate(lines) if line["type"] == "STATE" and line["state"]["id"] in released]
    return list(lines[max(places) + 1 :]) if places else list(lines)


def killed_on_the_way(
    load: Load, config: Json, lines: Sequence[Json], emulator: EmulatorProcess, chance: random.Random
) -> Finished:
    """Write, and kill the connector as soon as the server has got or has done so much; it may end before."""
    emulator.clear_faults()
    counter = chance.choice(["got", "done", "still working"])
    most = len(lines) if counter == "done" or config.get("batch_size") == 1 or "invoice" in load.path else 8
    limit = chance.randint(1, most)
    if counter == "still working":
        delay = {"kind": "delay", "seconds": STILL_WORKING_SECONDS}
        emulator.fault(route="/objects/*", method="POST", nth=[limit], action=delay)
    before = progress(emulator, counter)
    ended = threading.Event()
    with writing(config, catalog(load.stream)) as running:

        def kill_in_time() -> None:
            while not ended.wait(BETWEEN_LOOKS_SECONDS) and progress(emulator, counter) - before < limit:
                pass
            running.kill()

        killer = threading.Thread(target=kill_in_time)
        killer.start()
        try:
            with suppress(BrokenPipeError):
                running.send(*lines)
            return running.finish()
        finally:
            ended.set()
            killer.join()


def progress(emulator: EmulatorProcess, counter: str) -> int:
    """Return how many API transactions were done, or how many requests to write or to create have come in."""
    stats = emulator.stats()
    if counter == "done":
        return int(stats["api_transactions"])
    asked = "POST /objects/" if counter == "still working" else "/objects/"
    return sum(number for route, number in stats["by_route"].items() if asked in route)

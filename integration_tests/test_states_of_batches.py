"""STATEs while many rows are in flight at once: none passes a row that is not held, none waits longer than it must."""

from collections.abc import Callable
from typing import Any

import pytest
from airbyte_input import catalog, configured_stream, global_state, record, stream_state
from connector_process import look_until, writing
from emulator_process import EmulatorProcess

WITHIN_SECONDS = 3.25  # of which rows wait 2.25 for company
CUSTOMERS = "accounts-receivable/customer"
ROUTE = f"/objects/{CUSTOMERS}"
STREAMS = catalog(*(configured_stream(name, "append", columns=("id", "name")) for name in "ab"))

pytestmark = pytest.mark.alone


def rows(stream: str, first: int, last: int) -> list[dict[str, Any]]:
    return [record(stream, {"id": f"{stream}-{number}", "name": "x"}) for number in range(first, last + 1)]


def held(emulator: EmulatorProcess, stream: str) -> int:
    return sum(each["id"].startswith(f"{stream}-") for each in emulator.records(CUSTOMERS))


def creates(emulator: EmulatorProcess) -> int:
    return sum(each["method"] == "POST" and each["path"].endswith(ROUTE) for each in emulator.requests())


@pytest.fixture
def slow_first(emulator: EmulatorProcess) -> EmulatorProcess:
    """Give an emulator that works two seconds on the first create before it commits it."""
    emulator.fault(route=ROUTE, method="POST", nth=[1], action={"kind": "delay", "seconds": 2.0, "when": "before"})
    return emulator


def test_a_state_waits_for_a_slow_batch_though_later_rows_are_held_already(
    slow_first: EmulatorProcess, config_for: Callable[..., Any]
) -> None:
    with writing(config_for(slow_first, batch_size=50), STREAMS) as running:
        running.send(*rows("a", 1, 50), stream_state("a", 1))
        look_until(lambda: creates(slow_first) >= 1)
        running.send(*rows("a", 51, 150), stream_state("a", 2))
        look_until(lambda: held(slow_first, "a") == 125)  # the slow request has half of the first batch

        running.nothing_comes("STATE", during=0.7)
        assert held(slow_first, "a") == 125

        look_until(lambda: held(slow_first, "a") == 150)
        first, second = (running.next("STATE", within=WITHIN_SECONDS)["state"] for _ in range(2))
        assert running.finish().code == 0
    assert [(state["id"], state["destinationStats"]["recordCount"]) for state in (first, second)] == [(1, 50), (2, 100)]


def test_a_state_of_another_stream_does_not_wait_and_a_global_one_does(
    slow_first: EmulatorProcess, config_for: Callable[..., Any]
) -> None:
    with writing(config_for(slow_first, batch_size=10), STREAMS) as running:
        running.send(*rows("a", 1, 10))
        look_until(lambda: creates(slow_first) >= 1)
        running.send(*rows("b", 1, 10), stream_state("b", 1), global_state(2, ["a", "b"]))

        assert running.next("STATE", within=WITHIN_SECONDS)["state"]["id"] == 1
        running.nothing_comes("STATE", during=0.5)
        assert (held(slow_first, "a"), held(slow_first, "b")) == (0, 10)

        look_until(lambda: held(slow_first, "a") == 10)
        state = running.next("STATE", within=WITHIN_SECONDS)["state"]
        assert (state["id"], state["destinationStats"]["recordCount"]) == (2, 10)
        assert running.finish().code == 0


def test_a_buffer_that_is_not_full_does_not_keep_its_state_while_input_is_silent(
    emulator: EmulatorProcess, config_for: Callable[..., Any]
) -> None:
    with writing(config_for(emulator), STREAMS) as running:
        running.send(*rows("a", 1, 1), stream_state("a", 0))
        running.next("STATE")
        running.send(*rows("a", 2, 40), stream_state("a", 1))

        assert running.next("STATE", within=WITHIN_SECONDS)["state"]["id"] == 1
        assert held(emulator, "a") == 40
        assert running.finish().code == 0


def test_rows_about_one_record_do_not_keep_their_state_while_input_is_silent(
    emulator: EmulatorProcess, config_for: Callable[..., Any]
) -> None:
    matching = {"matching": {"by": "fields", "fields": ["id"]}}
    streams = catalog(configured_stream("a", "append_dedup", columns=("id", "name")))
    with writing(config_for(emulator) | matching, streams) as running:
        running.send(*rows("a", 1, 1), stream_state("a", 0))
        running.next("STATE")
        running.send(*(record("a", {"id": "a-1", "name": name}) for name in ("One", "Two")), stream_state("a", 1))

        assert running.next("STATE", within=WITHIN_SECONDS)["state"]["id"] == 1
        assert [each["name"] for each in emulator.records(CUSTOMERS) if each["id"] == "a-1"] == ["Two"]
        assert running.finish().code == 0


def test_sigterm_lets_a_batch_in_flight_be_settled_and_sends_nothing_that_waits(
    slow_first: EmulatorProcess, config_for: Callable[..., Any]
) -> None:
    with writing(config_for(slow_first, batch_size=3, max_concurrency=1), STREAMS) as running:
        running.send(*rows("a", 1, 3), stream_state("a", 1))
        look_until(lambda: creates(slow_first) == 1)
        running.send(*rows("a", 4, 8), stream_state("a", 2), *rows("b", 1, 1))
        running.nothing_comes("STATE", during=0.5)
        running.terminate()
        finished = running.finish()

    assert finished.code == 143
    assert finished.of_type("TRACE") == []
    assert [(state["id"], state["destinationStats"]["recordCount"]) for state in finished.states] == [(1, 3)]
    assert finished.outcomes("a") == {"created": 3, "not settled, to be sent again": 5}
    assert finished.outcomes("b") == {"not settled, to be sent again": 1}
    assert (held(slow_first, "a"), held(slow_first, "b"), creates(slow_first)) == (3, 0, 1)

"""STATEs come back verbatim, in order, in time, with their own counts, while standard input stays open."""

import json
import re
import time
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from airbyte_input import catalog, configured_stream, global_state, record, stream_state
from connector_process import COMMAND, UNBUFFERED, Reader, look_until, run, writing
from emulator_process import EmulatorProcess

pytestmark = pytest.mark.usefixtures("untraced")

WITHIN_SECONDS = 3.25  # of which rows wait 2.25 for company
CUSTOMERS = "accounts-receivable/customer"


@pytest.fixture
def config(emulator: EmulatorProcess, config_for: Callable[..., dict[str, Any]]) -> dict[str, Any]:
    return config_for(emulator)


STREAMS = catalog(
    configured_stream("a", columns=("key", "id", "name")),
    configured_stream("b", columns=("key", "id", "name")),
    configured_stream("a", columns=("key", "id", "name"), namespace="public"),
)


def without_stats(state: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in state.items() if name != "destinationStats"}


@pytest.mark.alone
def test_every_state_comes_back_soon_while_input_stays_open(config: dict[str, Any]) -> None:
    states = [
        stream_state("a", 1, sourceStats={"recordCount": 2.0}, futureKey={"deep": [1, None, "x"]}),
        stream_state("b", 2, sourceStats={"recordCount": 0.0}),
        stream_state("a", 3, namespace="public", id="an id that is text"),
        global_state(4, ["a", "b"], sourceStats={"recordCount": 1.0}, futureKey=0.1),
        {"type": "STATE", "state": {"type": "LEGACY", "data": {"old": True}, "id": 5}},
        {"type": "STATE", "state": {"data": {"older": True}}},
    ]
    rows = [
        [record("a", {"id": "A-1", "name": "One"}), record("a", {"id": "A-2", "name": "Two"})],
        [],
        [record("a", {"id": "A-3", "name": "Three"}, namespace="public")],
        [record("b", {"id": "B-1", "name": "Four"})],
        [],
        [],
    ]
    counts = [2.0, 0.0, 1.0, 1.0, 0.0, 0.0]
    with writing(config, STREAMS) as running:
        running.send(record("a", {"id": "A-0", "name": "The first request signs in"}))
        running.send(global_state(0, ["a"]))
        running.next("STATE")
        for state, before, count in zip(states, rows, counts, strict=True):
            running.send(*before, state)
            answer = running.next("STATE", within=WITHIN_SECONDS)
            assert without_stats(answer["state"]) == state["state"]
            assert answer["state"]["destinationStats"] == {"recordCount": count, "rejectedRecordCount": 0.0}
        finished = running.finish()

    assert finished.code == 0
    assert '"recordCount":2.0' in finished.stdout


def test_a_state_keeps_its_very_bytes(config: dict[str, Any]) -> None:
    state = (
        b'{"type":"STATE","unknown":1e5,"state":{"id":7,"type":"STREAM","x":1.10,"y":1E400,"z":12345678901234567890123,'
        b'"t":"\\u00e9\\u0000 \xc3\xa9","stream":{"stream_descriptor":{"name":"a"},"stream_state":{"c":[0.1,-0.0]}}}}\n'
    )

    finished = run("write", config, STREAMS, [state])

    line = next(line for line in finished.stdout.splitlines() if '"STATE"' in line)
    stats = '"destinationStats":{"recordCount":0.0,"rejectedRecordCount":0.0}'
    assert line.encode() + b"\n" == state.replace(b"}}}}\n", b"}},%s}}\n" % stats.encode())


def test_a_global_state_counts_every_stream_and_rejected_rows_apart(config: dict[str, Any]) -> None:
    lines = [
        record("a", {"id": "A-1", "name": "One"}),
        record("b", {"id": "B-1", "name": "Two"}),
        record("b", {"id": "B-1", "name": "The same id again"}),
        global_state(1, ["a", "b"]),
        record("a", {"key": "no key, but words", "name": "Three"}),
        record("a", {"id": "A-2", "name": "Four"}),
        global_state(2, ["a", "b"]),
    ]

    finished = run("write", config, STREAMS, lines)

    stats = [(state["id"], *state["destinationStats"].values()) for state in finished.states]
    assert stats == [(1, 2.0, 1.0), (2, 1.0, 1.0)]


def test_a_state_waits_for_its_rows_and_no_longer(emulator: EmulatorProcess, config: dict[str, Any]) -> None:
    """The second row's answer is held for a while; until then only the STATE before it is out."""
    slow = {"kind": "delay", "seconds": 1.5, "when": "after"}
    emulator.fault(route="/objects/accounts-receivable/customer", method="POST", nth=[2], action=slow)
    with writing(config, STREAMS) as running:
        running.send(record("a", {"id": "A-1", "name": "One"}), stream_state("a", 1))
        assert running.next("STATE")["state"]["id"] == 1
        running.send(record("a", {"id": "A-2", "name": "Two"}), stream_state("a", 2))
        running.nothing_comes("STATE", during=0.7)
        assert running.next("STATE", within=5)["state"]["id"] == 2
        assert running.finish().code == 0


def test_an_outage_acknowledges_what_is_settled_and_nothing_else(
    emulator: EmulatorProcess, config: dict[str, Any]
) -> None:
    broken = {"kind": "status", "status": 503, "when": "before"}
    emulator.fault(route="/objects/accounts-receivable/customer", method="POST", nth=[2], action=broken)
    lines = [
        record("a", {"id": "A-1", "name": "One"}),
        stream_state("a", 1),
        record("a", {"id": "A-2", "name": "Two"}),
        stream_state("a", 2),
        stream_state("b", 3),
    ]

    one_by_one = {"max_retries": 0, "batch_size": 1, "max_concurrency": 1}
    finished = run("write", config | one_by_one, STREAMS, lines)

    assert finished.code == 1
    of_a = [state["id"] for state in finished.states if state["stream"]["stream_descriptor"]["name"] == "a"]
    assert of_a == [1]
    assert finished.error["failure_type"] == "transient_error"
    assert "POST /objects/accounts-receivable/customer in 1 attempt: HTTP 503" in finished.error["message"]
    assert finished.outcomes("a") == {"created": 1, "not settled, to be sent again": 1}
    assert "A-2" not in {customer["id"] for customer in emulator.records(CUSTOMERS)}


def test_sigterm_lets_the_request_in_flight_answer_and_releases_its_state(
    emulator: EmulatorProcess, config: dict[str, Any]
) -> None:
    slow = {"kind": "delay", "seconds": 9.0, "when": "after"}
    emulator.fault(route="/objects/accounts-receivable/customer", method="POST", nth=[2], action=slow)
    with writing(config, STREAMS) as running:
        running.send(record("a", {"id": "A-1", "name": "One"}), stream_state("a", 1))
        running.next("STATE")
        running.send(record("a", {"id": "A-2", "name": "Two"}), stream_state("a", 2))
        running.nothing_comes("STATE", during=3.25)
        running.terminate()
        finished = running.finish()

    assert finished.code == 143
    assert finished.stderr == (
        "Asked to stop (SIGTERM): nothing more is sent; requests that were sent are waited for, 25 seconds at most.\n"
    )
    assert [state["id"] for state in finished.states] == [1, 2]
    assert finished.of_type("TRACE") == []
    assert finished.outcomes("a") == {"created": 2}
    assert {"A-1", "A-2"} <= {customer["id"] for customer in emulator.records(CUSTOMERS)}


def test_sigterm_ends_a_wait_for_the_servers_limit_at_once(emulator: EmulatorProcess, config: dict[str, Any]) -> None:
    throttled = {"kind": "status", "status": 429, "headers": {"Retry-After": "600"}, "when": "before"}
    emulator.fault(route="/objects/accounts-receivable/customer", method="POST", nth=[2], action=throttled)
    with writing(config, STREAMS) as running:
        running.send(record("a", {"id": "A-1", "name": "One"}), stream_state("a", 1))
        running.next("STATE")
        running.send(record("a", {"id": "A-2", "name": "Two"}), stream_state("a", 2))
        running.nothing_comes("STATE", during=0.7)
        running.terminate()
        finished = running.finish()

    assert finished.code == 143
    assert [state["id"] for state in finished.states] == [1]


def test_every_line_is_one_whole_json_object(config: dict[str, Any]) -> None:
    finished = run(
        "write", config, STREAMS, [record("a", {"id": "A-1", "name": "Line\nbreak \u2028"}), stream_state("a", 1)]
    )

    for line in finished.stdout.splitlines():
        assert re.fullmatch(r"\{.*\}", line)
        assert isinstance(json.loads(line), dict)


@pytest.mark.parametrize("is_stopped", [False, True])
@pytest.mark.parametrize("blocks", [True, False])
@pytest.mark.parametrize("command", [COMMAND, UNBUFFERED], ids=["buffered", "unbuffered"])
def test_a_line_is_whole_though_nobody_reads_it_for_a_while(
    emulator: EmulatorProcess, config: dict[str, Any], command: Sequence[str], blocks: bool, is_stopped: bool
) -> None:
    large = stream_state("a", 1)
    large["state"]["stream"]["stream_state"] = {"cursor": "x" * 400_000}
    with writing(config, STREAMS, Reader(is_slow=True, blocks=blocks), command) as running:
        running.send(record("a", {"id": "A-1", "name": "One"}), large, stream_state("a", 2))
        look_until(lambda: any(each["id"] == "A-1" for each in emulator.records(CUSTOMERS)))
        time.sleep(0.5)  # the large line is half written by now
        if is_stopped:
            running.terminate()
            time.sleep(0.2)
        running.read()
        finished = running.finish()

    assert finished.code == (143 if is_stopped else 0)
    assert [state["id"] for state in finished.states] in ([1], [1, 2])[0 if is_stopped else 1 :]

"""How a write ends when something around it ends: signals, a missing input, an output that takes nothing, a failure."""

import signal
from collections.abc import Callable
from typing import Any

import pytest
from airbyte_input import catalog, configured_stream, record, stream_state
from connector_process import COMMAND, run, run_in_shell, writing
from emulator_process import EmulatorProcess

CUSTOMERS = "accounts-receivable/customer"
BY_ID = {"matching": {"by": "fields", "fields": ["id"]}}
STREAMS = catalog(configured_stream("rows", columns=["id", "name"]))
LINES = [*(record("rows", {"id": f"N-{number}", "name": "x"}) for number in range(20)), stream_state("rows", 1)]
NO_INPUT = "The standard input, from which rows come, cannot be read: "
NO_ROOM = "Standard output takes no more data"


def held(emulator: EmulatorProcess) -> set[str]:
    return {each["id"] for each in emulator.records(CUSTOMERS)}


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_signal_ends_a_write_that_waits_for_input(
    emulator: EmulatorProcess, config_for: Callable[..., Any], number: signal.Signals, code: int
) -> None:
    with writing(config_for(emulator, **BY_ID), STREAMS, command=COMMAND) as running:
        running.send(*LINES)
        running.next("STATE")
        running.terminate(number)
        finished = running.finish()

    assert (finished.code, finished.stderr) == (code, "")
    assert finished.of_type("TRACE") == []
    assert finished.outcomes("rows") == {"created": 20}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_before_the_connector_is_ready_ends_it_at_once(
    emulator: EmulatorProcess, config_for: Callable[..., Any], number: signal.Signals
) -> None:
    with writing(config_for(emulator, **BY_ID), STREAMS, command=COMMAND) as running:
        running.terminate(number)
        finished = running.finish()

    # Before the first line of ours has run there is nobody yet to catch it, and Python says so in its own way.
    is_pythons_own = finished.code == 1 and "KeyboardInterrupt" in finished.stderr
    assert is_pythons_own or finished.code in {128 + number, -number}
    assert finished.messages == []


@pytest.mark.parametrize(
    ("shell", "why"),
    [
        ("exec $CONNECTOR <&-", "there is none"),
        ("exec $CONNECTOR 0>/dev/null", "Bad file descriptor"),
    ],
)
def test_without_an_input_one_sentence_says_so(
    emulator: EmulatorProcess, config_for: Callable[..., Any], shell: str, why: str
) -> None:
    finished = run_in_shell(shell, config_for(emulator, **BY_ID), STREAMS, LINES)

    assert finished.code == 1
    assert finished.stderr.startswith(NO_INPUT + why)
    assert len(finished.stderr.splitlines()) == 1
    assert finished.error["failure_type"] == "config_error"
    assert finished.error["message"].startswith(NO_INPUT + why)


@pytest.mark.parametrize(
    ("shell", "why"),
    [
        ("exec $CONNECTOR <$INPUT >&-", "There is no standard output"),
        ("exec $CONNECTOR <$INPUT >/dev/full", f"{NO_ROOM} (No space left on device)"),
        ("$CONNECTOR <$INPUT | true; exit ${PIPESTATUS[0]}", f"{NO_ROOM} (Broken pipe)"),
        ("$CONNECTOR <$INPUT | head -c 10 >/dev/null; exit ${PIPESTATUS[0]}", f"{NO_ROOM} (Broken pipe)"),
    ],
)
def test_where_the_output_takes_nothing_one_sentence_says_so(
    emulator: EmulatorProcess, config_for: Callable[..., Any], shell: str, why: str
) -> None:
    finished = run_in_shell(shell, config_for(emulator, **BY_ID), STREAMS, LINES * 50)

    assert finished.code == 1
    assert finished.stderr.startswith(why)
    assert len(finished.stderr.splitlines()) == 1


def test_without_a_standard_error_a_write_goes_on(emulator: EmulatorProcess, config_for: Callable[..., Any]) -> None:
    finished = run_in_shell("exec $CONNECTOR <$INPUT 2>&-", config_for(emulator, **BY_ID), STREAMS, LINES)

    assert (finished.code, finished.outcomes("rows")) == (0, {"created": 20})


@pytest.mark.parametrize("asked", ["3600", "1000000000", "Wed, 30 Sep 2099 10:00:00 GMT"])
def test_nobody_waits_once_the_sync_has_failed(
    emulator_with: Callable[..., EmulatorProcess], config_for: Callable[..., Any], asked: str
) -> None:
    """Of two requests in flight one fails, as it should wait too long; the other one should wait within its budget."""
    emulator = emulator_with("--latency-ms", "500")
    throttled: dict[str, Any] = {"kind": "status", "status": 429, "when": "before"}
    emulator.fault(method="PATCH", nth=[1], action=throttled | {"headers": {"Retry-After": "600"}})
    emulator.fault(method="PATCH", nth=[2], action=throttled | {"headers": {"Retry-After": asked}})
    rows = [record("rows", {"key": key, "name": "x"}) for key in ("101", "102", "103", "104")]
    streams = catalog(configured_stream("rows", "update", columns=["key", "name"]))

    config = config_for(emulator, batch_size=1, skip_unchanged=False)
    finished = run("write", config, streams, rows, command=COMMAND)

    assert finished.code == 1
    assert finished.error["failure_type"] == "transient_error"
    assert "asked PATCH /objects/accounts-receivable/customer" in finished.error["message"]
    assert "to wait longer than 900 seconds in all" in finished.error["message"]
    assert len(finished.summaries) == 1

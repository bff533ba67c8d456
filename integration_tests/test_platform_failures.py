"""Syncs that do not end well, as the platform sees them, and the next one, whose source is given the STATEs saved."""

import random
import signal
from collections.abc import Callable
from typing import Any

import pytest
from airbyte_input import catalog, configured_stream, record
from emulator_process import EmulatorProcess
from simulated_platform import Connection
from simulated_source import all_at, at, interleaved

pytestmark = pytest.mark.usefixtures("untraced")

Json = Any
Configure = Callable[..., dict[str, Json]]

CUSTOMERS, VENDORS = "accounts-receivable/customer", "accounts-payable/vendor"
INVOICES = "accounts-receivable/invoice"
# Equal to every other one in all that Sage Intacct sees: nothing there tells an invoice that is booked twice.
INVOICE = {
    "customer__id": "C",
    "invoiceDate": "2026-01-05",
    "dueDate": "2026-02-05",
    "lines": [{"txnAmount": "10.10", "glAccount": {"id": "4000"}}],
}
NAMES = ("by_id", "new", "vendors", "invoices")
STREAMS = catalog(
    configured_stream("by_id", columns=("id", "name")),
    configured_stream("new", "append", columns=("id", "name"), primary_key=[["id"]]),
    configured_stream("vendors", "append", columns=("id", "name"), primary_key=[["id"]]),
    configured_stream("invoices", "append", columns=("no", *INVOICE), primary_key=[["no"]]),
)
SETTINGS = {
    "streams": [
        {"stream": "by_id", "matching": {"by": "fields", "fields": ["id"]}},
        {"stream": "vendors", "object_type": "Vendor"},
        {"stream": "invoices", "object_type": "Invoice"},
    ]
}
# Longer than a destination takes to be up again: what it had sent is still being worked on then.
STILL_WORKING = {"kind": "delay", "seconds": 1.0}
MOST_QUESTIONS = 50_000


@pytest.fixture
def config(empty_emulator: EmulatorProcess, config_for: Configure) -> Json:
    return config_for(empty_emulator, **SETTINGS)


def row(identity: str) -> Json:
    return {"id": identity, "name": f"Name of {identity}"}


def held(emulator: EmulatorProcess) -> list[str]:
    return sorted(each["id"] for path in (CUSTOMERS, VENDORS) for each in emulator.records(path))


def creates(emulator: EmulatorProcess) -> int:
    """Return how many requests to create have come in, answered or not."""
    by_route = emulator.stats()["by_route"]
    return sum(number for route, number in by_route.items() if route.startswith("POST /objects/"))


def has_done_all(emulator: EmulatorProcess) -> bool:
    """Return whether nothing is being worked on, also of what a killed destination had sent."""
    stats = emulator.stats()
    return sum(stats["by_status"].values()) == stats["requests"]


@pytest.mark.parametrize("is_global", [False, True])
def test_killed_twice_it_writes_each_row_once(
    empty_emulator: EmulatorProcess, config: Json, *, is_global: bool
) -> None:
    empty_emulator.hold(CUSTOMERS, row("C"))
    empty_emulator.hold("general-ledger/account", row("4000"))
    rows = {stream: [row(f"{stream}-{number:03}") for number in range(60)] for stream in NAMES[:-1]}
    expected = sorted(["C", *(each["id"] for own in rows.values() for each in own)])
    rows["invoices"] = [{"no": number, **INVOICE} for number in range(30)]
    said = interleaved(random.Random(f"killed {is_global}"), rows, is_global=is_global)
    connection = Connection(config, STREAMS)
    for _ in range(2):
        rest = connection.rest_of(said)
        some = len(rest) // 3
        with connection.syncing() as attempt:
            attempt.source_says(*rest[:some])
            attempt.acknowledged()
            empty_emulator.fault(route="/objects/*", method="POST", action=STILL_WORKING)
            before = creates(empty_emulator)
            attempt.source_says(*rest[some : 2 * some])
            assert any(creates(empty_emulator) > before for _ in range(MOST_QUESTIONS))
            assert attempt.is_killed().code == -signal.SIGKILL
        empty_emulator.clear_faults()

    rest = connection.rest_of(said)
    finished = connection.sync(rest)

    assert 0 < len(rest) < len(said)
    assert finished.code == 0
    assert any(has_done_all(empty_emulator) for _ in range(MOST_QUESTIONS))
    assert held(empty_emulator) == expected
    assert len(empty_emulator.records(INVOICES)) == len(rows["invoices"])


def test_a_cancelled_sync_goes_on_where_it_was(empty_emulator: EmulatorProcess, config: Json) -> None:
    said = [record("new", row("A")), at("new", 1), record("new", row("B")), record("vendors", row("C")), at("new", 2)]
    connection = Connection(config, STREAMS)
    with connection.syncing() as attempt:
        attempt.source_says(*said[:3])
        attempt.acknowledged()
        assert attempt.is_terminated().code == 143

    finished = connection.sync(connection.rest_of(said))

    assert finished.code == 0
    assert held(empty_emulator) == ["A", "B", "C"]


@pytest.mark.parametrize("state", [at("new", 1), all_at(1, NAMES)])
def test_when_the_source_fails_all_that_came_is_written_and_acknowledged(
    empty_emulator: EmulatorProcess, config: Json, state: Json
) -> None:
    connection = Connection(config, STREAMS)

    finished = connection.sync([record("new", row("A")), state, record("new", row("B"))], source_code=1)

    assert finished.code == 0
    assert len(connection.saved) == 1
    assert held(empty_emulator) == ["A", "B"]


@pytest.mark.parametrize("source_code", [0, 1])
def test_a_refresh_takes_away_nothing_that_was_there(
    empty_emulator: EmulatorProcess, config: Json, source_code: int
) -> None:
    """The platform asks for a replacement by generations, and never knows that a source which failed was complete."""
    empty_emulator.hold(CUSTOMERS, row("OLD"))
    generations = {"generation_id": 2, "minimum_generation_id": 2, "sync_id": 7}
    streams = catalog(*(each | generations for each in STREAMS["streams"]))

    finished = Connection(config, streams).sync([record("by_id", row("NEW")), at("by_id", 1)], source_code)

    assert finished.code == 0
    assert held(empty_emulator) == ["NEW", "OLD"]


def test_an_outage_is_told_once_and_the_next_sync_makes_up_for_it(
    empty_emulator: EmulatorProcess, config: Json
) -> None:
    said = [record("new", row("A")), at("new", 1), record("vendors", row("B")), at("vendors", 1)]
    said += [record("new", row("C")), at("new", 2)]
    connection = Connection(config | {"max_retries": 0}, STREAMS)
    down = {"kind": "status", "status": 503}
    empty_emulator.fault(route=f"/objects/{VENDORS}", method="POST", action=down)

    failed = connection.sync(said)

    assert (failed.code, failed.error["failure_type"]) == (1, "transient_error")
    assert (None, "vendors") not in connection.saved
    empty_emulator.clear_faults()
    assert connection.sync(connection.rest_of(said)).code == 0
    assert held(empty_emulator) == ["A", "B", "C"]


def test_past_its_limit_of_rejected_rows_a_sync_stops_and_sends_them_again(
    config: Json,
) -> None:
    said = [record("new", row("A")), at("new", 1), record("new", {"id": "B", "name": None}), at("new", 2)]
    stop = {"rejected_rows": {"policy": "stop", "max_rows": 0}}
    connection = Connection(config | stop, STREAMS)

    with connection.syncing() as attempt:
        attempt.source_says(*said[:2])
        attempt.acknowledged()
        attempt.source_says(*said[2:])
        finished = attempt.source_ends()

    assert (finished.code, finished.error["failure_type"]) == (1, "config_error")
    assert [state["stream"]["stream_state"] for state in finished.states] == [{"cursor": 1}]
    assert connection.rest_of(said) == said[2:]


def test_a_document_that_a_failed_source_cut_short_is_booked_once_and_whole(
    emulator: EmulatorProcess, config_for: Configure
) -> None:
    header = {"no": "invoiceNumber", "customer": "customer.id", "dated": "invoiceDate", "due": "dueDate"}
    fields = {"amount": "txnAmount", "account": "glAccount.id"}
    settings = {
        "stream": "lines",
        "object_type": "Invoice",
        "field_mapping": [{"column": column, "field": field} for column, field in header.items()],
        "lines": {
            "group_by": ["no"],
            "fields": [{"column": column, "field": field} for column, field in fields.items()],
        },
    }

    def line(number: int, amount: str) -> Json:
        own = {"no": f"I-{number}", "customer": "CUST-100", "dated": "2026-01-05", "due": "2026-02-05"}
        return record("lines", own | {"amount": amount, "account": "4000"})

    said = [line(1, "1"), line(1, "2"), line(2, "3"), at("lines", 1), line(2, "4"), line(3, "5"), at("lines", 2)]
    streams = catalog(configured_stream("lines", "append", columns=(*header, *fields)))
    connection = Connection(config_for(emulator, streams=[settings]), streams)

    failed = connection.sync(said[:5], source_code=1)
    assert failed.code == 1
    assert failed.states == []  # it stands within invoice 2
    finished = connection.sync(connection.rest_of(said))

    assert finished.code == 0
    invoices = emulator.records(INVOICES)
    assert sorted((each["invoiceNumber"], len(each["lines"])) for each in invoices) == [
        ("I-1", 2),
        ("I-2", 2),
        ("I-3", 1),
    ]

"""What rejected rows do to a sync, by policy."""

from collections.abc import Callable
from typing import Any

import pytest
from airbyte_input import catalog, configured_stream, record, stream_state
from connector_process import Finished, run, writing
from emulator_process import EmulatorProcess

STREAMS = catalog(configured_stream("customers", columns=("key", "id", "name")))
BAD = {"key": "not, a key", "name": "Rejected name"}


def sync(config: dict[str, Any], rows: str, policy: dict[str, Any]) -> Finished:
    """Write good (`g`) and bad (`b`) rows; `s` stands for a STATE."""
    lines = []
    for number, kind in enumerate(rows, start=1):
        good = {"id": f"G-{number}", "name": "Good"}
        lines.append(
            stream_state("customers", number) if kind == "s" else record("customers", BAD if kind == "b" else good)
        )
    return run("write", config | {"rejected_rows": policy}, STREAMS, lines)


@pytest.fixture
def config(emulator: EmulatorProcess, config_for: Callable[..., dict[str, Any]]) -> dict[str, Any]:
    return config_for(emulator)


def ids(finished: Finished) -> list[int]:
    return [state["id"] for state in finished.states]


def test_report_delivers_everything_and_fails_at_the_end_with_the_count(config: dict[str, Any]) -> None:
    finished = sync(config, "gbsgs", {"policy": "report"})

    assert finished.code == 1
    assert ids(finished) == [3, 5]
    assert finished.outcomes("customers") == {"created": 2, "rejected": 1}
    assert finished.error["failure_type"] == "config_error"
    assert finished.error["message"].startswith("1 of 3 rows was rejected; all others were delivered.")


def test_continue_delivers_everything_and_succeeds(config: dict[str, Any]) -> None:
    finished = sync(config, "gbsgs", {"policy": "continue"})

    assert finished.code == 0
    assert ids(finished) == [3, 5]
    assert len(finished.rejections) == 1
    assert finished.of_type("TRACE") == []


def test_stop_ends_at_the_row_past_the_limit_and_acknowledges_no_rejected_row(config: dict[str, Any]) -> None:
    finished = sync(config, "gsbsgsbs" + 600 * "g" + "s", {"policy": "stop", "max_rows": 1})

    assert finished.code == 1
    assert ids(finished) in ([], [2])
    assert "4 rows = 0 created + 0 updated + 0 unchanged + 0 deleted + 0 skipped + 2 rejected" in finished.summaries[0]
    assert finished.error["failure_type"] == "config_error"
    assert "2 of 4 rows were rejected, more than the 1 row that `rejected_rows` allows" in finished.error["message"]


def test_stop_within_the_limit_succeeds_and_acknowledges_everything(config: dict[str, Any]) -> None:
    finished = sync(config, "gsbsgs", {"policy": "stop", "max_rows": 1})

    assert finished.code == 0
    assert ids(finished) == [2, 4, 6]


def test_stop_by_share_is_judged_at_the_end_of_a_short_sync(config: dict[str, Any]) -> None:
    assert sync(config, "bggg" + "s", {"policy": "stop", "max_percent": 25}).code == 0

    finished = sync(config, "bgg" + "s", {"policy": "stop", "max_percent": 25})

    assert finished.code == 1
    assert ids(finished) == []
    assert "more than the 25 % that" in finished.error["message"]


def test_a_rejected_row_is_named_by_its_primary_key(config: dict[str, Any]) -> None:
    streams = catalog(configured_stream("customers", columns=("key", "id", "name"), primary_key=[["id"], ["part"]]))
    rows = [
        record("customers", {"id": "CUST-100", "part": 7, "name": "The id of another"}),
        record("customers", {"id": "ROW-2", "part": None, "key": "987654", "name": "An unknown key"}),
    ]

    finished = run("write", config, streams, rows)

    first, second = sorted(finished.rejections)
    assert first.startswith("Rejected row 1 of stream customers, primary key CUST-100, 7: Sage Intacct says: ")
    assert second.startswith("Rejected row 2 of stream customers, primary key ROW-2, record key 987654: ")


def test_stop_does_not_acknowledge_rejected_rows_of_a_sync_that_was_cut_short(config: dict[str, Any]) -> None:
    """Within the limit so far, but nobody knows what the rest would have brought."""
    config["rejected_rows"] = {"policy": "stop", "max_rows": 1}
    with writing(config, STREAMS) as running:
        running.send(record("customers", {"id": "G-1", "name": "Good"}), stream_state("customers", 1))
        assert running.next("STATE")["state"]["id"] == 1
        running.send(record("customers", BAD), stream_state("customers", 2))
        running.nothing_comes("STATE", during=0.5)
        running.terminate()
        finished = running.finish()

    assert finished.code == 143
    assert ids(finished) == [1]

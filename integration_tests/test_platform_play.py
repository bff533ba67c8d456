"""Whole syncs as the platform runs them; each of them is searched for what breaks its rules (`Connection.sync`)."""

import random
from collections.abc import Callable
from typing import Any

import pytest
from airbyte_input import REFRESH_TOKEN, catalog, configured_stream, record, stream_status
from connector_process import run
from emulator_process import EmulatorProcess
from example_counts import times
from simulated_platform import CUSTOM_IMAGE, OLDER, PYAIRBYTE, Connection
from simulated_source import all_at, at, interleaved

pytestmark = pytest.mark.usefixtures("untraced")

Json = Any
Configure = Callable[..., dict[str, Json]]

CUSTOMERS, VENDORS = "accounts-receivable/customer", "accounts-payable/vendor"
COLUMNS = ("id", "name", "status")
STREAMS = catalog(
    configured_stream("by_id", columns=COLUMNS),
    configured_stream("new", "append", columns=COLUMNS, primary_key=[["id"]]),
    configured_stream("vendors", "append", columns=COLUMNS, primary_key=[["id"]]),
)
SETTINGS = {
    "default_for_other_streams": True,
    "streams": [
        {"stream": "by_id", "matching": {"by": "fields", "fields": ["id"]}},
        {"stream": "vendors", "object_type": "Vendor"},
    ],
}


@pytest.fixture
def config(empty_emulator: EmulatorProcess, config_for: Configure) -> Json:
    return config_for(empty_emulator, **SETTINGS)


def held(emulator: EmulatorProcess) -> list[str]:
    return sorted(each["id"] for path in (CUSTOMERS, VENDORS) for each in emulator.records(path))


def row(identity: str, *, is_fine: bool = True) -> Json:
    return {"id": identity, "name": "One", "status": "active" if is_fine else "asleep"}


@pytest.mark.parametrize("policy", ["report", "continue"])
@pytest.mark.parametrize("is_global", [False, True])
@pytest.mark.parametrize("seed", range(times(2, 25)))
def test_streams_may_come_in_any_order_with_states_anywhere(
    empty_emulator: EmulatorProcess, config: Json, seed: int, policy: str, *, is_global: bool
) -> None:
    chance = random.Random(f"{seed} {policy} {is_global}")
    rows = {
        stream: [row(f"{stream}-{number}", is_fine=chance.random() > 0.2) for number in range(chance.randint(0, 40))]
        for stream in ("by_id", "new", "vendors")
    }
    connection = Connection(config | {"rejected_rows": {"policy": policy}}, STREAMS)

    finished = connection.sync(interleaved(chance, rows, is_global=is_global))

    fine = [each["id"] for own in rows.values() for each in own if each["status"] == "active"]
    rejected = sum(map(len, rows.values())) - len(fine)
    assert held(empty_emulator) == sorted(fine)
    assert sum(state["destinationStats"]["rejectedRecordCount"] for state in finished.states) == rejected
    assert finished.code == (1 if rejected and policy == "report" else 0)
    assert connection.saved.keys() == ({None} if is_global else {(None, stream) for stream in rows})


def test_streams_of_one_name_in_two_namespaces_are_told_apart(empty_emulator: EmulatorProcess, config: Json) -> None:
    spaces = (None, "public")
    streams = catalog(*(configured_stream("new", "append", columns=COLUMNS, namespace=each) for each in spaces))
    connection = Connection(config, streams)

    finished = connection.sync(
        [
            *(
                record("new", row(name), namespace)
                for namespace, name in ((None, "A"), ("public", "B"), ("public", "C"))
            ),
            *(at("new", 1, namespace) for namespace in spaces),
        ]
    )

    assert finished.code == 0
    assert {scope: state["destinationStats"]["recordCount"] for scope, state in connection.saved.items()} == {
        (None, "new"): 1.0,
        ("public", "new"): 2.0,
    }
    assert held(empty_emulator) == ["A", "B", "C"]


def test_a_state_comes_back_while_the_source_is_silent(config: Json) -> None:
    connection = Connection(config | {"rejected_rows": {"policy": "continue"}}, STREAMS)
    with connection.syncing() as attempt:
        for number in range(3):
            attempt.source_says(record("new", row(f"N-{number}")), record("new", row("X", is_fine=False)))
            attempt.source_says(record("vendors", row(f"V-{number}")), at("vendors", number), at("new", number))
            streams = [state["stream"]["stream_descriptor"]["name"] for state in attempt.acknowledged(2)]
            assert sorted(streams) == ["new", "vendors"]
        assert attempt.source_ends().code == 0


def test_a_full_refresh_without_states_tells_its_rejected_rows_by_the_platforms_own(config: Json) -> None:
    streams = catalog(configured_stream("new", "append", columns=COLUMNS) | {"sync_mode": "full_refresh"})
    connection = Connection(config | {"rejected_rows": {"policy": "continue"}, "streams": []}, streams)

    finished = connection.sync([record("new", row("A")), record("new", row("B", is_fine=False))])

    (state,) = finished.states
    assert state["destinationStats"] == {"recordCount": 1.0, "rejectedRecordCount": 1.0}


def test_a_global_state_counts_the_streams_that_it_lists(config: Json) -> None:
    """The platform keeps the rows of others for the next state that lists them (`ParallelStreamStatsTracker`)."""
    connection = Connection(config, STREAMS)

    finished = connection.sync(
        [
            record("new", row("A")),
            record("vendors", row("B")),
            all_at(1, ["new"]),
            record("vendors", row("C")),
            all_at(2, ["new", "vendors"]),
        ]
    )

    assert [state["destinationStats"]["recordCount"] for state in finished.states] == [1.0, 2.0]


def test_a_configuration_handed_back_signs_in_the_next_sync(
    emulator_with: Callable[..., EmulatorProcess], config_for: Configure
) -> None:
    emulator = emulator_with("--rotate-refresh-tokens")
    given = config_for(emulator, credentials=REFRESH_TOKEN, **SETTINGS)
    connection = Connection(given, STREAMS)
    for number in range(3):
        before = connection.config
        assert connection.sync([record("new", row(f"R-{number}")), at("new", number)]).code == 0
        emulator.expire_tokens()
        assert connection.config["credentials"]["refresh_token"] != before["credentials"]["refresh_token"]

    assert run("check", given).status["status"] == "FAILED"
    assert run("check", connection.config).status["status"] == "SUCCEEDED"


def test_a_platform_that_sends_no_statuses_gets_everything_too(empty_emulator: EmulatorProcess, config: Json) -> None:
    said = [record("new", row("A")), at("new", 1), record("vendors", row("B")), at("vendors", 2)]

    finished = Connection(config, STREAMS, CUSTOM_IMAGE).sync(said)

    assert finished.code == 0
    assert held(empty_emulator) == ["A", "B"]


def test_an_older_platform_gets_its_one_state_of_the_old_kind_back(
    empty_emulator: EmulatorProcess, config: Json
) -> None:
    old = [
        {"type": "STATE", "state": {"type": "LEGACY", "data": {"at": 1}}},
        {"type": "STATE", "state": {"data": {"at": [2, None, 0.10]}}},
    ]

    finished = Connection(config, STREAMS, OLDER).sync(
        [record("new", row("A")), old[0], record("new", row("B")), old[1]]
    )

    assert finished.code == 0
    assert held(empty_emulator) == ["A", "B"]


def test_peculiar_input_is_taken_as_it_is_meant(empty_emulator: EmulatorProcess, config: Json) -> None:
    """Nulls for what is not set, seconds for milliseconds, keys and types of message that nobody knows yet."""
    row_of_nulls = record("new", {**row("A"), "status": None})
    row_of_nulls["record"] |= {"emitted_at": 1_700_000_000, "file_reference": None, "later": {"deep": [1]}}
    state = at("new", 1)
    state["state"] |= {"global": None, "data": None, "later": {"deep": [1, 1.0, None, "é"]}}
    state["state"]["stream"] |= {"later": 1e3}
    state |= {"record": None, "later": True}
    others = [
        {"type": "LOG", "log": {"level": "INFO", "message": "said by the source"}},
        {"type": "CONTROL", "control": {"type": "CONNECTOR_CONFIG", "connectorConfig": {"config": {"not": "ours"}}}},
        {"type": "TRACE", "trace": {"type": "ESTIMATE", "estimate": None}},
        {"type": "TRACE", "trace": {"type": "OF_THE_FUTURE"}},
        {"type": "OF_THE_FUTURE", "of_the_future": {"record": {}}},
        stream_status("new", "STARTED"),
        stream_status("new", "OF_THE_FUTURE"),
    ]

    finished = Connection(config, STREAMS, PYAIRBYTE).sync([*others, row_of_nulls, *others, state, *others])

    assert finished.code == 0
    assert finished.controls == []
    assert held(empty_emulator) == ["A"]

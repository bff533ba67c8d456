"""Writes to one record: never two in flight together, and in the order of their rows."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from airbyte_input import catalog, configured_stream, record
from connector_process import outcomes_told
from emulator_process import EmulatorProcess
from overlaps import WatchedExchange
from sync_in_process import sync

from destination_sage_intacct.intacct.clock import Clock, SystemClock

CUSTOMERS = "accounts-receivable/customer"
BY_ID = {"matching": {"by": "fields", "fields": ["id"]}}
KEY = "101"  # of the demo customer CUST-100

Json = Any


def written(emulator: EmulatorProcess) -> list[tuple[str, Json]]:
    """Return method and body of every request that wrote customers, in the order in which they arrived."""
    return [
        (each["method"], each["body"])
        for each in emulator.requests(last=2000)
        if f"/objects/{CUSTOMERS}" in each["path"]
    ]


def held(emulator: EmulatorProcess, record_id: str) -> Json:
    (found,) = [each for each in emulator.records(CUSTOMERS) if each["id"] == record_id]
    return found


def sync_rows(
    config: Json,
    rows: list[Json],
    mode: str = "append_dedup",
    watch: WatchedExchange | None = None,
    clock: Clock | None = None,
    *,
    one_by_one: bool = False,
) -> Json:
    """Sync the rows of one stream; return its outcomes. `one_by_one`: a moment after each, so that none waits."""
    stream = configured_stream("rows", mode, columns=sorted({column for row in rows for column in row}))
    lines = [line for row in rows for line in ([record("rows", row), None] if one_by_one else [record("rows", row)])]
    synced = sync(config, catalog(stream), lines, clock, transport=watch)
    assert synced.error is None
    return outcomes_told(synced.summaries, "rows")


def test_rows_that_create_and_then_update_a_key_become_one_create_and_one_update(
    emulator: EmulatorProcess, config_for: Callable[..., Any]
) -> None:
    names = [("N-1", "first"), ("N-2", "other"), ("N-1", "second"), ("N-3", "another")]

    outcomes = sync_rows(
        config_for(emulator, batch_size=1, **BY_ID), [{"id": key, "name": name} for key, name in names]
    )

    assert outcomes == {"created": 3, "updated": 1}
    assert held(emulator, "N-1")["name"] == "second"
    first = next(place for place, (method, body) in enumerate(written(emulator)) if '"first"' in body)
    second = next(place for place, (method, body) in enumerate(written(emulator)) if '"second"' in body)
    assert [written(emulator)[place][0] for place in (first, second)] == ["POST", "PATCH"]
    assert first < second


def test_rows_of_one_key_that_wait_together_become_one_write(
    emulator: EmulatorProcess, config_for: Callable[..., Any]
) -> None:
    names = ["first", "second", "third", "third"]

    outcomes = sync_rows(
        config_for(emulator, **BY_ID), [{"id": key, "name": name} for name in names for key in ("N-1", "CUST-100")]
    )

    assert outcomes == {"created": 1, "updated": 5, "unchanged": 2}
    assert [held(emulator, key)["name"] for key in ("N-1", "CUST-100")] == ["third", "third"]
    assert [method for method, _ in written(emulator)] == ["POST", "PATCH"]


def test_versions_of_which_one_is_refused_are_written_singly(
    emulator: EmulatorProcess, config_for: Callable[..., Any]
) -> None:
    rows = [
        {"id": "N-1", "name": "first", "notes": "kept"},
        {"id": "N-1", "status": "asleep", "notes": "refused"},
        {"id": "N-1", "name": "third"},
    ]

    outcomes = sync_rows(config_for(emulator, rejected_rows={"policy": "continue"}, **BY_ID), rows)

    assert outcomes == {"created": 1, "rejected": 1, "updated": 1}
    assert (held(emulator, "N-1")["name"], held(emulator, "N-1")["notes"]) == ("third", "kept")


@pytest.mark.parametrize("skip_unchanged", [True, False])
def test_of_five_hundred_rows_of_one_natural_key_the_last_counts_and_none_is_lost(
    emulator: EmulatorProcess, config_for: Callable[..., Any], skip_unchanged: bool
) -> None:
    watch = WatchedExchange()
    rows = [{"id": "N-1", "name": f"name {number}"} for number in range(500)]

    outcomes = sync_rows(config_for(emulator, skip_unchanged=skip_unchanged, **BY_ID), rows, watch=watch)

    assert outcomes == {"created": 1, "updated": 499}
    assert held(emulator, "N-1")["name"] == "name 499"
    sent = [int(body.rpartition("name ")[2].partition('"')[0]) for _, body in written(emulator)]
    assert sent == sorted(set(sent))
    assert watch.overlaps == []


def test_more_rows_of_one_key_than_may_wait_for_each_other_all_come_to_an_outcome(
    emulator: EmulatorProcess, config_for: Callable[..., Any]
) -> None:
    rows = [{"id": "N-1", "name": "the same"}] * 5_200

    outcomes = sync_rows(config_for(emulator, **BY_ID), [*rows, {"id": "N-1", "name": "another"}])

    assert sum(outcomes.values()) == 5_201
    # The first of the rows that went together with the last one is not compared with what the sync wrote before.
    assert (outcomes["created"], outcomes["updated"]) in {(1, 1), (1, 2)}
    assert held(emulator, "N-1")["name"] == "another"


def test_of_five_hundred_rows_of_one_record_key_the_last_counts_and_none_is_lost(
    emulator: EmulatorProcess, config_for: Callable[..., Any]
) -> None:
    watch = WatchedExchange()
    rows = [{"key": KEY, "notes": f"note {number}"} for number in range(500)]

    outcomes = sync_rows(config_for(emulator, skip_unchanged=False), rows, "update", watch, one_by_one=True)

    assert outcomes == {"updated": 500}
    assert held(emulator, "CUST-100")["notes"] == "note 499"
    sent = [int(body.rpartition("note ")[2].partition('"')[0]) for _, body in written(emulator)]
    assert sent == sorted(set(sent))
    assert len(sent) > 1
    assert watch.overlaps == []


@pytest.mark.parametrize("skip_unchanged", [True, False])
@pytest.mark.parametrize("batch_size", [1, 500])
@pytest.mark.parametrize("key", [{"key": KEY}, {"id": "CUST-100"}])
def test_a_value_that_comes_back_is_written_again(
    emulator: EmulatorProcess, config_for: Callable[..., Any], key: Json, batch_size: int, skip_unchanged: bool
) -> None:
    matching = BY_ID if "id" in key else {}
    config = config_for(emulator, batch_size=batch_size, skip_unchanged=skip_unchanged, **matching)

    outcomes = sync_rows(config, [{**key, "notes": value} for value in "ABA"])

    assert outcomes == {"updated": 3}
    assert held(emulator, "CUST-100")["notes"] == "A"
    for value in "BA":
        assert sync_rows(config, [{**key, "notes": value}]) == {"updated": 1}
        assert held(emulator, "CUST-100")["notes"] == value


def test_a_new_record_whose_value_comes_back_in_later_syncs_is_written_each_time(
    emulator: EmulatorProcess, config_for: Callable[..., Any]
) -> None:
    config = config_for(emulator, **BY_ID)

    for value, outcome in zip("ABA", ("created", "updated", "updated"), strict=True):
        assert sync_rows(config, [{"id": "N-1", "name": value}]) == {outcome: 1}
        assert held(emulator, "N-1")["name"] == value


def test_two_streams_that_write_one_record_are_never_in_flight_together(
    emulator_with: Callable[..., EmulatorProcess], config_for: Callable[..., Any]
) -> None:
    emulator = emulator_with("--latency-ms", "20")
    watch = WatchedExchange()
    config = config_for(emulator, batch_size=1, streams=[{"stream": "by_id", **BY_ID}])
    streams = catalog(
        configured_stream("by_id", columns=("id", "notes")), configured_stream("by_key", columns=("key", "taxId"))
    )
    rows = []
    for number in range(20):
        rows += [record("by_id", {"id": "CUST-100", "notes": f"note {number}"})]
        rows += [record("by_key", {"key": KEY, "taxId": f"tax {number}"})]

    synced = sync(config, streams, rows, transport=watch)

    assert [outcomes_told(synced.summaries, name) for name in ("by_id", "by_key")] == [{"updated": 20}] * 2
    assert (held(emulator, "CUST-100")["notes"], held(emulator, "CUST-100")["taxId"]) == ("note 19", "tax 19")
    assert emulator.stats()["max_in_flight"] > 1
    assert watch.overlaps == []


@pytest.mark.parametrize("key", [{"key": KEY}, {"id": "CUST-100"}])
@pytest.mark.parametrize("batch_size", [1, 500])
def test_an_update_that_is_repeated_lands_before_the_next_one(
    emulator: EmulatorProcess, config_for: Callable[..., Any], key: Json, batch_size: int
) -> None:
    emulator.fault(method="PATCH", nth=[1, 2], action={"kind": "cut", "when": "after"})
    config = config_for(emulator, batch_size=batch_size, **(BY_ID if "id" in key else {}))

    assert sync_rows(config, [{**key, "notes": value} for value in "AB"], one_by_one=True) == {"updated": 2}

    assert [json.loads(body)["notes"] for _, body in written(emulator)] == ["A", "A", "A", "B"]
    assert held(emulator, "CUST-100")["notes"] == "B"


@pytest.mark.parametrize("others", [[], [{"key": "102", "notes": "A"}]])
def test_an_update_that_timed_out_does_not_land_after_the_next_one(
    emulator: EmulatorProcess, config_for: Callable[..., Any], others: list[Json]
) -> None:
    emulator.fault(method="PATCH", nth=[1], action={"kind": "delay", "seconds": 2.0})
    rows = [{"key": KEY, "notes": "A"}, *others, {"key": KEY, "notes": "B"}]

    outcomes = sync_rows(
        config_for(emulator), rows, "update", WatchedExchange(0.3), SystemClock(), one_by_one=not others
    )

    assert outcomes == {"updated": len(rows)}

    while any(each["status"] is None for each in emulator.requests()):
        pass  # the server still works on the one that timed out
    assert held(emulator, "CUST-100")["notes"] == "B"

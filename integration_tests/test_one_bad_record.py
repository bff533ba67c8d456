"""One record at fault costs its own row and no other, in whatever form the server refuses it; and what the connector
learns of a server that takes no batches, or none of that size.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from airbyte_input import catalog, configured_stream, record, stream_state
from connector_process import Finished, run
from emulator_process import EmulatorProcess

CUSTOMERS = "accounts-receivable/customer"
COLLECTION = f"/objects/{CUSTOMERS}"
BY_ID = {"by": "fields", "fields": ["id"]}
ROWS = 500
BAD = 317
Row = dict[str, Any]
ConfigFor = Callable[..., dict[str, Any]]
EmulatorWith = Callable[..., EmulatorProcess]


@dataclass(frozen=True)
class Way:
    """How rows find their records: the sync mode and the settings that say so."""

    name: str
    mode: str
    settings: dict[str, Any]
    has_ids: bool = True


CREATING = (
    Way("by natural key", "append_dedup", {"matching": BY_ID}),
    Way("with own ids", "append", {"operation": "insert"}),
)
UPDATING = (
    Way("by natural key", "append_dedup", {"matching": BY_ID}),
    Way("by record key", "append", {"operation": "update"}, has_ids=False),
)
FORMS = ("item", "error-list", "whole")


def customers(count: int = ROWS, **values: str) -> list[Row]:
    return [{"id": f"B-{number:03}", "name": f"Customer {number}", **values} for number in range(count)]


def with_one_bad(rows: list[Row]) -> list[Row]:
    """Return the rows; one asks for a term that does not exist, which only the server can know."""
    return [row | {"term__id": "no such term" if number == BAD else None} for number, row in enumerate(rows)]


def write(config: dict[str, Any], way: Way, rows: list[Row]) -> Finished:
    stream = configured_stream("customers", way.mode, columns=[*rows[0]], primary_key=[["name"]], sync_id=7)
    lines = [*(record("customers", row) for row in rows), stream_state("customers", 1)]
    return run("write", {**config, **way.settings}, catalog(stream), lines)


def held(emulator: EmulatorProcess, *names: str) -> list[Row]:
    return sorted(({name: each[name] for name in names} for each in emulator.records(CUSTOMERS)), key=str)


def bodies(emulator: EmulatorProcess, method: str) -> list[Any]:
    """Return the decoded bodies of all writes by a method, in the order of their arrival."""
    return [
        json.loads(each["body"])
        for each in emulator.requests(last=2000)
        if each["method"] == method and COLLECTION in each["path"]
    ]


def sizes(emulator: EmulatorProcess, method: str) -> list[int]:
    """Return how many records each write held; 0 for a record that was sent as a plain object."""
    return [len(body) if isinstance(body, list) else 0 for body in bodies(emulator, method)]


def assert_one_was_rejected(finished: Finished, outcome: str) -> None:
    """The others came to this outcome; the one at fault is told with its row, its field and Sage's words."""
    assert finished.outcomes("customers") == {outcome: ROWS - 1, "rejected": 1}
    (rejection,) = finished.rejections
    assert rejection.startswith(f"Rejected row {BAD + 1} of stream customers, primary key Customer {BAD}")
    assert "term" in rejection
    assert "Sage Intacct says: " in rejection
    (state,) = finished.states
    assert state["destinationStats"] == {"recordCount": ROWS - 1.0, "rejectedRecordCount": 1.0}
    assert "1 of 500 rows was rejected" in finished.error["message"]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("way", CREATING, ids=lambda way: way.name)
def test_of_500_new_records_only_the_bad_one_is_missing(
    emulator_with: EmulatorWith, config_for: ConfigFor, way: Way, form: str
) -> None:
    emulator = emulator_with("--no-demo-data", "--partial-form", form)
    rows = with_one_bad(customers())

    finished = write(config_for(emulator), way, rows)

    assert_one_was_rejected(finished, "created")
    rows = customers()
    del rows[BAD]
    assert held(emulator, "id", "name") == sorted(rows, key=str)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("way", UPDATING, ids=lambda way: way.name)
def test_of_500_updates_only_the_bad_one_does_not_land(
    emulator_with: EmulatorWith, config_for: ConfigFor, way: Way, form: str
) -> None:
    emulator = emulator_with("--no-demo-data", "--partial-form", form)
    config = config_for(emulator)
    before = customers(notes="before")
    write(config, CREATING[0], before)
    keys = {each["id"]: each["key"] for each in emulator.records(CUSTOMERS)}
    after = with_one_bad(customers(notes="after"))

    finished = write(
        config, way, after if way.has_ids else [{"key": keys[row["id"]], **row, "id": None} for row in after]
    )

    assert_one_was_rejected(finished, "updated")
    after = customers(notes="after")
    after[BAD] = before[BAD]
    assert held(emulator, "id", "name", "notes") == sorted(after, key=str)


@pytest.mark.parametrize("way", CREATING, ids=lambda way: way.name)
def test_a_server_that_takes_no_arrays_is_found_out_once(
    emulator_with: EmulatorWith, config_for: ConfigFor, way: Way
) -> None:
    emulator = emulator_with("--no-demo-data", "--no-arrays")
    rows = customers(200)

    finished = write(config_for(emulator, max_concurrency=1), way, rows)

    assert finished.outcomes("customers") == {"created": 200}
    assert held(emulator, "id", "name") == rows
    # Halved from 32 down to two, of which each is taken alone: from then on there is no doubt.
    assert [size for size in sizes(emulator, "POST") if size] == [32, 16, 8, 4, 2]
    told = [line for line in finished.log if line.endswith("only one record at a time; no batches from here on.")]
    assert told == [f"This server takes {CUSTOMERS} by POST only one record at a time; no batches from here on."]


def test_a_server_that_takes_no_arrays_of_updates_is_found_out_once(
    emulator_with: EmulatorWith, config_for: ConfigFor
) -> None:
    emulator = emulator_with("--no-demo-data", "--no-arrays")
    config = config_for(emulator, max_concurrency=1)
    write(config, CREATING[0], customers(200, notes="before"))

    finished = write(config, UPDATING[0], customers(200, notes="after"))

    assert finished.outcomes("customers") == {"updated": 200}
    assert held(emulator, "id", "name", "notes") == customers(200, notes="after")
    assert [size for size in sizes(emulator, "PATCH") if size] == [32, 16, 8, 4, 2]
    told = [line for line in finished.log if line.endswith("only one record at a time; no batches from here on.")]
    assert told == [f"This server takes {CUSTOMERS} by PATCH only one record at a time; no batches from here on."]


def test_a_batch_that_is_too_large_is_halved_and_none_is_as_large_again(
    emulator_with: EmulatorWith, config_for: ConfigFor
) -> None:
    emulator = emulator_with("--no-demo-data")
    body = {"ia::error": {"code": "invalidRequest", "message": "The payload is too large"}}
    too_large = {"kind": "status", "status": 413, "body": body}
    emulator.fault(route=COLLECTION, method="POST", nth=[1], action=too_large)
    rows = customers(300)

    finished = write(config_for(emulator, max_concurrency=1), CREATING[0], rows)

    assert finished.outcomes("customers") == {"created": 300}
    assert held(emulator, "id", "name") == rows
    first, *others = sizes(emulator, "POST")
    assert (first, others[:2]) == (32, [16, 16])
    assert 16 < max(others) < 32


@pytest.mark.parametrize("way", [*CREATING, UPDATING[0]], ids=["new by id", "new with own ids", "updates"])
def test_with_a_batch_size_of_one_each_row_is_an_object_of_its_own(
    emulator_with: EmulatorWith, config_for: ConfigFor, way: Way
) -> None:
    emulator = emulator_with("--no-demo-data")
    config = config_for(emulator, batch_size=1)
    is_update = way is UPDATING[0]
    if is_update:
        write(config, way, customers(20, notes="before"))
    rows = customers(20, notes="after")

    finished = write(config, way, rows)

    assert finished.outcomes("customers") == {"updated" if is_update else "created": 20}
    assert held(emulator, "id", "name", "notes") == rows
    assert sizes(emulator, "POST") == [0] * 20
    assert sizes(emulator, "PATCH") == ([0] * 20 if is_update else [])

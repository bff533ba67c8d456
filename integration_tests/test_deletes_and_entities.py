"""Rows that were deleted at the source, and rows that name the entity they belong to."""

from collections.abc import Callable
from typing import Any

import pytest
from airbyte_input import catalog, configured_stream, record, stream_state
from connector_process import Finished, run
from emulator_process import EmulatorProcess

Json = Any

CUSTOMERS = "accounts-receivable/customer"
STREAM = "rows"
BY_ID = {"matching": {"by": "fields", "fields": ["id"]}}
DELETED = {"_ab_cdc_deleted_at": "2026-01-31T00:00:00Z"}


@pytest.fixture
def config(emulator: EmulatorProcess, config_for: Callable[..., Json]) -> Json:
    return config_for(emulator)


def write(config: Json, *rows: Json, **settings: Json) -> Finished:
    columns = tuple(sorted({column for row in rows for column in row}))
    stream = configured_stream(STREAM, columns=columns)
    return run("write", config | settings, catalog(stream), [record(STREAM, row) for row in rows])


def status(emulator: EmulatorProcess) -> dict[str, str]:
    return {each["id"]: each["status"] for each in emulator.records(CUSTOMERS)}


@pytest.mark.parametrize(
    ("setting", "outcome", "held"), [("ignore", "skipped", "active"), ("deactivate", "updated", "inactive")]
)
def test_a_row_deleted_at_the_source_is_left_or_made_inactive(
    emulator: EmulatorProcess, config: Json, setting: str, outcome: str, held: str
) -> None:
    finished = write(config, {"key": "101", "name": None, **DELETED}, on_source_delete=setting)

    assert finished.outcomes(STREAM) == {outcome: 1}
    assert status(emulator)["CUST-100"] == held


@pytest.mark.parametrize("settings", [{}, BY_ID])
def test_a_row_deleted_at_the_source_deletes_its_record_only_where_that_is_asked_for(
    emulator: EmulatorProcess, config: Json, settings: Json
) -> None:
    rows = [{"key": "101", "id": "CUST-100", "name": None, **DELETED}, {"key": "102", "id": "CUST-200", "name": "Left"}]

    finished = write(config, *rows, on_source_delete="delete", operation="upsert", **settings)

    assert finished.outcomes(STREAM) == {"deleted": 1, "updated": 1} or settings == {}
    assert "CUST-100" not in status(emulator)
    assert "CUST-200" in status(emulator)


def test_a_row_deleted_right_after_it_was_written_deletes_its_record(emulator: EmulatorProcess, config: Json) -> None:
    row = {"id": "D-1", "name": "Short-lived"}

    finished = write(config, row, row | DELETED, on_source_delete="delete", **BY_ID)

    assert finished.outcomes(STREAM) == {"created": 1, "deleted": 1}
    assert "D-1" not in status(emulator)


def test_many_deletes_go_together_and_a_record_that_is_gone_counts_as_deleted(
    emulator: EmulatorProcess, config: Json
) -> None:
    rows = [{"key": key, "name": None, **DELETED} for key in ("101", "999999", "102", "103")]

    finished = write(config, *rows, on_source_delete="delete")

    assert finished.outcomes(STREAM) == {"deleted": 4}
    assert status(emulator) == {}


def test_each_row_is_written_in_its_own_entity(emulator: EmulatorProcess, config: Json) -> None:
    rows = [
        {"id": "E-1", "name": "One", "company": "100"},
        {"id": "E-2", "name": "Two", "company": "200"},
        {"id": "E-3", "name": "Three", "company": None},
        {"id": "E-4", "name": "Nowhere", "company": "no such entity"},
    ]
    settings = {"streams": [{"stream": STREAM, "entity_field": "company"}], **BY_ID}

    finished = write(config, *rows, **settings)

    assert finished.outcomes(STREAM) == {"created": 3, "rejected": 1}
    assert "field company: The row's entity does not exist in this company. [unknown_entity]" in finished.rejections[0]
    held = {each["id"]: (each.get("entity") or {}).get("id") for each in emulator.records(CUSTOMERS)}
    assert {each: held[each] for each in ("E-1", "E-2", "E-3")} == {"E-1": "100", "E-2": "200", "E-3": None}


def test_no_request_mixes_entities(emulator: EmulatorProcess, config: Json) -> None:
    rows = [{"id": f"E-{number}", "name": "Any", "company": ("100", "200")[number % 2]} for number in range(60)]
    settings = {"streams": [{"stream": STREAM, "entity_field": "company"}], **BY_ID}

    assert write(config, *rows, **settings).outcomes(STREAM) == {"created": 60}

    held = {each["id"]: each["entity"]["id"] for each in emulator.records(CUSTOMERS) if each["id"].startswith("E-")}
    assert held == {row["id"]: row["company"] for row in rows}


@pytest.mark.parametrize(
    ("column", "mark", "setting"),
    [
        ("_AB_CDC_DELETED_AT", "2026-01-31T00:00:00Z", {}),
        ("_Ab_Cdc_Deleted_At", "2026-01-31", {}),
        ("_fivetran_deleted", True, {"source_delete_column": "_fivetran_deleted"}),
        ("_FIVETRAN_DELETED", "true", {"source_delete_column": "_fivetran_deleted"}),
        ("__deleted", "true", {"source_delete_column": "__deleted"}),
        ("_sdc_deleted_at", "2026-01-31T00:00:00Z", {"source_delete_column": "_sdc_deleted_at"}),
        ("gone", 1, {"source_delete_column": "gone"}),
    ],
)
def test_a_row_is_deleted_by_whatever_column_marks_it(
    emulator: EmulatorProcess, config: Json, column: str, mark: Json, setting: Json
) -> None:
    finished = write(config, {"id": "CUST-100", column: mark}, on_source_delete="deactivate", **BY_ID, **setting)

    assert finished.outcomes(STREAM) == {"updated": 1}
    assert status(emulator)["CUST-100"] == "inactive"
    assert not any(column in line for line in finished.log)


@pytest.mark.parametrize("mark", [None, "", " ", False, 0, "false", "F", "0", "no"])
@pytest.mark.parametrize("column", ["_AB_CDC_DELETED_AT", "__deleted"])
def test_a_row_that_is_not_marked_is_written(emulator: EmulatorProcess, config: Json, column: str, mark: Json) -> None:
    row = {"id": "CUST-100", "name": "Kept", column: mark}

    finished = write(config, row, on_source_delete="delete", source_delete_column="__deleted", **BY_ID)

    assert finished.outcomes(STREAM) == {"updated": 1}
    assert status(emulator)["CUST-100"] == "active"


def test_marks_of_another_loader_that_nobody_looks_at_are_told(config: Json) -> None:
    row = {"id": "CUST-100", "name": "x", "_fivetran_deleted": True}

    told = [line for line in write(config, row, on_source_delete="deactivate", **BY_ID).log if "_fivetran" in line]

    assert "set `source_delete_column` to `_fivetran_deleted`" in "".join(told)
    assert not any(
        "set `source_delete_column`" in line for line in write(config, row, on_source_delete="ignore", **BY_ID).log
    )


@pytest.mark.parametrize("setting", [BY_ID, {"matching": {"by": "record_key", "field": "key"}}])
@pytest.mark.parametrize(("reactivates", "held"), [(False, "inactive"), (True, "active")])
def test_a_row_that_comes_back_updates_its_record_and_says_what_it_is(
    emulator: EmulatorProcess, config: Json, setting: Json, reactivates: bool, held: str
) -> None:
    settings = {"on_source_delete": "deactivate", "reactivate_returned_rows": reactivates, **setting}
    row = {"key": "101", "id": "CUST-100", "name": "Back"}
    names = {name: value for name, value in row.items() if name != ("key" if setting is BY_ID else "id")}
    write(config, names | DELETED, **settings)
    assert status(emulator)["CUST-100"] == "inactive"

    back = write(config, names | {"_ab_cdc_deleted_at": None}, **settings)

    assert back.outcomes(STREAM) == {"updated": 1}
    assert status(emulator)["CUST-100"] == held
    told = "1 of the records are inactive in Sage Intacct, though their rows came back" in back.summaries[0]
    assert told is not reactivates


def test_a_row_whose_status_is_its_own_is_not_watched(emulator: EmulatorProcess, config: Json) -> None:
    settings = {"on_source_delete": "deactivate", "reactivate_returned_rows": True, **BY_ID}

    write(config, {"id": "CUST-100", "name": "x", "status": "inactive"}, **settings)
    write(config, {"id": "CUST-100", "name": "y", "status": "inactive"}, **settings)

    assert status(emulator)["CUST-100"] == "inactive"


def test_clearing_data_succeeds_and_takes_nothing_away(emulator: EmulatorProcess, config: Json) -> None:
    before = status(emulator)
    cleared = catalog(configured_stream(STREAM, "overwrite", columns=("id", "name")))

    finished = run("write", config, cleared, [stream_state(STREAM, 1)])

    assert finished.code == 0
    assert [state["id"] for state in finished.states] == [1]
    assert any("the records in Sage Intacct stay as they are" in line for line in finished.log)
    assert status(emulator) == before


def test_a_row_of_a_mode_that_cannot_be_honoured_ends_the_sync(config: Json) -> None:
    streams = catalog(configured_stream(STREAM, "overwrite", columns=("id", "name")))

    finished = run("write", config, streams, [record(STREAM, {"id": "X-1", "name": "x"}), stream_state(STREAM, 1)])

    assert finished.code == 1
    assert finished.states == []
    assert finished.error["failure_type"] == "config_error"
    assert "has the sync mode `overwrite`" in finished.error["message"]

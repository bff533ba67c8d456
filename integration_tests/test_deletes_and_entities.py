"""Rows that were deleted at the source, and rows that name the entity they belong to."""

from collections.abc import Callable
from typing import Any

import pytest
from airbyte_input import catalog, configured_stream, record
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

"""Values that the source or the platform could not carry: their fields stay, and nothing is made without them."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from airbyte_input import catalog, configured_stream, record
from connector_process import Finished, run
from emulator_process import EmulatorProcess

Json = Any

CUSTOMERS = "accounts-receivable/customer"
BY_ID = {
    "matching": {"by": "fields", "fields": ["id"]},
    "null_values": "clear",
    "rejected_rows": {"policy": "continue"},
}
TOO_LARGE = "SOURCE_RECORD_SIZE_LIMITATION"


@pytest.fixture
def config(emulator: EmulatorProcess, config_for: Callable[..., Json]) -> Json:
    emulator.hold(CUSTOMERS, {"id": "C-9", "name": "Elm", "notes": "Pays by cheque only"})
    return config_for(emulator, **BY_ID)


def change(column: str, kind: str = "NULLED") -> Json:
    return {"changes": [{"field": column, "change": kind, "reason": TOO_LARGE}]}


def by_meta(row: Json, told: Json) -> Json:
    message = record("rows", row)
    message["record"]["meta"] = told
    return message


def by_column(row: Json, told: Json) -> Json:
    return record("rows", row | {"_airbyte_meta": told})


def by_column_of_json(row: Json, told: Json) -> Json:
    return record("rows", row | {"_AIRBYTE_META": json.dumps(told)})


def write(config: Json, *messages: Json) -> Finished:
    columns = tuple(sorted({column for each in messages for column in each["record"]["data"]}))
    return run("write", config, catalog(configured_stream("rows", "append_dedup", columns=columns)), messages)


def held(emulator: EmulatorProcess, record_id: str) -> Json:
    return next((each for each in emulator.records(CUSTOMERS) if each["id"] == record_id), None)


@pytest.mark.parametrize("told", [by_meta, by_column, by_column_of_json])
@pytest.mark.parametrize(("kind", "value"), [("NULLED", None), ("TRUNCATED", "Pays by")])
def test_the_field_of_such_a_value_is_left_alone(
    emulator: EmulatorProcess, config: Json, told: Callable[..., Json], kind: str, value: Json
) -> None:
    finished = write(config, told({"id": "C-9", "name": "Elm Ltd", "notes": value}, change("notes", kind)))

    assert finished.outcomes("rows") == {"updated": 1}
    assert (held(emulator, "C-9")["name"], held(emulator, "C-9")["notes"]) == ("Elm Ltd", "Pays by cheque only")
    assert f"`notes` 1 x {TOO_LARGE}" in finished.summaries[0]


def test_a_null_that_nobody_explains_clears_its_field(emulator: EmulatorProcess, config: Json) -> None:
    finished = write(config, by_meta({"id": "C-9", "notes": None}, {"changes": []}))

    assert finished.outcomes("rows") == {"updated": 1}
    assert not held(emulator, "C-9")["notes"]
    assert "could not carry" not in finished.summaries[0]


@pytest.mark.parametrize("column", ["name", "id"])
def test_nothing_is_made_without_a_value_that_it_needs(emulator: EmulatorProcess, config: Json, column: str) -> None:
    before = len(emulator.records(CUSTOMERS))

    finished = write(config, by_meta({"id": "C-10", "name": "New"} | {column: None}, change(column)))

    assert finished.outcomes("rows") == {"rejected": 1}
    assert f"field {column}: The source or the platform did not carry the value ({TOO_LARGE})" in finished.rejections[0]
    assert len(emulator.records(CUSTOMERS)) == before


def test_a_record_key_that_was_not_carried_makes_no_new_record(
    emulator: EmulatorProcess, config_for: Callable[..., Json]
) -> None:
    config = config_for(emulator, rejected_rows={"policy": "continue"})
    before = len(emulator.records(CUSTOMERS))

    finished = write(config, by_meta({"key": None, "name": "Whose?"}, change("key")))

    assert finished.outcomes("rows") == {"rejected": 1}
    assert len(emulator.records(CUSTOMERS)) == before


@pytest.mark.parametrize("meta", ["not JSON", "[]", 7, {"changes": "x"}, {"changes": [{"field": 7}, "x"]}, {}])
def test_what_tells_of_no_change_changes_nothing(emulator: EmulatorProcess, config: Json, meta: Json) -> None:
    finished = write(config, by_column({"id": "C-9", "notes": "New"}, meta))

    assert finished.outcomes("rows") == {"updated": 1}
    assert held(emulator, "C-9")["notes"] == "New"


def test_a_line_is_not_written_without_its_value(emulator: EmulatorProcess, config_for: Callable[..., Json]) -> None:
    header = {"no": "invoiceNumber", "customer": "customer.id", "dated": "invoiceDate", "due": "dueDate"}
    fields = {"amount": "txnAmount", "account": "glAccount.id", "note": "memo"}
    lines = {"group_by": ["no"], "fields": [{"column": a, "field": b} for a, b in fields.items()]}
    entry = {"stream": "rows", "field_mapping": [{"column": a, "field": b} for a, b in header.items()], "lines": lines}
    config = config_for(emulator, object_type="Invoice", streams=[entry], rejected_rows={"policy": "continue"})
    row = {"no": "I-1", "customer": "CUST-100", "dated": "2026-01-05", "due": "2026-02-05", "account": "4000"}
    rows = [
        by_meta(row | {"amount": "10", "note": None}, change("note")),
        record("rows", row | {"no": "I-2", "amount": "20"}),
    ]

    finished = write(config, *rows)

    assert finished.outcomes("rows") == {"created": 1, "rejected": 1}
    assert "field lines[0].note: The source or the platform did not carry the value" in finished.rejections[0]


@pytest.mark.parametrize("reason", ["it was 4711 EUR", None, 7, {"a": 1}])
def test_a_reason_that_is_none_of_the_protocols_is_not_told(config: Json, reason: Json) -> None:
    told = {"changes": [{"field": "notes", "change": "NULLED", "reason": reason}]}

    finished = write(config, by_column({"id": "C-9", "name": "Elm Ltd", "notes": None}, told))

    assert "`notes` 1 x no reason given" in finished.summaries[0]
    assert not any("4711" in line for line in finished.log)

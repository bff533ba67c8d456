"""Settings that name what is not there: refused before the first row, or told; never rows that land elsewhere."""

from collections.abc import Callable
from typing import Any

import pytest
from airbyte_input import REFRESH_TOKEN, catalog, configured_stream, record
from connector_process import Finished, run
from emulator_process import EmulatorProcess

Json = Any

CUSTOMERS = "accounts-receivable/customer"
ENTRIES = "general-ledger/journal-entry"
STREAM = "rows"
ROW = {"id": "C-1", "name": "New", "Company": "200"}
BY_ID = {"matching": {"by": "fields", "fields": ["id"]}}
SIDES = [{"entry": "E-1", "amount": "1.00", "side": side} for side in ("debit", "credit")]
LINES = {
    "group_by": ["entry"],
    "fields": [{"column": "amount", "field": "txnAmount"}, {"column": "side", "field": "txnType"}],
}


@pytest.fixture
def config(emulator: EmulatorProcess, config_for: Callable[..., Json]) -> Json:
    return config_for(emulator) | BY_ID


def write(
    config: Json, *rows: Json, mode: str = "append_dedup", with_schema: bool = True, **settings: Json
) -> Finished:
    columns = tuple(dict.fromkeys(column for row in rows for column in row)) if with_schema else ()
    stream = configured_stream(STREAM, mode, columns=columns, primary_key=[["id"]])
    return run("write", config | settings, catalog(stream), [record(STREAM, row) for row in rows])


def of_stream(**settings: Json) -> Json:
    return [{"stream": STREAM, **settings}]


def made(emulator: EmulatorProcess, path: str = CUSTOMERS) -> int:
    return len(emulator.records(path))


@pytest.mark.parametrize("with_schema", [True, False], ids=["catalog", "first row"])
def test_an_entity_column_of_another_name_books_nothing_at_the_top_level(
    emulator: EmulatorProcess, config: Json, *, with_schema: bool
) -> None:
    before = made(emulator)

    finished = write(config, ROW, with_schema=with_schema, streams=of_stream(entity_field="company"))

    assert (finished.code, finished.error["failure_type"]) == (1, "config_error")
    assert "`entity_field` names the column `company`" in finished.error["message"]
    assert "`Company`" in finished.error["message"]
    assert made(emulator) == before


def test_an_entity_column_that_rows_do_not_have_is_told_where_the_catalog_tells_no_columns(config: Json) -> None:
    finished = write(config, ROW, ROW, with_schema=False, streams=of_stream(entity_field="subsidiary"))

    (told,) = [line for line in finished.log if "`entity_field`" in line]
    assert told.endswith("A row without the column is written in the configured entity.")


@pytest.mark.parametrize(
    ("lines", "setting", "column", "meant"),
    [
        (LINES | {"group_by": ["entri"]}, "lines.group_by", "entri", "entry"),
        (LINES | {"fields": [{"column": "amont", "field": "txnAmount"}]}, "lines.fields", "amont", "amount"),
    ],
)
def test_a_column_of_the_lines_that_is_not_there_books_nothing(
    emulator: EmulatorProcess, config: Json, lines: Json, setting: str, column: str, meant: str
) -> None:
    before = made(emulator, ENTRIES)

    finished = write(
        config,
        *SIDES,
        streams=of_stream(object_type="Journal Entry", lines=lines, matching={"by": "record_key", "field": "key"}),
    )

    assert (
        f"`{setting}` names the column `{column}`, which the stream does not have. Did you mean `{meant}`?"
        in (finished.error["message"])
    )
    assert made(emulator, ENTRIES) == before


def test_a_field_that_does_not_exist_is_refused_before_any_query(emulator: EmulatorProcess, config: Json) -> None:
    pairs = [{"column": "id", "field": "id"}, {"column": "name", "field": "creditLimt"}]

    finished = write(config, ROW, streams=of_stream(field_mapping=pairs))

    assert "column `name` goes to `creditLimt`, but no row could deliver it" in finished.error["message"]
    assert "Did you mean `creditLimit`?" in finished.error["message"]
    assert [each["path"] for each in emulator.requests() if "query" in each["path"]] == []


@pytest.mark.parametrize("with_schema", [True, False], ids=["catalog", "first row"])
def test_an_upsert_whose_rows_name_no_record_says_once_that_it_only_creates(config: Json, *, with_schema: bool) -> None:
    rows = [{"name": "One"}, {"name": "Two"}]

    finished = write(config, *rows, with_schema=with_schema, matching={"by": "record_key", "field": "key"})

    assert len([line for line in finished.log if "so every row will create a record" in line]) == 1


def test_an_entry_about_no_stream_ends_the_sync_before_rows_go_elsewhere(config: Json) -> None:
    finished = write(config, ROW, streams=[{"stream": "rowz", "entity_field": "Company"}])

    told = finished.error["message"]
    assert "is about stream rowz, which is not in the catalog, while stream rows would go to Customer" in told
    assert "Did you mean `rows`?" in told
    assert finished.error["failure_type"] == "config_error"


def test_a_key_that_is_no_record_key_is_not_deleted_in_silence(emulator: EmulatorProcess, config: Json) -> None:
    before = made(emulator)
    row = {"id": "CUST-100", "name": None, "_ab_cdc_deleted_at": "2026-01-31T00:00:00Z"}
    by_key = {"matching": {"by": "record_key", "field": "id"}}

    finished = write(config, row, on_source_delete="delete", operation="upsert", **by_key)

    assert finished.outcomes(STREAM) == {"rejected": 1}
    assert "it must hold the record's `key`, not its visible id." in finished.rejections[0]
    assert made(emulator) == before


def test_one_key_that_is_no_record_key_leaves_the_others_compared(emulator: EmulatorProcess, config: Json) -> None:
    (held,) = [each for each in emulator.records(CUSTOMERS) if each["id"] == "CUST-100"]
    rows = [{"id": "CUST-100", "name": "x"}, {"id": held["key"], "name": held["name"]}]

    finished = write(config, *rows, matching={"by": "record_key", "field": "id"})

    assert finished.outcomes(STREAM) == {"rejected": 1, "unchanged": 1}


def test_rows_that_only_say_what_was_deleted_delete_it(emulator: EmulatorProcess, config: Json) -> None:
    (held,) = [each for each in emulator.records(CUSTOMERS) if each["id"] == "CUST-100"]
    row = {"key": held["key"], "_ab_cdc_deleted_at": "2026-01-31T00:00:00Z"}

    finished = write(config, row, on_source_delete="delete", matching={"by": "record_key", "field": "key"})

    assert finished.outcomes(STREAM) == {"deleted": 1}
    assert held["id"] not in {each["id"] for each in emulator.records(CUSTOMERS)}


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"matching": {"by": "fields", "fields": ["nmae"]}}, "records cannot be found by `nmae`"),
        ({"object_type": "Bill", "matching": {"by": "record_key"}, "on_source_delete": "deactivate"}, "has no status"),
    ],
)
def test_check_refuses_what_every_sync_would_refuse(config: Json, settings: Json, words: str) -> None:
    status = run("check", config | settings).status

    assert status["status"] == "FAILED"
    assert words in status["message"]


@pytest.mark.parametrize(
    "credentials", [REFRESH_TOKEN, {"auth_type": "access_token", "access_token": "demo-access-token"}]
)
def test_a_token_of_another_company_ends_check_and_sync_before_anything_is_written(
    emulator: EmulatorProcess, config: Json, credentials: Json
) -> None:
    settings = config | {"credentials": credentials, "company_id": "another"}
    before = len(emulator.records("accounts-receivable/customer"))

    assert "The token is for company demo" in run("check", settings).status["message"]
    finished = write(settings, ROW)
    assert finished.code == 1
    assert "set `company_id` to demo" in finished.error["message"]
    assert len(emulator.records("accounts-receivable/customer")) == before
    assert write({**settings, "company_id": "demo"}, ROW).code == 0

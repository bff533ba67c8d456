"""PyAirbyte's smoke test of destinations, with all its scenarios: every row is a record, with every value."""

import json
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from airbyte_input import CLIENT_CREDENTIALS
from declared_columns import declare, entry, field_name, inserting, object_path, told
from emulator_process import EmulatorProcess
from pyairbyte_environment import BIN, DESTINATION, log_of_the_destination, require_pyairbyte, run_offline
from source_rows import Columns, Row, read_columns, read_rows

SOURCE = BIN / "source-smoke-test"
PREFLIGHT, ITS_MODEL = "_preflight_basic_types", "basic_types"
SLOW = {"large_batch_stream"}
# Its numbers have 309 digits before the decimal point, or 324 behind it. No field of Sage Intacct is known to hold such
# a number, and the connector refuses one of more than 100 digits for a number's field and for a text's.
TOO_LONG = frozenset({"float_value"})


@dataclass
class Smoke:
    """One run of the smoke test: what it said, and what the emulator then held."""

    columns: dict[str, Columns]
    result: dict[str, Any]
    log: str
    held: dict[str, list[Row]]


@dataclass
class Runs:
    """What the source emits, and the two runs.

    `fast` meets a company that has a field for each column whose values a field can hold; `everything` one whose model
    service is closed, so that the connector sends every column as it is, objects and lists too.
    """

    rows: dict[str, list[Row]]
    fast: Smoke
    everything: Smoke


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Runs:
    require_pyairbyte()
    folder = tmp_path_factory.mktemp("smoke")
    columns = read_columns(SOURCE, {"all_fast_streams": True, "all_slow_streams": True}, folder)
    with EmulatorProcess() as declaring, EmulatorProcess("--no-model") as closed, ThreadPoolExecutor(2) as pool:
        declared = {
            name: declare(declaring, name, each, TOO_LONG)
            for name, each in {**columns, PREFLIGHT: columns[ITS_MODEL]}.items()
            if name not in SLOW
        }
        fast = pool.submit(smoke, declaring, declared, tmp_path_factory.mktemp("fast"), "--scenarios=fast")
        everything = pool.submit(
            smoke, closed, columns, tmp_path_factory.mktemp("all"), "--scenarios=all", "--skip-preflight"
        )
        rows = read_rows(SOURCE, folder)
        return Runs({**rows, PREFLIGHT: rows[ITS_MODEL]}, fast.result(), everything.result())


def smoke(emulator: EmulatorProcess, columns: dict[str, Columns], folder: Path, *options: str) -> Smoke:
    config = {
        "company_id": "demo",
        "operation": "upsert",
        "matching": {"by": "fields", "fields": ["source_id"]},
        "api_url": emulator.url,
        "credentials": CLIENT_CREDENTIALS,
        "streams": [
            entry(name, each) if "id" in each else inserting(entry(name, each)) for name, each in columns.items()
        ],
    }
    (folder / "config.json").write_text(json.dumps(config), "utf-8")
    command = [BIN / "pyab", "destination-smoke-test", f"--destination={DESTINATION}", "--config=config.json"]
    finished = run_offline([*command, *options], folder)
    said = finished.stdout[finished.stdout.find("{") :]
    log = log_of_the_destination(folder)
    assert finished.returncode == 0, "\n".join([said, *(line for line in log.splitlines() if "Rejected row" in line)])
    held = {name: emulator.records(object_path(name)) for name in columns}
    return Smoke(columns, json.loads(said[: said.rfind("}") + 1]), log, held)


which_run = pytest.mark.parametrize(
    "which", [lambda runs: runs.fast, lambda runs: runs.everything], ids=["fast", "all"]
)


@which_run
def test_the_smoke_test_succeeds_and_rejects_no_row(runs: Runs, which: Callable[[Runs], Smoke]) -> None:
    run = which(runs)
    sent = sum(len(runs.rows.get(name, [])) for name in run.columns if name != PREFLIGHT)

    assert (run.result["success"], run.result["error"]) == (True, None)
    assert run.result["records_delivered"] == sent
    assert run.log.count("Summary of ") == run.log.count(" + 0 rejected;") == len(run.columns)


@which_run
def test_the_records_are_the_last_rows_of_each_key_with_every_value(runs: Runs, which: Callable[[Runs], Smoke]) -> None:
    run = which(runs)
    for stream, columns in run.columns.items():
        rows = runs.rows.get(stream, [])
        # Without a primary key every row is a record of its own.
        wanted = {row.get("id", number): row for number, row in enumerate(rows)}.values()
        assert comparable(run.held[stream], columns, field_name) == comparable(wanted, columns, str), stream


def comparable(records: Iterable[Row], columns: Columns, name_of: Callable[[str], str]) -> list[Row]:
    """Return what the columns hold, nulls left out, in an order that does not depend on how numbers are written."""
    found = [
        {name: told(record[name_of(name)], schema) for name, schema in columns.items() if name_of(name) in record}
        for record in records
    ]
    present = [{name: value for name, value in each.items() if value is not None} for each in found]
    return sorted(present, key=lambda each: str(each.get("id", each)))


def test_fields_are_declared_for_all_columns_but_objects_and_lists(runs: Runs) -> None:
    left_out = {
        name: set(runs.everything.columns[name]) - set(each)
        for name, each in runs.fast.columns.items()
        if name != PREFLIGHT
    }
    assert {name: columns for name, columns in left_out.items() if columns} == {
        "nested_json_objects": {"metadata", "nested_deep", "items_array"},
        "null_handling": {"nullable_object"},
        "union_types": {"object_or_string"},
        "array_of_primitives": {"integer_array", "mixed_array", "empty_typed_array"},
        "special_number_values": {"float_value"},
    }
    for name, columns in left_out.items():
        assert [
            record for record in runs.fast.held[name] if record.keys() & {field_name(each) for each in columns}
        ] == []

"""source-faker into custom objects by PyAirbyte, directly and through its cache: the records are the source's rows."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from airbyte_input import CLIENT_CREDENTIALS
from declared_columns import declare, entry, object_path, told
from emulator_process import EmulatorProcess
from pyairbyte_environment import (
    BIN,
    DESTINATION,
    SOURCE_FAKER,
    require_pyairbyte,
    run_offline,
)
from source_rows import Columns, Row, read_columns, read_rows

CLIENT = Path(__file__).with_name("pyairbyte_client.py")
WAYS = ("direct", "cached")
STREAMS = {"users": 150, "products": 100, "purchases": 150}
SOURCE_CONFIG = {"count": STREAMS["users"], "seed": 7, "parallelism": 1}
OF_THE_RUN = "updated_at"  # the time at which the source made the row


@dataclass
class Sync:
    """What the source emits, how many rows PyAirbyte counted each way, and what the emulators held."""

    columns: dict[str, Columns]
    rows: dict[str, list[Row]]
    counted: dict[str, int]
    held: dict[str, dict[str, list[Row]]]


@pytest.fixture(scope="module")
def sync(tmp_path_factory: pytest.TempPathFactory) -> Sync:
    require_pyairbyte()
    folder = tmp_path_factory.mktemp("faker")
    columns = read_columns(SOURCE_FAKER, SOURCE_CONFIG, folder)
    with EmulatorProcess() as direct, EmulatorProcess() as cached:
        emulators = dict(zip(WAYS, (direct, cached), strict=True))
        for emulator in emulators.values():
            declared = {name: declare(emulator, name, columns[name]) for name in STREAMS}
        given = {
            "source": str(SOURCE_FAKER),
            "source_config": SOURCE_CONFIG,
            "destination": str(DESTINATION),
            "configs": {way: config_for_streams(emulator.url, declared) for way, emulator in emulators.items()},
        }
        finished = run_offline([BIN / "python", CLIENT], folder, json.dumps(given))
        assert finished.returncode == 0, finished.stdout[-2000:] + finished.stderr[-2000:]
        said = [json.loads(line) for line in finished.stdout.splitlines() if line.startswith('{"way"')]
        held = {
            way: {name: emulator.records(object_path(name)) for name in STREAMS} for way, emulator in emulators.items()
        }
    return Sync(declared, read_rows(SOURCE_FAKER, folder), {each["way"]: each["rows"] for each in said}, held)


def config_for_streams(url: str, columns: dict[str, Columns]) -> dict[str, Any]:
    return {
        "company_id": "demo",
        "operation": "upsert",
        "matching": {"by": "fields", "fields": ["source_id"]},
        "api_url": url,
        "credentials": CLIENT_CREDENTIALS,
        "streams": [entry(name, columns[name]) for name in STREAMS],
    }


@pytest.mark.parametrize("way", WAYS)
def test_every_row_of_the_source_is_a_record(sync: Sync, way: str) -> None:
    assert {name: len(records) for name, records in sync.held[way].items()} == STREAMS
    assert {name: len(rows) for name, rows in sync.rows.items()} == STREAMS
    assert sync.counted[way] == sum(STREAMS.values())


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("stream", STREAMS)
def test_every_value_of_the_source_is_in_its_record(sync: Sync, way: str, stream: str) -> None:
    columns = sync.columns[stream]
    assert by_id(sync.held[way][stream], columns, "source_id") == by_id(sync.rows[stream], columns, "id")


def by_id(records: Iterable[Row], columns: Columns, told_by: str) -> dict[str, Row]:
    """Return what the columns hold, but for nulls and what differs from one run of the source to the next."""
    return {
        str(record[told_by]): {
            name: told(record[name], schema)
            for name, schema in columns.items()
            if name not in {"id", OF_THE_RUN} and record.get(name) is not None
        }
        for record in records
    }


@pytest.mark.parametrize("way", WAYS)
def test_a_column_that_is_an_object_is_not_sent(sync: Sync, way: str) -> None:
    """No custom field holds an object."""
    assert set(sync.columns["users"]) >= {"id", "name", "height", "weight", OF_THE_RUN}
    assert "address" in sync.rows["users"][0]
    assert [record for record in sync.held[way]["users"] if "address" in record] == []

"""Rejected rows in object storage: each of them in a file, exactly once, as it came, with its reason."""

import json
import re
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from airbyte_input import catalog, configured_stream, record, stream_state
from connector_process import ROOT, Finished, run
from emulator_process import EmulatorProcess
from stored_rejections import REASON, StoredFiles, parsed, rejected_numbers

Json = Any
CUSTOMERS = "accounts-receivable/customer"
COLUMNS = ("key", "id", "name", "nested", "note")
STREAMS = catalog(
    configured_stream("customers", namespace="crm", columns=COLUMNS, sync_id=42),
    configured_stream("vendors", columns=COLUMNS, sync_id=42),
)
REASONS = [
    REASON + name
    for name in (
        *("operation", "object", "code", "error_id", "message", "field", "advice"),
        *("support_id", "record_key", "row", "at"),
    )
]
# Refused here, before anything is sent, and refused by the server.
REFUSED_HERE = {"key": "not, a key", "name": 'Quotes " and,\nlines', "nested": {"a": [1, None]}, "note": ""}
REFUSED_THERE = {"id": "CUST-100", "name": "The id of another, \u20ac", "nested": None, "note": None}
FLAT = "Root level flattening"
FORMATS = {
    "csv": {"format_type": "CSV", "flattening": "No flattening"},
    "csv, flat": {"format_type": "CSV", "flattening": FLAT},
    "jsonl": {"format_type": "JSONL"},
    "jsonl, flat": {"format_type": "JSONL", "flattening": FLAT},
    "jsonl, text": {"format_type": "JSONL", "stringify": "Stringify"},
    "jsonl, flat, text": {"format_type": "JSONL", "flattening": FLAT, "stringify": "Stringify"},
}


@pytest.fixture
def config(
    emulator: EmulatorProcess, bucket: StoredFiles, config_for: Callable[..., dict[str, Json]]
) -> dict[str, Json]:
    streams = [{"stream": "vendors", "object_type": "Vendor"}]
    storage = bucket.config
    return config_for(emulator, streams=streams, default_for_other_streams=True, object_storage_config=storage)


def synced(config: dict[str, Json], rows: list[Json], streams: Json = STREAMS, **storage: Json) -> Finished:
    """Write rows of customers, with a STATE at the end; secrets of the bucket must not show."""
    storage = config["object_storage_config"] | storage
    lines = [*(record("customers", row, "crm") for row in rows), stream_state("customers", 1, "crm")]
    finished = run("write", config | {"object_storage_config": storage}, streams, lines)
    assert "bucket-secret-key" not in finished.stdout + finished.stderr
    return finished


@pytest.mark.parametrize(
    ("name", "zipped"), [*((name, False) for name in FORMATS), ("csv", True), ("jsonl, flat", True)]
)
def test_every_rejected_row_is_in_a_file_once_as_it_came_with_its_reason(
    config: dict[str, Json], bucket: StoredFiles, name: str, zipped: bool
) -> None:
    compression = {"compression_type": "GZIP" if zipped else "No Compression"}
    rows = [REFUSED_HERE, {"id": "NEW-1", "name": "Fine"}, REFUSED_THERE]

    finished = synced(config, rows, format=FORMATS[name], compression=compression)

    assert finished.code == 0
    assert finished.outcomes("crm.customers") == {"created": 1, "rejected": 2}
    assert rejected_numbers(finished) == 2
    (key,) = bucket.files()
    assert key.startswith("rejected/42/crm/customers/")
    assert key.endswith(f".{name.partition(',')[0]}" + (".gz" if zipped else ""))
    first, second = sorted(bucket.rows(), key=lambda row: int(row[f"{REASON}row"]))
    assert [list(row)[: len(REASONS)] for row in (first, second)] == [REASONS, REASONS]
    for row, came in ((first, REFUSED_HERE), (second, REFUSED_THERE)):
        assert own_columns(row, name) == as_stored(came, name)
        assert row[f"{REASON}object"] == CUSTOMERS
        assert row[f"{REASON}advice"]
        assert row[f"{REASON}at"].endswith("Z")
    assert (first[f"{REASON}code"], first[f"{REASON}error_id"]) == ("invalid_record_key", "")
    assert second[f"{REASON}error_id"]
    assert second[f"{REASON}support_id"] in "".join(finished.rejections)


def own_columns(row: Json, name: str) -> Json:
    """Return what a file holds of a row besides the reason, parsed where JSON is the form of everything."""
    own = {column: value for column, value in row.items() if not column.startswith(REASON)}
    if "flat" in name:
        return own
    data = own["_airbyte_data"]
    return json.loads(data) if "csv" in name or "text" in name else data


def as_stored(came: Json, name: str) -> Json:
    if "flat" not in name:
        return came
    shown = came | {"nested": '{"a":[1,null]}'} if came["nested"] else came
    if "csv" in name:
        return dict.fromkeys(COLUMNS, "") | {column: value or "" for column, value in shown.items()}
    return shown if "text" in name else came


def test_numbers_keep_their_digits(config: dict[str, Json], bucket: StoredFiles) -> None:
    line = (
        b'{"key":"not, a key","name":"N","amount":9999999999999.990,"big":12345678901234567890123,"e":1E-7,"no":false}'
    )
    streams = catalog(configured_stream("customers", columns=("key", "name", "amount"), sync_id=7))
    lines = [b'{"type":"RECORD","record":{"stream":"customers","emitted_at":1,"data":%s}}\n' % line]
    storage = config["object_storage_config"]

    run("write", config, streams, lines)
    flat = storage | {"format": FORMATS["csv, flat"]}
    run("write", config | {"object_storage_config": flat}, streams, lines)

    (whole, flattened) = sorted(bucket.rows(), key=len)
    assert whole["_airbyte_data"].encode() == line
    assert [flattened[name] for name in ("amount", "big", "e", "no")] == [
        *("9999999999999.990", "12345678901234567890123", "1E-7", "false")
    ]


def test_columns_that_come_late_are_not_lost(config: dict[str, Json], bucket: StoredFiles) -> None:
    rows = [REFUSED_HERE, REFUSED_HERE | {"late": "L, 1"}, REFUSED_HERE | {"later": 2}]

    synced(config, rows, format=FORMATS["csv, flat"])

    shown = [(row["late"], row["later"], row["name"]) for row in bucket.rows()]
    name = REFUSED_HERE["name"]
    assert sorted(shown) == [("", "", name), ("", "2", name), ("L, 1", "", name)]


def test_streams_have_files_of_their_own(config: dict[str, Json], bucket: StoredFiles) -> None:
    lines = [
        record("customers", REFUSED_HERE, "crm"),
        record("vendors", REFUSED_HERE),
        record("vendors", REFUSED_HERE),
    ]

    finished = run("write", config, STREAMS, lines)

    folders = Counter(key.rpartition("/")[0] for key in bucket.files() for _ in parsed(key, bucket.content(key)))
    assert folders == {"rejected/42/crm/customers": 1, "rejected/42/vendors": 2}
    assert finished.log[-5:-4] == [
        f"Stored 3 rejected rows (1 of crm.customers, 2 of vendors) in 2 files in `s3://{bucket.name}/rejected/42/`."
    ]


def test_streams_with_names_longer_than_a_key_have_files_of_their_own(
    config: dict[str, Json], bucket: StoredFiles
) -> None:
    names = [("n" * 900, "s" * 900 + letter) for letter in "ab"]
    streams = catalog(*(configured_stream(name, namespace=space, columns=COLUMNS) for space, name in names))

    finished = run("write", config, streams, [record(name, REFUSED_HERE, space) for space, name in names])

    assert finished.code == 0
    folders = Counter(key.rpartition("/")[0] for key in bucket.files() for _ in parsed(key, bucket.content(key)))
    assert list(folders.values()) == [1, 1]
    assert all(folder.startswith(f"rejected/{'n' * 119}_") for folder in folders)


def test_the_log_has_the_first_ten_of_a_reason_and_the_sync_succeeds(
    config: dict[str, Json], bucket: StoredFiles
) -> None:
    finished = synced(config, [REFUSED_HERE] * 130)

    assert finished.code == 0
    assert len(finished.rejections) == 10
    (told,) = [line for line in finished.log if line.startswith("Not every rejected row")]
    assert told == (
        "Not every rejected row of stream crm.customers is logged from here on: the log has the first 10 for each "
        "reason, 100 in all, and at its end a line for each reason."
    )
    (summed,) = [line for line in finished.log if line.startswith("Rejections of stream")]
    assert summed.startswith("Rejections of stream crm.customers: 130 rows, field ")
    assert sorted(int(row[f"{REASON}row"]) for row in bucket.rows()) == list(range(1, 131))


def test_a_dry_run_stores_nothing(config: dict[str, Json], bucket: StoredFiles) -> None:
    finished = synced(config | {"dry_run": True}, [REFUSED_HERE])

    assert finished.code == 1
    assert len(finished.rejections) == 1
    assert "1 rejected" in finished.summaries[0]
    assert bucket.files() == []


def test_a_stored_row_is_corrected_and_synced_again_with_its_reason(
    emulator: EmulatorProcess, config: dict[str, Json], bucket: StoredFiles
) -> None:
    synced(config, [{"id": "CUST-100", "name": "The id of another"}], format=FORMATS["csv, flat"])
    (stored,) = bucket.rows()
    streams = catalog(configured_stream("customers", namespace="crm", columns=[*stored]))

    again = synced(config, [stored | {"id": "CUST-101"}], streams)

    assert again.outcomes("crm.customers") == {"created": 1}
    assert [each["name"] for each in emulator.records(CUSTOMERS) if each["id"] == "CUST-101"] == ["The id of another"]
    assert not [line for line in again.log if line.startswith("Columns of stream") and REASON in line]


def test_a_row_of_many_megabytes_is_stored_whole(config: dict[str, Json], bucket: StoredFiles) -> None:
    large = {"key": "not, a key", "name": "x" * (20 << 20)}

    assert synced(config, [large]).code == 0

    (row,) = bucket.rows()
    assert json.loads(row["_airbyte_data"]) == large


def test_every_row_of_a_refused_document_is_stored(
    emulator: EmulatorProcess, bucket: StoredFiles, config_for: Callable[..., dict[str, Json]]
) -> None:
    lines = {
        "group_by": ["number"],
        "fields": [{"column": "account", "field": "glAccount.id"}, {"column": "amount", "field": "txnAmount"}],
    }
    mapping = [{"column": "customer", "field": "customer.id"}]
    entry = {"stream": "lines", "object_type": "Invoice", "lines": lines, "field_mapping": mapping}
    config = config_for(emulator, object_type="Invoice", streams=[entry], object_storage_config=bucket.config)
    columns = ("number", "customer", "account", "amount")
    rows = [dict(zip(columns, ("N-1", "nobody", account, "1.50"), strict=True)) for account in ("4000", "4010")]

    finished = run(
        "write",
        config,
        catalog(configured_stream("lines", "append", columns=columns)),
        [*(record("lines", row) for row in rows), stream_state("lines", 1)],
    )

    assert finished.outcomes("lines") == {"rejected": 2}
    assert [json.loads(row["_airbyte_data"]) for row in bucket.rows()] == rows


def test_a_configuration_of_airbytes_other_destinations_is_taken_as_it_is(
    config: dict[str, Json], bucket: StoredFiles
) -> None:
    """With what their form leaves: nulls, empty texts, `${...}` of older formats."""
    left = {"s3_bucket_region": "", "role_arn": None, "format": None, "path_format": "${NAMESPACE}/{STREAM_NAME}/"}

    assert synced(config, [REFUSED_HERE], **left).code == 0

    assert bucket.files()[0].startswith("rejected/crm/customers/")


def test_no_storage_is_as_before(config: dict[str, Json]) -> None:
    config["object_storage_config"] = {"storage_type": "None"}

    finished = run("write", config, STREAMS, [record("customers", REFUSED_HERE, "crm")])

    assert finished.code == 1
    assert len(finished.rejections) == 1


def test_files_of_two_attempts_of_a_job_lie_side_by_side(config: dict[str, Json], bucket: StoredFiles) -> None:
    for _ in range(2):
        synced(config, [REFUSED_HERE], file_name_format="rejected{format_extension}")

    assert len(set(bucket.files())) == 2
    assert all("/rejected_" in key for key in bucket.files())
    assert len(bucket.rows()) == 2


def test_the_page_lists_the_columns_of_a_reason_in_their_order() -> None:
    page = (ROOT / "docs/rejected-rows.md").read_text("utf-8")

    assert re.findall(rf"^\| `({REASON}\w+)` \|", page, re.MULTILINE) == REASONS

"""Whatever comes in has a defined answer: no traceback, no earlier row lost, no STATE acknowledged too early."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from airbyte_input import catalog, configured_stream, record, stream_state
from connector_process import Finished, run
from emulator_process import EmulatorProcess

CUSTOMERS = "accounts-receivable/customer"
STREAMS = catalog(configured_stream("customers", columns=("key", "id", "name", "notes", "creditLimit")))
GOOD = [record("customers", {"id": "GOOD-1", "name": "Good"}), stream_state("customers", 1)]


@pytest.fixture
def config(emulator: EmulatorProcess, config_for: Callable[..., dict[str, Any]]) -> dict[str, Any]:
    return config_for(emulator)


def assert_failed(finished: Finished, kind: str, *words: str) -> None:
    assert finished.code == 1
    assert finished.stderr == ""
    assert finished.error["failure_type"] == kind
    for word in words:
        assert word in finished.error["message"]


def raw_record(data: str) -> bytes:
    return b'{"type":"RECORD","record":{"stream":"customers","emitted_at":1,"data":%s}}\n' % data.encode()


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (b"confidential words\n", "it is malformed"),
        (raw_record('{"id":"BAD-1","name":"confidential",}'), "it is malformed"),
        (raw_record('{"id":"BAD-1","name":"confidential"}')[:-20], "it ends too early"),
        (
            b'{"type":"RECORD","record":{"stream":"customers\xff","data":{"name":"confidential"}}}\n',
            "it is not UTF-8",
        ),
        (b"[" * 100_000 + b"\n", "it is nested too deep"),
        (b'"confidential"\n', "it is not an Airbyte message but a bare JSON value"),
        (b'{"type":"RECORD"}\n', "it is of type RECORD but holds no record"),
        (b'{"type":"RECORD","record":{"data":{"name":"confidential"}}}\n', "its record names no stream"),
        (b'{"type":"STATE","state":{"type":"STREAM"}}\n', "its state is neither of a stream nor global"),
    ],
)
def test_a_broken_line_ends_the_sync_with_its_number_and_without_its_content(
    emulator: EmulatorProcess, config: dict[str, Any], line: bytes, why: str
) -> None:
    after = [record("customers", {"id": "AFTER-1", "name": "After"}), stream_state("customers", 2)]
    finished = run("write", config, STREAMS, [*GOOD, line, *([] if line[-1:] != b"\n" else after)])

    assert_failed(finished, "system_error", "Line 3 of the input", why)
    assert "confidential" not in finished.stdout
    assert [state["id"] for state in finished.states] == [1]
    ids = {customer["id"] for customer in emulator.records(CUSTOMERS)}
    assert "GOOD-1" in ids
    assert not {"BAD-1", "AFTER-1"} & ids


def test_a_record_of_a_stream_outside_the_catalog_ends_the_sync(
    config: dict[str, Any],
) -> None:
    finished = run("write", config, STREAMS, [*GOOD, record("strangers", {"id": "BAD-1", "name": "confidential"})])

    assert_failed(finished, "system_error", "Line 3 of the input", "stream strangers", "not in the configured catalog")
    assert "confidential" not in finished.stdout
    assert [state["id"] for state in finished.states] == [1]


def test_what_a_destination_has_no_use_for_passes(config: dict[str, Any]) -> None:
    lines = [
        b"\n",
        b"  \r\n",
        {"type": "LOG", "log": {"level": "INFO", "message": "hello"}, "record": None},
        {"type": "TRACE", "trace": {"type": "STREAM_STATUS", "stream_status": {"status": "A NEW ONE"}}},
        {"type": "A TYPE OF THE FUTURE", "anything": [1]},
        {"type": None},
        {},
        *GOOD,
    ]

    finished = run("write", config, STREAMS, lines)

    assert finished.code == 0
    assert finished.outcomes("customers") == {"created": 1}


@pytest.mark.parametrize("data", ["[1,2]", '"confidential"', "null", "17", "true"])
def test_a_row_that_is_not_an_object_is_rejected(config: dict[str, Any], data: str) -> None:
    finished = run("write", config, STREAMS, [raw_record(data), *GOOD])

    assert finished.outcomes("customers") == {"created": 1, "rejected": 1}
    (rejection,) = finished.rejections
    assert rejection == (
        "Rejected row 1 of stream customers: The row is not a JSON object of columns and values. [not_an_object] "
        "Report it to the maker of the source: Airbyte's records are objects."
    )
    assert finished.states[0]["destinationStats"] == {"recordCount": 1.0, "rejectedRecordCount": 1.0}


POISON = {
    rb'"a\ud83d"': "it holds one half of a character (a lone surrogate)",
    rb'"\ude00\ud83d"': "it holds one half of a character (a lone surrogate)",
    rb'{"a":["\udc00"]}': "it holds one half of a character (a lone surrogate)",
    b"9" * 5_000: "the number has too many digits",
    b"1e99999999999999999999": "the number has too many digits",
    b"-0." + b"9" * 5_000 + b"e-99999999999999999999": "the number has too many digits",
    b"[" * 2_000 + b"]" * 2_000: "it is nested too deep",
    b'{"a":' * 2_000 + b"1" + b"}" * 2_000: "it is nested too deep",
    b'"\xff\xfe"': "it is not UTF-8",
    b'["\xc3("]': "it is not UTF-8",
    b"NaN": "it is malformed",
    b"Infinity": "it is malformed",
    b'"a\x01"': "it is malformed",
    rb'"\q"': "it is malformed",
}


@pytest.mark.parametrize("column", ["notes", "creditLimit", "nothing_of_ours", "id"])
def test_a_value_that_cannot_be_read_costs_its_row_and_no_other(
    emulator: EmulatorProcess, config_for: Callable[..., dict[str, Any]], column: str
) -> None:
    poison = (
        b'{"type":"RECORD","record":{"stream":"customers","data":{"name":"confidential","%s":%s},"emitted_at":1}}\n'
    )
    bad = [poison % (column.encode(), value) for value in POISON]
    good = [record("customers", {"id": f"GOOD-{number}", "name": "Good"}) for number in range(len(bad))]
    lines = [line for pair in zip(bad, good, strict=True) for line in pair]

    config = config_for(emulator, rejected_rows={"policy": "continue"})
    finished = run("write", config, STREAMS, [*lines, stream_state("customers", 1)])

    assert finished.code == 0
    assert finished.outcomes("customers") == {"created": len(good), "rejected": len(bad)}
    assert {f"GOOD-{number}" for number in range(len(good))} <= {each["id"] for each in emulator.records(CUSTOMERS)}
    stats = {"recordCount": float(len(good)), "rejectedRecordCount": float(len(bad))}
    assert finished.states[0]["destinationStats"] == stats
    assert [line.partition(". [")[0] for line in finished.rejections] == [
        f"Rejected row {2 * place + 1} of stream customers: field {column}: The value cannot be read: {why}"
        for place, why in enumerate(list(POISON.values())[:10])
    ]
    assert "confidential" not in finished.stdout


def test_a_text_with_a_nul_character_is_rejected(emulator: EmulatorProcess, config: dict[str, Any]) -> None:
    rows = [{"id": "NUL-1", "name": "bad\0name"}, {"id": "NUL-2", "name": "Good", "notes": "only looks so: \\u0000"}]

    finished = run("write", config, STREAMS, [record("customers", row) for row in rows])

    (rejection,) = finished.rejections
    assert rejection == (
        "Rejected row 1 of stream customers: field name: The text holds a NUL character (U+0000), which Sage Intacct "
        "cannot store. [invalid_value] Remove the character in the warehouse, for example with REPLACE(column, "
        "CHR(0), '')."
    )
    held = {customer["id"]: customer["notes"] for customer in emulator.records(CUSTOMERS)}
    assert "NUL-1" not in held
    assert held["NUL-2"] == "only looks so: \\u0000"


def test_a_row_that_is_too_large_for_the_server_is_the_only_one_rejected(
    emulator: EmulatorProcess, config: dict[str, Any]
) -> None:
    rows = [{"id": "BIG-1", "name": "Big", "notes": "x" * 1_048_576}, {"id": "BIG-2", "name": "Small"}]

    finished = run("write", config, STREAMS, [record("customers", row) for row in rows])

    assert finished.outcomes("customers") == {"created": 1, "rejected": 1}
    assert "shorten its texts" in finished.rejections[0]
    assert "x" * 100 not in finished.stdout
    assert "BIG-2" in {customer["id"] for customer in emulator.records(CUSTOMERS)}


def test_a_large_row_within_the_servers_limit_arrives_whole(emulator: EmulatorProcess, config: dict[str, Any]) -> None:
    text = "0123456789" * 80_000

    finished = run("write", config, STREAMS, [record("customers", {"id": "BIG-1", "name": "Big", "notes": text})])

    assert finished.outcomes("customers") == {"created": 1}
    (customer,) = [each for each in emulator.records(CUSTOMERS) if each["id"] == "BIG-1"]
    assert customer["notes"] == text


@pytest.mark.parametrize("key", ["1,2", "../vendor/1", "1/2", "a b?c", True, 1.5, [1], {"id": 1}, "x" * 200])
def test_a_record_key_that_is_none_is_rejected_before_anything_is_sent(
    emulator: EmulatorProcess, config: dict[str, Any], key: Any
) -> None:
    finished = run("write", config, STREAMS, [record("customers", {"key": key, "name": "Name"})])

    assert "The record key is not one of Sage Intacct's keys. [invalid_record_key]" in finished.rejections[0]
    assert not [each for each in emulator.requests() if each["method"] in {"PATCH", "PUT"}]


def test_two_columns_for_one_field_end_the_sync_before_a_row_is_sent(
    emulator: EmulatorProcess, config: dict[str, Any]
) -> None:
    streams = catalog(configured_stream("customers", columns=("id", "name", "NAME")))

    finished = run("write", config, streams, [record("customers", {"id": "X", "name": "a", "NAME": "b"})])

    assert_failed(
        finished,
        "config_error",
        "Stream customers: Columns `name` and `NAME` both go to field `name`. Map or select only",
    )
    assert not [each for each in emulator.requests() if each["method"] == "POST" and "/objects/" in each["path"]]


def test_a_field_as_a_whole_and_in_part_ends_the_sync_even_when_the_source_did_not_announce_it(
    config: dict[str, Any],
) -> None:
    row = {"id": "X", "name": "a", "contacts": {"default": {"id": "C"}}, "contacts.default.email1": "b@example.com"}

    finished = run("write", config, STREAMS, [*GOOD, record("customers", row)])

    assert_failed(
        finished,
        "config_error",
        "Column `contacts` goes to field `contacts` as a whole and column `contacts.default.email1` to its part",
    )
    assert [state["id"] for state in finished.states] == [1]


def test_columns_that_all_go_nowhere_are_a_mistake_of_the_configuration(config: dict[str, Any]) -> None:
    streams = catalog(configured_stream("customers", columns=("key", "nonsense")))

    finished = run("write", config, streams, [record("customers", {"key": "101", "nonsense": 1})])

    assert_failed(
        finished,
        "config_error",
        "None of the columns of stream customers names a field of Customer",
        "nonsense (no such field",
    )


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b'{"company_id": "demo",', "is not JSON at line 1"),
        (b"[]", "must hold a JSON object"),
        (b"\xff\xfe", "is not text in UTF-8"),
        (json.dumps({"company_id": "demo"}).encode(), "`credentials` is missing"),
    ],
)
def test_a_broken_configuration_is_told_in_one_sentence(content: bytes, words: str) -> None:
    checked = run("check", content)
    written = run("write", content, STREAMS, GOOD)

    assert (checked.code, checked.status["status"]) == (0, "FAILED")
    assert words in checked.status["message"]
    assert_failed(written, "config_error", words)


@pytest.mark.parametrize(
    ("streams", "words"),
    [
        (b"", "The catalog file"),
        (b"{}", "not a JSON object with a list `streams`"),
        ({"streams": []}, "has no streams: select at least one stream"),
        ({"streams": [{}]}, "Entry 1 of the configured catalog has no stream with a name"),
        (catalog(configured_stream("a"), configured_stream("a")), "holds stream a twice"),
    ],
)
def test_a_catalog_that_cannot_be_used_is_told_before_anything_is_sent(
    emulator: EmulatorProcess, config: dict[str, Any], streams: Any, words: str
) -> None:
    finished = run("write", config, streams, GOOD)

    assert_failed(finished, "config_error", words)
    assert emulator.requests() == []


def test_a_stream_without_an_object_is_told_before_anything_is_sent(
    emulator: EmulatorProcess, config: dict[str, Any]
) -> None:
    del config["object_type"]

    finished = run("write", config, STREAMS, GOOD)

    assert_failed(finished, "config_error", "No object is set for stream customers: set `object_type`")
    assert emulator.requests() == []

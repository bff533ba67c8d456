"""A line that Sage Intacct refuses, by its position in the request: the log names the source's row, and its column."""

from collections.abc import Callable
from typing import Any

import pytest
from airbyte_input import catalog, configured_stream, record
from emulator_process import EmulatorProcess
from sync_in_process import Synced, sync

Json = Any

STREAM = "rows"
MAPPED = {
    "field_mapping": [
        {"column": "no", "field": "invoiceNumber"},
        {"column": "who", "field": "customer.id"},
        {"column": "dated", "field": "invoiceDate"},
        {"column": "due", "field": "dueDate"},
    ],
    "lines": {
        "group_by": ["no"],
        "fields": [{"column": "amt", "field": "txnAmount"}, {"column": "acct", "field": "glAccount.id"}],
    },
}
GOOD, BAD = "4000", "9999"
DELETED = "_ab_cdc_deleted_at"


@pytest.fixture
def config(emulator: EmulatorProcess, config_for: Callable[..., Json]) -> Json:
    return config_for(
        emulator,
        object_type="Invoice",
        matching={"by": "fields", "fields": ["invoiceNumber"]},
        rejected_rows={"policy": "continue"},
        streams=[{"stream": STREAM, **MAPPED}],
    )


def row(account: str, amount: str = "1.00", **more: Json) -> Json:
    header = {"no": "I-1", "who": "CUST-100", "dated": "2026-01-05", "due": "2026-02-05"}
    return header | {"amt": amount, "acct": account, DELETED: None} | more


def write(config: Json, *rows: Json) -> Synced:
    stream = configured_stream(STREAM, "append_dedup", columns=tuple(rows[0]))
    return sync(config, catalog(stream), [record(STREAM, each) for each in rows])


@pytest.mark.parametrize("at", [1, 2, 3])
@pytest.mark.parametrize("held", [0, 1, 4])
def test_of_rows_that_are_lines_the_one_at_fault_is_named(config: Json, held: int, at: int) -> None:
    if held:
        assert write(config, *(row(GOOD, f"{number}.50") for number in range(held))).outcomes(STREAM) == {
            "created": held
        }
    rows = [row(BAD if number == at else GOOD, f"{number}.00") for number in (1, 2, 3)]

    rejections = write(config, *rows).rejections

    assert len(rejections) == 3
    for number, line in enumerate(rejections, start=1):
        assert line.startswith(f"Rejected row {number} of stream rows"), line
        assert f": field lines.{at - 1}.glAccount (column acct): In row {at} of the same document: Sage" in line


def test_rows_that_were_deleted_at_the_source_are_no_lines_and_do_not_shift_the_others(config: Json) -> None:
    rows = [row(GOOD), row(GOOD, **{DELETED: "2026-01-06"}), row(BAD)]

    rejections = write(config | {"on_source_delete": "delete"}, *rows).rejections

    assert len(rejections) == 3
    assert all(
        "field lines.1.glAccount (column acct): In row 3 of the same document: Sage" in line for line in rejections
    )


@pytest.mark.parametrize("worded", ["in line item 2", "(Line number 2)", "at line no. 2"])
def test_a_position_that_only_the_words_name_counts_from_one(
    emulator: EmulatorProcess, config: Json, worded: str
) -> None:
    error = {"code": "invalidRequest", "errorId": "REST-1", "message": f"The account {worded} is odd"}
    body = {"ia::result": {"ia::error": error}, "ia::meta": {"totalCount": 1, "totalSuccess": 0, "totalError": 1}}
    emulator.fault(route="/objects/*", method="POST", action={"kind": "status", "status": 422, "body": body})

    rejections = write(config, row(GOOD), row(GOOD, "2.00"), row(GOOD, "3.00")).rejections

    assert len(rejections) == 3
    assert [line for line in rejections if ": field lines.1: In row 2 of the same document: Sage" not in line] == []


def test_of_lines_in_one_column_the_position_is_that_of_the_source(
    emulator: EmulatorProcess, config_for: Callable[..., Json]
) -> None:
    config = config_for(emulator, object_type="Invoice", matching={"by": "fields", "fields": ["invoiceNumber"]})

    def one(*accounts: str) -> Json:
        lines = [{"txnAmount": "1.00", "glAccount": {"id": account}} for account in accounts]
        header = {"invoiceNumber": "I-1", "customer__id": "CUST-100", "invoiceDate": "2026-01-05"}
        return {**header, "dueDate": "2026-02-05", "elements": lines}

    config["streams"] = [
        {
            "stream": STREAM,
            "field_mapping": [
                *({"column": name, "field": name.replace("__", ".")} for name in one() if name != "elements"),
                {"column": "elements", "field": "lines"},
            ],
        }
    ]
    assert write(config, one(GOOD, GOOD)).outcomes(STREAM) == {"created": 1}
    (line,) = write(config, one(GOOD, GOOD, BAD)).rejections
    assert "field lines.2.glAccount (column elements): Sage Intacct says" in line

"""Documents from rows: one row for each line, or a column with an array; sent again, nothing is doubled."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from airbyte_input import catalog, configured_stream, record, stream_state
from connector_process import Finished, run
from emulator_process import EmulatorProcess

Json = Any

ENTRIES = "general-ledger/journal-entry"
INVOICES = "accounts-receivable/invoice"
STREAM = "rows"
LINES = {
    "group_by": ["batch", "no"],
    "fields": [
        {"column": "side", "field": "txnType"},
        {"column": "amount", "field": "txnAmount"},
        {"column": "account", "field": "glAccount.id"},
        {"column": "dept", "field": "dimensions.department.id"},
    ],
}
HEADER = [
    {"column": "journal", "field": "glJournal.id"},
    {"column": "date", "field": "postingDate"},
    {"column": "text", "field": "description"},
    {"column": "ref", "field": "referenceNumber"},
]
COLUMNS = ("batch", "no", "journal", "date", "text", "ref", "side", "amount", "account", "dept")


def line(number: int, side: str, amount: str, account: str = "1000", **more: Json) -> Json:
    row = {"batch": "B", "no": number, "journal": "GJ", "date": "2026-01-31", "text": f"Entry {number}"}
    return row | {"ref": f"R-{number}", "side": side, "amount": amount, "account": account, "dept": None, **more}


def entry(number: int, amount: str = "10.10") -> list[Json]:
    return [line(number, "debit", amount), line(number, "credit", amount, "4000", dept="SA")]


def entries(config: Json, messages: list[Json], operation: str = "insert", **settings: Json) -> Finished:
    stream = {"stream": STREAM, "lines": LINES, "field_mapping": HEADER}
    config = config | {"object_type": "Journal Entry", "operation": operation, "streams": [stream], **settings}
    return run("write", config, catalog(configured_stream(STREAM, columns=COLUMNS)), messages)


@pytest.fixture
def config(emulator: EmulatorProcess, config_for: Callable[..., Json]) -> Json:
    return config_for(emulator)


def shown(document: Json) -> Json:
    return [(each["txnType"], each["txnAmount"], each["glAccount"]["id"]) for each in document["lines"]]


def test_rows_that_are_lines_become_documents_whole_and_in_order(emulator: EmulatorProcess, config: Json) -> None:
    rows = [record(STREAM, row) for number in (1, 2, 3) for row in entry(number, f"{number}.05")]

    finished = entries(config, [*rows, stream_state(STREAM, 1)])

    assert finished.code == 0, finished.error
    assert finished.outcomes(STREAM) == {"created": 6}
    assert sorted(shown(document) for document in emulator.records(ENTRIES)) == [
        [("debit", f"{number}.05", "1000"), ("credit", f"{number}.05", "4000")] for number in (1, 2, 3)
    ]
    assert [state["destinationStats"]["recordCount"] for state in finished.states] == [6.0]


@pytest.mark.parametrize("place", range(7))
def test_a_state_between_the_lines_of_a_document_waits_for_it(
    emulator: EmulatorProcess, config: Json, place: int
) -> None:
    messages = [record(STREAM, row) for number in (1, 2, 3) for row in entry(number)]
    messages.insert(place, stream_state(STREAM, 1))

    finished = entries(config, [*messages, stream_state(STREAM, 2)])

    assert finished.code == 0, finished.error
    assert [len(document["lines"]) for document in emulator.records(ENTRIES)] == [2, 2, 2]
    counts = [state["destinationStats"]["recordCount"] for state in finished.states]
    assert counts == [float(place), float(6 - place)]


def test_all_rows_of_a_document_share_its_outcome(emulator: EmulatorProcess, config: Json) -> None:
    unknown = [line(2, "debit", "5"), line(2, "credit", "5", "no such account")]

    finished = entries(config, [record(STREAM, row) for row in [*entry(1), *unknown, *entry(3)]])

    assert finished.outcomes(STREAM) == {"created": 4, "rejected": 2}
    assert [each.split(":")[0].split(",")[0] for each in finished.rejections] == [
        f"Rejected row {number} of stream rows" for number in (3, 4)
    ]
    assert len(emulator.records(ENTRIES)) == 2


def test_rows_of_one_document_that_disagree_are_rejected_and_the_field_is_named(
    emulator: EmulatorProcess, config: Json
) -> None:
    rows = [line(1, "debit", "5"), line(1, "credit", "5", date="2026-02-01")]

    finished = entries(config, [record(STREAM, row) for row in rows])

    assert finished.outcomes(STREAM) == {"rejected": 2}
    assert (
        "field postingDate (column date): Rows 1 and 2 are lines of one document and differ in a field of the document."
        in (finished.rejections[0])
    )
    assert emulator.records(ENTRIES) == []


def test_a_document_whose_rows_do_not_come_together_is_not_booked_twice(
    emulator: EmulatorProcess, config: Json
) -> None:
    rows = [*entry(1), *entry(2), line(1, "debit", "7"), line(1, "credit", "7")]

    finished = entries(config, [record(STREAM, row) for row in rows])

    assert finished.outcomes(STREAM) == {"created": 4, "rejected": 2}
    assert "whose other rows came earlier" in finished.rejections[0]
    assert len(emulator.records(ENTRIES)) == 2


BY_NUMBER = {"matching": {"by": "fields", "fields": ["invoiceNumber"]}, "object_type": "Invoice"}


def invoice(number: int, *amounts: str) -> Json:
    return {
        "invoiceNumber": f"I-{number}",
        "customer__id": "CUST-100",
        "invoiceDate": "2026-01-05",
        "dueDate": "2026-02-05",
        "lines": [{"txnAmount": amount, "glAccount": {"id": "4000"}} for amount in amounts],
    }


def invoices(config: Json, *rows: Json, **settings: Json) -> Finished:
    stream = configured_stream(STREAM, columns=tuple(invoice(0)))
    return run("write", config | BY_NUMBER | settings, catalog(stream), [record(STREAM, row) for row in rows])


def amounts(emulator: EmulatorProcess) -> dict[str, list[Decimal]]:
    return {
        each["invoiceNumber"]: [Decimal(line["txnAmount"]) for line in each["lines"]]
        for each in emulator.records(INVOICES)
    }


def test_documents_sent_three_times_have_their_lines_once(emulator: EmulatorProcess, config: Json) -> None:
    rows = [invoice(number, "10.10", "20") for number in range(5)]

    outcomes = [invoices(config, *rows).outcomes(STREAM) for _ in range(3)]

    assert outcomes == [{"created": 5}, {"unchanged": 5}, {"unchanged": 5}]
    assert amounts(emulator) == {f"I-{number}": [Decimal("10.10"), 20] for number in range(5)}


@pytest.mark.parametrize("skips", [True, False])
def test_one_changed_line_changes_one_document(emulator: EmulatorProcess, config: Json, skips: bool) -> None:
    invoices(config, *(invoice(number, "10.10", "20") for number in range(3)))

    finished = invoices(
        config, invoice(0, "10.10", "20"), invoice(1, "10.10", "21"), invoice(2, "20", "10.10"), skip_unchanged=skips
    )

    assert finished.outcomes(STREAM) == ({"unchanged": 2, "updated": 1} if skips else {"updated": 3})
    assert amounts(emulator) == {
        "I-0": [Decimal("10.10"), 20],
        "I-1": [Decimal("10.10"), 21],
        "I-2": [Decimal("10.10"), 20],
    }


def test_lines_may_be_left_alone_on_update(emulator: EmulatorProcess, config: Json) -> None:
    invoices(config, invoice(0, "10.10"))

    changed = invoice(0, "99") | {"dueDate": "2026-03-05"}
    finished = invoices(config, changed, lines_on_update="ignore")

    assert finished.outcomes(STREAM) == {"updated": 1}
    assert amounts(emulator) == {"I-0": [Decimal("10.10")]}
    assert emulator.records(INVOICES)[0]["dueDate"] == "2026-03-05"


def test_a_deleted_line_is_left_out_and_a_document_goes_only_with_all_of_them(
    emulator: EmulatorProcess, config: Json
) -> None:
    gone = {"_ab_cdc_deleted_at": "2026-02-01T00:00:00Z"}
    settings = {"matching": {"by": "fields", "fields": ["referenceNumber"]}, "on_source_delete": "delete"}
    first = [*entry(1), line(1, "debit", "5"), line(1, "credit", "5", "4000"), *entry(2)]
    entries(config, [record(STREAM, row) for row in first], "upsert", **settings)

    later = [*entry(1), *(row | gone for row in first[2:4]), *(row | gone for row in entry(2))]
    finished = entries(config, [record(STREAM, row) for row in later], "upsert", **settings)

    assert finished.outcomes(STREAM) == {"updated": 4, "deleted": 2}
    assert [shown(document) for document in emulator.records(ENTRIES)] == [
        [("debit", "10.10", "1000"), ("credit", "10.10", "4000")]
    ]

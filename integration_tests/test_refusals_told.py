"""What the user reads about refusals and about ways that lead nowhere: the whole sentence, as it stands in the log."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from airbyte_input import CLIENT_CREDENTIALS, catalog, configured_stream, record, stream_state
from connector_process import Finished, run
from emulator_process import EmulatorProcess

Json = Any
ConfigFor = Callable[..., Json]

CHOICES = (
    "Use one of the values that Sage Intacct allows for this field; where `null_values` is `clear`, empty values are "
    "sent too: fill the column in every row, or set `null_values` to `leave`."
)
CLOSED = (
    "Periods are closed. Your transaction date (…) is within a period that's been closed. You can add, modify, or "
    "delete a transaction only if the date of the transaction is within a period that's open."
)
OPEN_IT = (
    "The row's date or the date that the document already has is in a closed period: open the period in Sage "
    "Intacct, or use a date in an open one for a new document; until then a document in a closed period can be neither "
    "changed nor deleted."
)
INVOICE: Json = {
    "invoiceNumber": "I1",
    "customer": {"id": "CUST-100"},
    "invoiceDate": "2026-01-31",
    "dueDate": "2026-02-28",
    "lines": [{"txnAmount": "10.00", "glAccount": {"id": "4000"}}],
}
BILL: Json = {
    "billNumber": "B1",
    "vendor": {"id": "VEND-100"},
    "createdDate": "2026-01-31",
    "dueDate": "2026-02-28",
    "currency": {"txnCurrency": "USD"},
    "lines": [{"txnAmount": "10.00", "glAccount": {"id": "6000"}, "dimensions": {"location": {"id": "US"}}}],
}
ENTRY: Json = {
    "referenceNumber": "J1",
    "glJournal": {"id": "GJ"},
    "postingDate": "2026-01-31",
    "description": "Accrual",
    "lines": [
        {"txnType": "debit", "txnAmount": "5.00", "glAccount": {"id": "6000"}},
        {"txnType": "credit", "txnAmount": "5.00", "glAccount": {"id": "1000"}},
    ],
}
DOCUMENTS: dict[str, tuple[Json, str, str]] = {
    "Invoice": (INVOICE, "invoiceNumber", "invoiceDate"),
    "Bill": (BILL, "billNumber", "createdDate"),
    "Journal Entry": (ENTRY, "referenceNumber", "postingDate"),
}


def write(config: Json, row: Json, object_type: str, by: str, **settings: Json) -> Finished:
    matching = {"by": "fields", "fields": [by]}
    stream = configured_stream("s", columns=(*row, "_ab_cdc_deleted_at"), primary_key=[[by]])
    settings = {**config, "object_type": object_type, "matching": matching, **settings}
    return run("write", settings, catalog(stream), [record("s", row), stream_state("s", 1)])


def told(finished: Finished) -> str:
    """Return the only rejection, without the support id that differs from run to run."""
    (sentence,) = finished.rejections
    return re.sub(r", support id [^\]]+", "", sentence)


def test_an_emptied_choice_is_told_as_such(emulator: EmulatorProcess, config_for: ConfigFor) -> None:
    row = {"id": "CUST-100", "status": None}

    finished = write(config_for(emulator), row, "Customer", "id", null_values="clear")

    assert told(finished) == (
        "Rejected row 1 of stream s, primary key CUST-100, record key 101: field status: Sage Intacct says: /status "
        f"must be one of 'active', 'activeNonPosting', 'inactive'. [REST-1064] {CHOICES}"
    )


def test_an_emptied_name_is_refused(emulator: EmulatorProcess, config_for: ConfigFor) -> None:
    finished = write(config_for(emulator), {"id": "CUST-100", "name": None}, "Customer", "id", null_values="clear")

    assert told(finished) == (
        "Rejected row 1 of stream s, primary key CUST-100, record key 101: field name: Sage Intacct says: /name is "
        "required. [REST-1064] Fill this field: Sage Intacct requires it for a new record."
    )


def test_lines_are_not_emptied(emulator: EmulatorProcess, config_for: ConfigFor) -> None:
    write(config_for(emulator), INVOICE, "Invoice", "invoiceNumber")

    finished = write(config_for(emulator), {**INVOICE, "lines": None}, "Invoice", "invoiceNumber", null_values="clear")

    assert "field lines: Sage Intacct says: /lines must be a list. [REST-1064]" in told(finished)
    assert told(finished).endswith(
        "A document keeps at least one line: send its lines as a list, or leave `lines` out."
    )
    (held,) = emulator.records("accounts-receivable/invoice")
    assert [line["txnAmount"] for line in held["lines"]] == ["10.00"]


def test_a_journal_lines_amount_has_no_sign(emulator: EmulatorProcess, config_for: ConfigFor) -> None:
    lines = [{**line, "txnAmount": "-5.00"} for line in ENTRY["lines"]]

    finished = write(config_for(emulator), {**ENTRY, "lines": lines}, "Journal Entry", "referenceNumber")

    assert told(finished).endswith("[REST-1064] Send the amount without a sign and give the side in `txnType`.")


@pytest.mark.parametrize("object_type", DOCUMENTS)
def test_a_new_document_in_a_closed_period_names_its_date(
    emulator: EmulatorProcess, config_for: ConfigFor, object_type: str
) -> None:
    row, by, date = DOCUMENTS[object_type]
    emulator.close_books("2026-02-28")

    finished = write(config_for(emulator), row, object_type, by)

    assert told(finished) == (
        f"Rejected row 1 of stream s, primary key {row[by]}: field {date}: Sage Intacct says: {CLOSED} [REST-7001] "
        f"{OPEN_IT}"
    )


@pytest.mark.parametrize(
    "change",
    [{"description": "other"}, {"_ab_cdc_deleted_at": "2026-03-01T00:00:00Z"}],
    ids=["changed", "deleted"],
)
def test_a_document_in_a_closed_period_is_told_alike_when_it_is_changed_and_deleted(
    emulator: EmulatorProcess, config_for: ConfigFor, change: Json
) -> None:
    write(config_for(emulator), ENTRY, "Journal Entry", "referenceNumber")
    emulator.close_books("2026-02-28")

    finished = write(
        config_for(emulator), ENTRY | change, "Journal Entry", "referenceNumber", on_source_delete="delete"
    )

    (held,) = emulator.records("general-ledger/journal-entry")
    assert held["description"] == "Accrual"
    assert told(finished) == (
        f"Rejected row 1 of stream s, primary key J1, record key {held['key']}: field postingDate: Sage Intacct says: "
        f"{CLOSED} [REST-7001] {OPEN_IT}"
    )


def test_a_quoted_value_of_one_character_is_not_told(emulator: EmulatorProcess, config_for: ConfigFor) -> None:
    row = {"id": "C-1", "name": "One", "parent__id": "X"}

    assert "Invalid Customer '…' specified." in told(write(config_for(emulator), row, "Customer", "id"))


def test_a_user_who_is_refused_reads_nothing_of_refresh_tokens(
    emulator: EmulatorProcess, config_for: ConfigFor
) -> None:
    config = config_for(emulator, credentials=CLIENT_CREDENTIALS | {"user_id": "nows"})

    message = run("check", config).status["message"]

    assert "`company_id` and `user_id`" in message
    assert "refresh token" not in message


def test_an_address_without_the_api_is_told_once_and_as_the_settings_fault(
    emulator: EmulatorProcess, config_for: ConfigFor
) -> None:
    url = emulator.url.removesuffix("/ia/api/v1")

    assert run("check", config_for(emulator, api_url=url)).status["message"] == (
        f"`api_url` is not the address of a Sage Intacct REST API: {url}/oauth2/token answers HTTP 404 with a body of "
        "type text/plain, not an answer of Sage Intacct. The right address ends in /ia/api/v1, as in "
        "https://api.intacct.com/ia/api/v1."
    )


def test_a_host_that_cannot_be_reached_is_named_and_no_library_speaks(
    emulator: EmulatorProcess, config_for: ConfigFor
) -> None:
    finished = run("check", config_for(emulator, api_url="http://127.0.0.1:9/ia/api/v1", max_retries=0))

    assert finished.status["message"] == (
        "Signing in to Sage Intacct failed in 1 attempt: the host refused the connection. Check `api_url` "
        "(http://127.0.0.1:9/ia/api/v1), and that the network, its firewall and its proxy let the connector reach "
        "127.0.0.1:9."
    )
    assert finished.log == []

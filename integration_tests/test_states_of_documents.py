"""A draft is not a posted bill: the summary says in which states the documents are that a sync has written."""

from collections.abc import Callable
from typing import Any

import pytest
from airbyte_input import catalog, configured_stream, record
from emulator_process import EmulatorProcess
from sync_in_process import Synced, sync
from tampering import tampering

from destination_sage_intacct.intacct.classify import Answer
from destination_sage_intacct.intacct.transport import HttpRequest

Json = Any

STREAM = "rows"
INVOICES = "accounts-receivable/invoice"


def invoice(number: int, **more: Json) -> Json:
    return {
        "invoiceNumber": f"I-{number}",
        "customer__id": "CUST-100",
        "invoiceDate": "2026-01-05",
        "dueDate": "2026-02-05",
        "lines": [{"txnAmount": "1.00", "glAccount": {"id": "4000"}}],
        "state": None,
        **more,
    }


def write(config: Json, *rows: Json, transport: Any = None) -> Synced:
    stream = configured_stream(STREAM, columns=tuple(rows[0]))
    return sync(config, catalog(stream), [record(STREAM, row) for row in rows], transport=transport)


@pytest.fixture
def config(emulator: EmulatorProcess, config_for: Callable[..., Json]) -> Json:
    matching = {"by": "fields", "fields": ["invoiceNumber"]}
    return config_for(emulator, object_type="Invoice", matching=matching, operation="upsert")


def test_the_summary_says_how_many_documents_are_in_which_state_for_two_api_transactions_a_state(
    emulator: EmulatorProcess, config: Json
) -> None:
    rows = [invoice(number, state="draft" if number < 2 else None) for number in range(12)]

    synced = write(config, *rows)

    (summary,) = synced.summaries
    assert "; 12 documents written: 10 posted, 2 drafts (not in the general ledger)" in summary
    held = [each["state"] for each in emulator.records(INVOICES)]
    assert (held.count("posted"), held.count("draft")) == (10, 2)
    asked = [each for each in emulator.requests() if '"fields":["key","state"]' in each["body"]]
    assert len(asked) == 4
    assert all('"size":1,' in each["body"] or each["body"].endswith('"size":1}') for each in asked), "none is read"
    assert ", 17 API transactions, " in summary  # with the one that looks for the documents


def test_one_draft_that_is_changed_is_named_as_a_draft(config: Json) -> None:
    write(config, invoice(1, state="draft"))

    (summary,) = write(config, invoice(1, referenceNumber="changed")).summaries

    assert "; 1 document written: 1 draft (not in the general ledger)" in summary


def test_documents_that_nothing_was_written_of_are_not_asked_about(emulator: EmulatorProcess, config: Json) -> None:
    write(config, invoice(1))
    before = emulator.stats()["by_route"]["POST /services/core/query"]

    (summary,) = write(config, invoice(1)).summaries

    assert "1 unchanged" in summary
    assert "written:" not in summary
    assert emulator.stats()["by_route"]["POST /services/core/query"] == before + 1


def test_each_entitys_documents_are_found(config: Json) -> None:
    config["streams"] = [{"stream": STREAM, "entity_field": "company"}]
    rows = [invoice(number, company=company) for number, company in enumerate(("100", "200", None))]

    (summary,) = write(config, *rows).summaries

    assert "; 3 documents written: 3 posted" in summary


@pytest.mark.parametrize("status", [400, 403, 500])
def test_where_states_cannot_be_asked_the_sync_succeeds_and_says_so(config: Json, status: int) -> None:
    def tamper(request: HttpRequest, answer: Answer) -> Answer:
        if request.url.endswith("/query") and b'"fields":["key","state"]' in (request.body or b""):
            error = {"code": "invalidRequest", "message": "Not now"}
            return Answer(status, {}, {"ia::result": {"ia::error": error}})
        return answer

    synced = write(config, invoice(1), transport=tampering(tamper))

    assert synced.error is None
    assert "; 1 document written: 1 in a state that Sage Intacct did not report" in synced.summaries[0]


def test_a_dry_run_writes_no_document_and_asks_about_none(emulator: EmulatorProcess, config: Json) -> None:
    (summary,) = write(config | {"dry_run": True}, invoice(1)).summaries

    assert "written:" not in summary
    assert emulator.records(INVOICES) == []


def test_objects_without_drafts_have_no_states(emulator: EmulatorProcess, config_for: Callable[..., Json]) -> None:
    (summary,) = write(config_for(emulator, object_type="Customer"), {"id": "C-1", "name": "x"}).summaries

    assert "documents" not in summary

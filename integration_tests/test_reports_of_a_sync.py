"""What a sync says while it runs and at its end, over real pipes: progress, long waits, the summary for programs."""

import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from airbyte_input import catalog, configured_stream, record, stream_state
from connector_process import Finished, run, writing
from emulator_process import EmulatorProcess

CUSTOMERS, INVOICES = "accounts-receivable/customer", "accounts-receivable/invoice"
INVOICE = {
    "invoiceNumber": "I-1",
    "customer__id": "CUST-100",
    "invoiceDate": "2026-01-05",
    "dueDate": "2026-02-05",
    "lines": [{"txnAmount": "10.50", "glAccount": {"id": "4000"}}],
}
OFTEN = (sys.executable, str(Path(__file__).with_name("often_reporting.py")))
BY_ID = {"matching": {"by": "fields", "fields": ["id"]}}
UPDATING = catalog(configured_stream("rows", "update", columns=["key", "name"]))
SECRET_NAME = "Zyxwvut Nomenclature"
LIMITED = "Sage Intacct limits the requests of this company (HTTP 429), and no request is sent meanwhile."


def updates(count: int) -> list[dict[str, Any]]:
    return [record("rows", {"key": str(101 + number), "name": SECRET_NAME}) for number in range(count)]


def throttle(emulator: EmulatorProcess, method: str, seconds: int, **rule: Any) -> None:
    headers = {"Retry-After": str(seconds)}
    emulator.fault(
        method=method, action={"kind": "status", "status": 429, "when": "before", "headers": headers}, **rule
    )


def reports(finished: Finished) -> list[str]:
    return [line for line in finished.log if line.startswith(("Progress of ", "Waiting ", "{"))]


def test_a_stream_with_news_has_a_line_now_and_then_while_the_input_is_silent(
    emulator: EmulatorProcess, config_for: Callable[..., Any]
) -> None:
    streams = catalog(*(configured_stream(name, columns=["id", "name"]) for name in ("rows", "silent")))
    lines = [record("rows", {"id": f"P-{number}", "name": SECRET_NAME}) for number in range(20)]
    with writing(config_for(emulator, **BY_ID), streams, command=OFTEN) as running:
        running.send(*lines, stream_state("rows", 1))
        while " 20 created, " not in (line := running.next_log("Progress of ")):
            pass
        finished = running.finish()

    assert re.fullmatch(
        r"Progress of rows: 20 rows received, 20 created, 0 updated, 0 unchanged, 0 rejected; \d+ rows/s, "
        r"\d requests? in flight, 2\d API transactions so far\.",
        line,
    )
    assert finished.code == 0
    assert [line for line in finished.log if line.startswith("Progress of silent")] == []
    counts = [re.sub(r"\S+ rows/s, \d+ requests?", "", line) for line in reports(finished)]
    assert len(set(counts)) == len(counts), "a line without news"
    assert SECRET_NAME not in "".join(finished.log)
    assert finished.log[-1].startswith("{"), "nothing comes after the summary"


def test_lines_come_while_the_thread_that_reads_rows_waits_and_the_run_ends_with_a_signal(
    emulator: EmulatorProcess, config_for: Callable[..., Any]
) -> None:
    """Nothing is answered, so that the rows soon reach as far as they may; most are never read."""
    throttle(emulator, "PATCH", 600)
    config = config_for(emulator, batch_size=1, max_concurrency=1, skip_unchanged=False)
    with writing(config, UPDATING, command=OFTEN) as running:
        running.send(*updates(250))  # as many as a pipe holds
        waiting = running.next_log("Waiting ")
        line = running.next_log("Progress of ")
        running.terminate()
        finished = running.finish()

    assert waiting == f"Waiting 600 seconds: {LIMITED}"
    (received,) = re.findall(
        r"^Progress of rows: (\d+) rows received, 0 created, 0 updated, 0 unchanged, 0 rejected; 0 rows/s, "
        r"\d requests? in flight, 0 API transactions so far\.$",
        line,
    )
    assert (finished.code, finished.stderr) == (143, "")
    counts = finished.json_summaries["rows"]["rows"]
    assert 0 < int(received) <= counts["received"] == counts["unsettled"] < 250


def test_a_429_is_reported_at_once_and_once_whatever_waits_for_it(
    emulator_with: Callable[..., EmulatorProcess], config_for: Callable[..., Any]
) -> None:
    """Two requests are in flight and both are refused; nothing is sent in the minute that begins with the line."""
    emulator = emulator_with("--latency-ms", "500")
    throttle(emulator, "PATCH", 60)
    with writing(config_for(emulator, batch_size=1, skip_unchanged=False), UPDATING) as running:
        running.send(*updates(4))
        waiting = running.next_log("Waiting ")
        running.terminate()
        finished = running.finish()

    assert waiting == f"Waiting 60 seconds: {LIMITED}"
    assert [line for line in finished.log if line.startswith("Waiting ")] == [waiting]
    assert finished.code == 143
    assert [each["method"] for each in emulator.requests()].count("PATCH") <= 2
    assert finished.outcomes("rows") == {"not settled, to be sent again": 4}
    assert SECRET_NAME not in "".join(finished.log)


def test_a_wait_before_signing_in_is_reported_at_once(
    emulator: EmulatorProcess, config_for: Callable[..., Any]
) -> None:
    throttle(emulator, "POST", 45, route="/oauth2/token")
    with writing(config_for(emulator), UPDATING) as running:
        waiting = running.next_log("Waiting ")
        running.terminate()
        finished = running.finish()

    assert waiting == "Waiting 45 seconds: signing in to Sage Intacct failed (HTTP 429) and is tried again then."
    assert finished.code == 143


def test_the_summary_for_programs_is_what_the_emulator_counts_and_holds(
    emulator: EmulatorProcess, config_for: Callable[..., Any]
) -> None:
    streams = catalog(
        configured_stream("customers", columns=["id", "name", "term__id", "creditLimit"]),
        configured_stream("invoices", columns=sorted(INVOICE), namespace="erp"),
    )
    settings = {
        "stream": "invoices",
        "object_type": "Invoice",
        "matching": {"by": "fields", "fields": ["invoiceNumber"]},
    }
    rows = [
        {"id": "CUST-100", "name": "Renamed"},
        {"id": "S-1", "name": "New"},
        {"id": "S-2", "name": "New", "term__id": "N99"},
        {"id": "S-3", "name": "New", "creditLimit": "much"},
        {"id": "S-4", "name": "New", "creditLimit": "more"},
    ]
    finished = run(
        "write",
        config_for(emulator, **BY_ID, streams=[settings]),
        streams,
        [*(record("customers", row) for row in rows), record("invoices", INVOICE, "erp")],
    )

    summaries = finished.json_summaries
    customers, invoices = summaries["customers"], summaries["invoices"]
    assert customers["rows"] | {"received": 5, "created": 1, "updated": 1, "rejected": 3} == customers["rows"]
    assert sum(customers["rows"].values()) == 2 * 5
    assert sorted((each["reason"], each["field"], each["rows"]) for each in customers["rejected_by_reason"]) == [
        ("REST-7001", "term", 1),
        ("invalid_value", "creditLimit", 2),
    ]
    assert (invoices["namespace"], invoices["object"], invoices["operation"]) == ("erp", INVOICES, "upsert")
    assert (invoices["rows"]["created"], invoices["documents"], invoices["rejected_by_reason"]) == (
        1,
        {"posted": 1},
        [],
    )
    assert {each["id"] for each in emulator.records(CUSTOMERS)} >= {"CUST-100", "S-1"}
    stats = emulator.stats()
    of_no_stream = sum(number for route, number in stats["by_route"].items() if route.startswith("GET "))  # the models
    spent = stats["api_transactions"] - of_no_stream
    assert sum(each["api_transactions"] for each in summaries.values()) == spent
    assert [each["version"] for each in summaries.values()] == [1, 1]
    assert len(finished.summaries) == len(summaries) == 2


def test_an_access_token_that_was_issued_is_logged_for_those_who_look_closely_without_the_token(
    emulator: EmulatorProcess, config_for: Callable[..., Any]
) -> None:
    finished = run("write", config_for(emulator), UPDATING, updates(1))

    said = [message["log"]["message"] for message in finished.of_type("LOG") if message["log"]["level"] == "DEBUG"]
    assert "Sage Intacct issued an access token, valid for 43200 seconds." in said

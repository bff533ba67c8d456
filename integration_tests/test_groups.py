"""Many rows are looked for by one query, and what is left of them goes out in several requests at once."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from airbyte_input import catalog, configured_stream, record, stream_state
from connector_process import Finished, run
from emulator_process import EmulatorProcess

pytestmark = pytest.mark.usefixtures("untraced")

CUSTOMERS = "accounts-receivable/customer"
COLLECTION = f"/objects/{CUSTOMERS}"
QUERY = "POST /services/core/query"
ROWS, CHANGED = 3_000, range(0, 3_000, 100)
BATCH = 500
CATALOG = catalog(configured_stream("customers", columns=("id", "name")))
ConfigFor = Callable[..., dict[str, Any]]
EmulatorWith = Callable[..., EmulatorProcess]


@pytest.fixture
def server(emulator_with: EmulatorWith) -> EmulatorProcess:
    emulator = emulator_with("--latency-ms=100", "--no-demo-data")
    emulator.reset()
    return emulator


def lines(changed: range = range(0)) -> list[dict[str, Any]]:
    rows = [{"id": f"C-{number}", "name": f"Name {number}"} for number in range(ROWS)]
    for number in changed:
        rows[number]["name"] = f"Other {number}"
    return [*(record("customers", row) for row in rows), stream_state("customers", ROWS)]


def write(config: dict[str, Any], sent: list[dict[str, Any]]) -> Finished:
    return run("write", config, CATALOG, sent)


def names(emulator: EmulatorProcess) -> Counter[tuple[str, str]]:
    return Counter((held["id"], held["name"]) for held in emulator.records(CUSTOMERS))


def test_a_table_costs_far_fewer_queries_than_batches_and_only_what_changed_is_written(
    config_for: ConfigFor, server: EmulatorProcess
) -> None:
    config = config_for(server, matching={"by": "fields", "fields": ["id"]})

    assert write(config, lines()).code == 0
    first = server.stats()["by_route"]
    again = write(config, lines(CHANGED))
    after = server.stats()["by_route"]

    assert names(server) == Counter((f"C-{n}", f"Other {n}" if n in CHANGED else f"Name {n}") for n in range(ROWS))
    assert again.states
    queries = after[QUERY] - first[QUERY]
    assert 1 <= queries < ROWS / BATCH, "one query looks for the rows of several batches"
    assert after[f"PATCH {COLLECTION}"] <= queries, "what changed of a group goes out in one request"


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("route", ["/services/core/query", COLLECTION])
def test_answers_that_are_lost_within_a_group_neither_lose_nor_double_a_row(
    config_for: ConfigFor, server: EmulatorProcess, route: str, when: str
) -> None:
    config = config_for(server, matching={"by": "fields", "fields": ["id"]}, max_retries=3)
    server.fault(route=route, method="POST", nth=[1, 3, 5, 7], action={"kind": "cut", "when": when})

    finished = write(config, lines())

    assert finished.code == 0, finished.log
    assert names(server) == Counter((f"C-{number}", f"Name {number}") for number in range(ROWS))
    assert len(finished.states) == 1


@pytest.mark.parametrize("reading", ["true", "hourly", "spent", "high", "garbage"])
def test_whatever_the_headers_say_of_the_limit_every_row_arrives_once(
    config_for: ConfigFor, emulator_with: EmulatorWith, reading: str
) -> None:
    emulator = emulator_with("--latency-ms=20", "--no-demo-data", "--concurrency=2", f"--limit-headers={reading}")

    finished = write(config_for(emulator, matching={"by": "fields", "fields": ["id"]}), lines())

    assert finished.code == 0, finished.log
    assert names(emulator) == Counter((f"C-{number}", f"Name {number}") for number in range(ROWS))
    assert emulator.stats()["max_in_flight"] <= 2


@pytest.mark.parametrize("is_update", [False, True])
def test_rows_go_many_to_a_request_again_after_a_time_in_which_each_request_was_refused(
    config_for: ConfigFor, empty_emulator: EmulatorProcess, is_update: bool
) -> None:
    """HTTP 429 to a request that is alone may be about its size, so it is sent in halves, down to single records."""
    config = config_for(empty_emulator, matching={"by": "fields", "fields": ["id"]}, max_concurrency=1)
    if is_update:
        empty_emulator.hold(CUSTOMERS, *({"id": f"C-{number}", "name": "Before"} for number in range(ROWS)))
    method = "PATCH" if is_update else "POST"
    busy = {"kind": "status", "status": 429, "headers": {"Retry-After": "0"}, "when": "before"}
    empty_emulator.fault(route="/objects/*", method=method, nth=list(range(1, 7)), action=busy)

    finished = write(config, lines())

    assert finished.code == 0, finished.log
    assert names(empty_emulator) == Counter((f"C-{number}", f"Name {number}") for number in range(ROWS))
    sent = sum(each["method"] == method and "/objects/" in each["path"] for each in empty_emulator.requests(last=2_000))
    assert sent < ROWS / 50


INVOICES = "accounts-receivable/invoice"


def invoice(number: int) -> dict[str, Any]:
    return {
        "invoiceNumber": f"I-{number}",
        "customer": {"id": "CUST-100"},
        "invoiceDate": "2026-01-05",
        "dueDate": "2026-02-05",
        "lines": [{"txnAmount": "1.00", "glAccount": {"id": "4000"}, "dimensions": {"location": {"id": "US"}}}],
    }


def test_documents_that_are_there_are_looked_up_side_by_side_and_read_by_the_dozen(
    config_for: ConfigFor, emulator_with: EmulatorWith
) -> None:
    rows = [invoice(number) for number in range(600)]
    emulator = emulator_with("--latency-ms=100")
    before = emulator.hold(INVOICES, *rows)
    config = config_for(emulator, object_type="Invoice", matching={"by": "fields", "fields": ["invoiceNumber"]})
    stream = configured_stream("invoices", columns=tuple(rows[0]))

    again = run(
        "write", config, catalog(stream), [*(record("invoices", row) for row in rows), stream_state("invoices", 1)]
    )

    assert again.outcomes("invoices") == {"unchanged": 600}
    assert sorted(held["key"] for held in emulator.records(INVOICES)) == sorted(before)
    routes = emulator.stats()["by_route"]
    assert 2 <= routes[QUERY] <= 12
    assert (
        600 / 50 <= sum(count for route, count in routes.items() if route.startswith(f"GET /objects/{INVOICES}")) <= 24
    )

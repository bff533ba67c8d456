"""The benchmarks measure what they say: their rows, their bounds, their table, and runs that really deliver."""

import json
from dataclasses import replace

import pytest
from emulator_process import EmulatorProcess

from benchmarks import everyday_shapes, everyday_tables, report, stages
from benchmarks.connector_alone import COMMAND
from benchmarks.connector_run import configuration, run_connector
from benchmarks.customers import PATH, Customers
from benchmarks.everyday import measure
from benchmarks.everyday_results import Kept, Result
from benchmarks.everyday_shapes import PARTS, SHAPES
from benchmarks.peers import lines
from benchmarks.prepared_answers import NOWHERE, PreparedAnswers
from benchmarks.report import Figure, Section
from benchmarks.shapes import Shape
from benchmarks.throughput import INSERT, bound
from destination_sage_intacct.intacct.transport import HttpRequest


def rows_of(customers: Customers) -> list[dict[str, object]]:
    messages = map(json.loads, customers.lines())
    return [message["record"]["data"] for message in messages if message["type"] == "RECORD"]


def test_one_row_in_a_hundred_is_renamed_and_nothing_else_changes():
    before = rows_of(Customers(1000))
    after = rows_of(Customers(1000, renamed_every=100, renaming=1))
    changed = [(old, new) for old, new in zip(before, after, strict=True) if old != new]
    assert len(changed) == 10
    assert all(old | {"name": new["name"]} == new for old, new in changed)


def test_the_last_rows_are_covered_by_a_state():
    kinds = [json.loads(line)["type"] for line in Customers(25, state_every=10).lines()]
    assert kinds == ["RECORD"] * 10 + ["STATE"] + ["RECORD"] * 10 + ["STATE"] + ["RECORD"] * 5 + ["STATE"]


def test_arguments_carry_the_rows_to_the_process_that_writes_them():
    customers = Customers(30, state_every=7, renamed_every=3, renaming=2)
    assert Customers.of_arguments(customers.arguments) == customers


@pytest.mark.parametrize(
    ("limit", "records", "queries", "rows_per_second"),
    [
        (1, 1, 0, 1 / 0.255),  # one row a request
        (2, 500, 0, 1000 / 2.75),
        (6, 500, 1, 3000 / 3.0),  # each batch with a query that finds nothing
    ],
)
def test_the_bound_follows_from_latency_and_limit(limit, records, queries, rows_per_second):
    assert bound(limit, records, queries) == pytest.approx(rows_per_second)


def test_the_table_says_beside_each_target_whether_it_is_met():
    targets = (
        report.at_least("15 rows/s", 20, 15),
        report.below("250 MB", 250, 250),
        report.at_most("1.1 x", 1.1, 1.1),
    )
    text = report.table([Section("Alone", [Figure("10 rows", "20 rows/s", targets=targets), Figure("20 rows", "-")])])
    assert text.splitlines()[2:] == [
        "Alone",
        "  10 rows  20 rows/s         >= 15 rows/s met, < 250 MB MISSED, <= 1.1 x met",
        "  20 rows  -",
    ]


def test_a_run_counts_the_rows_that_the_server_holds(emulator_with):
    emulator: EmulatorProcess = emulator_with("--no-demo-data")
    run = run_connector(configuration(emulator.url, **INSERT), Customers(120, state_every=50))
    held = sorted(record["id"] for record in emulator.records(PATH))
    assert held == [f"C-{number:07d}" for number in range(1, 121)]
    assert (run.rows, run.peak_bytes > 0) == (120, True)


def test_a_run_whose_rows_are_rejected_is_no_figure(emulator_with):
    emulator: EmulatorProcess = emulator_with("--no-demo-data")
    body = {"ia::error": {"code": "invalidRequest", "message": "no"}}
    refused = {"kind": "status", "status": 400, "body": body}
    emulator.fault(method="POST", route=f"/objects/{PATH}*", action=refused)
    config = configuration(emulator.url, **INSERT, rejected_rows={"policy": "continue"})
    with pytest.raises(RuntimeError, match="ended with 0 and acknowledged 0 of 10 rows"):
        run_connector(config, Customers(10))


def test_a_run_that_fails_says_why(emulator_with):
    emulator: EmulatorProcess = emulator_with("--no-demo-data")
    with pytest.raises(RuntimeError, match=r"nothing to measure.*`operation`"):
        run_connector(configuration(emulator.url, operation="mirror"), Customers(10))


def test_prepared_answers_hold_one_result_for_each_record():
    answers = PreparedAnswers()
    url = f"{NOWHERE}/objects/{PATH}"
    two = answers(HttpRequest("POST", url, body=b'[{"id":"C-1"},{"id":"C-2"}]'))
    one = answers(HttpRequest("POST", url, body=b'{"id":"C-3"}'))
    assert [result["key"] for result in two.payload["ia::result"]] == ["1", "2"]
    assert one.payload["ia::result"]["key"] == "3"


def test_the_connector_alone_needs_no_network():
    assert run_connector(configuration(NOWHERE, **INSERT), Customers(1200), COMMAND).rows == 1200


def test_the_stages_are_timed_over_the_real_functions():
    assert [*stages.measure(Customers(1200))][:2] == ["the line is read", "the line is parsed"]


@pytest.mark.parametrize(
    "shape", [Shape("small", 30, 10), Shape("wide", 3), Shape("documents", 3), Shape("entities", 200)]
)
def test_each_odd_shape_is_delivered_to_its_last_row(shape: Shape):
    run = run_connector(shape.configuration, shape, COMMAND)
    assert (run.rows, run.peak_bytes > 0) == (shape.rows, True)


AT_ONCE = ("--latency-ms=0", "--latency-per-record-ms=0")
MEASURED = Result(
    rows=500,
    seconds=2.0,
    bound_seconds=0.5,
    cpu_seconds=0.5,
    peak_megabytes=49.4,
    requests=8,
    transactions=501,
    throttled=0,
    filters=0,
    late_seconds=0.0,
)


def test_each_shape_has_a_name_of_its_own():
    assert len(SHAPES) == sum(len(part.shapes) for part in PARTS)


@pytest.mark.parametrize(
    ("name", "seconds"),
    [
        ("inserts-500", 2.75 / 6),
        ("inserts-20000-limit-1", 40 * 2.75),
        ("upserts-10000", 20 * 2.75 / 6),
        ("invoices-two-fields", 20 * 3.0 / 6),
        ("documents-again", (4 * 2.75 + 40 * 0.5) / 6),
        ("streams-50", 20 * (0.25 + 0.25 + 0.5) / 6),
        ("peer-cdk", 10 * 2.75),
    ],
)
def test_the_bound_of_a_shape_is_what_its_requests_take(name, seconds):
    assert SHAPES[name].bound_seconds == pytest.approx(seconds)


@pytest.mark.parametrize(
    ("shape", "transactions"),
    [
        (everyday_shapes.invoices(20), 21),
        (everyday_shapes.documents(20), 1),
        (everyday_shapes.again(200), 4),  # two renamed, a query, the model
        (everyday_shapes.deletes(5), 5),
        (everyday_shapes.bad(20), 18),
        (everyday_shapes.versions(800), 400),
        (everyday_shapes.streams(1, everyday_shapes.Aim("seconds", 5)), 40),
        (everyday_shapes.trickle(2), 2),
    ],
    ids=lambda each: getattr(each, "name", ""),
)
def test_each_everyday_shape_is_delivered_to_its_last_row(shape, transactions):
    found = measure(replace(shape, flags=(*shape.flags, *AT_ONCE)))
    assert (found.rows, found.transactions >= transactions, found.peak_megabytes > 0) == (shape.rows.rows, True, True)


def test_the_peers_send_the_rows_that_the_connector_sends():
    customers = Customers(3)
    assert [lines.body(row) for row in rows_of(customers)] == [customers.body(number) for number in (1, 2, 3)]


def test_results_are_kept_for_the_same_code_only(tmp_path):
    path = tmp_path / "everyday.json"
    Kept(path).keep("inserts-500", MEASURED)
    assert Kept(path).results == {"inserts-500": MEASURED}
    assert Kept(path, anew=True).results == {}
    path.write_text(path.read_text("utf-8").replace('"stamp": "', '"stamp": "of other code '), "utf-8")
    assert Kept(path).results == {}


def test_the_tables_of_the_page_show_what_was_reached_and_what_was_missed(tmp_path):
    kept = Kept(tmp_path / "everyday.json")
    kept.keep("inserts-500", MEASURED)
    kept.keep("trickle", replace(MEASURED, rows=60, transactions=90))
    page = tmp_path / "page.md"
    page.write_text(f"before\n{everyday_tables.BEGIN}\nold\n{everyday_tables.END}\nafter\n", "utf-8")
    everyday_tables.write(page, everyday_tables.markdown(PARTS, kept))
    text = page.read_text("utf-8")
    assert "| inserts, 500 rows | 2.0 | 250.0 | 0.25 | >= 0.15 of bound | 8 | 501 | 0 | 1,000 | 49 |" in text
    assert "<= 1.20 transactions a row (1.50) **missed**" in text
    assert (text.startswith("before\n"), text.endswith("\nafter\n"), "old" in text) == (True, True, False)

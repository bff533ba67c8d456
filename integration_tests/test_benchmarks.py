"""The benchmarks measure what they say: their rows, their bounds, their table, and runs that really deliver."""

import json

import pytest
from emulator_process import EmulatorProcess

from benchmarks import report, stages
from benchmarks.connector_alone import COMMAND
from benchmarks.connector_run import configuration, run_connector
from benchmarks.customers import PATH, Customers
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

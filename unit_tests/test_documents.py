from dataclasses import replace

import pytest
from test_line_comparison import LINE, line, own

from destination_sage_intacct.rows.lines import (
    LineRow,
    assemble,
    lists_of,
    still_to_send,
    with_lines_replaced,
    without_lists,
)
from destination_sage_intacct.rows.values import Problem

BAD = Problem("not_a_date", "The value is not a date", "Send a date.", "postingDate")
BAD_LINE = Problem("not_a_number", "The value is not a number", "Send a number.", "txnAmount")


def part(number, header=None, line=None, key="7"):
    return LineRow(number, key, {"date": "A"} if header is None else header, {"n": number} if line is None else line)


def test_a_document_has_the_header_of_its_first_row_and_the_lines_of_all_in_their_order():
    assert assemble([part(3), part(4), part(5)], "lines") == {"date": "A", "lines": [{"n": 3}, {"n": 4}, {"n": 5}]}


FIRST = {"date": "A", "ref": {"id": "1"}}


@pytest.mark.parametrize(
    ("last", "field"),
    [
        (part(9, FIRST | {"date": "B"}), "date"),
        (part(9, FIRST | {"ref": {"id": "2"}}), "ref.id"),
        (part(9, {"date": "A"}), "ref.id"),
        (part(9, FIRST | {"text": "more"}), "text"),
        (part(9, FIRST, key="8"), "the record key"),
    ],
)
def test_rows_that_disagree_are_rejected_with_the_field(last, field):
    assert assemble([part(7, FIRST), part(8, FIRST), last], "lines") == Problem(
        "document_disagrees",
        "Rows 7 and 9 are lines of one document and differ in a field of its own",
        "Give all rows of a document the same value there, map the column to a field of the line in `lines.fields`, "
        "or add it to `lines.group_by` if it distinguishes documents.",
        field,
    )


SHOWN, SHOWN_OF_LINE = (
    replace(each, message=f"In row 2 of the same document: {each.message}") for each in (BAD, BAD_LINE)
)
UNKNOWN = Problem("unknown_field", "The object has no such field", "Correct the name.", "memmo")


@pytest.mark.parametrize(
    ("parts", "problem"),
    [
        ([part(1), part(2, header=BAD)], SHOWN),
        ([part(2, header=BAD), part(3)], SHOWN),
        ([part(2, header=BAD)], BAD),
        ([part(1), part(2, line=BAD_LINE)], replace(SHOWN_OF_LINE, field="lines[1].txnAmount")),
        # What is wrong with a column is not told as one row's fault.
        ([part(1), part(2, line=UNKNOWN)], replace(UNKNOWN, field="lines[1].memmo")),
    ],
)
def test_what_cannot_be_sent_is_the_documents_problem_with_its_place(parts, problem):
    assert assemble(parts, "lines") == problem


def test_lists_and_the_rest_of_a_body_are_told_apart():
    body = {"id": "1", "lines": [{}], "taxes": [], "ref": {"ids": [1]}}
    assert lists_of(body) == {"lines": [{}], "taxes": []}
    assert without_lists(body) == {"id": "1", "ref": {"ids": [1]}}


def test_lines_are_replaced_by_deleting_the_records_own_and_adding_the_new():
    held = [{"key": 7, "memo": "old"}, {"memo": "without a key"}, {"key": "8"}]
    assert with_lines_replaced([line("1")], held) == [
        {"key": "7", "ia::operation": "delete"},
        {"key": "8", "ia::operation": "delete"},
        line("1"),
    ]


def keyed(key, *more, **values):
    return {"key": key, **values} | ({"ia::operation": more[0]} if more else {})


HELD = own(line("10"), line("20"))


@pytest.mark.parametrize(
    ("lines", "left"),
    [
        ([line("10"), line("20")], []),
        ([line("10")], [keyed("0", "delete"), keyed("1", "delete"), line("10")]),
        ([keyed("1", memo="new")], [keyed("1", memo="new")]),
        ([keyed("1", memo="a")], []),
        ([keyed(1, txnAmount="20.00")], []),
        ([keyed("1", "delete")], [keyed("1", "delete")]),
        ([keyed("9", "delete")], []),
        ([keyed("9", memo="a")], [keyed("9", memo="a")]),
        ([keyed("1", memo="new"), line("10")], [keyed("1", memo="new")]),
        ([keyed("1", memo="a"), line("20")], [line("20")]),
        ([keyed("1", memo="a"), line("10"), line("10")], [line("10")]),
        ([{"ia::operation": "add", **line("10")}], []),
        ([{"ia::operation": "add", **line("30")}], [{"ia::operation": "add", **line("30")}]),
        ([keyed("1", memo="a"), line("10", location={"id": "US"})], []),
        ([keyed("1", memo="a"), {"location": "US"}], [{"location": "US"}]),
        *(([keyed(no_key, **line("10")), line("20")], []) for no_key in (None, "")),
    ],
)
def test_lines_of_the_users_own_instructions_are_sent_unless_they_have_come_true(lines, left):
    assert still_to_send(lines, HELD, LINE) == left


def test_a_line_to_delete_without_a_key_is_a_problem():
    problem = still_to_send([line("10"), {"ia::operation": "delete", "memo": "a"}], HELD, LINE)
    assert isinstance(problem, Problem)
    assert problem.code == "line_without_key"
    assert problem.message == "A line is to be deleted, and has no `key` that names it"

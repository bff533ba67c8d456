import pytest
from fakes import make_model

from destination_sage_intacct.intacct.model import Field, Model
from destination_sage_intacct.rows.documents import (
    Part,
    assemble,
    flattened,
    lists_of,
    replaced,
    same_lines,
    without_lists,
)
from destination_sage_intacct.rows.values import Problem

LINE = Model("line", {"txnAmount": Field("amount"), "memo": Field("string"), "glAccount.id": Field("string")})
BAD = Problem("not_a_date", "The value is not a date", "Send a date.", "postingDate")
BAD_LINE = Problem("not_a_number", "The value is not a number", "Send a number.", "txnAmount")


def part(number, header=None, line=None, key=None):
    return Part(number, key, {"date": "A"} if header is None else header, {"n": number} if line is None else line)


def disagreement(first, other, field):
    return Problem(
        "document_disagrees",
        f"Rows {first} and {other} are lines of one document and differ in a field of its own",
        "Give all rows of a document the same value there, map the column to a field of the line in `lines.fields`, "
        "or add it to `lines.group_by` if it tells documents apart.",
        field,
    )


def test_a_document_has_the_header_of_its_first_row_and_the_lines_of_all_in_their_order():
    assert assemble([part(3), part(4), part(5)], "lines") == {"date": "A", "lines": [{"n": 3}, {"n": 4}, {"n": 5}]}


def test_one_row_is_a_document_of_one_line():
    assert assemble([part(1, header={})], "lines") == {"lines": [{"n": 1}]}


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ({"date": "B", "ref": {"id": "1"}}, "date"),
        ({"date": "A", "ref": {"id": "2"}}, "ref.id"),
        ({"date": "A"}, "ref.id"),
        ({"date": "A", "ref": {"id": "1"}, "text": "more"}, "text"),
    ],
)
def test_rows_that_disagree_are_told_with_the_field(header, field):
    parts = [part(7, {"date": "A", "ref": {"id": "1"}}), part(8, {"date": "A", "ref": {"id": "1"}}), part(9, header)]

    assert assemble(parts, "lines") == disagreement(7, 9, field)


def test_rows_of_one_document_with_two_record_keys_disagree():
    assert assemble([part(1, key="7"), part(2, key="8")], "lines") == disagreement(1, 2, "the record key")


def test_a_header_that_cannot_be_sent_is_the_documents_problem():
    assert assemble([part(1), part(2, header=BAD)], "lines") == BAD
    assert assemble([part(1, header=BAD), part(2)], "lines") == BAD


def test_a_line_that_cannot_be_sent_is_told_with_its_place():
    expected = Problem("not_a_number", "The value is not a number", "Send a number.", "lines[1].txnAmount")

    assert assemble([part(1), part(2, line=BAD_LINE)], "lines") == expected


def test_lists_and_the_rest_of_a_body_are_told_apart():
    body = {"id": "1", "lines": [{}], "taxes": [], "ref": {"ids": [1]}}

    assert lists_of(body) == {"lines": [{}], "taxes": []}
    assert without_lists(body) == {"id": "1", "ref": {"ids": [1]}}


def test_a_nested_record_is_flattened_as_a_query_would():
    assert flattened({"a": {"b": {"c": 1}, "d": None}, "e": [{"f": 1}], "g": {}}) == {
        "a.b.c": 1,
        "a.d": None,
        "e": [{"f": 1}],
    }


def line(amount, memo="a", **more):
    return {"txnAmount": amount, "memo": memo, "glAccount": {"id": "4000"}, **more}


def own(*lines):
    return [{"key": str(place), "currency": "USD", **each} for place, each in enumerate(lines)]


@pytest.mark.parametrize(
    ("lines", "held"),
    [
        ([], []),
        ([line("10.10"), line("20")], own(line("10.10"), line("20.00"))),
        ([line("10.10"), line("20")], own(line("20"), line("10.1"))),
        ([line("10", "a"), line("10", "b")], own(line("10", "b"), line("10", "a"))),
        ([{"memo": "b"}, {"memo": "a"}], own({"memo": "a"}, {"memo": "b"})),
    ],
)
def test_lines_are_the_same_in_any_order_whatever_else_sage_has_filled_in(lines, held):
    assert same_lines(lines, held, LINE)


@pytest.mark.parametrize(
    ("lines", "held"),
    [
        ([line("10")], []),
        ([], own(line("10"))),
        ([line("10")], own(line("10"), line("10"))),
        ([line("10.10")], own(line("10.11"))),
        ([line("10", "a")], own(line("10", "b"))),
        ([line("10"), line("10")], own(line("10"), line("20"))),
        ([line("10", "a"), line("10", "a")], own(line("10", "a"), line("10", "b"))),
        ([line("10", location={"id": "US"})], own(line("10"))),
        (["10"], own(line("10"))),
        ([line("10")], ["10"]),
    ],
)
def test_lines_that_differ_in_number_value_or_kind_are_others(lines, held):
    assert not same_lines(lines, held, LINE)


def test_a_line_of_the_record_stands_for_one_line_only():
    twice = [{"name": "a"}, {"name": "a"}, {"name": "b"}]

    assert not same_lines(twice, [{"name": "b"}, {"name": "b"}, {"name": "a"}], make_model("name"))


def test_lines_are_replaced_by_deleting_the_records_own_and_adding_the_new():
    held = [{"key": 7, "memo": "old"}, {"memo": "without a key"}, {"key": "8"}]

    assert replaced([line("1")], held) == [
        {"key": "7", "ia::operation": "delete"},
        {"key": "8", "ia::operation": "delete"},
        line("1"),
    ]

"""Lines: put together from rows, compared with those of a record, and what is left of them to send."""

import random
from dataclasses import replace
from decimal import Decimal

import pytest
from fakes import make_plan
from hypothesis import given
from hypothesis import strategies as st

from destination_sage_intacct.delivery.actions import Update
from destination_sage_intacct.delivery.document_lines import still_to_change
from destination_sage_intacct.intacct.model import Field, Model, known_model
from destination_sage_intacct.rows import lines
from destination_sage_intacct.rows.comparison import holds
from destination_sage_intacct.rows.lines import _is as is_held
from destination_sage_intacct.rows.lines import assemble, same_lines, still_to_send
from destination_sage_intacct.rows.paths import flatten
from destination_sage_intacct.rows.values import Problem

LINE = Model("line", {"txnAmount": Field("amount"), "memo": Field("string"), "glAccount.id": Field("string")})
BILL_LINE = known_model("accounts-payable/bill-line")
TAX = {"taxRate": 10, "orderEntryTaxDetail": {"id": "GST"}}
TAX_5 = TAX | {"taxRate": 5}
# What the OpenAPI description shows of a bill's line: empty fields as null, and no `totalTxnAmount`.
SHOWN = {"key": "440", "accountLabel": {"key": None, "id": None}, "glAccount": {"id": "6000"}, "txnAmount": "5.00"}
VALUES = st.sampled_from(["", None, "x", "1", "1.0", 1, Decimal("1.0"), True, [], [{"a": 1}], ["x"], {}, {"id": "x"}])
LINES = st.lists(st.dictionaries(st.sampled_from(["txnAmount", "memo", "glAccount", "nsp::X"]), VALUES), max_size=4)
AMOUNTS, MEMOS = st.sampled_from(["1", "1.0", 1, None]), st.sampled_from(["", None, "x"])
ACCOUNTS, TAXES = st.sampled_from([{"id": "x"}, {"id": None}]), st.sampled_from([[], [{"a": 1}], [{"a": 1}, {"b": 2}]])
FILLED = {"txnAmount": AMOUNTS, "memo": MEMOS, "glAccount": ACCOUNTS, "taxEntries": TAXES}
WELL_FORMED = st.lists(st.fixed_dictionaries({}, optional=FILLED), max_size=6)
BOTH = [{"txnAmount": "1"}, {"txnAmount": "2"}]
NINE, EIGHT = {"key": "7", "txnAmount": "9"}, {"key": "8", "txnAmount": "8"}
BAD = Problem("not_a_date", "The value is not a date", "Send a date.", "postingDate")
BAD_IN_ROW_2 = replace(BAD, message="In row 2 of the same document: The value is not a date")
UNKNOWN = Problem("unknown_field", "The object has no such field", "Correct the name.", "memmo")
FIRST = {"date": "A", "ref": {"id": "1"}}
BILL = Model("x/bill", {"name": Field("string"), "taxes": Field("list", target="x/tax"), "tags": Field("list")})
PLAN = make_plan("update", object_type="Bill", model=BILL)


def line(amount, memo="a", **more):
    return {"txnAmount": amount, "memo": memo, "glAccount": {"id": "4000"}, **more}


def own(*lines):
    return [{"key": str(place), "currency": "USD", **each} for place, each in enumerate(lines)]


@pytest.mark.parametrize(
    ("lines", "held"),
    [
        ([], []),
        ([line("10.10"), line("20")], own(line("20"), line("10.1"))),
        ([line(10), line(Decimal("20.0"))], own(line("20.00"), line("10.00"))),
        ([{"txnAmount": "1"}, {"txnAmount": "1", "memo": "x"}], own(line("1.00", "x"), line("1.00", "y"))),
        ([line("1", code=7), line("1", code="x")], own(line("1", code="x"), line("1", code="7.0"))),
        *(([line("1", taxEntries=lists)], own(line("1", taxEntries=lists))) for lists in ([], ["a", "b"])),
        ([line("1", taxEntries=[TAX])], own(line("1", taxEntries=[TAX | {"key": "1", "txnTaxAmount": "40.00"}]))),
        ([line("1", taxEntries=[TAX, TAX_5])], own(line("1", taxEntries=[TAX_5 | {"key": "1"}, TAX | {"key": "2"}]))),
        (
            [line("1", taxEntries=[TAX]), line("1", taxEntries=[TAX_5])],
            own(*(line("1", taxEntries=[each]) for each in (TAX_5, TAX))),
        ),
        ([{"parts": [{"parts": [{"a": 1}]}]}], [{"parts": [{"parts": [{"a": 1, "b": 2}]}]}]),
    ],
)
def test_lines_are_the_same_in_any_order_whatever_else_sage_has_filled_in(lines, held):
    assert same_lines(lines, held, LINE)


@pytest.mark.parametrize(
    ("lines", "held"),
    [
        ([line("10")], []),
        ([], own(line("10"))),
        ([line("10.10")], own(line("10.11"))),
        ([line("10"), line("10")], own(line("10"), line("20"))),
        ([line("10", "a"), line("10", "a")], own(line("10", "a"), line("10", "b"))),
        ([line("10", location={"id": "US"})], own(line("10"))),
        (["10"], own(line("10"))),
        ([line("10")], ["10"]),
        # A line of the record counts for one line only.
        ([{"memo": "a"}, {"memo": "a"}, {"memo": "b"}], [{"memo": "b"}, {"memo": "b"}, {"memo": "a"}]),
        *(([line("1", taxEntries=[TAX])], own(line("1", taxEntries=other))) for other in ([TAX, TAX], [], None)),
        *(([line("1", taxEntries=other)], own(line("1", taxEntries=[TAX]))) for other in ([TAX | {"taxRate": 11}], [])),
        ([{"texts": ["a", "b"]}], [{"texts": ["b", "a"]}]),
        ([{"numbers": [1]}], [{"numbers": [True]}]),
        ([{"parts": [{"parts": [{"a": 1}]}]}], [{"parts": [{"parts": [{"a": 2}]}]}]),
        ([line("1", taxEntries=[TAX]), line("1", taxEntries=[TAX_5])], own(*[line("1", taxEntries=[TAX])] * 2)),
    ],
)
def test_lines_that_differ_in_number_value_or_kind_are_others(lines, held):
    assert not same_lines(lines, held, LINE)


def test_lists_nested_deeper_than_any_document_are_others():
    given, held = [{"a": 1}], [{"a": 1, "b": 2}]
    for _ in range(50):
        given, held = [{"a": given}], [{"a": held}]
    assert not same_lines(given, held, LINE)


@pytest.mark.parametrize("more", [{"totalTxnAmount": "15.00"}, {"totalTxnAmount": None}, {"nsp::SUM": None} | SHOWN])
def test_what_sage_takes_and_never_shows_does_not_make_a_line_another_one(more):
    sent = {"txnAmount": "5", "glAccount": {"id": "6000"}} | more
    assert same_lines([sent], [SHOWN | {"nsp::SUM": None}], BILL_LINE)


@pytest.mark.parametrize(
    ("sent", "held"),
    [
        ({"txnAmount": "6", "totalTxnAmount": "15.00"}, SHOWN),
        ({"txnAmount": "5", "totalTxnAmount": "15.00"}, SHOWN | {"totalTxnAmount": "16.00"}),
        ({"txnAmount": "5", "totalTxnAmount": "15.00"}, SHOWN | {"totalTxnAmount": None}),
        # Were it left out, another total would never be written.
        ({"totalTxnAmount": "15.00", "glAccount": {"id": "6000"}}, SHOWN),
        ({"txnAmount": None, "totalTxnAmount": "15.00"}, SHOWN | {"txnAmount": None}),
        # A part of a group or a ref, a field of the company's own and a list may be absent for being empty.
        ({"txnAmount": "5", "dimensions": {"location": {"id": "4"}}}, SHOWN),
        ({"txnAmount": "5", "accountLabel": {"id": "A"}}, SHOWN),
        ({"txnAmount": "5", "accountLabel": {"id": "A"}}, SHOWN | {"accountLabel": None}),
        ({"txnAmount": "5", "nsp::CODE": "x"}, SHOWN),
        ({"txnAmount": "5", "taxEntries": [TAX]}, SHOWN),
        # And so may any other where empty fields are not shown as null.
        ({"txnAmount": "5", "memo": "x"}, {"key": "440", "txnAmount": "5.00"}),
    ],
)
def test_what_may_only_be_empty_in_the_record_is_another_value(sent, held):
    assert not same_lines([sent], [held], BILL_LINE)


def test_a_field_that_another_line_shows_can_be_read():
    sent = [{"txnAmount": "5", "memo": "x"}, {"txnAmount": "6", "memo": "y"}]
    assert not same_lines(sent, [SHOWN, SHOWN | {"txnAmount": "6.00", "memo": "y"}], BILL_LINE)


@given(LINES, LINES, st.sampled_from([LINE, BILL_LINE]))
def test_no_line_is_the_same_as_one_that_shows_another_value(lines, held, model):
    shown = {name for each in held for name in each}
    if same_lines(lines, held, model):
        for each in lines:
            plain = {name: value for name, value in each.items() if name in shown and not isinstance(value, list)}
            assert any(holds(plain, flatten(record), model) for record in held)


@given(WELL_FORMED.flatmap(lambda lines: st.tuples(st.just(lines), st.permutations(lines))))
def test_lines_in_another_order_are_the_same(pair):
    assert same_lines(*pair, LINE)


def sparsely_filled():
    """Lines that fill other fields each; 2,000 of them took half a minute when each was compared with all."""
    chance = random.Random(1)
    names = [f"nsp::F{number}" for number in range(30)]
    given = [
        {"txnAmount": f"{chance.randrange(50)}.00"}
        | {name: f"v{chance.randrange(3)}" for name in names if chance.random() < 0.3}
        for _ in range(500)
    ]
    held = own(*(dict.fromkeys(names) | each for each in given))
    chance.shuffle(held)
    return given, held


def of_one_amount():
    given = [line("1.00", f"m{number}") for number in range(2_000)]
    return given, own(*reversed(given))


@pytest.mark.parametrize("filled", [sparsely_filled, of_one_amount])
def test_many_lines_are_compared_by_their_rarest_values(monkeypatch, filled):
    given, held = filled()
    compared = []
    monkeypatch.setattr(lines, "_is", lambda *pair: compared.append(1) or is_held(*pair))
    assert same_lines(given, held, Model("a/b", {}))
    assert len(compared) < 20 * len(given)


def test_each_entry_that_is_sent_is_known_as_one_of_the_lines_or_as_one_that_is_taken_off():
    for asked, held, places in ((BOTH, [], (0, 1)), (BOTH, [NINE], (None, 0, 1)), ([NINE, EIGHT], [NINE], (1,))):
        assert lines.positions(lines.still_to_send(asked, held, LINE), asked) == places


def part(number, header=None, line=None, key="7"):
    return lines.LineRow(number, key, header or {"date": "A"}, line or {"n": number})


def test_a_document_has_the_header_of_its_first_row_and_the_lines_of_all_in_their_order():
    assert assemble([part(3), part(4), part(5)], "lines") == {"date": "A", "lines": [{"n": 3}, {"n": 4}, {"n": 5}]}


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
        "Rows 7 and 9 are lines of one document and differ in a field of the document",
        "Give all rows of a document the same value there, map the column to a field of the line in `lines.fields`, "
        "or add it to `lines.group_by` if it distinguishes documents.",
        field,
    )


@pytest.mark.parametrize(
    ("parts", "problem"),
    [
        ([part(1), part(2, header=BAD)], BAD_IN_ROW_2),
        ([part(2, header=BAD), part(3)], BAD_IN_ROW_2),
        ([part(2, header=BAD)], BAD),
        ([part(1), part(2, line=BAD)], replace(BAD_IN_ROW_2, field="lines[1].postingDate")),
        # What is wrong with a column is not one row's fault.
        ([part(1), part(2, line=UNKNOWN)], replace(UNKNOWN, field="lines[1].memmo")),
    ],
)
def test_what_cannot_be_sent_is_the_documents_problem_with_its_place(parts, problem):
    assert assemble(parts, "lines") == problem


def keyed(key, *more, **values):
    return {"key": key, **values} | ({"ia::operation": more[0]} if more else {})


def test_lines_are_replaced_by_deleting_the_records_own_and_adding_the_new():
    held = [{"key": 7, "memo": "old"}, {"memo": "without a key"}, {"key": "8"}]
    assert lines.with_lines_replaced([line("1")], held) == [keyed("7", "delete"), keyed("8", "delete"), line("1")]


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
    assert problem.message == "A line is to be deleted, but has no `key` that identifies it"


@pytest.mark.parametrize(
    ("name", "held", "left"),
    [
        ("lines", {}, "lines_not_known"),
        *(("taxes", unknown, "lines_not_known") for unknown in ({}, {"taxes": None})),
        ("taxes", {"taxes": []}, {}),
        ("taxes", {"taxes": [{"key": "1"}]}, {"taxes": [keyed("1", "delete")]}),
        *(("tags", filled, {"tags": []}) for filled in ({}, {"tags": ["a"]})),
        ("tags", {"tags": []}, {}),
        ("unknown", {}, {"unknown": []}),
        ("unknown", {"unknown": [{"key": "1"}]}, {"unknown": [keyed("1", "delete")]}),
    ],
)
def test_an_empty_list_clears_lines_by_the_target_of_its_field(name, held, left):
    """In an update; its field says whether it takes away the lines of a record or clears a field of plain values."""
    found = still_to_change(Update("7", {name: []}, b""), None, {"key": "7", **held}, PLAN, None)
    assert (found.body if isinstance(found, Update) else found.code) == left


def test_a_nested_record_is_flattened_as_a_query_would():
    flat = {"a.b.c": 1, "a.d": None, "e": [{"f": 1}]}
    assert flatten({"a": {"b": {"c": 1}, "d": None}, "e": [{"f": 1}], "g": {}}) == flat


def test_a_record_nested_deeper_than_the_stack_is_flattened_like_any_other():
    record: dict[str, object] = {"leaf": "x"}
    for _ in range(3_000):
        record = {"a": record}
    assert flatten(record) == {"a." * 3_000 + "leaf": "x"}

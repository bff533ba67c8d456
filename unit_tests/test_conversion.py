import copy
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from destination_sage_intacct.intacct.model import Field, Model
from destination_sage_intacct.rows.conversion import convert
from destination_sage_intacct.rows.values import ABSENT, Problem, is_empty

EMPTY = (None, "", " ", [], {}, {"id": None}, {"id": ""}, {"a": {"b": {"id": None}}, "c": []})
NAMED = {"id": Field("string"), "key": Field("string")}


def with_names(path, **members):
    return {f"{path}.{name}": field for name, field in (NAMED | members).items()}


LINE = Model(
    "accounts-receivable/invoice-line",
    {
        "key": Field("string", read_only=True),
        "txnAmount": Field("amount"),
        "memo": Field("string"),
        "glAccount": Field("ref"),
        "dimensions": Field("group"),
        "dimensions.location": Field("ref"),
        **with_names("glAccount"),
        **with_names("dimensions.location"),
    },
)
LINES = {LINE.object_path: LINE}
MODEL = Model(
    "accounts-receivable/invoice",
    {
        "customer": Field("ref"),
        **with_names("customer", href=Field("string", read_only=True), name=Field("string")),
        "nsp::r10007": Field("ref"),
        "nsp::r10007.key": Field("string"),
        "contacts": Field("group"),
        "contacts.payTo": Field("ref"),
        **with_names("contacts.payTo", birthDate=Field("date")),
        "currency": Field("group"),
        "currency.txnCurrency": Field("string"),
        "currency.exchangeRate": Field("group"),
        "currency.exchangeRate.rate": Field("number"),
        "lines": Field("list", target=LINE.object_path),
        "unknownLines": Field("list", target="x/y"),
        "choices": Field("list"),
        "nsp::travel": Field("ref", target="platform-apps/nsp::travel"),
        "nsp::travel.key": Field("string"),
        "nsp::both": Field("ref", target="platform-apps/nsp::both"),
        **with_names("nsp::both"),
        "free": Field("any"),
    },
)
OPEN_AND_PARTIAL = [Model("x/y", MODEL.fields, is_open=True), Model("x/y", MODEL.fields, is_partial=True)]
TWICE = "The object gives one field twice, in two spellings or as a whole and in part. Give each field once."
NOT_JSON = (
    "The text looks like JSON but is malformed: it {}. "
    "Correct the text in the warehouse, or map a column of objects or arrays."
)
NOT_A_REF = (
    "The value does not name a record: it is a boolean or a list. "
    'Map the record\'s id or its key, or an object such as {"id": "C-1"}.'
)
NOT_AN_OBJECT = (
    "The value is not an object, and the field is a group of fields. "
    "Map columns to the fields of the group, or an object or its JSON text to the group."
)
NOT_A_LIST = "The value is not a list, and the field is one. Map a column with an array or its JSON text."
NOT_A_LINE = (
    "The line is not an object. Give each line as an object whose keys are the line's fields; these may be dotted."
)
NOT_A_NAME = (
    "The object has a key that is not a field name, such as `a..b`, or one of more than 20 levels. "
    "Name the keys like the fields, their levels separated by dots."
)
ELSE_LEAVE = "Correct the field's name, or leave the field out; a custom field is named `nsp::NAME`."
MEANT = f"Did you mean `{{}}`? {ELSE_LEAVE}"
UNKNOWN_IN_LINE = "Sage Intacct's object accounts-receivable/invoice-line has no such field. "
UNKNOWN = "Sage Intacct's object accounts-receivable/invoice has no such field. "
NOT_A_NUMBER = (
    "The value is not a number. "
    "Map a column of numbers; a text holds digits and a decimal point, such as 1234.50, and no thousands separators."
)

TOO_DEEP = "The value is nested deeper than 100 levels. Map parts of it to fields, or make it flat in the warehouse."
DEEP: list[object] = []
for _ in range(100):
    DEEP = [DEEP]

IN_TWO_PARTS = {"dimensions.location": {"key": 5}, "dimensions": {"location": {"id": "L1"}}}

BORN = {"birthDate": "2000-01-31"}
VALUES = [
    *(("customer", empty, None) for empty in (None, "", "  ", {}, "{}", {"id": None}, {"id": "", "key": None})),
    ("customer", "C-1", {"id": "C-1"}),
    ("customer", " C-1  ", {"id": "C-1"}),
    ("customer", 7, {"id": "7"}),
    ("customer", Decimal("7.0"), {"id": "7"}),
    ("customer", Decimal("7E+3"), {"id": "7000"}),
    ("customer", "7.0", {"id": "7.0"}),
    ("customer", {"id": 7}, {"id": "7"}),
    ("customer", {"key": Decimal("7.0")}, {"key": "7"}),
    ("customer", {"KEY": "7"}, {"key": "7"}),
    ("customer", '{"id": "C-1"}', {"id": "C-1"}),
    ("customer", ' {"key": 7} ', {"key": "7"}),
    ("customer", {"id": None, "key": "7"}, {"key": "7"}),
    ("customer", {"id": "C-1", "href": "/objects/accounts-receivable/customer/7"}, {"id": "C-1"}),
    ("customer", {"id": "C-1", "name": 5}, {"id": "C-1", "name": "5"}),
    *((path, blank, None) for path in ("customer.id", "customer.key") for blank in ("", "  ", "\t")),
    ("customer.id", 7, "7"),
    ("customer.key", Decimal("7.00"), "7"),
    ("customer.name", "", ""),
    ("customer.name", "  ", "  "),
    ("nsp::r10007", 7, {"key": "7"}),
    ("nsp::r10007", {"key": "7"}, {"key": "7"}),
    ("nsp::r10007", {"key": "7", "id": None}, {"key": "7"}),
    *(("nsp::travel", named, {"key": "7"}) for named in (7, "7", {"key": 7}, {"id": "7"}, {"id": 7, "key": 7})),
    *(("nsp::travel", {"id": named, "key": key}, {"key": "7"}) for named, key in (("7", None), (None, "7"), ("7", ""))),
    *(("nsp::travel", empty, None) for empty in ("", {}, {"id": None}, {"key": None, "id": None})),
    *(("nsp::both", named, {"key": "7"}) for named in (7, "7")),
    ("nsp::both", {"id": "7"}, {"id": "7"}),
    *(("free", value, value) for value in ({"a": [None, {"b": 1}]}, [1, "a"], "", "x", 7, True)),
    *(("currency", {"gone": empty}, None) for empty in EMPTY),
    ("currency", {"txnCurrency": "EUR", "gone": {"id": None}}, {"txnCurrency": "EUR"}),
    *(("lines", [{"gone": empty, "memo": "x"}], [{"memo": "x"}]) for empty in EMPTY),
    ("lines", [{"dimensions": {"location": {"id": None}, "costType": {"id": None}}, "memo": "x"}], [{"memo": "x"}]),
    *(("currency", empty, None) for empty in ("", {}, {"txnCurrency": None}, {"exchangeRate": {"rate": ""}})),
    ("currency", {"txnCurrency": "EUR"}, {"txnCurrency": "EUR"}),
    ("currency", {"TXNCURRENCY": "EUR"}, {"txnCurrency": "EUR"}),
    ("currency", {"exchangeRate.rate": "1.10"}, {"exchangeRate": {"rate": Decimal("1.10")}}),
    ("currency", '{"exchangeRate": {"rate": 1.10}}', {"exchangeRate": {"rate": Decimal("1.10")}}),
    ("currency", {"exchangeRate": '{"rate": 2}'}, {"exchangeRate": {"rate": 2}}),
    ("contacts", {"payTo": "Jane"}, {"payTo": {"id": "Jane"}}),
    ("contacts", {"payTo.key": 5}, {"payTo": {"key": "5"}}),
    ("contacts", {"payTo.birthDate": "20000131"}, {"payTo": BORN}),
    ("contacts", {"payTo.id": "J", "payTo": {"birthDate": "20000131"}}, {"payTo": {"id": "J"} | BORN}),
    *(("lines", empty, None) for empty in ("", " ")),
    ("lines", [], []),
    ("lines", "[]", []),
    ("lines", [{"txnAmount": Decimal("1.500"), "memo": None}], [{"txnAmount": "1.50"}]),
    ("lines", '[{"txnAmount": 100.40, "glAccount": "5004"}]', [{"txnAmount": "100.40", "glAccount": {"id": "5004"}}]),
    ("lines", ['{"txnAmount": 100.40, "glAccount": "5004"}'], [{"txnAmount": "100.40", "glAccount": {"id": "5004"}}]),
    ("lines", [{"dimensions.location": "L1"}], [{"dimensions": {"location": {"id": "L1"}}}]),
    ("lines", [{"dimensions": {"location.key": 1}}], [{"dimensions": {"location": {"key": "1"}}}]),
    ("lines", [{"dimensions": None, "dimensions.location": "L1"}], [{"dimensions": {"location": {"id": "L1"}}}]),
    ("currency", {"exchangeRate": None, "exchangeRate.rate": 1}, {"exchangeRate": {"rate": 1}}),
    ("lines", [IN_TWO_PARTS], [{"dimensions": {"location": {"id": "L1", "key": "5"}}}]),
    ("lines", [{"key": 5, "ia::operation": "delete"}], [{"key": "5", "ia::operation": "delete"}]),
    ("lines", [{}], [{}]),
    ("unknownLines", [{"a.b": 1, "a.c": None, "d": None}], [{"a": {"b": 1, "c": None}}]),
    ("choices", '["red", "blue"]', ["red", "blue"]),
    ("choices", [{"a.b": 1}, None], [{"a": {"b": 1}}, None]),
]
REFUSED = [
    *(("customer", wrong, NOT_A_REF, "customer") for wrong in (True, ["C-1"])),
    ("customer.id", {"id": "C-1"}, NOT_A_REF, "customer.id"),
    ("customer", '{"id": "C-1"', NOT_JSON.format("ends too early"), "customer"),
    ("customer", "{C-1}", NOT_JSON.format("is malformed"), "customer"),
    ("customer", '{"id": "\ud800"}', NOT_JSON.format("is not UTF-8"), "customer"),
    ("customer", {"id": ["C-1"]}, NOT_A_REF, "customer.id"),
    ("nsp::travel", {"id": "7", "key": "8"}, TWICE, "nsp::travel.key"),
    ("nsp::r10007", {"id": "7"}, f"{UNKNOWN}{ELSE_LEAVE}", "nsp::r10007.id"),
    ("customer", {"idd": "C-1"}, f"{UNKNOWN}{MEANT.format('customer.id')}", "customer.idd"),
    *(("currency", wrong, NOT_AN_OBJECT, "currency") for wrong in ("EUR", 5, True, ["EUR"])),
    ("currency", {"exchangeRate": {"rate": "high"}}, NOT_A_NUMBER, "currency.exchangeRate.rate"),
    ("currency", {"txnCurency": "EUR"}, f"{UNKNOWN}{MEANT.format('currency.txnCurrency')}", "currency.txnCurency"),
    ("currency", {"txnCurrency": "EUR", "TxnCurrency": "EUR"}, TWICE, "currency.TxnCurrency"),
    ("currency", {"exchangeRate": 1, "exchangeRate.rate": 1}, TWICE, "currency"),
    ("currency", {"exchangeRate": {"rate": 1}, "exchangeRate.rate": 1}, TWICE, "currency"),
    *(("currency", {wrong: 1}, NOT_A_NAME, "currency") for wrong in ("a..b", ".", ".a", "a.", "a." * 5_000 + "a")),
    *(("lines", wrong, NOT_A_LIST, "lines") for wrong in ("one", 1, {}, {"txnAmount": 1}, '{"txnAmount": 1}')),
    ("lines", "[{]", NOT_JSON.format("is malformed"), "lines"),
    *(("lines", [{}, wrong], NOT_A_LINE, "lines[1]") for wrong in (None, "x", 5, [])),
    ("lines", [{}, {}, {"txnAmount": "much"}], NOT_A_NUMBER, "lines[2].txnAmount"),
    ("lines", [{"glAccount": True}], NOT_A_REF, "lines[0].glAccount"),
    ("lines", [{"location": 1}], f"{UNKNOWN_IN_LINE}{MEANT.format('dimensions.location')}", "lines[0].location"),
    ("lines", [{}, {"meno": "x"}], f"{UNKNOWN_IN_LINE}{MEANT.format('memo')}", "lines[1].meno"),
    ("lines", [{"x" * 200: 1}], f"{UNKNOWN_IN_LINE}{ELSE_LEAVE}", f"lines[0].{'x' * 91}…"),
    ("lines", [{"memo": "a", "memo.b": "c"}], TWICE, "lines[0]"),
    ("lines", [IN_TWO_PARTS | {"dimensions.location": {"id": "L2"}}], TWICE, "lines[0]"),
    ("choices", "red", NOT_A_LIST, "choices"),
    ("choices", "[1e9999999999999999999]", NOT_JSON.format("holds a number that is too large or too small"), "choices"),
    ("choices", DEEP, TOO_DEEP, "choices"),
    ("nsp::NEW", DEEP, TOO_DEEP, "nsp::NEW"),
    ("lines", [{}, {"txnAmount": DEEP}], TOO_DEEP, "lines"),
    ("currency", '{"a":' * 101 + "1" + "}" * 101, TOO_DEEP, "currency"),
]
KEPT_NULLS = [
    ("customer", None, None),
    ("customer", "", None),
    ("customer", {"id": None}, None),
    ("customer", {"id": "C-1", "name": None}, {"id": "C-1", "name": None}),
    ("currency", {"txnCurrency": None}, {"txnCurrency": None}),
    ("currency", {"exchangeRate": {"rate": ""}}, {"exchangeRate": {"rate": None}}),
    ("contacts", {"payTo": ""}, {"payTo": None}),
    ("lines", [{"memo": None, "txnAmount": 1}], [{"memo": None, "txnAmount": "1"}]),
    ("unknownLines", [{"a": None}], [{"a": None}]),
]
LEAVES = st.none() | st.booleans() | st.integers() | st.decimals(allow_nan=False, allow_infinity=False) | st.text()
NAMES = st.sampled_from([*MODEL.fields, *LINE.fields, "a..b", "rate"]) | st.text()
JSON = st.recursive(LEAVES, lambda inner: st.lists(inner) | st.dictionaries(NAMES, inner), max_leaves=8)


@pytest.mark.parametrize(("path", "value", "expected"), VALUES)
def test_refs_groups_and_lists_come_in_every_form_that_warehouses_have(path, value, expected):
    before = copy.deepcopy(value)

    assert convert(value, path, MODEL, LINES) == expected
    assert value == before


@pytest.mark.parametrize(("path", "value", "sentence", "field"), REFUSED)
def test_what_is_wrong_is_told_with_its_place(path, value, sentence, field):
    problem = convert(value, path, MODEL, LINES)

    assert isinstance(problem, Problem)
    assert f"{problem.message}. {problem.advice}" == sentence
    assert problem.field == field


@pytest.mark.parametrize(("path", "value", "expected"), KEPT_NULLS)
def test_nulls_are_kept_where_they_are_to_clear(path, value, expected):
    assert convert(value, path, MODEL, LINES, keep_nulls=True) == expected


@pytest.mark.parametrize("keep_nulls", [True, False])
@pytest.mark.parametrize("value", EMPTY)
def test_what_is_empty_is_left_away_where_the_object_has_no_such_field(value, keep_nulls):
    assert convert(value, "gone", MODEL, LINES, keep_nulls=keep_nulls) is ABSENT
    within = convert({"payTo": "J", "gone": value}, "contacts", MODEL, LINES, keep_nulls=keep_nulls)
    assert within == {"payTo": {"id": "J"}}


OF_THE_COMPANY = {"txnCurrency": "EUR", "nsp::NEW": {"a.b": 1}}
NO_ID = {"department": {"id": None}}


@pytest.mark.parametrize("model", OPEN_AND_PARTIAL)
@pytest.mark.parametrize(
    ("path", "value", "made", "made_with_nulls"),
    [
        ("currency", OF_THE_COMPANY, OF_THE_COMPANY, OF_THE_COMPANY),
        ("gone", NO_ID, None, NO_ID),
        *(("gone", kept, kept, kept) for kept in ([], {}, {"a": {"b": ""}}, {"a": []}, "")),
        ("contacts", {"payTo": "J", "gone": NO_ID}, {"payTo": {"id": "J"}}, {"payTo": {"id": "J"}, "gone": NO_ID}),
    ],
)
def test_what_may_be_a_field_of_the_company_is_not_refused_and_its_nulls_follow_the_setting(
    model, path, value, made, made_with_nulls
):
    assert convert(value, path, model) == made
    assert convert(value, path, model, keep_nulls=True) == made_with_nulls


@pytest.mark.parametrize(("value", "sent"), [(7, {"key": "7"}), (" 7 ", {"key": "7"}), ({"key": "7"}, {"key": "7"})])
def test_a_dimension_of_the_company_is_named_by_its_key_also_where_the_model_does_not_list_it(value, sent):
    lines = {LINE.object_path: replace(LINE, is_partial=True)}

    assert convert(value, "dimensions.nsp::trip", lines[LINE.object_path]) == sent
    assert convert([{"dimensions.nsp::trip": value}], "lines", MODEL, lines) == [{"dimensions": {"nsp::trip": sent}}]
    (problem,) = {convert([{"dimensions.nsp::trip": True}], "lines", MODEL, lines)}
    assert (problem.code, problem.field) == ("invalid_value", "lines[0].dimensions.nsp::trip")


@given(NAMES, JSON, st.booleans())
def test_no_value_raises(path, value, keep_nulls):
    made = convert(value, path, MODEL, LINES, keep_nulls=keep_nulls)

    assert path in MODEL.fields or made is value or is_empty(value)


ALIASES = {"contacts.payTo.born": "contacts.payTo.birthDate", "pay": "contacts.payTo.birthDate"}


@pytest.mark.parametrize("value", [{"payTo": {"born": "2026-01-31"}}, {"payTo.Born": "2026-01-31"}])
def test_an_alias_stands_for_its_field_inside_an_object_too(value):
    assert convert(value, "contacts", MODEL, aliases=ALIASES) == {"payTo": {"birthDate": "2026-01-31"}}


@pytest.mark.parametrize(
    ("path", "value", "code", "field"),
    [
        (
            "contacts.payTo",
            {"born": "2026-01-31", "birthDate": "2026-01-31"},
            "invalid_value",
            "contacts.payTo.birthDate",
        ),
        ("lines", [{"pay": "2026-01-31"}], "unknown_field", "lines[0].pay"),
    ],
)
def test_an_alias_beside_its_field_or_of_another_place_is_a_problem(path, value, code, field):
    found = convert(value, path, MODEL, LINES, aliases=ALIASES)

    assert isinstance(found, Problem)
    assert (found.code, found.field) == (code, field)

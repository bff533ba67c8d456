import copy
from dataclasses import replace
from decimal import Decimal

import pytest
from fakes import fields_of
from hypothesis import given
from hypothesis import strategies as st

from destination_sage_intacct.intacct.model import Field, Model
from destination_sage_intacct.rows.conversion import convert
from destination_sage_intacct.rows.values import ABSENT, Problem, is_empty

ENUMS = {"enum": ("active", "activeNonPosting", "inactive"), "blank": ("", "days", "Days", "months"), "any": ()}
CODES = tuple(f"code{number:02}" for number in range(23))
ENUMS |= {"many": CODES, "twenty": CODES[:20], "padded": ("Red ", " Blue")}
FIELDS = fields_of(string="text", date_time="instant", integer="integer", number="number", amount="amount")
FIELDS |= fields_of(boolean="boolean", date="date")
SCALARS = Model("x", FIELDS | {name: Field("enum", values) for name, values in ENUMS.items()})
NOT_TEXT = (
    "The value is a list or an object, and the field holds a text. "
    "Map a part of it to the field, or turn it into a text in the warehouse."
)
TOO_LONG = "The number has more than 100 digits. Send the digits as a text, or correct the value in the warehouse."
TOO_LONG_A_NUMBER = (
    "The number has more than 100 digits before or after its decimal point. Correct the value in the warehouse."
)
NOT_WHOLE = (
    "The value is not a whole number. "
    "Map a column of whole numbers, or round it in the warehouse, for example with ROUND(column)."
)
NOT_A_NUMBER = (
    "The value is not a number. "
    "Map a column of numbers; a text holds digits and a decimal point, such as 1234.50, and no thousands separators."
)
TOO_FINE = (
    "The amount has more decimals than the 2 that the field keeps, and is not rounded. "
    "Round it in the warehouse, for example with ROUND(column, 2)."
)
NOT_A_BOOLEAN = (
    "The value is neither true nor false. "
    "Map a column of booleans, or of true/false, t/f, yes/no, y/n or 1/0 in any case."
)
NOT_A_DATE = (
    "The value is not a date in ISO form, such as 2026-01-31. "
    "Cast the column to a date in the warehouse, for example with CAST(column AS DATE)."
)
HAS_A_TIME = (
    "The value has a time of day, and the field holds a date alone. "
    "Cast the column to a date in the warehouse, in the time zone of your books."
)
NOT_AN_INSTANT = (
    "The value is not a date-time in ISO form, such as 2026-01-31T09:30:00Z, or is finer than a microsecond. "
    "Cast the column to a timestamp in the warehouse."
)
ALLOWS = "The value is not one that the field allows"
NOT_ALLOWED = f"{ALLOWS}: `active`, `activeNonPosting`, `inactive`. "
FIRST_TWENTY = ", ".join(f"`{code}`" for code in CODES[:20])
CASE = "Translate the column's values in the warehouse, for example with CASE."

ZEROS = ("0E-200", "-0e300", Decimal("0E-200"), Decimal("0E+999999"))
LONG_DECIMAL = "0.123456789012345678901234567890123"
# fmt: off
CONVERTED = {
    "text": [
        *((same, same) for same in ("", " ", "Ærø 🏝", " 007 ", "{", "[1]", "null", "1E+2", "0" * 5_000)),
        (7, "7"), (-(10**99), str(-(10**99))), (True, "true"),
        (Decimal("1E+2"), "100"), (Decimal("1E-7"), "0.0000001"), (Decimal("-0.00"), "-0.00"),
    ],
    "integer": [
        ("0E-200", 0), (Decimal("0E+300"), 0), (12, 12), (Decimal("12.0"), 12), (Decimal("1E+3"), 1000),
        ("12", 12), (" -12 ", -12), ("1e3", 1000), ("007", 7),
    ],
    "number": [
        *((zero, Decimal(0)) for zero in ZEROS),
        (Decimal("1.50"), Decimal("1.50")), (Decimal(LONG_DECIMAL), Decimal(LONG_DECIMAL)),
        ("1.50", Decimal("1.50")), ("+.5", Decimal("0.5")), ("-0", Decimal(0)),
    ],
    "amount": [
        *((zero, "0") for zero in ("0E-200", "0e300", Decimal("-0E+999999"), 0)),
        (Decimal("10.10"), "10.10"), (Decimal("10.100"), "10.10"), (Decimal("-0.00"), "0.00"),
        (Decimal("1E+2"), "100"), (10**100 - 1, "9" * 100), (" 1.5e1 ", "15"), ("-.5", "-0.5"),
        (Decimal("-12345678901234567890123456789012.34"), "-12345678901234567890123456789012.34"),
    ],
    "boolean": [
        *((yes, True) for yes in (True, "true", "TRUE", "t", "T", "Yes", "y", "1", " 1 ", 1, Decimal("1.0"))),
        *((no, False) for no in (False, "false", "False", "f", "F", "no", "N", "0", 0, Decimal("0.00"))),
    ],
    "date": [
        *((day, "2026-01-31") for day in ("2026-01-31", " 2026-01-31\n", "20260131", "20260131T000000")),
        *((f"2026-01-31T00:00:00{rest}", "2026-01-31") for rest in ("", ".000000Z", "-08:00")),
        *((f"2026-01-31 00:00{rest}", "2026-01-31") for rest in (":00+00", ":00 UTC", ":00.0000000 -08:00", " GMT")),
        ("0001-01-01", "0001-01-01"), ("0001-01-01T00:00:00+05:00", "0001-01-01"),
    ],
    "instant": [
        *((f"2025-01-02{at}", "2025-01-02T03:04:05Z") for at in ("T03:04:05Z", " 03:04:05 UTC", "T03:04:05")),
        ("2025-01-02 03:04:05.1200000 +02:00", "2025-01-02T01:04:05.12Z"),
        ("2025-01-02T03:04:05+02:00", "2025-01-02T01:04:05Z"),
        ("2025-01-01T22:30:00-08:00", "2025-01-02T06:30:00Z"),
        ("2025-01-02", "2025-01-02T00:00:00Z"), ("2025-01-02T03:04", "2025-01-02T03:04:00Z"),
        ("2025-01-02T03:04:05.120000Z", "2025-01-02T03:04:05.12Z"),
        ("2025-01-02T03:04:05.000001Z", "2025-01-02T03:04:05.000001Z"),
        ("2025-01-02T03:04:05.123456000Z", "2025-01-02T03:04:05.123456Z"),
    ],
    "enum": [("ACTIVE", "active"), ("activenonposting", "activeNonPosting"), (" Inactive ", "inactive")],
    "blank": [("", ""), ("MONTHS", "months")],
    "padded": [*((red, "Red ") for red in ("Red ", "Red", "red", " RED")), ("blue", " Blue")],
    "any": [("whatever", "whatever")],
}
# fmt: on
REFUSED_SCALARS = [
    *(("text", wrong, NOT_TEXT) for wrong in ([], {}, ["a"], {"a": 1})),
    *(("text", long, TOO_LONG) for long in (10**100, -(10**5_000), Decimal("1E+5000"), Decimal("1E-5000"))),
    *(("integer", wrong, NOT_WHOLE) for wrong in ("12.5", Decimal("12.5"), True, "twelve", "1_000", [], {}, "NaN")),
    *(("number", wrong, NOT_A_NUMBER) for wrong in ("1,000.50", "1.5 EUR", "NaN", "Infinity", "١٢", True, [1], {})),
    *(("integer", wrong, TOO_LONG_A_NUMBER) for wrong in (10**100, "1e100", "9" * 5_000, Decimal("1E+999999"))),
    *(("number", wrong, TOO_LONG_A_NUMBER) for wrong in (Decimal("1E+100"), "1E-999999", 10**100)),
    *(("amount", wrong, TOO_LONG_A_NUMBER) for wrong in (-(10**100), "1e100", "1e-101")),
    *(("amount", wrong, TOO_FINE) for wrong in (Decimal("10.005"), "0.001", "1e-3", Decimal("10.10000001"))),
    *(("amount", wrong, NOT_A_NUMBER) for wrong in ("$10", "10.-", "1 000", False, [], {"amount": 1})),
    *(("boolean", wrong, NOT_A_BOOLEAN) for wrong in ("on", "maybe", 2, -1, Decimal("0.5"), [], {}, [True])),
    *(("date", wrong, NOT_A_DATE) for wrong in ("31.01.2026", "01/31/2026", "2026-02-30", "2026-1-31", "soon")),
    *(("date", week, NOT_A_DATE) for week in ("2026-W05", "2026W05", "2026-W05-6", "2026W056", "2026-W05-6T00:00")),
    *(("date", wrong, NOT_A_DATE) for wrong in ("2026-123", "2026123", "2026-01", "2026-0131", "202601-31")),
    *(("date", wrong, NOT_A_DATE) for wrong in (20260131, True, [], "2026-01-31-0000", "10000-01-01")),
    *(("date", wrong, HAS_A_TIME) for wrong in ("2026-01-31T00:00:00.0000001Z", "2026-01-31 00:00:01 UTC")),
    *(("date", wrong, HAS_A_TIME) for wrong in ("2026-01-31T23:30:00-08:00", "2026-01-31T05:00:00Z")),
    *(("instant", wrong, NOT_AN_INSTANT) for wrong in ("2025-01-02T03:04:05.0000001Z", "2025-01-02-0500", "noon")),
    *(("instant", wrong, NOT_AN_INSTANT) for wrong in ("2025-W05", "2025-W05-1T03:04:05Z", "2025-123T03:04:05Z")),
    *(("instant", wrong, NOT_AN_INSTANT) for wrong in (1735787045, True, [], {}, "0001-01-01T00:00:00+05:00")),
    ("enum", "activ", f"{NOT_ALLOWED}Did you mean `active`? {CASE}"),
    ("enum", "INACTVE", f"{NOT_ALLOWED}Did you mean `inactive`? {CASE}"),
    ("enum", 1, f"{NOT_ALLOWED}{CASE}"),
    ("enum", "active" * 100_000, f"{NOT_ALLOWED}{CASE}"),
    ("enum", ["active"], NOT_TEXT),
    ("blank", "DAYS", f"{ALLOWS}: `days`, `Days`, `months`. Did you mean `Days`? {CASE}"),
    ("many", "zz", f"{ALLOWS}: {FIRST_TWENTY} and 3 more. {CASE}"),
    ("twenty", "zz", f"{ALLOWS}: {FIRST_TWENTY}. {CASE}"),
]


def shown(value):
    text = repr(value) if not isinstance(value, int) or abs(value) < 10**50 else "a huge number"
    return text[:40]


MAY_BE_EMPTY = ("integer", "number", "amount", "boolean", "date", "instant", "enum")
EMPTY_SCALARS = [(path, empty, None) for path in MAY_BE_EMPTY for empty in (None, "", " \t")]
SCALAR_VALUES = [(path, *pair) for path, pairs in CONVERTED.items() for pair in pairs]


@pytest.mark.parametrize(("path", "value", "expected"), [*EMPTY_SCALARS, *SCALAR_VALUES], ids=shown)
def test_a_value_of_the_fields_type_converts_exactly(path, value, expected):
    made = convert(value, path, SCALARS)
    assert (type(made), str(made)) == (type(expected), str(expected))


@pytest.mark.parametrize(("path", "value", "sentence"), REFUSED_SCALARS, ids=shown)
def test_any_other_value_is_named_by_its_field_and_without_itself(path, value, sentence):
    problem = convert(value, path, SCALARS)
    assert isinstance(problem, Problem)
    assert f"{problem.message}. {problem.advice}" == sentence
    assert (problem.code, problem.field) == ("invalid_value", path)


@pytest.mark.parametrize(("decimals", "value", "made"), [(10, "0.00000000010", "0.0000000001"), (0, "7.00", "7")])
def test_an_amount_keeps_as_many_decimals_as_its_field(decimals, value, made):
    model = Model("x", {"rate": Field("amount", decimals=decimals)})
    assert convert(value, "rate", model) == made
    problem = convert(f"{made}{'' if '.' in made else '.'}1", "rate", model)
    assert problem.message.startswith(f"The amount has more decimals than the {decimals} that the field keeps")


EMPTY = (None, "", " ", [], {}, {"id": None}, {"id": ""}, {"a": {"b": {"id": None}}, "c": []})
LINE_FIELDS = fields_of(
    amount="txnAmount", ref="glAccount dimensions.location", group="dimensions",
    string="memo glAccount.id glAccount.key dimensions.location.id dimensions.location.key",
)  # fmt: skip
LINE = Model("accounts-receivable/invoice-line", LINE_FIELDS | {"key": Field("string", read_only=True)})
LINES = {LINE.object_path: LINE}
OWN_FIELDS = fields_of(
    string="customer.id customer.key customer.name nsp::r10007.key contacts.payTo.id contacts.payTo.key"
    " currency.txnCurrency nsp::travel.key nsp::both.id nsp::both.key",
    ref="customer nsp::r10007 contacts.payTo", group="contacts currency currency.exchangeRate",
    date="contacts.payTo.birthDate", number="currency.exchangeRate.rate", list="choices", any="free",
) | {
    "nsp::travel": Field("ref", target="platform-apps/nsp::travel"),
    "nsp::both": Field("ref", target="platform-apps/nsp::both"),
    "lines": Field("list", target=LINE.object_path), "unknownLines": Field("list", target="x/y"),
    "customer.href": Field("string", read_only=True),
}  # fmt: skip
MODEL = Model("accounts-receivable/invoice", OWN_FIELDS)
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
TOO_DEEP = "The value is nested deeper than 100 levels. Map parts of it to fields, or make it flat in the warehouse."
DEEP: list[object] = []
for _ in range(100):
    DEEP = [DEEP]

IN_TWO_PARTS = {"dimensions.location": {"key": 5}, "dimensions": {"location": {"id": "L1"}}}

BORN = {"birthDate": "2000-01-31"}
VALUES = [
    *(("customer", empty, None) for empty in (None, "", "  ", {}, "{}", {"id": None}, {"id": "", "key": None})),
    ("customer", "C-1", {"id": "C-1"}), ("customer", " C-1  ", {"id": "C-1"}), ("customer", 7, {"id": "7"}),
    ("customer", Decimal("7.0"), {"id": "7"}), ("customer", Decimal("7E+3"), {"id": "7000"}),
    ("customer", "7.0", {"id": "7.0"}), ("customer", {"id": 7}, {"id": "7"}),
    ("customer", {"key": Decimal("7.0")}, {"key": "7"}), ("customer", {"KEY": "7"}, {"key": "7"}),
    ("customer", '{"id": "C-1"}', {"id": "C-1"}), ("customer", ' {"key": 7} ', {"key": "7"}),
    ("customer", {"id": None, "key": "7"}, {"key": "7"}),
    ("customer", {"id": "C-1", "href": "/objects/accounts-receivable/customer/7"}, {"id": "C-1"}),
    ("customer", {"id": "C-1", "name": 5}, {"id": "C-1", "name": "5"}),
    *((path, blank, None) for path in ("customer.id", "customer.key") for blank in ("", "  ", "\t")),
    ("customer.id", 7, "7"), ("customer.key", Decimal("7.00"), "7"),
    *(("customer.name", blank, blank) for blank in ("", "  ")),
    *(("nsp::r10007", value, {"key": "7"}) for value in (7, {"key": "7"}, {"key": "7", "id": None})),
    *(("nsp::travel", named, {"key": "7"}) for named in (7, "7", {"key": 7}, {"id": "7"}, {"id": 7, "key": 7})),
    *(("nsp::travel", {"id": named, "key": key}, {"key": "7"}) for named, key in (("7", None), (None, "7"), ("7", ""))),
    *(("nsp::travel", empty, None) for empty in ("", {}, {"id": None}, {"key": None, "id": None})),
    *(("nsp::both", named, {"key": "7"}) for named in (7, "7")), ("nsp::both", {"id": "7"}, {"id": "7"}),
    *(("free", value, value) for value in ({"a": [None, {"b": 1}]}, [1, "a"], "", "x", 7, True)),
    *(("currency", {"gone": empty}, None) for empty in EMPTY),
    ("currency", {"txnCurrency": "EUR", "gone": {"id": None}}, {"txnCurrency": "EUR"}),
    *(("lines", [{"gone": empty, "memo": "x"}], [{"memo": "x"}]) for empty in EMPTY),
    ("lines", [{"dimensions": {"location": {"id": None}, "costType": {"id": None}}, "memo": "x"}], [{"memo": "x"}]),
    *(("currency", empty, None) for empty in ("", {}, {"txnCurrency": None}, {"exchangeRate": {"rate": ""}})),
    *(("currency", {name: "EUR"}, {"txnCurrency": "EUR"}) for name in ("txnCurrency", "TXNCURRENCY")),
    ("currency", {"exchangeRate.rate": "1.10"}, {"exchangeRate": {"rate": Decimal("1.10")}}),
    ("currency", '{"exchangeRate": {"rate": 1.10}}', {"exchangeRate": {"rate": Decimal("1.10")}}),
    ("currency", {"exchangeRate": '{"rate": 2}'}, {"exchangeRate": {"rate": 2}}),
    ("contacts", {"payTo": "Jane"}, {"payTo": {"id": "Jane"}}),
    ("contacts", {"payTo.key": 5}, {"payTo": {"key": "5"}}),
    ("contacts", {"payTo.birthDate": "20000131"}, {"payTo": BORN}),
    ("contacts", {"payTo.id": "J", "payTo": {"birthDate": "20000131"}}, {"payTo": {"id": "J"} | BORN}),
    *(("lines", empty, None) for empty in ("", " ")), *(("lines", empty, []) for empty in ([], "[]")),
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
]  # fmt: skip
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
    *((path, DEEP, TOO_DEEP, path) for path in ("choices", "nsp::NEW")),
    ("lines", [{}, {"txnAmount": DEEP}], TOO_DEEP, "lines"),
    ("currency", '{"a":' * 101 + "1" + "}" * 101, TOO_DEEP, "currency"),
]
KEPT_NULLS = [
    *(("customer", empty, None) for empty in (None, "", {"id": None})),
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
def test_what_is_wrong_is_named_with_its_place(path, value, sentence, field):
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
@pytest.mark.parametrize(("path", "value", "made", "made_with_nulls"), [
    ("currency", OF_THE_COMPANY, OF_THE_COMPANY, OF_THE_COMPANY),
    ("gone", NO_ID, None, NO_ID),
    *(("gone", kept, kept, kept) for kept in ([], {}, {"a": {"b": ""}}, {"a": []}, "")),
    ("contacts", {"payTo": "J", "gone": NO_ID}, {"payTo": {"id": "J"}}, {"payTo": {"id": "J"}, "gone": NO_ID}),
])  # fmt: skip
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
def test_an_alias_means_its_field_inside_an_object_too(value):
    assert convert(value, "contacts", MODEL, aliases=ALIASES) == {"payTo": {"birthDate": "2026-01-31"}}


@pytest.mark.parametrize(("path", "value", "code", "field"), [
    ("contacts.payTo", {"born": "2026-01-31", "birthDate": "2026-01-31"}, "invalid_value", "contacts.payTo.birthDate"),
    ("lines", [{"pay": "2026-01-31"}], "unknown_field", "lines[0].pay"),
])  # fmt: skip
def test_an_alias_beside_its_field_or_of_another_place_is_a_problem(path, value, code, field):
    found = convert(value, path, MODEL, LINES, aliases=ALIASES)
    assert isinstance(found, Problem)
    assert (found.code, found.field) == (code, field)

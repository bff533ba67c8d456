from decimal import Decimal

import pytest

from destination_sage_intacct.intacct.model import Field, Model
from destination_sage_intacct.rows.conversion import convert
from destination_sage_intacct.rows.values import Problem

MODEL = Model(
    "accounts-receivable/invoice",
    {
        "text": Field("string"),
        "integer": Field("integer"),
        "number": Field("number"),
        "amount": Field("amount"),
        "boolean": Field("boolean"),
        "date": Field("date"),
        "instant": Field("date-time"),
        "enum": Field("enum", ("active", "activeNonPosting", "inactive")),
        "blank": Field("enum", ("", "days", "Days", "months")),
        "many": Field("enum", tuple(f"code{number:02}" for number in range(23))),
        "any": Field("enum"),
        "padded": Field("enum", ("Red ", " Blue")),
    },
)
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
FIRST_TWENTY = ", ".join(f"`code{number:02}`" for number in range(20))
CASE = "Translate the column's values in the warehouse, for example with CASE."

VALUES = [
    *(("text", same, same) for same in ("", " ", "Ærø 🏝", " 007 ", "{", "[1]", "null", "1E+2", "0" * 5_000)),
    ("text", 7, "7"),
    ("text", -(10**99), str(-(10**99))),
    ("text", True, "true"),
    ("text", Decimal("1E+2"), "100"),
    ("text", Decimal("1E-7"), "0.0000001"),
    ("text", Decimal("-0.00"), "-0.00"),
    *(("integer", empty, None) for empty in (None, "", "  ")),
    ("integer", 12, 12),
    ("integer", Decimal("12.0"), 12),
    ("integer", Decimal("1E+3"), 1000),
    ("integer", "12", 12),
    ("integer", " -12 ", -12),
    ("integer", "1e3", 1000),
    ("integer", "007", 7),
    *(("number", empty, None) for empty in (None, "", "\t")),
    ("number", Decimal("1.50"), Decimal("1.50")),
    ("number", Decimal("0.123456789012345678901234567890123"), Decimal("0.123456789012345678901234567890123")),
    ("number", "1.50", Decimal("1.50")),
    ("number", "+.5", Decimal("0.5")),
    ("number", "-0", Decimal(0)),
    *(("number", odd, Decimal(0)) for odd in ("0E-200", "-0e300", Decimal("0E-200"), Decimal("0E+999999"))),
    *(("integer", odd, 0) for odd in ("0E-200", Decimal("0E+300"))),
    *(("amount", odd, "0") for odd in ("0E-200", "0e300", Decimal("-0E+999999"))),
    ("amount", 10**100 - 1, "9" * 100),
    *(("amount", empty, None) for empty in (None, "", " ")),
    ("amount", 0, "0"),
    ("amount", Decimal("10.10"), "10.10"),
    ("amount", Decimal("10.100"), "10.10"),
    ("amount", Decimal("-0.00"), "0.00"),
    ("amount", Decimal("1E+2"), "100"),
    ("amount", Decimal("-12345678901234567890123456789012.34"), "-12345678901234567890123456789012.34"),
    ("amount", " 1.5e1 ", "15"),
    ("amount", "-.5", "-0.5"),
    *(("boolean", empty, None) for empty in (None, "", " ")),
    *(("boolean", yes, True) for yes in (True, "true", "TRUE", "t", "T", "Yes", "y", "1", " 1 ", 1, Decimal("1.0"))),
    *(("boolean", no, False) for no in (False, "false", "False", "f", "F", "no", "N", "0", 0, Decimal("0.00"))),
    *(("date", empty, None) for empty in (None, "", " ")),
    ("date", "2026-01-31", "2026-01-31"),
    ("date", " 2026-01-31\n", "2026-01-31"),
    ("date", "20260131", "2026-01-31"),
    ("date", "0001-01-01", "0001-01-01"),
    ("date", "2026-01-31T00:00:00", "2026-01-31"),
    ("date", "2026-01-31T00:00:00.000000Z", "2026-01-31"),
    ("date", "2026-01-31T00:00:00-08:00", "2026-01-31"),
    ("date", "2026-01-31 00:00:00+00", "2026-01-31"),
    ("date", "0001-01-01T00:00:00+05:00", "0001-01-01"),
    ("date", "20260131T000000", "2026-01-31"),
    *(("date", f"2026-01-31 00:00{rest}", "2026-01-31") for rest in (":00 UTC", ":00.0000000 -08:00", " GMT")),
    *(("instant", empty, None) for empty in (None, "", " ")),
    ("instant", "2025-01-02T03:04:05Z", "2025-01-02T03:04:05Z"),
    ("instant", "2025-01-02 03:04:05 UTC", "2025-01-02T03:04:05Z"),
    ("instant", "2025-01-02 03:04:05.1200000 +02:00", "2025-01-02T01:04:05.12Z"),
    ("instant", "2025-01-02T03:04:05", "2025-01-02T03:04:05Z"),
    ("instant", "2025-01-02T03:04:05+02:00", "2025-01-02T01:04:05Z"),
    ("instant", "2025-01-01T22:30:00-08:00", "2025-01-02T06:30:00Z"),
    ("instant", "2025-01-02", "2025-01-02T00:00:00Z"),
    ("instant", "2025-01-02T03:04", "2025-01-02T03:04:00Z"),
    ("instant", "2025-01-02T03:04:05.120000Z", "2025-01-02T03:04:05.12Z"),
    ("instant", "2025-01-02T03:04:05.000001Z", "2025-01-02T03:04:05.000001Z"),
    ("instant", "2025-01-02T03:04:05.123456000Z", "2025-01-02T03:04:05.123456Z"),
    *(("enum", empty, None) for empty in (None, "", " ")),
    ("enum", "ACTIVE", "active"),
    ("enum", "activenonposting", "activeNonPosting"),
    ("enum", " Inactive ", "inactive"),
    ("blank", "", ""),
    ("blank", "MONTHS", "months"),
    *(("padded", same, "Red ") for same in ("Red ", "Red", "red", " RED")),
    ("padded", "blue", " Blue"),
    ("any", "whatever", "whatever"),
]
REFUSED = [
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
]


def shown(value):
    text = repr(value) if not isinstance(value, int) or abs(value) < 10**50 else "a huge number"
    return text[:40]


@pytest.mark.parametrize(("path", "value", "expected"), VALUES, ids=shown)
def test_a_value_of_the_fields_type_converts_exactly(path, value, expected):
    made = convert(value, path, MODEL)

    assert (type(made), str(made)) == (type(expected), str(expected))


@pytest.mark.parametrize(("path", "value", "sentence"), REFUSED, ids=shown)
def test_any_other_value_is_told_by_its_field_and_without_itself(path, value, sentence):
    problem = convert(value, path, MODEL)

    assert isinstance(problem, Problem)
    assert f"{problem.message}. {problem.advice}" == sentence
    assert (problem.code, problem.field) == ("invalid_value", path)


def test_the_value_of_an_unknown_field_stays_as_it_is():
    value = {"a.b": [None, Decimal("1.50")]}

    assert convert(value, "nsp::NEW", MODEL) is value


@pytest.mark.parametrize(("decimals", "value", "made"), [(10, "0.00000000010", "0.0000000001"), (0, "7.00", "7")])
def test_an_amount_keeps_as_many_decimals_as_its_field(decimals, value, made):
    model = Model("x", {"rate": Field("amount", decimals=decimals)})

    assert convert(value, "rate", model) == made
    problem = convert(f"{made}{'' if '.' in made else '.'}1", "rate", model)
    assert problem.message.startswith(f"The amount has more decimals than the {decimals} that the field keeps")

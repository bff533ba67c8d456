from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from destination_sage_intacct.rows.values import canonical_text, plain_text

NUMBERS = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**60), max_value=10**60)
ZONES = st.integers(-23 * 60, 23 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@pytest.mark.parametrize(("value", "text"), [
    ("  As it came ", "  As it came "), ("", ""), (7, "7"), (-(10**30), "-1" + 30 * "0"), (Decimal("1.50"), "1.50"),
    (Decimal("1E+5"), "100000"), (Decimal("1E-7"), "0.0000001"), (Decimal("1E+99"), "1" + 99 * "0"),
    (Decimal("1E+100"), "1E+100"), (Decimal("1E-999999999"), "1E-999999999"), (True, "true"), (False, "false"),
    (None, None), ([], None), ({}, None),
])  # fmt: skip
def test_a_scalar_in_plain_notation_keeps_its_digits(value, text):
    assert plain_text(value) == text


@pytest.mark.parametrize(("kind", "value", "text"), [
    ("string", Decimal("1.50"), "1.50"), ("string", True, "true"), ("enum", "Active", "Active"),
    (None, "2026-01-31T08:00:00+01:00", "2026-01-31T08:00:00+01:00"),
    ("boolean", True, "true"), *(("boolean", value, None) for value in ("True", 1)),
    ("integer", "+012.0", "12"), ("integer", Decimal("1.2E+1"), "12"),
    *(("integer", value, None) for value in (Decimal("1.5"), True)),
    ("number", Decimal("1.50"), "1.5"), ("number", "1e2", "100"),
    *(("number", zero, "0") for zero in (Decimal("-0.00"), "0.00", "-0")),
    ("number", Decimal("0E+999999"), "0"), *(("number", text, text) for text in ("9" * 99, "0." + "1" * 50)),
    *(("number", Decimal(f"1E{exponent}999999999"), None) for exponent in "+-"),
    *(("number", value, None) for value in ("1E+99999999999999999999999", "NaN", "1_000", "", True, [1])),
    ("number", "١", None),  # noqa: RUF001 - another script's digit is the case
    ("amount", "68400.00", "68400"), ("amount", Decimal("0.10"), "0.1"),
    *(("date", value, "2026-01-31") for value in ("2026-01-31", "20260131")),
    *(("date", value, None) for value in ("2026-02-30", "2026-01-31T00:00:00Z", "01/31/2026", 20260131, "\ud800")),
    *(("date-time", f"2026-01-31{at}", "2026-01-31T08:00:00Z") for at in ("T08:00:00Z", " 08:00:00.000000+00:00")),
    ("date-time", "2026-01-31T00:30:00+01:00", "2026-01-30T23:30:00Z"),
    ("date-time", "2026-01-31T08:00:00.120000-05:30", "2026-01-31T13:30:00.120000Z"),
    ("date-time", "2026-01-31T08:00:00.120000000Z", "2026-01-31T08:00:00.120000Z"),
    ("date-time", "2026-01-31", "2026-01-31T00:00:00Z"), ("date-time", 1790000000, None),
    *(("date-time", value, None) for value in ("2026-01-31T08:00:00.1234567+00:00", "20260131T080000,000000001Z")),
    *(("date-time", value, None) for value in ("0001-01-01T00:00:00+01:00", "9999-12-31T23:59:59-01:00")),
])  # fmt: skip
def test_a_value_has_one_notation_by_its_fields_type(kind, value, text):
    assert canonical_text(value, kind) == text


@given(NUMBERS, NUMBERS)
def test_two_numbers_have_the_same_notation_if_and_only_if_they_are_equal(one, other):
    assert (canonical_text(one, "number") == canonical_text(str(other), "number")) == (one == other)


@given(NUMBERS)
def test_the_notation_of_a_number_loses_no_digit(number):
    assert Decimal(canonical_text(number, "amount")) == number


@given(st.datetimes(datetime(2, 1, 1), datetime(9998, 1, 1), timezones=ZONES))  # noqa: DTZ001 - Hypothesis adds zones
def test_an_instant_has_the_same_notation_in_every_zone(instant):
    in_utc = instant.astimezone(UTC)
    assert canonical_text(instant.isoformat(), "date-time") == in_utc.isoformat().replace("+00:00", "Z")

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from destination_sage_intacct import exact_json
from destination_sage_intacct.rows.values import Problem, is_deep, record_key, texts, unsendable

NO_KEY = Problem(
    "invalid_record_key",
    "The record key is not one of Sage Intacct's keys",
    "Map a column that holds the record's `key`, the number that Sage Intacct gave it, not its visible id.",
)


@pytest.mark.parametrize(
    ("values", "key"),
    [
        ((None, "", "  "), None),
        (("34", " 34\n", 34, Decimal("34.00"), Decimal("3.4E+1")), "34"),
        ((10**30,), str(10**30)),
        *(((text,), text) for text in ("CUST-100", "a.b:c~d_e", "x" * 100)),
    ],
)
def test_a_record_key_is_read_in_the_form_of_the_url(values, key):
    assert [record_key(value) for value in values] == [key] * len(values)


@pytest.mark.parametrize(
    "value",
    [
        *("1,2", "1/2", "../1", ".", "1?x=y", "1#x", "a b", "a\0b", "é", "1%2C2", "x" * 101),
        *(Decimal("1.5"), Decimal("1E+5000"), Decimal("1E+999999999"), Decimal("1E-5000"), 10**200),
        *(True, False, [1], {"key": "1"}),
    ],
)
def test_what_cannot_be_a_record_key_is_a_problem(value):
    assert record_key(value) == NO_KEY


@given(st.text() | st.integers() | st.decimals(allow_nan=False, allow_infinity=False))
def test_a_record_key_never_addresses_anything_else(value):
    key = record_key(value)
    assert key is None or key == NO_KEY or (key not in {".", ".."} and not set(key) & set("/,?#% &\\\n"))


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": "Jane\0Doe"}, "name"),
        ({"name": "fine", "contacts": {"default": {"email1": "\0"}}}, "contacts.default.email1"),
        ({"lines": [{"memo": "fine"}, {"memo": "a\0"}]}, "lines.memo"),
    ],
)
def test_a_nul_character_is_found_with_its_field_and_the_value_is_not_shown(body, field):
    assert unsendable(body, exact_json.encode(body)) == Problem(
        "invalid_value",
        "The text holds a NUL character (U+0000), which Sage Intacct cannot store",
        "Remove the character in the warehouse, for example with REPLACE(column, CHR(0), '').",
        field,
    )


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"name": "Ærø 🏝 \n\t \\u0000"},
        {"name": None, "amount": Decimal("0.00"), "lines": [], "is": False},
        {"a\0b": "only the name of a column"},
    ],
)
def test_every_other_value_can_be_sent(body):
    assert unsendable(body, exact_json.encode(body)) is None


def test_every_scalar_is_a_text_also_where_it_is_nested_deeper_than_the_stack():
    body = {"name": "Jane", "lines": [{"amount": Decimal("1.50"), "n": 7}, "x"], "none": None, "yes": True, "deep": {}}
    assert list(texts(body)) == ["Jane", "1.50", "7", "x"]
    deep: dict[str, object] = {"leaf": "a\0", "list": [[["b"], "c"], {"d": 1}]}
    for _ in range(3_000):
        deep = {"a": deep}
    assert list(texts(deep)) == ["a\0", "b", "c", "1"]
    assert unsendable(deep, b"\\u0000").field == "a." * 3_000 + "leaf"


@pytest.mark.parametrize(("levels", "is_too_deep"), [(0, False), (1, False), (100, False), (101, True), (5_000, True)])
def test_what_is_nested_deeper_than_any_record_is_known(levels, is_too_deep):
    value: object = "leaf"
    for level in range(levels):
        value = [value, 1] if level % 2 else {"a": value}
    assert is_deep(value) is is_too_deep

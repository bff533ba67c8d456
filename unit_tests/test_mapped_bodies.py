from decimal import Decimal

import pytest
from fakes import MIXED_MODEL, as_is

from destination_sage_intacct.rows.mapping import ColumnMapping, Converter, map_columns, map_fields


def apply(columns, row, model=MIXED_MODEL, **settings):
    return map_columns(columns, "id", model, as_is).apply(row, keep_nulls=False, **settings)


def test_a_configured_mapping_sends_just_its_columns_under_its_names():
    pairs = [("full_name", "name"), ("rating", "nsp::NEW_FIELD"), ("due", "totalDue"), ("key", "id")]
    mapping = map_fields(pairs, "id", MIXED_MODEL, as_is)
    row = {"full_name": "Starluck", "rating": 5, "due": "1.00", "key": "34", "name": "not mapped"}

    assert mapping.apply(row, keep_nulls=False) == ("34", {"name": "Starluck", "nsp::NEW_FIELD": 5, "totalDue": "1.00"})
    assert mapping.unsent == {}


def test_a_configured_field_keeps_its_spelling():
    mapping = map_fields([("a", "CreditLIMIT"), ("b", "my__field")], "id", MIXED_MODEL, as_is)

    assert mapping.apply({"a": 1, "b": 2}, keep_nulls=False)[1] == {"CreditLIMIT": 1, "my__field": 2}


def test_a_column_may_fill_several_fields():
    mapping = map_fields([("email", "contacts.default.email1"), ("email", "nsp::MAIL")], "id", MIXED_MODEL, as_is)

    assert mapping.apply({"email": "a@b.c"}, keep_nulls=False)[1] == {
        "contacts": {"default": {"email1": "a@b.c"}},
        "nsp::MAIL": "a@b.c",
    }


def test_a_column_may_be_the_record_key_and_fill_a_field():
    mapping = map_fields([("number", "id"), ("number", "nsp::NUMBER")], "id", MIXED_MODEL, as_is)

    assert mapping.apply({"number": "34"}, keep_nulls=False) == ("34", {"nsp::NUMBER": "34"})


def test_a_row_becomes_a_nested_body_and_its_key_never_goes_into_it():
    columns = ["id", "name", "contacts.default.email1", "contacts__default__mailingAddress__city", "other"]
    row = {
        "id": 34,
        "name": "Starluck",
        "contacts.default.email1": "a@b.c",
        "contacts__default__mailingAddress__city": "Oslo",
        "other": 1,
    }

    assert apply(columns, row) == (
        34,
        {"name": "Starluck", "contacts": {"default": {"email1": "a@b.c", "mailingAddress": {"city": "Oslo"}}}},
    )


def test_another_field_may_hold_the_record_key():
    mapping = map_columns(["RECORD_KEY", "id"], "record_key", MIXED_MODEL, as_is)

    assert mapping.apply({"RECORD_KEY": "34", "id": "C1"}, keep_nulls=False) == ("34", {"id": "C1"})


def test_values_pass_through_untouched():
    value = {"deep": [Decimal("1.50"), None, {"x": True}]}

    _, body = apply(["name", "creditLimit"], {"name": value, "creditLimit": Decimal("10000.00")})

    assert body["name"] is value
    assert str(body["creditLimit"]) == "10000.00"


@pytest.mark.parametrize("empty", ["", 0, False, [], {}])
def test_only_a_null_is_left_out(empty):
    assert apply(["name"], {"name": empty}) == (None, {"name": empty})


def test_a_null_is_left_out_unless_it_is_to_clear_its_field():
    mapping = map_columns(["id", "name", "contacts.default.email1"], "id", MIXED_MODEL, as_is)
    row = {"id": None, "name": None, "contacts.default.email1": None}

    assert mapping.apply(row, keep_nulls=False) == (None, {})
    assert mapping.apply(row, keep_nulls=True) == (None, {"name": None, "contacts": {"default": {"email1": None}}})


def test_a_column_that_a_row_does_not_have_is_not_sent_as_null():
    assert map_columns(["name", "creditLimit"], "id", MIXED_MODEL, as_is).apply({"name": "x"}, keep_nulls=True) == (
        None,
        {"name": "x"},
    )


def test_a_mapping_without_columns_sends_nothing():
    assert ColumnMapping({}, {}, "id").apply({"name": "x"}, keep_nulls=True) == (None, {})


def test_rows_of_ever_other_columns_are_each_mapped_by_their_own():
    names = [f"nsp::N{number}" for number in range(300)]
    mapping = map_fields([*((name, name) for name in names), ("key", "key")], "key", MIXED_MODEL, as_is)

    for one, other in [*zip(names, [*names[7:], *names[:7]], strict=True)] * 2:
        row = {other: 2, "key": one, one: 1}
        assert mapping.apply(row, keep_nulls=False) == (one, {one: 1, other: 2})
        assert mapping.apply(row, keep_nulls=False, convert=_with_path)[1] == {one: (one, 1), other: (other, 2)}


def _with_path(path):
    return Converter(lambda value: (path, value))

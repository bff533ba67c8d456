import re
from decimal import Decimal

import pytest
from fakes import CUSTOMER, MIXED_MODEL, as_is, make_model
from hypothesis import given
from hypothesis import strategies as st

from destination_sage_intacct.intacct.model import Field, Model
from destination_sage_intacct.rows.mapping import ColumnMapping, Converter, MappingError, map_columns, map_fields

OPEN = Model("platform-apps/nsp::x", is_open=True)
EMAIL = "contacts.default.email1"
LISTS = Model("x", {"lines": Field("list"), "tags": Field("choices"), "set": Field("group"), "set.0": Field("string")})
NAMES = st.text("abA_.", min_size=1, max_size=5)


def targets(columns, model=MIXED_MODEL):
    mapping = map_columns(columns, "id", model, as_is)
    return {column: ".".join(path) for column, (path,) in mapping.targets.items()}


def applied(mapping, row, **settings):
    """The record key and the body that a row becomes; its nulls are left out unless they are to be kept."""
    return mapping.apply(row, **{"keep_nulls": False, **settings})


def unsent(columns, model=MIXED_MODEL):
    return dict(map_columns(columns, "id", model, as_is).unsent)


@pytest.mark.parametrize(
    ("column", "field"),
    [
        *((exact, exact) for exact in ("name", "term", "term.id", "nsp::RATING", "a__b", "Twin", "twin", "id", EMAIL)),
        ("CREDITLIMIT", "creditLimit"),
        *((other, EMAIL) for other in ("contacts__default__email1", "CONTACTS__DEFAULT__EMAIL1")),
        ("contacts.default__mailingAddress.city", "contacts.default.mailingAddress.city"),
        ("ID", "id"),
    ],
)
def test_a_column_goes_to_the_field_that_it_names(column, field):
    assert targets([column]) == {column: field}


@pytest.mark.parametrize(
    ("column", "why"),
    [
        *((column, "no such field") for column in ("TWIN", "favouriteColour", "")),
        ("contacts.default", "no such field; did you mean `contacts.default.email1`?"),
        *((column, "read-only in Sage Intacct") for column in ("totalDue", "TOTALDUE")),
        *((column, "Airbyte's own") for column in ("_airbyte_raw_id", "_ab_cdc_deleted_at")),
    ],
)
def test_a_column_that_goes_nowhere_is_kept_with_the_reason(column, why):
    assert unsent([column]) == {column: why}


def test_of_an_unknown_object_every_column_that_is_a_name_may_be_a_field():
    sent = {"Name": "Name", "owner.id": "owner.id", "owner__team": "owner.team", "nsp::X": "nsp::X"}
    assert targets(sent, OPEN) == sent
    names = ["", ".x", "x.", "a..b", "__x"]
    assert unsent(names, OPEN) == dict.fromkeys(names, "not a field name")


def test_what_is_not_sent_is_named_with_the_reason_and_without_airbytes_own():
    mapping = map_columns(["zebra", "totalDue", "_airbyte_id", "name", "apple"], "id", MIXED_MODEL, as_is)
    text = "apple (no such field), totalDue (read-only in Sage Intacct), zebra (no such field)"
    assert mapping.unsent_text() == text
    # Not even if the object has such a field.
    assert unsent(["_airbyte_id"], make_model("_airbyte_id")) == {"_airbyte_id": "Airbyte's own"}


def both(first, second, field):
    return f"Columns `{first}` and `{second}` both go to field `{field}`."


def whole_and_part(whole, part):
    return f"Column `{whole}` goes to field `term` as a whole and column `{part}` to its part `term.id`."


@pytest.mark.parametrize(
    ("columns", "text"),
    [
        (["name", "NAME"], both("name", "NAME", "name")),
        ([EMAIL, EMAIL.upper()], both(EMAIL, EMAIL.upper(), EMAIL)),
        (["id", "Id"], both("id", "Id", "id")),
        (["term", "term.id"], whole_and_part("term", "term.id")),
        (["term.id", "TERM"], whole_and_part("TERM", "term.id")),
        ([("a", "name"), ("b", "name")], both("a", "b", "name")),
        ([("a", "name"), ("a", "name")], both("a", "a", "name")),
        ([("a", "term.id"), ("b", "term")], whole_and_part("b", "a")),
    ],
)
def test_columns_in_conflict_are_both_named_whether_configured_or_not(columns, text):
    map_either = map_columns if isinstance(columns[0], str) else map_fields
    with pytest.raises(MappingError, match=f"^{re.escape(text)} Map or select only one of them\\.$"):
        map_either(columns, "id", MIXED_MODEL, as_is)


@pytest.mark.parametrize(
    ("column", "owner"),
    [("lines__0__memo", "lines"), ("LINES.12", "lines"), ("tags__1", "tags"), ("lines.x.3", "lines")],
)
def test_a_column_that_numbers_an_entry_of_a_list_is_rejected(column, owner):
    with pytest.raises(MappingError) as caught:
        map_columns([column], "id", LISTS, as_is)
    assert str(caught.value) == (
        f"Column `{column}` numbers an entry of `{owner}`, which is not supported. Give `{owner}` as one column with "
        "an array, or send one row for each line and set `lines` for the stream."
    )


def test_a_number_elsewhere_and_a_list_without_one_are_no_such_column():
    sent = {"lines": "lines", "tags": "tags", "set__0": "set.0"}
    assert targets(sent, LISTS) == sent
    assert list(unsent(["lines__memo", "set__1", "odd__0", "0"], LISTS)) == ["lines__memo", "set__1", "odd__0", "0"]


def test_a_column_that_the_schema_did_not_name_is_decided_on_when_it_comes():
    mapping = map_columns(["name"], "id", MIXED_MODEL, as_is)
    columns = ["name", "creditLimit", "odd"]
    further = mapping.including(columns)
    assert mapping.covers(["name"])
    assert not mapping.covers(columns)
    assert further.covers(columns)
    assert applied(further, {"creditLimit": 1, "odd": 2}) == (None, {"creditLimit": 1})
    assert further.unsent == {"odd": "no such field"}
    with pytest.raises(MappingError, match=r"^Columns `name` and `NAME` both go to field `name`"):
        mapping.including(["NAME"])


@pytest.mark.parametrize(
    ("columns", "sends_fields", "covered"),
    [
        *(([], False, False), (["_airbyte_id"], False, False)),
        *((["odd"], False, True), (["id"], False, True), (["id", "odd"], False, True)),
        *((["name"], True, True), (["id", "name"], True, True)),
    ],
)
def test_a_mapping_knows_whether_it_sends_anything(columns, sends_fields, covered):
    mapping = map_columns(columns, "id", MIXED_MODEL, as_is)
    assert (mapping.sends_fields, mapping.covered) == (sends_fields, covered)


@given(st.lists(NAMES, unique=True, max_size=8))
def test_every_column_is_either_sent_or_named_and_never_both(columns):
    try:
        mapping = map_columns(columns, "id", OPEN, as_is)
    except MappingError:
        return
    assert set(mapping.targets) | set(mapping.unsent) == set(columns)
    assert not set(mapping.targets) & set(mapping.unsent)
    _, body = mapping.apply(dict.fromkeys(columns, 1), keep_nulls=False)
    assert _leaves(body) == {path for paths in mapping.targets.values() for path in paths}


def _leaves(body, path=()):
    if not isinstance(body, dict):
        return {path}
    return {leaf for name, inner in body.items() for leaf in _leaves(inner, (*path, name))}


def test_any_field_can_hold_the_record_key_and_one_set_only_at_create_is_sent():
    for mapping in (
        map_fields([("SAGE__KEY", "sage.key"), ("id", "id")], "sage.key", make_model("id"), as_is),
        map_columns(["SAGE__KEY", "id"], "sage.key", Model(CUSTOMER, {"id": Field("string", create_only=True)}), as_is),
    ):
        assert applied(mapping, {"SAGE__KEY": "34", "id": "N"}) == ("34", {"id": "N"})


def test_a_configured_mapping_sends_just_its_columns_under_its_names():
    pairs = [("full", "name"), ("rating", "nsp::NEW_FIELD"), ("due", "totalDue"), ("key", "id"), ("a", "my__Field")]
    mapping = map_fields(pairs, "id", MIXED_MODEL, as_is)
    row = {"full": "Starluck", "rating": 5, "due": "1.00", "key": "34", "name": "not mapped", "a": 1}
    body = {"name": "Starluck", "nsp::NEW_FIELD": 5, "totalDue": "1.00", "my__Field": 1}
    assert applied(mapping, row) == ("34", body)
    assert mapping.unsent == {}
    assert mapping.covers(["full", "never heard of"])
    assert mapping.including(["never heard of"]) is mapping


def test_a_column_may_be_the_record_key_and_fill_several_fields():
    mapping = map_fields([("n", "id"), ("n", EMAIL), ("n", "nsp::NUMBER")], "id", MIXED_MODEL, as_is)
    body = {"contacts": {"default": {"email1": "34"}}, "nsp::NUMBER": "34"}
    assert applied(mapping, {"n": "34"}) == ("34", body)


def test_a_row_becomes_a_nested_body_and_its_key_never_goes_into_it():
    city = "contacts__default__mailingAddress__city"
    mapping = map_columns(["id", "name", EMAIL, city, "other"], "id", MIXED_MODEL, as_is)
    row = {"id": 34, "name": "Starluck", EMAIL: "a@b.c", city: "Oslo", "other": 1}
    contact = {"email1": "a@b.c", "mailingAddress": {"city": "Oslo"}}
    assert applied(mapping, row) == (34, {"name": "Starluck", "contacts": {"default": contact}})


@pytest.mark.parametrize("value", ["", 0, False, [], {}, [Decimal("1.50"), None, {"x": True}], Decimal("1.00")])
def test_values_pass_through_untouched(value):
    _, body = applied(map_columns(["name"], "id", MIXED_MODEL, as_is), {"name": value})
    assert body["name"] is value


def test_a_null_is_left_out_unless_it_is_to_clear_its_field():
    mapping = map_columns(["id", "name", EMAIL, "creditLimit"], "id", MIXED_MODEL, as_is)
    row = {"id": None, "name": None, EMAIL: None}  # and a column that a row does not have is not sent as null
    assert applied(mapping, row) == (None, {})
    body = {"name": None, "contacts": {"default": {"email1": None}}}
    assert applied(mapping, row, keep_nulls=True) == (None, body)
    assert applied(ColumnMapping({}, {}, "id"), {"name": "x"}, keep_nulls=True) == (None, {})


def test_rows_of_ever_other_columns_are_each_mapped_by_their_own():
    names = [f"nsp::N{number}" for number in range(300)]
    mapping = map_fields([*((name, name) for name in names), ("key", "key")], "key", MIXED_MODEL, as_is)

    def with_path(path):
        return Converter(lambda value: (path, value))

    for one, other in [*zip(names, [*names[7:], *names[:7]], strict=True)] * 2:
        row = {other: 2, "key": one, one: 1}
        assert applied(mapping, row) == (one, {one: 1, other: 2})
        assert applied(mapping, row, convert=with_path)[1] == {one: (one, 1), other: (other, 2)}

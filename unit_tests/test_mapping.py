import re

import pytest
from fakes import CUSTOMER, MIXED_MODEL, as_is, make_model
from hypothesis import given
from hypothesis import strategies as st

from destination_sage_intacct.intacct.model import Field, Model, known_model
from destination_sage_intacct.rows.mapping import MappingError, map_columns, map_fields

OPEN = Model("platform-apps/nsp::x", is_open=True)


def targets(columns, model=MIXED_MODEL, alias=as_is, key_field="id"):
    mapping = map_columns(columns, key_field, model, alias)
    return {column: ".".join(path) for column, (path,) in mapping.targets.items()}


def unsent(columns, model=MIXED_MODEL, alias=as_is):
    return dict(map_columns(columns, "id", model, alias).unsent)


@pytest.mark.parametrize(
    ("column", "field"),
    [
        ("name", "name"),
        ("NAME", "name"),
        ("CREDITLIMIT", "creditLimit"),
        ("contacts.default.email1", "contacts.default.email1"),
        ("contacts__default__email1", "contacts.default.email1"),
        ("CONTACTS__DEFAULT__EMAIL1", "contacts.default.email1"),
        ("contacts.default__mailingAddress.city", "contacts.default.mailingAddress.city"),
        ("term", "term"),
        ("term.id", "term.id"),
        ("nsp::RATING", "nsp::RATING"),
        ("a__b", "a__b"),
        ("Twin", "Twin"),
        ("twin", "twin"),
        ("id", "id"),
        ("ID", "id"),
    ],
)
def test_a_column_goes_to_the_field_that_it_names(column, field):
    assert targets([column]) == {column: field}


@pytest.mark.parametrize(
    ("column", "why"),
    [
        ("TWIN", "no such field"),
        ("favouriteColour", "no such field"),
        ("contacts.default", "no such field; did you mean `contacts.default.email1`?"),
        ("totalDue", "read-only in Sage Intacct"),
        ("TOTALDUE", "read-only in Sage Intacct"),
        ("_airbyte_raw_id", "Airbyte's own"),
        ("_ab_cdc_deleted_at", "Airbyte's own"),
        ("", "no such field"),
    ],
)
def test_a_column_that_goes_nowhere_is_kept_with_the_reason(column, why):
    assert unsent([column]) == {column: why}


def test_two_fields_that_differ_in_case_alone_are_never_guessed():
    model = known_model("accounts-payable/vendor")

    assert targets(["accountlabel.id", "accountLabel.key"], model) == {
        "accountlabel.id": "accountlabel.id",
        "accountLabel.key": "accountLabel.key",
    }
    assert unsent(["ACCOUNTLABEL.ID"], model) == {"ACCOUNTLABEL.ID": "no such field"}


def test_an_airbyte_column_is_not_sent_even_if_the_object_has_such_a_field():
    assert unsent(["_airbyte_id"], make_model("_airbyte_id")) == {"_airbyte_id": "Airbyte's own"}


def test_of_an_unknown_object_every_column_may_be_a_field():
    assert targets(["Name", "owner.id", "owner__team", "nsp::X"], OPEN) == {
        "Name": "Name",
        "owner.id": "owner.id",
        "owner__team": "owner.team",
        "nsp::X": "nsp::X",
    }


@pytest.mark.parametrize("column", ["", ".x", "x.", "a..b", "__x"])
def test_of_an_unknown_object_what_is_no_name_is_not_sent(column):
    assert unsent([column], OPEN) == {column: "not a field name"}


def test_what_is_not_sent_is_named_with_the_reason_and_without_airbytes_own():
    mapping = map_columns(["zebra", "totalDue", "_airbyte_id", "name", "apple"], "id", MIXED_MODEL, as_is)

    assert mapping.unsent_text() == (
        "apple (no such field), totalDue (read-only in Sage Intacct), zebra (no such field)"
    )


def both(first, second, field):
    return f"Columns `{first}` and `{second}` both go to field `{field}`."


def whole_and_part(whole, part):
    return f"Column `{whole}` goes to field `term` as a whole and column `{part}` to its part `term.id`."


@pytest.mark.parametrize(
    ("columns", "text"),
    [
        (["name", "NAME"], both("name", "NAME", "name")),
        (
            ["contacts.default.email1", "contacts__default__email1"],
            both("contacts.default.email1", "contacts__default__email1", "contacts.default.email1"),
        ),
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


LISTS = Model(
    "a/b", {"lines": Field("list"), "tags": Field("choices"), "group": Field("group"), "group.0": Field("string")}
)


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
    columns = ["lines", "tags", "group__0"]
    assert targets(columns, LISTS) == {"lines": "lines", "tags": "tags", "group__0": "group.0"}
    assert list(unsent(["lines__memo", "group__1", "odd__0", "0"], LISTS)) == ["lines__memo", "group__1", "odd__0", "0"]


def test_a_column_that_the_schema_did_not_name_is_decided_on_when_it_comes():
    mapping = map_columns(["name"], "id", MIXED_MODEL, as_is)
    assert mapping.covers(["name"])
    assert not mapping.covers(["name", "creditLimit", "odd"])

    further = mapping.including(["name", "creditLimit", "odd"])

    assert further.covers(["name", "creditLimit", "odd"])
    assert further.apply({"creditLimit": 1, "odd": 2}, keep_nulls=False)[1] == {"creditLimit": 1}
    assert further.unsent == {"odd": "no such field"}
    assert not mapping.covers(["creditLimit"])  # the first mapping stays as it was


def test_a_column_that_comes_later_may_be_in_conflict():
    mapping = map_columns(["name"], "id", MIXED_MODEL, as_is)

    with pytest.raises(MappingError, match=r"^Columns `name` and `NAME` both go to field `name`"):
        mapping.including(["NAME"])


def test_a_configured_mapping_covers_whatever_comes():
    mapping = map_fields([("a", "name")], "id", MIXED_MODEL, as_is)

    assert mapping.covers(["a", "never heard of"])
    assert mapping.including(["never heard of"]) is mapping


@pytest.mark.parametrize(
    ("columns", "sends_fields", "covered"),
    [
        ([], False, False),
        (["_airbyte_id"], False, False),
        (["odd"], False, True),
        (["id"], False, True),
        (["id", "odd"], False, True),
        (["name"], True, True),
        (["id", "name"], True, True),
    ],
)
def test_a_mapping_knows_whether_it_sends_anything(columns, sends_fields, covered):
    mapping = map_columns(columns, "id", MIXED_MODEL, as_is)

    assert (mapping.sends_fields, mapping.covered) == (sends_fields, covered)


NAMES = st.text("abA_.", min_size=1, max_size=5)


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


def test_a_field_that_may_only_be_set_at_create_is_sent():
    model = Model(CUSTOMER, {"id": Field("string", create_only=True)})

    assert targets(["id"], model, key_field="record_key") == {"id": "id"}


def test_a_dotted_field_can_hold_the_record_key():
    one = map_fields([("k", "sage.key"), ("n", "name")], "sage.key", make_model("name"), as_is)
    other = map_columns(["SAGE__KEY", "name"], "sage.key", make_model("name"), as_is)

    assert one.apply({"k": "34", "n": "N"}, keep_nulls=False) == ("34", {"name": "N"})
    assert other.apply({"SAGE__KEY": "34", "name": "N"}, keep_nulls=False) == ("34", {"name": "N"})

import json
from decimal import Decimal
from pathlib import Path

import pytest
from fakes import CUSTOMER, make_model
from hypothesis import given
from hypothesis import strategies as st

from destination_sage_intacct.intacct.model import Field, Model, known_model, parse_model
from destination_sage_intacct.intacct.objects import OBJECT_TYPES, resolve_alias
from destination_sage_intacct.rows.mapping import ColumnMapping, MappingError, map_columns, map_fields

RECORDED = Path(__file__).resolve().parents[2] / "shared" / "data" / "sage" / "models"
OPEN = Model("platform-apps/nsp::x", is_open=True)
MODEL = make_model(
    "id",
    "name",
    "creditLimit",
    "contacts.default.email1",
    "contacts.default.mailingAddress.city",
    "term",
    "term.id",
    "nsp::RATING",
    "a__b",
    "Twin",
    "twin",
    read_only=["totalDue"],
)

# The fields that the page which this connector follows names, as columns.
DEFAULT_FIELDS = [
    "name",
    "status",
    "displayContact.companyName",
    "displayContact.firstName",
    "displayContact.lastName",
    "displayContact.email1",
    "displayContact.phone1",
    "displayContact.mailingAddress.addressLine1",
    "displayContact.mailingAddress.city",
    "displayContact.mailingAddress.state",
    "displayContact.mailingAddress.zip",
    "displayContact.mailingAddress.country",
]
IN_A_GROUP = {
    "name": "name",
    "status": "status",
    "displayContact.companyName": "contacts.default.companyName",
    "displayContact.firstName": "contacts.default.firstName",
    "displayContact.lastName": "contacts.default.lastName",
    "displayContact.email1": "contacts.default.email1",
    "displayContact.phone1": "contacts.default.phone1",
    "displayContact.mailingAddress.addressLine1": "contacts.default.mailingAddress.addressLine1",
    "displayContact.mailingAddress.city": "contacts.default.mailingAddress.city",
    "displayContact.mailingAddress.state": "contacts.default.mailingAddress.state",
    "displayContact.mailingAddress.zip": "contacts.default.mailingAddress.postCode",
    "displayContact.mailingAddress.country": "contacts.default.mailingAddress.country",
}
ITSELF = {column: field.removeprefix("contacts.default.") for column, field in IN_A_GROUP.items() if column != "name"}


def as_is(path):
    return path


def aliases_of(label):
    return lambda path: resolve_alias(OBJECT_TYPES[label].aliases, path) or path


def targets(columns, model=MODEL, alias=as_is, key_field="id"):
    mapping = map_columns(columns, key_field, model, alias)
    return {column: ".".join(path) for column, (path,) in mapping.targets.items()}


def unsent(columns, model=MODEL, alias=as_is):
    return dict(map_columns(columns, "id", model, alias).unsent)


def apply(columns, row, model=MODEL, **settings):
    return map_columns(columns, "id", model, as_is).apply(row, keep_nulls=False, **settings)


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
        ("contacts.default", "no such field"),
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


@pytest.mark.parametrize(("label", "expected"), [("Customer", IN_A_GROUP), ("Vendor", IN_A_GROUP), ("Contact", ITSELF)])
@pytest.mark.parametrize("spelling", [str, str.upper, str.lower, lambda name: name.replace(".", "__").upper()])
def test_the_default_fields_find_their_place(label, expected, spelling):
    model = known_model(OBJECT_TYPES[label].path)
    mapped = targets([spelling(name) for name in DEFAULT_FIELDS], model, aliases_of(label))

    assert mapped == {spelling(column): field for column, field in expected.items()}
    assert all(field in model.fields for field in mapped.values())


@pytest.mark.parametrize("label", ["Customer", "Vendor"])
def test_the_default_fields_find_their_place_in_the_recorded_models(label):
    path = OBJECT_TYPES[label].path
    file = RECORDED / f"model.{path.replace('/', '.')}.json"
    if not file.is_file():
        pytest.skip(f"no recorded answer of the model service for {path} in shared/data/sage/models")
    model = parse_model(path, json.loads(file.read_text("utf-8")))

    assert targets(DEFAULT_FIELDS, model, aliases_of(label)) == IN_A_GROUP


def test_a_contact_has_no_name_of_its_own():
    assert unsent(["name"], known_model("company-config/contact"), aliases_of("Contact")) == {"name": "no such field"}


def test_a_real_field_comes_before_an_alias():
    model = make_model("displayContact.email1", "contacts.default.email1")

    assert targets(["displayContact.email1"], model, aliases_of("Customer")) == {
        "displayContact.email1": "displayContact.email1"
    }


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
    mapping = map_columns(["zebra", "totalDue", "_airbyte_id", "name", "apple"], "id", MODEL, as_is)

    assert mapping.unsent_text() == (
        "apple (no such field), totalDue (read-only in Sage Intacct), zebra (no such field)"
    )


@pytest.mark.parametrize(
    ("columns", "text"),
    [
        (["name", "NAME"], "Columns `name` and `NAME` both go to field `name`. Map or select only one of them."),
        (
            ["contacts.default.email1", "contacts__default__email1"],
            (
                "Columns `contacts.default.email1` and `contacts__default__email1` both go to field "
                "`contacts.default.email1`. Map or select only one of them."
            ),
        ),
        (["id", "Id"], "Columns `id` and `Id` both go to field `id`. Map or select only one of them."),
        (
            ["term", "term.id"],
            (
                "Column `term` goes to field `term` as a whole and column `term.id` to its part `term.id`. "
                "Map or select only one of them."
            ),
        ),
        (
            ["term.id", "TERM"],
            (
                "Column `TERM` goes to field `term` as a whole and column `term.id` to its part `term.id`. "
                "Map or select only one of them."
            ),
        ),
    ],
)
def test_columns_in_conflict_are_both_named(columns, text):
    with pytest.raises(MappingError) as caught:
        map_columns(columns, "id", MODEL, as_is)

    assert str(caught.value) == text


def test_a_column_and_the_alias_of_another_are_in_conflict():
    columns = ["displayContact.email1", "contacts.default.email1"]

    with pytest.raises(MappingError, match=r"both go to field `contacts.default.email1`"):
        map_columns(columns, "id", MODEL, aliases_of("Customer"))


def test_a_configured_mapping_sends_just_its_columns_under_its_names():
    pairs = [("full_name", "name"), ("rating", "nsp::NEW_FIELD"), ("due", "totalDue"), ("key", "id")]
    mapping = map_fields(pairs, "id", MODEL, as_is)
    row = {"full_name": "Starluck", "rating": 5, "due": "1.00", "key": "34", "name": "not mapped"}

    assert mapping.apply(row, keep_nulls=False) == (
        "34",
        {"name": "Starluck", "nsp::NEW_FIELD": 5, "totalDue": "1.00"},
    )
    assert mapping.unsent == {}


def test_a_configured_field_keeps_its_spelling():
    mapping = map_fields([("a", "CreditLIMIT"), ("b", "my__field")], "id", MODEL, as_is)

    assert mapping.apply({"a": 1, "b": 2}, keep_nulls=False)[1] == {"CreditLIMIT": 1, "my__field": 2}


def test_a_configured_field_may_be_one_of_the_older_names():
    mapping = map_fields([("zip", "displayContact.mailingAddress.zip")], "id", MODEL, aliases_of("Customer"))

    assert mapping.apply({"zip": "94105"}, keep_nulls=False)[1] == {
        "contacts": {"default": {"mailingAddress": {"postCode": "94105"}}}
    }


def test_a_column_may_fill_several_fields():
    mapping = map_fields([("email", "contacts.default.email1"), ("email", "nsp::MAIL")], "id", MODEL, as_is)

    assert mapping.apply({"email": "a@b.c"}, keep_nulls=False)[1] == {
        "contacts": {"default": {"email1": "a@b.c"}},
        "nsp::MAIL": "a@b.c",
    }


def test_a_column_may_be_the_record_key_and_fill_a_field():
    mapping = map_fields([("number", "id"), ("number", "nsp::NUMBER")], "id", MODEL, as_is)

    assert mapping.apply({"number": "34"}, keep_nulls=False) == ("34", {"nsp::NUMBER": "34"})


@pytest.mark.parametrize(
    ("pairs", "text"),
    [
        (
            [("a", "name"), ("b", "name")],
            "Columns `a` and `b` both go to field `name`. Map or select only one of them.",
        ),
        (
            [("a", "name"), ("a", "name")],
            "Columns `a` and `a` both go to field `name`. Map or select only one of them.",
        ),
        (
            [("a", "term.id"), ("b", "term")],
            (
                "Column `b` goes to field `term` as a whole and column `a` to its part `term.id`. "
                "Map or select only one of them."
            ),
        ),
    ],
)
def test_a_configured_conflict_names_both_columns(pairs, text):
    with pytest.raises(MappingError) as caught:
        map_fields(pairs, "id", MODEL, as_is)

    assert str(caught.value) == text


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
    mapping = map_columns(["RECORD_KEY", "id"], "record_key", MODEL, as_is)

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
    mapping = map_columns(["id", "name", "contacts.default.email1"], "id", MODEL, as_is)
    row = {"id": None, "name": None, "contacts.default.email1": None}

    assert mapping.apply(row, keep_nulls=False) == (None, {})
    assert mapping.apply(row, keep_nulls=True) == (None, {"name": None, "contacts": {"default": {"email1": None}}})


def test_a_column_that_a_row_does_not_have_is_not_sent_as_null():
    assert map_columns(["name", "creditLimit"], "id", MODEL, as_is).apply({"name": "x"}, keep_nulls=True) == (
        None,
        {"name": "x"},
    )


def test_a_column_that_the_schema_did_not_name_is_decided_on_when_it_comes():
    mapping = map_columns(["name"], "id", MODEL, as_is)
    assert mapping.covers(["name"])
    assert not mapping.covers(["name", "creditLimit", "odd"])

    further = mapping.including(["name", "creditLimit", "odd"])

    assert further.covers(["name", "creditLimit", "odd"])
    assert further.apply({"creditLimit": 1, "odd": 2}, keep_nulls=False)[1] == {"creditLimit": 1}
    assert further.unsent == {"odd": "no such field"}
    assert not mapping.covers(["creditLimit"])  # the first mapping stays as it was


def test_a_column_that_comes_later_may_be_in_conflict():
    mapping = map_columns(["name"], "id", MODEL, as_is)

    with pytest.raises(MappingError, match=r"^Columns `name` and `NAME` both go to field `name`"):
        mapping.including(["NAME"])


def test_a_configured_mapping_covers_whatever_comes():
    mapping = map_fields([("a", "name")], "id", MODEL, as_is)

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
    mapping = map_columns(columns, "id", MODEL, as_is)

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


def test_a_mapping_without_columns_sends_nothing():
    assert ColumnMapping({}, {}, "id").apply({"name": "x"}, keep_nulls=True) == (None, {})


def test_a_field_that_may_only_be_set_at_create_is_sent():
    model = Model(CUSTOMER, {"id": Field("string", create_only=True)})

    assert targets(["id"], model, key_field="record_key") == {"id": "id"}

import pytest
from fakes import MIXED_MODEL, as_is, make_model

from destination_sage_intacct.intacct.model import known_model
from destination_sage_intacct.intacct.objects import OBJECT_TYPES, resolve_alias
from destination_sage_intacct.rows.mapping import MappingError, map_columns, map_fields

# The fields that the page which this connector follows names, as columns, and where they are in a customer.
ADDRESS = {name: name for name in ("addressLine1", "city", "state", "country")} | {"zip": "postCode"}
IN_A_GROUP = (
    {name: name for name in ("name", "status")}
    | {
        f"displayContact.{x}": f"contacts.default.{x}"
        for x in ("companyName", "firstName", "lastName", "email1", "phone1")
    }
    | {f"displayContact.mailingAddress.{x}": f"contacts.default.mailingAddress.{field}" for x, field in ADDRESS.items()}
)
ITSELF = {column: field.removeprefix("contacts.default.") for column, field in IN_A_GROUP.items() if column != "name"}


def aliases_of(label):
    return lambda path: resolve_alias(OBJECT_TYPES[label].aliases, path) or path


def targets(columns, model=MIXED_MODEL, alias=as_is, key_field="id"):
    mapping = map_columns(columns, key_field, model, alias)
    return {column: ".".join(path) for column, (path,) in mapping.targets.items()}


@pytest.mark.parametrize(("label", "expected"), [("Customer", IN_A_GROUP), ("Vendor", IN_A_GROUP), ("Contact", ITSELF)])
@pytest.mark.parametrize("spelling", [str, str.upper, str.lower, lambda name: name.replace(".", "__").upper()])
def test_the_default_fields_find_their_place(label, expected, spelling):
    model = known_model(OBJECT_TYPES[label].path)
    mapped = targets([spelling(name) for name in IN_A_GROUP], model, aliases_of(label))
    assert mapped == {spelling(column): field for column, field in expected.items()}  # a contact has no name
    assert all(field in model.fields for field in mapped.values())


def test_a_real_field_comes_before_an_alias_which_is_in_conflict_with_a_column_of_its_field():
    column, field = "displayContact.email1", "contacts.default.email1"
    assert targets([column], make_model(column, field), aliases_of("Customer")) == {column: column}
    with pytest.raises(MappingError, match=r"both go to field `contacts.default.email1`"):
        map_columns([column, field], "id", MIXED_MODEL, aliases_of("Customer"))


def test_a_configured_field_may_be_one_of_the_older_names():
    mapping = map_fields([("zip", "displayContact.mailingAddress.zip")], "id", MIXED_MODEL, aliases_of("Customer"))
    default = {"mailingAddress": {"postCode": "94105"}}
    assert mapping.apply({"zip": "94105"}, keep_nulls=False)[1] == {"contacts": {"default": default}}

import pytest

from destination_sage_intacct.config import load_spec
from destination_sage_intacct.intacct.objects import CUSTOM_OBJECT, OBJECT_TYPES, ObjectType, object_at, resolve_alias

PATHS = {
    "Customer": "accounts-receivable/customer",
    "Vendor": "accounts-payable/vendor",
    "Invoice": "accounts-receivable/invoice",
    "Bill": "accounts-payable/bill",
    "Journal Entry": "general-ledger/journal-entry",
    "Employee": "company-config/employee",
    "Contact": "company-config/contact",
    "Project": "projects/project",
    "GL Account": "general-ledger/account",
}
OF_A_GROUP = {
    "displayContact.companyName": "contacts.default.companyName",
    "displayContact.firstName": "contacts.default.firstName",
    "displayContact.email1": "contacts.default.email1",
    "displayContact.mailingAddress.addressLine1": "contacts.default.mailingAddress.addressLine1",
    "displayContact.mailingAddress.zip": "contacts.default.mailingAddress.postCode",
    "displayContact": "contacts.default",
    "mailingAddress.city": "contacts.default.mailingAddress.city",
    "mailingAddress.zip": "contacts.default.mailingAddress.postCode",
    "contacts.default.mailingAddress.zip": "contacts.default.mailingAddress.postCode",
    "DISPLAYCONTACT.EMAIL1": "contacts.default.EMAIL1",
    "displaycontact.mailingaddress.zip": "contacts.default.mailingAddress.postCode",
}
ITSELF = {
    "displayContact.companyName": "companyName",
    "displayContact.mailingAddress.addressLine1": "mailingAddress.addressLine1",
    "displayContact.mailingAddress.zip": "mailingAddress.postCode",
    "mailingAddress.zip": "mailingAddress.postCode",
    "displayContact": "",
    "DISPLAYCONTACT.LASTNAME": "LASTNAME",
}


def test_the_nine_objects_lie_where_the_api_has_them():
    assert {label: entry.path for label, entry in OBJECT_TYPES.items()} == PATHS


def test_the_configuration_offers_just_these_objects_and_custom_ones():
    offered = load_spec()["connectionSpecification"]["properties"]["object_type"]["enum"]
    assert set(offered) == {*OBJECT_TYPES, CUSTOM_OBJECT}


@pytest.mark.parametrize(("label", "path"), PATHS.items())
def test_an_object_is_found_by_its_path(label, path):
    assert object_at(path) is OBJECT_TYPES[label]


def test_any_other_path_is_an_object_of_which_nothing_is_known():
    path = "platform-apps/nsp::subscription"
    assert object_at(path) == ObjectType(path, path, required=())


@pytest.mark.parametrize(
    ("label", "path", "real"),
    [
        *((label, path, real) for label in ("Customer", "Vendor") for path, real in OF_A_GROUP.items()),
        *(("Contact", path, real) for path, real in ITSELF.items()),
    ],
)
def test_names_of_older_pages_lead_to_where_the_api_has_them(label, path, real):
    assert resolve_alias(OBJECT_TYPES[label].aliases, path) == real


@pytest.mark.parametrize("path", ["name", "status", "displayContacts.email1", "x.displayContact", "contacts.billTo"])
@pytest.mark.parametrize("label", OBJECT_TYPES)
def test_a_name_that_is_no_alias_stays(label, path):
    assert resolve_alias(OBJECT_TYPES[label].aliases, path) == path


def test_what_else_than_an_id_tells_records_apart():
    numbers = {label: entry.unique_numbers for label, entry in OBJECT_TYPES.items() if entry.unique_numbers}
    # A journal entry's reference number is not unique.
    assert numbers == {"Invoice": (("customer.id", "invoiceNumber"),), "Bill": (("vendor.id", "billNumber"),)}


def test_the_longest_start_counts():
    aliases = {"a": "one", "a.b": "two", "a.b.c": "three"}
    assert [resolve_alias(aliases, path) for path in ("a.x", "a.b.x", "a.b.c", "a.b.c.d")] == [
        "one.x",
        "two.x",
        "three",
        "three.d",
    ]

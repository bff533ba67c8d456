from destination_sage_intacct.config import load_spec
from destination_sage_intacct.intacct.objects import CUSTOM_OBJECT, OBJECT_TYPES, ObjectType, object_at, resolve_alias

ADDRESS = "contacts.default.mailingAddress"
OF_A_GROUP = {
    "displayContact.email1": "contacts.default.email1",
    "displayContact.mailingAddress.addressLine1": f"{ADDRESS}.addressLine1",
    "displayContact": "contacts.default",
    "mailingAddress.city": f"{ADDRESS}.city",
    "DISPLAYCONTACT.EMAIL1": "contacts.default.EMAIL1",
    "displaycontact.mailingaddress.zip": f"{ADDRESS}.postCode",
    "mailingAddress.zip": f"{ADDRESS}.postCode",
    f"{ADDRESS}.zip": f"{ADDRESS}.postCode",
}
ITSELF = {
    "displayContact.companyName": "companyName",
    "displayContact.mailingAddress.addressLine1": "mailingAddress.addressLine1",
    "displayContact.mailingAddress.zip": "mailingAddress.postCode",
    "mailingAddress.zip": "mailingAddress.postCode",
    "displayContact": "",
    "DISPLAYCONTACT.LASTNAME": "LASTNAME",
}


def test_the_form_offers_these_objects_and_custom_ones_and_each_is_found_by_its_path():
    offered = load_spec()["connectionSpecification"]["properties"]["object_type"]["enum"]
    assert set(offered) == {*OBJECT_TYPES, CUSTOM_OBJECT}
    assert [object_at(entry.path) for entry in OBJECT_TYPES.values()] == list(OBJECT_TYPES.values())
    other = "platform-apps/nsp::subscription"
    assert object_at(other) == ObjectType(other, other, required=())  # nothing is known of it


def test_names_of_older_pages_lead_to_where_the_api_has_them_and_others_stay():
    others = ("name", "status", "displayContacts.email1", "x.displayContact", "contacts.billTo")
    for label, entry in OBJECT_TYPES.items():
        older = {"Customer": OF_A_GROUP, "Vendor": OF_A_GROUP, "Contact": ITSELF}.get(label, {})
        names = older | dict(zip(others, others, strict=True))
        assert {path: resolve_alias(entry.aliases, path) for path in names} == names


def test_the_longest_start_counts():
    aliases = {"a": "one", "a.b": "two", "a.b.c": "three"}
    resolved = {path: resolve_alias(aliases, path) for path in ("a.x", "a.b.x", "a.b.c", "a.b.c.d")}
    assert resolved == {"a.x": "one.x", "a.b.x": "two.x", "a.b.c": "three", "a.b.c.d": "three.d"}

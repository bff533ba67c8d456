from dataclasses import replace

import pytest

from destination_sage_intacct.discovery.flat_schema import list_schema, title
from destination_sage_intacct.discovery.operations import WritableObject, operations
from destination_sage_intacct.intacct.model import EVERY_METHOD, Field, Model
from destination_sage_intacct.intacct.objects import OBJECT_TYPES, LineRules, object_at

CUSTOMER, BILL, ENTRY = OBJECT_TYPES["Customer"], OBJECT_TYPES["Bill"], OBJECT_TYPES["Journal Entry"]
TEXT = Field("string")
FIELDS = {
    "key": Field("string", read_only=True),
    "id": Field("string", create_only=True),
    "name": TEXT,
    "status": Field("enum", ("active", "inactive")),
}
ADDING, UPSERTING, UPDATING = "append", "append_dedup", "update"
READ_NEVER = "Cannot be read back, so rows that fill it are written every time."
SET_ONCE = "Set when the record is created, and never changed."
TWO_DECIMALS = 'At most 2 decimals. A text such as "1234.50" is taken too.'
OF_INVOICES = {"invoiceNumber": TEXT, "customer": Field("ref"), "customer.id": TEXT}
OF_BILLS = {"billNumber": TEXT, "vendor": Field("ref"), "vendor.id": TEXT}
LINE = Model(
    "x/line",
    dict.fromkeys(("key", "id", "glAccount.id", "glAccount.key"), TEXT)
    | {"txnAmount": Field("amount"), "glAccount": Field("ref"), "total": Field("amount", read_only=True)}
    | {"entries": Field("list", target="x/entry"), "tags": Field("list")},
)


def offered(fields=None, chosen=CUSTOMER, methods=EVERY_METHOD, **given):
    found = WritableObject(chosen, Model(chosen.path, {**FIELDS, **(fields or {})}, methods), **given)
    return {each["sync_mode"]: each for each in operations(found)}


def schema(fields=None, mode=ADDING, **given):
    return offered(fields, **given)[mode]["json_schema"]


def names(fields, mode=ADDING, **given):
    return set(schema(fields, mode, **given)["properties"]) - {"key", *FIELDS}


@pytest.mark.parametrize(
    ("field", "shown"),
    [
        *((Field(kind), {"type": kind}) for kind in ("string", "boolean", "integer", "number")),
        *((Field(kind), {"type": "string", "format": kind}) for kind in ("date", "date-time")),
        (Field("enum", ("", "days")), {"type": "string", "enum": ["", "days"]}),
        (Field("enum"), {"type": "string"}),
        (Field("list"), {"type": "array", "items": {}}),
        (Field("amount"), {"type": "number", "description": TWO_DECIMALS}),
        (Field("boolean", write_only=True), {"type": "boolean", "description": READ_NEVER}),
        (Field("string", create_only=True), {"type": "string", "description": SET_ONCE}),
    ],
)
def test_a_field_is_shown_with_its_type_and_what_a_person_must_know(field, shown):
    assert schema({"dueField": field})["properties"]["dueField"] == shown | {"title": "Due field"}


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        *(("key", "Record key"), ("id", "ID"), ("name", "Name"), ("term.key", "Term key"), ("tax.taxId", "Tax ID")),
        *(("billToContact.id", "Bill to contact ID"), ("txnAmount", "Transaction amount"), ("URL1", "URL 1")),
        ("overrideOffsetGLAccount.id", "Override offset GL account ID"),
        *(("glAccount.id", "GL account ID"), ("isoCountryCode", "ISO country code")),
        ("contacts.default.email1", "Contacts default email 1"),
        ("mailingAddress.addressLine1", "Mailing address line 1"),
        ("excludeFromWIPSchedule", "Exclude from WIP schedule"),
        ("t5018.isT5018Enabled", "T5018 is T5018 enabled"),
        *(("nsp::REGION", "REGION"), ("nsp::SALES_REGION", "SALES REGION"), ("nsp::r10007.key", "R10007 key")),
    ],
)
def test_a_title_is_the_name_in_words(path, shown):
    assert title(path) == shown


def test_groups_are_flattened_and_what_sage_sets_itself_is_left_out():
    groups = {"tax": Field("group"), "tax.rate": Field("number"), "audit": Field("group")}
    set_itself = {"audit.createdDate": Field("date-time", read_only=True), "totalDue": Field("amount", read_only=True)}
    assert names(groups | set_itself) == {"tax.rate"}


def test_of_a_reference_the_members_that_name_its_record_are_offered():
    fields = {
        "term": Field("ref", target="accounts-receivable/term"),
        **dict.fromkeys(("term.id", "term.key", "term.name", "nsp::r1.key", "entity.id"), TEXT),
        "nsp::r1": Field("ref", target="company-config/class"),
        "entity": Field("ref", target="company-config/entity", read_only=True),
    }
    assert names(fields) == {"term.id", "term.key", "nsp::r1.key"}
    shown = schema(fields)["properties"]
    assert shown["term.id"]["description"] == "The ID of a record of accounts-receivable/term."
    about = "The record key of a record of company-config/class."
    assert shown["nsp::r1.key"] == {"type": "string", "title": "R1 key", "description": about}


def test_of_a_contact_its_details_are_offered_too():
    contact, group = "contacts.default", "contacts.default.tax.group"
    fields = {
        contact: Field("ref", target="company-config/contact"),
        f"{contact}.tax": Field("group"),
        group: Field("ref", target="tax/group"),
        **dict.fromkeys((f"{contact}.id", f"{contact}.email1", f"{group}.id", f"{group}.name"), TEXT),
    }
    assert names(fields) == {f"{contact}.id", f"{contact}.email1", f"{group}.id"}


def test_a_field_set_at_creation_is_offered_where_that_can_work():
    made = Field("boolean", create_only=True, write_only=True)
    fields = {"kind": Field("string", create_only=True), "makesBill": made}
    assert names(fields, ADDING) == {"kind", "makesBill"}
    assert names(fields, UPSERTING) == {"kind"}
    assert names(fields, UPDATING) == set()


def test_what_is_fixed_is_left_out_of_updates_but_for_the_id_that_finds_a_record():
    fields = {"state": Field("enum", ("posted", "draft"))}
    assert names(fields, UPSERTING, chosen=ENTRY) == {"state"}
    assert names(fields, UPDATING, chosen=ENTRY) == set()  # only the reference calls it fixed
    assert set(schema(mode=UPDATING)["properties"]) == {"key", "id", "name", "status"}
    assert set(schema(mode="soft_delete")["properties"]) == {"key", "id"}
    assert set(schema(mode=ADDING)["properties"]) == {"id", "name", "status"}


def test_required_is_what_a_new_record_needs():
    """Beside a required id its record key is not asked for."""
    fields = {"vendor": Field("ref"), "vendor.id": TEXT, "vendor.key": TEXT, "createdDate": Field("date")}
    bill = offered(fields, chosen=BILL)
    assert [each["json_schema"]["required"] for each in bill.values()] == [["vendor.id", "createdDate"]] * 2 + [[]]
    assert names(fields, ADDING, chosen=BILL) == {"vendor.id", "createdDate"}
    assert names(fields, UPDATING, chosen=BILL) == {"vendor.id", "vendor.key", "createdDate"}


def test_other_fields_may_be_named_only_where_not_all_are_known():
    model = Model(CUSTOMER.path, FIELDS)
    for some, known in ((False, model), (True, replace(model, is_open=True)), (True, replace(model, is_partial=True))):
        found = [each["json_schema"]["additionalProperties"] for each in operations(WritableObject(CUSTOMER, known))]
        assert found == [some, some, some, False]


@pytest.mark.parametrize(
    ("methods", "modes"),
    [
        (EVERY_METHOD, [ADDING, UPSERTING, UPDATING, "soft_delete"]),
        ({"GET", "POST"}, [ADDING]),
        ({"GET", "PATCH"}, [UPDATING, "soft_delete"]),
        ({"PUT"}, [UPDATING, "soft_delete"]),
        ({"GET"}, []),
    ],
)
def test_only_modes_whose_requests_an_object_takes_are_offered(methods, modes):
    assert list(offered(methods=frozenset(methods))) == modes


@pytest.mark.parametrize(
    ("chosen", "status", "is_offered"),
    [
        (CUSTOMER, Field("enum", ("active", "inactive")), True),
        (CUSTOMER, TEXT, True),
        (CUSTOMER, Field("enum", ("open", "closed")), False),
        (CUSTOMER, Field("enum", ("active", "inactive"), read_only=True), False),
        (BILL, Field("enum", ("active", "inactive")), False),
    ],
)
def test_soft_deletes_need_a_status_that_can_be_inactive(chosen, status, is_offered):
    assert ("soft_delete" in offered({"status": status}, chosen=chosen)) is is_offered


def test_a_custom_object_without_a_status_takes_no_soft_deletes():
    found = WritableObject(object_at("platform-apps/nsp::a"), Model("platform-apps/nsp::a", {"name": TEXT}))
    assert [each["sync_mode"] for each in operations(found)] == [ADDING, UPSERTING, UPDATING]
    assert {each["object_name"] for each in operations(found)} == {"platform-apps/nsp::a"}
    assert offered()[ADDING]["object_name"] == "Customer"  # the name that the configuration knows too


@pytest.mark.parametrize(
    ("chosen", "fields", "keys"),
    [
        (CUSTOMER, {}, [["key"], ["id"]]),
        (ENTRY, {"referenceNumber": TEXT}, [["key"]]),
        (OBJECT_TYPES["Invoice"], OF_INVOICES, [["key"], ["customer.id", "invoiceNumber"]]),
        (BILL, OF_BILLS, [["key"], ["vendor.id", "billNumber"]]),
        (BILL, {"billNumber": TEXT}, [["key"]]),
        (object_at("platform-apps/nsp::a"), {}, [["key"]]),
        (object_at("company-config/department"), {}, [["key"], ["id"]]),
    ],
)
def test_records_are_found_by_their_key_or_by_what_is_unique(chosen, fields, keys):
    found = offered(fields, chosen=chosen)
    assert found[ADDING]["matching_keys"] == []
    assert found[UPSERTING]["matching_keys"] == found[UPDATING]["matching_keys"] == keys


def test_lines_show_their_fields_and_what_each_needs():
    lines = list_schema(LINE, LineRules(2, (("txnAmount",), ("glAccount", "accountLabel"))))
    shown = lines["items"]["properties"]
    assert set(shown) == {"txnAmount", "glAccount.id", "glAccount.key", "entries", "tags"}
    assert (lines["minItems"], lines["items"]["required"]) == (2, ["txnAmount"])
    assert lines["items"]["allOf"] == [{"anyOf": [{"required": ["glAccount.id"]}, {"required": ["glAccount.key"]}]}]
    assert (shown["entries"]["items"], shown["tags"]["items"]) == ({"type": "object"}, {})


def test_other_lists_need_nothing_and_one_of_which_nothing_is_known_takes_any_records():
    assert set(list_schema(LINE, None)) == {"type", "items"}
    assert "required" not in list_schema(LINE, None)["items"]
    assert list_schema(None, BILL.lines) == {"type": "array", "items": {"type": "object"}}


def test_the_lines_of_a_document_are_described_by_their_own_model():
    fields = {"lines": Field("list", target="x/line")}
    lines = schema(fields, chosen=BILL, line_models={"x/line": LINE})["properties"]["lines"]
    assert lines["items"]["properties"].keys() >= {"txnAmount", "glAccount.id"}
    assert lines["minItems"] == 1
    assert lines["description"] == "An array of objects, or its JSON text. The names in them may be dotted or nested."

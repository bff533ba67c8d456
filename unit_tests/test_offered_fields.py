from dataclasses import replace

import pytest
from jsonschema import Draft7Validator

from destination_sage_intacct.discovery.flat_schema import list_schema
from destination_sage_intacct.discovery.operations import WritableObject, operations
from destination_sage_intacct.intacct.model import EVERY_METHOD, Field, Model
from destination_sage_intacct.intacct.objects import OBJECT_TYPES, LineRules, object_at

CONTACT = "company-config/contact"
CUSTOMER, BILL, ENTRY = OBJECT_TYPES["Customer"], OBJECT_TYPES["Bill"], OBJECT_TYPES["Journal Entry"]
TEXT = Field("string")
FIELDS = {
    "key": Field("string", read_only=True),
    "id": Field("string", create_only=True),
    "name": TEXT,
    "status": Field("enum", ("active", "inactive")),
}
ADDING, UPSERTING, UPDATING = "append", "append_dedup", "update"


def offered(fields=None, chosen=CUSTOMER, methods=EVERY_METHOD, **given):
    found = WritableObject(chosen, Model(chosen.path, {**FIELDS, **(fields or {})}, methods), **given)
    return {each["sync_mode"]: each for each in operations(found)}


def schema(fields=None, mode=ADDING, **given):
    return offered(fields, **given)[mode]["json_schema"]


def names(fields, mode=ADDING, **given):
    return set(schema(fields, mode, **given)["properties"]) - {"key", *FIELDS}


@pytest.mark.parametrize(
    ("field", "told"),
    [
        (TEXT, {"type": "string"}),
        (Field("boolean"), {"type": "boolean"}),
        (Field("integer"), {"type": "integer"}),
        (Field("number"), {"type": "number"}),
        (Field("date"), {"type": "string", "format": "date"}),
        (Field("date-time"), {"type": "string", "format": "date-time"}),
        (Field("enum", ("", "days")), {"type": "string", "enum": ["", "days"]}),
        (Field("enum"), {"type": "string"}),
        (Field("list"), {"type": "array", "items": {}}),
        (
            Field("amount"),
            {"type": "number", "description": 'At most 2 decimals. A text such as "1234.50" is taken too.'},
        ),
        (
            Field("boolean", write_only=True),
            {"type": "boolean", "description": "Cannot be read back, so rows that fill it are written every time."},
        ),
        (
            Field("string", create_only=True),
            {"type": "string", "description": "Set when the record is made, and never changed."},
        ),
    ],
)
def test_a_field_is_told_with_its_type_and_what_a_person_must_know(field, told):
    assert schema({"dueField": field})["properties"]["dueField"] == told | {"title": "Due field"}


def test_every_schema_is_one_of_draft_7():
    for each in offered(
        {"lines": Field("list", target="x/line")}, line_models={"x/line": Model("x/line", FIELDS)}
    ).values():
        Draft7Validator.check_schema(each["json_schema"])
        assert each["json_schema"]["$schema"] == "http://json-schema.org/draft-07/schema#"


def test_groups_are_flattened_and_what_sage_sets_itself_is_left_out():
    fields = {
        "tax": Field("group"),
        "tax.rate": Field("number"),
        "audit": Field("group"),
        "audit.createdDateTime": Field("date-time", read_only=True),
        "totalDue": Field("amount", read_only=True),
    }
    assert names(fields) == {"tax.rate"}


def test_of_a_reference_the_members_that_name_its_record_are_offered():
    fields = {
        "term": Field("ref", target="accounts-receivable/term"),
        "term.id": TEXT,
        "term.key": TEXT,
        "term.name": TEXT,
        "nsp::r1": Field("ref", target="company-config/class"),
        "nsp::r1.key": TEXT,
        "entity": Field("ref", target="company-config/entity", read_only=True),
        "entity.id": TEXT,
    }

    assert names(fields) == {"term.id", "term.key", "nsp::r1.key"}
    assert schema(fields)["properties"]["term.id"]["description"] == "The ID of a record of accounts-receivable/term."
    assert schema(fields)["properties"]["nsp::r1.key"] == {
        "type": "string",
        "title": "R1 key",
        "description": "The record key of a record of company-config/class.",
    }


def test_of_a_contact_its_details_are_offered_too():
    fields = {
        "contacts.default": Field("ref", target=CONTACT),
        "contacts.default.id": TEXT,
        "contacts.default.email1": TEXT,
        "contacts.default.tax": Field("group"),
        "contacts.default.tax.group": Field("ref", target="tax/group"),
        "contacts.default.tax.group.id": TEXT,
        "contacts.default.tax.group.name": TEXT,
    }

    assert names(fields) == {"contacts.default.id", "contacts.default.email1", "contacts.default.tax.group.id"}


def test_a_field_set_at_creation_is_offered_where_that_can_work():
    fields = {
        "kind": Field("string", create_only=True),
        "makesBill": Field("boolean", create_only=True, write_only=True),
    }

    assert {mode: names(fields, mode) for mode in (ADDING, UPSERTING, UPDATING)} == {
        ADDING: {"kind", "makesBill"},
        UPSERTING: {"kind"},
        UPDATING: set(),
    }


def test_what_only_the_reference_calls_fixed_is_left_out_of_updates():
    fields = {"state": Field("enum", ("posted", "draft"))}
    assert names(fields, UPSERTING, chosen=ENTRY) == {"state"}
    assert names(fields, UPDATING, chosen=ENTRY) == set()


def test_the_id_that_finds_a_record_is_offered_where_records_are_changed():
    assert set(schema(mode=UPDATING)["properties"]) == {"key", "id", "name", "status"}
    assert set(schema(mode="soft_delete")["properties"]) == {"key", "id"}
    assert set(schema(mode=ADDING)["properties"]) == {"id", "name", "status"}


def test_required_is_what_a_new_record_needs():
    fields = {"vendor": Field("ref"), "vendor.id": TEXT, "vendor.key": TEXT, "createdDate": Field("date")}
    bill = offered(fields, chosen=BILL)
    assert [each["json_schema"]["required"] for each in bill.values()] == [["vendor.id", "createdDate"]] * 2 + [[]]


def test_beside_a_required_id_its_record_key_is_not_asked_for():
    fields = {"vendor": Field("ref"), "vendor.id": TEXT, "vendor.key": TEXT}
    assert names(fields, ADDING, chosen=BILL) == {"vendor.id"}
    assert names(fields, UPDATING, chosen=BILL) == {"vendor.id", "vendor.key"}


@pytest.mark.parametrize("unknown", ["is_open", "is_partial"])
def test_other_fields_may_be_named_only_where_not_all_are_known(unknown):
    model = Model(CUSTOMER.path, FIELDS)
    closed, opened = (
        [each["json_schema"]["additionalProperties"] for each in operations(WritableObject(CUSTOMER, model))]
        for model in (model, replace(model, **{unknown: True}))
    )
    assert closed == [False, False, False, False]
    assert opened == [True, True, True, False]


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


@pytest.mark.parametrize(
    ("chosen", "fields", "keys"),
    [
        (CUSTOMER, {}, [["key"], ["id"]]),
        (ENTRY, {"referenceNumber": TEXT}, [["key"]]),
        (
            OBJECT_TYPES["Invoice"],
            {"invoiceNumber": TEXT, "customer": Field("ref"), "customer.id": TEXT},
            [["key"], ["customer.id", "invoiceNumber"]],
        ),
        (OBJECT_TYPES["Invoice"], {"invoiceNumber": TEXT}, [["key"]]),
        (BILL, {"billNumber": TEXT, "vendor": Field("ref"), "vendor.id": TEXT}, [["key"], ["vendor.id", "billNumber"]]),
        (BILL, {"billNumber": TEXT}, [["key"]]),
        (object_at("platform-apps/nsp::a"), {}, [["key"]]),
        (object_at("company-config/department"), {}, [["key"], ["id"]]),
    ],
)
def test_records_are_found_by_their_key_or_by_what_is_unique(chosen, fields, keys):
    found = offered(fields, chosen=chosen)
    assert found[ADDING]["matching_keys"] == []
    assert found[UPSERTING]["matching_keys"] == found[UPDATING]["matching_keys"] == keys


def test_the_object_bears_the_name_that_the_configuration_knows_too():
    assert offered()[ADDING]["object_name"] == "Customer"
    assert offered(chosen=object_at("platform-apps/nsp::a"))[ADDING]["object_name"] == "platform-apps/nsp::a"


LINE = Model(
    "x/line",
    {
        "key": TEXT,
        "id": TEXT,
        "txnAmount": Field("amount"),
        "glAccount": Field("ref"),
        "glAccount.id": TEXT,
        "glAccount.key": TEXT,
        "total": Field("amount", read_only=True),
        "entries": Field("list", target="x/entry"),
        "tags": Field("list"),
    },
)


def test_lines_tell_their_fields_and_what_each_needs():
    lines = list_schema(LINE, LineRules(2, (("txnAmount",), ("glAccount", "accountLabel"))))
    assert set(lines["items"]["properties"]) == {"txnAmount", "glAccount.id", "glAccount.key", "entries", "tags"}
    assert lines["minItems"] == 2
    assert lines["items"]["required"] == ["txnAmount"]
    assert lines["items"]["allOf"] == [{"anyOf": [{"required": ["glAccount.id"]}, {"required": ["glAccount.key"]}]}]
    assert lines["items"]["properties"]["entries"]["items"] == {"type": "object"}
    assert lines["items"]["properties"]["tags"]["items"] == {}


def test_other_lists_need_nothing():
    assert set(list_schema(LINE, None)) == {"type", "items"}
    assert "required" not in list_schema(LINE, None)["items"]


def test_a_list_of_records_of_which_nothing_is_known_takes_any():
    assert list_schema(None, BILL.lines) == {"type": "array", "items": {"type": "object"}}


def test_the_lines_of_a_document_are_described_by_their_own_model():
    lines = schema({"lines": Field("list", target="x/line")}, chosen=BILL, line_models={"x/line": LINE})["properties"][
        "lines"
    ]
    assert lines["items"]["properties"].keys() >= {"txnAmount", "glAccount.id"}
    assert lines["minItems"] == 1
    assert lines["description"] == "An array of objects, or its JSON text. The names in them may be dotted or nested."

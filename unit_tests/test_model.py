import json
from pathlib import Path
from typing import get_args

import pytest
from fakes import CUSTOMER

from destination_sage_intacct.intacct import model as model_module
from destination_sage_intacct.intacct.model import Field, FieldType, Model, known_model, parse_model
from destination_sage_intacct.intacct.objects import OBJECT_TYPES

RECORDED = Path(__file__).resolve().parents[2] / "shared" / "data" / "sage" / "models"
TABLES = sorted((Path(model_module.__file__).parent / "known_fields").glob("*.txt"))
TYPES = get_args(FieldType)


def path_of(file):
    application, name = file.stem.removeprefix("model.").split(".", 1)
    return f"{application}/{name}"


def recorded(path):
    file = RECORDED / f"model.{path.replace('/', '.')}.json"
    if not file.is_file():
        pytest.skip(f"no recorded answer of the model service for {path} in shared/data/sage/models")
    model = parse_model(path, json.loads(file.read_text("utf-8")))
    assert model is not None
    return model


def answer(**result):
    return {"ia::result": {"fields": {}, "groups": {}, "refs": {}, "lists": []} | result, "ia::meta": {}}


def parsed(**result):
    model = parse_model(CUSTOMER, answer(**result))
    assert model is not None
    return model.fields


@pytest.mark.parametrize(
    ("entry", "field"),
    [
        ({"type": "string"}, Field("string")),
        ({"type": "boolean"}, Field("boolean")),
        ({"type": "integer"}, Field("integer")),
        ({"type": "number"}, Field("number")),
        ({"type": "array"}, Field("choices")),
        ({"type": "array", "enum": ["a", None, "b"]}, Field("choices", ("a", "b"))),
        ({"type": "string", "format": "date"}, Field("date")),
        ({"type": "string", "format": "date-time"}, Field("date-time")),
        ({"type": "string", "format": "decimal-precision-2"}, Field("amount")),
        ({"type": "string", "format": "outbound-binary"}, Field("string")),
        ({"type": "string", "format": "decimal-precision-10"}, Field("amount", decimals=10)),
        ({"type": "string", "format": "percent-precision-2"}, Field("amount")),
        ({"type": "string", "format": "email"}, Field("string")),
        ({"type": "number", "format": "decimal-precision-2"}, Field("number")),
        ({"type": "boolean", "enum": [True, False]}, Field("boolean")),
        ({"type": "something new"}, Field("any")),
        ({}, Field("string")),
        ({"type": "string", "enum": ["active", None, "inactive"]}, Field("enum", ("active", "inactive"))),
        ({"type": "string", "readOnly": True, "mutable": False}, Field("string", read_only=True)),
        ({"type": "string", "readOnly": False, "mutable": False}, Field("string", create_only=True)),
        ({"type": "string", "writeOnly": True, "mutable": True}, Field("string", write_only=True)),
        ({"type": "string", "required": True, "nullable": False, "default": "x"}, Field("string")),
    ],
)
def test_a_field_is_read(entry, field):
    assert parsed(fields={"name": entry}) == {"name": field}


def test_groups_refs_and_lists_are_fields_too():
    fields = parsed(
        fields={"id": {"type": "string"}},
        groups={
            "contacts": {
                "fields": {"note": {"type": "string"}},
                "refs": {"billTo": {"apiObject": "company-config/contact", "fields": {"email1": {"type": "string"}}}},
            }
        },
        refs={"nsp::r10007": {"apiObject": "company-config/class", "fields": {"key": {"type": "string"}}}},
        lists={"contactList": {"apiObject": "accounts-receivable/customer-contact"}},
    )

    assert fields == {
        "id": Field("string"),
        "contacts": Field("group"),
        "contacts.note": Field("string"),
        "contacts.billTo": Field("ref", target="company-config/contact"),
        "contacts.billTo.key": Field("string"),
        "contacts.billTo.id": Field("string"),
        "contacts.billTo.email1": Field("string"),
        "nsp::r10007": Field("ref", target="company-config/class"),
        "nsp::r10007.key": Field("string"),
        "contactList": Field("list", target="accounts-receivable/customer-contact"),
    }


@pytest.mark.parametrize("empty", [[], None, {}])
def test_what_an_object_does_not_have_comes_as_an_array_too(empty):
    assert parsed(lists=empty, groups=empty, refs=empty) == {}


def test_an_entry_that_is_no_object_is_passed_over():
    assert parsed(fields={"odd": "string", "name": {"type": "string"}}, refs={"odd": None}) == {"name": Field("string")}


@pytest.mark.parametrize(
    "payload",
    [
        {"ia::result": [], "ia::meta": {"totalCount": 0}},
        {"ia::result": {}},
        {"ia::result": {"fields": []}},
        {},
        None,
        [],
    ],
)
def test_an_object_that_the_service_does_not_know_has_no_model(payload):
    assert parse_model("platform-apps/nsp::x", payload) is None


def test_a_model_knows_whose_it_is_and_that_it_is_whole():
    model = parse_model(CUSTOMER, answer())
    assert model is not None
    assert (model.object_path, model.is_open, model.is_partial) == (CUSTOMER, False, False)


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("creditLimit", "creditLimit"),
        ("CREDITLIMIT", "creditLimit"),
        ("Contacts.Default.EMAIL1", "contacts.default.email1"),
        ("Name", "Name"),
        ("name", "name"),
        ("NAME", None),
        ("straße", "straße"),
        ("STRASSE", "straße"),
        ("missing", None),
        ("credit", None),
        ("", None),
    ],
)
def test_a_field_is_found_exactly_else_uniquely_without_regard_to_case(path, found):
    names = ("creditLimit", "contacts.default.email1", "name", "Name", "straße")
    model = Model(CUSTOMER, {name: Field("string") for name in names})
    assert model.find(path) == found


@pytest.mark.parametrize("label", OBJECT_TYPES)
def test_every_object_is_known_without_the_service(label):
    known = OBJECT_TYPES[label]
    model = known_model(known.path)
    assert model is not None
    assert not model.is_open
    assert model.is_partial
    assert [path for path in known.required if path not in model.fields] == []
    assert "id" in model.fields
    assert known.has_status == ("status" in model.fields)


def test_nothing_is_known_of_other_objects():
    assert known_model("platform-apps/nsp::subscription") is None
    assert known_model("no-such/object") is None


@pytest.mark.parametrize("table", TABLES, ids=path_of)
def test_every_line_of_a_table_is_a_field_of_a_known_type(table):
    lines = table.read_text("utf-8").splitlines()
    model = known_model(path_of(table))
    assert model is not None

    for line in lines:
        path, kind, *words = line.split()
        field = model.fields[path]
        flags = {word for word in words if word in {"read-only", "create-only", "write-only"}}
        facts = [word for word in words if word not in flags]
        assert kind in TYPES, line
        assert len(facts) in {"enum": {1}, "ref": {0, 1}, "list": {0, 1}}.get(kind, {0}), line
        assert field.type == kind
        assert "|".join(field.allowed) == (facts[0] if kind == "enum" else ""), line
        assert field.target == (facts[0] if facts and kind in {"ref", "list"} else ""), line
        assert {"read-only": field.read_only, "create-only": field.create_only, "write-only": field.write_only} == {
            flag: flag in flags for flag in ("read-only", "create-only", "write-only")
        }, line
    paths = [line.split()[0] for line in lines]
    assert paths == sorted(set(paths), key=lambda path: (path.casefold(), path))


@pytest.mark.parametrize("table", TABLES, ids=path_of)
def test_no_field_of_a_table_hangs_in_the_air(table):
    model = known_model(path_of(table))
    assert model is not None
    for path in model.fields:
        parent, _, _ = path.rpartition(".")
        assert not parent or model.fields[parent].type in {"ref", "list", "group"}, path


def test_a_ref_can_be_named_by_key_and_by_id():
    model = known_model(CUSTOMER)
    assert model is not None
    assert model.fields["term"] == Field("ref", target="accounts-receivable/term")
    assert {model.fields["term.key"], model.fields["term.id"]} == {Field("string")}


RECORDED_OBJECTS = [
    "accounts-receivable/customer",
    "accounts-payable/vendor",
    "accounts-receivable/invoice",
    "general-ledger/account",
]


@pytest.mark.parametrize("path", RECORDED_OBJECTS)
def test_what_is_known_and_may_be_written_agrees_with_the_recorded_models(path):
    live, known = recorded(path), known_model(path)
    assert known is not None

    for name, field in known.fields.items():
        told = live.fields.get(name)
        assert told is not None, f"{name} is not in the recorded model"
        assert (field.type, field.target) == (told.type, told.target), name
        # An enum may hold an empty value or null; the tables write both as an empty one.
        assert [each for each in field.allowed if each] == [each for each in told.allowed if each], name
        # The tables do not tell of the members of a ref whether they may be written.
        if not name.endswith((".key", ".id")):
            flags = (told.read_only, told.create_only, told.write_only)
            assert (field.read_only, field.create_only, field.write_only) == flags, name


@pytest.mark.parametrize("path", RECORDED_OBJECTS)
def test_no_field_that_could_be_written_is_unknown(path):
    live, known = recorded(path), known_model(path)
    assert known is not None

    missing = [
        name
        for name, field in live.fields.items()
        if name not in known.fields
        and not field.read_only
        and not name.startswith(("audit", "nsp::"))
        and not name.endswith("href")
    ]
    assert missing == []


def test_a_recorded_model_tells_what_the_guide_says():
    fields = recorded("accounts-receivable/customer").fields
    assert fields["status"] == Field("enum", ("active", "activeNonPosting", "inactive"))
    assert fields["id"].create_only
    assert fields["key"].read_only
    assert fields["term"] == Field("ref", target="accounts-receivable/term")
    assert fields["contactList"].type == "list"
    assert fields["contacts.default.mailingAddress.postCode"].type == "string"


OWNER = {"apiObject": "accounts-receivable/advance", "fields": {"key": {"type": "string", "readOnly": True}}}


@pytest.mark.parametrize(
    ("about", "ref"), [({"type": "ownedObject"}, OWNER), ({"type": "rootObject"}, OWNER | {"isOwner": True})]
)
def test_the_owner_can_be_named_where_what_it_owns_is_made_by_itself(about, ref):
    """The reference is marked read-only, and yet required of a new advance line (OpenAPI)."""
    other = OWNER | {"apiObject": "company-config/entity"}
    payload = {"ia::result": {"fields": {}, "refs": {"arAdvance": ref, "entity": other}, **about}}
    model = parse_model("accounts-receivable/advance-line", payload)

    assert model is not None
    assert [model.fields[name].read_only for name in ("arAdvance", "arAdvance.key", "entity")] == [True] * 3
    alone = model.by_itself().fields
    assert [alone[name].read_only for name in ("arAdvance", "arAdvance.key", "entity")] == [False, False, True]
    assert [alone[name].create_only for name in ("arAdvance", "arAdvance.key", "entity")] == [True, True, False]


def test_a_model_without_an_owner_is_the_same_by_itself():
    model = parse_model(CUSTOMER, answer())
    assert model is not None
    assert model.by_itself() is model


def test_the_id_of_a_reference_to_a_custom_object_is_its_key():
    fields = {
        "dimensions": Field("group"),
        "dimensions.nsp::travel": Field("ref", target="platform-apps/nsp::travel"),
        "dimensions.nsp::travel.key": Field("string"),
        "nsp::r1": Field("ref", target="company-config/class"),
        "nsp::r1.key": Field("string"),
        "nsp::r2": Field("ref", target="objects/platform-apps/nsp::b"),
        "nsp::r2.id": Field("string"),
        "nsp::r2.key": Field("string"),
    }
    model = Model(CUSTOMER, fields)

    assert model.find("dimensions.nsp::travel.id") == "dimensions.nsp::travel.key"
    assert model.find("nsp::r1.id") is None
    assert model.find("nsp::r2.id") == "nsp::r2.id"
    assert model.find("nsp::r3.id") is None

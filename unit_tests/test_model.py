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
RECORDED_OBJECTS = [CUSTOMER, "accounts-payable/vendor", "accounts-receivable/invoice", "general-ledger/account"]
OWNER = {"apiObject": "accounts-receivable/advance", "fields": {"key": {"type": "string", "readOnly": True}}}


def path_of(file):
    application, name = file.stem.removeprefix("model.").split(".", 1)
    return f"{application}/{name}"


def known(path):
    model = known_model(path)
    assert model is not None
    return model


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
        *(({"type": kind}, Field(kind)) for kind in ("string", "boolean", "integer", "number")),
        *(({"type": "string", "format": kind}, Field(kind)) for kind in ("date", "date-time")),
        *(({"type": "string", "format": kind}, Field("string")) for kind in ("outbound-binary", "email")),
        ({"type": "array"}, Field("choices")),
        ({"type": "array", "enum": ["a", None, "b"]}, Field("choices", ("a", "b"))),
        ({"type": "string", "format": "decimal-precision-2"}, Field("amount")),
        ({"type": "string", "format": "decimal-precision-10"}, Field("amount", decimals=10)),
        ({"type": "string", "format": "percent-precision-2"}, Field("amount")),
        ({"type": "number", "format": "decimal-precision-2"}, Field("number")),
        ({"type": "boolean", "enum": [True, False]}, Field("boolean")),
        *(({"type": "something new"}, Field("any")), ({}, Field("string"))),
        ({"type": "string", "enum": ["active", None, "inactive"]}, Field("enum", ("active", "inactive"))),
        ({"type": "string", "readOnly": True, "mutable": False}, Field("string", read_only=True)),
        ({"type": "string", "readOnly": False, "mutable": False}, Field("string", create_only=True)),
        ({"type": "string", "writeOnly": True, "mutable": True}, Field("string", write_only=True)),
        ({"type": "string", "required": True, "nullable": False, "default": "x"}, Field("string")),
    ],
)
def test_a_field_is_read(entry, field):
    # An entry that is no object is passed over.
    assert parsed(fields={"odd": "string", "name": entry}, refs={"odd": None}) == {"name": field}


def test_groups_refs_and_lists_are_fields_too():
    contact = {"apiObject": "company-config/contact", "fields": {"email1": {"type": "string"}}}
    fields = parsed(
        fields={"id": {"type": "string"}},
        groups={"contacts": {"fields": {"note": {"type": "string"}}, "refs": {"billTo": contact}}},
        refs={"nsp::r10007": {"apiObject": "company-config/class", "fields": {"key": {"type": "string"}}}},
        lists={"contactList": {"apiObject": "accounts-receivable/customer-contact"}},
    )
    texts = ["id", "contacts.note", "nsp::r10007.key", *(f"contacts.billTo.{name}" for name in ("key", "id", "email1"))]
    assert fields == dict.fromkeys(texts, Field("string")) | {
        "contacts": Field("group"),
        "contacts.billTo": Field("ref", target="company-config/contact"),
        "nsp::r10007": Field("ref", target="company-config/class"),
        "contactList": Field("list", target="accounts-receivable/customer-contact"),
    }


@pytest.mark.parametrize("payload", [{"ia::result": {}}, {"ia::result": {"fields": []}}, {}, None, []])
def test_an_object_that_the_service_does_not_know_has_no_model(payload):
    assert parse_model("platform-apps/nsp::x", payload) is None
    assert known_model("platform-apps/nsp::x") is None


def test_a_model_knows_whose_it_is_and_that_it_is_whole():
    for empty in ([], None, {}):  # what an object does not have comes as an array too
        model = parse_model(CUSTOMER, answer(lists=empty, groups=empty, refs=empty))
        assert model is not None
        assert (model.object_path, model.fields, model.is_open, model.is_partial) == (CUSTOMER, {}, False, False)
        assert model.by_itself() is model  # it has no owner


@pytest.mark.parametrize(
    ("named", "methods"),
    [
        ({"httpMethods": "OPTIONS,GET"}, {"OPTIONS", "GET"}),
        *((no, model_module.EVERY_METHOD) for no in ({}, {"httpMethods": None}, {"httpMethods": ["GET"]})),
    ],
)
def test_a_model_names_its_methods_or_all_may_work(named, methods):
    assert parse_model("x", {"ia::result": {"fields": {}, **named}}).methods == methods


def test_objects_are_listed_by_their_paths_with_what_they_take():
    customer = {"apiObject": f"objects/{CUSTOMER}", "httpMethods": "OPTIONS,GET,POST,DELETE,PATCH"}
    own = {"apiObject": "platform-apps/nsp::a", "httpMethods": "get, post"}
    assert model_module.parse_object_list({"ia::result": [customer, own]}) == (
        model_module.ListedObject(CUSTOMER, frozenset({"OPTIONS", "GET", "POST", "DELETE", "PATCH"})),
        model_module.ListedObject("platform-apps/nsp::a", frozenset({"GET", "POST"})),
    )
    for nothing in (None, [], {}, {"ia::result": {}}, {"ia::result": [None, "text", {}]}):
        assert model_module.parse_object_list(nothing) == ()


@pytest.mark.parametrize(
    ("path", "found"),
    [
        *((exact, exact) for exact in ("creditLimit", "name", "Name", "straße")),
        *(("CREDITLIMIT", "creditLimit"), ("Contacts.Default.EMAIL1", "contacts.default.email1")),
        ("STRASSE", "straße"),
        *((nobodys, None) for nobodys in ("NAME", "missing", "credit", "")),
    ],
)
def test_a_field_is_found_exactly_else_uniquely_without_regard_to_case(path, found):
    names = ("creditLimit", "contacts.default.email1", "name", "Name", "straße")
    assert Model(CUSTOMER, {name: Field("string") for name in names}).find(path) == found


@pytest.mark.parametrize("chosen", OBJECT_TYPES.values(), ids=OBJECT_TYPES)
def test_every_object_is_known_without_the_service(chosen):
    model = known(chosen.path)
    assert (model.is_open, model.is_partial) == (False, True)
    assert model.fields.keys() >= {"id", *chosen.required}
    assert chosen.has_status == ("status" in model.fields)


@pytest.mark.parametrize("table", TABLES, ids=path_of)
def test_every_line_of_a_table_is_a_field_of_a_known_type(table):
    lines = table.read_text("utf-8").splitlines()
    fields = known(path_of(table)).fields
    for line in lines:
        path, kind, *words = line.split()
        field = fields[path]
        flags = {word for word in words if word in {"read-only", "create-only", "write-only"}}
        facts = [word for word in words if word not in flags]
        assert kind in TYPES, line
        assert len(facts) in {"enum": {1}, "ref": {0, 1}, "list": {0, 1}}.get(kind, {0}), line
        assert field.type == kind
        assert "|".join(field.allowed) == (facts[0] if kind == "enum" else ""), line
        assert field.target == (facts[0] if facts and kind in {"ref", "list"} else ""), line
        is_set = {"read-only": field.read_only, "create-only": field.create_only, "write-only": field.write_only}
        assert {flag for flag in is_set if is_set[flag]} == flags, line
        parent, _, _ = path.rpartition(".")
        assert not parent or fields[parent].type in {"ref", "list", "group"}, path
    paths = [line.split()[0] for line in lines]
    assert paths == sorted(set(paths), key=lambda path: (path.casefold(), path))


@pytest.mark.parametrize("path", RECORDED_OBJECTS)
def test_what_is_known_and_may_be_written_agrees_with_the_recorded_models(path):
    live, fields = recorded(path).fields, known(path).fields
    for name, field in fields.items():
        shown = live.get(name)
        assert shown is not None, f"{name} is not in the recorded model"
        assert (field.type, field.target) == (shown.type, shown.target), name
        # An enum may hold an empty value or null; the tables write both as an empty one.
        assert [each for each in field.allowed if each] == [each for each in shown.allowed if each], name
        # The tables do not say of the members of a ref whether they may be written.
        if not name.endswith((".key", ".id")):
            flags = (shown.read_only, shown.create_only, shown.write_only)
            assert (field.read_only, field.create_only, field.write_only) == flags, name

    could_be_written = {name for name, field in live.items() if not field.read_only and not name.endswith("href")}
    assert {name for name in could_be_written - fields.keys() if not name.startswith(("audit", "nsp::"))} == set()


@pytest.mark.parametrize(("kind", "ref"), [("ownedObject", OWNER), ("rootObject", OWNER | {"isOwner": True})])
def test_the_owner_can_be_named_where_what_it_owns_is_made_by_itself(kind, ref):
    """The reference is marked read-only, and yet required of a new advance line (OpenAPI)."""
    other = OWNER | {"apiObject": "company-config/entity"}
    payload = {"ia::result": {"fields": {}, "refs": {"arAdvance": ref, "entity": other}, "type": kind}}
    model = parse_model("accounts-receivable/advance-line", payload)
    alone, names = model.by_itself().fields, ("arAdvance", "arAdvance.key", "entity")
    assert [model.fields[name].read_only for name in names] == [True] * 3
    assert [alone[name].read_only for name in names] == [False, False, True]
    assert [alone[name].create_only for name in names] == [True, True, False]


def test_the_id_of_a_reference_to_a_custom_object_is_its_key():
    targets = {
        "dimensions.nsp::travel": "platform-apps/nsp::travel",
        "nsp::r1": "company-config/class",
        "nsp::r2": "objects/platform-apps/nsp::b",
    }
    refs = {name: Field("ref", target=target) for name, target in targets.items()}
    keys = {f"{name}.key": Field("string") for name in targets}
    model = Model(CUSTOMER, {"dimensions": Field("group"), **refs, **keys, "nsp::r2.id": Field("string")})
    ids = ("dimensions.nsp::travel.id", "nsp::r1.id", "nsp::r2.id", "nsp::r3.id")
    assert [model.find(path) for path in ids] == ["dimensions.nsp::travel.key", None, "nsp::r2.id", None]

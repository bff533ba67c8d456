"""Fields of the company's own: declared by a test, shown by the model, checked, written and queried."""

import pytest

from emulator.documents import INVOICE
from emulator.emulator_rest import CUSTOMERS, INVOICES, VENDORS

MODEL = "/services/core/model?name="
SUBSCRIPTION = "platform-apps/nsp::subscription"
LINE = "accounts-receivable/invoice-line"
FIELDS = {
    "nsp::TEXT": {"type": "string"},
    "nsp::FLAG": {"type": "boolean"},
    "nsp::COUNT": {"type": "integer"},
    "nsp::RATE": {"type": "number"},
    "nsp::DAY": {"type": "string", "format": "date"},
    "nsp::AT": {"type": "string", "format": "date-time"},
    "nsp::SUM": {"type": "string", "format": "decimal-precision-2"},
    "nsp::ONE": {"type": "string", "enum": ["a", "b"]},
    "nsp::MANY": {"type": "array", "enum": ["a", "b"]},
    "nsp::MADE": {"type": "string", "readOnly": True},
}
VALUES = {
    "nsp::TEXT": "x",
    "nsp::FLAG": True,
    "nsp::COUNT": 3,
    "nsp::RATE": 1,
    "nsp::DAY": "2026-01-31",
    "nsp::AT": "2026-01-31T08:00:00Z",
    "nsp::SUM": "12.50",
    "nsp::ONE": "a",
    "nsp::MANY": ["b", "a"],
}


@pytest.mark.parametrize("path", ["accounts-receivable/customer", "projects/project", LINE, SUBSCRIPTION])
def test_declared_fields_are_in_the_model_in_the_words_of_the_declaration(rest, path):
    rest.emulator.declare_fields(path, FIELDS, {"nsp::r1": {"apiObject": "accounts-payable/vendor"}})
    model = rest.get(f"{MODEL}{path}").result
    for name, declared in FIELDS.items():
        assert declared.items() <= model["fields"][name].items()
    assert model["refs"]["nsp::r1"]["apiObject"] == "accounts-payable/vendor"


@pytest.mark.parametrize("path", [VENDORS, f"/objects/{SUBSCRIPTION}"])
def test_declared_fields_are_written_read_and_queried(rest, path):
    rest.emulator.declare_fields(path.removeprefix("/objects/"), FIELDS)
    key = rest.create(path, {"name": "N-1", **VALUES})
    shown = rest.get(f"{path}/{key}").result
    assert {name: shown[name] for name in FIELDS} == {**VALUES, "nsp::MADE": None}
    found = rest.query(path, "name", "nsp::SUM", filters=[{"$eq": {"name": "N-1"}}, {"$lt": {"nsp::SUM": "100"}}])
    assert found.result == [{"name": "N-1", "nsp::SUM": "12.50"}]
    assert rest.patch(f"{path}/{key}", {"nsp::COUNT": 4}).status == 200
    assert rest.get(f"{path}/{key}").result["nsp::COUNT"] == 4


@pytest.mark.parametrize("path", [VENDORS, f"/objects/{SUBSCRIPTION}"])
@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("nsp::TEXT", 5, "a string"),
        ("nsp::FLAG", "true", "true or false"),
        ("nsp::COUNT", "3", "an integer"),
        ("nsp::RATE", "1.5", "a number"),
        ("nsp::DAY", "31.1.2026", "a date such as 2026-01-31"),
        ("nsp::SUM", 12.5, "an amount as a string, such as '12.50'"),
        ("nsp::ONE", "c", "one of 'a', 'b'"),
        ("nsp::MANY", ["a", "c"], "a list of 'a', 'b'"),
        ("nsp::MANY", "a", "a list of 'a', 'b'"),
    ],
)
def test_a_declared_field_is_checked_by_its_type(rest, path, name, value, text):
    rest.emulator.declare_fields(path.removeprefix("/objects/"), FIELDS)
    reply = rest.post(path, {"name": "N", name: value})
    assert (reply.status, reply.details) == (400, [(f"/{name} must be {text}", f"/{name}")])


def test_a_line_has_custom_fields_too(rest):
    rest.emulator.declare_fields(LINE, {"nsp::COUNT": {"type": "integer"}})
    line = {**INVOICE["lines"][0], "nsp::COUNT": 3}
    key = rest.create(INVOICES, {**INVOICE, "lines": [line]})
    assert rest.get(f"{INVOICES}/{key}").result["lines"][0]["nsp::COUNT"] == 3
    refused = rest.post(INVOICES, {**INVOICE, "lines": [{**line, "nsp::COUNT": "3"}]})
    assert refused.details == [("/lines/0/nsp::COUNT must be an integer", "/lines/0/nsp::COUNT")]


def test_a_declared_reference_is_by_key_and_must_exist(rest):
    rest.emulator.declare_fields(SUBSCRIPTION, {}, {"nsp::r1": {"apiObject": "accounts-receivable/customer"}})
    path = f"/objects/{SUBSCRIPTION}"
    key = rest.create(path, {"nsp::r1": {"key": "101"}})
    assert rest.get(f"{path}/{key}").result["nsp::r1"] == {"key": "101"}
    assert rest.post(path, {"nsp::r1": {"key": "999"}}).details == [("Invalid Customer '999' specified.", "/nsp::r1")]
    assert rest.delete(f"{CUSTOMERS}/101").status == 422


def test_a_dimension_of_the_company_is_among_the_others_of_a_line_and_must_exist(rest):
    udd = "platform-apps/nsp::udd_test"
    rest.emulator.declare_fields(udd, {"nsp::CODE": {"type": "string"}})
    rest.emulator.declare_fields(LINE, {}, dimensions={"nsp::udd_test": {"apiObject": udd}})
    value = {"key": rest.create(f"/objects/{udd}", {"name": "Travel"})}
    model = rest.get(f"{MODEL}{LINE}").result["groups"]["dimensions"]["refs"]
    assert (model["nsp::udd_test"]["apiObject"], "location" in model) == (udd, True)
    line = INVOICE["lines"][0]
    lines = [{**line, "dimensions": {**line.get("dimensions", {}), "nsp::udd_test": value}}]
    key = rest.create(INVOICES, {**INVOICE, "lines": lines})
    assert rest.get(f"{INVOICES}/{key}").result["lines"][0]["dimensions"]["nsp::udd_test"] == value
    lines[0]["dimensions"]["nsp::udd_test"] = {"key": "999"}
    refused = rest.post(INVOICES, {**INVOICE, "lines": lines})
    assert refused.details == [("Invalid nsp::udd_test '999' specified.", "/lines/0/dimensions/nsp::udd_test")]


@pytest.mark.parametrize(
    ("flag", "status", "same"), [("refused", 400, True), ("ignored", 201, True), ("given", 201, False)]
)
@pytest.mark.parametrize("declared", [True, False])
def test_an_id_of_a_custom_object_is_its_key_unless_a_flag_says_otherwise(rest_with, flag, status, same, declared):
    rest = rest_with("--custom-object-id", flag)
    path = f"/objects/{SUBSCRIPTION}"
    if declared:
        rest.emulator.declare_fields(SUBSCRIPTION, {"nsp::CODE": {"type": "string"}})
    assert rest.post(path, {"id": "S-1", "name": "Gold"}).status == status
    rest.create(path, {"name": "Silver"})
    held = {record["name"]: record for record in rest.emulator.records(SUBSCRIPTION)}
    assert held.keys() == ({"Gold", "Silver"} if status == 201 else {"Silver"})
    assert held["Silver"]["id"] == held["Silver"]["key"]
    assert "Gold" not in held or (held["Gold"]["id"] == held["Gold"]["key"]) is same
    assert rest.get(f"{MODEL}{SUBSCRIPTION}").result["fields"]["id"]["readOnly"] is (flag == "refused")


def test_a_custom_object_takes_any_field_until_its_fields_are_declared(rest):
    path = f"/objects/{SUBSCRIPTION}"
    assert rest.post(path, {"name": "Gold", "nsp::ANY": 1}).status == 201
    rest.emulator.declare_fields(SUBSCRIPTION, {"nsp::SEATS": {"type": "integer"}, "plan": {"type": "string"}})
    reply = rest.post(path, {"name": "Gold", "nsp::SEATS": 5, "nsp::ANY": 1})
    assert reply.details == [("/nsp::ANY is not a valid field", "/nsp::ANY")]
    assert rest.get(f"{MODEL}{SUBSCRIPTION}").result["fields"].keys() == {
        "key",
        "id",
        "href",
        "name",
        "status",
        "nsp::SEATS",
        "plan",
    }


def test_a_reset_takes_declared_fields_away(rest):
    rest.emulator.declare_fields("accounts-payable/vendor", FIELDS)
    rest.emulator.reset()
    assert "nsp::FLAG" not in rest.get(f"{MODEL}accounts-payable/vendor").result["fields"]
    assert rest.post(VENDORS, {"id": "V-1", "name": "N", "nsp::FLAG": True}).status == 400


@pytest.mark.parametrize(
    ("path", "fields", "text"),
    [
        ("accounts-payable/nothing", {}, "There is no object accounts-payable/nothing"),
        ("accounts-payable/vendor", {"SIZE": {"type": "string"}}, "begins with nsp::"),
        ("accounts-payable/vendor", {"nsp::SIZE": {"type": "text"}}, "Invalid enum value 'text'"),
        ("accounts-payable/vendor", {"nsp::SIZE": {"kind": "string"}}, "unknown field `kind`"),
    ],
)
def test_a_declaration_that_cannot_be_understood_is_refused(rest, path, fields, text):
    with pytest.raises(RuntimeError, match=text):
        rest.emulator.declare_fields(path, fields)

"""The model service, and the schemas behind it, against what the live service answered."""

import json
from functools import cache
from pathlib import Path

import pytest

REFERENCE = Path(__file__).resolve().parents[3] / "shared" / "data" / "sage"
needs_reference = pytest.mark.skipif(
    not REFERENCE.is_dir(), reason="the recorded models lie in shared/data/sage beside the checkout, which is not there"
)
MODEL = "/services/core/model"
RECORDED = [
    "accounts-receivable/customer",
    "accounts-payable/vendor",
    "accounts-receivable/invoice",
    "general-ledger/account",
]
CUSTOM = {"nsp::REGION", "nsp::SCORE"}

# What every object has, but no tree repeats.
COMMON = {"key", "href", "webURL", "audit", "entity"}


@cache
def trees():
    return json.loads((REFERENCE / "object-trees.json").read_text("utf-8"))["objects"]


def without_custom(model):
    return {**model, "fields": {name: field for name, field in model["fields"].items() if name not in CUSTOM}}


@needs_reference
@pytest.mark.parametrize("name", RECORDED)
def test_the_model_is_the_recorded_one(rest, name):
    recorded = json.loads((REFERENCE / "models" / f"model.{name.replace('/', '.')}.json").read_text("utf-8"))
    expected = recorded["ia::result"]
    expected.pop("additionalQueryFilterParameters", None)  # of the vendor; for queries that nobody makes here
    expected.setdefault("groups", {})
    reply = rest.get(f"{MODEL}?name={name}")
    assert without_custom(reply.result) == expected
    assert reply.body["ia::meta"] == recorded["ia::meta"]


def members(model):
    return {name for part in ("fields", "groups", "refs", "lists") for name in model.get(part) or ()}


@needs_reference
@pytest.mark.parametrize(
    "name",
    [
        "accounts-payable/bill",
        "accounts-payable/bill-line",
        "accounts-receivable/invoice-line",
        "company-config/contact",
        "company-config/employee",
        "general-ledger/journal-entry",
        "general-ledger/journal-entry-line",
        "projects/project",
    ],
)
def test_the_model_has_every_field_of_the_openapi(rest, name):
    model = rest.get(f"{MODEL}?name={name}").result
    tree = trees()[name]["fields"]
    assert tree.keys() - members(model) <= COMMON
    for group in ("currency", "contacts", "mailingAddress", "tax", "dimensions", "budget", "ratesAndPricing", "ach"):
        if isinstance(tree.get(group), dict):
            assert tree[group].keys() <= members(model["groups"][group]), group


def test_an_unknown_name_is_answered_with_nothing(rest):
    reply = rest.get(f"{MODEL}?name=accounts-receivable/nothing")
    assert reply.status == 200
    assert reply.body == {"ia::result": [], "ia::meta": {"totalCount": 0, "totalSuccess": 0, "totalError": 0}}


def test_without_a_name_every_object_is_listed_custom_ones_included(rest):
    rest.get("/objects/platform-apps/nsp::subscription")
    listed = rest.get(MODEL).result
    paths = {item["apiObject"] for item in listed}
    assert {f"objects/{name}" for name in RECORDED} < paths
    assert "objects/platform-apps/nsp::subscription" in paths
    assert set(listed[0]) == {"apiObject", "type", "httpMethods", "href"}


def test_an_object_without_lists_answers_an_empty_array(rest):
    assert rest.get(f"{MODEL}?name=company-config/contact").result["lists"] == []


def test_the_reference_of_a_line_to_its_document_is_marked_and_no_other(rest):
    owned = [item["apiObject"] for item in rest.get(f"{MODEL}?type=ownedObject").result]
    for name in owned:
        refs = rest.get(f"{MODEL}?name={name}").result["refs"]
        owners = {ref["apiObject"] for ref in refs.values() if ref.get("isOwner")}
        assert owners == {name.removeprefix("objects/").removesuffix("-line")}
    assert "isOwner" not in rest.get(f"{MODEL}?name=accounts-payable/bill").text.decode()


def test_custom_fields_are_in_the_model(rest):
    fields = rest.get(f"{MODEL}?name=accounts-payable/vendor").result["fields"]
    assert (fields["nsp::REGION"]["type"], fields["nsp::SCORE"]["type"]) == ("string", "number")


def test_the_model_service_can_be_forbidden(rest_with):
    assert rest_with("--no-model").get(f"{MODEL}?name=general-ledger/account").status == 403

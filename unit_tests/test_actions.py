from decimal import Decimal

import pytest
from fakes import CUSTOMER, make_plan

from destination_sage_intacct.delivery.actions import Create, Reject, Update, decide_row
from destination_sage_intacct.intacct.model import Field, Model
from destination_sage_intacct.protocol.ledger import Outcome
from destination_sage_intacct.rows.values import Problem

ROW = {"name": "Starluck"}
BODY, ENCODED = {"name": "Starluck"}, b'{"name":"Starluck"}'
POST = Create(BODY, ENCODED)
PATCH = Update("34", BODY, ENCODED)
INACTIVE = Update("34", {"status": "inactive"}, b'{"status":"inactive"}')


def rejected(code, message, advice):
    return Reject(Problem(code, message, advice, "id"))


FILL = "Fill the column that is mapped to `id` with the record's key in Sage Intacct, or "
KEY_REQUIRED = rejected(
    "record_key_missing",
    "Record ID is required for update mode",
    f"{FILL}use the operation upsert, which creates rows that have none.",
)
NO_KEY_TO_DEACTIVATE, NO_KEY_TO_DELETE = (
    rejected(
        "record_key_missing",
        f"Record ID is required to {done}",
        f"{FILL}find records by fields that every row fills (`matching`; in data activation the matching key).",
    )
    for done in ("set a record to inactive", "delete a record")
)
NOT_A_KEY = rejected(
    "invalid_record_key",
    "The record key is not one of Sage Intacct's keys",
    "Map a column that holds the record's `key`, the number that Sage Intacct gave it, not its visible id.",
)
EMPTY = Problem(
    "empty_row",
    "The row has no value for any field",
    "Map at least the fields that the object requires, and check that the columns are filled.",
)
NO_KEY = (POST, KEY_REQUIRED, POST, NO_KEY_TO_DEACTIVATE)
BY_KEY = (Create(BODY, ENCODED, "34"), PATCH, PATCH, INACTIVE)


@pytest.mark.parametrize(("identity", "insert", "update", "upsert", "deactivate"), [
    *((empty, *NO_KEY) for empty in ({}, {"id": None}, {"id": ""}, {"id": "  "})),
    *(({"id": key}, *BY_KEY) for key in ("34", 34, Decimal("34.0"), " 34 ")),
    ({"id": "1,2"}, POST, NOT_A_KEY, NOT_A_KEY, NOT_A_KEY),
    ({"id": "34", "name": None}, Reject(EMPTY, "34"), Outcome.UNCHANGED, Outcome.UNCHANGED, INACTIVE),
    ({"name": None}, Reject(EMPTY), KEY_REQUIRED, Reject(EMPTY), NO_KEY_TO_DEACTIVATE),
])  # fmt: skip
def test_what_is_done_with_a_record_key_which_is_never_in_the_body(identity, insert, update, upsert, deactivate):
    decisions = {"insert": insert, "update": update, "upsert": upsert, "deactivate": deactivate}
    assert {operation: decide_row(make_plan(operation), ROW | identity) for operation in decisions} == decisions


def test_a_row_deleted_at_the_source_without_a_record_key_says_what_a_delete_needs():
    deleted = ROW | {"_ab_cdc_deleted_at": "2026-01-31"}
    assert decide_row(make_plan("upsert", on_source_delete="delete"), deleted) == NO_KEY_TO_DELETE


@pytest.mark.parametrize(
    ("operation", "row"), [("insert", {}), ("upsert", {}), ("upsert", {"id": "34"}), ("update", {"id": "34"})]
)
def test_a_text_that_cannot_arrive_unchanged_is_not_sent(operation, row):
    decision = decide_row(make_plan(operation), row | {"name": "a\0b"})
    assert isinstance(decision, Reject)
    assert (decision.problem.code, decision.problem.field, decision.key) == ("invalid_value", "name", row.get("id", ""))


@pytest.mark.parametrize(("nulls", "row", "body", "encoded"), [
    ("leave", {"name": "x", "taxId": None}, {"name": "x"}, b'{"name":"x"}'),
    ("clear", {"name": "x", "taxId": None}, {"name": "x", "taxId": None}, b'{"name":"x","taxId":null}'),
    ("clear", {"name": None}, {"name": None}, b'{"name":null}'),
])  # fmt: skip
def test_a_null_clears_its_field_only_if_that_is_wanted(nulls, row, body, encoded):
    assert decide_row(make_plan("update", null_values=nulls), {"id": "34"} | row) == Update("34", body, encoded)


def test_an_amount_goes_out_with_its_own_digits():
    model = Model(CUSTOMER, {"name": Field("string"), "limit": Field("number"), "due": Field("amount")})
    row = {"name": "x", "limit": Decimal("68400.00"), "due": Decimal("68400.10")}
    decision = decide_row(make_plan("insert", columns=tuple(row), model=model), row)
    assert isinstance(decision, Create)
    assert decision.encoded == b'{"due":"68400.10","limit":68400.00,"name":"x"}'

import pytest
from fakes import CUSTOMER, make_model, make_plan
from hypothesis import given
from hypothesis import strategies as st

from destination_sage_intacct import exact_json
from destination_sage_intacct.config import MatchByFields
from destination_sage_intacct.delivery.actions import Create, Find, Reject, Update, decide_found, decide_row
from destination_sage_intacct.intacct.model import Field, Model
from destination_sage_intacct.protocol.ledger import Outcome
from destination_sage_intacct.rows.values import Problem

NAMES = ("id", "name", "taxId", "status", "term.id", "contacts.default.email1", "contacts.default.city")
GROUPS = dict.fromkeys(("term", "contacts", "contacts.default"), Field("group"))
MODEL = Model(CUSTOMER, {**GROUPS, **make_model(*NAMES).fields})
COLUMNS = ("id", "name", "taxId", "term.id", "contacts.default.email1", "contacts.default.city")
ROW = {"id": "C-1", "name": "Starluck"}
ENCODED = b'{"id":"C-1","name":"Starluck"}'
ONE = [{"key": "34", "id": "C-1"}]
POST = Create(ROW, ENCODED)
PATCH = Update("34", {"name": "Starluck"}, b'{"name":"Starluck"}')
INACTIVE = Update("34", {"status": "inactive"}, b'{"status":"inactive"}')
NO_SUCH_RECORD = Problem(
    "no_such_record",
    "No record carries this natural key",
    "Correct the row, create the record first, or use the operation upsert, which creates missing ones.",
    "id",
)
OPERATIONS = ("insert", "update", "upsert", "deactivate")


def match(operation):
    return Find(("C-1",), ROW, ENCODED, operation)


def plan(operation="upsert", *fields, **settings):
    matching = MatchByFields(fields or ("id",))
    return make_plan(operation, COLUMNS, MODEL, matching=matching, **settings)


@pytest.mark.parametrize(
    ("operation", "found_none", "found_one"),
    [
        ("insert", POST, Outcome.SKIPPED),
        ("update", Reject(NO_SUCH_RECORD), PATCH),
        ("upsert", POST, PATCH),
        ("deactivate", Outcome.SKIPPED, INACTIVE),
    ],
)
def test_a_row_is_first_matched_and_then_done_as_its_operation_says(operation, found_none, found_one):
    assert decide_row(plan(operation), ROW) == match(operation)
    assert decide_found(plan(operation), match(operation), []) == found_none
    assert decide_found(plan(operation), match(operation), ONE) == found_one


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize(
    ("keys", "shown"),
    [
        (["34", 35], "2 records carry this natural key, with the record keys 34, 35"),
        (range(1, 8), "7 records carry this natural key, with the record keys 1, 2, 3, 4, 5 and more"),
    ],
)
def test_several_records_reject_the_row_and_are_named(operation, keys, shown):
    assert decide_found(plan(operation, "name", "taxId"), match(operation), [{"key": key} for key in keys]) == Reject(
        Problem(
            "ambiguous_natural_key",
            shown,
            "Merge or correct these records in Sage Intacct, or match by fields that only one record can share.",
            "name, taxId",
        )
    )


@pytest.mark.parametrize("operation", ["update", "upsert"])
def test_a_row_with_nothing_but_its_natural_key_changes_nothing_unless_a_null_clears(operation):
    match = decide_row(plan(operation), {"id": "C-1", "taxId": None})
    assert decide_found(plan(operation), match, ONE) == Outcome.UNCHANGED
    clearing = plan(operation, null_values="clear")
    match = decide_row(clearing, {"id": "C-1", "taxId": None})
    assert decide_found(clearing, match, ONE) == Update("34", {"taxId": None}, b'{"taxId":null}')


def test_the_natural_key_is_written_on_create_and_never_on_update():
    """Some fields, such as a customer's id, can be set only when the record is made."""
    row = {"name": "x", "term.id": "N30", "contacts.default.email1": "a@b.c", "contacts.default.city": "Oslo"}
    made = plan("upsert", "name", "term.id", "contacts.default.email1")
    match = decide_row(made, row)
    whole = {"name": "x", "term": {"id": "N30"}, "contacts": {"default": {"email1": "a@b.c", "city": "Oslo"}}}

    assert decide_found(made, match, []) == Create(whole, exact_json.encode_sorted(whole))
    rest = {"contacts": {"default": {"city": "Oslo"}}}
    assert decide_found(made, match, ONE) == Update("34", rest, exact_json.encode_sorted(rest))
    assert match.body == whole


@pytest.mark.parametrize("empty", [{}, {"id": None}, {"id": ""}, {"id": "  "}])
@pytest.mark.parametrize("nulls", ["leave", "clear"])
@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_row_without_its_natural_key_could_be_any_record(operation, nulls, empty):
    assert decide_row(plan(operation, null_values=nulls), {"name": "x"} | empty) == Reject(
        Problem(
            "natural_key_missing",
            "The row has no value for `id`, by which its record is found",
            "Fill the column that is mapped to `id`, or match by fields that every row has.",
            "id",
        )
    )


@pytest.mark.parametrize(("row", "field"), [({"id": ["C-1"], "name": "x"}, "id"), (ROW | {"taxId": "a\0b"}, "taxId")])
def test_what_is_no_single_value_or_cannot_arrive_unchanged_is_not_asked_for(row, field):
    decision = decide_row(plan(), row)
    assert isinstance(decision, Reject)
    assert (decision.problem.code, decision.problem.field) == ("invalid_value", field)


@given(
    st.sampled_from(OPERATIONS),
    st.dictionaries(st.sampled_from(COLUMNS), st.text(max_size=3), min_size=1),
    st.integers(0, 3),
)
def test_every_row_comes_to_a_decision_and_no_update_carries_its_natural_key(operation, row, count):
    made = plan(operation)
    match = decide_row(made, row)
    if isinstance(match, Reject):
        return
    assert isinstance(match, Find)
    decision = decide_found(made, match, [{"key": str(number)} for number in range(count)])

    assert (count > 1) == (isinstance(decision, Reject) and decision.problem.code == "ambiguous_natural_key")
    if isinstance(decision, Update):
        assert "id" not in decision.body
        assert exact_json.decode(decision.encoded) == decision.body

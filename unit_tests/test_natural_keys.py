import pytest
from fakes import CUSTOMER, make_config, make_model, make_plan
from hypothesis import given
from hypothesis import strategies as st

from destination_sage_intacct import exact_json
from destination_sage_intacct.config import ConfigError, FieldMapping, MatchByFields, MatchByRecordKey, StreamSettings
from destination_sage_intacct.delivery.actions import Create, Find, Reject, Update, decide_found, decide_row
from destination_sage_intacct.intacct.model import Field, Model
from destination_sage_intacct.plan.build import plan_stream, target_of
from destination_sage_intacct.protocol.catalog import ConfiguredStream
from destination_sage_intacct.protocol.ledger import Outcome
from destination_sage_intacct.protocol.messages import StreamKey
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
    "No record has this natural key",
    "Correct the row, create the record first, or use the operation upsert, which creates missing ones.",
    "id",
)
FILLED_ROWS = st.dictionaries(st.sampled_from(COLUMNS), st.text(max_size=3), min_size=1)
OPERATIONS = ("insert", "update", "upsert", "deactivate")
# What the plans of natural keys are made for.
CUSTOMERS = Model(
    CUSTOMER,
    dict.fromkeys(("id", "name", "contacts.default.email1", "term.id"), Field("string"))
    | {"contacts": Field("group"), "contacts.default": Field("group"), "term": Field("ref")}
    | {"contactList": Field("list"), "secret": Field("string", write_only=True)}
    | {"key": Field("string", read_only=True), "totalDue": Field("amount", read_only=True)},
)
OPEN = Model("platform-apps/nsp::x", is_open=True)
TASKS = {"object_type": "Custom object", "custom_object_path": "projects/task"}
NUMBER = FieldMapping("number", "key")
BY_NAME = StreamSettings("customers", matching=MatchByFields(("name",)))
ITSELF = "Sage Intacct sets it itself; to find records by their record key, set `matching.by` to `record_key`."
NOT_FILLED = (
    "Records of stream customers are to be found by `{0}`, but no column goes to that field. Name a column after it, "
    "map one with `streams[].field_mapping`, or choose other `matching.fields`."
)


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
def test_several_records_reject_the_row_and_are_named(operation):
    advice = "Merge or correct these records in Sage Intacct, or match by fields that only one record can share."
    for keys, shown in ((["34", 35], "34, 35"), (range(1, 8), "1, 2, 3, 4, 5 and more")):
        found = decide_found(plan(operation, "name", "taxId"), match(operation), [{"key": key} for key in keys])
        said = f"{len(keys)} records have this natural key, with the record keys {shown}"
        assert found == Reject(Problem("ambiguous_natural_key", said, advice, "name, taxId"))


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
    decision = decide_row(plan(operation, null_values=nulls), {"name": "x"} | empty)
    assert (decision.problem.code, decision.problem.field) == ("natural_key_missing", "id")


@pytest.mark.parametrize(("row", "field"), [({"id": ["C-1"], "name": "x"}, "id"), (ROW | {"taxId": "a\0b"}, "taxId")])
def test_what_is_no_single_value_or_cannot_arrive_unchanged_is_not_asked_for(row, field):
    decision = decide_row(plan(), row)
    assert isinstance(decision, Reject)
    assert (decision.problem.code, decision.problem.field) == ("invalid_value", field)


@given(st.sampled_from(OPERATIONS), FILLED_ROWS, st.integers(0, 3))
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


def planned(*fields, columns=("id", "name", "term.id"), model=CUSTOMERS, **settings):
    stream = ConfiguredStream(StreamKey(None, "customers"), "append_dedup", columns)
    config = make_config(matching=MatchByFields(fields), **settings)
    return plan_stream(target_of(stream, config), config, model)


def refusal(*fields, key="matching.fields", **given):
    """The text of the error that this planned is refused with, of the setting `key`."""
    with pytest.raises(ConfigError) as caught:
        planned(*fields, **given)
    assert caught.value.key == key
    return str(caught.value)


@pytest.mark.parametrize(
    ("fields", "columns", "settings", "natural_key"),
    [
        (("ID", "Term.id"), ("id", "name", "term.id"), {}, ("id", "term.id")),
        # Names of older pages are known.
        (("displayContact.email1",), ("displayContact.email1", "name"), {}, ("contacts.default.email1",)),
        # Where nothing is known of the object any field may exist.
        (("number",), ("number",), {"model": OPEN}, ("number",)),
        # A stream may have its own natural key.
        (("id",), ("id", "name"), {"streams": (BY_NAME,)}, ("name",)),
        # A column that holds the whole reference fills it too.
        *((("term.id",), (column,), {}, ("term.id",)) for column in ("term", "term.id", "term__id")),
        # One of Sage's own objects is found by its id.
        (("id",), ("id", "name"), TASKS | {"custom_object_path": "company-config/department"}, ("id",)),
        (("project.id", "id"), ("id", "project.id"), {"model": OPEN, **TASKS}, ("project.id", "id")),
    ],
)
def test_records_are_found_by_the_fields_as_the_api_spells_them(fields, columns, settings, natural_key):
    assert planned(*fields, columns=columns, **settings).natural_key == natural_key


def test_an_id_that_another_record_may_share_finds_nothing_alone():
    said = "records cannot be found by `id` without `project.id`: two records of projects/task may have the same id"
    assert refusal("id", columns=("id", "project.id"), **TASKS).startswith(f"Stream customers: {said}")


@pytest.mark.parametrize(
    ("field", "why"),
    [
        ("odd", "Customer has no such field."),
        ("nam", "Customer has no such field. Did you mean `name`?"),
        ("term", "it refers to another record; write `term.id`."),
        *((field, "Sage Intacct cannot search for it.") for field in ("contactList", "contacts", "secret")),
        *((field, ITSELF) for field in ("totalDue", "key")),
    ],
)
def test_a_field_by_which_nothing_can_be_found_is_refused(field, why):
    assert refusal("id", field) == f"Stream customers: records cannot be found by `{field}`: {why}"


@pytest.mark.parametrize("operation", ["insert", "update", "upsert"])
def test_each_field_must_be_filled_by_a_column(operation):
    assert refusal("id", "term.id", columns=("id", "name"), operation=operation) == NOT_FILLED.format("term.id")
    mapping = StreamSettings("customers", field_mapping=(FieldMapping("id", "name"),))
    assert refusal("id", streams=(mapping,), operation=operation) == NOT_FILLED.format("id")


@pytest.mark.parametrize("model", [CUSTOMERS, OPEN])
def test_no_column_is_the_record_key_nor_may_it_be_mapped_as_a_field(model):
    """Beside the key that addresses the record, a second one would stand in each item of a batch of updates."""
    made = planned("id", columns=("id", "key"), model=model)
    assert made.mapping.apply({"id": "C-1", "key": "34"}, keep_nulls=False) == (None, {"id": "C-1"})
    assert made.mapping.unsent == {"key": "read-only in Sage Intacct"}
    mapping = StreamSettings("customers", field_mapping=(FieldMapping("id", "id"), NUMBER))
    said = "Stream customers: Column `number` goes to `key`, which Sage Intacct sets itself. To find records by"
    assert refusal("id", key="streams", columns=("id", "number"), streams=(mapping,), model=model).startswith(said)


def test_a_mapping_to_the_record_key_by_which_records_are_found_is_what_it_is_for():
    mapping = (NUMBER, FieldMapping("name", "name"))
    own = StreamSettings("customers", matching=MatchByRecordKey("key"), field_mapping=mapping)
    made = planned("id", columns=("number", "name"), streams=(own,))
    assert made.natural_key == ()
    assert made.mapping.apply({"number": "34", "name": "x"}, keep_nulls=False) == ("34", {"name": "x"})


def test_unchanged_records_are_left_alone_unless_that_is_switched_off():
    assert planned("id").skip_unchanged
    assert not planned("id", skip_unchanged=False).skip_unchanged

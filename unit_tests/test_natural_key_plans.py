import pytest
from fakes import make_config

from destination_sage_intacct.config import ConfigError, FieldMapping, MatchByFields, MatchByRecordKey, StreamSettings
from destination_sage_intacct.intacct.model import Field, Model
from destination_sage_intacct.plan.build import plan_stream, target_of
from destination_sage_intacct.protocol.catalog import ConfiguredStream
from destination_sage_intacct.protocol.messages import StreamKey

STRING = Field("string")
MODEL = Model(
    "accounts-receivable/customer",
    {
        "key": Field("string", read_only=True),
        "id": STRING,
        "name": STRING,
        "contacts": Field("group"),
        "contacts.default": Field("group"),
        "contacts.default.email1": STRING,
        "term": Field("ref"),
        "term.id": STRING,
        "contactList": Field("list"),
        "secret": Field("string", write_only=True),
        "totalDue": Field("amount", read_only=True),
    },
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


def plan(*fields, columns=("id", "name", "term.id"), model=MODEL, **settings):
    stream = ConfiguredStream(StreamKey(None, "customers"), "append_dedup", columns)
    config = make_config(matching=MatchByFields(fields), **settings)
    return plan_stream(target_of(stream, config), config, model)


def refusal(*fields, key="matching.fields", **given):
    """The text of the error that this plan is refused with, of the setting `key`."""
    with pytest.raises(ConfigError) as caught:
        plan(*fields, **given)
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
    assert plan(*fields, columns=columns, **settings).natural_key == natural_key


def test_an_id_that_another_record_may_share_finds_nothing_alone():
    assert refusal("id", columns=("id", "project.id"), **TASKS) == (
        "Stream customers: records cannot be found by `id` without `project.id`: two records of projects/task may have "
        "the same id, each within its own project. Match by both, and map columns to both."
    )


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


def test_a_stream_without_a_schema_waits_for_its_first_row():
    made = plan("id", columns=())
    with pytest.raises(ConfigError) as caught:
        made.with_mapping(made.mapping.including(["name"]))
    assert str(caught.value) == NOT_FILLED.format("id")
    assert made.with_mapping(made.mapping.including(["id"])).natural_key == ("id",)


@pytest.mark.parametrize("model", [MODEL, OPEN])
def test_no_column_is_the_record_key_nor_may_it_be_mapped_as_a_field(model):
    """Beside the key that addresses the record, a second one would stand in each item of a batch of updates."""
    made = plan("id", columns=("id", "key"), model=model)
    assert made.mapping.apply({"id": "C-1", "key": "34"}, keep_nulls=False) == (None, {"id": "C-1"})
    assert made.mapping.unsent == {"key": "read-only in Sage Intacct"}
    mapping = StreamSettings("customers", field_mapping=(FieldMapping("id", "id"), NUMBER))
    assert refusal("id", key="streams", columns=("id", "number"), streams=(mapping,), model=model) == (
        "Stream customers: Column `number` goes to `key`, which Sage Intacct sets itself. To find records by their "
        'record key, set `matching` to {"by": "record_key", "field": "key"}; else do not map the column.'
    )


def test_a_mapping_to_the_record_key_by_which_records_are_found_is_what_it_is_for():
    mapping = (NUMBER, FieldMapping("name", "name"))
    own = StreamSettings("customers", matching=MatchByRecordKey("key"), field_mapping=mapping)
    made = plan("id", columns=("number", "name"), streams=(own,))
    assert made.natural_key == ()
    assert made.mapping.apply({"number": "34", "name": "x"}, keep_nulls=False) == ("34", {"name": "x"})


@pytest.mark.parametrize(("setting", "planned"), [({}, True), ({"skip_unchanged": False}, False)])
def test_unchanged_records_are_left_alone_unless_that_is_switched_off(setting, planned):
    assert plan("id", **setting).skip_unchanged is planned

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


def plan(*fields, columns=("id", "name", "term.id"), model=MODEL, **settings):
    stream = ConfiguredStream(StreamKey(None, "customers"), "append_dedup", columns)
    config = make_config(matching=MatchByFields(fields), **settings)
    return plan_stream(target_of(stream, config), config, model)


def refusal(*fields, **given):
    with pytest.raises(ConfigError) as caught:
        plan(*fields, **given)
    return caught.value


def test_records_are_found_by_the_fields_as_the_api_spells_them():
    assert plan("ID", "Term.id").natural_key == ("id", "term.id")


def test_names_of_older_pages_are_known():
    made = plan("displayContact.email1", columns=("displayContact.email1", "name"))

    assert made.natural_key == ("contacts.default.email1",)


def test_where_nothing_is_known_of_the_object_any_field_may_exist():
    assert plan("number", columns=("number",), model=OPEN).natural_key == ("number",)


def test_without_matching_by_fields_there_is_no_natural_key():
    stream = ConfiguredStream(StreamKey(None, "customers"), "append", ("name",))
    config = make_config()

    assert plan_stream(target_of(stream, config), config, MODEL).natural_key == ()


def test_a_stream_may_have_its_own_natural_key():
    own = StreamSettings("customers", matching=MatchByFields(("name",)))

    assert plan("id", streams=(own,)).natural_key == ("name",)


@pytest.mark.parametrize(
    ("field", "why"),
    [
        ("odd", "Customer has no such field"),
        ("term", "it refers to another record; write `term.id`"),
        ("contactList", "Sage Intacct cannot search for it"),
        ("contacts", "Sage Intacct cannot search for it"),
        ("secret", "Sage Intacct cannot search for it"),
        (
            "totalDue",
            "Sage Intacct sets it itself; to find records by their record key, set `matching.by` to `record_key`",
        ),
        ("key", "Sage Intacct sets it itself; to find records by their record key, set `matching.by` to `record_key`"),
    ],
)
def test_a_field_by_which_nothing_can_be_found_is_refused(field, why):
    error = refusal("id", field)

    assert str(error) == f"Stream customers: records cannot be found by `{field}`: {why}."
    assert error.key == "matching.fields"


NOT_FILLED = (
    "Records of stream customers are to be found by `{0}`, but no column goes to that field. Name a column after it, "
    "map one with `streams[].field_mapping`, or choose other `matching.fields`."
)


def test_each_field_must_be_filled_by_a_column():
    error = refusal("id", "term.id", columns=("id", "name"))

    assert str(error) == NOT_FILLED.format("term.id")
    assert error.key == "matching.fields"


@pytest.mark.parametrize("operation", ["insert", "update", "upsert"])
def test_also_in_a_configured_mapping(operation):
    mapping = StreamSettings("customers", field_mapping=(FieldMapping("id", "name"),))

    assert str(refusal("id", streams=(mapping,), operation=operation)) == NOT_FILLED.format("id")


@pytest.mark.parametrize("column", ["term", "term.id", "term__id"])
def test_a_column_that_holds_the_whole_reference_fills_it_too(column):
    assert plan("term.id", columns=(column,)).natural_key == ("term.id",)


def test_a_stream_without_a_schema_waits_for_its_first_row():
    made = plan("id", columns=())

    with pytest.raises(ConfigError) as caught:
        made.with_mapping(made.mapping.including(["name"]))
    assert str(caught.value) == NOT_FILLED.format("id")
    assert made.with_mapping(made.mapping.including(["id"])).natural_key == ("id",)


@pytest.mark.parametrize("model", [MODEL, OPEN])
def test_no_column_is_the_record_key(model):
    made = plan("id", columns=("id", "key"), model=model)

    assert made.mapping.apply({"id": "C-1", "key": "34"}, keep_nulls=False) == (None, {"id": "C-1"})
    assert made.mapping.unsent == {"key": "read-only in Sage Intacct"}


@pytest.mark.parametrize("model", [MODEL, OPEN])
def test_a_mapping_to_the_record_key_as_a_field_is_refused(model):
    """Beside the key that addresses the record, a second one would stand in each item of a batch of updates."""
    mapping = StreamSettings("customers", field_mapping=(FieldMapping("id", "id"), FieldMapping("number", "key")))

    error = refusal("id", columns=("id", "number"), streams=(mapping,), model=model)

    assert str(error) == (
        "Stream customers: Column `number` goes to `key`, which Sage Intacct sets itself. To find records by their "
        'record key, set `matching` to {"by": "record_key", "field": "key"}; else do not map the column.'
    )
    assert error.key == "streams"


def test_a_mapping_to_the_record_key_by_which_records_are_found_is_what_it_is_for():
    mapping = (FieldMapping("number", "key"), FieldMapping("name", "name"))
    own = StreamSettings("customers", matching=MatchByRecordKey("key"), field_mapping=mapping)
    made = plan("id", columns=("number", "name"), streams=(own,))

    assert made.mapping.apply({"number": "34", "name": "x"}, keep_nulls=False) == ("34", {"name": "x"})


@pytest.mark.parametrize(("setting", "planned"), [({}, True), ({"skip_unchanged": False}, False)])
def test_unchanged_records_are_left_alone_unless_that_is_switched_off(setting, planned):
    assert plan("id", **setting).skip_unchanged is planned


TASKS = {"object_type": "Custom object", "custom_object_path": "projects/task"}


def test_an_id_that_another_record_may_share_finds_nothing_alone():
    error = refusal("id", columns=("id", "project.id"), **TASKS)

    assert str(error) == (
        "Stream customers: records cannot be found by `id` without `project.id`: two records of projects/task may have "
        "the same id, each within its own project. Match by both, and map columns to both."
    )
    assert error.key == "matching.fields"


def test_with_what_it_is_unique_in_it_finds_the_record():
    made = plan("project.id", "id", columns=("id", "project.id"), model=OPEN, **TASKS)

    assert made.natural_key == ("project.id", "id")
    assert made.object.natural_keys == (("project.id", "id"),)

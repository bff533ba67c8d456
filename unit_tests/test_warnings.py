import pytest
from fakes import make_model, make_plan

from destination_sage_intacct.config import (
    ConfigError,
    FieldMapping,
    Lines,
    MatchByFields,
    MatchByRecordKey,
    StreamSettings,
)
from destination_sage_intacct.delivery.warnings import keyless_warning, stream_warnings
from destination_sage_intacct.intacct.model import Field, Model
from destination_sage_intacct.protocol.catalog import ConfiguredStream
from destination_sage_intacct.protocol.messages import StreamKey

STREAM = StreamKey(None, "customers")
BY_ID = MatchByFields(("id",))
DELETED_AT = "_ab_cdc_deleted_at"
NEVER_UPDATES = (
    "Stream customers: no column goes to `id`, the record key that finds records, so every row will create a record; "
    "none is updated. Map or name a column that holds the record key, or find records by other fields: set `matching` "
    'to {"by": "fields", "fields": [...]}.'
)
NOT_WRITTEN = (
    "Stream customers: column `{}` is taken as the record key and is not written, since an insert sends none. To write "
    'it as the `id` of the new record, set `matching` to {{"by": "fields", "fields": ["id"]}}.'
)


def plan(operation, *columns, primary_key=(("pk",),), **settings):
    mode = "soft_delete" if operation == "deactivate" else "append"
    stream = ConfiguredStream(STREAM, mode, columns, primary_key)
    return make_plan(operation, stream=stream, **settings)


def told(operation, *columns, **settings):
    return list(stream_warnings(plan(operation, *columns, **settings)))


def mapped(*pairs):
    return (StreamSettings("customers", field_mapping=tuple(FieldMapping(*pair) for pair in pairs)),)


def test_a_stream_that_is_written_as_one_would_think_has_no_notice():
    assert told("upsert", "id", "name") == []
    assert told("insert", "name") == []
    assert told("upsert", "id", "name", matching=BY_ID) == []


def test_an_upsert_that_can_never_update_says_so():
    assert told("upsert", "name") == [NEVER_UPDATES]
    assert told("upsert", "name", streams=mapped(("name", "name"))) == [NEVER_UPDATES]


def test_a_stream_without_a_schema_says_nothing_before_its_first_row():
    assert told("upsert") == []


def test_an_insert_says_that_its_id_is_not_written():
    assert told("insert", "ID", "name") == [NOT_WRITTEN.format("ID")]


@pytest.mark.parametrize(
    "model", [make_model("name", read_only=["id"]), Model("p", {"name": Field("string")}), make_model("name", "status")]
)
def test_an_id_that_no_record_takes_is_no_loss(model):
    assert told("insert", "id", "name", model=model) == []


def test_a_column_that_is_set_to_be_the_record_key_is_no_loss():
    assert told("insert", "key", "id", "name", matching=MatchByRecordKey("key")) == []


def test_a_key_column_that_is_dropped_says_how_to_find_records_by_it():
    model = make_model("id", "name", read_only=["key"])

    assert told("upsert", "id", "key", "name", model=model) == [
        (
            "Columns of stream customers that are not sent: key (read-only in Sage Intacct; to find records by it, set "
            "`matching.field` to `key`)."
        )
    ]


def test_a_column_that_is_nearly_a_field_says_which():
    assert told("upsert", "id", "name", "taxIdd") == [
        "Columns of stream customers that are not sent: taxIdd (no such field; did you mean `taxId`?)."
    ]


def test_only_streams_whose_rows_nothing_else_tells_apart_are_asked_for_a_primary_key():
    (notice,) = told("upsert", "id", "name", primary_key=())

    assert notice.startswith("Stream customers has no primary key")
    assert told("upsert", "id", "name", primary_key=(), matching=BY_ID) == []


def test_a_column_lines_beside_rows_that_are_lines_is_told_and_not_sent():
    model = Model("p", {"name": Field("string"), "id": Field("string"), "lines": Field("list")})
    streams = (StreamSettings("customers", lines=Lines(("no",), (FieldMapping("amount", "txnAmount"),))),)
    made = plan("upsert", "id", "no", "name", "amount", "lines", model=model, streams=streams)

    assert "lines" not in made.mapping.targets
    assert "lines (the lines are made from the rows, as `lines` of the stream says)" in next(stream_warnings(made))


def refusal(operation, *columns, **settings):
    with pytest.raises(ConfigError) as caught:
        plan(operation, *columns, **settings)
    return str(caught.value)


REMEDY = (
    "Map the column that holds it with `streams[].field_mapping`, name it with `matching.field`, or find records by "
    'other fields: set `matching` to {"by": "fields", "fields": [...]}.'
)


@pytest.mark.parametrize(
    ("operation", "columns", "settings", "asks"),
    [
        ("update", ("name",), {}, "updated"),
        ("deactivate", ("name",), {}, "set inactive"),
        ("upsert", ("name", DELETED_AT), {"on_source_delete": "delete"}, "deleted"),
        ("insert", ("name", DELETED_AT), {"on_source_delete": "deactivate"}, "set inactive"),
    ],
)
def test_a_stream_none_of_whose_rows_could_name_its_record_is_refused(operation, columns, settings, asks):
    assert refusal(operation, *columns, **settings) == (
        f"Stream customers: records are to be {asks} and to be found by their record key, but no column goes to `id`. "
        f"{REMEDY}"
    )


def test_a_stream_whose_rows_are_never_deleted_needs_no_record_key_for_that():
    assert plan("insert", "name", on_source_delete="delete").operation == "insert"
    assert plan("insert", "name", DELETED_AT).operation == "insert"


def test_where_the_catalog_tells_no_columns_the_rows_decide():
    assert plan("update").operation == "update"


@pytest.mark.parametrize("choice", ["delete", "deactivate"])
@pytest.mark.parametrize("streams", [(), mapped(("id", "id"))])
def test_rows_that_only_say_what_was_deleted_need_no_field(choice, streams):
    assert plan("upsert", "id", DELETED_AT, on_source_delete=choice, streams=streams).operation == "upsert"


def test_rows_without_a_field_and_without_a_deletion_have_nothing_to_write():
    told = "None of the columns of stream customers names a field"

    assert refusal("upsert", "id", DELETED_AT).startswith(told)
    assert refusal("upsert", "id", on_source_delete="delete").startswith(told)


@pytest.mark.parametrize("operation", ["insert", "upsert"])
def test_a_field_that_a_new_record_must_have_and_no_column_fills_is_told_with_the_nearest(operation):
    warnings = told(operation, "id", "nmae", matching=BY_ID)

    assert (
        "Stream customers: no column goes to `name`, which a new Customer must have, so rows that would create one are "
        "rejected. Did you mean `nmae`? Name a column after the field, or map one to it."
    ) in warnings


def test_what_is_only_updated_needs_no_such_column():
    assert not any("must have" in each for each in told("update", "id", "taxId", matching=BY_ID))


def test_rows_that_created_because_they_named_no_record_are_counted():
    assert keyless_warning(plan("upsert", "id", "name"), 2) == (
        "Stream customers: 2 rows had no record key in `id`, and each created a record. If the records may be there "
        'already, find them by other fields: set `matching` to {"by": "fields", "fields": [...]}.'
    )

import pytest
from fakes import make_model, make_plan

from destination_sage_intacct import config
from destination_sage_intacct.delivery.warnings import keyless_warning, stream_warnings
from destination_sage_intacct.intacct.model import Field, Model
from destination_sage_intacct.protocol.catalog import ConfiguredStream
from destination_sage_intacct.protocol.messages import StreamKey

STREAM = StreamKey(None, "customers")
BY_ID = config.MatchByFields(("id",))
DELETED_AT = "_ab_cdc_deleted_at"
NEVER_UPDATES = "Stream customers: no column goes to `id`, the record key that finds records, so every row will create"
NOT_WRITTEN = "Stream customers: column `ID` is taken as the record key and is not written, since an insert sends none."
NEAR = "Columns of stream customers that are not sent: taxIdd (no such field; did you mean `taxId`?)."
WITH_KEY = make_model("id", "name", read_only=["key"])
KEY_NOT_SENT = (
    "Columns of stream customers that are not sent: key (read-only in Sage Intacct; to find records by it, set "
    "`matching.field` to `key`)."
)


def plan(operation, *columns, primary_key=(("pk",),), **settings):
    mode = "soft_delete" if operation == "deactivate" else "append"
    return make_plan(operation, stream=ConfiguredStream(STREAM, mode, columns, primary_key), **settings)


def warnings(operation, *columns, **settings):
    return list(stream_warnings(plan(operation, *columns, **settings)))


def mapped(*pairs):
    return (config.StreamSettings("customers", field_mapping=tuple(config.FieldMapping(*pair) for pair in pairs)),)


@pytest.mark.parametrize(
    ("operation", "columns", "settings"),
    [
        ("upsert", ["id", "name"], {}),
        ("insert", ["name"], {}),
        ("upsert", ["id", "name"], {"matching": BY_ID}),
        ("upsert", ["id", "name"], {"matching": BY_ID, "primary_key": ()}),
        ("upsert", [], {}),  # without a schema nothing is said before the first row
        # An id that no record takes, and a column that is set to be the record key, are no loss.
        ("insert", ["id", "name"], {"model": make_model("name", read_only=["id"])}),
        ("insert", ["id", "name"], {"model": Model("p", {"name": Field("string")})}),
        ("insert", ["id", "name"], {"model": make_model("name", "status")}),
        ("insert", ["key", "id", "name"], {"matching": config.MatchByRecordKey("key")}),
        # What is only updated needs no field of a new record.
        ("update", ["id", "taxId"], {"matching": BY_ID}),
    ],
)
def test_a_stream_that_is_written_as_one_would_think_has_no_warning(operation, columns, settings):
    assert warnings(operation, *columns, **settings) == []


@pytest.mark.parametrize(
    ("operation", "columns", "settings", "warning"),
    [
        ("upsert", ["name"], {}, NEVER_UPDATES),
        ("upsert", ["name"], {"streams": mapped(("name", "name"))}, NEVER_UPDATES),
        ("insert", ["ID", "name"], {}, NOT_WRITTEN),
        ("upsert", ["id", "key", "name"], {"model": WITH_KEY}, KEY_NOT_SENT),
        ("upsert", ["id", "name", "taxIdd"], {}, NEAR),
        ("upsert", ["id", "name"], {"primary_key": ()}, "Stream customers has no primary key"),
    ],
)
def test_a_stream_of_which_something_is_not_written_or_not_distinguished_has_a_warning(
    operation, columns, settings, warning
):
    (given,) = warnings(operation, *columns, **settings)
    assert given.startswith(warning)


def test_a_column_lines_beside_rows_that_are_lines_is_named_and_not_sent():
    model = Model("p", {"name": Field("string"), "id": Field("string"), "lines": Field("list")})
    streams = (
        config.StreamSettings("customers", lines=config.Lines(("no",), (config.FieldMapping("amount", "txnAmount"),))),
    )
    made = plan("upsert", "id", "no", "name", "amount", "lines", model=model, streams=streams)
    assert "lines" not in made.mapping.targets
    assert "lines (the lines are made from the rows, as `lines` of the stream says)" in next(stream_warnings(made))


def refusal(operation, *columns, **settings):
    with pytest.raises(config.ConfigError) as caught:
        plan(operation, *columns, **settings)
    return str(caught.value)


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
    said = f"records are to be {asks} and to be found by their record key, but no column goes to `id`. Map the column"
    assert refusal(operation, *columns, **settings).startswith(f"Stream customers: {said}")


@pytest.mark.parametrize(
    ("operation", "columns", "settings"),
    [
        # Rows that only say what was deleted need no field.
        *(
            ("upsert", ["id", DELETED_AT], {"on_source_delete": choice, "streams": streams})
            for choice in ("delete", "deactivate")
            for streams in ((), mapped(("id", "id")))
        ),
        # A stream whose rows are never deleted needs no record key for that.
        ("insert", ["name"], {"on_source_delete": "delete"}),
        ("insert", ["name", DELETED_AT], {}),
        ("update", [], {}),  # without columns in the catalog the rows decide
    ],
)
def test_a_stream_that_can_be_written_is_planned(operation, columns, settings):
    assert plan(operation, *columns, **settings).operation == operation


def test_rows_without_a_field_and_without_a_deletion_have_nothing_to_write():
    no_field = "None of the columns of stream customers names a field"
    assert refusal("upsert", "id", DELETED_AT).startswith(no_field)
    assert refusal("upsert", "id", on_source_delete="delete").startswith(no_field)


@pytest.mark.parametrize("operation", ["insert", "upsert"])
def test_a_field_that_a_new_record_must_have_and_no_column_fills_is_named_with_the_nearest(operation):
    assert (
        "Stream customers: no column goes to `name`, which a new Customer must have, so rows that would create one are "
        "rejected. Did you mean `nmae`? Name a column after the field, or map one to it."
    ) in warnings(operation, "id", "nmae", matching=BY_ID)


def test_rows_that_created_because_they_named_no_record_are_counted():
    said = "Stream customers: 2 rows had no record key in `id`, and each created a record. If the records may be there"
    assert keyless_warning(plan("upsert", "id", "name"), 2).startswith(said)

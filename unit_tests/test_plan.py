"""A configured stream becomes a plan, or is refused before its first row."""

import pytest
from fakes import make_config, make_model

from destination_sage_intacct import config as config_module
from destination_sage_intacct.config import ConfigError, FieldMapping, MatchByFields, MatchByRecordKey, StreamSettings
from destination_sage_intacct.intacct.model import Field, Model, parse_model
from destination_sage_intacct.plan.build import configured_objects, configured_uses, plan_stream, target_of
from destination_sage_intacct.plan.columns import check_columns, missing_columns, named_columns
from destination_sage_intacct.protocol.catalog import ConfiguredStream
from destination_sage_intacct.protocol.messages import StreamKey

MODEL = make_model("id", "name", "status", "contacts.default.email1", read_only=["totalDue"])
STREAM = StreamKey("public", "customers")


def stream(mode="append", columns=("id", "name"), key=STREAM, **settings):
    return ConfiguredStream(key, mode, columns, **settings)


def plan(configured=None, model=MODEL, **settings):
    config = make_config(**settings)
    return plan_stream(target_of(configured or stream(), config), config, model)


def settings(**given):
    return StreamSettings(STREAM.name, **given)


def refusal(configured=None, key="streams", **given):
    """The text of the error that this plan is refused with, of the setting `key`."""
    with pytest.raises(ConfigError) as caught:
        plan(configured, **given)
    assert caught.value.key == key
    return str(caught.value)


def applied(made, **row):
    return made.mapping.apply(row, keep_nulls=False)


CUSTOM = {"object_type": "Custom object", "custom_object_path": "platform-apps/nsp::subscription"}


@pytest.mark.parametrize(
    ("mode", "operation"),
    [("append", "insert"), ("append_dedup", "upsert"), ("update", "update"), ("soft_delete", "deactivate")],
)
def test_the_mode_chosen_in_the_connection_decides(mode, operation):
    made = plan(stream(mode))
    assert (made.operation, made.refusal) == (operation, "")
    back = plan(stream(mode), operation="insert", streams=(settings(operation="auto"),))
    assert back.operation == operation  # a stream may go back to what its mode says


@pytest.mark.parametrize("mode", ["append", "append_dedup", "update", "soft_delete", "overwrite", "overwrite_dedup"])
@pytest.mark.parametrize("operation", ["insert", "update", "upsert"])
def test_a_configured_operation_comes_before_the_mode(mode, operation):
    assert plan(stream(mode), operation=operation).operation == operation
    assert plan(stream(mode), streams=(settings(operation=operation),)).operation == operation


@pytest.mark.parametrize("mode", ["overwrite", "overwrite_dedup"])
def test_a_mode_that_would_replace_what_is_there_takes_no_row(mode):
    """Not refused before a row comes: Airbyte clears data with such a mode and no rows."""
    said = f"Stream public.customers has the sync mode `{mode}`, which would replace what Sage Intacct holds; "
    assert plan(stream(mode)).refusal.startswith(said)
    assert plan(stream(mode), operation="upsert").refusal == ""


def test_a_mode_that_is_not_known_is_refused_as_such():
    said = "Stream public.customers has the sync mode `something new`, which this connector does not know. Choose "
    assert refusal(stream("something new"), "operation").startswith(said)


@pytest.mark.parametrize("label", ["Invoice", "Bill", "Journal Entry"])
def test_a_document_cannot_be_deactivated(label):
    said = f"Stream public.customers is set to soft delete, but {label} has no status that could be set to inactive."
    assert refusal(stream("soft_delete"), "operation", object_type=label).startswith(said)


@pytest.mark.parametrize("label", ["Customer", "Vendor", "Employee", "Contact", "Project", "GL Account"])
def test_every_other_object_can_be_deactivated_with_no_column_but_the_key(label):
    assert plan(stream("soft_delete", ("id",)), object_type=label).operation == "deactivate"


@pytest.mark.parametrize("name", ["id", "ID"])
def test_the_id_of_a_custom_object_is_its_record_key(name):
    path = CUSTOM["custom_object_path"]
    chosen = {"matching": MatchByFields((name,)), **CUSTOM}
    made = plan(stream("append_dedup", columns=(name, "name")), Model(path, is_open=True), **chosen)
    (use,) = configured_uses(make_config(**chosen))
    assert (made.object.path, made.natural_key, use.matching) == (path, (), MatchByRecordKey(name))
    assert applied(made, **{name: "34", "name": "N"}) == ("34", {"name": "N"})


def test_a_custom_object_is_not_given_an_id():
    made = plan(stream(), make_model("id", "name"), matching=MatchByFields(("name",)), **CUSTOM)
    assert applied(made, id="S-1", name="N") == (None, {"name": "N"})
    assert made.mapping.unsent_text() == "id (the record key, which Sage Intacct gives to a record of a custom object)"


def test_settings_of_a_namespace_refine_those_of_the_name_and_others_change_nothing():
    other = StreamSettings("vendors", object_type="Bill", operation="upsert")
    streams = (settings(operation="update"), settings(namespace="public", object_type="Vendor"), other)
    config = make_config(streams=streams)
    here, there = (target_of(stream(key=StreamKey(each, STREAM.name)), config) for each in ("public", "other"))
    assert (here.object.label, here.operation) == ("Vendor", "update")
    assert (there.object.label, there.operation) == ("Customer", "update")


def test_a_plan_holds_all_that_is_decided():
    primary_key = (("company",), ("nested", "id"))
    made = plan(stream(primary_key=primary_key, sync_id="42"), entity_id="100", null_values="clear")
    assert (made.stream, made.primary_key, made.sync_id, made.keep_nulls) == (STREAM, primary_key, "42", True)
    assert made.scope == ("acme", "100", "accounts-receivable/customer", "public", "customers")
    assert made.mapping.targets == {"id": (("id",),), "name": (("name",),)}
    bare = plan(stream(key=StreamKey(None, "customers")))
    assert (bare.scope, bare.keep_nulls) == (("acme", "", "accounts-receivable/customer", "", "customers"), False)


def test_a_configured_mapping_is_the_whole_mapping():
    pairs = (FieldMapping("name", "displayContact.email1"), FieldMapping("k", "id"))
    made = plan(stream(columns=("id", "name", "k")), streams=(settings(field_mapping=pairs),))
    assert applied(made, name="x", k="34", id="?") == ("34", {"contacts": {"default": {"email1": "x"}}})


@pytest.mark.parametrize(
    ("columns", "listed"),
    [
        (("id",), "only what finds records"),
        (("id", "odd"), "odd (no such field)"),
        (("odd", "totalDue", "_airbyte_id"), "odd (no such field), totalDue (read-only in Sage Intacct)"),
    ],
)
@pytest.mark.parametrize("mode", ["append", "append_dedup", "update"])
def test_a_stream_that_could_never_deliver_anything_is_refused(mode, columns, listed):
    assert refusal(stream(mode, columns)) == (
        "None of the columns of stream public.customers names a field of Customer, so nothing would be written. "
        f"Columns: {listed}. Name the columns after the fields, or map them with `streams[].field_mapping`."
    )


@pytest.mark.parametrize("columns", [(), ("_airbyte_id",)])
def test_a_stream_without_a_schema_waits_for_its_first_row(columns):
    made = plan(stream(columns=columns))
    with pytest.raises(ConfigError, match=r"^None of the columns of stream public.customers names a field"):
        made.with_mapping(made.mapping.including(["odd"]))
    later = made.with_mapping(made.mapping.including(["name"]))
    assert (later.mapping.targets, later.stream) == ({"name": (("name",),)}, made.stream)


def test_the_objects_of_a_configuration_are_named_once_each():
    labels = {"a": "Vendor", "b": None, "c": "Customer"}
    streams = [StreamSettings(name, object_type=label) for name, label in labels.items()]
    config = make_config(streams=(*streams, StreamSettings("d", **CUSTOM)))
    paths = ["accounts-receivable/customer", "accounts-payable/vendor", CUSTOM["custom_object_path"]]
    assert [each.path for each in configured_objects(config)] == paths
    assert configured_objects(make_config(object_type=None)) == ()


def test_what_belongs_to_another_record_names_it_when_it_is_made_by_itself():
    path = "accounts-receivable/advance-line"
    ref = {"apiObject": "accounts-receivable/advance", "fields": {"key": {"type": "string", "readOnly": True}}}
    fields = {"txnAmount": {"type": "string", "format": "decimal-precision-2"}, "isOpen": {"readOnly": True}}
    model = parse_model(path, {"ia::result": {"fields": fields, "refs": {"arAdvance": ref}, "type": "ownedObject"}})
    columns = ("arAdvance__key", "txnAmount", "isOpen")
    made = plan(stream(columns=columns), model, **CUSTOM | {"custom_object_path": path})

    row = {"arAdvance__key": 7, "txnAmount": "1.5", "isOpen": "x"}
    _, body = made.mapping.apply(row, keep_nulls=False, convert=made.convert)
    assert body == {"arAdvance": {"key": "7"}, "txnAmount": "1.5"}
    assert made.validate(body, True) is None
    assert made.create_only == {"arAdvance", "arAdvance.key"}


ENTRIES = StreamKey("public", "entries")
NAMED = {"Company": "entity_field", "number": "lines.group_by", "amount": "lines.fields", "text": "field_mapping"}
COLUMNS = tuple(NAMED)
GOOD = StreamSettings(
    "entries",
    entity_field="Company",
    lines=config_module.Lines(("number",), (FieldMapping("amount", "txnAmount"),)),
    field_mapping=(FieldMapping("text", "description"), FieldMapping("number", "referenceNumber")),
)


def entries(columns=COLUMNS):
    return ConfiguredStream(ENTRIES, "append", columns)


def lines_of(group_by="number", column="amount"):
    return config_module.Lines((group_by,), (FieldMapping(column, "txnAmount"),))


def test_columns_that_the_stream_has_are_taken():
    check_columns(entries(), GOOD)
    check_columns(entries(columns=()), GOOD)  # a catalog without columns proves nothing
    # A column of Airbyte's own may come without standing in the catalog.
    check_columns(entries(), StreamSettings("entries", field_mapping=(FieldMapping("_ab_cdc_updated_at", "x"),)))
    assert list(missing_columns(ENTRIES, NAMED, [*COLUMNS, "more"])) == []
    both = StreamSettings("entries", entity_field="number", lines=lines_of(), field_mapping=GOOD.field_mapping)
    assert named_columns(both)["number"] == "entity_field"  # of several settings the weightiest is named


@pytest.mark.parametrize(
    ("setting", "chosen", "column", "meant"),
    [
        ("entity_field", "company", "company", "Did you mean `Company`? "),
        ("entity_field", "subsidiary", "subsidiary", ""),
        ("lines.group_by", lines_of(group_by="numbre"), "numbre", "Did you mean `number`? "),
        ("lines.fields", lines_of(column="amont"), "amont", "Did you mean `amount`? "),
        ("field_mapping", (FieldMapping("txt", "description"),), "txt", "Did you mean `text`? "),
        ("field_mapping", (FieldMapping("text.a", "x"),), "text.a", "Did you mean `text`? "),
    ],
)
def test_a_column_that_the_stream_does_not_have_is_refused_with_the_nearest(setting, chosen, column, meant):
    with pytest.raises(ConfigError) as caught:
        check_columns(entries(), StreamSettings("entries", **{setting.partition(".")[0]: chosen}))
    said = f"`{setting}` names the column `{column}`, which the stream does not have. {meant}Correct the name, "
    assert str(caught.value).startswith(f"Stream public.entries: {said}")
    assert caught.value.key == "streams"


@pytest.mark.parametrize(
    ("column", "row", "effect"),
    [
        ("Company", ["Compny"], "Did you mean `Compny`? A row without the column is written in the configured entity."),
        ("number", ["amount"], "A row without the column is rejected."),
        ("amount", ["Company"], "A row without the column makes a line without the field."),
        ("text", ["Company"], "A row without the column leaves the field as it is."),
    ],
)
def test_a_column_that_a_first_row_lacks_is_warned_of_with_what_that_does(column, row, effect):
    (warning,) = missing_columns(ENTRIES, {column: NAMED[column]}, row)
    said = f"`{NAMED[column]}` names the column `{column}`, which its first row does not have. {effect}"
    assert warning == f"Stream public.entries: {said}"


def test_a_column_that_rows_have_in_another_case_is_refused():
    with pytest.raises(ConfigError, match="`entity_field` names the column `company`, but its rows have `COMPANY`"):
        list(missing_columns(ENTRIES, {"company": "entity_field"}, ["COMPANY"]))


PATH = "accounts-payable/bill"
STRING, READ_ONLY = Field("string"), Field("string", read_only=True)
FIELDS = dict.fromkeys(("id", "name", "creditLimit", "contacts.email1", "entity.id"), STRING) | {
    "totalDue": READ_ONLY,
    "contacts": Field("group"),
    "entity": Field("ref", read_only=True),
    "lines": Field("list", target="bill-line"),
}
BILL_MODEL = Model(PATH, FIELDS)
LINE_MODEL = Model("bill-line", {"txnAmount": STRING, "baseAmount": READ_ONLY})
OF_BILLS = "Sage Intacct's object accounts-payable/bill has no such field"
OF_LINES = "Sage Intacct's object bill-line has no such field"
OWN_FIELD = "Correct the field's name, or leave the field out; a custom field is named `nsp::NAME`."
SETS_ITSELF = "Sage Intacct sets this field of {} itself. Do not map a column to it."


def plan_of_bills(field="name", model=BILL_MODEL, line_field="txnAmount", **settings):
    lines = config_module.Lines(("no",), (FieldMapping("amount", line_field),))
    pairs = (FieldMapping("no", "id"), FieldMapping("text", field))
    own = StreamSettings("rows", lines=lines, field_mapping=pairs)
    config = make_config(object_type="Bill", streams=(own,), **settings)
    stream = ConfiguredStream(StreamKey(None, "rows"), "append_dedup", ("no", "text", "amount"))
    return plan_stream(target_of(stream, config), config, model, {"bill-line": LINE_MODEL})


def refusal_of_bills(*given, **settings):
    with pytest.raises(ConfigError) as caught:
        plan_of_bills(*given, **settings)
    return str(caught.value)


@pytest.mark.parametrize(
    ("column", "to", "why"),
    [
        ("text", "creditLimt", f"{OF_BILLS}. Did you mean `creditLimit`? {OWN_FIELD}"),
        ("text", "contacts.emial1", f"{OF_BILLS}. Did you mean `contacts.email1`? {OWN_FIELD}"),
        ("text", "zzz", f"{OF_BILLS}. {OWN_FIELD}"),
        *(("text", read_only, SETS_ITSELF.format(PATH)) for read_only in ("totalDue", "entity.id")),
        ("amount", "txnAmont", f"{OF_LINES}. Did you mean `txnAmount`? {OWN_FIELD}"),
        ("amount", "baseAmount", SETS_ITSELF.format("bill-line")),
    ],
)
@pytest.mark.parametrize("matching", [{}, {"matching": MatchByFields(("id",))}])
def test_a_column_that_no_row_could_deliver_is_refused_before_the_first_row(column, to, why, matching):
    given = {"field": to} if column == "text" else {"line_field": to}
    goes = f"`{to}`" if column == "text" else f"`{to}` of a line"
    assert refusal_of_bills(**given, **matching) == (
        f"Stream rows: column `{column}` goes to {goes}, but no row could deliver it: {why} Nothing was written."
    )


@pytest.mark.parametrize("field", ["name", "contacts", "contacts.email1", "name.part"])
def test_a_field_that_may_be_delivered_is_taken(field):
    assert plan_of_bills(field).mapping.fills(field)
    for name in ("txnAmount", "ia::operation"):  # fields of a line, and what names a line
        assert plan_of_bills(line_field=name).lines.mapping.fills(name)
    for doubt in ("is_open", "is_partial"):  # where not all fields are known, an unknown one is left to the server
        assert plan_of_bills("nsp::REGION", Model(PATH, FIELDS, **{doubt: True})).mapping.fills("nsp::REGION")

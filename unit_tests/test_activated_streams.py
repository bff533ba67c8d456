"""Streams of a data activation connection: what the mapping form decided, and what is left to the configuration."""

import pytest
from fakes import make_config, make_model

from destination_sage_intacct.config import (
    ConfigError,
    FieldMapping,
    Lines,
    MatchByFields,
    MatchByRecordKey,
    StreamSettings,
)
from destination_sage_intacct.delivery.actions import Create, Find, Update, decide_row
from destination_sage_intacct.delivery.warnings import stream_warnings
from destination_sage_intacct.intacct.model import Field, Model
from destination_sage_intacct.plan.activation import unused_settings
from destination_sage_intacct.plan.build import plan_stream, target_of
from destination_sage_intacct.protocol.catalog import ConfiguredStream
from destination_sage_intacct.protocol.messages import StreamKey

KEY = StreamKey("warehouse", "clients")
BILL_COLUMNS = ("vendor.id", "billNumber", "description")
LINES = {"lines": Field("list", target="accounts-payable/bill-line")}
BILL = Model("accounts-payable/bill", {**make_model(*BILL_COLUMNS, read_only=["key"]).fields, **LINES})
CUSTOMER = make_model("id", "name", "nsp::REGION", "a__b", read_only=["key", "totalDue"])


def stream(mode="append_dedup", columns=("id", "name"), primary_key=("id",), name="Customer", **settings):
    path = tuple((part,) for part in primary_key)
    return ConfiguredStream(KEY, mode, tuple(columns), primary_key=path, object_name=name, **settings)


def plan(configured, model=CUSTOMER, **settings):
    config = make_config(**settings)
    return plan_stream(target_of(configured, config), config, model)


def refusal(configured, model=CUSTOMER, **settings):
    with pytest.raises(ConfigError) as caught:
        plan(configured, model, **settings)
    return str(caught.value)


@pytest.mark.parametrize("name", ["customer", "Custom object", "accounts-receivable/customer", "platform-apps/"])
def test_an_object_that_discover_never_offers_is_refused(name):
    assert refusal(stream(name=name)) == (
        f"Stream warehouse.clients goes to the object {name}, which Sage Intacct does not have, or no longer has. "
        "Refresh the destination's fields in the connection, and choose the object again."
    )


@pytest.mark.parametrize(("mode", "operation"), [
    ("append", "insert"), ("append_dedup", "upsert"), ("update", "update"), ("soft_delete", "deactivate"),
])  # fmt: skip
@pytest.mark.parametrize("configured", ["auto", "insert", "update"])
def test_the_operation_is_the_forms_whatever_the_configuration_says(mode, operation, configured):
    entry = StreamSettings(KEY.name, operation=configured)
    assert plan(stream(mode), operation=configured, streams=(entry,)).operation == operation


@pytest.mark.parametrize("primary_key", [(), ("id",)])
@pytest.mark.parametrize("mode", ["overwrite", "overwrite_dedup"])
def test_a_mode_that_would_replace_all_records_takes_no_row(mode, primary_key):
    assert plan(stream(mode, primary_key=primary_key), operation="insert").refusal == (
        f"Stream warehouse.clients has the sync mode `{mode}`, which would replace what Sage Intacct holds; this "
        "connector never does that. Choose another insertion method for the stream in the connection."
    )


@pytest.mark.parametrize("matching", [MatchByRecordKey(), MatchByFields(("name",))])
def test_records_are_found_by_the_matching_key_that_was_chosen(matching):
    by_id = plan(stream(), matching=matching, streams=(StreamSettings(KEY.name, matching=matching),))
    in_parts = ConfiguredStream(KEY, "update", BILL_COLUMNS, (("vendor", "id"), ("billNumber",)), object_name="Bill")
    by_number = plan(stream(columns=BILL_COLUMNS, primary_key=("vendor.id", "billNumber"), name="Bill"), BILL)
    by_key = plan(stream(columns=("key", "id", "name"), primary_key=("key",)), matching=matching)
    of_older_form = plan(stream(name="platform-apps/nsp::subscription"), make_model("name", read_only=["key", "id"]))

    assert (by_id.natural_key, by_id.mapping.key_field) == (("id",), "")
    assert (of_older_form.natural_key, of_older_form.mapping.key_column) == ((), "id")
    assert by_number.natural_key == plan(in_parts, BILL).natural_key == ("vendor.id", "billNumber")
    assert (by_key.natural_key, by_key.mapping.key_column) == ((), "key")


def test_found_by_its_key_a_record_takes_its_own_id_as_a_field_and_found_by_fields_no_key_is_sent():
    row, body = {"key": "32", "id": "C-1", "name": "Starluck"}, {"id": "C-1", "name": "Starluck"}
    encoded = b'{"id":"C-1","name":"Starluck"}'
    by_key, by_id = plan(stream("update", row, ("key",))), plan(stream("update", row))

    assert decide_row(by_key, row) == Update("32", body, encoded)
    assert decide_row(by_id, row) == Find(("C-1",), body, encoded, "update")
    assert by_id.mapping.unsent == {"key": "records are found by fields, not by the record key"}


@pytest.mark.parametrize("primary_key", [(), ("id",), ("COLUMN_OF_THE_SOURCE",)])
def test_inserts_match_nothing_and_a_primary_key_distinguishes_rows(primary_key):
    made = plan(stream("append", primary_key=primary_key))
    assert made.natural_key == ()
    assert made.primary_key == tuple((part,) for part in primary_key)
    assert isinstance(decide_row(made, {"id": "C-1", "name": "Starluck"}), Create)


NO_KEY = "no matching key is set"
NO_COLUMN = "no column goes to `{}`, which belongs to its matching key"
BILL_KEYS = "`key`, or `vendor.id` with `billNumber`"
SHARED = "{} may be shared by several; what names one record is {}"


@pytest.mark.parametrize("mode", ["append_dedup", "update", "soft_delete"])
@pytest.mark.parametrize(("name", "primary_key", "columns", "why"), [
    ("Customer", (), ("id", "name"), NO_KEY),
    ("Customer", ("id",), ("name",), NO_COLUMN.format("id")),
    ("Customer", ("key",), ("name",), NO_COLUMN.format("key")),
    ("Customer", ("key", "id"), ("key", "id"), "the record key `key` names a record alone, not with other fields"),
    ("Customer", ("id", "name"), ("id", "name"), SHARED.format("`id` with `name`", "`key`, or `id`")),
    ("Bill", ("billNumber",), ("billNumber",), SHARED.format("`billNumber`", BILL_KEYS)),
    ("Journal Entry", ("id",), ("id",), SHARED.format("`id`", "`key`")),
])  # fmt: skip
def test_records_to_be_changed_need_a_matching_key_that_the_form_offers(mode, name, primary_key, columns, why):
    assert refusal(stream(mode, columns, primary_key, name)) == (
        f"Stream warehouse.clients is to change records of {name}, but {why}. Choose a matching key for the stream "
        "in the connection, and map columns to all of its fields."
    )


def test_columns_are_the_fields_names_exactly():
    made = plan(stream(columns=("id", "nsp::REGION", "a__b", "_airbyte_raw_id", "_ab_cdc_deleted_at")))
    assert made.mapping.targets == {"id": (("id",),), "nsp::REGION": (("nsp::REGION",),), "a__b": (("a__b",),)}
    assert made.mapping.unsent_text() == ""


def test_the_configuration_fills_the_rest():
    lines = Lines(("billNumber",), (FieldMapping("description", "memo"),))
    rest = {"null_values": "clear", "entity_id": "100", "lines_on_update": "ignore"}
    bills = stream("append_dedup", (*BILL_COLUMNS, "entity"), ("vendor.id", "billNumber"), "Bill")
    made = plan(bills, BILL, streams=(StreamSettings(KEY.name, entity_field="entity", lines=lines),), **rest)

    assert (made.entity, made.entity_field, made.keep_nulls, made.lines_on_update) == ("100", "entity", True, "ignore")
    assert made.lines is not None
    assert set(made.mapping.targets) == {"vendor.id", "billNumber"}


def test_what_an_entry_sets_and_the_form_decides_is_reported():
    entries = (
        StreamSettings("other", operation="insert"),
        StreamSettings(KEY.name, operation="insert", field_mapping=(FieldMapping("a", "name"),), entity_field="e"),
        StreamSettings(KEY.name, "elsewhere", operation="insert"),
        StreamSettings(KEY.name, KEY.namespace, matching=MatchByFields(("name",))),
        StreamSettings(KEY.name, entity_field="e"),
    )
    config = make_config(streams=entries)

    assert list(unused_settings(config, [ConfiguredStream(KEY, "append")])) == []  # not outside of data activation
    assert list(unused_settings(config, [stream()])) == [
        f"Stream warehouse.clients: {named} not used, since the connection's mapping decides on it. Remove it from the "
        "configuration, or change the mapping in the connection."
        for named in ("`operation`, `field_mapping` in `streams[1]` are", "`matching` in `streams[3]` is")
    ]


def test_a_stream_of_soft_deletes_never_deletes():
    deleted = {"id": "C-1", "_ab_cdc_deleted_at": "2026-01-01T00:00:00Z"}
    for setting, operation in (("ignore", None), ("deactivate", "deactivate"), ("delete", "deactivate")):
        made = plan(stream("soft_delete"), on_source_delete=setting)
        assert (made.operation_of(deleted), made.operation_of({"id": "C-1"})) == (operation, "deactivate")


@pytest.mark.parametrize(("mode", "primary_key", "warns"), [
    ("append", (), True), ("append_dedup", ("key",), True),
    ("append_dedup", ("id",), False), ("append", ("id",), False), ("update", ("key",), False),
])  # fmt: skip
def test_where_nothing_distinguishes_new_rows_a_warning_says_what_the_form_offers(mode, primary_key, warns):
    warning = (
        "New rows of stream warehouse.clients have no key of their own, so those that are equal in every value cannot "
        "be distinguished after a crash, nor from those of another sync within 48 hours: they would count as already "
        "created. If that may happen, map a column that differs in every row, or upsert by a key of fields."
    )
    assert list(stream_warnings(plan(stream(mode, ("name", *primary_key), primary_key)))) == [warning] * warns

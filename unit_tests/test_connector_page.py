"""The page for Airbyte's site says what the code does: its configurations, its examples of values, its tables."""

import json
import re

import pytest
from airbyte_protocol_dataclasses.models import DestinationSyncMode
from markdown_page import CONNECTOR_PAGE, SITE_PAGES, TOKENS_PAGE, blocks, codes, prose, section, tables

from destination_sage_intacct import exact_json
from destination_sage_intacct.config import load_spec, parse_config
from destination_sage_intacct.intacct.model import Field, Model, fallback_model
from destination_sage_intacct.intacct.objects import OBJECT_TYPES
from destination_sage_intacct.plan.build import plan_stream, target_of
from destination_sage_intacct.protocol.catalog import ConfiguredStream
from destination_sage_intacct.protocol.messages import StreamKey
from destination_sage_intacct.rows.conversion import convert
from destination_sage_intacct.rows.values import Problem

BLOCKS = [block for page in (CONNECTOR_PAGE, TOKENS_PAGE) for block in blocks(page)]
CONFIGURATIONS = [json.loads(block.text) for block in BLOCKS if block.language == "json"]
FIRST = CONFIGURATIONS[0]
SYNC_MODES = {
    "Full Refresh - Append": "append",
    "Full Refresh - Overwrite": "overwrite",
    "Full Refresh - Overwrite + Deduped": "overwrite_dedup",
    "Incremental Sync - Append": "append",
    "Incremental Sync - Append + Deduped": "append_dedup",
    "Update (data activation)": "update",
    "Soft delete (data activation)": "soft_delete",
}
KINDS = {
    "text": Field("string"), "whole number": Field("integer"), "number": Field("number"), "amount": Field("amount"),
    "true or false": Field("boolean"), "date": Field("date"), "date and time": Field("date-time"),
    "one of": Field("enum", ("active", "inactive")), "several of": Field("choices", ("gold", "silver")),
    "reference": Field("ref"), "reference.id": Field("string"), "reference.key": Field("string"),
    "group of fields": Field("group"), "group of fields.city": Field("string"), "list of records": Field("list"),
}  # fmt: skip
FIELDS = Model("company-config/contact", KINDS)


def exact(text: str) -> object:
    """Read JSON with exact numbers."""
    return exact_json.decode(text.encode())


def table(heading: str, number: int = 0) -> list[list[str]]:
    return list(tables(section(CONNECTOR_PAGE, heading)))[number]


@pytest.mark.parametrize("shown", CONFIGURATIONS, ids=lambda shown: next(iter(shown)))
def test_a_configuration_of_the_page_is_accepted(shown):
    """A part of one is taken into the first, which is whole; what has a stream is an entry of `streams`."""
    parse_config({**FIRST, **({"streams": [shown]} if "stream" in shown else shown)})


def test_the_settings_of_the_page_are_those_of_the_form_with_their_defaults():
    rows = table("Settings")
    defaults = {codes(names)[0]: codes(default) for names, default, _ in rows}
    needed = {"company_id", "credentials"}
    shown = {name: json.loads(default[0]) for name, default in defaults.items() if default}

    assert [name for names, _, _ in rows for name in codes(names)] == _in_form_order(rows)
    without_default = needed | {"entity_id", "object_type", "source_delete_column"}
    assert {name for name, default in defaults.items() if not default} == without_default
    bare = {name: FIRST[name] for name in (*needed, "object_type")}
    assert parse_config({**bare, **shown}) == parse_config(bare)


def _in_form_order(rows: list[list[str]]) -> list[str]:
    """Return the settings of the form in the page's order, with those that the page forgot at the end."""
    order = [name for names, _, _ in rows for name in codes(names)]
    known = load_spec()["connectionSpecification"]["properties"]
    return [name for name in order if name in known] + [name for name in known if name not in order]


def test_the_policies_of_the_page_are_accepted():
    policies = [json.loads(codes(policy)[0]) for policy, _ in table("Rejected rows")]
    assert [policy["policy"] for policy in policies] == ["report", "continue", "stop"]
    for policy in policies:
        parse_config({**FIRST, "rejected_rows": policy})


def test_the_objects_of_the_page_are_those_of_the_form_with_what_they_require():
    rows = table("Supported objects")
    labels = [codes(label)[0] for label, *_ in rows]

    assert labels == load_spec()["connectionSpecification"]["properties"]["object_type"]["enum"]
    for label, path, required, found_by in rows[:-1]:
        known = OBJECT_TYPES[codes(label)[0]]
        named = codes(required.partition(", and `id` unless")[0])
        assert (codes(path), tuple(named)) == ([known.path], known.required)
        assert (codes(found_by) == ["id"]) == known.unique_id
        if "unless numbered by Sage Intacct" in required:
            assert known.unique_id
            assert "id" not in known.required


@pytest.mark.parametrize("row", table("Data type map"), ids=lambda row: row[1])
def test_a_value_of_the_data_type_map_arrives_as_it_says(row):
    """The table shows JSON on both sides; what is refused shows no value."""
    _, field, sent, refused = row
    pairs = re.findall(r"`([^`]+)` → `([^`]+)`", sent)
    assert pairs
    assert [_sent(value, field) for value, _ in pairs] == [exact(arrived) for _, arrived in pairs]
    assert codes(refused)
    assert [value for value in codes(refused) if not isinstance(convert(exact(value), field, FIELDS), Problem)] == []


def _sent(value: str, field: str) -> object:
    """Return a value as it is in the body of a request."""
    return exact(exact_json.encode(convert(exact(value), field, FIELDS)).decode())


@pytest.mark.parametrize("row", table("Supported sync modes"), ids=lambda row: row[0])
def test_a_sync_mode_is_taken_if_the_page_says_so(row):
    mode, supported, _ = row
    stream = ConfiguredStream(StreamKey(None, "customers"), SYNC_MODES[mode])
    config = parse_config(FIRST)
    target = target_of(stream, config)
    planned = plan_stream(target, config, fallback_model(target.object.path))

    assert target.object.label == FIRST["object_type"]
    assert ("would replace what Sage Intacct holds" in planned.refusal) is (supported == "No")


def test_every_kind_of_field_and_every_sync_mode_of_airbyte_has_its_row():
    assert [field for _, field, _, _ in table("Data type map")] == [name for name in FIELDS.fields if "." not in name]
    assert [row[0] for row in table("Supported sync modes")] == list(SYNC_MODES)
    assert {mode.value for mode in DestinationSyncMode} <= set(SYNC_MODES.values())


@pytest.mark.parametrize("page", SITE_PAGES, ids=lambda page: page.stem)
def test_nothing_outside_of_code_would_be_taken_for_the_site_s_own_markup(page):
    """Airbyte's site reads pages as MDX, where a brace begins an expression and an angle bracket a component."""
    text = re.sub(r"</?(?:details|summary|FieldAnchor[^<>]*)>", "", prose(page.read_text("utf-8")))
    assert re.findall(r"[{}<].*", text) == []

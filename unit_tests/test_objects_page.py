"""docs/objects.md says what the code knows, and its examples are ready to use."""

import re

import pytest
from objects_page import Section, field_list, frame, named, sections

from destination_sage_intacct.config import load_spec, parse_config
from destination_sage_intacct.intacct.model import Model, known_model
from destination_sage_intacct.intacct.objects import CUSTOM_OBJECT, OBJECT_TYPES, object_at
from destination_sage_intacct.plan.build import plan_stream, target_of
from destination_sage_intacct.plan.stream_plan import StreamPlan
from destination_sage_intacct.protocol.catalog import ConfiguredStream
from destination_sage_intacct.protocol.messages import StreamKey
from destination_sage_intacct.rows.conversion import convert
from destination_sage_intacct.rows.paths import flatten
from destination_sage_intacct.rows.values import Problem

SECTIONS = sections()
each_section = pytest.mark.parametrize("section", SECTIONS.values(), ids=SECTIONS)
each_known = pytest.mark.parametrize("label", OBJECT_TYPES)


def lines_path(section: Section) -> str:
    """The path of the object's own lines, empty where it owns none."""
    model = known_model(section.path)
    return model.fields["lines"].target if model is not None and "lines" in model.fields else ""


def planned(section: Section) -> StreamPlan:
    """The plan of the example's stream, whose columns are those of its rows, with no model service to ask."""
    config = parse_config({**frame(), "streams": [section.entry]})
    columns = tuple(dict.fromkeys(column for row in section.rows for column in row))
    target = target_of(ConfiguredStream(StreamKey(None, section.entry["stream"]), "append_dedup", columns), config)
    model = known_model(target.object.path) or Model(target.object.path, is_open=True)
    lines = known_model(lines_path(section)) if lines_path(section) else None
    return plan_stream(target, config, model, {"lines": lines} if lines is not None else None)


def test_the_page_has_a_section_for_each_object_in_the_order_of_the_form():
    assert list(SECTIONS) == load_spec()["connectionSpecification"]["properties"]["object_type"]["enum"]
    assert [SECTIONS[label].path for label in OBJECT_TYPES] == [entry.path for entry in OBJECT_TYPES.values()]


@each_known
def test_what_is_required_on_create_is_what_the_code_knows(label):
    always, _, _ = SECTIONS[label].facts["Required on create"].partition(";")
    assert named(always) == OBJECT_TYPES[label].required


@each_known
def test_an_id_identifies_a_record_where_sage_intacct_keeps_it_unique(label):
    said = SECTIONS[label].facts["Identified by"]
    assert said.startswith("`id`, which Sage Intacct keeps unique" if OBJECT_TYPES[label].unique_id else "its record k")


@each_known
def test_it_is_said_whether_a_record_can_be_made_inactive(label):
    assert SECTIONS[label].facts["Status"].startswith("yes" if OBJECT_TYPES[label].has_status else "no")


@each_known
def test_the_older_names_are_those_that_the_code_understands(label):
    names = named(SECTIONS[label].facts.get("Older names", ""))
    known = [name for pair in OBJECT_TYPES[label].aliases.items() for name in pair if name]
    assert list(names) == known


@each_known
def test_the_fields_of_an_object_and_of_its_lines_are_those_that_the_code_knows(label):
    section = SECTIONS[label]
    paths = [path for path in (section.path, lines_path(section)) if path]
    assert list(section.fields) == [field_list(path) for path in paths]


@each_known
def test_what_a_line_needs_is_what_the_code_knows(label):
    said, _, about = SECTIONS[label].facts.get("Each line needs", "").partition(";")
    facts = OBJECT_TYPES[label].lines
    assert tuple(named(either) for either in said.split(", ") if either) == (facts.needs if facts else ())
    if facts is not None:
        assert re.findall(r"at least (\d+)", about) == [str(facts.least)]
        assert ("debits equal its credits" in about) == facts.must_balance


@each_section
def test_an_example_is_accepted_and_goes_to_its_object(section):
    plan = planned(section)
    assert section.entry["object_type"] == section.label
    custom_path = section.entry.get("custom_object_path", section.path)
    assert plan.object == object_at(custom_path)
    assert (section.label == CUSTOM_OBJECT) == (section.path == "")


@each_section
def test_every_column_of_an_example_is_used_and_every_column_used_is_there(section):
    plan = planned(section)
    used = {*plan.mapping.targets, plan.entity_field} - {""}
    if plan.lines is not None:
        used |= {*plan.lines.group_by, *plan.lines.mapping.targets}
    assert section.rows
    for row in section.rows:
        assert row.keys() == used


@each_section
def test_an_example_fills_what_a_create_and_the_matching_need(section):
    plan = planned(section)
    filled = [*plan.mapping.targets.values()]
    for name in (*plan.object.required, *plan.natural_key):
        of_rows = plan.lines is not None and name == "lines"
        part = tuple(name.split("."))
        assert of_rows or any(path[: len(part)] == part for paths in filled for path in paths), name


@each_section
def test_the_values_and_lines_of_an_example_are_those_that_their_fields_take(section):
    """Lines come in an array, or each row is one; what they need they have."""
    plan = planned(section)
    facts = plan.object.lines
    models = {model.object_path: model for model in plan.line_models.values()}
    rows = [plan.mapping.apply(row, keep_nulls=False)[1] for row in section.rows]
    if plan.lines is not None:
        lines = [plan.lines.mapping.apply(row, keep_nulls=False)[1] for row in section.rows]
        rows = [{**row, "lines": lines} for row in rows]

    for row in rows:
        body = {name: convert(value, name, plan.model, models) for name, value in row.items()}
        assert [value for value in body.values() if isinstance(value, Problem)] == []
        assert ("lines" in body) == (facts is not None)
        if facts is not None:
            assert len(body["lines"]) >= facts.least
            for line in body["lines"]:
                paths = set(flatten(line))
                assert all(any({name, f"{name}.id"} & paths for name in either) for either in facts.needs)

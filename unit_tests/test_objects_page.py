"""docs/objects.md says what the code knows, and its examples are ready to use."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from destination_sage_intacct.config import load_spec, parse_config
from destination_sage_intacct.intacct.model import Field, Model, known_model
from destination_sage_intacct.intacct.objects import CUSTOM_OBJECT, OBJECT_TYPES, object_at
from destination_sage_intacct.plan.build import plan_stream, target_of
from destination_sage_intacct.plan.stream_plan import StreamPlan
from destination_sage_intacct.protocol.catalog import ConfiguredStream
from destination_sage_intacct.protocol.messages import StreamKey
from destination_sage_intacct.rows.conversion import convert
from destination_sage_intacct.rows.paths import flatten
from destination_sage_intacct.rows.values import Problem

PAGE = Path(__file__).resolve().parents[1] / "docs" / "objects.md"
KINDS = {
    "string": "Text", "integer": "Whole number", "number": "Number", "amount": "Amount", "date": "Date",
    "date-time": "Date and time", "boolean": "True or false", "enum": "One of", "ref": "Reference",
    "list": "List of records", "group": "Object",
}  # fmt: skip
READ_ONLY = "Set by Sage Intacct"
# A list of all countries tells no more than its beginning.
MOST_VALUES = 20
JSON_BLOCK = re.compile(r"^```json\n(.*?)^```", re.MULTILINE | re.DOTALL)
BULLET = re.compile(r"^- \*\*(.+?)\*\*: (.+?)(?=\n-|\n\n|\Z)", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Section:
    """What the page says about one object. `fields` holds the list of the object and, of a document, that of a line."""

    label: str
    path: str
    facts: Mapping[str, str]
    entry: Mapping[str, Any]
    rows: tuple[Mapping[str, Any], ...]
    fields: tuple[Mapping[str, str], ...]


def frame() -> dict[str, Any]:
    """Return the configuration that all entries of the page go into."""
    whole: dict[str, Any] = json.loads(JSON_BLOCK.findall(PAGE.read_text("utf-8"))[0])
    return whole


def sections() -> dict[str, Section]:
    """Return the sections that are about an object: those with an entry of `streams` and its rows."""
    texts = re.split(r"^## ", PAGE.read_text("utf-8"), flags=re.MULTILINE)[1:]
    found = [_section(text) for text in texts if JSON_BLOCK.search(text)]
    return {section.label: section for section in found}


def _section(text: str) -> Section:
    about, *lists = re.split(r"^### .*\n", text, flags=re.MULTILINE)
    label, path = re.findall(r"\A(.+)\n\n(?:`(\S+)`\n)?", about)[0]
    entry, rows = (json.loads(block) for block in JSON_BLOCK.findall(about))
    return Section(label, path, bullets(about), entry, tuple(rows), tuple(bullets(part) for part in lists))


def bullets(text: str) -> dict[str, str]:
    """Return the points of a list by what stands in bold, each on one line."""
    return {name: " ".join(said.split()) for name, said in BULLET.findall(text)}


def named(text: str) -> tuple[str, ...]:
    """Return what stands in code type."""
    return tuple(re.findall(r"`([^`]+)`", text))


def field_list(object_path: str) -> dict[str, str]:
    """Return the points that the page should have about an object's fields: its kinds of values, and their fields."""
    model = known_model(object_path)
    assert model is not None
    create_only = object_at(object_path).create_only
    told: dict[str, list[str]] = {kind: [] for kind in (*KINDS.values(), READ_ONLY)}
    for path in sorted(model.fields, key=str.casefold):
        field = model.fields[path]
        if not _implied(path, model):
            field = replace(field, create_only=field.create_only or path in create_only)
            told[READ_ONLY if field.read_only else KINDS[field.type]].append(_told(path, field))
    return {kind: ", ".join(fields) for kind, fields in told.items() if fields}


def _implied(path: str, model: Model) -> bool:
    """Tell what is no entry of its own: a group by its fields, the id and key of a reference."""
    if model.fields[path].type == "group":
        return any(other.startswith(f"{path}.") for other in model.fields)
    parent, _, name = path.rpartition(".")
    return name in {"id", "key"} and parent in model.fields and model.fields[parent].type == "ref"


def _told(path: str, field: Field) -> str:
    if field.read_only:
        return f"`{path}`"
    values = [value for value in field.allowed if value]
    shown = ", ".join(values if len(values) <= MOST_VALUES else [*values[:3], "…"])
    flags = [("create only", field.create_only), ("write only", field.write_only)]
    notes = [note for note in (shown, field.target) if note] + [flag for flag, is_set in flags if is_set]
    return f"`{path}` ({'; '.join(notes)})" if notes else f"`{path}`"


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

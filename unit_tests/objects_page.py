"""docs/objects.md in parts, and what it should say about an object's fields."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from destination_sage_intacct.intacct.model import Field, Model, known_model
from destination_sage_intacct.intacct.objects import object_at

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

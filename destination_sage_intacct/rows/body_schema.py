"""The JSON Schema of a body: only what Sage Intacct is sure to refuse. Of a doubtful value it says nothing.

A schema that can fail carries what to say under `problem`, which JSON Schema takes for an annotation.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from destination_sage_intacct.intacct.model import Field, Model
from destination_sage_intacct.intacct.objects import LineFacts, ObjectType

Schema = dict[str, Any]

KEYED = ("key", "ia::operation")
"""What a line has that changes or deletes one of the record's own lines (Sage REST guide, owned objects)."""

_NOT_NULL: Schema = {"not": {"type": "null"}}
_OPEN = Model("", is_open=True)


def refusal(path: str, field: Field, create_only: Collection[str], *, creating: bool) -> str:
    """Return why a field cannot be written, `read_only_field` or `create_only_field`; an empty text if it can."""
    if field.read_only:
        return "read_only_field"
    return "create_only_field" if not creating and (field.create_only or path in create_only) else ""


def body_schema(object_type: ObjectType, model: Model, lines: Mapping[str, Model], *, creating: bool) -> Schema:
    """Return the schema of a body of this object for a create, or for an update.

    Args:
        object_type: what the model service does not tell.
        model: of the object; unknown fields are refused only if it is neither open nor partial.
        lines: models of the records in its lists, by their objects' paths.
        creating: whether the record is new.
    """
    facts = object_type.lines
    schema, nodes = _object_schema(model, object_type.create_only, creating=creating)
    for path, field in model.fields.items():
        node = nodes.get(path)
        if field.type == "list" and node is not None and "not" not in node:
            of_lines = facts if path == "lines" else None
            node |= _list_schema(lines.get(field.target, _OPEN), of_lines)
    if facts is not None and "lines" not in nodes:
        schema["properties"]["lines"] = _list_schema(_OPEN, facts)
    if creating:
        schema["allOf"] = [
            _present([path], model) | {"problem": "required_field_missing", "field": path}
            for path in object_type.required
        ]
    return schema


def _object_schema(model: Model, create_only: Collection[str], *, creating: bool) -> tuple[Schema, dict[str, Schema]]:
    """Return the schema of a model's fields, and by path the schema of each."""
    schema = _members_schema(model)
    nodes = {"": schema}
    for path, field in sorted(model.fields.items(), key=lambda item: item[0].count(".")):
        parent, _, name = path.rpartition(".")
        if "properties" not in nodes.get(parent, {}):
            continue
        node: Schema = {}
        problem = refusal(path, field, create_only, creating=creating)
        if problem:
            node = {"not": {}, "problem": problem}
        elif field.type in {"group", "ref"}:
            node = _members_schema(model)
        elif field.type == "enum" and field.allowed:
            node = {"enum": [*field.allowed, None]}
        nodes[path] = nodes[parent]["properties"][name] = node
    return schema, nodes


def _members_schema(model: Model) -> Schema:
    others: Schema = {} if model.is_open or model.is_partial else {"not": {}, "problem": "unknown_field"}
    return {"type": ["object", "null"], "properties": {}, "additionalProperties": others}


def _list_schema(model: Model, facts: LineFacts | None) -> Schema:
    # A line may be one of the record's own already, of which a change names just a part.
    line, _ = _object_schema(model, (), creating=True)
    line["properties"] |= {name: {} for name in KEYED}
    is_keyed: Schema = {"anyOf": [{"required": [name]} for name in KEYED]}
    if facts is None:
        return {"type": ["array", "null"], "items": line if model.fields else {}}
    needs = [
        _present(alternatives, model) | {"problem": "line_incomplete", "fields": list(alternatives)}
        for alternatives in facts.needs
    ]
    return {
        "type": ["array", "null"],
        "items": line | {"if": is_keyed, "else": {"allOf": needs}},
        "if": {"contains": is_keyed},
        "else": {"minItems": facts.least, "problem": "too_few_lines", "least": facts.least},
    }


def _present(paths: Sequence[str], model: Model) -> Schema:
    """Return a schema by which at least one of the paths holds a value, a ref its id or its key."""
    return {"anyOf": [_present_at(path.split("."), is_ref=_is_ref(path, model)) for path in paths]}


def _is_ref(path: str, model: Model) -> bool:
    return path in model.fields and model.fields[path].type == "ref"


def _present_at(names: Sequence[str], *, is_ref: bool) -> Schema:
    if names:
        inner = _present_at(names[1:], is_ref=is_ref)
        return {"type": "object", "required": [names[0]], "properties": {names[0]: inner}}
    return {"anyOf": [_present_at([name], is_ref=False) for name in ("id", "key")]} if is_ref else _NOT_NULL

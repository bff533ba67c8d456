"""The fields of an object as Airbyte's mapping form lists them: one flat JSON Schema, dotted names at its top level."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from destination_sage_intacct.intacct.model import Field, FieldType, Model
from destination_sage_intacct.intacct.objects import LineRules

Schema = dict[str, Any]

DRAFT = "http://json-schema.org/draft-07/schema#"

_TYPES: Mapping[FieldType, Schema] = {
    "string": {"type": "string"},
    "boolean": {"type": "boolean"},
    "integer": {"type": "integer"},
    "number": {"type": "number"},
    "amount": {"type": "number"},
    "date": {"type": "string", "format": "date"},
    "date-time": {"type": "string", "format": "date-time"},
    "enum": {"type": "string"},
    "choices": {"type": "array", "items": {"type": "string"}},
    "any": {},
}
_NAMING = ("id", "key")
# The one object whose records can be made and changed inside another one, as `contacts.default.email1`.
_CONTACT = "company-config/contact"

# The words of a field's name, and those that are displayed in another spelling.
_WORDS = re.compile(r"[A-Za-z][0-9]+|[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_SPELLED: dict[str, str] = {
    "ach": "ACH",
    "ap": "AP",
    "ar": "AR",
    "gl": "GL",
    "id": "ID",
    "iso": "ISO",
    "tpar": "TPAR",
    "txn": "transaction",
    "url": "URL",
    "wip": "WIP",
}
_NAMESPACE = "::"


def fields_schema(model: Model, fields: Mapping[str, Field], lists: Callable[[str, Field], Schema]) -> Schema:
    """Return the `properties` for these fields of a model.

    Args:
        model: the whole model, with what a reference leads to.
        fields: by dotted path, as `writable` chose them.
        lists: returns the schema of a list by its path and field.
    """
    return {path: _property(path, field, model, lists) for path, field in fields.items()}


def writable(model: Model, is_left_out: Callable[[str, Field], bool]) -> dict[str, Field]:
    """Return the fields that a column can fill, by dotted path in the model's order.

    Groups and references are flattened. Of a reference only the members that name its record count, and of a contact
    also its details. What Sage Intacct sets itself is left out, with all that is in it.
    """
    return {
        path: field
        for path, field in model.fields.items()
        if field.type not in {"group", "ref"}
        and not any(model.fields[each].read_only for each in (*_above(path, model), path))
        and all(_may_be_named(path, ref, model) for ref in _above(path, model))
        and not is_left_out(path, field)
    }


def list_schema(model: Model | None, facts: LineRules | None) -> Schema:
    """Return the schema of a list of owned records, with what each new one of them needs.

    Args:
        model: of the records; None if nothing is known of them.
        facts: what the lines of a document need; None for other lists.
    """
    if model is None:
        return {"type": "array", "items": {"type": "object"}}
    fields = writable(model, lambda path, _field: path in {"id", "key"})
    items: Schema = {"type": "object", "properties": fields_schema(model, fields, lambda _path, field: _inner(field))}
    if facts is None:
        return {"type": "array", "items": items}
    needed = [named for need in facts.needs if (named := _named(need, fields, model))]
    alone = [names[0] for names in needed if len(names) == 1]
    others = [{"anyOf": [{"required": [name]} for name in names]} for names in needed if len(names) > 1]
    items |= {"required": alone} if alone else {}
    items |= {"allOf": others} if others else {}
    return {"type": "array", "items": items, "minItems": facts.least}


def _property(path: str, field: Field, model: Model, lists: Callable[[str, Field], Schema]) -> Schema:
    schema = lists(path, field) if field.type == "list" else dict(_TYPES[field.type])
    if field.type == "enum" and field.allowed:
        schema["enum"] = list(field.allowed)
    if field.type == "choices" and field.allowed:
        schema["items"] = {"type": "string", "enum": list(field.allowed)}
    description = " ".join(_sentences(path, field, model))
    return schema | {"title": title(path)} | ({"description": description} if description else {})


def _sentences(path: str, field: Field, model: Model) -> Iterator[str]:
    parent, _, name = path.rpartition(".")
    ref = model.fields.get(parent)
    if ref is not None and ref.type == "ref" and name in _NAMING:
        what = "ID" if name == "id" else "record key"
        yield f"The {what} of a record of {ref.target}." if ref.target else f"The {what} of the record."
    elif field.type == "amount":
        yield f'At most {field.decimals} decimals. A text such as "1234.50" is taken too.'
    elif field.type == "list" and field.target:
        yield "An array of objects, or its JSON text. The names in them may be dotted or nested."
    if field.write_only:
        yield "Cannot be read back, so rows that fill it are written every time."
    if field.create_only:
        yield "Set when the record is created, and never changed."


def _inner(field: Field) -> Schema:
    """Return the schema of a list: of records of which nothing more is known, or of single values."""
    return {"type": "array", "items": {"type": "object"} if field.target else {}}


def _named(need: Sequence[str], fields: Mapping[str, Field], model: Model) -> list[str]:
    """Return the names of properties of which one is needed: of a reference those that name its record."""
    names: list[str] = []
    for path in need:
        is_ref = path in model.fields and model.fields[path].type == "ref"
        names += [f"{path}.{member}" for member in _NAMING] if is_ref else [path]
    return [name for name in names if name in fields]


def _above(path: str, model: Model) -> list[str]:
    parts = path.split(".")
    above = (".".join(parts[:depth]) for depth in range(1, len(parts)))
    return [each for each in above if each in model.fields]


def _may_be_named(path: str, above: str, model: Model) -> bool:
    held = model.fields[above]
    return held.type != "ref" or held.target == _CONTACT or path.removeprefix(f"{above}.") in _NAMING


def title(path: str) -> str:
    """Return a field's name as a person reads it: `billToContact.id` becomes `Bill to contact ID`.

    A custom field's own name stays as the company wrote it.
    """
    if path == "key":
        return "Record key"
    words = [word for name in path.split(".") for word in _words(name)]
    # `mailingAddress.addressLine1` repeats its group's last word.
    text = " ".join(word for word, before in zip(words, ["", *words], strict=False) if word != before)
    return text[:1].upper() + text[1:]


def _words(name: str) -> list[str]:
    _, is_custom, own = name.rpartition(_NAMESPACE)
    if is_custom:
        return own.replace("_", " ").split()
    return [_spelled(word) for word in _WORDS.findall(name)]


def _spelled(word: str) -> str:
    if word[-1].isdigit() and not word.isdigit():
        return word.upper()
    return _SPELLED.get(word.lower(), word if len(word) > 1 and word.isupper() else word.lower())

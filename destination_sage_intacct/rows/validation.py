"""What Sage Intacct is sure to reject, found before it is sent: the first problem of a body, and what to do.

A valid body is described once, as a JSON Schema. Whatever is doubtful is left to Sage Intacct: what only some companies
require, and where two sources differ.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from decimal import Context, Decimal
from functools import cache
from typing import TYPE_CHECKING, Any

import jsonschema_rs

from destination_sage_intacct.intacct.model import OPEN_MODEL, Field, Model
from destination_sage_intacct.intacct.objects import LineRules, ObjectType
from destination_sage_intacct.rows.suggestions import unknown_field
from destination_sage_intacct.rows.values import Problem, canonical_text, is_empty

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import ValidationError

Schema = dict[str, Any]
Validation = Callable[[Mapping[str, Any], bool], Problem | None]
"""Takes a body, and whether it makes a new record."""

KEYED = ("key", "ia::operation")
REQUIRED = "required_field_missing"
"""What a line has that changes or deletes one of the record's own lines (Sage REST guide, owned objects)."""

_NO_LINES: Mapping[str, Model] = {}
_NOT_NULL: Schema = {"not": {"type": "null"}}
# More digits than an amount and any number of lines can have, so that no sum is rounded.
_EXACT = Context(prec=400)
_UNBALANCED = Problem(
    "unbalanced",
    "The debits of the journal entry's lines are not equal to their credits",
    "Send all lines of the entry together, and correct the amounts or `txnType` in the warehouse.",
    "lines",
)


def compile_validation(
    object_type: ObjectType, model: Model, operation: str, lines: Mapping[str, Model] = _NO_LINES
) -> Validation:
    """Return the function that finds the first problem of a converted body, None if none is certain.

    The lines of a body are taken for all lines of the document, unless one of them has a `key` or an `ia::operation`.

    Args:
        object_type: what the model service does not report about the object.
        model: of the object. Unknown fields are rejected only if it is neither open nor partial.
        operation: `insert`, `update`, `upsert` or `deactivate`; decides what is compiled at once, not on first use.
        lines: models of the records in its lists, by their objects' paths.
    """
    expected = {"insert": (True,), "upsert": (True, False)}.get(operation, (False,))
    checks = {creating: _compile(object_type, model, lines, creating=creating) for creating in expected}

    def validate(body: Mapping[str, Any], creating: bool) -> Problem | None:
        if creating not in checks:
            checks[creating] = _compile(object_type, model, lines, creating=creating)
        return checks[creating](body)

    return validate


def _compile(
    object_type: ObjectType, model: Model, lines: Mapping[str, Model], *, creating: bool
) -> Callable[[Mapping[str, Any]], Problem | None]:
    schema = body_schema(object_type, model, lines, creating=creating)
    fast = jsonschema_rs.Draft202012Validator(schema)
    must_balance = creating and object_type.lines is not None and object_type.lines.must_balance

    @cache
    def explaining() -> "Draft202012Validator":
        from jsonschema import Draft202012Validator  # noqa: PLC0415 - it costs 8 MB, and time, that only errors need

        return Draft202012Validator(schema)

    def check(body: Mapping[str, Any]) -> Problem | None:
        if not _is_surely_valid(fast, body):  # jsonschema takes hundreds of times as long
            error = next(explaining().iter_errors(body), None)
            if error is not None:
                return _problem(error, model, lines)
        return imbalance(body) if must_balance else None

    return check


def _is_surely_valid(validator: jsonschema_rs.Draft202012Validator, body: Mapping[str, Any]) -> bool:
    try:
        return validator.is_valid(body)
    except ValueError:  # not UTF-8 (a lone surrogate), or deeper nesting than it supports; jsonschema takes both
        return False


def _problem(error: "ValidationError", model: Model, lines: Mapping[str, Model]) -> Problem:
    """Return what an error of the schema means to the person who must act. The row's values stay out."""
    facts: Mapping[str, Any] = error.schema if isinstance(error.schema, Mapping) else {}
    path, own_path, own_model = _locate(list(error.absolute_path), model, lines)
    match facts.get("problem"):
        case "unknown_field":
            return unknown_field(own_path, path, own_model)
        case "read_only_field":
            return read_only_field(path, own_model)
        case "create_only_field":
            return _create_only(path)
        case "required_field_missing":
            return _missing(facts["field"])
        case "line_incomplete":
            return _incomplete(path, facts["fields"])
        case "too_few_lines":
            return _too_few(path, len(error.instance) if isinstance(error.instance, list) else 0, facts["least"])
    return _not_allowed(path, facts.get("enum"))


def _locate(names: list[str | int], model: Model, lines: Mapping[str, Model]) -> tuple[str, str, Model]:
    """Return the path to show (`lines[2].memo`), the same path within its own model, and that model."""
    shown = own = ""
    for name in names:
        if isinstance(name, int):
            field = model.fields.get(own)
            model = lines.get(field.target if field else "", OPEN_MODEL)
            shown, own = f"{shown}[{name}]", ""
        else:
            shown, own = (f"{path}.{name}" if path else name for path in (shown, own))
    return shown, own, model


def read_only_field(path: str, model: Model) -> Problem:
    """Return the problem that Sage Intacct sets a field itself."""
    return Problem(
        "read_only_field",
        f"Sage Intacct sets this field of {model.object_path} itself",
        "Do not map a column to it.",
        path,
    )


def _create_only(path: str) -> Problem:
    return Problem(
        "create_only_field",
        "The field can be set only when the record is created, and the record exists already",
        "Do not map a column to it, find the records by it with `matching`, or set `operation` to insert.",
        path,
    )


def _missing(path: str) -> Problem:
    return Problem(
        "required_field_missing",
        "Sage Intacct requires the field of a new record, and the row has no value for it",
        f"Map a column to `{path}` that has a value in every row that creates a record.",
        path,
    )


def _incomplete(path: str, fields: list[str]) -> Problem:
    named = " or ".join(f"`{field}`" for field in fields)
    return Problem(
        "line_incomplete",
        f"The line has no {named}",
        f"Give every line a value for {named}.",
        f"{path}.{fields[0]}" if len(fields) == 1 else path,
    )


def _too_few(path: str, lines: int, least: int) -> Problem:
    return Problem(
        "too_few_lines",
        f"The document has {lines} line{'' if lines == 1 else 's'} and needs at least {least}",
        "Send all lines of a document together: as one list, or as rows that follow each other; rows that were deleted "
        "at the source are no lines of it.",
        path,
    )


def _not_allowed(path: str, allowed: list[str | None] | None) -> Problem:
    named = ", ".join(f"`{name}`" for name in allowed or () if name)
    return Problem(
        "invalid_value",
        f"The value is not one that the field allows{f': {named}' if named else ''}",
        "Translate the column's values in the warehouse, for example with CASE.",
        path,
    )


def body_schema(object_type: ObjectType, model: Model, lines: Mapping[str, Model], *, creating: bool) -> Schema:
    """Return the schema of a body of this object, for a create or for an update. Its arguments are `_compile`'s.

    A schema that can fail carries its reason under `problem`, which JSON Schema takes for an annotation.
    """
    facts = object_type.lines
    schema, nodes = _object_schema(model, object_type.create_only, creating=creating)
    for path, field in model.fields.items():
        node = nodes.get(path)
        if field.type == "list" and node is not None and "not" not in node:
            of_lines = facts if path == "lines" else None
            node |= _list_schema(lines.get(field.target, OPEN_MODEL), of_lines)
    if facts is not None and "lines" not in nodes:
        schema["properties"]["lines"] = _list_schema(OPEN_MODEL, facts)
    if creating and object_type.required:  # an empty `allOf` is no valid schema
        schema["allOf"] = [
            _present([path], model) | {"problem": REQUIRED, "field": path} for path in object_type.required
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
        problem = _why_read_only(path, field, create_only, creating=creating)
        if problem:
            node = {"not": {}, "problem": problem}
        elif field.type in {"group", "ref"}:
            node = _members_schema(model)
        elif field.type == "enum" and field.allowed:
            node = {"enum": [*field.allowed, None]}
        nodes[path] = nodes[parent]["properties"][name] = node
    return schema, nodes


def _why_read_only(path: str, field: Field, create_only: Collection[str], *, creating: bool) -> str:
    """Return the code of the problem that a field cannot be written; empty if it can."""
    if field.read_only:
        return "read_only_field"
    return "create_only_field" if not creating and (field.create_only or path in create_only) else ""


def _members_schema(model: Model) -> Schema:
    others: Schema = {} if model.is_open or model.is_partial else {"not": {}, "problem": "unknown_field"}
    return {"type": ["object", "null"], "properties": {}, "additionalProperties": others}


def _list_schema(model: Model, facts: LineRules | None) -> Schema:
    # A line with one of these changes one of the record's own, and names only the fields that change.
    line, _ = _object_schema(model, (), creating=True)
    line["properties"] |= {name: {} for name in KEYED}
    is_keyed: Schema = {"anyOf": [{"required": [name]} for name in KEYED]}
    if facts is None:
        return {"type": ["array", "null"], "items": line if model.fields else {}}
    needs = [
        _present(alternatives, model) | {"problem": "line_incomplete", "fields": list(alternatives)}
        for alternatives in facts.needs
    ]
    is_whole: Schema = {"allOf": needs} if needs else {}
    return {
        "type": ["array", "null"],
        "items": line | {"if": is_keyed, "else": is_whole},
        "if": {"contains": is_keyed},
        "else": {"minItems": facts.least, "problem": "too_few_lines", "least": facts.least},
    }


def _present(paths: Sequence[str], model: Model) -> Schema:
    """Return the schema that at least one of the paths holds a value; a ref, its id or its key."""
    return {"anyOf": [_present_at(path.split("."), is_ref=_is_ref(path, model)) for path in paths]}


def _is_ref(path: str, model: Model) -> bool:
    return path in model.fields and model.fields[path].type == "ref"


def _present_at(names: Sequence[str], *, is_ref: bool) -> Schema:
    if names:
        inner = _present_at(names[1:], is_ref=is_ref)
        return {"type": "object", "required": [names[0]], "properties": {names[0]: inner}}
    return {"anyOf": [_present_at([name], is_ref=False) for name in ("id", "key")]} if is_ref else _NOT_NULL


def imbalance(body: Mapping[str, Any]) -> Problem | None:
    """Return the problem that the lines of a new journal entry do not balance, None if they do or it is doubtful.

    Doubtful, and so left to Sage Intacct: an update, as the record may be a draft; a draft; lines that change the
    record's own; taxes, of the entry or of its lines; lines of several currencies or rates, which balance after
    conversion; an amount that is negative or not a number.
    """
    lines, is_draft, is_taxed = body.get("lines"), body.get("state") == "draft", not is_empty(body.get("tax"))
    if not isinstance(lines, list) or is_draft or is_taxed or not _are_comparable(lines):
        return None
    totals = {"debit": Decimal(0), "credit": Decimal(0)}
    for line in lines:
        amount = canonical_text(line.get("txnAmount"), "amount")
        side = line.get("txnType")
        if amount is None or amount.startswith("-") or not isinstance(side, str) or side not in totals:
            return None
        totals[side] = _EXACT.add(totals[side], Decimal(amount))
    return None if totals["debit"] == totals["credit"] else _UNBALANCED


def _are_comparable(lines: Sequence[Any]) -> bool:
    if not all(isinstance(line, Mapping) for line in lines) or not lines:
        return False
    currency = lines[0].get("currency")
    return not any(
        line.get("taxEntries") or line.get("currency") != currency or any(name in line for name in KEYED)
        for line in lines
    )

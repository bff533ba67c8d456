"""What Airbyte's form makes of a specification: a model of its rules.

Held against recorded outputs of Airbyte's own functions (airbyte-platform 310e6cb6: `setDefaultValues`,
`buildYupFormForJsonSchema`, `removeEmptyProperties`) in test_airbyte_form.py.
"""

from collections.abc import Iterator, Mapping
from typing import Any

Json = Any
Schema = Mapping[str, Any]

EMPTY = "form.empty.error"
_FILLED: Mapping[str, Json] = {"string": "x", "integer": 1, "number": 1, "boolean": True}


def tag_of(branch: Schema) -> tuple[str, Json]:
    """Return the constant that marks a branch of a choice."""
    for name, inner in branch["properties"].items():
        if "const" in inner:
            return name, inner["const"]
        if len(inner.get("enum", ())) == 1:
            return name, inner["enum"][0]
    raise ValueError(f"no constant marks this branch: {branch}")


def chosen(schema: Schema, value: Json) -> Schema:
    """Return the branch of a choice that a value names; the schema itself where there is no choice."""
    branches = schema.get("oneOf")
    if not branches:
        return schema
    return next((branch for branch in branches if value.get(tag_of(branch)[0]) == tag_of(branch)[1]), branches[0])


def untouched(schema: Schema) -> Json:
    """Return what a new form, or a new entry of a list, holds before anyone has typed; None for nothing."""
    if "const" in schema:
        return schema["const"]
    if "oneOf" in schema:
        branches = schema["oneOf"]
        first = next((each for each in branches if tag_of(each)[1] == schema.get("default")), branches[0])
        return untouched({"type": "object", **first, "oneOf": ()} if "oneOf" in first else {"type": "object", **first})
    if schema.get("type") == "object":
        members, required = schema.get("properties", {}), schema.get("required", ())
        held = {name: untouched(inner) for name, inner in members.items()}
        needed = {name: [] for name, inner in members.items() if name in required and is_list_of_objects(inner)}
        return {name: value for name, value in held.items() if value is not None} | needed
    return schema.get("default")


def is_list_of_objects(schema: Schema) -> bool:
    return schema.get("type") == "array" and schema.get("items", {}).get("type") == "object"


def filled(schema: Schema, value: Mapping[str, Json], *, wants: bool = True) -> dict[str, Json]:
    """Return what the form holds once its required texts, numbers and choices of one value are filled."""
    branch = chosen(schema, value)
    result = dict(value)
    for name, inner in branch.get("properties", {}).items():
        is_required = name in branch.get("required", ())
        if isinstance(value.get(name), dict):
            result[name] = filled(inner, value[name], wants="oneOf" in inner or is_required)
        elif is_required and wants and name not in value and inner.get("type") in _FILLED:
            result[name] = inner["enum"][0] if "enum" in inner else _FILLED[inner["type"]]
    return result


def errors(schema: Schema, value: Mapping[str, Json], path: str = "") -> Iterator[tuple[str, str]]:
    """Yield what keeps the form from being saved: the path and the error.

    Required members of an object are demanded also of an optional one that nobody has touched.
    """
    branch = chosen(schema, value)
    for name, inner in branch.get("properties", {}).items():
        place = f"{path}.{name}" if path else name
        held = value.get(name)
        if inner.get("type") == "object" or "oneOf" in inner:
            yield from errors(inner, held or {}, place)
        elif name in branch.get("required", ()) and (held is None or held == ""):
            yield place, EMPTY
        elif isinstance(held, list) and is_list_of_objects(inner):
            for number, entry in enumerate(held):
                yield from errors(inner["items"], entry, f"{place}[{number}]")


def sent(schema: Schema, value: Mapping[str, Json]) -> dict[str, Json]:
    """Return what is saved: without empty texts, and without what belongs to other branches of a choice."""
    branch = chosen(schema, value)
    saved: dict[str, Json] = {}
    for name, held in value.items():
        inner = branch.get("properties", {}).get(name)
        if inner is None or held is None or held == "":
            continue
        if isinstance(held, dict):
            saved[name] = sent(inner, held)
        elif is_list_of_objects(inner):
            saved[name] = [sent(inner["items"], entry) for entry in held]
        else:
            saved[name] = held
    return saved


def is_collapsed(schema: Schema, name: str) -> bool:
    """Return whether a setting is under "Optional fields": those that are not required, not shown, and no group."""
    inner = schema["properties"][name]
    is_open = name in schema.get("required", ()) or bool(inner.get("always_show"))
    return not is_open and "oneOf" not in inner and inner.get("type") != "object"


def lists(schema: Schema, path: str = "") -> Iterator[tuple[str, Schema]]:
    """Yield each list of objects with its path as it is recorded: `[]` an entry, `<x>` a branch of a choice."""
    for name, inner in schema.get("properties", {}).items():
        place = f"{path}.{name}" if path else name
        if is_list_of_objects(inner):
            yield place, inner
            yield from lists(inner["items"], f"{place}[]")
        for branch in inner.get("oneOf", ()):
            yield from lists(branch, f"{place}<{tag_of(branch)[1]}>")
        if inner.get("type") == "object" and "oneOf" not in inner:
            yield from lists(inner, place)

"""One warehouse value as a value of its field, which may be an object or a list: exactly the same value, or why not.

An empty text is null for every type but text: no such field can hold it. `named_once` is the last step: a reference
goes out by key or by id.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from destination_sage_intacct import exact_json
from destination_sage_intacct.intacct.model import OPEN_MODEL, Field, Model
from destination_sage_intacct.intacct.objects import resolve_alias
from destination_sage_intacct.rows.choices import named_in
from destination_sage_intacct.rows.mapping import Converter
from destination_sage_intacct.rows.scalars import SCALARS, invalid_value, is_blank, to_enum, to_text
from destination_sage_intacct.rows.suggestions import unknown_field
from destination_sage_intacct.rows.values import ABSENT, Problem, is_deep, is_empty, whole_number

_NAMING = ("id", "key")
_OPENINGS = {"ref": "{", "group": "{", "list": "["}
_NO_LINES: Mapping[str, Model] = {}
_NO_ALIASES: Mapping[str, str] = {}
_DEEPEST = 20
_OBJECTS_AND_LISTS = frozenset({dict, list})
_TEXT = Field("string")


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a value is: in a body of this model. `prefix` leads from the row's body to that body."""

    model: Model
    lines: Mapping[str, Model]
    keep_nulls: bool
    aliases: Mapping[str, str]
    prefix: str = ""


def convert(
    value: Any,  # noqa: ANN401 - JSON is any value
    path: str,
    model: Model,
    lines: Mapping[str, Model] = _NO_LINES,
    *,
    keep_nulls: bool = False,
    aliases: Mapping[str, str] = _NO_ALIASES,
) -> Any:  # noqa: ANN401 - JSON is any value, or a Problem
    """Return a value as its field takes it, None where it is null, or the `Problem` that it has.

    An empty text is null in every field but text ones, and wherever it names the record of a ref; so is an object in
    which nothing is left. Ids lose the blanks around them. The `href` of a ref is left out: it repeats the key.

    A field that the model does not hold gets its value as it is, if that holds anything: an object of nothing but nulls
    is null, and where the model is whole, an empty value is `ABSENT`, as Sage Intacct would reject the name alone.

    Args:
        value: any JSON value; decimals as `Decimal`.
        path: the field's dotted path in the model.
        model: of the object.
        lines: models of the records in its lists, by their objects' paths; an absent one takes any field.
        keep_nulls: keep nulls inside objects, where they clear fields; else they are left out.
        aliases: of the object, as `ObjectType` has them; inside an object they replace a name in the same place.
    """
    return converter(path, model, lines, keep_nulls=keep_nulls, aliases=aliases).made(value)


def converter(
    path: str,
    model: Model,
    lines: Mapping[str, Model] = _NO_LINES,
    *,
    keep_nulls: bool = False,
    aliases: Mapping[str, str] = _NO_ALIASES,
) -> Converter:
    """Return what converts values of one field; what depends on the field alone is decided here. As in `convert`."""
    field = model.fields.get(path)
    if field is None:
        return Converter(lambda value: _unknown(value, path, model, keep_nulls=keep_nulls))
    place = _Place(model, lines, keep_nulls, aliases)
    to_scalar = SCALARS.get(field.type, to_text)

    def any_value(value: Any) -> Any:  # noqa: ANN401
        return _null(field, keep_nulls=keep_nulls) if value is None else _convert(value, path, field, place)

    def text(value: Any) -> Any:  # noqa: ANN401
        is_plain = type(value) is str and value and value.strip() == value
        return value if is_plain else any_value(value)

    def scalar(value: Any) -> Any:  # noqa: ANN401
        made = None if value is None else to_scalar(value, field)
        return replace(made, field=path) if type(made) is Problem else made

    if field.type == "string":
        return Converter(text, str)
    is_scalar = field.type in SCALARS
    return Converter(scalar if is_scalar else any_value, bool if field.type == "boolean" else None)


def _unknown(value: Any, path: str, model: Model, *, keep_nulls: bool) -> Any:  # noqa: ANN401
    """Return the value of a field that the model does not hold."""
    if is_deep(value):
        return replace(_TOO_DEEP, field=path)
    if model.is_closed and is_empty(value):
        return ABSENT
    if _is_own_dimension(path) and isinstance(value, str | int | Decimal) and not is_empty(value):
        name = _name(value)
        return replace(name, field=path) if isinstance(name, Problem) else {"key": name}
    return None if not keep_nulls and _holds_only_nulls(value) else value


def _holds_only_nulls(value: Any) -> bool:  # noqa: ANN401
    """Return whether a value is an object that has members, and all of them are null."""
    members = value.values() if isinstance(value, dict) else ()
    return bool(members) and all(member is None or _holds_only_nulls(member) for member in members)


def _is_own_dimension(path: str) -> bool:
    """Return whether a name is that of a user-defined dimension, which is named by its key (Sage REST guide)."""
    parent, _, name = path.rpartition(".")
    return parent.rpartition(".")[2] == "dimensions" and "::" in name


def _null(field: Field, *, keep_nulls: bool) -> list[Any] | None:
    """Return what clears a field: Sage Intacct shows a multi-picklist without values as an empty list (REST guide)."""
    return [] if field.type == "choices" and keep_nulls else None


def _convert(value: Any, path: str, field: Field, place: _Place) -> Any:  # noqa: ANN401
    """Convert a value that is not null."""
    made: Any = _parsed(value, _OPENINGS[field.type]) if field.type in _OPENINGS else value
    if is_deep(made):
        made = _TOO_DEEP
    if made is None or type(made) is Problem:
        pass
    elif field.type == "ref":
        made = _ref(made, path, place)
    elif field.type == "group":
        made = _group(made, path, place)
    elif field.type == "list":
        made = _list(made, path, field, place)
    elif field.type == "choices":
        made = _choices(made, field)
    elif field.type == "string":
        made = _text(made, path, field, place.model)
    elif field.type != "any":
        made = SCALARS[field.type](made, field)
    if type(made) is Problem and not made.field:
        return replace(made, field=place.prefix + path)
    return made


def _text(value: Any, path: str, field: Field, model: Model) -> str | Problem | None:  # noqa: ANN401
    if _names_a_record(path, model):
        return _name(value)
    if _is_an_id(path):
        return _trimmed(whole_number(value) or to_text(value, field))
    return to_text(value, field)


def _names_a_record(path: str, model: Model) -> bool:
    parent, _, name = path.rpartition(".")
    return name in _NAMING and parent in model.fields and model.fields[parent].type == "ref"


def _is_an_id(path: str) -> bool:
    """Return whether a text names its record or another document: an id, a number of an invoice."""
    name = path.rpartition(".")[2]
    return name in _NAMING or name.endswith(("Id", "Number"))


def _name(value: Any) -> str | Problem | None:  # noqa: ANN401
    """Return the id or the key of a record as text; a number without the decimals and exponents that no id has."""
    if isinstance(value, bool | list | dict):
        return _NOT_A_REF
    return _trimmed(whole_number(value) or to_text(value, _TEXT)) or None


def _trimmed(text: str | Problem) -> str | Problem:
    """Return an id without the blanks around it, with which a column of fixed width pads it."""
    return text.strip() if isinstance(text, str) else text


def _ref(value: Any, path: str, place: _Place) -> dict[str, Any] | Problem | None:  # noqa: ANN401
    if not isinstance(value, dict):
        fields = place.model.fields
        is_by_key = f"{path}.key" in fields and (f"{path}.id" not in fields or place.model.is_custom_ref(path))
        member = "key" if is_by_key else "id"
        name = _name(value)
        return {member: name} if isinstance(name, str) else name
    named = _by_key(value, path, place.model)
    members = _members({name: member for name, member in named.items() if name != "href"}, path, place)
    if isinstance(members, Problem):
        return members
    # Sage Intacct rejects a ref whose id is empty; a null that is kept clears the ref as a whole.
    return {name: member for name, member in members.items() if member is not None or name not in _NAMING} or None


def _by_key(value: dict[str, Any], path: str, model: Model) -> dict[str, Any]:
    """Return a ref with its record's id as the key, where the model says that they are the same and shows the key."""
    if "id" not in value or model.key_for_id(f"{path}.id") is None:
        return value
    named, key = value["id"], value.get("key")
    if not (is_empty(named) or is_empty(key) or named == key):
        return value
    rest = {name: member for name, member in value.items() if name != "id"}
    return rest | {"key": named if is_empty(key) else key}


def _choices(value: Any, field: Field) -> list[str] | Problem | None:  # noqa: ANN401
    if is_blank(value):
        return None
    made: list[str] = []
    for each in named_in(value, field.allowed):
        text = to_enum(each, field) if field.allowed else to_text(each, field)
        if isinstance(text, Problem):
            return _NOT_CHOICES if isinstance(each, list | dict) else text
        if text is not None:
            made.append(text)
    return list(dict.fromkeys(made)) if field.allowed else made


def _group(value: Any, path: str, place: _Place) -> dict[str, Any] | Problem | None:  # noqa: ANN401
    if not isinstance(value, dict):
        return _NOT_AN_OBJECT
    members = _members(value, path, place)
    return members if isinstance(members, Problem) else members or None


def _list(value: Any, path: str, field: Field, place: _Place) -> list[Any] | Problem:  # noqa: ANN401
    if not isinstance(value, list):
        return _NOT_A_LIST
    model = place.lines.get(field.target, OPEN_MODEL)
    made: list[Any] = []
    for number, element in enumerate(value):
        shown = f"{place.prefix}{path}[{number}]"
        if field.target and isinstance(element, str):  # an array of JSON texts, as Postgres' jsonb[] arrives
            element = _parsed(element, "{")  # noqa: PLW2901
            if isinstance(element, Problem):
                return replace(element, field=shown)
        if isinstance(element, dict):
            element = _members(element, "", replace(place, model=model, aliases=_NO_ALIASES, prefix=f"{shown}."))  # noqa: PLW2901
            if isinstance(element, Problem):
                return element
        elif field.target:
            return replace(_NOT_A_LINE, field=shown)
        made.append(element)
    return made


def _members(value: dict[str, Any], path: str, place: _Place) -> dict[str, Any] | Problem:
    """Convert the members of an object at a path, the empty one being that of the whole body."""
    nested = _nested(value)
    if isinstance(nested, Problem):
        return replace(nested, field=(place.prefix + path).removesuffix("."))
    model = place.model
    made: dict[str, Any] = {}
    for given, given_member in nested.items():
        name, member = given, given_member
        full = f"{path}.{name}" if path else name
        real = model.find(full) or _meant_by_alias(full, place)
        if real is not None:
            name, field = real.rpartition(".")[2], model.fields[real]
            is_null = member is None
            member = _null(field, keep_nulls=place.keep_nulls) if is_null else _convert(member, real, field, place)
        elif not name.startswith("ia::"):
            member = _unknown_member(member, full, place)
        if type(member) is Problem:
            return member
        if member is ABSENT:
            continue
        if name in made:
            return replace(_TWICE, field=place.prefix + full)
        if member is not None or place.keep_nulls:
            made[name] = member
    return made


def _unknown_member(value: Any, path: str, place: _Place) -> Any:  # noqa: ANN401
    if place.model.is_closed and not is_empty(value):
        return unknown_field(path, place.prefix + path, place.model)
    made = _unknown(value, path, place.model, keep_nulls=place.keep_nulls)
    return replace(made, field=place.prefix + path) if isinstance(made, Problem) else made


def _meant_by_alias(full: str, place: _Place) -> str | None:
    """Return the field that a name inside an object is an alias of, if it is in the same object."""
    real = place.model.find(resolve_alias(place.aliases, full))
    return real if real is not None and real.rpartition(".")[0] == full.rpartition(".")[0] else None


def _parsed(value: Any, opening: str) -> Any:  # noqa: ANN401
    """Return what a JSON text holds that begins like this, None for an empty text; any other value as it is."""
    if not isinstance(value, str):
        return value
    text = value.strip()
    if not text:
        return None
    if not text.startswith(opening):
        return value
    try:
        return exact_json.decode(text.encode("utf-8", "surrogatepass"))
    except exact_json.NotJsonError as error:
        return replace(_NOT_JSON, message=f"{_NOT_JSON.message}: {error}")


def _nested(value: dict[str, Any]) -> dict[str, Any] | Problem:
    """Return an object whose dotted keys have become objects in objects."""
    if not any("." in name for name in value):
        return value
    made: dict[str, Any] = {}
    for name, member in sorted(value.items(), key=lambda item: item[0].count(".")):
        *parents, last = name.split(".") if name.count(".") < _DEEPEST else ("", "")
        if not last or not all(parents):
            return _NOT_A_PATH
        inner = made
        for parent in parents:
            found = inner.get(parent)
            # Copied, as an object that the row itself holds must not be changed. A null one says nothing about its
            # parts.
            inner[parent] = {} if found is None else dict(found) if isinstance(found, dict) else None
            if inner[parent] is None:
                return _TWICE
            inner = inner[parent]
        if last in inner:
            held = inner[last]
            if not isinstance(held, dict) or not isinstance(member, dict) or held.keys() & member:
                return _TWICE
            inner[last] = {**held, **member}
        else:
            inner[last] = member
    return made


_TOO_DEEP = invalid_value(
    "The value is nested deeper than 100 levels",
    "Map parts of it to fields, or make it flat in the warehouse.",
)
_NOT_A_REF = invalid_value(
    "The value does not name a record: it is a boolean or a list",
    'Map the record\'s id or its key, or an object such as {"id": "C-1"}.',
)
_NOT_AN_OBJECT = invalid_value(
    "The value is not an object, and the field is a group of fields",
    "Map columns to the fields of the group, or an object or its JSON text to the group.",
)
_NOT_A_LIST = invalid_value(
    "The value is not a list, and the field is one",
    "Map a column with an array or its JSON text.",
)
_NOT_A_LINE = invalid_value(
    "The line is not an object",
    "Give each line as an object whose keys are the line's fields; these may be dotted.",
)
_NOT_CHOICES = invalid_value(
    "The value is an object or holds one, and the field holds several texts",
    "Map a column with an array of texts, its JSON text, or a text with `#~#` between the values.",
)
_NOT_JSON = invalid_value(
    "The text looks like JSON but is malformed",
    "Correct the text in the warehouse, or map a column of objects or arrays.",
)
_NOT_A_PATH = invalid_value(
    "The object has a key that is not a field name, such as `a..b`, or one of more than 20 levels",
    "Name the keys like the fields, their levels separated by dots.",
)
_TWICE = invalid_value(
    "The object gives one field twice, in two spellings or as a whole and in part",
    "Give each field once.",
)


def named_once(body: dict[str, Any], found_by: Collection[str] = ()) -> dict[str, Any]:
    """Return the body with no reference that gives both key and id: the key counts, and the id where there is no key.

    Which of the two decides in Sage Intacct where they name two records is not documented. Lines are looked into too;
    a line's own key is no reference. The body itself is left as it is.

    Args:
        body: nested.
        found_by: the dotted fields by which the record is found; what they name stays, and decides.
    """
    return _named_members(body, "", found_by, 0)


def _named_members(body: dict[str, Any], prefix: str, found_by: Collection[str], depth: int) -> dict[str, Any]:
    if _OBJECTS_AND_LISTS.isdisjoint(map(type, body.values())):
        return body
    changed: dict[str, Any] = {}
    for name, value in body.items():
        kind = type(value)
        if (kind is dict or kind is list) and value and depth < _DEEPEST:
            made = _named_value(value, f"{prefix}{name}", found_by, depth)
            if made is not value:
                changed[name] = made
    return {**body, **changed} if changed else body


def _named_value(value: Any, path: str, found_by: Collection[str], depth: int) -> Any:  # noqa: ANN401 - JSON is any value
    if type(value) is list:
        made = [_named_members(each, "", (), depth + 1) if type(each) is dict else each for each in value]
        return made if any(new is not old for new, old in zip(made, value, strict=True)) else value
    left_out = _left_out(value, path, found_by)
    kept = {name: member for name, member in value.items() if name != left_out} if left_out else value
    return _named_members(kept, f"{path}.", found_by, depth + 1)


def _left_out(value: Mapping[str, Any], path: str, found_by: Collection[str]) -> str:
    """Return which of key and id a reference is sent without, empty where it does not give both."""
    if "key" not in value or "id" not in value:
        return ""
    if value["key"] is None or (f"{path}.id" in found_by and f"{path}.key" not in found_by):
        return "key"
    return "" if f"{path}.id" in found_by else "id"

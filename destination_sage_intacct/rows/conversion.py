"""One warehouse value as a value of a field's type: exactly the same value, or why it is none.

An empty text is null for every type but text: no such field can hold it. What is returned is in the API's own
forms (Sage REST guide, and recorded answers): amounts as text, numbers as JSON numbers, dates as `2026-01-31`,
date-times as `2026-01-31T09:30:00Z`.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from destination_sage_intacct import exact_json
from destination_sage_intacct.intacct.model import OPEN_MODEL, Field, FieldType, Model
from destination_sage_intacct.intacct.objects import resolve_alias
from destination_sage_intacct.rows.suggestions import nearest, unknown_field
from destination_sage_intacct.rows.values import (
    MOST_DIGITS,
    Problem,
    canonical_text,
    is_deep,
    iso_spelling,
    plain_text,
    whole_number,
)

_TOO_LONG: int = 10**MOST_DIGITS
_AMOUNT_DECIMALS = 2
_MOST_SHOWN = 20
# Python takes any character between date and time, would read the zone of `2026-01-31-0500` as a time, and takes a week
# (`2026-W05`) for its Monday.
_ISO_LOOK = re.compile(r"[0-9]{4}-?[0-9]{2}-?[0-9]{2}(?:[Tt ](.+))?")
_MIDNIGHT = re.compile(r"[0:.,]+(?:[Zz]|[+-].+)?")
_BOOLEANS: Mapping[object, bool] = {
    **dict.fromkeys(("true", "t", "yes", "y", "1", 1), True),
    **dict.fromkeys(("false", "f", "no", "n", "0", 0), False),
}
_NAMING = ("id", "key")
_OPENINGS = {"ref": "{", "group": "{", "list": "["}
_NO_LINES: Mapping[str, Model] = {}
_NO_ALIASES: Mapping[str, str] = {}
_DEEPEST = 20
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
    which nothing is left. Ids lose the blanks around them. The `href` of a ref is left out: it repeats the key. A field
    that the model does not hold, where it is open or partial, gets its value as it is.

    Args:
        value: any JSON value; decimals as `Decimal`.
        path: the field's dotted path in the model.
        model: of the object.
        lines: models of the records in its lists, by their objects' paths; an absent one takes any field.
        keep_nulls: keep nulls inside objects, where they clear fields; else they are left out.
        aliases: of the object, as `ObjectType` has them; inside an object they replace a name beside theirs.
    """
    field = model.fields.get(path)
    if field is None:
        return replace(_TOO_DEEP, field=path) if is_deep(value) else value
    if value is None:
        return None
    kind = field.type
    if kind == "string":
        if type(value) is str and value and value.strip() == value:  # what most values are
            return value
    elif kind in SCALARS:
        made = SCALARS[kind](value, field)
        return replace(made, field=path) if type(made) is Problem else made
    return _convert(value, path, field, _Place(model, lines, keep_nulls, aliases))


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
    elif field.type == "string" and _names_a_record(path, place.model):
        made = _name(made)
    elif field.type == "string" and _is_an_id(path):
        made = _trimmed(whole_number(made) or to_text(made, field))
    else:
        made = SCALARS[field.type](made, field)
    if type(made) is Problem and not made.field:
        return replace(made, field=place.prefix + path)
    return made


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
        member = "key" if f"{path}.key" in fields and f"{path}.id" not in fields else "id"
        name = _name(value)
        return {member: name} if isinstance(name, str) else name
    members = _members({name: member for name, member in value.items() if name != "href"}, path, place)
    if isinstance(members, Problem):
        return members
    # Sage Intacct rejects a ref whose id is empty; a null that is kept clears the ref as a whole.
    return {name: member for name, member in members.items() if member is not None or name not in _NAMING} or None


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
            name = real.rpartition(".")[2]
            member = None if member is None else _convert(member, real, model.fields[real], place)
            if type(member) is Problem:
                return member
        elif not (model.is_open or model.is_partial or name.startswith("ia::")):
            return unknown_field(full, place.prefix + full, model)
        if name in made:
            return replace(_TWICE, field=place.prefix + full)
        if member is not None or place.keep_nulls:
            made[name] = member
    return made


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
            # Copied, as an object that the row itself holds is not ours to fill. A null one says nothing of its parts.
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


def to_text(value: object, _field: Field) -> str | Problem:
    """Return a text as it is; numbers and booleans in plain notation, with their own digits."""
    if isinstance(value, str):
        return value
    if isinstance(value, int | Decimal) and not isinstance(value, bool) and not _is_plain(value):
        return _TOO_MANY_DIGITS
    text = plain_text(value)
    return _NOT_TEXT if text is None else text


def _is_plain(number: int | Decimal) -> bool:
    if isinstance(number, int):
        return -_TOO_LONG < number < _TOO_LONG
    return abs(number.adjusted()) < MOST_DIGITS


def _is_empty(value: object) -> bool:
    return isinstance(value, str) and (not value or value.isspace())


def _decimal(value: object, otherwise: Problem) -> Decimal | Problem:
    """Read a number exactly: a text may have a sign, an exponent and blanks around it."""
    if isinstance(value, str):
        if "_" in value or not value.isascii():  # Python would read 1_0 and other scripts' digits
            return otherwise
        try:
            value = Decimal(value)
        except InvalidOperation:
            return otherwise
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return otherwise
    number = Decimal(value)
    if not number.is_finite():
        return otherwise
    if not _is_plain(number):
        return _TOO_LONG_A_NUMBER if number else Decimal(0)  # a zero has no digits that could be too many
    return number or abs(number)  # there is no negative zero


def _to_integer(value: object, _field: Field) -> int | Problem | None:
    if type(value) is int and _is_plain(value):
        return value
    if _is_empty(value):
        return None
    number = _decimal(value, _NOT_AN_INTEGER)
    if isinstance(number, Problem):
        return number
    whole = int(number)
    return whole if whole == number else _NOT_AN_INTEGER


def _to_number(value: object, _field: Field) -> int | Decimal | Problem | None:
    if type(value) is int and _is_plain(value):
        return value
    if _is_empty(value):
        return None
    number = _decimal(value, _NOT_A_NUMBER)
    if isinstance(number, Problem):
        return number
    text = str(number)
    return Decimal(format(number, "f")) if "E+" in text else number


def _to_amount(value: object, _field: Field) -> str | Problem | None:
    if _is_empty(value):
        return None
    number = _decimal(value, _NOT_A_NUMBER)
    if isinstance(number, Problem):
        return number
    text = format(number, "f")
    whole, point, decimals = text.partition(".")
    if decimals[_AMOUNT_DECIMALS:].strip("0"):
        return _TOO_MANY_DECIMALS
    return f"{whole}{point}{decimals[:_AMOUNT_DECIMALS]}"


def _to_boolean(value: object, _field: Field) -> bool | Problem | None:
    if isinstance(value, bool):
        return value
    if isinstance(value, str):
        value = value.strip().casefold()
        if not value:
            return None
    elif not isinstance(value, int | Decimal):
        return _NOT_A_BOOLEAN
    return _BOOLEANS.get(value, _NOT_A_BOOLEAN)


def _to_date(value: object, _field: Field) -> str | Problem | None:
    """Return the date as it is written, whatever its zone; a time of day other than midnight would get lost."""
    if not isinstance(value, str):
        return _NOT_A_DATE
    text = iso_spelling(value)
    if not text:
        return None
    look = _ISO_LOOK.fullmatch(text)
    if look is None:
        return _NOT_A_DATE
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return _NOT_A_DATE
    if look[1] and not _MIDNIGHT.fullmatch(look[1]):
        return _HAS_A_TIME
    return moment.date().isoformat()


def _to_instant(value: object, _field: Field) -> str | Problem | None:
    """Return a date-time in UTC; without a zone it is in UTC already. Sub-seconds stay where there are some."""
    if not isinstance(value, str):
        return _NOT_AN_INSTANT
    text = iso_spelling(value)
    if not text:
        return None
    made = canonical_text(text, "date-time") if _ISO_LOOK.fullmatch(text) else None
    if made is None:
        return _NOT_AN_INSTANT
    return f"{made[:-1].rstrip('0')}Z" if "." in made else made


def _to_enum(value: object, field: Field) -> str | Problem | None:
    """Return the allowed value that this is, without regard to case and blanks around it."""
    if value in field.allowed and isinstance(value, str):
        return value
    if _is_empty(value):
        return None
    text = to_text(value, field)
    if isinstance(text, Problem) or not field.allowed:
        return text
    folded = text.strip().casefold()
    same = [allowed for allowed in field.allowed if allowed.strip().casefold() == folded]
    return same[0] if len(same) == 1 else _not_allowed(folded, field.allowed)


def _not_allowed(value: str, allowed: tuple[str, ...]) -> Problem:
    named = [f"`{name}`" for name in allowed if name]
    rest = len(named) - _MOST_SHOWN
    shown = ", ".join(named[:_MOST_SHOWN]) + (f" and {rest} more" if rest > 0 else "")
    close = nearest(value, allowed)
    did_you = f"Did you mean `{close}`? " if close else ""
    return _problem(
        f"The value is not one that the field allows: {shown}",
        f"{did_you}Translate the column's values in the warehouse, for example with CASE.",
    )


SCALARS: Mapping[FieldType, Callable[[Any, Field], Any]] = {
    "string": to_text,
    "integer": _to_integer,
    "number": _to_number,
    "amount": _to_amount,
    "boolean": _to_boolean,
    "date": _to_date,
    "date-time": _to_instant,
    "enum": _to_enum,
}
"""By type, what makes a value of it: that value, None for an empty text, or a `Problem` that names no field yet."""


def _problem(message: str, advice: str) -> Problem:
    return Problem("invalid_value", message, advice)


_NOT_TEXT = _problem(
    "The value is a list or an object, and the field holds a text",
    "Map a part of it to the field, or turn it into a text in the warehouse.",
)
_TOO_MANY_DIGITS = _problem(
    "The number has more than 100 digits", "Send the digits as a text, or correct the value in the warehouse."
)
_TOO_LONG_A_NUMBER = _problem(
    "The number has more than 100 digits before or after its decimal point", "Correct the value in the warehouse."
)
_NOT_AN_INTEGER = _problem(
    "The value is not a whole number",
    "Map a column of whole numbers, or round it in the warehouse, for example with ROUND(column).",
)
_NOT_A_NUMBER = _problem(
    "The value is not a number",
    "Map a column of numbers; a text holds digits and a decimal point, such as 1234.50, and no thousands separators.",
)
_TOO_MANY_DECIMALS = _problem(
    "The amount has more decimals than the 2 that the field keeps, and is not rounded",
    "Round it in the warehouse, for example with ROUND(column, 2).",
)
_NOT_A_BOOLEAN = _problem(
    "The value is neither true nor false",
    "Map a column of booleans, or of true/false, t/f, yes/no, y/n or 1/0 in any case.",
)
_NOT_A_DATE = _problem(
    "The value is not a date in ISO form, such as 2026-01-31",
    "Cast the column to a date in the warehouse, for example with CAST(column AS DATE).",
)
_HAS_A_TIME = _problem(
    "The value has a time of day, and the field holds a date alone",
    "Cast the column to a date in the warehouse, in the time zone of your books.",
)
_NOT_AN_INSTANT = _problem(
    "The value is not a date-time in ISO form, such as 2026-01-31T09:30:00Z, or is finer than a microsecond",
    "Cast the column to a timestamp in the warehouse.",
)
_TOO_DEEP = _problem(
    "The value is nested deeper than 100 levels",
    "Map parts of it to fields, or make it flat in the warehouse.",
)
_NOT_A_REF = _problem(
    "The value does not name a record: it is a boolean or a list",
    'Map the record\'s id or its key, or an object such as {"id": "C-1"}.',
)
_NOT_AN_OBJECT = _problem(
    "The value is not an object, and the field is a group of fields",
    "Map columns to the fields of the group, or an object or its JSON text to the group.",
)
_NOT_A_LIST = _problem(
    "The value is not a list, and the field is one",
    "Map a column with an array or its JSON text.",
)
_NOT_A_LINE = _problem(
    "The line is not an object",
    "Give each line as an object whose keys are the line's fields; these may be dotted.",
)
_NOT_JSON = _problem(
    "The text looks like JSON but is malformed",
    "Correct the text in the warehouse, or map a column of objects or arrays.",
)
_NOT_A_PATH = _problem(
    "The object has a key that is not a field name, such as `a..b`, or one of more than 20 levels",
    "Name the keys like the fields, their levels separated by dots.",
)
_TWICE = _problem(
    "The object gives one field twice, in two spellings or as a whole and in part",
    "Give each field once.",
)

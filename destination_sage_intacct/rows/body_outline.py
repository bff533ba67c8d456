"""A body at a glance: a quick look that passes only what the body's schema would pass too.

It costs a microsecond where JSON Schema costs a hundred. What it does not pass need not be wrong.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from destination_sage_intacct.intacct.model import Model
from destination_sage_intacct.intacct.objects import LineFacts, ObjectType
from destination_sage_intacct.rows.body_schema import KEYED, refusal

# Of each member: True passes any value, False none; an enum its values, an object its members, a list its lines.
_Members = dict[str, Any]
_OPEN = Model("", is_open=True)


@dataclass(frozen=True, slots=True)
class _Need:
    """A value that must be there: the names on its way; of a ref its id or its key."""

    names: tuple[str, ...]
    is_ref: bool


@dataclass(frozen=True, slots=True)
class _Lines:
    """What a list's lines must fit. `needs`: of each entry one, in lines that are new."""

    members: _Members
    takes_others: bool
    needs: tuple[tuple[_Need, ...], ...] = ()
    least: int = 0


def outline(
    object_type: ObjectType, model: Model, lines: Mapping[str, Model], *, creating: bool
) -> Callable[[Mapping[str, Any]], bool]:
    """Return what tells at a glance that a body fits `body_schema`; its arguments are the same as there."""
    members = _members(model, object_type.create_only, creating=creating)
    for path, field in model.fields.items():
        if field.type == "list":
            _set(members, path, _lines(lines.get(field.target, _OPEN), object_type.lines if path == "lines" else None))
    if object_type.lines is not None and "lines" not in members:
        members["lines"] = _lines(_OPEN, object_type.lines)
    required = [_need(path, model) for path in object_type.required] if creating else []
    takes_others = _takes_others(model)

    def fits(body: Mapping[str, Any]) -> bool:
        return _fit(body, members, takes_others) and all(_has(body, need) for need in required)

    return fits


def _takes_others(model: Model) -> bool:
    return model.is_open or model.is_partial


def _members(model: Model, create_only: Collection[str], *, creating: bool) -> _Members:
    members: _Members = {}
    for path, field in sorted(model.fields.items(), key=lambda item: item[0].count(".")):
        if refusal(path, field, create_only, creating=creating):
            _set(members, path, False)
        elif field.type in {"group", "ref"}:
            _set(members, path, {})
        else:
            _set(members, path, frozenset(field.allowed) if field.type == "enum" and field.allowed else True)
    return members


def _set(members: _Members, path: str, part: object) -> None:
    """Set what a path must fit, unless a part of the path passes nothing."""
    *parents, name = path.split(".")
    for parent in parents:
        inner = members.get(parent)
        if not isinstance(inner, dict):
            return
        members = inner
    if members.get(name) is not False:
        members[name] = part


def _lines(model: Model, facts: LineFacts | None) -> _Lines:
    members = _members(model, (), creating=True) | dict.fromkeys(KEYED, True)
    if facts is None:
        return _Lines(members, _takes_others(model))
    needs = tuple(tuple(_need(path, model) for path in alternatives) for alternatives in facts.needs)
    return _Lines(members, _takes_others(model), needs, facts.least)


def _need(path: str, model: Model) -> _Need:
    field = model.fields.get(path)
    return _Need(tuple(path.split(".")), field is not None and field.type == "ref")


def _fit(body: Mapping[str, Any], members: _Members, takes_others: bool) -> bool:
    for name, value in body.items():
        part = members.get(name)
        if part is True or (part is None and takes_others):
            continue
        if not part:  # unknown, or refused; a group without members is for the schema
            return False
        if value is None:
            continue
        kind = type(part)
        if kind is frozenset:
            if type(value) is not str or value not in part:
                return False
        elif kind is dict:
            if type(value) is not dict or not _fit(value, part, takes_others):
                return False
        elif type(value) is not list or not _fit_lines(value, part):
            return False
    return True


def _fit_lines(lines: Sequence[Any], expected: _Lines) -> bool:
    if len(lines) < expected.least:
        return False
    for line in lines:
        if type(line) is not dict or not _fit(line, expected.members, expected.takes_others):
            return False
        for first, *others in expected.needs:
            if not _has(line, first) and not any(_has(line, need) for need in others):
                return False
    return True


def _has(body: Mapping[str, Any], need: _Need) -> bool:
    value: Any = body
    for name in need.names:
        if type(value) is not dict:
            return False
        value = value.get(name)
    if not need.is_ref:
        return value is not None
    return type(value) is dict and (value.get("id") is not None or value.get("key") is not None)

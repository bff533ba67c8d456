"""Reads the tables of text next to this module into schemas.

A table starts with its facts (`object: accounts-payable/vendor`), one a line, then a blank line, then one member
a line, nested by two spaces: `name kind flags =default`. A kind is a type, `enum(a|b|null)`, `group`,
`ref:<object>`, `list:<object>`; `include <table>` is replaced by another table's members. Flags: `ro` read-only,
`wo` write-only, `create` settable at creation only, `dep` deprecated; of a reference also `named` (shows a name)
and `key-only`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import cast

from intacct_emulator.schemas.shapes import Field, Group, IdRule, Kind, Ref, Schema

_LITERALS: dict[str, str | bool | None] = {"null": None, "''": "", "true": True, "false": False}


@dataclass(slots=True)
class _Member:
    """One line of a table and the lines below it."""

    name: str
    kind: str = ""
    flags: frozenset[str] = frozenset()
    default: str | bool | None = None
    members: list["_Member"] = field(default_factory=list)


@cache
def load() -> dict[str, Schema]:
    """Return every object that has a table, by path."""
    tables = sorted(entry.name for entry in files(__package__).iterdir() if entry.name.endswith(".txt"))
    schemas = (_schema(name) for name in tables if "." in name.removesuffix(".txt"))
    return {schema.path: schema for schema in schemas}


def _schema(table: str) -> Schema:
    facts, members = _read(table)
    custom = [_member(line) for line in facts.get("custom", [])]
    rule, _, numbering = facts["id"][0].partition(" ")
    owner = facts["owner"][0].split() if "owner" in facts else None
    return Schema(
        path=facts["object"][0],
        body=_group([*members, *custom]),
        id_rule=cast("IdRule", rule),
        numbering=numbering,
        first_key=int(facts["first key"][0]),
        required=tuple(facts.get("required", [""])[0].split()),
        owner=(owner[0], owner[1]) if owner else None,
        alone=tuple(facts.get("alone", [""])[0].split()),
        is_document="document" in facts or "document type" in facts,
        is_type="document type" in facts,
        custom=frozenset(member.name for member in custom),
    )


def _read(table: str) -> tuple[dict[str, list[str]], list[_Member]]:
    lines = files(__package__).joinpath(table).read_text("utf-8").splitlines()
    facts: dict[str, list[str]] = {}
    levels: list[list[_Member]] = [[]]
    for line in lines:
        words = line.strip()
        if not words or words.startswith("#"):
            continue
        if not line.startswith(" ") and ": " in words:
            fact, _, value = words.partition(": ")
            facts.setdefault(fact, []).append(value)
            continue
        depth = (len(line) - len(line.lstrip())) // 2
        del levels[depth + 1 :]
        if words.startswith("include "):
            levels[depth].extend(_read(f"{words.removeprefix('include ')}.txt")[1])
            continue
        member = _member(words)
        levels[depth].append(member)
        levels.append(member.members)
    return facts, levels[0]


def _member(line: str) -> _Member:
    text, has_default, default = line.partition(" =")
    name, kind, *flags = text.split()
    literal = _LITERALS.get(default, default) if has_default else None
    if kind.startswith("enum(") and isinstance(literal, bool):
        literal = default  # the choices "true" and "false" are strings
    return _Member(name, kind, frozenset(flags), literal)


def _group(members: list[_Member], given: Group | None = None) -> Group:
    group = given or Group()
    for member in members:
        head, _, target = member.kind.partition(":")
        if head == "group":
            group.groups[member.name] = _group(member.members, group.groups.get(member.name))
        elif head == "ref":
            parts = Group(fields=dict(_identity(member.flags)))
            group.refs[member.name] = Ref(target, _group(member.members, parts))
        elif head == "list":
            group.lists[member.name] = target
        else:
            group.fields[member.name] = _field(member)
    return group


def _identity(flags: frozenset[str]) -> Iterator[tuple[str, Field]]:
    by = Field("string", read_only="ro" in flags, create_only="create" in flags, deprecated="dep" in flags)
    shown = Field("string", read_only=True)
    yield "key", by
    if "key-only" not in flags:
        yield "id", by
        yield "href", shown
    if "named" in flags:
        yield "name", shown


def _field(member: _Member) -> Field:
    kind, choices = member.kind, None
    if kind.startswith("enum("):
        words = kind.removeprefix("enum(").removesuffix(")").split("|")
        kind, choices = "string", tuple(None if word == "null" else word.strip("'") for word in words)
    return Field(
        kind=cast("Kind", kind),
        choices=choices,
        default=member.default,
        read_only="ro" in member.flags,
        write_only="wo" in member.flags,
        create_only="create" in member.flags,
        deprecated="dep" in member.flags,
    )

"""An object's fields and types: from the live model service, or from the tables in `known_fields`."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from importlib.resources import files
from typing import Any, Literal

FieldType = Literal[
    "string",
    "boolean",
    "integer",
    "number",
    "amount",
    "date",
    "date-time",
    "enum",
    "choices",
    "any",
    "ref",
    "list",
    "group",
]
"""`choices` are several texts, as a multi-picklist holds; `any` is a type of which nothing is known."""

# Of a text. A JSON number has its own digits, whatever its format.
_FORMATS: Mapping[str, FieldType] = {"date": "date", "date-time": "date-time"}
_PRECISION = re.compile(r"[a-z]+-precision-([0-9]+)")
_TYPES: Mapping[str, FieldType] = {
    "string": "string",
    "boolean": "boolean",
    "integer": "integer",
    "number": "number",
    "array": "choices",
}
_REF_MEMBERS = ("key", "id")
# A record that belongs to another may be created alone, and then names its owner.
_OWNED = "ownedObject"
_PREFIX = "objects/"

CREATE = "POST"
# The server takes one of the two for an object (see `Capabilities.updates_by_put`); either one changes records.
CHANGES = frozenset({"PATCH", "PUT"})
EVERY_METHOD = CHANGES | {CREATE}
CUSTOM_OBJECTS = "platform-apps/"  # where the company's own objects are


@dataclass(frozen=True, slots=True)
class Field:
    """One field.

    `target` is the object that a ref or a list points to, `allowed` are the values of an enum or of choices, `decimals`
    those that an amount keeps. `is_owner`: a ref to the record that this one belongs to.
    """

    type: FieldType
    allowed: tuple[str, ...] = ()
    target: str = ""
    read_only: bool = False
    create_only: bool = False
    write_only: bool = False
    decimals: int = 2
    is_owner: bool = False


@dataclass(frozen=True)
class Model:
    """The fields of one object by dotted path, groups and refs included.

    Attributes:
        object_path: such as `accounts-receivable/customer`.
        fields: by dotted path.
        methods: the HTTP methods that the object takes, if known.
        is_open: nothing is known of the object, so any field may exist.
        is_partial: the fields are from our own tables, so the company may have more, custom ones among them.
    """

    object_path: str
    fields: Mapping[str, Field] = field(default_factory=dict)
    methods: frozenset[str] = EVERY_METHOD
    is_open: bool = False
    is_partial: bool = False

    @cached_property
    def _by_folded_path(self) -> Mapping[str, tuple[str, ...]]:
        folded: dict[str, tuple[str, ...]] = {}
        for path in self.fields:
            folded[path.casefold()] = (*folded.get(path.casefold(), ()), path)
        return folded

    def find(self, path: str) -> str | None:
        """Return the real path of a field: exactly, else uniquely without regard to case; None if there is none."""
        if path in self.fields:
            return path
        candidates = self._by_folded_path.get(path.casefold(), ())
        return candidates[0] if len(candidates) == 1 else self.key_for_id(path)

    def key_for_id(self, path: str) -> str | None:
        """Return the key's path for the `id` of a ref to a custom object, where the model lists the key only.

        Key and id of its records are always the same (Sage REST guide, custom objects).
        """
        parent, _, name = path.rpartition(".")
        is_id = name == "id" and path not in self.fields and self.is_custom_ref(parent)
        return f"{parent}.key" if is_id and f"{parent}.key" in self.fields else None

    def is_custom_ref(self, path: str) -> bool:
        """Return whether a field is a ref to a custom object, as a user-defined dimension is."""
        ref = self.fields.get(path)
        return ref is not None and ref.target.removeprefix(_PREFIX).startswith(CUSTOM_OBJECTS)

    @property
    def is_closed(self) -> bool:
        """Return whether the object has no other fields than these."""
        return not (self.is_open or self.is_partial)

    def by_itself(self) -> "Model":
        """Return the model for records that are made by themselves, not within their owner.

        Their owner is marked as read-only in every model, and yet required of a new one (Sage's OpenAPI, AR advance
        line), so it can be set then.
        """
        owners = [path for path, each in self.fields.items() if each.is_owner]
        named = [path for owner in owners for path in (owner, *(f"{owner}.{name}" for name in _REF_MEMBERS))]
        settable = {
            path: replace(self.fields[path], read_only=False, create_only=True) for path in named if path in self.fields
        }
        return replace(self, fields={**self.fields, **settable}) if settable else self


OPEN_MODEL = Model("", is_open=True)
"""The model of an object of which nothing is known, such as one that a list holds."""


def parse_model(object_path: str, payload: object) -> Model | None:
    """Read an answer of the model service; None where the service knows no such object.

    `lists` is an array when empty, and an unknown object answers 200 with an empty result (recorded live).
    """
    result = payload.get("ia::result") if isinstance(payload, Mapping) else None
    if not isinstance(result, Mapping) or not isinstance(result.get("fields"), Mapping):
        return None
    fields = dict(_walk(result, ""))
    return Model(object_path, fields | _owners(object_path, result, fields), _methods(result))


def _owners(object_path: str, result: Mapping[str, Any], fields: Mapping[str, Field]) -> dict[str, Field]:
    """Return the refs to the record's owner: marked so, or from `advance-line` to `advance` (Sage REST guide)."""
    is_owned = result.get("type") == _OWNED
    return {
        name: replace(fields[name], is_owner=True)
        for name, entry in _members(result, "refs")
        if entry.get("isOwner") is True or (is_owned and object_path.startswith(f"{fields[name].target}-"))
    }


def _walk(node: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, Field]]:
    for name, entry in _members(node, "fields"):
        yield prefix + name, _field(entry)
    for name, entry in _members(node, "groups"):
        yield prefix + name, Field("group")
        yield from _walk(entry, f"{prefix}{name}.")
    for name, entry in _members(node, "refs"):
        yield prefix + name, Field("ref", target=str(entry.get("apiObject") or ""), read_only=_is_read_only(entry))
        yield from ((f"{prefix}{name}.{member}", Field("string")) for member in _naming(entry))
        yield from _walk(entry, f"{prefix}{name}.")
    for name, entry in _members(node, "lists"):
        yield prefix + name, Field("list", target=str(entry.get("apiObject") or ""))


def _naming(ref: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the members that name a ref's record: of a custom relation just the key (recorded live)."""
    listed = [name for name, _ in _members(ref, "fields") if name in _REF_MEMBERS]
    return ("key",) if listed == ["key"] else _REF_MEMBERS


def _is_read_only(ref: Mapping[str, Any]) -> bool:
    """Return whether a ref can be read only, as the entity of a record: all that names its record is read-only."""
    naming = [entry for name, entry in _members(ref, "fields") if name in _REF_MEMBERS]
    return bool(naming) and all(entry.get("readOnly") is True for entry in naming)


def _members(node: Mapping[str, Any], kind: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    members = node.get(kind)
    for name, entry in members.items() if isinstance(members, Mapping) else ():
        if isinstance(entry, Mapping):
            yield name, entry


def _field(entry: Mapping[str, Any]) -> Field:
    allowed = entry.get("enum")
    form = str(entry.get("format"))
    kind: FieldType = _TYPES.get(str(entry.get("type", "string")), "any")
    precision = _PRECISION.fullmatch(form) if kind == "string" else None
    if kind == "string":
        kind = "enum" if isinstance(allowed, list) else "amount" if precision else _FORMATS.get(form, kind)
    is_listed = kind in {"enum", "choices"} and isinstance(allowed, list)
    return Field(
        type=kind,
        allowed=tuple(value for value in allowed if isinstance(value, str)) if is_listed and allowed else (),
        decimals=int(precision[1]) if precision else 2,
        read_only=entry.get("readOnly") is True,
        create_only=entry.get("mutable") is False and entry.get("readOnly") is not True,
        write_only=entry.get("writeOnly") is True,
    )


def fallback_model(object_path: str) -> Model:
    """Return what is known of an object where the model service does not say; an open model if that is nothing."""
    return known_model(object_path) or Model(object_path, is_open=True)


def known_model(object_path: str) -> Model | None:
    """Return what is known of an object without asking the model service; None for other objects.

    The tables are in `known_fields/`, one line per field: path, type, for an enum its values, for a ref or a
    list its object, flags. Groups are implied by the paths below them.
    """
    table = files(__package__).joinpath("known_fields", object_path.replace("/", ".") + ".txt")
    if not table.is_file():
        return None
    fields: dict[str, Field] = {}
    for line in table.read_text("utf-8").splitlines():
        path, kind, *words = line.split()
        fields |= {parent: Field("group") for parent in _parents(path) if parent not in fields}
        fields[path] = _known_field(kind, words)
        if kind == "ref":
            read_only = fields[path].read_only
            fields |= {f"{path}.{member}": Field("string", read_only=read_only) for member in _REF_MEMBERS}
    return Model(object_path, fields, is_partial=True)


def _parents(path: str) -> Iterator[str]:
    parts = path.split(".")
    return (".".join(parts[:depth]) for depth in range(1, len(parts)))


def _known_field(kind: str, words: list[str]) -> Field:
    flags = {word for word in words if word in {"read-only", "create-only", "write-only"}}
    facts = [word for word in words if word not in flags]
    return Field(
        type=kind,  # type: ignore[arg-type] # the tables hold only these words; a test reads them all
        allowed=tuple(facts[0].split("|")) if kind == "enum" else (),
        target=facts[0] if facts and kind in {"ref", "list"} else "",
        read_only="read-only" in flags,
        create_only="create-only" in flags,
        write_only="write-only" in flags,
    )


@dataclass(frozen=True, slots=True)
class ListedObject:
    """An object that the service lists, by its path without `objects/`, and the HTTP methods that it takes."""

    path: str
    methods: frozenset[str] = EVERY_METHOD


def parse_object_list(payload: object) -> tuple[ListedObject, ...]:
    """Read the answer to a question without a name; entries that name no object are passed over."""
    result = payload.get("ia::result") if isinstance(payload, Mapping) else None
    entries = result if isinstance(result, list) else []
    return tuple(
        ListedObject(str(entry["apiObject"]).removeprefix(_PREFIX), _methods(entry))
        for entry in entries
        if isinstance(entry, Mapping) and entry.get("apiObject")
    )


def _methods(entry: Mapping[str, Any]) -> frozenset[str]:
    """Return the methods that an entry names, `OPTIONS,GET,POST,DELETE,PATCH` (recorded live); all if it names none."""
    named = entry.get("httpMethods")
    if not isinstance(named, str):
        return EVERY_METHOD
    return frozenset(method.strip().upper() for method in named.split(","))

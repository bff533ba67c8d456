"""What an object is made of: fields, groups of fields, references to other objects, and lists of owned objects."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, TypeAlias

from intacct_emulator.settings import CustomObjectId

Kind: TypeAlias = Literal["string", "boolean", "integer", "number", "date", "date-time", "amount", "binary", "array"]
IdRule: TypeAlias = Literal["given", "numbered", "key"]

CUSTOM_OBJECTS = "platform-apps/nsp::"

_TITLES = {"general-ledger/account": "GL Account"}


@dataclass(frozen=True, slots=True)
class Field:
    """One value. `choices` may hold None; `create_only` may be given only to a new record."""

    kind: Kind
    choices: tuple[str | None, ...] | None = None
    default: str | bool | None = None
    read_only: bool = False
    write_only: bool = False
    create_only: bool = False
    deprecated: bool = False

    @property
    def nullable(self) -> bool:
        """Return whether null is a value of the field: of every field but one with choices that lack it."""
        return self.choices is None or None in self.choices

    @property
    def mutable(self) -> bool:
        """Return whether an existing record's value may change."""
        return not (self.read_only or self.create_only)


@dataclass(frozen=True, slots=True)
class Group:
    """A nested object. Also the body of an object and what a reference shows of its target."""

    fields: dict[str, Field] = field(default_factory=dict)
    groups: dict[str, "Group"] = field(default_factory=dict)
    refs: dict[str, "Ref"] = field(default_factory=dict)
    lists: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ref:
    """A reference to a record of the object `target`, by key or id; `parts` are what it shows and may set."""

    target: str
    parts: Group


@dataclass(frozen=True, slots=True, eq=False)
class Schema:
    """One object. Two schemas are equal only if they are the same object, so that what is made from a schema can be
    cached by it.

    `id_rule`: `given` by the caller, `numbered` when the caller gives none, or equal to the `key`. `owner` is the
    object and the field of a line's document, `alone` the verbs that write a line by itself, of POST, DELETE and PATCH.
    An `is_open` object takes any field. One that `is_type` is not an object itself: each transaction definition of the
    company makes one of it.
    """

    path: str
    body: Group
    id_rule: IdRule = "given"
    numbering: str = ""
    first_key: int = 1
    required: tuple[str, ...] = ()
    owner: tuple[str, str] | None = None
    alone: tuple[str, ...] = ()
    is_document: bool = False
    is_type: bool = False
    is_open: bool = False
    custom: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        """Return the last part of the path: `customer`."""
        return self.path.rpartition("/")[2]

    @property
    def title(self) -> str:
        """Return the name as messages show it: `Customer`, `GL Account`; a custom object's as it is."""
        if self.is_custom_object:
            return self.name
        return _TITLES.get(self.path) or self.name.replace("-", " ").title()

    @property
    def is_custom_object(self) -> bool:
        """Return whether the object is the company's own."""
        return self.path.startswith(CUSTOM_OBJECTS)

    def of_definition(self, definition: str) -> "Schema":
        """Return the object that a transaction definition makes of a type: `purchasing/document::Purchase Order`.

        Source: Sage's OpenAPI, purchasing document: an id is the definition's name and the document's number.
        """
        numbering = definition.replace("{", "{{").replace("}", "}}") + "-{:05d}"
        return replace(self, path=f"{self.path}::{definition}", numbering=numbering, is_type=False)

    def extended(self, fields: Mapping[str, Field], refs: Mapping[str, Ref], dimensions: Mapping[str, Ref]) -> "Schema":
        """Return the object with these fields and references of the company's own. It is not open any more.

        Source: Sage REST guide, user-defined dimensions: they are among the object's other `dimensions`.
        """
        groups = dict(self.body.groups)
        if dimensions:
            held = groups.get("dimensions", Group())
            groups["dimensions"] = replace(held, refs={**held.refs, **dimensions})
        known = self.body
        body = replace(known, fields={**known.fields, **fields}, refs={**known.refs, **refs}, groups=groups)
        return replace(self, body=body, is_open=False, custom=self.custom | fields.keys() | refs.keys())


def open_schema(path: str, given_id: CustomObjectId) -> Schema:
    """Return a custom object, whose fields are whatever it is given.

    Source: Sage REST guide, custom objects: key and id of a record are always the same.
    """
    # guess[custom-object-fields]: what a custom object has is the company's own matter; id, name and status are common
    # to most.
    # guess[custom-object-id]: an id in a write is refused as that of a document is; by flag it is ignored, or taken
    # against the guide.
    read_only = Field("string", read_only=True)
    fields = {
        "key": read_only,
        "id": read_only if given_id == "refused" else Field("string"),
        "href": read_only,
        "name": Field("string"),
        "status": Field("string", choices=("active", "inactive"), default="active"),
    }
    rule: IdRule = "given" if given_id == "given" else "key"
    return Schema(path, Group(fields=fields), id_rule=rule, first_key=5001, is_open=True)

"""Fields of the company's own, which a test declares: on any object, or as all that a custom object has."""

from typing import Any, Literal

import msgspec

from intacct_emulator.schemas import CUSTOM_OBJECTS, Field, Group, Kind, Ref
from intacct_emulator.store import Store

_FORMATS: dict[str, Kind] = {"date": "date", "date-time": "date-time", "decimal-precision-2": "amount"}


class DeclaredField(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """One field, in the words of the model service; `enum` of an array are the values it may hold."""

    type: Literal["string", "boolean", "integer", "number", "array"]
    format: Literal["date", "date-time", "decimal-precision-2"] | None = None
    enum: tuple[str | None, ...] | None = None
    read_only: bool = False

    def as_field(self) -> Field:
        """Return the field as schemas hold it."""
        kind: Kind = _FORMATS[self.format] if self.format is not None else self.type
        return Field(kind, choices=self.enum, read_only=self.read_only)


class DeclaredRef(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """A reference to records of an object, by key alone as Sage's guide to custom fields shows it."""

    api_object: str

    def as_ref(self) -> Ref:
        """Return the reference as schemas hold it."""
        return Ref(self.api_object, Group(fields={"key": Field("string")}))


class Declaration(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What an object has from now on, besides what it had."""

    object: str
    fields: dict[str, DeclaredField] = {}
    refs: dict[str, DeclaredRef] = {}
    dimensions: dict[str, DeclaredRef] = {}


def declare(store: Store, asked: Any) -> None:  # noqa: ANN401 - any JSON
    """Adds fields to an object. A custom object takes no others from then on.

    Raises:
        msgspec.ValidationError: the declaration cannot be understood, or does not fit the object.
    """
    read = msgspec.convert(asked, Declaration)
    table = store.table(read.object)
    if table is None:
        raise msgspec.ValidationError(f"There is no object {read.object}")
    names = [*read.fields, *read.refs, *read.dimensions]
    # guess[custom-field-names]: a custom object's own fields may have any name; on other objects the namespace
    # distinguishes them.
    if not read.object.startswith(CUSTOM_OBJECTS) and not all(name.startswith("nsp::") for name in names):
        raise msgspec.ValidationError(f"The name of a custom field of {read.object} begins with nsp::")
    table.schema = table.schema.extended(
        {name: field.as_field() for name, field in read.fields.items()},
        {name: ref.as_ref() for name, ref in read.refs.items()},
        {name: ref.as_ref() for name, ref in read.dimensions.items()},
    )

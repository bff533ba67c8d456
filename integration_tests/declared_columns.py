"""Custom objects for the streams of a source: a field for each column that Sage Intacct has a type for."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from emulator_process import EmulatorProcess

_OWN = ("name", "status")  # fields that every custom object has
_FORMATS = ("date", "date-time")
_SCALARS = {"string", "integer", "number", "boolean"}


def object_path(stream: str) -> str:
    """Return the custom object that the rows of a stream become."""
    return f"platform-apps/nsp::{stream}"


def field_name(column: str) -> str:
    """Return the field of a column: its name, where that can be one. Sage Intacct gives custom objects their `id`."""
    return "source_id" if column == "id" else re.sub(r"\W", "_", column)


def field_type(schema: Any) -> dict[str, Any] | None:
    """Return the declaration of a column's field; None for objects and for lists of other things than texts."""
    types = {kind for each in schema.get("oneOf", [schema]) for kind in _types(each)}
    if types == {"array"} and schema.get("items", {}).get("type") == "string":
        return {"type": "array"}
    if not types or types - _SCALARS:
        return None
    kind = "string" if len(types) > 1 else types.pop()
    return {"type": kind} | ({"format": schema["format"]} if schema.get("format") in _FORMATS else {})


def declare(
    emulator: EmulatorProcess, stream: str, columns: dict[str, Any], left_out: frozenset[str] = frozenset()
) -> dict[str, Any]:
    """Declare the fields of a stream's object; the columns that now have one, with their schemas."""
    typed = {name: field_type(schema) for name, schema in columns.items() if name not in left_out}
    fields = {field_name(name): made for name, made in typed.items() if made and name not in _OWN}
    if fields:
        emulator.declare_fields(object_path(stream), fields)
    return {name: columns[name] for name, made in typed.items() if made}


def entry(stream: str, columns: Iterable[str] = ()) -> dict[str, Any]:
    """Return the stream's entry in the configuration; only columns that cannot be fields' names need a mapping."""
    made = {"stream": stream, "object_type": "Custom object", "custom_object_path": object_path(stream)}
    if any(field_name(column) != column for column in columns):
        made |= {"field_mapping": [{"column": column, "field": field_name(column)} for column in columns]}
    return made


def inserting(entry_of_stream: dict[str, Any]) -> dict[str, Any]:
    """Return the entry for a stream without an id: its rows find no records, each becomes one."""
    return entry_of_stream | {"operation": "insert", "matching": {"by": "record_key", "field": "key"}}


def told(value: Any, schema: Any) -> Any:
    """Return a value in a form in which equal ones compare equal, whatever text a date-time or a number is in."""
    if value is None or isinstance(value, bool | list | dict):
        return value
    if schema.get("format") == "date-time":
        at = datetime.fromisoformat(value)
        return at if at.tzinfo else at.replace(tzinfo=UTC)  # the connector takes a time without a zone for UTC
    numeric = {"integer", "number"} & {kind for each in schema.get("oneOf", [schema]) for kind in _types(each)}
    if numeric and re.fullmatch(r"[+-]?[0-9.]+([eE][+-]?[0-9]+)?", str(value)):
        return Decimal(str(value))
    return value


def _types(schema: Any) -> set[str]:
    named = schema.get("type", [])
    return set([named] if isinstance(named, str) else named) - {"null"}

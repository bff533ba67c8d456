"""What can be done with an object: one operation for each of Airbyte's modes that works for it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from destination_sage_intacct.discovery.flat_schema import DRAFT, Schema, fields_schema, list_schema, title, writable
from destination_sage_intacct.intacct.model import CHANGES, CREATE, Field, Model
from destination_sage_intacct.intacct.objects import ObjectType

Mode = Literal["append", "append_dedup", "update", "soft_delete"]
CatalogOperation = dict[str, Any]

MODES: tuple[Mode, ...] = ("append", "append_dedup", "update", "soft_delete")
RECORD_KEY = "key"
_LINES = "lines"
_ID = "id"
_STATUS, _INACTIVE = "status", "inactive"
_KEY_SCHEMA: Schema = {
    "type": "string",
    "title": title(RECORD_KEY),
    "description": "The number that Sage Intacct gave the record. It finds the record and is never written.",
}


@dataclass(frozen=True, slots=True)
class WritableObject:
    """An object that the user may write; `line_models` by the paths of the objects that its lists hold."""

    object: ObjectType
    model: Model
    line_models: Mapping[str, Model] = field(default_factory=dict)

    @property
    def whole_model(self) -> Model:
        """Return the model with what it does not report: further fields that are set at creation only."""
        fixed = {path: replace(each, create_only=True) for path, each in self._fixed()}
        return replace(self.model, fields={**self.model.fields, **fixed}) if fixed else self.model

    def _fixed(self) -> Iterator[tuple[str, Field]]:
        return ((path, self.model.fields[path]) for path in self.object.create_only if path in self.model.fields)


def operations(found: WritableObject) -> Iterator[CatalogOperation]:
    """Yield the operations that work for an object, as a DESTINATION_CATALOG holds them."""
    for mode in MODES:
        if _works(found, mode):
            keys = _matching_keys(found, mode)
            yield {
                "object_name": found.object.label,
                "sync_mode": mode,
                "json_schema": _schema(found, mode, keys),
                "matching_keys": keys,
            }


def _works(found: WritableObject, mode: Mode) -> bool:
    creates, changes = CREATE in found.model.methods, bool(CHANGES & found.model.methods)
    match mode:
        case "append":
            return creates
        case "append_dedup":
            return creates and changes
        case "update":
            return changes
    return changes and _can_be_inactive(found)


def _can_be_inactive(found: WritableObject) -> bool:
    status = found.model.fields.get(_STATUS)
    if not found.object.has_status or status is None or status.read_only:
        return False
    return status.type != "enum" or _INACTIVE in status.allowed


def _matching_keys(found: WritableObject, mode: Mode) -> list[list[str]]:
    """Return what the form offers for finding records, each inner list a key of fields together."""
    if mode == "append":
        return []
    fields = writable(found.model, lambda _path, _field: False)
    return [[RECORD_KEY], *(list(names) for names in found.object.natural_keys if fields.keys() >= set(names))]


def _schema(found: WritableObject, mode: Mode, keys: list[list[str]]) -> Schema:
    naming = {name for names in keys for name in names}
    required = _required(found) if mode in {"append", "append_dedup"} else []
    # Where the form requires the ID, the record key as well would answer the same question twice.
    answered = {f"{name.removesuffix('.id')}.key" for name in required if name.endswith(".id")}

    def is_left_out(path: str, each: Field) -> bool:
        # The record key of a custom object's records is their ID as well.
        if path == RECORD_KEY or path in answered or (found.object.is_custom and path == _ID):
            return True
        return path not in naming and not _can_be_sent(each, mode)

    def of_list(path: str, each: Field) -> Schema:
        if not each.target:
            return {"type": "array", "items": {}}
        return list_schema(found.line_models.get(each.target), found.object.lines if path == _LINES else None)

    chosen = writable(found.whole_model, is_left_out)
    properties = {RECORD_KEY: _KEY_SCHEMA} if keys else {}
    properties |= fields_schema(found.whole_model, chosen, of_list)
    return {
        "$schema": DRAFT,
        "type": "object",
        "properties": properties,
        "required": [name for name in required if name in properties],
        "additionalProperties": mode != "soft_delete" and (found.model.is_open or found.model.is_partial),
    }


def _can_be_sent(field: Field, mode: Mode) -> bool:
    """Return whether rows of a mode may fill a field that does not find their record."""
    match mode:
        case "append":
            return True
        case "append_dedup":
            # Whether it would change can be seen only where it can be read; a row that came again would be rejected.
            return not (field.create_only and field.write_only)
        case "update":
            return not field.create_only
    return False


def _required(found: WritableObject) -> list[str]:
    """Return the properties without which nothing can be created: of a reference its ID."""
    fields = found.model.fields
    return [f"{path}.id" if path in fields and fields[path].type == "ref" else path for path in found.object.required]

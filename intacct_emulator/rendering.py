"""A record as the API shows it: every field of its object, with defaults, empty references and hrefs."""

from typing import Any

from intacct_emulator.checking import Json
from intacct_emulator.schemas import Group, Ref, Schema
from intacct_emulator.store import ENTITIES, Record, Store, Table, lines_of

_USER = {"key": "1", "id": "demo", "href": "/objects/company-config/user/1"}


def href(path: str, key: str) -> str:
    """Return where a record is read."""
    return f"/objects/{path}/{key}"


def reference(schema: Schema, record: Record) -> Json:
    """Return the answer to a write, and an item of a list."""
    return {"key": record.key, "id": record.id, "href": href(schema.path, record.key)}


def whole(store: Store, table: Table, record: Record) -> Json:
    """Return the record with all fields that may be read."""
    schema = table.schema
    shown = _group(store, schema.body, record.values)
    if schema.is_open:
        shown = {**shown, **record.values}
    shown |= reference(schema, record)
    if "audit" in schema.body.groups or schema.is_custom_object:
        shown["audit"] = _audit(record.created, record.modified)
    if "entity" in schema.body.refs or schema.is_custom_object:
        shown["entity"] = _entity(store, record.entity)
    for name, path in schema.body.lists.items():
        lines = store.table(path)
        if lines is not None:
            shown[name] = [whole(store, lines, line) for line in lines_of(lines.schema, record)]
    return shown


def _group(store: Store, group: Group, values: Json) -> Json:
    shown: dict[str, Any] = {}
    for name, field in group.fields.items():
        if not field.write_only:
            shown[name] = values.get(name, field.default)
    for name, inner in group.groups.items():
        shown[name] = _group(store, inner, values.get(name) or {})
    for name, ref in group.refs.items():
        shown[name] = _ref(store, ref, values.get(name) or {})
    for name in group.lists:
        shown[name] = values.get(name) or []
    return shown


def _ref(store: Store, ref: Ref, values: Json) -> Json:
    """Return a reference with its target's name and href; empty parts are null, and there is no href to nothing."""
    parts = ref.parts
    shown: Json = {name: values.get(name) for name, field in parts.fields.items() if name != "href"}
    table = store.table(ref.target)
    target = table.records.get(values.get("key") or "") if table is not None else None
    if target is not None and "name" in parts.fields:
        shown["name"] = target.values.get("name")
    if shown.get("key") and "href" in parts.fields:
        shown["href"] = href(ref.target, shown["key"])
    if values:
        shown |= {name: _group(store, inner, values.get(name) or {}) for name, inner in parts.groups.items()}
        shown |= {name: _ref(store, inner, values.get(name) or {}) for name, inner in parts.refs.items()}
    return shown


def _audit(created: str, modified: str) -> Json:
    return {
        "createdDateTime": created,
        "modifiedDateTime": modified,
        "createdBy": "1",
        "modifiedBy": "1",
        "createdByUser": _USER,
        "modifiedByUser": _USER,
    }


def _entity(store: Store, entity: str | None) -> Json:
    record = store.entity(entity)
    if record is None:
        return {"key": None, "id": None, "name": None}
    return {
        "key": record.key,
        "id": record.id,
        "name": record.values.get("name"),
        "href": href(ENTITIES, record.key),
    }

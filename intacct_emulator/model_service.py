"""`GET /services/core/model`: an object's fields in the shape that the live service answers."""

import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from intacct_emulator.checking import Json
from intacct_emulator.envelopes import meta
from intacct_emulator.exchange import Answer, Request, json_answer
from intacct_emulator.objects_service import http_methods
from intacct_emulator.refusals import invalid_request
from intacct_emulator.schemas import Field, Group, Kind, Ref, Schema
from intacct_emulator.settings import Settings
from intacct_emulator.store import Store, Table

PATH = "/services/core/model"

_OBJECTS = ("rootObject", "ownedObject")

_TYPES: dict[str, tuple[str, str | None]] = {
    "date": ("string", "date"),
    "date-time": ("string", "date-time"),
    "amount": ("string", "decimal-precision-2"),
    "binary": ("string", "outbound-binary"),
}


def answer(request: Request, store: Store, settings: Settings) -> Answer:
    """Return the model of the object that `name` names, or the list of all objects."""
    name = request.query.get("name", "").removeprefix("objects/")
    if not name:
        listed = _listed([_summary(table.schema, settings) for table in store.tables()], request.query)
        # guess[model-billing]: an answer of the model counts as one transaction, as a page of a query does.
        return json_answer(HTTPStatus.OK, {"ia::result": listed, "ia::meta": meta(len(listed))}, billed=1)
    table = store.table(name)
    if table is None:
        return json_answer(HTTPStatus.OK, {"ia::result": [], "ia::meta": meta(0)}, billed=1)
    return json_answer(HTTPStatus.OK, {"ia::result": model(table, settings), "ia::meta": meta(1)}, billed=1)


def _listed(summaries: list[Json], query: Mapping[str, str]) -> list[Json]:
    """Return the summaries of the types and with the names that are asked for.

    Source: Sage's OpenAPI, model: `type` names types, separated by commas, `filter` is a regular expression.

    Raises:
        RefusalError: the filter is no regular expression.
    """
    # guess[model-types]: `object` is every type of object; of services and workflows the list holds none.
    types = [_OBJECTS if each == "object" else (each,) for each in query.get("type", "object").split(",")]
    try:
        name = re.compile(query.get("filter", ""))
    except re.error as error:
        # guess[model-filter]: what answers an invalid expression.
        raise invalid_request("The filter is not a regular expression") from error
    return [each for each in summaries if each["type"] in sum(types, ()) and name.search(each["apiObject"])]


def model(table: Table, settings: Settings) -> Json:
    """Return the model of one object."""
    schema = table.schema
    shown = _group(schema.body)
    if schema.owner is not None and schema.owner[1] in schema.body.refs:
        # Source: Sage REST guide, owner and owned objects.
        shown["refs"][schema.owner[1]]["isOwner"] = True
    for part in ("groups", "refs"):
        shown.setdefault(part, {})
    # The live service answers an empty list, not an empty object, where an object has no lists.
    shown["lists"] = {name: {"apiObject": path} for name, path in schema.body.lists.items()} or []
    if schema.is_open:
        shown["fields"] |= _seen(table)
    return {**shown, "idempotenceSupported": True, **_summary(schema, settings)}


def _summary(schema: Schema, settings: Settings) -> Json:
    return {
        "apiObject": f"objects/{schema.path}",
        # guess[owned-type]: the type of an object that belongs to another; only `rootObject` is recorded.
        "type": "rootObject" if schema.owner is None else "ownedObject",
        "httpMethods": ",".join(http_methods(schema, settings)),
        "href": f"/services/core/model?version=v1&name=objects/{schema.path}",
    }


def _group(group: Group) -> Json:
    shown: Json = {}
    if group.fields:
        shown["fields"] = {name: _field(field) for name, field in group.fields.items()}
    if group.groups:
        shown["groups"] = {name: _group(inner) for name, inner in group.groups.items()}
    if group.refs:
        shown["refs"] = {name: _ref(ref) for name, ref in group.refs.items()}
    return shown


def _ref(ref: Ref) -> Json:
    return {"apiObject": ref.target, **_group(ref.parts)}


def _field(field: Field) -> Json:
    kind, form = _TYPES.get(field.kind, (field.kind, None))
    shown: Json = {
        "type": kind,
        "readOnly": field.read_only,
        "writeOnly": field.write_only,
        "required": False,  # the live service says so about every field, even those without which a create fails
        "nullable": field.nullable,
        "mutable": field.mutable,
    }
    if form is not None:
        shown["format"] = form
    if field.choices is not None:
        shown["enum"] = list(field.choices)
    if field.default is not None:
        shown["default"] = field.default
    if field.deprecated:
        shown["deprecated"] = True
    return shown


def _kind(value: object) -> Kind:
    if isinstance(value, bool):
        return "boolean"
    return "string" if isinstance(value, str) else "number"


def _seen(table: Table) -> Json:
    """Fields that records of a custom object hold."""
    seen: dict[str, Any] = {}
    for record in table.records.values():
        for name, value in record.values.items():
            if name not in seen and name not in table.schema.body.fields:
                seen[name] = _field(Field(_kind(value)))
    return seen

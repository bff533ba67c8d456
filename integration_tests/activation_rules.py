"""What Airbyte asks of a destination catalog, and of the connections made with it: each broken rule, in words.

Taken from the platform's source: `validateCatalogWithDestinationCatalog`, and from its web app what the mapping form
can show (`dataActivation`: top-level fields only, the first operation of an object and mode).
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from jsonschema import Draft7Validator
from jsonschema.exceptions import SchemaError

Json = Any

MODES = ("append", "append_dedup", "update", "soft_delete")


def catalog_complaints(operations: Sequence[Json]) -> list[str]:
    """Return what the platform could not use of a catalog."""
    counted = Counter((each["object_name"], each["sync_mode"]) for each in operations)
    twice = [f"{name} {mode}: offered twice, the form takes the first" for (name, mode), n in counted.items() if n > 1]
    return twice + [
        f"{each['object_name']} {each['sync_mode']}: {said}" for each in operations for said in _wrong_with(each)
    ]


def connection_complaints(operations: Sequence[Json], configured: Json) -> list[str]:
    """Return for what the platform would refuse to save a configured stream, with its destination's field names."""
    name, mode = configured.get("destination_object_name"), configured["destination_sync_mode"]
    if not name:
        return ["no object is set"]
    offered = [each for each in operations if (each["object_name"], each["sync_mode"]) == (name, mode)]
    return list(_refusals(offered[0], configured)) if offered else [f"{name} {mode} is not offered"]


def _wrong_with(operation: Json) -> Iterator[str]:
    schema = operation["json_schema"]
    if not operation["object_name"]:
        yield "the object has no name"
    if operation["sync_mode"] not in MODES:
        yield "the form does not offer this mode"
    try:
        Draft7Validator.check_schema(schema)
    except SchemaError as error:
        yield f"no JSON Schema: {error.message}"
        return
    yield from _wrong_with_fields(schema)
    yield from _wrong_with_keys(operation, schema.get("properties", {}))


def _wrong_with_fields(schema: Json) -> Iterator[str]:
    properties = schema.get("properties", {})
    if schema.get("type") != "object" or not properties:
        yield "the form finds no fields"
    for field, each in properties.items():
        if each.get("type") in {None, "object"}:
            yield f"{field} is not one value: the form shows the top level only"
    yield from (f"{field} is required and no field" for field in schema.get("required", []) if field not in properties)
    if not isinstance(schema.get("additionalProperties"), bool):
        yield "whether other fields may be named is not said"


def _wrong_with_keys(operation: Json, properties: Json) -> Iterator[str]:
    keys = operation.get("matching_keys") or []
    for key in keys:
        if not key:
            yield "a matching key has no fields"
        yield from (f"{field} is part of a matching key and no field" for field in key if field not in properties)
    if len({frozenset(key) for key in keys}) < len(keys):
        yield "two matching keys are the same"
    if keys and operation["sync_mode"] == "append":
        yield "nothing is matched when rows are added"
    if not keys and operation["sync_mode"] != "append":
        yield "no matching key finds the records"


def _refusals(operation: Json, configured: Json) -> Iterator[str]:
    schema, keys = operation["json_schema"], operation.get("matching_keys") or []
    mapped = configured["stream"]["json_schema"]["properties"]
    chosen = sorted(part for path in configured.get("primary_key") or [] for part in path)
    if keys and chosen not in [sorted(key) for key in keys]:
        yield f"the primary key {chosen} is no matching key"
    yield from (f"{field} is required and not mapped" for field in schema["required"] if field not in mapped)
    yield from (f"{field} is of the primary key and not mapped" for field in chosen if field not in mapped)
    if schema["additionalProperties"] is False:
        yield from (f"{field} is mapped and no field" for field in mapped if field not in schema["properties"])

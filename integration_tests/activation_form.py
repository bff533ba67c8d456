"""Airbyte's mapping form, played: what a person picks of a destination catalog becomes a configured stream.

Taken from the platform's web app and its mappers (`field-renaming`, `DestinationCatalogGenerator`): an object, an
insertion method, one matching key, and a source column for each field. The columns are renamed on the way, so that the
destination sees its own field names in schema, rows and primary key.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

Json = Any
Operation = dict[str, Json]


@dataclass(frozen=True)
class Mapped:
    """A stream of a connection: as the destination is given it, and from which source column each field comes."""

    stream: Json
    columns: dict[str, str]

    def row(self, source: dict[str, Json]) -> dict[str, Json]:
        """Return a row of the source as the destination is given it: mapped columns only, renamed."""
        return {field: source[column] for column, field in self.columns.items() if column in source}

    @property
    def fields(self) -> list[str]:
        return list(self.columns.values())


def pick(operations: Sequence[Operation], name: str, mode: str) -> Operation:
    """Return what the form takes for an object and an insertion method: the first operation of the two."""
    return next(each for each in operations if (each["object_name"], each["sync_mode"]) == (name, mode))


def connect(stream: str, operation: Operation, key: Sequence[str] = (), fields: Sequence[str] | None = None) -> Mapped:
    """Map a stream: the required fields, those of the matching key, and the others that are picked (None: all)."""
    schema = operation["json_schema"]
    picked = schema["properties"] if fields is None else fields
    chosen = list(dict.fromkeys([*schema["required"], *key, *picked]))
    properties = {name: schema["properties"].get(name, {}) for name in chosen}
    configured = {
        "stream": {
            "name": stream,
            "namespace": "warehouse",
            "json_schema": {"type": "object", "properties": properties},
            "supported_sync_modes": ["full_refresh", "incremental"],
        },
        "sync_mode": "incremental",
        "cursor_field": [],
        "destination_sync_mode": operation["sync_mode"],
        "destination_object_name": operation["object_name"],
        "primary_key": [[name] for name in key],
        "generation_id": 1,
        "minimum_generation_id": 0,
        "sync_id": 7,
    }
    return Mapped(configured, {source_column(name): name for name in chosen})


def source_column(field: str) -> str:
    """Return what the warehouse calls a field: nothing that the destination would know."""
    return f"col_{field}".replace(".", "_").replace(":", "_")

"""What the model service tells of objects as a whole: which ones there are, and what can be done with their records."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

CREATE = "POST"
# Which of the two an object takes its server shows (`Capabilities.updates_by_put`); either one changes records.
CHANGES = frozenset({"PATCH", "PUT"})
EVERY_METHOD = CHANGES | {CREATE}
_PREFIX = "objects/"


@dataclass(frozen=True, slots=True)
class ListedObject:
    """An object that the service lists, by its path without `objects/`, and the HTTP methods that it takes."""

    path: str
    methods: frozenset[str] = EVERY_METHOD


def parse_listing(payload: object) -> tuple[ListedObject, ...]:
    """Read the answer to a question without a name; entries that name no object are passed over."""
    result = payload.get("ia::result") if isinstance(payload, Mapping) else None
    entries = result if isinstance(result, list) else []
    return tuple(
        ListedObject(str(entry["apiObject"]).removeprefix(_PREFIX), _methods(entry))
        for entry in entries
        if isinstance(entry, Mapping) and entry.get("apiObject")
    )


def parse_methods(payload: object) -> frozenset[str]:
    """Return the methods that a model names, `OPTIONS,GET,POST,DELETE,PATCH` (recorded live); all if it names none."""
    result = payload.get("ia::result") if isinstance(payload, Mapping) else None
    return _methods(result) if isinstance(result, Mapping) else EVERY_METHOD


def _methods(entry: Mapping[str, Any]) -> frozenset[str]:
    told = entry.get("httpMethods")
    if not isinstance(told, str):
        return EVERY_METHOD
    return frozenset(method.strip().upper() for method in told.split(","))

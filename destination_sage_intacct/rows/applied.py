"""A whole record after a change, as the API would make it: fields merged, the records in its lists by their keys."""

from collections.abc import Mapping
from typing import Any

from destination_sage_intacct.rows.lines import OPERATION, holds_objects

_NAMING = frozenset({"key", "id"})


def applied(record: Mapping[str, Any], change: Mapping[str, Any]) -> dict[str, Any]:
    """Return a record with the fields of a change; what the change does not name stays.

    In a list of records, one with a key changes the record of that key or takes it off, one without is added under a
    made-up key. Neither is deeper than a row may be.

    Args:
        record: the whole record, nested.
        change: the nested body of an update, or of a new record.
    """
    return {**record, **{name: _after(record.get(name), value) for name, value in change.items()}}


def _after(own: object, value: object) -> object:
    if isinstance(value, Mapping) and isinstance(own, Mapping):
        # A reference that names another record keeps nothing of what named the one before.
        left = {name: each for name, each in own.items() if name not in _NAMING} if value.keys() & _NAMING else own
        return applied(left, value)
    if isinstance(value, list) and holds_objects(value):
        return _items(own if isinstance(own, list) else [], value)
    return value


def _items(own: list[Any], changes: list[Any]) -> list[Any]:
    items: dict[str, Any] = {str(item.get("key")): item for item in own if isinstance(item, Mapping)}
    for change in changes:
        key = str(change.get("key") or f"new-{len(items) + 1}")
        rest = {name: value for name, value in change.items() if name != OPERATION}
        if change.get(OPERATION) == "delete":
            items.pop(key, None)
        else:
            items[key] = applied(items.get(key, {}), {**rest, "key": key})
    return list(items.values())

"""A nested body by the dotted paths of its leaves: parts of it, and all of it made flat."""

from collections.abc import Iterable, Mapping
from typing import Any


def value_at(data: object, names: Iterable[str]) -> Any:  # noqa: ANN401 - JSON is any value
    """Return the value that these names lead to, one level after the other; None if there is none."""
    for name in names:
        # A plain dictionary is asked first: what a Mapping is takes long to find out.
        data = data.get(name) if type(data) is dict or isinstance(data, Mapping) else None
    return data


def pick(body: Mapping[str, Any], paths: Iterable[str]) -> dict[str, Any]:
    """Return the body with only these leaves, those of them that it has."""
    found: dict[str, Any] = {}
    for path in paths:
        *parents, last = path.split(".")
        source = value_at(body, parents)
        target = found
        if isinstance(source, Mapping) and last in source:
            for name in parents:
                target = target.setdefault(name, {})
            target[last] = source[last]
    return found


def omit(body: Mapping[str, Any], paths: Iterable[str]) -> dict[str, Any]:
    """Return the body without these leaves, and without the objects that are empty then."""
    rest = dict(body)
    for path in paths:
        name, _, inner = path.partition(".")
        held = rest.get(name)
        if inner and isinstance(held, Mapping):
            left = omit(held, [inner])
            if left:
                rest[name] = left
                continue
        if not inner or isinstance(held, Mapping):
            rest.pop(name, None)
    return rest


def flatten(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a record by dotted names, as a query would. Not recursive, as JSON may be deep."""
    flat: dict[str, Any] = {}
    left: list[tuple[str, Any]] = [(name, value) for name, value in reversed(list(record.items()))]
    while left:
        path, value = left.pop()
        if isinstance(value, Mapping):
            left.extend((f"{path}.{name}", member) for name, member in reversed(list(value.items())))
        else:
            flat[path] = value
    return flat

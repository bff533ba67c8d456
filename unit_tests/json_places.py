"""Places within JSON values, for tests that change something anywhere."""

import copy
from collections.abc import Iterator
from typing import Any

GONE = object()


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the way to everything within a value: names and positions."""
    for name, held in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield (*path, name)
        yield from places(held, (*path, name))


def changed(value: Any, path: tuple[Any, ...], put: Any) -> Any:
    """Return a copy with something else at a place, or without the place where it is to be GONE."""
    whole = at = copy.deepcopy(value)
    for name in path[:-1]:
        at = at[name]
    if put is GONE:
        del at[path[-1]]
    else:
        at[path[-1]] = put
    return whole

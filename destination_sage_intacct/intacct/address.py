"""The address of an object and its records, as Sage's own links spell it: `/objects/purchasing/document::A%20B/73`."""

from collections.abc import Iterable
from urllib.parse import quote


def escaped(path: str) -> str:
    """Return an object's path for an address: the `::` of typed and custom objects as it is, a blank as `%20`."""
    return quote(path, safe="/:")


def address(path: str, keys: Iterable[str] = ()) -> str:
    """Return where an object's collection is, or those of its records that have these record keys."""
    named = ",".join(quote(key, safe="") for key in keys)
    return f"/objects/{escaped(path)}/{named}" if named else f"/objects/{escaped(path)}"

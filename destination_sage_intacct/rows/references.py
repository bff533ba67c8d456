"""References that a row gives by key and by id: one of the two goes out, so that they cannot name two records."""

from collections.abc import Collection, Mapping
from typing import Any

_DEEPEST = 20


def named_once(body: dict[str, Any], found_by: Collection[str] = ()) -> dict[str, Any]:
    """Return the body with no reference that gives both key and id: the key counts, and the id where there is no key.

    Which of the two decides in Sage Intacct where they name two records is not documented. Lines are looked into too;
    a line's own key is no reference. The body itself is left as it is.

    Args:
        body: nested.
        found_by: the dotted fields by which the record is found; what they name stays, and decides.
    """
    return _members(body, "", found_by, 0)


def _members(body: dict[str, Any], prefix: str, found_by: Collection[str], depth: int) -> dict[str, Any]:
    changed: dict[str, Any] = {}
    for name, value in body.items():
        kind = type(value)
        if (kind is dict or kind is list) and value and depth < _DEEPEST:
            made = _value(value, f"{prefix}{name}", found_by, depth)
            if made is not value:
                changed[name] = made
    return {**body, **changed} if changed else body


def _value(value: Any, path: str, found_by: Collection[str], depth: int) -> Any:  # noqa: ANN401 - JSON is any value
    if type(value) is list:
        made = [_members(each, "", (), depth + 1) if type(each) is dict else each for each in value]
        return made if any(new is not old for new, old in zip(made, value, strict=True)) else value
    left_out = _left_out(value, path, found_by)
    kept = {name: member for name, member in value.items() if name != left_out} if left_out else value
    return _members(kept, f"{path}.", found_by, depth + 1)


def _left_out(value: Mapping[str, Any], path: str, found_by: Collection[str]) -> str:
    """Return which of key and id a reference is sent without, empty where it does not give both."""
    if "key" not in value or "id" not in value:
        return ""
    if value["key"] is None or (f"{path}.id" in found_by and f"{path}.key" not in found_by):
        return "key"
    return "" if f"{path}.id" in found_by else "id"

"""A change with all else that its record holds, for an update that may replace the record."""

from collections.abc import Callable, Collection, Mapping
from typing import Any

from destination_sage_intacct.intacct.model import Field, Model

_NAMING = ("key", "id")
_SAGES_OWN = frozenset({"key", "id", "href", "audit", "entity"})

LineModel = Callable[[str], Model]
"""Returns the model of the records in the list of this name."""


def in_whole(
    own: Mapping[str, Any],
    changes: Mapping[str, Any],
    model: Model,
    line_model: LineModel,
    but: Collection[str] = (),
) -> dict[str, Any]:
    """Return a body that holds the changes, and whatever else of the record an update can set.

    Sent to a server that keeps what an update does not name, it does what the changes do alone.

    Args:
        own: the record as it was read.
        changes: nested; of a list with the record's own lines, each line with its key, or a new one.
        model: of the object.
        line_model: of its lists.
        but: fields of the record that are not sent again.
    """
    return _whole(own, changes, _Place(model, line_model), "", but)


class _Place:
    """The model that paths are looked up in."""

    def __init__(self, model: Model, line_model: LineModel) -> None:
        self.model = model
        self.line_model = line_model

    def settable(self, path: str, value: object) -> bool:
        """Return whether an update can set a field to what it holds."""
        field = self.model.fields.get(path)
        if field is None:
            is_own = "::" in path or self.model.is_open
            return is_own and value is not None and path.rpartition(".")[2] not in _SAGES_OWN
        return value is not None and not (field.read_only or field.create_only)

    def kind(self, path: str, value: object) -> str:
        """Return whether a value is a `ref`, a `group`, a `list` of records, or a plain value (empty)."""
        field = self.model.fields.get(path) or Field("any")
        if isinstance(value, Mapping):
            return "ref" if field.type == "ref" or (field.type == "any" and value.keys() & set(_NAMING)) else "group"
        return "list" if isinstance(value, list) and any(isinstance(each, Mapping) for each in value) else ""


def _whole(
    own: Mapping[str, Any], changes: Mapping[str, Any], place: _Place, prefix: str, but: Collection[str] = ()
) -> dict[str, Any]:
    body = dict(changes)
    for name, value in own.items():
        path = f"{prefix}{name}"
        given = changes.get(name)
        if name in changes:
            if isinstance(given, Mapping) and isinstance(value, Mapping):
                body[name] = _merged(value, given, place, path)
            elif isinstance(given, list) and place.kind(path, value) == "list":
                body[name] = _lines(value, given, place, path)
        elif name not in but and place.settable(path, value):
            kept = _kept(value, place, path)
            if kept not in ({}, []):
                body[name] = kept
    return body


def _kept(value: Any, place: _Place, path: str) -> Any:  # noqa: ANN401 - JSON is any value
    match place.kind(path, value):
        case "ref":
            return _reference(value, {}, place, path)
        case "group":
            return _whole(value, {}, place, f"{path}.")
        case "list":
            return _lines(value, [], place, path)
    return value


def _merged(own: Mapping[str, Any], given: Mapping[str, Any], place: _Place, path: str) -> dict[str, Any]:
    if place.kind(path, own) == "ref":
        return _reference(own, given, place, path)
    return _whole(own, given, place, f"{path}.")


def _reference(own: Mapping[str, Any], given: Mapping[str, Any], place: _Place, path: str) -> dict[str, Any]:
    """Return a reference to the record that is given, otherwise to its own, with the other members given here."""
    named = {name: given[name] for name in _NAMING if name in given}
    is_another = any(str(own.get(name)) != str(value) for name, value in named.items())
    if is_another:
        return dict(given)
    own_name = next(({name: own[name]} for name in _NAMING if own.get(name) is not None), {})
    details = {
        name: value for name, value in own.items() if f"{path}.{name}" in place.model.fields and name not in _NAMING
    }
    return _whole(details, {**own_name, **given} if not named else given, place, f"{path}.")


def _lines(own: list[Any], given: list[Any], place: _Place, path: str) -> list[Any]:
    """Return every line of the record, with what is given of it, and then the new ones."""
    lines = _Place(place.line_model(path), place.line_model)
    changes = {str(each["key"]): each for each in given if isinstance(each, Mapping) and each.get("key") is not None}
    keys = [str(each.get("key")) for each in own]
    kept = [
        _line(each, changes.get(key, {}), lines, place.model.object_path) for key, each in zip(keys, own, strict=True)
    ]
    return kept + [each for each in given if not isinstance(each, Mapping) or str(each.get("key")) not in keys]


def _line(own: Mapping[str, Any], change: Mapping[str, Any], lines: _Place, owner: str) -> dict[str, Any]:
    """Return a line with what is given of it, without the references to its document."""
    if any(name.startswith("ia::") for name in change):  # it is taken off
        return dict(change)
    fields = lines.model.fields
    owners = {name for name, field in fields.items() if field.is_owner or (owner and field.target == owner)}
    rest = {name: value for name, value in own.items() if name != "key" and name not in owners}
    return {"key": own.get("key"), **_whole(rest, change, lines, "")}

"""Does the record already hold these values? In doubt it does not, and the row is written."""

from collections.abc import Container, Mapping
from typing import Any, Literal

from destination_sage_intacct.intacct.model import FieldType, Model
from destination_sage_intacct.rows.notation import notation, plain, trimmed

_Kind = FieldType | Literal["unknown"]

# A text field can hold both "" and null, and of an unknown one nobody can tell.
_HOLD_EMPTY_TEXT = frozenset({"string", "unknown"})
_NESTED = frozenset({"group", "ref", "unknown"})
_NEVER_SINGLE = frozenset({"group", "ref"})
_NAMING = frozenset({"key", "id"})

# One value of a body: its dotted path, itself, and its kind; None as kind: it cannot be compared.
_Leaf = tuple[str, object, _Kind | None]


def comparable_paths(body: Mapping[str, Any], model: Model) -> tuple[frozenset[str], bool]:
    """Return the fields to ask a query for, and whether all of the body can be compared with them.

    A reference that is cleared is asked for by its `key`. Lists and write-only fields cannot be read back by a
    query, nor can what does not fit its field, such as a text for a group.
    """
    leaves = _leaves(body, model)
    paths = frozenset(path for path, _, kind in leaves if kind is not None)
    return paths, all(kind is not None for _, _, kind in leaves)


def holds(
    body: Mapping[str, Any], record: Mapping[str, Any], model: Model, unreadable: Container[str] = frozenset()
) -> bool:
    """Tell whether a record holds every value of a body already, so that writing it would change nothing.

    Values are compared as values of the field's type, and as text where they are none. An empty text and null are
    equal only where the field cannot hold both. Raises for no JSON value.

    Args:
        body: the nested body.
        record: a query's row, with flat dotted names.
        model: tells the types; where it holds no field, the values' own shapes do.
        unreadable: dotted paths that the query refused.
    """
    for path, value, kind in _leaves(body, model):
        if kind is None or path in unreadable or path not in record or not _equal(value, record[path], kind):
            return False
    return True


def _leaves(body: Mapping[str, Any], model: Model) -> list[_Leaf]:
    """Return the leaves of a body. Not recursive: JSON may be nested deeper than Python's stack."""
    fields = model.fields
    leaves: list[_Leaf] = []
    levels: list[tuple[Mapping[str, Any], str, bool]] = [(body, "", False)]
    for members, prefix, in_ref in levels:  # grows as it goes
        for name, value in members.items():
            path = prefix + name
            field = fields.get(path)
            kind: _Kind = "unknown" if field is None else field.type
            if kind == "list" or isinstance(value, list) or (field is not None and field.write_only):
                leaves.append((path, value, None))
            elif isinstance(value, dict):
                if value and kind in _NESTED:
                    levels.append((value, f"{path}.", kind == "ref"))
                else:
                    leaves.append((path, value, None))
            elif kind == "ref" and value is None:
                leaves.append((f"{path}.key", None, "ref"))
            elif kind in _NEVER_SINGLE:
                leaves.append((path, value, None))
            else:
                leaves.append((path, value, "ref" if in_ref and name in _NAMING else kind))
    return leaves


def _equal(value: object, held: object, kind: _Kind) -> bool:
    if type(value) is type(held) and value == held:
        return True
    if value in {None, ""} or held is None or held == "":
        return kind not in _HOLD_EMPTY_TEXT and value in {None, ""} and (held is None or held == "")
    if kind == "unknown":
        return _equal_by_shape(value, held)
    one, other = notation(value, kind), notation(held, kind)
    if one is None or other is None:
        one, other = plain(value), plain(held)
    return one is not None and one == other


def _equal_by_shape(value: object, held: object) -> bool:
    """Compare values of an unknown type: as numbers if one is a number, but 7 is not the text 007."""
    one, other = plain(value), plain(held)
    if one is None or other is None:
        return False
    if isinstance(value, str) and isinstance(held, str):
        return one == other
    return trimmed(one) == trimmed(other)

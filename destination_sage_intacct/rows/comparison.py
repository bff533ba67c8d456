"""Does a record already hold these values? If in doubt, it does not, and the row is written."""

from collections.abc import Container, Mapping
from typing import Any, Literal

from destination_sage_intacct.intacct.model import FieldType, Model
from destination_sage_intacct.rows.choices import are_same
from destination_sage_intacct.rows.values import canonical_text, plain_text, trimmed

_Kind = FieldType | Literal["unknown"]
"""`unknown`: no field of the model, or one of a type of which nothing is known."""

# Sage Intacct shows an empty field as null (REST guide), a text one too, so "" would look like a change in every sync.
# What is lost: a text that should change from null to "" or back stays as it is. For an unknown field this is not
# known.
_HOLD_EMPTY_TEXT = frozenset({"unknown"})
_NESTED = frozenset({"group", "ref", "unknown"})
_NOT_ASKED_FOR = frozenset({None, "choices"})
_NEVER_SINGLE = frozenset({"group", "ref"})
_LISTS = frozenset({"list", "choices"})
_NAMING = frozenset({"key", "id"})

Leaf = tuple[str, Any, _Kind | None]
"""One value of a body: its dotted path, itself, and its kind; None as kind: it cannot be compared.

Choices are compared with a whole record only, as other lists are.
"""


def comparable_paths(body: Mapping[str, Any], model: Model) -> tuple[frozenset[str], bool]:
    """Return the fields to ask a query for, and whether all of the body can be compared with them.

    A reference that is cleared is read by its `key`. Lists and write-only fields cannot be read back by a
    query, nor can what does not fit its field, such as a text for a group.
    """
    found = leaf_values(body, model)
    paths = frozenset(path for path, _, kind in found if kind not in _NOT_ASKED_FOR)
    return paths, all(kind not in _NOT_ASKED_FOR for _, _, kind in found)


def holds(
    body: Mapping[str, Any], record: Mapping[str, Any], model: Model, unreadable: Container[str] = frozenset()
) -> bool:
    """Return whether a record holds every value of a body already, so that writing it would change nothing.

    Values are compared as values of the field's type, and as text where they are none. An empty text and null are
    equal in every field whose type is known. Raises for no JSON value.

    Args:
        body: the nested body.
        record: a query's row, with flat dotted names.
        model: has the types; where it holds no field, the values' own shapes do.
        unreadable: dotted paths that the query refused.
    """
    return all(leaf[0] not in unreadable and holds_leaf(leaf, record) for leaf in leaf_values(body, model))


def holds_leaf(leaf: Leaf, record: Mapping[str, Any]) -> bool:
    """Return whether a record holds one value of a body already."""
    path, value, kind = leaf
    if kind == "choices":
        return path in record and are_same(value, record[path], path)
    return kind is not None and path in record and _equal(value, record[path], kind)


def leaf_values(body: Mapping[str, Any], model: Model) -> list[Leaf]:
    """Return the leaves of a body. Not recursive: JSON may be nested deeper than Python's stack."""
    fields = model.fields
    found: list[Leaf] = []
    levels: list[tuple[Mapping[str, Any], str, bool]] = [(body, "", False)]
    for members, prefix, in_ref in levels:  # grows as it goes
        for name, value in members.items():
            path = prefix + name
            field = fields.get(path)
            kind: _Kind = "unknown" if field is None or field.type == "any" else field.type
            if kind in _LISTS or isinstance(value, list) or (field is not None and field.write_only):
                found.append((path, value, "choices" if kind == "choices" else None))
            elif isinstance(value, dict):
                if value and kind in _NESTED:
                    levels.append((value, f"{path}.", kind == "ref"))
                else:
                    found.append((path, value, None))
            elif kind == "ref" and value is None:
                found.append((f"{path}.key", None, "ref"))
            elif kind in _NEVER_SINGLE:
                found.append((path, value, None))
            else:
                found.append((path, value, "ref" if in_ref and name in _NAMING else kind))
    return found


def canonical_form(value: object, kind: _Kind | None) -> tuple[str, str] | None:
    """Return one spelling of a value. Values of one spelling are equal; equal ones may still have two, or none."""
    if value == "" or value is None:
        return "empty", "" if kind not in _HOLD_EMPTY_TEXT or value is None else "text"
    text = plain_text(value)
    if text is None:
        return None
    if kind == "unknown":
        return ("text", text) if isinstance(value, str) else ("value", trimmed(text))
    same = canonical_text(value, kind)
    return ("text", text) if same is None else ("value", same)


def _equal(value: object, held: object, kind: _Kind) -> bool:
    if type(value) is type(held) and value == held:
        return True
    if value in {None, ""} or held is None or held == "":
        return kind not in _HOLD_EMPTY_TEXT and value in {None, ""} and (held is None or held == "")
    if kind == "unknown":
        return _equal_by_shape(value, held)
    one, other = canonical_text(value, kind), canonical_text(held, kind)
    if one is None or other is None:
        one, other = plain_text(value), plain_text(held)
    return one is not None and one == other


def _equal_by_shape(value: object, held: object) -> bool:
    """Compare values of an unknown type: as numbers if one is a number, but 7 is not the text 007."""
    one, other = plain_text(value), plain_text(held)
    if one is None or other is None:
        return False
    if isinstance(value, str) and isinstance(held, str):
        return one == other
    return trimmed(one) == trimmed(other)

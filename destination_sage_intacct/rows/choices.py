"""Several texts in one field, as a multi-picklist holds them: what a column's value names, and whether a record has it.

A column holds an array, its JSON text, or one text with separators. Sage's own separator counts always; any other only
where the values that the field allows leave no doubt, as a comma or a semicolon may belong to a value.
"""

from collections.abc import Sequence
from typing import Any

from destination_sage_intacct import exact_json
from destination_sage_intacct.rows.values import plain_text

# Between the values of a multi-picklist in Sage's older API and its exports.
_SAGES_OWN = "#~#"
_NAMESPACE = "::"
_OTHERS = ("\n", ";", "|", ",")


def named_in(value: Any, allowed: Sequence[str]) -> list[Any]:  # noqa: ANN401 - JSON is any value
    """Return the single values that a column's value names; a null names none.

    Args:
        value: not null. The elements of an array are returned as they are, the parts of a text without the blanks
            around them.
        allowed: the values that the field may hold; none where that is not known.
    """
    found = value if isinstance(value, list) else [value]
    if isinstance(value, str):
        found = _in_text(value.strip(), {_folded(each) for each in allowed})
    return [each for each in found if each is not None]


def are_same(given: object, held: object, path: str) -> bool:
    """Return whether a record holds these values; null, an absent field and an empty list are equal.

    The values of a multi-picklist have no order. Those of a field that is not the company's own may have one.

    Args:
        given: as they would be written.
        held: as the record holds them.
        path: of the field.
    """
    one, other = _as_texts(given), _as_texts(held)
    if one is None or other is None:
        return False
    return set(one) == set(other) if _NAMESPACE in path else one == other


def _in_text(text: str, allowed: set[str]) -> list[Any]:
    if _folded(text) in allowed:
        return [text]
    listed = _listed(text)
    if listed is not None:
        return listed
    if _SAGES_OWN in text:
        return _parts(text, _SAGES_OWN)
    readings = [_parts(text, separator) for separator in _OTHERS if separator in text]
    settled = [parts for parts in readings if all(_folded(part) in allowed for part in parts)]
    return settled[0] if len(settled) == 1 else [text]


def _listed(text: str) -> list[Any] | None:
    """Return what a JSON array holds, None for a text that is not one, such as `[old] customers`."""
    if not (text.startswith("[") and text.endswith("]")):
        return None
    try:
        found = exact_json.decode(text.encode("utf-8", "surrogatepass"))
    except exact_json.NotJsonError:
        return None
    return found if isinstance(found, list) else None


def _parts(text: str, separator: str) -> list[str]:
    return [part.strip() for part in text.split(separator) if part.strip()]


def _folded(text: str) -> str:
    return text.strip().casefold()


def _as_texts(value: object) -> list[str] | None:
    """Return the values of a list, or of one text as the query service may show it; None if there are others."""
    if isinstance(value, str):
        value = _parts(value, _SAGES_OWN)
    texts = [plain_text(each) for each in value] if isinstance(value, list) else []
    if not (value is None or isinstance(value, list)) or None in texts:
        return None
    return [text for text in texts if text is not None]

"""The name that was meant: the nearest of those that exist."""

from difflib import get_close_matches
from functools import lru_cache

from destination_sage_intacct.intacct.model import Field, Model
from destination_sage_intacct.rows.values import Problem

# Comparing takes time by the square of the length, and no field or enum value is longer.
_LONGEST = 100
_REF_MEMBERS = frozenset({"id", "key"})


@lru_cache(maxsize=1_000)
def nearest(name: str, names: tuple[str, ...]) -> str:
    """Return the one of the names that is most like this one, without regard to case; an empty text if none is."""
    if len(name) > _LONGEST:
        return ""
    folded = {candidate.casefold(): candidate for candidate in names}
    close = get_close_matches(name.casefold(), folded, 1)
    return folded[close[0]] if close else ""


def unknown_field(path: str, shown: str, model: Model) -> Problem:
    """Say that an object has no such field, and which one may have been meant.

    Args:
        path: the dotted path within the object.
        shown: the same within the row's body: `lines[2].memmo`.
        model: of the object.
    """
    found = _meant(path, tuple(name for name, field in model.fields.items() if _can_be_meant(name, field, path)))
    did_you = f"Did you mean `{found}`? " if found else ""
    return Problem(
        "unknown_field",
        f"Sage Intacct's object {model.object_path} has no such field",
        f"{did_you}Correct the field's name, or leave the field out; a custom field is named `nsp::NAME`.",
        shown if len(shown) <= _LONGEST else f"{shown[:_LONGEST]}…",
    )


def _can_be_meant(name: str, field: Field, path: str) -> bool:
    return field.type != "group" and not field.read_only and not path.startswith(f"{name}.")


def _meant(path: str, names: tuple[str, ...]) -> str:
    """Return the field of the same name elsewhere, as `dimensions.location` for `location`, else the nearest."""
    parent, _, last = path.rpartition(".")
    if last.casefold() not in _REF_MEMBERS:
        elsewhere = [name for name in names if name.rpartition(".")[2].casefold() == last.casefold()]
        if elsewhere:
            return min(elsewhere, key=len)
    # Names in one group are compared without the group's own, which is like each of them.
    siblings = {name.rpartition(".")[2]: name for name in names if name.rpartition(".")[0] == parent}
    return siblings.get(nearest(last, tuple(siblings)), "") if siblings else nearest(path, names)

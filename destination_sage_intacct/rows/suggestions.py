"""The name that was meant: the nearest of those that exist."""

from collections.abc import Iterator, Sequence
from functools import lru_cache

from destination_sage_intacct.intacct.model import Field, Model
from destination_sage_intacct.rows.values import Problem

# Comparing takes time by the square of the length, and no field or enum value is longer.
_LONGEST = 100
_REF_MEMBERS = frozenset({"id", "key"})
_LIKE = 0.6
# Suggesting a wrong field does more harm than suggesting none.
_VERY_LIKE = 0.8
_LIKE_BUT_FOR_ONE_LETTER_OF_FOUR = 0.75
_SHORT = 5


@lru_cache(maxsize=1_000)
def nearest(name: str, names: tuple[str, ...], likeness: float = _LIKE) -> str:
    """Return the one of the names that is most like this one, without regard to case; an empty text if none is.

    `likeness` is the least one that counts, from 0 to 1.
    """
    from difflib import get_close_matches  # noqa: PLC0415 - it costs 0.3 MB that only errors need

    if len(name) > _LONGEST:
        return ""
    folded = {candidate.casefold(): candidate for candidate in names}
    close = get_close_matches(name.casefold(), folded, 1, likeness)
    return folded[close[0]] if close else ""


def unknown_field(path: str, shown: str, model: Model) -> Problem:
    """Return the problem that an object has no such field, and which one may have been meant.

    Args:
        path: the dotted path within the object.
        shown: the same within the row's body: `lines[2].memmo`.
        model: of the object.
    """
    found = meant_field(path, model)
    did_you = f"Did you mean `{found}`? " if found else ""
    return Problem(
        "unknown_field",
        f"Sage Intacct's object {model.object_path} has no such field",
        f"{did_you}Correct the field's name, or leave the field out; a custom field is named `nsp::NAME`.",
        shown if len(shown) <= _LONGEST else f"{shown[:_LONGEST]}…",
    )


def meant_field(path: str, model: Model) -> str:
    """Return the writable field that may have been meant by a path that names none; an empty text if none is near."""
    if len(path) > _LONGEST:
        return ""
    return _meant(path, tuple(name for name, field in model.fields.items() if _can_be_meant(name, field, path)))


def _can_be_meant(name: str, field: Field, path: str) -> bool:
    return field.type != "group" and not field.read_only and not path.startswith(f"{name}.")


@lru_cache(maxsize=1_000)
def _meant(path: str, names: tuple[str, ...]) -> str:
    """Return the field of the same name elsewhere, as `dimensions.location` for `location`, else the nearest."""
    parent, _, last = path.rpartition(".")
    elsewhere = [name for name in names if _ends_with(name, _letters(path))]
    if elsewhere:
        beside = [name for name in names if "." not in name and name.endswith(last[:1].upper() + last[1:])]
        # Of `currency.exchangeRate.date` and `dueDate` either may have been meant by `date`.
        return "" if beside and not set(beside) & set(elsewhere) else min(elsewhere, key=lambda name: (len(name), name))
    likeness = _VERY_LIKE if len(last) > _SHORT else _LIKE_BUT_FOR_ONE_LETTER_OF_FOUR
    # Names in one group are compared without the group's own, which is like each of them.
    siblings = {name.rpartition(".")[2]: name for name in names if name.rpartition(".")[0] == parent}
    if siblings:
        return siblings.get(nearest(last, tuple(siblings), likeness), "")
    return nearest(path, names, _VERY_LIKE)


def _ends_with(name: str, letters: str) -> bool:
    """Return whether a field's last parts are these letters, with or without a number, as `email` for `email1`."""
    return any(letters in {tail, tail.rstrip("0123456789")} for tail in _tails(name.split(".")))


def _tails(parts: Sequence[str]) -> Iterator[str]:
    """Yield the letters of the last part, the last two, and so on; `id` alone identifies nothing."""
    for start in reversed(range(len(parts))):
        tail = parts[start:]
        if len(tail) > 1 or tail[0].casefold() not in _REF_MEMBERS:
            yield _letters("".join(tail))


def _letters(name: str) -> str:
    return name.replace("_", "").replace(".", "").casefold()

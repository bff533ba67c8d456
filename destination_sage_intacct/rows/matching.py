"""Natural keys to record keys: which records a query must ask for, and which of them are whose; none, one, many."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from destination_sage_intacct.intacct.model import FieldType, Model
from destination_sage_intacct.rows.paths import value_at
from destination_sage_intacct.rows.values import Problem, canonical_text, plain_text

NaturalKey = tuple[str, ...]
"""One text per field, in the order of the fields; each in the one notation of its value."""

_SOME_VALUES: Mapping[str, tuple[str, ...]] = {
    "boolean": ("true", "false"),
    "date": ("2000-01-01", "2000-01-02"),
    "date-time": ("2000-01-01T00:00:00Z", "2000-01-02T00:00:00Z"),
}


def natural_key(body: Mapping[str, Any], fields: Sequence[str], model: Model) -> NaturalKey | Problem:
    """Return a row's natural key, or why it has none.

    Texts stay exactly as they came; other values are normalised by the field's type, so that 1.50 and 1.5 are one
    number.

    Args:
        body: the nested body of the row.
        fields: dotted paths into it.
        model: has the types; a field that it does not hold counts as text.
    """
    parts: list[str] = []
    for path in fields:
        value = body.get(path) if "." not in path else value_at(body, path.split("."))
        if value is None or (isinstance(value, str) and not value.strip()):
            return _missing(path)
        kind = _kind(path, model)
        part = canonical_text(value, kind)
        if part is None:
            return _invalid(path, kind, is_single=plain_text(value) is not None)
        parts.append(part)
    return tuple(parts)


def folded(key: NaturalKey) -> NaturalKey:
    """Return the form that keys share if the API might take them for the same: without case and surrounding blanks."""
    return tuple([part.strip().casefold() for part in key])  # a list is quicker than a generator


def trimmed(key: NaturalKey) -> NaturalKey:
    """Return a key without the blanks around its parts."""
    return tuple([part.strip() for part in key])


def escaped(key: NaturalKey) -> NaturalKey:
    """Return a key as a query names it to a server that takes an apostrophe only behind a backslash."""
    return tuple(part.replace("'", "\\'") for part in key)


def filters(keys: Sequence[NaturalKey], fields: Sequence[str], model: Model) -> tuple[list[dict[str, Any]], str | None]:
    """Return the `filters` and the `filterExpression` of a query for the records of these keys (Sage's core query).

    Each distinct key appears once. Integers and numbers go out as JSON numbers, all else as text.

    Args:
        keys: one or more, as `natural_key` made them.
        fields: the same as there.
        model: the same as there.
    """
    kinds = [_kind(path, model) for path in fields]
    distinct = list(dict.fromkeys(keys))
    if len(fields) == 1:
        return [{"$in": {fields[0]: [_json_value(part, kinds[0]) for (part,) in distinct]}}], None
    equals = [
        {"$eq": {path: _json_value(part, kind)}}
        for key in distinct
        for path, part, kind in zip(fields, key, kinds, strict=True)
    ]
    numbers = [str(number) for number in range(1, len(equals) + 1)]
    groups = (numbers[start : start + len(fields)] for start in range(0, len(numbers), len(fields)))
    return equals, " or ".join(f"({' and '.join(group)})" for group in groups)


def filters_by_field(
    keys: Sequence[NaturalKey], fields: Sequence[str], model: Model
) -> tuple[list[dict[str, Any]], str | None]:
    """Return one filter for each field, which together find the records of these keys, and perhaps some of others.

    Where a value of one field comes with most values of the others the records found are many more than the keys, and
    `filters` asks for less. Arguments as there.
    """
    kinds = [_kind(path, model) for path in fields]
    values = [list(dict.fromkeys(parts)) for parts in zip(*keys, strict=True)]
    return [
        {"$in": {path: [_json_value(part, kind) for part in parts]}}
        for path, kind, parts in zip(fields, kinds, values, strict=True)
    ], None


def assign(
    keys: Iterable[NaturalKey], fields: Sequence[str], records: Iterable[Mapping[str, Any]], model: Model
) -> dict[NaturalKey, list[Mapping[str, Any]]]:
    """Return the records found for each key that was asked for; an empty list where there is none.

    The server does the comparison, this only attributes records to keys: a record belongs to the key that is exactly
    its own; only if that was not asked for, to every key that is the same when `folded`. A record that is on two pages
    counts once.

    Args:
        keys: as `natural_key` made them.
        fields: the same as there.
        records: a query's rows, with flat dotted names: `{"key": "12", "term.id": "N30"}`.
        model: the same as there.
    """
    found: dict[NaturalKey, list[Mapping[str, Any]]] = {key: [] for key in keys}
    by_folded: dict[NaturalKey, list[NaturalKey]] = {}
    for key in found:
        by_folded.setdefault(folded(key), []).append(key)
    for own, record in _distinct(records, fields, model):
        for key in [own] if own in found else by_folded.get(folded(own), ()):
            found[key].append(record)
    return found


def exactly(
    keys: Iterable[NaturalKey], fields: Sequence[str], records: Iterable[Mapping[str, Any]], model: Model
) -> dict[NaturalKey, list[Mapping[str, Any]]]:
    """Return for each key the records that carry just this one. Arguments as in `assign`."""
    found: dict[NaturalKey, list[Mapping[str, Any]]] = {key: [] for key in keys}
    for own, record in _distinct(records, fields, model):
        if own in found:
            found[own].append(record)
    return found


def _distinct(
    records: Iterable[Mapping[str, Any]], fields: Sequence[str], model: Model
) -> Iterator[tuple[NaturalKey, Mapping[str, Any]]]:
    """Yield each record once, with the natural key that it holds; none that holds no value of a field."""
    kinds = [_kind(path, model) for path in fields]
    seen: set[str] = set()
    for record in records:
        own = _own_key(record, fields, kinds)
        record_key = plain_text(record.get("key"))
        if own is None or record_key in seen:
            continue
        if record_key is not None:
            seen.add(record_key)
        yield own, record


def may_have_look_alikes(key: NaturalKey) -> bool:
    """Return whether another key could differ from this one only in case or the blanks around it."""
    return any(part.strip() != part or part.lower() != part.upper() for part in key)


class LookAlike(NamedTuple):
    """A record that has a key, or one that differs from it only in case or blanks; `is_same` says which."""

    record: Mapping[str, Any]
    is_same: bool


def look_alikes(
    keys: Iterable[NaturalKey], fields: Sequence[str], records: Iterable[Mapping[str, Any]], model: Model
) -> dict[NaturalKey, LookAlike]:
    """Return for each key the record that has it, else one whose key differs only in case or blanks, if any.

    Arguments as in `assign`.
    """
    kinds = [_kind(path, model) for path in fields]
    owned = [(own, record) for record in records if (own := _own_key(record, fields, kinds)) is not None]
    by_own = dict(owned)
    by_folded = {folded(own): record for own, record in owned}
    return {
        key: LookAlike(by_own.get(key, by_folded[folded(key)]), key in by_own)
        for key in keys
        if folded(key) in by_folded
    }


def another_key(key: NaturalKey, fields: Sequence[str], model: Model) -> NaturalKey:
    """Return a key of other values of the same types, to find out whether a query fails for this key alone."""
    return tuple(
        next(other for other in _other_values(path, model) if other != part)
        for path, part in zip(fields, key, strict=True)
    )


def _other_values(path: str, model: Model) -> tuple[str, ...]:
    field = model.fields.get(path)
    if field is not None and len(field.allowed) > 1:
        return field.allowed
    return _SOME_VALUES.get(_kind(path, model) or "string", ("0", "1"))


def _kind(path: str, model: Model) -> FieldType | None:
    field = model.fields.get(path)
    return field.type if field is not None else None


def _json_value(part: str, kind: FieldType | None) -> str | int | Decimal:
    if kind == "integer":
        return int(part)
    return Decimal(part) if kind == "number" else part


def _own_key(record: Mapping[str, Any], fields: Sequence[str], kinds: Sequence[FieldType | None]) -> NaturalKey | None:
    """Return the key that a record holds, None if a part of it is no value of its field."""
    parts: list[str] = []
    for path, kind in zip(fields, kinds, strict=True):
        part = canonical_text(record.get(path), kind)
        if part is None:
            return None
        parts.append(part)
    return tuple(parts)


def _missing(path: str) -> Problem:
    return Problem(
        "natural_key_missing",
        f"The row has no value for `{path}`, by which its record is found",
        f"Fill the column that is mapped to `{path}`, or match by fields that every row has.",
        path,
    )


def _invalid(path: str, kind: FieldType | None, *, is_single: bool) -> Problem:
    what = f"not of the field's type ({kind})" if is_single else "a list or an object"
    return Problem(
        "invalid_natural_key",
        f"The value for `{path}`, by which the record is found, is {what}",
        f"Map a column to `{path}` that holds a single value of the field's type, or match by other fields.",
        path,
    )

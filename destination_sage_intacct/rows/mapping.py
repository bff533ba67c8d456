"""Columns to a nested body: which column goes to which field, and what a row becomes by it."""

from collections.abc import Callable, Collection, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from types import MappingProxyType
from typing import Any, NamedTuple

from destination_sage_intacct.intacct.model import Model
from destination_sage_intacct.rows.suggestions import meant_field
from destination_sage_intacct.rows.values import ABSENT, Problem

Path = tuple[str, ...]


class Converter(NamedTuple):
    """What makes values those of a field. One of the type `plain` is one already, a text if no blanks are around it."""

    made: Callable[[Any], Any]
    plain: type | None = None


Convert = Callable[[str], Converter]
"""Takes a field by its dotted path."""

_Step = tuple[str, Path, str, Callable[[Any], Any], type | None]
"""A column, the objects that lead to its field, the field's own name, and its `Converter`."""

Resolve = Callable[[str, bool], tuple[Path | None, str]]
"""Takes a column, and whether the reason is to name what may have been meant; returns its field, or why it has none."""

# A source may send other columns in each row.
_MOST_COLUMN_SETS = 100
# Decisions are remembered; for columns that are not sent, this many at most.
_MOST_UNSENT = 1_000
_AIRBYTES_OWN = "Airbyte's own"
_USED_ELSEWHERE = "used elsewhere"
_NUMBERED = frozenset({"list", "choices"})
_NOT_SHOWN = frozenset({_AIRBYTES_OWN, _USED_ELSEWHERE})
_AIRBYTE_PREFIXES = ("_airbyte_", "_ab_")
# Sage's own number of a record: it addresses the record and is never one of its fields.
_RECORD_KEY = ("key",)


def is_airbytes_own(column: str) -> bool:
    """Return whether a column is one that Airbyte adds to a stream, in the case of whatever warehouse it comes from."""
    return column.casefold().startswith(_AIRBYTE_PREFIXES)


class MappingError(ValueError):
    """The columns cannot be mapped as configured; names the columns and what to change."""


@dataclass(frozen=True)
class ColumnMapping:
    """Where each column goes. `unsent` holds the columns that go nowhere, with the reason."""

    targets: Mapping[str, tuple[Path, ...]]
    unsent: Mapping[str, str]
    key_field: str
    resolve: Resolve | None = None
    _of_sets: dict[object, tuple[str | None, list[_Step]]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )
    _of_columns: dict[object, list[_Step]] = field(default_factory=dict, init=False, repr=False, compare=False)

    def covers(self, columns: Iterable[str]) -> bool:
        """Return whether every one of these columns has been decided on."""
        return self.resolve is None or self._decided.issuperset(columns)

    @cached_property
    def _decided(self) -> frozenset[str]:
        return frozenset(self.decided)

    @property
    def decided(self) -> tuple[str, ...]:
        """Return the columns that have been decided on."""
        return (*self.targets, *self.unsent)

    @property
    def covered(self) -> bool:
        """Return whether any column has been decided on, Airbyte's own aside."""
        return bool(self.targets) or any(why != _AIRBYTES_OWN for why in self.unsent.values())

    def including(self, columns: Iterable[str]) -> "ColumnMapping":
        """Decide on further columns, as a source may send some that its schema does not name.

        Raises:
            MappingError: a further column goes to a field that another one already fills.
        """
        if self.resolve is None:
            return self
        targets: dict[str, tuple[Path, ...]] = {}
        unsent: dict[str, str] = {}
        for column in columns:
            if column in self.targets or column in self.unsent:
                continue
            is_remembered = len(self.unsent) + len(unsent) < _MOST_UNSENT
            path, reason = self.resolve(column, is_remembered)
            if path is not None:
                targets[column] = (path,)
            elif is_remembered:
                unsent[column] = reason
        if targets:
            _check_conflicts({**self.targets, **targets})
        if not targets and not unsent:
            return self
        return replace(self, targets={**self.targets, **targets}, unsent={**self.unsent, **unsent})

    def unsent_text(self, but: Container[str] = ()) -> str:
        """Name the columns that go nowhere, with the reason; not `but` these, and not Airbyte's own."""
        unsent = ((column, why) for column, why in self.unsent.items() if column not in but)
        shown = sorted((column, why) for column, why in unsent if why not in _NOT_SHOWN)
        return ", ".join(f"{column} ({why})" for column, why in shown)

    @property
    def sends_fields(self) -> bool:
        """Return whether any column goes to a field other than the record key."""
        return any(path != (self.key_field,) for paths in self.targets.values() for path in paths)

    def column_of(self, field: str) -> str | None:
        """Return the column that goes to just this dotted field, None if there is none."""
        whole = tuple(field.split("."))
        return next((column for column, paths in self.targets.items() if whole in paths), None)

    def column_behind(self, field: str) -> str:
        """Return the column that goes to a dotted field, or the only one that goes to a part of it; empty for none."""
        whole = tuple(field.split("."))
        parts = [
            column
            for column, paths in self.targets.items()
            if any(path[: len(whole)] == whole or whole[: len(path)] == path for path in paths)
        ]
        return self.column_of(field) or (parts[0] if len(parts) == 1 else "")

    @property
    def key_column(self) -> str | None:
        """Return the column that holds the record key, None if there is none."""
        whole = (self.key_field,)
        return next((column for column, paths in self.targets.items() if whole in paths), None)

    def fills(self, field: str) -> bool:
        """Return whether a column goes to this dotted field, or to a part of the body that can hold it."""
        whole = tuple(field.split("."))
        return any(path == whole[: len(path)] for paths in self.targets.values() for path in paths)

    def apply(
        self, data: Mapping[str, Any], *, keep_nulls: bool, convert: Convert | None = None
    ) -> tuple[Any, dict[str, Any] | Problem]:
        """Return a row's record key as it came (None without one), and its nested body or the first problem of it.

        A null is left out, or sent when `keep_nulls` (it clears the field).

        Args:
            data: the row.
            keep_nulls: what happens to nulls.
            convert: makes values those of their fields; without it they stay as they are.
        """
        body: dict[str, Any] = {}
        problem: Problem | None = None
        key_column, steps = self._steps_of(tuple(data), convert)
        for column, parents, name, made, plain in steps:
            value = data[column]
            # Most values are plain, and to call a function for each takes longer than all else.
            kind = type(value)
            if kind is not plain or (kind is str and not (value and value.strip() == value)):
                value = None if value is None and not keep_nulls else made(value)
                if type(value) is Problem:
                    problem = problem or value
                    continue
                if value is ABSENT or (value is None and not keep_nulls):
                    continue
            if parents:
                _put(body, parents, name, value)
            else:
                body[name] = value
        return None if key_column is None else data[key_column], problem or body

    def _steps_of(self, columns: tuple[str, ...], convert: Convert | None) -> tuple[str | None, list[_Step]]:
        """Return the column with the record key, and what to do with the others; decided once for each set of them."""
        known = self._of_sets.get((convert, columns))
        if known is None:
            if len(self._of_sets) >= _MOST_COLUMN_SETS:
                self._of_sets.clear()
            key_columns = [column for column in columns if (self.key_field,) in self.targets.get(column, ())]
            steps = [step for column in columns for step in self._steps_of_column(column, convert)]
            known = self._of_sets[convert, columns] = (key_columns[-1] if key_columns else None, steps)
        return known

    def _steps_of_column(self, column: str, convert: Convert | None) -> list[_Step]:
        known = self._of_columns.get((convert, column))
        if known is None:
            known = [
                (column, path[:-1], path[-1], *(convert(".".join(path)) if convert else _AS_IT_IS))
                for path in self.targets.get(column, ())
                if path != (self.key_field,)
            ]
            if known:
                self._of_columns[convert, column] = known
        return known


def map_fields(
    pairs: Sequence[tuple[str, str]], key_field: str, model: Model, alias: Callable[[str], str]
) -> ColumnMapping:
    """Map just these (column, field) pairs, under exactly those field names, known to us or not.

    Raises:
        MappingError: two columns go to one field, or one to a field and another to a part of it, or one to the record
            key as if it were a field.
    """
    targets: dict[str, tuple[Path, ...]] = {}
    for column, name in pairs:
        path = _real_path(name, key_field, model, alias)
        if path == _RECORD_KEY and name != key_field:
            raise MappingError(
                f"Column `{column}` goes to `key`, which Sage Intacct sets itself. To find records by their record "
                'key, set `matching` to {"by": "record_key", "field": "key"}; else do not map the column.'
            )
        targets[column] = (*targets.get(column, ()), path)
    _check_conflicts(targets)
    return ColumnMapping(targets, {}, key_field)


def map_columns(
    columns: Iterable[str],
    key_field: str,
    model: Model,
    alias: Callable[[str], str],
    elsewhere: Container[str | None] = (),
    taken: Mapping[str, str] = MappingProxyType({}),
) -> ColumnMapping:
    """Map every column that names a field of the object: exactly, else uniquely without regard to case.

    `.` and `__` separate levels. Airbyte's own columns, those that are used `elsewhere`, read-only fields, and those
    that are `taken` (the first name on the way to a field, with the reason) are never sent.

    Raises:
        MappingError: as `map_fields`.
    """

    def resolve(column: str, explains: bool) -> tuple[Path | None, str]:
        if column in elsewhere:
            return None, _USED_ELSEWHERE
        path, why = _resolve(column, key_field, model, alias, explains=explains)
        return (None, taken[path[0]]) if path is not None and path[0] in taken else (path, why)

    return ColumnMapping({}, {}, key_field, resolve).including(columns)


def map_exactly(
    columns: Collection[str],
    key_field: str,
    elsewhere: Container[str | None] = (),
    taken: Mapping[str, str] = MappingProxyType({}),
) -> ColumnMapping:
    """Map every column to the field of just its name, with dots between levels, known to us or not.

    Never sent are Airbyte's own columns, those that are used `elsewhere` or `taken`, the record key where records are
    found by fields, and what rows hold beyond these columns, if there are any.

    Raises:
        MappingError: as `map_fields`.
    """

    def resolve(column: str, _explains: bool) -> tuple[Path | None, str]:
        path = tuple(column.split("."))
        if is_airbytes_own(column):
            return None, _AIRBYTES_OWN
        if column in elsewhere:
            return None, _USED_ELSEWHERE
        if columns and column not in columns:
            return None, "not mapped in the connection"
        if path == _RECORD_KEY and key_field != column:
            return None, "records are found by fields, not by the record key"
        return (None, taken[path[0]]) if path[0] in taken else (path, "")

    return ColumnMapping({}, {}, key_field, resolve).including(columns)


def _resolve(
    column: str, key_field: str, model: Model, alias: Callable[[str], str], *, explains: bool
) -> tuple[Path | None, str]:
    if is_airbytes_own(column):
        return None, _AIRBYTES_OWN
    names = dict.fromkeys((column, column.replace("__", ".")))
    if key_field.casefold() in {name.casefold() for name in names}:
        return (key_field,), ""
    _check_numbered(column, model)
    for name in names:
        found = model.find(name) or model.find(alias(name))
        if found is not None:
            if model.fields[found].read_only:
                return None, _read_only((found,), key_field)
            return tuple(found.split(".")), ""
    if not model.is_open:
        return None, _no_such_field(names, model) if explains else ""
    path = tuple(column.replace("__", ".").split("."))
    if path == _RECORD_KEY:
        return None, _read_only(path, key_field)
    return (path, "") if all(path) else (None, "not a field name")


def _read_only(path: Path, key_field: str) -> str:
    why = "read-only in Sage Intacct"
    # Rows that are found by fields have no use for it.
    is_told = path == _RECORD_KEY and key_field
    return f"{why}; to find records by it, set `matching.field` to `key`" if is_told else why


def _no_such_field(names: Iterable[str], model: Model) -> str:
    meant = {meant_field(name, model) for name in names} - {""}
    # A field of the same letters is not named by them alone: there are two.
    is_twin = {name.casefold() for name in meant} & {name.casefold() for name in names}
    return f"no such field; did you mean `{min(meant)}`?" if meant and not is_twin else "no such field"


def _check_numbered(column: str, model: Model) -> None:
    first, *others = column.replace("__", ".").split(".")
    found = model.find(first)
    if found is not None and model.fields[found].type in _NUMBERED and any(part.isdigit() for part in others):
        raise MappingError(
            f"Column `{column}` numbers an entry of `{found}`, which is not supported. Give `{found}` as one column "
            "with an array, or send one row for each line and set `lines` for the stream."
        )


def _real_path(name: str, key_field: str, model: Model, alias: Callable[[str], str]) -> Path:
    if name == key_field:
        return (name,)
    if model.find(name) == name:
        return tuple(name.split("."))
    return tuple((model.key_for_id(name) or alias(name)).split("."))


def _check_conflicts(targets: Mapping[str, tuple[Path, ...]]) -> None:
    column_of: dict[Path, str] = {}
    for column, paths in targets.items():
        for path in paths:
            if path in column_of:
                raise MappingError(
                    f"Columns `{column_of[path]}` and `{column}` both go to field `{'.'.join(path)}`. "
                    "Map or select only one of them."
                )
            column_of[path] = column
    for path, column in column_of.items():
        for depth in range(1, len(path)):
            whole = column_of.get(path[:depth])
            if whole is not None:
                raise MappingError(
                    f"Column `{whole}` goes to field `{'.'.join(path[:depth])}` as a whole and column `{column}` to "
                    f"its part `{'.'.join(path)}`. Map or select only one of them."
                )


_AS_IT_IS = Converter(lambda value: value)


def _put(body: dict[str, Any], parents: Path, name: str, value: object) -> None:
    for parent in parents:
        body = body.setdefault(parent, {})
    body[name] = value

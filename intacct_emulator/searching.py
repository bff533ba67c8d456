"""Finds the rows that match a query's filters, by indexes where a filter lists the values that it wants.

The rows of an object are its records, or the lines of its documents. An index keeps the value of one column for each
row; it is made when a query first needs it, and then looks only at what was written since.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from intacct_emulator.comparing import Column
from intacct_emulator.expressions import Expression, Joined
from intacct_emulator.filters import Condition
from intacct_emulator.schemas import Schema
from intacct_emulator.scope import Scope
from intacct_emulator.store import Record, Store, Table, lines_of

_NO_KEYS: frozenset[str] = frozenset()


class Index:
    """The comparable value of one column for each row, and the rows that hold a value."""

    def __init__(self, column: Column, *, case_sensitive: bool) -> None:
        self.values: dict[str, Any] = {}
        self._column = column
        self._case_sensitive = case_sensitive
        self._keys: dict[Any, set[str]] | None = None
        self._seen: int | None = None

    def refresh(self, rows: Mapping[str, Record], changes: Sequence[str]) -> None:
        """Takes in the rows that were written since the last time."""
        for key in rows if self._seen is None else changes[self._seen :]:
            if self._keys is not None and key in self.values:
                self._keys[self.values[key]].discard(key)
            row = rows.get(key)
            if row is None:
                self.values.pop(key, None)
                continue
            value = self.values[key] = self._column.held(row, case_sensitive=self._case_sensitive)
            if self._keys is not None:
                self._keys.setdefault(value, set()).add(key)
        self._seen = len(changes)

    def keys(self, value: Any) -> Collection[str]:  # noqa: ANN401 - of the column's type
        """Return the keys of the rows that hold the value."""
        if self._keys is None:
            self._keys = {}
            for key, held in self.values.items():
                self._keys.setdefault(held, set()).add(key)
        return self._keys.get(value, _NO_KEYS)


class Rows:
    """The rows of one object by key, and the keys of those that were written, in order."""

    def __init__(self, store: Store, table: Table) -> None:
        self._table = table
        self._owner = store.table(table.schema.owner[0]) if table.schema.owner is not None else None
        self.by_key: dict[str, Record] = table.records if self._owner is None else {}
        self._changes: list[str] = table.changes if self._owner is None else []
        self._documents = Documents(self.by_key, self._changes)
        self._indexes: dict[tuple[str, str, bool], Index] = {}

    def refresh(self) -> None:
        """Takes in what was written since the last time."""
        if self._owner is not None:
            self._documents.refresh(self._owner, self._table.schema)

    def index(self, column: Column, *, case_sensitive: bool) -> Index:
        """Return the index of a column, up to date; one that other records affect too is made again."""
        # A field that is declared meanwhile is of another kind, and so has another index.
        name = (column.name, column.kind, case_sensitive)
        found = self._indexes.get(name) or Index(column, case_sensitive=case_sensitive)
        if column.is_own:
            self._indexes[name] = found
        found.refresh(self.by_key, self._changes)
        return found

    def visible(self, keys: Iterable[str], scope: Scope, *, private: bool) -> Iterator[str]:
        """Yield those of the keys whose rows the scope may see."""
        is_document = (self._owner or self._table).schema.is_document
        for key in keys:
            if scope.sees(self.by_key[key].entity, is_document=is_document, private=private):
                yield key

    def in_order(self, keys: Iterable[str]) -> list[Record]:
        """Return the rows in the order of their keys, lines in that of their documents."""
        place = self._documents.places.__getitem__ if self._owner is not None else int
        return [self.by_key[key] for key in sorted(keys, key=place)]


@dataclass(slots=True)
class Documents:
    """The documents whose lines are rows: fills `rows` and `changes`."""

    rows: dict[str, Record]
    changes: list[str]
    places: dict[str, tuple[int, int]] = field(default_factory=dict)
    _lines: dict[str, tuple[str, ...]] = field(default_factory=dict)
    _seen: int = 0

    def refresh(self, owner: Table, schema: Schema) -> None:
        """Takes in the documents that were written since the last time."""
        for key in dict.fromkeys(owner.changes[self._seen :]):
            for gone in self._lines.pop(key, ()):
                del self.rows[gone], self.places[gone]
                self.changes.append(gone)
            document = owner.records.get(key)
            if document is None:
                continue
            lines = list(lines_of(schema, document))
            self._lines[key] = tuple(line.key for line in lines)
            for number, line in enumerate(lines):
                self.rows[line.key] = line
                self.places[line.key] = (int(key), number)
                self.changes.append(line.key)
        self._seen = len(owner.changes)


class Searches:
    """The rows and the indexes of each object that was queried."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._rows: dict[str, Rows] = {}

    def rows(self, table: Table) -> Rows:
        """Return the rows of an object, up to date."""
        rows = self._rows.get(table.schema.path)
        if rows is None:
            rows = self._rows[table.schema.path] = Rows(self._store, table)
        rows.refresh()
        return rows


def matching(
    rows: Rows, conditions: Sequence[Condition], expression: Expression, *, case_sensitive: bool
) -> Collection[str]:
    """Return the keys of the rows that match the expression of these conditions, in no order."""
    indexes: dict[tuple[str, str], Index] = {}
    for each in conditions:
        name = (each.column.name, each.column.kind)
        if name not in indexes:
            indexes[name] = rows.index(each.column, case_sensitive=case_sensitive)
    leaves = [_Leaf(each, indexes[each.column.name, each.column.kind]) for each in conditions]
    return _plan(rows.by_key, leaves, expression).keys()


class _Leaf:
    """One condition. `likely` is how many rows its index finds, None if it has to look at each."""

    def __init__(self, condition: Condition, index: Index) -> None:
        self._values = index.values
        self._passes = condition.passes
        self._found = None if condition.equals is None else [index.keys(value) for value in condition.equals]
        self.likely: int | None = None if self._found is None else sum(map(len, self._found))

    def holds(self, key: str) -> bool:
        return self._passes(self._values[key])

    def keys(self) -> Collection[str]:
        if self._found is None:
            return [key for key, value in self._values.items() if self._passes(value)]
        return self._found[0] if len(self._found) == 1 else set().union(*self._found)


class _All:
    """What matches every part: the rows of the part that finds the fewest, where the other parts match too."""

    def __init__(self, rows: Mapping[str, Record], parts: Sequence["_Plan"]) -> None:
        self._rows = rows
        listed = [part for part in parts if part.likely is not None]
        self._first = min(listed, key=_likely, default=None)
        self._others = [part for part in parts if part is not self._first]
        self.likely: int | None = None if self._first is None else self._first.likely

    def holds(self, key: str) -> bool:
        return (self._first is None or self._first.holds(key)) and all(part.holds(key) for part in self._others)

    def keys(self) -> Collection[str]:
        among = self._rows if self._first is None else self._first.keys()
        others = self._others
        return [key for key in among if all(part.holds(key) for part in others)]


class _Any:
    """What matches one part at least: the rows that indexes find, and for the other parts one look at each row."""

    def __init__(self, rows: Mapping[str, Record], parts: Sequence["_Plan"]) -> None:
        self._rows = rows
        self._listed = [part for part in parts if part.likely is not None]
        self._others = [part for part in parts if part.likely is None]
        self.likely: int | None = None if self._others else sum(map(_likely, self._listed))

    def holds(self, key: str) -> bool:
        return key in self._by_indexes or any(part.holds(key) for part in self._others)

    @cached_property
    def _by_indexes(self) -> set[str]:
        return set().union(*(part.keys() for part in self._listed))

    def keys(self) -> Collection[str]:
        found = set(self._by_indexes)
        if self._others:
            others = self._others
            found.update(key for key in self._rows if key not in found and any(part.holds(key) for part in others))
        return found


_Plan = _Leaf | _All | _Any


def _likely(plan: _Plan) -> int:
    return plan.likely or 0


def _plan(rows: Mapping[str, Record], leaves: Sequence[_Leaf], expression: Expression) -> _Plan:
    if not isinstance(expression, Joined):
        return leaves[expression]
    parts = [_plan(rows, leaves, part) for part in expression.parts]
    return _All(rows, parts) if expression.word == "and" else _Any(rows, parts)

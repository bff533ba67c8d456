"""What a company would hold after the writes of a dry run, of which none is made."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from typing import Any

from destination_sage_intacct.intacct.query import Query
from destination_sage_intacct.rows.applied import applied
from destination_sage_intacct.rows.lines import lists_of
from destination_sage_intacct.rows.paths import flatten
from destination_sage_intacct.rows.values import plain_text

SageRecord = Mapping[str, Any]
Place = tuple[str, str]
"""The path of an object, and the record key."""

_MOST_BYTES_REMEMBERED = 64 << 20
_BYTES_OF_A_RECORD = 1_000  # in addition to its values
_SIZE_OF_VALUES = 4  # times the size of their JSON
_MOST_ANSWERS = 100_000
_ID = "id"


@dataclass(frozen=True, slots=True)
class _Rehearsed:
    """A record that the dry run would have written: its values by dotted names, or what an update would change.

    `bodies` are those with lists, which only the whole record shows.
    """

    values: Mapping[str, Any]
    size: int
    bodies: tuple[Mapping[str, Any], ...] = ()
    entity: str = ""
    is_new: bool = False
    is_deleted: bool = False


class RehearsedCompany:
    """The records that this dry run would have created, changed or deleted, and what Sage Intacct said meanwhile.

    Of all streams; safe from any thread. The earliest are forgotten beyond 64 MiB: rows about these are then compared
    with the company as it is.

    Args:
        found_by: for an object's path the fields by which rows find its records, besides `key` and `id`.
        warn: called once with each thing that a dry run does not check.
    """

    def __init__(self, found_by: Mapping[str, Iterable[str]], warn: Callable[[str], None]) -> None:
        self._found_by = {path: frozenset(fields) for path, fields in found_by.items()}
        self._warn = warn
        self._closed: set[tuple[str, str]] = set()
        self._lock = threading.Lock()
        self._records: OrderedDict[Place, _Rehearsed] = OrderedDict()
        self._index: dict[tuple[str, str, str], dict[str, None]] = {}
        self._size = 0
        self._created = 0
        self._keys: OrderedDict[str, str] = OrderedDict()
        self._answers: OrderedDict[tuple[str, str, str, str], str] = OrderedDict()

    def close(self, entity: str, path: str, text: str) -> None:
        """Note that an object cannot be queried in an entity, and warn once, whichever the entity."""
        with self._lock:
            is_known = any(path == other for _, other in self._closed)
            self._closed.add((entity, path))
        if not is_known:
            self._warn(text)

    def is_closed(self, entity: str, path: str) -> bool:
        """Return whether an object cannot be queried in an entity."""
        with self._lock:
            return (entity, path) in self._closed

    # -- writes --------------------------------------------------------------------------------------------------------

    def create(self, path: str, body: Mapping[str, Any], size: int, entity: str, idempotency_key: str) -> str:
        """Note a new record; return its made-up record key, which is no number."""
        with self._lock:
            self._created += 1
            key = f"new-{self._created}"
            self._put((path, key), _Rehearsed(flatten(body), size, _listing(body), entity, is_new=True))
            self._keys[idempotency_key] = key
            if len(self._keys) > _MOST_ANSWERS:
                self._keys.popitem(last=False)
            return key

    def created_for(self, idempotency_key: str) -> str | None:
        """Return the record key that was made up for a create with this key: its answer would be repeated."""
        with self._lock:
            return self._keys.get(idempotency_key)

    def update(self, path: str, key: str, body: Mapping[str, Any], size: int) -> None:
        """Note the change of a record."""
        with self._lock:
            before = self._records.get((path, key)) or _Rehearsed({}, 0)
            values = _changed(before.values, flatten(body))
            bodies = (*before.bodies, *_listing(body))
            self._put((path, key), replace(before, values=values, size=before.size + size, bodies=bodies))

    def delete(self, path: str, key: str) -> None:
        """Note that a record is gone."""
        with self._lock:
            self._put((path, key), _Rehearsed({}, 0, is_deleted=True))

    # -- questions -----------------------------------------------------------------------------------------------------

    def is_new(self, path: str, key: str) -> bool:
        """Return whether this dry run would have created the record, and not deleted it."""
        with self._lock:
            record = self._records.get((path, key))
        return record is not None and record.is_new

    def is_deleted(self, path: str, key: str) -> bool:
        """Return whether this dry run would have deleted the record."""
        with self._lock:
            record = self._records.get((path, key))
        return record is not None and record.is_deleted

    def whole(self, path: str, key: str, record: SageRecord) -> SageRecord:
        """Return a whole record, nested, as it would be; its lists above all, as a query shows the rest."""
        with self._lock:
            rehearsed = self._records.get((path, key))
        return reduce(applied, rehearsed.bodies, record) if rehearsed is not None else record

    def keys_of_new(self, path: str, field: str, value: str, entity: str) -> list[str]:
        """Return the made-up keys of the records that would have this value, as far as the entity sees them."""
        with self._lock:
            keys = self._index.get((path, field, _folded(value)), ())
            own = [key for key in keys if self._has(path, key, field, value)]
            return [key for key in own if not entity or self._records[path, key].entity in {"", entity}]

    def as_it_would_be(self, query: Query, found: Sequence[SageRecord], entity: str) -> list[SageRecord]:
        """Return what a query would have found after the writes, with the new records that pass one of its filters."""
        with self._lock:
            there = [shown for record in found if (shown := self._changed(query, record)) is not None]
            keys: dict[str, None] = {}
            for each in query.filters:
                keys |= dict.fromkeys(self._candidates(query, each))
            new = ((key, self._records[query.path, key]) for key in keys if (query.path, key) in self._records)
            return there + [
                {name: self._value(name, record.values, record.entity) for name in query.fields} | {"key": key}
                for key, record in new
                if record.is_new and (not entity or record.entity in {"", entity})
            ]

    def answer(self, entity: str, path: str, field: str, value: str) -> bool | None:
        """Return whether there is such a record as Sage Intacct said, unless it is gone; None if it was not asked."""
        with self._lock:
            holder = self._answers.get((entity, path, field, value))
            record = self._records.get((path, holder or ""))
        if not holder or record is None:
            return None if holder is None else bool(holder)
        return not record.is_deleted and record.values.get(field, value) == value

    def remember_answer(self, entity: str, path: str, field: str, value: str, holder: str) -> None:
        """Remember the record key of such a record, empty for none, as Sage Intacct said it."""
        with self._lock:
            self._answers[entity, path, field, value] = holder
            if len(self._answers) > _MOST_ANSWERS:
                self._answers.popitem(last=False)

    # -- the lock is held ----------------------------------------------------------------------------------------------

    def _put(self, place: Place, record: _Rehearsed) -> None:
        self._take_out(place)
        path, key = place
        self._records[place] = record
        self._size += _bytes(record)
        for field in self._indexed(path) if record.is_new else ():
            if (text := plain_text(record.values.get(field))) is not None:
                self._index.setdefault((path, field, _folded(text)), {})[key] = None
        while self._size > _MOST_BYTES_REMEMBERED and len(self._records) > 1:
            self._take_out(next(iter(self._records)))

    def _take_out(self, place: Place) -> None:
        record = self._records.pop(place, None)
        if record is None:
            return
        path, key = place
        self._size -= _bytes(record)
        for field in self._indexed(path) if record.is_new else ():
            text = plain_text(record.values.get(field))
            keys = self._index.get((path, field, _folded(text or "")), {})
            keys.pop(key, None)
            if not keys:
                self._index.pop((path, field, _folded(text or "")), None)

    def _indexed(self, path: str) -> frozenset[str]:
        return self._found_by.get(path, frozenset()) | {_ID}

    def _has(self, path: str, key: str, field: str, text: str) -> bool:
        record = self._records.get((path, key))
        return record is not None and (field == "key" or plain_text(record.values.get(field)) == text)

    def _candidates(self, query: Query, chosen: Mapping[str, Any]) -> Iterable[str]:
        """Return the new records that may be meant by one filter of a query, such as `{"$in": {"id": ["C-1"]}}`."""
        for named in chosen.values():
            for field, value in named.items():
                for each in value if isinstance(value, list) else [value]:
                    text = plain_text(each) or ""
                    alike = [text] if field == "key" else self._index.get((query.path, field, _folded(text)), ())
                    yield from (key for key in alike if query.ignores_case or self._has(query.path, key, field, text))

    def _changed(self, query: Query, record: SageRecord) -> SageRecord | None:
        """Return a record that was found with the changes that the dry run would have made; None if it were gone."""
        rehearsed = self._records.get((query.path, str(record.get("key"))))
        if rehearsed is None:
            return record
        if rehearsed.is_deleted:
            return None
        values = {name: self._value(name, rehearsed.values) for name in query.fields if _is_in(name, rehearsed.values)}
        return {**record, **values}

    def _value(self, name: str, values: Mapping[str, Any], entity: str = "") -> object:
        if name == "status":
            return values.get(name) or "active"  # what a new record is, unless it says otherwise
        return entity if name == "entity.id" else values.get(name)


def _listing(body: Mapping[str, Any]) -> tuple[Mapping[str, Any], ...]:
    return (body,) if lists_of(body) else ()


def _bytes(record: _Rehearsed) -> int:
    return _BYTES_OF_A_RECORD + _SIZE_OF_VALUES * record.size


def _folded(text: str) -> str:
    return text.strip().casefold()


def _is_in(name: str, values: Mapping[str, Any]) -> bool:
    """Return whether values by dotted names say what a field holds; a reference by key says nothing of the id left."""
    parent, _, member = name.rpartition(".")
    other = {"id": "key", "key": "id"}.get(member)
    return name in values or parent in values or (other is not None and f"{parent}.{other}" in values)


def _changed(before: Mapping[str, Any], change: Mapping[str, Any]) -> dict[str, Any]:
    """Return values by dotted names after a change: null for a group or a reference clears what is in it."""
    left = dict(before)
    for name in change:
        parent, _, member = name.rpartition(".")
        left.pop(parent, None)
        if member in {"id", "key"}:
            left.pop(f"{parent}.id", None)
            left.pop(f"{parent}.key", None)
        for inner in [each for each in left if each.startswith(f"{name}.")]:
            del left[inner]
    return {**left, **change}

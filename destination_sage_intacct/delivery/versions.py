"""Several versions of one record: those that wait together go out as one write, and older ones that arrive late are
skipped.

A source may send a record many times in one sync, and not in order. Where the stream has a cursor (append + deduped), a
row that is older than one that was delivered is superseded. Rows that wait for the same record are merged as if they
had been written one after the other; if that one write is rejected, each is written singly, so that none is lost for
another's fault.
"""

import threading
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

import msgspec

from destination_sage_intacct import exact_json
from destination_sage_intacct.delivery.actions import INACTIVE, Find, Update, Write
from destination_sage_intacct.intacct.model import Model
from destination_sage_intacct.protocol.ledger import Outcome
from destination_sage_intacct.rows.comparison import holds
from destination_sage_intacct.rows.cursor import Cursor, is_older
from destination_sage_intacct.rows.lines import holds_objects, lists_of
from destination_sage_intacct.rows.paths import flatten, omit, pick

if TYPE_CHECKING:
    from sqlite3 import Connection

_NAMING = frozenset({"id", "key"})
_READ_OF_A_REF = frozenset({"id", "key", "href", "name"})
_MOST_REMEMBERED = 1_000_000
# A row of the table without its text, as SQLite keeps it in pages that are two thirds full.
_BYTES_EACH = 60
_MOST_BYTES = 60_000_000
_LARGEST_INTEGER = 1 << 63


class DeliveredCursors:
    """The cursor of the newest version of each record that this sync has delivered; safe from any thread.

    It fills two tables in turn and drops the older one, so it holds between half of its capacity and all of it.

    Args:
        capacity: how many deliveries are remembered, at most.
    """

    def __init__(self, capacity: int = _MOST_REMEMBERED) -> None:
        self._half = capacity // 2
        self._opened: Connection | None = None
        self._count = 0
        self._bytes = 0
        self._lock = threading.Lock()

    def is_superseded(self, write: Write) -> bool:
        """Return whether a newer version of the record was delivered."""
        cursor = write.cursor
        if cursor is None:
            return False
        with self._lock:
            newest = self._find(_digest(write), cursor)
        return is_older(cursor, newest)

    def remember(self, writes: Iterable[Write]) -> None:
        """Note the writes that were delivered; those without a cursor, or that were rejected, are passed over."""
        entries = [
            (_digest(version), _order(version.cursor), _stored(version.cursor.value))
            for write in writes
            if write.outcome is not Outcome.REJECTED
            for version in write.versions or (write,)
            if version.cursor is not None
        ]
        if not entries:
            return
        with self._lock:
            self._table.executemany(_PUT, entries)
            self._count += len(entries)
            self._bytes += sum(
                _BYTES_EACH + (len(value.encode()) if isinstance(value, str) else 0) for *_, value in entries
            )
            if self._count >= self._half or self._bytes >= _MOST_BYTES // 2:
                self._count = self._bytes = 0
                self._table.execute("DROP TABLE earlier")
                self._table.execute("ALTER TABLE recent RENAME TO earlier")
                self._table.execute(_CREATE.format("recent"))

    @property
    def _table(self) -> "Connection":
        """Return the database, made when the first stream with a cursor needs it."""
        if self._opened is None:
            import sqlite3  # noqa: PLC0415 - it costs 2 MB that few syncs need

            self._opened = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
            for name in ("earlier", "recent"):
                self._opened.execute(_CREATE.format(name))
        return self._opened

    def _find(self, digest: bytes, cursor: Cursor) -> Cursor | None:
        for query in _GET:
            for (value,) in self._table.execute(query, (digest, _order(cursor))):
                return cursor._replace(value=Decimal(value) if cursor.kind == "number" else value)
        return None


_CREATE = "CREATE TABLE {} (record BLOB, kind TEXT, value, PRIMARY KEY (record, kind)) WITHOUT ROWID"
_PUT = "INSERT OR REPLACE INTO recent VALUES (?, ?, ?)"
_GET = tuple(f"SELECT value FROM {name} WHERE record = ? AND kind = ?" for name in ("recent", "earlier"))  # noqa: S608


def _order(cursor: Cursor) -> str:
    """Return what cursors have in common that can be compared: a column may hold values of several kinds."""
    return f"text {len(cursor.value)}" if isinstance(cursor.value, str) else cursor.kind


def _stored(value: int | Decimal | str) -> int | str:
    return value if isinstance(value, int) and -_LARGEST_INTEGER <= value < _LARGEST_INTEGER else str(value)


def _digest(write: Write) -> bytes:
    """Return what identifies a record of a stream; keys that differ by case or blanks may be two records."""
    asked = write.asked
    named = (write.plan.entity, *asked.natural_key) if isinstance(asked, Find) else (getattr(asked, "key", ""),)
    return blake2b(repr((write.plan.stream, named)).encode("utf-8", "surrogatepass"), digest_size=16).digest()


def merged(first: Write, waiting: Iterable[Write]) -> Write:
    """Return one write for the first and for those of the others, in their order, that may go with it.

    Its `versions` are the writes that it replaces; it is the first one itself if no other goes with it.
    """
    versions, action = [first], first.action
    if first.goes_alone or not isinstance(action, Find | Update):
        return first
    newest = {_order(first.cursor): first.cursor} if first.cursor else {}
    for later in waiting:
        is_late = later.cursor is not None and is_older(later.cursor, newest.get(_order(later.cursor)))
        joined = None if is_late else _joined(first, action, later)
        if joined is None:
            break
        versions.append(later)
        action = joined
        if later.cursor is not None:
            newest[_order(later.cursor)] = later.cursor
    if len(versions) == 1:
        return first
    rows = tuple(row for version in versions for row in version.rows)
    action = msgspec.structs.replace(action, encoded=exact_json.encode_sorted(action.body))
    return Write(rows, first.plan, action, first.identity, first.origin, versions=tuple(versions))


def outcomes(write: Write, outcome: Outcome) -> Iterator[tuple[Write, Outcome]]:
    """Yield the outcome of each version of a write that was delivered, as if one had been written after the other."""
    plan = write.plan
    given = [_changes(version) for version in write.versions]
    whole = _changes(write)
    # A record that was left unchanged held it all from the start.
    held = dict(write.record or {}) | (flatten(whole) if outcome is Outcome.UNCHANGED else {})
    each: list[Outcome] = []
    for place, changes in enumerate(given):
        # Some fields cannot be compared with what a query returns, such as lists; equal rows are equal all the same.
        before = given[place - 1] if place else whole if outcome is Outcome.UNCHANGED else None
        is_held = changes == before or holds(changes, held, plan.model)
        if outcome is Outcome.CREATED and place == 0:
            each.append(Outcome.CREATED)
        else:
            each.append(Outcome.UNCHANGED if not changes or (plan.skip_unchanged and is_held) else Outcome.UPDATED)
        held = _written(held, changes, plan.model)
    if outcome is Outcome.UPDATED and outcome not in each:
        each[0] = outcome  # something was written that no row set: a record became active again
    yield from zip(write.versions, each, strict=True)


def _written(held: Mapping[str, Any], changes: Mapping[str, Any], model: Model) -> dict[str, Any]:
    """Return the fields of a record after a write; what named another record in a reference is not known any more."""
    new = flatten(changes)
    refs = {ref for name in new for ref in (name, name.rpartition(".")[0]) if ref and _is_ref(ref, model)}
    return {name: value for name, value in held.items() if name.rpartition(".")[0] not in refs} | new


def _is_ref(path: str, model: Model) -> bool:
    return path in model.fields and model.fields[path].type == "ref"


def overlaid(
    body: Mapping[str, Any], later: Mapping[str, Any], model: Model, prefix: str = ""
) -> dict[str, Any] | None:
    """Return the body that leaves a record as two bodies would, one written after the other.

    Returns:
        None where it is not sure what a record would hold after the two: objects whose kind is not known, a group or a
        reference with fields of its own that the first body clears and the second one fills in part.
    """
    made = dict(body)
    for name, value in later.items():
        held, path = made.get(name), prefix + name
        if name in made and isinstance(value, Mapping):
            field = model.fields.get(path)
            if isinstance(held, Mapping) and (held.keys() == value.keys() or (field and field.type == "group")):
                inner = overlaid(held, value, model, f"{path}.")
                if inner is None:
                    return None
                made[name] = inner
                continue
            if not _only_names(path, held, model) or not _only_names(path, value, model):
                return None
        made[name] = value
    return made


def _only_names(path: str, value: object, model: Model) -> bool:
    """Return whether a reference says nothing but which record is meant; null does where it has no other fields."""
    if not _is_ref(path, model):
        return False
    if isinstance(value, Mapping):
        return value.keys() <= _NAMING
    below = (name.removeprefix(f"{path}.") for name in model.fields if name.startswith(f"{path}."))
    return set(below) <= _READ_OF_A_REF


def _joined(first: Write, action: Find | Update, later: Write) -> Find | Update | None:
    """Return the action that does what one and a later write's would, one after the other; None if that is not sure."""
    plan, other = later.plan, later.action
    if later.goes_alone or plan.lines or plan.scope != first.plan.scope:
        return None
    if isinstance(action, Find):
        # Natural keys that differ only by case or blanks may be of two records.
        if not isinstance(other, Find) or action.natural_key != other.natural_key:
            return None
        if action.operation not in {"update", "upsert"} or action.operation != other.operation:
            return None
    elif not isinstance(other, Update):
        return None
    bodies = (action.body, other.body)
    if any(omit(body, plan.natural_key) == INACTIVE for body in bodies) or any(map(_has_records, bodies)):
        return None
    fixed = pick(other.body, plan.fixed_on_update)
    if fixed and fixed != pick(action.body, plan.fixed_on_update):
        return None
    if not _is_judged_whole(action.body, other.body):
        return None
    body = overlaid(action.body, other.body, plan.model)
    return None if body is None else msgspec.structs.replace(action, body=body)


def _has_records(body: Mapping[str, Any]) -> bool:
    """Return whether a body holds lists of records, such as lines: these are compared with the record's own."""
    return any(map(holds_objects, lists_of(body).values()))


def _is_judged_whole(body: Mapping[str, Any], later: Mapping[str, Any]) -> bool:
    """Return whether no row can be written in part while Sage Intacct never sees, and cannot reject, the rest of it.

    So a later row either repeats all that the earlier ones set, or changes none of it.
    """
    so_far, new = flatten(body), flatten(later)
    return so_far.keys() <= new.keys() or all(so_far.get(name, value) == value for name, value in new.items())


def _changes(write: Write) -> Mapping[str, Any]:
    """Return the values that a row sets in a record, without those that find it."""
    return omit(write.asked.body, write.plan.natural_key) if isinstance(write.asked, Find | Update) else {}

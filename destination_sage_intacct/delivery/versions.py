"""Several versions of one record: those that wait together go out as one write, and late older ones are skipped.

A source may send a record many times in one sync, and not in order. Where the stream has a cursor (append + deduped), a
row that is older than one that was delivered is superseded. Rows that wait for the same record are merged as if they
had been written one after the other; if that one write is rejected, each is written singly, so that none is lost for
another's fault.
"""

import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from hashlib import blake2b
from typing import Any

from destination_sage_intacct import exact_json
from destination_sage_intacct.delivery.actions import INACTIVE, Find, Update, Write
from destination_sage_intacct.intacct.model import Model
from destination_sage_intacct.protocol.ledger import Outcome
from destination_sage_intacct.rows.comparison import holds
from destination_sage_intacct.rows.cursor import Cursor, is_older
from destination_sage_intacct.rows.lines import holds_objects, lists_of
from destination_sage_intacct.rows.paths import flatten, omit, pick

_NAMING = frozenset({"id", "key"})
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
        self._table = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
        for name in ("earlier", "recent"):
            self._table.execute(_CREATE.format(name))
        self._count = 0
        self._bytes = 0
        self._lock = threading.Lock()

    def is_superseded(self, write: Write) -> bool:
        """Return whether a newer version of the record was delivered."""
        if write.cursor is None:
            return False
        digest = _digest(write)
        with self._lock:
            return is_older(write.cursor, self._find(digest))

    def remember(self, writes: Iterable[Write]) -> None:
        """Note the writes that were delivered; those without a cursor, or that were rejected, are passed over."""
        entries = [
            (_digest(write), write.cursor.kind, _stored(write.cursor.value))
            for write in writes
            if write.cursor is not None and write.outcome is not Outcome.REJECTED
        ]
        if not entries:
            return
        with self._lock:
            self._table.executemany(_PUT, entries)
            self._count += len(entries)
            self._bytes += sum(_BYTES_EACH + (len(value) if isinstance(value, str) else 0) for *_, value in entries)
            if self._count >= self._half or self._bytes >= _MOST_BYTES // 2:
                self._count = self._bytes = 0
                self._table.execute("DROP TABLE earlier")
                self._table.execute("ALTER TABLE recent RENAME TO earlier")
                self._table.execute(_CREATE.format("recent"))

    def _find(self, digest: bytes) -> Cursor | None:
        for query in _GET:
            for kind, value in self._table.execute(query, (digest,)):
                is_number = kind == "number" and isinstance(value, str)
                return Cursor(kind, Decimal(value) if is_number else value)
        return None


_CREATE = "CREATE TABLE {} (record BLOB PRIMARY KEY, kind TEXT, value) WITHOUT ROWID"
_PUT = "INSERT OR REPLACE INTO recent VALUES (?, ?, ?)"
_GET = tuple(f"SELECT kind, value FROM {name} WHERE record = ?" for name in ("recent", "earlier"))  # noqa: S608


def _stored(value: int | Decimal | str) -> int | str:
    return value if isinstance(value, int) and -_LARGEST_INTEGER <= value < _LARGEST_INTEGER else str(value)


def _digest(write: Write) -> bytes:
    """Return what stands for a record of a stream; keys that differ by case or blanks may be two records."""
    asked = write.asked
    named = (write.plan.entity, *asked.natural_key) if isinstance(asked, Find) else (getattr(asked, "key", ""),)
    return blake2b(repr((write.plan.stream, named)).encode("utf-8", "surrogatepass"), digest_size=16).digest()


def merged(first: Write, waiting: Sequence[Write]) -> Write:
    """Return one write for the first and for the others, in their order, as far as they may go with it.

    Its `versions` are the writes that it stands for; it is the first one itself if no other goes with it.
    """
    versions, action, cursor = [first], first.action, first.cursor
    if first.goes_alone or not isinstance(action, Find | Update):
        return first
    for later in waiting:
        joined = None if is_older(later.cursor, cursor) else _joined(first, action, later)
        if joined is None:
            break
        versions.append(later)
        action, cursor = joined, later.cursor or cursor
    if len(versions) == 1:
        return first
    rows = tuple(row for version in versions for row in version.rows)
    action = replace(action, encoded=exact_json.encode_sorted(action.body))
    return Write(rows, first.plan, action, first.identity, first.origin, cursor=cursor, versions=tuple(versions))


def outcomes(write: Write, outcome: Outcome) -> Iterator[tuple[Write, Outcome]]:
    """Yield what became of each version of a write that was delivered, as if one had been written after the other."""
    plan = write.plan
    # A record that was left unchanged held it all from the start.
    held = dict(write.record or {}) | (flatten(_changes(write)) if outcome is Outcome.UNCHANGED else {})
    for place, version in enumerate(write.versions):
        given = _changes(version)
        if outcome is Outcome.CREATED and place == 0:
            yield version, Outcome.CREATED
        elif not given or (plan.skip_unchanged and holds(given, held, plan.model)):
            yield version, Outcome.UNCHANGED
        else:
            yield version, Outcome.UPDATED
        held |= flatten(given)


def overlaid(
    body: Mapping[str, Any], later: Mapping[str, Any], model: Model, prefix: str = ""
) -> dict[str, Any] | None:
    """Return the body that leaves a record as two bodies would, one written after the other.

    Returns:
        None where it is not sure what a record would hold after the two: lists of records, objects whose kind is not
        known, a group that the first body clears and the second one fills in part.
    """
    made = dict(body)
    for name, value in later.items():
        held = made.get(name)
        if name in made and isinstance(value, Mapping) and isinstance(held, Mapping):
            field = model.fields.get(prefix + name)
            is_group = field is not None and field.type == "group"
            if held.keys() == value.keys() or is_group:
                inner = overlaid(held, value, model, f"{prefix}{name}.")
                if inner is None:
                    return None
                made[name] = inner
                continue
            if field is None or field.type != "ref" or not held.keys() | value.keys() <= _NAMING:
                return None
        elif name in made and isinstance(value, Mapping) and not value.keys() <= _NAMING:
            return None
        made[name] = value
    return made


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
    if any(dict(body) == INACTIVE or any(map(holds_objects, lists_of(body).values())) for body in bodies):
        return None
    fixed = pick(other.body, plan.fixed_on_update)
    if fixed and fixed != pick(action.body, plan.fixed_on_update):
        return None
    body = overlaid(action.body, other.body, plan.model)
    return None if body is None else replace(action, body=body)


def _changes(write: Write) -> Mapping[str, Any]:
    """Return what a row asks a record to hold, without what finds it."""
    return omit(write.asked.body, write.plan.natural_key) if isinstance(write.asked, Find | Update) else {}

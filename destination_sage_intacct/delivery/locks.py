"""Keeps two writes to one record apart, and in the order of their rows."""

import threading
from collections import deque
from collections.abc import Collection, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from destination_sage_intacct.delivery.actions import Create, Delete, Match, Update, Write
from destination_sage_intacct.plan.stream_plan import StreamPlan
from destination_sage_intacct.protocol.ledger import Row
from destination_sage_intacct.rows.matching import folded


@dataclass(frozen=True, slots=True)
class Pending:
    """A row on its way into a request.

    `identity` is what the row tells of the record that it is about, None if nothing; `origin` what goes into the
    idempotency key of a create besides stream and body; `others` are the other rows of its document, which share its
    outcome; `entity` is where it is written.
    """

    row: Row
    intent: Write
    identity: Hashable = None
    origin: tuple[object, ...] = ()
    others: tuple[Row, ...] = ()
    entity: str = ""


def identity_of(plan: StreamPlan, intent: Write) -> Hashable:
    """Return what a row tells of the record that it is about, the same for all streams of an object.

    A record key is unique in the company, and an id where Sage Intacct holds it unique; what else identifies a record
    does so in its entity.
    """
    match intent:
        case Update(key) | Delete(key):
            return (plan.object.path, "key", key)
        case Match(natural_key) if plan.natural_key == ("id",) and plan.object.unique_id:
            return (plan.object.path, "id", *folded(natural_key))
        case Match(natural_key):
            return (plan.object.path, plan.entity, *plan.natural_key, *folded(natural_key))
        case Create(body):
            given = unique_id(plan, body)
            return None if given is None else (plan.object.path, "id", *folded((given,)))


def unique_id(plan: StreamPlan, body: dict[str, object]) -> str | None:
    """Return the id that a body gives to its record, where the server holds ids unique."""
    given = body.get("id") if plan.object.unique_id else None
    return given if isinstance(given, str) and given.strip() else None


class RecordQueue:
    """The rows on their way, by the record that they are about; safe from any thread.

    A row whose record is busy waits here until the row before it is settled.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._busy: dict[Hashable, deque[Pending]] = {}
        self._freed: deque[Pending] = deque()
        self._waiting = 0

    def enter(self, pending: Pending) -> bool:
        """Take a row's record; False when it is busy, then the row comes out of `freed` in its turn."""
        if pending.identity is None:
            return True
        with self._lock:
            if pending.identity in self._busy:
                self._busy[pending.identity].append(pending)
                self._waiting += 1
                return False
            self._busy[pending.identity] = deque()
            return True

    def leave(self, pending: Pending) -> None:
        """Give a row's record free, for the row that waits for it."""
        if pending.identity is None:
            return
        with self._lock:
            waiting = self._busy[pending.identity]
            if waiting:
                self._freed.append(waiting.popleft())
                self._waiting -= 1
            else:
                del self._busy[pending.identity]

    def freed(self) -> Iterator[Pending]:
        """Take the rows whose turn has come; their records are theirs already."""
        while self._freed:
            yield self._freed.popleft()

    @property
    def has_freed(self) -> bool:
        """Return whether a row's turn has come."""
        return bool(self._freed)

    @property
    def waiting(self) -> int:
        """Return how many rows wait for another one."""
        return self._waiting


class RecordLocks:
    """The record keys that are being written, by whatever way they were found; safe from any thread."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._claimed: set[Hashable] = set()

    @contextmanager
    def held(self, path: str, keys: Collection[str]) -> Iterator[None]:
        """Wait until none of the keys is held by another thread, and hold them all."""
        wanted = {(path, key) for key in keys}
        with self._changed:
            # All at once, so that no two threads wait for each other.
            self._changed.wait_for(lambda: self._claimed.isdisjoint(wanted))
            self._claimed |= wanted
        try:
            yield
        finally:
            with self._changed:
                self._claimed -= wanted
                self._changed.notify_all()

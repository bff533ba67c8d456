"""What keeps two writes to one record apart, and in the order of their rows.

A row says which record it is about only in part: by its record key, by a natural key that must first be looked up, or
not at all. So there are three mechanisms, one after the other:

1. The queue by identity (`RecordQueue`). The pipeline's thread enters every write before it is buffered; a write whose
   identity is in use waits, and comes out in its turn when the one before it is settled. So no batch holds two writes
   of one identity, and none that is on its way has one of a batch.
2. Locks by record key (`RecordLocks`). Two identities may turn out to be one record (two streams that match by
   different fields, an id and a record key). A sending thread therefore locks the record keys of a request that updates
   or deletes, all at once and for just this request, so that no two threads wait for each other.
3. Rounds (`batch.py`). The same may happen within one batch: updates of one record key are sent one after the other.

Which thread holds what: the pipeline's thread holds no lock while it waits. A sending thread holds record locks during
a request, and takes the ledger's lock or the queue's for a moment, never one of them inside the other; only the ledger
writes to stdout under its lock, so that STATEs go out in order.
"""

import threading
from collections import deque
from collections.abc import Collection, Hashable, Iterator, Sequence
from contextlib import contextmanager

from destination_sage_intacct.delivery.actions import Write


class RecordQueue:
    """The writes on their way, by identity; safe from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._busy: dict[Hashable, deque[Write] | None] = {}  # with the writes that wait, None where none ever did
        self._freed: deque[Write] = deque()
        self._waiting = 0

    def enter(self, write: Write) -> bool:
        """Take the identity of a write; False while it is in use, then the write comes out of `freed` in its turn."""
        if write.identity is None:
            return True
        with self._lock:
            if write.identity not in self._busy:
                self._busy[write.identity] = None
                return True
            self._behind(write.identity).append(write)
            self._waiting += 1
            return False

    def _behind(self, identity: Hashable) -> deque[Write]:
        waiting = self._busy[identity]
        if waiting is None:
            waiting = self._busy[identity] = deque()
        return waiting

    def leave(self, write: Write) -> None:
        """Give the identity of a write to the one that waits for it, or free it."""
        if write.identity is None:
            return
        with self._lock:
            waiting = self._busy[write.identity]
            if waiting:
                self._freed.append(waiting.popleft())
                self._waiting -= 1
            else:
                del self._busy[write.identity]

    def behind(self, write: Write) -> Sequence[Write]:
        """Return the writes that wait for one that is not on its way yet, in their order."""
        return () if write.identity is None or not self._waiting else self._busy[write.identity] or ()

    def take_behind(self, write: Write, count: int) -> None:
        """Let the first of the writes that wait for this one go with it."""
        with self._lock:
            for _ in range(count):
                self._behind(write.identity).popleft()
            self._waiting -= count

    def part(self, versions: Sequence[Write]) -> None:
        """Let the writes that one replaced go singly, one after the other, before all that wait for it."""
        first, *others = versions
        with self._lock:
            self._behind(first.identity).extendleft(reversed(others))
            self._waiting += len(others)
            self._freed.append(first)

    def freed(self) -> Iterator[Write]:
        """Take the writes whose turn has come; they have entered already."""
        while self._freed:
            yield self._freed.popleft()

    @property
    def has_freed(self) -> bool:
        """Return whether the turn of a write has come."""
        return bool(self._freed)

    @property
    def waiting(self) -> int:
        """Return how many writes wait for another one."""
        return self._waiting


class RecordLocks:
    """The record keys that are being written; safe from any thread."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._locked: set[Hashable] = set()

    @contextmanager
    def held(self, path: str, keys: Collection[str]) -> Iterator[None]:
        """Wait until none of the keys of an object is locked, and lock them all until the block ends."""
        wanted = {(path, key) for key in keys}
        with self._changed:
            # All at once, so that no two threads wait for each other.
            self._changed.wait_for(lambda: self._locked.isdisjoint(wanted))
            self._locked |= wanted
        try:
            yield
        finally:
            with self._changed:
                self._locked -= wanted
                self._changed.notify_all()

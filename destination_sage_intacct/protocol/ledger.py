"""Every row's outcome, and the STATEs that wait for them.

A segment holds the rows of one stream between two STATEs. A STATE goes out when the rows of the segments that it
closes are settled, the rejected ones among them recorded, and every STATE before it, of its stream or global, is out.
So per stream, and across streams for a GLOBAL one, the order of the input is kept, and each STATE counts just its own
rows. A STATE within a document goes out with the next one behind the document, in the same write: from it alone, the
source would send the rest of the document as if it were the whole.
"""

import threading
from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager, ExitStack, nullcontext
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import islice
from typing import Any

import msgspec

from destination_sage_intacct.protocol.messages import Change, Record, State, StreamKey
from destination_sage_intacct.protocol.unreadable import Unreadable


class Outcome(StrEnum):
    """The outcome of a row."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    DELETED = "deleted"
    SKIPPED = "skipped"
    REJECTED = "rejected"

    __hash__ = str.__hash__  # the Enum's own is written in Python, and is asked for with every row


class LedgerError(RuntimeError):
    """The counts do not add up: a bug in this connector."""


@dataclass(slots=True, eq=False)
class Segment:
    """Rows of a stream between two STATEs, counted.

    `unrecorded`: those that are rejected and not recorded yet. `continues`: its last row and the next segment's first
    belong together.
    """

    stream: StreamKey
    received: int = 0
    settled: int = 0
    rejected: int = 0
    unrecorded: int = 0
    continues: bool = False

    @property
    def open_rows(self) -> int:
        """Return how many rows keep a STATE behind them back."""
        return self.received - self.settled + self.unrecorded


class Row(msgspec.Struct, eq=False, gc=False):
    """One row on its way: `number` counts the rows of its stream from 1, `line` the lines of the input.

    `changes`: the values that did not arrive as the source holds them. `size`: about how many bytes of memory it takes.
    `unreadable`: the columns that cannot be read.
    """

    stream: StreamKey
    number: int
    line: int
    data: Any
    segment: Segment
    outcome: Outcome | None = None
    changes: tuple[Change, ...] = ()
    size: int = 0
    unreadable: tuple[Unreadable, ...] = ()


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A STATE with the segments that it closes; a GLOBAL one closes those that hold rows. `number` is its place."""

    number: int
    state: State
    segments: tuple[Segment, ...]

    @property
    def open_segment(self) -> Segment | None:
        """Return a segment that still has open rows."""
        # The last one: rows are mostly settled in their order.
        return next((segment for segment in reversed(self.segments) if segment.open_rows), None)


@dataclass(slots=True, eq=False)
class _Queue:
    """STATEs that wait, in order: all rows of the first `settled` ones are settled, the next one has the `blocker`."""

    waiting: deque[_Waiting] = field(default_factory=deque)
    settled: int = 0
    blocker: Segment | None = None


@dataclass(slots=True)
class _Stream:
    """The rows of one stream; `closed` holds the segments whose STATE waits, `queue` the STATEs of just this stream."""

    open: Segment
    closed: deque[Segment] = field(default_factory=deque)
    queue: _Queue = field(default_factory=_Queue)
    outcomes: Counter[Outcome] = field(default_factory=Counter)
    received: int = 0
    uncounted: Counter[str] = field(default_factory=Counter)


Release = Callable[[State, int, int], None]
Together = Callable[[], AbstractContextManager[object]]


class Ledger:
    """Keeps the outcome of every row and releases STATEs; safe to call from any thread.

    A STATE is written to stdout while the ledger's lock is held, so that STATEs go out in order. A platform that reads
    slowly therefore stops every thread that settles a row, and with them the sync: nothing piles up in memory.

    Args:
        streams: the streams of the catalog.
        release: called with a STATE, its count of rows that were not rejected, and of those that were.
        together: opened around STATEs that must go out in one write.
        hold_all: keep every STATE back (a dry run acknowledges nothing).
        hold_rejected: keep back a STATE that covers rejected rows, and all behind it, until `release_held`.
    """

    def __init__(
        self,
        streams: Iterable[StreamKey],
        release: Release,
        *,
        together: Together = nullcontext,
        hold_all: bool = False,
        hold_rejected: bool = False,
    ) -> None:
        self._streams = {stream: _Stream(Segment(stream)) for stream in streams}
        self._global = _Queue()
        self._of_streams = 0  # how many STATEs of single streams wait
        self._unclosed: dict[StreamKey, None] = {}  # the streams with rows that no STATE has closed yet
        self._uncounted: dict[StreamKey, None] = {}  # those with rows that no STATE has counted yet
        self._received = self._settled = self._rejected = 0
        self._size = 0
        self._release = release
        self._together = together
        self._states = 0
        self._hold_all = hold_all
        self._hold_rejected = hold_rejected
        self._lock = threading.RLock()

    def receive(self, record: Record) -> Row:
        """Enter a row; it belongs to the next STATE of its stream."""
        with self._lock:
            stream = self._streams[record.stream]
            if not stream.open.received:
                self._unclosed[record.stream] = None
            self._received += 1
            self._size += record.size
            stream.received += 1
            stream.open.received += 1
            return Row(
                record.stream,
                stream.received,
                record.line,
                record.data,
                stream.open,
                changes=record.changes,
                size=record.size,
                unreadable=record.unreadable,
            )

    def settle(self, row: Row, outcome: Outcome, *, recorded: bool = True) -> None:
        """Enter a row's outcome, once; it counts from here on.

        A rejected row that is not recorded holds back the STATE behind it until `recorded` is called for it.

        Raises:
            LedgerError: the row was settled before.
        """
        with self._lock:
            if row.outcome is not None:
                raise LedgerError(f"row {row.number} of stream {row.stream} was settled twice")
            row.outcome = outcome
            self._settled += 1
            self._size -= row.size
            self._rejected += outcome is Outcome.REJECTED
            row.segment.settled += 1
            row.segment.rejected += outcome is Outcome.REJECTED
            row.segment.unrecorded += not recorded
            self._streams[row.stream].outcomes[outcome] += 1
            self._release_behind(row.segment)

    def recorded(self, rows: Mapping[Segment, int]) -> None:
        """Enter that rejected rows are recorded where a person finds them; `rows` counts them by segment.

        Raises:
            LedgerError: more rows than wait for it.
        """
        with self._lock:
            for segment, number in rows.items():
                if number > segment.unrecorded:
                    raise LedgerError(f"{number} rows of stream {segment.stream} were recorded twice")
                segment.unrecorded -= number
                self._release_behind(segment)

    def join(self, earlier: Row, later: Row) -> None:
        """Enter that two rows of a stream make one document, so that no sync may resume between them.

        A STATE between them goes out only with the next one behind the document: from it, the source
        would send the rest of the document alone.
        """
        if earlier.segment is later.segment:
            return
        with self._lock:
            between: list[Segment] = []
            for segment in reversed(self._streams[later.stream].closed):
                between.append(segment)
                if segment is earlier.segment:
                    break
            else:
                return
            for segment in between:
                segment.continues = True

    def state(self, state: State) -> None:
        """Enter a STATE; it is released at once if nothing before it is unsettled."""
        with self._lock:
            self._states += 1
            if state.stream is None:
                segments = tuple(self._close(stream) for stream in list(self._unclosed))
                queue = self._global
            else:
                self._streams.setdefault(state.stream, _Stream(Segment(state.stream)))
                segments = (self._close(state.stream),)
                queue = self._streams[state.stream].queue
                self._of_streams += 1
            queue.waiting.append(_Waiting(self._states, state, segments))
            self._release_due(queue)

    def is_covered(self, row: Row) -> bool:
        """Return whether a later STATE covers this row, of its stream or global, released or not."""
        with self._lock:
            return row.segment is not self._streams[row.stream].open

    @property
    def has_waiting(self) -> bool:
        """Return whether a STATE waits for anything."""
        with self._lock:
            return bool(self._of_streams or self._global.waiting)

    def release_held(self) -> None:
        """Release what was held back because of rejected rows: they were within what the user allows."""
        with self._lock:
            self._hold_rejected = False
            for queue in [self._global, *(stream.queue for stream in self._streams.values())]:
                if queue.waiting:
                    self._release_due(queue)

    def outcomes(self, stream: StreamKey) -> Counter[Outcome]:
        """Return a stream's outcomes so far, in rows."""
        with self._lock:
            return Counter(self._streams[stream].outcomes)

    def received(self, stream: StreamKey | None = None) -> int:
        """Return how many rows came, of one stream or of all."""
        with self._lock:
            return self._received if stream is None else self._streams[stream].received

    def rejected(self) -> int:
        """Return how many rows were rejected, of all streams."""
        with self._lock:
            return self._rejected

    def unsettled(self) -> int:
        """Return how many rows have no outcome yet, of all streams."""
        with self._lock:
            return self._received - self._settled

    @property
    def unsettled_size(self) -> int:
        """Return about how many bytes of memory the rows take that have no outcome yet."""
        return self._size

    def _close(self, stream: StreamKey) -> Segment:
        entry = self._streams[stream]
        closed, entry.open = entry.open, Segment(stream)
        entry.closed.append(closed)
        self._unclosed.pop(stream, None)
        return closed

    def _release_behind(self, segment: Segment) -> None:
        if segment.open_rows == 0:
            for queue in (self._streams[segment.stream].queue, self._global):
                if queue.blocker is segment:
                    self._release_due(queue)

    def _release_due(self, queue: _Queue) -> None:
        """Release every STATE that may go now that something has changed in a queue, in the order of the input."""
        within: set[StreamKey] = set()  # the streams whose document the last STATE was in
        with ExitStack() as write:
            for due in self._due(queue):
                if not within:
                    write.close()
                    write.enter_context(self._together())
                own = self._global if due.state.stream is None else self._streams[due.state.stream].queue
                own.waiting.popleft()
                own.settled = max(0, own.settled - 1)
                self._of_streams -= due.state.stream is not None
                for segment in due.segments:
                    self._streams[segment.stream].closed.popleft()
                _go_through(due, within)
                counts = self._counted(due)
                self._release(due.state, counts["received"] - counts["rejected"], counts["rejected"])

    def _due(self, queue: _Queue) -> list[_Waiting]:
        """Return the STATEs that may go: as many as end no document in the middle, with all before them."""
        settled = self._count_settled(queue)
        if self._hold_all:
            return []
        if self._global.waiting and self._of_streams:
            return self._due_of_both_kinds()
        going: list[_Waiting] = []
        within: set[StreamKey] = set()
        last = 0
        for waiting in islice(queue.waiting, settled):
            going.append(waiting)
            _go_through(waiting, within)
            last = last if within else len(going)
        return going[:last]

    def _due_of_both_kinds(self) -> list[_Waiting]:
        """Return the STATEs that may go where GLOBAL ones and those of single streams wait for each other."""
        queues = [self._global, *(stream.queue for stream in self._streams.values() if stream.queue.waiting)]
        candidates = sorted((each for queue in queues for each in queue.waiting), key=lambda each: each.number)
        held: set[int] = set()  # by their numbers, those that must not go
        while True:
            going = self._in_order(candidates, held)
            # The last STATE of each stream that would go, if it is within a document.
            last = {segment.stream: (each.number, segment.continues) for each in going for segment in each.segments}
            cut = {number for number, continues in last.values() if continues}
            if not cut:
                return going
            held |= cut

    def _in_order(self, candidates: Iterable[_Waiting], held: set[int]) -> list[_Waiting]:
        """Return those that may go: no STATE of a stream before an earlier one of it, nor before a GLOBAL one."""
        going: list[_Waiting] = []
        blocked: set[StreamKey | None] = set()
        for each in candidates:
            stream = each.state.stream
            is_blocked = bool(blocked) if stream is None else bool(blocked & {stream, None})
            if is_blocked or each.number in held or each.open_segment is not None or self._is_held(each):
                blocked.add(stream)
            else:
                going.append(each)
        return going

    def _count_settled(self, queue: _Queue) -> int:
        """Return how many of the first STATEs of a queue have all their rows settled, and may go as far as they go."""
        if queue.blocker is None or not queue.blocker.open_rows:
            queue.blocker = None
            for waiting in islice(queue.waiting, queue.settled, None):
                queue.blocker = waiting.open_segment
                if queue.blocker is not None or self._is_held(waiting):
                    break
                queue.settled += 1
        return queue.settled

    def _is_held(self, waiting: _Waiting) -> bool:
        return self._hold_rejected and any(segment.rejected for segment in waiting.segments)

    def _counted(self, due: _Waiting) -> Counter[str]:
        """Count a STATE's own rows; those of a stream that it does not count go to a later one that does."""
        for segment in due.segments:
            self._streams[segment.stream].uncounted.update(received=segment.received, rejected=segment.rejected)
            self._uncounted[segment.stream] = None
        counts: Counter[str] = Counter()
        own = list(self._uncounted) if due.state.stream is None else [due.state.stream]
        for stream in own:
            if due.state.counts(stream):
                rows = self._streams[stream].uncounted
                counts.update(rows)
                rows.clear()
                self._uncounted.pop(stream, None)
        return counts


def _go_through(waiting: _Waiting, within: set[StreamKey]) -> None:
    """Note in which streams' documents a STATE is, one after the other."""
    for segment in waiting.segments:
        (within.add if segment.continues else within.discard)(segment.stream)

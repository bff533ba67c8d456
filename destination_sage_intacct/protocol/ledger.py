"""Every row's outcome, and the STATEs that wait for them.

A segment holds the rows of one stream between two STATEs. A STATE goes out when the rows of the segments that it
closes are settled, the rejected ones among them recorded, and every STATE before it, of its stream or global, is out.
So per stream, and across streams for a GLOBAL one, the order of the input is kept, and each STATE counts just its own
rows. A STATE within a document goes out with the next one behind the document, in the same write: from it alone, the
source would send the rest of the document as if it were the whole.
"""

import threading
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, nullcontext
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import islice
from typing import Any

from destination_sage_intacct.protocol.messages import Change, Record, State, StreamKey


class Outcome(StrEnum):
    """What became of a row."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    DELETED = "deleted"
    SKIPPED = "skipped"
    REJECTED = "rejected"


class LedgerError(RuntimeError):
    """The books do not add up: a defect of this connector."""


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


@dataclass(slots=True, eq=False)
class Row:
    """One row on its way: `number` counts the rows of its stream from 1, `line` the lines of the input.

    `changes`: the values that did not come as the source holds them.
    """

    stream: StreamKey
    number: int
    line: int
    data: Any
    segment: Segment = field(repr=False)
    outcome: Outcome | None = None
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A STATE with the segments that it covers; it is in the queue of each of their streams. `number` is its place."""

    number: int
    state: State
    segments: tuple[Segment, ...]
    streams: tuple[StreamKey, ...]

    def segment_of(self, stream: StreamKey) -> Segment:
        return self.segments[self.streams.index(stream)]

    @property
    def open_segment(self) -> Segment | None:
        """Return a segment that still has open rows."""
        # The last one: rows are mostly settled in their order.
        return next((segment for segment in reversed(self.segments) if segment.open_rows), None)


@dataclass(slots=True)
class _Stream:
    """The STATEs that wait, in order: all rows of the first `settled` ones are settled, the next has the `blocker`."""

    open: Segment
    waiting: deque[_Waiting] = field(default_factory=deque)
    settled: int = 0
    blocker: Segment | None = None
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
            stream.received += 1
            stream.open.received += 1
            return Row(record.stream, stream.received, record.line, record.data, stream.open, changes=record.changes)

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
        """Enter that two rows of a stream make one document, so that no sync may go on between them.

        A STATE between them goes out only with the next one behind the document: from it, the source
        would send the rest of the document alone.
        """
        if earlier.segment is later.segment:
            return
        with self._lock:
            between: list[Segment] = []
            for waiting in reversed(self._streams[later.stream].waiting):
                between.append(waiting.segment_of(later.stream))
                if between[-1] is earlier.segment:
                    break
            else:
                return
            for segment in between:
                segment.continues = True

    def state(self, state: State) -> None:
        """Enter a STATE; it is released at once if nothing before it is unsettled."""
        with self._lock:
            if state.stream is None:
                covered = tuple(self._streams)
            else:
                self._streams.setdefault(state.stream, _Stream(Segment(state.stream)))
                covered = (state.stream,)
            self._states += 1
            waiting = _Waiting(self._states, state, tuple(self._close(stream) for stream in covered), covered)
            for stream in covered:
                self._streams[stream].waiting.append(waiting)
            self._release_due()

    def is_covered(self, row: Row) -> bool:
        """Return whether a later STATE covers this row, of its stream or global, released or not."""
        with self._lock:
            return row.segment is not self._streams[row.stream].open

    @property
    def has_waiting(self) -> bool:
        """Return whether a STATE waits for anything."""
        with self._lock:
            return any(stream.waiting for stream in self._streams.values())

    def release_held(self) -> None:
        """Release what was held back because of rejected rows: they were within what the user allows."""
        with self._lock:
            self._hold_rejected = False
            self._release_due()

    def outcomes(self, stream: StreamKey) -> Counter[Outcome]:
        """Return a stream's outcomes so far, in rows."""
        with self._lock:
            return Counter(self._streams[stream].outcomes)

    def received(self, stream: StreamKey | None = None) -> int:
        """Return how many rows came, of one stream or of all."""
        with self._lock:
            chosen = self._streams.values() if stream is None else [self._streams[stream]]
            return sum(each.received for each in chosen)

    def rejected(self) -> int:
        """Return how many rows were rejected, of all streams."""
        with self._lock:
            return sum(stream.outcomes[Outcome.REJECTED] for stream in self._streams.values())

    def unsettled(self) -> int:
        """Return how many rows have no outcome yet, of all streams."""
        with self._lock:
            return sum(stream.received - sum(stream.outcomes.values()) for stream in self._streams.values())

    def _close(self, stream: StreamKey) -> Segment:
        entry = self._streams[stream]
        closed, entry.open = entry.open, Segment(stream)
        return closed

    def _release_behind(self, segment: Segment) -> None:
        # What blocks a stream by a GLOBAL STATE of which another one's rows are open blocks that one, too.
        if segment.open_rows == 0 and self._streams[segment.stream].blocker is segment:
            self._release_due()

    def _release_due(self) -> None:
        """Release every STATE that may go, in the order of the input."""
        within: set[StreamKey] = set()  # the streams whose document the last STATE was in
        with ExitStack() as write:
            for due in self._due():
                if not within:
                    write.close()
                    write.enter_context(self._together())
                for stream in due.streams:
                    entry = self._streams[stream]
                    entry.waiting.popleft()
                    entry.settled -= 1
                    (within.add if due.segment_of(stream).continues else within.discard)(stream)
                counts = self._counted(due)
                self._release(due.state, counts["received"] - counts["rejected"], counts["rejected"])

    def _due(self) -> list[_Waiting]:
        """Return the STATEs that may go: as many of each stream as end no document in the middle, with all before them.

        A GLOBAL one is in the queue of every stream, and goes when it may go in all of them.
        """
        going = {stream: self._count_settled(entry) for stream, entry in self._streams.items() if entry.waiting}
        is_final = False
        while not is_final:
            is_final = True
            for stream, count in going.items():
                fitting = self._fitting(stream, count, going)
                is_final = is_final and fitting == count
                going[stream] = fitting
        due = {each.number: each for stream, count in going.items() for each in self._first(stream, count)}
        return [due[number] for number in sorted(due)]

    def _count_settled(self, entry: _Stream) -> int:
        """Return how many of a stream's first STATEs have all their rows settled, and may go as far as that matters."""
        if entry.blocker is None or not entry.blocker.open_rows:
            entry.blocker = None
            for waiting in islice(entry.waiting, entry.settled, None):
                entry.blocker = waiting.open_segment
                if entry.blocker is not None or self._is_held(waiting):
                    break
                entry.settled += 1
        return 0 if self._hold_all else entry.settled

    def _is_held(self, waiting: _Waiting) -> bool:
        return self._hold_rejected and any(segment.rejected for segment in waiting.segments)

    def _fitting(self, stream: StreamKey, count: int, going: Mapping[StreamKey, int]) -> int:
        """Return how many of a stream's first STATEs may go, given how many may of the others."""
        first = list(self._first(stream, count))
        for place, waiting in enumerate(first):
            if not all(self._goes(waiting, other, going) for other in waiting.streams if other != stream):
                del first[place:]
                break
        while first and first[-1].segment_of(stream).continues:
            first.pop()
        return len(first)

    def _goes(self, waiting: _Waiting, stream: StreamKey, going: Mapping[StreamKey, int]) -> bool:
        """Return whether a GLOBAL STATE is among those that may go of a stream."""
        count = going[stream]
        return count > 0 and self._streams[stream].waiting[count - 1].number >= waiting.number

    def _first(self, stream: StreamKey, count: int) -> Iterator[_Waiting]:
        return islice(self._streams[stream].waiting, count)

    def _counted(self, due: _Waiting) -> Counter[str]:
        """Count a STATE's own rows; those of a stream that it does not count go to a later one that does."""
        counts: Counter[str] = Counter()
        for stream, segment in zip(due.streams, due.segments, strict=True):
            rows = self._streams[stream].uncounted
            rows.update(received=segment.received, rejected=segment.rejected)
            if due.state.counts(stream):
                counts.update(rows)
                rows.clear()
        return counts

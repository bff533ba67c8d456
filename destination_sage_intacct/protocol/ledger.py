"""Every row's outcome, and the STATEs that wait for them.

A segment holds the rows of one stream between two STATEs. A STATE goes out when the rows of the segments that it
closes are settled, the rejected ones among them recorded, and every STATE before it, of its stream or global, is out.
So per stream, and across streams for a GLOBAL one, the order of the input is kept, and each STATE counts just its own
rows.
"""

import threading
from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from destination_sage_intacct.protocol.messages import Record, State, StreamKey


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
    """One row on its way: `number` counts the rows of its stream from 1, `line` the lines of the input."""

    stream: StreamKey
    number: int
    line: int
    data: Any
    segment: Segment = field(repr=False)
    outcome: Outcome | None = None


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A STATE with the segments that it covers; it is in the queue of each of their streams."""

    state: State
    segments: tuple[Segment, ...]
    streams: tuple[StreamKey, ...]

    def segment_of(self, stream: StreamKey) -> Segment:
        return self.segments[self.streams.index(stream)]


@dataclass(slots=True)
class _Stream:
    """`blocker`: while it has open rows, the first STATE that waits may not go, and is not looked at."""

    open: Segment
    waiting: deque[_Waiting] = field(default_factory=deque)
    blocker: Segment | None = None
    outcomes: Counter[Outcome] = field(default_factory=Counter)
    received: int = 0
    uncounted: Counter[str] = field(default_factory=Counter)


Release = Callable[[State, int, int], None]


class Ledger:
    """Keeps the outcome of every row and releases STATEs; safe to call from any thread.

    A STATE is written to stdout while the ledger's lock is held, so that STATEs go out in order. A platform that reads
    slowly therefore stops every thread that settles a row, and with them the sync: nothing piles up in memory.

    Args:
        streams: the streams of the catalog.
        release: called with a STATE, its count of rows that were not rejected, and of those that were.
        hold_all: keep every STATE back (a dry run acknowledges nothing).
        hold_rejected: keep back a STATE that covers rejected rows, and all behind it, until `release_held`.
    """

    def __init__(
        self,
        streams: Iterable[StreamKey],
        release: Release,
        *,
        hold_all: bool = False,
        hold_rejected: bool = False,
    ) -> None:
        self._streams = {stream: _Stream(Segment(stream)) for stream in streams}
        self._release = release
        self._hold_all = hold_all
        self._hold_rejected = hold_rejected
        self._lock = threading.RLock()

    def receive(self, record: Record) -> Row:
        """Enter a row; it belongs to the next STATE of its stream."""
        with self._lock:
            stream = self._streams[record.stream]
            stream.received += 1
            stream.open.received += 1
            return Row(record.stream, stream.received, record.line, record.data, stream.open)

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
            segments = tuple(self._close(stream) for stream in covered)
            waiting = _Waiting(state, segments, covered)
            for stream in covered:
                self._streams[stream].waiting.append(waiting)
            self._release_settled(covered)

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
            self._release_settled(list(self._streams))

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
        if segment.open_rows == 0 and self._streams[segment.stream].waiting:
            self._release_settled([segment.stream])

    def _release_settled(self, streams: Iterable[StreamKey]) -> None:
        """Release from the heads of these streams' queues; a released GLOBAL one may free its other streams."""
        todo = deque(streams)
        while todo:
            stream = todo.popleft()
            entry = self._streams[stream]
            queue = entry.waiting
            while queue and not (entry.blocker and entry.blocker.open_rows) and self._is_due(queue[0]):
                due = queue[0]
                for covered in due.streams:
                    self._streams[covered].waiting.popleft()
                counts = self._counted(due)
                self._release(due.state, counts["received"] - counts["rejected"], counts["rejected"])
                todo.extend(covered for covered in due.streams if covered != stream)

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

    def _is_due(self, waiting: _Waiting) -> bool:
        if not all(self._streams[stream].waiting[0] is waiting for stream in waiting.streams):
            return False
        return all(self._may_go(stream) for stream in waiting.streams)

    def _may_go(self, stream: StreamKey) -> bool:
        """Return whether the rows of a stream's first STATE are settled, and those behind it of its last document."""
        entry = self._streams[stream]
        covered: list[Segment] = []
        is_whole = False
        for behind in entry.waiting:
            covered += behind.segments
            is_whole = not behind.segment_of(stream).continues
            if is_whole:
                break
        # The last one: rows of a document are mostly settled in their order.
        entry.blocker = next((segment for segment in reversed(covered) if segment.open_rows), None)
        is_held = self._hold_all or (self._hold_rejected and any(segment.rejected for segment in covered))
        return is_whole and entry.blocker is None and not is_held

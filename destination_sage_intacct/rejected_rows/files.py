"""Rejected rows on their way into object storage: gathered into files, each stored before its rows count as recorded.

Rows come from any thread and are only written down; one thread stores the files, so that nothing else waits for an
upload, and how many rows wait is bounded by what that thread lets in.
"""

import threading
from collections import Counter, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from destination_sage_intacct.intacct.clock import Clock
from destination_sage_intacct.protocol.ledger import Row, Segment
from destination_sage_intacct.protocol.messages import StreamKey
from destination_sage_intacct.rejected_rows.formats import (
    CsvLineWriter,
    FileFormat,
    JsonLineWriter,
    LineWriter,
    compressed,
)
from destination_sage_intacct.rejected_rows.path_template import KeyFormat, PlaceholderValues
from destination_sage_intacct.rejected_rows.store import ObjectStore, StorageOutageError, StorageRefusedError

LONGEST_WAIT_SECONDS = 20.0
# What is stored early because the input is silent: often enough to be prompt, too seldom to make many tiny files.
EARLY_STORES = 10
EARLY_STORES_SECONDS = 200.0
# A row whose new columns would widen the lines before it by more than this begins a new file.
_MOST_PADDING_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class StreamFiles:
    """What the files of a stream need: the number of its job, and its columns as the catalog names them."""

    sync_id: str | None
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Storage:
    """Where rejected rows are stored, and how.

    `file_bytes`: the size, before compression, at which a file is stored; `memory_bytes`: that of all unfinished files.
    """

    store: ObjectStore
    bucket: str
    keys: KeyFormat
    format: FileFormat
    streams: Mapping[StreamKey, StreamFiles]
    file_bytes: int = 8 << 20
    memory_bytes: int = 32 << 20

    @property
    def folder(self) -> str:
        """Return the address of the folder that holds all files of the sync."""
        sync_ids = {stream.sync_id for stream in self.streams.values()}
        sync_id = sync_ids.pop() if len(sync_ids) == 1 else None
        return f"s3://{self.bucket}/{self.keys.folder(sync_id)}"


@dataclass(slots=True, eq=False)
class _File:
    stream: StreamKey
    lines: LineWriter
    since: float
    size: int = 0
    segments: Counter[Segment] = field(default_factory=Counter)


class RejectedRowFiles:
    """Gathers rejected rows and stores them.

    Args:
        storage: where and how.
        recorded: called with the rows of each file that is stored, by segment.
        clock: measures; a row waits no longer than 20 seconds for others, as long as `store_due` is called.
    """

    def __init__(self, storage: Storage, recorded: Callable[[Mapping[Segment, int]], None], clock: Clock) -> None:
        self._storage = storage
        self._recorded = recorded
        self._clock = clock
        self._lock = threading.Lock()
        self._open: dict[StreamKey, _File] = {}
        self._ready: deque[_File] = deque()
        self._early: deque[float] = deque(maxlen=EARLY_STORES)
        self.has_failed = False
        self.files = 0
        self.rows: Counter[StreamKey] = Counter()

    @property
    def unstored(self) -> int:
        """Return how many rows wait to be stored."""
        with self._lock:
            return sum(file.segments.total() for file in (*self._ready, *self._open.values()))

    def add(self, row: Row, reason: Mapping[str, Any]) -> None:
        """Write down a row that the ledger knows as rejected and not recorded; safe from any thread.

        Args:
            row: its data is in the file as it came.
            reason: the columns that say why.
        """
        shown = self._storage.format.columns(reason, row.data)
        with self._lock:
            file = self._open.get(row.stream) or self._begin(row.stream, reason)
            padding = file.lines.padding(shown)
            if padding > _MOST_PADDING_BYTES:
                self._finish(file)
                file, padding = self._begin(row.stream, reason), 0
            file.size += padding + file.lines.add(shown)
            file.segments[row.segment] += 1
            if file.size >= self._storage.file_bytes:
                self._finish(file)
            elif sum(each.size for each in self._open.values()) >= self._storage.memory_bytes:
                self._finish(max(self._open.values(), key=lambda each: each.size))

    def store_due(self, *, is_silent: bool = False) -> None:
        """Store the files that are full or have waited long enough; all of them in a silence that a STATE waits in.

        Raises:
            StorageRefusedError, StorageOutageError: a file was not stored; its rows are not recorded.
        """
        now = self._clock.monotonic()
        with self._lock:
            open_files = list(self._open.values())
            early = is_silent and bool(open_files) and self._may_be_early(now)
            for file in open_files:
                if early or now - file.since >= LONGEST_WAIT_SECONDS:
                    self._finish(file)
        self._store_ready()

    def store_all(self) -> None:
        """Store every row. Raises as `store_due`."""
        with self._lock:
            for file in list(self._open.values()):
                self._finish(file)
        self._store_ready()

    def _begin(self, stream: StreamKey, reason: Mapping[str, Any]) -> _File:
        storage = self._storage
        own = storage.streams[stream].columns if storage.format.flattens else ()
        columns = {name: place for place, name in enumerate(dict.fromkeys((*reason, *own)))}
        lines = CsvLineWriter(columns) if storage.format.kind == "csv" else JsonLineWriter()
        self._open[stream] = _File(stream, lines, self._clock.monotonic())
        return self._open[stream]

    def _finish(self, file: _File) -> None:
        del self._open[file.stream]
        self._ready.append(file)

    def _may_be_early(self, now: float) -> bool:
        allowed = len(self._early) < EARLY_STORES or now - self._early[0] >= EARLY_STORES_SECONDS
        if allowed:
            self._early.append(now)
        return allowed

    def _store_ready(self) -> None:
        while self._ready:
            # It stays in the queue until it is stored, so that what is left can be counted.
            file = self._ready[0]
            content = file.lines.content()
            if self._storage.format.compresses:
                content = compressed(content)
            try:
                self._storage.store.put(self._key(file), content, self._storage.format.content_type)
            except (StorageRefusedError, StorageOutageError):
                self.has_failed = True
                raise
            self._ready.popleft()
            self.files += 1
            self.rows[file.stream] += file.segments.total()
            self._recorded(file.segments)

    def _key(self, file: _File) -> str:
        facts = PlaceholderValues(
            file.stream,
            self._storage.streams[file.stream].sync_id,
            datetime.fromtimestamp(self._clock.now(), UTC),
            self.files + 1,
            str(uuid4()),
            self._storage.format.extension,
        )
        return self._storage.keys.key(facts)

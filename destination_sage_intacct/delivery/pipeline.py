"""Takes rows in the order of the input, gathers their writes into batches, and hands these to the threads that send."""

import threading
from collections import Counter, OrderedDict, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import takewhile
from math import ceil

from destination_sage_intacct.config import Config
from destination_sage_intacct.delivery.actions import Create, Reason, Write, is_about_the_record
from destination_sage_intacct.delivery.batch import BatchWriter
from destination_sage_intacct.delivery.document_states import DocumentStates
from destination_sage_intacct.delivery.entities import Entities
from destination_sage_intacct.delivery.locks import RecordLocks, RecordQueue
from destination_sage_intacct.delivery.lookup import Lookup, RecordCache
from destination_sage_intacct.delivery.reader import RowReader
from destination_sage_intacct.delivery.rehearsal import Forecast, Records, Rehearsal, rehearsed
from destination_sage_intacct.delivery.versions import DeliveredCursors, merged, outcomes
from destination_sage_intacct.delivery.workers import Shares, Workers
from destination_sage_intacct.intacct.client import IntacctClient
from destination_sage_intacct.intacct.clock import Clock, StoppedError
from destination_sage_intacct.intacct.session import Traffic
from destination_sage_intacct.plan.stream_plan import StreamPlan
from destination_sage_intacct.protocol.ledger import Ledger, Outcome, Row
from destination_sage_intacct.protocol.messages import StreamKey

# A row waits no longer than this for others to fill its batch.
_LONGEST_WAIT_SECONDS = 20.0
# While no input comes, a row still waits this long: where rows trickle in, each would otherwise be its own batch.
_WAIT_FOR_COMPANY_SECONDS = 2.25
_MOST_ROWS_WAITING = 5_000
# Of rows without an outcome: those that wait, documents that are gathered, and batches that are sent.
_MOST_BYTES_HELD = 64 << 20
_MOST_BYTES_OF_A_BATCH = 4 << 20
_MOST_BYTES_OF_A_QUERY = 16 << 20
# One query looks for the records of up to this number of batches: it costs one API transaction.
_BATCHES_OF_A_QUERY = 8
_FEWEST_OF_A_PART = 100
# How long a group waits to grow while other rows are on their way and a thread is idle.
_WAIT_FOR_MORE_SECONDS = 1.0
# How long the run waits for requests that were sent when it has to end. Kubernetes gives 30 seconds before it kills.
GRACE_SECONDS = 25.0


@dataclass(slots=True)
class StreamCost:
    """The account of one stream; safe from any thread.

    Attributes:
        traffic: its requests and API transactions.
        replays: records that the server had from an earlier attempt.
        not_carried: how many values of which column did not arrive as the source holds them, by reason.
        superseded: rows that were older than a version of their record that was delivered before.
        keyless: rows that were to update or create, had no record key, and created.
        inactive: records that stay inactive though their rows came back.
        forecast: what a real run would cost, None if this is one.
        began: when its first row came, in monotonic seconds; None before that.
        ended: when its last outcome came.
    """

    traffic: Traffic = field(default_factory=Traffic)
    replays: int = 0
    superseded: int = 0
    keyless: int = 0
    inactive: int = 0
    forecast: Forecast | None = None
    not_carried: Counter[tuple[str, str]] = field(default_factory=Counter)
    began: float | None = None
    ended: float = 0.0
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False, compare=False)

    def begin(self, now: float) -> None:
        """Note that a row came."""
        if self.began is None:
            self.began = now

    def settled(self, write: Write, outcome: Outcome, now: float) -> None:
        """Note the outcome of a write."""
        is_keyless = isinstance(write.asked, Create) and write.plan.operation == "upsert"
        with self._lock:
            self.ended = now
            self.replays += write.is_replay
            self.inactive += write.is_inactive
            self.keyless += len(write.rows) if is_keyless and outcome is Outcome.CREATED else 0

    @property
    def seconds(self) -> float:
        """Return how long the stream took."""
        return 0.0 if self.began is None else max(0.0, self.ended - self.began)


@dataclass(slots=True, eq=False)
class _Buffer:
    """The writes of one stream and entity that wait to be sent together, and what sends them.

    Attributes:
        due: when they are sent at the latest, in monotonic seconds.
        full_since: when they were enough for a request of the largest size, None before that.
        size: in bytes.
    """

    writer: BatchWriter
    writes: list[Write] = field(default_factory=list)
    due: float = 0.0
    full_since: float | None = None
    size: int = 0


@dataclass(slots=True)
class _Stream:
    """One stream: what reads its rows, what it costs, and a buffer for each entity."""

    reader: RowReader
    cost: StreamCost
    states: DocumentStates
    make_writer: Callable[[StreamPlan], BatchWriter]
    buffers: dict[str, _Buffer] = field(default_factory=dict)

    def buffer(self, entity: str) -> _Buffer:
        """Return the buffer of an entity."""
        if entity not in self.buffers:
            self.buffers[entity] = _Buffer(self.make_writer(self.reader.plan.in_entity(entity)))
        return self.buffers[entity]


class Pipeline:
    """Moves the rows of all streams. One thread calls it; rows are settled by the threads that send.

    Args:
        config: how many rows and requests at once, and whether anything is written at all.
        client: asks and writes.
        ledger: gets the outcome of each row.
        plans: one for each stream of the catalog.
        reject: records the rows of a rejected write, which the ledger knows as not recorded yet.
        warn: called with what a person should know, once each.
        clock: measures; it is stopped when a thread that sends has failed, so that no other one waits on.
    """

    def __init__(
        self,
        config: Config,
        client: IntacctClient,
        ledger: Ledger,
        plans: Iterable[StreamPlan],
        reject: Callable[[Write, Reason], None],
        warn: Callable[[str], None],
        clock: Clock,
    ) -> None:
        self._ledger = ledger
        self._reject = reject
        self._clock = clock
        self._client = client
        self._rows_per_batch = config.batch_size
        self._workers = Workers(config.max_concurrency + 1, clock)
        self._queue = RecordQueue()
        self._delivered = DeliveredCursors()
        self._streams = _open_streams(list(plans), config, client, ledger.join, warn)
        self._filled: OrderedDict[_Buffer, None] = OrderedDict()  # the buffers with writes, in the order of their dues
        self._full: dict[_Buffer, None] = {}  # those of them that wait for more than a full request
        self._shares = Shares(clock, lambda: client.most_in_flight)

    @property
    def plans(self) -> list[StreamPlan]:
        """Return the plans with every column that came so far."""
        return [stream.reader.plan for stream in self._streams.values()]

    def cost(self, stream: StreamKey) -> StreamCost:
        """Return what a stream has cost so far."""
        return self._streams[stream].cost

    def states(self, stream: StreamKey) -> DocumentStates:
        """Return which states the documents of a stream have."""
        return self._streams[stream].states

    def write(self, row: Row) -> None:
        """Take one row; it is settled now, or when the batch that it goes into is answered.

        Raises:
            ConfigError, MappingError: the row's columns cannot be mapped.
            IntacctError: the connection is broken or access is denied; rows without an outcome stay unsettled.
            StoppedError: the run was asked to stop; rows without an outcome stay unsettled.
        """
        stream = self._streams[row.stream]
        now = self._clock.monotonic()
        stream.cost.begin(now)
        self._take(stream, stream.reader.read(row), now)
        self._forward(now)

    def pause(self) -> None:
        """Use a moment without input: send what has waited a little, unless the threads have enough to do.

        Raises as `write`.
        """
        now = self._clock.monotonic()
        self._forward(now)
        while self._filled and self._has_room:
            oldest = next(iter(self._filled))
            if now < oldest.due - _LONGEST_WAIT_SECONDS + _WAIT_FOR_COMPANY_SECONDS:
                break
            self._send(oldest)

    @property
    def _has_room(self) -> bool:
        """Return whether a group would be begun at once; one of the threads only has the next request ready."""
        return self._workers.idle_threads > 1

    @property
    def is_idle(self) -> bool:
        """Return whether no row is on its way except those of open documents."""
        return self._workers.idle and not self._filled and not self._queue.waiting and not self._queue.has_freed

    @property
    def open_documents(self) -> list[Row]:
        """Return the last row of each document that is open."""
        rows = [stream.reader.last_row for stream in self._streams.values()]
        return [row for row in rows if row is not None]

    def complete(self, key: StreamKey) -> None:
        """Complete a stream's open document, if there is one, and send what waits of the stream. Raises as `write`.

        A stream that is not in the catalog has nothing to complete.
        """
        self.check()
        if self._clock.stopped:
            raise StoppedError
        stream = self._streams.get(key)
        if stream is not None:
            self._take(stream, stream.reader.end(), self._clock.monotonic())
            for buffer in stream.buffers.values():
                if buffer in self._filled:
                    self._send(buffer)

    def check(self) -> None:
        """Raise what a thread that sends has raised, if one has."""
        self._workers.check()

    def finish(self) -> None:
        """Send everything but open documents, until every other row is settled. Raises as `write`."""
        while True:
            self._forward(self._clock.monotonic())
            self._send_all()
            # In this order: what the last task frees is there before it has ended.
            is_idle = self._workers.idle
            if self._queue.has_freed:
                continue
            if is_idle:
                break
            self._workers.wait()
        self._workers.check()

    def close(self) -> None:
        """Send nothing more; wait until what was sent is answered and settled, 25 seconds at most."""
        self._workers.close(GRACE_SECONDS)

    def _take(self, stream: _Stream, writes: Iterable[Write], now: float) -> None:
        for write in writes:
            if write.outcome is not None:
                self._settle(write, write.outcome)
            elif self._queue.enter(write):
                self._place(stream, write, now)

    def _forward(self, now: float) -> None:
        """Raise what failed, place the writes whose turn has come, send what has waited long enough."""
        self._workers.check()
        while True:
            for write in self._queue.freed():
                stream = self._streams[write.plan.stream]
                self._place(stream, write, now)
                self._send_soon(stream.buffer(write.plan.entity), now)  # it has waited already
            if self._queue.waiting >= _MOST_ROWS_WAITING:
                self._send_all()
            elif self._ledger.unsettled_size < _MOST_BYTES_HELD or not self._make_room():
                break
            self._workers.wait()
        while self._filled and next(iter(self._filled)).due <= now:
            self._send(next(iter(self._filled)))
        while self._full and self._is_to_go(next(iter(self._full)), now):
            self._send(next(iter(self._full)))

    def _is_to_go(self, buffer: _Buffer, now: float) -> bool:
        """Return whether a full buffer waits no longer for more: threads have nothing to do, or had not for a while."""
        if self._workers.idle:
            return True
        waited = now - (buffer.full_since or now)
        return waited >= _WAIT_FOR_MORE_SECONDS and self._has_room

    def _make_room(self) -> bool:
        """Send the largest of what waits; return False if nothing is on its way that could make room.

        That is so where one document alone is larger than what may be held.
        """
        size = 0
        for buffer in sorted(self._filled, key=lambda each: each.size, reverse=True):
            if size >= _MOST_BYTES_HELD // 4:
                break
            size += buffer.size
            self._send(buffer)
        return not self._workers.idle

    def _send_all(self) -> None:
        while self._filled:
            self._send(next(iter(self._filled)))

    def _send_soon(self, buffer: _Buffer, now: float) -> None:
        if buffer in self._filled:
            buffer.due = now
            self._filled.move_to_end(buffer, last=False)

    def _place(self, stream: _Stream, write: Write, now: float) -> None:
        if self._delivered.is_superseded(write):
            stream.cost.superseded += len(write.rows)
            self._settle(write, Outcome.SKIPPED)
            self._queue.leave(write)
            return
        buffer = stream.buffer(write.plan.entity)
        if isinstance(write.action, Create) and write.identity is None:
            # After a crash, only its own idempotency key could show whether this row was created.
            self._workers.submit(partial(self._write_alone, buffer.writer, write))
            return
        if not buffer.writes:
            buffer.due = now + _LONGEST_WAIT_SECONDS
            self._filled[buffer] = None
        buffer.writes.append(write)
        buffer.size += sum(row.size for row in write.rows)
        if len(buffer.writes) < self._rows_per_batch and buffer.size < _MOST_BYTES_OF_A_BATCH:
            return
        most_writes, most_bytes = self._rows_per_batch, _MOST_BYTES_OF_A_BATCH
        if buffer.writer.asks_first:
            most_writes, most_bytes = most_writes * _BATCHES_OF_A_QUERY, _MOST_BYTES_OF_A_QUERY
        if len(buffer.writes) >= most_writes or buffer.size >= most_bytes:
            self._send(buffer)
        elif buffer.full_since is None:
            buffer.full_since = now
            self._full[buffer] = None

    def _send(self, buffer: _Buffer) -> None:
        del self._filled[buffer]
        self._full.pop(buffer, None)
        buffer.size, buffer.full_since = 0, None
        group, buffer.writes = buffer.writes, []
        if self._queue.waiting:
            group = [self._with_versions(write) for write in group]
        # Documents are read after they are found, which begins sooner after several queries side by side.
        parts = self._workers.idle_threads if buffer.writer.reads_documents else 1
        for part in _even_parts(group, min(parts, len(group) // _FEWEST_OF_A_PART)):
            self._shares.wait_for_room(self._rows_per_batch)
            self._shares.expect(len(part))
            self._workers.submit(partial(self._write_group, buffer.writer, part))

    def _with_versions(self, write: Write) -> Write:
        """Return a write that may replace others that wait for its record, too."""
        waiting = self._queue.behind(write)
        one = merged(write, takewhile(lambda later: not self._delivered.is_superseded(later), waiting))
        if one.versions:
            self._queue.take_behind(write, len(one.versions) - 1)
        return one

    def _write_alone(self, writer: BatchWriter, write: Write) -> None:
        writer.write([write], self._settle)
        self._leave([write])

    def _write_group(self, writer: BatchWriter, group: list[Write]) -> None:
        """Find the records of a group, then help to write what waits."""
        left = writer.find(group, self._settle)
        # Once they are shared out, other threads settle writes of this group, and let them leave.
        settled = [write for write in group if write.outcome is not None]
        self._shares.add(writer, left, len(group))
        self._leave(settled)
        self._write_share()

    def _write_share(self) -> None:
        """Write a share of what waits, and let the next one be written; idle threads help where there are slots."""
        share = self._shares.take()
        if share is None:
            return
        for _ in range(min(self._shares.free_slots, self._workers.idle_threads)):
            self._workers.add(self._write_share)
        share.writer.write(share.writes, self._settle)
        self._shares.done(share)
        self._leave(share.writes)
        self._workers.add(self._write_share)

    def _leave(self, batch: Iterable[Write]) -> None:
        """Release the writes that wait for the record of one of these."""
        batch = list(batch)
        self._delivered.remember(batch)
        for write in batch:
            if write.versions and write.versions[0].goes_alone:
                self._queue.part(write.versions)
            else:
                self._queue.leave(write)

    def _settle(self, write: Write, outcome: Outcome) -> None:
        """Enter the outcome of a write for each of its rows, and record them if it is rejected.

        The versions of one that is rejected are left to be written singly, unless each would be rejected alike.
        """
        if not write.versions:
            self._settle_one(write, outcome)
        elif write.reason is None:
            self._streams[write.plan.stream].cost.settled(write, outcome, self._clock.monotonic())
            for version, own in outcomes(write, outcome):
                for row in version.rows:
                    self._ledger.settle(row, own, recorded=True)
        elif is_about_the_record(write.reason):
            for version in write.versions:
                version.reject(write.reason, write.record_key)
                self._settle_one(version, outcome)
        else:
            for version in write.versions:
                version.goes_alone = True

    def _settle_one(self, write: Write, outcome: Outcome) -> None:
        self._streams[write.plan.stream].cost.settled(write, outcome, self._clock.monotonic())
        for row in write.rows:
            self._ledger.settle(row, outcome, recorded=write.reason is None)
        if write.reason is not None:
            self._reject(write, write.reason)


def _even_parts(group: list[Write], parts: int) -> Iterator[list[Write]]:
    """Part a group into so many of about the same length, one at least."""
    size = ceil(len(group) / max(1, parts))
    return (group[start : start + size] for start in range(0, len(group), size))


def _open_streams(
    plans: list[StreamPlan],
    config: Config,
    client: IntacctClient,
    join: Callable[[Row, Row], None],
    warn: Callable[[str], None],
) -> dict[StreamKey, _Stream]:
    """Open each stream; they share what is known of the records that this sync has written."""
    locks, cache = RecordLocks(), RecordCache()
    entities = Entities(config.entity_id, warn) if any(plan.entity_field for plan in plans) else None
    company = rehearsed(plans, warn) if config.dry_run else None
    natural_keys: dict[str, set[tuple[str, ...]]] = defaultdict(set)
    for plan in plans:
        natural_keys[plan.object.path].add(plan.natural_key)
    streams = {}
    for plan in plans:
        # Another stream that finds the same records in another way would change them unseen.
        is_alone = len(natural_keys[plan.object.path]) == 1
        cost = StreamCost(forecast=Forecast() if config.dry_run else None)
        counted = client.with_traffic(cost.traffic)
        states = DocumentStates(counted, plan, cost.forecast)

        def make_writer(
            plan: StreamPlan,
            counted: IntacctClient = counted,
            own: RecordCache | None = cache if is_alone else None,
            states: DocumentStates = states,
            forecast: Forecast | None = cost.forecast,
        ) -> BatchWriter:
            there: Records = counted.in_entity(plan.entity)
            if company is not None and forecast is not None:
                there = Rehearsal(counted.in_entity(plan.entity), plan, company, forecast, plan.entity)
            return BatchWriter(plan, there, Lookup(there, plan, warn), own, locks, states)

        entity_of = partial(entities.of_row, counted) if entities else None
        reader = RowReader(plan, entity_of, join, warn)
        cost.not_carried = reader.not_carried
        streams[plan.stream] = _Stream(reader, cost, states, make_writer)
    return streams

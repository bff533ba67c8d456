"""Takes rows in the order of the input and hands them, many at a time, to the threads that send."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial

from destination_sage_intacct.config import Config
from destination_sage_intacct.delivery.actions import Create
from destination_sage_intacct.delivery.batch import BatchWriter
from destination_sage_intacct.delivery.entities import Entities
from destination_sage_intacct.delivery.known import RecordCache
from destination_sage_intacct.delivery.locks import Pending, RecordLocks, RecordQueue, unique_id
from destination_sage_intacct.delivery.lookup import Lookup
from destination_sage_intacct.delivery.reader import RowReader, Settled, Taken
from destination_sage_intacct.delivery.summary import Cost
from destination_sage_intacct.delivery.workers import Workers
from destination_sage_intacct.intacct.client import IntacctClient
from destination_sage_intacct.intacct.clock import Clock, StoppedError
from destination_sage_intacct.plan.stream_plan import StreamPlan, primary_key_text
from destination_sage_intacct.protocol.ledger import Ledger, Outcome, Row
from destination_sage_intacct.protocol.messages import StreamKey
from destination_sage_intacct.rejected_rows.rejection import Rejection

# A row waits no longer than this for others to fill its batch.
_LONGEST_WAIT_SECONDS = 20.0
_MOST_ROWS_WAITING = 5_000


@dataclass(slots=True)
class _Way:
    """Where rows of one stream and entity go: what sends them, and those that wait to be sent together."""

    sender: BatchWriter
    buffer: list[Pending] = field(default_factory=list)
    due: float = 0.0


@dataclass(slots=True)
class _Lane:
    """One stream: what reads its rows, what it costs, and the ways to its entities."""

    intake: RowReader
    cost: Cost
    make_sender: Callable[[StreamPlan], BatchWriter]
    ways: dict[str, _Way] = field(default_factory=dict)

    def way(self, entity: str) -> _Way:
        """Return the way to an entity."""
        if entity not in self.ways:
            self.ways[entity] = _Way(self.make_sender(self.intake.plan.in_entity(entity)))
        return self.ways[entity]


class Pipeline:
    """Moves the rows of all streams. One thread calls it; rows are settled in others.

    Args:
        config: how many rows and requests at once, and whether anything is written at all.
        client: asks and writes.
        ledger: gets the outcome of each row.
        plans: one for each stream of the catalog.
        reject: records a rejected row, which the ledger knows as not recorded yet.
        warn: told of what a person should know, once each.
        clock: measures.
    """

    def __init__(
        self,
        config: Config,
        client: IntacctClient,
        ledger: Ledger,
        plans: Iterable[StreamPlan],
        reject: Callable[[Row, Rejection], None],
        warn: Callable[[str], None],
        clock: Clock,
    ) -> None:
        self._ledger = ledger
        self._reject = reject
        self._warn = warn
        self._clock = clock
        self._rows_per_batch = config.batch_size
        self._workers = Workers(config.max_concurrency)
        self._order = RecordQueue()
        entities = Entities(config.entity_id, warn)

        def make_intake(plan: StreamPlan, account: IntacctClient) -> RowReader:
            return RowReader(plan, partial(entities.of_row, account), ledger.join, warn)

        self._lanes = _lanes(list(plans), config, client, make_intake, self._settle, warn)

    @property
    def plans(self) -> list[StreamPlan]:
        """Return the plans as they stand, with every column that came."""
        return [lane.intake.plan for lane in self._lanes.values()]

    @property
    def costs(self) -> Mapping[StreamKey, Cost]:
        """Return what each stream has cost so far."""
        for lane in self._lanes.values():
            lane.cost.replayed = sum(way.sender.replayed for way in lane.ways.values())
            lane.cost.joined = sum(way.sender.joined for way in lane.ways.values())
            lane.cost.asked_in_vain = sum(way.sender.asked_in_vain for way in lane.ways.values())
        return {stream: lane.cost for stream, lane in self._lanes.items()}

    def write(self, row: Row) -> None:
        """Take one row; it is settled now, or when the batch that it goes into is answered.

        Raises:
            ConfigError, MappingError: the row's columns cannot be mapped.
            IntacctError: the way is broken or closed; rows without an outcome stay unsettled.
            StoppedError: the run is asked to stop; rows without an outcome stay unsettled.
        """
        lane = self._lanes[row.stream]
        now = self._clock.monotonic()
        if lane.cost.began is None:
            lane.cost.began = now
        self._accept(lane, lane.intake.take(row), now)
        self._forward(now)

    def pause(self) -> None:
        """Use a moment without input: send what waits, unless the threads have enough to do. Raises as `write`."""
        self._forward(self._clock.monotonic())
        for way in self._filled():
            if self._workers.has_room:
                self._send(way)

    @property
    def is_idle(self) -> bool:
        """Return whether no row is on its way but those of documents that are open."""
        return self._workers.idle and not self._filled() and not self._order.waiting and not self._order.has_freed

    @property
    def open_documents(self) -> list[Row]:
        """Return the last row of each document that is open."""
        rows = [lane.intake.last_row for lane in self._lanes.values()]
        return [row for row in rows if row is not None]

    def complete(self, stream: StreamKey) -> None:
        """Complete a stream's document that is open, if one is, and send what waits of the stream. Raises as `write`.

        Nothing is known of a stream that is not in the catalog.
        """
        if self._clock.stopped:
            raise StoppedError
        lane = self._lanes.get(stream)
        if lane is not None:
            self._accept(lane, lane.intake.end(), self._clock.monotonic())
            for way in lane.ways.values():
                if way.buffer:
                    self._send(way)

    def finish(self) -> None:
        """Send all that waits but documents that are open, until every other row is settled. Raises as `write`."""
        while True:
            self._forward(self._clock.monotonic())
            for way in self._filled():
                self._send(way)
            if self._order.has_freed:
                continue
            if self._workers.idle:
                break
            self._workers.wait()
        self._workers.check()

    def close(self) -> None:
        """Send nothing more; wait until what is being sent is answered and settled."""
        self._workers.close()

    def _accept(self, lane: _Lane, taken: Iterable[Taken], now: float) -> None:
        for each in taken:
            if isinstance(each, Settled):
                for row in each.rows:
                    self._settle(row, each.outcome, each.rejection)
            elif self._order.enter(each):
                self._place(lane, each, now)

    def _forward(self, now: float) -> None:
        """Raise what failed, place the rows whose turn has come, send what has waited long enough."""
        self._workers.check()
        while True:
            for pending in self._order.freed():
                self._place(self._lanes[pending.row.stream], pending, now)
            if self._order.waiting < _MOST_ROWS_WAITING:
                break
            for way in self._filled():
                self._send(way)
            self._workers.wait()
        for way in self._filled():
            if now >= way.due:
                self._send(way)

    def _filled(self) -> list[_Way]:
        return [way for lane in self._lanes.values() for way in lane.ways.values() if way.buffer]

    def _place(self, lane: _Lane, pending: Pending, now: float) -> None:
        way = lane.way(pending.entity)
        if isinstance(pending.intent, Create) and unique_id(lane.intake.plan, pending.intent.body) is None:
            # Nothing but its own idempotency key could tell after a crash whether this row was created.
            self._workers.submit(partial(self._deliver, way.sender, [pending]))
            return
        if not way.buffer:
            way.due = now + _LONGEST_WAIT_SECONDS
        way.buffer.append(pending)
        if len(way.buffer) >= self._rows_per_batch:
            self._send(way)

    def _send(self, way: _Way) -> None:
        batch, way.buffer = way.buffer, []
        self._workers.submit(partial(self._deliver, way.sender, batch))

    def _deliver(self, sender: BatchWriter, batch: list[Pending]) -> None:
        sender.send(batch)
        for pending in batch:
            self._order.leave(pending)

    def _settle(self, row: Row, outcome: Outcome, rejection: Rejection | None) -> None:
        self._lanes[row.stream].cost.ended = self._clock.monotonic()
        self._ledger.settle(row, outcome, recorded=rejection is None)
        if rejection is not None:
            # Each row of a document is told by its own primary key.
            shown = primary_key_text(self._lanes[row.stream].intake.plan, row.data)
            self._reject(row, replace(rejection, primary_key=shown))


def _lanes(
    plans: list[StreamPlan],
    config: Config,
    client: IntacctClient,
    make_intake: Callable[[StreamPlan, IntacctClient], RowReader],
    settle: Callable[[Row, Outcome, Rejection | None], None],
    warn: Callable[[str], None],
) -> dict[StreamKey, _Lane]:
    """Make a lane for each stream; what they know of records written is shared."""
    claims, known = RecordLocks(), RecordCache()
    lanes = {}
    for plan in plans:
        # Another stream that finds the same records in another way would change them unseen.
        is_alone = all(other.natural_key == plan.natural_key for other in plans if other.object == plan.object)
        cost = Cost()
        account = client.on_account(cost.traffic)
        own = known if is_alone else None

        def make_sender(
            plan: StreamPlan, account: IntacctClient = account, own: RecordCache | None = own
        ) -> BatchWriter:
            there = account.in_entity(plan.entity)
            return BatchWriter(plan, there, Lookup(there, plan, warn), own, claims, settle, dry_run=config.dry_run)

        lanes[plan.stream] = _Lane(make_intake(plan, account), cost, make_sender)
    return lanes

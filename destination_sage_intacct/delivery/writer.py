"""Takes rows in the order of the input and hands them, many at a time, to the threads that send."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial

from destination_sage_intacct.config import Config
from destination_sage_intacct.delivery.costs import Cost
from destination_sage_intacct.delivery.intents import Create, Leave, Match, Reject, Update, intend
from destination_sage_intacct.delivery.known import KnownRecords
from destination_sage_intacct.delivery.lookup import Lookup
from destination_sage_intacct.delivery.order import Claims, Order, Pending, identity_of, unique_id
from destination_sage_intacct.delivery.ordinals import Ordinals
from destination_sage_intacct.delivery.rejection import Rejection, from_problem
from destination_sage_intacct.delivery.sending import Sender
from destination_sage_intacct.delivery.workers import Workers
from destination_sage_intacct.intacct.client import IntacctClient
from destination_sage_intacct.intacct.clock import Clock
from destination_sage_intacct.plan import StreamPlan, primary_key_text, primary_key_values
from destination_sage_intacct.protocol.ledger import Ledger, Outcome, Row
from destination_sage_intacct.protocol.messages import StreamKey
from destination_sage_intacct.rows.idempotency import body_digest
from destination_sage_intacct.rows.mapping import MappingError
from destination_sage_intacct.rows.values import Problem

_NOT_AN_OBJECT = Problem(
    "not_an_object",
    "The row is not a JSON object of columns and values",
    "Report it to the maker of the source: Airbyte's records are objects.",
)
# A row waits no longer than this for others to fill its batch.
_LONGEST_WAIT_SECONDS = 20.0
_MOST_ROWS_WAITING = 5_000


@dataclass(slots=True)
class _Lane:
    """One stream: its plan with every column that came, what sends it, and the rows that wait to be sent together."""

    plan: StreamPlan
    sender: Sender
    cost: Cost
    ordinals: Ordinals = field(default_factory=Ordinals)
    buffer: list[Pending] = field(default_factory=list)
    due: float = 0.0


class Writer:
    """Moves the rows of all streams. One thread calls it; rows are settled in others.

    Args:
        config: how many rows and requests at once, and whether anything is written at all.
        client: asks and writes.
        ledger: gets the outcome of each row.
        plans: one for each stream of the catalog.
        reject: records a rejected row before it is settled.
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
        self._order = Order()
        self._lanes = _lanes(list(plans), config, client, self._settle, warn)

    @property
    def plans(self) -> list[StreamPlan]:
        """Return the plans as they stand, with every column that came."""
        return [lane.plan for lane in self._lanes.values()]

    @property
    def costs(self) -> Mapping[StreamKey, Cost]:
        """Return what each stream has cost so far."""
        for lane in self._lanes.values():
            lane.cost.replayed = lane.sender.replayed
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
        if not isinstance(row.data, dict):
            self._settle(row, Outcome.REJECTED, from_problem(_NOT_AN_OBJECT, ""))
            return
        self._map_columns(lane, row)
        match intend(lane.plan, row.data):
            case Reject(problem, key):
                shown = primary_key_text(lane.plan, row.data)
                self._settle(row, Outcome.REJECTED, from_problem(problem, key, shown))
            case Leave():
                self._settle(row, Outcome.UNCHANGED, None)
            case intent:
                origin = _origin(lane, row, intent)
                pending = Pending(row, intent, identity_of(lane.plan, intent), origin)
                if self._order.enter(pending):
                    self._place(lane, pending, now)
        self._forward(now)

    def pause(self) -> None:
        """Use a moment without input: send what waits, unless the threads have enough to do. Raises as `write`."""
        self._forward(self._clock.monotonic())
        for lane in self._lanes.values():
            if lane.buffer and self._workers.has_room:
                self._send(lane)

    def finish(self) -> None:
        """Send all that waits, and wait until every row is settled. Raises as `write`."""
        while True:
            self._forward(self._clock.monotonic())
            for lane in self._lanes.values():
                if lane.buffer:
                    self._send(lane)
            if self._order.has_freed:
                continue
            if self._workers.idle:
                break
            self._workers.wait()
        self._workers.check()

    def close(self) -> None:
        """Send nothing more; wait until what is being sent is answered and settled."""
        self._workers.close()

    def _map_columns(self, lane: _Lane, row: Row) -> None:
        mapping = lane.plan.mapping
        if mapping.covers(row.data):
            return
        try:
            wider = mapping.including(row.data)
        except MappingError as error:
            raise MappingError(f"Stream {row.stream}: {error}") from None
        unsent = wider.unsent_text(but=mapping.unsent)
        lane.plan = lane.plan.with_mapping(wider)
        if unsent:
            self._warn(unsent_warning(row.stream, unsent))

    def _forward(self, now: float) -> None:
        """Raise what failed, place the rows whose turn has come, send what has waited long enough."""
        self._workers.check()
        while True:
            for pending in self._order.freed():
                self._place(self._lanes[pending.row.stream], pending, now)
            if self._order.waiting < _MOST_ROWS_WAITING:
                break
            for lane in self._lanes.values():
                if lane.buffer:
                    self._send(lane)
            self._workers.wait()
        for lane in self._lanes.values():
            if lane.buffer and now >= lane.due:
                self._send(lane)

    def _place(self, lane: _Lane, pending: Pending, now: float) -> None:
        if isinstance(pending.intent, Create) and unique_id(lane.plan, pending.intent.body) is None:
            # Nothing but its own idempotency key could tell after a crash whether this row was created.
            self._submit(lane, [pending])
            return
        if not lane.buffer:
            lane.due = now + _LONGEST_WAIT_SECONDS
        lane.buffer.append(pending)
        if len(lane.buffer) >= self._rows_per_batch:
            self._send(lane)

    def _send(self, lane: _Lane) -> None:
        batch, lane.buffer = lane.buffer, []
        self._submit(lane, batch)

    def _submit(self, lane: _Lane, batch: list[Pending]) -> None:
        self._workers.submit(partial(self._deliver, lane.sender, batch))

    def _deliver(self, sender: Sender, batch: list[Pending]) -> None:
        sender.send(batch)
        for pending in batch:
            self._order.leave(pending)

    def _settle(self, row: Row, outcome: Outcome, rejection: Rejection | None) -> None:
        if rejection is not None:
            self._reject(row, rejection)
        self._lanes[row.stream].cost.ended = self._clock.monotonic()
        self._ledger.settle(row, outcome)


def unsent_warning(stream: StreamKey, columns: str) -> str:
    """Write the warning about columns that go nowhere."""
    return f"Columns of stream {stream} that are not sent: {columns}."


def _lanes(
    plans: list[StreamPlan],
    config: Config,
    client: IntacctClient,
    settle: Callable[[Row, Outcome, Rejection | None], None],
    warn: Callable[[str], None],
) -> dict[StreamKey, _Lane]:
    """Make a lane for each stream; what they know of records written is shared."""
    claims, known = Claims(), KnownRecords()
    lanes = {}
    for plan in plans:
        # Another stream that finds the same records in another way would change them unseen.
        is_alone = all(other.natural_key == plan.natural_key for other in plans if other.object == plan.object)
        cost = Cost()
        own = client.on_account(cost.traffic)
        lookup = Lookup(own, plan, warn)
        sender = Sender(plan, own, lookup, known if is_alone else None, claims, settle, dry_run=config.dry_run)
        lanes[plan.stream] = _Lane(plan, sender, cost)
    return lanes


def _origin(lane: _Lane, row: Row, intent: Create | Update | Match) -> tuple[object, ...]:
    """Return what tells this row from others of equal body: natural or primary key, else the sync and its ordinal."""
    if isinstance(intent, Update):
        return ()
    if isinstance(intent, Match):
        return ("natural", *intent.natural_key)
    values = primary_key_values(lane.plan, row.data)
    if any(value is not None for value in values):
        return ("key", *values)
    return ("ordinal", lane.plan.sync_id, lane.ordinals.next(body_digest(intent.encoded)))

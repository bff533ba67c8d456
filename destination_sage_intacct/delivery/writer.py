"""Takes rows, writes records, settles each row in the ledger."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count

from destination_sage_intacct.delivery.intents import Create, Leave, Reject, Update, intend
from destination_sage_intacct.delivery.rejection import Rejection, from_problem, from_sage
from destination_sage_intacct.intacct.client import ChangedRecord, IntacctClient, NewRecord, Refused, Result, Written
from destination_sage_intacct.intacct.clock import Clock
from destination_sage_intacct.plan import StreamPlan
from destination_sage_intacct.protocol.ledger import Ledger, Outcome, Row
from destination_sage_intacct.protocol.messages import StreamKey
from destination_sage_intacct.rows.idempotency import body_digest, create_key, further_key
from destination_sage_intacct.rows.mapping import MappingError
from destination_sage_intacct.rows.values import Problem, texts

_NOT_AN_OBJECT = Problem(
    "not_an_object",
    "The row is not a JSON object of columns and values",
    "Report it to the maker of the source: Airbyte's records are objects.",
)


@dataclass(slots=True)
class Cost:
    """What the rows of one stream cost: requests sent, API transactions as Sage bills them, seconds spent."""

    requests: int = 0
    transactions: int = 0
    replayed: int = 0
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class _Pending:
    """A row on its way into a request, with what it asks for."""

    row: Row
    intent: Create | Update


class Writer:
    """Moves the rows of all streams: each waits in its stream's buffer until the buffer is sent as a whole.

    A buffer becomes at most one call to create and one to update, with a result for each record, by position.

    Args:
        client: None writes nothing, as in a dry run; the outcomes are then what would have happened.
        ledger: gets the outcome of each row.
        plans: one for each stream of the catalog.
        reject: records a rejected row before it is settled.
        warn: told of columns that are not sent, once each.
        clock: measures what the rows of each stream took.
        rows_per_batch: how many rows a buffer holds before it is sent.
    """

    def __init__(
        self,
        client: IntacctClient | None,
        ledger: Ledger,
        plans: Iterable[StreamPlan],
        reject: Callable[[Row, Rejection], None],
        warn: Callable[[str], None],
        clock: Clock,
        rows_per_batch: int = 1,
    ) -> None:
        self._client = client
        self._ledger = ledger
        self._plans = {plan.stream: plan for plan in plans}
        self._reject = reject
        self._warn = warn
        self._clock = clock
        self._rows_per_batch = rows_per_batch
        self._buffers: dict[StreamKey, list[_Pending]] = {stream: [] for stream in self._plans}
        self._equal_bodies: Counter[tuple[StreamKey, int]] = Counter()
        self.costs: Mapping[StreamKey, Cost] = {stream: Cost() for stream in self._plans}

    @property
    def plans(self) -> list[StreamPlan]:
        """Return the plans as they stand, with every column that came."""
        return list(self._plans.values())

    def write(self, row: Row) -> None:
        """Take one row; it is settled now, or when its buffer is sent.

        Raises:
            ConfigError, MappingError: the row's columns cannot be mapped.
            IntacctError: the way is broken or closed; rows without an outcome stay unsettled.
            StoppedError: the run is asked to stop; rows without an outcome stay unsettled.
        """
        if not isinstance(row.data, dict):
            self._settle_rejected(row, from_problem(_NOT_AN_OBJECT, ""))
            return
        plan = self._plan_for(row)
        intent = intend(plan, row.data)
        match intent:
            case Reject(problem, key):
                self._settle_rejected(row, from_problem(problem, key, _shown_key(plan, row)))
            case Leave():
                self._ledger.settle(row, Outcome.UNCHANGED)
            case Create() | Update():
                self._buffers[row.stream].append(_Pending(row, intent))
                if len(self._buffers[row.stream]) >= self._rows_per_batch:
                    self._send(plan)

    def flush(self) -> None:
        """Send what is buffered, of every stream. Raises as `write`."""
        for stream, buffer in self._buffers.items():
            if buffer:
                self._send(self._plans[stream])

    def _plan_for(self, row: Row) -> StreamPlan:
        plan = self._plans[row.stream]
        if not plan.mapping.covers(row.data):
            try:
                mapping = plan.mapping.including(row.data)
            except MappingError as error:
                raise MappingError(f"Stream {row.stream}: {error}") from None
            unsent = mapping.unsent_text(but=plan.mapping.unsent)
            plan = self._plans[row.stream] = plan.with_mapping(mapping)
            if unsent:
                self._warn(unsent_warning(row.stream, unsent))
        return plan

    def _send(self, plan: StreamPlan) -> None:
        """Send one stream's buffer and settle its rows."""
        batch, self._buffers[plan.stream] = self._buffers[plan.stream], []
        creates = [(each, each.intent) for each in batch if isinstance(each.intent, Create)]
        updates = [(each, each.intent) for each in batch if isinstance(each.intent, Update)]
        if creates:
            new = [self._new_record(plan, each.row, intent) for each, intent in creates]
            results = self._measured(plan, len(new), lambda client: client.create(plan.object.path, new))
            self._settle(plan, [each for each, _ in creates], results, Outcome.CREATED)
        if updates:
            changed = [ChangedRecord(intent.key, intent.encoded) for _, intent in updates]
            results = self._measured(plan, len(changed), lambda client: client.update(plan.object.path, changed))
            self._settle(plan, [each for each, _ in updates], results, Outcome.UPDATED)

    def _measured(
        self, plan: StreamPlan, count: int, call: Callable[[IntacctClient], Sequence[Result]]
    ) -> Sequence[Result]:
        """Call the client and add what it cost to the stream's account."""
        if self._client is None:
            return [Written()] * count
        cost = self.costs[plan.stream]
        started, requests = self._clock.monotonic(), self._client.requests
        try:
            results = call(self._client)
        finally:
            cost.requests += self._client.requests - requests
            cost.seconds += self._clock.monotonic() - started
        written = [result for result in results if isinstance(result, Written)]
        cost.transactions += len(written)
        cost.replayed += sum(result.replayed for result in written)
        return results

    def _new_record(self, plan: StreamPlan, row: Row, intent: Create) -> NewRecord:
        return NewRecord(intent.encoded, _idempotency_keys(plan, self._identity(plan, row, intent), intent.encoded))

    def _identity(self, plan: StreamPlan, row: Row, intent: Create) -> list[object]:
        """Return what tells this row from others of equal body: its primary key, else the sync and its ordinal."""
        values = _primary_key(plan, row)
        if any(value is not None for value in values):
            return ["key", *values]
        place = (row.stream, body_digest(intent.encoded))
        self._equal_bodies[place] += 1
        return ["ordinal", plan.sync_id, self._equal_bodies[place]]

    def _settle(self, plan: StreamPlan, batch: Sequence[_Pending], results: Sequence[Result], outcome: Outcome) -> None:
        for each, result in zip(batch, results, strict=True):
            if isinstance(result, Refused):
                values, shown_key = texts(each.intent.body), _shown_key(plan, each.row)
                self._settle_rejected(each.row, from_sage(result.error, each.intent.key, values, shown_key))
            else:
                self._ledger.settle(each.row, outcome)

    def _settle_rejected(self, row: Row, rejection: Rejection) -> None:
        self._reject(row, rejection)
        self._ledger.settle(row, Outcome.REJECTED)


def unsent_warning(stream: StreamKey, columns: str) -> str:
    """Write the warning about columns that go nowhere."""
    return f"Columns of stream {stream} that are not sent: {columns}."


def _idempotency_keys(plan: StreamPlan, identity: list[object], body: bytes) -> Iterator[str]:
    key = create_key(plan.scope, identity, body)
    yield key
    yield from (further_key(key, attempt, plan.sync_id) for attempt in count(1))


def _primary_key(plan: StreamPlan, row: Row) -> list[object]:
    return [_value_at(row.data, path) for path in plan.primary_key]


def _shown_key(plan: StreamPlan, row: Row) -> str:
    return ", ".join(str(value) for value in _primary_key(plan, row) if value is not None)


def _value_at(data: Mapping[str, object], path: tuple[str, ...]) -> object:
    value: object = data
    for name in path:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value

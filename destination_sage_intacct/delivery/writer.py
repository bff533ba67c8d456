"""Takes rows, writes records, settles each row in the ledger."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
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


class Writer:
    """Moves the rows of all streams; at the end of `write` every row that could be settled is.

    Args:
        client: None writes nothing, as in a dry run; the outcomes are then what would have happened.
        ledger: gets the outcome of each row.
        plans: one for each stream of the catalog.
        reject: records a rejected row before it is settled.
        warn: told of columns that are not sent, once each.
        clock: measures what the rows of each stream took.
    """

    def __init__(
        self,
        client: IntacctClient | None,
        ledger: Ledger,
        plans: Iterable[StreamPlan],
        reject: Callable[[Row, Rejection], None],
        warn: Callable[[str], None],
        clock: Clock,
    ) -> None:
        self._client = client
        self._ledger = ledger
        self._plans = {plan.stream: plan for plan in plans}
        self._reject = reject
        self._warn = warn
        self._clock = clock
        self._equal_bodies: Counter[tuple[StreamKey, int]] = Counter()
        self.costs: Mapping[StreamKey, Cost] = {stream: Cost() for stream in self._plans}

    @property
    def plans(self) -> list[StreamPlan]:
        """Return the plans as they stand, with every column that came."""
        return list(self._plans.values())

    def write(self, row: Row) -> None:
        """Take one row.

        Raises:
            MappingError: a column that the source had not announced collides with another.
            IntacctError: the way is broken or closed; the row stays unsettled.
            StoppedError: the run is asked to stop; the row stays unsettled.
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
                self._settle(plan, row, intent, self._measured(plan, row, intent))

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

    def _measured(self, plan: StreamPlan, row: Row, intent: Create | Update) -> Result:
        if self._client is None:
            return Written()
        cost = self.costs[row.stream]
        started, requests = self._clock.monotonic(), self._client.requests
        try:
            result = self._send(self._client, plan, row, intent)
        finally:
            cost.requests += self._client.requests - requests
            cost.seconds += self._clock.monotonic() - started
        if isinstance(result, Written):
            cost.transactions += 1
            cost.replayed += result.replayed
        return result

    def _send(self, client: IntacctClient, plan: StreamPlan, row: Row, intent: Create | Update) -> Result:
        if isinstance(intent, Update):
            return client.update(plan.object.path, [ChangedRecord(intent.key, intent.encoded)])[0]
        keys = _idempotency_keys(plan, self._identity(plan, row, intent), intent.encoded)
        return client.create(plan.object.path, [NewRecord(intent.encoded, keys)])[0]

    def _identity(self, plan: StreamPlan, row: Row, intent: Create) -> list[object]:
        """Return what tells this row from others of equal body: its primary key, else the sync and its ordinal."""
        values = _primary_key(plan, row)
        if any(value is not None for value in values):
            return ["key", *values]
        place = (row.stream, body_digest(intent.encoded))
        self._equal_bodies[place] += 1
        return ["ordinal", plan.sync_id, self._equal_bodies[place]]

    def _settle(self, plan: StreamPlan, row: Row, intent: Create | Update, result: Result) -> None:
        if isinstance(result, Refused):
            shown_key = _shown_key(plan, row)
            self._settle_rejected(row, from_sage(result.error, intent.key, texts(intent.body), shown_key))
        else:
            self._ledger.settle(row, Outcome.CREATED if isinstance(intent, Create) else Outcome.UPDATED)

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

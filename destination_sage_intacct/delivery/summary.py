"""What a sync did and cost, per stream, in a line for the log."""

from collections import Counter
from dataclasses import dataclass, field

from destination_sage_intacct.intacct.retries import Traffic
from destination_sage_intacct.plan.stream_plan import StreamPlan
from destination_sage_intacct.protocol.ledger import Ledger, Outcome


@dataclass(slots=True)
class Cost:
    """The account of one stream; `seconds` from its first row to its last outcome."""

    traffic: Traffic = field(default_factory=Traffic)
    replayed: int = 0
    joined: int = 0  # rows that share a record with the row before them, as lines of one document
    asked_in_vain: int = 0  # records that were looked up by natural key for rows that were then rejected
    began: float | None = None
    ended: float = 0.0

    @property
    def seconds(self) -> float:
        """Return how long the stream took."""
        return 0.0 if self.began is None else max(0.0, self.ended - self.began)


def transactions_one_by_one(
    outcomes: Counter[Outcome], joined: int = 0, asked_in_vain: int = 0, *, by_natural_key: bool
) -> int:
    """Return the API transactions of a connector that sends a request for each record, and asks before each if it must.

    Sage bills each record written and each page queried, also in a batch; a record that it refuses is not counted, only
    the question before it.
    """
    written = sum(outcomes[each] for each in (Outcome.CREATED, Outcome.UPDATED, Outcome.UNCHANGED, Outcome.DELETED))
    written = max(0, written - joined)
    asked = written + outcomes[Outcome.SKIPPED] + asked_in_vain if by_natural_key else 0
    return written + asked


def summary_line(plan: StreamPlan, ledger: Ledger, cost: Cost, *, dry_run: bool) -> str:
    """Write the line of one stream; the outcomes add up to the rows received."""
    outcomes = ledger.outcomes(plan.stream)
    received = ledger.received(plan.stream)
    parts = [f"{outcomes[outcome]} {outcome}" for outcome in Outcome]
    unsettled = received - sum(outcomes.values())
    if unsettled:
        parts.append(f"{unsettled} not settled, to be sent again")
    alone = transactions_one_by_one(outcomes, cost.joined, cost.asked_in_vain, by_natural_key=bool(plan.natural_key))
    traffic = cost.traffic
    line = (
        f"Summary of {plan.stream} -> {plan.object.path} ({plan.operation}): "
        f"{counted(received, 'row')} = {' + '.join(parts)}; "
        f"{counted(traffic.requests, 'request')}, {counted(traffic.transactions, 'API transaction')} "
        f"(one request per row: {alone}), "
        f"at most {traffic.most_in_flight} in flight, {traffic.waited_seconds:.1f} s waited for limits, "
        f"{cost.seconds:.1f} s, {_rate(received, cost.seconds)} rows/s"
    )
    if cost.replayed:
        line += f"; {cost.replayed} of the created ones had arrived before and were not booked again"
    return line + (". Dry run: nothing was written and no state was acknowledged" if dry_run else "")


def counted(number: int, word: str) -> str:
    """Write a number of things whose plural takes an s: `1 row`, `2 rows`."""
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def _rate(rows: int, seconds: float) -> str:
    return f"{rows / seconds:.0f}" if seconds > 0 else "-"

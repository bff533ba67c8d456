"""What a sync did and what it cost, in one line of the log for each stream."""

import threading
from dataclasses import dataclass, field

from destination_sage_intacct.intacct.session import Traffic
from destination_sage_intacct.plan.stream_plan import StreamPlan
from destination_sage_intacct.protocol.ledger import Ledger, Outcome


@dataclass(slots=True)
class Cost:
    """The account of one stream; safe from any thread.

    Attributes:
        traffic: its requests and API transactions.
        replays: records that the server had from an earlier attempt.
        began: when its first row came, in monotonic seconds; None before that.
        ended: when its last outcome came.
    """

    traffic: Traffic = field(default_factory=Traffic)
    replays: int = 0
    began: float | None = None
    ended: float = 0.0
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False, compare=False)

    def begin(self, now: float) -> None:
        """Note that a row came."""
        if self.began is None:
            self.began = now

    def settled(self, now: float, *, is_replay: bool) -> None:
        """Note an outcome."""
        with self._lock:
            self.ended = now
            self.replays += is_replay

    @property
    def seconds(self) -> float:
        """Return how long the stream took."""
        return 0.0 if self.began is None else max(0.0, self.ended - self.began)


def summary_line(plan: StreamPlan, ledger: Ledger, cost: Cost, *, dry_run: bool) -> str:
    """Return the line of one stream; the outcomes add up to the rows received."""
    outcomes = ledger.outcomes(plan.stream)
    received = ledger.received(plan.stream)
    parts = [f"{outcomes[outcome]} {outcome}" for outcome in Outcome]
    unsettled = received - sum(outcomes.values())
    if unsettled:
        parts.append(f"{unsettled} not settled, to be sent again")
    traffic = cost.traffic
    line = (
        f"Summary of {plan.stream} -> {plan.object.path} ({plan.operation}): "
        f"{counted(received, 'row')} = {' + '.join(parts)}; "
        f"{counted(traffic.requests, 'request')}, {counted(traffic.transactions, 'API transaction')}, "
        f"at most {traffic.most_in_flight} in flight, {traffic.waited_seconds:.1f} s waited for limits, "
        f"{cost.seconds:.1f} s, {_rate(received, cost.seconds)} rows/s"
    )
    if cost.replays:
        line += f"; {cost.replays} of the created ones had arrived before and were not booked again"
    return line + (". Dry run: nothing was written and no state was acknowledged" if dry_run else "")


def counted(number: int, word: str) -> str:
    """Return a number of things whose plural takes an s: `1 row`, `2 rows`."""
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def _rate(rows: int, seconds: float) -> str:
    return f"{rows / seconds:.0f}" if seconds > 0 else "-"

"""What a sync did and what it cost, in one line of the log for each stream."""

from destination_sage_intacct.delivery.pipeline import StreamCost
from destination_sage_intacct.plan.stream_plan import StreamPlan
from destination_sage_intacct.protocol.ledger import Ledger, Outcome
from destination_sage_intacct.protocol.output import counted


def summary_line(plan: StreamPlan, ledger: Ledger, cost: StreamCost, states: str = "", *, dry_run: bool) -> str:
    """Return the line of one stream; the outcomes add up to the rows received. `states`: of the documents written."""
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
    if states:
        line += f"; {states}"
    if cost.replays:
        line += f"; {cost.replays} of the created ones had arrived before and were not booked again"
    if cost.superseded:
        line += f"; {counted(cost.superseded, 'row')} skipped, as a newer version of the record was delivered before"
    if cost.not_carried:
        named = ", ".join(f"`{column}` {number} x {why}" for (column, why), number in sorted(cost.not_carried.items()))
        line += f"; values that the source could not carry, their fields left as they are: {named}"
    if cost.inactive:
        line += f"; {cost.inactive} of the records are inactive in Sage Intacct, though their rows came back"
    return line + (". Dry run: nothing was written and no state was acknowledged" if dry_run else "")


def _rate(rows: int, seconds: float) -> str:
    return f"{rows / seconds:.0f}" if seconds > 0 else "-"

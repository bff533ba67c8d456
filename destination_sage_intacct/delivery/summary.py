"""What a sync did and cost, per stream, in a line for the log."""

from destination_sage_intacct.delivery.writer import Cost
from destination_sage_intacct.plan import StreamPlan
from destination_sage_intacct.protocol.ledger import Ledger, Outcome


def summary_line(plan: StreamPlan, ledger: Ledger, cost: Cost, *, dry_run: bool) -> str:
    """Write the line of one stream; the outcomes add up to the rows received."""
    outcomes = ledger.outcomes(plan.stream)
    received = ledger.received(plan.stream)
    parts = [f"{outcomes[outcome]} {outcome}" for outcome in Outcome]
    unsettled = received - sum(outcomes.values())
    if unsettled:
        parts.append(f"{unsettled} not settled, to be sent again")
    line = (
        f"Summary of {plan.stream} -> {plan.object.path} ({plan.operation}): {received} rows = {' + '.join(parts)}; "
        f"{cost.requests} requests, {cost.transactions} API transactions, {cost.seconds:.1f} s"
    )
    if cost.replayed:
        line += f"; {cost.replayed} of the created ones had arrived before and were not booked again"
    return line + (". Dry run: nothing was written and no state was acknowledged" if dry_run else "")

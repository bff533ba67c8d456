"""What a sync did and what it cost: for each stream one line of the log for a person, and one for a program."""

from collections.abc import Mapping, Sequence
from typing import Any

from destination_sage_intacct import exact_json
from destination_sage_intacct.delivery.pipeline import StreamCost
from destination_sage_intacct.plan.stream_plan import StreamPlan
from destination_sage_intacct.protocol.ledger import Ledger, Outcome
from destination_sage_intacct.protocol.output import counted
from destination_sage_intacct.rejected_rows.reasons import ReasonCount

SUMMARY_VERSION = 1


def summary_line(plan: StreamPlan, ledger: Ledger, cost: StreamCost, states: str = "") -> str:
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
        f"{cost.seconds:.1f} s, {rate(received, cost.seconds)} rows/s"
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
    real = _of_real_run(cost)
    if real is None:
        return line
    return (
        f"{line}. Dry run: nothing was written and no state was acknowledged; a real run would cost about "
        f"{counted(real, 'API transaction')}"
    )


def summary_json(
    plan: StreamPlan,
    ledger: Ledger,
    cost: StreamCost,
    documents: Mapping[str, int],
    reasons: Sequence[ReasonCount],
) -> str:
    """Return the same as JSON. Its names are documented and stay; a change of what one means raises the version.

    Args:
        plan: of the stream.
        ledger: counts its rows.
        cost: its account.
        documents: how many documents that were written are in which state.
        reasons: how many rows were rejected for which reason.
    """
    outcomes = ledger.outcomes(plan.stream)
    received = ledger.received(plan.stream)
    rows = {"received": received, **{outcome.value: outcomes[outcome] for outcome in Outcome}}
    traffic = cost.traffic
    summary: dict[str, Any] = {
        "event": "stream_summary",
        "version": SUMMARY_VERSION,
        "stream": plan.stream.name,
        "namespace": plan.stream.namespace,
        "object": plan.object.path,
        "operation": plan.operation,
        "dry_run": cost.forecast is not None,
        "rows": rows | {"unsettled": received - outcomes.total()},
        "requests": traffic.requests,
        "retries": traffic.retries,
        "api_transactions": traffic.transactions,
        "api_transactions_of_real_run": _of_real_run(cost),
        "most_in_flight": traffic.most_in_flight,
        "waited_seconds": round(traffic.waited_seconds, 3),
        "seconds": round(cost.seconds, 3),
        "rows_per_second": round(received / cost.seconds, 3) if cost.seconds > 0 else None,
        "documents": documents,
        "rejected_by_reason": [{"reason": each.reason, "field": each.field, "rows": each.rows} for each in reasons],
    }
    return exact_json.encode(summary).decode()


def _of_real_run(cost: StreamCost) -> int | None:
    """Return the API transactions of the real run after a dry run; None in a real run."""
    return cost.forecast.of_real_run(cost.traffic.transactions) if cost.forecast is not None else None


def rate(rows: int, seconds: float) -> str:
    """Return how many rows a second that is, in whole ones; a dash if no time has passed."""
    return f"{rows / seconds:.0f}" if seconds > 0 else "-"

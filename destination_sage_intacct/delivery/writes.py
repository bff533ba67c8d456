"""Rows that are to be written."""

from dataclasses import dataclass, replace

from destination_sage_intacct import exact_json
from destination_sage_intacct.delivery.actions import Create, Update
from destination_sage_intacct.delivery.locks import Pending
from destination_sage_intacct.delivery.lookup import Lookup, Record
from destination_sage_intacct.plan.stream_plan import StreamPlan
from destination_sage_intacct.rows.paths import omit, pick
from destination_sage_intacct.rows.values import Problem


@dataclass(frozen=True, slots=True)
class Creation:
    """A row that becomes a new record."""

    pending: Pending
    intent: Create


@dataclass(frozen=True, slots=True)
class Change:
    """A row that changes a record; `record` is what a query told of it, None without one."""

    pending: Pending
    intent: Update
    record: Record | None = None


def without_fixed(change: Change, plan: StreamPlan, lookup: Lookup) -> Change | Problem:
    """Leave out what can be set only when a record is made, where the record holds just that; else say so.

    Where nothing is known of the record it stays, and Sage Intacct decides.
    """
    fixed = pick(change.intent.body, plan.create_only)
    if not fixed or change.record is None:
        return change
    rest = omit(change.intent.body, plan.create_only)
    if lookup.holds_part(change.record, fixed):
        return changed(change, rest)
    return plan.validate(change.intent.body, False) or change


def changed(change: Change, body: dict[str, object]) -> Change:
    """Return a change with another body."""
    return replace(change, intent=replace(change.intent, body=body, encoded=exact_json.encode_sorted(body)))

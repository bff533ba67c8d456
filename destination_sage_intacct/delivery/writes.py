"""Rows that are to be written, and the lines of documents among them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from destination_sage_intacct import exact_json
from destination_sage_intacct.delivery.intents import Create, Update
from destination_sage_intacct.delivery.lookup import Lookup, Record
from destination_sage_intacct.delivery.order import Pending
from destination_sage_intacct.intacct.client import IntacctClient
from destination_sage_intacct.intacct.errors import SageError
from destination_sage_intacct.plan import StreamPlan
from destination_sage_intacct.rows.documents import lists_of, replaced, same_lines, without_lists
from destination_sage_intacct.rows.parts import part, without
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
    fixed = part(change.intent.body, plan.create_only)
    if not fixed or change.record is None:
        return change
    rest = without(change.intent.body, plan.create_only)
    if lookup.holds_part(change.record, fixed):
        return _changed(change, rest)
    return plan.validate(change.intent.body, False) or change


Refuse = Callable[[Change, SageError], None]


def with_lines_compared(
    changes: Sequence[Change], plan: StreamPlan, client: IntacctClient, lookup: Lookup, refuse: Refuse
) -> list[Change]:
    """Return the changes with lines only where the record's own are different; those that come to nothing are empty.

    Lines that are sent without a key are added, so a document that is sent twice would have each of them twice. Equal
    lines are left out; different ones replace the record's own in the same request.

    Args:
        changes: any; those without lists stay as they are.
        plan: of the stream.
        client: reads the records whole, as lines cannot be compared by a query.
        lookup: compares the other fields.
        refuse: told of a row whose record cannot be read.
    """
    listed = [each for each in changes if lists_of(each.intent.body)]
    if not listed:
        return list(changes)
    if plan.lines_on_update == "ignore":
        return [_without_lines(each, lookup) if lists_of(each.intent.body) else each for each in changes]
    read = client.read(plan.object.path, list(dict.fromkeys(each.intent.key for each in listed)))
    done: list[Change] = []
    for each in changes:
        if not lists_of(each.intent.body):
            done.append(each)
        elif isinstance(read, SageError):
            refuse(each, read)
        else:
            done.append(_with_own_lines(each, read.get(each.intent.key), plan, lookup))
    return done


def _without_lines(change: Change, lookup: Lookup) -> Change:
    header = without_lists(change.intent.body)
    is_held = change.record is not None and lookup.holds(change.record, header)
    return _changed(change, {} if is_held else header)


def _with_own_lines(change: Change, whole: Record | None, plan: StreamPlan, lookup: Lookup) -> Change:
    if whole is None:
        return change  # its update will say that the record is not there
    body = dict(_without_lines(change, lookup).intent.body)
    for name, lines in lists_of(change.intent.body).items():
        held = whole.get(name)
        own = held if isinstance(held, list) else []
        if not same_lines(lines, own, plan.line_model(name)):
            body[name] = replaced(lines, own)
    return _changed(change, body)


def _changed(change: Change, body: dict[str, object]) -> Change:
    return replace(change, intent=replace(change.intent, body=body, encoded=exact_json.encode_sorted(body)))

"""What a document's own lines say about a write: which of a row's lines are sent, and whether it may be deleted."""

from typing import Any

from destination_sage_intacct import exact_json
from destination_sage_intacct.delivery.actions import Delete
from destination_sage_intacct.delivery.lookup import Lookup
from destination_sage_intacct.delivery.writes import Change, changed
from destination_sage_intacct.intacct.errors import SageError
from destination_sage_intacct.intacct.query import Read
from destination_sage_intacct.plan.stream_plan import LINES, StreamPlan
from destination_sage_intacct.rows.lines import holds_objects, lists_of, still_to_send, without_lists
from destination_sage_intacct.rows.paths import flatten
from destination_sage_intacct.rows.values import Problem

# Why a row is not written: Sage Intacct's reason or our own.
Refusal = SageError | Problem

_NOT_THERE = 404


def needs_record(change: Change) -> bool:
    """Return whether a change can be compared only with the whole record: lists do not come with a query."""
    return bool(lists_of(change.intent.body))


def adds_lines(change: Change) -> bool:
    """Return whether a change would add something a second time if it landed twice."""
    return any(value and holds_objects(value) for value in lists_of(change.intent.body).values())


def without_ignored(change: Change, plan: StreamPlan, lookup: Lookup) -> Change:
    """Leave out the lines where they are sent only to create a document; then also what the record holds."""
    body = change.intent.body
    ignored = {name for name, value in lists_of(body).items() if _are_owned(plan, name, value)}
    if plan.lines_on_update != "ignore" or not ignored:
        return change
    rest = {name: value for name, value in body.items() if name not in ignored}
    is_held = change.record is not None and lookup.holds(change.record, rest)
    return changed(change, {} if is_held else rest)


def still_to_change(
    change: Change, whole: Read, plan: StreamPlan, lookup: Lookup, *, again: bool = False
) -> Change | Refusal:
    """Return what is to be changed of a record; an empty body where it holds everything. A refusal writes nothing.

    Lines that are sent without a key are added, so a document that is sent twice would have each of them twice. They
    are sent only where the record's own are known and others. Lists of plain values are fields like any other.

    Args:
        change: with lists.
        whole: the record as it was read.
        plan: of the stream.
        lookup: compares the other fields.
        again: after a write that may have landed; then everything is compared with the record as it is now.
    """
    if isinstance(whole, SageError):
        return whole
    header = without_lists(change.intent.body)
    if again:
        is_held = lookup.holds_part(flatten(whole), header)
    else:
        is_held = change.record is not None and lookup.holds(change.record, header)
    body = {} if is_held else header
    for name, given in lists_of(change.intent.body).items():
        own = whole.get(name)
        if not _are_lines(plan, name, given, own):
            if not (again or plan.skip_unchanged) or exact_json.encode(given) != exact_json.encode(own):
                body[name] = given
            continue
        if not isinstance(own, list) or not holds_objects(own):
            return _unknown_lines(name)
        left = still_to_send(given, own, plan.line_model(name))
        if isinstance(left, Problem):
            return Problem(left.code, left.message, left.advice, name)
        if left:
            body[name] = left
    return changed(change, body)


def not_whole(delete: Delete, whole: Read) -> Refusal | None:
    """Return why a document may not be deleted by rows that are lines of it: it has more lines than rows came."""
    if isinstance(whole, SageError):
        return None if whole.status == _NOT_THERE else whole  # one that is gone counts as deleted
    own = whole.get(LINES)
    if not isinstance(own, list):
        return _unknown_lines(LINES)
    if len(own) <= delete.lines:
        return None
    return Problem(
        "document_not_whole",
        f"The document has {len(own)} lines, and {delete.lines} of them came as deleted, so nothing was deleted",
        "Delete a document with all of its lines in the source, in one sync. Where only some are gone, send the lines "
        "that are left with them: the document is then written without the others.",
        LINES,
    )


def _are_lines(plan: StreamPlan, name: str, given: list[Any], own: object) -> bool:
    """Return whether a list holds records of its own; an empty one does if the record's does."""
    return _are_owned(plan, name, given) or (not given and isinstance(own, list) and bool(own) and holds_objects(own))


def _are_owned(plan: StreamPlan, name: str, given: list[Any]) -> bool:
    if given:
        return holds_objects(given)
    field = plan.model.fields.get(name)
    return name == LINES or (field is not None and bool(field.target))


def _unknown_lines(name: str) -> Problem:
    return Problem(
        "lines_not_known",
        "Sage Intacct tells the record without its own lines, so these cannot be compared with the row's, and a line "
        "that is there already would be added once more",
        "Give the Web Services user permission to view these lines. To change documents without their lines, set "
        "`lines_on_update` to ignore.",
        name,
    )

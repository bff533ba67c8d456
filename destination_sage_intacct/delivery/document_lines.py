"""What a document's own lines decide: which of a row's lines are sent, and whether the document may be deleted."""

from http import HTTPStatus
from typing import Any

from destination_sage_intacct import exact_json
from destination_sage_intacct.delivery.actions import Delete, Reason, SageRecord, Update
from destination_sage_intacct.delivery.lookup import Lookup
from destination_sage_intacct.intacct.errors import SageError
from destination_sage_intacct.intacct.query import Read
from destination_sage_intacct.plan.stream_plan import LINES, StreamPlan
from destination_sage_intacct.rows.choices import are_same
from destination_sage_intacct.rows.lines import holds_objects, is_end_of, lists_of, still_to_send, without_lists
from destination_sage_intacct.rows.paths import flatten
from destination_sage_intacct.rows.values import Problem


def needs_record(update: Update) -> bool:
    """Return whether an update can be compared only with the whole record: a query returns no lists."""
    return bool(lists_of(update.body))


def adds_lines(update: Update) -> bool:
    """Return whether an update that lands twice would add something twice."""
    return any(value and holds_objects(value) for value in lists_of(update.body).values())


def without_ignored_lines(update: Update, record: SageRecord | None, plan: StreamPlan, lookup: Lookup) -> Update:
    """Leave out the lines where they are sent only on create; then also the rest, if the record holds it already."""
    body = update.body
    ignored = {name for name, value in lists_of(body).items() if _are_owned(plan, name, value)}
    if plan.lines_on_update != "ignore" or not ignored:
        return update
    rest = {name: value for name, value in body.items() if name not in ignored}
    is_held = record is not None and lookup.holds(record, rest)
    return update.with_body({} if is_held else rest)


def still_to_change(
    update: Update,
    record: SageRecord | None,
    whole: Read,
    plan: StreamPlan,
    lookup: Lookup,
    *,
    may_be_cut: bool = False,
    again: bool = False,
) -> Update | Reason:
    """Return what is left of an update, with an empty body if the record holds everything; or why nothing is written.

    Lines that are sent without a key are added, so a document that is sent twice would have each of them twice. They
    are sent only where the record's own lines are known to differ. Lists of plain values are fields like any other.

    Args:
        update: with lists.
        record: what a query returned of the record, None if nothing.
        whole: the record as it was read.
        plan: of the stream.
        lookup: compares the other fields.
        may_be_cut: the first rows of the document may have come in an earlier sync.
        again: after a write that may have landed; then everything is compared with the record as it is now.
    """
    if isinstance(whole, SageError):
        return whole
    header = without_lists(update.body)
    if again:
        is_held = lookup.holds_part(flatten(whole), header)
    else:
        is_held = record is not None and lookup.holds(record, header)
    body = {} if is_held else header
    for name, given in lists_of(update.body).items():
        own = whole.get(name)
        if not _are_lines(plan, name, given, own):
            if not (again or plan.skip_unchanged) or not _is_held(plan, name, given, own):
                body[name] = given
            continue
        if not isinstance(own, list) or not holds_objects(own):
            return _unknown_lines(name)
        if may_be_cut and name == LINES and is_end_of(given, own, plan.line_model(name)):
            return _cut_document(len(given), len(own))
        left = still_to_send(given, own, plan.line_model(name))
        if isinstance(left, Problem):
            return Problem(left.code, left.message, left.advice, name)
        if left:
            body[name] = left
    return update.with_body(body)


def not_whole(delete: Delete, whole: Read) -> Reason | None:
    """Return why rows that are lines may not delete their document: it has more lines than rows came."""
    if isinstance(whole, SageError):
        return None if whole.status == HTTPStatus.NOT_FOUND else whole  # one that is gone counts as deleted
    own = whole.get(LINES)
    if not isinstance(own, list):
        return _unknown_lines(LINES)
    if len(own) <= delete.lines:
        return None
    return Problem(
        "document_not_whole",
        f"The document has {len(own)} lines, and {delete.lines} of them arrived as deleted, so nothing was deleted",
        "Delete a document with all of its lines in the source, in one sync. Where only some are gone, send the lines "
        "that are left with them: the document is then written without the others.",
        LINES,
    )


def _cut_document(came: int, held: int) -> Problem:
    """Return why the first document of a stream leaves the record as it is."""
    return Problem(
        "document_may_be_cut",
        f"The first document of this sync has only the last {came} of the {held} lines that are booked, and these are "
        "unchanged, as when a sync resumes within a document; no line was removed",
        "If nothing was deleted at the source, there is nothing to do. Otherwise delete these lines in Sage Intacct.",
        LINES,
    )


def _is_held(plan: StreamPlan, name: str, given: list[Any], own: object) -> bool:
    """Return whether a record holds a list of plain values already; those of a multi-picklist have no order."""
    field = plan.model.fields.get(name)
    if field is not None and field.type == "choices":
        return are_same(given, own, name)
    return exact_json.encode(given) == exact_json.encode(own)


def _are_lines(plan: StreamPlan, name: str, given: list[Any], own: object) -> bool:
    """Return whether a list holds records of its own; an empty one does if the record's list does."""
    return _are_owned(plan, name, given) or (not given and isinstance(own, list) and bool(own) and holds_objects(own))


def _are_owned(plan: StreamPlan, name: str, given: list[Any]) -> bool:
    if given:
        return holds_objects(given)
    field = plan.model.fields.get(name)
    return name == LINES or (field is not None and bool(field.target))


def _unknown_lines(name: str) -> Problem:
    return Problem(
        "lines_not_known",
        "Sage Intacct returns the record without its own lines, so these cannot be compared with the row's, and a line "
        "that exists already would be added again",
        "Give the Web Services user permission to view these lines. To change documents without their lines, set "
        "`lines_on_update` to ignore.",
        name,
    )

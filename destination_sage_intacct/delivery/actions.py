"""What to do with a row (the table of operation and matching in docs/writing.md), and the write that carries it."""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from destination_sage_intacct import exact_json
from destination_sage_intacct.intacct.errors import SageError
from destination_sage_intacct.plan.stream_plan import Operation, StreamPlan
from destination_sage_intacct.protocol.ledger import Outcome, Row
from destination_sage_intacct.rows.conversion import named_once
from destination_sage_intacct.rows.cursor import Cursor
from destination_sage_intacct.rows.matching import NaturalKey, folded, natural_key
from destination_sage_intacct.rows.paths import omit
from destination_sage_intacct.rows.validation import REQUIRED
from destination_sage_intacct.rows.values import Problem, record_key, texts, unsendable

RECORD_ID_REQUIRED = "Record ID is required for update mode"
# What a soft delete writes, whatever else its row holds.
INACTIVE: Mapping[str, Any] = {"status": "inactive"}
_MOST_KEYS_SHOWN = 5
_OF_THE_RECORD = frozenset(
    {"ambiguous_natural_key", "no_such_record", "record_looks_alike", "record_in_another_entity"}
)

Reason = Problem | SageError
"""Why a row is not delivered: found here before anything was sent, or Sage Intacct's own error."""

SageRecord = Mapping[str, Any]
"""Fields of a record by dotted name, as a query returns them."""


class Create(msgspec.Struct, frozen=True, gc=False):
    """Create a record with this body; `key` is a record key that came with the row and is not sent."""

    body: dict[str, Any]
    encoded: bytes
    key: str = ""


class Update(msgspec.Struct, frozen=True, gc=False):
    """Change these fields of the record with this key."""

    key: str
    body: dict[str, Any]
    encoded: bytes

    def with_body(self, body: dict[str, Any]) -> "Update":
        """Return the same update with another body."""
        return Update(self.key, body, exact_json.encode_sorted(body))


class Delete(msgspec.Struct, frozen=True, gc=False):
    """Delete the record with this key; a document that has more than `lines` lines stays, unless that is 0."""

    key: str
    lines: int = 0


class Find(msgspec.Struct, frozen=True, gc=False):
    """Find the record by its natural key, then decide; `lines` as in `Delete`."""

    natural_key: NaturalKey
    body: dict[str, Any]
    encoded: bytes
    operation: Operation
    lines: int = 0

    @property
    def changes(self) -> Mapping[str, Any]:
        """Return the fields that a record would get, whatever else the row holds."""
        return {"deactivate": INACTIVE, "delete": {}}.get(self.operation, self.body)


Action = Create | Update | Delete | Find


@dataclass(frozen=True, slots=True)
class Reject:
    """Do not deliver the row; `key` is the record key, if it is known."""

    problem: Problem
    key: str = ""


Decision = Action | Outcome | Reject
"""What to do about a row; an outcome where nothing is to be written."""


class Write(msgspec.Struct, eq=False, gc=False):
    """One row, or all rows of one document, from the buffer to the outcome that they share.

    Attributes:
        rows: at least one, in the order of the input.
        plan: of their stream, in the entity that they are written in.
        action: what is to be done; replaced as more is known (`Find` becomes one of the others).
        identity: writes with the same identity are serialised; None if unknown.
        origin: what distinguishes this create's idempotency key from that of a row with the same body.
        record: what a query found, None if nothing or not asked.
        home: the entity of the record, where it is another than that of the rows; it is written there.
        outcome: None while undecided.
        reason: why it was rejected.
        record_key: of a rejected write, if it is known.
        not_carried: the fields whose values did not arrive as the source holds them, with the reason.
        cursor: of the row, where a newer version of its record counts more than a later row.
        versions: the writes that this one replaces, where several versions of one record go out together.
        goes_alone: it was one of several versions, and their one write was rejected.
        may_be_cut: it is a document whose first rows may have come in an earlier sync.
        is_inactive: its record is inactive, and the row does not say so itself.
        is_replay: the server had this record from an earlier attempt and did not work again.
        line_rows: the numbers of the rows that are the lines of the document, in their order.
        asked: the first action; a value that is passed is ignored.
        sent_lines: for each line of the last request which line of the document it is, None for one that is taken off;
            empty where it holds them as they came.
    """

    rows: tuple[Row, ...]
    plan: StreamPlan
    action: Action | None = None
    identity: Hashable = None
    origin: tuple[object, ...] = ()
    record: SageRecord | None = None
    home: str = ""
    outcome: Outcome | None = None
    reason: Reason | None = None
    record_key: str = ""
    not_carried: Mapping[str, str] = msgspec.field(default_factory=dict)
    cursor: Cursor | None = None
    versions: tuple["Write", ...] = ()
    goes_alone: bool = False
    may_be_cut: bool = False
    is_inactive: bool = False
    is_replay: bool = False
    line_rows: tuple[int, ...] = ()
    sent_lines: tuple[int | None, ...] = ()
    asked: Action | None = None

    def __post_init__(self) -> None:
        self.asked = self.action

    def decide(self, decision: Decision) -> None:
        """Take a decision: the next action, or the outcome."""
        if isinstance(decision, Reject):
            self.reject(decision.problem, decision.key)
        elif isinstance(decision, Outcome):
            self.outcome = decision
        else:
            self.action = decision

    @property
    def values(self) -> Iterator[str]:
        """Yield every value that the rows set, as text; an update may have sent only a part of them."""
        if self.asked is not None and not isinstance(self.asked, Delete):
            yield from texts(self.asked.body)

    @property
    def known_key(self) -> str:
        """Return the record key of what is to be changed or deleted, empty where it is not known."""
        return self.action.key if isinstance(self.action, Update | Delete) else ""

    def reject(self, reason: Reason, key: str = "") -> None:
        """Give up on the rows, for this reason."""
        if isinstance(reason, Problem) and reason.code == REQUIRED and reason.field in self.not_carried:
            reason = not_carried(reason.field, self.not_carried[reason.field])
        self.outcome, self.reason, self.record_key = Outcome.REJECTED, reason, key


def is_about_the_record(reason: Reason) -> bool:
    """Return whether every version of the record would be rejected for this reason, whatever it holds."""
    return isinstance(reason, Problem) and reason.code in _OF_THE_RECORD


def not_carried(name: str, why: str) -> Problem:
    """Return why a row is not delivered without a value that its source could not carry."""
    return Problem(
        "value_not_carried",
        f"The source or the platform did not carry the value ({why}), and the row cannot be written without it",
        "See the source's documentation for the reason; often the value is too large, or not of the column's type.",
        name,
    )


def identity_of(plan: StreamPlan, action: Action) -> Hashable:
    """Return the key by which writes to one record are serialised, across the streams of an object.

    Whatever their entities: a record that one row makes in one entity must be found by the next row of another.
    """
    path = plan.object.path
    if isinstance(action, Create):
        given = unique_id(plan, action.body)
        return None if given is None else (path, "id", *folded((given,)))
    if not isinstance(action, Find):
        return (path, "key", action.key)
    named = ("id",) if plan.natural_key == ("id",) and plan.object.unique_id else plan.natural_key
    return (path, *named, *folded(action.natural_key))


def unique_id(plan: StreamPlan, body: Mapping[str, Any]) -> str | None:
    """Return the id that a body gives to its record, where the server holds ids unique."""
    given = body.get("id") if plan.object.unique_id else None
    return given if isinstance(given, str) and given.strip() else None


def decide_row(plan: StreamPlan, data: Mapping[str, Any], operation: Operation | None = None) -> Decision:
    """Decide what to do with a row of this stream. The plan's mapping covers the row's columns.

    `operation`: what `plan.operation_of` returns for the row, where that is known.
    """
    operation = operation or plan.operation_of(data)
    if operation is None:
        return Outcome.SKIPPED
    given_key, body = plan.mapping.apply(data, keep_nulls=plan.keep_nulls, convert=plan.convert)
    return decide_body(plan, operation, given_key, body)


def decide_body(
    plan: StreamPlan, operation: Operation, given_key: object, body: dict[str, Any] | Problem, lines: int = 0
) -> Decision:
    """Decide what to do with a record key and a body, as `decide_row` does; `lines`: the rows of a document."""
    if isinstance(body, Problem):
        key = record_key(given_key)
        return Reject(body, key if isinstance(key, str) else "")
    body = named_once(body, plan.natural_key)
    if plan.natural_key:
        return _find(plan, operation, body, lines)
    key = record_key(given_key)
    if operation == "insert":
        return _create(plan, body, "" if isinstance(key, Problem) or key is None else key)
    if isinstance(key, Problem):
        return Reject(Problem(key.code, key.message, key.advice, plan.mapping.key_field))
    if key is None:
        if operation == "upsert":
            return _create(plan, body, "")
        return Reject(_key_required(plan, operation))
    if operation == "delete":
        return Delete(key, lines)
    return _update(plan, key, dict(INACTIVE) if operation == "deactivate" else body)


def decide_found(plan: StreamPlan, asked: Find, found: Sequence[SageRecord]) -> Decision:
    """Decide what to do with a row, once the records that have its natural key are known."""
    keys = [str(record.get("key")) for record in found]
    if len(keys) > 1:
        return Reject(_ambiguous(plan, keys))
    if not keys:
        match asked.operation:
            case "update":
                return Reject(_no_such_record(plan))
            case "deactivate" | "delete":
                return Outcome.SKIPPED
        problem = plan.validate(asked.body, True)
        return Reject(problem) if problem else Create(asked.body, asked.encoded)
    match asked.operation:
        case "insert":
            return Outcome.SKIPPED
        case "delete":
            return Delete(keys[0], asked.lines)
        case "deactivate":
            return _update(plan, keys[0], dict(INACTIVE))
    return _update(plan, keys[0], omit(asked.body, plan.natural_key))


def _find(plan: StreamPlan, operation: Operation, body: dict[str, Any], lines: int) -> Find | Reject:
    found_by = natural_key(body, plan.natural_key, plan.model)
    if isinstance(found_by, Problem):
        return Reject(found_by)
    encoded = exact_json.encode_sorted(body)
    problem = unsendable(body, encoded)
    return Reject(problem) if problem else Find(found_by, body, encoded, operation, lines)


def _create(plan: StreamPlan, body: dict[str, Any], key: str) -> Create | Reject:
    if not body:
        return Reject(_EMPTY_ROW, key)
    encoded = exact_json.encode_sorted(body)
    problem = unsendable(body, encoded) or plan.validate(body, True)
    return Reject(problem, key) if problem else Create(body, encoded, key)


def _update(plan: StreamPlan, key: str, body: dict[str, Any]) -> Update | Outcome | Reject:
    if not body:
        return Outcome.UNCHANGED  # the row has no value besides its key
    encoded = exact_json.encode_sorted(body)
    problem = unsendable(body, encoded) or plan.validate(omit(body, plan.create_only), False)
    return Reject(problem, key) if problem else Update(key, body, encoded)


_EMPTY_ROW = Problem(
    "empty_row",
    "The row has no value for any field",
    "Map at least the fields that the object requires, and check that the columns are filled.",
)


def _key_required(plan: StreamPlan, operation: Operation) -> Problem:
    fill = f"Fill the column that is mapped to `{plan.mapping.key_field}` with the record's key in Sage Intacct, or "
    key_field = plan.mapping.key_field
    if operation == "update":
        instead = "use the operation upsert, which creates rows that have none."
        return Problem("record_key_missing", RECORD_ID_REQUIRED, fill + instead, key_field)
    # A source that deletes a row often sends nothing but its own primary key.
    done = "delete a record" if operation == "delete" else "set a record to inactive"
    instead = "find records by fields that every row fills (`matching`; in data activation the matching key)."
    return Problem("record_key_missing", f"Record ID is required to {done}", fill + instead, key_field)


def _ambiguous(plan: StreamPlan, keys: Sequence[str]) -> Problem:
    shown = ", ".join(keys[:_MOST_KEYS_SHOWN]) + (" and more" if len(keys) > _MOST_KEYS_SHOWN else "")
    return Problem(
        "ambiguous_natural_key",
        f"{len(keys)} records have this natural key, with the record keys {shown}",
        "Merge or correct these records in Sage Intacct, or match by fields that only one record can share.",
        ", ".join(plan.natural_key),
    )


def _no_such_record(plan: StreamPlan) -> Problem:
    return Problem(
        "no_such_record",
        "No record has this natural key",
        "Correct the row, create the record first, or use the operation upsert, which creates missing ones.",
        ", ".join(plan.natural_key),
    )


def no_record_key(key_field: str) -> Problem:
    """Return why a record key that is no number found nothing."""
    by = "id" if key_field == "key" else key_field
    return Problem(
        "not_a_record_key",
        "No record has this record key; record keys are numbers that Sage Intacct assigns",
        "If the column holds the ids of the table, find records by them: set `matching` to "
        f'{{"by": "fields", "fields": ["{by}"]}}, in data activation the matching key.',
        key_field,
    )


def looks_alike(plan: StreamPlan, record: SageRecord) -> Problem:
    """Return why a record whose key differs only in case or blanks keeps a new one from being created."""
    return Problem(
        "record_looks_alike",
        f"No record has this natural key, but the record with the record key {record.get('key')} has one that "
        "differs only in case or blanks",
        "If that is the right record, spell the row's value as the record's, or the other way round. If it is another "
        "record, give it a key that differs in more, or create it in Sage Intacct: the sync then finds it.",
        ", ".join(plan.natural_key),
    )


def in_another_entity(plan: StreamPlan, record: SageRecord) -> Problem:
    """Return why a record of another entity keeps a new one from being created."""
    home = record.get("entity.id")
    there = f"entity {home}" if home else "the top level" if "entity.id" in record else "another entity"
    return Problem(
        "record_in_another_entity",
        f"The record with the record key {record.get('key')} has this natural key and belongs to {there}, but the "
        f"row is for entity {plan.entity}",
        "If that is the right record, write the row there: correct the column of `entity_field`, or `entity_id`. If "
        "it is another record, give it a natural key of its own.",
        ", ".join(plan.natural_key),
    )


def no_access(home: str) -> Problem:
    """Return why a record of another entity cannot be written."""
    return Problem(
        "no_access_to_entity",
        f"The record belongs to entity {home}, in which the user may not write it",
        "Assign the user to the entity under Company > Admin > Users > User entities in Sage Intacct.",
    )


def may_be_booked(error: SageError) -> Problem:
    """Return why a record that was sent long ago is not sent again."""
    return Problem(
        "may_be_booked",
        f"{error.shown.message}: Sage Intacct no longer reports whether it was created",
        "Look for it in Sage Intacct; if it is not there, send the row again with `resend_after_48_hours`. This cannot "
        "happen where records are found by fields (`matching`; in data activation the matching key).",
    )


def in_conflict(error: SageError) -> Problem:
    """Return why a record that was refused as a conflict is not sent again."""
    return Problem(
        "may_be_booked",
        "Sage Intacct refused a new record as a conflict (HTTP 409) and does not say what it conflicts with, so an "
        f"earlier attempt may have created it. {error.said}",
        "Look for it in Sage Intacct; if it is not there, send the row again with `resend_after_48_hours`, or with "
        "another value.",
    )

"""A row becomes what is to be done about it: the table of operation and matching (docs/writing.md)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from destination_sage_intacct import exact_json
from destination_sage_intacct.plan.stream_plan import DELETED_AT, Operation, StreamPlan
from destination_sage_intacct.rows.matching import NaturalKey, natural_key
from destination_sage_intacct.rows.paths import omit
from destination_sage_intacct.rows.values import Problem, record_key, unsendable

RECORD_ID_REQUIRED = "Record ID is required for update mode"
# What a soft delete writes, whatever else its row holds.
INACTIVE: Mapping[str, Any] = {"status": "inactive"}
_MOST_KEYS_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Create:
    """Create a record with this body."""

    body: dict[str, Any]
    encoded: bytes
    key: str = ""


@dataclass(frozen=True, slots=True)
class Update:
    """Change these fields of the record with this key."""

    key: str
    body: dict[str, Any]
    encoded: bytes


@dataclass(frozen=True, slots=True)
class Match:
    """Find the record by its natural key, then decide; `lines` as in `Delete`."""

    natural_key: NaturalKey
    body: dict[str, Any]
    encoded: bytes
    operation: Operation
    lines: int = 0


@dataclass(frozen=True, slots=True)
class Delete:
    """Delete the record with this key; a document that has more than `lines` lines stays, unless that is 0."""

    key: str
    lines: int = 0


@dataclass(frozen=True, slots=True)
class Leave:
    """Nothing to write: the row has no value besides its key."""

    key: str


@dataclass(frozen=True, slots=True)
class Skip:
    """The operation has nothing to do with what is there, or is not."""

    key: str = ""


@dataclass(frozen=True, slots=True)
class Reject:
    """The row cannot be sent."""

    problem: Problem
    key: str = ""


Write = Create | Update | Delete | Match
Intent = Write | Leave | Skip | Reject
Decision = Create | Update | Delete | Leave | Skip | Reject


def intend(plan: StreamPlan, data: Mapping[str, Any]) -> Intent:
    """Decide what a row of this stream asks for. The plan's mapping covers the row's columns."""
    operation = operation_of(plan, data)
    if operation is None:
        return Skip()
    given_key, body = plan.mapping.apply(data, keep_nulls=plan.keep_nulls, convert=plan.convert)
    return intend_body(plan, operation, given_key, body)


def intend_body(
    plan: StreamPlan, operation: Operation, given_key: object, body: dict[str, Any] | Problem, lines: int = 0
) -> Intent:
    """Decide what a record key and a body ask for, as `intend` does for a row; `lines`: the rows of a document."""
    if isinstance(body, Problem):
        key = record_key(given_key)
        return Reject(body, key if isinstance(key, str) else "")
    if plan.natural_key:
        return _match(plan, operation, body, lines)
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
    if operation == "deactivate":
        body = dict(INACTIVE)
    if not body:
        return Leave(key)
    encoded = exact_json.encode_sorted(body)
    problem = unsendable(body, encoded) or plan.validate(omit(body, plan.create_only), False)
    return Reject(problem, key) if problem else Update(key, body, encoded)


def operation_of(plan: StreamPlan, data: Mapping[str, Any]) -> Operation | None:
    """Return what a row asks for; None for one that was deleted at the source, where that is to be ignored."""
    deleted_at = data.get(DELETED_AT)
    if deleted_at is None or deleted_at is False or (isinstance(deleted_at, str) and not deleted_at.strip()):
        return plan.operation
    if plan.on_source_delete == "delete" and plan.operation == "deactivate":
        return "deactivate"  # the mode was chosen for the stream, the setting for all of them: the one that keeps wins
    return None if plan.on_source_delete == "ignore" else plan.on_source_delete


def decide(plan: StreamPlan, match: Match, found: Sequence[Mapping[str, Any]]) -> Decision:
    """Decide what a row asks for, once the records that carry its natural key are known."""
    keys = [str(record.get("key")) for record in found]
    if len(keys) > 1:
        return Reject(_ambiguous(plan, keys))
    if not keys:
        match match.operation:
            case "update":
                return Reject(_no_such_record(plan))
            case "deactivate" | "delete":
                return Skip()
        problem = plan.validate(match.body, True)
        return Reject(problem) if problem else Create(match.body, match.encoded)
    match match.operation:
        case "insert":
            return Skip(keys[0])
        case "delete":
            return Delete(keys[0], match.lines)
        case "deactivate":
            body = dict(INACTIVE)
        case _:
            body = omit(match.body, plan.natural_key)
    if not body:
        return Leave(keys[0])
    problem = plan.validate(omit(body, plan.create_only), False)
    return Reject(problem, keys[0]) if problem else Update(keys[0], body, exact_json.encode_sorted(body))


def _match(plan: StreamPlan, operation: Operation, body: dict[str, Any], lines: int) -> Match | Reject:
    found = natural_key(body, plan.natural_key, plan.model)
    if isinstance(found, Problem):
        return Reject(found)
    encoded = exact_json.encode_sorted(body)
    problem = unsendable(body, encoded)
    return Reject(problem) if problem else Match(found, body, encoded, operation, lines)


def _create(plan: StreamPlan, body: dict[str, Any], key: str) -> Intent:
    encoded = exact_json.encode_sorted(body)
    if not body:
        problem: Problem | None = Problem(
            "empty_row",
            "The row has no value for any field",
            "Map at least the fields that the object requires, and check that the columns are filled.",
        )
    else:
        problem = unsendable(body, encoded) or plan.validate(body, True)
    return Reject(problem, key) if problem else Create(body, encoded, key)


def _key_required(plan: StreamPlan, operation: Operation) -> Problem:
    fill = f"Fill the column that is mapped to `{plan.mapping.key_field}` with the record's key in Sage Intacct, or "
    field = plan.mapping.key_field
    if operation == "update":
        instead = "use the operation upsert, which creates rows that have none."
        return Problem("record_key_missing", RECORD_ID_REQUIRED, fill + instead, field)
    # A source that deletes a row often tells nothing but its own primary key.
    done = "delete a record" if operation == "delete" else "set a record to inactive"
    instead = "find records by fields that every row fills (`matching`; in data activation the matching key)."
    return Problem("record_key_missing", f"Record ID is required to {done}", fill + instead, field)


def _ambiguous(plan: StreamPlan, keys: Sequence[str]) -> Problem:
    shown = ", ".join(keys[:_MOST_KEYS_SHOWN]) + (" and more" if len(keys) > _MOST_KEYS_SHOWN else "")
    return Problem(
        "ambiguous_natural_key",
        f"{len(keys)} records carry this natural key, with the record keys {shown}",
        "Merge or correct these records in Sage Intacct, or match by fields that only one record can share.",
        ", ".join(plan.natural_key),
    )


def _no_such_record(plan: StreamPlan) -> Problem:
    return Problem(
        "no_such_record",
        "No record carries this natural key",
        "Correct the row, create the record first, or use the operation upsert, which creates missing ones.",
        ", ".join(plan.natural_key),
    )

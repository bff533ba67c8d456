"""A row becomes what is to be done about it: the table of operation and matching (docs/writing.md)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from destination_sage_intacct import exact_json
from destination_sage_intacct.plan import StreamPlan
from destination_sage_intacct.rows.matching import NaturalKey, natural_key
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
    """Find the record by its natural key, then decide."""

    natural_key: NaturalKey
    body: dict[str, Any]
    encoded: bytes


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


Intent = Create | Update | Match | Leave | Reject
Decision = Create | Update | Leave | Skip | Reject


def intend(plan: StreamPlan, data: Mapping[str, Any]) -> Intent:
    """Decide what a row of this stream asks for. The plan's mapping covers the row's columns."""
    given_key, body = plan.mapping.apply(data, keep_nulls=plan.keep_nulls)
    if plan.natural_key:
        return _match(plan, body)
    key = record_key(given_key)
    if plan.operation == "insert":
        return _create(body, "" if isinstance(key, Problem) or key is None else key)
    if isinstance(key, Problem):
        return Reject(Problem(key.code, key.message, key.advice, plan.mapping.key_field))
    if key is None:
        if plan.operation == "upsert":
            return _create(body, "")
        return Reject(_key_required(plan))
    if plan.operation == "deactivate":
        body = dict(INACTIVE)
    if not body:
        return Leave(key)
    encoded = exact_json.encode_sorted(body)
    problem = unsendable(body, encoded)
    return Reject(problem, key) if problem else Update(key, body, encoded)


def decide(plan: StreamPlan, match: Match, found: Sequence[Mapping[str, Any]]) -> Decision:
    """Decide what a row asks for, once the records that carry its natural key are known."""
    keys = [str(record.get("key")) for record in found]
    if len(keys) > 1:
        return Reject(_ambiguous(plan, keys))
    if not keys:
        match plan.operation:
            case "update":
                return Reject(_no_such_record(plan))
            case "deactivate":
                return Skip()
        return Create(match.body, match.encoded)
    match plan.operation:
        case "insert":
            return Skip(keys[0])
        case "deactivate":
            body = dict(INACTIVE)
        case _:
            body = _without(match.body, plan.natural_key)
    return Update(keys[0], body, exact_json.encode_sorted(body)) if body else Leave(keys[0])


def _match(plan: StreamPlan, body: dict[str, Any]) -> Match | Reject:
    found = natural_key(body, plan.natural_key, plan.model)
    if isinstance(found, Problem):
        return Reject(found)
    encoded = exact_json.encode_sorted(body)
    problem = unsendable(body, encoded)
    return Reject(problem) if problem else Match(found, body, encoded)


def _without(body: Mapping[str, Any], fields: Sequence[str]) -> dict[str, Any]:
    """Leave out the fields that found the record: it holds them already, and some can be set only on create."""
    rest = dict(body)
    for field in fields:
        name, _, inner = field.partition(".")
        part = rest.get(name)
        if inner and isinstance(part, Mapping):
            part = _without(part, [inner])
            if part:
                rest[name] = part
                continue
        rest.pop(name, None)
    return rest


def _create(body: dict[str, Any], key: str) -> Intent:
    encoded = exact_json.encode_sorted(body)
    if not body:
        problem: Problem | None = Problem(
            "empty_row",
            "The row has no value for any field",
            "Map at least the fields that the object requires, and check that the columns are filled.",
        )
    else:
        problem = unsendable(body, encoded)
    return Reject(problem, key) if problem else Create(body, encoded, key)


def _key_required(plan: StreamPlan) -> Problem:
    return Problem(
        "record_key_missing",
        RECORD_ID_REQUIRED,
        f"Fill the column that is mapped to `{plan.mapping.key_field}` with the record's key in Sage Intacct, "
        "or use the operation upsert, which creates rows that have none.",
        plan.mapping.key_field,
    )


def _ambiguous(plan: StreamPlan, keys: Sequence[str]) -> Problem:
    shown = ", ".join(keys[:_MOST_KEYS_SHOWN]) + (" and more" if len(keys) > _MOST_KEYS_SHOWN else "")
    return Problem(
        "ambiguous_natural_key",
        f"{len(keys)} records carry this natural key, with the record keys {shown}",
        "Merge or correct these records in Sage Intacct, or choose `matching.fields` that only one record can share.",
        ", ".join(plan.natural_key),
    )


def _no_such_record(plan: StreamPlan) -> Problem:
    return Problem(
        "no_such_record",
        "No record carries this natural key",
        "Correct the row, create the record first, or use the operation upsert, which creates missing ones.",
        ", ".join(plan.natural_key),
    )

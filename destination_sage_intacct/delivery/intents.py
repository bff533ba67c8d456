"""A row becomes what is to be done about it: the table of operation and record key (README, Operations)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from destination_sage_intacct import exact_json
from destination_sage_intacct.plan import StreamPlan
from destination_sage_intacct.rows.values import Problem, record_key, unsendable

RECORD_ID_REQUIRED = "Record ID is required for update mode"


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
class Leave:
    """Nothing to write: the row has no value besides its record key."""

    key: str


@dataclass(frozen=True, slots=True)
class Reject:
    """The row cannot be sent."""

    problem: Problem
    key: str = ""


Intent = Create | Update | Leave | Reject


def intend(plan: StreamPlan, data: Mapping[str, Any]) -> Intent:
    """Decide what a row of this stream asks for. The plan's mapping covers the row's columns."""
    given_key, body = plan.mapping.apply(data, keep_nulls=plan.keep_nulls)
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
        body = {"status": "inactive"}
    if not body:
        return Leave(key)
    encoded = exact_json.encode_sorted(body)
    problem = unsendable(body, encoded)
    return Reject(problem, key) if problem else Update(key, body, encoded)


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

"""The states of documents: which of them are posted to the general ledger, and which can be changed."""

from intacct_emulator.checking import Json
from intacct_emulator.refusals import Error, at, error
from intacct_emulator.schemas import Schema

# Sage's OpenAPI, bill and invoice: what comes before a document is posted.
_NOT_POSTED = frozenset({"analyzing", "draft", "submitted", "partiallyApproved", "declined"})
# Sage's OpenAPI, bill: one that was submitted is recalled before it is edited.
# guess[locked-states]: what a change answers, and that what was reversed, and its reversal, stay as they are.
_LOCKED = frozenset({"submitted", "partiallyApproved", "reversed", "reversal"})
# An expense report takes every state that a write gives it.
_WITH_WORKFLOWS = frozenset({"accounts-payable/bill", "accounts-receivable/invoice"})


def state_of(schema: Schema, values: Json) -> str | None:
    """Return the state of a document, None where its object has none that is known."""
    field = schema.body.fields.get("state")
    state = values.get("state") or (field.default if field is not None else None)
    return state if isinstance(state, str) else None


def is_posted(schema: Schema, values: Json) -> bool:
    """Return whether a document is in the general ledger."""
    return state_of(schema, values) not in _NOT_POSTED


def locked(schema: Schema, values: Json) -> list[Error]:
    """Return the refusal of a change or a deletion in a document's state."""
    state = state_of(schema, values)
    if schema.path not in _WITH_WORKFLOWS or state not in _LOCKED:
        return []
    return [error("invalidConfiguration", f"{schema.title} cannot be changed or deleted in the state '{state}'.")]


def taken_back(schema: Schema, before: Json, after: Json) -> list[Error]:
    """Return the refusal of a change that would take a posted document out of the general ledger.

    Source: Sage's OpenAPI: states are moved by workflows, and none leads from posted to draft.
    """
    # guess[posted-to-draft]: what such a change answers.
    if not is_posted(schema, before) or is_posted(schema, after):
        return []
    text = f"{schema.title} is posted and cannot become '{state_of(schema, after)}' again."
    return [at("/state", error("invalidConfiguration", text))]

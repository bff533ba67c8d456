"""Rules that reach beyond single fields. Each looks at one write and refuses it, or lets it pass."""

from intacct_emulator.checking import Json
from intacct_emulator.refusals import RefusalError, at, error, invalid_request, missing_field, payload_errors

_STATE_RULE = "State must be draft or not included in the request"
_LINES_OF_AN_ENTRY = 2


def before_write(path: str, body: Json, *, creating: bool) -> None:
    """Applies the rules of the object to a body whose fields are right.

    Raises:
        RefusalError: a rule is broken.
    """
    if path == "accounts-receivable/invoice":
        _invoice_state(body)
        _line_accounts(body, "glAccount", "accountLabel")
    elif path == "accounts-payable/bill":
        _line_accounts(body, "glAccount", "accountLabel")
    elif path == "general-ledger/journal-entry" and creating:
        _entry_lines(body)


def _invoice_state(body: Json) -> None:
    """Source: Sage's OpenAPI, invoice: the state of a new invoice is draft or left away."""
    # guess: the same holds for a change, whose states are otherwise reached by workflows.
    if body.get("state", "draft") != "draft":
        raise invalid_request(_STATE_RULE)


def _line_accounts(body: Json, *alternatives: str) -> None:
    """Source: Sage's OpenAPI: a new line names its account, directly or by a label."""
    missing = [
        missing_field(f"/lines/{index}/{alternatives[0]}")
        for index, line in enumerate(body.get("lines") or ())
        if "key" not in line and not any(line.get(name) for name in alternatives)
    ]
    if missing:
        raise payload_errors(missing)


def _entry_lines(body: Json) -> None:
    """Source: Sage's OpenAPI, journal-entry: an entry has two lines at least."""
    if len(body["lines"]) < _LINES_OF_AN_ENTRY:
        raise _too_few_lines()


def _too_few_lines() -> RefusalError:
    # guess: only the minimum is known, not what a breach of it answers.
    return payload_errors([at("/lines", error("invalidRequest", "/lines must hold at least 2 lines"))])

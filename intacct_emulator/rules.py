"""Rules that reach beyond single fields. Each looks at one write and refuses it, or lets it pass."""

from dataclasses import dataclass
from datetime import date
from decimal import Context, Decimal

from intacct_emulator.checking import Json
from intacct_emulator.refusals import (
    Error,
    at,
    error,
    invalid_request,
    missing_field,
    payload_errors,
    wrong_value,
)
from intacct_emulator.store import Record, Store

INVOICE = "accounts-receivable/invoice"
BILL = "accounts-payable/bill"
ENTRY = "general-ledger/journal-entry"
EXPENSES = "expenses/employee-expense"

_STATE_RULE = "State must be draft or not included in the request"
_LINES = {INVOICE: 1, BILL: 1, ENTRY: 2, EXPENSES: 1}
_PARTIES = {INVOICE: "customer", BILL: "vendor"}
# guess[posting-date]: a bill that names no posting date is posted at its own.
DATES = {INVOICE: ("invoiceDate",), BILL: ("postingDate", "createdDate"), ENTRY: ("postingDate",)}
_EXACT = Context(prec=10_000)


def posting_day(path: str, values: Json) -> str | None:
    """Return the day at which a document is posted, such as `2026-01-31`; None of other objects."""
    return next((values[name] for name in DATES.get(path, ()) if values.get(name)), None)


def before_write(path: str, body: Json) -> None:
    """Applies the rules of the object to a body whose fields are right.

    Raises:
        RefusalError: a rule is broken.
    """
    if path in (INVOICE, BILL):
        _state(body)
        _line_accounts(body)
        if path == BILL:
            _bill_line_places(body)
    elif path == ENTRY:
        _positive_amounts(body)


def _state(body: Json) -> None:
    """Source: Sage's OpenAPI, invoice: the state of a new invoice is draft or left out."""
    # guess[state-rule]: the same holds for a bill, and for a change, whose states are otherwise reached by workflows.
    if body.get("state", "draft") != "draft":
        raise invalid_request(_STATE_RULE)


def _line_accounts(body: Json) -> None:
    """Source: Sage's OpenAPI: a new line names its account, directly or by a label."""
    missing = [
        missing_field(f"/lines/{index}/glAccount")
        for index, line in enumerate(body.get("lines") or ())
        if "key" not in line and not (line.get("glAccount") or line.get("accountLabel"))
    ]
    if missing:
        raise payload_errors(missing)


def _bill_line_places(body: Json) -> None:
    """Source: Sage's OpenAPI, bill-line: a new line has one of an allocation and a location."""
    missing = [
        missing_field(f"/lines/{index}/dimensions/location")
        for index, line in enumerate(body.get("lines") or ())
        if "key" not in line and not (_names(line.get("allocation")) or _names(_dimensions(line).get("location")))
    ]
    if missing:
        raise payload_errors(missing)


def _dimensions(line: Json) -> Json:
    return line.get("dimensions") or {}


def _names(reference: Json | None) -> bool:
    return bool(reference) and any((reference or {}).values())


def _positive_amounts(body: Json) -> None:
    """Source: Sage's OpenAPI, journal-entry-line: the side is given by `txnType`, the amount is positive."""
    # guess[amount-sign]: what an amount that is not positive answers.
    wrong = [
        wrong_value(f"/lines/{index}/txnAmount", "a positive amount")
        for index, line in enumerate(body.get("lines") or ())
        if "txnAmount" in line and Decimal(line["txnAmount"] or 0) <= 0
    ]
    if wrong:
        raise payload_errors(wrong)


@dataclass(slots=True)
class Books:
    """The rules about documents as they enter the books; `closed_until` is the last day that is closed.

    The day may move while the company is at work.
    """

    store: Store
    closed_until: date | None

    def check_lines(self, path: str, values: Json) -> None:
        """Looks at how many lines a document has.

        Raises:
            RefusalError: they are too few. Source: Sage's OpenAPI, which gives the least number of them.
        """
        least = _LINES.get(path, 0)
        if len(values.get("lines") or ()) < least:
            # guess[least-lines]: only the minimum is known, not what a breach of it answers.
            text = f"/lines must hold at least {least} line{'s' if least > 1 else ''}"
            raise payload_errors([at("/lines", error("invalidRequest", text))])

    def broken_by(self, path: str, values: Json, *, creating: bool) -> list[Error]:
        """Return what is wrong with a document of these values."""
        problems = self.closed(path, values)
        if path in _PARTIES:
            problems += self._due_date(path, values)
        if creating and path in _PARTIES:
            problems += self._party(path, values)
        if path == ENTRY:
            problems += _balance(values)
        return problems

    def closed(self, path: str, values: Json) -> list[Error]:
        """Return the refusal of a document whose day is closed: it cannot be added, changed or deleted.

        Source: the text is that of a published refusal by the older API.
        """
        day = posting_day(path, values)
        if self.closed_until is None or day is None or date.fromisoformat(day) > self.closed_until:
            return []
        # guess[closed-books]: code and id are not known; drafts are refused too.
        text = (
            f"Periods are closed. Your transaction date ({date.fromisoformat(day):%m/%d/%Y}) is within a period that's "
            "been closed. You can add, modify, or delete a transaction only if the date of the transaction is within a "
            "period that's open."
        )
        return [error("invalidConfiguration", text)]

    def _due_date(self, path: str, values: Json) -> list[Error]:
        """Return whether a document lacks a due date that no term gives, its own or its party's.

        Source: Sage's help on the import of bills, and the older API's reference.
        """
        # guess[due-date]: the date that a term gives is not worked out, and code and target are not known.
        party = self._party_of(path, values)
        if values.get("dueDate") or _names(values.get("term")) or (party and _names(party.values.get("term"))):
            return []
        return [at("/dueDate", error("invalidConfiguration", "The Date Due field is missing a value."))]

    def _party_of(self, path: str, values: Json) -> Record | None:
        name = _PARTIES[path]
        table = self.store.table(f"{path.partition('/')[0]}/{name}")
        return table.records.get(values[name].get("key") or "") if table is not None else None

    def _party(self, path: str, values: Json) -> list[Error]:
        """Return whether the customer of an invoice or the vendor of a bill takes new documents."""
        name = _PARTIES[path]
        record = self._party_of(path, values)
        status = record.values.get("status", "active") if record is not None else "active"
        if record is None or status == "active":
            return []
        # guess[inactive-party]: neither the text nor whether a party that is not for posting is refused is known.
        said = "inactive" if status == "inactive" else "active, but not for posting"
        return [at(f"/{name}", error("invalidConfiguration", f"{name.title()} '{record.id}' is {said}."))]


def _balance(values: Json) -> list[Error]:
    """Source: a published refusal of an entry that does not balance."""
    # guess[balance]: amounts are added as they are, whatever their currencies and entities; a draft must balance too.
    total = Decimal(0)
    for line in values["lines"]:
        add = _EXACT.subtract if line.get("txnType") == "credit" else _EXACT.add
        total = add(total, Decimal(line["txnAmount"]))
    if not total:
        return []
    text, message_id = "Transactions do not balance for Place ,", "IA.TRANSACTIONS_DO_NOT_BALANCE_FOR"
    return [
        error(
            "unableToCreateRecordError",
            "Could not create GLBatch record.",
            "GL-0951",
            "IA.COULD_NOT_CREATE_GLBATCH_RECORD",
        ),
        error("invalidConfiguration", text, "GL-1009", message_id, RENAMED_TEXT="Place", ERR_STR=", "),
    ]

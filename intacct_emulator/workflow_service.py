"""`POST /workflows/<application>/<object>/<action>`: moves bills and invoices from state to state.

Source: Sage's OpenAPI, accounts-payable bill and accounts-receivable invoice, with its samples of requests and answers.
"""

from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Any

from intacct_emulator.checking import Checks, Json
from intacct_emulator.clock import Clock
from intacct_emulator.envelopes import result
from intacct_emulator.exchange import Answer, Request
from intacct_emulator.objects_service import ObjectsService, payload
from intacct_emulator.refusals import (
    Error,
    RefusalError,
    at,
    business_failure,
    error,
    method_not_allowed,
    missing_field,
    no_such_record,
    no_such_resource,
    payload_errors,
    unknown_field,
)
from intacct_emulator.rendering import reference
from intacct_emulator.rules import BILL, INVOICE, Books, posting_day
from intacct_emulator.schemas import Field, Group, Schema
from intacct_emulator.scope import Scope
from intacct_emulator.settings import Settings
from intacct_emulator.states import state_of
from intacct_emulator.store import Record, Store, Table
from intacct_emulator.totals import negated, with_totals

PREFIX = "/workflows/"
RECLASSIFY = "reclassify"

# Sage's OpenAPI: "only those fields listed for the reclassify operation can be edited".
_RECLASSIFIED = frozenset(
    {"key", "id", "invoiceNumber", "referenceNumber", "description", "term", "dueDate", "attachment", "lines"}
)
_NUMBERS = ("billNumber", "invoiceNumber")


def _body(*notes: str, day: str = "") -> Schema:
    """Return what an action is asked with: the key of a document, notes, the day of a reversal.

    Source: Sage's samples; of the reversal of an expense report its OpenAPI requires the day.
    """
    fields = {name: Field("string") for name in ("key", *notes)}
    if day:
        fields[day] = Field("date")
    # guess[reversal-day]: the day of a reversal is required of bills and invoices too.
    return Schema("workflow", Group(fields), required=("key", day) if day else ("key",))


@dataclass(frozen=True, slots=True)
class _Action:
    """In which states of a document an action may be done, which one it leads to, and what it is asked with."""

    done: str
    states: tuple[str, ...]
    leads_to: str
    body: Schema = field(default_factory=_body)
    day: str = ""


_ACTIONS = {
    (BILL, "submit"): _Action("submitted", ("draft", "declined"), "posted"),
    # guess[approved-state]: Sage's OpenAPI says posted or partiallyApproved, which depends on lines that are released
    # one by one; its sample shows approved. Here one approval is enough.
    (BILL, "approve"): _Action("approved", ("submitted", "partiallyApproved"), "posted", _body("notes")),
    (BILL, "decline"): _Action("declined", ("submitted", "partiallyApproved"), "declined", _body("notes")),
    (BILL, "recall"): _Action("recalled", ("submitted",), "draft"),
    (BILL, "reverse"): _Action(
        "reversed", ("posted", "paid"), "reversed", _body("notes", day="reverseDate"), "reverseDate"
    ),
    (INVOICE, "submit"): _Action("submitted", ("draft",), "posted"),
    (INVOICE, "reverse"): _Action(
        "reversed", ("posted", "paid"), "reversed", _body("memo", day="reversedDate"), "reversedDate"
    ),
}
_RECLASSIFICATION = _Action("reclassified", ("posted",), "posted")


@dataclass(frozen=True, slots=True)
class WorkflowService:
    """The actions on documents."""

    settings: Settings
    store: Store
    clock: Clock
    checks: Checks
    books: Books
    objects: ObjectsService

    def answer(self, request: Request, scope: Scope) -> Answer:
        """Does the action that the path names with the document that the body names.

        Raises:
            RefusalError: there is no such action or document, or the document's state does not allow it.
        """
        path, _, name = request.path.removeprefix(PREFIX).rpartition("/")
        table, action = self.store.table(path), _ACTIONS.get((path, name))
        reclassifies = (path, name) == (INVOICE, RECLASSIFY)
        if table is None or (action is None and not reclassifies):
            raise no_such_resource(request.path)
        if request.method != "POST":
            raise method_not_allowed(request.method, request.path)
        # guess[workflow-list]: one document in each request; a list is refused as a wrong value.
        asked = payload(request)
        if action is None:
            record = self._reclassified(table, asked, scope)
        else:
            record = self._moved(table, action, self.checks.check(action.body, asked, creating=True), scope)
        state = state_of(table.schema, record.values)
        # guess[workflow-billing]: an action is one transaction, as an update is; a reversal too.
        return result(HTTPStatus.OK, {**reference(table.schema, record), "state": state}, billed=1, records=1)

    def _found(self, table: Table, key: str, action: _Action, scope: Scope) -> Record:
        """Return the document, whose state allows the action."""
        record = self.store.find(table, key, scope)
        if record is None:
            raise no_such_record(table.schema.path, key)
        state = state_of(table.schema, record.values)
        if state not in action.states:
            # guess[workflow-refusal]: no source shows the refusal; other rules answer 422.
            text = f"{table.schema.title} cannot be {action.done} in the state '{state}'."
            raise _refused(table, error("invalidConfiguration", text))
        return record

    def _moved(self, table: Table, action: _Action, asked: Json, scope: Scope) -> Record:
        record, path = self._found(table, asked["key"], action, scope), table.schema.path
        now, leads_to = self.clock.now(), action.leads_to
        if action.day:
            reversal = self._reversal(table, record, asked[action.day], asked.get("notes") or asked.get("memo"))
            self._check_day(table, record, reversal, action.day)
            self.store.put(table, reversal)
        elif leads_to == "posted" and (closed := self.books.closed(path, record.values)):
            raise business_failure("POST", path, closed)
        # guess[submitted-bill]: Sage's OpenAPI speaks of submitted, its sample of posted: which of them depends on
        # whether the company has bills approved.
        if (path, action.done) == (BILL, "submitted") and self.settings.bill_approval:
            leads_to = "submitted"
        values = with_totals(path, {**record.values, "state": leads_to})
        moved = replace(record, values=values, modified=now)
        self.store.put(table, moved)
        return moved

    def _reversal(self, table: Table, record: Record, day: str, why: str | None) -> Record:
        """Return the document that takes another one back.

        Source: Sage's OpenAPI, bill: "reversing a bill creates a record in the system for audit trail purposes".
        """
        # guess[reversal-record]: it is a document of the same kind in the state `reversal`, of the day of the reversal,
        # with every amount negated, and without a number.
        now, path = self.clock.now(), table.schema.path
        dates = ("createdDate", "postingDate") if path == BILL else ("invoiceDate",)
        kept = {name: value for name, value in record.values.items() if name not in _NUMBERS}
        lines = [self._reversed_line(table, line, now) for line in record.values["lines"]]
        values = {**kept, **dict.fromkeys(dates, day), "state": "reversal", "lines": lines}
        if why:
            values["description"] = why
        return Record(table.new_key(), with_totals(path, values), record.entity, now, now)

    def _reversed_line(self, table: Table, line: Json, now: str) -> Json:
        amounts = {name: negated(line[name]) for name in ("txnAmount", "totalTxnAmount") if line.get(name)}
        key = self.store.item_key(table.schema.body.lists["lines"])
        return {**line, **amounts, "key": key, "audit": {"created": now, "modified": now}}

    def _check_day(self, table: Table, record: Record, reversal: Record, name: str) -> None:
        """Source: Sage's OpenAPI, bill: the day of its reversal is later than its posting date."""
        path = table.schema.path
        problems = self.books.closed(path, reversal.values)
        day, posted = posting_day(path, reversal.values), posting_day(path, record.values)
        if path == BILL and day is not None and posted is not None and day <= posted:
            text = f"The reversal date must be later than the posting date {posted}."
            problems.append(at(f"/{name}", error("invalidConfiguration", text)))
        if problems:
            raise business_failure("POST", path, problems)

    def _reclassified(self, table: Table, asked: Any, scope: Scope) -> Record:  # noqa: ANN401 - JSON is of any type
        """Return the invoice with the changes of those fields that can be reclassified."""
        if not isinstance(asked, dict) or not isinstance(asked.get("key"), str):
            raise payload_errors([missing_field("/key")])
        # guess[reclassified-fields]: what another field answers; lines are changed as by an update, by their keys.
        wrong = [unknown_field(f"/{name}") for name in asked if name not in _RECLASSIFIED]
        if wrong:
            raise payload_errors(wrong)
        key = self._found(table, asked["key"], _RECLASSIFICATION, scope).key
        self.objects.update(table, key, {k: v for k, v in asked.items() if k not in ("key", "id")}, scope)
        return table.records[key]


def _refused(table: Table, problem: Error) -> RefusalError:
    return business_failure("POST", table.schema.path, [problem])

"""Workflows: how bills and invoices are moved from state to state, and what a state does not allow."""

import pytest

from emulator.documents import BILL, INVOICE
from emulator.emulator_rest import BILLS, INVOICES

BILL_ACTIONS = "/workflows/accounts-payable/bill"
INVOICE_ACTIONS = "/workflows/accounts-receivable/invoice"
APPROVAL = "--bill-approval"


def act(rest, actions, name, key, **asked):
    return rest.post(f"{actions}/{name}", {"key": key, **asked})


def held(rest, path):
    """Return what the company holds, whoever looks."""
    return rest.emulator.records(path.removeprefix("/objects/"))


def states(rest, path):
    return [record["state"] for record in held(rest, path)]


def test_a_submitted_bill_is_posted(rest):
    key = rest.create(BILLS, BILL)
    reply = act(rest, BILL_ACTIONS, "submit", key)
    assert (reply.status, reply.result) == (
        200,
        {"key": key, "id": key, "href": f"/objects/accounts-payable/bill/{key}", "state": "posted"},
    )
    assert states(rest, BILLS) == ["posted"]


def test_a_submitted_bill_waits_for_approval_where_the_company_wants_it(rest_with):
    rest = rest_with(APPROVAL)
    key = rest.create(BILLS, BILL)
    assert act(rest, BILL_ACTIONS, "submit", key).result["state"] == "submitted"
    assert states(rest, BILLS) == ["submitted"]
    assert act(rest, BILL_ACTIONS, "approve", key, notes="Seen").result["state"] == "posted"
    assert states(rest, BILLS) == ["posted"]


def test_a_declined_bill_is_changed_and_submitted_again(rest_with):
    rest = rest_with(APPROVAL)
    key = rest.create(BILLS, BILL)
    act(rest, BILL_ACTIONS, "submit", key)
    assert act(rest, BILL_ACTIONS, "decline", key, notes="No order").result["state"] == "declined"
    assert rest.patch(f"{BILLS}/{key}", {"description": "Order 7"}).status == 200
    assert act(rest, BILL_ACTIONS, "submit", key).result["state"] == "submitted"


def test_a_bill_is_changed_after_it_was_recalled(rest_with):
    rest = rest_with(APPROVAL)
    key = rest.create(BILLS, BILL)
    act(rest, BILL_ACTIONS, "submit", key)
    text = "Bill cannot be changed or deleted in the state 'submitted'."
    assert rest.patch(f"{BILLS}/{key}", {"description": "x"}).details == [(text, None)]
    assert rest.delete(f"{BILLS}/{key}").details == [(text, None)]
    assert act(rest, BILL_ACTIONS, "recall", key).result["state"] == "draft"
    assert rest.patch(f"{BILLS}/{key}", {"description": "x"}).status == 200
    assert states(rest, BILLS) == ["draft"]


def test_a_draft_of_an_invoice_is_posted_by_its_submission(rest):
    key = rest.create(INVOICES, {**INVOICE, "state": "draft"})
    reply = act(rest, INVOICE_ACTIONS, "submit", key)
    assert (reply.status, reply.result["state"], states(rest, INVOICES)) == (200, "posted", ["posted"])


@pytest.mark.parametrize(
    ("actions", "name", "path", "body", "asked", "done", "state"),
    [
        (BILL_ACTIONS, "approve", BILLS, BILL, {}, "approved", "draft"),
        (BILL_ACTIONS, "decline", BILLS, BILL, {}, "declined", "draft"),
        (BILL_ACTIONS, "recall", BILLS, BILL, {}, "recalled", "draft"),
        (BILL_ACTIONS, "reverse", BILLS, BILL, {"reverseDate": "2026-01-20"}, "reversed", "draft"),
        (INVOICE_ACTIONS, "submit", INVOICES, INVOICE, {}, "submitted", "posted"),
        (INVOICE_ACTIONS, "reclassify", INVOICES, {**INVOICE, "state": "draft"}, {}, "reclassified", "draft"),
    ],
)
def test_an_action_that_a_state_does_not_allow_changes_nothing(rest, actions, name, path, body, asked, done, state):
    key = rest.create(path, body)
    before = held(rest, path)
    reply = act(rest, actions, name, key, **asked)
    title = "Bill" if path == BILLS else "Invoice"
    assert (reply.status, reply.error["errorId"]) == (422, "REST-7001")
    assert reply.details == [(f"{title} cannot be {done} in the state '{state}'.", None)]
    assert held(rest, path) == before


@pytest.mark.parametrize(
    ("actions", "path", "body", "day", "dated"),
    [
        (BILL_ACTIONS, BILLS, BILL, {"reverseDate": "2026-01-20", "notes": "Twice"}, "postingDate"),
        (INVOICE_ACTIONS, INVOICES, INVOICE, {"reversedDate": "2026-01-20", "memo": "Twice"}, "invoiceDate"),
    ],
)
def test_a_reversal_is_a_document_that_takes_back_every_amount(rest, actions, path, body, day, dated):
    key = rest.create(path, body)
    if path == BILLS:
        act(rest, actions, "submit", key)
    reply = act(rest, actions, "reverse", key, **day)
    assert (reply.status, reply.result["key"], reply.result["state"]) == (200, key, "reversed")
    original, reversal = held(rest, path)
    assert (original["state"], reversal["state"]) == ("reversed", "reversal")
    assert (reversal[dated], reversal["description"]) == ("2026-01-20", "Twice")
    assert [-float(line["txnAmount"]) for line in reversal["lines"]] == [
        float(line["txnAmount"]) for line in original["lines"]
    ]
    assert [each["totalTxnAmountDue"] for each in (original, reversal)] == ["0.00", "0.00"]
    assert not {line["key"] for line in reversal["lines"]} & {line["key"] for line in original["lines"]}
    assert act(rest, actions, "reverse", key, **day).status == 422
    assert [rest.delete(f"{path}/{each['key']}").status for each in (original, reversal)] == [422, 422]
    assert rest.patch(f"{path}/{key}", {"description": "x"}).status == 422


def test_a_bill_is_reversed_after_its_posting_date(rest):
    key = rest.create(BILLS, BILL)
    act(rest, BILL_ACTIONS, "submit", key)
    reply = act(rest, BILL_ACTIONS, "reverse", key, reverseDate="2026-01-05")
    assert reply.details == [("The reversal date must be later than the posting date 2026-01-05.", "/reverseDate")]
    assert states(rest, BILLS) == ["posted"]


def test_a_closed_day_takes_neither_a_submission_nor_a_reversal(rest):
    draft, posted = (rest.create(BILLS, BILL) for _ in range(2))
    act(rest, BILL_ACTIONS, "submit", posted)
    rest.emulator.close_books("2026-01-10")
    assert act(rest, BILL_ACTIONS, "submit", draft).status == 422
    assert act(rest, BILL_ACTIONS, "reverse", posted, reverseDate="2026-01-10").status == 422
    assert states(rest, BILLS) == ["draft", "posted"]
    assert act(rest, BILL_ACTIONS, "reverse", posted, reverseDate="2026-01-11").status == 200
    assert states(rest, BILLS) == ["draft", "reversed", "reversal"]


def test_a_posted_invoice_is_reclassified_in_some_fields(rest):
    key = rest.create(INVOICES, INVOICE)
    line = held(rest, INVOICES)[0]["lines"][1]["key"]
    changes = {"description": "Corrected", "lines": [{"key": line, "glAccount": {"id": "4000"}}]}
    reply = act(rest, INVOICE_ACTIONS, "reclassify", key, id=key, **changes)
    assert (reply.status, reply.result["state"]) == (200, "posted")
    record = held(rest, INVOICES)[0]
    assert (record["description"], [each["glAccount"]["id"] for each in record["lines"]]) == (
        "Corrected",
        ["5004", "4000"],
    )
    refused = act(rest, INVOICE_ACTIONS, "reclassify", key, invoiceDate="2026-01-06")
    assert refused.details == [("/invoiceDate is not a valid field", "/invoiceDate")]
    assert held(rest, INVOICES)[0]["invoiceDate"] == "2026-01-05"


@pytest.mark.parametrize(
    ("body", "target"),
    [
        ({"reverseDate": "2026-01-20"}, "/key"),
        ({"key": "3001"}, "/reverseDate"),
        ({"key": "3001", "reverseDate": "yesterday"}, "/reverseDate"),
        ({"key": "3001", "reverseDate": "2026-01-20", "memo": "x"}, "/memo"),
        ([{"key": "3001"}], "/"),
    ],
)
def test_a_request_of_another_form_is_refused(rest, body, target):
    reply = rest.post(f"{BILL_ACTIONS}/reverse", body)
    assert (reply.status, [each for _, each in reply.details]) == (400, [target])


def test_actions_and_documents_that_are_not_there_are_told(rest):
    assert rest.post(f"{BILL_ACTIONS}/publish", {"key": "3001"}).status == 404
    assert rest.post("/workflows/general-ledger/journal-entry/submit", {"key": "4001"}).status == 404
    assert act(rest, BILL_ACTIONS, "submit", "9").status == 404
    assert rest.get(f"{BILL_ACTIONS}/submit").status == 405
    assert rest.post(f"{INVOICE_ACTIONS}/reclassify", {"description": "x"}).status == 400


def test_an_action_under_an_idempotency_key_is_done_once(rest):
    key = rest.create(BILLS, BILL)
    replies = [rest.post(f"{BILL_ACTIONS}/submit", {"key": key}, Idempotency_Key="once") for _ in range(2)]
    assert [(reply.status, reply.result["state"]) for reply in replies] == [(200, "posted")] * 2
    assert states(rest, BILLS) == ["posted"]


def test_an_entity_does_not_reach_the_documents_of_another(rest):
    key = rest.create(INVOICES, {**INVOICE, "state": "draft"}, X_IA_API_Param_Entity="100")
    submit = f"{INVOICE_ACTIONS}/submit"
    assert rest.post(submit, {"key": key}, X_IA_API_Param_Entity="200").status == 404
    assert states(rest, INVOICES) == ["draft"]


def test_a_posted_document_cannot_become_a_draft_again(rest):
    invoice, bill = rest.create(INVOICES, INVOICE), rest.create(BILLS, BILL)
    act(rest, BILL_ACTIONS, "submit", bill)
    for path, key, title in ((INVOICES, invoice, "Invoice"), (BILLS, bill, "Bill")):
        reply = rest.patch(f"{path}/{key}", {"state": "draft"})
        text = f"{title} is posted and cannot become 'draft' again."
        assert (reply.status, reply.details) == (422, [(text, "/state")])
        assert states(rest, path) == ["posted"]
    draft = rest.create(BILLS, BILL)
    assert rest.patch(f"{BILLS}/{draft}", {"state": "draft", "description": "x"}).status == 200


def test_totals_follow_the_lines(rest):
    key = rest.create(INVOICES, INVOICE)
    first, second = held(rest, INVOICES)[0]["lines"]

    def totals():
        record = held(rest, INVOICES)[0]
        return record["totalTxnAmount"], record["totalTxnAmountDue"], record["totalBaseAmount"]

    assert totals() == ("90.40", "90.40", None)
    rest.patch(f"{INVOICES}/{key}", {"lines": [{"key": first["key"], "txnAmount": "0.105"}]})
    assert totals() == ("-9.895", "-9.895", None)
    rest.patch(f"{INVOICES}/{key}", {"lines": [{"key": second["key"], "ia::operation": "delete"}]})
    assert totals() == ("0.105", "0.105", None)
    rows = rest.query(INVOICES, "sum:totalTxnAmountDue", filters=[{"$gt": {"totalTxnAmount": "0"}}]).result
    assert rows == [{"sum:totalTxnAmountDue": "0.105"}]

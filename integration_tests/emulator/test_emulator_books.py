"""Documents as they stand in the books: their lines, their balance, their days and their states."""

import pytest

from emulator.documents import BILL, ENTRY, INVOICE, side
from emulator.emulator_rest import BILLS, ENTRIES, INVOICES

STATE_RULE = "State must be draft or not included in the request"
CLOSED = (
    "Periods are closed. Your transaction date (01/05/2026) is within a period that's been closed. You can add, "
    "modify, or delete a transaction only if the date of the transaction is within a period that's open."
)


def lines_of(rest, path, key):
    return rest.get(f"{path}/{key}").result["lines"]


def test_an_entry_that_does_not_balance_is_refused_in_the_published_envelope(rest):
    reply = rest.post(ENTRIES, {**ENTRY, "lines": [side("debit", "200.10"), side("credit", "200.09")]})
    assert (reply.status, reply.error["errorId"]) == (422, "REST-7001")
    assert reply.error["details"] == [
        {
            "code": "unableToCreateRecordError",
            "message": "Could not create GLBatch record.",
            "errorId": "GL-0951",
            "additionalInfo": {
                "messageId": "IA.COULD_NOT_CREATE_GLBATCH_RECORD",
                "placeholders": {},
                "propertySet": {},
            },
        },
        {
            "code": "invalidConfiguration",
            "message": "Transactions do not balance for Place ,",
            "errorId": "GL-1009",
            "additionalInfo": {
                "messageId": "IA.TRANSACTIONS_DO_NOT_BALANCE_FOR",
                "placeholders": {"RENAMED_TEXT": "Place", "ERR_STR": ", "},
                "propertySet": {},
            },
        },
    ]
    assert rest.emulator.records("general-ledger/journal-entry") == []


def test_an_entry_balances_to_the_last_digit_however_long(rest):
    long = "12345678901234567890123456789012345678901234567890.01"
    assert rest.post(ENTRIES, {**ENTRY, "lines": [side("debit", long), side("credit", long)]}).status == 201
    less = long.replace(".01", ".00")
    assert rest.post(ENTRIES, {**ENTRY, "lines": [side("debit", long), side("credit", less)]}).status == 422


def test_an_entry_balances_after_a_change_too(rest):
    key = rest.create(ENTRIES, ENTRY)
    debit, credit = (line["key"] for line in lines_of(rest, ENTRIES, key))
    assert rest.patch(f"{ENTRIES}/{key}", {"lines": [{"key": debit, "txnAmount": "7"}]}).status == 422
    assert rest.patch(f"{ENTRIES}/{key}", {"lines": [side("debit", "7")]}).status == 422
    both = [{"key": debit, "txnAmount": "7"}, {"key": credit, "txnAmount": "7"}]
    assert rest.patch(f"{ENTRIES}/{key}", {"lines": both}).status == 200
    assert [line["txnAmount"] for line in lines_of(rest, ENTRIES, key)] == ["7", "7"]


@pytest.mark.parametrize("part", ["txnType", "txnAmount", "glAccount"])
def test_a_line_of_an_entry_has_each_of_its_parts(rest, part):
    broken = {name: value for name, value in side("debit", "200.10").items() if name != part}
    reply = rest.post(ENTRIES, {**ENTRY, "lines": [broken, ENTRY["lines"][1]]})
    assert reply.details == [(f"/lines/0/{part} is required", f"/lines/0/{part}")]


@pytest.mark.parametrize("amount", ["0", "-5", "0.00"])
def test_the_amount_of_an_entry_is_positive_in_a_change_too(rest, amount):
    lines = [side("debit", amount), side("credit", amount)]
    assert [target for _, target in rest.post(ENTRIES, {**ENTRY, "lines": lines}).details] == [
        "/lines/0/txnAmount",
        "/lines/1/txnAmount",
    ]
    key = rest.create(ENTRIES, ENTRY)
    changes = [{"key": line["key"], "txnAmount": amount} for line in lines_of(rest, ENTRIES, key)]
    assert rest.patch(f"{ENTRIES}/{key}", {"lines": changes}).status == 400


def test_an_amount_of_an_entry_cannot_be_cleared(rest):
    key = rest.create(ENTRIES, ENTRY)
    changes = [{"key": line["key"], "txnAmount": None} for line in lines_of(rest, ENTRIES, key)]
    assert rest.patch(f"{ENTRIES}/{key}", {"lines": changes}).status == 400


@pytest.mark.parametrize(
    ("path", "body", "text"),
    [
        (INVOICES, INVOICE, "/lines must hold at least 1 line"),
        (BILLS, BILL, "/lines must hold at least 1 line"),
        (ENTRIES, ENTRY, "/lines must hold at least 2 lines"),
    ],
)
def test_a_change_leaves_a_document_its_least_lines(rest, path, body, text):
    key = rest.create(path, body)
    held = lines_of(rest, path, key)
    gone = [{"key": line["key"], "ia::operation": "delete"} for line in held]
    assert rest.patch(f"{path}/{key}", {"lines": gone}).details == [(text, "/lines")]
    assert lines_of(rest, path, key) == held


def test_lines_are_replaced_in_one_request(rest):
    key = rest.create(ENTRIES, ENTRY)
    gone = [{"key": line["key"], "ia::operation": "delete"} for line in lines_of(rest, ENTRIES, key)]
    new = [side("credit", "3", "4000"), side("debit", "1"), side("debit", "2")]
    assert rest.patch(f"{ENTRIES}/{key}", {"lines": [*gone, *new]}).status == 200
    lines = lines_of(rest, ENTRIES, key)
    assert [(line["txnType"], line["txnAmount"]) for line in lines] == [("credit", "3"), ("debit", "1"), ("debit", "2")]


def test_documents_are_read_by_several_keys_with_their_lines_in_order(rest):
    keys = [rest.create(INVOICES, INVOICE) for _ in range(2)]
    read = rest.get(f"{INVOICES}/{keys[1]},{keys[0]}").result
    assert [document["key"] for document in read] == [keys[1], keys[0]]
    assert [[line["txnAmount"] for line in document["lines"]] for document in read] == [["100.40", "-10"]] * 2
    assert all(
        line["key"] and line["invoice"]["key"] == document["key"] for document in read for line in document["lines"]
    )


@pytest.mark.parametrize("name", ["invoice.key", "invoice.id"])
def test_lines_are_queried_by_one_document_or_several(rest, name):
    keys = [rest.create(INVOICES, INVOICE) for _ in range(3)]
    path = "/objects/accounts-receivable/invoice-line"
    for filters, found in (([{"$eq": {name: keys[1]}}], keys[1:2]), ([{"$in": {name: [*keys[1:], "9"]}}], keys[1:])):
        rows = rest.query(path, "invoice.key", "lineNumber", filters=filters, orderBy=[{"key": "asc"}]).result
        assert [(row["invoice.key"], row["lineNumber"]) for row in rows] == [(key, n) for key in found for n in (1, 2)]


@pytest.mark.parametrize(("path", "body"), [(INVOICES, INVOICE), (BILLS, BILL)])
def test_the_state_of_an_invoice_or_a_bill_is_draft_or_left_away(rest, path, body):
    assert rest.post(path, {**body, "state": "draft"}).status == 201
    reply = rest.post(path, {**body, "state": "posted"})
    assert (reply.status, reply.error["message"]) == (400, STATE_RULE)
    assert rest.patch(f"{path}/{rest.create(path, body)}", {"state": "paid"}).error["message"] == STATE_RULE


@pytest.mark.parametrize(("path", "body", "state"), [(INVOICES, INVOICE, "posted"), (BILLS, BILL, "draft")])
def test_a_document_is_posted_or_a_draft_by_its_kind_and_may_be_changed(rest, path, body, state):
    key = rest.create(path, body)
    assert rest.get(f"{path}/{key}").result["state"] == state
    assert rest.patch(f"{path}/{key}", {"description": "x"}).status == 200


def test_two_documents_may_have_one_number(rest):
    assert [rest.post(BILLS, BILL).status for _ in range(2)] == [201, 201]


@pytest.mark.parametrize(
    ("path", "body", "name"),
    [
        (INVOICES, INVOICE, "invoiceDate"),
        (BILLS, BILL, "createdDate"),
        (BILLS, {**BILL, "createdDate": "2026-01-01", "postingDate": "2026-01-05"}, "postingDate"),
        (ENTRIES, ENTRY, "postingDate"),
    ],
)
def test_a_closed_day_takes_no_document_and_the_day_after_does(rest_with, path, body, name):
    rest = rest_with("--closed-until", "2026-01-05")
    reply = rest.post(path, body)
    assert (reply.status, reply.details) == (422, [(CLOSED, None)])
    key = rest.create(path, {**body, name: "2026-01-06"})
    assert rest.patch(f"{path}/{key}", {name: "2026-01-05"}).details == [(CLOSED, None)]
    assert rest.patch(f"{path}/{key}", {"description": "x"}).status == 200
    assert rest.delete(f"{path}/{key}").status == 204


@pytest.mark.parametrize(("path", "body"), [(INVOICES, INVOICE), (BILLS, BILL), (ENTRIES, ENTRY)])
def test_a_document_of_a_day_that_was_closed_since_stays_as_it_is(rest, path, body):
    key = rest.create(path, body)
    rest.emulator.close_books("2026-01-05")
    later = dict.fromkeys({"invoiceDate", "createdDate", "postingDate"} & body.keys(), "2026-01-06")
    assert rest.patch(f"{path}/{key}", later).details == [(CLOSED, None)]
    assert rest.delete(f"{path}/{key}").details == [(CLOSED, None)]
    rest.emulator.close_books("2026-01-04")
    assert rest.patch(f"{path}/{key}", later).status == 200

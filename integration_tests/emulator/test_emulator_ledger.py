"""The general ledger: which documents are in it, and with which entries."""

from decimal import Decimal

import pytest

from emulator.documents import BILL, ENTRY, INVOICE, side
from emulator.emulator_rest import BILLS, ENTRIES, INVOICES
from emulator.test_emulator_front_page import page_of

SUBMIT_BILL = "/workflows/accounts-payable/bill/submit"


def posted(rest):
    return [(document["object"], document["key"], document["state"]) for document in rest.emulator.ledger()]


def entries(document):
    return [(each["account"], each["txnType"], each["txnAmount"], each["location"]) for each in document["entries"]]


def test_drafts_are_not_in_the_ledger(rest):
    rest.create(BILLS, BILL)
    rest.create(INVOICES, {**INVOICE, "state": "draft"})
    rest.create(ENTRIES, {**ENTRY, "state": "draft"})
    assert rest.emulator.ledger() == []


def test_a_bill_is_in_the_ledger_when_it_is_submitted(rest):
    key = rest.create(BILLS, BILL)
    rest.post(SUBMIT_BILL, {"key": key})
    (document,) = rest.emulator.ledger()
    assert {name: document[name] for name in document if name != "entries"} == {
        "object": "accounts-payable/bill",
        "key": key,
        "number": "B-1",
        "date": "2026-01-05",
        "state": "posted",
        "entity": None,
        "currency": "USD",
    }
    assert entries(document) == [("6000", "debit", "5", "US"), ("accounts payable", "credit", "5", "US")]


def test_a_submitted_bill_that_waits_is_not_in_the_ledger_and_an_approved_one_is(rest_with):
    rest = rest_with("--bill-approval")
    key = rest.create(BILLS, BILL)
    rest.post(SUBMIT_BILL, {"key": key})
    assert posted(rest) == []
    rest.post("/workflows/accounts-payable/bill/approve", {"key": key})
    assert posted(rest) == [("accounts-payable/bill", key, "posted")]


def test_a_bill_may_be_posted_at_once(rest_with):
    rest = rest_with("--bill-state", "posted")
    key = rest.create(BILLS, BILL)
    assert posted(rest) == [("accounts-payable/bill", key, "posted")]


def test_an_invoice_and_an_entry_are_in_the_ledger_at_once(rest):
    label = {"txnAmount": "3", "accountLabel": {"id": "SWL001"}, "overrideOffsetGLAccount": {"id": "1200"}}
    invoice = rest.create(INVOICES, {**INVOICE, "lines": [*INVOICE["lines"], label]}, X_IA_API_Param_Entity="100")
    entry = rest.create(ENTRIES, ENTRY)
    first, second = rest.emulator.ledger()
    assert posted(rest) == [
        ("accounts-receivable/invoice", invoice, "posted"),
        ("general-ledger/journal-entry", entry, "posted"),
    ]
    assert (first["entity"], second["entity"]) == ("100", None)
    assert entries(first) == [
        ("5004", "credit", "100.40", "CA"),
        ("accounts receivable", "debit", "100.40", "CA"),
        ("5004", "debit", "10", None),
        ("accounts receivable", "credit", "10", None),
        ("5004", "credit", "3", None),
        ("1200", "debit", "3", None),
    ]
    assert entries(second) == [("1000", "debit", "200.10", None), ("4000", "credit", "200.10", None)]


@pytest.mark.parametrize(
    ("actions", "path", "body", "day"),
    [
        ("/workflows/accounts-payable/bill", BILLS, BILL, {"reverseDate": "2026-01-20"}),
        ("/workflows/accounts-receivable/invoice", INVOICES, INVOICE, {"reversedDate": "2026-01-20"}),
    ],
)
def test_what_was_reversed_and_its_reversal_come_to_nothing(rest, actions, path, body, day):
    key = rest.create(path, {**body, "state": "draft"})
    rest.post(f"{actions}/submit", {"key": key})
    assert rest.post(f"{actions}/reverse", {"key": key, **day}).status == 200
    original, reversal = rest.emulator.ledger()
    assert [(each["state"], each["date"]) for each in (original, reversal)] == [
        ("reversed", "2026-01-05"),
        ("reversal", "2026-01-20"),
    ]
    balance: dict[str, Decimal] = {}
    for each in original["entries"] + reversal["entries"]:
        amount = Decimal(each["txnAmount"])
        balance[each["account"]] = balance.get(each["account"], Decimal(0)) + (
            amount if each["txnType"] == "debit" else -amount
        )
    assert set(balance.values()) == {Decimal(0)}


def test_a_deleted_document_is_not_in_the_ledger(rest):
    key = rest.create(ENTRIES, {**ENTRY, "lines": [side("debit", "7"), side("credit", "7")]})
    assert rest.delete(f"{ENTRIES}/{key}").status == 204
    assert rest.emulator.ledger() == []


def test_what_fyle_writes_is_posted_by_its_kind(company):
    found = {document["object"]: document for document in company.emulator.ledger()}
    assert "accounts-payable/bill" not in found
    purchase = found["cash-management/credit-card-txn"]
    assert [each["account"] for each in purchase["entries"]][1::2] == ["credit card"] * (len(purchase["entries"]) // 2)


def test_the_page_shows_the_ledger_without_drafts(rest):
    rest.create(BILLS, {**BILL, "billNumber": "B-<7>"})
    assert "Posted documents: 0." in page_of(rest)
    key = rest.create(BILLS, {**BILL, "billNumber": "<b>8</b>"})
    rest.post(SUBMIT_BILL, {"key": key})
    shown = page_of(rest)
    assert "Posted documents: 1." in shown
    assert f"<td>accounts-payable/bill {key} &lt;b&gt;8&lt;/b&gt;</td><td>2026-01-05</td><td>posted</td>" in shown
    assert "<td>accounts payable</td><td></td><td>5</td><td>USD</td><td>US</td>" in shown

"""What Fyle's product writes, played against the emulator over HTTP: its documents, attachments and people."""

import pytest

from emulator.clients_company import (
    ATTACHMENT,
    BILL,
    CARD_PURCHASE,
    CARD_TXN,
    ENTRY,
    EXPENSE,
    EXPENSE_REPORT,
    FOLDER,
    PAYMENT,
    attachment,
    bill,
    entry,
    payment,
)
from emulator.real_clients import ENTITY_HEADER, Sent, fyles_page
from emulator.wire import Wire

VENDOR = "accounts-payable/vendor"


def test_fyles_bill_has_a_cost_type_and_empty_references_that_stay_empty(company):
    held = company.create(BILL, bill("B-1"))
    (line,) = held["lines"]
    assert (line["dimensions"]["costType"]["id"], line["dimensions"]["task"]["id"]) == ("LABOR", "T-1")
    empty = (line["dimensions"]["vendor"], line["allocation"], held["attachment"])
    assert [(each["id"], each["key"]) for each in empty] == [(None, None)] * 3


def test_fyles_bill_of_an_allocation_has_no_location(company):
    held = company.create(BILL, bill("B-1", allocation={"id": "RENT"}, dimensions={"location": {"id": None}}))
    assert held["lines"][0]["allocation"]["id"] == "RENT"


def test_fyles_bill_of_a_cost_type_that_does_not_exist_is_refused(company):
    lost = bill("B-1", dimensions={"location": {"id": "CA"}, "costType": {"id": "NONE"}})
    reply = company.send(Sent("POST", f"/objects/{BILL}", lost))
    assert (reply.status, "NONE" in str(reply.error["details"])) == (422, True)


def test_fyles_refund_is_a_bill_below_zero(company):
    held = company.create(BILL, bill("B-1", txnAmount="-123.00", totalTxnAmount="-123.00"))
    assert held["lines"][0]["txnAmount"] == "-123.00"


def test_fyles_entry_between_entities_names_the_one_that_it_comes_from(company):
    held = company.create(ENTRY, entry(baseLocation={"id": "100"}, tax={"taxImplication": "inbound"}))
    assert (held["baseLocation"]["id"], held["tax"]["taxImplication"]) == ("100", "inbound")
    assert [line["dimensions"]["location"]["id"] for line in held["lines"]] == ["CA", "CA"]


def test_a_source_that_is_neither_location_nor_entity_is_refused(company):
    assert company.send(Sent("POST", f"/objects/{ENTRY}", entry(baseLocation={"id": "999"}))).status == 422


def test_fyles_entry_in_an_entity_is_of_it(company):
    assert company.create(ENTRY, entry(), {ENTITY_HEADER: "100"})["entity"]["id"] == "100"


@pytest.mark.parametrize(("path", "body"), [(CARD_TXN, CARD_PURCHASE), (EXPENSE, EXPENSE_REPORT)])
def test_fyles_card_purchase_and_expense_report_hold_their_lines(company, path, body):
    held = company.create(path, body)
    (line,), (sent,) = held["lines"], body["lines"]
    assert (line["txnAmount"], line["dimensions"]["costType"]["id"]) == (sent["txnAmount"], "LABOR")
    line_query = fyles_page(f"{path}-line", ("txnAmount",), ({"$eq": {"key": line["key"]}},))
    assert company.send(line_query).result == [{"txnAmount": sent["txnAmount"]}]


def test_fyles_payment_is_a_list_of_one_and_names_the_bill(company):
    key = company.create(BILL, bill("B-1"))["key"]
    made = company.send(Sent("POST", f"/objects/{PAYMENT}", [payment(key)]))
    assert made.status == 201, made.text
    (paid,) = company.read(PAYMENT, made.result[0]["key"])["details"]
    assert (paid["bill"]["key"], paid["txnCurrency"]["paymentAmount"]) == (key, "123.00")


@pytest.mark.parametrize(
    ("path", "body"), [(BILL, bill("B-1")), (ENTRY, entry()), (CARD_TXN, CARD_PURCHASE), (EXPENSE, EXPENSE_REPORT)]
)
def test_fyle_attaches_files_to_a_document_afterwards(company, path, body):
    if not company.send(fyles_page(FOLDER, ("id", "status"), ({"$eq": {"id": "More"}},))).result:
        company.create(FOLDER, {"id": "More"})
    made = company.create(ATTACHMENT, {**attachment("A-2"), "folder": {"id": "More"}})
    more = {"name": "A-2", "folder": {"id": "More"}, "files": [{"name": "receipt - 2.pdf", "data": "aGVsbG8="}]}
    assert company.patch(ATTACHMENT, made["key"], more).status == 200
    held = company.read(ATTACHMENT, made["key"])
    assert [file["name"] for file in held["files"]] == ["receipt - 1.png", "receipt - 2.pdf"]
    key = company.create(path, body)["key"]
    assert company.patch(path, key, {"attachment": {"id": "A-2"}}).status == 200
    assert company.read(path, key)["attachment"]["id"] == "A-2"


def test_fyle_makes_a_vendor_a_contact_and_an_employee_and_reads_them_by_key(company):
    person = {"printAs": "Dee Low", "email1": "dee@example.com", "firstName": "Dee", "lastName": None}
    vendor = company.create(VENDOR, {"id": "Dee Low", "name": "Dee Low", "contacts": {"default": person}})
    assert (vendor["id"], vendor["contacts"]["default"]["email1"]) == ("Dee Low", "dee@example.com")
    contact = company.create("company-config/contact", {"id": "Dee Low", **person})
    employee = {"id": "Dee Low", "primaryContact": {"id": contact["id"]}, "location": {"id": "CA"}}
    held = company.create("company-config/employee", {**employee, "department": {"id": None}})
    assert (held["id"], held["primaryContact"]["id"]) == ("Dee Low", "Dee Low")


def test_fyle_is_told_in_the_details_that_a_vendor_exists_and_finds_it_by_its_name(emulator_with):
    wire = Wire(emulator_with("--apostrophes", "escaped"))
    body = {"id": "Als", "name": "Al's", "contacts": {"default": {"email1": "al@example.com"}}}
    wire.create(VENDOR, body)
    refused = wire.send(Sent("POST", f"/objects/{VENDOR}", body))
    assert (refused.status, "Another record with the value" in str(refused.error["details"])) == (422, True)
    by_name = ({"$eq": {"name": r"Al\'s"}}, {"$eq": {"status": "active"}})
    newest_first = ({"audit.modifiedDateTime": "desc"},)
    found = wire.send(fyles_page(VENDOR, ("id", "contacts.default.email1"), by_name, order=newest_first)).result
    assert found == [{"id": "Als", "contacts.default.email1": "al@example.com"}]


def test_fyle_books_in_the_open_month_what_it_is_told_is_closed(company):
    company.emulator.close_books("2026-01-05")
    refused = company.send(Sent("POST", f"/objects/{BILL}", bill("B-1")))
    assert all(word in str(refused.error["details"]) for word in ("period", "closed"))
    assert company.create(BILL, bill("B-1", createdDate="2026-02-01"))["createdDate"] == "2026-02-01"


def test_fyle_asks_which_of_its_bills_are_paid(company):
    key = company.create(BILL, bill("B-1"))["key"]
    filters = ({"$in": {"key": [key]}}, {"$eq": {"state": "paid"}})
    assert company.send(fyles_page(BILL, ("key", "state"), filters)).result == []

"""References: what they point at must exist, be within reach and take part; what is pointed at stays."""

import pytest

from emulator.documents import BILL, ENTRY, INVOICE
from emulator.emulator_rest import BILLS, CONTACTS, CUSTOMERS, ENTRIES, INVOICES, VENDORS

EMPLOYEES = "/objects/company-config/employee"
PROJECTS = "/objects/projects/project"
LOCATION = "company-config/location"
LINE = {"txnAmount": "1", "glAccount": {"id": "4000"}}
BILL_LINE = BILL["lines"][0]
IN_100 = {"X_IA_API_Param_Entity": "100"}


def invoice_with(**members):
    return {**INVOICE, "lines": [{**LINE, **members}]}


@pytest.mark.parametrize(
    ("path", "body", "text", "target"),
    [
        (INVOICES, {**INVOICE, "customer": {"id": "C-9"}}, "Customer 'C-9'", "/customer"),
        (INVOICES, {**INVOICE, "customer": {"key": "999"}}, "Customer '999'", "/customer"),
        (INVOICES, {**INVOICE, "term": {"id": "N99"}}, "Term 'N99'", "/term"),
        (INVOICES, {**INVOICE, "contacts": {"payTo": {"id": "Nobody"}}}, "Contact 'Nobody'", "/contacts/payTo"),
        (INVOICES, invoice_with(glAccount={"id": "9"}), "GL Account '9'", "/lines/0/glAccount"),
        (INVOICES, invoice_with(accountLabel={"id": "X"}), "Account Label 'X'", "/lines/0/accountLabel"),
        (
            INVOICES,
            invoice_with(dimensions={"location": {"id": "MARS"}}),
            "Location 'MARS'",
            "/lines/0/dimensions/location",
        ),
        (
            INVOICES,
            invoice_with(dimensions={"department": {"key": "1"}}),
            "Department '1'",
            "/lines/0/dimensions/department",
        ),
        (INVOICES, invoice_with(dimensions={"project": {"id": "P"}}), "Project 'P'", "/lines/0/dimensions/project"),
        (INVOICES, invoice_with(dimensions={"employee": {"id": "E"}}), "Employee 'E'", "/lines/0/dimensions/employee"),
        (BILLS, {**BILL, "vendor": {"id": "V-9"}}, "Vendor 'V-9'", "/vendor"),
        (ENTRIES, {**ENTRY, "glJournal": {"id": "XJ"}}, "Journal 'XJ'", "/glJournal"),
        (EMPLOYEES, {"primaryContact": {"id": "Nobody"}}, "Contact 'Nobody'", "/primaryContact"),
        (PROJECTS, {"name": "P", "category": "contract", "parent": {"id": "P-9"}}, "Project 'P-9'", "/parent"),
        (CUSTOMERS, {"name": "N", "parent": {"id": "C-9"}}, "Customer 'C-9'", "/parent"),
    ],
)
def test_a_reference_to_nothing_is_refused_as_a_business_failure(rest, path, body, text, target):
    reply = rest.post(path, body)
    assert (reply.status, reply.error["errorId"]) == (422, "REST-7001")
    assert reply.details == [(f"Invalid {text} specified.", target)]


def test_every_reference_to_nothing_is_named_at_once(rest):
    body = {**BILL, "vendor": {"id": "V-9"}, "lines": [BILL_LINE, {**BILL_LINE, "glAccount": {"id": "9"}}]}
    assert [target for _, target in rest.post(BILLS, body).details] == ["/vendor", "/lines/1/glAccount"]
    assert rest.emulator.records("accounts-payable/bill") == []


def test_a_reference_of_a_change_must_exist_too(rest):
    key = rest.create(INVOICES, INVOICE)
    assert rest.patch(f"{INVOICES}/{key}", {"term": {"id": "N99"}}).status == 422
    assert rest.patch(f"{INVOICES}/{key}", {"lines": [{"txnAmount": "1", "glAccount": {"id": "9"}}]}).status == 422
    assert len(rest.get(f"{INVOICES}/{key}").result["lines"]) == 2


def test_a_reference_to_an_object_that_the_emulator_does_not_hold_is_taken(rest):
    key = rest.create(INVOICES, invoice_with(dimensions={"warehouse": {"id": "3"}}))
    assert rest.get(f"{INVOICES}/{key}").result["lines"][0]["dimensions"]["warehouse"]["id"] == "3"


def test_a_contact_given_in_full_need_not_exist_and_one_given_by_id_alone_must(rest):
    full = {"id": "New one", "firstName": "Ann", "email1": "ann@example.com"}
    assert rest.post(CUSTOMERS, {"name": "N", "contacts": {"default": full}}).status == 201
    assert rest.post(CUSTOMERS, {"name": "N", "contacts": {"default": {"id": "New one"}}}).status == 422
    assert rest.post(CUSTOMERS, {"name": "N", "contacts": {"default": {"id": "BLee"}}}).status == 201


@pytest.mark.parametrize("status", ["inactive", "activeNonPosting"])
@pytest.mark.parametrize(
    ("parties", "documents", "body", "name"),
    [(CUSTOMERS, INVOICES, INVOICE, "customer"), (VENDORS, BILLS, BILL, "vendor")],
)
def test_a_party_that_is_not_active_takes_no_new_document(rest, parties, documents, body, name, status):
    key = rest.create(documents, body)
    party = rest.get(f"{documents}/{key}").result[name]
    rest.patch(f"{parties}/{party['key']}", {"status": status})
    said = "inactive" if status == "inactive" else "active, but not for posting"
    assert rest.post(documents, body).details == [(f"{name.title()} '{party['id']}' is {said}.", f"/{name}")]
    assert rest.patch(f"{documents}/{key}", {"description": "x"}).status == 200


def test_a_record_of_another_entity_cannot_be_referred_to(rest):
    rest.emulator.hold(LOCATION, {"id": "LDN", "name": "London"}, entity="200")
    body = invoice_with(dimensions={"location": {"id": "LDN"}})
    refused = rest.post(INVOICES, body, **IN_100)
    assert refused.details == [("Invalid Location 'LDN' specified.", "/lines/0/dimensions/location")]
    assert rest.post(INVOICES, body, X_IA_API_Param_Entity="200").status == 201
    assert rest.post(INVOICES, body).status == 201


def test_a_record_that_others_refer_to_cannot_be_deleted(rest):
    invoice = rest.create(INVOICES, INVOICE)
    for path, shown in ((f"{CUSTOMERS}/101", "Customer 'CUST-100'"), ("/objects/company-config/location/52", "CA")):
        reply = rest.delete(path)
        assert reply.status == 422
        assert shown in reply.details[0][0]
        assert reply.details[0][0].endswith("cannot be deleted because other records refer to it")
    assert rest.delete(f"{INVOICES}/{invoice}").status == 204
    assert rest.delete(f"{CUSTOMERS}/101").status == 204


def test_a_record_may_refer_to_itself_and_still_be_deleted(rest):
    rest.patch(f"{CUSTOMERS}/101", {"parent": {"key": "101"}})
    assert rest.delete(f"{CUSTOMERS}/101").status == 204


def test_a_deletion_of_many_is_told_by_position(rest):
    child = rest.create(CUSTOMERS, {"name": "N", "parent": {"key": "101"}})
    reply = rest.delete(f"{CUSTOMERS}/101,102,999,{child},103")
    assert reply.status == 207
    assert [item["ia::status"] for item in reply.result] == [422, 204, 404, 204, 204]
    assert rest.delete(f"{CUSTOMERS}/101").status == 204


def test_parent_and_child_can_be_deleted_in_one_request(rest):
    child = rest.create(CUSTOMERS, {"name": "N", "parent": {"key": "101"}})
    assert rest.delete(f"{CUSTOMERS}/{child},101").status == 204


def test_five_hundred_records_can_be_deleted_at_once_and_no_more(rest):
    keys = rest.emulator.hold("company-config/contact", *({"id": f"P-{n}", "printAs": "P"} for n in range(501)))
    assert rest.delete(f"{CONTACTS}/{','.join(keys)}").status == 400
    assert rest.delete(f"{CONTACTS}/{','.join(keys[:500])}").status == 204
    assert [contact["id"] for contact in rest.emulator.records("company-config/contact")][3:] == ["P-500"]


def test_records_that_a_test_takes_for_granted_are_no_requests_and_must_be_right(rest):
    rest.emulator.hold("accounts-receivable/customer", {"id": "C-1", "name": "N"})
    assert rest.emulator.stats()["requests"] == 0
    with pytest.raises(RuntimeError, match=r"answered 422.*C-1"):
        rest.emulator.hold("accounts-receivable/customer", {"id": "C-1", "name": "N"})
    with pytest.raises(RuntimeError, match="answered 404"):
        rest.emulator.hold("accounts-receivable/nothing", {})

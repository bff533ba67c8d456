"""What the emulator refuses, in the words and envelopes that the API is known to use."""

import pytest

from emulator.documents import BILL, ENTRY, INVOICE
from emulator.emulator_rest import BILLS, CONTACTS, CUSTOMERS, ENTRIES, INVOICES, VENDORS

SCORE = "/customerAccountHealth/healthScore"
EMIAL = "/contacts/default/emial"


def test_an_unknown_field_is_refused_in_the_recorded_envelope(rest):
    reply = rest.post(CUSTOMERS, {"id": "C-1", "name": "N", "newDate": "x"})
    support = reply.error["supportId"]
    assert reply.status == 400
    assert reply.body == {
        "ia::result": {
            "ia::error": {
                "code": "invalidRequest",
                "message": "Payload contains errors",
                "errorId": "REST-1064",
                "additionalInfo": {"messageId": "IA.PAYLOAD_CONTAINS_ERRORS", "placeholders": {}, "propertySet": {}},
                "details": [
                    {
                        "code": "invalidRequest",
                        "message": "/newDate is not a valid field",
                        "errorId": "REST-1043",
                        "target": "/newDate",
                        "additionalInfo": {
                            "messageId": "IA.NOT_A_VALID_FIELD",
                            "placeholders": {"FIELD": "/newDate"},
                            "propertySet": {},
                        },
                    }
                ],
                "supportId": support,
            }
        },
        "ia::meta": {"totalCount": 1, "totalSuccess": 0, "totalError": 1},
    }
    assert rest.get(f"{CUSTOMERS}/104").status == 404


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        ({"totalDue": "1.00"}, ("/totalDue is a read-only field", "/totalDue")),
        ({"audit": {"createdBy": "1"}}, ("/audit/createdBy is a read-only field", "/audit/createdBy")),
        ({"parent": {"name": "x"}}, ("/parent/name is a read-only field", "/parent/name")),
        ({"key": "9"}, ("/key is a read-only field", "/key")),
        ({"status": "closed"}, ("/status must be one of 'active', 'activeNonPosting', 'inactive'", "/status")),
        ({"status": None}, ("/status must be one of 'active', 'activeNonPosting', 'inactive'", "/status")),
        ({"taxId": 12}, ("/taxId must be a string", "/taxId")),
        ({"creditLimit": "12"}, ("/creditLimit must be a number", "/creditLimit")),
        ({"isOnHold": "true"}, ("/isOnHold must be true or false", "/isOnHold")),
        ({"customerAccountHealth": {"healthScore": 1.5}}, (f"{SCORE} must be an integer", SCORE)),
        ({"contacts": "x"}, ("/contacts must be an object", "/contacts")),
        ({"contactList": {}}, ("/contactList must be a list", "/contactList")),
        ({"term": "N30"}, ('/term must be an object such as {"id": "..."} or {"key": "..."}', "/term")),
        ({"term": {"id": ""}}, ("/term/id must be the value of an existing record or null", "/term/id")),
        ({"contacts": {"default": {"emial": "x"}}}, (f"{EMIAL} is not a valid field", EMIAL)),
    ],
)
def test_a_field_at_fault_is_named(rest, body, detail):
    reply = rest.post(CUSTOMERS, {"id": "C-1", "name": "N", **body})
    assert (reply.status, reply.details) == (400, [detail])


def test_every_field_at_fault_is_named_at_once(rest):
    reply = rest.patch(f"{CUSTOMERS}/101", {"id": "C-9", "a": 1, "name": 5})
    assert [target for _, target in reply.details] == ["/id", "/a", "/name"]


@pytest.mark.parametrize(
    ("path", "body", "missing"),
    [
        (CUSTOMERS, {}, ["/name"]),
        (CUSTOMERS, {"name": ""}, ["/name"]),
        (CONTACTS, {}, ["/id", "/printAs"]),
        (BILLS, {"vendor": {"id": "V"}}, ["/createdDate", "/currency/txnCurrency", "/lines"]),
        (INVOICES, {**INVOICE, "lines": [{"memo": "x"}]}, ["/lines/0/txnAmount"]),
        (INVOICES, {**INVOICE, "lines": [{"txnAmount": "1"}]}, ["/lines/0/glAccount"]),
        (INVOICES, {**INVOICE, "customer": {"id": None}}, ["/customer"]),
        (BILLS, {**BILL, "lines": [{**BILL["lines"][0], "dimensions": {}}]}, ["/lines/0/dimensions/location"]),
        (ENTRIES, {}, ["/glJournal", "/postingDate", "/description", "/lines"]),
    ],
)
def test_a_new_record_without_a_required_field_is_refused(rest, path, body, missing):
    reply = rest.post(path, body)
    assert reply.status == 400
    assert [target for _, target in reply.details] == missing


@pytest.mark.parametrize(("path", "example"), [(INVOICES, INVOICE), (BILLS, BILL)])
def test_a_due_date_is_required_where_no_term_gives_it(rest, path, example):
    body = {name: value for name, value in example.items() if name not in ("dueDate", "term")}
    refused = rest.post(path, body)
    assert (refused.status, [target for _, target in refused.details]) == (422, ["/dueDate"])
    terms = "/objects/accounts-receivable/term" if path == INVOICES else "/objects/accounts-payable/term"
    term = {"key": rest.create(terms, {"id": "N7", "due": {"days": 7}})}
    assert rest.post(path, {**body, "term": term}).status == 201
    party, of_all = ("customer", CUSTOMERS) if path == INVOICES else ("vendor", VENDORS)
    key = rest.create(of_all, {"name": "With a term", "term": term})
    assert rest.post(path, {**body, party: {"key": key}}).status == 201


def test_a_line_of_a_bill_may_have_an_allocation_in_place_of_a_location(rest):
    share = {"value": "100", "dimensions": {"location": {"id": "CA"}}}
    rest.emulator.hold("general-ledger/txn-allocation-template", {"id": "RENT", "lines": [share]})
    line = {**BILL["lines"][0], "dimensions": {}, "allocation": {"id": "RENT"}}
    assert rest.post(BILLS, {**BILL, "lines": [line]}).status == 201


@pytest.mark.parametrize(
    ("path", "held", "change", "missing"),
    [
        (CUSTOMERS, {"name": "N"}, {"name": None}, ["/name"]),
        (CUSTOMERS, {"name": "N"}, {"name": ""}, ["/name"]),
        (INVOICES, INVOICE, {"invoiceDate": None, "customer": {"id": None}}, ["/customer", "/invoiceDate"]),
        (INVOICES, INVOICE, {"customer": None}, ["/customer"]),
    ],
)
def test_what_a_new_record_must_have_cannot_be_emptied_later(rest, path, held, change, missing):
    key = rest.create(path, held)
    before = rest.get(f"{path}/{key}").result

    reply = rest.patch(f"{path}/{key}", change)

    assert (reply.status, [target for _, target in reply.details]) == (400, missing)
    assert rest.get(f"{path}/{key}").result == before


@pytest.mark.parametrize("wrong", ["2026-1-5", "2026-02-30", "20260105", "2026-01-05T00:00:00Z", 20260105])
def test_a_date_is_of_one_form(rest, wrong):
    reply = rest.post(INVOICES, {**INVOICE, "dueDate": wrong})
    assert reply.details == [("/dueDate must be a date such as 2026-01-31", "/dueDate")]


@pytest.mark.parametrize("wrong", [100.40, "1,000.00", "", "1e3", "12."])
def test_an_amount_is_a_string_of_digits(rest, wrong):
    lines = [{"txnAmount": wrong, "glAccount": {"id": "4000"}}]
    targets = {target for _, target in rest.post(INVOICES, {**INVOICE, "lines": lines}).details}
    assert targets == {"/lines/0/txnAmount"}


def test_a_journal_entry_has_two_lines_at_least(rest):
    reply = rest.post(ENTRIES, {**ENTRY, "lines": ENTRY["lines"][:1]})
    assert reply.details == [("/lines must hold at least 2 lines", "/lines")]


def test_a_second_record_with_the_same_id_is_refused_as_a_business_failure(rest):
    reply = rest.post(CUSTOMERS, {"id": "CUST-100", "name": "N"})
    assert reply.status == 422
    assert (reply.error["code"], reply.error["errorId"]) == ("operationFailed", "REST-7001")
    assert reply.error["message"] == "POST request on objects/accounts-receivable/customer object was unsuccessful"
    assert reply.details == [("Another record with the value 'CUST-100' already exists", None)]


@pytest.mark.parametrize(
    ("body", "error_id", "message"),
    [
        (b"", "REST-1028", "A POST request requires a payload"),
        (b" ", "REST-1028", "A POST request requires a payload"),
        (b'{"name": ', "REST-1030", "Payload contains malformed JSON"),
        (b'{"name": "\\ud800"}', "REST-1030", "Payload contains malformed JSON"),
        (b"[" * 100_000, "REST-1030", "Payload contains malformed JSON"),
        (b'{"name": 1e9999999999999999999}', "REST-1030", "Payload contains malformed JSON"),
    ],
)
def test_a_body_that_is_missing_or_no_json_is_refused(rest, body, error_id, message):
    reply = rest.post(CUSTOMERS, body)
    assert (reply.status, reply.error["errorId"], reply.error["message"]) == (400, error_id, message)


@pytest.mark.parametrize("body", ["x", 5, True])
def test_a_body_that_is_no_object_is_refused(rest, body):
    assert rest.post(CUSTOMERS, body).status == 400


def test_a_body_beyond_a_megabyte_is_refused(rest):
    assert rest.post(CUSTOMERS, {"name": "x" * 1024 * 1024}).status == 413


def test_each_refusal_has_a_support_id_of_its_own(rest):
    ids = {rest.get(f"{CUSTOMERS}/999").error["supportId"] for _ in range(3)}
    assert len(ids) == 3

"""Composite requests: several in one, in order, up to the first that fails, with results of earlier ones."""

import http.client

import pytest

from emulator.emulator_rest import BILLS, CUSTOMERS, VENDORS

COMPOSITE = "/services/core/composite"
QUERY = "/services/core/query"
CREATED = {"method": "POST", "path": CUSTOMERS, "body": {"id": "C-1", "name": "A"}, "resultReference": "made"}
TAKEN = {"method": "POST", "path": CUSTOMERS, "body": {"id": "CUST-100", "name": "B"}}
ALSO = {"method": "POST", "path": CUSTOMERS, "body": {"id": "C-2", "name": "C"}}
READ = {"method": "GET", "path": f"{CUSTOMERS}/101"}


def ids(rest):
    return [customer["id"] for customer in rest.emulator.records("accounts-receivable/customer")][3:]


def statuses(reply):
    return [entry["ia::status"] for entry in reply.result]


def test_requests_are_carried_out_in_order_and_each_has_its_answer(rest):
    gone = {"method": "DELETE", "path": f"{CUSTOMERS}/103"}
    reply = rest.post(COMPOSITE, [CREATED, {**READ, "path": f"{CUSTOMERS}/@{{made.1.key}}"}, gone])
    assert (reply.status, statuses(reply)) == (200, [201, 200, 204])
    assert reply.result[0]["ia::result"]["id"] == "C-1"
    assert reply.result[1]["ia::result"]["name"] == "A"
    assert reply.result[2] == {"ia::status": 204}
    assert reply.body["ia::meta"] == {"totalCount": 3, "totalSuccess": 3, "totalError": 0}
    assert [each["id"] for each in rest.emulator.records("accounts-receivable/customer")] == [
        "CUST-100",
        "CUST-200",
        "C-1",
    ]


def test_the_first_failure_ends_it_and_what_came_before_stays(rest):
    reply = rest.post(COMPOSITE, [CREATED, TAKEN, ALSO, READ])
    assert (reply.status, statuses(reply)) == (207, [201, 422, 422, 422])
    assert reply.result[1]["ia::error"]["errorId"] == "REST-7001"
    assert [entry["ia::error"]["code"] for entry in reply.result[2:]] == ["unprocessed", "unprocessed"]
    assert "ia::result" not in reply.result[1]
    assert reply.body["ia::meta"] == {"totalCount": 4, "totalSuccess": 1, "totalError": 3}
    assert ids(rest) == ["C-1"]


def test_a_batch_in_it_that_fails_in_part_does_not_end_it(rest):
    batch = {"method": "POST", "path": CUSTOMERS, "body": [CREATED["body"], TAKEN["body"]]}
    reply = rest.post(COMPOSITE, [batch, ALSO])
    assert (reply.status, statuses(reply)) == (200, [207, 201])
    assert [entry["ia::status"] for entry in reply.result[0]["ia::result"]] == [201, 422]
    assert ids(rest) == ["C-1", "C-2"]


def test_a_document_refers_to_the_record_that_was_made_before_it(rest):
    vendor = {"method": "POST", "path": VENDORS, "body": {"id": "V-1", "name": "V"}, "resultReference": "vendor"}
    bill = {
        "billNumber": "for @{vendor.id}",
        "vendor": {"key": "@{vendor.1.key}"},
        "createdDate": "2026-01-10",
        "dueDate": "2026-02-10",
        "currency": {"txnCurrency": "USD"},
        "lines": [{"txnAmount": "9.00", "glAccount": {"id": "6000"}, "dimensions": {"location": {"id": "US"}}}],
    }
    assert rest.post(COMPOSITE, [vendor, {"method": "POST", "path": BILLS, "body": bill}]).status == 200
    (held,) = rest.emulator.records("accounts-payable/bill")
    assert (held["vendor"]["id"], held["billNumber"]) == ("V-1", "for V-1")


def test_rows_of_a_query_are_referred_to_by_their_place_and_values_keep_their_types(rest):
    rest.patch(f"{VENDORS}/301", {"creditLimit": 1234.5, "isOnHold": True})
    asked = {"object": "accounts-payable/vendor", "fields": ["key", "creditLimit", "isOnHold", "audit.createdBy"]}
    order = [{"key": "asc"}]
    query = {"method": "POST", "path": QUERY, "body": {**asked, "orderBy": order}, "resultReference": "found"}
    change = {"creditLimit": "@{found.1.creditLimit}", "isOnHold": "@{found.1.isOnHold}"}
    update = {"method": "PATCH", "path": f"{VENDORS}/@{{found.2.key}}", "body": change}
    assert rest.post(COMPOSITE, [query, update]).status == 200
    first, second = rest.emulator.records("accounts-payable/vendor")
    assert (second["creditLimit"], second["isOnHold"]) == (first["creditLimit"], True)
    by = {"method": "GET", "path": f"{VENDORS}/301?as=@{{found.1.audit.createdBy}}"}
    assert rest.post(COMPOSITE, [query, by]).status == 200


@pytest.mark.parametrize("reference", ["@{made.2.key}", "@{made.0.key}", "@{made.nothing}", "@{none.key}"])
def test_a_reference_to_nothing_fails_its_request(rest, reference):
    reply = rest.post(COMPOSITE, [CREATED, {**READ, "path": f"{CUSTOMERS}/{reference}"}, ALSO])
    assert statuses(reply) == [201, 400, 422]
    assert reference in reply.result[1]["ia::error"]["message"]
    assert ids(rest) == ["C-1"]


@pytest.mark.parametrize(
    "asked",
    [
        [CREATED],
        [CREATED, *[READ] * 10],
        {"requests": [CREATED, READ]},
        [CREATED, {"method": "POST", "path": "/workflows/accounts-payable/bill/submit", "body": {"key": "1"}}],
        [CREATED, {"method": "GET", "path": "https://example.com/objects/"}],
        [CREATED, {"method": "HEAD", "path": CUSTOMERS}],
        [CREATED, {"path": CUSTOMERS}],
        [CREATED, {**READ, "resultref": "x"}],
        [CREATED, {"method": "POST", "path": COMPOSITE, "body": [READ, READ]}],
        [CREATED, {**READ, "headers": {"Prefer": "respond-async"}}],
    ],
    ids=str,
)
def test_a_composite_that_is_not_of_the_form_is_refused_before_its_first_request(rest, asked):
    reply = rest.post(COMPOSITE, asked)
    assert (reply.status, reply.error["code"]) == (400, "invalidRequest")
    assert ids(rest) == []


def test_a_composite_is_neither_read_nor_answered_later(rest):
    assert rest.get(COMPOSITE).status == 405
    assert rest.post(COMPOSITE, [CREATED, READ], Prefer="respond-async").status == 400
    assert rest.post(COMPOSITE, b"").error["errorId"] == "REST-1028"
    assert ids(rest) == []


@pytest.mark.parametrize("depth", [100, 900, 5000])
def test_a_body_that_is_nested_too_deep_is_refused(rest, depth):
    request = b'{"method":"POST","path":"%s","body":%s%s}' % (CUSTOMERS.encode(), b"[" * depth, b"]" * depth)
    reply = rest.post(COMPOSITE, b"[%s,%s]" % (request, request))
    assert reply.status in (207, 400)
    assert rest.get(CUSTOMERS).status == 200


def test_ten_requests_are_taken(rest):
    assert statuses(rest.post(COMPOSITE, [READ] * 10)) == [200] * 10


def test_the_token_is_inherited_and_the_entity_and_the_key_are_each_requests_own(rest):
    inside = {**CREATED, "headers": {"X-IA-API-Param-Entity": "100", "Idempotency-Key": "k"}}
    asked = [inside, ALSO]
    first = rest.post(COMPOSITE, asked, X_IA_API_Param_Entity="200", Idempotency_Key="whole")
    again = rest.post(COMPOSITE, asked, Idempotency_Key="whole")
    assert (statuses(first), statuses(again)) == ([201, 201], [201, 422])
    assert again.result[0]["ia::result"] == first.result[0]["ia::result"]
    assert again.result[0]["ia::headers"]["Idempotency-Key"] == "k"
    held = rest.emulator.records("accounts-receivable/customer")[3:]
    assert [(each["id"], each["entity"]["id"]) for each in held] == [("C-1", "100"), ("C-2", None)]


def test_a_request_for_an_entity_that_does_not_exist_fails_by_itself(rest):
    reply = rest.post(COMPOSITE, [{**CREATED, "headers": {"X-IA-API-Param-Entity": "999"}}, ALSO])
    assert statuses(reply) == [400, 422]
    forbidden = rest.post(COMPOSITE, [{**CREATED, "headers": {"X-IA-API-Param-Entity": "300"}}, ALSO])
    assert forbidden.result[0]["ia::error"]["code"] == "GW-0042"
    assert ids(rest) == []


def test_a_composite_is_one_request_and_each_of_its_writes_is_billed(rest):
    rest.post(COMPOSITE, [CREATED, ALSO, READ, TAKEN])
    stats = rest.emulator.stats()
    assert (stats["requests"], stats["max_in_flight"], stats["api_transactions"]) == (1, 1, 3)


def test_a_fault_meets_a_request_of_a_composite(rest):
    rest.emulator.fault(route=f"{CUSTOMERS}*", method="POST", nth=[2], action={"kind": "status", "status": 503})
    assert statuses(rest.post(COMPOSITE, [CREATED, ALSO, READ])) == [201, 503, 422]
    rest.emulator.clear_faults()
    rest.emulator.fault(route=f"{CUSTOMERS}/101", action={"kind": "malformed"})
    assert rest.post(COMPOSITE, [READ, ALSO]).result[0] == {"ia::status": 200}
    rest.emulator.clear_faults()
    rest.emulator.fault(route=f"{CUSTOMERS}/102", action={"kind": "cut"})
    with pytest.raises((http.client.HTTPException, ConnectionError)):
        rest.post(COMPOSITE, [{**ALSO, "body": {"id": "C-3", "name": "D"}}, {**READ, "path": f"{CUSTOMERS}/102"}])
    assert ids(rest) == ["C-1", "C-2", "C-3"]

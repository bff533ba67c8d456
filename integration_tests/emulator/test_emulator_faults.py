"""Faults, the limit of requests in flight, latency, and what is counted."""

import http.client
import threading
import time

import pytest

from emulator.documents import INVOICE
from emulator.emulator_rest import CUSTOMERS, INVOICES, Rest

BODY = {"name": "N"}


def count(rest):
    return len(rest.emulator.records("accounts-receivable/customer")) - 3


def at_once(rest, number):
    replies = []
    threads = [threading.Thread(target=lambda: replies.append(rest.get(CUSTOMERS))) for _ in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return replies


@pytest.mark.parametrize(("when", "written"), [("before", 0), ("after", 1)])
@pytest.mark.parametrize("kind", ["status", "cut", "malformed"])
def test_a_fault_strikes_before_or_after_the_commit(rest, kind, when, written):
    rest.emulator.fault(route=f"{CUSTOMERS}*", method="POST", times=1, action={"kind": kind, "when": when})
    if kind == "cut":
        with pytest.raises((http.client.RemoteDisconnected, ConnectionResetError)):
            rest.post(CUSTOMERS, BODY)
    else:
        reply = rest.post(CUSTOMERS, BODY)
        assert reply.status == (503 if kind == "status" else 200)
    assert count(rest) == written
    assert rest.post(CUSTOMERS, BODY).status == 201


def test_a_status_has_the_headers_and_the_body_it_was_given(rest):
    action = {
        "kind": "status",
        "status": 502,
        "headers": {"Retry-After": "7"},
        "body": {"ia::error": {"code": "GW-0001"}},
    }
    rest.emulator.fault(action=action)
    reply = rest.get(CUSTOMERS)
    assert (reply.status, reply.headers["Retry-After"], reply.error) == (502, "7", {"code": "GW-0001"})


def test_a_status_may_have_a_page_for_a_body(rest):
    rest.emulator.fault(action={"kind": "status", "status": 502, "body": "<html>Bad gateway</html>"})
    reply = rest.get(CUSTOMERS)
    assert (reply.text, reply.headers["Content-Type"]) == (b"<html>Bad gateway</html>", "text/html")


def test_a_delay_holds_the_answer_back(rest):
    rest.emulator.fault(action={"kind": "delay", "seconds": 0.3, "when": "after"})
    began = time.monotonic()
    assert rest.post(CUSTOMERS, BODY).status == 201
    assert time.monotonic() - began >= 0.3


def test_a_truncated_list_lacks_its_last_result(rest):
    rest.emulator.fault(route=CUSTOMERS, times=1, action={"kind": "truncated_list"})
    reply = rest.post(CUSTOMERS, [BODY, BODY, BODY])
    assert (reply.status, len(reply.result), count(rest)) == (201, 2, 3)


def test_a_fault_counts_only_the_requests_of_its_route_and_method(rest):
    rest.emulator.fault(route=f"{CUSTOMERS}*", method="POST", nth=[2, 3], action={"kind": "status", "status": 500})
    statuses = []
    for _ in range(4):
        rest.get(CUSTOMERS)
        rest.post("/objects/accounts-payable/vendor", BODY)
        statuses.append(rest.post(CUSTOMERS, BODY).status)
    assert statuses == [201, 500, 500, 201]


def test_a_probability_draws_the_same_each_time(rest):
    def drawn():
        rest.emulator.reset()
        rest.emulator.fault(probability=0.5, action={"kind": "status", "status": 500})
        return [rest.get(CUSTOMERS).status for _ in range(20)]

    first = drawn()
    assert set(first) == {200, 500}
    assert drawn() == first


def test_faults_can_be_removed(rest):
    rest.emulator.fault(action={"kind": "status", "status": 500})
    assert rest.get(CUSTOMERS).status == 500
    rest.emulator.clear_faults()
    assert rest.get(CUSTOMERS).status == 200


def test_the_token_endpoint_can_be_struck(rest):
    rest.emulator.fault(route="/oauth2/token", action={"kind": "status", "status": 500})
    assert rest.post("/oauth2/token", {}).status == 500


def test_a_fault_that_cannot_be_understood_is_refused(rest):
    with pytest.raises(RuntimeError, match="unknown field `rout`"):
        rest.emulator.fault(rout="/x", action={"kind": "cut"})
    with pytest.raises(RuntimeError, match="Invalid enum value 'explode'"):
        rest.emulator.fault(action={"kind": "explode"})


def test_one_request_too_many_is_throttled(rest_with):
    rest = rest_with("--concurrency", "3", "--latency-ms", "400")
    replies = at_once(rest, 5)
    assert sorted(reply.status for reply in replies) == [200, 200, 200, 429, 429]
    refused = next(reply for reply in replies if reply.status == 429)
    assert (refused.error["code"], refused.error["message"]) == ("GW-0010", "API rate limit exceeded")
    assert isinstance(refused.error["details"]["requestId"], str)
    assert refused.headers["Retry-After"] == refused.headers["X-IA-Throttle-Limit-Retry-After"] == "1"
    stats = rest.emulator.stats()
    assert (stats["max_in_flight"], stats["throttled"], stats["requests"]) == (3, 2, 5)


@pytest.mark.parametrize(
    ("form", "names"),
    [("retry-after", {"Retry-After"}), ("x-ia", {"X-IA-Throttle-Limit-Retry-After"}), ("none", set())],
)
def test_the_headers_of_a_throttled_request_can_be_chosen(rest_with, form, names):
    rest = rest_with("--concurrency", "0", "--throttle-headers", form)
    reply = rest.get(CUSTOMERS)
    both = {"Retry-After", "X-IA-Throttle-Limit-Retry-After"}
    assert (reply.status, {name for name in both if name in reply.headers}) == (429, names)


@pytest.mark.parametrize(
    ("reading", "said"),
    [
        ("none", (None, None)),
        ("true", ("3", "2")),
        ("hourly", ("10000", "9999")),
        ("spent", ("3", "0")),
        ("high", ("600", "600")),
        ("garbage", ("LIMIT001-10", "unlimited")),
    ],
)
def test_what_answers_say_of_the_limit_can_be_chosen(rest_with, reading, said):
    headers = rest_with("--concurrency", "3", "--limit-headers", reading).get(CUSTOMERS).headers
    assert (headers.get("X-IA-Throttle-Limit"), headers.get("X-IA-Throttle-Limit-Remaining")) == said


def test_a_limit_that_is_exceeded_has_less_than_nothing_left(rest_with):
    reply = rest_with("--concurrency", "0", "--limit-headers", "true").get(CUSTOMERS)
    assert (reply.status, reply.headers["X-IA-Throttle-Limit-Remaining"]) == (429, "-1")


@pytest.mark.alone
def test_requests_in_flight_take_their_time_together(rest_with):
    rest = rest_with("--latency-ms", "300")
    began = time.monotonic()
    assert [reply.status for reply in at_once(rest, 6)] == [200] * 6
    assert 0.3 <= time.monotonic() - began < 1.2


def test_each_record_adds_its_time(rest_with):
    rest = rest_with("--latency-per-record-ms", "2")
    began = time.monotonic()
    rest.post(CUSTOMERS, [BODY] * 100)
    assert time.monotonic() - began >= 0.2


def test_api_transactions_are_counted_as_they_are_billed(rest):
    def billed(work):
        before = rest.emulator.stats()["api_transactions"]
        work()
        return rest.emulator.stats()["api_transactions"] - before

    assert billed(lambda: rest.post(CUSTOMERS, [BODY, BODY, {"nam": 1}])) == 2
    assert billed(lambda: rest.post(INVOICES, INVOICE)) == 1
    assert billed(lambda: rest.patch(f"{CUSTOMERS}/101", BODY)) == 1
    assert billed(lambda: rest.delete(f"{CUSTOMERS}/102,103")) == 2
    assert billed(lambda: rest.get(CUSTOMERS)) == 1
    assert billed(lambda: rest.query(CUSTOMERS, "id")) == 1
    assert billed(lambda: rest.post(CUSTOMERS, {"nam": 1})) == 0
    assert billed(lambda: rest.post("/oauth2/token", {})) == 0
    assert billed(lambda: rest.post(CUSTOMERS, BODY, Idempotency_Key="k")) == 1
    assert billed(lambda: rest.post(CUSTOMERS, BODY, Idempotency_Key="k")) == 0


def test_requests_are_counted_by_route_without_their_keys(rest):
    rest.get(f"{CUSTOMERS}/101")
    rest.get(f"{CUSTOMERS}/102")
    rest.get(f"{CUSTOMERS}/999")
    rest.post("/oauth2/token", {})
    stats = rest.emulator.stats()
    assert stats["by_route"] == {f"GET {CUSTOMERS}/{{key}}": 3, "POST /oauth2/token": 1}
    assert stats["by_status"] == {"200": 2, "400": 1, "404": 1}


def test_the_last_requests_are_kept_as_they_were_received(rest):
    rest.get(CUSTOMERS)
    rest.post(CUSTOMERS, b'{ "name" : "N",\n "creditLimit": 1.10 }', Idempotency_Key="k")
    (kept,) = rest.emulator.requests(last=1)
    assert (kept["method"], kept["path"], kept["status"]) == ("POST", CUSTOMERS, 201)
    assert kept["body"] == '{ "name" : "N",\n "creditLimit": 1.10 }'
    assert kept["headers"]["authorization"] == "Bearer demo-access-token"
    assert kept["headers"]["idempotency-key"] == "k"
    rest.get("/services/core/model?name=general-ledger/account")
    assert rest.emulator.requests(last=1)[0]["query"] == {"name": "general-ledger/account"}
    assert len(rest.emulator.requests()) == 3


def test_a_request_that_was_cut_has_no_status(rest):
    rest.emulator.fault(action={"kind": "cut"})
    with pytest.raises((http.client.RemoteDisconnected, ConnectionResetError)):
        Rest(rest.emulator).get(CUSTOMERS)
    assert rest.emulator.requests()[-1]["status"] is None

"""The Idempotency-Key: one request, one answer, for two days; one key, one request, for sixty."""

import threading

import pytest

from emulator.emulator_rest import CUSTOMERS, Rest

BODY = {"id": "C-1", "name": "N"}
DATE = "x-ia-idempotency-cached-date"
DAY = 24 * 3600


def count(rest):
    return len(rest.emulator.records("accounts-receivable/customer")) - 3


def test_a_resend_is_answered_from_memory_and_writes_nothing(rest):
    first = rest.post(CUSTOMERS, BODY, Idempotency_Key="k1")
    again = rest.post(CUSTOMERS, BODY, Idempotency_Key="k1")
    assert (again.status, again.text) == (first.status, first.text)
    assert DATE not in first.headers
    assert (again.headers["Idempotency-Key"], again.headers[DATE]) == ("k1", "2026-01-15T09:00:00Z")
    assert count(rest) == 1


def test_a_failure_is_remembered_too(rest):
    first = rest.post(CUSTOMERS, {"id": "CUST-300", "name": "N"}, Idempotency_Key="k1")
    rest.delete(f"{CUSTOMERS}/103")
    again = rest.post(CUSTOMERS, {"id": "CUST-300", "name": "N"}, Idempotency_Key="k1")
    assert (first.status, again.status, again.text) == (422, 422, first.text)


def test_an_update_is_remembered(rest):
    rest.patch(f"{CUSTOMERS}/101", {"name": "A"}, Idempotency_Key="k1")
    rest.patch(f"{CUSTOMERS}/101", {"name": "B"})
    assert rest.patch(f"{CUSTOMERS}/101", {"name": "A"}, Idempotency_Key="k1").headers[DATE]
    assert rest.get(f"{CUSTOMERS}/101").result["name"] == "B"


@pytest.mark.parametrize(
    ("path", "body", "headers"),
    [
        (CUSTOMERS, {**BODY, "name": "M"}, {}),
        ("/objects/accounts-payable/vendor", BODY, {}),
        (CUSTOMERS, BODY, {"X_IA_API_Param_Entity": "100"}),
    ],
)
def test_a_key_serves_one_request(rest, path, body, headers):
    rest.post(CUSTOMERS, BODY, Idempotency_Key="k1")
    reply = rest.post(path, body, Idempotency_Key="k1", **headers)
    assert reply.status == 409
    assert reply.error["message"] == "The Idempotency-Key was used before with a different request"


def test_an_answer_is_kept_for_two_days_and_its_key_for_sixty(rest):
    rest.post(CUSTOMERS, {"name": "N"}, Idempotency_Key="k1")
    rest.emulator.advance_clock(2 * DAY - 60)
    assert rest.post(CUSTOMERS, {"name": "N"}, Idempotency_Key="k1").status == 201
    rest.emulator.advance_clock(120)
    late = rest.post(CUSTOMERS, {"name": "N"}, Idempotency_Key="k1")
    assert (late.status, count(rest)) == (409, 1)
    assert late.error["message"] == "The Idempotency-Key was used before and its result is no longer available"
    rest.emulator.advance_clock(58 * DAY)
    assert rest.post(CUSTOMERS, {"name": "N"}, Idempotency_Key="k1").status == 201
    assert count(rest) == 2


def test_a_resend_while_the_first_still_runs_is_refused(rest):
    rest.emulator.fault(route=CUSTOMERS, times=1, action={"kind": "delay", "seconds": 0.5})
    replies = []
    first = threading.Thread(target=lambda: replies.append(rest.post(CUSTOMERS, BODY, Idempotency_Key="k1")))
    first.start()
    while not rest.emulator.requests():
        pass
    second = Rest(rest.emulator).post(CUSTOMERS, BODY, Idempotency_Key="k1")
    first.join()
    assert (second.status, replies[0].status) == (409, 201)
    assert second.error["message"] == "The Idempotency-Key belongs to a request that is still being processed"
    assert rest.post(CUSTOMERS, BODY, Idempotency_Key="k1").headers[DATE]


def test_a_request_that_was_never_worked_on_leaves_its_key_free(rest):
    rest.emulator.fault(route=CUSTOMERS, nth=[1], action={"kind": "status", "status": 503})
    assert rest.post(CUSTOMERS, BODY, Idempotency_Key="k1").status == 503
    assert DATE not in rest.post(CUSTOMERS, BODY, Idempotency_Key="k1").headers
    assert count(rest) == 1


def test_the_real_answer_is_kept_when_another_was_sent(rest):
    rest.emulator.fault(route=CUSTOMERS, nth=[1], action={"kind": "status", "status": 504, "when": "after"})
    assert rest.post(CUSTOMERS, BODY, Idempotency_Key="k1").status == 504
    again = rest.post(CUSTOMERS, BODY, Idempotency_Key="k1")
    assert (again.status, again.result["id"], count(rest)) == (201, "C-1", 1)
    assert again.headers[DATE]


def test_a_refused_token_leaves_the_key_free(rest):
    assert Rest(rest.emulator, "x").post(CUSTOMERS, BODY, Idempotency_Key="k1").status == 401
    assert rest.post(CUSTOMERS, BODY, Idempotency_Key="k1").status == 201


def test_a_query_has_no_memory(rest):
    asked = {"object": "accounts-receivable/customer", "fields": ["id"]}
    for _ in range(2):
        assert DATE not in rest.post("/services/core/query", asked, Idempotency_Key="k1").headers


def test_a_key_is_256_characters_at_most(rest):
    assert rest.post(CUSTOMERS, {"name": "N"}, Idempotency_Key="k" * 257).status == 400
    assert rest.post(CUSTOMERS, {"name": "N"}, Idempotency_Key="k" * 256).status == 201

from dataclasses import replace

import pytest
from fakes import (
    BASE_URL,
    CUSTOMER,
    CUT,
    KEY_RUNNING,
    NOT_SENT,
    POST,
    THROTTLED,
    TOKEN_REFUSED,
    FakeClock,
    ScriptedTransport,
    created,
    make_session,
    refused,
    replayed,
)

from destination_sage_intacct.intacct.adaptive_limit import Limiter
from destination_sage_intacct.intacct.auth import FixedToken
from destination_sage_intacct.intacct.classify import Answer
from destination_sage_intacct.intacct.errors import AuthenticationError, ConfigurationError, OutageError
from destination_sage_intacct.intacct.session import Request, Session

PATH = f"/objects/{CUSTOMER}"


def test_a_request_goes_out_whole():
    transport = ScriptedTransport(created())

    replace(make_session(transport), entity="100").send(POST)

    (request,) = transport.requests
    assert (request.method, request.url, request.body, request.token) == (
        "POST",
        f"{BASE_URL}{PATH}",
        b'{"name":"Starluck"}',
        "token-0",
    )
    assert request.headers == {
        "Accept": "application/json",
        "Content-Type": "application/json",
        "X-IA-API-Param-Entity": "100",
        "Idempotency-Key": "key-1",
    }


def test_what_is_not_set_is_not_sent():
    transport = ScriptedTransport(created())

    make_session(transport).send(Request("GET", "/services/core/model", parameters="?name=x"))

    (request,) = transport.requests
    assert request.url == f"{BASE_URL}/services/core/model?name=x"
    assert request.body is None
    assert request.headers == {"Accept": "application/json"}


def test_a_body_and_its_values_stay_out_of_what_is_printed():
    assert "Starluck" not in repr(POST)


@pytest.mark.parametrize("answer", [created(), *(refused(status, "no") for status in (400, 403, 404, 405, 413, 422))])
def test_a_final_answer_is_given_as_it_came(answer):
    transport = ScriptedTransport(answer)
    clock = FakeClock()
    session = make_session(transport, clock)

    given = session.send(POST)

    assert (given.status, given.payload, given.sent_before) == (answer.status, answer.payload, False)
    assert clock.waits == []
    assert (session.traffic.requests, session.traffic.retries) == (1, 0)


@pytest.mark.parametrize(
    "failure",
    [
        NOT_SENT,
        CUT,
        Answer(500),
        Answer(502, unreadable="a body that is not JSON"),
        Answer(503),
        Answer(504),
        Answer(524),
        Answer(302),
        Answer(201, unreadable="a body that is not JSON"),
    ],
)
def test_what_may_pass_is_sent_again_under_the_same_key(failure):
    transport = ScriptedTransport(failure, failure, created())
    clock = FakeClock()
    session = make_session(transport, clock)

    answer = session.send(POST)

    assert answer.status == 201
    assert transport.idempotency_keys == ["key-1"] * 3
    assert {request.body for request in transport.requests} == {POST.body}
    first, second = clock.waits
    assert 0.5 <= first <= 1
    assert 1 <= second <= 2
    assert (session.traffic.requests, session.traffic.retries) == (3, 2)


@pytest.mark.parametrize(
    ("failure", "why"),
    [
        (NOT_SENT, "the host refused the connection"),
        (CUT, "the connection was cut before the answer was complete"),
        (refused(500, "Unable to process request.", "GW-0001"), "HTTP 500, Unable to process request"),
        (
            Answer(502, unreadable="a body that is not JSON"),
            "HTTP 502 with a body that is not JSON, not an answer of Sage Intacct",
        ),
        (Answer(302), "HTTP 302 with no body, not an answer of Sage Intacct"),
    ],
)
def test_a_failure_that_does_not_pass_is_an_outage(failure, why):
    transport = ScriptedTransport(failure, failure, failure)

    with pytest.raises(OutageError) as caught:
        make_session(transport, max_retries=2).send(POST)

    assert transport.is_used_up
    assert str(caught.value) == (
        f"Sage Intacct did not answer POST {PATH} in 3 attempts: {why}. Check that {BASE_URL} (`api_url`) can be "
        "reached and that Sage Intacct is up; the next sync sends again whatever was not acknowledged."
    )


def test_without_retries_the_first_failure_is_an_outage():
    with pytest.raises(OutageError, match="in 1 attempt: the connection was cut"):
        make_session(ScriptedTransport(CUT), max_retries=0).send(POST)


@pytest.mark.parametrize("refusal", [TOKEN_REFUSED, refused(400, "The token is not valid", error_id="REST-1206")])
def test_a_refused_token_is_renewed_and_the_request_sent_again_each_time(refusal):
    clock = FakeClock()
    transport = ScriptedTransport(refusal, created(), refusal, created())
    session = make_session(transport, clock, max_retries=0)

    assert [session.send(POST).status, session.send(POST).status] == [201, 201]
    assert [request.token for request in transport.requests] == ["token-0", "token-1", "token-1", "token-2"]
    assert clock.waits == []
    assert (session.traffic.requests, session.traffic.retries) == (4, 0)


def test_a_renewed_token_that_is_refused_too_ends_the_run():
    transport = ScriptedTransport(TOKEN_REFUSED, TOKEN_REFUSED)

    with pytest.raises(AuthenticationError) as caught:
        make_session(transport).send(POST)

    assert str(caught.value) == (
        "Sage Intacct refused a token that it had issued a moment before. Check that the user and the "
        "app are still authorized for this company and entity, and that no other connection uses the "
        "same user and app: a new authorization replaces older ones."
    )


def test_a_token_that_cannot_be_renewed_ends_the_run():
    clock = FakeClock()
    transport = ScriptedTransport(TOKEN_REFUSED)
    session = Session(BASE_URL, transport, FixedToken("x"), clock, Limiter(6, clock), 3)

    with pytest.raises(AuthenticationError, match="nothing to renew it with"):
        session.send(POST)


def test_a_stored_failure_is_not_asked_for_again():
    transport = ScriptedTransport(Answer(500), replayed(refused(500, "Internal error")))

    answer = make_session(transport).send(POST)

    assert (answer.status, answer.is_stored, answer.sent_before) == (500, True, True)


@pytest.mark.parametrize("failure", [NOT_SENT, THROTTLED, TOKEN_REFUSED])
def test_a_send_that_was_not_carried_out_is_none(failure):
    """What is repeated from memory then was stored by somebody else."""
    transport = ScriptedTransport(failure, replayed(created()))

    assert not make_session(transport).send(POST).sent_before


def test_troubles_of_every_kind_in_one_request_are_counted_apart():
    clock = FakeClock()
    transport = ScriptedTransport(NOT_SENT, THROTTLED, TOKEN_REFUSED, CUT, KEY_RUNNING, created())
    session = make_session(transport, clock, max_retries=2)

    assert session.send(POST).sent_before
    assert (session.traffic.requests, session.traffic.retries) == (6, 2)
    assert session.traffic.waited_seconds == pytest.approx(clock.waits[1] + clock.waits[3])


def test_what_no_attempt_can_mend_is_passed_on():
    def untrusted(_):
        raise ConfigurationError("certificate")

    with pytest.raises(ConfigurationError, match="certificate"):
        make_session(ScriptedTransport(untrusted)).send(POST)


def test_a_record_that_somebody_else_writes_is_tried_again_and_refused_when_it_stays_locked():
    locked = refused(409, "The record is locked by another process")

    transport = ScriptedTransport(locked, locked, created())
    assert make_session(transport).send(POST).status == 201

    transport = ScriptedTransport(locked, locked)
    assert make_session(transport, max_retries=1).send(POST).status == 409

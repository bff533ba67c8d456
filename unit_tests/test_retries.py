"""What a session sends, what it sends again, how long it waits in between, and what is reported of it."""

import contextlib
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
from markdown_page import TROUBLESHOOTING_PAGE, section

from destination_sage_intacct.intacct.adaptive_limit import Limiter
from destination_sage_intacct.intacct.auth import FixedToken
from destination_sage_intacct.intacct.classify import Answer
from destination_sage_intacct.intacct.clock import StoppedError
from destination_sage_intacct.intacct.errors import AuthenticationError, OutageError
from destination_sage_intacct.intacct.session import Request, Session

PATH = f"/objects/{CUSTOMER}"
NOT_JSON = "a body that is not JSON"
LOCKED = refused(409, "The record is locked by another process")


def scripted(*script, **settings):
    """A session whose requests have these answers, with its transport and its clock."""
    transport, clock = ScriptedTransport(*script), FakeClock()
    return make_session(transport, clock, **settings), transport, clock


def outage(*script, **settings):
    """What is said when these answers end a request, and what was waited."""
    session, transport, clock = scripted(*script, **settings)
    with pytest.raises(OutageError) as caught:
        session.send(POST)
    assert transport.is_used_up
    return str(caught.value), clock.waits


def test_a_request_goes_out_whole_and_what_is_not_set_is_not_sent():
    session, transport, _ = scripted(created(), created())
    replace(session, entity="100").send(POST)
    session.send(Request("GET", "/services/core/model", parameters="?name=x"))

    post, get = transport.requests
    assert (post.method, post.url, post.body, post.token) == ("POST", f"{BASE_URL}{PATH}", POST.body, "token-0")
    assert post.headers == {
        "Accept": "application/json",
        "Content-Type": "application/json",
        "X-IA-API-Param-Entity": "100",
        "Idempotency-Key": "key-1",
    }
    assert (get.url, get.body) == (f"{BASE_URL}/services/core/model?name=x", None)
    assert get.headers == {"Accept": "application/json"}
    assert "Starluck" not in repr(POST)


@pytest.mark.parametrize("answer", [created(), *(refused(status, "no") for status in (400, 403, 404, 405, 413, 422))])
def test_a_final_answer_is_given_as_it_came(answer):
    session, _, clock = scripted(answer)
    given = session.send(POST)
    assert (given.status, given.payload, given.sent_before) == (answer.status, answer.payload, False)
    assert clock.waits == []
    assert (session.traffic.requests, session.traffic.retries) == (1, 0)


@pytest.mark.parametrize(
    "failure",
    [
        NOT_SENT,
        CUT,
        *(Answer(status) for status in (302, 500, 503, 504, 524)),
        Answer(502, unreadable=NOT_JSON),
        Answer(201, unreadable=NOT_JSON),
    ],
)
def test_what_may_pass_is_sent_again_under_the_same_key(failure):
    session, transport, clock = scripted(failure, failure, created())
    assert session.send(POST).status == 201
    assert transport.idempotency_keys == ["key-1"] * 3
    assert {request.body for request in transport.requests} == {POST.body}
    first, second = clock.waits
    assert 0.5 <= first <= 1 <= second <= 2
    assert (session.traffic.requests, session.traffic.retries) == (3, 2)


@pytest.mark.parametrize(
    ("failure", "why"),
    [
        (NOT_SENT, "the host refused the connection"),
        (CUT, "the connection was cut before the answer was complete"),
        (refused(500, "Unable to process request.", "GW-0001"), "HTTP 500, Unable to process request"),
        (Answer(502, unreadable=NOT_JSON), f"HTTP 502 with {NOT_JSON}, not an answer of Sage Intacct"),
        (Answer(302), "HTTP 302 with no body, not an answer of Sage Intacct"),
    ],
)
def test_a_failure_that_does_not_pass_is_an_outage(failure, why):
    said, _ = outage(failure, failure, failure, max_retries=2)
    assert said.startswith(f"Sage Intacct did not answer POST {PATH} in 3 attempts: {why}. Check that {BASE_URL} (")
    assert f"POST {PATH} in 1 attempt: {why}" in outage(failure, max_retries=0)[0]


@pytest.mark.parametrize("refusal", [TOKEN_REFUSED, refused(400, "The token is not valid", error_id="REST-1206")])
def test_a_refused_token_is_renewed_and_the_request_sent_again_each_time(refusal):
    session, transport, clock = scripted(refusal, created(), refusal, created(), max_retries=0)
    assert [session.send(POST).status, session.send(POST).status] == [201, 201]
    assert [request.token for request in transport.requests] == ["token-0", "token-1", "token-1", "token-2"]
    assert clock.waits == []
    assert (session.traffic.requests, session.traffic.retries) == (4, 0)


def test_a_token_that_is_refused_anew_or_cannot_be_renewed_ends_the_run():
    session, _, clock = scripted(TOKEN_REFUSED, TOKEN_REFUSED)
    with pytest.raises(AuthenticationError, match=r"^Sage Intacct refused a token that it had issued a moment before"):
        session.send(POST)
    fixed = Session(BASE_URL, ScriptedTransport(TOKEN_REFUSED), FixedToken("x"), clock, Limiter(6, clock), 3)
    with pytest.raises(AuthenticationError, match="nothing to renew it with"):
        fixed.send(POST)


@pytest.mark.parametrize(
    ("failure", "stored", "sent_before"),
    [
        (Answer(500), replayed(refused(500, "Internal error")), True),  # it is not asked for again
        # What is repeated from memory after a send that was not carried out was stored by somebody else.
        *((failure, replayed(created()), False) for failure in (NOT_SENT, THROTTLED, TOKEN_REFUSED)),
    ],
)
def test_a_stored_answer_is_final_and_says_whether_the_request_was_sent_before(failure, stored, sent_before):
    answer = scripted(failure, stored)[0].send(POST)
    assert (answer.status, answer.is_stored, answer.sent_before) == (stored.status, True, sent_before)


def test_troubles_of_every_kind_in_one_request_are_counted_apart():
    session, _, clock = scripted(NOT_SENT, THROTTLED, TOKEN_REFUSED, CUT, KEY_RUNNING, created(), max_retries=2)
    assert session.send(POST).sent_before
    assert (session.traffic.requests, session.traffic.retries) == (6, 2)
    assert session.traffic.waited_seconds == pytest.approx(clock.waits[1] + clock.waits[3])


@pytest.mark.parametrize(("script", "status"), [([LOCKED, created()], 201), ([LOCKED, LOCKED], 409)])
def test_a_record_that_somebody_else_writes_is_tried_again_and_refused_when_it_stays_locked(script, status):
    assert scripted(*script, max_retries=1)[0].send(POST).status == status


# -- waits for the server ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "seconds"), [(THROTTLED, 5.0), (Answer(503, {"x-ia-throttle-limit-retry-after": "4"}), 4.0)]
)
def test_a_throttled_request_waits_as_long_as_the_server_says_and_spends_no_retry(answer, seconds):
    session, transport, clock = scripted(*[answer] * 10, created(), max_retries=0)
    assert session.send(POST).status == 201
    assert (len(transport.requests), clock.waits) == (11, [seconds] * 10)
    assert (session.traffic.retries, session.traffic.waited_seconds) == (0, 10 * seconds)


def test_a_throttled_request_without_a_hint_waits_longer_each_time():
    session, _, clock = scripted(*[Answer(429)] * 3, created())
    session.send(POST)
    first, second, third = clock.waits
    assert 0.5 <= first <= 1 <= second <= 2 <= third <= 4


@pytest.mark.parametrize("value", ["0", "Sun, 01 Jan 2023 00:00:00 GMT"])
def test_a_wait_of_zero_neither_hammers_the_server_nor_lasts_for_ever(value):
    session, _, clock = scripted(*[Answer(429, {"retry-after": value})] * 200)
    with pytest.raises(OutageError):
        session.send(POST)
    assert min(clock.waits) >= 0.5
    assert len(clock.waits) < 100


def test_waits_are_limited_for_each_request():
    said, waits = outage(*[THROTTLED] * 4, wait_budget=15.0)
    assert f"limits the requests of this company and asked POST {PATH} to wait longer than 15 seconds in all." in said
    assert waits == [5.0] * 3
    session, _, _ = scripted(THROTTLED, created(), THROTTLED, created(), wait_budget=5.0)
    assert [session.send(POST).status, session.send(POST).status] == [201, 201]


def test_while_the_first_attempt_still_runs_the_same_key_is_asked_again():
    session, transport, clock = scripted(CUT, KEY_RUNNING, KEY_RUNNING, replayed(created()), max_retries=1)
    answer = session.send(POST)
    assert (answer.is_stored, answer.sent_before) == (True, True)
    assert transport.idempotency_keys == ["key-1"] * 4
    assert session.traffic.retries == 1
    assert session.traffic.waited_seconds == sum(clock.waits[1:])


def test_a_key_that_stays_taken_beyond_any_request_is_the_answer():
    session, _, clock = scripted(*[KEY_RUNNING] * 100)
    assert session.send(POST).status == 409
    assert 840 <= sum(clock.waits) <= 900


@pytest.mark.parametrize("seconds", ["901", "3600"])
def test_a_wait_beyond_the_budget_is_slept_neither_by_its_request_nor_by_another(seconds):
    session, _, clock = scripted(Answer(429, {"retry-after": seconds}), created())
    with pytest.raises(OutageError, match="longer than 900 seconds"):
        session.send(POST)
    assert session.send(POST).is_ok
    assert clock.waits == []


@pytest.mark.parametrize("trouble", [CUT, THROTTLED, KEY_RUNNING])
def test_a_stop_ends_every_wait_and_nothing_is_sent_after_it(trouble):
    def stop_meanwhile(_):
        clock.stop()
        return trouble

    session, transport, clock = scripted(stop_meanwhile, created())
    for _ in range(2):
        with pytest.raises(StoppedError):
            session.send(POST)
    assert (clock.waits, len(transport.requests)) == ([], 1)


def test_pauses_are_spread_so_that_connectors_do_not_knock_in_step():
    pauses = set()
    for _ in range(20):
        session, _, clock = scripted(CUT, created())
        session.send(POST)
        pauses |= set(clock.waits)
    assert len(pauses) > 10


LIMITED = "Sage Intacct limits the requests of this company (HTTP {}), and no request is sent meanwhile"
RUNNING = "Sage Intacct is still working on an earlier attempt of a request"
SIGNING_IN = "signing in to Sage Intacct failed ({}) and is tried again then"


def reported_waits(*script):
    """What is reported of the waits of one request, each with how many waits were over then; and the waits."""
    session, _, clock = scripted(*script)
    reported = []
    with contextlib.suppress(OutageError):
        replace(session, waits=lambda *wait: reported.append((*wait, len(clock.waits)))).send(POST)
    return reported, clock.waits


AGAIN = "a request failed ({}) and is sent again then"


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (THROTTLED, LIMITED.format(429)),
        (Answer(503, {"x-ia-throttle-limit-retry-after": "5"}), LIMITED.format(503)),
        (KEY_RUNNING, RUNNING),
        (refused(503, "the value 4711 broke it"), AGAIN.format("HTTP 503")),
        (CUT, AGAIN.format(CUT.reason)),
        (NOT_SENT, AGAIN.format(NOT_SENT.reason)),
    ],
)
def test_a_wait_is_reported_with_its_reason_as_it_begins_and_with_nothing_that_a_row_holds(answer, reason):
    reported, waits = reported_waits(answer, created())
    assert reported == [(reason, waits[0], 0)]


def test_a_wait_that_nobody_sleeps_is_reported_as_none():
    reported, _ = reported_waits(refused(429, "too many", retry_after="901"))
    assert reported == [(LIMITED.format(429), 0.0, 0)]


def test_each_change_of_the_limit_is_reported_and_nothing_else():
    reported = []
    limiter = Limiter(3, FakeClock(), changed=lambda *change: reported.append(change))
    with limiter.slot() as first, limiter.slot() as second:
        limiter.succeeded(first)
        limiter.succeeded(second)
    assert (reported, limiter.in_flight) == ([(2, 3)], 0)

    with limiter.slot() as slot:
        assert limiter.in_flight == 1
        limiter.back_pressure(slot, 5.0)
    assert reported == [(2, 3), (3, 1)]


@pytest.mark.parametrize("reason", [LIMITED, AGAIN, RUNNING, SIGNING_IN])
def test_each_reason_for_a_wait_is_on_the_page_for_people(reason):
    assert f"`Waiting … seconds: {reason.format('…')}.`" in section(TROUBLESHOOTING_PAGE, "Errors during a sync")

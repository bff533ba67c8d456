"""Which waits are reported as they begin, and with which reason; changes of the limit are reported too."""

import contextlib
from dataclasses import replace

import pytest
from fakes import (
    BASE_URL,
    CUT,
    KEY_RUNNING,
    NOT_SENT,
    POST,
    THROTTLED,
    FakeClock,
    ScriptedTransport,
    created,
    make_session,
    refused,
)
from markdown_page import TROUBLESHOOTING_PAGE, section

from destination_sage_intacct.intacct.adaptive_limit import Limiter
from destination_sage_intacct.intacct.auth import TokenEndpoint
from destination_sage_intacct.intacct.classify import Answer
from destination_sage_intacct.intacct.errors import OutageError

LIMITED = "Sage Intacct limits the requests of this company (HTTP {}), and no request is sent meanwhile"
RUNNING = "Sage Intacct still works on an earlier attempt of a request"
SIGNING_IN = "signing in to Sage Intacct failed ({}) and is tried again then"


def reported_waits(*script):
    """What is reported of the waits of one request, each with how many waits were over then."""
    clock, reported = FakeClock(), []
    session = make_session(ScriptedTransport(*script), clock)
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


def test_a_wait_before_the_next_attempt_to_sign_in_is_reported():
    clock, reported = FakeClock(), []
    script = [Answer(429, {"retry-after": "45"}), CUT, Answer(200, {}, {"access_token": "token", "expires_in": 43200})]
    endpoint = TokenEndpoint(BASE_URL, ScriptedTransport(*script), clock, 3, lambda *wait: reported.append(wait))
    endpoint.client_credentials("client", "secret", "user@company")
    assert reported == [(SIGNING_IN.format("HTTP 429"), 45.0), (SIGNING_IN.format(CUT.reason), clock.waits[1])]


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

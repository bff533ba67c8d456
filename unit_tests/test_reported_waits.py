"""Which waits are reported as they begin, and with which reason; changes of the limit are reported too."""

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
AGAIN = "a request failed ({}) and is sent again then"


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (THROTTLED, LIMITED.format(429)),
        (Answer(503, {"x-ia-throttle-limit-retry-after": "5"}), LIMITED.format(503)),
        (KEY_RUNNING, "Sage Intacct is still working on an earlier attempt of a request"),
        (refused(503, "the value 4711 broke it"), AGAIN.format("HTTP 503")),
        (CUT, AGAIN.format(CUT.reason)),
        (NOT_SENT, AGAIN.format(NOT_SENT.reason)),
    ],
)
def test_a_wait_is_reported_with_its_reason_as_it_begins_and_with_nothing_that_a_row_holds(answer, reason):
    clock, reported = FakeClock(), []
    session = make_session(ScriptedTransport(answer, created()), clock)
    session = replace(session, waits=lambda *wait: reported.append((*wait, len(clock.waits))))

    session.send(POST)

    assert reported == [(reason, clock.waits[0], 0)]


def test_a_wait_that_nobody_sleeps_is_reported_as_none():
    reported = []
    session = make_session(ScriptedTransport(refused(429, "too many", retry_after="901")))

    with pytest.raises(OutageError):
        replace(session, waits=lambda _reason, seconds: reported.append(seconds)).send(POST)

    assert reported == [0.0]


def test_a_wait_before_the_next_attempt_to_sign_in_is_reported():
    clock, reported = FakeClock(), []
    granted = Answer(200, {}, {"access_token": "token", "expires_in": 43200})
    script = [Answer(429, {"retry-after": "45"}), CUT, granted]
    endpoint = TokenEndpoint(BASE_URL, ScriptedTransport(*script), clock, 3, lambda *wait: reported.append(wait))

    endpoint.client_credentials("client", "secret", "user@company")

    said = "signing in to Sage Intacct failed ({}) and is tried again then"
    assert reported == [(said.format("HTTP 429"), 45.0), (said.format(CUT.reason), clock.waits[1])]


def test_each_change_of_the_limit_is_reported_and_nothing_else():
    reported = []
    limiter = Limiter(3, FakeClock(), changed=lambda *change: reported.append(change))

    def in_pairs() -> None:
        with limiter.slot() as first, limiter.slot() as second:
            limiter.succeeded(first)
            limiter.succeeded(second)

    in_pairs()
    assert (reported, limiter.in_flight) == ([(2, 3)], 0)
    with limiter.slot() as slot:
        assert limiter.in_flight == 1
        limiter.back_pressure(slot, 5.0)

    assert reported == [(2, 3), (3, 1)]


@pytest.mark.parametrize(
    "reason",
    [
        LIMITED.format("…"),
        AGAIN.format("…"),
        "Sage Intacct is still working on an earlier attempt of a request",
        "signing in to Sage Intacct failed (…) and is tried again then",
    ],
)
def test_each_reason_for_a_wait_is_on_the_page_for_people(reason):
    assert f"`Waiting … seconds: {reason}.`" in section(TROUBLESHOOTING_PAGE, "Errors during a sync")

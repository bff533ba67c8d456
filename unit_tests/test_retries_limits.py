"""What the transport asks of the limiter, what it hands back, and the accounts that it keeps."""

import contextlib
import threading
from dataclasses import replace

import pytest
from fakes import (
    BASE_URL,
    CUT,
    KEY_RUNNING,
    NOT_SENT,
    POST,
    THROTTLED,
    TOKEN_REFUSED,
    CountedTokens,
    FakeClock,
    ScriptedTransport,
    created,
    in_threads,
    make_session,
)

from destination_sage_intacct.intacct.adaptive_limit import Limiter
from destination_sage_intacct.intacct.classify import Answer
from destination_sage_intacct.intacct.errors import OutageError
from destination_sage_intacct.intacct.session import Session, Traffic

BATCH = replace(POST, divisible=True)


def limited(transport, ceiling=6, clock=None, tokens=None, max_retries=3):
    """A session of a limiter of its own, which begins with two places; with the limiter and the clock."""
    clock = clock or FakeClock()
    limiter = Limiter(ceiling, clock)
    return Session(BASE_URL, transport, tokens or CountedTokens(), clock, limiter, max_retries), limiter, clock


class Meeting:
    """Answers only when as many requests as wanted are in flight together."""

    def __init__(self, requests, answer):
        self._all_here = threading.Barrier(requests)
        self._answer = answer

    def __call__(self, _request):
        self._all_here.wait()
        return self._answer


class WatchedClock(FakeClock):
    """Calls a function whenever someone begins to wait."""

    def __init__(self, watch):
        super().__init__()
        self._watch = watch

    def sleep(self, seconds):
        self._watch()
        super().sleep(seconds)


@pytest.mark.parametrize("before", [[], [NOT_SENT], [TOKEN_REFUSED]])
def test_a_batch_refused_for_now_while_it_is_alone_is_handed_back_unless_it_may_have_landed(before):
    transport = ScriptedTransport(*before, THROTTLED)
    answer = make_session(transport).send(BATCH)
    assert (answer.status, answer.sent_before) == (429, False)
    assert transport.is_used_up


def test_what_is_sent_after_a_batch_was_handed_back_waits_for_the_server():
    clock = FakeClock()
    session = make_session(ScriptedTransport(THROTTLED, created()), clock)
    session.send(BATCH)
    assert clock.waits == []

    counted = replace(session, traffic=Traffic())
    counted.send(POST)
    assert clock.waits == [5.0]
    assert counted.traffic.waited_seconds == 5.0


@pytest.mark.parametrize(
    "script",
    [
        [Answer(503, {"retry-after": "4"})],
        *([before, THROTTLED] for before in (CUT, Answer(500), KEY_RUNNING, Answer(207, unreadable="no JSON"))),
    ],
)
def test_a_batch_that_may_have_landed_is_sent_again(script):
    assert make_session(ScriptedTransport(*script, created())).send(BATCH).status == 201


def test_a_batch_refused_while_another_request_is_in_flight_waits_and_is_sent_again():
    def other_ends(_request):
        in_flight.close()
        return THROTTLED

    session, limiter, clock = limited(ScriptedTransport(other_ends, created()))
    with contextlib.ExitStack() as in_flight:
        in_flight.enter_context(limiter.slot())
        assert session.send(BATCH).status == 201
    assert clock.waits == [5.0]


def test_an_answer_that_is_not_whole_is_asked_for_again_under_the_same_key():
    parts = [Answer(207, {}, {"ia::result": []})] * 4
    request = replace(POST, is_whole=lambda answer: answer.payload["ia::result"] == [1])
    transport = ScriptedTransport(parts[0], Answer(207, {}, {"ia::result": [1]}))
    answer = make_session(transport).send(request)

    assert (answer.payload, answer.sent_before) == ({"ia::result": [1]}, True)
    assert transport.idempotency_keys == ["key-1", "key-1"]
    with pytest.raises(OutageError, match="HTTP 207 with an answer that does not cover everything that was sent"):
        make_session(ScriptedTransport(*parts)).send(request)


def test_an_answer_holds_how_long_the_last_exchange_took():
    clock, exchanges = FakeClock(), iter([(40.0, CUT), (2.5, created())])

    def slow(_request):
        seconds, outcome = next(exchanges)
        clock.time += seconds
        return outcome

    assert make_session(slow, clock).send(POST).seconds == 2.5


def test_a_request_that_waits_or_fails_for_good_holds_no_slot():
    places = []

    def take_the_only_one():
        with limiter.slot() as slot:
            places.append(slot.number)

    def break_off(_request):
        raise ZeroDivisionError

    transport = ScriptedTransport(break_off, CUT, KEY_RUNNING, created())
    session, limiter, _ = limited(transport, 1, WatchedClock(take_the_only_one))
    with pytest.raises(ZeroDivisionError):
        session.send(POST)
    assert session.send(POST).status == 201
    assert places == [1, 1]


def test_a_token_that_expires_while_a_request_waits_is_not_sent():
    tokens, transport = CountedTokens(), ScriptedTransport(THROTTLED, created())
    expiring = WatchedClock(lambda: tokens.renew(tokens.current()))
    limited(transport, clock=expiring, tokens=tokens)[0].send(POST)
    assert [request.token for request in transport.requests] == ["token-0", "token-1"]


def test_successes_raise_the_limit_and_refusals_for_now_lower_it():
    session, limiter, _ = limited(Meeting(2, created()))
    in_threads(*[lambda: session.send(POST)] * 2)
    assert limiter.limit == 4
    replace(session, transport=ScriptedTransport(THROTTLED, created())).send(POST)
    assert limiter.limit == 1


@pytest.mark.parametrize("failure", [CUT, NOT_SENT, Answer(500), Answer(207, unreadable="no JSON")])
def test_failures_leave_the_limit_alone(failure):
    session, limiter, _ = limited(Meeting(2, failure), max_retries=0)
    outages = []

    def fail():
        with pytest.raises(OutageError):
            session.send(POST)
        outages.append(True)

    in_threads(fail, fail)
    assert outages == [True, True]
    assert limiter.limit == 2


def test_who_waits_because_another_request_was_refused_is_charged_for_the_time_and_not_for_the_budget():
    session, limiter, clock = limited(ScriptedTransport(created()))
    with limiter.slot() as slot:
        limiter.back_pressure(slot, 3600.0)
    assert session.send(POST).status == 201
    assert clock.waits == [3600.0]
    assert session.traffic.waited_seconds == 3600.0


def test_an_account_counts_right_from_many_threads():
    account = Traffic()

    def count():
        for number in reversed(range(2000)):
            account.add(requests=1, retries=2, transactions=3, waited_seconds=0.5)
            account.saw_in_flight(number)

    in_threads(*[count] * 8)

    assert (account.requests, account.retries, account.transactions) == (16_000, 32_000, 48_000)
    assert (account.waited_seconds, account.most_in_flight) == (8000.0, 1999)

import contextlib

import pytest
from fakes import (
    CUSTOMER,
    CUT,
    KEY_RUNNING,
    POST,
    THROTTLED,
    FakeClock,
    ScriptedTransport,
    created,
    make_session,
    replayed,
)

from destination_sage_intacct.intacct.classify import Answer
from destination_sage_intacct.intacct.clock import StoppedError
from destination_sage_intacct.intacct.errors import OutageError

PATH = f"/objects/{CUSTOMER}"


def test_a_throttled_request_waits_as_long_as_the_server_says_and_spends_no_retry():
    transport = ScriptedTransport(*[THROTTLED] * 10, created())
    clock = FakeClock()
    session = make_session(transport, clock, max_retries=0)

    assert session.send(POST).status == 201
    assert len(transport.requests) == 11
    assert clock.waits == [5.0] * 10
    assert (session.traffic.retries, session.traffic.waited_seconds) == (0, 50.0)


def waits(*script, **settings):
    """The seconds that are waited while a request has these answers."""
    clock = FakeClock()
    with contextlib.suppress(OutageError):
        make_session(ScriptedTransport(*script), clock, **settings).send(POST)
    return clock.waits


def test_a_throttled_request_without_a_hint_waits_longer_each_time():
    first, second, third = waits(*[Answer(429)] * 3, created())

    assert 0.5 <= first <= 1 <= second <= 2 <= third <= 4


@pytest.mark.parametrize("value", ["0", "Sun, 01 Jan 2023 00:00:00 GMT"])
def test_a_wait_of_zero_neither_hammers_the_server_nor_lasts_for_ever(value):
    clock = FakeClock()
    transport = ScriptedTransport(*[Answer(429, {"retry-after": value})] * 200)

    with pytest.raises(OutageError):
        make_session(transport, clock).send(POST)

    assert min(clock.waits) >= 0.5
    assert len(clock.waits) < 100


def test_a_503_with_a_throttle_header_waits_too():
    assert waits(Answer(503, {"x-ia-throttle-limit-retry-after": "4"}), created(), max_retries=0) == [4.0]


def test_waits_are_limited_in_all():
    transport = ScriptedTransport(*[THROTTLED] * 4)
    clock = FakeClock()

    with pytest.raises(OutageError) as caught:
        make_session(transport, clock, wait_budget=15.0).send(POST)

    assert clock.waits == [5.0] * 3
    assert str(caught.value) == (
        f"Sage Intacct limits the requests of this company and asked POST {PATH} to wait longer than 15 seconds in "
        "all. Too many integrations may share the company: run this sync at another time, or ask Sage for a higher "
        "concurrency limit."
    )


def test_each_request_has_its_own_budget():
    clock = FakeClock()
    transport = ScriptedTransport(THROTTLED, created(), THROTTLED, created())
    session = make_session(transport, clock, wait_budget=5.0)

    assert [session.send(POST).status, session.send(POST).status] == [201, 201]


def test_while_the_first_attempt_still_runs_the_same_key_is_asked_again():
    clock = FakeClock()
    transport = ScriptedTransport(CUT, KEY_RUNNING, KEY_RUNNING, replayed(created()))
    session = make_session(transport, clock, max_retries=1)

    answer = session.send(POST)

    assert answer.is_stored
    assert answer.sent_before
    assert transport.idempotency_keys == ["key-1"] * 4
    assert session.traffic.retries == 1
    assert session.traffic.waited_seconds == sum(clock.waits[1:])


def test_a_key_that_stays_taken_beyond_any_request_is_told_to_who_asked():
    clock = FakeClock()
    session = make_session(ScriptedTransport(*[KEY_RUNNING] * 100), clock)

    answer = session.send(POST)

    assert answer.status == 409
    assert 840 <= sum(clock.waits) <= 900


@pytest.mark.parametrize("seconds", ["901", "3600"])
def test_a_wait_beyond_the_budget_is_slept_neither_by_its_request_nor_by_another(seconds):
    clock = FakeClock()
    session = make_session(ScriptedTransport(Answer(429, {"retry-after": seconds}), created()), clock)

    with pytest.raises(OutageError, match="longer than 900 seconds"):
        session.send(POST)

    assert session.send(POST).is_ok
    assert clock.waits == []


@pytest.mark.parametrize("trouble", [CUT, THROTTLED, KEY_RUNNING])
def test_a_stop_ends_every_wait(trouble):
    clock = FakeClock()

    def stop_meanwhile(_):
        clock.stopped = True
        return trouble

    with pytest.raises(StoppedError):
        make_session(ScriptedTransport(stop_meanwhile), clock).send(POST)

    assert clock.waits == []


def test_after_a_stop_nothing_is_sent():
    clock = FakeClock()
    clock.stopped = True
    transport = ScriptedTransport(created())

    with pytest.raises(StoppedError):
        make_session(transport, clock).send(POST)

    assert transport.requests == []


def test_pauses_are_spread_so_that_connectors_do_not_knock_in_step():
    assert len({waits(CUT, created())[0] for _ in range(20)}) > 10

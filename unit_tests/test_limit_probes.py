"""Asking for more than was refused, and leaving room for others."""

import itertools

import pytest
from limit_simulation import ALONE, Sending, most_tried


def refused_alone(held, wait=1.0, **settings):
    """Return a connector that knows to be alone and was refused beyond `held` requests, after the wait."""
    sending = Sending(**settings)
    sending.now = ALONE
    sending.climb_to(held + 1)
    sending.fill()
    sending.refuse(seconds=wait)
    sending.answer_all()
    sending.now += min(wait, 5.0)
    return sending


@pytest.mark.parametrize(("chance", "seconds", "more"), [(0.0, 8.5, 1.5), (0.99, 13.0, 2.0)])
def test_one_more_is_tried_when_the_time_has_come_and_no_sooner(chance, seconds, more):
    sending = refused_alone(4, chance=chance)

    assert most_tried(sending, seconds) == 4
    assert most_tried(sending, more) == 5


def test_who_waited_long_without_use_tries_only_one_more():
    sending = refused_alone(4, ceiling=20)
    most_tried(sending, seconds=8.0)
    sending.now += 3600.0

    assert most_tried(sending, seconds=5.0) == 5


@pytest.mark.parametrize(("held", "left"), [(1, 1), (2, 2), (6, 5)])
def test_a_refused_try_leaves_one_place_open_for_a_while_but_not_of_a_small_tenant(held, left):
    sending = refused_alone(held, ceiling=20)
    most_tried(sending, seconds=8.0)
    sending.now += 3600.0
    sending.rounds_while(held)
    sending.fill()
    sending.refuse()

    assert sending.limit == left
    if left < held:
        sending.answer_all()
        sending.now += 1.0
        assert [most_tried(sending, 1.0), most_tried(sending, 2.0)] == [left, held]


@pytest.mark.parametrize(("wait", "off", "tried"), [(5.0, 44.0, 4), (5.0, 46.0, 5), (100.0, 30.0, 5)])
def test_a_costly_wait_puts_the_next_try_off_but_not_for_ever(wait, off, tried):
    sending = refused_alone(4, wait=wait)

    assert most_tried(sending, off) == tried


def opened_at(sending, seconds):
    """When a place was left open, to the half second, while every request is answered at once."""
    moments = []
    for _ in range(int(seconds / 0.5)):
        before = sending.limit
        sending.round()
        if sending.limit < before:
            moments.append(sending.now)
        sending.now += 0.5
    return moments


def test_a_place_that_nobody_takes_is_left_open_ever_more_seldom_until_somebody_took_it():
    sending = Sending(ceiling=6)
    sending.climb_to(6)
    moments = opened_at(sending, seconds=300.0)
    sending.fill()
    sending.refuse()
    sending.answer_all()
    later = opened_at(sending, seconds=190.0)

    assert waits_between(moments)[:3] == [10.0, 20.0, 40.0]
    assert set(waits_between(moments)[3:]) == {40.0}
    assert waits_between(later)[-5:] == [10.0, 20.0, 40.0, 40.0, 40.0]


def waits_between(moments):
    return [later - earlier for earlier, later in itertools.pairwise(moments)]


def test_who_does_not_get_an_open_place_back_gives_more():
    sending = Sending(ceiling=6)
    sending.climb_to(6)
    sending.rounds_while(6)
    sending.now += 2.0
    sending.climb_to(6)
    sending.fill()
    sending.refuse()

    assert sending.limit == 4
    sending.now += 1.0
    sending.answer_all()
    assert most_tried(sending, seconds=8.0) == 4


@pytest.mark.parametrize("tries", [1, 2])
def test_a_place_that_was_open_for_a_moment_is_not_kept(tries):
    """Nor do two requests of one try win it; in the first minute somebody else may be there."""
    sending = Sending()
    sending.refused_beyond(3)
    kept = sending.limit
    sending.rounds_while(kept)
    sending.fill()
    if tries > 1:
        sending.answer()
        sending.fill()
        assert [slot.number for slot in sending.open].count(kept + 1) == tries
    sending.answer_all()

    assert sending.limit == kept
    sending.now += 0.5
    assert most_tried(sending, seconds=0.5) == kept
    assert most_tried(sending, seconds=2.0) == kept + 1


def test_each_place_is_won_by_two_tries_of_its_own_and_a_refused_one_does_not_count():
    sending = Sending()
    sending.refused_beyond(3)
    for refused in (False, True, False):
        kept = sending.limit
        sending.rounds_while(kept)
        sending.round()
        assert sending.limit == kept
        sending.rounds_while(kept)
        sending.fill()
        if refused:
            sending.refuse()
        sending.answer_all()
        assert (sending.limit == kept + 1) is not refused


def test_a_tenant_that_gives_less_than_long_ago_is_not_taken_for_shared():
    sending = Sending(ceiling=4)
    sending.now = ALONE
    sending.climb_to(4)
    sending.round()
    sending.now += 200.0
    for _ in range(3):
        sending.open.append(sending.adaptive.acquire(sending.now))
    sending.answer_all()
    for _ in range(4):
        sending.open.append(sending.adaptive.acquire(sending.now))
    sending.refuse()
    sending.answer_all()

    assert most_tried(sending, seconds=1.0) == 2
    assert most_tried(sending, seconds=2.0) == 3


def test_a_small_connector_that_is_alone_pauses_for_others_once_a_minute():
    sending = Sending(ceiling=2)
    waits = []
    for _ in range(600):
        waits.append(sending.fill())
        sending.answer_all()
        sending.now += 1.0

    assert 9 <= len([wait for wait in waits if wait]) <= 10
    assert sum(waits) <= 12.1

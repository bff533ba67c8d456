"""Asking for more than was refused, and leaving room for others."""

import itertools

import pytest
from limit_simulation import ALONE, Sending, most_tried


def test_what_was_refused_beyond_is_remembered():
    sending = Sending()
    sending.now = ALONE
    sending.refused_beyond(4)

    assert most_tried(sending, seconds=8.0) == 4


def test_one_more_is_tried_when_the_time_has_come_and_no_sooner():
    sending = Sending()
    sending.now = ALONE
    sending.refused_beyond(4)

    assert most_tried(sending, seconds=8.5) == 4
    assert most_tried(sending, seconds=1.5) == 5


def test_by_chance_one_more_is_tried_up_to_five_seconds_later():
    sending = Sending(chance=0.99)
    sending.now = ALONE
    sending.refused_beyond(4)

    assert most_tried(sending, seconds=13.0) == 4
    assert most_tried(sending, seconds=2.0) == 5


def test_who_waited_long_without_use_tries_only_one_more():
    sending = Sending(ceiling=20)
    sending.now = ALONE
    sending.refused_beyond(4)
    most_tried(sending, seconds=8.0)
    sending.now += 3600.0

    assert most_tried(sending, seconds=5.0) == 5


def test_a_refused_try_leaves_one_place_open_for_a_while():
    sending = Sending(ceiling=20)
    sending.now = ALONE
    sending.refused_beyond(6)
    most_tried(sending, seconds=8.0)
    sending.now += 3600.0
    sending.climb_to(7)
    sending.fill()
    sending.refuse()

    assert sending.limit == 5
    sending.answer_all()
    sending.now += 1.0
    assert most_tried(sending, seconds=1.0) == 5
    assert most_tried(sending, seconds=2.0) == 6


@pytest.mark.parametrize("held", [1, 2])
def test_a_refused_try_of_a_small_tenant_costs_no_place(held):
    sending = Sending()
    sending.now = ALONE
    sending.refused_beyond(held)
    most_tried(sending, seconds=8.0)
    sending.now += 3600.0
    sending.rounds_while(held)
    sending.fill()
    sending.refuse()

    assert sending.limit == held


def test_a_costly_wait_puts_the_next_try_off():
    sending = Sending()
    sending.now = ALONE
    sending.climb_to(5)
    sending.fill()
    sending.refuse(seconds=5.0)
    sending.answer_all()
    sending.now += 5.0

    assert most_tried(sending, seconds=44.0) == 4
    assert most_tried(sending, seconds=2.0) == 5


def test_a_very_long_wait_does_not_put_the_next_try_off_for_ever():
    sending = Sending()
    sending.now = ALONE
    sending.climb_to(5)
    sending.fill()
    sending.refuse(seconds=100.0)
    sending.answer_all()

    assert most_tried(sending, seconds=30.0) == 5


def test_at_its_ceiling_a_connector_leaves_one_place_open_from_time_to_time():
    sending = Sending(ceiling=6)
    sending.climb_to(6)
    limits = []
    for _ in range(60):
        sending.round()
        limits.append(sending.limit)
        sending.now += 0.5

    assert min(limits) == 5
    assert limits.count(5) <= 12


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


def test_a_place_that_nobody_takes_is_left_open_ever_more_seldom_but_never_given_up():
    sending = Sending(ceiling=6)
    sending.climb_to(6)
    moments = opened_at(sending, seconds=300.0)

    between = [later - earlier for earlier, later in itertools.pairwise(moments)]
    assert between[:3] == [10.0, 20.0, 40.0]
    assert set(between[3:]) == {40.0}


def test_a_place_that_somebody_took_is_left_open_often_again():
    sending = Sending(ceiling=6)
    sending.climb_to(6)
    opened_at(sending, seconds=300.0)
    sending.fill()
    sending.refuse()
    sending.answer_all()
    moments = opened_at(sending, seconds=190.0)

    between = [later - earlier for earlier, later in itertools.pairwise(moments)]
    assert between[-5:] == [10.0, 20.0, 40.0, 40.0, 40.0]


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


def test_a_place_that_was_open_for_a_moment_is_not_kept():
    sending = Sending()
    sending.refused_beyond(3)  # in the first minute, so somebody else may be there
    kept = sending.limit
    sending.rounds_while(kept)
    sending.round()

    assert sending.limit == kept
    sending.now += 0.5
    assert most_tried(sending, seconds=0.5) == kept
    assert most_tried(sending, seconds=2.0) == kept + 1


def test_two_requests_of_one_try_do_not_win_a_place():
    sending = Sending()
    sending.refused_beyond(3)
    kept = sending.limit
    sending.rounds_while(kept)
    sending.fill()
    sending.answer()
    sending.fill()
    assert [slot.number for slot in sending.open].count(kept + 1) == 2
    sending.answer_all()

    assert most_tried(sending, seconds=0.5) == kept


def test_each_place_is_won_by_two_tries_of_its_own():
    sending = Sending()
    sending.refused_beyond(3)
    for _ in range(2):
        kept = sending.limit
        sending.rounds_while(kept)
        sending.round()
        assert sending.limit == kept
        sending.rounds_while(kept)
        sending.round()
        assert sending.limit == kept + 1


def test_a_place_that_was_refused_at_the_second_try_is_tried_twice_again():
    sending = Sending()
    sending.refused_beyond(3)
    kept = sending.limit
    for second_try_is_refused in (True, False):
        sending.rounds_while(kept)
        sending.round()
        assert sending.limit == kept
        if second_try_is_refused:
            sending.rounds_while(kept)
            sending.fill()
            sending.refuse()
            sending.answer_all()


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

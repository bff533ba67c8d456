"""Asking for more than was refused, and leaving room for others."""

import itertools

import pytest
from limit_simulation import ALONE, SimulatedConnector, most_tried


def refused_alone(held, wait=1.0, **settings):
    """Return a connector that knows to be alone and was refused beyond `held` requests, after the wait."""
    connector = SimulatedConnector(**settings)
    connector.now = ALONE
    connector.climb_to(held + 1)
    connector.fill()
    connector.refuse(seconds=wait)
    connector.answer_all()
    connector.now += min(wait, 5.0)
    return connector


@pytest.mark.parametrize(("chance", "seconds", "more"), [(0.0, 8.5, 1.5), (0.99, 13.0, 2.0)])
def test_one_more_is_tried_when_the_time_has_come_and_no_sooner(chance, seconds, more):
    connector = refused_alone(4, chance=chance)
    assert most_tried(connector, seconds) == 4
    assert most_tried(connector, more) == 5


def test_who_waited_long_without_use_tries_only_one_more():
    connector = refused_alone(4, ceiling=20)
    most_tried(connector, seconds=8.0)
    connector.now += 3600.0
    assert most_tried(connector, seconds=5.0) == 5


@pytest.mark.parametrize(("held", "left"), [(1, 1), (2, 2), (6, 5)])
def test_a_refused_try_leaves_one_place_open_for_a_while_but_not_of_a_small_tenant(held, left):
    connector = refused_alone(held, ceiling=20)
    most_tried(connector, seconds=8.0)
    connector.now += 3600.0
    connector.rounds_while(held)
    connector.fill()
    connector.refuse()

    assert connector.limit == left
    if left < held:
        connector.answer_all()
        connector.now += 1.0
        assert [most_tried(connector, 1.0), most_tried(connector, 2.0)] == [left, held]


@pytest.mark.parametrize(("wait", "off", "tried"), [(5.0, 44.0, 4), (5.0, 46.0, 5), (100.0, 30.0, 5)])
def test_a_costly_wait_puts_the_next_try_off_but_not_for_ever(wait, off, tried):
    connector = refused_alone(4, wait=wait)
    assert most_tried(connector, off) == tried


def opened_at(connector, seconds):
    """When a place was left open, to the half second, while every request is answered at once."""
    moments = []
    for _ in range(int(seconds / 0.5)):
        before = connector.limit
        connector.round()
        if connector.limit < before:
            moments.append(connector.now)
        connector.now += 0.5
    return moments


def test_a_place_that_nobody_takes_is_left_open_ever_more_seldom_until_somebody_took_it():
    connector = SimulatedConnector(ceiling=6)
    connector.climb_to(6)
    moments = opened_at(connector, seconds=300.0)
    connector.fill()
    connector.refuse()
    connector.answer_all()
    later = opened_at(connector, seconds=190.0)

    assert waits_between(moments)[:3] == [10.0, 20.0, 40.0]
    assert set(waits_between(moments)[3:]) == {40.0}
    assert waits_between(later)[-5:] == [10.0, 20.0, 40.0, 40.0, 40.0]


def waits_between(moments):
    return [later - earlier for earlier, later in itertools.pairwise(moments)]


def test_who_does_not_get_an_open_place_back_gives_more():
    connector = SimulatedConnector(ceiling=6)
    connector.climb_to(6)
    connector.rounds_while(6)
    connector.now += 2.0
    connector.climb_to(6)
    connector.fill()
    connector.refuse()

    assert connector.limit == 4
    connector.now += 1.0
    connector.answer_all()
    assert most_tried(connector, seconds=8.0) == 4


@pytest.mark.parametrize("tries", [1, 2])
def test_a_place_that_was_open_for_a_moment_is_not_kept(tries):
    """Nor do two requests of one try win it; in the first minute somebody else may be there."""
    connector = SimulatedConnector()
    connector.refused_beyond(3)
    kept = connector.limit
    connector.rounds_while(kept)
    connector.fill()
    if tries > 1:
        connector.answer()
        connector.fill()
        assert [slot.number for slot in connector.open].count(kept + 1) == tries
    connector.answer_all()

    assert connector.limit == kept
    connector.now += 0.5
    assert most_tried(connector, seconds=0.5) == kept
    assert most_tried(connector, seconds=2.0) == kept + 1


def test_each_place_is_won_by_two_tries_of_its_own_and_a_refused_one_does_not_count():
    connector = SimulatedConnector()
    connector.refused_beyond(3)
    for refused in (False, True, False):
        kept = connector.limit
        connector.rounds_while(kept)
        connector.round()
        assert connector.limit == kept
        connector.rounds_while(kept)
        connector.fill()
        if refused:
            connector.refuse()
        connector.answer_all()
        assert (connector.limit == kept + 1) is not refused


def test_a_tenant_that_gives_less_than_long_ago_is_not_taken_for_shared():
    connector = SimulatedConnector(ceiling=4)
    connector.now = ALONE
    connector.climb_to(4)
    connector.round()
    connector.now += 200.0
    for _ in range(3):
        connector.open.append(connector.adaptive.acquire(connector.now))
    connector.answer_all()
    for _ in range(4):
        connector.open.append(connector.adaptive.acquire(connector.now))
    connector.refuse()
    connector.answer_all()

    assert most_tried(connector, seconds=1.0) == 2
    assert most_tried(connector, seconds=2.0) == 3


def test_a_small_connector_that_is_alone_pauses_for_others_once_a_minute():
    connector = SimulatedConnector(ceiling=2)
    waits = []
    for _ in range(600):
        waits.append(connector.fill())
        connector.answer_all()
        connector.now += 1.0
    assert 9 <= len([wait for wait in waits if wait]) <= 10
    assert sum(waits) <= 12.1

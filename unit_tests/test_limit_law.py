"""More after successes, less after refusals, nothing before the server's time."""

import pytest
from limit_simulation import SimulatedConnector

from destination_sage_intacct.intacct.adaptive_limit import Slot
from destination_sage_intacct.intacct.classify import granted_slots


@pytest.mark.parametrize(("ceiling", "first"), [(1, 1), (2, 2), (6, 2), (20, 2)])
def test_the_first_requests_are_two_at_a_time(ceiling, first):
    assert SimulatedConnector(ceiling).limit == first


def test_a_taken_place_is_free_when_its_request_is_over():
    connector = SimulatedConnector()
    assert connector.fill() == 0.0
    assert len(connector.open) == 2
    connector.answer()
    assert connector.limit == 3
    assert [isinstance(connector.adaptive.acquire(connector.now), Slot) for _ in range(3)] == [True, True, False]


def limits_after_rounds(connector):
    limits = []
    for _ in range(3):
        connector.round()
        limits.append(connector.limit)
    return limits


def test_until_a_refusal_each_success_makes_one_place_more_up_to_the_ceiling():
    assert limits_after_rounds(SimulatedConnector(ceiling=7)) == [4, 7, 7]


def test_after_a_refusal_each_place_more_takes_a_round_of_its_own():
    connector = SimulatedConnector(ceiling=8)
    connector.now += 61.0  # nobody else seems to be there
    connector.climb_to(8)
    connector.fill()
    connector.refuse()
    connector.answer_all()
    connector.now += 3.0
    assert connector.limit == 5
    assert limits_after_rounds(connector) == [6, 7, 7]


@pytest.mark.parametrize(("hints", "limit"), [((4,), 4), ((9,), 6), ((1,), 2), ((-1,), 2), ((4, 6), 4), ((0, 6), 2)])
def test_the_first_hint_of_the_server_is_where_the_climb_begins_within_the_ceiling(hints, limit):
    connector = SimulatedConnector(ceiling=6)
    for hint in hints:
        connector.adaptive.hint(hint)
    assert connector.limit == limit
    connector.fill()
    connector.refuse()
    connector.adaptive.hint(6)
    assert connector.limit < max(limit, 2)  # after a refusal none is believed


def test_places_that_are_not_used_make_no_more():
    connector = SimulatedConnector()
    for _ in range(100):
        connector.open.append(connector.adaptive.acquire(connector.now))
        connector.answer()
    assert connector.limit == 2


def test_after_a_refusal_nobody_sends_before_the_servers_time():
    connector = SimulatedConnector()
    connector.fill()
    connector.refuse(seconds=7.0)
    assert connector.adaptive.acquire(6.5) == 0.5
    assert connector.adaptive.acquire(7.0) is None  # one place is left, and taken
    connector.refuse(seconds=1.0)
    assert connector.adaptive.acquire(0.0) == 7.0  # the later of two waits counts
    assert isinstance(connector.adaptive.acquire(7.0), Slot)


@pytest.mark.parametrize(("refusals", "left"), [(1, 7), (5, 7)])
def test_a_refusal_takes_a_share_of_the_places_and_one_wave_counts_once(refusals, left):
    connector = SimulatedConnector(ceiling=20)
    connector.climb_to(10)
    connector.fill()
    for _ in range(refusals):
        connector.refuse()

    assert connector.limit == left
    connector.answer_all()
    connector.now = 1.0
    connector.fill()
    connector.refuse()
    assert connector.limit == 4


@pytest.mark.parametrize("held", [0, 1])
def test_at_least_one_place_remains(held):
    connector = SimulatedConnector()
    connector.fill()
    while len(connector.open) > held:
        connector.refuse()
    assert connector.limit == 1


@pytest.mark.parametrize(
    ("granted", "remaining", "slots"),
    [
        ("6", "5", 4),
        ("6", "1", 1),
        ("6", "-1", -1),
        (" 8 ", "8", 6),
        *((odd, "5", None) for odd in (None, "", "LIMIT001-10", "6, 6", "1e3", "9" * 5_000)),
        ("6", None, None),
    ],
)
def test_two_of_what_the_headers_grant_are_left_to_others(granted, remaining, slots):
    """They are read as a hint, or not at all."""
    named = {"x-ia-throttle-limit": granted, "x-ia-throttle-limit-remaining": remaining}
    assert granted_slots({name: value for name, value in named.items() if value is not None}) == slots

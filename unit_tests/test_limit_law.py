"""More after successes, less after refusals, nothing before the server's time."""

import pytest
from limit_simulation import Sending

from destination_sage_intacct.intacct.adaptive_limit import Slot


@pytest.mark.parametrize(("ceiling", "first"), [(1, 1), (2, 2), (6, 2), (20, 2)])
def test_the_first_requests_are_two_at_a_time(ceiling, first):
    assert Sending(ceiling).limit == first


def test_a_taken_place_is_free_when_its_request_is_over():
    sending = Sending()

    assert sending.fill() == 0.0
    assert len(sending.open) == 2
    sending.answer()
    assert isinstance(sending.adaptive.acquire(sending.now), Slot)
    assert sending.adaptive.acquire(sending.now) is None


def test_as_many_successes_as_places_make_one_place_more_up_to_the_ceiling():
    sending = Sending(ceiling=4)
    limits = []
    for _ in range(11):
        sending.fill()
        sending.answer()
        sending.fill()
        limits.append(sending.limit)

    assert limits == [2, 3, 3, 3, 4, 4, 4, 4, 4, 4, 4]


def test_places_that_are_not_used_make_no_more():
    sending = Sending()
    for _ in range(100):
        sending.open.append(sending.adaptive.acquire(sending.now))
        sending.answer()

    assert sending.limit == 2


def test_after_a_refusal_nobody_sends_before_the_servers_time():
    sending = Sending()
    sending.fill()
    sending.refuse(seconds=7.0)

    assert sending.adaptive.acquire(6.5) == 0.5
    assert sending.adaptive.acquire(7.0) is None  # one place is left, and taken
    sending.refuse(seconds=1.0)
    assert sending.adaptive.acquire(0.0) == 7.0  # the later of two waits counts
    assert isinstance(sending.adaptive.acquire(7.0), Slot)


@pytest.mark.parametrize(("refusals", "left"), [(1, 7), (5, 7)])
def test_a_refusal_takes_a_share_of_the_places_and_one_wave_counts_once(refusals, left):
    sending = Sending(ceiling=20)
    sending.climb_to(10)
    sending.fill()
    for _ in range(refusals):
        sending.refuse()

    assert sending.limit == left
    sending.answer_all()
    sending.now = 1.0
    sending.fill()
    sending.refuse()
    assert sending.limit == 4


@pytest.mark.parametrize("held", [0, 1])
def test_at_least_one_place_remains(held):
    sending = Sending()
    sending.fill()
    while len(sending.open) > held:
        sending.refuse()

    assert sending.limit == 1

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
    assert sending.limit == 3
    assert [isinstance(sending.adaptive.acquire(sending.now), Slot) for _ in range(3)] == [True, True, False]


def test_until_a_refusal_each_success_makes_one_place_more_up_to_the_ceiling():
    sending = Sending(ceiling=7)
    limits = []
    for _ in range(3):
        sending.round()
        limits.append(sending.limit)

    assert limits == [4, 7, 7]


def test_after_a_refusal_each_place_more_takes_a_round_of_its_own():
    sending = Sending(ceiling=8)
    sending.now += 61.0  # nobody else seems to be there
    sending.climb_to(8)
    sending.fill()
    sending.refuse()
    sending.answer_all()
    sending.now += 3.0
    limits = [sending.limit]
    for _ in range(3):
        sending.round()
        limits.append(sending.limit)

    assert limits == [5, 6, 7, 7]


@pytest.mark.parametrize(("hints", "limit"), [((4,), 4), ((9,), 6), ((1,), 2), ((-1,), 2), ((4, 6), 4), ((0, 6), 2)])
def test_the_first_hint_of_the_server_is_where_the_climb_begins_within_the_ceiling(hints, limit):
    sending = Sending(ceiling=6)
    for hint in hints:
        sending.adaptive.hint(hint)

    assert sending.limit == limit


def test_a_hint_after_a_refusal_is_not_believed():
    sending = Sending(ceiling=6)
    sending.fill()
    sending.refuse()
    sending.adaptive.hint(6)

    assert sending.limit == 1


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
    assert isinstance(sending.adaptive.acquire(7.0), Slot) is False  # one place is left, and taken
    sending.answer()
    assert isinstance(sending.adaptive.acquire(7.0), Slot)


def test_the_later_of_two_waits_counts():
    sending = Sending()
    sending.fill()
    sending.refuse(seconds=9.0)
    sending.refuse(seconds=1.0)

    assert sending.adaptive.acquire(0.0) == 9.0


def test_a_refusal_takes_a_share_of_the_places():
    sending = Sending(ceiling=20)
    sending.climb_to(10)
    sending.fill()
    sending.refuse()

    assert sending.limit == 7


@pytest.mark.parametrize("held", [0, 1])
def test_at_least_one_place_remains(held):
    sending = Sending()
    sending.fill()
    while len(sending.open) > held:
        sending.refuse()

    assert sending.limit == 1


def test_refusals_of_one_wave_count_once():
    sending = Sending(ceiling=20)
    sending.climb_to(10)
    sending.fill()
    for _ in range(5):
        sending.refuse()

    assert sending.limit == 7


def test_a_refusal_after_the_wave_counts_again():
    sending = Sending(ceiling=20)
    sending.climb_to(10)
    sending.fill()
    sending.refuse()
    sending.answer_all()
    sending.now = 1.0
    sending.fill()
    sending.refuse()

    assert sending.limit == 4

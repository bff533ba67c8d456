"""How many of the writes that wait go into one request."""

import threading
from collections import deque
from types import SimpleNamespace

import pytest
from fakes import FakeClock

from destination_sage_intacct.delivery.actions import Create
from destination_sage_intacct.delivery.workers import Shares
from destination_sage_intacct.intacct.bulk import LARGEST_BODY_BYTES


def writes(count, size=10):
    return deque(SimpleNamespace(action=Create({}, b"x" * size), known_key="") for _ in range(count))


def shares(slots, waiting, clock=None):
    made = Shares(clock or FakeClock(), lambda: slots)
    made.add(waiting)
    return made


@pytest.mark.parametrize(
    ("slots", "waiting", "most", "sizes"),
    [
        (1, 120, 500, [120]),
        (2, 120, 500, [60, 60]),
        (2, 120, 50, [50, 50]),
        (6, 120, 500, [25, 25, 25, 25, 20]),
        (6, 1_200, 500, [200, 200, 200, 200, 200, 200]),
        (2, 5_000, 500, [500, 500]),
    ],
)
def test_each_request_holds_an_even_share_that_is_worth_a_request(slots, waiting, most, sizes):
    left, made = writes(waiting), shares(slots, waiting)
    assert [len(made.take(left, most)) for _ in sizes] == sizes


def test_what_other_groups_wait_with_counts_too():
    assert len(shares(2, 1_000).take(writes(400), 500)) == 400


def test_what_is_in_flight_is_expected_to_end_at_the_pace_of_the_last_request():
    clock, left = FakeClock(), writes(600)
    made = shares(2, 600, clock)
    first, second = made.take(left, 100), made.take(left, 100)
    clock.sleep(1.0)
    made.done(first)  # a hundred writes a second, so the other one is over

    assert len(made.take(left, 500)) == 200
    clock.sleep(1.0)
    made.done(second)
    assert len(made.take(left, 500)) == 175  # half of the 200 that wait, and of the 150 that are still to come


def test_a_request_ends_before_its_body_is_too_large_and_holds_one_write_at_least():
    assert len(shares(2, 5).take(writes(5, LARGEST_BODY_BYTES // 2), 500)) == 2
    assert len(shares(1, 1).take(writes(1, 2 * LARGEST_BODY_BYTES), 500)) == 1


def test_writes_to_one_record_stay_in_one_batch():
    left, made = deque(SimpleNamespace(action=None, known_key=key) for key in "12223"), shares(2, 5)
    assert [[write.known_key for write in made.take(left, 2)] for _ in range(2)] == [["1", "2", "2", "2"], ["3"]]


def test_who_finds_every_slot_taken_waits_until_one_is_free():
    left, made = writes(60), shares(1, 60)
    first = made.take(left, 30)
    later = []
    waiting = threading.Thread(target=lambda: later.append(len(made.take(left, 30))))
    waiting.start()
    waiting.join(0.2)
    assert later == []

    made.done(first)
    waiting.join(10.0)
    assert later == [30]


def test_while_there_is_plenty_one_more_is_taken_than_there_are_slots_but_not_before_the_first_answer():
    clock, left = FakeClock(), writes(400)
    made = shares(1, 400, clock)
    first = made.take(left, 100)
    clock.sleep(1.0)
    made.done(first)
    assert [len(made.take(left, 100)) for _ in range(2)] == [100, 100]


def test_nothing_is_taken_once_the_run_ends():
    clock = FakeClock()
    clock.stop()
    assert shares(1, 10, clock).take(writes(10), 5) == []

"""How many of the writes that wait go into one request."""

import threading
from types import SimpleNamespace

import pytest
from fakes import FakeClock

from destination_sage_intacct.delivery.actions import Create
from destination_sage_intacct.delivery.workers import Shares
from destination_sage_intacct.intacct.bulk import LARGEST_BODY_BYTES


def writer(most=500):
    return SimpleNamespace(most_with=lambda _first: most)


def writes(count, size=10):
    return [SimpleNamespace(action=Create({}, b"x" * size), known_key="") for _ in range(count)]


def shares(slots, waiting, most=500, clock=None):
    """Return what shares out so many writes among so many slots."""
    made = Shares(clock or FakeClock(), lambda: slots)
    made.add(writer(most), writes(waiting), 0)
    return made


def taken(made, times):
    return [len(made.take().writes) for _ in range(times)]


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
    assert taken(shares(slots, waiting, most), len(sizes)) == sizes


def test_what_is_still_looked_up_counts_too():
    made = shares(2, 400)
    made.expect(600)

    assert taken(made, 1) == [400]


def test_groups_go_in_their_order_and_one_request_holds_writes_of_one_writer():
    made, one, other = shares(3, 0), writer(), writer()
    for who, count in ((one, 20), (one, 30), (other, 25)):
        made.add(who, writes(count), 0)

    found = [made.take() for _ in range(3)]

    assert [(share.writer, len(share.writes)) for share in found] == [(one, 25), (one, 25), (other, 25)]
    assert made.take() is None


def test_what_is_in_flight_is_expected_to_end_at_the_pace_of_the_last_request():
    clock, most = FakeClock(), [100]
    made = Shares(clock, lambda: 2)
    made.add(SimpleNamespace(most_with=lambda _first: most[0]), writes(600), 0)
    first, second = made.take(), made.take()
    clock.sleep(1.0)
    made.done(first)  # a hundred writes a second, so the other one is over
    most[0] = 500

    assert taken(made, 1) == [200]
    clock.sleep(1.0)
    made.done(second)
    assert taken(made, 1) == [175]  # half of the 200 that wait, and of the 150 that are still to come


def test_a_request_ends_before_its_body_is_too_large_and_holds_one_write_at_least():
    made = Shares(FakeClock(), lambda: 2)
    made.add(writer(), writes(2, LARGEST_BODY_BYTES // 2) + writes(2, 2 * LARGEST_BODY_BYTES), 0)

    assert taken(made, 2) == [2, 1]


def test_writes_to_one_record_stay_in_one_request():
    made = Shares(FakeClock(), lambda: 2)
    made.add(writer(2), [SimpleNamespace(action=None, known_key=key) for key in ("1", "2", "2", "2", "3")], 0)

    assert [[write.known_key for write in made.take().writes] for _ in range(2)] == [["1", "2", "2", "2"], ["3"]]


def test_one_thread_waits_for_the_next_slot_and_no_further_one():
    made, later = shares(1, 60, 30), []
    first = made.take()
    waiting = threading.Thread(target=lambda: later.append(len(made.take().writes)))
    waiting.start()
    waiting.join(0.2)
    assert later == []
    assert made.take() is None

    made.done(first)
    waiting.join(10.0)
    assert later == [30]


def test_no_more_is_sent_ahead_than_a_full_request_for_every_slot():
    made = shares(2, 60, 30)
    waiting = threading.Thread(target=made.wait_for_room, args=(30,))
    waiting.start()
    waiting.join(0.2)
    assert waiting.is_alive()

    made.take()
    waiting.join(10.0)
    assert not waiting.is_alive()


def test_while_there_is_plenty_one_more_is_taken_than_there_are_slots_but_not_before_the_first_answer():
    clock = FakeClock()
    made = shares(1, 400, 100, clock)
    first = made.take()
    assert made.free_slots == 0
    clock.sleep(1.0)
    made.done(first)

    assert made.free_slots == 1
    assert taken(made, 2) == [100, 100]


def test_nothing_is_taken_once_the_run_ends():
    clock = FakeClock()
    made = shares(1, 10, 5, clock)
    clock.stop()

    assert made.take() is None

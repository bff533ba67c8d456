"""The threads that send, and how many of the writes that wait go into one request."""

import threading
from contextlib import contextmanager
from types import SimpleNamespace

import pytest
from fakes import FakeClock

from destination_sage_intacct.delivery.actions import Create
from destination_sage_intacct.delivery.workers import Shares, Workers
from destination_sage_intacct.intacct.bulk import LARGEST_BODY_BYTES
from destination_sage_intacct.intacct.clock import StoppedError, SystemClock

LONG_SECONDS = 30  # what a test that hangs is given


@contextmanager
def working(threads):
    workers = Workers(threads, FakeClock())
    try:
        yield workers
    finally:
        workers.close(LONG_SECONDS)


class Gate:
    """A task that begins, and ends when it is let go."""

    def __init__(self, error=None):
        self.began, self._go, self.error = threading.Event(), threading.Event(), error

    def __call__(self):
        self.began.set()
        assert self._go.wait(LONG_SECONDS)
        if self.error:
            raise self.error

    def let_go(self):
        self._go.set()


def first_failure():
    return pytest.raises(ValueError, match="first")


def submit(workers, *tasks):
    for task in tasks:
        workers.submit(task)


def finish(workers):
    while not workers.idle:
        workers.wait()


def fail():
    raise ValueError("first")


def test_as_many_tasks_run_at_once_as_there_are_threads_and_no_more():
    meeting, done, running, most, lock = threading.Barrier(3), [], [0], [0], threading.Lock()

    def task(number):
        with lock:
            running[0] += 1
            most[0] = max(most[0], running[0])
        meeting.wait(LONG_SECONDS)
        done.append(number)
        with lock:
            running[0] -= 1

    with working(3) as workers:
        submit(workers, *(lambda number=number: task(number) for number in range(150)))
        finish(workers)
    assert sorted(done) == list(range(150))
    assert most == [3]


def test_no_more_than_a_few_tasks_wait_for_a_thread_so_that_memory_stays_small():
    first, submitted = Gate(), []
    with working(1) as workers:
        workers.submit(first)
        first.began.wait(LONG_SECONDS)
        submit(workers, lambda: None, lambda: None)
        feeder = threading.Thread(target=lambda: (workers.submit(lambda: None), submitted.append(1)))
        feeder.start()
        assert submitted == []
        first.let_go()
        feeder.join(LONG_SECONDS)
    assert submitted == [1]


def test_a_task_that_ended_before_the_wait_is_not_missed():
    """What it freed must be taken up now, and not when some other task ends."""
    long, quick = Gate(), Gate()
    with working(2) as workers:
        submit(workers, long, quick)
        quick.let_go()
        while workers.idle_threads == 0:
            pass
        workers.wait()
        assert not workers.idle
        long.let_go()


def test_the_first_of_several_failures_counts_and_wakes_a_feeder_that_waits_to_submit():
    gates = [Gate(ValueError("first")), Gate(ValueError("second"))]
    with working(2) as workers:
        submit(workers, *gates, *[lambda: None] * 2)
        threading.Timer(0, gates[0].let_go).start()
        with first_failure():
            workers.submit(lambda: None)
        gates[1].let_go()
    with first_failure():
        workers.check()


def test_after_a_failure_what_runs_is_finished_and_nothing_is_begun():
    gates, begun = [Gate(), Gate(ValueError("first"))], []
    with working(2) as workers:
        submit(workers, *gates, lambda: begun.append("submitted before it"))
        gates[0].began.wait(LONG_SECONDS)
        gates[1].let_go()
        with first_failure():
            workers.wait()
        with first_failure():
            workers.submit(lambda: begun.append("submitted after it"))
        gates[0].let_go()
    assert workers.idle
    assert begun == []


def test_closing_gives_up_on_what_does_not_end_and_stops_nothing_when_all_is_done():
    gate, clock = Gate(), FakeClock()
    workers = Workers(1, clock)
    workers.submit(gate)
    gate.began.wait(LONG_SECONDS)
    workers.close(0.01)
    assert (workers.idle, clock.stopped) == (False, True)
    gate.let_go()
    finish(workers)

    clock = FakeClock()
    workers = Workers(1, clock)
    workers.submit(lambda: None)
    finish(workers)
    workers.close(LONG_SECONDS)
    assert not clock.stopped


def test_a_failure_ends_every_wait():
    clock, stopped = SystemClock(), []
    workers = Workers(2, clock)

    def waits():
        try:
            clock.sleep(3600)
        except StoppedError:
            stopped.append(1)
            raise

    submit(workers, waits, fail)
    workers.close(LONG_SECONDS)
    assert stopped == [1]
    with first_failure():
        workers.check()


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
    made = shares(2, 80)
    waiting = threading.Thread(target=made.wait_for_room, args=(30,))
    waiting.start()
    waiting.join(0.2)
    assert waiting.is_alive()

    assert taken(made, 1) == [40]
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

import threading
from contextlib import contextmanager

import pytest
from fakes import FakeClock

from destination_sage_intacct.delivery.workers import Workers
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


def test_there_is_room_while_a_thread_is_free_and_idleness_when_all_are():
    gates, seen = [Gate(), Gate()], []
    with working(2) as workers:
        seen.append((workers.idle_threads > 0, workers.idle))
        for gate in gates:
            workers.submit(gate)
            seen.append((workers.idle_threads > 0, workers.idle))
        for gate in gates:
            gate.let_go()
        finish(workers)
        seen.append((workers.idle_threads > 0, workers.idle))
    assert seen == [(True, True), (True, False), (False, False), (True, True)]


def test_waiting_ends_when_a_task_has_ended_and_at_once_when_none_runs():
    gates = [Gate(), Gate()]
    with working(2) as workers:
        workers.wait()
        submit(workers, *gates)
        threading.Timer(0, gates[1].let_go).start()
        workers.wait()
        assert not workers.idle
        gates[0].let_go()


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


def test_the_first_failure_is_raised_wherever_the_feeder_looks():
    with working(1) as workers:
        workers.submit(fail)
        for look in (workers.wait, workers.check, lambda: workers.submit(lambda: None)):
            with first_failure():
                look()


def test_the_first_of_several_failures_counts():
    gates = [Gate(ValueError("first")), Gate(ValueError("second"))]
    with working(2) as workers:
        submit(workers, *gates)
        gates[0].let_go()
        with first_failure():
            workers.wait()
        gates[1].let_go()
    with first_failure():
        workers.check()


def test_a_failure_wakes_a_feeder_that_waits_to_submit():
    gate = Gate(ValueError("first"))
    with working(1) as workers:
        submit(workers, gate, lambda: None, lambda: None)
        threading.Timer(0, gate.let_go).start()
        with first_failure():
            workers.submit(lambda: None)


def test_after_a_failure_what_runs_is_finished_and_nothing_is_begun():
    gate, begun = Gate(), []
    with working(2) as workers:
        workers.submit(gate)
        gate.began.wait(LONG_SECONDS)
        workers.submit(fail)
        with first_failure():
            workers.wait()
        with first_failure():
            workers.submit(lambda: begun.append(1))
        gate.let_go()
    assert workers.idle
    assert begun == []


def test_a_task_that_was_submitted_before_the_failure_is_not_begun_after_it():
    gate, begun = Gate(ValueError("first")), []
    with working(1) as workers:
        submit(workers, gate, lambda: begun.append(1))
        gate.let_go()
        while not workers.idle:
            pass
    assert begun == []


def test_closing_waits_for_what_runs_and_begins_nothing():
    gate, begun, clock = Gate(), [], FakeClock()
    workers = Workers(1, clock)
    submit(workers, gate, lambda: begun.append(1))
    gate.began.wait(LONG_SECONDS)
    closing = threading.Thread(target=workers.close, args=(LONG_SECONDS,))
    closing.start()
    while not workers._closed:  # noqa: SLF001 - until the other thread is there; nothing else can be seen of it
        pass
    gate.let_go()
    closing.join(LONG_SECONDS)

    assert clock.stopped
    assert workers.idle
    assert begun == []
    workers.close(LONG_SECONDS)


def test_closing_gives_up_on_what_does_not_end():
    gate, workers = Gate(), Workers(1, FakeClock())
    workers.submit(gate)
    gate.began.wait(LONG_SECONDS)
    workers.close(0.01)
    assert not workers.idle
    gate.let_go()
    finish(workers)


def test_closing_when_all_is_done_stops_nothing():
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

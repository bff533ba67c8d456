import sys
import threading

import pytest
from fakes import FakeClock, in_threads

from destination_sage_intacct.intacct.adaptive_limit import Limiter
from destination_sage_intacct.intacct.clock import StoppedError, SystemClock


class Gauge:
    """Keeps who holds a slot, and how many did at each entry."""

    def __init__(self, limiter):
        self._limiter = limiter
        self._inside = []
        self.seen = []

    def pass_through(self, *, refused=False):
        with self._limiter.slot() as slot:
            self._inside.append(slot)
            self.seen.append(len(self._inside))
            if refused:
                self._limiter.back_pressure(slot, 0.001)
            else:
                self._limiter.succeeded(slot)
            self._inside.remove(slot)


@pytest.fixture(autouse=True)
def threads_that_take_turns_often():
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(usual)


def times(count, task):
    return lambda: [task() for _ in range(count)]


@pytest.mark.parametrize(
    ("ceiling", "good", "bad", "clock"),
    [(1, 200, 0, SystemClock()), (3, 200, 0, SystemClock()), (6, 20, 5, SystemClock()), (6, 50, 20, FakeClock())],
)
def test_no_more_than_the_ceiling_are_in_flight_and_all_come_through(ceiling, good, bad, clock):
    """Also on a clock that jumps while they wait."""
    gauge = Gauge(Limiter(ceiling, clock))

    def jump():
        clock.time += 1000.0

    in_threads(
        *[times(good, gauge.pass_through)] * 8,
        *[times(bad, lambda: gauge.pass_through(refused=True))] * 4,
        *[times(100, jump)] * isinstance(clock, FakeClock),
    )
    assert len(gauge.seen) == 8 * good + 4 * bad
    assert max(gauge.seen) <= ceiling


def test_as_many_as_the_limit_are_in_flight_together_and_no_more():
    limiter = Limiter(6, SystemClock())
    pair = threading.Barrier(2)
    seen = []

    def meet():
        with limiter.slot() as slot:
            pair.wait()
            seen.append(slot.most_in_flight)

    in_threads(*[meet] * 6)

    assert limiter.limit == 2
    assert seen == [2] * 6


def test_who_came_first_is_woken_first(monkeypatch):
    monkeypatch.setattr("destination_sage_intacct.intacct.adaptive_limit._LOOK_UP_SECONDS", 60)
    limiter, came, passed = Limiter(1, SystemClock()), [], threading.Semaphore(0)

    def come(number):
        with limiter.slot():
            came.append(number)
            passed.release()

    with limiter.slot():
        for number in range(4):
            threading.Thread(target=come, args=[number], daemon=True).start()
            while len(limiter._queue) <= number:  # noqa: SLF001 - nothing else shows that it waits
                pass
    assert all(passed.acquire(timeout=10) for _ in range(4))
    assert came == [0, 1, 2, 3]


def test_a_place_is_free_again_when_what_used_it_failed():
    limiter = Limiter(1, FakeClock())
    with pytest.raises(ZeroDivisionError), limiter.slot():
        raise ZeroDivisionError
    with limiter.slot():
        assert limiter.limit == 1


def test_after_a_refusal_the_servers_time_is_waited_once_and_reported():
    clock, reported = FakeClock(), []
    limiter = Limiter(6, clock)
    with limiter.slot() as slot:
        limiter.back_pressure(slot, 7.0)
    for _ in range(2):
        with limiter.slot(reported.append):
            pass
    assert clock.waits == reported == [7.0]


class ClockStoppedAtSecondLook(FakeClock):
    """Stopped while somebody waits: at the first look it still runs."""

    looks = 0

    @property
    def stopped(self):
        self.looks += 1
        return self.looks > 1

    @stopped.setter
    def stopped(self, _):
        pass


def stopped_within(limiter, ended):
    with pytest.raises(StoppedError), limiter.slot():
        pass
    ended.append(True)


def test_who_waits_for_a_place_ends_with_a_stop():
    clock, ended = ClockStoppedAtSecondLook(), []
    limiter = Limiter(1, clock)
    with limiter.slot():
        clock.looks = 0
        waiting = threading.Thread(target=stopped_within, args=(limiter, ended), daemon=True)
        waiting.start()
        waiting.join(30)
        assert ended == [True]


def test_who_waits_for_the_servers_time_ends_with_a_stop_and_nobody_enters_after_it():
    clock, ended = SystemClock(), []
    limiter = Limiter(6, clock)
    with limiter.slot() as slot:
        limiter.back_pressure(slot, 600.0)
    in_threads(*[lambda: stopped_within(limiter, ended)] * 2, clock.stop)
    stopped_within(Limiter(6, clock), ended)
    assert ended == [True] * 3

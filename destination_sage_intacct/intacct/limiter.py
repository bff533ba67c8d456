"""Holds requests back until one more may be in flight: the law of `pace`, for threads."""

import random
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from destination_sage_intacct.intacct.clock import Clock, StoppedError
from destination_sage_intacct.intacct.pace import Pace, Slot

# A stop can wake nobody who waits for a place: it may come from a signal handler.
_LOOK_UP_SECONDS = 0.1


def _nothing(_seconds: float) -> None:
    """Keep no account."""


class Limiter:
    """As many requests in flight as the tenant grants, never more than the ceiling; safe from any thread.

    Args:
        ceiling: the highest number of requests in flight, from 1.
        clock: measures, and waits for the time that the server names.
        chance: random numbers in [0, 1), so that two connectors do not knock in step.
    """

    def __init__(self, ceiling: int, clock: Clock, chance: Callable[[], float] = random.random) -> None:
        self._clock = clock
        self._pace = Pace(ceiling, chance, clock.monotonic())
        self._changed = threading.Condition()
        self._queue: deque[object] = deque()

    @property
    def limit(self) -> int:
        """Return how many requests may be in flight now."""
        with self._changed:
            return self._pace.limit

    @contextmanager
    def slot(self, waited: Callable[[float], None] = _nothing) -> Iterator[Slot]:
        """Wait until the server's wait is over and a place is free, and hold the place until the block ends.

        Args:
            waited: told after each wait for the server's time how many seconds that was; a wait for a place is not
                told.

        Raises:
            StoppedError: the run is asked to stop.
        """
        slot = self._wait_for_slot(waited)
        try:
            yield slot
        finally:
            with self._changed:
                self._pace.leave(slot)
                self._changed.notify_all()

    def succeeded(self, slot: Slot) -> None:
        """Take note that the server let the request of this slot through."""
        with self._changed:
            self._pace.succeeded(slot, self._clock.monotonic())
            self._changed.notify_all()

    def throttled(self, slot: Slot, seconds: float) -> None:
        """Take note that the server refused the request of this slot for now: nobody sends for so many seconds."""
        with self._changed:
            self._pace.throttled(slot, seconds, self._clock.monotonic())
            self._changed.notify_all()

    def _wait_for_slot(self, waited: Callable[[float], None]) -> Slot:
        """Wait in turn: who came first is sent first, so that no row is left behind by those after it."""
        ticket = object()
        with self._changed:
            self._queue.append(ticket)
        try:
            return self._wait_in_turn(ticket, waited)
        finally:
            with self._changed:
                self._queue.remove(ticket)
                self._changed.notify_all()

    def _wait_in_turn(self, ticket: object, waited: Callable[[float], None]) -> Slot:
        while not self._clock.stopped:
            with self._changed:
                entered = self._pace.enter(self._clock.monotonic()) if self._queue[0] is ticket else None
                if entered is None:
                    self._changed.wait(_LOOK_UP_SECONDS)
                    continue
            if isinstance(entered, Slot):
                return entered
            self._clock.sleep(entered)
            waited(entered)
        raise StoppedError

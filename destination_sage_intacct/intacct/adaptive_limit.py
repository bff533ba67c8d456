"""How many requests may be in flight: the law, without threads and without a clock.

Additive increase, multiplicative decrease, with a memory. Sage Intacct counts the requests of all integrations of a
company together (Sage REST guide, transaction volume and concurrency), tells nobody who else is there, and an
integration that holds its places hears nothing of one that finds none. Hence three habits:

- What the tenant refused beyond is remembered: up to there the limit climbs back quickly, beyond it one more request is
  tried now and then (a knock), because a refusal keeps everything of ours waiting.
- Who holds several places leaves one open for a while from time to time. Who does not get it back is not alone.
- Who is not alone, or cannot know yet, gives back for good and takes only by knocking, and a place counts as won when
  two knocks in a row found it: one that is open for a moment belongs to somebody who waits for the server.
"""

import random
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from destination_sage_intacct.intacct.clock import Clock, StoppedError

_FIRST_LIMIT = 2
_KEPT_SHARE = 0.7
_KNOCK_SECONDS = 10.0
_KNOCK_SPREAD_SECONDS = 5.0
_COSTLIEST_WAIT_SECONDS = 12.0
_OPEN_FROM = 3  # of fewer places, one left open is half of what the tenant gives
_OPEN_SECONDS = 2.0
_RAREST_OPEN = 4  # times as seldom as at first, while nobody takes the open place
_PAUSE_EVERY_SECONDS = 60.0
_CONFIRM_SECONDS = 1.2  # longer than the second that the API asks a refused request to wait
_CAUTIOUS_SECONDS = 60.0
_SHARED_SECONDS = 300.0
_REMEMBERED_SECONDS = 120.0


@dataclass(eq=False, slots=True)
class Slot:
    """One request in flight.

    Attributes:
        place: how many of ours were in flight when it was sent, itself included.
        most_in_flight: the highest number of ours in flight since then.
        era: tells requests sent before the last turn of events from those sent after it.
    """

    place: int
    most_in_flight: int
    era: int


class AdaptiveLimit:
    """Says who may send now, and learns from what comes of it. Not thread-safe; moments are monotonic seconds.

    Args:
        ceiling: the highest number of requests in flight, from 1.
        chance: random numbers in [0, 1), so that two connectors do not knock in step.
        now: the moment of its making.
    """

    def __init__(self, ceiling: int, chance: Callable[[], float], now: float) -> None:
        self.limit = min(_FIRST_LIMIT, ceiling)
        self._ceiling = ceiling
        self._chance = chance
        self._in_flight: set[Slot] = set()
        self._not_before = now
        self._era = 0
        self._successes = 0  # since the limit changed, while every place was used
        self._known = ceiling  # what held and was refused beyond; before a refusal, all may hold
        self._most_held = 1
        self._most_held_at = now
        self._shared_until = now + _CAUTIOUS_SECONDS
        self._confirming = False
        self._seldom = 1
        self._climb_from = now
        self._knock_from = now
        self._pause_from = now + _PAUSE_EVERY_SECONDS
        self._put_off_knock(now)

    def enter(self, now: float) -> Slot | float | None:
        """Return a slot to send in, or the seconds until anybody may send, or None while every place is taken."""
        if now < self._not_before:
            return self._not_before - now
        if len(self._in_flight) >= self.limit:
            return None
        place = len(self._in_flight) + 1
        slot = Slot(place, place, self._era)
        self._in_flight.add(slot)
        for each in self._in_flight:
            each.most_in_flight = max(each.most_in_flight, place)
        return slot

    def leave(self, slot: Slot) -> None:
        """Take note that the exchange is over, however it went."""
        self._in_flight.discard(slot)

    def succeeded(self, slot: Slot, now: float) -> None:
        """Take note that the tenant let this request through."""
        if slot.era == self._era:
            self._hold(slot.place, now)
        if slot.most_in_flight < self.limit:
            return
        self._successes += 1
        if self.limit < _OPEN_FROM and now >= self._pause_from and not self._is_shared(now):
            self._pause(now)
        if self._successes < self.limit or now < self._climb_from:
            return
        if self.limit < self._known:
            self._set_limit(self.limit + 1)
        elif self.limit == self._known and now >= self._knock_from:
            self._knock_or_open(now)

    def throttled(self, slot: Slot, seconds: float, now: float) -> None:
        """Take note that the tenant refused this request, and asks everybody to wait so many seconds."""
        self._not_before = max(self._not_before, now + seconds)
        if slot.era < self._era:
            return
        held = slot.most_in_flight - 1
        if held < self._most_held:
            self._shared_until = max(self._shared_until, now + _SHARED_SECONDS)
        if held >= self._known:
            limit = held - 1 if held >= _OPEN_FROM else held
        else:
            limit = min(held, int(self.limit * _KEPT_SHARE))
        self._set_limit(max(1, limit))
        self._known = self.limit if self._is_shared(now) else max(1, held)
        self._era += 1
        self._confirming = False
        self._seldom = 1
        self._climb_from = now + max(seconds, _OPEN_SECONDS)
        self._put_off_knock(now, seconds)

    def _is_shared(self, now: float) -> bool:
        return now < self._shared_until

    def _hold(self, place: int, now: float) -> None:
        if place >= self._most_held or now - self._most_held_at > _REMEMBERED_SECONDS:
            self._most_held, self._most_held_at = place, now
        if place <= self._known:
            return
        if self._is_shared(now) and not self._confirming:
            self._era += 1
            self._set_limit(self._known)
            self._knock_from = now + _CONFIRM_SECONDS
        else:
            self._known = place
            self._put_off_knock(now)
        self._confirming = not self._confirming and self._is_shared(now)

    def _knock_or_open(self, now: float) -> None:
        """Try one place more; at the ceiling, leave one open instead."""
        if self.limit < self._ceiling:
            self._set_limit(self.limit + 1)
        elif self.limit >= _OPEN_FROM:
            self._set_limit(self.limit - 1)
            self._climb_from = now + _OPEN_SECONDS
            self._put_off_knock(now)
            self._knock_from += (self._seldom - 1) * _KNOCK_SECONDS
            self._seldom = min(_RAREST_OPEN, 2 * self._seldom)

    def _pause(self, now: float) -> None:
        """Send nothing for a moment, so that a connector that finds no place on a small tenant finds one."""
        self._not_before = max(self._not_before, now + _CONFIRM_SECONDS)
        self._pause_from = now + _PAUSE_EVERY_SECONDS

    def _put_off_knock(self, now: float, cost_seconds: float = 0.0) -> None:
        seconds = _KNOCK_SECONDS + _KNOCK_SPREAD_SECONDS * self._chance()
        if self._is_shared(now):
            # Who has little knocks more often, so that an open place goes to who has less.
            seconds *= min(1.0, (self.limit + 2) / 6)
        self._knock_from = now + seconds * max(1.0, min(cost_seconds, _COSTLIEST_WAIT_SECONDS))

    def _set_limit(self, limit: int) -> None:
        self.limit = limit
        self._successes = 0


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
        self._pace = AdaptiveLimit(ceiling, chance, clock.monotonic())
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

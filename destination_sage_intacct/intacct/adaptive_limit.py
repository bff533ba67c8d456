"""How many requests may be in flight: an adaptive concurrency limit that is shared with clients that cannot be seen.

Additive increase, multiplicative decrease (AIMD), with a memory. Sage Intacct counts the requests of all integrations
of a company together (Sage REST guide, transaction volume and concurrency). It does not report who shares the limit,
and a client within it gets no signal that another one is starved. Hence three rules:

- The limit beyond which the company refused is remembered. Up to there the limit climbs back quickly; beyond it, one
  more request is tried now and then (a probe), because a refusal makes all our requests wait.
- A client with several slots yields one for a while from time to time. If it does not get it back, it is not alone.
- While the limit is shared, or may be, a yielded slot is not reclaimed: the limit grows only by probing, and only after
  two successful probes in a row, as a slot that is free for a moment usually belongs to a client that waits out its
  Retry-After.

`AdaptiveLimit` decides, without threads and without a clock; `Limiter` makes threads wait for it.
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
_PROBE_SECONDS = 10.0
_PROBE_SPREAD_SECONDS = 5.0
_COSTLIEST_WAIT_SECONDS = 12.0
_YIELD_FROM = 3  # of fewer slots, a yielded one is half of what the company grants
_YIELD_SECONDS = 2.0
_LONGEST_YIELD_INTERVAL = 4  # as a multiple of the first, while no other client takes the yielded slot
_PAUSE_EVERY_SECONDS = 60.0
_CONFIRM_SECONDS = 1.2  # longer than the second that the API asks a refused request to wait
_CAUTIOUS_SECONDS = 60.0
_SHARED_SECONDS = 300.0
_REMEMBERED_SECONDS = 120.0


@dataclass(eq=False, slots=True)
class Slot:
    """One request in flight.

    Attributes:
        number: how many of ours were in flight when it was sent, itself included.
        most_in_flight: the highest number of ours in flight since then.
        was_full: every slot was taken at some moment since then.
        generation: of the limit; what a request of an earlier one found says nothing about the limit of now.
    """

    number: int
    most_in_flight: int
    generation: int
    was_full: bool = False


class AdaptiveLimit:
    """Decides whether one more request may be sent, and learns from the answers. Not thread-safe.

    Moments are monotonic seconds.

    Args:
        ceiling: the highest number of requests in flight, from 1.
        chance: random numbers in [0, 1), so that two connectors do not probe in step.
        now: the moment of its creation.
    """

    def __init__(self, ceiling: int, chance: Callable[[], float], now: float) -> None:
        self.limit = min(_FIRST_LIMIT, ceiling)
        self._ceiling = ceiling
        self._chance = chance
        self._in_flight: set[Slot] = set()
        self._not_before = now
        self._generation = 0
        self._successes = 0  # since the limit changed, while every slot was used
        self._known = ceiling  # the highest limit that was not refused; before a refusal, any may hold
        self._most_held = 1
        self._most_held_at = now
        self._shared_until = now + _CAUTIOUS_SECONDS
        self._confirming = False
        self._was_refused = False
        self._was_hinted = False
        self._has_climbed = self.limit == ceiling  # after that, a slot that was yielded is climbed to in the usual way
        self._yield_interval = 1
        self._climb_from = now
        self._probe_from = now
        self._pause_from = now + _PAUSE_EVERY_SECONDS
        self._postpone_probe(now)

    @property
    def in_flight(self) -> int:
        """Return how many requests are in flight."""
        return len(self._in_flight)

    def acquire(self, now: float) -> Slot | float | None:
        """Return a slot to send in, or the seconds until any request may be sent, or None while every slot is taken."""
        if now < self._not_before:
            return self._not_before - now
        if len(self._in_flight) >= self.limit:
            return None
        number = len(self._in_flight) + 1
        slot = Slot(number, number, self._generation)
        self._in_flight.add(slot)
        for each in self._in_flight:
            each.most_in_flight = max(each.most_in_flight, number)
            each.was_full = each.was_full or number == self.limit
        return slot

    def release(self, slot: Slot) -> None:
        """Free a slot: its request is over, however it went."""
        self._in_flight.discard(slot)

    def succeeded(self, slot: Slot, now: float) -> None:
        """Learn that the company accepted this request."""
        if slot.generation == self._generation:
            self._hold(slot.number, now)
        if slot.was_full and not self._was_refused and not self._has_climbed:
            # Each answer opens one more slot: a short sync would be over before a slow climb.
            self._set_limit(self.limit + 1)
            self._has_climbed = self.limit == self._ceiling
            self._postpone_probe(now)
            return
        if slot.most_in_flight < self.limit:
            return
        self._successes += 1
        if self.limit < _YIELD_FROM and now >= self._pause_from and not self._is_shared(now):
            self._pause(now)
        if self._successes < self.limit or now < self._climb_from:
            return
        if self.limit < self._known:
            self._set_limit(self.limit + 1)
        elif self.limit == self._known and now >= self._probe_from:
            self._probe_or_yield(now)

    def hint(self, slots: int) -> None:
        """Begin with the room that the server reports; only its first report counts, and only if it is more."""
        if not self._was_hinted:
            self._was_hinted = True
            if self.limit < slots and not self._was_refused:
                self._set_limit(min(slots, self._ceiling))

    def back_pressure(self, slot: Slot, seconds: float, now: float) -> None:
        """Learn that the company's limit refused this request, and for how many seconds all requests are to wait."""
        self._not_before = max(self._not_before, now + seconds)
        self._was_refused = True
        if slot.generation < self._generation:
            return
        held = slot.most_in_flight - 1
        if held < self._most_held:
            self._shared_until = max(self._shared_until, now + _SHARED_SECONDS)
        if held >= self._known:
            limit = held - 1 if held >= _YIELD_FROM else held
        else:
            limit = min(held, int(self.limit * _KEPT_SHARE))
        self._set_limit(max(1, limit))
        self._known = self.limit if self._is_shared(now) else max(1, held)
        self._generation += 1
        self._confirming = False
        self._yield_interval = 1
        self._climb_from = now + max(seconds, _YIELD_SECONDS)
        self._postpone_probe(now, seconds)

    def _is_shared(self, now: float) -> bool:
        return now < self._shared_until

    def _hold(self, number: int, now: float) -> None:
        if number >= self._most_held or now - self._most_held_at > _REMEMBERED_SECONDS:
            self._most_held, self._most_held_at = number, now
        if number <= self._known:
            return
        if self._is_shared(now) and not self._confirming:
            self._generation += 1
            self._set_limit(self._known)
            self._probe_from = now + _CONFIRM_SECONDS
        else:
            self._known = number
            self._postpone_probe(now)
        self._confirming = not self._confirming and self._is_shared(now)

    def _probe_or_yield(self, now: float) -> None:
        """Try one slot more; at the ceiling, yield one instead."""
        if self.limit < self._ceiling:
            self._set_limit(self.limit + 1)
        elif self.limit >= _YIELD_FROM:
            self._set_limit(self.limit - 1)
            self._climb_from = now + _YIELD_SECONDS
            self._postpone_probe(now)
            self._probe_from += (self._yield_interval - 1) * _PROBE_SECONDS
            self._yield_interval = min(_LONGEST_YIELD_INTERVAL, 2 * self._yield_interval)

    def _pause(self, now: float) -> None:
        """Send nothing for a moment, so that a client that finds no slot in a small company finds one."""
        self._not_before = max(self._not_before, now + _CONFIRM_SECONDS)
        self._pause_from = now + _PAUSE_EVERY_SECONDS

    def _postpone_probe(self, now: float, cost_seconds: float = 0.0) -> None:
        seconds = _PROBE_SECONDS + _PROBE_SPREAD_SECONDS * self._chance()
        if self._is_shared(now):
            # A client with few slots probes more often, so that a free one goes to the client that has less.
            seconds *= min(1.0, (self.limit + 2) / 6)
        self._probe_from = now + seconds * max(1.0, min(cost_seconds, _COSTLIEST_WAIT_SECONDS))

    def _set_limit(self, limit: int) -> None:
        self.limit = limit
        self._successes = 0


# A stop cannot wake a thread that waits for a slot: it may come from a signal handler.
_LOOK_UP_SECONDS = 0.1


class Limiter:
    """Lets as many requests be in flight as the company grants, never more than the ceiling; safe from any thread.

    Args:
        ceiling: the highest number of requests in flight, from 1.
        clock: measures, and waits for the time that the server names.
        chance: random numbers in [0, 1), so that two connectors do not probe in step.
        changed: called with the limit before and after each change.
    """

    def __init__(
        self,
        ceiling: int,
        clock: Clock,
        chance: Callable[[], float] = random.random,
        changed: Callable[[int, int], None] = lambda _before, _after: None,
    ) -> None:
        self._clock = clock
        self._report = changed
        self._adaptive = AdaptiveLimit(ceiling, chance, clock.monotonic())
        self._lock = threading.Lock()
        self._queue: deque[threading.Condition] = deque()  # those who wait, in turn

    @property
    def limit(self) -> int:
        """Return how many requests may be in flight now."""
        with self._lock:
            return self._adaptive.limit

    @property
    def in_flight(self) -> int:
        """Return how many requests are in flight now."""
        with self._lock:
            return self._adaptive.in_flight

    @contextmanager
    def slot(self, waited: Callable[[float], None] = lambda _seconds: None) -> Iterator[Slot]:
        """Wait until the server's wait is over and a slot is free, and hold the slot until the block ends.

        Args:
            waited: called with the seconds of each wait that the server asked for; not after a wait for a slot.

        Raises:
            StoppedError: the run is asked to stop.
        """
        slot = self._wait_for_slot(waited)
        try:
            yield slot
        finally:
            with self._lock:
                self._adaptive.release(slot)
                self._wake_first()

    def succeeded(self, slot: Slot) -> None:
        """Learn that the server accepted the request of this slot."""
        with self._learning():
            self._adaptive.succeeded(slot, self._clock.monotonic())

    def hint(self, slots: int | None) -> None:
        """Learn for how many requests the server says that there is room, None where it does not say."""
        if slots is not None:
            with self._learning():
                self._adaptive.hint(slots)

    def back_pressure(self, slot: Slot, seconds: float) -> None:
        """Learn that the server refused the request of this slot for now, and for how many seconds nothing is sent."""
        with self._learning():
            self._adaptive.back_pressure(slot, seconds, self._clock.monotonic())

    @contextmanager
    def _learning(self) -> Iterator[None]:
        with self._lock:
            before = self._adaptive.limit
            yield
            after = self._adaptive.limit
            self._wake_first()
        if after != before:
            self._report(before, after)  # without the lock: a log that is read slowly must not hold up other requests

    def _wait_for_slot(self, waited: Callable[[float], None]) -> Slot:
        """Wait in turn: first come, first sent, so that no row is left behind by those after it."""
        turn = threading.Condition(self._lock)
        with self._lock:
            self._queue.append(turn)
        try:
            return self._wait_in_turn(turn, waited)
        finally:
            with self._lock:
                self._queue.remove(turn)
                self._wake_first()

    def _wait_in_turn(self, turn: threading.Condition, waited: Callable[[float], None]) -> Slot:
        while not self._clock.stopped:
            with self._lock:
                acquired = self._adaptive.acquire(self._clock.monotonic()) if self._queue[0] is turn else None
                if acquired is None:
                    turn.wait(_LOOK_UP_SECONDS)
                    continue
            if isinstance(acquired, Slot):
                return acquired
            self._clock.sleep(acquired)
            waited(acquired)
        raise StoppedError

    def _wake_first(self) -> None:
        """Let who waits first look again; nobody else can take a slot."""
        if self._queue:
            self._queue[0].notify()

"""Threads that send, and how the writes that wait are shared out among them."""

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from math import ceil

from destination_sage_intacct.delivery.actions import Create, Update, Write
from destination_sage_intacct.intacct.bulk import LARGEST_BODY_BYTES
from destination_sage_intacct.intacct.clock import Clock

_LOOK_UP_SECONDS = 0.05
# A request takes about as long before its first record as for fifty (docs/benchmarks.md), so smaller ones gain nothing.
_SMALLEST_SHARE = 25


class Workers:
    """Runs tasks in threads, fed by one thread.

    The first failure of a task is raised in the thread that feeds, and no task is begun after it; those that run wait
    for nothing any more.

    Args:
        threads: how many tasks run at once, at most.
        clock: by which tasks wait.
    """

    def __init__(self, threads: int, clock: Clock) -> None:
        self._clock = clock
        self._executor = ThreadPoolExecutor(threads, thread_name_prefix="send")
        self._threads = threads
        self._ahead = 2 + threads // 3  # enough for a full request in each slot, with what is in flight
        self._changed = threading.Condition()
        self._unfinished = 0
        self._finished = 0
        self._noticed = 0
        self._failure: BaseException | None = None
        self._closed = False

    @property
    def idle_threads(self) -> int:
        """Return how many further tasks would begin at once."""
        return max(0, self._threads - self._unfinished)

    @property
    def idle(self) -> bool:
        """Return whether every task has ended."""
        return self._unfinished == 0

    def submit(self, task: Callable[[], None]) -> None:
        """Run a task as soon as a thread is free; waits while some, a third of the threads, wait already.

        Raises:
            Exception: what a task raised.
        """
        with self._changed:
            most = self._threads + self._ahead
            self._changed.wait_for(lambda: self._unfinished < most or self._failure is not None)
            self._raise()
        self.add(task)

    def add(self, task: Callable[[], None]) -> None:
        """Run a task as soon as a thread is free, however many wait already; tasks may call this."""
        with self._changed:
            self._unfinished += 1
        self._executor.submit(self._run, task)

    def wait(self) -> None:
        """Wait until a task has ended since the last call; no longer than a task runs. Raises as `submit`."""
        with self._changed:
            self._changed.wait_for(lambda: self._finished > self._noticed or self._unfinished == 0)
            self._noticed = self._finished
            self._raise()

    def check(self) -> None:
        """Raise what a task raised, if one did."""
        if self._failure is not None:
            self._raise()

    def close(self, grace_seconds: float) -> None:
        """Begin no further task, and wait until those that run have ended, for the given seconds at most; raises
        nothing.

        They may wait for an answer, and for nothing else.
        """
        self._closed = True
        with self._changed:
            if self._unfinished:
                self._clock.stop()
            has_ended = self._changed.wait_for(lambda: self._unfinished == 0, grace_seconds)
        self._executor.shutdown(wait=has_ended)

    def _run(self, task: Callable[[], None]) -> None:
        try:
            if self._failure is None and not self._closed:
                task()
        except BaseException as error:  # noqa: BLE001 - raised again in the thread that feeds
            with self._changed:
                self._failure = self._failure or error
            self._clock.stop()
        finally:
            with self._changed:
                self._unfinished -= 1
                self._finished += 1
                self._changed.notify_all()

    def _raise(self) -> None:
        if self._failure is not None:
            raise self._failure


class Shares:
    """How many of the writes that wait go into the next request; safe from any thread.

    At the end of a sync all slots should be done at the same moment: a request takes an even share of what waits and of
    what is still to be done of those in flight.

    Args:
        clock: measures; once it is stopped, nothing is taken any more.
        slots: returns how many requests may be in flight.
    """

    def __init__(self, clock: Clock, slots: Callable[[], int]) -> None:
        self._clock = clock
        self._slots = slots
        self._changed = threading.Condition()
        self._waiting = 0
        self._in_flight: dict[int, tuple[list[Write], float]] = {}  # by its id: a batch, and since when
        self._seconds_per_write = 0.0  # of the last request

    def add(self, writes: int) -> None:
        """Note how many more writes wait, or fewer if it is negative."""
        with self._changed:
            self._waiting += writes

    def take(self, left: deque[Write], most: int) -> list[Write]:
        """Wait for a slot, and take the writes of the next request; none if no more are there, or the run ends.

        While there is plenty, one request more than there are slots is taken, so that it is ready when a slot is free.

        Args:
            left: what is left of the writes that wait together.
            most: the highest number in a request.
        """
        with self._changed:
            while left and not self._has_slot(most):
                self._changed.wait(_LOOK_UP_SECONDS)
            if self._clock.stopped:
                return []
            now = self._clock.monotonic()
            share = ceil((self._waiting + self._still_in_flight(now)) / self._slots())
            count = size = 0
            for write in islice(left, min(most, max(_SMALLEST_SHARE, share))):
                size += _bytes_sent(write)
                if count and size > LARGEST_BODY_BYTES:
                    break
                count += 1
            # Writes to one record stay in one batch, which keeps their order.
            while (
                0 < count < len(left) and left[count].known_key and left[count].known_key == left[count - 1].known_key
            ):
                count += 1
            batch = [left.popleft() for _ in range(count)]
            self._waiting -= count
            if batch:
                self._in_flight[id(batch)] = (batch, now)
            return batch

    def done(self, batch: list[Write]) -> None:
        """Note that the request of a batch that was taken is answered."""
        with self._changed:
            _, began = self._in_flight.pop(id(batch))
            self._seconds_per_write = (self._clock.monotonic() - began) / len(batch)
            self._changed.notify_all()

    def _has_slot(self, most: int) -> bool:
        slots = self._slots()
        # Not before the first answer, which may say that requests are too large.
        has_plenty = self._seconds_per_write > 0 and self._waiting > slots * most
        return self._clock.stopped or len(self._in_flight) < slots + has_plenty

    def _still_in_flight(self, now: float) -> float:
        """Return how many writes of the requests in flight are still to be done, at the pace of the last one."""
        pace = self._seconds_per_write
        done = ((len(batch), (now - began) / pace if pace else 0.0) for batch, began in self._in_flight.values())
        return sum(max(0.0, count - so_far) for count, so_far in done)


def _bytes_sent(write: Write) -> int:
    return len(write.action.encoded) if isinstance(write.action, Create | Update) else 0


def _are_about_one_record(one: Write, other: Write) -> bool:
    return bool(one.known_key) and one.known_key == other.known_key

"""Threads that send, and how the writes that wait are shared out among them."""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from math import ceil

from destination_sage_intacct.delivery.actions import Create, Update, Write
from destination_sage_intacct.delivery.batch import BatchWriter
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
            if self._closed:
                return
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
        """Begin no further task, and wait for those that run, for the given seconds at most; raises nothing.

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


@dataclass(frozen=True, slots=True, eq=False)
class Share:
    """The writes of the next request, and what sends them."""

    writer: BatchWriter
    writes: list[Write]


class Shares:
    """Which of the writes that wait go into the next request; safe from any thread.

    Groups go in the order in which their records were found. At the end of a sync all slots should be done at
    the same moment: a request takes an even share of what waits and of what is still to be done of those in flight.

    Args:
        clock: measures; once it is stopped, nothing is taken any more.
        slots: returns how many requests may be in flight.
    """

    def __init__(self, clock: Clock, slots: Callable[[], int]) -> None:
        self._clock = clock
        self._slots = slots
        self._changed = threading.Condition()
        self._expected = 0
        self._found = 0
        self._groups: deque[tuple[BatchWriter, deque[Write]]] = deque()
        self._in_flight: dict[Share, float] = {}  # with the moment when they were taken
        self._seconds_per_write = 0.0  # of the last request
        self._somebody_waits = False

    @property
    def free_slots(self) -> int:
        """Return how many requests could be sent at once."""
        with self._changed:
            return max(0, self._slots() - len(self._in_flight)) if self._groups else 0

    def wait_for_room(self, most: int) -> None:
        """Wait while what was found fills the next request of every slot, of so many records; or until the run ends."""
        with self._changed:
            while self._found >= self._slots() * most and not self._clock.stopped:
                self._changed.wait(_LOOK_UP_SECONDS)

    def expect(self, writes: int) -> None:
        """Note that so many more writes are being looked up."""
        with self._changed:
            self._expected += writes

    def add(self, writer: BatchWriter, writes: Sequence[Write], expected: int) -> None:
        """Let the writes wait that are left of a group of so many that were expected."""
        with self._changed:
            self._expected -= expected
            self._found += len(writes)
            if self._groups and self._groups[-1][0] is writer:
                self._groups[-1][1].extend(writes)  # so that a request may hold the end of one and the start of another
            elif writes:
                self._groups.append((writer, deque(writes)))
            self._changed.notify_all()

    def take(self) -> Share | None:
        """Wait for a slot, and take the writes of the next request; None if this thread is of more use elsewhere.

        That is so where nothing waits, where another thread waits for the next slot already, or where the run ends.
        While there is plenty, one request more than there are slots is taken, so that it is ready when a slot is free.
        """
        with self._changed:
            while self._groups and not self._clock.stopped:
                writer, left = self._groups[0]
                most = writer.most_with(left[0])
                if len(self._in_flight) < self._slots() + self._has_plenty(most):
                    return self._take(writer, left, most)
                if self._somebody_waits:
                    break
                self._somebody_waits = True
                self._changed.wait(_LOOK_UP_SECONDS)
                self._somebody_waits = False
            return None

    def done(self, share: Share) -> None:
        """Note that the request of a share is answered."""
        with self._changed:
            began = self._in_flight.pop(share)
            self._seconds_per_write = (self._clock.monotonic() - began) / len(share.writes)
            self._changed.notify_all()

    def _take(self, writer: BatchWriter, left: deque[Write], most: int) -> Share:
        now = self._clock.monotonic()
        even = ceil((self._expected + self._found + self._still_in_flight(now)) / self._slots())
        count = size = 0
        for write in islice(left, min(most, max(_SMALLEST_SHARE, even))):
            size += _bytes_sent(write)
            if count and size > LARGEST_BODY_BYTES:
                break
            count += 1
        # Writes to one record stay in one request, which keeps their order.
        while count < len(left) and _are_about_one_record(left[count - 1], left[count]):
            count += 1
        share = Share(writer, [left.popleft() for _ in range(count)])
        if not left:
            self._groups.popleft()
        self._found -= count
        self._in_flight[share] = now
        return share

    def _has_plenty(self, most: int) -> bool:
        """Return whether full requests wait for all slots; not before the first answer: they may be too large."""
        return self._seconds_per_write > 0 and self._found > self._slots() * most

    def _still_in_flight(self, now: float) -> float:
        """Return how many writes of the requests in flight are still to be done, at the pace of the last one."""
        pace = self._seconds_per_write
        done = ((len(share.writes), (now - began) / pace if pace else 0.0) for share, began in self._in_flight.items())
        return sum(max(0.0, count - so_far) for count, so_far in done)


def _bytes_sent(write: Write) -> int:
    return len(write.action.encoded) if isinstance(write.action, Create | Update) else 0


def _are_about_one_record(one: Write, other: Write) -> bool:
    return bool(one.known_key) and one.known_key == other.known_key

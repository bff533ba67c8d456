"""Threads that send, fed by one that reads; what fails in one ends the run."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

_Task = Callable[[], None]
_TASKS_AHEAD = 2


class Workers:
    """Runs tasks in threads, fed by one thread.

    The first failure of a task is raised in the thread that feeds, and no task is begun after it.

    Args:
        threads: how many tasks run at once, at most.
    """

    def __init__(self, threads: int) -> None:
        self._executor = ThreadPoolExecutor(threads, thread_name_prefix="send")
        self._threads = threads
        self._changed = threading.Condition()
        self._unfinished = 0
        self._finished = 0
        self._noticed = 0
        self._failure: BaseException | None = None
        self._closed = False

    @property
    def has_room(self) -> bool:
        """Return whether a task would begin at once."""
        return self._unfinished < self._threads

    @property
    def idle(self) -> bool:
        """Return whether every task has ended."""
        return self._unfinished == 0

    def submit(self, task: _Task) -> None:
        """Run a task as soon as a thread is free; waits while two wait for a thread already.

        Raises:
            Exception: what a task raised.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._unfinished < self._threads + _TASKS_AHEAD or self._failure is not None)
            self._raise()
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

    def close(self) -> None:
        """Begin no further task, and wait until those that run have ended; raises nothing."""
        self._closed = True
        self._executor.shutdown(wait=True)

    def _run(self, task: _Task) -> None:
        try:
            if self._failure is None and not self._closed:
                task()
        except BaseException as error:  # noqa: BLE001 - raised again in the thread that feeds
            with self._changed:
                self._failure = self._failure or error
        finally:
            with self._changed:
                self._unfinished -= 1
                self._finished += 1
                self._changed.notify_all()

    def _raise(self) -> None:
        if self._failure is not None:
            raise self._failure

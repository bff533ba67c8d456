"""Time, injected: all that waits does so through a clock, so tests never sleep and a stop ends every wait."""

import threading
import time
from typing import Protocol


class StoppedError(Exception):
    """The run is to end: it was asked to, or has failed. A wait was given up; what waited was not sent."""


class Clock(Protocol):
    """What the transport and the tokens need of time."""

    @property
    def stopped(self) -> bool:
        """Return whether the run is to end."""
        ...

    def stop(self) -> None:
        """End every wait, now and later."""
        ...

    def monotonic(self) -> float:
        """Return seconds that never go back."""
        ...

    def now(self) -> float:
        """Return seconds since 1970, UTC."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait. Raises StoppedError if the run is to end before or meanwhile."""
        ...


class SystemClock:
    """The machine's clock; `stop` may be called from a signal handler."""

    def __init__(self) -> None:
        self._stopped = threading.Event()

    @property
    def stopped(self) -> bool:
        """Return whether `stop` was called."""
        return self._stopped.is_set()

    def stop(self) -> None:
        """End every wait, now and later."""
        self._stopped.set()

    def monotonic(self) -> float:
        """Return seconds that never go back."""
        return time.monotonic()

    def now(self) -> float:
        """Return seconds since 1970, UTC."""
        return time.time()

    def sleep(self, seconds: float) -> None:
        """Wait. Raises StoppedError if the run is to end before or meanwhile."""
        if self._stopped.wait(seconds):
            raise StoppedError

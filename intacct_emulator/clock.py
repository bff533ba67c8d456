"""The emulator's clock: starts at a fixed instant, runs with real time, and can be moved on by a test."""

import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

# A fixed start, so that two runs of the emulator differ only by the seconds between their requests.
START = datetime(2026, 1, 15, 9, 0, 0, tzinfo=UTC)


class Clock:
    """Time as the emulated company sees it."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._advanced = 0.0

    def advance(self, seconds: float) -> None:
        """Moves the clock on, by more than the time that passed."""
        self._advanced += seconds

    def seconds(self) -> float:
        """Seconds since the emulator's start."""
        return time.monotonic() - self._began + self._advanced

    def timestamp(self) -> int:
        """Seconds since 1970, as `exp` and `iat` of a token are given."""
        return int(START.timestamp() + self.seconds())

    def http_date(self) -> str:
        """Return the current time as the header Date has it."""
        return format_datetime(START + timedelta(seconds=int(self.seconds())), usegmt=True)

    def now(self) -> str:
        """Return the current time as Sage writes date-times: `2026-01-15T09:00:00Z`."""
        return self.at(self.seconds())

    def at(self, seconds: float) -> str:
        """Return the instant this number of seconds after the emulator's start, as Sage writes it."""
        return f"{START + timedelta(seconds=int(seconds)):%Y-%m-%dT%H:%M:%SZ}"

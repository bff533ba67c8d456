"""How long a request takes: what the settings say, the emulator's own work included."""

import asyncio
from math import exp
from random import Random

from intacct_emulator.settings import Settings

# How much of a request's time passes before it is carried out.
_BEFORE = 0.5


class Latency:
    """The times of one company's requests, in seconds.

    Attributes:
        late: by how much answers were later than they should have been, because the emulator itself took longer.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._random = Random(settings.latency_seed)  # noqa: S311 - times, no secrets
        self.late = 0.0

    def begin(self) -> "RequestTime":
        """Return the time of a request that begins now."""
        return RequestTime(self, self._settings, self._factor())

    def _factor(self) -> float:
        """Return a draw from a lognormal distribution whose mean is 1; 1 where nothing is drawn."""
        spread = self._settings.latency_spread
        return exp(self._random.gauss(-spread * spread / 2, spread)) if spread else 1.0


class RequestTime:
    """The time of one request: what it is carried out in takes part of it, so a slow query makes it no longer."""

    def __init__(self, latency: Latency, settings: Settings, factor: float) -> None:
        self._latency = latency
        self._request = settings.latency_ms / 1000 * factor
        self._record = settings.latency_per_record_ms / 1000 * factor
        self._clock = asyncio.get_running_loop().time
        self._began = self._clock()

    async def before(self) -> None:
        """Wait until the request is carried out."""
        await asyncio.sleep(self._request * _BEFORE)

    async def rest(self, records: int) -> None:
        """Wait for what is left of its time, `records` being those that it wrote or returned."""
        whole = self._request + self._record * records
        left = self._began + whole - self._clock()
        if whole:
            self._latency.late += max(0.0, -left)
        await asyncio.sleep(max(0.0, left))

"""The emulator's times: its own work is part of them, and drawn ones keep their mean."""

import asyncio
from statistics import fmean, median

import pytest

from intacct_emulator.latency import Latency
from intacct_emulator.settings import Settings


class Clock:
    """Stands in for the loop of asyncio: only sleeping and work move its time."""

    def __init__(self) -> None:
        self.now = 0.0

    def time(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds

    def request(self, latency: Latency, records: int = 0, work: float = 0.0) -> float:
        """Return how long one request takes, the emulator being busy with it for `work` seconds."""
        began, time = self.now, latency.begin()
        _run(time.before())
        self.now += work
        _run(time.rest(records))
        return self.now - began


def _run(waiting):
    """Run a coroutine that never really waits."""
    with pytest.raises(StopIteration):
        waiting.send(None)


@pytest.fixture
def clock(monkeypatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(asyncio, "get_running_loop", lambda: made)
    monkeypatch.setattr(asyncio, "sleep", made.sleep)
    return made


def test_the_work_of_the_emulator_is_part_of_the_time_of_a_request(clock):
    latency = Latency(Settings(latency_ms=250, latency_per_record_ms=5))
    assert [clock.request(latency, 100, work) for work in (0.0, 0.1, 0.6)] == [pytest.approx(0.75)] * 3
    assert latency.late == 0
    latency = Latency(Settings(latency_ms=250))
    assert clock.request(latency, work=1.0) == pytest.approx(1.125)
    assert latency.late == pytest.approx(0.875)
    latency = Latency(Settings())
    assert clock.request(latency, work=1.0) == pytest.approx(1.0)
    assert latency.late == 0


def test_drawn_times_have_a_long_tail_and_keep_their_mean(clock):
    latency = Latency(Settings(latency_ms=100, latency_per_record_ms=1, latency_spread=0.5))
    times = sorted(clock.request(latency, 100) for _ in range(20_000))
    assert fmean(times) == pytest.approx(0.2, rel=0.02)
    assert median(times) < 0.18
    assert times[-200] > 0.5


def test_the_seed_decides_what_is_drawn(clock):
    def drawn(seed: int) -> list[float]:
        latency = Latency(Settings(latency_ms=100, latency_spread=0.5, latency_seed=seed))
        return [round(clock.request(latency), 6) for _ in range(5)]

    assert drawn(1) == drawn(1) != drawn(2)

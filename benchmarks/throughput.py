"""How fast rows arrive through a slow API: a plain loop, one row a request, and the connector with its defaults.

Each limit of requests in flight is measured side by side in one run, on an emulator that takes as long as a real
company does.
"""

import time
from dataclasses import dataclass

import requests

from benchmarks import report
from benchmarks.connector_run import configuration, run_connector
from benchmarks.customers import PATH, Customers
from benchmarks.report import Figure, Section, Target
from integration_tests.emulator_process import EmulatorProcess

REQUEST_SECONDS = 0.25
RECORD_SECONDS = 0.005
BATCH = 500

INSERT_TARGET = 0.9
UPSERT_TARGET = 0.8
LOOP_TARGET = 60
LOOP_TARGET_LIMIT = 2

INSERT = {"operation": "insert", "matching": {"by": "record_key", "field": "key"}}
UPSERT = {"operation": "upsert", "matching": {"by": "fields", "fields": ["id"]}}


@dataclass(frozen=True, slots=True)
class Scale:
    """How many rows each way sends under one limit: enough that getting up to speed is lost in them."""

    limit: int
    batched: int
    single: int
    loop: int = 60

    def quick(self) -> "Scale":
        """Return a tenth of it."""
        return Scale(self.limit, self.batched // 10, self.single // 10, self.loop // 10)


SCALES = (Scale(1, 20_000, 120), Scale(2, 40_000, 240), Scale(6, 120_000, 720))


@dataclass(frozen=True, slots=True)
class Rate:
    """Rows a second that arrived, and the most that the latencies and the limit allow."""

    rows_per_second: float
    bound: float

    @property
    def fraction(self) -> float:
        return self.rows_per_second / self.bound


def bound(limit: int, records_per_request: int, queries: int = 0) -> float:
    """Return the most rows a second that can arrive.

    Args:
        limit: requests in flight.
        records_per_request: rows that one write carries.
        queries: that go with each write and return no record.
    """
    seconds = (1 + queries) * REQUEST_SECONDS + records_per_request * RECORD_SECONDS
    return limit * records_per_request / seconds


def emulator_flags(limit: int) -> list[str]:
    """Return the command line of an emulator that is as slow as the benchmark wants it."""
    return [
        f"--latency-ms={REQUEST_SECONDS * 1000:g}",
        f"--latency-per-record-ms={RECORD_SECONDS * 1000:g}",
        f"--concurrency={limit}",
        "--no-demo-data",
    ]


def measure(quick: bool) -> list[Section]:
    """Measure every limit."""
    return [_under(scale.quick() if quick else scale) for scale in SCALES]


def _under(scale: Scale) -> Section:
    limit = scale.limit
    with EmulatorProcess(*emulator_flags(limit)) as emulator:
        report.progress(f"limit {limit}: {scale.loop} rows by a loop of requests")
        loop = Rate(_by_loop(emulator, scale.loop), bound(1, 1))
        figures = [_figure("plain loop, one row a request", scale.loop, loop, loop, emulator)]

        ways = (
            ("batch_size 1, inserts", scale.single, {**INSERT, "batch_size": 1}, bound(limit, 1), 0.0),
            ("defaults, inserts", scale.batched, INSERT, bound(limit, BATCH), INSERT_TARGET),
            ("defaults, upserts", scale.batched, UPSERT, bound(limit, BATCH, 2), UPSERT_TARGET),
        )
        for what, rows, settings, most, target in ways:
            emulator.reset()
            report.progress(f"limit {limit}: {rows:,} rows, {what}, {rows / most:.0f} s at best")
            run = run_connector(configuration(emulator.url, **settings), Customers(rows))
            rate = Rate(run.rows_per_second, most)
            figures.append(_figure(what, rows, rate, loop, emulator, _targets(limit, rate, loop, target)))
    return Section(f"{limit} request{'s' * (limit > 1)} in flight allowed", figures)


def _targets(limit: int, rate: Rate, loop: Rate, fraction: float) -> tuple[Target, ...]:
    if not fraction:
        return ()
    of_bound = report.at_least(f"{fraction:g} of bound", rate.fraction, fraction)
    if limit != LOOP_TARGET_LIMIT:
        return (of_bound,)
    times = rate.rows_per_second / loop.rows_per_second
    return (of_bound, report.at_least(f"{LOOP_TARGET} x loop", times, LOOP_TARGET))


def _figure(
    what: str, rows: int, rate: Rate, loop: Rate, emulator: EmulatorProcess, targets: tuple[Target, ...] = ()
) -> Figure:
    stats = emulator.stats()
    times = rate.rows_per_second / loop.rows_per_second
    return Figure(
        f"{what}: {rows:,} rows",
        f"{rate.rows_per_second:,.1f} rows/s",
        f"{rate.fraction:.2f} of bound {rate.bound:,.1f}, {times:,.1f} x loop",
        targets,
        f"{stats['max_in_flight']} in flight, {stats['requests']:,} requests, {stats['throttled']:,} x 429",
    )


def _by_loop(emulator: EmulatorProcess, rows: int) -> float:
    """Rows a second of the obvious program: create one record, wait for the answer, go on."""
    customers = Customers(rows)
    with requests.Session() as session:
        session.headers["Authorization"] = "Bearer demo-access-token"
        began = time.perf_counter()
        for number in range(1, rows + 1):
            session.post(f"{emulator.url}/objects/{PATH}", json=customers.body(number), timeout=60).raise_for_status()
        return rows / (time.perf_counter() - began)


if __name__ == "__main__":
    report.main(__doc__ or "", measure)

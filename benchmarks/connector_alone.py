"""The connector without a network: rows a second on one core, where their time goes, and the memory it takes."""

import sys

from benchmarks import report, stages
from benchmarks.connector_run import Run, configuration, run_connector
from benchmarks.customers import Customers
from benchmarks.prepared_answers import NOWHERE
from benchmarks.report import Figure, Section
from benchmarks.throughput import INSERT

FEW = 100_000
MANY = 1_000_000
SAMPLE = 50_000
COMMAND = (sys.executable, "-m", "benchmarks.prepared_answers")

ROWS_PER_SECOND = 15_000
PEAK_MEGABYTES = 250
PEAK_RATIO = 1.1
_MEGABYTE = 1_000_000
_MICRO = 1_000_000


def measure(quick: bool) -> list[Section]:
    """Measure two lengths of sync, each in its own process, and then the stages one by one."""
    share = 10 if quick else 1
    few, many = _run(FEW // share), _run(MANY // share)
    report.progress(f"stages of the way of a row, {SAMPLE // share:,} rows")
    spent = stages.measure(Customers(SAMPLE // share))
    return [
        Section("The connector alone, on one core, every request answered at once", [*_rates(few, many)]),
        Section("Where the time of a row goes", [*_split(spent, per_row(many))]),
        Section("The most memory resident", [*_memory(few, many)]),
    ]


def _run(rows: int) -> Run:
    report.progress(f"the connector alone, {rows:,} rows")
    return run_connector(configuration(NOWHERE, **INSERT), Customers(rows), COMMAND, on_one_core=True)


def per_row(run: Run) -> float:
    """Microseconds of CPU time."""
    return run.cpu_seconds / run.rows * _MICRO


def _rates(few: Run, many: Run) -> list[Figure]:
    return [
        Figure(
            f"{run.rows:,} rows",
            f"{run.rows_per_second:,.0f} rows/s, {per_row(run):.1f} us of CPU a row",
            f"{100 * run.cpu_seconds / run.seconds:.0f} % of the core used",
            (report.at_least(f"{ROWS_PER_SECOND:,} rows/s", run.rows_per_second, ROWS_PER_SECOND),) * (run is many),
            f"{run.seconds:.1f} s with its start",
        )
        for run in (few, many)
    ]


def _split(spent: dict[str, float], whole: float) -> list[Figure]:
    rest = {"the rest: threads, locks, buffers, start": whole - sum(spent.values())}
    return [
        Figure(stage, f"{micros:.1f} us a row", f"{100 * micros / whole:.0f} % of the CPU time")
        for stage, micros in (spent | rest).items()
    ]


def _memory(few: Run, many: Run) -> list[Figure]:
    peak, ratio = many.peak_bytes / _MEGABYTE, many.peak_bytes / few.peak_bytes
    targets = (
        report.below(f"{PEAK_MEGABYTES} MB", peak, PEAK_MEGABYTES),
        report.at_most(f"{PEAK_RATIO} x", ratio, PEAK_RATIO),
    )
    return [
        Figure(f"{few.rows:,} rows", f"{few.peak_bytes / _MEGABYTE:.1f} MB"),
        Figure(f"{many.rows:,} rows", f"{peak:.1f} MB", f"{ratio:.2f} x that of {few.rows:,} rows", targets),
    ]


if __name__ == "__main__":
    report.main(__doc__ or "", measure)

"""What a row costs in CPU time without the start of its process, also in another checkout of this project."""

import sys
from pathlib import Path

from benchmarks.connector_run import ROOT, Rows, configuration, run_connector
from benchmarks.everyday_rows import Everyday
from benchmarks.prepared_answers import NOWHERE
from benchmarks.throughput import INSERT

# Found in the checkout that is measured, whose folder the process runs in.
COMMAND = (sys.executable, "-m", "benchmarks.prepared_answers")
TIMES = 2
_MICRO = 1_000_000


def row_microseconds(given: Everyday, against: Path | None) -> tuple[float, float]:
    """Return the CPU time of a row, and that in the other checkout: the best of two runs each, in turn; 0 without."""
    roots = [ROOT] if against is None else [ROOT, against]
    found = [[_once(given, root) for root in roots] for _ in range(TIMES)]
    ours, *other = (min(times) for times in zip(*found, strict=True))
    return ours, other[0] if other else 0.0


def _once(given: Everyday, root: Path) -> float:
    start = _seconds(Everyday(given.kind, 1), root)
    return (_seconds(given, root) - start) / given.rows * _MICRO


def _seconds(rows: Rows, root: Path) -> float:
    return run_connector(configuration(NOWHERE, **INSERT), rows, COMMAND, on_one_core=True, root=root).cpu_seconds

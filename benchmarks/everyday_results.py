"""What was measured of the everyday shapes: figures that are kept in a file, so that a run continues where it ended."""

import hashlib
import json
import os
import platform
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.connector_run import ROOT

KEPT = ROOT / ".tmp" / "everyday.json"
_CODE = ("destination_sage_intacct", "intacct_emulator", "benchmarks")


@dataclass(frozen=True, slots=True)
class Result:
    """The figures of one shape, in the unit that a name ends with; counts where it names none.

    Attributes:
        row_microseconds: CPU time of a row without the start of the process, where that was measured.
        other_microseconds: the same in another checkout, measured in the same run.
    """

    rows: int
    seconds: float
    bound_seconds: float
    cpu_seconds: float
    peak_megabytes: float
    requests: int
    transactions: int
    throttled: int
    filters: int
    late_seconds: float
    row_microseconds: float = 0.0
    other_microseconds: float = 0.0

    def figures(self, dlt_seconds: float | None) -> dict[str, float]:
        """Return its figures and the ratios that follow from them; `dlt_seconds` is what dlt took for the rows."""
        ratios = {
            "fraction": self.bound_seconds / self.seconds,
            "transactions_per_row": self.transactions / self.rows,
            "rows_per_second": self.rows / self.seconds,
            "cpu_seconds_per_million": self.cpu_seconds / self.rows * 1_000_000,
        }
        beside = {} if dlt_seconds is None else {"times_dlt": self.seconds / dlt_seconds}
        if self.other_microseconds:
            beside["times_other"] = self.row_microseconds / self.other_microseconds
        return {**asdict(self), **ratios, **beside}


class Kept:
    """The results of one state of the code, in a file; those of another state are dropped."""

    def __init__(self, path: Path = KEPT, *, anew: bool = False) -> None:
        self._path = path
        self._stamp = stamp()
        kept = {} if anew or not path.exists() else json.loads(path.read_text("utf-8"))
        if kept.get("stamp") != self._stamp:
            kept = {"stamp": self._stamp, "machine": machine(), "results": {}}
        self.machine: str = kept["machine"]
        self._results: dict[str, Result] = {name: Result(**each) for name, each in kept["results"].items()}

    @property
    def results(self) -> Mapping[str, Result]:
        return self._results

    def keep(self, name: str, result: Result) -> None:
        """Add a result, and write the file."""
        self._results[name] = result
        results = {each: asdict(result) for each, result in self._results.items()}
        self._path.parent.mkdir(exist_ok=True)
        text = json.dumps({"stamp": self._stamp, "machine": self.machine, "results": results}, indent=1)
        part = self._path.with_suffix(".part")
        part.write_text(text, "utf-8")
        part.replace(self._path)


def stamp() -> str:
    """Return what distinguishes this state of the code from others."""
    digest = hashlib.sha256()
    for path in sorted(path for folder in _CODE for path in (ROOT / folder).rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def machine() -> str:
    """Describe the machine, and how busy it was when the run began."""
    load = f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"
    day = datetime.now(tz=UTC).strftime("%Y-%m-%d %H:%M UTC")
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    kind = f"{platform.system()} {platform.machine()}"
    return f"begun {day}; {cores} cores, {kind}, Python {platform.python_version()}, load {load} when it began"

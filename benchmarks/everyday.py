"""Everyday syncs, odd ones and long ones, each from process start to exit, as a fraction of what is possible.

    python -m benchmarks.everyday                    every shape that this state of the code has no result of yet
    python -m benchmarks.everyday inserts-500 again  these two, again
    python -m benchmarks.everyday --list             the names
    python -m benchmarks.everyday --show             what was measured so far

`--markdown` also writes the tables into docs/benchmarks.md.
"""

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks import everyday_cpu, everyday_tables, report
from benchmarks.connector_run import ROOT, configuration, run, run_connector
from benchmarks.customers import PATH
from benchmarks.everyday_results import Kept, Result
from benchmarks.everyday_rows import Everyday
from benchmarks.everyday_shapes import PARTS, SHAPES, Shape
from benchmarks.prepared_answers import NOWHERE
from integration_tests.emulator_process import EmulatorProcess

PEER_PYTHON = ROOT / ".tools" / "peers" / "bin" / "python"
QUERY = "/services/core/query"
_MEGABYTE = 1_000_000


def measure(shape: Shape, against: Path | None = None) -> Result:
    """Measure one shape, on its own emulator or without one.

    Args:
        shape: what is measured.
        against: another checkout, whose CPU time is measured too where that is what counts.

    Raises:
        RuntimeError: not every row arrived.
    """
    if shape.alone:
        return _measure_alone(shape, against)
    with EmulatorProcess(*shape.emulator_flags) as emulator:
        if shape.prepare:
            shape.prepare(emulator)
        if shape.peer:
            command = [str(PEER_PYTHON), "-m", f"benchmarks.peers.{shape.peer}", emulator.url]
            found = run(command, shape.rows, shape.rows.rows)
            _check_arrived(emulator, shape.rows.rows)
        else:
            config = configuration(emulator.url, **shape.settings)
            found = run_connector(config, shape.rows, rejected=shape.rejected)
        stats = emulator.stats()
        return Result(
            rows=shape.rows.rows,
            seconds=found.seconds,
            bound_seconds=shape.bound_seconds,
            cpu_seconds=found.cpu_seconds,
            peak_megabytes=found.peak_bytes / _MEGABYTE,
            requests=stats["requests"],
            transactions=stats["api_transactions"],
            throttled=stats["throttled"],
            filters=_most_filters(emulator),
            late_seconds=float(stats["late_seconds"]),
        )


def _measure_alone(shape: Shape, against: Path | None) -> Result:
    assert isinstance(shape.rows, Everyday)
    found = run_connector(configuration(NOWHERE, **shape.settings), shape.rows, everyday_cpu.COMMAND, on_one_core=True)
    ours, other = everyday_cpu.row_microseconds(shape.rows, against)
    return Result(
        rows=shape.rows.rows,
        seconds=found.seconds,
        bound_seconds=0.0,
        cpu_seconds=found.cpu_seconds,
        peak_megabytes=found.peak_bytes / _MEGABYTE,
        requests=0,
        transactions=0,
        throttled=0,
        filters=0,
        late_seconds=0.0,
        row_microseconds=ours,
        other_microseconds=other,
    )


def _check_arrived(emulator: EmulatorProcess, rows: int) -> None:
    held = len(emulator.records(PATH))
    if held != rows:
        raise RuntimeError(f"The company holds {held:,} of {rows:,} customers, so there is nothing to measure.")


def _most_filters(emulator: EmulatorProcess) -> int:
    """Return the most filters that one query had."""
    queries = [each["body"] for each in emulator.requests(2000) if each["path"] == QUERY]
    return max((len(json.loads(body).get("filters", ())) for body in queries), default=0)


def measure_all(kept: Kept, names: Mapping[str, Shape], against: Path | None) -> None:
    """Measure shapes, and keep each result at once; one that fails says why and does not end the others."""
    for name, shape in names.items():
        if shape.peer and not PEER_PYTHON.exists():
            report.progress(f"{name}: left out, `make bench` installs what it needs")
            continue
        report.progress(f"{name}: {shape.what}, {shape.bound_seconds:.1f} s at best")
        try:
            kept.keep(name, measure(shape, against))
        except (RuntimeError, OSError, ValueError, LookupError) as error:
            report.progress(f"{name}: FAILED. {type(error).__name__}: {error}")


def main() -> None:
    """Measure what is asked for, print all results of this state of the code, and end with 1 where any is missing."""
    if missing := everyday(sys.argv[1:]):
        sys.exit(f"Without a result: {', '.join(missing)}.")


def everyday(arguments: Sequence[str]) -> list[str]:
    """Measure what the command line asks for, and print all results; the names of the shapes that have none."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, prog="python -m benchmarks.everyday"
    )
    parser.add_argument("shapes", nargs="*", metavar="SHAPE", help="measure these, even if they were measured before")
    parser.add_argument("--anew", action="store_true", help="forget what was measured before")
    parser.add_argument("--list", action="store_true", help="print the names of the shapes")
    parser.add_argument("--show", action="store_true", help="measure nothing, show what was measured before")
    parser.add_argument("--markdown", action="store_true", help="write the tables into docs/benchmarks.md too")
    parser.add_argument("--against", type=Path, metavar="DIR", help="another checkout, whose CPU time is measured too")
    given = parser.parse_args(arguments)
    if unknown := [name for name in given.shapes if name not in SHAPES]:
        parser.error(f"There is no shape {', '.join(unknown)}: --list prints their names.")
    if given.list:
        print("\n".join(f"{name:26} {shape.what}" for name, shape in SHAPES.items()))
        return []
    kept = Kept(anew=given.anew)
    missing = [name for name in SHAPES if name not in kept.results]
    names = () if given.show else given.shapes or missing
    measure_all(kept, {name: SHAPES[name] for name in names}, given.against)
    print(f"{kept.machine}\n\n{report.table(everyday_tables.sections(PARTS, kept.results))}")
    if given.markdown:
        everyday_tables.write(Path(ROOT, "docs", "benchmarks.md"), everyday_tables.markdown(PARTS, kept))
    return [name for name in SHAPES if name not in kept.results]


if __name__ == "__main__":
    main()

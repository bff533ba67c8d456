"""One write of the connector as Airbyte runs it, measured from outside: a process with files and pipes."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Timer
from typing import IO, Any, Protocol

ROOT = Path(__file__).resolve().parents[1]
# A program that runs longer than this is ended, so that the other benchmarks can continue.
MOST_SECONDS = 900
CONNECTOR = (sys.executable, str(ROOT / "main.py"))
_AS_IN_THE_IMAGE = {"MALLOC_ARENA_MAX": "1", "MALLOC_MMAP_THRESHOLD_": "65536"}
_PEAK_UNIT_BYTES = 1 if sys.platform == "darwin" else 1024

Json = Any


class Rows(Protocol):
    """What a run writes: the number of rows, written to standard output when the module is run as a program."""

    @property
    def module(self) -> str: ...

    @property
    def arguments(self) -> list[str]: ...

    @property
    def rows(self) -> int: ...

    def catalog(self) -> Json: ...


@dataclass(frozen=True, slots=True)
class Run:
    """A write that delivered every row.

    Attributes:
        rows: how many.
        seconds: from the start of the process that writes the lines to the exit of the connector, its start included.
        cpu_seconds: what the connector's process used, user and system.
        peak_bytes: the most memory that was resident in it, as of the last line that it wrote.
    """

    rows: int
    seconds: float
    cpu_seconds: float
    peak_bytes: int

    @property
    def rows_per_second(self) -> float:
        return self.rows / self.seconds


def configuration(api_url: str, **settings: Json) -> Json:
    """Return a configuration that writes customers with the emulator's own token."""
    credentials = {"auth_type": "access_token", "access_token": "demo-access-token"}
    return {
        "company_id": "demo",
        "object_type": "Customer",
        "api_url": api_url,
        "credentials": credentials,
        **settings,
    }


def run_connector(
    config: Json,
    rows: Rows,
    command: Sequence[str] = CONNECTOR,
    *,
    on_one_core: bool = False,
    rejected: int = 0,
    root: Path = ROOT,
) -> Run:
    """Write rows to their end.

    Args:
        config: the connector's configuration.
        rows: what another process writes to its standard input.
        command: what starts it.
        on_one_core: keep the connector on one core and the other process off it, where the system can do so.
        rejected: how many of the rows are meant to be.
        root: the checkout whose connector it is.

    Raises:
        RuntimeError: the connector failed, or acknowledged another number of rows than it should.
    """
    with _files(config, rows.catalog()) as files:
        delivered = rows.rows - rejected
        return run(
            [*command, "write", *files], rows, delivered, on_one_core=on_one_core, root=root, variables=_AS_IN_THE_IMAGE
        )


def run(
    command: Sequence[str],
    rows: Rows,
    delivered: int,
    *,
    on_one_core: bool = False,
    root: Path = ROOT,
    variables: Mapping[str, str] | None = None,
) -> Run:
    """Let a program read rows from its standard input to their end, and measure it.

    Args:
        command: what starts it; it acknowledges rows by STATEs on its standard output.
        rows: what another process writes to its standard input.
        delivered: how many of them it must acknowledge.
        on_one_core: keep it on one core and the other process off it, where the system can do so.
        root: the folder in which it runs, and from which Python imports.
        variables: of its environment, on top of our own.

    Raises:
        RuntimeError: it failed, or acknowledged another number of rows.
    """
    environment = {**os.environ, "PYTHONPATH": str(root), **(variables or {})}
    began = time.perf_counter()
    source = subprocess.Popen([sys.executable, "-m", rows.module, *rows.arguments], stdout=subprocess.PIPE, cwd=ROOT)
    reader = subprocess.Popen(command, stdin=source.stdout, stdout=subprocess.PIPE, cwd=root, env=environment)
    assert source.stdout is not None
    assert reader.stdout is not None
    source.stdout.close()
    if on_one_core:
        _separate(reader.pid, source.pid)
    hung = Timer(MOST_SECONDS, reader.kill)
    hung.start()
    try:
        seen = _read(reader.stdout, lambda: _peak_bytes(reader.pid))
        # Only this wait reports what one process used; Popen's own loses it.
        _, status, used = os.wait4(reader.pid, 0)
        seconds = time.perf_counter() - began
    except BaseException:
        reader.kill()
        raise
    finally:
        hung.cancel()
    reader.returncode = os.waitstatus_to_exitcode(status)
    reader.stdout.close()
    source.wait()
    if reader.returncode != 0 or seen.acknowledged != delivered:
        why = " ".join(seen.errors) or "It reported no error; see its messages above."
        raise RuntimeError(
            f"The connector ended with {reader.returncode} and acknowledged {seen.acknowledged:,} of "
            f"{delivered:,} rows, so there is nothing to measure. {why}"
        )
    peak = seen.peak_bytes or used.ru_maxrss * _PEAK_UNIT_BYTES
    return Run(rows.rows, seconds, used.ru_utime + used.ru_stime, peak)


@dataclass(slots=True)
class _Messages:
    """What the connector's output says, and how large the process was when it said it."""

    acknowledged: int = 0
    errors: list[str] = field(default_factory=list)
    peak_bytes: int = 0


def _read(stdout: IO[bytes], peak_bytes: Callable[[], int]) -> _Messages:
    """Read to the end: how many rows the STATEs acknowledge as delivered, and what went wrong."""
    seen = _Messages()
    for line in stdout:
        seen.peak_bytes = max(seen.peak_bytes, peak_bytes())
        message = json.loads(line)
        if message["type"] == "STATE":
            seen.acknowledged += int(message["state"]["destinationStats"]["recordCount"])
        elif message["type"] == "TRACE" and message["trace"]["type"] == "ERROR":
            seen.errors.append(message["trace"]["error"]["message"])
    return seen


def _peak_bytes(process: int) -> int:
    """Return the most memory that a process has held so far, 0 where Linux does not report it or it has ended.

    What `wait4` reports is no use where this is known: there a process inherits the peak of the one that started it.
    """
    try:
        status = Path(f"/proc/{process}/status").read_bytes()
    except OSError:
        return 0
    _, _, behind = status.partition(b"VmHWM:")
    return int(behind.split()[0]) * 1024 if behind else 0


def _separate(measured: int, beside: int) -> None:
    """Give the measured process the last core and the other one all the rest."""
    if not hasattr(os, "sched_setaffinity"):
        return
    *others, own = sorted(os.sched_getaffinity(0))
    _keep_on(measured, {own})
    _keep_on(beside, others or {own})


def _keep_on(process: int, cores: Collection[int]) -> None:
    try:
        os.sched_setaffinity(process, cores)
    except ProcessLookupError:
        # It has ended already, for a reason that the reader of its output learns.
        return


@contextmanager
def _files(config: Json, catalog: Json) -> Iterator[list[str]]:
    with TemporaryDirectory() as folder:
        arguments = []
        for name, content in {"config": config, "catalog": catalog}.items():
            path = Path(folder) / f"{name}.json"
            path.write_text(json.dumps(content), "utf-8")
            arguments += [f"--{name}", str(path)]
        yield arguments

"""Connectors forked from one process that has imported their code, which takes nine tenths of the time of a short run.

Each is a process of its own all the same, with its own pipes, environment, signals and exit code. What comes before the
connector's first line is tested by those who start `main.py`, the console script or the image.
"""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
_MOST_BYTES = 1 << 18
_NUMBER_BYTES = 8


class ForkedConnector:
    """As much of `subprocess.Popen` as the tests use; the three files are passed on and stay open here."""

    def __init__(self, arguments: Sequence[str], files: tuple[int, int, int], environment: Mapping[str, str]) -> None:
        self._code: int | None = None
        self._reports, theirs = socket.socketpair()
        with theirs:
            order = json.dumps([arguments, dict(environment)]).encode()
            socket.send_fds(_parent(), [order], [*files, theirs.fileno()])
        self._pid = self._number()

    def send_signal(self, number: signal.Signals) -> None:
        """Send a signal, unless the connector has ended."""
        with suppress(TimeoutError):
            self.wait(0.0)
        if self._code is None:
            with suppress(ProcessLookupError):
                os.kill(self._pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def wait(self, timeout: float) -> int:
        """Return the exit code, or the signal as a negative number, as `subprocess.Popen` does."""
        if self._code is None:
            self._reports.settimeout(timeout)
            self._code = os.waitstatus_to_exitcode(self._number())
            self._reports.close()
        return self._code

    def _number(self) -> int:
        try:
            report = self._reports.recv(_NUMBER_BYTES)
        except BlockingIOError:
            raise TimeoutError from None
        if not report:
            raise RuntimeError("the process that forks connectors, or that waits for this one, has ended")
        return int.from_bytes(report)


@cache
def _parent() -> socket.socket:
    """Return the way to the process that forks; it ends with this one."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        unmeasured = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
        subprocess.Popen(
            [sys.executable, __file__, str(theirs.fileno())],
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            env=unmeasured,
            cwd=ROOT,
        )
    return ours


def _fork_at_each_order(orders: socket.socket) -> None:
    """Fork, and again in that process: the first of the two waits for the second, and reports how it ended."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        order, files, *_ = socket.recv_fds(orders, _MOST_BYTES, 4)
        if not order:
            return None
        if not os.fork():
            orders.close()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            *standard, report = files
            if not (pid := os.fork()):
                os.close(report)
                return _run(*json.loads(order), standard)
            for file in standard:
                os.close(file)
            os.write(report, pid.to_bytes(_NUMBER_BYTES))
            os.write(report, os.waitpid(pid, 0)[1].to_bytes(_NUMBER_BYTES))
            os._exit(0)
        for file in files:
            os.close(file)


def _run(arguments: Sequence[str], environment: Mapping[str, str], files: Sequence[int]) -> None:
    """Be the connector."""
    for number, file in enumerate(files):
        os.dup2(file, number)
        os.close(file)
    # As Python opens them.
    sys.stdin, sys.stdout = open(0, closefd=False), open(1, "w", closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", buffering=1, errors="backslashreplace", closefd=False)  # noqa: SIM115
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = [str(ROOT / "main.py"), *arguments]
    if "COVERAGE_PROCESS_CONFIG" in environment:
        coverage.process_startup()
    run()


if __name__ == "__main__":
    sys.path[0] = str(ROOT)
    import coverage

    import destination_sage_intacct.application  # noqa: F401 - the run imports it, at once when it is here
    from destination_sage_intacct.run import run

    _fork_at_each_order(socket.socket(fileno=int(sys.argv[1])))

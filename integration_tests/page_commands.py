"""Runs the commands of a page as a person would paste them: one shell, block after block, in a folder of its own."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

DEADLINE_SECONDS = 120
_END_OF_BLOCK = "--- end of block"


@dataclass(frozen=True)
class Ran:
    """What each block printed, in their order, and what the last command of each came to."""

    outputs: list[str]
    codes: list[int]


def run_blocks(blocks: Sequence[str], folder: Path, replaced: Mapping[str, str]) -> Ran:
    """Run blocks in one shell; the connector and the emulator are those of this interpreter's environment.

    Args:
        blocks: as on the page.
        folder: where the shell starts, and where it makes its temporary folders.
        replaced: what stands in the blocks, and what a test has in its place: a free port, a code just granted.
    """
    script = "".join(f"{block}\nprintf '\\n{_END_OF_BLOCK} %s\\n' $?\n" for block in blocks)
    for shown, actual in replaced.items():
        script = script.replace(shown, actual)
    output = _run(script, folder)
    told = [part.rpartition("\n" + _END_OF_BLOCK)[0] for part in _parts(output)]
    codes = [int(part.rsplit(" ", 1)[1]) for part in _parts(output)]
    assert len(codes) == len(blocks), output
    return Ran([_back(text, replaced) for text in told], codes)


def _run(script: str, folder: Path) -> str:
    """Run a script, and end with it whatever it has started and not ended."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    process = subprocess.Popen(
        ["bash", "-s"],
        cwd=folder,
        env=os.environ | {"PATH": path, "TMPDIR": str(folder)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        return process.communicate(script, timeout=DEADLINE_SECONDS)[0]
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def free_port() -> int:
    """Return a port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _parts(output: str) -> list[str]:
    """Split the shell's output behind the mark that ends each block."""
    parts: list[str] = []
    current: list[str] = []
    for line in output.splitlines():
        current.append(line)
        if line.startswith(_END_OF_BLOCK):
            parts.append("\n" + "\n".join(current))
            current = []
    return parts


def _back(text: str, replaced: Mapping[str, str]) -> str:
    for shown, actual in replaced.items():
        text = text.replace(actual, shown)
    return text.strip("\n")

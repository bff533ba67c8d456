"""The connector as Airbyte runs it: a process with a configuration file, a catalog file and pipes.

Every run is searched for what must never be said: the secrets of its configuration, and the values of the rows
that were rejected.
"""

import json
import os
import queue
import re
import shlex
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
COMMAND = (sys.executable, str(ROOT / "main.py"))
DEADLINE_SECONDS = 60
_MOST_LOOKS = 20_000

Json = Any


@dataclass(frozen=True)
class Finished:
    """A run that has ended: its exit code and everything it wrote."""

    code: int
    stdout: str
    stderr: str
    messages: list[dict[str, Json]] = field(default_factory=list)

    def of_type(self, kind: str) -> list[dict[str, Json]]:
        return [message for message in self.messages if message["type"] == kind]

    @property
    def states(self) -> list[dict[str, Json]]:
        return [message["state"] for message in self.of_type("STATE")]

    @property
    def log(self) -> list[str]:
        return [message["log"]["message"] for message in self.of_type("LOG")]

    @property
    def rejections(self) -> list[str]:
        return [line for line in self.log if line.startswith("Rejected row ")]

    @property
    def summaries(self) -> list[str]:
        return [line for line in self.log if line.startswith("Summary of ")]

    @property
    def json_summaries(self) -> dict[str, dict[str, Json]]:
        """Return the summaries for programs, by the names of their streams."""
        said = [json.loads(line) for line in self.log if line.startswith("{")]
        return {summary["stream"]: summary for summary in said if summary["event"] == "stream_summary"}

    @property
    def controls(self) -> list[dict[str, Json]]:
        return [message["control"]["connectorConfig"]["config"] for message in self.of_type("CONTROL")]

    @property
    def error(self) -> dict[str, Json]:
        """Return the one TRACE ERROR."""
        (trace,) = self.of_type("TRACE")
        return trace["trace"]["error"]

    @property
    def status(self) -> dict[str, Json]:
        """Return the one CONNECTION_STATUS."""
        (status,) = self.of_type("CONNECTION_STATUS")
        return status["connectionStatus"]

    def outcomes(self, stream: str) -> dict[str, int]:
        """Return a stream's outcomes that are not zero, from its summary; checks that they add up."""
        return outcomes_told(self.summaries, stream)


def outcomes_told(summaries: Iterable[str], stream: str) -> dict[str, int]:
    """Return the outcomes that are not zero in a stream's summary; checks that they add up."""
    (line,) = [line for line in summaries if line.startswith(f"Summary of {stream} ")]
    rows, shown = re.search(r": (\d+) rows? = ([^;]+);", line).groups()
    counts = {word: int(number) for number, word in (part.split(" ", 1) for part in shown.split(" + "))}
    assert sum(counts.values()) == int(rows), line
    return {word: number for word, number in counts.items() if number}


def run(
    command: str, config: Json, streams: Json = None, lines: Iterable[Json] = (), *, shows_values: bool = False
) -> Finished:
    """Run one command to its end; lines that are not bytes are encoded as JSON.

    `shows_values`: the log may hold values of rejected rows.
    """
    lines = list(lines)
    with _files(command, config, streams) as arguments:
        process = subprocess.run(
            [*COMMAND, *arguments],
            input=b"".join(_encoded(line) for line in lines),
            capture_output=True,
            timeout=DEADLINE_SECONDS,
            check=False,
            cwd=ROOT,
            env=_environment(),
        )
    finished = _finished(process.returncode, process.stdout, process.stderr)
    assert_nothing_is_told(finished, config, () if shows_values else lines)
    return finished


class Running:
    """A write whose standard input stays open; with a slow reader, nobody reads its output before `read`."""

    def __init__(
        self, arguments: Sequence[str], config: Json, reader: "Reader", command: Sequence[str] = COMMAND
    ) -> None:
        self._config = config
        self._sent: list[Json] = []
        reading, stdout = os.pipe()
        os.set_blocking(stdout, reader.blocks)
        self._process = subprocess.Popen(
            [*command, *arguments],
            stdin=subprocess.PIPE,
            stdout=stdout,
            stderr=subprocess.PIPE,
            cwd=ROOT,
            env=_environment() | ({"PYTHONUNBUFFERED": "1"} if reader.is_unbuffered else {}),
        )
        os.close(stdout)
        self._stdout = os.fdopen(reading, "rb")
        self._lines: queue.Queue[tuple[float, bytes] | None] = queue.Queue()
        self._seen: list[bytes] = []
        if not reader.is_slow:
            self.read()

    def read(self) -> None:
        """Begin to read what the connector says."""
        threading.Thread(target=self._read, daemon=True).start()

    def send(self, *lines: Json) -> None:
        """Write lines to the connector's standard input, at once."""
        assert self._process.stdin is not None
        self._sent.extend(lines)
        self._process.stdin.write(b"".join(_encoded(line) for line in lines))
        self._process.stdin.flush()

    def next(self, kind: str, within: float = DEADLINE_SECONDS) -> dict[str, Json]:
        """Return the next message of a type; fails if none comes in time."""
        deadline = time.monotonic() + within
        while True:
            try:
                item = self._lines.get(timeout=max(0.001, deadline - time.monotonic()))
            except queue.Empty:
                raise AssertionError(f"no {kind} within {within} seconds; so far: {self._seen}") from None
            assert item is not None, f"the connector ended without a {kind}: {self._seen}"
            message = json.loads(item[1])
            if message["type"] == kind:
                return message

    def next_log(self, beginning: str) -> str:
        """Return the next line of the log that begins so."""
        while not (line := self.next("LOG")["log"]["message"]).startswith(beginning):
            pass
        return line

    def nothing_comes(self, kind: str, during: float) -> None:
        """Check that no message of a type comes for a while."""
        deadline = time.monotonic() + during
        while (left := deadline - time.monotonic()) > 0:
            try:
                item = self._lines.get(timeout=left)
            except queue.Empty:
                return
            assert item is None or json.loads(item[1])["type"] != kind, item

    def terminate(self, number: signal.Signals = signal.SIGTERM) -> None:
        self._process.send_signal(number)

    def kill(self) -> None:
        self._process.kill()

    def finish(self) -> Finished:
        """Close standard input and wait for the end."""
        assert self._process.stdin is not None
        assert self._process.stderr is not None
        with suppress(BrokenPipeError):  # it was killed before it had read all
            self._process.stdin.close()
        stderr = self._process.stderr.read()
        code = self._process.wait(DEADLINE_SECONDS)
        while self._lines.get(timeout=DEADLINE_SECONDS) is not None:
            pass
        finished = _finished(code, b"".join(self._seen), stderr)
        assert_nothing_is_told(finished, self._config, self._sent)
        return finished

    def _read(self) -> None:
        with self._stdout:
            for line in self._stdout:
                self._seen.append(line)
                self._lines.put((time.monotonic(), line))
        self._lines.put(None)


def look_until(seen: Callable[[], bool]) -> None:
    """Look again and again, as at what a server holds."""
    assert any(seen() for _ in range(_MOST_LOOKS))


@dataclass(frozen=True)
class Reader:
    """What stands behind the connector's standard output."""

    is_slow: bool = False
    blocks: bool = True
    is_unbuffered: bool = False


@contextmanager
def writing(
    config: Json, streams: Json, reader: Reader = Reader(), command: Sequence[str] = COMMAND
) -> Iterator[Running]:
    """Start a write and keep its input open; whatever happens, it does not outlive the test."""
    with _files("write", config, streams) as arguments:
        running = Running(arguments, config, reader, command)
        try:
            yield running
        finally:
            running.kill()


def run_in_shell(shell: str, config: Json, streams: Json, lines: Iterable[Json]) -> Finished:
    """Run a write as a shell starts it: `$CONNECTOR` is its command, `$INPUT` a file with the lines."""
    with _files("write", config, streams) as arguments, TemporaryDirectory() as folder:
        file = Path(folder) / "input"
        file.write_bytes(b"".join(_encoded(line) for line in lines))
        process = subprocess.run(
            ["bash", "-c", shell],
            capture_output=True,
            timeout=DEADLINE_SECONDS,
            check=False,
            cwd=ROOT,
            env=_environment() | {"CONNECTOR": shlex.join([*COMMAND, *arguments]), "INPUT": str(file)},
        )
    return _finished(process.returncode, process.stdout, process.stderr)


@contextmanager
def checking(config: Json) -> Iterator[subprocess.Popen[bytes]]:
    """Start a check and leave the rest to the test; the process does not outlive it."""
    pipe = subprocess.PIPE
    with _files("check", config, None) as arguments:
        process = subprocess.Popen([*COMMAND, *arguments], stdout=pipe, stderr=pipe, cwd=ROOT, env=_environment())
        try:
            yield process
        finally:
            process.kill()
            process.communicate()


def assert_nothing_is_told(finished: Finished, config: Json, lines: Iterable[Json]) -> None:
    """Search the whole output for the configuration's secrets and for the values of rejected rows."""
    told = "\n".join([json.dumps(m) for m in finished.messages if m["type"] != "CONTROL"] + [finished.stderr])
    for secret in _secrets(config):
        assert secret not in told, f"the output tells the secret {secret}"
    for value in _rejected_values(finished, lines):
        assert value not in "\n".join([*finished.log, finished.stderr]), f"the log tells a rejected row's value {value}"


def _secrets(config: Json) -> Iterator[str]:
    credentials = config.get("credentials") if isinstance(config, dict) else None
    for name, value in (credentials or {}).items() if isinstance(credentials, dict) else ():
        if name not in {"auth_type", "user_id"} and isinstance(value, str) and value:
            yield value


_TELLING = 6  # a shorter value, such as `1` or `US`, stands in any text by chance


def _rejected_values(finished: Finished, lines: Iterable[Json]) -> Iterator[str]:
    """Yield the texts and numbers of rejected rows; words that our own texts use would prove nothing."""
    rejected = {
        tuple(re.match(r"Rejected row (\d+) of stream ([^,:]+)", line).groups()) for line in finished.rejections
    }
    # Keys are told: without them nobody finds the row in the warehouse or the record in Sage Intacct.
    keys = {key for line in finished.rejections for key in re.findall(r", (?:record|primary) key ([^:,]+)", line)}
    counts: dict[str, int] = {}
    for line in lines:
        if not isinstance(line, dict) or line.get("type") != "RECORD":
            continue
        name = ".".join(part for part in (line["record"].get("namespace"), line["record"]["stream"]) if part)
        counts[name] = counts.get(name, 0) + 1
        if (str(counts[name]), name) in rejected:
            yield from (text for text in _texts(line["record"]["data"]) if len(text) >= _TELLING and text not in keys)


def _texts(value: Json) -> Iterator[str]:
    if isinstance(value, dict):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)
    elif isinstance(value, str | int | float | Decimal) and not isinstance(value, bool):
        yield str(value)


def _environment() -> dict[str, str]:
    """Return the environment without what would flush for the connector; Airbyte's base image does not set it."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}


@contextmanager
def _files(command: str, config: Json, streams: Json) -> Iterator[list[str]]:
    with TemporaryDirectory() as folder:
        arguments = [command]
        if command != "spec":
            arguments += ["--config", _file(Path(folder) / "config.json", config)]
        if command == "write":
            arguments += ["--catalog", _file(Path(folder) / "catalog.json", streams)]
        yield arguments


def _file(path: Path, content: Json) -> str:
    path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    return str(path)


def _encoded(line: Json) -> bytes:
    return line if isinstance(line, bytes) else json.dumps(line).encode() + b"\n"


def _finished(code: int, stdout: bytes, stderr: bytes) -> Finished:
    text = stdout.decode()
    assert not text or text.endswith("\n"), "the last line is cut"
    return Finished(code, text, stderr.decode(), [json.loads(line) for line in text.splitlines()])

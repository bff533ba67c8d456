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

from connector_fork import ROOT, ForkedConnector

# How Airbyte starts it; without a command it is forked, which is sooner.
COMMAND = (sys.executable, str(ROOT / "main.py"))
UNBUFFERED = (sys.executable, "-u", str(ROOT / "main.py"))
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
    verb: str,
    config: Json,
    streams: Json = None,
    lines: Iterable[Json] = (),
    *,
    shows_values: bool = False,
    command: Sequence[str] | None = None,
) -> Finished:
    """Run one verb to its end; lines that are not bytes are encoded as JSON.

    `shows_values`: the log may hold values of rejected rows.
    """
    with _running(verb, config, streams, command=command) as running:
        too_late = threading.Timer(DEADLINE_SECONDS, running.kill)
        too_late.start()
        try:
            with suppress(BrokenPipeError):  # it has ended without reading all
                running.send(*lines)
            return running.finish(shows_values=shows_values)
        finally:
            too_late.cancel()


class Running:
    """A verb whose standard input stays open; with a slow reader, nobody reads its output before `read`."""

    def __init__(self, arguments: Sequence[str], config: Json, reader: "Reader", command: Sequence[str] | None) -> None:
        self._config = config
        self._sent: list[Json] = []
        (stdin, to_stdin), (from_stdout, stdout), (from_stderr, stderr) = (os.pipe() for _ in range(3))
        os.set_blocking(stdout, reader.blocks)
        try:
            self._process = _started(arguments, (stdin, stdout, stderr), command)
        finally:
            for theirs in (stdin, stdout, stderr):
                os.close(theirs)
        self._stdin, self._stdout = os.fdopen(to_stdin, "wb"), os.fdopen(from_stdout, "rb")
        self._lines: queue.Queue[tuple[float, bytes] | None] = queue.Queue()
        self._seen: list[bytes] = []
        self._seen_on_stderr: list[bytes] = []
        self._stderr = threading.Thread(target=self._read_stderr, args=[from_stderr], daemon=True)
        self._stderr.start()
        if not reader.is_slow:
            self.read()

    def read(self) -> None:
        """Begin to read what the connector says."""
        threading.Thread(target=self._read, daemon=True).start()

    def send(self, *lines: Json) -> None:
        """Write lines to the connector's standard input, at once."""
        self._sent.extend(lines)
        self._stdin.write(b"".join(_encoded(line) for line in lines))
        self._stdin.flush()

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

    def finish(self, *, shows_values: bool = False) -> Finished:
        """Close standard input and wait for the end."""
        with suppress(BrokenPipeError):  # it has ended without reading all
            self._stdin.close()
        code = self._process.wait(DEADLINE_SECONDS)
        while self._lines.get(timeout=DEADLINE_SECONDS) is not None:
            pass
        self._stderr.join(DEADLINE_SECONDS)
        finished = _finished(code, b"".join(self._seen), b"".join(self._seen_on_stderr))
        assert_nothing_is_told(finished, self._config, () if shows_values else self._sent)
        return finished

    def _read(self) -> None:
        with self._stdout:
            for line in self._stdout:
                self._seen.append(line)
                self._lines.put((time.monotonic(), line))
        self._lines.put(None)

    def _read_stderr(self, file: int) -> None:
        with os.fdopen(file, "rb") as stderr:
            self._seen_on_stderr.extend(stderr)


def _started(
    arguments: Sequence[str], files: tuple[int, int, int], command: Sequence[str] | None
) -> "subprocess.Popen[bytes] | ForkedConnector":
    if command is None:
        return ForkedConnector(arguments, files, _environment())
    stdin, stdout, stderr = files
    return subprocess.Popen(
        [*command, *arguments], stdin=stdin, stdout=stdout, stderr=stderr, cwd=ROOT, env=_environment()
    )


def look_until(seen: Callable[[], bool]) -> None:
    """Look again and again, as at what a server holds."""
    assert any(seen() for _ in range(_MOST_LOOKS))


@dataclass(frozen=True)
class Reader:
    """What stands behind the connector's standard output."""

    is_slow: bool = False
    blocks: bool = True


@contextmanager
def writing(
    config: Json, streams: Json, reader: Reader = Reader(), command: Sequence[str] | None = None
) -> Iterator[Running]:
    """Start a write and keep its input open; whatever happens, it does not outlive the test."""
    with _running("write", config, streams, reader, command) as running:
        yield running


@contextmanager
def checking(config: Json) -> Iterator[Running]:
    """Start a check; whatever happens, it does not outlive the test."""
    with _running("check", config, None) as running:
        yield running


@contextmanager
def _running(
    verb: str, config: Json, streams: Json, reader: Reader = Reader(), command: Sequence[str] | None = None
) -> Iterator[Running]:
    with _files(verb, config, streams) as arguments:
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

"""What goes out: one JSON line per message, whole, flushed, secrets masked, from any thread."""

import fcntl
import logging
import select
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any, BinaryIO, Literal
from urllib.parse import quote, quote_plus

from destination_sage_intacct import exact_json
from destination_sage_intacct.protocol.messages import State, StreamKey

Level = Literal["FATAL", "ERROR", "WARN", "INFO", "DEBUG"]
FailureType = Literal["config_error", "transient_error", "system_error"]

MASK = "****"
_SHORTEST_SECRET = 3
_WIDEST_PIPE = 1 << 20  # what Linux grants to everyone


class OutputClosedError(Exception):
    """What is written cannot go out: nothing reads it any longer, or there is no room."""


class Output:
    """Airbyte's messages on a binary stream.

    The platform parses line by line and acknowledges on what it has read, so every line is written at once and whole,
    and no two threads ever interleave.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self._buffered = stream  # which closes the raw one when nothing refers to it any longer
        # Without Python's own buffer, which a signal or a pipe that does not block can leave with half a line.
        self._stream = getattr(stream, "raw", stream)
        self._lock = threading.RLock()
        self._together: list[bytes] | None = None
        self._secrets: tuple[str, ...] = ()

    def hide(self, secrets: Iterable[str]) -> None:
        """Mask these values from now on, also in the form that a URL gives them."""
        forms = {form for secret in secrets for form in _forms(secret)}
        known = {form for form in forms if len(form) >= _SHORTEST_SECRET} | set(self._secrets)
        # The longest first: a secret may contain another one.
        self._secrets = tuple(sorted(known, key=lambda form: (-len(form), form)))

    def masked(self, text: str) -> str:
        """Return the text with every known secret masked."""
        for secret in self._secrets:
            text = text.replace(secret, MASK)
        return text

    def log(self, level: Level, text: str) -> None:
        """Write a line for the person who reads the sync's log."""
        self._send({"type": "LOG", "log": {"level": level, "message": self.masked(text)}})

    def spec(self, specification: Mapping[str, Any]) -> None:
        """Answer `spec`."""
        self._send({"type": "SPEC", "spec": specification})

    def connection_status(self, wrong: str | None) -> None:
        """Answer `check`: what is wrong, None if nothing is."""
        shown = {"status": "FAILED", "message": self.masked(wrong)} if wrong else {"status": "SUCCEEDED"}
        self._send({"type": "CONNECTION_STATUS", "connectionStatus": shown})

    def destination_catalog(self, operations: Sequence[Mapping[str, Any]]) -> None:
        """Answer `discover`: what can be done with which object."""
        self._send({"type": "DESTINATION_CATALOG", "destination_catalog": {"operations": operations}})

    def state(self, state: State, records: int, rejected: int) -> None:
        """Give a STATE back verbatim, with its own counts as floats, as the protocol wants them."""
        stats = {"recordCount": float(records), "rejectedRecordCount": float(rejected)}
        self._send(state.message | {"state": state.state | {"destinationStats": stats}})

    def configuration(self, config: Mapping[str, Any]) -> None:
        """Hand Airbyte a new configuration to keep; the only message that carries secrets."""
        control = {"type": "CONNECTOR_CONFIG", "emitted_at": _now_ms(), "connectorConfig": {"config": config}}
        self._send({"type": "CONTROL", "control": control})

    def error(self, text: str, failure_type: FailureType, internal: str, stream: StreamKey | None) -> None:
        """Write why the run failed; the first such message decides whether it tries again."""
        error: dict[str, Any] = {
            "message": self.masked(text),
            "internal_message": self.masked(internal),
            "failure_type": failure_type,
        }
        if stream is not None:
            error["stream_descriptor"] = {"name": stream.name, "namespace": stream.namespace}
        self._send({"type": "TRACE", "trace": {"type": "ERROR", "emitted_at": _now_ms(), "error": error}})

    @contextmanager
    def together(self) -> Iterator[None]:
        """Send the lines of this block in one write, so that a reader which gets one of them can get all."""
        with self._lock:
            lines: list[bytes] = []
            self._together = lines
            try:
                yield
            finally:
                self._together = None
                if len(lines) > 1:
                    self._widen()
                if lines:
                    self._write(b"".join(lines))

    def _send(self, message: Mapping[str, Any]) -> None:
        line = _encoded(message) + b"\n"
        with self._lock:
            if self._together is not None:
                self._together.append(line)
            else:
                self._write(line)

    def _widen(self) -> None:
        """Let a pipe take as much at once as the system allows, so that the process may end right after the write."""
        with suppress(OSError, AttributeError, ValueError):  # no pipe, not on Linux
            fcntl.fcntl(self._stream.fileno(), fcntl.F_SETPIPE_SZ, _WIDEST_PIPE)

    def _write(self, data: bytes) -> None:
        """Write all of it, to any kind of stream: a raw one may take only a part, and a non-blocking one nothing.

        Raises:
            OutputClosedError: the stream takes no more data.
        """
        left = memoryview(data)
        try:
            while left:
                taken = self._stream.write(left)
                if not taken:
                    select.select([], [self._stream], [])
                    continue
                left = left[taken:]
            self._stream.flush()
        except (OSError, ValueError) as error:  # a ValueError, if it is closed on this side
            raise OutputClosedError(getattr(error, "strerror", None) or "it is closed") from None


class LogHandler(logging.Handler):
    """Sends what libraries log through the output, so that it is masked and never breaks a line."""

    def __init__(self, output: Output) -> None:
        super().__init__(logging.WARNING)
        self._output = output

    def emit(self, record: logging.LogRecord) -> None:
        """Pass one record on."""
        level: Level = "ERROR" if record.levelno >= logging.ERROR else "WARN"
        self._output.log(level, f"{record.name}: {record.getMessage()}")


def _forms(secret: str) -> tuple[str, str, str]:
    return secret, quote(secret, safe="", errors="replace"), quote_plus(secret, errors="replace")


def _encoded(message: Mapping[str, Any]) -> bytes:
    try:
        return exact_json.encode(message)
    except UnicodeEncodeError:
        return exact_json.encode(_without_surrogates(message))


def _without_surrogates(value: object) -> object:
    """Return a value with each lone surrogate written out, as no UTF-8 holds one: a message always goes out."""
    match value:
        case str():
            return value.encode("utf-8", "backslashreplace").decode()
        case Mapping():
            return {_without_surrogates(name): _without_surrogates(inner) for name, inner in value.items()}
        case list() | tuple():
            return [_without_surrogates(inner) for inner in value]
    return value


def _now_ms() -> float:
    return time.time() * 1000


def counted(number: int, word: str) -> str:
    """Return a number of things whose plural takes an s: `1 row`, `2 rows`."""
    return f"{number} {word}" if number == 1 else f"{number} {word}s"

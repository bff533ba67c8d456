"""What comes in: Airbyte's lines, read exactly.

Airbyte's own model classes lose `state.id` and every key they do not know, so a STATE keeps its members'
bytes here and goes out again verbatim (Airbyte CDK issues 69138, 70421).
"""

import os
import re
import select
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Literal, NamedTuple

import msgspec

from destination_sage_intacct import exact_json
from destination_sage_intacct.protocol.unreadable import Unreadable, read_around

_CHUNK_BYTES = 1 << 18
_TICK_SECONDS = 0.2
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
# What a row takes as objects (measured): each name and value, and its texts in the row, the body and the request.
_BYTES_OF_A_ROW = 1_000
_BYTES_OF_A_VALUE = 130
_TIMES_HELD = 3
_NOT_CARRIED = frozenset({"NULLED", "TRUNCATED"})
_REASON = re.compile(r"[A-Z]+(_[A-Z]+)*")


class StreamKey(NamedTuple):
    """What identifies a stream: its namespace, if it has one, and its name."""

    namespace: str | None
    name: str

    def __str__(self) -> str:
        """Write the stream as Airbyte's pages show it."""
        return f"{self.namespace}.{self.name}" if self.namespace else self.name


class Change(NamedTuple):
    """A value that was not carried: nulled or cut, as its source or the platform says, and why."""

    column: str
    reason: str


class Record(msgspec.Struct, frozen=True, gc=False):
    """A RECORD line. `data` is whatever JSON value the line holds there; `line` counts input lines from 1.

    `changes`: the values that did not arrive as the source holds them. `size`: about how many bytes of memory it takes
    until it is settled. `unreadable`: the columns that cannot be read; `data` has their text where it can be read as
    text.
    """

    line: int
    stream: StreamKey
    data: Any
    changes: tuple[Change, ...] = ()
    size: int = 0
    unreadable: tuple[Unreadable, ...] = ()

    def __eq__(self, other: object) -> bool:
        """Return whether the other is the same line; `size` follows from its bytes and does not count."""
        return isinstance(other, Record) and self._line == other._line

    def __hash__(self) -> int:
        """Return the hash of what is compared."""
        return hash(self._line)

    @property
    def _line(self) -> tuple[object, ...]:
        return self.line, self.stream, self.data, self.changes, self.unreadable


@dataclass(frozen=True, slots=True)
class State:
    """A STATE line. `message` and `state` are the members' own bytes, to be written again as they came.

    `listed`: the streams that a GLOBAL state lists, None for the others and where it lists nothing that can be read.
    """

    line: int
    kind: Literal["STREAM", "GLOBAL", "LEGACY"]
    stream: StreamKey | None
    message: dict[str, msgspec.Raw]
    state: dict[str, msgspec.Raw]
    listed: frozenset[StreamKey] | None = None

    def counts(self, stream: StreamKey) -> bool:
        """Return whether the rows of a stream that it covers belong into its counts.

        A GLOBAL state counts the streams that it lists: the platform keeps the rows of others for the next one that
        lists them (platform source, `ParallelStreamStatsTracker`).
        """
        return self.listed is None or stream in self.listed


@dataclass(frozen=True, slots=True)
class StreamComplete:
    """A TRACE that says that a stream is complete: its source has ended well (Airbyte's stream status COMPLETE)."""

    line: int
    stream: StreamKey


Message = Record | State | StreamComplete


class _RecordMember(msgspec.Struct, gc=False):
    """What a RECORD message holds. Its other members are not read."""

    stream: str
    data: Any = None
    namespace: str | None = None
    meta: Any = None


class _UsualMessage(msgspec.Struct, gc=False):
    """A RECORD message in the form that nearly all have."""

    type: Literal["RECORD"]
    record: _RecordMember


_USUAL = msgspec.json.Decoder(_UsualMessage, float_hook=Decimal)


class ProtocolError(Exception):
    """The input is not what Airbyte promises. Names the line, never its content."""


class NoInputError(Exception):
    """There is nothing to read messages from: the process was not started as Airbyte starts it."""


def read_lines(
    descriptor: int, stopped: Callable[[], bool], tick_seconds: float = _TICK_SECONDS
) -> Iterator[bytes | None]:
    """Read lines from a file descriptor; None whenever nothing arrived for `tick_seconds`.

    Ends at the end of input, or as soon as `stopped()` is true. A last line without its newline is given too.

    Raises:
        NoInputError: the descriptor cannot be read.
    """
    pending: list[bytes] = []
    while not stopped():
        try:
            ready, _, _ = select.select([descriptor], [], [], tick_seconds)
            chunk = os.read(descriptor, _CHUNK_BYTES) if ready else b""
        except (OSError, ValueError) as error:
            raise no_input(getattr(error, "strerror", None) or "it is closed") from None
        if not ready:
            yield None
            continue
        if not chunk:
            if pending:
                yield b"".join(pending)
            return
        head, *rest = chunk.split(b"\n")
        pending.append(head)
        for following in rest:
            yield b"".join(pending)
            if stopped():
                return
            pending = [following]


def parse_messages(lines: Iterator[bytes | None]) -> Iterator[Message | None]:
    """Turn lines into messages; None is a moment without input, unknown types are passed over.

    Raises:
        ProtocolError: a line is not JSON, or is not the message that its type promises.
    """
    number = 0
    for read in lines:
        if read is None:
            yield None
            continue
        number += 1
        line = read.removeprefix(_BYTE_ORDER_MARK) if number == 1 else read
        message = parse_line(line, number) if line.strip() else None
        if message is not None:
            yield message


def parse_line(line: bytes, number: int) -> Message | None:
    """Parse one line; None for a message type that a destination has no use for.

    Raises:
        ProtocolError: as `parse_messages`.
    """
    try:
        usual = _USUAL.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, InvalidOperation):
        pass  # another type of message, or a line that takes a closer look
    else:
        if usual.record.stream:
            return _record(usual.record, number, line)
    unreadable: tuple[Unreadable, ...] = ()
    try:
        message = exact_json.decode(line)
    except exact_json.NotJsonError as error:
        rest = read_around(line)
        if rest is None:
            raise ProtocolError(
                f"Line {number} of the input is not JSON: {error}. Nothing from this line on was written. "
                "The source or the platform produced a broken line; run the sync again, and if the line stays "
                "broken, report it to the maker of the source."
            ) from None
        message, unreadable = rest
    if not isinstance(message, dict):
        raise _malformed(number, "it is not an Airbyte message but a bare JSON value")
    kind = message.get("type")
    if kind == "RECORD":
        return _record(_read_record(message.get("record"), number), number, line, unreadable)
    if kind == "STATE":
        return _state(message.get("state"), line, number)
    if kind == "TRACE":
        return _complete(message.get("trace"), number)
    return None


def _read_record(record: object, number: int) -> _RecordMember:
    if not isinstance(record, dict):
        raise _malformed(number, "it is of type RECORD but holds no record")
    stream = _stream_key(record.get("stream"), record.get("namespace"))
    if stream is None:
        raise _malformed(number, "its record names no stream")
    return _RecordMember(stream.name, record.get("data"), stream.namespace, record.get("meta"))


def _record(read: _RecordMember, number: int, line: bytes, unreadable: tuple[Unreadable, ...] = ()) -> Record:
    values = min(line.count(b":"), line.count(b'"') // 2)  # at most: there may be colons in texts
    size = _BYTES_OF_A_ROW + _TIMES_HELD * len(line) + _BYTES_OF_A_VALUE * values
    changes = changes_in(read.meta) if read.meta else ()
    return Record(number, StreamKey(read.namespace or None, read.stream), read.data, changes, size, unreadable)


def changes_in(meta: object) -> tuple[Change, ...]:
    """Return the changes that a record's `meta` lists, or a warehouse's column of that name, which may hold its JSON.

    Airbyte protocol, `AirbyteRecordMessageMetaChange`: `{field, change: NULLED | TRUNCATED, reason}`.
    """
    if not meta:
        return ()
    if isinstance(meta, str):
        try:
            meta = exact_json.decode(meta.encode())
        except exact_json.NotJsonError:
            return ()
    changes = _member(meta, "changes")
    reported = (_change(each) for each in changes) if isinstance(changes, list) else ()
    return tuple(change for change in reported if change is not None)


def _change(reported: object) -> Change | None:
    column, reason = _member(reported, "field"), _member(reported, "reason")
    if not isinstance(column, str) or _member(reported, "change") not in _NOT_CARRIED:
        return None
    # It goes into the log, so it must be one of the protocol's words: in a warehouse it is a value of the row.
    is_word = isinstance(reason, str) and _REASON.fullmatch(reason)
    return Change(column, str(reason) if is_word else "no reason given")


def _state(state: object, line: bytes, number: int) -> State:
    if not isinstance(state, dict):
        raise _malformed(number, "it is of type STATE but holds no state")
    message = exact_json.decode_members(line)
    members = exact_json.decode_members(bytes(message["state"]))
    kind = state.get("type") or "LEGACY"
    if kind == "GLOBAL":
        return State(number, "GLOBAL", None, message, members, _listed(state.get("global")))
    if kind == "LEGACY":
        return State(number, "LEGACY", None, message, members)
    stream = _described(state.get("stream"))
    if kind != "STREAM" or stream is None:
        raise _malformed(number, "its state is neither of a stream nor global")
    return State(number, "STREAM", stream, message, members)


def _listed(shared: object) -> frozenset[StreamKey] | None:
    states = _member(shared, "stream_states")
    if not isinstance(states, list):
        return None
    return frozenset(stream for stream in map(_described, states) if stream is not None)


def _complete(trace: object, number: int) -> StreamComplete | None:
    status = _member(trace, "stream_status")
    if _member(trace, "type") != "STREAM_STATUS" or _member(status, "status") != "COMPLETE":
        return None
    stream = _described(status)
    if stream is None:
        raise _malformed(number, "its status COMPLETE names no stream")
    return StreamComplete(number, stream)


def _member(value: object, name: str) -> object:
    return value.get(name) if isinstance(value, dict) else None


def _described(value: object) -> StreamKey | None:
    """Return the stream that a value's `stream_descriptor` names."""
    descriptor = _member(value, "stream_descriptor")
    return _stream_key(_member(descriptor, "name"), _member(descriptor, "namespace"))


def _stream_key(name: object, namespace: object) -> StreamKey | None:
    if not isinstance(name, str) or not name:
        return None
    return StreamKey(namespace if isinstance(namespace, str) and namespace else None, name)


def no_input(why: str) -> NoInputError:
    """Return the error that says why there is no input."""
    return NoInputError(
        f"The standard input, from which rows come, cannot be read: {why}. Run the connector as Airbyte does, with its "
        "standard input attached (`docker run -i`), and give it a file or a pipe of messages."
    )


def _malformed(number: int, why: str) -> ProtocolError:
    return ProtocolError(
        f"Line {number} of the input breaks the Airbyte protocol: {why}. "
        "Nothing from this line on was written. Report it to the maker of the source."
    )

"""A RECORD some of whose values cannot be read: everything else of it, and why those values cannot.

One value must not stop a stream for good: half of an emoji, a number of thousands of digits, bytes that are no UTF-8.
The line is taken apart without reading what it holds, and the columns that cannot be read are replaced; if that leaves
no RECORD, the line is no message.
"""

import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from destination_sage_intacct import exact_json

_LONGEST_SHOWN = 1_000
# A string as a whole, else one character of the structure. No alternative overlaps, so it takes linear time.
_TOKEN = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"|[{}\[\],]', re.DOTALL)
_NAME = re.compile(rb'\s*("[^"\\]*(?:\\.[^"\\]*)*")\s*:\s*', re.DOTALL)
_NUMBER = re.compile(rb"-?\d[\d.eE+-]*")
_OPENING, _CLOSING = b"{[", b"}]"
_NEEDED = frozenset({b'"stream"', b'"namespace"', b'"data"'})
_Replaced = tuple[tuple[int, int], bytes]


class Unreadable(NamedTuple):
    """A column whose value, or whose name, cannot be read, and why."""

    column: str
    why: str


class _Member(NamedTuple):
    """One member of an object in a line: its name as it came, and where name and value begin and end."""

    name: bytes
    name_at: tuple[int, int]
    value_at: tuple[int, int]


def read_around(line: bytes) -> tuple[dict[str, Any], tuple[Unreadable, ...]] | None:
    """Return a RECORD message with what cannot be read replaced by its text, and what that is.

    Returns:
        None if the line is no RECORD whose envelope can be read, or if nothing shows what is wrong with it.
    """
    whole = (0, len(line))
    record = _value_of(b'"record"', line, whole)
    data = record and _value_of(b'"data"', line, record)
    if not record or not data:
        return None
    found: list[Unreadable] = []
    parts: list[bytes] = []
    done = 0
    for at, replaced in sorted([*_around(line, record, found), *_within(line, data, found)]):
        parts += [line[done : at[0]], replaced]
        done = at[1]
    try:
        message = exact_json.decode(b"".join([*parts, line[done:]]))
    except exact_json.NotJsonError:
        return None
    is_record = isinstance(message, dict) and message.get("type") == "RECORD"
    return (message, tuple(found)) if is_record and parts else None


def _around(line: bytes, record: tuple[int, int], found: list[Unreadable]) -> Iterator[_Replaced]:
    """Yield what is to be replaced outside the columns: a time is not needed, what `meta` says about the values is."""
    for member in _members(line, *record):
        why = "" if member.name in _NEEDED else _why_unreadable(line[slice(*member.value_at)])
        if why and member.name == b'"meta"':
            found.append(Unreadable("_airbyte_meta", why))
        if why:
            yield member.value_at, b"null"


def _within(line: bytes, data: tuple[int, int], found: list[Unreadable]) -> Iterator[_Replaced]:
    for number, member in enumerate(_members(line, *data), start=1):
        for at, replaced in _unreadable(line, member, number, found):
            yield at, exact_json.encode(replaced)


def _unreadable(
    line: bytes, member: _Member, number: int, found: list[Unreadable]
) -> Iterator[tuple[tuple[int, int], str]]:
    """Yield what is to be replaced of a column, and by what; enter it in `found`."""
    name = _read(member.name)
    if not isinstance(name, str):
        name = f"column {number}"
        found.append(Unreadable(name, "its name cannot be read"))
        yield member.name_at, name
    value = line[slice(*member.value_at)]
    why = _why_unreadable(value)
    if why:
        found.append(Unreadable(name, why))
        yield member.value_at, value[:_LONGEST_SHOWN].decode("utf-8", "replace")


def _read(text: bytes) -> object:
    try:
        return exact_json.decode(text)
    except exact_json.NotJsonError:
        return None


def _why_unreadable(value: bytes) -> str:
    """Return why a value cannot be read, an empty text if it can."""
    try:
        exact_json.decode(value)
    except exact_json.NotJsonError as error:
        if _NUMBER.fullmatch(value.strip()):
            return "the number has too many digits"
        return _HALF if _holds_half_a_character(value) else str(error)
    return ""


_HALF = "it holds one half of a character (a lone surrogate)"


def _holds_half_a_character(value: bytes) -> bool:
    if rb"\u" not in value:
        return False
    try:
        json.loads(value)  # which takes them
    except (ValueError, RecursionError):
        return False
    return True


def _value_of(name: bytes, line: bytes, within: tuple[int, int]) -> tuple[int, int] | None:
    return next((member.value_at for member in _members(line, *within) if member.name == name), None)


def _members(line: bytes, start: int, end: int) -> Iterator[_Member]:
    """Yield the members of the object that begins in a part of a line; nothing if there is none."""
    begin = line.find(b"{", start, end)
    if begin < 0 or line[start:begin].strip():
        return
    depth, name = 0, _NAME.match(line, begin + 1, end)
    for token in _TOKEN.finditer(line, begin, end):
        sign = line[token.start() : token.start() + 1]
        depth += (sign in _OPENING) - (sign in _CLOSING)
        ends = (depth == 1 and sign == b",") or depth == 0
        if ends and name is not None:
            yield _Member(name.group(1), name.span(1), (name.end(), token.start()))
            name = _NAME.match(line, token.end(), end)
        if depth == 0:
            return

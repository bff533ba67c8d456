"""The files of rejected rows: CSV or JSON Lines, a line for each row with the reason in separate columns."""

import gzip
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal, Protocol

from destination_sage_intacct import exact_json

REASON_PREFIX = "_airbyte_rejected_"
ROW_COLUMN = "_airbyte_data"

_NEEDS_QUOTES = re.compile(r'[",\r\n]|^$|^\s|\s$')

Columns = dict[str, int]
"""The columns of a stream's CSV files, each with its place; they only become more."""


@dataclass(frozen=True, slots=True)
class FileFormat:
    """How rows are written down.

    `flattens`: the columns of a row become columns of the file, else the row is the one column `_airbyte_data`.
    `stringifies`: in JSON Lines, a value with members or elements becomes text; in CSV it always does.
    """

    kind: Literal["csv", "jsonl"] = "csv"
    flattens: bool = False
    stringifies: bool = False
    compresses: bool = False

    @property
    def extension(self) -> str:
        """Return how the name of a file ends, with its dot."""
        return f".{self.kind}.gz" if self.compresses else f".{self.kind}"

    @property
    def content_type(self) -> str:
        """Return the media type of a file."""
        if self.compresses:
            return "application/gzip"
        return "text/csv; charset=utf-8" if self.kind == "csv" else "application/x-ndjson"

    def columns(self, reason: Mapping[str, Any], data: object) -> dict[str, Any]:
        """Return the columns of one row: the reason's, then its own.

        A row that was read from such a file brings columns of an earlier reason, which the new reason replaces.
        """
        is_flat = self.flattens and isinstance(data, dict)
        own: Mapping[str, Any] = data if is_flat and isinstance(data, dict) else {ROW_COLUMN: data}
        as_text = self.stringifies or self.kind == "csv"
        shown = {
            name: _json_text(value) if as_text and (isinstance(value, dict | list) or not is_flat) else value
            for name, value in own.items()
            if name not in reason
        }
        return {**reason, **shown}


class LineWriter(Protocol):
    """The lines of one file, in memory."""

    def padding(self, row: Mapping[str, Any]) -> int:
        """Return the bytes that the lines so far would grow by if this row were added."""
        ...

    def add(self, row: Mapping[str, Any]) -> int:
        """Add a row by its columns; return its bytes."""
        ...

    def content(self) -> bytes:
        """Return the whole file, not compressed."""
        ...


class JsonLineWriter:
    """The lines of a file in JSON Lines."""

    def __init__(self) -> None:
        self._lines: list[bytes] = []

    def padding(self, row: Mapping[str, Any]) -> int:
        """Return 0: each line names its own columns."""
        del row
        return 0

    def add(self, row: Mapping[str, Any]) -> int:
        """Add a row by its columns; return its bytes."""
        line = exact_json.encode(row) + b"\n"
        self._lines.append(line)
        return len(line)

    def content(self) -> bytes:
        """Return the whole file."""
        return b"".join(self._lines)


class CsvLineWriter:
    """The lines of a file in CSV (RFC 4180, with line feeds); a null is an empty cell, an empty text is quoted.

    A column that comes with a later row is the last one of the header, so that lines before it need only commas.

    Args:
        columns: those that every file of the stream has; a new one is entered there.
    """

    def __init__(self, columns: Columns) -> None:
        self._columns = columns
        self._lines: list[tuple[int, bytes]] = []

    def padding(self, row: Mapping[str, Any]) -> int:
        """Return the commas that the lines so far would need for the columns that only this row has."""
        return len(row.keys() - self._columns.keys()) * len(self._lines)

    def add(self, row: Mapping[str, Any]) -> int:
        """Add a row by its columns; return its bytes."""
        for name in row:
            self._columns.setdefault(name, len(self._columns))
        cells = [""] * len(self._columns)
        for name, value in row.items():
            cells[self._columns[name]] = _cell(value)
        line = ",".join(cells).encode()
        self._lines.append((len(cells), line))
        return len(line) + 1

    def content(self) -> bytes:
        """Return the whole file, its header first."""
        header = list(self._columns)
        lines = [",".join(_cell(name) for name in header).encode()]
        lines += [line + b"," * (len(header) - cells) for cells, line in self._lines]
        return b"\n".join(lines) + b"\n"


def compressed(content: bytes) -> bytes:
    """Return the content in gzip, the same for the same content."""
    return gzip.compress(content, mtime=0)


def _cell(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case str() if _NEEDS_QUOTES.search(value):
            doubled = value.replace('"', '""')
            return f'"{doubled}"'
        case str():
            return value
        case Decimal() | int() | float():
            return _json_text(value)
    return _cell(_json_text(value))


def _json_text(value: object) -> str:
    return exact_json.encode(value).decode()

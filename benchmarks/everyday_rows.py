"""Rows of everyday syncs that are no plain customers. Run as a program with the name of a kind it writes its lines."""

import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, ClassVar

import msgspec

Json = dict[str, Any]

RECORDS_OF_VERSIONS = 400
CUSTOMERS_OF_INVOICES = 100
LINES = 10
ONE_BAD_IN = 10
ROWS_A_SECOND = 4
COLUMNS = {"narrow": 3, "wide": 200}
_DATES = {"invoiceDate": "2026-01-05", "dueDate": "2026-02-05"}


def _line(amount: int) -> Json:
    return {"txnAmount": f"{amount}.25", "glAccount": {"id": "4000"}, "dimensions": {"location": {"id": "US"}}}


def invoice(number: int, lines: int = 1) -> Json:
    """Return an invoice to one of a hundred customers, numbered."""
    customer = f"C-{number % CUSTOMERS_OF_INVOICES}"
    amounts = [_line(place + 1) for place in range(lines)]
    return {"customer": {"id": customer}, "invoiceNumber": f"I-{number}", **_DATES, "lines": amounts}


def _customer(number: int, **more: Any) -> Json:
    return {"id": f"C-{number:07d}", "name": f"Customer {number}", **more}


def _bad(number: int) -> Json:
    """One customer in ten refers to a term that the company does not have."""
    term = f"NONE-{number}" if number % ONE_BAD_IN == 0 else "N30"
    return _customer(number, term={"id": term})


def _version(number: int) -> Json:
    version, record = divmod(number, RECORDS_OF_VERSIONS)
    return _customer(record, taxId=f"version {version}")


def _columns(kind: str, number: int) -> Json:
    own = {f"nsp::COLUMN_{place}": f"value {number} of {place}" for place in range(COLUMNS[kind] - 2)}
    return _customer(number, **own)


_KINDS: Mapping[str, Callable[[int], Json]] = {
    "invoices": invoice,
    "documents": lambda number: invoice(number, LINES),
    "bad": _bad,
    "versions": _version,
    "trickle": _customer,
    "deletes": lambda number: {"key": str(number), "_ab_cdc_deleted_at": "2026-01-31T00:00:00Z"},
    "objects": lambda number: {"name": f"row {number}"},
    "narrow": lambda number: _columns("narrow", number),
    "wide": lambda number: _columns("wide", number),
}


@dataclass(frozen=True, slots=True)
class Everyday:
    """A number of rows of one kind.

    Attributes:
        kind: names the kind of rows.
        rows: how many in all.
        streams: how many they come in, one stream after another.
        first: the number of the first row.
    """

    kind: str
    rows: int
    streams: int = 1
    first: int = 0
    module: ClassVar[str] = "benchmarks.everyday_rows"

    @property
    def arguments(self) -> list[str]:
        """Return the arguments that make this module, run as a program, write these rows."""
        return [self.kind, str(self.rows), str(self.streams), str(self.first)]

    def columns(self, number: int) -> Json:
        """Return one row."""
        return _KINDS[self.kind](number)

    def catalog(self) -> Json:
        """Return the configured catalog."""
        schema = {"type": "object", "properties": {name: {} for name in self.columns(0)}}
        modes = {"sync_mode": "incremental", "destination_sync_mode": "append"}
        return {
            "streams": [
                {
                    "stream": {"name": name, "json_schema": schema, "supported_sync_modes": ["incremental"]},
                    "primary_key": [[next(iter(self.columns(0)))]],
                    **modes,
                }
                for name in map(stream, range(self.streams))
            ]
        }

    def lines(self) -> Iterator[bytes]:
        """Airbyte's lines, each with its newline: a STATE after each stream, and every second where rows trickle."""
        each = self.rows // self.streams
        for place in range(self.streams):
            for number in range(each):
                record = {"stream": stream(place), "data": self.columns(self.first + number), "emitted_at": 1}
                yield msgspec.json.encode({"type": "RECORD", "record": record}) + b"\n"
                if self.kind == "trickle" and number % ROWS_A_SECOND == ROWS_A_SECOND - 1:
                    yield _state(place, number)
            yield _state(place, each)


def stream(place: int) -> str:
    """Return the name of a stream."""
    return f"rows_{place}"


def _state(place: int, number: int) -> bytes:
    of_stream = {"stream_descriptor": {"name": stream(place)}, "stream_state": {"number": number}}
    return msgspec.json.encode({"type": "STATE", "state": {"type": "STREAM", "stream": of_stream}}) + b"\n"


def main(kind: str, *numbers: str) -> None:
    """Write the lines; those that trickle at their pace."""
    output = sys.stdout.buffer
    for line in Everyday(kind, *map(int, numbers)).lines():
        if kind == "trickle" and b'"RECORD"' in line:
            time.sleep(1 / ROWS_A_SECOND)
        output.write(line)
        if kind == "trickle":
            output.flush()
    output.flush()


if __name__ == "__main__":
    with suppress(BrokenPipeError):
        main(*sys.argv[1:])

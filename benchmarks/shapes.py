"""Odd shapes of rows, the connector alone: wide rows, documents, many entities, many streams.

What the connector holds at once is bounded by bytes, and what a row costs does not grow with the number of streams,
entities or columns. Run as a program with the name of a shape it writes its lines.
"""

import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, ClassVar

import msgspec

from benchmarks import report
from benchmarks.connector_alone import COMMAND, per_row
from benchmarks.connector_run import Run, configuration, run_connector
from benchmarks.prepared_answers import NOWHERE
from benchmarks.report import Figure, Section

Json = dict[str, Any]

MOST_MEGABYTES = 256
MOST_TIMES_ONE_STREAM = 1.5
_MEGABYTE = 1_000_000
_INSERT = {"operation": "insert", "matching": {"by": "record_key", "field": "key"}}
_LINE = {"txnAmount": "10.00", "glAccount": {"id": "4000"}, "memo": "a line", "dimensions": {"location": {"id": "1"}}}
_DATES = {"invoiceDate": "2026-01-05", "dueDate": "2026-02-05"}


@dataclass(frozen=True, slots=True)
class Shape:
    """A number of rows of one kind, in turn in a number of streams, with a STATE of each stream at the end.

    Attributes:
        kind: names the kind of rows: `small`, `wide`, `documents`, `entities`.
        rows: how many in all.
        streams: how many they come in.
    """

    kind: str
    rows: int
    streams: int = 1
    module: ClassVar[str] = "benchmarks.shapes"

    @property
    def arguments(self) -> list[str]:
        """Return the arguments that make this module, run as a program, write these rows."""
        return [self.kind, str(self.rows), str(self.streams)]

    @property
    def configuration(self) -> Json:
        """Return what writes these rows."""
        own: Json = {"object_type": "Invoice"} if self.kind == "documents" else {}
        if self.kind == "entities":
            own["streams"] = [{"stream": _stream(0), "entity_field": "entity"}]
        return configuration(NOWHERE, **_INSERT, **own)

    def columns(self, number: int) -> Json:
        """Return one row."""
        match self.kind:
            case "wide":
                return {"id": f"C-{number}", "name": "x", "notes": "y" * 200_000}
            case "documents":
                return {"customer": {"id": "C-1"}, "referenceNumber": f"R-{number}", **_DATES, "lines": [_LINE] * 150}
            case "entities":
                own = {f"nsp::COLUMN_{place}": f"value {number} of {place}" for place in range(40)}
                return {"id": f"C-{number}", "name": "x", "entity": f"E-{number % 100}", **own}
        return {"id": f"C-{number}", "name": f"Customer {number}", "taxId": f"{number:07d}"}

    def catalog(self) -> Json:
        """Return the configured catalog."""
        columns: Json = {name: {} for name in self.columns(0)}
        return {
            "streams": [
                {
                    "stream": {
                        "name": _stream(number),
                        "json_schema": {"type": "object", "properties": columns},
                        "supported_sync_modes": ["full_refresh"],
                    },
                    "sync_mode": "full_refresh",
                    "destination_sync_mode": "append",
                    "primary_key": [["id"]],
                }
                for number in range(self.streams)
            ]
        }

    def lines(self) -> Iterator[bytes]:
        """Airbyte's lines, each with its newline."""
        for number in range(self.rows):
            record = {"stream": _stream(number % self.streams), "data": self.columns(number), "emitted_at": 1}
            yield msgspec.json.encode({"type": "RECORD", "record": record}) + b"\n"
        for number in range(self.streams):
            state = {"type": "STREAM", "stream": {"stream_descriptor": {"name": _stream(number)}, "stream_state": {}}}
            yield msgspec.json.encode({"type": "STATE", "state": state}) + b"\n"


def _stream(number: int) -> str:
    return f"rows_{number}"


def measure(quick: bool) -> list[Section]:
    """Measure the memory of each shape, and the CPU time of many streams compared with one."""
    share = 10 if quick else 1
    one, many = (_run(Shape("small", 100_000 // share, streams)) for streams in (1, 1000 // share))
    shapes = {
        "4,500 rows of 200 kB": _run(Shape("wide", 4_500 // share)),
        "4,500 invoices of 150 lines": _run(Shape("documents", 4_500 // share)),
        "100,000 rows of 40 columns in 100 entities": _run(Shape("entities", 100_000 // share)),
    }
    times = per_row(many) / per_row(one)
    return [
        Section(
            "Streams side by side, 100,000 rows",
            [
                Figure("1 stream", f"{per_row(one):.1f} us of CPU a row"),
                Figure(
                    f"{1000 // share} streams in turn",
                    f"{per_row(many):.1f} us of CPU a row",
                    f"{times:.2f} x one stream",
                    (report.at_most(f"{MOST_TIMES_ONE_STREAM} x", times, MOST_TIMES_ONE_STREAM),),
                ),
            ],
        ),
        Section(
            "The most memory resident, by the shape of rows",
            [
                Figure(
                    name,
                    f"{run.peak_bytes / _MEGABYTE:.0f} MB",
                    targets=(report.below(f"{MOST_MEGABYTES} MB", run.peak_bytes / _MEGABYTE, MOST_MEGABYTES),),
                )
                for name, run in shapes.items()
            ],
        ),
    ]


def _run(shape: Shape) -> Run:
    report.progress(f"{shape.rows:,} rows, {shape.kind}, {shape.streams:,} streams")
    return run_connector(shape.configuration, shape, COMMAND, on_one_core=True)


if __name__ == "__main__":
    if len(sys.argv) > 1 and not sys.argv[1].startswith("-"):
        kind, rows, streams = sys.argv[1:]
        with suppress(BrokenPipeError):
            sys.stdout.buffer.writelines(Shape(kind, int(rows), int(streams)).lines())
            sys.stdout.buffer.flush()
    else:
        report.main(__doc__ or "", measure)

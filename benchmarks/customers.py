"""The rows that every benchmark sends: customers as a warehouse holds them, and the lines that Airbyte makes of them.

Run as a program it writes the lines, so that making them costs the process that is measured nothing.
"""

import argparse
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import msgspec

STREAM = "customers"
PATH = "accounts-receivable/customer"

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Customers:
    """Which rows are sent: customers 1 to `rows`, with a STATE every `state_every` rows and after the last.

    Every `renamed_every`th customer bears a name of round `renaming`; with 0 none does.
    """

    rows: int
    state_every: int = 1000
    renamed_every: int = 0
    renaming: int = 0
    module: ClassVar[str] = "benchmarks.customers"

    @property
    def arguments(self) -> list[str]:
        """Return the arguments that make this module, run as a program, write these rows."""
        return [
            f"--rows={self.rows}",
            f"--state-every={self.state_every}",
            f"--renamed-every={self.renamed_every}",
            f"--renaming={self.renaming}",
        ]

    @classmethod
    def of_arguments(cls, arguments: list[str]) -> Self:
        parser = argparse.ArgumentParser(description="Writes customers as the lines that Airbyte gives a destination.")
        parser.add_argument("--rows", type=int, required=True, help="how many customers")
        parser.add_argument("--state-every", type=int, default=1000, help="rows between two STATEs")
        parser.add_argument("--renamed-every", type=int, default=0, help="every how many-th has another name; 0: none")
        parser.add_argument("--renaming", type=int, default=0, help="what distinguishes that name")
        return cls(**vars(parser.parse_args(arguments)))

    def columns(self, number: int) -> Json:
        """Return one row, numbers as the warehouse holds them, a dot between the levels of a field's name."""
        renamed = self.renamed_every and number % self.renamed_every == 0
        return {
            "id": f"C-{number:07d}",
            "name": f"Customer {number}, round {self.renaming}" if renamed else f"Customer {number}",
            "taxId": f"{number % 100:02d}-{number:07d}",
            "creditLimit": number + 0.25,
            "status": "active",
            "contacts.default.email1": f"billing{number}@example.com",
            "contacts.default.mailingAddress.city": "San Jose",
        }

    def body(self, number: int) -> Json:
        """Return the same row as the body of a request."""
        body: Json = {}
        for column, value in self.columns(number).items():
            *levels, last = column.split(".")
            place = body
            for level in levels:
                place = place.setdefault(level, {})
            place[last] = value
        return body

    def lines(self) -> Iterator[bytes]:
        """Airbyte's lines, each with its newline."""
        for number in range(1, self.rows + 1):
            record = {
                "stream": STREAM,
                "namespace": None,
                "data": self.columns(number),
                "emitted_at": 1_700_000_000_000,
                "meta": None,
            }
            yield msgspec.json.encode({"type": "RECORD", "record": record}) + b"\n"
            if number % self.state_every == 0 or number == self.rows:
                yield msgspec.json.encode({"type": "STATE", "state": _state(number)}) + b"\n"

    def catalog(self) -> Json:
        """Return the configured catalog of these rows, whose primary key is the customer's id."""
        stream = {
            "name": STREAM,
            "json_schema": {"type": "object", "properties": {column: {} for column in self.columns(1)}},
            "supported_sync_modes": ["full_refresh", "incremental"],
        }
        modes = {"sync_mode": "incremental", "destination_sync_mode": "append_dedup"}
        return {"streams": [{"stream": stream, **modes, "primary_key": [["id"]]}]}


def _state(number: int) -> Json:
    stream = {"stream_descriptor": {"name": STREAM}, "stream_state": {"number": number}}
    return {"type": "STREAM", "stream": stream, "id": number}


def main() -> None:
    customers = Customers.of_arguments(sys.argv[1:])
    try:
        sys.stdout.buffer.writelines(customers.lines())
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        # The reader has gone and reports why itself; without this Python would complain again at exit.
        os._exit(1)


if __name__ == "__main__":
    main()

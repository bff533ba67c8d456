"""What all peers share: rows in, and the report at the end. It needs nothing but Python itself."""

import json
import sys
from collections.abc import Iterator
from itertools import islice
from typing import Any

TOKEN = "demo-access-token"
PATH = "accounts-receivable/customer"
BATCH = 500

Json = dict[str, Any]


def bodies() -> Iterator[Json]:
    """The rows of standard input as bodies of requests."""
    for line in sys.stdin.buffer:
        message = json.loads(line)
        if message["type"] == "RECORD":
            yield body(message["record"]["data"])


def body(columns: Json) -> Json:
    """One row with its levels: a dot is between the names of two."""
    nested: Json = {}
    for column, value in columns.items():
        *levels, last = column.split(".")
        place = nested
        for level in levels:
            place = place.setdefault(level, {})
        place[last] = value
    return nested


def batches() -> Iterator[list[Json]]:
    """The bodies, 500 at a time."""
    rest = bodies()
    while batch := list(islice(rest, BATCH)):
        yield batch


def say_sent(rows: int) -> None:
    """Report how many rows were sent, as a STATE does, before the process ends: its memory is read then."""
    print(json.dumps({"type": "STATE", "state": {"destinationStats": {"recordCount": rows}}}), flush=True)

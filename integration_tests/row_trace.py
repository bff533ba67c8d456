"""The trace of one row: one customer, upserted by its natural key, then a STATE, in this process against an emulator.

Run `python integration_tests/row_trace.py` to print it: every file of the connector that is entered between the first
line of the input and the STATE on the output, in the order in which they are entered, and how often.
"""

import io
import json
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

from airbyte_input import CLIENT_CREDENTIALS
from emulator_process import EmulatorProcess

import destination_sage_intacct
from destination_sage_intacct.config import parse_config
from destination_sage_intacct.connect import connect
from destination_sage_intacct.delivery.sync import deliver, make_plans
from destination_sage_intacct.intacct.clock import SystemClock
from destination_sage_intacct.protocol.catalog import read_catalog
from destination_sage_intacct.protocol.messages import parse_messages
from destination_sage_intacct.protocol.output import Output

PACKAGE = Path(destination_sage_intacct.__file__).parent
CUSTOMER = {"id": "TRACED-1", "name": "Starluck"}
SETTINGS = {
    "company_id": "demo",
    "credentials": CLIENT_CREDENTIALS,
    "object_type": "Customer",
    "operation": "upsert",
    "matching": {"by": "fields", "fields": ["id"]},
}
STREAM = {"name": "customers", "json_schema": {"properties": {name: {} for name in CUSTOMER}}}
CATALOG = {"streams": [{"stream": STREAM, "sync_mode": "full_refresh", "destination_sync_mode": "append"}]}
INPUT: tuple[dict[str, Any], ...] = (
    {"type": "RECORD", "record": {"stream": "customers", "emitted_at": 1, "data": CUSTOMER}},
    {
        "type": "STATE",
        "state": {"type": "STREAM", "stream": {"stream_descriptor": {"name": "customers"}, "stream_state": {}}},
    },
)


@dataclass
class Trace:
    """The calls into files of the connector, by any thread: the files in the order of the stays, and the functions."""

    stays: list[str] = field(default_factory=list)
    functions: set[tuple[str, str]] = field(default_factory=set)
    is_over: bool = False

    @property
    def files(self) -> Counter[str]:
        """Return how often each file was entered, from another one; in the order of the first time."""
        return Counter(self.stays)

    def called(self, frame: FrameType, event: str, _argument: object) -> None:
        """Take note of a call, as `sys.setprofile` reports it; the trace is over when the STATE is written."""
        path = Path(frame.f_code.co_filename)
        if self.is_over or event not in {"call", "return"} or PACKAGE not in path.parents:
            return
        name, function = path.relative_to(PACKAGE).as_posix(), frame.f_code.co_qualname
        if event == "return":
            self.is_over = function == "Output.state"
            return
        self.functions.add((name, function))
        if not self.stays or self.stays[-1] != name:
            self.stays.append(name)


def trace_row() -> Trace:
    """Return the trace of the customer's row."""
    trace, shown = Trace(), io.BytesIO()
    with EmulatorProcess("--no-demo-data") as emulator:
        raw = {**SETTINGS, "api_url": emulator.url}
        config, output, clock = parse_config(raw), Output(shown), SystemClock()
        client = connect(config, raw, output, clock)
        plans = make_plans(config, read_catalog(CATALOG), client, output)
        lines = (json.dumps(message).encode() for message in INPUT)
        with _profiled(trace):
            deliver(config, plans, client, parse_messages(lines), output, clock)
        held = [customer["id"] for customer in emulator.records("accounts-receivable/customer")]
    if held != [CUSTOMER["id"]] or b'"STATE"' not in shown.getvalue():
        raise RuntimeError(f"The row did not arrive: {shown.getvalue().decode()}")
    return trace


@contextmanager
def _profiled(trace: Trace) -> Iterator[None]:
    threading.setprofile(trace.called)
    sys.setprofile(trace.called)
    try:
        yield
    finally:
        sys.setprofile(None)
        threading.setprofile(None)  # type: ignore[arg-type] # as its documentation says


def main() -> None:
    """Print the trace."""
    trace = trace_row()
    moves, again = len(trace.stays) - 1, sum(stays > 1 for stays in trace.files.values())
    print(f"{len(trace.files)} files, {again} of them more than once; {moves} moves from file to file")
    for name, stays in trace.files.items():
        print(f"{stays:4} {name}")


if __name__ == "__main__":
    main()

"""A whole sync in this process, against an emulator over HTTP, with a clock that never waits.

For tests that must meet hundreds of faults: a process for each would spend its time starting.
"""

import io
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from connector_process import outcomes_told
from fakes import FakeClock

from destination_sage_intacct.config import parse_config
from destination_sage_intacct.connect import connect
from destination_sage_intacct.delivery.sync import deliver, make_plans
from destination_sage_intacct.intacct.session import WAIT_BUDGET_SECONDS
from destination_sage_intacct.intacct.transport import Transport
from destination_sage_intacct.protocol.catalog import read_catalog
from destination_sage_intacct.protocol.messages import Message, parse_line
from destination_sage_intacct.protocol.output import Output

Json = Any


A_MOMENT_SECONDS = 3.0


@dataclass(frozen=True)
class Synced:
    """What a sync said, and how it ended: None, or what it raised."""

    messages: list[dict[str, Json]]
    error: Exception | None = field(default=None)

    @property
    def states(self) -> list[dict[str, Json]]:
        return [message["state"] for message in self.messages if message["type"] == "STATE"]

    @property
    def log(self) -> list[str]:
        return [message["log"]["message"] for message in self.messages if message["type"] == "LOG"]

    @property
    def rejections(self) -> list[str]:
        return [line for line in self.log if line.startswith("Rejected row ")]

    @property
    def summaries(self) -> list[str]:
        return [line for line in self.log if line.startswith("Summary of ")]

    def outcomes(self, stream: str) -> dict[str, int]:
        """Return a stream's outcomes that are not zero, from its summary; checks that they add up."""
        return outcomes_told(self.summaries, stream)


def sync(
    config: Json,
    streams: Json,
    lines: Iterable[Json | None],
    clock: FakeClock | None = None,
    *,
    transport: Transport | None = None,
    stdout: io.BytesIO | None = None,
    wait_budget_seconds: float = WAIT_BUDGET_SECONDS,
) -> Synced:
    """Run one sync to its end; a line is a message of Airbyte, encoded or not, or None: a moment without input.

    `stdout` takes what it says, in parts if it likes.
    """
    clock = clock or FakeClock()
    written = io.BytesIO()
    output = Output(stdout or written)
    error: Exception | None = None
    try:
        parsed = parse_config(config)
        client = connect(parsed, config, output, clock, wait_budget_seconds, transport)
        plans = make_plans(parsed, read_catalog(streams), client, output)
        deliver(parsed, plans, client, _messages(lines, clock), output, clock)
    except Exception as raised:  # noqa: BLE001 - a test judges it
        error = raised
    return Synced([json.loads(line) for line in (stdout or written).getvalue().splitlines()], error)


def _messages(lines: Iterable[Json | None], clock: FakeClock) -> Iterable[Message | None]:
    for number, line in enumerate(lines, start=1):
        if line is None:
            if isinstance(clock, FakeClock):
                clock.time += A_MOMENT_SECONDS
            yield None
        else:
            yield parse_line(line if isinstance(line, bytes) else json.dumps(line).encode(), number)

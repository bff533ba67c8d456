"""Servers of several makes, and syncs of several streams at once: what tests of whole operations begin from.

The makes: as documented; one that knows only PUT; one that knows only what the oldest pages say (no query, no
model, no arrays, PUT); one whose tokens last two seconds and whose refresh tokens are replaced at each use; one
without a model service; and an entity in which every record must land.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from airbyte_input import REFRESH_TOKEN, catalog, configured_stream, record, stream_state
from connector_process import Finished, run
from emulator_process import EmulatorProcess

CUSTOMERS = "accounts-receivable/customer"


@dataclass(frozen=True)
class Make:
    """One make of server with the settings that fit it."""

    name: str
    flags: tuple[str, ...] = ()
    settings: dict[str, Any] = field(default_factory=dict)

    @property
    def entity(self) -> str | None:
        return self.settings.get("entity_id")

    @property
    def can_query(self) -> bool:
        return "--no-query" not in self.flags


MAKES = (
    Make("as documented"),
    Make("PUT", ("--update-method", "PUT")),
    Make("only the basics", ("--update-method", "PUT", "--no-query", "--no-model", "--no-arrays")),
    Make(
        "short tokens",
        ("--rotate-refresh-tokens", "--access-token-seconds", "2"),
        {"credentials": REFRESH_TOKEN},
    ),
    Make("no model", ("--no-model",)),
    Make("entity 100", (), {"entity_id": "100"}),
    Make("entity 100 by refresh token", (), {"entity_id": "100", "credentials": REFRESH_TOKEN}),
)


def customers_by_id(emulator: EmulatorProcess) -> dict[str, dict[str, Any]]:
    """Return every customer that the emulator holds, by id; two with one id would be seen."""
    customers = emulator.records(CUSTOMERS)
    by_id = {customer["id"]: customer for customer in customers}
    assert len(by_id) == len(customers)
    return by_id


def sync(
    config: dict[str, Any], streams: dict[str, tuple[str, list[dict[str, Any]]]], columns: Sequence[str]
) -> Finished:
    """Run one write of several streams, each with its mode; a configuration that comes back holds from then on."""
    lines = [record(stream, row) for stream, (_, rows) in streams.items() for row in rows]
    configured = [configured_stream(stream, mode, columns=columns) for stream, (mode, _) in streams.items()]
    states = [stream_state(stream, number) for number, stream in enumerate(streams)]
    finished = run("write", config, catalog(*configured), [*lines, *states])
    if finished.controls:
        config |= finished.controls[-1]
    return finished

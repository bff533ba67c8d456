"""What a source says in a played sync: rows, and STATEs as they leave it, without the platform's ids and counts."""

import random
from collections.abc import Mapping, Sequence
from itertools import count
from typing import Any

from airbyte_input import record

Json = Any

_STATE_AFTER_A_ROW = 0.3


def at(stream: str, cursor: int, namespace: str | None = None) -> Json:
    """Return the STATE of one stream that has come so far."""
    own = {"stream_descriptor": {"name": stream, "namespace": namespace}, "stream_state": {"cursor": cursor}}
    return {"type": "STATE", "state": {"type": "STREAM", "stream": own}}


def all_at(cursor: int, streams: Sequence[str]) -> Json:
    """Return a GLOBAL state of these streams."""
    own = [{"stream_descriptor": {"name": stream}, "stream_state": {"cursor": cursor}} for stream in streams]
    return {
        "type": "STATE",
        "state": {"type": "GLOBAL", "global": {"shared_state": {"lsn": cursor}, "stream_states": own}},
    }


def interleaved(chance: random.Random, rows: Mapping[str, Sequence[Json]], *, is_global: bool) -> list[Json]:
    """Return the rows of several streams in a random order, with STATEs at random places and behind all rows."""
    left = {stream: list(reversed(own)) for stream, own in rows.items()}
    cursors = count(1)
    said: list[Json] = []

    def state(stream: str) -> Json:
        return all_at(next(cursors), list(rows)) if is_global else at(stream, next(cursors))

    while remaining := [stream for stream, own in left.items() if own]:
        stream = chance.choice(remaining)
        said.append(record(stream, left[stream].pop()))
        if chance.random() < _STATE_AFTER_A_ROW:
            said.append(state(chance.choice(list(rows))))
    return [*said, *map(state, rows)]

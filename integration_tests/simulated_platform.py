"""The platform's part of a sync, played: a source's messages go in as it would pass them on, and its books are kept.

Taken from the platform's source: `ReplicationTask` (what is passed on, and when the input ends), `StateEnricher`
(ids and counts), `MissingStateInjector`, `StreamStatusCompletionTracker`, `ConnectorConfigUpdater`.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from typing import Any

from airbyte_input import stream_status
from connector_process import Finished, Running, writing
from output_checks import Scope, complaints, scope_of, stream_of, streams_of

Json = Any


@dataclass(frozen=True)
class Platform:
    """Which platform it is.

    Args:
        completes: it tells a destination that the source ended well, one COMPLETE for each stream.
        numbers: it gives each STATE an id and the count of its rows, and adds the STATE that a full refresh lacks.
        passes_all: every message of the source is passed on, not only RECORDs and STATEs.
    """

    completes: bool = True
    numbers: bool = True
    passes_all: bool = False


WITH_REFRESHES = Platform()
CUSTOM_IMAGE = Platform(completes=False)  # it has no registry entry that says `supportsRefreshes`
OLDER = Platform(completes=False, numbers=False)
PYAIRBYTE = Platform(completes=False, numbers=False, passes_all=True)


class Connection:
    """A destination with its catalog, from sync to sync.

    `config` is what the last CONTROL made of it; `saved` holds the last STATE acknowledged, by what it is of.
    """

    def __init__(self, config: Json, catalog: Json, platform: Platform = WITH_REFRESHES) -> None:
        self.config = config
        self.saved: dict[Scope, Json] = {}
        self._catalog = catalog
        self._platform = platform

    def sync(self, messages: Iterable[Json], source_code: int = 0) -> Finished:
        """Run a sync whose source says this and ends with this exit code; fails if the platform has a complaint."""
        with self.syncing() as attempt:
            attempt.source_says(*messages)
            return attempt.source_ends(source_code)

    @contextmanager
    def syncing(self) -> Iterator["Attempt"]:
        """Start a sync whose source speaks step by step; it is over with `source_ends`."""
        with writing(self.config, self._catalog) as running:
            yield Attempt(self, running, self._catalog["streams"], self._platform)

    def rest_of(self, messages: Sequence[Json]) -> list[Json]:
        """Return what a source says that is given the STATEs saved: nothing that they cover."""
        covered: set[int] = set()
        for saved in self.saved.values():
            # The platform's own STATE of a full refresh is none of the source's: that one begins anew.
            last = max((place for place, each in enumerate(messages) if _is_of_source(saved, each)), default=-1)
            listed = set(streams_of(saved))
            for place, message in enumerate(messages[: last + 1]):
                streams = streams_of(message["state"]) if message["type"] == "STATE" else [stream_of(message["record"])]
                if listed.issuperset(streams):
                    covered.add(place)
        return [message for place, message in enumerate(messages) if place not in covered]

    def keep(self, finished: Finished) -> None:
        """Save what a destination said in a sync, as the platform does while it reads it."""
        for message in finished.messages:
            if message["type"] == "CONTROL":
                self.config = message["control"]["connectorConfig"]["config"]
            elif message["type"] == "STATE":
                self.saved[scope_of(message["state"])] = message["state"]


class Attempt:
    """One sync under way; `sent` is what the destination was given."""

    def __init__(self, connection: Connection, running: Running, streams: Json, platform: Platform) -> None:
        self._connection = connection
        self._running = running
        self._streams = streams
        self._platform = platform
        self.sent: list[Json] = []
        self._rows: Counter[Scope] = Counter()
        self._ids = count(1)

    def source_says(self, *messages: Json) -> None:
        """Pass on what a destination is to get of these messages, at once."""
        kinds = ("RECORD", "STATE")
        self._pass_on([self._enriched(each) for each in messages if self._platform.passes_all or each["type"] in kinds])

    def acknowledged(self, number: int = 1) -> list[Json]:
        """Wait, with the input open, for so many further STATEs."""
        return [self._running.next("STATE")["state"] for _ in range(number)]

    def source_ends(self, code: int = 0) -> Finished:
        """End the input as after a source that ended with this exit code, and wait for the end of the sync."""
        if code == 0 and self._platform.numbers:
            self.source_says(*self._missing_states())
        if code == 0 and self._platform.completes:
            names = [stream_of(each["stream"]) for each in self._streams]
            self._pass_on([stream_status(name, "COMPLETE", namespace) for namespace, name in names])
        return self._over()

    def is_killed(self) -> Finished:
        """End the destination outright, as when its memory is exceeded."""
        self._running.kill()
        return self._over()

    def is_terminated(self) -> Finished:
        """Cancel the sync."""
        self._running.terminate()
        return self._over()

    def _over(self) -> Finished:
        given = self._connection.config
        finished = self._running.finish()
        broken = complaints(self.sent, finished.messages, finished.code, given)
        assert not broken, "\n".join([*broken, *finished.log])
        self._connection.keep(finished)
        return finished

    def _pass_on(self, messages: Sequence[Json]) -> None:
        self.sent += messages
        self._running.send(*messages)

    def _enriched(self, message: Json) -> Json:
        if message["type"] == "RECORD":
            self._rows[stream_of(message["record"])] += 1
        if message["type"] != "STATE" or not self._platform.numbers:
            return message
        state = message["state"]
        rows = sum(self._rows.pop(stream, 0) for stream in streams_of(state))
        return message | {"state": {"sourceStats": {"recordCount": float(rows)}, "id": next(self._ids), **state}}

    def _missing_states(self) -> Iterator[Json]:
        seen = {scope_of(message["state"]) for message in self.sent if message["type"] == "STATE"}
        for each in self._streams:
            resumable = each["sync_mode"] != "full_refresh" or each["stream"].get("is_resumable")
            if not resumable and not seen & {None, stream_of(each["stream"])}:
                descriptor = {name: each["stream"].get(name) for name in ("name", "namespace")}
                state = {"type": "STREAM", "stream": {"stream_descriptor": descriptor, "stream_state": {}}}
                yield {"type": "STATE", "state": state}


def _is_of_source(saved: Json, message: Json) -> bool:
    """Return whether a STATE is the one that a source sent, apart from what the platform and destination added."""
    if message["type"] != "STATE":
        return False
    kind = {"STREAM": "stream", "GLOBAL": "global"}[saved["type"]]
    return bool(message["state"].get(kind) == saved[kind])

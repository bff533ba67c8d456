"""What the platform finds wrong in the output of a write: its own rules, for every destination.

The rules are those of the platform's source: `StatsTracker`, `StateCheckSumCountEventHandler`, `StreamStatusTracker`,
`StateWithId`, `ConnectorConfigUpdater`, `LocalContainerConstants`.
"""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

Json = Any
Scope = tuple[str | None, str] | None
"""What a STATE is of: a stream's namespace and name, or all streams."""

NORMAL, TERMINATED, KILLED = 0, 143, -9

_SAYS = {"STATE", "TRACE", "CONTROL", "LOG"}
_FAILURES = {"config_error", "transient_error", "system_error"}
_LONGEST_ERROR = 50_000


def complaints(sent: Sequence[Json], messages: Sequence[Json], code: int, config: Json) -> list[str]:
    """Return what breaks a rule, in the order of the rules; empty for a good run.

    Args:
        sent: what the platform gave the destination.
        messages: what the destination wrote.
        code: its exit code; negative for a signal that ended it.
        config: what it was started with.
    """
    known = [message for message in messages if message.get("type") in _SAYS]
    return [
        *_about_types(messages),
        *_about_states(sent, known, code),
        *_about_configurations(known, config),
        *_about_errors(known, code),
    ]


def scope_of(state: Json) -> Scope:
    """Return what a STATE is of."""
    if state.get("type") != "STREAM":
        return None
    return stream_of(state["stream"]["stream_descriptor"])


def streams_of(state: Json) -> list[tuple[str | None, str]]:
    """Return the streams that a STATE tells of."""
    states = state["global"]["stream_states"] if state.get("type") == "GLOBAL" else [state.get("stream")]
    return [stream_of(each["stream_descriptor"]) for each in states if each]


def stream_of(descriptor: Mapping[str, Json]) -> tuple[str | None, str]:
    """Return a stream's namespace and name; to the platform no namespace and an empty one are the same."""
    return descriptor.get("namespace") or None, descriptor.get("name") or descriptor["stream"]


def _about_types(messages: Sequence[Json]) -> Iterator[str]:
    for message in messages:
        kind = message.get("type")
        if kind not in _SAYS:
            yield f"a destination's write does not say {kind or message}"
        elif kind == "TRACE" and message["trace"]["type"] == "STREAM_STATUS":
            yield "STREAM_STATUS from a destination: the platform takes it for the source's"
        elif kind == "TRACE" and message["trace"]["type"] not in {"ERROR", "ANALYTICS"}:
            yield f"TRACE {message['trace']['type']} from a destination"


def _about_states(sent: Sequence[Json], messages: Sequence[Json], code: int) -> Iterator[str]:
    waiting: dict[Scope, list[Json]] = defaultdict(list)
    for message in sent:
        if message["type"] == "STATE":
            waiting[scope_of(message["state"])].append(message)
    for message in messages:
        if message["type"] == "STATE":
            yield from _about_state(message, waiting[scope_of(message["state"])])
    if code == NORMAL:
        for left in waiting.values():
            yield from (f"exit code 0, and {_named(each)} was not acknowledged" for each in left)


def _about_state(message: Json, waiting: list[Json]) -> Iterator[str]:
    """Hold a STATE against those that its stream waits for, and take it off them."""
    state, stats = message["state"], message["state"].get("destinationStats")
    given = [_text(each) for each in waiting]
    came = _text(message | {"state": {name: value for name, value in state.items() if name != "destinationStats"}})
    if came not in given:
        if waiting and "id" in waiting[0]["state"] and "id" not in state:
            yield "a STATE without the id that the platform gave it: the platform ends the sync"
        else:
            yield f"{_named(message)} was changed, or comes twice, or was never sent"
        return
    place = given.index(came)
    yield from (f"{_named(message)} comes before {_named(each)}" for each in waiting[:place])
    expected = waiting.pop(place)["state"].get("sourceStats")
    counts: list[Json] = [(stats or {}).get(name) for name in ("recordCount", "rejectedRecordCount")]
    if not all(isinstance(count, float) for count in counts):
        yield f"{_named(message)} has no counts as floats, but {counts}"
    elif expected is not None and sum(counts) != expected["recordCount"]:
        yield (
            f"{_named(message)} counts {counts[0]} + {counts[1]} rows of {expected['recordCount']}: the sync appears "
            "to have dropped records"
        )


def _about_configurations(messages: Sequence[Json], config: Json) -> Iterator[str]:
    for message in messages:
        if message["type"] == "CONTROL":
            kept = message["control"]["connectorConfig"]["config"]
            lost = [name for name in config if name not in kept]
            lost += [name for name in config["credentials"] if name not in kept.get("credentials", {})]
            changed = [name for name in kept if name != "credentials" and kept[name] != config.get(name, ...)]
            if lost or changed:
                yield f"CONTROL takes the place of the whole configuration: lost {lost}, changed {changed}"


def _about_errors(messages: Sequence[Json], code: int) -> Iterator[str]:
    errors = [each["trace"]["error"] for each in messages if each["type"] == "TRACE" and "error" in each["trace"]]
    if code in {NORMAL, TERMINATED, KILLED}:
        yield from (f"exit code {code}, and yet a TRACE ERROR: {error['message']}" for error in errors)
        return
    if len(errors) != 1:
        yield f"exit code {code} and {len(errors)} TRACE ERRORs: the first one decides, so there is one"
    for error in errors:
        if error.get("failure_type") not in _FAILURES:
            yield f"a TRACE ERROR of failure type {error.get('failure_type')}: the platform cannot tell who must act"
        if not 0 < len(error.get("message") or "") <= _LONGEST_ERROR:
            yield "a TRACE ERROR whose message the platform does not show"


def _text(message: Json) -> str:
    """Write a message so that 1, 1.0 and true differ."""
    return json.dumps(message, sort_keys=True)


def _named(message: Json) -> str:
    state = message["state"]
    of = ".".join(part for part in scope_of(state) or (state.get("type") or "LEGACY",) if part)
    return f"STATE {state.get('id', 'without id')} of {of}"

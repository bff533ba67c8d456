"""Each rule of the played platform finds what breaks it, in the output of a real sync that was doctored."""

import copy
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from airbyte_input import REFRESH_TOKEN, catalog, configured_stream, record, stream_status
from emulator_process import EmulatorProcess
from output_checks import complaints
from simulated_platform import Connection
from simulated_source import at

Json = Any
Change = Callable[[list[Json]], object]

STREAMS = catalog(
    configured_stream("a", "append", columns=("id", "name")), configured_stream("b", "append", columns=("id", "name"))
)


@dataclass(frozen=True)
class Sync:
    """A real sync that rejected a row and failed for it, with a new refresh token on the way."""

    sent: list[Json]
    messages: list[Json]
    config: Json

    def complaints_about(self, change: Change, code: int) -> list[str]:
        messages = copy.deepcopy(self.messages)
        changed = change(messages)
        return complaints(self.sent, changed if isinstance(changed, list) else messages, code, self.config)


@pytest.fixture(scope="module")
def good(emulator_with: Callable[..., EmulatorProcess], config_for: Callable[..., dict[str, Json]]) -> Sync:
    config = config_for(emulator_with("--rotate-refresh-tokens"), credentials=REFRESH_TOKEN)
    with Connection(config, STREAMS).syncing() as attempt:
        for number in range(2):
            attempt.source_says(record("a", {"id": f"A-{number}", "name": "One"}), record("a", {"id": f"X-{number}"}))
            attempt.source_says(at("a", number), record("b", {"id": f"B-{number}", "name": "One"}), at("b", number))
        finished = attempt.source_ends()
    assert (finished.code, len(finished.states), len(finished.controls)) == (1, 4, 1)
    return Sync(attempt.sent, finished.messages, config)


def of(messages: list[Json], kind: str) -> list[Json]:
    return [message for message in messages if message["type"] == kind]


def without(kind: str) -> Change:
    return lambda messages: [message for message in messages if message["type"] != kind]


def states_of(messages: list[Json], stream: str) -> list[Json]:
    of_stream = [
        each for each in of(messages, "STATE") if each["state"]["stream"]["stream_descriptor"]["name"] == stream
    ]
    assert len(of_stream) == 2
    return of_stream


def state(messages: list[Json]) -> Json:
    return states_of(messages, "a")[0]["state"]


def swap(messages: list[Json]) -> None:
    first, second = states_of(messages, "a")
    first["state"], second["state"] = second["state"], first["state"]


def error(messages: list[Json]) -> Json:
    return of(messages, "TRACE")[0]["trace"]["error"]


def kept(messages: list[Json]) -> Json:
    return of(messages, "CONTROL")[0]["control"]["connectorConfig"]["config"]


def test_a_real_sync_is_without_complaint(good: Sync) -> None:
    assert good.complaints_about(list, 1) == []
    assert good.complaints_about(without("TRACE"), 0) == []
    assert good.complaints_about(without("TRACE"), 143) == []
    assert good.complaints_about(lambda messages: messages[: len(messages) // 2], -9) == []


def test_streams_may_overtake_each_other(good: Sync) -> None:
    def sorted_by_stream(messages: list[Json]) -> list[Json]:
        return [*states_of(messages, "b"), *states_of(messages, "a"), *without("STATE")(messages)]

    assert good.complaints_about(sorted_by_stream, 1) == []


DOCTORED: list[tuple[Change, int, str]] = [
    (lambda m: m.append(record("a", {})), 1, "a destination's write does not say RECORD"),
    (lambda m: m.append({"type": "SPEC", "spec": {}}), 1, "a destination's write does not say SPEC"),
    (lambda m: m.append({"no": "type"}), 1, "a destination's write does not say {'no': 'type'}"),
    (lambda m: m.append(stream_status("a", "COMPLETE")), 1, "STREAM_STATUS from a destination"),
    (lambda m: m.append({"type": "TRACE", "trace": {"type": "ESTIMATE"}}), 1, "TRACE ESTIMATE from a destination"),
    (lambda m: state(m).pop("id"), 1, "a STATE without the id that the platform gave it: the platform ends the sync"),
    (lambda m: state(m).update(id=99), 1, "STATE 99 of a was changed, or comes twice, or was never sent"),
    (lambda m: state(m).update(id=1.0), 1, "STATE 1.0 of a was changed"),
    (lambda m: state(m)["stream"].update(stream_state={}), 1, "STATE 1 of a was changed"),
    (lambda m: state(m).update(of_mine=None), 1, "STATE 1 of a was changed"),
    (lambda m: states_of(m, "a")[0].update(of_mine=None), 1, "STATE 1 of a was changed"),
    (lambda m: m.append(states_of(m, "a")[1]), 1, "STATE 3 of a was changed, or comes twice"),
    (swap, 1, "STATE 3 of a comes before STATE 1 of a"),
    (lambda m: m.remove(states_of(m, "a")[0]), 1, "STATE 3 of a comes before STATE 1 of a"),
    (
        lambda m: without("TRACE")([each for each in m if each != states_of(m, "b")[1]]),
        0,
        "exit code 0, and STATE 4 of b was not acknowledged",
    ),
    (lambda m: state(m).pop("destinationStats"), 1, "STATE 1 of a has no counts as floats, but [None, None]"),
    (
        lambda m: state(m)["destinationStats"].update(recordCount=1),
        1,
        "STATE 1 of a has no counts as floats, but [1, 1.0]",
    ),
    (lambda m: state(m)["destinationStats"].update(recordCount=2.0), 1, "STATE 1 of a counts 2.0 + 1.0 rows of 2.0"),
    (
        lambda m: state(m)["destinationStats"].update(rejectedRecordCount=0.0),
        1,
        "STATE 1 of a counts 1.0 + 0.0 rows of 2.0",
    ),
    (lambda m: kept(m).pop("company_id"), 1, "CONTROL takes the place of the whole configuration: lost ['company_id']"),
    (
        lambda m: kept(m)["credentials"].pop("client_id"),
        1,
        "CONTROL takes the place of the whole configuration: lost ['client_id']",
    ),
    (lambda m: kept(m).update(company_id="other"), 1, "the whole configuration: lost [], changed ['company_id']"),
    (lambda m: kept(m).update(of_mine=None), 1, "the whole configuration: lost [], changed ['of_mine']"),
    (list, 0, "exit code 0, and yet a TRACE ERROR: 2 of 6 rows were rejected"),
    (list, 143, "exit code 143, and yet a TRACE ERROR"),
    (without("TRACE"), 1, "exit code 1 and 0 TRACE ERRORs"),
    (lambda m: m.extend(of(m, "TRACE")), 1, "exit code 1 and 2 TRACE ERRORs: the first one decides, so there is one"),
    (lambda m: error(m).pop("failure_type"), 1, "a TRACE ERROR of failure type None"),
    (lambda m: error(m).update(failure_type="fatal"), 1, "a TRACE ERROR of failure type fatal"),
    (lambda m: error(m).update(message=""), 1, "a TRACE ERROR whose message the platform does not show"),
    (lambda m: error(m).update(message="x" * 50_001), 1, "a TRACE ERROR whose message the platform does not show"),
]


@pytest.mark.parametrize(("change", "code", "words"), DOCTORED, ids=[words for _, _, words in DOCTORED])
def test_what_breaks_a_rule_is_found(good: Sync, change: Change, code: int, words: str) -> None:
    assert re.search(re.escape(words), "\n".join(good.complaints_about(change, code)))


def test_a_broken_rule_fails_the_sync(emulator: EmulatorProcess, config_for: Callable[..., dict[str, Json]]) -> None:
    """A count that the platform does not share, as if a row had come to the destination by another way."""
    connection = Connection(config_for(emulator), STREAMS)
    told = at("a", 1)
    told["state"]["sourceStats"] = {"recordCount": 2.0}

    with pytest.raises(AssertionError, match=r"STATE 1 of a counts 1\.0 \+ 0\.0 rows of 2\.0"):
        connection.sync([record("a", {"id": "A", "name": "One"}), told])

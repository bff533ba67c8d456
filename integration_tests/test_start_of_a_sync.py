"""What is asked before the first row: of several objects side by side, each once."""

from collections.abc import Callable
from typing import Any

from airbyte_input import catalog, configured_stream
from emulator_process import EmulatorProcess
from sync_in_process import sync

OBJECTS = ["Customer", "Vendor", "Employee", "Contact"]


def test_the_models_of_several_objects_are_asked_for_side_by_side_and_each_once(
    emulator_with: Callable[..., EmulatorProcess], config_for: Callable[..., Any]
) -> None:
    emulator = emulator_with("--latency-ms", "100")
    streams = [
        {"stream": f"{name}-{number}", "object_type": name, "operation": "insert"}
        for name in OBJECTS
        for number in range(2)
    ]
    config = config_for(emulator, streams=streams)
    known = catalog(*(configured_stream(each["stream"], columns=("id", "name")) for each in streams))

    assert sync(config, known, []).error is None

    stats = emulator.stats()
    assert stats["by_route"]["GET /services/core/model"] == len(OBJECTS)
    assert stats["max_in_flight"] >= 2

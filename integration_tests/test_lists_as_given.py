"""Lists that are no documents' lines, and lines that say themselves what is to be done: written twice, held once."""

from collections.abc import Callable
from typing import Any

import pytest
from airbyte_input import catalog, configured_stream, record
from emulator_process import EmulatorProcess
from invoices import STREAM, amounts, invoice, line_keys, write
from sync_in_process import Synced, sync

Json = Any

CUSTOMERS, SUBSCRIPTIONS = "accounts-receivable/customer", "platform-apps/nsp::sub"
BY_ID = {"matching": {"by": "fields", "fields": ["id"]}}
BY_NAME = {"matching": {"by": "fields", "fields": ["name"]}}
CUSTOM = BY_NAME | {"object_type": "Custom object", "custom_object_path": SUBSCRIPTIONS}


@pytest.fixture
def config(emulator: EmulatorProcess, config_for: Callable[..., Json]) -> Json:
    return config_for(emulator)


def tagged(config: Json, field: str, tags: Json) -> Synced:
    row = {"id": "T-1", "name": "n", field: tags}
    if config.get("custom_object_path"):
        del row["id"]  # which Sage Intacct gives to a record of a custom object
    return sync(config, catalog(configured_stream(STREAM, columns=tuple(row))), [record(STREAM, row)])


def held(emulator: EmulatorProcess, path: str, field: str) -> Json:
    return [each[field] for each in emulator.records(path) if each["name"] == "n"]


TAGS = (["a", "b"], ["a", "b"], ["a", "c"], ["a", "c"], [])
OUTCOMES = [{"created": 1}, {"unchanged": 1}, {"updated": 1}, {"unchanged": 1}, {"updated": 1}]


def test_a_field_with_several_choices_is_compared_and_written_as_it_is(emulator: EmulatorProcess, config: Json) -> None:
    emulator.declare_fields(CUSTOMERS, {"nsp::TAGS": {"type": "array"}})

    synced = [tagged(config | BY_ID, "nsp::TAGS", tags) for tags in TAGS]

    assert [each.error for each in synced] == [None] * 5
    assert [each.outcomes(STREAM) for each in synced] == OUTCOMES
    assert held(emulator, CUSTOMERS, "nsp::TAGS") == [[]]


def test_a_list_of_values_of_an_object_without_a_model_is_written_as_it_is(
    emulator_with: Callable[..., EmulatorProcess], config_for: Callable[..., Json]
) -> None:
    emulator = emulator_with("--no-model")

    synced = [tagged(config_for(emulator) | CUSTOM, "tags", tags) for tags in TAGS[:4]]

    assert [each.outcomes(STREAM) for each in synced] == OUTCOMES[:4]
    assert held(emulator, SUBSCRIPTIONS, "tags") == [["a", "c"]]


@pytest.mark.parametrize("skips", [True, False])
def test_lines_with_keys_change_those_lines_and_no_other_however_often_they_come(
    emulator: EmulatorProcess, config: Json, skips: bool
) -> None:
    write(config, invoice(1, "10", "20", "30"))
    first, second, _ = line_keys(emulator)
    row = invoice(1, {"key": first, "ia::operation": "delete"}, {"key": second, "txnAmount": "21"}, "40", "40")

    outcomes = [write(config, row, skip_unchanged=skips).outcomes(STREAM) for _ in range(3)]

    assert outcomes == [{"updated": 1}, *[{"unchanged" if skips else "updated": 1}] * 2]
    assert amounts(emulator) == {"I-1": [21, 30, 40, 40]}


def test_a_line_to_delete_without_a_key_rejects_its_row(emulator: EmulatorProcess, config: Json) -> None:
    write(config, invoice(1, "10"))

    synced = write(config, invoice(1, {"ia::operation": "delete", "txnAmount": "10", "glAccount": {"id": "4000"}}))

    assert synced.outcomes(STREAM) == {"rejected": 1}
    assert "field lines: A line is to be deleted, but has no `key`" in synced.rejections[0]
    assert amounts(emulator) == {"I-1": [10]}


def test_each_model_is_asked_for_once_however_many_streams_fill_its_lists(
    emulator: EmulatorProcess, config: Json
) -> None:
    settings = config | {"object_type": "Invoice", "operation": "insert"}
    streams = [configured_stream(name, columns=tuple(invoice(1, "10"))) for name in ("new", "old")]

    synced = sync(settings, catalog(*streams), [record(name, invoice(1, "10")) for name in ("new", "old")])

    assert [synced.outcomes(name) for name in ("new", "old")] == [{"created": 1}] * 2
    asked = [each["query"]["name"] for each in emulator.requests(100) if each["path"].endswith("/services/core/model")]
    assert asked == ["accounts-receivable/invoice", "accounts-receivable/invoice-line"]

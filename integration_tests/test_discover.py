"""Discover through the connector's process: one catalog of what can be written, made of the models of all objects."""

import json
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from activation_rules import catalog_complaints
from airbyte_input import CLIENT_CREDENTIALS, REFRESH_TOKEN
from airbyte_protocol.models import AirbyteMessage, DestinationSyncMode
from connector_process import COMMAND, DEADLINE_SECONDS, Finished, run
from emulator_process import EmulatorProcess

from destination_sage_intacct.intacct.objects import OBJECT_TYPES

Json = Any
Configure = Callable[..., dict[str, Json]]

MODEL = "/services/core/model"
SUBSCRIPTION = "platform-apps/nsp::subscription"
CUSTOM_OBJECTS = 50


def configured(emulator: EmulatorProcess, **settings: Json) -> Json:
    """Return a configuration as a data activation user has it: no object, no matching."""
    return {"company_id": "demo", "api_url": emulator.url, "credentials": CLIENT_CREDENTIALS, **settings}


def operations_of(finished: Finished) -> list[Json]:
    (message,) = finished.of_type("DESTINATION_CATALOG")
    return message["destination_catalog"]["operations"]


def warnings(finished: Finished) -> list[str]:
    return [each["log"]["message"] for each in finished.of_type("LOG") if each["log"]["level"] == "WARN"]


def models_asked(emulator: EmulatorProcess) -> list[str]:
    return [each["query"].get("name", "") for each in emulator.requests(1000) if each["path"] == MODEL]


@pytest.fixture
def discovered(emulator: EmulatorProcess) -> Finished:
    emulator.declare_fields("accounts-receivable/customer", {"nsp::REGION_2": {"type": "string"}})
    emulator.declare_fields(
        SUBSCRIPTION, {"nsp::FEE": {"type": "string", "format": "decimal-precision-2"}}, {"nsp::r1": {"apiObject": "x"}}
    )
    return run("discover", configured(emulator))


def test_the_answer_is_one_catalog_that_the_protocols_own_models_take(discovered: Finished) -> None:
    (line,) = discovered.stdout.splitlines()
    catalog = AirbyteMessage.model_validate_json(line).destination_catalog

    assert discovered.code == 0
    assert catalog is not None
    assert {each.sync_mode for each in catalog.operations} == set(DestinationSyncMode) - {DestinationSyncMode.overwrite}
    assert all(each.json_schema["properties"] for each in catalog.operations)


def test_the_platform_and_its_form_can_use_all_of_it(discovered: Finished) -> None:
    assert catalog_complaints(operations_of(discovered)) == []


def test_the_nine_objects_come_first_then_custom_ones_by_their_paths(discovered: Finished) -> None:
    names = dict.fromkeys(each["object_name"] for each in operations_of(discovered))

    assert list(names) == [*OBJECT_TYPES, SUBSCRIPTION]


def test_the_companys_own_fields_are_offered(discovered: Finished) -> None:
    adding = [each for each in operations_of(discovered) if each["sync_mode"] == "append"]
    schemas = {each["object_name"]: each["json_schema"]["properties"] for each in adding}

    assert schemas["Customer"]["nsp::REGION_2"] == {"type": "string", "title": "REGION 2"}
    assert set(schemas[SUBSCRIPTION]) >= {"nsp::FEE", "nsp::r1.key"}
    assert "nsp::r1.id" not in schemas[SUBSCRIPTION]


def test_models_are_asked_for_at_once_and_each_just_once(
    emulator_with: Callable[..., EmulatorProcess],
) -> None:
    emulator = emulator_with("--latency-ms", "50")
    for number in range(CUSTOM_OBJECTS):
        emulator.declare_fields(f"platform-apps/nsp::object{number}", {"nsp::A": {"type": "string"}})

    finished = run("discover", configured(emulator, max_concurrency=5))

    asked = models_asked(emulator)
    assert len({each["object_name"] for each in operations_of(finished)}) == len(OBJECT_TYPES) + CUSTOM_OBJECTS
    assert len(asked) == len(set(asked))
    assert 2 <= emulator.stats()["max_in_flight"] <= 5


def test_discover_leaves_the_refresh_token_alone_and_check_brings_the_access_token_that_it_needs(
    emulator_with: Callable[..., EmulatorProcess],
) -> None:
    emulator = emulator_with("--rotate-refresh-tokens")
    config = configured(emulator, credentials=REFRESH_TOKEN)

    refused = run("discover", config)
    config = run("check", config).controls[-1]
    finished = run("discover", config)
    emulator.expire_tokens()
    expired = run("discover", config)

    for failed in (refused, expired):
        assert failed.code == 1
        assert failed.error["failure_type"] == "config_error"
        assert failed.error["message"] == (
            "The access token in the configuration is missing, has expired (access tokens last 12 hours) or was issued "
            "for other settings, and the refresh token is not used where objects and fields are read: Sage Intacct may "
            "replace it, and Airbyte stores no new one from here. Retest the destination in its settings, which stores "
            "a new access token; then refresh the destination's fields again."
        )
    assert operations_of(finished)
    assert warnings(finished) == []
    assert refused.controls == finished.controls == expired.controls == []
    # Where there is no token, none is tried.
    assert emulator.stats()["by_status"].get("401", 0) == 1
    # Nothing was spent: what check handed back still renews the token.
    config = run("check", config).controls[-1]
    assert operations_of(run("discover", config))


def test_check_hands_back_a_new_access_token_though_the_refresh_token_stays(emulator: EmulatorProcess) -> None:
    (control,) = run("check", configured(emulator, credentials=REFRESH_TOKEN)).controls

    new = {"access_token", "access_token_mark"}
    assert control["credentials"] == REFRESH_TOKEN | {name: control["credentials"][name] for name in new}
    assert operations_of(run("discover", control))
    # A good access token is not renewed for its own sake.
    assert run("check", control).controls == []


def test_to_read_the_fields_a_token_of_any_entity_will_do(emulator: EmulatorProcess) -> None:
    of_100 = run("check", configured(emulator, credentials=REFRESH_TOKEN, entity_id="100")).controls[-1]
    del of_100["credentials"]["access_token_mark"]

    finished = run("discover", of_100 | {"entity_id": ""})

    assert operations_of(finished)
    assert warnings(finished) == []


def test_where_the_model_service_is_closed_the_known_fields_are_offered(
    emulator_with: Callable[..., EmulatorProcess],
) -> None:
    emulator = emulator_with("--no-model")

    finished = run("discover", configured(emulator))

    operations = operations_of(finished)
    (told,) = warnings(finished)
    assert catalog_complaints(operations) == []
    assert {each["object_name"] for each in operations} == set(OBJECT_TYPES)
    assert told.startswith("The model service is closed to this user, so ")
    # Custom fields are unknown here, so the form must let a person name one.
    assert {each["json_schema"]["additionalProperties"] for each in operations if each["sync_mode"] == "append"} == {
        True
    }


def test_a_sign_in_that_fails_is_one_clear_error(emulator: EmulatorProcess) -> None:
    wrong = {**CLIENT_CREDENTIALS, "client_secret": "not-the-secret"}

    finished = run("discover", configured(emulator, credentials=wrong))
    checked = run("check", configured(emulator, credentials=wrong))

    assert finished.code == 1
    assert finished.of_type("DESTINATION_CATALOG") == []
    assert finished.error["failure_type"] == "config_error"
    assert finished.error["message"] == checked.status["message"]
    assert "Check the client id and client secret" in finished.error["message"]


def test_an_entity_that_does_not_exist_is_told(emulator: EmulatorProcess) -> None:
    token = {"auth_type": "access_token", "access_token": "demo-access-token"}

    finished = run("discover", configured(emulator, credentials=token, entity_id="999"))

    assert finished.code == 1
    assert finished.error["message"].startswith("Entity 999 does not exist in this company")


def test_it_ends_when_it_is_told_to_though_nothing_is_answered(tmp_path: Path) -> None:
    with EmulatorProcess() as emulator:
        emulator.fault(route=MODEL, nth=list(range(2, 100)), action={"kind": "delay", "seconds": 10 * DEADLINE_SECONDS})
        (tmp_path / "config.json").write_text(json.dumps(configured(emulator)), "utf-8")
        command = [*COMMAND, "discover", "--config", str(tmp_path / "config.json")]

        with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
            try:
                wait_until(lambda: len(models_asked(emulator)) > 2)
                process.terminate()
                stdout, _ = process.communicate(timeout=DEADLINE_SECONDS)
            finally:
                process.kill()

    assert process.returncode == 143
    assert stdout == b""


def wait_until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not holds():
        assert time.monotonic() < deadline


def test_a_server_that_does_not_answer_is_worth_another_try(emulator: EmulatorProcess) -> None:
    emulator.fault(route=MODEL, action={"kind": "status", "status": 500})

    finished = run("discover", configured(emulator, max_retries=1))

    assert (finished.code, finished.error["failure_type"]) == (1, "transient_error")

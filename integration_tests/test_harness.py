"""The search that every integration test makes of the connector's whole output can fail."""

import json
from typing import Any

import pytest
from airbyte_input import CLIENT_CREDENTIALS, record
from connector_process import Finished, assert_nothing_is_told

CONFIG = {"company_id": "demo", "credentials": CLIENT_CREDENTIALS}
ROW = record("customers", {"id": "ROW-1", "key": "987654", "contacts": {"default": {"email1": "who@example.com"}}})


def finished(*messages: dict[str, Any], stderr: str = "") -> Finished:
    return Finished(0, "\n".join(map(json.dumps, messages)), stderr, list(messages))


def log(text: str) -> dict[str, Any]:
    return {"type": "LOG", "log": {"level": "INFO", "message": text}}


@pytest.mark.parametrize(
    "leaking",
    [
        finished(log("signing in with demo-secret")),
        finished({"type": "TRACE", "trace": {"error": {"internal_message": "Bearer demo-secret"}}}),
        finished({"type": "CONNECTION_STATUS", "connectionStatus": {"message": "demo-secret"}}),
        finished(stderr="Traceback: demo-secret"),
    ],
)
def test_a_secret_is_found_wherever_it_is_told(leaking: Finished) -> None:
    with pytest.raises(AssertionError, match="tells the secret demo-secret"):
        assert_nothing_is_told(leaking, CONFIG, [])


def test_a_secret_in_a_configuration_for_airbyte_is_no_leak() -> None:
    control = {"type": "CONTROL", "control": {"connectorConfig": {"config": CONFIG}}}

    assert_nothing_is_told(finished(control), CONFIG, [])


def test_a_rejected_rows_value_is_found() -> None:
    line = "Rejected row 1 of stream customers, record key 987654: field contacts: who@example.com is taken. [x] Do."

    with pytest.raises(AssertionError, match="tells a rejected row's value who@example"):
        assert_nothing_is_told(finished(log(line)), CONFIG, [ROW])


def test_a_rejected_rows_key_is_no_leak() -> None:
    line = "Rejected row 1 of stream customers, record key 987654: It was not found. [notFound] Do."

    assert_nothing_is_told(finished(log(line)), CONFIG, [ROW])

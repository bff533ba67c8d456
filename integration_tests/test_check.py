"""check: the first thing wrong, in the words of a person who can fix it; and nothing is written."""

import io
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from airbyte_input import CLIENT_CREDENTIALS, REFRESH_TOKEN, catalog, configured_stream
from connector_process import Finished, checking, run
from emulator_process import EmulatorProcess

from destination_sage_intacct import application

Configure = Callable[..., dict[str, Any]]


def assert_fails(finished: Finished, *words: str) -> None:
    assert (finished.code, finished.status["status"]) == (0, "FAILED")
    assert finished.stderr == ""
    for word in words:
        assert word in finished.status["message"]


@pytest.fixture
def silent_port() -> Iterator[int]:
    """Give a port that accepts connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.mark.parametrize("flags", [(), ("--no-query",), ("--no-model",)])
@pytest.mark.parametrize("entity", ["", "100"])
def test_a_right_configuration_succeeds_and_reads_every_object_once(
    emulator_with: Callable[..., EmulatorProcess], config_for: Configure, flags: tuple[str, ...], entity: str
) -> None:
    emulator = emulator_with(*flags)
    streams = [{"stream": "v", "object_type": "Vendor"}, {"stream": "w", "object_type": "Vendor"}, {"stream": "c"}]

    finished = run("check", config_for(emulator, entity_id=entity, streams=streams))

    assert finished.status == {"status": "SUCCEEDED"}
    reads = [each["path"] for each in emulator.requests() if each["method"] == "GET"]
    assert reads == ["/objects/accounts-receivable/customer", "/objects/accounts-payable/vendor"]
    writes = [each for each in emulator.requests() if each["method"] != "GET" and "/objects/" in each["path"]]
    assert writes == []
    unproved = [line for line in finished.log if "Could not verify" in line]
    assert len(unproved) == (1 if entity and flags == ("--no-query",) else 0)


def test_without_any_object_it_proves_that_the_token_is_good(emulator: EmulatorProcess, config_for: Configure) -> None:
    config = config_for(emulator)
    del config["object_type"]
    assert run("check", config).status == {"status": "SUCCEEDED"}

    config["credentials"] = {"auth_type": "access_token", "access_token": "a token long expired"}
    assert_fails(run("check", config), "Sage Intacct refused the access token", "12 hours")


@pytest.mark.parametrize(
    ("credentials", "words"),
    [
        (CLIENT_CREDENTIALS | {"client_secret": "wrong-secret"}, "Check the client id and client secret"),
        (REFRESH_TOKEN | {"client_id": "wrong-client"}, "Check the client id and client secret"),
        (CLIENT_CREDENTIALS | {"user_id": "nows"}, "the user must be a Web Services user of this very company"),
        (REFRESH_TOKEN | {"refresh_token": "revoked-token"}, "Either the refresh token was revoked"),
        ({"auth_type": "access_token", "access_token": "expired-token"}, "it is invalid or has expired"),
    ],
)
def test_wrong_credentials_are_told_with_the_remedy(
    emulator: EmulatorProcess, config_for: Configure, credentials: dict[str, str], words: str
) -> None:
    assert_fails(run("check", config_for(emulator, credentials=credentials)), words)


def test_an_entity_that_does_not_exist_is_told(emulator: EmulatorProcess, config_for: Configure) -> None:
    credentials = {"auth_type": "access_token", "access_token": "demo-access-token"}

    finished = run("check", config_for(emulator, entity_id="999", credentials=credentials))

    assert_fails(finished, "Entity 999 does not exist in this company", "`entity_id`", "Company > Entities")


def test_an_entity_that_the_user_may_not_enter_is_told(emulator: EmulatorProcess, config_for: Configure) -> None:
    credentials = {"auth_type": "access_token", "access_token": "demo-access-token"}

    finished = run("check", config_for(emulator, entity_id="300", credentials=credentials))

    assert_fails(finished, "Access to entity 300 is denied (403)", "Company > Admin > Users > User entities")


def test_an_entity_that_signing_in_refuses_is_told(emulator: EmulatorProcess, config_for: Configure) -> None:
    for entity in ("300", "999"):
        finished = run("check", config_for(emulator, entity_id=entity))

        assert_fails(finished, "Signing in to Sage Intacct failed", f"entity {entity}")


def test_an_object_that_is_not_permitted_is_told(emulator: EmulatorProcess, config_for: Configure) -> None:
    body = {"ia::error": {"code": "GW-0042", "message": "Forbidden", "details": {"requestId": "AC47C2BE"}}}
    action = {"kind": "status", "status": 403, "body": body, "when": "before"}
    emulator.fault(route="/objects/accounts-receivable/customer", method="GET", action=action)

    finished = run("check", config_for(emulator))

    assert_fails(
        finished, "Access to accounts-receivable/customer is denied (403)", "Forbidden. [GW-0042]", "permission"
    )


def test_an_object_that_does_not_exist_is_told(emulator: EmulatorProcess, config_for: Configure) -> None:
    config = config_for(emulator, object_type="Custom object", custom_object_path="no-such-app/no-such-object")

    finished = run("check", config)

    assert_fails(finished, "There is no object no-such-app/no-such-object in this company", "`custom_object_path`")


def test_a_host_that_refuses_connections_is_told(emulator: EmulatorProcess, config_for: Configure) -> None:
    config = config_for(emulator, api_url="http://127.0.0.1:9/ia/api/v1", max_retries=0)

    assert_fails(run("check", config), "the host refused the connection")


def test_a_host_that_never_answers_is_told(emulator: EmulatorProcess, config_for: Configure, silent_port: int) -> None:
    url = f"http://127.0.0.1:{silent_port}/ia/api/v1"

    finished = run("check", config_for(emulator, api_url=url, max_retries=0, request_timeout_seconds=1))

    assert_fails(finished, "no answer within 1 seconds")


def test_a_host_without_a_name_is_told(emulator: EmulatorProcess, config_for: Configure) -> None:
    config = config_for(emulator, api_url="https://no-such-host.invalid/ia/api/v1", max_retries=0)

    assert_fails(run("check", config), "the host's name cannot be resolved")


def test_a_host_that_takes_the_connection_and_never_answers_is_told_before_airbyte_gives_up(
    emulator: EmulatorProcess, config_for: Configure, silent_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Check has less patience than a write, whatever is configured: here for a fraction of a second."""
    most = application.CHECK_TIMEOUT_SECONDS * (application.CHECK_RETRIES + 1)
    assert most < application.CHECK_SECONDS < 60
    monkeypatch.setattr(application, "CHECK_TIMEOUT_SECONDS", 0.2)
    config = config_for(emulator, api_url=f"http://127.0.0.1:{silent_port}/ia/api/v1", max_retries=9)

    said = application.Application(io.BytesIO()).check(config)

    assert "failed in 2 attempts: no answer within 0.2 seconds" in str(said)


def test_a_check_that_does_not_end_is_given_up() -> None:
    never = threading.Event()

    assert "The check did not get every answer" in str(application.within(0.05, lambda: str(never.wait())))
    assert application.within(5, lambda: "wrong") == "wrong"
    assert application.within(5, lambda: None) is None


def test_a_check_that_fails_by_a_defect_says_so() -> None:
    def fail() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        application.within(5, fail)


def test_after_the_answer_a_signal_is_no_error(emulator: EmulatorProcess, config_for: Configure) -> None:
    """PyAirbyte sends SIGTERM as soon as it has the answer, and takes no other exit code than 0 for success."""
    with checking(config_for(emulator)) as running:
        running.next("CONNECTION_STATUS")
        running.terminate()
        finished = running.finish()

    assert (finished.code, finished.stderr) == (0, "")


def test_sockets_are_refused_in_one_sentence(
    emulator: EmulatorProcess, config_for: Configure, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATA_CHANNEL_MEDIUM", "SOCKET")

    finished = run("write", config_for(emulator), catalog(configured_stream("rows")), [])

    assert finished.code == 1
    assert finished.error["failure_type"] == "config_error"
    assert finished.error["message"].startswith("Airbyte is set up to send rows through sockets")

"""Signing in three ways: tokens renewed in time and on rejection, refresh tokens handed back, the entity in both."""

from collections.abc import Callable
from typing import Any

import pytest
from airbyte_input import CLIENT_CREDENTIALS, REFRESH_TOKEN, catalog, configured_stream, record, stream_state
from connector_process import Running, run, writing
from emulator_process import EmulatorProcess

pytestmark = pytest.mark.usefixtures("untraced")

CUSTOMERS = "accounts-receivable/customer"
STREAMS = catalog(configured_stream("customers", columns=("key", "id", "name")))
ACCESS_TOKEN = {"auth_type": "access_token", "access_token": "demo-access-token"}
BOTH_TOKENS = {**REFRESH_TOKEN, "access_token": "demo-access-token"}

Configure = Callable[..., dict[str, Any]]


def row(number: int) -> tuple[dict[str, Any], dict[str, Any]]:
    return record("customers", {"id": f"T-{number}", "name": "Token"}), stream_state("customers", number)


def write_row(running: Running, number: int) -> None:
    running.send(*row(number))
    assert running.next("STATE")["state"]["id"] == number


def sign_ins(emulator: EmulatorProcess) -> list[str]:
    return [each["body"] for each in emulator.requests(1000) if each["path"].endswith("/oauth2/token")]


@pytest.mark.parametrize("credentials", [CLIENT_CREDENTIALS, REFRESH_TOKEN, ACCESS_TOKEN, BOTH_TOKENS])
def test_each_way_of_signing_in_writes(
    emulator: EmulatorProcess, config_for: Configure, credentials: dict[str, str]
) -> None:
    config = config_for(emulator, credentials=credentials)

    finished = run("write", config, STREAMS, row(1))

    assert finished.outcomes("customers") == {"created": 1}
    assert len(sign_ins(emulator)) == (0 if "access_token" in credentials else 1)
    # What a refresh token brings is stored for discover, which must not use it.
    assert len(finished.controls) == (1 if credentials == REFRESH_TOKEN else 0)


@pytest.mark.parametrize("form", ["2102", "1206", "0040"])
@pytest.mark.parametrize("credentials", [CLIENT_CREDENTIALS, REFRESH_TOKEN])
def test_a_refused_token_is_renewed_once_in_each_form_of_refusal(
    emulator_with: Callable[..., EmulatorProcess], config_for: Configure, form: str, credentials: dict[str, str]
) -> None:
    emulator = emulator_with("--bad-token-form", form)
    with writing(config_for(emulator, credentials=credentials), STREAMS) as running:
        write_row(running, 1)
        emulator.expire_tokens()
        write_row(running, 2)
        finished = running.finish()

    assert finished.code == 0
    assert finished.outcomes("customers") == {"created": 2}
    assert len(sign_ins(emulator)) == 2


def test_the_given_access_token_is_used_until_it_is_refused(emulator: EmulatorProcess, config_for: Configure) -> None:
    config = config_for(emulator, credentials=BOTH_TOKENS | {"access_token": "a token long expired"})

    finished = run("write", config, STREAMS, row(1))

    assert finished.outcomes("customers") == {"created": 1}
    assert len(sign_ins(emulator)) == 1


@pytest.mark.parametrize(
    "credentials",
    [
        {"auth_type": "access_token", "access_token": "a token long expired"},
        {
            "auth_type": "oauth2.0",
            "client_id": "demo-client",
            "client_secret": "demo-secret",
            "access_token": "a token long expired",
        },
    ],
)
def test_an_expired_token_without_a_refresh_token_says_where_to_get_a_new_one(
    emulator: EmulatorProcess, config_for: Configure, credentials: dict[str, str]
) -> None:
    finished = run("write", config_for(emulator, credentials=credentials), STREAMS, row(1))

    assert finished.code == 1
    assert finished.states == []
    assert finished.error["failure_type"] == "config_error"
    assert finished.error["message"] == (
        "Sage Intacct refused the access token: it is invalid or has expired (access tokens last 12 hours), and the "
        "configuration has nothing to renew it with. Get a new access token through the OAuth flow of your app in "
        "the Sage Developer Portal, or configure a refresh token or client credentials, which renew it by themselves."
    )


def test_a_token_is_renewed_before_it_expires(
    emulator_with: Callable[..., EmulatorProcess], config_for: Configure
) -> None:
    emulator = emulator_with("--access-token-seconds", "2")
    number = 0
    with writing(config_for(emulator), STREAMS) as running:
        while emulator.stats()["by_route"].get("POST /oauth2/token", 0) < 3:
            number += 1
            write_row(running, number)
        finished = running.finish()

    assert finished.outcomes("customers") == {"created": number}
    assert "401" not in emulator.stats()["by_status"]


def test_a_replaced_refresh_token_is_handed_back_before_it_is_relied_on(
    emulator_with: Callable[..., EmulatorProcess], config_for: Configure
) -> None:
    emulator = emulator_with("--rotate-refresh-tokens", "--access-token-seconds", "2")
    config = config_for(emulator, credentials=REFRESH_TOKEN, null_values="clear")

    finished = run("write", config, STREAMS, row(1))

    (control, *_) = finished.controls
    first_types = [message["type"] for message in finished.messages if message["type"] != "LOG"]
    assert first_types[0] == "CONTROL"
    assert control["credentials"]["refresh_token"] not in {"", "demo-refresh-token"}
    assert control["credentials"]["access_token"]
    unchanged = {name: value for name, value in control.items() if name != "credentials"}
    assert unchanged == {name: value for name, value in config.items() if name != "credentials"}
    assert control["credentials"].keys() == {*config["credentials"], "access_token", "access_token_mark"}

    # The old one is dead; what was handed back signs in the next time, in check as in write.
    assert run("check", config).status["status"] == "FAILED"
    checked = run("check", finished.controls[-1])
    assert checked.status == {"status": "SUCCEEDED"}
    latest = checked.controls[-1] if checked.controls else finished.controls[-1]
    assert run("write", latest, STREAMS, row(2)).outcomes("customers") == {"created": 1}


@pytest.mark.parametrize("credentials", [REFRESH_TOKEN, CLIENT_CREDENTIALS])
def test_every_token_that_was_fetched_is_masked(
    emulator_with: Callable[..., EmulatorProcess], config_for: Configure, credentials: dict[str, str]
) -> None:
    """A server that repeats the request's header in its error must not make us tell the token."""
    emulator = emulator_with("--rotate-refresh-tokens")
    body = {
        "ia::error": {"code": "invalidRequest", "message": "Bad header: Bearer emulator-access-2 emulator-access-1"}
    }
    emulator.fault(
        route="/objects/*", method="POST", action={"kind": "status", "status": 400, "body": body, "when": "before"}
    )

    finished = run("write", config_for(emulator, credentials=credentials), STREAMS, row(1))

    (post,) = (each for each in emulator.requests() if each["path"].endswith("/customer"))
    token = post["headers"]["authorization"].removeprefix("Bearer ")
    assert token in body["ia::error"]["message"].split()
    assert "****" in finished.rejections[0]
    assert token not in "".join(finished.log)


@pytest.mark.parametrize(
    ("credentials", "sign"),
    [(CLIENT_CREDENTIALS, "username=demo%40demo%7C100"), (REFRESH_TOKEN, "entity_id=100")],
)
def test_the_entity_goes_into_the_token_request_and_into_every_header(
    emulator: EmulatorProcess, config_for: Configure, credentials: dict[str, str], sign: str
) -> None:
    config = config_for(emulator, entity_id="100", credentials=credentials)

    assert run("write", config, STREAMS, row(1)).code == 0

    (token_request,) = sign_ins(emulator)
    assert sign in token_request
    # The entity is looked up where every entity is seen; everything else is scoped to it.
    lookups = ("/oauth2/token", "/oauth2/introspect", "/services/core/query")
    others = [each for each in emulator.requests() if not each["path"].endswith(lookups)]
    assert {"POST", "GET"} == {each["method"] for each in others}
    assert all(each["headers"]["x-ia-api-param-entity"] == "100" for each in others)
    (customer,) = [each for each in emulator.records(CUSTOMERS) if each["id"] == "T-1"]
    assert customer["entity"]["id"] == "100"


@pytest.mark.parametrize(
    ("entity", "words"),
    [
        ("999", "Entity 999 does not exist in this company"),
        ("300", "Access to entity 300 is denied (403)"),
    ],
)
def test_a_wrong_entity_ends_the_sync_before_a_row_is_written_anywhere(
    emulator: EmulatorProcess, config_for: Configure, entity: str, words: str
) -> None:
    before = emulator.records(CUSTOMERS)

    finished = run("write", config_for(emulator, entity_id=entity, credentials=ACCESS_TOKEN), STREAMS, row(1))

    assert finished.code == 1
    assert finished.states == []
    assert finished.error["failure_type"] == "config_error"
    assert words in finished.error["message"]
    assert emulator.records(CUSTOMERS) == before


def entity_of_written(emulator: EmulatorProcess) -> str | None:
    (written,) = (each for each in emulator.records(CUSTOMERS) if each["id"] == "T-1")
    return (written.get("entity") or {}).get("id")


@pytest.mark.parametrize("is_live", [True, False])
@pytest.mark.parametrize(("entity", "lands_in"), [("", None), ("200", "200"), ("100", "100")])
def test_a_stored_access_token_of_another_entity_takes_no_row_there(
    emulator: EmulatorProcess, config_for: Configure, entity: str, lands_in: str | None, is_live: bool
) -> None:
    of_100 = run("check", config_for(emulator, entity_id="100", credentials=REFRESH_TOKEN)).controls[-1]
    if not is_live:
        emulator.expire_tokens()

    finished = run("write", of_100 | {"entity_id": entity}, STREAMS, row(1))

    assert finished.outcomes("customers") == {"created": 1}
    assert entity_of_written(emulator) == lands_in
    # It is renewed only where it has ended or is another entity's.
    assert len(sign_ins(emulator)) == (1 if is_live and entity == "100" else 2)


@pytest.mark.parametrize("change", ["company_id", "refresh_token"])
def test_a_stored_access_token_does_not_outlive_what_it_was_issued_for(
    emulator: EmulatorProcess, config_for: Configure, change: str
) -> None:
    """Else check would praise what no sync can use, or rows go to the company that a person has just left."""
    stored = run("check", config_for(emulator, credentials=REFRESH_TOKEN)).controls[-1]
    if change == "refresh_token":
        stored["credentials"]["refresh_token"] = "mistyped"
    else:
        stored["company_id"] = "another"

    checked = run("check", stored)

    assert len(sign_ins(emulator)) == 2
    assert checked.status["status"] == "FAILED"


ENTITYS_OWN = (
    "The token is for entity 100, but `entity_id` is empty, which means the top level; rows would go to 100. Set "
    "`entity_id` to 100, or authorize the app again at the top level."
)


@pytest.mark.parametrize("is_live", [True, False])
@pytest.mark.parametrize("command", ["write", "check"])
def test_a_refresh_token_that_stays_with_an_entity_takes_no_row_of_the_top_level(
    emulator_with: Callable[..., EmulatorProcess], config_for: Configure, command: str, is_live: bool
) -> None:
    emulator = emulator_with("--rotate-refresh-tokens")
    config = run("check", config_for(emulator, entity_id="100", credentials=REFRESH_TOKEN)).controls[-1]
    if not is_live:
        emulator.expire_tokens()

    finished = run(command, config | {"entity_id": ""}, *((STREAMS, row(1)) if command == "write" else ()))

    assert (finished.status["message"] if command == "check" else finished.error["message"]) == ENTITYS_OWN
    assert not [each for each in emulator.records(CUSTOMERS) if each["id"] == "T-1"]


@pytest.mark.parametrize("refresh_token", ["demo-refresh-token", ""])
def test_an_access_token_that_was_granted_inside_an_entity_is_told_and_spends_no_refresh_token(
    emulator: EmulatorProcess, config_for: Configure, refresh_token: str
) -> None:
    """Such as the button brings: the form is not saved yet, so a refresh token that is replaced would be lost."""
    config = run("check", config_for(emulator, entity_id="100", credentials=REFRESH_TOKEN)).controls[-1]
    del config["credentials"]["access_token_mark"]
    config["credentials"]["refresh_token"] = refresh_token

    checked = run("check", config | {"entity_id": ""})
    written = run("write", config | {"entity_id": ""}, STREAMS, row(1))

    assert checked.status == {"status": "FAILED", "message": ENTITYS_OWN}
    assert written.error["message"] == ENTITYS_OWN
    assert written.error["internal_message"].startswith(ENTITYS_OWN)
    assert len(sign_ins(emulator)) == 1
    assert not [each for each in emulator.records(CUSTOMERS) if each["id"] == "T-1"]

"""Signing in with Airbyte's button: what `advanced_auth` declares is expanded and walked as the platform does it."""

import copy
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from airbyte_input import CLIENT_CREDENTIALS, catalog, configured_stream, record, stream_state
from connector_process import run
from declared_oauth import DeclaredOAuth, SignInError, ask
from emulator_process import EmulatorProcess

Json = Any
Configure = Callable[..., dict[str, Json]]

APPLICATION = {"client_id": "demo-client", "client_secret": "demo-secret"}
CHOSEN = {"auth_type": "oauth2.0"}
STATE = "a.state-of_7"
REDIRECT = 302


@pytest.fixture(scope="module")
def advanced_auth() -> Json:
    (spec,) = run("spec", {}).of_type("SPEC")
    return spec["spec"]["advanced_auth"]


def signed_in(flow: DeclaredOAuth) -> dict[str, str]:
    """Do what the browser does when the button is pressed: consent, come back with a code, get tokens for it."""
    status, headers, text = ask("GET", flow.consent_url(STATE))
    assert status == REDIRECT, text
    return flow.tokens(flow.returned_code(headers["location"], STATE), STATE)


def test_a_configuration_that_the_button_fills_in_passes_the_check_and_writes(
    emulator: EmulatorProcess, config_for: Configure, advanced_auth: Json
) -> None:
    flow = DeclaredOAuth(advanced_auth, emulator.url, APPLICATION)
    chosen = config_for(emulator, credentials=CHOSEN)
    assert flow.shows_the_button(chosen)

    filled = flow.filled_in(chosen, signed_in(flow))

    assert filled["credentials"].keys() == {*CHOSEN, "client_id", "client_secret", "access_token", "refresh_token"}
    assert run("check", filled).status == {"status": "SUCCEEDED"}
    lines = [record("customers", {"id": "B-1", "name": "By button"}), stream_state("customers", 1)]
    written = run("write", filled, catalog(configured_stream("customers", columns=("id", "name"))), lines)
    assert written.outcomes("customers") == {"created": 1}


def test_its_refresh_token_serves_when_the_access_token_has_expired(
    emulator: EmulatorProcess, config_for: Configure, advanced_auth: Json
) -> None:
    flow = DeclaredOAuth(advanced_auth, emulator.url, APPLICATION)
    filled = flow.filled_in(config_for(emulator, credentials=CHOSEN), signed_in(flow))
    emulator.expire_tokens()

    assert run("check", filled).status == {"status": "SUCCEEDED"}


def test_the_browser_is_sent_to_sage_and_asks_for_lasting_access(advanced_auth: Json) -> None:
    flow = DeclaredOAuth(advanced_auth, "https://api.intacct.com/ia/api/v1", APPLICATION)

    url = urlsplit(flow.consent_url(STATE))

    assert f"{url.scheme}://{url.netloc}{url.path}" == "https://api.intacct.com/ia/api/v1/oauth2/authorize"
    assert parse_qs(url.query, strict_parsing=True) == {
        "response_type": ["code"],
        "client_id": ["demo-client"],
        "redirect_uri": [flow.redirect_uri],
        "scope": ["offline_access"],
        "state": [STATE],
    }


def test_without_the_scope_there_is_no_refresh_token_and_the_platform_says_so(
    emulator: EmulatorProcess, advanced_auth: Json
) -> None:
    without = copy.deepcopy(advanced_auth)
    del without["oauth_config_specification"]["oauth_connector_input_specification"]["scope"]

    with pytest.raises(SignInError, match=r"^Missing \['refresh_token'\] in the `OAuth Output`"):
        signed_in(DeclaredOAuth(without, emulator.url, APPLICATION))


def test_the_token_request_is_a_form_with_the_application_and_the_code(
    emulator: EmulatorProcess, advanced_auth: Json
) -> None:
    flow = DeclaredOAuth(advanced_auth, emulator.url, APPLICATION)

    signed_in(flow)

    (asked,) = [each for each in emulator.requests() if each["path"].endswith("/oauth2/token")]
    assert asked["headers"]["content-type"] == "application/x-www-form-urlencoded"
    assert parse_qs(asked["body"], strict_parsing=True) == {
        "grant_type": ["authorization_code"],
        "code": ["emulator-code-1"],
        "redirect_uri": [flow.redirect_uri],
        **{name: [value] for name, value in APPLICATION.items()},
    }


def test_the_other_ways_of_signing_in_show_no_button(
    emulator: EmulatorProcess, config_for: Configure, advanced_auth: Json
) -> None:
    flow = DeclaredOAuth(advanced_auth, emulator.url, APPLICATION)

    assert not flow.shows_the_button(config_for(emulator, credentials=CLIENT_CREDENTIALS))
    assert not flow.shows_the_button(config_for(emulator, credentials={"auth_type": "access_token"}))

"""Tokens: how they are given, how long they hold, and what is said when they do not."""

import base64
import hashlib
from urllib.parse import parse_qs, urlsplit

import pytest

from emulator.emulator_rest import CLIENT, CUSTOMERS, Rest

CREDENTIALS = {"grant_type": "client_credentials", **CLIENT, "username": "demo@demo"}
REFRESH = {"grant_type": "refresh_token", **CLIENT, "refresh_token": "demo-refresh-token"}
BAD_CLIENT = "The Client ID, Client Secret, and/or 3rd Party Application are incorrect"
REDIRECT = "http://localhost/back"


def status_with(rest, token):
    return Rest(rest.emulator, token).get(CUSTOMERS).status


def test_client_credentials_give_a_token_that_holds(rest):
    reply = rest.token_for(**CREDENTIALS)
    assert reply.status == 200
    assert set(reply.body) == {"token_type", "access_token", "refresh_token", "expires_in"}
    assert (reply.body["token_type"], reply.body["expires_in"]) == ("Bearer", 43200)
    assert status_with(rest, reply.body["access_token"]) == 200


def test_the_token_endpoint_takes_json_too(rest):
    assert rest.post("/oauth2/token", CREDENTIALS).status == 200


def test_a_refresh_token_gives_access_again_and_again(rest):
    first, second = rest.token_for(**REFRESH).body, rest.token_for(**REFRESH).body
    assert first["access_token"] != second["access_token"]
    assert first["refresh_token"] == REFRESH["refresh_token"]
    assert [status_with(rest, answer["access_token"]) for answer in (first, second)] == [200, 200]


def test_a_rotated_refresh_token_serves_once(rest_with):
    rest = rest_with("--rotate-refresh-tokens")
    following = rest.token_for(**REFRESH).body["refresh_token"]
    dead = rest.token_for(**REFRESH)
    assert (dead.status, dead.body["error"]) == (400, "invalid_grant")
    assert rest.token_for(**{**REFRESH, "refresh_token": following}).status == 200


def test_a_browser_is_sent_back_with_a_code_for_one_token(rest):
    verifier = "v" * 50
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    asked = f"client_id=demo-client&redirect_uri={REDIRECT}&response_type=code&scope=offline_access&state=s1"
    reply = rest.get(f"/oauth2/authorize?{asked}&code_challenge={challenge}&code_challenge_method=S256")
    back = parse_qs(urlsplit(reply.headers["location"]).query)
    assert (reply.status, back["state"]) == (302, ["s1"])
    code = {"grant_type": "authorization_code", **CLIENT, "code": back["code"][0], "redirect_uri": REDIRECT}
    given = rest.token_for(**code, code_verifier=verifier)
    assert given.body["refresh_token"]
    assert status_with(rest, given.body["access_token"]) == 200
    assert rest.token_for(**code, code_verifier=verifier).body["error"] == "invalid_grant"


def test_a_code_asks_for_its_verifier(rest):
    reply = rest.get(f"/oauth2/authorize?client_id=demo-client&redirect_uri={REDIRECT}&code_challenge=abc")
    code = parse_qs(urlsplit(reply.headers["location"]).query)["code"][0]
    form = {"grant_type": "authorization_code", **CLIENT, "code": code, "redirect_uri": REDIRECT}
    assert rest.token_for(**form, code_verifier="other").body["error"] == "invalid_grant"


@pytest.mark.parametrize(
    ("change", "status", "error", "description"),
    [
        ({"client_secret": "x"}, 401, "invalid_client", BAD_CLIENT),
        ({"username": "nobody@demo"}, 400, "invalid_grant", "The provided credentials are invalid"),
        ({"username": "nows@demo"}, 400, "invalid_grant", "The provided credentials are invalid"),
        ({"username": "demo@other"}, 400, "invalid_grant", "The provided credentials are invalid"),
        ({"username": "demo@demo|300"}, 400, "invalid_grant", "The provided credentials are invalid"),
        ({"username": "demo"}, 400, "invalid_request", "The username format is invalid (expected user@company)"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type", "The grant type is not supported"),
    ],
)
def test_bad_credentials_are_refused_as_the_api_does(rest, change, status, error, description):
    reply = rest.token_for(**{**CREDENTIALS, **change})
    assert (reply.status, reply.body["error"], reply.body["error_description"]) == (status, error, description)


def test_a_wrong_application_is_told_by_its_error_id(rest):
    assert rest.token_for(**{**CREDENTIALS, "client_id": "x"}).body["errorId"] == "REST-1216"


def test_a_token_ends_after_its_time_and_the_demo_token_does_not(rest_with):
    rest = rest_with("--access-token-seconds", "60")
    reply = rest.token_for(**CREDENTIALS).body
    assert reply["expires_in"] == 60
    rest.emulator.advance_clock(59)
    assert status_with(rest, reply["access_token"]) == 200
    rest.emulator.advance_clock(2)
    assert status_with(rest, reply["access_token"]) == 401
    assert rest.get(CUSTOMERS).status == 200


def test_every_token_can_be_ended_at_once(rest):
    rest.emulator.expire_tokens()
    assert rest.get(CUSTOMERS).status == 401
    assert rest.token_for(**REFRESH).status == 200


@pytest.mark.parametrize(
    ("form", "status", "key", "code", "error_id"),
    [
        ("2102", 401, "error", "tokenInvalid", "REST-2102"),
        ("1206", 400, "ia::result", "invalidRequest", "REST-1206"),
        ("0040", 401, "ia::error", "GW-0040", None),
    ],
)
def test_a_bad_token_is_refused_in_each_form_that_was_seen(rest_with, form, status, key, code, error_id):
    rest = rest_with("--bad-token-form", form)
    rest.emulator.expire_tokens()
    reply = rest.get(CUSTOMERS)
    assert (reply.status, next(iter(reply.body))) == (status, key)
    assert (reply.error["code"], reply.error.get("errorId")) == (code, error_id)


def test_a_request_without_a_token_is_refused(rest):
    assert rest.get(CUSTOMERS, Authorization="").status == 401


def test_introspection_tells_whose_token_it_is(rest):
    token = rest.token_for(**{**CREDENTIALS, "username": "demo@demo|100"}).body["access_token"]
    told = rest.post("/oauth2/introspect", {**CLIENT, "token": token}).body
    assert (told["active"], told["user_id"], told["cny_id"], told["entity_id"]) == (True, "demo", "demo", "100")
    assert told["exp"] - told["iat"] == 43200
    assert rest.post("/oauth2/introspect", {**CLIENT, "token": "x"}).body == {"active": False}


def test_revoking_one_token_ends_all(rest):
    token = rest.token_for(**CREDENTIALS).body["access_token"]
    assert rest.post("/oauth2/revoke", {**CLIENT, "token": token}).body == {"revoked": True}
    assert (status_with(rest, token), rest.get(CUSTOMERS).status) == (401, 401)
    assert rest.token_for(**REFRESH).body["error"] == "invalid_grant"

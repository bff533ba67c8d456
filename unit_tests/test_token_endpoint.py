"""Signing in: what is sent, what is waited out, and what a refused sign-in says."""

from urllib.parse import urlsplit

import pytest
from fakes import BASE_URL, NOT_SENT, FakeClock, ScriptedTransport

from destination_sage_intacct.intacct.auth import Grant, TokenEndpoint
from destination_sage_intacct.intacct.classify import Answer, NoResponse
from destination_sage_intacct.intacct.clock import StoppedError
from destination_sage_intacct.intacct.errors import AuthenticationError, OutageError

GRANTED = Answer(
    200, payload={"token_type": "Bearer", "access_token": "access-1", "refresh_token": "refresh-2", "expires_in": 43200}
)


def oauth_error(code, words, status=400):
    return Answer(status, payload={"error": code, "error_description": words})


def sage_error(status=400, **error):
    return Answer(status, payload={"ia::error": error})


def endpoint(transport, clock=None, max_retries=3):
    return TokenEndpoint(BASE_URL, transport, clock or FakeClock(), max_retries)


def refresh(*script, clock=None, max_retries=3, entity=""):
    signed_in = endpoint(ScriptedTransport(*script), clock, max_retries)
    return signed_in.refresh("demo-client", "demo-secret", "refresh-1", entity)


def refusal(*script, error=AuthenticationError, **settings):
    """What is said when these answers end the sign-in."""
    with pytest.raises(error) as caught:
        refresh(*script, **settings)
    return str(caught.value)


def test_a_refresh_token_is_traded_by_a_form():
    transport = ScriptedTransport(GRANTED)
    grant = endpoint(transport).refresh("demo-client", "demo-secret", "refresh-1", "100")

    assert grant == Grant("access-1", "refresh-2", 43200.0)
    (request,) = transport.requests
    assert (request.method, request.url, request.token) == ("POST", f"{BASE_URL}/oauth2/token", None)
    assert request.headers["Content-Type"] == "application/x-www-form-urlencoded"
    app = {"client_id": "demo-client", "client_secret": "demo-secret"}
    traded = {"grant_type": "refresh_token", "refresh_token": "refresh-1", **app}
    assert transport.forms == [{**traded, "entity_id": "100"}]

    transport = ScriptedTransport(GRANTED)
    endpoint(transport).refresh("demo-client", "demo-secret", "refresh-1", "")
    assert transport.forms == [traded]


def test_an_app_signs_in_as_a_user_and_special_characters_survive():
    transport = ScriptedTransport(GRANTED)
    endpoint(transport).client_credentials("client", "s&cr=t+ /é", "user@acme|100")
    app = {"client_id": "client", "client_secret": "s&cr=t+ /é"}
    assert transport.forms == [{"grant_type": "client_credentials", "username": "user@acme|100", **app}]


@pytest.mark.parametrize(
    ("expires_in", "lifetime"),
    [(3600, 3600.0), ("3600", 3600.0), *((odd, 43200.0) for odd in (None, 0, -5, "soon", True))],
)
def test_a_lifetime_that_makes_no_sense_is_the_usual_one(expires_in, lifetime):
    answer = Answer(200, payload={"access_token": "access", "expires_in": expires_in})
    assert refresh(answer) == Grant("access", "", lifetime)


REFUSED_CLIENT = oauth_error("invalid_client", "Client authentication failed")
REFUSED_CLIENT_401 = oauth_error("invalid_client", "Client authentication failed", 401)


@pytest.mark.parametrize(
    "passing",
    [
        [NOT_SENT] * 2,
        [NoResponse(may_have_been_sent=True, reason="no answer within 120 seconds")] * 2,
        [Answer(500), Answer(429)],
        [Answer(502, unreadable="a body that is not JSON"), Answer(200, unreadable="a body that is not JSON")],
        *([REFUSED_CLIENT], [REFUSED_CLIENT_401]),  # a client may be refused now and then
    ],
)
def test_a_disturbance_is_waited_out(passing):
    clock = FakeClock()
    assert refresh(*passing, GRANTED, clock=clock).access_token == "access-1"
    assert [0.5 * 2**retry <= wait <= 2**retry for retry, wait in enumerate(clock.waits)] == [True] * len(passing)


@pytest.mark.parametrize(("says", "least", "most"), [("17", 17, 17), ("0", 0.5, 1)])
def test_the_token_endpoint_is_asked_again_when_it_says_and_never_at_once(says, least, most):
    clock = FakeClock()
    refresh(Answer(429, {"retry-after": says}), GRANTED, clock=clock)
    assert least <= clock.waits[0] <= most


def test_a_wait_beyond_all_patience_is_an_outage_and_a_stop_ends_any():
    too_long = refusal(Answer(429, {"retry-after": "301"}), error=OutageError)
    assert too_long == "Sage Intacct requires a wait of 301 seconds before signing in."
    clock = FakeClock()
    clock.stop()
    with pytest.raises(StoppedError):
        refresh(Answer(500), clock=clock)


@pytest.mark.parametrize("token", ["to\nken", "to ken", "\u4e2d", "", 5])
def test_a_token_that_no_header_carries_is_no_answer(token):
    with pytest.raises(OutageError):
        refresh(Answer(200, {}, {"access_token": token}), max_retries=0)


FAILED = "Signing in to Sage Intacct failed"
HTML = "an HTML page, not an answer of Sage Intacct"
OTHER_JSON = "JSON of another form, not an answer of Sage Intacct"
CHECK_API = (
    f"Check that `api_url` ({BASE_URL}) is the address of Sage Intacct's REST API; if it is, Sage Intacct or a proxy "
    "could not answer for now, and a later sync may succeed."
)
CHECK_NETWORK = (
    f"Check `api_url` ({BASE_URL}), and that the network, its firewall and its proxy let the connector reach "
    f"{urlsplit(BASE_URL).netloc}."
)


@pytest.mark.parametrize(
    ("attempt", "said"),
    [
        (NOT_SENT, f"the host refused the connection. {CHECK_NETWORK}"),
        (Answer(503), f"HTTP 503 with no body, not an answer of Sage Intacct. {CHECK_API}"),
        *(
            (Answer(status, unreadable="an HTML page"), f"HTTP {status} with {HTML}. {CHECK_API}")
            for status in (200, 302, 400, 401, 403)
        ),
        *(
            (Answer(status, payload=page), f"HTTP {status} with {OTHER_JSON}. {CHECK_API}")
            for status, page in ((200, {}), (200, ["x"]), (200, {"access_token": ""}), (403, {"message": "Forbidden"}))
        ),
    ],
)
def test_a_lasting_disturbance_is_an_outage(attempt, said):
    clock = FakeClock()
    failed = refusal(*[attempt] * 3, error=OutageError, clock=clock, max_retries=2)
    assert failed == f"{FAILED} in 3 attempts: {said}"
    assert len(clock.waits) == 2
    assert refusal(attempt, error=OutageError, max_retries=0) == f"{FAILED} in 1 attempt: {said}"


@pytest.mark.parametrize(
    ("answer", "error", "said"),
    [
        # A page that is not there may be so for now, but points to the address.
        (Answer(404, unreadable="an HTML page"), OutageError, f"HTTP 404 with {HTML}"),
        (Answer(405, unreadable="an HTML page"), OutageError, f"HTTP 405 with {HTML}"),
        (Answer(404, payload={"detail": "Not Found"}), OutageError, f"HTTP 404 with {OTHER_JSON}"),
        (Answer(405, payload={"error": "method_not_allowed"}), AuthenticationError, "method_not_allowed"),
        (sage_error(404, code="notFound", message="No such service."), AuthenticationError, "No such service"),
    ],
)
def test_an_address_without_a_token_endpoint_is_the_settings_fault(answer, error, said):
    told = f"`api_url` is not the address of a Sage Intacct REST API: {BASE_URL}/oauth2/token answers {said}. The right"
    assert refusal(*[answer] * 2, error=error, max_retries=1).startswith(told)


WRONG_GRANT = oauth_error("invalid_grant", "The provided credentials are invalid")
INVALID_GRANT = f"{FAILED}. Sage Intacct says: The provided credentials are invalid. [invalid_grant] "
WRONG_APP = "The Client ID, Client Secret, and/or 3rd Party Application are incorrect"
NO_NAME = "The username format is invalid (expected user@company)"
CHECK_CLIENT = "Check the client id and client secret against your app in the Sage Developer Portal, "
CHECK_USER = "Check `company_id` and `user_id`: they are joined to user@company."
CHECK_ALL = "Check the credentials, and that Web Services are enabled for the company and the user."
CHECK_GRANT = "Either the refresh token was revoked, replaced or has expired "
CHECK_COMPANY = "Check `company_id` and `user_id`: the user must be a Web Services user of this very company, "
CHECK_ENTITY = "Check `entity_id` first: entity 100 must exist, "


@pytest.mark.parametrize(
    ("answer", "retries", "said"),
    [
        (REFUSED_CLIENT, 1, f"Client authentication failed. [invalid_client] {CHECK_CLIENT}"),
        (REFUSED_CLIENT_401, 1, f"Client authentication failed. [invalid_client] {CHECK_CLIENT}"),
        (sage_error(message=f"{WRONG_APP}.", errorId="REST-1216"), 0, f"{WRONG_APP}. [REST-1216] {CHECK_CLIENT}"),
        (WRONG_GRANT, 0, f"The provided credentials are invalid. [invalid_grant] {CHECK_GRANT}"),
        (oauth_error("invalid_request", NO_NAME), 0, f"{NO_NAME}. [invalid_request] {CHECK_USER}"),
        (sage_error(code="GW-0035", message="Missing username"), 0, f"Missing username. [GW-0035] {CHECK_ALL}"),
    ],
)
def test_a_refused_sign_in_says_what_to_check(answer, retries, said):
    clock = FakeClock()
    assert refusal(*[answer] * (1 + retries), clock=clock).startswith(f"{FAILED}. Sage Intacct says: {said}")
    assert len(clock.waits) == retries
    assert refusal(answer, max_retries=0).startswith(f"{FAILED}. Sage Intacct says: {said}")


@pytest.mark.parametrize(("username", "entity"), [("user@acme|100", CHECK_ENTITY), ("user@acme", "")])
def test_a_refused_user_is_asked_for_the_entity_first_and_for_no_refresh_token(username, entity):
    with pytest.raises(AuthenticationError) as caught:
        endpoint(ScriptedTransport(WRONG_GRANT)).client_credentials("demo-client", "demo-secret", username)
    said = str(caught.value)
    assert said.startswith(f"{INVALID_GRANT}{entity or CHECK_COMPANY}")
    assert CHECK_COMPANY in said
    of_a_token = refusal(WRONG_GRANT, entity="100")
    assert of_a_token.startswith(f"{INVALID_GRANT}{CHECK_ENTITY}")
    assert CHECK_GRANT in of_a_token

import pytest
from fakes import BASE_URL, FakeClock, ScriptedExchange

from destination_sage_intacct.intacct.auth import Grant, TokenEndpoint
from destination_sage_intacct.intacct.clock import StoppedError
from destination_sage_intacct.intacct.errors import AuthenticationError, OutageError
from destination_sage_intacct.intacct.verdict import Answer, Lost

GRANTED = Answer(
    200,
    payload={"token_type": "Bearer", "access_token": "access-1", "refresh_token": "refresh-2", "expires_in": 43200},
)
INVALID_CLIENT = Answer(400, payload={"error": "invalid_client", "error_description": "Client authentication failed"})
WRONG_GRANT = Answer(
    400, payload={"error": "invalid_grant", "error_description": "The provided credentials are invalid"}
)
WRONG_APP = "The Client ID, Client Secret, and/or 3rd Party Application are incorrect"

CHECK_CLIENT = (
    "Check the client id and client secret against your app in the Sage Developer Portal, "
    "and that the app is authorized for this company."
)
CHECK_GRANT = (
    "Either the refresh token was revoked, replaced or has expired (a new authorization of the same user and app "
    "replaces older ones), or the user is not a Web Services user of this company, or the Web Services subscription "
    "is missing. Authorize the app again, and check Company > Admin > Subscriptions and Web Services users in Sage "
    "Intacct."
)
CHECK_USER = "Check `company_id` and `user_id`: they are joined to user@company."
CHECK_ALL = "Check the credentials, and that Web Services are enabled for the company and the user."


def endpoint(exchange, clock=None, max_retries=3):
    return TokenEndpoint(BASE_URL, exchange, clock or FakeClock(), max_retries)


def refresh(exchange, clock=None, max_retries=3):
    return endpoint(exchange, clock, max_retries).refresh("demo-client", "demo-secret", "refresh-1", "")


def test_a_refresh_token_is_traded_by_a_form():
    exchange = ScriptedExchange(GRANTED)

    grant = endpoint(exchange).refresh("demo-client", "demo-secret", "refresh-1", "")

    assert grant == Grant("access-1", "refresh-2", 43200.0)
    (request,) = exchange.requests
    assert (request.method, request.url, request.token) == ("POST", f"{BASE_URL}/oauth2/token", None)
    assert request.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert exchange.forms == [
        {
            "grant_type": "refresh_token",
            "client_id": "demo-client",
            "client_secret": "demo-secret",
            "refresh_token": "refresh-1",
        }
    ]


def test_a_refreshed_token_is_scoped_to_the_entity():
    exchange = ScriptedExchange(GRANTED)

    endpoint(exchange).refresh("demo-client", "demo-secret", "refresh-1", "100")

    assert exchange.forms[0]["entity_id"] == "100"


def test_an_app_signs_in_as_a_user_and_special_characters_survive():
    exchange = ScriptedExchange(GRANTED)

    endpoint(exchange).client_credentials("client", "s&cr=t+ /é", "user@acme|100")

    assert exchange.forms == [
        {
            "grant_type": "client_credentials",
            "client_id": "client",
            "client_secret": "s&cr=t+ /é",
            "username": "user@acme|100",
        }
    ]


@pytest.mark.parametrize(
    ("expires_in", "lifetime"),
    [
        (3600, 3600.0),
        ("3600", 3600.0),
        (None, 43200.0),
        (0, 43200.0),
        (-5, 43200.0),
        ("soon", 43200.0),
        (True, 43200.0),
    ],
)
def test_a_lifetime_that_makes_no_sense_is_the_usual_one(expires_in, lifetime):
    exchange = ScriptedExchange(Answer(200, payload={"access_token": "access", "expires_in": expires_in}))

    assert refresh(exchange) == Grant("access", "", lifetime)


@pytest.mark.parametrize("passing", [INVALID_CLIENT, Answer(401, payload=INVALID_CLIENT.payload)])
def test_a_client_that_is_refused_now_and_then_is_asked_again(passing):
    clock = FakeClock()
    exchange = ScriptedExchange(passing, GRANTED)

    assert refresh(exchange, clock).access_token == "access-1"
    assert len(clock.waits) == 1


@pytest.mark.parametrize(
    "passing",
    [
        Lost(sent=False, reason="the host refused the connection"),
        Lost(sent=True, reason="no answer within 120 seconds"),
        Answer(500),
        Answer(502, readable=False),
        Answer(200, readable=False),
        Answer(429),
    ],
)
def test_a_disturbance_is_waited_out(passing):
    clock = FakeClock()
    exchange = ScriptedExchange(passing, passing, GRANTED)

    assert refresh(exchange, clock).access_token == "access-1"
    assert [0.5 <= clock.waits[0] <= 1, 1 <= clock.waits[1] <= 2] == [True, True]


def test_the_token_endpoint_is_asked_again_when_it_says():
    clock = FakeClock()
    exchange = ScriptedExchange(Answer(429, {"retry-after": "17"}), GRANTED)

    refresh(exchange, clock)

    assert clock.waits == [17.0]


def test_a_wait_of_zero_does_not_hammer_the_token_endpoint():
    clock = FakeClock()
    exchange = ScriptedExchange(Answer(429, {"retry-after": "0"}), GRANTED)

    refresh(exchange, clock)

    assert clock.waits[0] >= 0.5


def test_a_wait_beyond_all_patience_is_an_outage():
    exchange = ScriptedExchange(Answer(429, {"retry-after": "301"}))

    with pytest.raises(OutageError, match=r"^Sage Intacct asks to wait 301 seconds before signing in\.$"):
        refresh(exchange)


@pytest.mark.parametrize(
    ("attempt", "why"),
    [
        (Lost(sent=False, reason="the host refused the connection"), "the host refused the connection"),
        (Answer(503), "HTTP 503"),
    ],
)
def test_a_lasting_disturbance_is_an_outage(attempt, why):
    clock = FakeClock()

    with pytest.raises(OutageError) as caught:
        refresh(ScriptedExchange(attempt, attempt, attempt), clock, max_retries=2)

    assert str(caught.value) == f"Signing in to Sage Intacct failed 3 times: {why}."
    assert len(clock.waits) == 2


def test_a_stop_ends_the_wait():
    clock = FakeClock()
    clock.stopped = True

    with pytest.raises(StoppedError):
        refresh(ScriptedExchange(Answer(500)), clock)


@pytest.mark.parametrize(
    ("answer", "attempts", "said"),
    [
        (INVALID_CLIENT, 2, f"Client authentication failed [invalid_client]. {CHECK_CLIENT}"),
        (
            Answer(401, payload=INVALID_CLIENT.payload),
            2,
            f"Client authentication failed [invalid_client]. {CHECK_CLIENT}",
        ),
        (
            Answer(400, payload={"ia::error": {"code": "x", "message": f"{WRONG_APP}.", "errorId": "REST-1216"}}),
            1,
            f"{WRONG_APP} [REST-1216]. {CHECK_CLIENT}",
        ),
        (WRONG_GRANT, 1, f"The provided credentials are invalid [invalid_grant]. {CHECK_GRANT}"),
        (
            Answer(
                400,
                payload={
                    "error": "invalid_request",
                    "error_description": "The username format is invalid (expected user@company)",
                },
            ),
            1,
            f"The username format is invalid (expected user@company) [invalid_request]. {CHECK_USER}",
        ),
        (
            Answer(400, payload={"ia::error": {"code": "GW-0035", "message": "Missing username"}}),
            1,
            f"Missing username [GW-0035]. {CHECK_ALL}",
        ),
        (Answer(403), 1, f"HTTP 403 without an explanation [HTTP 403]. {CHECK_ALL}"),
        (Answer(400, readable=False), 1, f"HTTP 400 without an explanation [HTTP 400]. {CHECK_ALL}"),
        (Answer(200, payload={}), 1, f"the answer holds no access token [HTTP 200]. {CHECK_ALL}"),
        (Answer(200, payload=["x"]), 1, f"the answer holds no access token [HTTP 200]. {CHECK_ALL}"),
        (Answer(200, payload={"access_token": ""}), 1, f"the answer holds no access token [HTTP 200]. {CHECK_ALL}"),
        (Answer(200, payload={"access_token": 5}), 1, f"the answer holds no access token [HTTP 200]. {CHECK_ALL}"),
    ],
)
def test_a_refused_sign_in_says_what_to_check(answer, attempts, said):
    exchange = ScriptedExchange(*[answer] * attempts)

    with pytest.raises(AuthenticationError) as caught:
        refresh(exchange)

    assert str(caught.value) == f"Signing in to Sage Intacct failed: {said}"
    assert exchange.is_used_up


def test_a_sign_in_for_an_entity_names_it_among_what_to_check():
    entity = (
        " Also check that entity 100 exists and that the user is assigned to it under Company > Admin > Users > User "
        "entities."
    )
    refreshed, signed_in = endpoint(ScriptedExchange(WRONG_GRANT)), endpoint(ScriptedExchange(WRONG_GRANT))

    with pytest.raises(AuthenticationError) as by_refresh_token:
        refreshed.refresh("demo-client", "demo-secret", "refresh-1", "100")
    with pytest.raises(AuthenticationError) as by_credentials:
        signed_in.client_credentials("demo-client", "demo-secret", "user@acme|100")

    expected = (
        "Signing in to Sage Intacct failed: The provided credentials are invalid [invalid_grant]. "
        f"{CHECK_GRANT}{entity}"
    )
    assert [str(by_refresh_token.value), str(by_credentials.value)] == [expected, expected]


def test_without_retries_a_refused_client_is_told_at_once():
    with pytest.raises(AuthenticationError, match="Client authentication failed"):
        refresh(ScriptedExchange(INVALID_CLIENT), max_retries=0)


def test_a_bare_401_of_the_token_endpoint_is_no_outage():
    exchange = ScriptedExchange(Answer(401))

    with pytest.raises(AuthenticationError, match=r"HTTP 401 without an explanation \[HTTP 401\]"):
        refresh(exchange)

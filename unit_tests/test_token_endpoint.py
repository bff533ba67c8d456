import pytest
from fakes import BASE_URL, FakeClock, ScriptedTransport

from destination_sage_intacct.intacct.auth import Grant, TokenEndpoint
from destination_sage_intacct.intacct.classify import Answer, NoResponse
from destination_sage_intacct.intacct.clock import StoppedError
from destination_sage_intacct.intacct.errors import OutageError

GRANTED = Answer(
    200, payload={"token_type": "Bearer", "access_token": "access-1", "refresh_token": "refresh-2", "expires_in": 43200}
)
INVALID_CLIENT = Answer(400, payload={"error": "invalid_client", "error_description": "Client authentication failed"})


def endpoint(transport, clock=None, max_retries=3):
    return TokenEndpoint(BASE_URL, transport, clock or FakeClock(), max_retries)


def refresh(transport, clock=None, max_retries=3):
    return endpoint(transport, clock, max_retries).refresh("demo-client", "demo-secret", "refresh-1", "")


def test_a_refresh_token_is_traded_by_a_form():
    transport = ScriptedTransport(GRANTED)

    grant = endpoint(transport).refresh("demo-client", "demo-secret", "refresh-1", "")

    assert grant == Grant("access-1", "refresh-2", 43200.0)
    (request,) = transport.requests
    assert (request.method, request.url, request.token) == ("POST", f"{BASE_URL}/oauth2/token", None)
    assert request.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert transport.forms == [
        {
            "grant_type": "refresh_token",
            "client_id": "demo-client",
            "client_secret": "demo-secret",
            "refresh_token": "refresh-1",
        }
    ]


def test_a_refreshed_token_is_scoped_to_the_entity():
    transport = ScriptedTransport(GRANTED)

    endpoint(transport).refresh("demo-client", "demo-secret", "refresh-1", "100")

    assert transport.forms[0]["entity_id"] == "100"


def test_an_app_signs_in_as_a_user_and_special_characters_survive():
    transport = ScriptedTransport(GRANTED)

    endpoint(transport).client_credentials("client", "s&cr=t+ /é", "user@acme|100")

    assert transport.forms == [
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
    transport = ScriptedTransport(Answer(200, payload={"access_token": "access", "expires_in": expires_in}))

    assert refresh(transport) == Grant("access", "", lifetime)


@pytest.mark.parametrize("passing", [INVALID_CLIENT, Answer(401, payload=INVALID_CLIENT.payload)])
def test_a_client_that_is_refused_now_and_then_is_asked_again(passing):
    clock = FakeClock()
    transport = ScriptedTransport(passing, GRANTED)

    assert refresh(transport, clock).access_token == "access-1"
    assert len(clock.waits) == 1


@pytest.mark.parametrize(
    "passing",
    [
        NoResponse(may_have_been_sent=False, reason="the host refused the connection"),
        NoResponse(may_have_been_sent=True, reason="no answer within 120 seconds"),
        Answer(500),
        Answer(502, unreadable="a body that is not JSON"),
        Answer(200, unreadable="a body that is not JSON"),
        Answer(429),
    ],
)
def test_a_disturbance_is_waited_out(passing):
    clock = FakeClock()
    transport = ScriptedTransport(passing, passing, GRANTED)

    assert refresh(transport, clock).access_token == "access-1"
    assert [0.5 <= clock.waits[0] <= 1, 1 <= clock.waits[1] <= 2] == [True, True]


@pytest.mark.parametrize(("says", "least", "most"), [("17", 17, 17), ("0", 0.5, 1)])
def test_the_token_endpoint_is_asked_again_when_it_says_and_never_at_once(says, least, most):
    clock = FakeClock()
    refresh(ScriptedTransport(Answer(429, {"retry-after": says}), GRANTED), clock)

    assert least <= clock.waits[0] <= most


def test_a_wait_beyond_all_patience_is_an_outage():
    transport = ScriptedTransport(Answer(429, {"retry-after": "301"}))

    with pytest.raises(OutageError, match=r"^Sage Intacct requires a wait of 301 seconds before signing in\.$"):
        refresh(transport)


def test_a_stop_ends_the_wait():
    clock = FakeClock()
    clock.stopped = True

    with pytest.raises(StoppedError):
        refresh(ScriptedTransport(Answer(500)), clock)


@pytest.mark.parametrize("token", ["to\nken", "to ken", "\u4e2d", ""])
def test_a_token_that_no_header_carries_is_no_answer(token):
    broken = ScriptedTransport(Answer(200, {}, {"access_token": token}))
    with pytest.raises(OutageError):
        endpoint(broken, max_retries=0).refresh("client", "secret", "refresh", "")

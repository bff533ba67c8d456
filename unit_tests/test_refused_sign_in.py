from urllib.parse import urlsplit

import pytest
from fakes import BASE_URL, FakeClock, ScriptedTransport

from destination_sage_intacct.intacct.auth import TokenEndpoint
from destination_sage_intacct.intacct.classify import Answer, NoResponse
from destination_sage_intacct.intacct.errors import AuthenticationError, OutageError

INVALID_CLIENT = Answer(400, payload={"error": "invalid_client", "error_description": "Client authentication failed"})
INVALID_USER = "Sage Intacct says: The username format is invalid (expected user@company). [invalid_request] "
INVALID_GRANT = "Sage Intacct says: The provided credentials are invalid. [invalid_grant] "
WRONG_GRANT = Answer(
    400, payload={"error": "invalid_grant", "error_description": "The provided credentials are invalid"}
)
WRONG_APP = "The Client ID, Client Secret, and/or 3rd Party Application are incorrect"
CHECK_CLIENT = (
    "Check the client id and client secret against your app in the Sage Developer Portal, "
    "and that the app is authorized for this company."
)
REFUSED_CLIENT = f"Sage Intacct says: Client authentication failed. [invalid_client] {CHECK_CLIENT}"
NOT_A_NAME = "The username format is invalid (expected user@company)"
NO_USER = Answer(400, payload={"error": "invalid_request", "error_description": NOT_A_NAME})
CHECK_WEB_SERVICES = "Company > Admin > Subscriptions and Web Services users in Sage Intacct."
CHECK_GRANT = (
    "Either the refresh token was revoked, replaced or has expired (a new authorization of the same user and app "
    "replaces older ones, and so does another sync that signs in with the same token where Sage Intacct gives a new "
    "one each time), or the user is not a Web Services user of this company, or the Web Services subscription "
    f"is missing. Authorize the app again, and check {CHECK_WEB_SERVICES}"
)
CHECK_COMPANY = (
    "Check `company_id` and `user_id`: the user must be a Web Services user of this very company, and the company must "
    f"have the Web Services subscription; see {CHECK_WEB_SERVICES}"
)
CHECK_USER = "Check `company_id` and `user_id`: they are joined to user@company."
HOST = urlsplit(BASE_URL).netloc
CHECK_API = (
    f"Check that `api_url` ({BASE_URL}) is the address of Sage Intacct's REST API; if it is, Sage Intacct or a proxy "
    "could not answer for now, and a later sync may succeed."
)
CHECK_ALL = "Check the credentials, and that Web Services are enabled for the company and the user."


def endpoint(transport, clock=None, max_retries=3):
    return TokenEndpoint(BASE_URL, transport, clock or FakeClock(), max_retries)


def refresh(transport, clock=None, max_retries=3):
    return endpoint(transport, clock, max_retries).refresh("demo-client", "demo-secret", "refresh-1", "")


@pytest.mark.parametrize(
    ("attempt", "said"),
    [
        (
            NoResponse(may_have_been_sent=False, reason="the host refused the connection"),
            (
                f"the host refused the connection. Check `api_url` ({BASE_URL}), and that the network, its firewall "
                f"and its proxy let the connector reach {HOST}."
            ),
        ),
        (Answer(503), f"HTTP 503 with no body, not an answer of Sage Intacct. {CHECK_API}"),
        *(
            (page, f"HTTP {page.status} with an HTML page, not an answer of Sage Intacct. {CHECK_API}")
            for page in (Answer(status, unreadable="an HTML page") for status in (200, 302, 400, 401, 403))
        ),
        *(
            (answer, f"HTTP {answer.status} with JSON of another form, not an answer of Sage Intacct. {CHECK_API}")
            for answer in (
                Answer(200, payload={}),
                Answer(200, payload=["x"]),
                Answer(200, payload={"access_token": ""}),
                Answer(200, payload={"access_token": 5}),
                Answer(403, payload={"message": "Forbidden"}),
            )
        ),
    ],
)
def test_a_lasting_disturbance_is_an_outage(attempt, said):
    clock = FakeClock()

    with pytest.raises(OutageError) as caught:
        refresh(ScriptedTransport(attempt, attempt, attempt), clock, max_retries=2)

    assert str(caught.value) == f"Signing in to Sage Intacct failed in 3 attempts: {said}"
    assert len(clock.waits) == 2


def test_one_attempt_is_told_as_one():
    with pytest.raises(OutageError, match=r"^Signing in to Sage Intacct failed in 1 attempt: HTTP 503 with no body"):
        refresh(ScriptedTransport(Answer(503)), max_retries=0)


@pytest.mark.parametrize(
    "page",
    [
        Answer(404, unreadable="an HTML page"),
        Answer(405, unreadable="an HTML page"),
        Answer(404, payload={"detail": "Not Found"}),
    ],
)
def test_a_page_that_is_not_there_may_be_so_for_now_but_points_to_the_address(page):
    with pytest.raises(OutageError) as caught:
        refresh(ScriptedTransport(page, page), max_retries=1)

    assert str(caught.value) == (
        f"`api_url` is not the address of a Sage Intacct REST API: {BASE_URL}/oauth2/token answers {page.description}. "
        "The right address ends in /ia/api/v1, as in https://api.intacct.com/ia/api/v1."
    )


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (Answer(405, payload={"error": "method_not_allowed"}), "method_not_allowed"),
        (Answer(404, payload={"ia::error": {"code": "notFound", "message": "No such service."}}), "No such service"),
    ],
)
def test_an_address_without_a_token_endpoint_is_told_as_the_settings_fault(answer, said):
    with pytest.raises(AuthenticationError) as caught:
        refresh(ScriptedTransport(answer))

    assert str(caught.value) == (
        f"`api_url` is not the address of a Sage Intacct REST API: {BASE_URL}/oauth2/token answers {said}. The right "
        "address ends in /ia/api/v1, as in https://api.intacct.com/ia/api/v1."
    )


@pytest.mark.parametrize(
    ("answer", "attempts", "said"),
    [
        (INVALID_CLIENT, 2, REFUSED_CLIENT),
        (Answer(401, payload=INVALID_CLIENT.payload), 2, REFUSED_CLIENT),
        (
            Answer(400, payload={"ia::error": {"code": "x", "message": f"{WRONG_APP}.", "errorId": "REST-1216"}}),
            1,
            f"Sage Intacct says: {WRONG_APP}. [REST-1216] {CHECK_CLIENT}",
        ),
        (WRONG_GRANT, 1, f"{INVALID_GRANT}{CHECK_GRANT}"),
        (NO_USER, 1, INVALID_USER + CHECK_USER),
        (
            Answer(400, payload={"ia::error": {"code": "GW-0035", "message": "Missing username"}}),
            1,
            f"Sage Intacct says: Missing username. [GW-0035] {CHECK_ALL}",
        ),
    ],
)
def test_a_refused_sign_in_says_what_to_check(answer, attempts, said):
    transport = ScriptedTransport(*[answer] * attempts)

    with pytest.raises(AuthenticationError) as caught:
        refresh(transport)

    assert str(caught.value) == f"Signing in to Sage Intacct failed. {said}"
    assert transport.is_used_up


def test_a_sign_in_for_an_entity_names_it_first():
    entity = (
        "Check `entity_id` first: entity 100 must exist, and the user must be assigned to it under Company > Admin > "
        "Users > User entities. "
    )
    refreshed, signed_in = endpoint(ScriptedTransport(WRONG_GRANT)), endpoint(ScriptedTransport(WRONG_GRANT))

    with pytest.raises(AuthenticationError) as by_refresh_token:
        refreshed.refresh("demo-client", "demo-secret", "refresh-1", "100")
    with pytest.raises(AuthenticationError) as by_credentials:
        signed_in.client_credentials("demo-client", "demo-secret", "user@acme|100")

    refused = f"Signing in to Sage Intacct failed. {INVALID_GRANT}"
    assert str(by_refresh_token.value) == f"{refused}{entity}{CHECK_GRANT}"
    assert str(by_credentials.value) == f"{refused}{entity}{CHECK_COMPANY}"


def test_a_refused_user_is_told_nothing_of_refresh_tokens():
    with pytest.raises(AuthenticationError) as caught:
        endpoint(ScriptedTransport(WRONG_GRANT)).client_credentials("demo-client", "demo-secret", "user@acme")

    assert str(caught.value) == f"Signing in to Sage Intacct failed. {INVALID_GRANT}{CHECK_COMPANY}"


def test_without_retries_a_refused_client_is_told_at_once():
    with pytest.raises(AuthenticationError, match="Client authentication failed"):
        refresh(ScriptedTransport(INVALID_CLIENT), max_retries=0)

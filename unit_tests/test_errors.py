import pytest

from destination_sage_intacct.intacct.errors import (
    AccessError,
    AuthenticationError,
    ConfigurationError,
    IntacctError,
    OutageError,
    SageError,
    parse_error,
    parse_oauth_error,
)


def error(message, code="invalidRequest", error_id="", **more):
    """An error as Sage Intacct nests it, with what else its answers hold."""
    shown = {"code": code, "message": message, "errorId": error_id, "additionalInfo": {"propertySet": {}}, **more}
    return {name: value for name, value in shown.items() if value}


def within_a_result(*arguments, **more):
    return {"ia::result": {"ia::error": error(*arguments, **more)}, "ia::meta": {"totalCount": 1, "totalError": 1}}


WORDS = "The action field in accounts-receivable/invoice object cannot be used in query in version 1"
# Recorded from the live API.
RECORDED = within_a_result(WORDS, error_id="REST-1106", supportId="XfdSdWEB1773510525717%7Eabpa3P5w0")
BALANCE, CHECK = "Transactions do not balance for Place ,", "Check the transactions for errors, then try again."
# From production, as fyle-intacct-api's fixtures hold it.
BUSINESS = within_a_result(
    "POST request on objects/general-ledger/journal-entry object was unsuccessful",
    "operationFailed",
    "REST-7001",
    supportId="Kxi78WEB171",
    details=[
        error("Could not create GLBatch record.", "unableToCreateRecordError", "GL-0951"),
        error(BALANCE, "invalidConfiguration", "GL-1009", correction=CHECK),
    ],
)
# From Sage's OpenAPI, error-response.
TWO_LEVELS = within_a_result(
    "Payload contains errors",
    error_id="REST-1064",
    supportId="Kxi78",
    details=[error("/newDate is not a valid field", error_id="REST-1043", target="/newDate")],
)
LIMIT = {"code": "GW-0010", "message": "API rate limit exceeded", "details": {"requestId": "AC47C2BE:D9EE"}}
# From Sage's OpenAPI, bank-file/generate.
ALONE = {"key": "1221", "ia::status": 422, "ia::error": {"message": "1221: Please provide a valid value …"}}
TWO_SUPPORT_IDS = error("m", "", supportId="outer", details=[{"message": "d", "supportId": "inner"}])


@pytest.mark.parametrize(
    ("payload", "status", "found"),
    [
        (RECORDED, 400, SageError(WORDS, 400, "invalidRequest", "REST-1106", "", "XfdSdWEB1773510525717%7Eabpa3P5w0")),
        (BUSINESS, 422, SageError(BALANCE, 422, "invalidConfiguration", "GL-1009", "", "Kxi78WEB171", CHECK)),
        (
            TWO_LEVELS,
            400,
            SageError("/newDate is not a valid field", 400, "invalidRequest", "REST-1043", "newDate", "Kxi78"),
        ),
        (
            {"ia::error": LIMIT},
            429,
            SageError("API rate limit exceeded", 429, "GW-0010", "GW-0010", support_id="AC47C2BE:D9EE"),
        ),
        ({"ia::error": error("Expired token", "GW-0040")}, 401, SageError("Expired token", 401, "GW-0040", "GW-0040")),
        # As published with complaints about tokens; the key is a bare `error`.
        (
            {"error": error("Token is not valid", "tokenInvalid", "REST-2102", supportId="Kxi79")},
            401,
            SageError("Token is not valid", 401, "tokenInvalid", "REST-2102", support_id="Kxi79"),
        ),
        (
            {"ia::result": {"ia::error": ["?", error("no such record", "notFound")]}},
            404,
            SageError("no such record", 404, "notFound"),
        ),
        ({"ia::error": TWO_SUPPORT_IDS}, 400, SageError("d", 400, support_id="inner")),
        # A record alone in a list has its own status; of several, none speaks for the answer.
        ({"ia::result": [ALONE]}, 207, SageError("1221: Please provide a valid value …", 422)),
        ({"ia::result": [{"ia::status": 404}]}, 207, SageError("HTTP 404 without an explanation", 404)),
        ({"ia::result": [{"key": "1", "ia::status": 200}]}, 207, None),
        ({"ia::result": [{"key": "1", "ia::status": 204}]}, 207, None),
        ({"ia::result": [ALONE, ALONE]}, 207, None),
        # What a gateway says is no error of Sage's.
        ({"message": "Forbidden"}, 403, None),
        ({"error": "Forbidden"}, 403, None),
        ({"error": {"code": 403, "message": "The caller does not have permission"}}, 403, None),
        ({"errors": [{"message": "Forbidden"}]}, 403, None),
        ({"fault": {"faultstring": "Access denied"}}, 403, None),
        ({"ia::error": {}}, 403, None),
        ({"ia::result": {}}, 403, None),
        *((payload, 200, None) for payload in (None, "text", [], 5, {}, {"ia::result": {"key": "1"}})),
        ({"ia::result": [], "ia::meta": {"totalCount": 0}}, 200, None),
        ({"ia::result": {"ia::error": None}}, 200, None),
        *((payload, 200, None) for payload in ({"ia::error": []}, {"error": ["text"]}, {"error": 5})),
    ],
)
def test_an_error_is_read_in_each_of_its_forms(payload, status, found):
    assert parse_error(payload, status) == found


@pytest.mark.parametrize(
    ("payload", "message"),
    [
        (
            {"error": "invalid_grant", "error_description": "The provided credentials are invalid"},
            "The provided credentials are invalid",
        ),
        ({"error": "invalid_grant"}, "invalid_grant"),
        ({"error": "invalid_grant", "error_description": None}, "invalid_grant"),
    ],
)
def test_an_error_of_oauth_is_read(payload, message):
    assert parse_oauth_error(payload, 400) == SageError(message, 400, "invalid_grant")
    assert parse_error(payload, 400) is None


def test_the_token_endpoint_may_use_the_forms_of_the_api():
    assert parse_oauth_error(RECORDED, 400) == parse_error(RECORDED, 400)


@pytest.mark.parametrize(
    ("outer", "message"),
    [
        ({"code": "operationFailed"}, "no reason given"),
        ({"message": "  "}, "no reason given"),
        ({"message": "wrapped", "errorId": "REST-7001", "details": []}, "wrapped"),
        ({"message": "wrapped", "errorId": "REST-7001", "details": ["text", None]}, "wrapped"),
        ({"message": "wrapped", "errorId": "REST-7001", "details": [{"code": "x"}]}, "wrapped"),
        (
            {"message": "wrapped", "errorId": "REST-7001", "details": [{"message": "deeper", "errorId": "GL-0951"}]},
            "deeper",
        ),
        ({"message": "outer", "details": [{"message": "first"}, {"message": "second"}]}, "first"),
        ({"message": "outer", "details": [{"code": "x"}, {"message": "said last"}]}, "said last"),
        ({"message": "a", "details": [{"message": "b", "errorId": "REST-1064", "details": [{"message": "c"}]}]}, "c"),
    ],
)
def test_the_deepest_words_that_say_something_are_taken(outer, message):
    found = parse_error({"ia::error": outer}, 400)

    assert found is not None
    assert found.message == message


@pytest.mark.parametrize(
    ("target", "field"),
    [("/contacts/default/email1", "contacts.default.email1"), ("/lines/2/txnAmount", "lines.2.txnAmount"), ("", "")],
)
def test_a_field_is_dotted(target, field):
    found = parse_error({"ia::error": {"message": "m", "details": [{"message": "d", "target": target}]}}, 400)

    assert found is not None
    assert found.field == field


def test_all_words_of_an_error_can_be_searched():
    found = SageError("Not Valid", 400, "invalidRequest", "REST-1043", correction="Use THIS")

    assert found.searchable == "invalidrequest rest-1043 not valid use this"


@pytest.mark.parametrize(
    ("kind", "parents"),
    [
        (AuthenticationError, (ConfigurationError, IntacctError)),
        (AccessError, (ConfigurationError, IntacctError)),
        (OutageError, (IntacctError,)),
    ],
)
def test_an_error_is_told_apart_by_who_must_act(kind, parents):
    assert issubclass(kind, parents)
    assert not issubclass(OutageError, ConfigurationError)

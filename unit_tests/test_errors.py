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

# Recorded from the live API.
RECORDED = {
    "ia::result": {
        "ia::error": {
            "code": "invalidRequest",
            "message": "The action field in accounts-receivable/invoice object cannot be used in query in version 1",
            "errorId": "REST-1106",
            "additionalInfo": {
                "messageId": "IA.THE_FIELD_IN_OBJECT_CANNOT_BE_USED_IN_QUERY",
                "placeholders": {"FIELD": "action", "OBJECT": "accounts-receivable/invoice", "VERSION": "1"},
                "propertySet": {},
            },
            "supportId": "XfdSdWEB1773510525717%7Eabpa3P5w0-L44mZ-dmobZQAAABU",
        }
    },
    "ia::meta": {"totalCount": 1, "totalSuccess": 0, "totalError": 1},
}

# From production, as fyle-intacct-api's fixtures hold it.
BUSINESS = {
    "ia::result": {
        "ia::error": {
            "code": "operationFailed",
            "message": "POST request on objects/general-ledger/journal-entry object was unsuccessful",
            "errorId": "REST-7001",
            "additionalInfo": {
                "messageId": "IA.REQUEST_ON_OBJECT_FAILED",
                "placeholders": {"OPERATION": "POST", "RESOURCE_NAME": "objects/general-ledger/journal-entry"},
                "propertySet": {},
            },
            "supportId": "Kxi78WEB171",
            "details": [
                {
                    "code": "unableToCreateRecordError",
                    "message": "Could not create GLBatch record.",
                    "errorId": "GL-0951",
                    "additionalInfo": {},
                },
                {
                    "code": "invalidConfiguration",
                    "message": "Transactions do not balance for Place ,",
                    "errorId": "GL-1009",
                    "correction": "Check the transactions for errors or inconsistencies, then try again.",
                    "additionalInfo": {},
                },
            ],
        }
    },
    "ia::meta": {"totalCount": 1, "totalSuccess": 0, "totalError": 1},
}

# From Sage's OpenAPI, error-response.
TWO_LEVELS = {
    "ia::result": {
        "ia::error": {
            "code": "invalidRequest",
            "message": "Payload contains errors",
            "errorId": "REST-1064",
            "additionalInfo": {"messageId": "IA.PAYLOAD_CONTAINS_ERRORS", "placeholders": {}, "propertySet": {}},
            "supportId": "Kxi78%7EZuyXBDEGVHD2UmO1phYXDQAAAAo",
            "details": [
                {
                    "code": "invalidRequest",
                    "message": "/newDate is not a valid field",
                    "errorId": "REST-1043",
                    "target": "/newDate",
                    "additionalInfo": {"messageId": "IA.NOT_A_VALID_FIELD", "placeholders": {}, "propertySet": {}},
                }
            ],
        }
    },
    "ia::meta": {"totalCount": 1, "totalSuccess": 0, "totalError": 1},
}

GATEWAY = {
    "ia::error": {
        "code": "GW-0010",
        "message": "API rate limit exceeded",
        "details": {"requestId": "AC47C2BE:D9EE_63EBC07F.59"},
    }
}

# As published with complaints about tokens; the key is a bare `error`.
BARE = {
    "error": {
        "code": "tokenInvalid",
        "message": "Token is not valid",
        "errorId": "REST-2102",
        "additionalInfo": {"messageId": "IA.TOKEN_IS_INVALID", "placeholders": {}, "propertySet": {}},
        "supportId": "Kxi79",
    }
}


def test_the_error_within_the_result_is_read():
    assert parse_error(RECORDED, 400) == SageError(
        message="The action field in accounts-receivable/invoice object cannot be used in query in version 1",
        status=400,
        code="invalidRequest",
        error_id="REST-1106",
        support_id="XfdSdWEB1773510525717%7Eabpa3P5w0-L44mZ-dmobZQAAABU",
    )


def test_of_several_levels_the_one_that_says_why_is_taken():
    assert parse_error(BUSINESS, 422) == SageError(
        message="Transactions do not balance for Place ,",
        status=422,
        code="invalidConfiguration",
        error_id="GL-1009",
        support_id="Kxi78WEB171",
        correction="Check the transactions for errors or inconsistencies, then try again.",
    )


def test_a_detail_names_its_field():
    assert parse_error(TWO_LEVELS, 400) == SageError(
        message="/newDate is not a valid field",
        status=400,
        code="invalidRequest",
        error_id="REST-1043",
        field="newDate",
        support_id="Kxi78%7EZuyXBDEGVHD2UmO1phYXDQAAAAo",
    )


def test_an_error_of_the_gateway_has_its_number_in_the_code_and_its_request_in_the_details():
    assert parse_error(GATEWAY, 429) == SageError(
        message="API rate limit exceeded",
        status=429,
        code="GW-0010",
        error_id="GW-0010",
        support_id="AC47C2BE:D9EE_63EBC07F.59",
    )


def test_an_expired_token_of_the_gateway_is_read():
    payload = {"ia::error": {"code": "GW-0040", "message": "Expired token"}}

    assert parse_error(payload, 401) == SageError("Expired token", 401, "GW-0040", "GW-0040")


def test_a_bare_error_is_read():
    assert parse_error(BARE, 401) == SageError(
        "Token is not valid", 401, "tokenInvalid", "REST-2102", support_id="Kxi79"
    )


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
    "payload",
    [
        {"message": "Forbidden"},
        {"error": "Forbidden"},
        {"error": {"code": 403, "message": "The caller does not have permission"}},
        {"errors": [{"message": "Forbidden"}]},
        {"fault": {"faultstring": "Access denied"}},
        {"ia::error": {}},
        {"ia::result": {}},
    ],
)
def test_what_a_gateway_says_is_no_error_of_sages(payload):
    assert parse_error(payload, 403) is None


def test_an_error_in_a_list_is_read():
    payload = {"ia::result": {"ia::error": ["?", {"code": "notFound", "message": "no such record"}]}}

    assert parse_error(payload, 404) == SageError("no such record", 404, "notFound")


def test_a_record_alone_in_a_list_is_read_with_its_own_status():
    # From Sage's OpenAPI, bank-file/generate.
    item = {"key": "1221", "ia::status": 422, "ia::error": {"message": "1221: Please provide a valid value …"}}
    payload = {"ia::result": [item], "ia::meta": {"totalError": 1, "totalSuccess": 0, "totalCount": 1}}

    assert parse_error(payload, 207) == SageError("1221: Please provide a valid value …", 422)


def test_a_bad_status_of_a_record_is_an_error_without_words_too():
    assert parse_error({"ia::result": [{"ia::status": 404}]}, 207) == SageError("HTTP 404 without an explanation", 404)


@pytest.mark.parametrize("status", [200, 204])
def test_a_good_status_of_a_record_is_no_error(status):
    assert parse_error({"ia::result": [{"key": "1", "ia::status": status}]}, 207) is None


def test_of_several_records_none_speaks_for_the_answer():
    item = {"ia::status": 422, "ia::error": {"message": "no"}}

    assert parse_error({"ia::result": [item, item]}, 207) is None


@pytest.mark.parametrize(
    "payload",
    [
        None,
        "text",
        [],
        5,
        {},
        {"ia::result": {"key": "1"}},
        {"ia::result": [], "ia::meta": {"totalCount": 0}},
        {"ia::result": {"ia::error": None}},
        {"ia::error": []},
        {"error": ["text"]},
        {"error": 5},
    ],
)
def test_a_body_without_an_error_has_none(payload):
    assert parse_error(payload, 200) is None


@pytest.mark.parametrize(
    ("error", "message"),
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
def test_the_deepest_words_that_say_something_are_taken(error, message):
    found = parse_error({"ia::error": error}, 400)

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


def test_a_detail_with_its_own_support_id_keeps_it():
    error = {"message": "m", "supportId": "outer", "details": [{"message": "d", "supportId": "inner"}]}

    assert parse_error({"ia::error": error}, 400) == SageError("d", 400, support_id="inner")


def test_all_words_of_an_error_can_be_searched():
    error = SageError("Not Valid", 400, "invalidRequest", "REST-1043", correction="Use THIS")

    assert error.searchable == "invalidrequest rest-1043 not valid use this"


@pytest.mark.parametrize(
    ("error", "parents"),
    [
        (AuthenticationError, (ConfigurationError, IntacctError)),
        (AccessError, (ConfigurationError, IntacctError)),
        (OutageError, (IntacctError,)),
    ],
)
def test_an_error_is_told_apart_by_who_must_act(error, parents):
    assert issubclass(error, parents)
    assert not issubclass(OutageError, ConfigurationError)

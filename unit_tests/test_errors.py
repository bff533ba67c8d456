"""Each form of an error is read; of several levels of one, the one with the reason is shown to the user."""

import pytest

from destination_sage_intacct.intacct.errors import SageError, parse_error, parse_oauth_error


def error(message, code="invalidRequest", error_id="", **more):
    """An error as Sage Intacct nests it, with what else its answers hold."""
    shown = {"code": code, "message": message, "errorId": error_id, "additionalInfo": {"propertySet": {}}, **more}
    return {name: value for name, value in shown.items() if value}


def within_a_result(*arguments, **more):
    return {"ia::result": {"ia::error": error(*arguments, **more)}, "ia::meta": {"totalCount": 1, "totalError": 1}}


def opened(*details, **outer):
    """What is found in an error with these details, in the nesting that fyle-intacct-api's fixtures hold."""
    wrapper = "POST request on objects/accounts-receivable/invoice object was unsuccessful"
    outer = {"supportId": "Kxi78", "details": list(details), **outer}
    found = parse_error(within_a_result(wrapper, "operationFailed", "REST-7001", **outer), 422)
    assert found is not None
    return found


WORDS = "The action field in accounts-receivable/invoice object cannot be used in query in version 1"
# Recorded from the live API.
RECORDED = within_a_result(WORDS, error_id="REST-1106", supportId="XfdSdWEB1773510525717%7Eabpa3P5w0")
# From Sage's OpenAPI, error-response.
NO_FIELD = error("/newDate is not a valid field", error_id="REST-1043", target="/newDate")
TWO_LEVELS = within_a_result("Payload contains errors", error_id="REST-1064", supportId="Kxi78", details=[NO_FIELD])
LIMIT = {"code": "GW-0010", "message": "API rate limit exceeded", "details": {"requestId": "AC47C2BE:D9EE"}}
# As published with complaints about tokens; the key is a bare `error`.
TOKEN = {"error": error("Token is not valid", "tokenInvalid", "REST-2102", supportId="Kxi79")}
# From Sage's OpenAPI, bank-file/generate.
ALONE = {"key": "1221", "ia::status": 422, "ia::error": {"message": "1221: Please provide a valid value …"}}
TWO_IDS = error("m", "", supportId="outer", details=[{"message": "d", "supportId": "inner", "target": "/lines/2/x"}])


@pytest.mark.parametrize(
    ("payload", "status", "found"),
    [
        (RECORDED, 400, SageError(WORDS, 400, "invalidRequest", "REST-1106", "", "XfdSdWEB1773510525717%7Eabpa3P5w0")),
        (TWO_LEVELS, 400, SageError(NO_FIELD["message"], 400, "invalidRequest", "REST-1043", "newDate", "Kxi78")),
        ({"ia::error": LIMIT}, 429, SageError(LIMIT["message"], 429, "GW-0010", "GW-0010", "", "AC47C2BE:D9EE")),
        (TOKEN, 401, SageError("Token is not valid", 401, "tokenInvalid", "REST-2102", support_id="Kxi79")),
        ({"ia::result": {"ia::error": ["?", error("no", "notFound")]}}, 404, SageError("no", 404, "notFound")),
        ({"ia::error": TWO_IDS}, 400, SageError("d", 400, field="lines.2.x", support_id="inner")),
        # A record alone in a list has its own status; of several, none speaks for the answer.
        ({"ia::result": [ALONE]}, 207, SageError("1221: Please provide a valid value …", 422)),
        ({"ia::result": [{"ia::status": 404}]}, 207, SageError("HTTP 404 without an explanation", 404)),
        ({"ia::result": [{"key": "1", "ia::status": 200}]}, 207, None),
        ({"ia::result": [ALONE, ALONE]}, 207, None),
    ],
)
def test_an_error_is_read_in_each_of_its_forms(payload, status, found):
    assert parse_error(payload, status) == found


@pytest.mark.parametrize(
    "payload",
    [
        *({"message": "Forbidden"}, {"error": "Forbidden"}, {"errors": [{"message": "Forbidden"}]}),
        {"error": {"code": 403, "message": "The caller does not have permission"}},
        {"fault": {"faultstring": "Access denied"}},
        *({"ia::error": {}}, {"ia::error": []}, {"ia::result": {}}, {"ia::result": {"ia::error": None}}),
        *({"error": ["text"]}, {"error": 5}, None, "text", [], 5, {}, {"ia::result": {"key": "1"}}),
        {"ia::result": [], "ia::meta": {"totalCount": 0}},
    ],
)
@pytest.mark.parametrize("status", [200, 403])
def test_what_a_gateway_says_is_no_error_of_sages(payload, status):
    assert parse_error(payload, status) is None


def test_an_error_of_oauth_is_read():
    for description, message in (("They are invalid", "They are invalid"), (None, "invalid_grant")):
        payload = {"error": "invalid_grant", "error_description": description}
        assert parse_oauth_error(payload, 400) == SageError(message, 400, "invalid_grant")
        assert parse_error(payload, 400) is None
    assert parse_oauth_error(RECORDED, 400) == parse_error(RECORDED, 400)  # the forms of the API come too


@pytest.mark.parametrize(
    ("outer", "message"),
    [
        ({"code": "operationFailed"}, "no reason given"),
        ({"message": "  "}, "no reason given"),
        *(({"message": "outer", "details": hollow}, "outer") for hollow in ([], ["text", None], [{"code": "x"}])),
        ({"message": "outer", "details": [{"message": "deeper", "errorId": "GL-0951"}]}, "deeper"),
        ({"message": "outer", "details": [{"code": "x"}, {"message": "said last"}]}, "said last"),
    ],
)
def test_the_deepest_words_that_say_something_are_taken(outer, message):
    found = parse_error({"ia::error": {"errorId": "REST-7001", **outer}}, 400)
    assert found is not None
    assert found.message == message


@pytest.mark.parametrize(
    "hollow",
    [
        error("Could not create GLBatch record.", "unableToCreateRecordError", "GL-0951"),
        error("?", error_id="REST-1064"),
        error("Could not create cctransaction record!", error_id="BL01001973"),
        error("Validate contactversion record failed!", error_id="BL01001973"),
        error("Currently, we cannot create the transaction", error_id="AR-0279"),
        error("Currently, we can't create the transaction", error_id="BL01001973"),
        error("Could not create class record! [Support ID: a~b]", error_id="BL01001973"),
    ],
)
def test_a_wrapper_is_opened_wherever_it_is(hollow):
    reason = error("Invalid Project '10064' specified.", "invalidConfiguration", "BL01001973", correction="Do this.")
    shown = SageError(reason["message"], 422, "invalidConfiguration", "BL01001973", "", "Kxi78", "Do this.")
    assert opened(hollow, reason) == opened(reason, hollow) == opened({**hollow, "details": [reason]}) == shown


OVERRIDE = error("Currently, we cannot create the transaction", error_id="AR-0279", correction="Enable override.")
INVOICE, LINE = (error(f"Could not create {each} record!", error_id="BL01001973") for each in ("invoice", "line"))
BEGINS_LIKE_ONE = "Could not create the record because the vendor is inactive"
ADVISES_NOTHING = error(
    "Currently, we can't create the transaction 'B-1'.",
    error_id="BL01001973",
    correction="Check the transaction for errors or inconsistencies, then try again.",
)


@pytest.mark.parametrize(
    ("details", "message", "correction"),
    [
        ([error(BEGINS_LIKE_ONE), error("Another one")], BEGINS_LIKE_ONE, ""),
        # Of wrappers alone the one that says what to do is taken, else the deepest.
        ([OVERRIDE, INVOICE], OVERRIDE["message"], "Enable override."),
        ([INVOICE, LINE], LINE["message"], ""),
        # What a wrapper advises is shown where the reason advises nothing.
        ([error("Odd"), OVERRIDE], "Odd", "Enable override."),
        ([error("Odd", correction="Do this."), OVERRIDE], "Odd", "Do this."),
        # Advice about another reason and advice that says nothing are left out.
        ([error("Odd"), error("Another reason", correction="Do that.")], "Odd", ""),
        ([error("Odd"), ADVISES_NOTHING], "Odd", ""),
    ],
)
def test_of_several_details_the_reason_is_shown_with_the_advice_for_it(details, message, correction):
    found = opened(*details)
    assert (found.message, found.correction) == (message, correction)


def test_a_support_id_within_the_words_is_taken_out_and_kept():
    found = opened(error("Odd. [Support ID: nHh88EB032~Y1JFVP0J5xA]"), supportId="")
    assert (found.message, found.support_id) == ("Odd.", "nHh88EB032~Y1JFVP0J5xA")


@pytest.mark.parametrize("error_id", ["BL34000061", "PL05000104", "BL03002185"])
def test_all_words_of_an_error_can_be_searched_and_a_duplicate_is_known_by_its_number_too(error_id):
    found = SageError("Not Valid", 400, "invalidRequest", "REST-1043", correction="Use THIS")
    assert found.searchable == "invalidrequest rest-1043 not valid use this"
    assert not found.is_duplicate
    assert SageError("?", 422, error_id=error_id).is_duplicate

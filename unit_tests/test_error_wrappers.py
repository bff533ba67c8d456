"""Of several levels of an error, the one that tells why is shown to the user."""

import pytest

from destination_sage_intacct.intacct.errors import SageError, parse_error
from destination_sage_intacct.rejected_rows.rejection import from_sage

WRAPPER = "POST request on objects/accounts-receivable/invoice object was unsuccessful"


def refused(*details, **outer):
    error = {"code": "operationFailed", "message": WRAPPER, "errorId": "REST-7001", "supportId": "Kxi78WEB171", **outer}
    return {"ia::result": {"ia::error": {**error, "details": list(details)}}}


def detail(message, error_id="", **more):
    return {"code": "invalidRequest", "message": message, "errorId": error_id, **more}


def opened(*details, **outer):
    found = parse_error(refused(*details, **outer), 422)
    assert found is not None
    return found


@pytest.mark.parametrize(
    "hollow",
    [
        detail("Could not create GLBatch record.", "GL-0951"),
        detail("?", "REST-1064"),
        detail("Could not create cctransaction record!", "BL01001973"),
        detail("Validate contactversion record failed!", "BL01001973"),
        detail("Currently, we cannot create the transaction", "AR-0279"),
        detail("Currently, we can't create the transaction", "BL01001973"),
        detail("Could not create class record! [Support ID: a~b]", "BL01001973"),
    ],
)
def test_a_wrapper_is_opened_wherever_it_stands(hollow):
    reason = detail("Invalid Project '10064' specified.", "BL01001973")

    assert opened(hollow, reason).message == "Invalid Project '10064' specified."
    assert opened(reason, hollow).message == "Invalid Project '10064' specified."
    assert opened({**hollow, "details": [reason]}).message == "Invalid Project '10064' specified."


OVERRIDE = detail("Currently, we cannot create the transaction", "AR-0279", correction="Enable account override.")
INVOICE, LINE = (detail(f"Could not create {each} record!", "BL01001973") for each in ("invoice", "line"))
BEGINS_LIKE_ONE = "Could not create the record because the vendor is inactive"
ADVISES_NOTHING = detail(
    "Currently, we can't create the transaction 'B-1'.",
    "BL01001973",
    correction="Check the transaction for errors or inconsistencies, then try again.",
)


@pytest.mark.parametrize(
    ("details", "message", "correction"),
    [
        ([detail(BEGINS_LIKE_ONE), detail("Another one")], BEGINS_LIKE_ONE, ""),
        # Of wrappers alone the one that says what to do is taken, else the deepest.
        ([OVERRIDE, INVOICE], OVERRIDE["message"], "Enable account override."),
        ([INVOICE, LINE], LINE["message"], ""),
        # What a wrapper advises is shown where the reason advises nothing.
        ([detail("Odd"), OVERRIDE], "Odd", "Enable account override."),
        ([detail("Odd", correction="Do this."), OVERRIDE], "Odd", "Do this."),
        # Advice about another reason and advice that says nothing are left out.
        ([detail("Odd"), detail("Another reason", correction="Do that.")], "Odd", ""),
        ([detail("Odd"), ADVISES_NOTHING], "Odd", ""),
    ],
)
def test_of_several_details_the_reason_is_shown_with_the_advice_for_it(details, message, correction):
    found = opened(*details)

    assert (found.message, found.correction) == (message, correction)


@pytest.mark.parametrize(
    ("said", "outer", "support_id"),
    [("Odd. [Support ID: nHh88EB032~Y1JFVP0J5xA]", "", "nHh88EB032~Y1JFVP0J5xA"), ("Odd.", "Kxi78", "Kxi78")],
)
def test_a_support_id_within_the_words_is_taken_out_and_kept(said, outer, support_id):
    found = opened(detail(said, "BL01001973"), supportId=outer)

    assert (found.message, found.support_id) == ("Odd.", support_id)


def test_the_users_sentence_opens_the_wrappers():
    found = opened(
        detail("Could not create GLBatch record.", "GL-0951"),
        detail("Transactions do not balance for Place ,", "GL-1009"),
    )

    assert from_sage(found, "", ()).sentence(3, "entries") == (
        "Rejected row 3 of stream entries: Sage Intacct says: Transactions do not balance for Place ,. "
        "[GL-1009, support id Kxi78WEB171] Debits and credits of the entry must be equal, also within each entity."
    )


@pytest.mark.parametrize("error_id", ["BL34000061", "PL05000104", "BL03002185"])
def test_a_duplicate_is_known_by_its_number_too(error_id):
    assert SageError("?", 422, error_id=error_id).is_duplicate
    assert not SageError("?", 422, error_id="BL01001973").is_duplicate

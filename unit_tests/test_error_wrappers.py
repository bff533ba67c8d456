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


def test_a_reason_that_begins_like_a_wrapper_is_a_reason():
    reason = "Could not create the record because the vendor is inactive"

    assert opened(detail(reason), detail("Another one")).message == reason


def test_of_wrappers_alone_the_one_that_says_what_to_do_is_taken():
    found = opened(
        detail("Currently, we cannot create the transaction", "AR-0279", correction="Enable GL account override."),
        detail("Could not create invoice record!", "BL01001973"),
    )

    assert (found.error_id, found.correction) == ("AR-0279", "Enable GL account override.")


def test_of_wrappers_alone_the_deepest_is_taken():
    found = opened(
        detail("Could not create invoice record!", "BL01001973"), detail("Could not create line record!", "BL01001973")
    )

    assert found.message == "Could not create line record!"


def test_what_a_wrapper_advises_is_shown_where_the_reason_advises_nothing():
    wrapper = detail("Currently, we cannot create the transaction", "AR-0279", correction="Enable account override.")

    assert opened(detail("Odd"), wrapper).correction == "Enable account override."
    assert opened(detail("Odd", correction="Do this."), wrapper).correction == "Do this."


@pytest.mark.parametrize(
    "other",
    [
        detail("Another reason", correction="Do that."),
        detail(
            "Currently, we can't create the transaction 'B-1'.",
            "BL01001973",
            correction="Check the transaction for errors or inconsistencies, then try again.",
        ),
    ],
)
def test_advice_about_another_reason_and_advice_that_says_nothing_are_left_out(other):
    found = opened(detail("Odd"), other)

    assert (found.message, found.correction) == ("Odd", "")


def test_a_support_id_within_the_words_is_taken_out_and_kept():
    found = opened(
        detail("Invalid Project '10064' specified. [Support ID: nHh88EB032~Y1JFVP0J5xA]", "BL01001973"), supportId=""
    )

    assert (found.message, found.support_id) == ("Invalid Project '10064' specified.", "nHh88EB032~Y1JFVP0J5xA")


def test_the_wrappers_support_id_stays_where_the_reason_has_none():
    assert opened(detail("Invalid Project '10064' specified.")).support_id == "Kxi78WEB171"


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

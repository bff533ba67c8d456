from collections import Counter

import pytest
from published_refusals import GUESSED, PUBLISHED
from refusals import REFUSALS

from destination_sage_intacct.intacct.advice import REMEDIES, advise, field_at_fault, remedy_for
from destination_sage_intacct.intacct.errors import SageError
from destination_sage_intacct.rejected_rows.rejection import from_sage

KNOWN = (*REFUSALS, *PUBLISHED, *GUESSED)
GENERAL = "Correct the row in the warehouse or the record in Sage Intacct and send the row again."


@pytest.mark.parametrize("refusal", KNOWN, ids=[refusal.error.message[:60] for refusal in KNOWN])
def test_each_answer_leads_to_its_remedy_and_to_the_field_at_fault(refusal):
    remedy = remedy_for(refusal.error)
    rejection = from_sage(refusal.error, "12", ())

    assert remedy.name == refusal.remedy
    assert (rejection.advice, rejection.field) == (advise(refusal.error), refusal.field)
    assert rejection.advice.startswith(remedy.advice)
    assert refusal.error.correction in rejection.advice
    assert rejection.message == refusal.error.message


@pytest.mark.parametrize("remedy", REMEDIES, ids=[remedy.name for remedy in REMEDIES])
def test_no_remedy_is_shadowed_by_an_earlier_one(remedy):
    assert remedy.name in {refusal.remedy for refusal in KNOWN}
    assert {remedy_for(SageError("?", 422, error_id=error_id)) for error_id in remedy.ids} <= {remedy}
    assert {remedy_for(SageError("?", status)) for status in remedy.statuses} <= {remedy}


def test_no_name_and_no_advice_is_in_the_table_twice():
    for texts in ([remedy.name for remedy in REMEDIES], [remedy.advice for remedy in REMEDIES]):
        assert [text for text, times in Counter(texts).items() if times > 1] == []


@pytest.mark.parametrize("advice", [GENERAL, *(remedy.advice for remedy in REMEDIES)])
def test_an_advice_is_a_whole_sentence(advice):
    assert advice[0].isupper()
    assert advice.endswith(".")


@pytest.mark.parametrize(
    ("error", "name"),
    [
        # Authentication failed: invalid or expired access token.
        (SageError("HTTP 401 without an explanation", 401), "token_expired"),
        # Entity access denied (403).
        (SageError("Access to entity 200 is denied", 403), "entity_access"),
        (
            SageError("HTTP 403 without an explanation", 403),
            "record_access",
        ),
        # Rate limiting (429 errors).
        (SageError("HTTP 429 without an explanation", 429), "rate_limit"),
        # Invalid object type or field name.
        (SageError("The resource x does not exist", 404, "notFound"), "unknown_object"),
        (SageError("?", 400, "invalidRequest", "REST-1043"), "unknown_field"),
        # Invoice or bill creation fails with validation errors: lines, accounts, currencies, fields.
        (SageError("Line items are required", 422), "lines_missing"),
        (SageError("Invalid account '4000' specified.", 422), "reference_missing"),
        (SageError("The currencies do not match", 422), "currency_mismatch"),
        (SageError("Vendor is required", 400), "field_required"),
        # Connection timeout.
        (SageError("The request timed out", 408), "server_unavailable"),
        # Duplicate records created in upsert mode.
        (
            SageError("The id must be unique", 409),
            "duplicate_id",
        ),
    ],
)
def test_each_trouble_that_users_of_such_tools_know_has_its_remedy(error, name):
    assert remedy_for(error).name == name


@pytest.mark.parametrize(
    "message",
    [
        # A word that decides elsewhere decides nothing here.
        "The account 1099 has no owner",
        "Vendor V-1099 has a balance",
        "The billing schedule is on hold",
        "The hold was placed by a vendor",
        "The exchange rate type was changed",
        "The subledger was summarized",
        "The report has no period",
        "The location of the printer was changed",
        "The smart card was refused",
        "The rule was violated",
        "Ask the sender for another file",
        "The tax year has begun",
        "The limit of the card is exceeded",
        "The top level has no logo",
        "Enter another number, and try again",
        "The project has a contract",
        "The employee has two start dates",
        "The subscription ends soon",
        "The currency was rounded",
        "Approval is required before posting",
        "The vendor balance is invalid",
        "The customer has no discount",
        "The document sequence was renamed",
        "Could not create the record because the moon is full",
        "The item was reordered",
        "The type of the widget",
        "The account was opened",
        "There are no duplicates",
        "The payment was made",
        "Only one user can do this",
        "Recurring transactions cannot be updated",
        "The contract has no lines left to bill",
        "The bank account was opened by a vendor",
        "Select another page",
        "The vendor On Hold Ltd has no logo",
        "The smart rule was renamed",
    ],
)
def test_a_near_miss_gets_the_general_advice(message):
    """A remedy for another error would be worse than none."""
    assert advise(SageError(message, 422, "operationFailed")) == GENERAL


@pytest.mark.parametrize(
    ("message", "name"),
    [
        ("Vendor 'On Hold Ltd' specified is not valid.", "reference_missing"),
        ("Invalid Customer 'Smart rule' specified.", "reference_missing"),
        ("Department 'Closed period' is inactive", "reference_inactive"),
        ('The vendor "1099 form" is invalid.', "reference_missing"),
        ("The term name 'Read-only field' is invalid", "term_missing"),
        ("Invalid Vendor Smart Rule Ltd specified.", "reference_missing"),
        ("Statistical account 9000 does not exist", "reference_missing"),
        ("The reason for expense is too long", "text_too_long"),
    ],
)
def test_what_a_value_says_does_not_decide(message, name):
    assert remedy_for(SageError(message, 422)).name == name


def test_what_sage_advises_itself_is_passed_on_where_we_know_nothing_better():
    assert advise(SageError("Odd", 422, "x", correction="Call your administrator.")) == "Call your administrator."


def test_our_advice_comes_before_sages_which_is_shown_too():
    assert advise(SageError("/name is required", correction="Try again")) == (
        "Fill this field: Sage Intacct requires it for a new record. Sage Intacct advises: Try again."
    )


def test_sages_advice_about_another_error_decides_nothing():
    error = SageError("Odd", 422, "x", correction="Open the closed period, and enter an account number.")

    assert remedy_for(error) is None
    assert advise(error) == error.correction


def test_a_refusal_that_nobody_knows_leads_to_the_row_and_the_record():
    assert advise(SageError("Odd", 422)) == GENERAL
    assert field_at_fault(SageError("Odd", 422)) == ""


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("accounts-receivable/invoice", "invoiceDate"),
        ("accounts-payable/bill", "createdDate"),
        ("general-ledger/journal-entry", "postingDate"),
        ("platform-apps/nsp::subscription", ""),
        ("", ""),
    ],
)
@pytest.mark.parametrize("words", ["Periods are closed.", "The books are closed", "No such reporting period"])
def test_a_refused_date_is_named_as_the_object_names_it(path, field, words):
    assert field_at_fault(SageError(words, 422), path) == field


def test_the_field_that_sage_points_at_comes_before_the_one_in_its_words():
    error = SageError("Invalid Customer 'C-1' specified.", 422, field="customer.id")

    assert field_at_fault(error) == "customer.id"


def test_a_number_alone_names_no_field():
    assert field_at_fault(SageError("?", 400, error_id="REST-1043")) == ""


def test_words_on_several_lines_are_one_text():
    error = SageError("The vendor\n'V-1'\nis invalid.", 422)

    assert advise(error).startswith("Create the missing record first")
    assert field_at_fault(error) == "vendor"


def test_a_rows_value_does_not_become_the_field_at_fault():
    error = SageError("Invalid Vendor 'location' specified.", 422)

    assert field_at_fault(error) == "vendor"


@pytest.mark.parametrize(
    "name", ["currency", "term", "contact", "entity", "currency/exchangeRate", "lines/0/accountLabel"]
)
def test_a_fields_name_does_not_decide_what_is_wrong_with_it(name):
    error = SageError(f"/{name} is required", 400, "invalidRequest")

    assert advise(error).startswith("Fill this field")

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from destination_sage_intacct.intacct.advice import REMEDIES, advise, field_at_fault, remedy_for
from destination_sage_intacct.intacct.errors import SageError
from destination_sage_intacct.rejected_rows.rejection import from_sage


class Refusal(NamedTuple):
    """An answer about one record, the name of the remedy for it, and the field at fault, as far as it shows one."""

    remedy: str
    error: SageError
    field: str


def _refusals(text: str) -> Iterator[Refusal]:
    for line in text.splitlines():
        if not line.startswith("#"):
            remedy, field, numbers, said = (column.strip() for column in line.split(" | ", 3))
            status, code, error_id = (*numbers.split(), "", "")[:3] if numbers else ("422", "operationFailed", "")
            message, _, correction = said.partition(" => ")
            pointed_at = field[1:] if field.startswith("/") else ""
            error = SageError(message, int(status), code, error_id, pointed_at, correction=correction)
            yield Refusal(remedy, error, field.removeprefix("/"))


REFUSALS = tuple(_refusals((Path(__file__).parent / "refusals.txt").read_text("utf-8")))


FILL_IT = "Fill this field: Sage Intacct requires it for a new record."
GENERAL = "Correct the row in the warehouse or the record in Sage Intacct and send the row again."


@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda refusal: refusal.error.message[:60])
def test_each_answer_leads_to_its_remedy_and_to_the_field_at_fault(refusal):
    remedy = remedy_for(refusal.error)
    rejection = from_sage(refusal.error, "12", ())

    assert remedy.name == refusal.remedy
    assert (rejection.advice, rejection.field) == (advise(refusal.error), refusal.field)
    assert rejection.advice.startswith(remedy.advice)
    assert refusal.error.correction in rejection.advice
    assert rejection.message == refusal.error.message


@pytest.mark.parametrize("remedy", REMEDIES, ids=lambda remedy: remedy.name)
def test_no_remedy_is_shadowed_by_an_earlier_one(remedy):
    assert remedy.name in {refusal.remedy for refusal in REFUSALS}
    assert {remedy_for(SageError("?", 422, error_id=error_id)) for error_id in remedy.ids} <= {remedy}
    assert {remedy_for(SageError("?", status)) for status in remedy.statuses} <= {remedy}


def test_every_advice_is_one_whole_sentence_or_more_and_in_the_table_once():
    names, texts = [remedy.name for remedy in REMEDIES], [remedy.advice for remedy in REMEDIES]
    assert (len(set(names)), len(set(texts))) == (len(REMEDIES), len(REMEDIES))
    assert [text for text in texts if not (text[0].isupper() and text.endswith("."))] == []


@pytest.mark.parametrize("message", [
    # A word that decides elsewhere decides nothing here.
    "The account 1099 has no owner", "Vendor V-1099 has a balance", "The billing schedule is on hold",
    "The hold was placed by a vendor", "The exchange rate type was changed", "The subledger was summarized",
    "The report has no period", "The location of the printer was changed", "The smart card was refused",
    "The rule was violated", "Ask the sender for another file", "The tax year has begun",
    "The limit of the card is exceeded", "The top level has no logo", "Enter another number, and try again",
    "The project has a contract", "The employee has two start dates", "The subscription ends soon",
    "The currency was rounded", "Approval is required before posting", "The vendor balance is invalid",
    "The customer has no discount", "The document sequence was renamed",
    "Could not create the record because the moon is full",
    "The item was reordered", "The type of the widget", "The account was opened", "There are no duplicates",
    "The payment was made", "Only one user can do this", "Recurring transactions cannot be updated",
    "The contract has no lines left to bill", "The bank account was opened by a vendor", "Select another page",
    "The vendor On Hold Ltd has no logo", "The smart rule was renamed",
])  # fmt: skip
def test_a_near_miss_gets_the_general_advice(message):
    """A remedy for another error would be worse than none."""
    assert advise(SageError(message, 422, "operationFailed")) == GENERAL


@pytest.mark.parametrize(("message", "correction", "advice"), [
    ("Odd", "", GENERAL),
    ("Odd", "Call your administrator.", "Call your administrator."),
    ("Odd", "Open the closed period, and enter an account number.", None),
    ("/name is required", "Try again", f"{FILL_IT} Sage Intacct advises: Try again."),
])  # fmt: skip
def test_our_advice_comes_before_sages_which_decides_nothing(message, correction, advice):
    assert advise(SageError(message, 422, "x", correction=correction)) == (advice or correction)


DATES = {"accounts-receivable/invoice": "invoiceDate", "accounts-payable/bill": "createdDate"}
DATES |= {"general-ledger/journal-entry": "postingDate", "platform-apps/nsp::subscription": "", "": ""}


@pytest.mark.parametrize("words", ["Periods are closed.", "The books are closed", "No such reporting period"])
def test_a_refused_date_is_named_as_the_object_names_it(words):
    assert {path: field_at_fault(SageError(words, 422), path) for path in DATES} == DATES


@pytest.mark.parametrize(("error", "field"), [
    (SageError("Invalid Customer 'C-1' specified.", 422, field="customer.id"), "customer.id"),
    (SageError("?", 400, error_id="REST-1043"), ""), (SageError("Odd", 422), ""),
    (SageError("The vendor\n'V-1'\nis invalid.", 422), "vendor"),
])  # fmt: skip
def test_the_field_that_sage_points_at_comes_before_the_one_in_its_words(error, field):
    assert field_at_fault(error) == field

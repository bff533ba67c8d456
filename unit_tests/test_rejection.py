from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from destination_sage_intacct.intacct.errors import SageError
from destination_sage_intacct.rejected_rows.rejection import Rejection, from_problem, from_sage
from destination_sage_intacct.rows.values import Problem, texts

REQUIRED = "Fill this field: Sage Intacct requires it for a new record."
GENERAL = "Correct the row in the warehouse or the record in Sage Intacct and send the row again."


@pytest.mark.parametrize(
    ("error", "key", "sentence"),
    [
        (
            SageError("/name is required", 400, "invalidRequest", "REST-1064", "name", "S"),
            "34",
            f", record key 34: field name: Sage Intacct says: /name is required. [REST-1064, support id S] {REQUIRED}",
        ),
        # What Sage Intacct does not say is not written.
        (SageError("The date is odd!", 422, "x"), "", f": Sage Intacct says: The date is odd! [x] {GENERAL}"),
        (SageError("Odd", 422), "", f": Sage Intacct says: Odd. [HTTP 422] {GENERAL}"),
        (
            SageError("Odd?", 422, support_id="S", field="contacts.default.email1"),
            "",
            f": field contacts.default.email1: Sage Intacct says: Odd? [HTTP 422, support id S] {GENERAL}",
        ),
    ],
)
def test_a_refusal_says_where_what_who_and_what_to_do(error, key, sentence):
    assert from_sage(error, key, []).sentence(17, "erp.bills") == f"Rejected row 17 of stream erp.bills{sentence}"


def test_a_row_that_was_not_sent_is_explained_in_our_own_words():
    empty = from_problem(Problem("empty_row", "The row has no value for any field", "Fill the columns.", ""), "")
    nul = from_problem(Problem("invalid_value", "The text holds a NUL", "Remove it.", "name"), "34")

    words = "The row has no value for any field. [empty_row] Fill the columns."
    assert empty.sentence(3, "s") == f"Rejected row 3 of stream s: {words}"
    assert empty.sentence(3, "s", "k" * 101) == f"Rejected row 3 of stream s, primary key {'k' * 99}…: {words}"
    assert nul == Rejection("The text holds a NUL", "Remove it.", "invalid_value", "name", "34")


def test_the_values_of_the_row_are_taken_out_of_sages_words_and_of_its_advice():
    error = SageError("Customer 'Jane Doe' with limit 68400.00 and tax id 12-345 is odd (Jane)", 422, "x")
    body = {"name": "Jane Doe", "creditLimit": Decimal("68400.00"), "taxId": "12-345", "nick": "Jane"}
    assert from_sage(error, "", texts(body)).message == "Customer '…' with limit … and tax id … is odd (…)"

    advice = SageError("Odd", 422, "x", correction="Replace Jane Doe by another name.")
    assert from_sage(advice, "", ["Jane Doe"]).advice == "Replace … by another name."
    behind_ours = SageError("Vendor 'Jane Doe' is on hold", 422, "x", correction="Release Jane Doe, then try again.")
    assert from_sage(behind_ours, "", ["Jane Doe"]).advice == (
        "This customer or vendor is on hold, so nothing new is booked for it: take it off hold in Sage Intacct "
        "(`isOnHold`), or keep the row back until then. Sage Intacct advises: Release …, then try again."
    )
    required = SageError("/name is required", 400, "invalidRequest", field="name")
    assert from_sage(required, "", ["field", "Sage", "record"]).advice == REQUIRED


def test_the_names_of_fields_and_the_keys_of_the_row_stay():
    field = "contacts.default.email1"
    named = SageError(f"field {field} of 34 holds email1 and contacts", 422, "x", field=field)
    values = ["contacts", "email1", "34", field]
    assert from_sage(named, "34", values, has_field=lambda name: name == field).message == named.message

    short = SageError("'1' of 'X' is odd, and so is '2'")
    assert from_sage(short, "1", ["1", "2", "X"], ["X"]).message == "'1' of 'X' is odd, and so is '…'"
    taken = SageError("Another record with the value 'C-1' already exists")
    assert "'C-1'" in from_sage(taken, "", ["C-1", "secret"], ["C-1"]).sentence(1, "s")


WORDS = st.text(st.characters(exclude_categories=["Cs"]), min_size=2, max_size=8)


@given(st.dictionaries(st.sampled_from(["name", "taxId"]), WORDS, min_size=1), st.integers(1, 10**6))
def test_a_whole_sentence_never_holds_a_value(body, number):
    secrets = {name: f"value-{index}-{value}-end" for index, (name, value) in enumerate(body.items())}
    all_of_them = " and ".join(secrets.values())
    error = SageError(f"The values {all_of_them} are refused", 422, "x", correction=f"Do not use {all_of_them}")

    sentence = from_sage(error, "34", texts(secrets)).sentence(number, "customers")
    assert not [value for value in secrets.values() if value in sentence]


@pytest.mark.parametrize("date", ["2026-01-31", "elsewhere"])
def test_a_closed_period_names_the_objects_date_and_what_can_be_done(date):
    error = SageError("Periods are closed. Your transaction date (01/31/2026) is within a closed one.", 422, "x")

    shown = "…" if date == "2026-01-31" else "01/31/2026"
    assert from_sage(error, "12", [date], path="accounts-receivable/invoice").sentence(1, "s") == (
        "Rejected row 1 of stream s, record key 12: field invoiceDate: Sage Intacct says: Periods are closed. Your "
        f"transaction date ({shown}) is within a closed one. [x] The row's date or the date that the document already "
        "has is in a closed period: open the period in Sage Intacct, or use a date in an open one for a new "
        "document; until then a document in a closed period can be neither changed nor deleted."
    )

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from destination_sage_intacct.intacct.errors import SageError
from destination_sage_intacct.intacct.redaction import redacted
from destination_sage_intacct.rejected_rows.rejection import Rejection, from_problem, from_sage
from destination_sage_intacct.rows.values import Problem, texts

REQUIRED = "Fill this field: Sage Intacct requires it for a new record."
GENERAL = "Correct the row in the warehouse or the record in Sage Intacct and send the row again."


def test_a_refusal_says_where_what_who_and_what_to_do():
    error = SageError("/name is required", 400, "invalidRequest", "REST-1064", "name", "Kxi78%7EZ")

    assert from_sage(error, "34", []).sentence(17, "public.customers") == (
        "Rejected row 17 of stream public.customers, record key 34: field name: Sage Intacct says: /name is required. "
        f"[REST-1064, support id Kxi78%7EZ] {REQUIRED}"
    )


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (
            SageError("The date is odd!", 422, "operationFailed"),
            f"Rejected row 1 of stream c: Sage Intacct says: The date is odd! [operationFailed] {GENERAL}",
        ),
        (SageError("Odd", 422), f"Rejected row 1 of stream c: Sage Intacct says: Odd. [HTTP 422] {GENERAL}"),
        (
            SageError("Odd?", 422, support_id="S", field="contacts.default.email1"),
            (
                "Rejected row 1 of stream c: field contacts.default.email1: Sage Intacct says: Odd? "
                f"[HTTP 422, support id S] {GENERAL}"
            ),
        ),
    ],
)
def test_what_sage_does_not_say_is_not_written(error, sentence):
    assert from_sage(error, "", []).sentence(1, "c") == sentence


def test_a_row_that_was_not_sent_is_explained_in_our_own_words():
    problem = Problem("empty_row", "The row has no value for any field", "Fill the columns.", "")

    assert from_problem(problem, "").sentence(3, "customers") == (
        "Rejected row 3 of stream customers: The row has no value for any field. [empty_row] Fill the columns."
    )


def test_a_problem_keeps_its_field_and_key():
    problem = Problem("invalid_value", "The text holds a NUL", "Remove it.", "name")

    assert from_problem(problem, "34") == Rejection("The text holds a NUL", "Remove it.", "invalid_value", "name", "34")


def test_the_values_of_the_row_are_taken_out_of_sages_words():
    error = SageError("Customer 'Jane Doe' with limit 68400.00 and tax id 12-345 is odd (Jane)", 422, "x")
    body = {"name": "Jane Doe", "creditLimit": Decimal("68400.00"), "taxId": "12-345", "nick": "Jane"}

    assert from_sage(error, "", texts(body)).message == "Customer '…' with limit … and tax id … is odd (…)"


def test_the_values_are_taken_out_of_sages_own_advice_too():
    error = SageError("Odd", 422, "x", correction="Replace Jane Doe by another name.")

    assert from_sage(error, "", ["Jane Doe"]).advice == "Replace … by another name."


def test_the_values_are_taken_out_of_sages_advice_behind_ours():
    error = SageError("Vendor 'Jane Doe' is on hold", 422, "x", correction="Release Jane Doe, then try again.")

    assert from_sage(error, "", ["Jane Doe"]).advice == (
        "This customer or vendor is on hold, so nothing new is booked for it: take it off hold in Sage Intacct "
        "(`isOnHold`), or hold the row back until then. Sage Intacct advises: Release …, then try again."
    )


def test_the_advice_of_this_connector_keeps_its_words():
    error = SageError("/name is required", 400, "invalidRequest", field="name")

    assert from_sage(error, "", ["field", "Sage", "record"]).advice == REQUIRED


def test_the_names_of_fields_and_the_record_key_stay():
    error = SageError(
        "field contacts.default.email1 of 34 holds email1 and contacts", 422, "x", field="contacts.default.email1"
    )

    values = ["contacts", "email1", "34", "contacts.default.email1"]
    assert from_sage(error, "34", values, has_field=lambda name: name == error.field).message == error.message


@pytest.mark.parametrize(
    ("text", "values", "left"),
    [
        ("Acme is Acme.", ["Acme"], "… is …."),
        ("Acmes and BAcme", ["Acme"], "…s and B…"),
        ("a b c", ["a", "b"], "a b c"),
        ("Invalid Employee 'X' or \"9\", not 9", ["X", "9"], "Invalid Employee '…' or \"…\", not 9"),
        ("Invalid Employee \u2018X\u2019", ["X"], "Invalid Employee \u2018…\u2019"),
        ("X's and 'X", ["X"], "X's and 'X"),
        ("10 of 100", ["10"], "10 of 100"),
        ("(1.50) [x+yz] '$5'", ["1.50", "x+yz", "$5"], "(…) […] '…'"),
        ("Jane Doe", ["Jane", "Jane Doe", "Doe"], "…"),
        ("Müller", ["Müller", ""], "…"),
        ("back\\slash", ["back\\slash"], "…"),
        ("nothing", [], "nothing"),
    ],
)
def test_a_value_is_hidden_a_short_one_where_it_is_quoted(text, values, left):
    assert redacted(text, values) == left


WORDS = st.text(st.characters(exclude_categories=["Cs"]), min_size=2, max_size=8)


@given(st.dictionaries(st.sampled_from(["name", "taxId"]), WORDS, min_size=1), st.integers(1, 10**6))
def test_a_whole_sentence_never_holds_a_value(body, number):
    secrets = {name: f"value-{index}-{value}-end" for index, (name, value) in enumerate(body.items())}
    all_of_them = " and ".join(secrets.values())
    error = SageError(f"The values {all_of_them} are refused", 422, "x", correction=f"Do not use {all_of_them}")

    sentence = from_sage(error, "34", texts(secrets)).sentence(number, "customers")

    assert not [value for value in secrets.values() if value in sentence]


def test_a_long_primary_key_is_shortened():
    rejection = from_problem(Problem("c", "No", "Do."), "")

    assert rejection.sentence(1, "s", "k" * 101) == f"Rejected row 1 of stream s, primary key {'k' * 99}…: No. [c] Do."


def test_a_key_of_one_character_stays_in_sages_words():
    error = SageError("'1' of 'X' is odd, and so is '2'")

    assert from_sage(error, "1", ["1", "2", "X"], ["X"]).message == "'1' of 'X' is odd, and so is '…'"


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


def test_the_primary_key_stays_in_sages_words():
    error = SageError("Another record with the value 'C-1' already exists")

    assert "'C-1'" in from_sage(error, "", ["C-1", "secret"], ["C-1"]).sentence(1, "s")

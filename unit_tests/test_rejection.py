"""Why a row was rejected: the sentence, no value of the row in it, and the lines that sum the reasons up."""

import html
import json
from dataclasses import replace
from decimal import Decimal
from urllib.parse import quote

import pytest
from fakes import CUSTOMER, make_client, new_record, refused
from hypothesis import given
from hypothesis import strategies as st

from destination_sage_intacct import exact_json
from destination_sage_intacct.intacct import redaction
from destination_sage_intacct.intacct.errors import AccessError, OutageError, SageError
from destination_sage_intacct.intacct.redaction import redacted, values_of
from destination_sage_intacct.protocol.messages import StreamKey
from destination_sage_intacct.rejected_rows.reasons import ReasonCount, RejectionReasons
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
        "(`isOnHold`), or hold the row back until then. Sage Intacct advises: Release …, then try again."
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


def test_a_closed_period_names_the_objects_date_and_what_can_be_done():
    error = SageError("Periods are closed. Your transaction date (01/31/2026) is within a closed one.", 422, "x")
    said = from_sage(error, "12", ["2026-01-31"], path="accounts-receivable/invoice").sentence(1, "s")
    assert said.startswith(
        "Rejected row 1 of stream s, record key 12: field invoiceDate: Sage Intacct says: Periods are"
    )
    assert "Your transaction date (…) is within a closed one. [x] The row's date or the date that the document" in said


NAME = "Zyx Secret Holding"
BATCH = [f"Customer number {number}" for number in range(2_000)] + ["C-77", "1250.50", "2026-01-05", "é"]


@pytest.mark.parametrize(
    ("value", "spellings"),
    [
        (NAME, [NAME.upper(), "zyx  secret\tholding", f"x{NAME}x"]),
        ('Tom & "Co"', [html.escape('Tom & "Co"'), json.dumps('Tom & "Co"')]),
        ("Tom & Co/é", [quote("Tom & Co/é", safe="")]),
        ("1234567.5", ["1,234,567.50", "1.234.567,50", "1 234 567.500", "$1234567.50"]),
        ("1000", ["1,000.00"]),
        ("2.00", ['"2"', "2.0"]),
        ("100.00", ["100"]),
        ("12345678901234567890", ["1.234567890123456789E19"]),
        ("0.00012345", ["1.2345e-4"]),
        ("12345678901", ["x12345678901x"]),
        ("-1234", ["-1,234"]),
        ("12.50", ["12.5000"]),
        ("2026-03-05", ["03/05/2026", "3/5/2026", "05.03.2026"]),
        ("2026-03-05T10:00:00Z", ["Mar 05, 2026"]),
        ("C-1001", ["c-1001"]),
        ("00420017", ["00420017"]),
    ],
)
def test_a_value_is_found_in_the_spellings_of_sage_intacct(value, spellings):
    for shown in spellings:
        left = redacted(f"The value {shown} is odd", [value]).replace("$", "").replace("-…", "…")
        assert left in {"The value … is odd", "The value x…x is odd", 'The value "…" is odd'}


@pytest.mark.parametrize("shown", ["'Zyx Secret...'", "Zyx Secret… is odd", "'Zyx Se'", "ZYX SECRET HOLD..."])
def test_the_beginning_of_a_value_is_found_where_it_is_cut(shown):
    left = redacted(f"Odd: {shown}", [NAME])
    assert "zyx" not in left.lower()
    assert left.startswith("Odd: ")


@pytest.mark.parametrize(
    ("text", "values", "left"),
    [
        ("Acme is Acme.", ["Acme"], "… is …."),
        ("Acmes and BAcme", ["Acme"], "…s and B…"),
        ("Invalid Employee 'X' or \"9\", not 9", ["X", "9"], "Invalid Employee '…' or \"…\", not 9"),
        ("Invalid Employee \u2018X\u2019", ["X"], "Invalid Employee \u2018…\u2019"),
        ("(1.50) [x+yz] '$5'", ["1.50", "x+yz", "$5"], "(…) […] '…'"),
        ("Jane Doe", ["Jane", "Jane Doe", "Doe"], "…"),
        ("Müller", ["Müller", ""], "…"),
        ("back\\slash", ["back\\slash"], "…"),
        ("Odd: 12345...", ["-12345.67"], "Odd: …..."),
        ("Odd: Zyx Inc...", ["Zyx Inc. Ltd"], "Odd: …..."),  # the dots are not those of the value
        ("Odd: c-77, 1,250.5, 01/05/2026, Customer number 7", BATCH, "Odd: …, …, …, …"),
        # Positions, numbers of errors and words of the API stay.
        ("lines.4 of 12 lines, REST-1043 [BL03002185]", ["4", "12", "1043", "2185"], None),
        ("The state must be draft, posted or submitted", ["draft", "posted"], None),
        ("isActive is true in the US", ["true", "US", "1"], None),
        ("The account in line item 2 is odd", ["2.00", "2.0000"], None),
        ("Customer not found", ["Customer 17"], None),
        ("a b c", ["a", "b"], None),
        ("X's and 'X", ["X"], None),
        ("10 of 100", ["10"], None),
        ("nothing", ["", " "], None),
        ("nothing", [], None),
    ],
)
def test_a_value_is_hidden_a_short_one_where_it_is_quoted(text, values, left):
    assert redacted(text, values) == (left or text)


FIXED = redaction._WORDS  # noqa: SLF001 - the values of fields with a fixed choice may be shown
TEXTS = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Zl", "Zp", "Zs"]), min_size=4, max_size=20
).filter(lambda text: text.lower() not in FIXED)
VALUES = st.one_of(
    TEXTS,
    st.builds(lambda one, two: f"{one} {two}", TEXTS, TEXTS),
    st.integers(1_000, 10**12).map(str),
    st.decimals(1_000, 10**9, places=2).map(str),
    st.dates().map(str),
)
SPELLED = st.sampled_from([str, str.upper, str.lower, lambda value: f"'{value}'", lambda value: f"({value})"])


@given(st.lists(VALUES, min_size=1, max_size=5), SPELLED)
def test_no_value_is_left_in_a_text(values, spelled):
    text = "The values " + ", ".join(spelled(value) for value in values) + " are odd"
    left = redacted(text, values).lower()
    for value in values:
        assert value.lower() not in left or value.lower() in "the values are odd"


@given(VALUES)
def test_no_value_is_left_in_any_part_of_an_error_and_advice_field_and_position_stay(value):
    plain = SageError("The account is invalid", 422, "invalidRequest", "REST-7001", "lines.4.glAccount", "S-1")
    quoting = replace(plain, message=f"The account {value} is invalid", correction=f"Not {value}")
    one, other = (from_sage(error, "", [value], has_field=lambda _: True) for error in (plain, quoting))
    assert (one.field, one.error_id, one.support_id) == (other.field, other.error_id, other.support_id)
    for place in ("code", "error_id", "field", "support_id"):
        error = SageError("m", 422, **{place: value})
        plain = SageError("m", 422)
        shown, without = (from_sage(each, "", [value]).sentence(1, "s").lower() for each in (error, plain))
        assert value.lower() not in shown or value.lower() in without


def test_the_values_of_a_request_are_those_of_its_records_or_of_what_it_looks_for():
    records = exact_json.encode([{"id": "C-1", "term": {"id": "N30"}, "creditLimit": 12.5, "isOnHold": True}])
    assert sorted(values_of(records)) == ["12.5", "C-1", "N30"]
    query = {"object": CUSTOMER, "fields": ["key", "id"], "filters": [{"$in": {"id": ["C-1", "C-2"]}}]}
    assert sorted(values_of(exact_json.encode(query))) == ["C-1", "C-2"]
    assert not values_of(b"grant_type=refresh_token")


@pytest.mark.parametrize("status", [500, 403])
def test_an_error_that_ends_the_run_quotes_no_value(status):
    client, _ = make_client(refused(status, f"Could not save customer '{NAME.upper()}'"), max_retries=0)
    with pytest.raises((OutageError, AccessError), match=r"Could not save customer '…'") as raised:
        client.create(CUSTOMER, [new_record(body=exact_json.encode({"name": NAME}))])
    assert "secret" not in str(raised.value).lower()


CUSTOMERS, BILLS = StreamKey(None, "customers"), StreamKey("erp", "bills")
PATH = "accounts-receivable/customer"
NO_TERM = Rejection("No such term", "Correct the term.", "invalid", "term.id", error_id="REST-1", by_sage=True)
NO_NAME = Rejection("The name is missing", "Fill it.", "required_field_missing", "name")


def add(reasons, stream, rejection, primary_key="", path=PATH):
    return reasons.add(stream, path, rejection, primary_key, lambda: rejection)


def line(number):
    field = f"lines[{number}].glAccount.id"
    return Rejection("No such account", "Correct it.", "invalid", field, "", "REST-2", by_sage=True)


def test_each_reason_has_a_line_with_its_rows_the_most_frequent_first():
    """A position in a list makes no reason of its own, and a long primary key is shortened."""
    reasons = RejectionReasons()
    add(reasons, CUSTOMERS, NO_NAME)
    for number in range(1, 13):
        add(reasons, CUSTOMERS, NO_TERM, f"C-{number}")
    for number in range(2):
        add(reasons, BILLS, line(number), "B" * 1_000, "accounts-payable/bill")

    terms, names, accounts = reasons.lines()
    assert terms == (
        "Rejections of stream customers: 12 rows, field term.id of accounts-receivable/customer: Sage Intacct says: "
        "No such term. [REST-1] Correct the term. First primary keys: C-1, C-2, C-3."
    )
    assert names == (
        "Rejections of stream customers: 1 row, field name of accounts-receivable/customer: The name is missing. "
        "[required_field_missing] Fill it."
    )
    assert accounts == (
        "Rejections of stream erp.bills: 2 rows, field lines[].glAccount.id of accounts-payable/bill: Sage Intacct "
        f"says: No such account. [REST-2] Correct it. First primary keys: {'B' * 99}…, {'B' * 99}…."
    )


def test_the_rows_of_a_stream_are_counted_by_reason_and_very_many_reasons_together():
    reasons = RejectionReasons()
    for rejection in (NO_NAME, NO_TERM, NO_TERM):
        add(reasons, CUSTOMERS, rejection)
    for number in range(205):
        add(reasons, BILLS, Rejection("No", "No.", f"code-{number}"))

    own = [ReasonCount("REST-1", "term.id", 2), ReasonCount("required_field_missing", "name", 1)]
    assert reasons.counts(CUSTOMERS) == own
    assert reasons.counts(BILLS)[:2] == [ReasonCount("other", "", 5), ReasonCount("code-0", "", 1)]
    assert reasons.counts(StreamKey(None, "silent")) == []
    _, _, others, *each = reasons.lines()
    assert others == "Rejections of stream erp.bills: 5 rows for reasons other than those listed."
    assert len(each) == 200


def test_the_first_rows_of_each_reason_are_logged_one_by_one_and_of_a_stream_a_hundred():
    reasons, many = RejectionReasons(), RejectionReasons()
    assert [add(reasons, CUSTOMERS, NO_TERM) for _ in range(12)] == [True] * 10 + [False] * 2
    assert add(reasons, CUSTOMERS, NO_NAME)
    assert add(reasons, BILLS, NO_TERM)
    logged = [add(many, CUSTOMERS, Rejection("x", "y", f"code_{number % 50}")) for number in range(250)]
    assert logged == [True] * 100 + [False] * 150


def test_what_the_log_may_show_is_worked_out_for_the_first_of_a_reason_only():
    reasons, asked = RejectionReasons(), []
    for _ in range(20_000):
        reasons.add(CUSTOMERS, PATH, NO_TERM, "", lambda: asked.append(1) or NO_NAME)
    assert len(asked) == 1
    assert "No such term" not in next(reasons.lines())

"""No value of a row in what Sage Intacct says, in whatever spelling; and nothing else is lost of it."""

import html
import json
from dataclasses import replace
from urllib.parse import quote

import pytest
from fakes import CUSTOMER, make_client, new_record, refused
from hypothesis import given
from hypothesis import strategies as st

from destination_sage_intacct import exact_json
from destination_sage_intacct.intacct.errors import AccessError, OutageError, SageError
from destination_sage_intacct.intacct.redaction import redacted, values_of
from destination_sage_intacct.rejected_rows.rejection import from_sage

NAME = "Zyx Secret Holding"
BATCH = [f"Customer number {number}" for number in range(2_000)] + ["C-77", "1250.50", "2026-01-05", "é"]
FIXED = {"true", "null", "none", "paid", "draft", "false", "debit", "posted", "credit", "vendor", "active"}


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
    ],
)
def test_a_value_is_hidden_a_short_one_where_it_is_quoted(text, values, left):
    assert redacted(text, values) == left


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("lines.4 of 12 lines, REST-1043 [BL03002185]", ["4", "12", "1043", "2185"]),
        ("The state must be draft, posted or submitted", ["draft", "posted"]),
        ("isActive is true in the US", ["true", "US", "1"]),
        ("The account in line item 2 is odd", ["2.00", "2.0000"]),
        ("Customer not found", ["Customer 17"]),
        ("a b c", ["a", "b"]),
        ("X's and 'X", ["X"]),
        ("10 of 100", ["10"]),
        ("nothing", ["", " "]),
        ("nothing", []),
    ],
)
def test_positions_numbers_of_errors_and_words_of_the_api_stay(text, values):
    assert redacted(text, values) == text


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

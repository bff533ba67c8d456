"""A reference that a row names by key and by id goes out with one of them."""

import pytest

from destination_sage_intacct.rows.conversion import named_once


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ({"key": "301", "id": "V-1"}, {"key": "301"}),
        ({"key": None, "id": "V-1"}, {"id": "V-1"}),
        ({"key": "301", "id": None}, {"key": "301"}),
        ({"id": "V-1"}, {"id": "V-1"}),
        ({"id": None, "email1": "a@example.com"}, {"id": None, "email1": "a@example.com"}),
    ],
)
def test_the_key_counts_where_there_is_one(given, sent):
    assert named_once({"vendor": given}) == {"vendor": sent}
    assert named_once({"contacts": {"default": given}}) == {"contacts": {"default": sent}}
    assert named_once({"lines": [{"dimensions": {"vendor": given}}]}) == {"lines": [{"dimensions": {"vendor": sent}}]}


def test_what_the_record_is_found_by_stays():
    vendor = {"key": "301", "id": "V-1"}
    assert named_once({"vendor": vendor}, ("vendor.id", "billNumber")) == {"vendor": {"id": "V-1"}}
    assert named_once({"vendor": vendor}, ("vendor.key",)) == {"vendor": {"key": "301"}}


def test_keys_of_the_record_and_of_its_lines_are_no_references():
    body = {"key": "1", "id": "B-1", "lines": [{"key": "5", "id": "5", "txnAmount": "1.00"}]}
    assert named_once(body) is body


def test_the_row_itself_is_left_as_it_is():
    body = {"vendor": {"key": "301", "id": "V-1"}, "lines": [{"vendor": {"key": "301", "id": "V-1"}}]}
    named_once(body)
    assert body == {"vendor": {"key": "301", "id": "V-1"}, "lines": [{"vendor": {"key": "301", "id": "V-1"}}]}

"""Which records of other objects a body names and where, and that it names each of them once."""

import copy

import pytest

from destination_sage_intacct.intacct.model import OPEN_MODEL, Field, Model
from destination_sage_intacct.rows.conversion import named_once
from destination_sage_intacct.rows.references import Reference, references

LINE = Model(
    "bill-line",
    {
        "glAccount": Field("ref", target="general-ledger/account"),
        "dimensions": Field("group"),
        "dimensions.location": Field("ref", target="objects/company-config/location"),
    },
)
MODEL = Model(
    "accounts-payable/bill",
    {
        "vendor": Field("ref", target="accounts-payable/vendor"),
        "contacts": Field("group"),
        "contacts.payTo": Field("ref", target="company-config/contact"),
        "contacts.payTo.mailingAddress": Field("group"),
        "lines": Field("list", target="bill-line"),
        "number": Field("string"),
    },
)
VENDOR = ("vendor", "accounts-payable/vendor")


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({"vendor": {"id": "V-1"}}, [(*VENDOR, "id", "V-1")]),
        ({"vendor": {"id": "V-1", "key": 7}}, [(*VENDOR, "key", "7")]),
        (
            {"contacts": {"payTo": {"id": "Ann"}}, "vendor": {"key": "7"}},
            [("contacts.payTo", "company-config/contact", "id", "Ann"), (*VENDOR, "key", "7")],
        ),
        (
            {"lines": [{"number": 1}, {"dimensions": {"location": {"id": "US"}}, "glAccount": {"id": "6100"}}]},
            [
                ("lines.1.dimensions.location", "company-config/location", "id", "US"),
                ("lines.1.glAccount", "general-ledger/account", "id", "6100"),
            ],
        ),
        # Nothing is named, or Sage Intacct may make the record.
        ({"vendor": None, "lines": None, "contacts": {"payTo": {"id": None}}, "number": {"id": "7"}}, []),
        ({"vendor": {"id": ""}, "other": {"id": "7"}, "lines": "none"}, []),
        ({"contacts": {"payTo": {"id": "Ann", "mailingAddress": {"city": "Oslo"}}}}, []),
    ],
)
def test_the_references_of_a_body_come_in_its_order(body, named):
    assert list(references(body, MODEL, {"lines": LINE}.__getitem__)) == [Reference(*each) for each in named]


def test_of_an_object_of_which_nothing_is_known_no_reference_is():
    assert list(references({"vendor": {"id": "V-1"}}, OPEN_MODEL, lambda _: OPEN_MODEL)) == []


BOTH = {"key": "301", "id": "V-1"}


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        (BOTH, {"key": "301"}),
        ({"key": None, "id": "V-1"}, {"id": "V-1"}),
        ({"key": "301", "id": None}, {"key": "301"}),
        ({"id": "V-1"}, {"id": "V-1"}),
        ({"id": None, "email1": "a@example.com"}, {"id": None, "email1": "a@example.com"}),
    ],
)
def test_a_reference_goes_out_with_its_key_where_there_is_one_and_the_row_stays_as_it_is(given, sent):
    body = {"vendor": given, "contacts": {"default": given}, "lines": [{"dimensions": {"vendor": given}}]}
    before = copy.deepcopy(body)

    assert named_once(body) == {
        "vendor": sent,
        "contacts": {"default": sent},
        "lines": [{"dimensions": {"vendor": sent}}],
    }
    assert body == before


def test_what_the_record_is_found_by_stays():
    assert named_once({"vendor": BOTH}, ("vendor.id", "billNumber")) == {"vendor": {"id": "V-1"}}
    assert named_once({"vendor": BOTH}, ("vendor.key",)) == {"vendor": {"key": "301"}}


def test_keys_of_the_record_and_of_its_lines_are_no_references():
    body = {"key": "1", "id": "B-1", "lines": [{"key": "5", "id": "5", "txnAmount": "1.00"}]}
    assert named_once(body) is body

"""Which records of other objects a body names, and where."""

import pytest

from destination_sage_intacct.intacct.model import OPEN_MODEL, Field, Model
from destination_sage_intacct.rows.references import Reference, references

LINE = Model("bill-line", {"glAccount": Field("ref", target="general-ledger/account"), "dimensions": Field("group")} | {
    "dimensions.location": Field("ref", target="objects/company-config/location"),
})  # fmt: skip
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


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({"vendor": {"id": "V-1"}}, [Reference("vendor", "accounts-payable/vendor", "id", "V-1")]),
        ({"vendor": {"id": "V-1", "key": 7}}, [Reference("vendor", "accounts-payable/vendor", "key", "7")]),
        (
            {"contacts": {"payTo": {"id": "Ann"}}, "vendor": {"key": "7"}},
            [
                Reference("contacts.payTo", "company-config/contact", "id", "Ann"),
                Reference("vendor", "accounts-payable/vendor", "key", "7"),
            ],
        ),
        (
            {"lines": [{"number": 1}, {"dimensions": {"location": {"id": "US"}}, "glAccount": {"id": "6100"}}]},
            [
                Reference("lines.1.dimensions.location", "company-config/location", "id", "US"),
                Reference("lines.1.glAccount", "general-ledger/account", "id", "6100"),
            ],
        ),
        # Nothing is named, or Sage Intacct may make the record.
        ({"vendor": None, "lines": None, "contacts": {"payTo": {"id": None}}, "number": {"id": "7"}}, []),
        ({"vendor": {"id": ""}, "other": {"id": "7"}, "lines": "none"}, []),
        ({"contacts": {"payTo": {"id": "Ann", "mailingAddress": {"city": "Oslo"}}}}, []),
    ],
)
def test_the_references_of_a_body_come_in_its_order(body, named):
    assert list(references(body, MODEL, {"lines": LINE}.__getitem__)) == named


def test_of_an_object_of_which_nothing_is_known_no_reference_is():
    assert list(references({"vendor": {"id": "V-1"}}, OPEN_MODEL, lambda _: OPEN_MODEL)) == []

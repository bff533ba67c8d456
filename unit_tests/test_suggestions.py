import pytest

from destination_sage_intacct.intacct.model import known_model
from destination_sage_intacct.rows.suggestions import meant_field, nearest, unknown_field

LINE = known_model("accounts-receivable/invoice-line")
INVOICE = known_model("accounts-receivable/invoice")
# Each is a little like a field that means something else.
OTHERS = ("customerName", "emailAddress", "emailOptOut", "fullName", "contacts.default.surname")
UNLIKE = ("contacts.default.qq", "zzz", "z" * 5_000, "id.zzz", "term.name", "x.id", "_")
CUSTOMER = known_model("accounts-receivable/customer")


@pytest.mark.parametrize(
    ("name", "expected"),
    [("activ", "active"), ("ACTIV", "active"), ("inactve", "inactive"), ("xyz", ""), ("", ""), ("active" * 17, "")],
)
def test_the_nearest_name_is_found_without_regard_to_case(name, expected):
    assert nearest(name, ("active", "inactive")) == expected
    assert not nearest(name, ())


@pytest.mark.parametrize(
    ("paths", "meant"),
    [
        (["location", "dimension.location", "dimensions.locaton"], "dimensions.location"),
        (["locationid", "location_id"], "dimensions.location.id"),
        (["glaccunt", "gl_account"], "glAccount"),
        (["glAccount.idd", "glAcount.id"], "glAccount.id"),
        (["amount"], "txnAmount"),
    ],
)
def test_the_field_that_was_meant_is_named(paths, meant):
    for path in paths:
        assert unknown_field(path, path, LINE).advice.startswith(f"Did you mean `{meant}`? ")


@pytest.mark.parametrize(
    ("path", "meant"),
    [
        ("email", "contacts.default.email1"),
        ("Phone", "contacts.default.phone1"),
        ("mailingAddress.city", "contacts.default.mailingAddress.city"),
        ("term_id", "term.id"),
        ("nmae", "name"),
    ],
)
def test_a_field_of_the_same_name_goes_before_one_that_is_like_it_and_of_two_none_is_named(path, meant):
    assert meant_field(path, CUSTOMER) == meant
    assert not meant_field("date", INVOICE)


@pytest.mark.parametrize("path", [*UNLIKE, *OTHERS])
def test_nothing_is_named_where_nothing_is_like_it(path):
    assert "Did you mean" not in unknown_field(path, path, CUSTOMER).advice


def test_a_field_that_cannot_be_written_was_not_meant():
    assert "`audit" not in unknown_field("creatDate", "creatDate", CUSTOMER).advice
    assert "lastInvoiceCreatedDate" not in unknown_field("lastInvoiceCreatedDat", "", CUSTOMER).advice

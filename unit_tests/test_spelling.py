import pytest

from destination_sage_intacct.intacct.model import known_model
from destination_sage_intacct.rows.spelling import nearest, unknown_field

LINE = known_model("accounts-receivable/invoice-line")
CUSTOMER = known_model("accounts-receivable/customer")


@pytest.mark.parametrize(
    ("name", "expected"),
    [("activ", "active"), ("ACTIV", "active"), ("inactve", "inactive"), ("xyz", ""), ("", ""), ("active" * 17, "")],
)
def test_the_nearest_name_is_found_without_regard_to_case(name, expected):
    assert nearest(name, ("active", "inactive")) == expected


def test_without_names_there_is_none():
    assert not nearest("x", ())


@pytest.mark.parametrize(
    ("path", "meant"),
    [
        ("location", "dimensions.location"),
        ("dimension.location", "dimensions.location"),
        ("dimensions.locaton", "dimensions.location"),
        ("glaccunt", "glAccount"),
        ("glAccount.idd", "glAccount.id"),
        ("glAcount.id", "glAccount.id"),
    ],
)
def test_the_field_that_was_meant_is_told(path, meant):
    assert unknown_field(path, path, LINE).advice.startswith(f"Did you mean `{meant}`? ")


@pytest.mark.parametrize("path", ["contacts.default.qq", "zzz", "z" * 5_000, "id.zzz"])
def test_nothing_is_told_where_nothing_is_like_it(path):
    assert "Did you mean" not in unknown_field(path, path, CUSTOMER).advice


def test_a_field_that_cannot_be_written_was_not_meant():
    assert "`audit" not in unknown_field("creatDate", "creatDate", CUSTOMER).advice
    assert "lastInvoiceCreatedDate" not in unknown_field("lastInvoiceCreatedDat", "", CUSTOMER).advice

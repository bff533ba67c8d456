import pytest

from destination_sage_intacct.intacct.address import address, escaped


@pytest.mark.parametrize(
    ("path", "keys", "at"),
    [
        ("accounts-payable/vendor", (), "/objects/accounts-payable/vendor"),
        ("accounts-payable/vendor", ("7",), "/objects/accounts-payable/vendor/7"),
        ("accounts-payable/vendor", ("7", "a b"), "/objects/accounts-payable/vendor/7,a%20b"),
        ("purchasing/document::Vendor Invoice", ("73",), "/objects/purchasing/document::Vendor%20Invoice/73"),
        ("order-entry/document::100% A&B?", (), "/objects/order-entry/document::100%25%20A%26B%3F"),
        ("platform-apps/nsp::größe", (), "/objects/platform-apps/nsp::gr%C3%B6%C3%9Fe"),
    ],
)
def test_typed_and_custom_objects_are_spelt_as_in_sages_own_links(path, keys, at):
    assert address(path, keys) == at
    assert escaped(path) in at


def test_a_key_stays_one_part_of_the_address():
    assert address("a/b", ["x/y,z"]) == "/objects/a/b/x%2Fy%2Cz"

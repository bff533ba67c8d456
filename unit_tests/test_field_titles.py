import pytest

from destination_sage_intacct.discovery.flat_schema import title


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("key", "Record key"),
        ("id", "ID"),
        ("name", "Name"),
        ("billToContact.id", "Bill to contact ID"),
        ("term.key", "Term key"),
        ("txnAmount", "Transaction amount"),
        ("overrideOffsetGLAccount.id", "Override offset GL account ID"),
        ("glAccount.id", "GL account ID"),
        ("isoCountryCode", "ISO country code"),
        ("URL1", "URL 1"),
        ("contacts.default.email1", "Contacts default email 1"),
        ("mailingAddress.addressLine1", "Mailing address line 1"),
        ("tax.taxId", "Tax ID"),
        ("excludeFromWIPSchedule", "Exclude from WIP schedule"),
        ("t5018.isT5018Enabled", "T5018 is T5018 enabled"),
        ("nsp::REGION", "REGION"),
        ("nsp::SALES_REGION", "SALES REGION"),
        ("nsp::r10007.key", "R10007 key"),
    ],
)
def test_a_title_is_the_name_in_words(path, told):
    assert title(path) == told

"""An update that may replace its record goes out with all that the record holds and an update can set."""

from destination_sage_intacct.intacct.model import OPEN_MODEL, Field, Model
from destination_sage_intacct.rows.whole import in_whole

READ_ONLY = Field("string", read_only=True)
LINE = Model(
    "accounts-payable/bill-line",
    dict.fromkeys(("key", "id", "lineNumber"), READ_ONLY)
    | {"txnAmount": Field("amount"), "memo": Field("string"), "bill": Field("ref", target="accounts-payable/bill")},
)
TEXTS = ("notes", "state", "term.key", "term.id", "contact.email", "contact.phone", "address.city", "address.zip")
BILL = Model(
    "accounts-payable/bill",
    dict.fromkeys(("key", "href", "total", "audit.by"), READ_ONLY)
    | dict.fromkeys(("address", "audit"), Field("group"))
    | dict.fromkeys(("term", "contact"), Field("ref"))
    | dict.fromkeys(TEXTS, Field("string"))
    | {"id": Field("string", create_only=True), "lines": Field("list", target="accounts-payable/bill-line")},
)
OWN = {
    "key": "7",
    "id": "B-7",
    "href": "/objects/accounts-payable/bill/7",
    "notes": "kept",
    "state": "posted",
    "total": "3.00",
    "term": {"key": "2", "id": "N30", "href": "/x"},
    "contact": {"key": "9", "id": "Ann", "email": "a@example.com", "phone": None},
    "address": {"city": "Ghent", "zip": "9000"},
    "audit": {"by": "1"},
    "nsp::REGION": "north",
    "unknown": "x",
    "lines": [
        {"key": "71", "id": "71", "txnAmount": "1.00", "memo": "a", "lineNumber": 1, "bill": {"key": "7"}},
        {"key": "72", "id": "72", "txnAmount": "2.00", "memo": None, "lineNumber": 2, "bill": {"key": "7"}},
    ],
}
KEPT = {
    "notes": "kept",
    "term": {"key": "2"},
    "contact": {"key": "9", "email": "a@example.com"},
    "address": {"city": "Ghent", "zip": "9000"},
    "nsp::REGION": "north",
    "lines": [{"key": "71", "txnAmount": "1.00", "memo": "a"}, {"key": "72", "txnAmount": "2.00"}],
}


def whole(**changes):
    return in_whole(OWN, changes, BILL, lambda _name: LINE, ("state",))


def test_what_an_update_can_set_goes_out_as_it_is_held_or_is_changed():
    changed = {"notes": None, "address": {"city": "Bruges", "zip": "9000"}}
    assert whole() == KEPT
    assert whole(notes=None, address={"city": "Bruges"}) == KEPT | changed


def test_a_reference_to_another_record_takes_no_details_along():
    email = {"email": "a@example.com"}
    assert whole(contact={"id": "Bea"})["contact"] == {"id": "Bea"}
    assert whole(contact={"id": "Ann", "phone": "1"})["contact"] == {"id": "Ann", "phone": "1", **email}
    assert whole(contact={"phone": "1"})["contact"] == {"key": "9", "phone": "1", **email}
    assert whole(term=None)["term"] is None


def test_every_line_goes_out_with_its_key():
    changes = [{"key": "71", "memo": "b"}, {"key": "72", "ia::operation": "delete"}, {"txnAmount": "5.00"}]
    first = {"key": "71", "txnAmount": "1.00", "memo": "b"}
    assert whole(lines=changes)["lines"] == [first, *changes[1:]]


def test_of_an_object_of_which_nothing_is_known_all_but_sages_own_goes_out():
    own = {"key": "1", "id": "1", "href": "/x", "name": "n", "score": None, "owner": {"key": "5", "name": "Ann"}}
    assert in_whole(own, {"name": "m"}, OPEN_MODEL, lambda _name: OPEN_MODEL) == {"name": "m", "owner": {"key": "5"}}

"""Records through the verbs on objects: what is written is held and shown, digit for digit."""

import pytest

from emulator.documents import BILL, INVOICE
from emulator.emulator_rest import ACCOUNTS, BILLS, CONTACTS, CUSTOMERS, INVOICES, VENDORS

EMPTY_ENTITY = {"key": None, "id": None, "name": None}


def test_a_new_record_is_answered_with_a_reference_only(rest):
    reply = rest.post(CUSTOMERS, {"id": "C-1", "name": "Starluck"})
    key = reply.result["key"]
    assert reply.status == 201
    assert reply.body == {
        "ia::result": {"key": key, "id": "C-1", "href": f"{CUSTOMERS}/{key}"},
        "ia::meta": {"totalCount": 1, "totalSuccess": 1, "totalError": 0},
    }
    assert isinstance(key, str)
    assert key != "C-1"


def test_a_number_comes_back_with_the_digits_it_was_written_with(rest):
    key = rest.create(CUSTOMERS, b'{"id":"C-1","name":"N","creditLimit":12345678901234567890.1200,"nsp::SCORE":1.10}')
    text = rest.get(f"{CUSTOMERS}/{key}").text
    assert b'"creditLimit":12345678901234567890.1200' in text
    assert b'"nsp::SCORE":1.10' in text
    held = rest.emulator.records("accounts-receivable/customer")[-1]
    assert str(held["creditLimit"]) == "12345678901234567890.1200"


def test_a_record_is_shown_with_defaults_and_empty_references(rest):
    key = rest.create(CUSTOMERS, {"id": "C-1", "name": "Starluck", "term": {"id": "N30"}})
    shown = rest.get(f"{CUSTOMERS}/{key}").result
    assert shown["status"] == "active"
    assert shown["deliveryOptions"] == "print"
    assert shown["taxId"] is None
    assert shown["parent"] == {"key": None, "id": None, "name": None}
    assert shown["term"] == {"key": "72", "id": "N30", "href": "/objects/accounts-receivable/term/72"}
    assert shown["entity"] == EMPTY_ENTITY
    assert shown["contactList"] == []
    assert shown["audit"]["createdDateTime"] == shown["audit"]["modifiedDateTime"]


def test_a_reference_is_taken_by_id_or_by_key(rest):
    by_id = rest.create(CUSTOMERS, {"id": "C-1", "name": "N", "parent": {"id": "CUST-100"}})
    by_key = rest.create(CUSTOMERS, {"id": "C-2", "name": "N", "parent": {"key": "101"}})
    expected = {"key": "101", "id": "CUST-100", "name": "Power Aerospace Materials", "href": f"{CUSTOMERS}/101"}
    assert rest.get(f"{CUSTOMERS}/{by_id}").result["parent"] == expected
    assert rest.get(f"{CUSTOMERS}/{by_key}").result["parent"] == expected


def test_an_update_leaves_what_it_does_not_name(rest):
    address = {"city": "San Jose", "postCode": "95110"}
    body = {"id": "C-1", "name": "N", "taxId": "12", "contacts": {"default": {"mailingAddress": address}}}
    key = rest.create(CUSTOMERS, body)
    changes = {"creditLimit": 5, "taxId": None, "contacts": {"default": {"mailingAddress": {"city": "Oslo"}}}}
    reply = rest.patch(f"{CUSTOMERS}/{key}", changes)
    assert (reply.status, reply.result["id"]) == (200, "C-1")
    shown = rest.get(f"{CUSTOMERS}/{key}").result
    assert (shown["name"], shown["creditLimit"], shown["taxId"]) == ("N", 5, None)
    assert shown["contacts"]["default"]["mailingAddress"]["city"] == "Oslo"
    assert shown["contacts"]["default"]["mailingAddress"]["postCode"] == "95110"


def test_the_visible_id_is_no_key(rest):
    assert rest.get(f"{CUSTOMERS}/CUST-100").status == 404
    assert rest.patch(f"{CUSTOMERS}/CUST-100", {"name": "N"}).status == 404


def test_a_record_without_an_id_is_numbered_where_the_object_numbers(rest):
    first = rest.post(CUSTOMERS, {"name": "A"}).result["id"]
    second = rest.post(CUSTOMERS, {"name": "B", "id": None}).result["id"]
    assert (first, second) == ("CUST-00001", "CUST-00002")


def test_a_document_has_its_key_for_an_id(rest):
    reference = rest.post(INVOICES, INVOICE).result
    assert reference["id"] == reference["key"]
    assert rest.post(INVOICES, {**INVOICE, "id": "9"}).details == [("/id is a read-only field", "/id")]


def test_an_account_may_change_its_id_and_a_customer_may_not(rest):
    account = rest.create(ACCOUNTS, {"id": "7000", "name": "Rent"})
    assert rest.patch(f"{ACCOUNTS}/{account}", {"id": "7001"}).result["id"] == "7001"
    assert rest.patch(f"{CUSTOMERS}/101", {"id": "C-9"}).details == [("/id is a read-only field", "/id")]


def test_lines_are_held_with_keys_of_their_own(rest):
    key = rest.create(INVOICES, INVOICE)
    lines = rest.get(f"{INVOICES}/{key}").result["lines"]
    assert [(line["txnAmount"], line["lineNumber"]) for line in lines] == [("100.40", 1), ("-10", 2)]
    assert len({line["key"] for line in lines}) == 2
    assert lines[0]["invoice"] == {"key": key, "id": key, "href": f"{INVOICES}/{key}"}
    assert lines[0]["glAccount"]["name"] == "Services Revenue"
    read = rest.get(f"/objects/accounts-receivable/invoice-line/{lines[0]['key']}").result
    assert read == lines[0]


def test_lines_of_an_update_are_changed_added_and_deleted_and_the_others_stay(rest):
    key = rest.create(INVOICES, {**INVOICE, "lines": INVOICE["lines"] * 2})
    first, second, third, fourth = (line["key"] for line in rest.get(f"{INVOICES}/{key}").result["lines"])
    changes = [
        {"key": second, "memo": "changed"},
        {"key": third, "ia::operation": "delete"},
        {"txnAmount": "7.00", "glAccount": {"id": "4000"}},
    ]
    assert rest.patch(f"{INVOICES}/{key}", {"lines": changes}).status == 200
    lines = rest.get(f"{INVOICES}/{key}").result["lines"]
    assert [line["key"] for line in lines][:3] == [first, second, fourth]
    assert [line["memo"] for line in lines] == [None, "changed", None, None]
    assert [line["txnAmount"] for line in lines] == ["100.40", "-10", "-10", "7.00"]


def test_an_update_with_an_unknown_line_changes_nothing(rest):
    key = rest.create(INVOICES, INVOICE)
    reply = rest.patch(f"{INVOICES}/{key}", {"description": "x", "lines": [{"key": "1", "memo": "y"}]})
    assert reply.status == 422
    assert rest.get(f"{INVOICES}/{key}").result["description"] is None


def test_a_list_holds_a_hundred_references_and_says_where_the_next_start(rest):
    for start in (0, 60):
        rest.post(CONTACTS, [{"id": f"P{start + n}", "printAs": "P"} for n in range(60)])
    reply = rest.get(CONTACTS)
    assert len(reply.result) == 100
    assert set(reply.result[0]) == {"key", "id", "href"}
    assert reply.body["ia::meta"] == {"totalCount": 123, "start": 1, "pageSize": 100, "next": 101, "previous": None}


def test_several_keys_are_read_at_once(rest):
    assert [customer["id"] for customer in rest.get(f"{CUSTOMERS}/102,101").result] == ["CUST-200", "CUST-100"]


def test_a_deleted_record_is_gone_and_its_id_is_free(rest):
    reply = rest.delete(f"{CUSTOMERS}/103")
    assert (reply.status, reply.text) == (204, b"")
    assert rest.get(f"{CUSTOMERS}/103").status == 404
    assert rest.post(CUSTOMERS, {"id": "CUST-300", "name": "N"}).status == 201


def test_a_custom_object_takes_any_field(rest):
    path = "/objects/platform-apps/nsp::subscription"
    key = rest.create(path, {"name": "Gold", "nsp::SEATS": 5, "nsp::customer": {"key": "101"}})
    assert rest.patch(f"{path}/{key}", {"nsp::SEATS": 6}).status == 200
    shown = rest.get(f"{path}/{key}").result
    assert (shown["id"], shown["name"], shown["nsp::SEATS"], shown["nsp::customer"]) == (key, "Gold", 6, {"key": "101"})
    model = rest.get("/services/core/model?name=platform-apps/nsp::subscription").result
    assert model["fields"]["nsp::SEATS"]["type"] == "number"


def test_a_bill_is_taken_as_the_documentation_shows_it(rest):
    shown = rest.get(f"{BILLS}/{rest.create(BILLS, BILL)}").result
    assert (shown["state"], shown["vendor"]["name"], shown["lines"][0]["hasForm1099"]) == (
        "draft",
        "Pacific Bell",
        "false",
    )


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("HEAD", f"{CUSTOMERS}/101", 405),
        ("PUT", f"{CUSTOMERS}/101", 405),
        ("POST", f"{CUSTOMERS}/101", 405),
        ("DELETE", CUSTOMERS, 405),
        ("POST", "/objects/general-ledger/journal-entry-line", 405),
        ("POST", "/objects/cash-management/credit-card-txn-line", 405),
        ("GET", f"{CUSTOMERS}/999", 404),
        ("GET", "/objects/accounts-receivable/custommer", 404),
        ("GET", "/objects/platform-apps/nsp::", 404),
        ("GET", "/services/core/nothing", 404),
        ("GET", "/services/core/query", 405),
    ],
)
def test_what_does_not_exist_is_refused(rest, method, path, status):
    assert rest.send(method, path, {"name": "N"} if method in ("PUT", "POST") else None).status == status


def test_an_update_is_put_where_the_emulator_is_told_so(rest_with):
    rest = rest_with("--update-method", "PUT")
    assert rest.patch(f"{VENDORS}/301", {"name": "N"}).status == 405
    assert rest.send("PUT", f"{VENDORS}/301", {"name": "N"}).status == 200
    assert rest.get(f"{VENDORS}/301").result["name"] == "N"
    assert rest.get("/services/core/model?name=accounts-payable/vendor").result["httpMethods"].endswith("DELETE,PUT")


def test_a_fresh_start_holds_the_demo_data_and_can_hold_only_entities(rest, rest_with):
    assert [customer["id"] for customer in rest.get(CUSTOMERS).result] == ["CUST-100", "CUST-200", "CUST-300"]
    rest.delete(f"{CUSTOMERS}/101")
    rest.emulator.reset()
    assert rest.get(f"{CUSTOMERS}/101").status == 200
    bare = rest_with("--no-demo-data")
    assert bare.get(CUSTOMERS).result == []
    assert len(bare.get("/objects/company-config/entity").result) == 3

"""Entities: where a record belongs, and from where it is seen."""

import pytest

from emulator.documents import INVOICE
from emulator.emulator_rest import CLIENT, CONTACTS, CUSTOMERS, INVOICES, Rest
from emulator.test_emulator_objects import EMPTY_ENTITY

IN_100 = {"X_IA_API_Param_Entity": "100"}
IN_200 = {"X_IA_API_Param_Entity": "200"}
UNITED_STATES = {"key": "1", "id": "100", "name": "United States", "href": "/objects/company-config/entity/1"}


def token_in(rest, entity):
    form = {"grant_type": "client_credentials", **CLIENT, "username": f"demo@demo|{entity}"}
    return Rest(rest.emulator, rest.token_for(**form).body["access_token"])


def test_a_record_belongs_to_the_entity_of_the_header(rest):
    key = rest.create(CONTACTS, {"id": "P", "printAs": "P"}, **IN_100)
    assert rest.get(f"{CONTACTS}/{key}", **IN_100).result["entity"] == UNITED_STATES
    assert rest.get(f"{CONTACTS}/{key}", **IN_200).status == 404
    assert rest.patch(f"{CONTACTS}/{key}", {"printAs": "Q"}, **IN_200).status == 404
    assert rest.delete(f"{CONTACTS}/{key}", **IN_200).status == 404


def test_a_record_belongs_to_the_entity_of_the_token(rest):
    scoped = token_in(rest, "100")
    key = scoped.create(CONTACTS, {"id": "P", "printAs": "P"})
    assert scoped.get(f"{CONTACTS}/{key}").result["entity"] == UNITED_STATES


def test_a_refresh_can_be_scoped_too(rest):
    form = {"grant_type": "refresh_token", **CLIENT, "refresh_token": "demo-refresh-token", "entity_id": "100"}
    scoped = Rest(rest.emulator, rest.token_for(**form).body["access_token"])
    key = scoped.create(CONTACTS, {"id": "P", "printAs": "P"})
    assert scoped.get(f"{CONTACTS}/{key}").result["entity"]["id"] == "100"


def test_the_header_wins_over_the_token(rest):
    key = token_in(rest, "100").create(CONTACTS, {"id": "P", "printAs": "P"}, **IN_200)
    assert rest.get(f"{CONTACTS}/{key}", **IN_200).result["entity"]["id"] == "200"


def test_a_misspelt_header_is_silently_ignored(rest):
    key = rest.create(CONTACTS, {"id": "P", "printAs": "P"}, Sage_Param_Entity="100")
    assert rest.get(f"{CONTACTS}/{key}").result["entity"] == EMPTY_ENTITY


def test_documents_of_all_entities_are_seen_at_the_top_level(rest):
    keys = [rest.create(INVOICES, INVOICE, **where) for where in (IN_100, IN_200, {})]
    seen = [[item["key"] for item in rest.get(INVOICES, **where).result] for where in (IN_100, IN_200, {})]
    assert seen == [keys[:1], keys[1:2], keys]


def test_customers_of_the_top_level_are_shared_and_those_of_an_entity_are_not(rest):
    rest.create(CUSTOMERS, {"id": "C-100", "name": "N"}, **IN_100)
    shared = ["CUST-100", "CUST-200", "CUST-300"]
    seen = [[item["id"] for item in rest.get(CUSTOMERS, **where).result] for where in (IN_100, IN_200, {})]
    assert seen == [[*shared, "C-100"], shared, shared]


@pytest.mark.parametrize(("reading", "status"), [("master-data", 404), ("all", 200)])
def test_documents_of_the_top_level_may_be_seen_in_an_entity(rest_with, reading, status):
    rest = rest_with("--shared-records", reading)
    key = rest.create(INVOICES, INVOICE)
    assert rest.get(f"{INVOICES}/{key}", **IN_100).status == status
    assert [item["key"] for item in rest.get(INVOICES, **IN_100).result] == ([key] if status == 200 else [])


def test_a_token_for_an_unknown_entity_may_be_one_for_the_top_level(rest_with):
    lenient = token_in(rest_with("--unknown-entity", "top-level"), "999")
    key = lenient.create(CONTACTS, {"id": "P", "printAs": "P"})
    assert lenient.get(f"{CONTACTS}/{key}").result["entity"] == EMPTY_ENTITY


def test_a_private_record_is_found_at_the_top_level_when_the_query_includes_it(rest):
    rest.create(CUSTOMERS, {"id": "C-100", "name": "N"}, **IN_100)
    filters = [{"$eq": {"id": "C-100"}}]
    assert rest.query(CUSTOMERS, "id", filters=filters).result == []
    private = rest.query(CUSTOMERS, "id", "entity.id", filters=filters, filterParameters={"includePrivate": True})
    assert private.result == [{"id": "C-100", "entity.id": "100"}]


@pytest.fixture
def entity_keys():
    """Give the keys of an invoice and a customer that were created in entity 100."""

    def create(rest):
        invoice = rest.create(INVOICES, INVOICE, **IN_100)
        return {INVOICES: invoice, CUSTOMERS: rest.create(CUSTOMERS, {"id": "C-100", "name": "N"}, **IN_100)}

    return create


def seen_in(rest, path, key, **asked):
    return [row["key"] for row in rest.query(path, "key", filters=[{"$eq": {"key": key}}], **asked).result] == [key]


@pytest.mark.parametrize(
    ("flags", "open_at_the_top"),
    [
        ([], [INVOICES]),
        (["--private-entities", "master-data"], [INVOICES]),
        (["--private-entities", "none"], [INVOICES, CUSTOMERS]),
        (["--private-entities", "all"], []),
    ],
    ids=str,
)
def test_the_top_level_sees_what_is_private_only_by_a_query_that_includes_it(
    rest_with, entity_keys, flags, open_at_the_top
):
    rest = rest_with(*flags)
    for path, key in entity_keys(rest).items():
        is_open = path in open_at_the_top
        assert seen_in(rest, path, key) == is_open
        assert seen_in(rest, path, key, filterParameters={"includePrivate": False}) == is_open
        assert seen_in(rest, path, key, filterParameters={"includePrivate": True})
        assert (key in [item["key"] for item in rest.get(path).result]) == is_open
        assert rest.get(f"{path}/{key}").status == (200 if is_open else 404)
        assert seen_in(rest, path, key, headers=IN_100)
        assert rest.get(f"{path}/{key}", **IN_100).status == 200


def test_lines_are_as_private_as_their_document(rest_with, entity_keys):
    rest = rest_with("--private-entities", "all")
    key = entity_keys(rest)[INVOICES]
    lines = "/objects/accounts-receivable/invoice-line"
    filters = [{"$eq": {"invoice.key": key}}]
    assert rest.query(lines, "key", filters=filters).result == []
    assert rest.get(lines).result == []
    found = rest.query(lines, "key", filters=filters, filterParameters={"includePrivate": True}).result
    assert len(found) == len(INVOICE["lines"])


def test_private_records_of_other_entities_stay_out_of_an_entity_whatever_the_query_includes(rest, entity_keys):
    for path, key in entity_keys(rest).items():
        assert not seen_in(rest, path, key, headers=IN_200, filterParameters={"includePrivate": True})


def test_a_key_may_reach_private_records_at_the_top_level_while_lists_and_queries_do_not_show_them(
    rest_with, entity_keys
):
    rest = rest_with("--private-entities", "all", "--private-by-key", "shown")
    for path, key in entity_keys(rest).items():
        assert not seen_in(rest, path, key)
        assert key not in [item["key"] for item in rest.get(path).result]
        assert rest.get(f"{path}/{key}").result["entity"]["id"] == "100"
        line = next(iter(rest.get(f"{path}/{key}").result.get("lines", ())), None)
        assert line is None or rest.get(line["href"]).status == 200
        assert rest.get(f"{path}/{key}", **IN_200).status == 404
        assert rest.delete(f"{path}/{key}").status == 204


def test_an_id_is_taken_for_the_whole_company(rest):
    rest.create(CUSTOMERS, {"id": "C-100", "name": "N"}, **IN_100)
    assert rest.post(CUSTOMERS, {"id": "C-100", "name": "N"}, **IN_200).status == 422


def test_an_entity_that_the_user_may_not_enter_is_forbidden_and_an_unknown_one_refused(rest):
    assert rest.get(CUSTOMERS, X_IA_API_Param_Entity="300").status == 403
    assert rest.get(CUSTOMERS, X_IA_API_Param_Entity="999").status == 400
    assert [item["id"] for item in rest.get("/objects/company-config/entity").result] == ["100", "200", "300"]


def test_the_records_of_every_entity_are_shown_to_tests(rest):
    rest.create(CONTACTS, {"id": "P", "printAs": "P"}, **IN_100)
    assert rest.emulator.records("company-config/contact")[-1]["entity"]["id"] == "100"

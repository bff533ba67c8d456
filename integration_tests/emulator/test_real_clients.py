"""Clients that others wrote, played against the emulator over HTTP: each is answered what it needs to go on."""

import re
from urllib.parse import quote

import pytest

from emulator.clients_company import BILL, COMPANY, TRAVEL, bill
from emulator.real_clients import (
    CLIENTS,
    DIMENSIONS,
    ENTITY_HEADER,
    FYLES_PAGE,
    FYLES_REFRESH,
    MODEL,
    OF_AN_ENTITY,
    PHPS_TOKEN,
    PHPS_UNKNOWN_JOB,
    READINGS,
    TOKENS,
    TRANSACTION_HEADER,
    Sent,
    fyles_count,
    fyles_page,
    introspect,
    keboolas_page,
    php_colleagues,
    php_composite,
    php_moves,
    php_query,
    revoke,
)
from emulator.test_emulator_command import PAGE
from emulator.wire import Wire

CUSTOMER, VENDOR = "accounts-receivable/customer", "accounts-payable/vendor"
ACCOUNTS = Sent("GET", "/objects/general-ledger/account")


# --- Tokens


@pytest.mark.parametrize("exchange", TOKENS, ids=str)
def test_a_token_opens_the_company(emulator, exchange):
    wire = Wire(emulator, "none yet")
    assert wire.send(ACCOUNTS).status == 401
    wire.token = wire.answered(exchange)["access_token"]
    assert wire.send(ACCOUNTS).status == 200


@pytest.mark.parametrize("flags", [(), ("--rotate-refresh-tokens",)])
def test_fyles_next_refresh_is_by_the_token_of_the_last(emulator_with, flags):
    wire = Wire(emulator_with(*flags))
    first = wire.answered(FYLES_REFRESH)["refresh_token"]
    again = FYLES_REFRESH.sent.body.replace("demo-refresh-token", first)
    assert wire.send(Sent("POST", FYLES_REFRESH.sent.path, again, FYLES_REFRESH.sent.headers)).status == 200


def test_fyle_takes_a_session_for_the_older_api(wire):
    assert wire.send(Sent("GET", "/services/core/session/id")).result["sessionId"]


@pytest.mark.parametrize("exchange", OF_AN_ENTITY, ids=str)
def test_a_token_of_an_entity_writes_in_it(wire, exchange):
    wire.token = wire.answered(exchange)["access_token"]
    assert wire.create(CUSTOMER, {"name": "Mine"})["entity"]["id"] == "100"


def test_the_php_client_is_told_what_a_token_is_for_and_that_it_is_revoked(wire):
    wire.token = given = wire.answered(PHPS_TOKEN)["access_token"]
    assert wire.answered(introspect(given))["active"] is True
    assert wire.answered(revoke(given))["revoked"] is True
    assert wire.send(ACCOUNTS).status == 401


def test_fyle_knows_a_bad_token_by_status_and_text(emulator_with):
    reply = Wire(emulator_with("--bad-token-form", "1206"), "bad").send(ACCOUNTS)
    assert (reply.status, "The token is not valid" in reply.text.decode()) == (400, True)


# --- What Fyle reads


@pytest.mark.parametrize("written", COMPANY, ids=str)
def test_fyle_counts_the_records_of_each_object(company, written):
    """A record of another status is not counted among the active ones."""

    def count(*, active):
        return company.send(fyles_count(written.path, active=active)).body["ia::meta"]["totalCount"]

    before = count(active=False)
    assert before >= 1
    if not written.has_status:
        company.emulator.hold(written.path, {**written.body, **({"id": "NEW"} if "id" in written.body else {})})
        assert count(active=False) == before + 1
        return
    active = count(active=True)
    company.emulator.hold(
        written.path, {**written.body, "id": "NEW"}, {**written.body, "id": "OLD", "status": "inactive"}
    )
    assert (count(active=True), count(active=False)) == (active + 1, before + 2)


def test_the_objects_that_fyle_counts_are_28():
    assert len({written.path for written in COMPANY}) == 28


@pytest.mark.parametrize("reading", READINGS, ids=lambda reading: reading.path)
def test_fyle_reads_of_each_object_the_fields_that_it_needs(company, reading):
    reply = company.send(fyles_page(reading.path, reading.fields, reading.filters))
    assert reply.status == 200, reply.text
    assert [set(row) for row in reply.result] == [set(reading.fields)] * len(reply.result)
    told = {name for row in reply.result for name in reading.fields if row[name] is not None}
    assert {"id", "key"} & set(reading.fields) <= told
    assert reply.body["ia::meta"]["next"] is None


def test_what_a_reference_names_is_in_fyles_row(company):
    cost_types, expense_types = (
        next(reading for reading in READINGS if reading.path.endswith(name)) for name in ("cost-type", "expense-type")
    )
    (row,) = company.send(fyles_page(cost_types.path, cost_types.fields, cost_types.filters)).result
    assert (row["project.name"], row["task.id"], row["task.name"]) == ("Bridge", "T-1", "Digging")
    (row,) = company.send(fyles_page(expense_types.path, expense_types.fields, expense_types.filters)).result
    assert (row["glAccount.id"], row["glAccount.name"]) == ("6100", "Office Supplies")


def test_fyles_generator_goes_on_by_its_own_page_and_ends(wire):
    wire.emulator.hold("company-config/class", *({"id": f"{n}", "name": f"Class {n}"} for n in range(FYLES_PAGE + 1)))
    start, seen = 1, []
    while True:
        reply = wire.send(fyles_page("company-config/class", ("id",), (), start, ({"id": "asc"},)))
        seen += [row["id"] for row in reply.result]
        if reply.body["ia::meta"]["next"] is None:
            break
        start += FYLES_PAGE
    assert (start, len(seen), len(set(seen))) == (FYLES_PAGE + 1, FYLES_PAGE + 1, FYLES_PAGE + 1)


def test_fyle_reads_an_allocations_dimensions_by_their_keys(company):
    (row,) = company.send(fyles_page("general-ledger/txn-allocation-template", ("id", "status", "key"), ())).result
    (line,) = company.read("general-ledger/txn-allocation-template", row["key"])["lines"]
    filled = {name for name, dimension in line["dimensions"].items() if dimension["key"] is not None}
    assert filled == {"location", "department"}


def test_fyle_finds_the_companys_own_dimensions_and_their_values(company):
    company.emulator.declare_fields("accounts-payable/bill-line", {}, dimensions={"nsp::travel": {"apiObject": TRAVEL}})
    (trip,) = company.emulator.hold(TRAVEL, {"name": "Oslo"})
    listed = company.send(Sent("GET", DIMENSIONS)).result
    (own,) = (dimension for dimension in listed if dimension["isUserDefinedDimension"])
    path = f"platform-apps/nsp::{own['dimensionEndpoint'].split('::')[1]}"
    assert company.send(fyles_count(path, active=False)).body["ia::meta"]["totalCount"] == 1
    assert company.send(fyles_page(path, ("id", "name"), ())).result == [{"id": trip, "name": "Oslo"}]
    held = company.create(BILL, bill("B-1", dimensions={"location": {"id": "CA"}, "nsp::travel": {"key": trip}}))
    assert held["lines"][0]["dimensions"]["nsp::travel"]["key"] == trip


def test_the_php_client_finds_the_text_of_every_dimension(wire):
    listed = wire.send(Sent("GET", DIMENSIONS)).result
    names = ("dimensionName", "dimensionLabel", "termName", "dimensionEndpoint")
    assert all(isinstance(each[name], str) and each[name] for each in listed for name in names)
    assert {"PROJECT": "/objects/projects/project"}.items() <= {
        each["dimensionName"]: each["dimensionEndpoint"] for each in listed
    }.items()


def test_the_entity_header_narrows_what_fyle_reads_and_of_entities_it_sends_none(wire):
    wire.emulator.hold(CUSTOMER, {"id": "IN-100", "name": "Inside"}, entity="100")
    inside = fyles_page(CUSTOMER, ("id",), ({"$eq": {"id": "IN-100"}},))
    entities = {"100": 1, "200": 0}
    for entity, found in entities.items():
        headers = {ENTITY_HEADER: entity}
        assert len(wire.send(Sent(inside.method, inside.path, inside.body, headers)).result) == found
    assert wire.send(fyles_count("company-config/entity", active=False)).body["ia::meta"]["totalCount"] == 3


# --- Keboola


def extracted(wire, path, filters=()):
    """Return the rows and fields that Keboola's extractor ends with: it leaves away what it is told it cannot have."""
    name = quote(path, safe="")
    model = wire.send(Sent("GET", f"{MODEL}?name={name}&schema=true")).result
    fields, filters, rows, start = list(model["fields"]), list(filters), [], 1
    while True:
        reply = wire.send(keboolas_page(path, fields, filters, start))
        if reply.status in (400, 422):
            unknown = reply.error["additionalInfo"]["placeholders"]["FIELD"]
            assert unknown in fields or any(unknown in next(iter(each.values())) for each in filters)
            fields = [field for field in fields if field != unknown]
            filters = [each for each in filters if unknown not in next(iter(each.values()))]
            continue
        rows += reply.result
        start = reply.body["ia::meta"]["next"]
        if not start:
            return rows, fields


def test_keboola_lists_every_object_that_can_be_read(wire):
    listed = wire.send(Sent("GET", MODEL)).result
    kinds = ("rootObject", "ownedObject", "object")
    paths = {each["apiObject"] for each in listed if each["type"] in kinds and "GET" in each["httpMethods"]}
    assert {f"objects/{written.path}" for written in COMPANY} <= paths


@pytest.mark.parametrize(
    ("path", "left_away"),
    [
        (CUSTOMER, set()),
        (VENDOR, set()),
        ("general-ledger/account", set()),
        ("accounts-receivable/invoice", {"action", "createAPBill"}),
        ("objects/accounts-receivable/customer", set()),
    ],
)
def test_keboola_extracts_every_field_that_the_model_lists_but_those_that_can_only_be_written(wire, path, left_away):
    invoice = {"customer": {"id": "CUST-100"}, "invoiceDate": "2026-01-05", "dueDate": "2026-02-04"}
    wire.emulator.hold(
        "accounts-receivable/invoice", {**invoice, "lines": [{"txnAmount": "1", "glAccount": {"id": "5004"}}]}
    )
    rows, fields = extracted(wire, path)
    model = wire.send(Sent("GET", f"{MODEL}?name={quote(path, safe='')}")).result
    assert set(model["fields"]) - set(fields) == left_away
    assert rows
    assert all(set(row) == set(fields) for row in rows)


def test_keboola_is_told_which_filter_an_object_does_not_take(wire):
    everything, _ = extracted(wire, CUSTOMER)
    rows, _ = extracted(wire, CUSTOMER, [{"$in": {"location.id": ["US"]}}])
    assert (len(rows), rows) == (3, everything)


def test_keboola_extracts_what_changed_and_what_is_private(wire):
    wire.emulator.advance_clock(3600)
    wire.emulator.hold(CUSTOMER, {"id": "PRIVATE", "name": "Inside"}, entity="100")
    rows, _ = extracted(wire, CUSTOMER, [{"$gte": {"audit.modifiedDateTime": "2026-01-15T09:30:00Z"}}])
    assert [row["id"] for row in rows] == ["PRIVATE"]
    public = wire.send(fyles_count(CUSTOMER, active=False)).body["ia::meta"]["totalCount"]
    assert public == 3


def test_keboola_follows_the_pages_by_the_next_of_each(wire):
    wire.emulator.hold("company-config/class", *({"id": f"{n}", "name": f"Class {n}"} for n in range(1001)))
    rows, _ = extracted(wire, "company-config/class")
    assert len({row["id"] for row in rows}) == len(rows) == 1001


# --- PHP and TypeScript


def models(wire, **query):
    asked = "&".join(f"{name}={quote(value, safe='')}" for name, value in query.items())
    return wire.send(Sent("GET", f"{MODEL}?{asked}")).result


def test_the_php_client_lists_models_by_type_and_by_name(wire):
    owned = models(wire, type="ownedObject", version="v1")
    assert {each["type"] for each in owned} == {"ownedObject"}
    assert models(wire, type="rootObject,ownedObject") == models(wire, type="object") == models(wire)
    named = [each["apiObject"] for each in models(wire, filter=r".*company-config\/cla.*")]
    assert named == ["objects/company-config/class"]
    assert models(wire, type="workflow", filter=r".*company-config\/cla.*") == []


def test_a_filter_of_models_that_is_no_expression_is_refused(wire):
    assert wire.send(Sent("GET", f"{MODEL}?filter=%5B")).status == 400


def test_the_php_client_describes_an_object_and_is_told_of_none_by_an_empty_list(wire):
    model = models(wire, name="company-config/department", type="object", version="v1", description="true")
    assert model["fields"]["status"]["enum"] == ["active", "activeNonPosting", "inactive"]
    assert {name: ref["apiObject"] for name, ref in model["refs"].items()} == {
        "parent": "company-config/department",
        "supervisor": "company-config/employee",
    }
    assert (model["lists"], model["httpMethods"]) == ([], "OPTIONS,GET,POST,DELETE,PATCH")
    assert models(wire, name="company-config/nothing") == []


def test_the_php_client_nests_the_flat_keys_of_a_row(company):
    (row,) = company.send(php_query("projects/task", ["key", "project.id"], [{"$eq": {"project.id": "P-1"}}])).result
    assert row["project.id"] == "P-1"


@pytest.mark.parametrize(("transaction", "status", "left"), [("false", 207, 1), ("true", 422, 0)])
def test_the_php_client_reads_a_batch_by_position_and_asks_for_all_or_nothing(wire, transaction, status, left):
    records = [{"id": "A", "name": "New"}, {"id": "CUST-100", "name": "Taken"}]
    headers = {TRANSACTION_HEADER: transaction, "Idempotency-Key": transaction}
    reply = wire.send(Sent("POST", f"/objects/{CUSTOMER}", records, headers))
    assert (reply.status, len(reply.result)) == (status, 2)
    assert "ia::error" in reply.result[1]
    found = wire.send(php_query(CUSTOMER, ["id"], [{"$in": {"id": ["A"]}}])).result
    assert len(found) == left


def test_the_php_client_changes_and_deletes_several_records(wire):
    keys = wire.emulator.hold("company-config/class", {"id": "A", "name": "A"}, {"id": "B", "name": "B"})
    changed = wire.send(Sent("PATCH", "/objects/company-config/class", [{"key": key, "name": "Z"} for key in keys]))
    assert [each["key"] for each in changed.result] == keys
    gone = wire.send(Sent("DELETE", f"/objects/company-config/class/{','.join(keys)}"))
    assert (gone.status in (200, 204, 207), wire.emulator.records("company-config/class")) == (True, [])


def test_the_php_client_changes_several_records_in_a_composite(wire):
    employees = [{"id": name, "primaryContact": {"id": "Mary"}} for name in ("E-1", "E-2")]
    keys = wire.emulator.hold("company-config/employee", *employees)
    reply = wire.send(
        php_moves("company-config/employee", keys, wire.emulator.records("company-config/location")[0]["key"])
    )
    assert (reply.status, [each["ia::status"] for each in reply.result]) == (200, [200, 200])
    assert [each["ia::result"]["key"] for each in reply.result] == keys
    assert {each["location"]["id"] for each in wire.emulator.records("company-config/employee")} == {"US"}


def test_the_php_client_asks_with_the_result_of_the_request_before(wire):
    placed = {"primaryContact": {"id": "Mary"}, "department": {"id": "SA"}, "location": {"id": "US"}}
    elsewhere = {**placed, "department": {"id": "ENG"}}
    employees = [{"id": "E-1", **placed}, {"id": "E-2", **placed}, {"id": "E-3", **elsewhere}]
    key, *_ = wire.emulator.hold("company-config/employee", *employees)
    read, query = wire.send(php_colleagues(key)).result
    assert read["ia::result"]["id"] == "E-1"
    assert [row["id"] for row in query["ia::result"]] == ["E-1", "E-2"]
    assert {"start", "pageSize", "next", "previous"} <= set(query["ia::meta"])


def test_the_php_client_makes_a_record_and_reads_it_by_its_place_with_a_key_of_its_own(wire):
    made = {"method": "POST", "path": f"/objects/{VENDOR}", "body": {"id": "V-1", "name": "New"}}
    named = {**made, "resultReference": "vendor", "headers": {"X-ABC": "123", "Idempotency-Key": "one"}}
    asked = php_composite(named, {"method": "GET", "path": f"/objects/{VENDOR}/@{{vendor.1.key}}"})
    for _ in range(2):
        _, read = wire.send(asked).result
        assert read["ia::result"]["id"] == "V-1"
    assert [each["id"] for each in wire.emulator.records(VENDOR)][2:] == ["V-1"]


def test_the_php_client_is_told_which_request_failed_and_which_were_skipped(wire):
    reply = wire.send(PHPS_UNKNOWN_JOB)
    failed, skipped = reply.result
    assert (reply.status, failed["ia::status"], failed["ia::error"]["code"]) == (207, 404, "notFound")
    assert failed["ia::error"]["message"].startswith("Asynchronous job 6465763031")
    assert (skipped["ia::status"], skipped["ia::error"]["code"]) == (422, "unprocessed")
    assert reply.body["ia::meta"] == {"totalCount": 2, "totalSuccess": 0, "totalError": 2}


@pytest.mark.parametrize("application", ["purchasing", "order-entry"])
def test_a_typed_document_has_colons_as_they_are_and_blanks_as_percent_20(wire, application):
    """PHP and TypeScript write the path so; the query has the name as it is."""
    party = {"vendor": {"id": "VEND-100"}} if application == "purchasing" else {"customer": {"id": "CUST-100"}}
    line = {"unit": "Each", "unitQuantity": "20", "unitPrice": "9.25", "dimensions": {"location": {"id": "US"}}}
    path = f"/objects/{application}/document::Vendor%20Invoice"
    made = wire.send(Sent("POST", path, {"txnDate": "2026-01-05", **party, "state": "draft", "lines": [line]}))
    assert (made.status, made.result["id"]) == (201, "Vendor Invoice-00001")
    key = made.result["key"]
    held = wire.send(Sent("GET", f"{path}/{key}")).result
    assert ([each["unitPrice"] for each in held["lines"]], held["state"]) == (["9.25"], "draft")
    change = {"memo": "Rush", "lines": [{"key": held["lines"][0]["key"], "unitQuantity": "25"}, line]}
    assert wire.send(Sent("PATCH", f"{path}/{key}", change)).status == 200
    asked = php_query(f"{application}/document::Vendor Invoice", ["key", "memo"], [])
    assert wire.send(asked).result == [{"key": key, "memo": "Rush"}]
    assert wire.send(Sent("GET", f"/objects/{application}/document::Other")).result == []
    assert wire.send(Sent("GET", f"/objects/{application}/document::")).status == 404


def test_the_typescript_client_writes_in_the_entity_of_the_call_and_needs_no_body_of_a_deletion(wire):
    headers = {ENTITY_HEADER: "200"}
    key = wire.create(CUSTOMER, {"name": "There"}, headers)["key"]
    asked = php_query(CUSTOMER, ["id", "entity.id"], [{"$eq": {"key": key}}])
    there = wire.send(Sent(asked.method, asked.path, asked.body, headers))
    assert [row["entity.id"] for row in there.result] == ["200"]
    assert {"totalCount", "start", "pageSize", "next", "previous"} <= set(there.body["ia::meta"])
    gone = wire.send(Sent("DELETE", f"/objects/{CUSTOMER}/{key}", headers=headers))
    assert (gone.status, gone.text) == (204, b"")


def test_the_page_names_every_client():
    assert set(re.findall(r"^\| (Fyle|Keboola|PHP|TypeScript) ", PAGE, re.MULTILINE)) == set(CLIENTS)

"""The query service: rows of fields, filtered, ordered and paged."""

import pytest

from emulator.documents import INVOICE
from emulator.emulator_rest import CUSTOMERS, INVOICES

ROWS = [
    {"id": "Q-1", "name": "alpha", "creditLimit": 9, "term": {"id": "N15"}, "nsp::REGION": "West"},
    {"id": "Q-2", "name": "Beta", "creditLimit": 10, "term": {"id": "N30"}, "status": "inactive"},
    {"id": "Q-3", "name": "gamma", "creditLimit": 100.5},
]


@pytest.fixture
def rows(rest_with):
    rest = rest_with("--no-demo-data")
    for days in (15, 30):
        rest.create("/objects/accounts-receivable/term", {"id": f"N{days}"})
    rest.post(CUSTOMERS, ROWS)
    return rest


def found(rest, *filters, **asked):
    reply = rest.query(CUSTOMERS, "id", filters=list(filters), orderBy=[{"id": "asc"}], **asked)
    assert reply.status == 200, reply.text
    return [row["id"].removeprefix("Q-") for row in reply.result]


def test_rows_are_flat_with_dotted_names(rows):
    fields = ["key", "id", "term.id", "status", "creditLimit", "audit.createdBy", "nsp::REGION", "parent.name"]
    reply = rows.query(CUSTOMERS, *fields, filters=[{"$eq": {"id": "Q-1"}}])
    assert reply.result == [
        {
            "key": "101",
            "id": "Q-1",
            "term.id": "N15",
            "status": "active",
            "creditLimit": 9,
            "audit.createdBy": "1",
            "nsp::REGION": "West",
            "parent.name": None,
        }
    ]
    assert reply.body["ia::meta"] == {"totalCount": 1, "start": 1, "pageSize": 100, "next": None, "previous": None}


@pytest.mark.parametrize(
    ("condition", "ids"),
    [
        ({"$eq": {"name": "Beta"}}, "2"),
        ({"$eq": {"nsp::REGION": None}}, "23"),
        ({"$ne": {"name": "Beta"}}, "13"),
        ({"$lt": {"creditLimit": 10}}, "1"),
        ({"$lte": {"creditLimit": "10"}}, "12"),
        ({"$gt": {"creditLimit": 9.99}}, "23"),
        ({"$gte": {"creditLimit": 10.00}}, "23"),
        ({"$in": {"id": ["Q-3", "Q-1", "Q-9"]}}, "13"),
        ({"$in": {"key": ["102", "999"]}}, "2"),
        ({"$notIn": {"id": ["Q-1"]}}, "23"),
        ({"$between": {"creditLimit": [9, 10]}}, "12"),
        ({"$notBetween": {"creditLimit": [9, 10]}}, "3"),
        ({"$contains": {"name": "ta"}}, "2"),
        ({"$notContains": {"name": "a"}}, ""),
        ({"$startsWith": {"name": "g"}}, "3"),
        ({"$notStartsWith": {"name": "g"}}, "12"),
        ({"$endsWith": {"name": "pha"}}, "1"),
        ({"$notEndsWith": {"name": "a"}}, ""),
        ({"$eq": {"term.id": "N30"}}, "2"),
        ({"$gte": {"audit.modifiedDateTime": "2026-01-15T09:00:00Z"}}, "123"),
        ({"$lt": {"audit.modifiedDateTime": "2026-01-15"}}, ""),
        ({"$lt": {"audit.modifiedDateTime": "2026-01-15T04:00:00-05:00"}}, ""),
    ],
    ids=str,
)
def test_each_operator_compares_by_the_type_of_the_field(rows, condition, ids):
    assert found(rows, condition) == list(ids)


def test_filters_are_joined_by_and_unless_an_expression_says_otherwise(rows):
    filters = [{"$eq": {"id": "Q-1"}}, {"$eq": {"status": "active"}}, {"$eq": {"id": "Q-2"}}]
    assert found(rows, *filters) == []
    assert found(rows, *filters, filterExpression="(1 and 2) or 3") == ["1", "2"]
    assert found(rows, *filters, filterExpression="3 or 1 and 2") == ["1", "2"]
    assert found(rows, *filters, filterExpression="1 AND (2 OR 3)") == ["1"]


def test_a_word_alone_joins_all_filters(rows):
    filters = [{"$eq": {"id": "Q-1"}}, {"$eq": {"status": "active"}}]
    assert found(rows, *filters, filterExpression="and") == ["1"]
    assert found(rows, *filters, filterExpression="OR") == ["1", "3"]
    assert found(rows, filterExpression="and") == ["1", "2", "3"]
    assert found(rows, filterExpression="or") == ["1", "2", "3"]
    assert found(rows, filterExpression=None) == ["1", "2", "3"]


def test_expressions_nest(rows):
    filters = [{"$eq": {"id": f"Q-{number}"}} for number in (1, 2, 3)] + [{"$eq": {"status": "active"}}]
    assert found(rows, *filters, filterExpression="((1) or (2 or (3))) and 4") == ["1", "3"]
    assert found(rows, *filters, filterExpression="4 and (1 or (2 and (3 or 4)))") == ["1"]


def test_an_expression_nested_beyond_reason_is_refused(rows):
    expression = "(" * 5000 + "1" + ")" * 5000
    filters = [{"$eq": {"id": "Q-1"}}]
    assert rows.query(CUSTOMERS, "id", filters=filters, filterExpression=expression).status == 400


@pytest.mark.parametrize("number", ["0", "4", "9" * 5000])
def test_a_number_without_a_filter_is_named(rows, number):
    filters = [{"$eq": {"id": "Q-1"}}] * 3
    reply = rows.query(CUSTOMERS, "id", filters=filters, filterExpression=f"1 or {number}")
    assert reply.status == 400
    assert reply.error["message"] == f"The filterExpression names filter {number[:20]}; there are 3"


@pytest.mark.parametrize("expression", ["", "1 and", "(1", "1 2", "1 xor 2", "1)", "()", "and and", 1])
def test_an_expression_that_cannot_be_understood_is_refused(rows, expression):
    filters = [{"$eq": {"id": "Q-1"}}] * 3
    assert rows.query(CUSTOMERS, "id", filters=filters, filterExpression=expression).status == 400


def test_texts_are_compared_by_case_unless_told_otherwise(rows):
    condition = {"$eq": {"id": "q-1"}}
    assert found(rows, condition) == []
    assert found(rows, condition, filterParameters={"caseSensitiveComparison": False}) == ["1"]


def test_rows_come_in_the_order_asked_for_and_otherwise_not_by_key(rest):
    rest.post(CUSTOMERS, [{"id": f"{number:03}", "name": str(number % 3)} for number in range(30)])
    filters = [{"$in": {"id": [f"{number:03}" for number in range(30)]}}]
    ordered = rest.query(CUSTOMERS, "key", filters=filters, orderBy=[{"name": "desc"}, {"key": "asc"}]).result
    unordered = rest.query(CUSTOMERS, "key", filters=filters).result
    by_key = sorted(unordered, key=lambda row: int(row["key"]))
    assert [int(row["key"]) % 3 for row in ordered[:10]] == [int(ordered[0]["key"]) % 3] * 10
    assert unordered != by_key
    assert unordered == rest.query(CUSTOMERS, "key", filters=filters).result


def test_keys_are_ordered_as_numbers(rest):
    rest.post(CUSTOMERS, [{"name": "N"}] * 500)
    rest.post(CUSTOMERS, [{"name": "N"}] * 500)
    keys = [row["key"] for row in rest.query(CUSTOMERS, "key", orderBy=[{"key": "asc"}], size=4000).result]
    assert keys == [str(key) for key in range(101, 1104)]


def test_pages_are_counted_from_one(rest):
    rest.post(CUSTOMERS, [{"name": "N"}] * 247)
    pages = [rest.query(CUSTOMERS, "key", orderBy=[{"key": "asc"}], start=start) for start in (1, 101, 201)]
    assert [len(page.result) for page in pages] == [100, 100, 50]
    assert [page.body["ia::meta"]["next"] for page in pages] == [101, 201, None]
    assert [page.body["ia::meta"]["previous"] for page in pages] == [None, 1, 101]
    assert len({row["key"] for page in pages for row in page.result}) == 250


def test_lines_can_be_queried_by_their_document(rest):
    keys = [rest.create(INVOICES, INVOICE) for _ in range(3)]
    path = "/objects/accounts-receivable/invoice-line"
    filters = [{"$in": {"invoice.key": keys[1:]}}, {"$lt": {"txnAmount": "0"}}]
    reply = rest.query(path, "txnAmount", "invoice.key", "lineNumber", filters=filters, orderBy=[{"key": "asc"}])
    assert [row["invoice.key"] for row in reply.result] == keys[1:]
    assert reply.result[0] == {"txnAmount": "-10", "invoice.key": keys[1], "lineNumber": 2}


@pytest.mark.parametrize(
    ("fields", "error_id"),
    [
        (["action"], "REST-1106"),
        (["createAPBill"], "REST-1106"),
        (["nothing"], "REST-1106"),
        (["lines.memo"], "REST-1107"),
    ],
)
def test_a_field_that_cannot_be_queried_is_refused(rest, fields, error_id):
    reply = rest.query(INVOICES, *fields)
    assert (reply.status, reply.error["errorId"]) == (400, error_id)


def test_the_recorded_refusal_of_a_write_only_field(rest):
    text = "The action field in accounts-receivable/invoice object cannot be used in query in version 1"
    error = rest.query(INVOICES, "action").error
    assert error["message"] == text
    assert error["additionalInfo"] == {
        "messageId": "IA.THE_FIELD_IN_OBJECT_CANNOT_BE_USED_IN_QUERY",
        "placeholders": {"FIELD": "action", "OBJECT": "accounts-receivable/invoice", "VERSION": "1"},
        "propertySet": {},
    }


@pytest.mark.parametrize(
    "change",
    [
        {"limit": 5},
        {"fields": []},
        {"fields": ["*"]},
        {"object": "accounts-receivable/nothing"},
        {"size": 4001},
        {"size": 0},
        {"start": 0},
        {"filters": {"$eq": {"id": "x"}}},
        {"filters": [{"$like": {"id": "x"}}]},
        {"filters": [{"eq": {"id": "x"}}]},
        {"filters": [{"$eq": {"href": "x"}}]},
        {"filters": [{"$between": {"id": ["x"]}}]},
        {"filters": [{"$gt": {"creditLimit": "x"}}]},
        {"filterParameters": {"private": True}},
        {"orderBy": [{"id": "up"}]},
        {"orderBy": ["id"]},
        {"orderBy": [{"href": "asc"}]},
        {"filters": [{"$has": {"name": "x"}}]},
        {"filters": [{"$eq": {"id": ["x"]}}]},
        {"filters": [{"$in": {"id": "x"}}]},
        {"filters": [{"$contains": {"lastInvoiceCreatedDate": "2026"}}]},
        {"filterParameters": {"includePrivate": "true"}},
        {"filterParameters": {"asOfDate": "priorMonth"}},
        {"fields": ["sum:name"]},
        {"fields": ["median:creditLimit"]},
        {"fields": ["sum:nothing"]},
        {"fields": ["count:id"], "orderBy": [{"name": "asc"}]},
    ],
    ids=str,
)
def test_a_query_that_cannot_be_understood_is_refused(rest, change):
    body = {"object": "accounts-receivable/customer", "fields": ["id"], **change}
    assert rest.post("/services/core/query", body).status == 400


def test_an_unknown_key_of_a_query_is_named(rest):
    reply = rest.query(CUSTOMERS, "id", limit=5)
    assert reply.error["message"] == 'Unrecognized key "limit" in query payload'


def test_the_query_service_can_be_forbidden(rest_with):
    assert rest_with("--no-query").query(CUSTOMERS, "id").status == 403

"""What a query can say beside operators and expressions: relative dates, aggregates, references, and other clients'."""

from decimal import Decimal

import pytest

from emulator.documents import BILL, INVOICE
from emulator.emulator_rest import BILLS, CUSTOMERS, INVOICES, VENDORS

SUBSCRIPTION = "/objects/platform-apps/nsp::subscription"
WEDNESDAY = "2024-05-15"
DAYS = ["2023-06-30", "2024-03-31", "2024-04-30", "2024-05-05", "2024-05-11", "2024-05-14", "2024-05-15", "2024-05-18"]
OPERATORS = ("$eq", "$ne", "$lt", "$lte", "$gt", "$gte")


@pytest.fixture
def dated(rest_with):
    """Give an object that has one record for each day, and one without a day."""
    rest = rest_with("--custom-object-id", "given")
    declared = {"nsp::DAY": {"type": "string", "format": "date"}, "nsp::AT": {"type": "string", "format": "date-time"}}
    rest.emulator.declare_fields(SUBSCRIPTION.removeprefix("/objects/"), declared)
    days = [{"id": day, "nsp::DAY": day, "nsp::AT": f"{day}T23:59:59Z"} for day in DAYS]
    assert rest.post(SUBSCRIPTION, [*days, {"id": "none"}]).status == 201
    return rest


def ids(rest, path, *filters, **asked):
    reply = rest.query(path, "id", filters=list(filters), orderBy=[{"id": "asc"}], **asked)
    assert reply.status == 200, reply.text
    return [row["id"] for row in reply.result]


@pytest.mark.parametrize("field", ["nsp::DAY", "nsp::AT"])
@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("today", "2024-05-15", "2024-05-15"),
        ("yesterday", "2024-05-14", "2024-05-14"),
        ("currentWeek", "2024-05-12", "2024-05-18"),
        ("lastWeek", "2024-05-05", "2024-05-11"),
        ("currentMonth", "2024-05-01", "2024-05-31"),
        ("priorMonth", "2024-04-01", "2024-04-30"),
        ("currentQuarter", "2024-04-01", "2024-06-30"),
        ("priorQuarter", "2024-01-01", "2024-03-31"),
        ("currentYear", "2024-01-01", "2024-12-31"),
        ("priorYear", "2023-01-01", "2023-12-31"),
    ],
)
def test_a_relative_date_stands_for_its_days(dated, field, name, first, last):
    as_of = {"filterParameters": {"asOfDate": WEDNESDAY}}
    expected = {
        "$eq": [day for day in DAYS if first <= day <= last],
        "$ne": [day for day in [*DAYS, "none"] if not first <= day <= last],
        "$lt": [day for day in DAYS if day < first],
        "$lte": [day for day in DAYS if day <= last],
        "$gt": [day for day in DAYS if day > last],
        "$gte": [day for day in DAYS if day >= first],
    }
    for operator in OPERATORS:
        assert ids(dated, SUBSCRIPTION, {operator: {field: name}}, **as_of) == expected[operator], operator
    assert ids(dated, SUBSCRIPTION, {"$in": {field: [name, "2023-06-30"]}}, **as_of) == sorted(
        {"2023-06-30", *expected["$eq"]} if field == "nsp::DAY" else {*expected["$eq"]}
    )
    assert ids(dated, SUBSCRIPTION, {"$between": {field: [name, name]}}, **as_of) == expected["$eq"]


def test_years_and_quarters_turn_in_january(dated):
    as_of = {"filterParameters": {"asOfDate": "2024-01-31"}}
    assert ids(dated, SUBSCRIPTION, {"$lte": {"nsp::DAY": "priorQuarter"}}, **as_of) == ["2023-06-30"]
    assert ids(dated, SUBSCRIPTION, {"$gte": {"nsp::DAY": "priorMonth"}}, **as_of) == DAYS[1:]


def test_relative_dates_start_from_the_companys_day_unless_told_otherwise(dated):
    dated.create(SUBSCRIPTION, {"id": "now", "nsp::DAY": "2026-01-15"})
    today = {"$eq": {"nsp::DAY": "today"}}
    assert ids(dated, SUBSCRIPTION, today) == ["now"]
    dated.emulator.advance_clock(24 * 3600)
    assert ids(dated, SUBSCRIPTION, today) == []
    assert ids(dated, SUBSCRIPTION, {"$eq": {"nsp::DAY": "yesterday"}}) == ["now"]


@pytest.mark.parametrize(
    ("as_of", "name"), [("0001-01-01", "priorYear"), ("0001-01-01", "lastWeek"), ("9999-12-31", "currentYear")]
)
def test_a_relative_date_beyond_the_calendar_is_refused(dated, as_of, name):
    filters = [{"$eq": {"nsp::DAY": name}}]
    assert dated.query(SUBSCRIPTION, "id", filters=filters, filterParameters={"asOfDate": as_of}).status == 400


def test_the_name_of_a_relative_date_is_a_text_where_the_field_is_one(rest):
    rest.create(CUSTOMERS, {"id": "T", "name": "today"})
    assert ids(rest, CUSTOMERS, {"$eq": {"name": "today"}}) == ["T"]


def test_aggregates_are_of_all_rows_that_match_where_no_other_field_is_asked_for(rest_with):
    rest = rest_with("--no-demo-data")
    limits = [Decimal("0.1"), Decimal("0.2"), Decimal("12345678901234567890.123456789"), None]
    rest.post(CUSTOMERS, [{"name": "N", "creditLimit": limit} for limit in limits])
    functions = [f"{function}:creditLimit" for function in ("count", "sum", "min", "max", "avg")]
    reply = rest.query(CUSTOMERS, *functions, filters=[{"$lt": {"creditLimit": 1}}])
    assert reply.result == [
        {
            "count:creditLimit": 2,
            "sum:creditLimit": Decimal("0.3"),
            "min:creditLimit": Decimal("0.1"),
            "max:creditLimit": Decimal("0.2"),
            "avg:creditLimit": Decimal("0.15"),
        }
    ]
    assert reply.body["ia::meta"]["totalCount"] == 1
    (row,) = rest.query(CUSTOMERS, "sum:creditLimit", "count:name").result
    assert row == {"sum:creditLimit": Decimal("12345678901234567890.423456789"), "count:name": 4}


def test_a_sum_of_values_that_lie_far_apart_is_answered(rest_with):
    rest = rest_with("--no-demo-data")
    rest.post(CUSTOMERS, [{"name": "N", "creditLimit": limit} for limit in (Decimal("1E+999999999"), 1)])
    (row,) = rest.query(CUSTOMERS, "sum:creditLimit", "avg:creditLimit").result
    assert row["sum:creditLimit"] == Decimal("1E+999999999")


def test_an_average_without_an_end_has_38_digits(rest_with):
    rest = rest_with("--no-demo-data")
    rest.post(CUSTOMERS, [{"name": "N", "creditLimit": limit} for limit in (1, 1, 0)])
    (row,) = rest.query(CUSTOMERS, "avg:creditLimit").result
    assert str(row["avg:creditLimit"]) == "0." + "6" * 37 + "7"


def test_aggregates_of_nothing_are_a_count_of_0_and_nulls(rest):
    filters = [{"$eq": {"id": "nobody"}}]
    assert rest.query(CUSTOMERS, "count:id", "sum:creditLimit", filters=filters).result == [
        {"count:id": 0, "sum:creditLimit": None}
    ]
    assert rest.query(CUSTOMERS, "status", "count:id", filters=filters).result == []


def test_rows_are_grouped_by_the_fields_that_are_no_aggregates(rest):
    for customer, amount in (("CUST-100", "0.10"), ("CUST-200", "7"), ("CUST-100", "0.20")):
        lines = [{"txnAmount": amount, "glAccount": {"id": "5004"}}]
        rest.create(INVOICES, INVOICE | {"customer": {"id": customer}, "lines": lines})
    path = "/objects/accounts-receivable/invoice-line"
    fields = ["invoice.customer.id", "sum:txnAmount", "max:txnAmount", "count:key"]
    reply = rest.query(path, *fields, orderBy=[{"sum:txnAmount": "desc"}])
    assert reply.result == [
        {"invoice.customer.id": "CUST-200", "sum:txnAmount": "7", "max:txnAmount": "7", "count:key": 1},
        {"invoice.customer.id": "CUST-100", "sum:txnAmount": "0.30", "max:txnAmount": "0.20", "count:key": 2},
    ]
    page = rest.query(path, *fields, orderBy=[{"invoice.customer.id": "asc"}], start=2, size=1)
    assert [row["invoice.customer.id"] for row in page.result] == ["CUST-200"]
    assert page.body["ia::meta"]["totalCount"] == 2


def test_an_aggregate_of_a_custom_field_is_one(rest):
    rest.post(CUSTOMERS, [{"name": "N", "nsp::SCORE": score} for score in (1, 2)])
    assert rest.query(CUSTOMERS, "sum:nsp::SCORE").result == [{"sum:nsp::SCORE": 3}]


def test_fields_of_a_referenced_record_are_read_from_it(rest):
    vendor = rest.create(VENDORS, {"id": "V", "name": "Before", "creditLimit": 5})
    rest.create(BILLS, BILL | {"vendor": {"id": "V"}, "billNumber": "B-1"})
    rest.create(BILLS, BILL | {"billNumber": "B-2"})
    fields = ["billNumber", "vendor.id", "vendor.name", "vendor.creditLimit", "vendor.audit.createdBy"]
    limited = {"filters": [{"$eq": {"vendor.creditLimit": "5.0"}}]}
    row = {"billNumber": "B-1", "vendor.id": "V", "vendor.creditLimit": 5, "vendor.audit.createdBy": "1"}
    assert rest.query(BILLS, *fields, **limited).result == [row | {"vendor.name": "Before"}]
    rest.patch(f"{VENDORS}/{vendor}", {"name": "After"})
    assert rest.query(BILLS, *fields, **limited).result == [row | {"vendor.name": "After"}]
    assert [
        each["billNumber"] for each in rest.query(BILLS, *fields, filters=[{"$eq": {"vendor.name": "After"}}]).result
    ] == ["B-1"]
    rest.patch(f"{VENDORS}/{vendor}", {"creditLimit": 6})
    assert rest.query(BILLS, *fields, **limited).result == []


@pytest.mark.parametrize(
    "field", ["vendor.nothing", "vendor.lines.id", "vendor." + "parent." * 5000 + "name", "memo.id"]
)
def test_a_path_that_leads_nowhere_is_refused_by_its_whole_name(rest, field):
    reply = rest.query(BILLS, field)
    assert (reply.status, reply.error["errorId"]) == (400, "REST-1106")
    assert reply.error["additionalInfo"]["placeholders"]["FIELD"] == field


def test_has_finds_a_member_of_an_array(rest):
    rest.emulator.declare_fields("accounts-receivable/customer", {"nsp::PLANS": {"type": "array"}})
    plans = {"A": ["gold", "silver"], "B": ["golden"], "C": [], "D": None}
    rest.post(CUSTOMERS, [{"id": name, "name": "N", "nsp::PLANS": each} for name, each in plans.items()])
    assert ids(rest, CUSTOMERS, {"$has": {"nsp::PLANS": "gold"}}) == ["A"]
    assert ids(rest, CUSTOMERS, {"$has": {"nsp::PLANS": "GOLD"}}) == []
    folded = {"filterParameters": {"caseSensitiveComparison": False}}
    assert ids(rest, CUSTOMERS, {"$has": {"nsp::PLANS": "GOLD"}}, **folded) == ["A"]


def test_values_are_compared_by_value_not_by_their_writing(rest):
    rest.create(CUSTOMERS, {"id": "V", "name": "12", "creditLimit": Decimal("0.30"), "isOnHold": True})
    for condition in (
        {"$eq": {"creditLimit": Decimal("0.3")}},
        {"$eq": {"creditLimit": "0.300"}},
        {"$in": {"creditLimit": [Decimal("3E-1")]}},
        {"$eq": {"isOnHold": True}},
        {"$eq": {"isOnHold": "true"}},
        {"$eq": {"name": 12}},
        {"$startsWith": {"creditLimit": 0}},
    ):
        assert "V" in ids(rest, CUSTOMERS, condition), condition
    assert "V" not in ids(rest, CUSTOMERS, {"$eq": {"creditLimit": Decimal("0.30000000000000000001")}})
    assert "V" not in ids(rest, CUSTOMERS, {"$eq": {"isOnHold": False}})


def test_empty_fields_are_equal_to_null_alone(rest_with):
    rest = rest_with("--no-demo-data")
    rest.post(CUSTOMERS, [{"id": "E", "name": "N"}, {"id": "F", "name": "N", "creditLimit": 0, "notes": ""}])
    assert ids(rest, CUSTOMERS, {"$eq": {"creditLimit": None}}) == ["E"]
    assert ids(rest, CUSTOMERS, {"$ne": {"creditLimit": None}}) == ["F"]
    assert ids(rest, CUSTOMERS, {"$eq": {"notes": None}}) == ["E"]
    assert ids(rest, CUSTOMERS, {"$ne": {"creditLimit": 1}}) == ["E", "F"]
    assert ids(rest, CUSTOMERS, {"$lt": {"creditLimit": 1}}) == ["F"]
    assert ids(rest, CUSTOMERS, {"$eq": {"parent.id": None}}) == ["E", "F"]


def test_an_apostrophe_stands_for_itself(rest):
    rest.post(CUSTOMERS, [{"id": "A", "name": "O'Brien"}, {"id": "B", "name": "O\\'Brien"}])
    assert ids(rest, CUSTOMERS, {"$eq": {"name": "O'Brien"}}) == ["A"]
    assert ids(rest, CUSTOMERS, {"$in": {"name": ["O\\'Brien"]}}) == ["B"]


def test_an_apostrophe_may_need_a_backslash(rest_with):
    rest = rest_with("--apostrophes", "escaped")
    rest.create(CUSTOMERS, {"id": "A", "name": "O'Brien"})
    for condition in ({"$eq": {"name": "O\\'Brien"}}, {"$in": {"name": ["O\\'Brien"]}}, {"$contains": {"name": "\\'"}}):
        assert ids(rest, CUSTOMERS, condition) == ["A"]
    for condition in ({"$eq": {"name": "O'Brien"}}, {"$in": {"name": ["O'Brien"]}}, {"$contains": {"name": "'"}}):
        assert rest.query(CUSTOMERS, "id", filters=[condition]).status == 400


def test_fyles_sdk_is_served(rest):
    """It sends `and` with filters and null without, and goes on by its own page size until `next` is null."""
    rest.post(CUSTOMERS, [{"id": f"F-{number:04}", "name": "Fyle"} for number in range(450)])
    filters, start, pages = [{"$eq": {"name": "Fyle"}}, {"$eq": {"status": "active"}}], 1, []
    while True:
        reply = rest.query(
            CUSTOMERS,
            "id",
            filters=filters,
            filterExpression="and",
            filterParameters={},
            orderBy=[{"id": "asc"}],
            start=start,
            size=200,
        )
        pages.append([row["id"] for row in reply.result])
        if reply.body["ia::meta"].get("next") is None:
            break
        start += 200
    assert [len(page) for page in pages] == [200, 200, 50]
    assert [each for page in pages for each in page] == [f"F-{number:04}" for number in range(450)]
    counted = rest.query(CUSTOMERS, "id", filters=[], filterExpression=None, filterParameters={}, start=1, size=1)
    assert counted.body["ia::meta"]["totalCount"] == 453


def test_keboolas_extractor_is_served(rest):
    """It queries an object by the name that the model lists, private records included, and follows `next`."""
    rest.post(CUSTOMERS, [{"name": "N"}] * 120, X_IA_API_Param_Entity="100")
    listed = [each["apiObject"] for each in rest.get("/services/core/model").result]
    assert "objects/accounts-receivable/customer" in listed
    body = {
        "object": "objects/accounts-receivable/customer",
        "fields": ["key", "entity.id"],
        "filters": [{"$gte": {"audit.modifiedDateTime": "2026-01-01T00:00:00Z"}}],
        "filterParameters": {"includePrivate": True},
        "start": 1,
        "size": 100,
    }
    keys = []
    while body["start"]:
        reply = rest.post("/services/core/query", body)
        keys += [row["key"] for row in reply.result]
        body["start"] = reply.body["ia::meta"]["next"]
    assert len(keys) == len(set(keys)) == 123

import pytest
from fakes import CUSTOMER, CUT, make_client, refused
from sage_answers import found

from destination_sage_intacct import exact_json
from destination_sage_intacct.intacct.classify import Answer
from destination_sage_intacct.intacct.errors import OutageError, SageError
from destination_sage_intacct.intacct.query import Query

QUERY = Query(CUSTOMER, ["key", "name"], [{"$in": {"id": ["C-1", "c-2"]}}])
ROWS = [{"key": str(number)} for number in range(1, 8_002)]


def pages(transport):
    return [exact_json.decode(each.body)["start"] for each in transport.requests]


def test_a_question_minds_case_and_asks_for_an_order_without_which_pages_overlap():
    client, transport = make_client(found(), entity="100")

    client.find(QUERY)

    assert transport.asked == ["POST /services/core/query"]
    assert exact_json.decode(transport.requests[0].body) == {
        "object": CUSTOMER,
        "fields": ["key", "name"],
        "filters": [{"$in": {"id": ["C-1", "c-2"]}}],
        "filterParameters": {"caseSensitiveComparison": True},
        "orderBy": [{"key": "asc"}],
        "start": 1,
        "size": 4000,
    }
    assert transport.requests[0].headers["X-IA-API-Param-Entity"] == "100"
    assert "Idempotency-Key" not in transport.requests[0].headers


def test_filters_may_be_joined_by_an_expression():
    client, transport = make_client(found())
    client.find(Query(CUSTOMER, ["key"], [{"$eq": {"id": "1"}}, {"$eq": {"id": "2"}}], "1 or 2"))
    assert exact_json.decode(transport.requests[0].body)["filterExpression"] == "1 or 2"


def test_records_come_from_one_page():
    client, transport = make_client(found(*ROWS[:3]))
    assert client.find(QUERY) == ROWS[:3]
    assert (len(transport.requests), client.traffic.transactions) == (1, 1)


def test_all_pages_are_read_and_each_is_an_api_transaction():
    first, second, third = (found(*ROWS[at : at + 4000], total=8001) for at in (0, 4000, 8000))
    client, transport = make_client(first, second, third)
    assert client.find(QUERY) == ROWS
    assert pages(transport) == [1, 4001, 8001]
    assert client.traffic.transactions == 3


def test_a_last_page_that_is_full_is_the_last():
    client, transport = make_client(found(*ROWS[:4000]))
    assert len(client.find(QUERY)) == 4000
    assert pages(transport) == [1]


def test_a_count_may_be_told_as_text():
    client, transport = make_client(Answer(200, payload={"ia::result": ROWS[:2], "ia::meta": {"totalCount": "2"}}))
    assert client.find(QUERY) == ROWS[:2]
    assert pages(transport) == [1]


@pytest.mark.parametrize(
    "cut",
    [
        found(*ROWS[:2], total=3),
        Answer(200, payload={"ia::result": []}),
        Answer(200, payload={"ia::result": ROWS[:2], "ia::meta": {}}),
        Answer(200, payload={"ia::result": ROWS[:2], "ia::meta": {"totalCount": "two"}}),
        found(ROWS[0], ROWS[0]),
        found(ROWS[0], {"key": None}),
        found({}),
        found(*ROWS[:3999], total=5000),
        Answer(200, payload={"ia::result": [{"key": "1"}, None]}),
        Answer(200, payload={"ia::result": {}}),
        Answer(200, payload=[]),
        Answer(200),
        CUT,
    ],
)
def test_a_page_that_lacks_records_is_asked_for_again(cut):
    client, transport = make_client(cut, found(*ROWS[:3]))
    assert client.find(QUERY) == ROWS[:3]
    assert pages(transport) == [1, 1]


def test_a_later_page_that_lacks_records_is_asked_for_again():
    script = [found(*ROWS[:4000], total=4003), found(*ROWS[4000:4002], total=4003), found(*ROWS[4000:4003], total=4003)]
    client, transport = make_client(*script)
    assert client.find(QUERY) == ROWS[:4003]
    assert pages(transport) == [1, 4001, 4001]


def test_a_page_that_never_holds_all_it_promises_is_an_outage():
    client, _ = make_client(*[found(*ROWS[:2], total=3)] * 2, max_retries=1)
    with pytest.raises(OutageError, match=r"^Sage Intacct did not answer POST /services/core/query in 2 attempts"):
        client.find(QUERY)


def test_a_refused_question_is_a_value_and_costs_nothing():
    client, _ = make_client(refused(400, "no", error_id="REST-1106"))
    assert client.find(QUERY) == SageError("no", 400, "invalidRequest", "REST-1106")
    assert client.traffic.transactions == 0


def test_a_server_that_gives_smaller_pages_is_asked_until_all_are_there():
    def page(start, keys):
        meta = {"totalCount": 3, "start": start, "pageSize": 2}
        return Answer(200, {}, {"ia::result": [{"key": key} for key in keys], "ia::meta": meta})

    client, transport = make_client(page(1, "12"), page(3, "3"))
    assert client.find(QUERY) == [{"key": "1"}, {"key": "2"}, {"key": "3"}]
    assert pages(transport) == [1, 3]

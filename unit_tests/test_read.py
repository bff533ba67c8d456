"""Records are read by a question or by their record keys, and none is missed."""

import pytest
from fakes import CUSTOMER, CUT, GONE, make_client, refused
from sage_answers import bad, found

from destination_sage_intacct import exact_json
from destination_sage_intacct.intacct.classify import Answer, NoResponse
from destination_sage_intacct.intacct.errors import AccessError, OutageError, SageError
from destination_sage_intacct.intacct.query import Count, Query

QUERY = Query(CUSTOMER, ["key", "name"], [{"$in": {"id": ["C-1", "c-2"]}}])
ROWS = [{"key": str(number)} for number in range(1, 8_002)]
CLOSED = refused(403, "no permission for this record")
MISSING = SageError("no such record", 404, "notFound")
FORBIDDEN = SageError("no permission for this record", 403, "invalidRequest")
TOO_LARGE = NoResponse(may_have_been_sent=True, reason="the answer holds too much", is_too_large=True)


def pages(transport):
    return [exact_json.decode(each.body)["start"] for each in transport.requests]


def test_a_question_minds_case_and_asks_for_an_order_without_which_pages_overlap():
    client, transport = make_client(found(), found(), entity="100")
    client.find(QUERY)
    client.find(Query(CUSTOMER, ["key"], [{"$eq": {"id": "1"}}, {"$eq": {"id": "2"}}], "1 or 2"))

    assert transport.asked == ["POST /services/core/query"] * 2
    assert exact_json.decode(transport.requests[0].body) == {
        "object": CUSTOMER,
        "fields": ["key", "name"],
        "filters": [{"$in": {"id": ["C-1", "c-2"]}}],
        "filterParameters": {"caseSensitiveComparison": True},
        "orderBy": [{"key": "asc"}],
        "start": 1,
        "size": 4000,
    }
    assert exact_json.decode(transport.requests[1].body)["filterExpression"] == "1 or 2"
    assert transport.requests[0].headers["X-IA-API-Param-Entity"] == "100"
    assert "Idempotency-Key" not in transport.requests[0].headers


@pytest.mark.parametrize("count", [3, 4000, 8001])
def test_all_pages_are_read_and_each_is_an_api_transaction(count):
    starts = range(0, count, 4000)
    client, transport = make_client(*(found(*ROWS[at : min(at + 4000, count)], total=count) for at in starts))
    assert client.find(QUERY) == ROWS[:count]
    assert pages(transport) == [at + 1 for at in starts]
    assert client.traffic.transactions == len(starts)


def test_to_count_records_only_the_first_one_is_read():
    client, transport = make_client(found(*ROWS[:1], total=7))
    assert client.count(QUERY) == Count(7, ROWS[0])
    asked = exact_json.decode(transport.requests[0].body)
    assert (asked["start"], asked["size"]) == (1, 1)
    assert client.traffic.transactions == 1


def listed(records, **meta):
    return Answer(200, payload={"ia::result": records, "ia::meta": meta})


def test_pages_may_be_smaller_and_a_count_be_a_text():
    pair = listed(ROWS[:2], totalCount="3", start=1, pageSize=2)
    client, transport = make_client(pair, listed(ROWS[2:3], totalCount=3, start=3, pageSize=2))
    assert client.find(QUERY) == ROWS[:3]
    assert pages(transport) == [1, 3]


@pytest.mark.parametrize(
    "cut",
    [
        *(found(*ROWS[:2], total=3), found(*ROWS[:3999], total=5000)),
        *(found(ROWS[0], ROWS[0]), found(ROWS[0], {"key": None}), found({})),
        *(listed(ROWS[:2]), listed(ROWS[:2], totalCount="two"), listed([{"key": "1"}, None]), listed({})),
        *(Answer(200, payload={"ia::result": []}), Answer(200, payload=[]), Answer(200), CUT),
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


def record(key):
    return {"key": key, "lines": [{"key": f"{key}-1"}]}


def whole(*keys):
    return Answer(200, {}, {"ia::result": [record(key) for key in keys]})


def mixed(*results, status=207):
    return Answer(status, {}, {"ia::result": list(results)})


def alone(key):
    return Answer(200, {}, {"ia::result": record(key)})


def address(*keys):
    return f"GET /objects/{CUSTOMER}/{','.join(keys)}"


def test_several_records_are_read_at_once_with_their_lines():
    client, transport = make_client(whole("8", "7"), entity="100")
    assert client.read(CUSTOMER, ["7", "8"]) == {"7": record("7"), "8": record("8")}
    assert transport.asked == [address("7", "8")]
    assert transport.requests[0].headers["X-IA-API-Param-Entity"] == "100"
    assert client.traffic.transactions == 1


def test_one_record_comes_as_an_object_and_its_key_may_be_a_number_and_no_keys_need_no_request():
    client, transport = make_client(Answer(200, {}, {"ia::result": {"key": 7}}))
    assert client.read(CUSTOMER, ["7"]) == {"7": {"key": 7}}
    assert client.read(CUSTOMER, []) == {}
    assert len(transport.requests) == 1


def test_many_records_are_read_fifty_at_a_time():
    keys = [str(number) for number in range(1, 121)]
    asked_for = [lambda request: whole(*request.url.rpartition("/")[2].split(","))] * 3  # side by side, in any order
    client, transport = make_client(*asked_for)
    assert list(client.read(CUSTOMER, keys)) == keys
    assert sorted(transport.asked) == sorted([address(*keys[:50]), address(*keys[50:100]), address(*keys[100:])])


@pytest.mark.parametrize(
    ("script", "records", "asked"),
    [
        # A record that is missing does not hide the others; one alone is asked for once.
        ([GONE, alone("7"), GONE, GONE, alone("9")], {"7": 7, "8": MISSING, "9": 9}, ["7,8,9", "7", "8,9", "8", "9"]),
        ([GONE], {"7": MISSING}, ["7"]),
        # One that may not be read says nothing about the others.
        ([CLOSED, CLOSED, alone("8")], {"7": FORBIDDEN, "8": 8}, ["7,8", "7", "8"]),
        ([GONE, CLOSED, alone("8")], {"7": FORBIDDEN, "8": 8}, ["7,8", "7", "8"]),
        # One that the list leaves out is read alone.
        ([whole("8"), alone("7")], {"7": 7, "8": 8}, ["7,8", "7"]),
        # An error never hides a record that is named elsewhere in the list.
        ([mixed(bad("gone", 404), record("7")), GONE], {"7": 7, "8": MISSING}, ["7,8", "8"]),
        # Another record than the one asked for is never taken for it.
        ([alone("8"), alone("7")], {"7": 7}, ["7", "7"]),
        # Records that are too large together are read in halves.
        (
            [TOO_LARGE, whole("1", "2"), TOO_LARGE, alone("3"), alone("4")],
            {"1": 1, "2": 2, "3": 3, "4": 4},
            ["1,2,3,4", "1,2", "3,4", "3", "4"],
        ),
    ],
)
def test_each_record_is_read_or_has_its_error(script, records, asked):
    client, transport = make_client(*script)
    expected = {key: record(key) if isinstance(found, int) else found for key, found in records.items()}
    assert client.read(CUSTOMER, list(records)) == expected
    assert transport.asked == [address(keys) for keys in asked]


def test_an_object_that_may_not_be_read_at_all_ends_the_run():
    client, _ = make_client(refused(403, "no permission"))
    with pytest.raises(AccessError, match=r"^Access to accounts-receivable/customer is denied \(403\)"):
        client.read(CUSTOMER, ["7", "8"])


@pytest.mark.parametrize("status", [207, 404])
def test_an_error_in_the_list_is_that_of_the_record_in_its_place(status):
    """Errors name no key (Sage REST guide, bulk requests)."""
    client, transport = make_client(mixed(bad("gone", 404), record("8"), bad("closed", 422), status=status))
    assert client.read(CUSTOMER, ["7", "8", "9"]) == {
        "7": SageError("gone", 404, "operationFailed"),
        "8": record("8"),
        "9": SageError("closed", 422, "operationFailed"),
    }
    assert len(transport.requests) == 1


@pytest.mark.parametrize("status", [429, 500])
@pytest.mark.parametrize(("then", "found"), [(alone("7"), record("7")), (GONE, MISSING)])
def test_a_record_that_cannot_be_read_just_now_is_read_once_more_alone(status, then, found):
    client, transport = make_client(mixed(bad("busy", status), record("8")), then)
    assert client.read(CUSTOMER, ["7", "8"]) == {"7": found, "8": record("8")}
    assert transport.asked == [address("7", "8"), address("7")]


@pytest.mark.parametrize("lost", [CUT, Answer(200), Answer(200, {}, {"ia::result": ["7", "8"]}), whole("7", "8", "9")])
def test_an_answer_that_cannot_be_read_is_asked_for_again(lost):
    client, _ = make_client(lost, whole("7", "8"))
    assert list(client.read(CUSTOMER, ["7", "8"])) == ["7", "8"]


@pytest.mark.parametrize(("lost", "text"), [([CUT], "did not answer GET /objects/"), ([TOO_LARGE], "holds too much")])
def test_records_that_never_come_are_an_outage(lost, text):
    client, transport = make_client(*lost, max_retries=0)
    with pytest.raises(OutageError, match=text):
        client.read(CUSTOMER, ["7"])
    assert transport.is_used_up

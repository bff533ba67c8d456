import pytest
from fakes import CUSTOMER, make_client, refused
from sage_answers import found

from destination_sage_intacct import exact_json
from destination_sage_intacct.intacct.classify import Answer, NoResponse
from destination_sage_intacct.intacct.errors import OutageError, SageError
from destination_sage_intacct.intacct.model import Field, ListedObject, Model
from destination_sage_intacct.intacct.query import Query


def test_the_first_page_of_an_object_proves_that_it_can_be_read():
    client, transport = make_client(Answer(200, payload={"ia::result": []}), refused(404, "no"), entity="100")

    assert client.list_page(CUSTOMER) is None
    assert client.list_page(CUSTOMER) == SageError("no", 404, "invalidRequest")
    assert transport.asked == [f"GET /objects/{CUSTOMER}"] * 2
    assert transport.requests[0].headers["X-IA-API-Param-Entity"] == "100"


def test_a_model_is_asked_for_by_the_objects_name():
    payload = {"ia::result": {"fields": {"id": {"type": "string"}}, "httpMethods": "GET,POST"}}
    client, transport = make_client(Answer(200, payload=payload), refused(404, "no such service", "notFound"))

    assert client.model("platform-apps/nsp::x y") == Model(
        "platform-apps/nsp::x y", {"id": Field("string")}, frozenset({"GET", "POST"})
    )
    assert transport.queries == [{"name": "platform-apps/nsp::x y"}]
    assert client.model(CUSTOMER) == SageError("no such service", 404, "notFound")


def test_without_a_name_the_service_is_asked_which_objects_there_are():
    payload = {"ia::result": [{"apiObject": "objects/accounts-payable/vendor", "httpMethods": "GET"}]}
    client, transport = make_client(Answer(200, payload=payload), refused(403, "no"))

    assert client.objects() == (ListedObject("accounts-payable/vendor", frozenset({"GET"})),)
    assert client.objects() == SageError("no", 403, "invalidRequest")
    assert transport.asked == ["GET /services/core/model"] * 2


@pytest.mark.parametrize("page", [Answer(200), Answer(200, payload=[]), Answer(404, unreadable="an HTML page")])
def test_a_page_that_is_not_the_model_services_says_nothing_about_a_model(page):
    client, _ = make_client(page, max_retries=0)

    with pytest.raises(OutageError, match="not an answer of Sage Intacct"):
        client.model(CUSTOMER)


def test_records_are_found_by_their_visible_id_at_the_top_level():
    rows = [{"key": "12", "id": "100"}, {"key": 13, "id": "100"}]
    client, transport = make_client(found(*rows), entity="100")

    assert client.find_ids("company-config/entity", "100") == ["12", "13"]
    (request,) = transport.requests
    assert transport.asked == ["POST /services/core/query"]
    asked = exact_json.decode(request.body)
    assert asked["object"] == "company-config/entity"
    assert asked["fields"] == ["key", "id"]
    assert asked["filters"] == [{"$eq": {"id": "100"}}]
    assert "X-IA-API-Param-Entity" not in request.headers


def test_a_query_finds_nothing_or_is_refused():
    client, _ = make_client(found(), refused(400, "no", error_id="REST-1106"))

    assert client.find_ids(CUSTOMER, "C1") == []
    assert client.find_ids(CUSTOMER, "C1") == SageError("no", 400, "invalidRequest", "REST-1106")


@pytest.mark.parametrize("answer", [Answer(200, payload={"ia::result": {}}), Answer(200)])
def test_a_query_without_a_list_is_no_answer(answer):
    client, _ = make_client(answer, max_retries=0)

    with pytest.raises(OutageError, match=r"^Sage Intacct did not answer POST /services/core/query in 1 attempt: "):
        client.find_ids(CUSTOMER, "C1")


def test_a_page_that_is_too_large_is_asked_for_in_smaller_ones():
    too_large = NoResponse(may_have_been_sent=True, reason="the answer holds too much", is_too_large=True)
    rows = [{"key": str(number)} for number in range(1, 901)]
    pages = [found(*rows[start : start + 400], total=900, start=start + 1) for start in (0, 400, 800)]
    for page in pages:
        page.payload["ia::meta"]["pageSize"] = 400
    client, transport = make_client(too_large, *pages)

    assert client.find(Query(CUSTOMER, ["key"], [])) == rows
    asked = [exact_json.decode(each.body) for each in transport.requests]
    assert [(each["start"], each["size"]) for each in asked] == [(1, 4000), (1, 400), (401, 400), (801, 400)]

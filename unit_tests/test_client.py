import pytest
from fakes import CUSTOMER, CUT, GONE, KEY_RUNNING, changed, create, created, make_client, new_record, refused, replayed
from sage_answers import found

from destination_sage_intacct import exact_json
from destination_sage_intacct.intacct.address import address, escaped
from destination_sage_intacct.intacct.bulk import Capabilities, ChangedRecord, Written
from destination_sage_intacct.intacct.classify import Answer, NoResponse
from destination_sage_intacct.intacct.errors import AccessError, OutageError, SageError
from destination_sage_intacct.intacct.model import Field, ListedObject, Model
from destination_sage_intacct.intacct.query import Query

VENDOR = "accounts-payable/vendor"
CREATE = f"POST /objects/{CUSTOMER}"
PATCH = f"PATCH /objects/{CUSTOMER}/34"
READ = f"GET /objects/{CUSTOMER}/34"
PUT = f"PUT /objects/{CUSTOMER}/34"
NO_PATCH = refused(405, "Method not allowed")


def update(client, key="34", path=CUSTOMER):
    (result,) = client.update(path, [ChangedRecord(key, b'{"creditLimit":10000}')])
    return result


def test_a_record_is_created_under_its_own_key_and_none_without_a_request():
    client, transport = make_client(created("32"), entity="100")
    assert (create(client), client.create(CUSTOMER, []), client.update(CUSTOMER, [])) == (Written("32"), [], [])
    (request,) = transport.requests
    assert (transport.asked, request.body) == ([CREATE], b'{"name":"Starluck"}')
    assert (request.headers["Idempotency-Key"], request.headers["X-IA-API-Param-Entity"]) == ("key-0", "100")


ERROR = {"ia::error": {"message": "no", "code": "x"}}


@pytest.mark.parametrize(("status", "held", "result"), [
    (201, {"key": "32"}, Written("32")), (201, {"key": 32}, Written("32")),
    (201, [{"key": "32", "ia::status": 201}], Written("32")),
    (201, ERROR, SageError("no", 201, "x")),
    *((status, [{"ia::status": 422} | ERROR], SageError("no", 422, "x")) for status in (201, 207, 422)),
    (201, [{"ia::status": 422}], SageError("HTTP 422 without an explanation", 422)),
])  # fmt: skip
def test_an_answer_is_read_in_every_shape(status, held, result):
    client, transport = make_client(Answer(status, payload={"ia::result": held}))
    assert create(client) == result
    assert transport.asked == [CREATE]


def test_a_record_is_updated_by_patch_under_a_key_of_this_one_request():
    client, transport = make_client(changed("34"), changed("34"), entity="100")

    assert update(client) == update(client) == Written("34")
    request, again = transport.requests
    assert transport.asked == [PATCH, PATCH]
    assert request.body == again.body == b'{"creditLimit":10000}'
    assert request.headers["Idempotency-Key"] != again.headers["Idempotency-Key"]
    assert request.headers["X-IA-API-Param-Entity"] == "100"


def test_put_is_used_from_then_on_for_the_object_that_does_not_allow_patch():
    warnings = []
    client, transport = make_client(NO_PATCH, *[changed("34")] * 3, capabilities=Capabilities(500, warnings.append))
    assert [update(client), update(client), update(client, path=VENDOR)] == [Written("34")] * 3
    assert transport.asked == [PATCH, PUT, PUT, f"PATCH /objects/{VENDOR}/34"]
    assert warnings == [f"This server updates {CUSTOMER} by PUT, not by PATCH; updates go by PUT from here on."]


@pytest.mark.parametrize(("script", "message", "asked"), [
    ([NO_PATCH, *[refused(422, "no")] * 2], "no", [PATCH, PUT, PUT]),
    ([NO_PATCH, refused(405, "PUT not allowed either")] * 2, "Method not allowed", [PATCH, PUT] * 2),
])  # fmt: skip
def test_a_refused_put_is_the_records_own_refusal_and_where_neither_is_allowed_the_first_one_counts(
    script, message, asked
):
    client, transport = make_client(*script)
    assert [update(client).message, update(client).message] == [message, message]
    assert transport.asked == asked


@pytest.mark.parametrize(("read", "result", "asked", "body"), [
    (created("34"), Written("34"), [PATCH, READ, PUT], b'{"name":"N","was":"34"}'),
    (GONE, SageError("no such record", 404, "notFound"), [PATCH, READ], None),
])  # fmt: skip
def test_a_put_holds_all_that_its_record_holds_which_is_read_before(read, result, asked, body):
    client, transport = make_client(NO_PATCH, read, changed("34"))
    record = ChangedRecord("34", b'{"name":"N"}', in_whole=lambda own: b'{"name":"N","was":"%s"}' % own["key"].encode())
    assert client.update(CUSTOMER, [record]) == [result]
    assert transport.asked == asked
    assert transport.requests[-1].body == body


IN_A_FIELD = {"code": "operationFailed", "message": "m", "details": [{"message": "no", "target": "/creditLimit"}]}


@pytest.mark.parametrize("write", [create, update])
def test_a_forbidden_object_ends_the_run(write):
    client, transport = make_client(refused(403, "You do not have permission.", "forbidden", "GW-0042"))
    with pytest.raises(
        AccessError, match=rf"^Access to {CUSTOMER} is denied \(403\)\. .*permission\. \[GW-0042\] Give"
    ):
        write(client)
    assert len(transport.requests) == 1


@pytest.mark.parametrize("write", [create, update])
@pytest.mark.parametrize(("answer", "field"), [
    (refused(403, "The user may not change this record", "forbidden"), ""),
    (Answer(403, payload={"ia::result": {"ia::error": IN_A_FIELD}}), "creditLimit"),
])  # fmt: skip
def test_a_forbidden_record_or_field_is_the_rows_own_refusal(write, answer, field):
    client, _ = make_client(answer)
    assert write(client).field == field


def test_a_page_a_model_and_the_list_of_objects_are_read_or_refused():
    name = "platform-apps/nsp::x y"
    model = {"fields": {"id": {"type": "string"}}, "httpMethods": "GET,POST"}
    listed = [{"apiObject": f"objects/{VENDOR}", "httpMethods": "GET"}]
    script = [each for held in ([], model, listed) for each in (Answer(200, payload={"ia::result": held}), GONE)]
    client, transport = make_client(*script, entity="100")
    gone = SageError("no such record", 404, "notFound")

    assert [client.list_page(CUSTOMER), client.list_page(CUSTOMER)] == [None, gone]
    assert client.model(name) == Model(name, {"id": Field("string")}, frozenset({"GET", "POST"}))
    assert client.model(CUSTOMER) == gone
    assert [client.objects(), client.objects()] == [(ListedObject(VENDOR, frozenset({"GET"})),), gone]
    assert transport.queries == [{}, {}, {"name": name}, {"name": CUSTOMER}, {}, {}]
    assert transport.asked[::4] == [f"GET /objects/{CUSTOMER}", "GET /services/core/model"]
    assert transport.requests[0].headers["X-IA-API-Param-Entity"] == "100"


@pytest.mark.parametrize(("answer", "ask", "text"), [
    *((page, lambda client: client.model(CUSTOMER), "not an answer of Sage Intacct")
      for page in (Answer(200), Answer(200, payload=[]), Answer(404, unreadable="an HTML page"))),
    *((page, lambda client: client.find_ids(CUSTOMER, "C1"), "did not answer POST /services/core/query in 1 attempt: ")
      for page in (Answer(200), Answer(200, payload={"ia::result": {}}))),
])  # fmt: skip
def test_a_page_of_another_form_says_nothing_about_a_model_or_a_query(answer, ask, text):
    client, _ = make_client(answer, max_retries=0)
    with pytest.raises(OutageError, match=text):
        ask(client)


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


READ_BACK = f"GET /objects/{CUSTOMER}/32"
FOUND = Answer(200, payload={"ia::result": {"key": "32", "id": "CUST-32"}})
KEY_EXPIRED = refused(409, "The response stored for this idempotency key is no longer available")


def fresh(answer):
    """As the server of the second reading gives it to a request that was sent at noon."""
    return replayed(answer, "2026-09-21T14:13:20Z", date="Mon, 21 Sep 2026 14:13:20 GMT")


REPLAYED = replayed(created("32"))
CLOSED = replayed(refused(422, "period closed"))
USED = refused(409, "The idempotency key was used with a different payload")
OF_ANOTHER_BODY = SageError("The idempotency key was used with a different payload", 409, "invalidRequest")
OLD, NEW = Written("32", replayed=True), Written("32")
NO = SageError("no", 422, "invalidRequest")
STILL_CLOSED = SageError("period closed", 422, "invalidRequest")


@pytest.mark.parametrize(("script", "result", "keys", "transactions"), [
    ([created("32")], NEW, "0", 1), ([refused(422, "no")], NO, "0", 0), ([USED], OF_ANOTHER_BODY, "0", 0),
    # A lost create is sent again under its key, not booked twice; the stored answer may be of an earlier run.
    ([CUT, REPLAYED, FOUND], OLD, "0 0 -", 1),
    ([CUT, fresh(created("32")), FOUND], OLD, "0 0 -", 2),
    ([CUT, REPLAYED, GONE, created("77")], Written("77"), "0 0 - 1", 1),
    # What an earlier run made is believed if it is there, and was paid by that run.
    ([REPLAYED, FOUND], OLD, "0 -", 1),
    ([REPLAYED, refused(403, "Forbidden")], OLD, "0 -", 0),
    ([REPLAYED, GONE, created("77")], Written("77"), "0 - 1", 1),
    # Stored failures are stepped over, but not without end.
    ([CLOSED, created("32")], NEW, "0 1", 1), ([CLOSED, refused(422, "no")], NO, "0 1", 0),
    ([CLOSED, CLOSED, created("32")], NEW, "0 1 2", 1),
    ([CLOSED] * 50, STILL_CLOSED, " ".join(map(str, range(50))), 0),
    # Sage's guide can be read so that every answer to a keyed request carries the date.
    ([fresh(created("32")), FOUND], NEW, "0 -", 2), ([fresh(refused(422, "no"))], NO, "0", 0),
])  # fmt: skip
def test_a_create_is_booked_once_whatever_is_stored_under_its_key(script, result, keys, transactions):
    client, transport = make_client(*script)

    assert create(client) == result
    assert [(key or "-").removeprefix("key-") for key in transport.idempotency_keys] == keys.split()
    assert set(transport.asked) <= {CREATE, READ_BACK}
    assert client.traffic.transactions == transactions
    assert transport.is_used_up


def test_a_replay_that_names_no_record_proves_nothing():
    stored = replayed(Answer(201, payload={"ia::result": {}}))
    client, transport = make_client(stored, stored, max_retries=1)
    with pytest.raises(OutageError):
        create(client)
    assert transport.idempotency_keys == ["key-0", "key-0"]


@pytest.mark.parametrize("record", [new_record(may_repeat=True), new_record(unique_id="C-1")])
@pytest.mark.parametrize(("second", "result"), [(created("32"), Written), (KEY_EXPIRED, SageError)])
def test_an_expired_key_is_replaced_once_where_that_cannot_book_twice(record, second, result):
    client, transport = make_client(KEY_EXPIRED, second)
    assert isinstance(create(client, record), result)
    assert transport.idempotency_keys == ["key-0", "key-1"]


def test_a_row_that_was_sent_before_and_cannot_be_looked_for_is_not_booked_under_another_key():
    client, transport = make_client(KEY_EXPIRED)
    result = create(client)
    assert isinstance(result, SageError)
    assert (result.code, transport.idempotency_keys) == ("may_exist", ["key-0"])
    assert "between 2026-07-23 and 2026-09-19" in result.message


def test_a_key_that_stays_taken_beyond_any_request_settles_nothing_and_books_nothing_twice():
    client, transport = make_client(KEY_RUNNING, KEY_RUNNING, wait_budget=1.0)

    with pytest.raises(OutageError) as caught:
        create(client)
    assert str(caught.value) == (
        "Sage Intacct is still working on an earlier attempt to create records of accounts-receivable/customer, for "
        "longer than any request may take, so it is not known yet whether they were created. Nothing was sent twice; "
        "the next sync "
        "asks again."
    )
    assert transport.idempotency_keys == ["key-0", "key-0"]


@pytest.mark.parametrize(("path", "keys", "at"), [
    ("accounts-payable/vendor", (), "/objects/accounts-payable/vendor"),
    ("accounts-payable/vendor", ("7", "a b"), "/objects/accounts-payable/vendor/7,a%20b"),
    ("purchasing/document::Vendor Invoice", ("73",), "/objects/purchasing/document::Vendor%20Invoice/73"),
    ("order-entry/document::100% A&B?", (), "/objects/order-entry/document::100%25%20A%26B%3F"),
    # A key stays one part of the address.
    ("a/b", ["x/y,z", "1?x=y", "#1", "é"], "/objects/a/b/x%2Fy%2Cz,1%3Fx%3Dy,%231,%C3%A9"),
    ("platform-apps/nsp::größe", (), "/objects/platform-apps/nsp::gr%C3%B6%C3%9Fe"),
])  # fmt: skip
def test_typed_and_custom_objects_are_spelt_as_in_sages_own_links(path, keys, at):
    assert address(path, keys) == at
    assert escaped(path) in at

import itertools
from urllib.parse import unquote

import pytest
from fakes import (
    CUSTOMER,
    FakeClock,
    ScriptedExchange,
    changed,
    created,
    make_transport,
    refused,
    replayed,
)

from destination_sage_intacct import exact_json
from destination_sage_intacct.intacct.client import (
    ChangedRecord,
    IntacctClient,
    NewRecord,
    Refused,
    Written,
    access_text,
)
from destination_sage_intacct.intacct.errors import AccessError, OutageError, SageError
from destination_sage_intacct.intacct.verdict import Answer, Lost

CREATE = f"POST /objects/{CUSTOMER}"
PATCH = f"PATCH /objects/{CUSTOMER}/34"
PUT = f"PUT /objects/{CUSTOMER}/34"
READ = f"GET /objects/{CUSTOMER}/32"
CUT = Lost(sent=True, reason="the connection was cut before the answer was complete")
FOUND = Answer(200, payload={"ia::result": {"key": "32", "id": "CUST-32"}})
GONE = refused(404, "no such record", "notFound")
KEY_EXPIRED = refused(409, "The response stored for this idempotency key is no longer available")
KEY_RUNNING = refused(409, "Another request with the same idempotency key is being processed")
NO_PUT = refused(405, "Method not allowed")


def make_client(*script, entity="", **settings):
    exchange = ScriptedExchange(*script)
    return IntacctClient(make_transport(exchange, **settings), entity), exchange


def new(*keys, body=b'{"name":"Starluck"}'):
    return NewRecord(body, keys or ("key-0", "key-1", "key-2"))


def create(client, record=None):
    (result,) = client.create(CUSTOMER, [record or new()])
    return result


def update(client, key="34", path=CUSTOMER):
    (result,) = client.update(path, [ChangedRecord(key, b'{"creditLimit":10000}')])
    return result


def test_a_record_is_created_under_its_own_key():
    client, exchange = make_client(created("32"), entity="100")

    assert create(client) == Written("32")
    (request,) = exchange.requests
    assert exchange.asked == [CREATE]
    assert request.body == b'{"name":"Starluck"}'
    assert (request.headers["Idempotency-Key"], request.headers["X-IA-API-Param-Entity"]) == ("key-0", "100")


def test_each_record_has_its_own_result_in_its_place():
    client, exchange = make_client(created("1"), refused(422, "no"), created("3"))

    results = client.create(CUSTOMER, [new(str(number)) for number in range(3)])

    assert [type(result) for result in results] == [Written, Refused, Written]
    assert exchange.idempotency_keys == ["0", "1", "2"]


def test_no_records_need_no_request():
    client, exchange = make_client()

    assert (client.create(CUSTOMER, []), client.update(CUSTOMER, [])) == ([], [])
    assert exchange.requests == []


def test_a_refused_record_is_a_value_and_its_key_is_not_tried_again():
    client, exchange = make_client(refused(422, "Customer type is required", error_id="AR-0148"))

    assert create(client) == Refused(SageError("Customer type is required", 422, "invalidRequest", "AR-0148"))
    assert exchange.asked == [CREATE]


@pytest.mark.parametrize(
    ("payload", "result"),
    [
        ({"ia::result": {"key": "32"}}, Written("32")),
        ({"ia::result": {"key": 32}}, Written("32")),
        ({"ia::result": [{"key": "32", "ia::status": 201}]}, Written("32")),
        ({"ia::result": {}}, Written()),
        ({"ia::result": [None]}, Written()),
        (None, Written()),
        ({"ia::result": {"ia::error": {"message": "no", "code": "x"}}}, Refused(SageError("no", 201, "x"))),
        (
            {"ia::result": [{"ia::status": 422, "ia::error": {"message": "no", "code": "x"}}]},
            Refused(SageError("no", 422, "x")),
        ),
        ({"ia::result": [{"ia::status": 422}]}, Refused(SageError("HTTP 422 without an explanation", 422))),
    ],
)
def test_an_answer_is_read_in_every_shape(payload, result):
    client, _ = make_client(Answer(201, payload=payload))

    assert create(client) == result


def test_a_refusal_in_a_list_of_one_is_read_whatever_the_status_around_it():
    item = {"ia::status": 422, "ia::error": {"message": "no", "code": "x"}}
    for status in (207, 422):
        client, _ = make_client(Answer(status, payload={"ia::result": [item]}))

        assert create(client) == Refused(SageError("no", 422, "x"))


def test_a_lost_create_is_sent_again_under_the_same_key_and_not_booked_twice():
    client, exchange = make_client(CUT, replayed(created("32")))

    assert create(client) == Written("32", replayed=True)
    assert exchange.idempotency_keys == ["key-0", "key-0"]
    assert exchange.asked == [CREATE, CREATE]  # no look at the record: this process sent it itself


def test_a_stored_failure_gets_one_new_attempt_under_a_new_key():
    client, exchange = make_client(replayed(refused(422, "period closed")), created("32"))

    assert create(client) == Written("32")
    assert exchange.idempotency_keys == ["key-0", "key-1"]


def test_a_stored_failure_that_fails_anew_stands():
    client, exchange = make_client(replayed(refused(422, "period closed")), refused(422, "period still closed"))

    result = create(client)

    assert isinstance(result, Refused)
    assert result.error.message == "period still closed"
    assert exchange.idempotency_keys == ["key-0", "key-1"]


def test_stored_failures_of_earlier_syncs_are_stepped_over():
    stored = replayed(refused(422, "period closed"))
    client, exchange = make_client(stored, stored, created("32"))

    assert create(client) == Written("32")
    assert exchange.idempotency_keys == ["key-0", "key-1", "key-2"]


def test_when_every_key_holds_a_stored_failure_it_stands():
    stored = replayed(refused(422, "period closed"))
    client, _ = make_client(stored, stored, stored)

    result = create(client)

    assert isinstance(result, Refused)
    assert result.error.message == "period closed"


def test_keys_without_end_are_not_tried_without_end():
    client, exchange = make_client(*[replayed(refused(422, "period closed"))] * 50)
    keys = (f"key-{number}" for number in itertools.count())

    assert isinstance(create(client, NewRecord(b"{}", keys)), Refused)
    assert len(exchange.requests) == 50


def test_without_any_key_nothing_is_sent():
    client, exchange = make_client()

    assert create(client, NewRecord(b"{}", ())) == Refused(
        SageError("no idempotency key was left to try", code="idempotency")
    )
    assert exchange.requests == []


def test_a_replay_of_an_earlier_run_is_believed_when_its_record_exists():
    client, exchange = make_client(replayed(created("32")), FOUND)

    assert create(client) == Written("32", replayed=True)
    assert exchange.asked == [CREATE, READ]


def test_a_replay_whose_record_is_gone_is_sent_under_a_new_key():
    client, exchange = make_client(replayed(created("32")), GONE, created("77"))

    assert create(client) == Written("77")
    assert exchange.asked == [CREATE, READ, CREATE]
    assert exchange.idempotency_keys == ["key-0", None, "key-1"]


def test_a_record_that_may_not_be_read_is_taken_to_exist():
    client, _ = make_client(replayed(created("32")), refused(403, "Forbidden"))

    assert create(client) == Written("32", replayed=True)


def test_a_replay_that_names_no_record_is_believed():
    client, exchange = make_client(replayed(Answer(201, payload={"ia::result": {}})))

    assert create(client) == Written("", replayed=True)
    assert exchange.asked == [CREATE]


def test_an_expired_key_is_replaced():
    client, exchange = make_client(KEY_EXPIRED, created("32"))

    assert create(client) == Written("32")
    assert exchange.idempotency_keys == ["key-0", "key-1"]


def test_a_key_that_stays_taken_beyond_any_request_is_replaced():
    clock = FakeClock()
    client, exchange = make_client(KEY_RUNNING, KEY_RUNNING, created("32"), clock=clock, wait_budget=1.0)

    assert create(client) == Written("32")
    assert exchange.idempotency_keys == ["key-0", "key-0", "key-1"]


def test_a_key_that_was_used_for_another_body_is_a_refusal():
    client, exchange = make_client(refused(409, "The idempotency key was used with a different payload"))

    assert isinstance(create(client), Refused)
    assert len(exchange.requests) == 1


def test_a_duplicate_is_a_refusal():
    client, exchange = make_client(refused(409, "Another record with the value C1 already exists"))

    assert isinstance(create(client), Refused)
    assert len(exchange.requests) == 1


def test_an_outage_is_no_result():
    client, _ = make_client(CUT, max_retries=0)

    with pytest.raises(OutageError):
        create(client)


def test_a_record_is_updated_by_patch_without_an_idempotency_key():
    client, exchange = make_client(changed("34"), entity="100")

    assert update(client) == Written("34")
    (request,) = exchange.requests
    assert exchange.asked == [PATCH]
    assert request.body == b'{"creditLimit":10000}'
    assert "Idempotency-Key" not in request.headers
    assert request.headers["X-IA-API-Param-Entity"] == "100"


def test_updates_keep_the_order_of_their_rows():
    client, exchange = make_client(changed("1"), GONE, changed("1"))

    results = client.update(CUSTOMER, [ChangedRecord(key, b"{}") for key in ("1", "2", "1")])

    assert [type(result) for result in results] == [Written, Refused, Written]
    assert [asked.rsplit("/", 1)[1] for asked in exchange.asked] == ["1", "2", "1"]


def test_where_patch_is_not_allowed_put_is_used_from_then_on():
    client, exchange = make_client(NO_PUT, changed("34"), changed("34"))

    assert not client.replaces(CUSTOMER)
    assert [update(client), update(client)] == [Written("34")] * 2
    assert exchange.asked == [PATCH, PUT, PUT]
    assert client.replaces(CUSTOMER)


def test_put_is_used_only_for_the_object_that_asks_for_it():
    client, exchange = make_client(NO_PUT, changed("34"), changed("5"))
    update(client)

    update(client, "5", "accounts-payable/vendor")

    assert exchange.asked[-1] == "PATCH /objects/accounts-payable/vendor/5"


def test_where_neither_is_allowed_the_first_refusal_stands():
    client, exchange = make_client(NO_PUT, refused(405, "PUT not allowed either"), NO_PUT, NO_PUT)

    for _ in range(2):
        result = update(client)
        assert isinstance(result, Refused)
        assert result.error.message == "Method not allowed"
    assert exchange.asked == [PATCH, PUT, PATCH, PUT]
    assert not client.replaces(CUSTOMER)


def test_a_refused_put_is_the_records_own_refusal():
    client, _ = make_client(NO_PUT, refused(422, "no"))

    assert update(client) == Refused(SageError("no", 422, "invalidRequest"))
    assert client.replaces(CUSTOMER)


@pytest.mark.parametrize("key", ["a/b", "1,2", "1?x=y", "#1", "..", "é"])
def test_a_key_never_leaves_its_place_in_the_url(key):
    client, exchange = make_client(changed())

    update(client, key)

    path = exchange.asked[0].removeprefix(f"PATCH /objects/{CUSTOMER}/")
    assert unquote(path) == key
    assert not set(path) & set("/,?#")


def test_a_custom_object_is_addressed_by_its_path():
    client, exchange = make_client(created("1"))

    client.create("platform-apps/nsp::subscription", [new()])

    assert unquote(exchange.asked[0]) == "POST /objects/platform-apps/nsp::subscription"


@pytest.mark.parametrize("write", [create, update])
def test_a_forbidden_object_ends_the_run(write):
    client, exchange = make_client(refused(403, "You do not have permission.", "forbidden", "GW-0042"))

    with pytest.raises(AccessError) as caught:
        write(client)

    assert len(exchange.requests) == 1
    assert str(caught.value) == (
        f"Access to {CUSTOMER} is denied (403). Sage Intacct says: You do not have permission [GW-0042]. Give the "
        "Web Services user and the app permission to list, add and edit this object, and check that its application "
        "is subscribed."
    )


@pytest.mark.parametrize("write", [create, update])
def test_a_forbidden_field_is_the_rows_own_refusal(write):
    error = {"code": "operationFailed", "message": "m", "details": [{"message": "no", "target": "/creditLimit"}]}
    client, _ = make_client(Answer(403, payload={"ia::result": {"ia::error": error}}))

    result = write(client)

    assert isinstance(result, Refused)
    assert result.error.field == "creditLimit"


@pytest.mark.parametrize(
    ("entity", "error", "text"),
    [
        (
            "100",
            SageError("The user has no access to this entity", 403, "forbidden"),
            (
                "Access to entity 100 is denied (403). Sage Intacct says: The user has no access to this entity "
                "[forbidden]. Assign the user to the entity under Company > Admin > Users > User entities in Sage "
                "Intacct, and check `entity_id`."
            ),
        ),
        (
            "",
            SageError("The user has no access to this entity", 403),
            (
                f"Access to {CUSTOMER} is denied (403). Sage Intacct says: The user has no access to this entity "
                "[HTTP 403]. Give the Web Services user and the app permission to list, add and edit this object, and "
                "check that its application is subscribed."
            ),
        ),
    ],
)
def test_a_denial_says_who_must_permit_what(entity, error, text):
    assert access_text(CUSTOMER, entity, error) == text


def test_the_first_page_of_an_object_proves_that_it_can_be_read():
    client, exchange = make_client(Answer(200, payload={"ia::result": []}), refused(404, "no"), entity="100")

    assert client.list_page(CUSTOMER) is None
    assert client.list_page(CUSTOMER) == SageError("no", 404, "invalidRequest")
    assert exchange.asked == [f"GET /objects/{CUSTOMER}"] * 2
    assert exchange.requests[0].headers["X-IA-API-Param-Entity"] == "100"


def test_a_model_is_asked_for_by_the_objects_name():
    payload = {"ia::result": {"fields": {}}}
    client, exchange = make_client(Answer(200, payload=payload))

    assert client.model("platform-apps/nsp::x y") == payload
    assert exchange.queries == [{"name": "platform-apps/nsp::x y"}]


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (refused(404, "no such service", "notFound"), SageError("no such service", 404, "notFound")),
        (Answer(200), SageError("the model service gave no answer", 200)),
        (Answer(200, payload=[]), SageError("the model service gave no answer", 200)),
    ],
)
def test_a_model_that_is_not_given_is_an_error(answer, error):
    client, _ = make_client(answer)

    assert client.model(CUSTOMER) == error


def test_records_are_found_by_their_visible_id_at_the_top_level():
    rows = [{"key": "12", "id": "100"}, {"key": 13, "id": "100"}]
    client, exchange = make_client(Answer(200, payload={"ia::result": rows}), entity="100")

    assert client.find_ids("company-config/entity", "100") == ["12", "13"]
    (request,) = exchange.requests
    assert exchange.asked == ["POST /services/core/query"]
    assert exact_json.decode(request.body) == {
        "object": "company-config/entity",
        "fields": ["key", "id"],
        "filters": [{"$eq": {"id": "100"}}],
    }
    assert "X-IA-API-Param-Entity" not in request.headers


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        (Answer(200, payload={"ia::result": []}), []),
        (refused(400, "no", error_id="REST-1106"), SageError("no", 400, "invalidRequest", "REST-1106")),
        (Answer(200, payload={"ia::result": {}}), SageError("the query service gave no list", 200)),
        (Answer(200), SageError("the query service gave no list", 200)),
    ],
)
def test_a_query_without_an_answer_is_an_error(answer, found):
    client, _ = make_client(answer)

    assert client.find_ids(CUSTOMER, "C1") == found


def test_requests_are_counted():
    client, _ = make_client(CUT, created(), changed())

    create(client)
    assert client.requests == 2
    update(client)
    assert client.requests == 3

from urllib.parse import unquote

import pytest
from fakes import CUSTOMER, CUT, changed, create, created, make_client, new_record, refused

from destination_sage_intacct.intacct.bulk import Capabilities, ChangedRecord, Written
from destination_sage_intacct.intacct.classify import Answer
from destination_sage_intacct.intacct.errors import AccessError, OutageError, SageError, access_text
from destination_sage_intacct.intacct.session import Traffic

CREATE = f"POST /objects/{CUSTOMER}"
PATCH = f"PATCH /objects/{CUSTOMER}/34"
PUT = f"PUT /objects/{CUSTOMER}/34"
NO_PUT = refused(405, "Method not allowed")


def update(client, key="34", path=CUSTOMER):
    (result,) = client.update(path, [ChangedRecord(key, b'{"creditLimit":10000}')])
    return result


def test_a_record_is_created_under_its_own_key():
    client, transport = make_client(created("32"), entity="100")

    assert create(client) == Written("32")
    (request,) = transport.requests
    assert transport.asked == [CREATE]
    assert request.body == b'{"name":"Starluck"}'
    assert (request.headers["Idempotency-Key"], request.headers["X-IA-API-Param-Entity"]) == ("key-0", "100")


def test_no_records_need_no_request():
    client, transport = make_client()

    assert (client.create(CUSTOMER, []), client.update(CUSTOMER, [])) == ([], [])
    assert transport.requests == []


def test_a_refused_record_is_a_value_and_its_key_is_not_tried_again():
    client, transport = make_client(refused(422, "Customer type is required", error_id="AR-0148"))

    assert create(client) == SageError("Customer type is required", 422, "invalidRequest", "AR-0148")
    assert transport.asked == [CREATE]


@pytest.mark.parametrize(
    ("payload", "result"),
    [
        ({"ia::result": {"key": "32"}}, Written("32")),
        ({"ia::result": {"key": 32}}, Written("32")),
        ({"ia::result": [{"key": "32", "ia::status": 201}]}, Written("32")),
        ({"ia::result": {"ia::error": {"message": "no", "code": "x"}}}, SageError("no", 201, "x")),
        ({"ia::result": [{"ia::status": 422, "ia::error": {"message": "no", "code": "x"}}]}, SageError("no", 422, "x")),
        ({"ia::result": [{"ia::status": 422}]}, SageError("HTTP 422 without an explanation", 422)),
    ],
)
def test_an_answer_is_read_in_every_shape(payload, result):
    client, _ = make_client(Answer(201, payload=payload))

    assert create(client) == result


def test_a_refusal_in_a_list_of_one_is_read_whatever_the_status_around_it():
    item = {"ia::status": 422, "ia::error": {"message": "no", "code": "x"}}
    for status in (207, 422):
        client, _ = make_client(Answer(status, payload={"ia::result": [item]}))

        assert create(client) == SageError("no", 422, "x")


def test_a_duplicate_is_a_refusal():
    client, transport = make_client(refused(409, "Another record with the value C1 already exists"))

    assert isinstance(create(client), SageError)
    assert len(transport.requests) == 1


def test_an_outage_is_no_result():
    client, _ = make_client(CUT, max_retries=0)

    with pytest.raises(OutageError):
        create(client)


def test_a_record_is_updated_by_patch_under_a_key_of_this_one_request():
    client, transport = make_client(changed("34"), changed("34"), entity="100")

    assert update(client) == update(client) == Written("34")
    request, again = transport.requests
    assert transport.asked == [PATCH, PATCH]
    assert request.body == again.body == b'{"creditLimit":10000}'
    assert request.headers["Idempotency-Key"] != again.headers["Idempotency-Key"]
    assert request.headers["X-IA-API-Param-Entity"] == "100"


def test_where_patch_is_not_allowed_put_is_used_from_then_on():
    told: list[str] = []
    client, transport = make_client(NO_PUT, changed("34"), changed("34"), capabilities=Capabilities(500, told.append))

    assert [update(client), update(client)] == [Written("34")] * 2
    assert transport.asked == [PATCH, PUT, PUT]
    assert told == [f"This server updates {CUSTOMER} by PUT, not by PATCH; updates go by PUT from here on."]


def test_put_is_used_only_for_the_object_that_asks_for_it():
    client, transport = make_client(NO_PUT, changed("34"), changed("5"))
    update(client)

    update(client, "5", "accounts-payable/vendor")

    assert transport.asked[-1] == "PATCH /objects/accounts-payable/vendor/5"


def test_where_neither_is_allowed_the_first_refusal_stands():
    client, transport = make_client(NO_PUT, refused(405, "PUT not allowed either"), NO_PUT, NO_PUT)

    for _ in range(2):
        result = update(client)
        assert isinstance(result, SageError)
        assert result.message == "Method not allowed"
    assert transport.asked == [PATCH, PUT, PATCH, PUT]


def test_a_refused_put_is_the_records_own_refusal():
    client, _ = make_client(NO_PUT, refused(422, "no"))

    assert update(client) == SageError("no", 422, "invalidRequest")


@pytest.mark.parametrize("key", ["a/b", "1,2", "1?x=y", "#1", "..", "é"])
def test_a_key_never_leaves_its_place_in_the_url(key):
    client, transport = make_client(changed(key))

    update(client, key)

    path = transport.asked[0].removeprefix(f"PATCH /objects/{CUSTOMER}/")
    assert unquote(path) == key
    assert not set(path) & set("/,?#")


def test_a_custom_object_is_addressed_by_its_path():
    client, transport = make_client(created("1"))

    client.create("platform-apps/nsp::subscription", [new_record()])

    assert unquote(transport.asked[0]) == "POST /objects/platform-apps/nsp::subscription"


@pytest.mark.parametrize("write", [create, update])
def test_a_forbidden_object_ends_the_run(write):
    client, transport = make_client(refused(403, "You do not have permission.", "forbidden", "GW-0042"))

    with pytest.raises(AccessError) as caught:
        write(client)

    assert len(transport.requests) == 1
    assert str(caught.value) == (
        f"Access to {CUSTOMER} is denied (403). Sage Intacct says: You do not have permission. [GW-0042] Give the "
        "Web Services user and the app permission to list, add and edit this object, and check that its application "
        "is subscribed."
    )


@pytest.mark.parametrize("write", [create, update])
def test_a_forbidden_record_is_the_rows_own_refusal(write):
    client, _ = make_client(refused(403, "The user may not change this record", "forbidden"))

    assert isinstance(write(client), SageError)


@pytest.mark.parametrize("write", [create, update])
def test_a_forbidden_field_is_the_rows_own_refusal(write):
    error = {"code": "operationFailed", "message": "m", "details": [{"message": "no", "target": "/creditLimit"}]}
    client, _ = make_client(Answer(403, payload={"ia::result": {"ia::error": error}}))

    result = write(client)

    assert isinstance(result, SageError)
    assert result.field == "creditLimit"


@pytest.mark.parametrize(
    ("entity", "error", "text"),
    [
        (
            "100",
            SageError("The user has no access to this entity", 403, "forbidden"),
            (
                "Access to entity 100 is denied (403). Sage Intacct says: The user has no access to this entity. "
                "[forbidden] Assign the user to the entity under Company > Admin > Users > User entities in Sage "
                "Intacct, and check `entity_id`."
            ),
        ),
        (
            "",
            SageError("The user has no access to this entity", 403),
            (
                f"Access to {CUSTOMER} is denied (403). Sage Intacct says: The user has no access to this entity. "
                "[HTTP 403] Give the Web Services user and the app permission to list, add and edit this object, and "
                "check that its application is subscribed."
            ),
        ),
    ],
)
def test_a_denial_says_who_must_permit_what(entity, error, text):
    assert access_text(CUSTOMER, entity, error) == text


def test_requests_and_what_they_cost_are_counted():
    client, _ = make_client(CUT, created(), changed("34"), refused(422, "no"))

    create(client)
    assert (client.traffic.requests, client.traffic.retries, client.traffic.transactions) == (2, 1, 1)
    update(client)
    assert (client.traffic.requests, client.traffic.transactions) == (3, 2)
    update(client)
    assert (client.traffic.requests, client.traffic.transactions) == (4, 2)


def test_each_account_has_its_own_count():
    client, _ = make_client(created(), changed("34"), capabilities=Capabilities())
    account = Traffic()

    create(client.with_traffic(account))
    update(client)

    assert (account.requests, account.transactions, account.most_in_flight) == (1, 1, 1)
    assert (client.traffic.requests, client.traffic.transactions) == (1, 1)


def test_a_put_holds_all_that_its_record_holds():
    client, transport = make_client(NO_PUT, created("34"), changed("34"))
    record = ChangedRecord("34", b'{"name":"N"}', in_whole=lambda own: b'{"name":"N","was":"%s"}' % own["key"].encode())

    assert client.update(CUSTOMER, [record]) == [Written("34")]
    assert transport.asked == [PATCH, f"GET /objects/{CUSTOMER}/34", PUT]
    assert transport.requests[-1].body == b'{"name":"N","was":"34"}'


def test_a_record_that_cannot_be_read_is_not_replaced():
    client, transport = make_client(NO_PUT, refused(404, "no such record", "notFound"))
    record = ChangedRecord("34", b'{"name":"N"}', in_whole=lambda _own: b"{}")

    (result,) = client.update(CUSTOMER, [record])
    assert isinstance(result, SageError)
    assert result.status == 404
    assert PUT not in transport.asked

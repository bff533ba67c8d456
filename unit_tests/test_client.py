from urllib.parse import unquote

import pytest
from fakes import CUSTOMER, CUT, changed, create, created, make_client, refused

from destination_sage_intacct.intacct.bulk import Capabilities, ChangedRecord, Written
from destination_sage_intacct.intacct.classify import Answer
from destination_sage_intacct.intacct.errors import AccessError, SageError, access_text
from destination_sage_intacct.intacct.session import Traffic

VENDOR = "accounts-payable/vendor"
CREATE = f"POST /objects/{CUSTOMER}"
PATCH = f"PATCH /objects/{CUSTOMER}/34"
READ = f"GET /objects/{CUSTOMER}/34"
PUT = f"PUT /objects/{CUSTOMER}/34"
NO_PATCH = refused(405, "Method not allowed")


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


ERROR = {"ia::error": {"message": "no", "code": "x"}}


@pytest.mark.parametrize(
    ("status", "held", "result"),
    [
        (201, {"key": "32"}, Written("32")),
        (201, {"key": 32}, Written("32")),
        (201, [{"key": "32", "ia::status": 201}], Written("32")),
        (201, ERROR, SageError("no", 201, "x")),
        *((status, [{"ia::status": 422} | ERROR], SageError("no", 422, "x")) for status in (201, 207, 422)),
        (201, [{"ia::status": 422}], SageError("HTTP 422 without an explanation", 422)),
    ],
)
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
    told: list[str] = []
    client, transport = make_client(NO_PATCH, *[changed("34")] * 3, capabilities=Capabilities(500, told.append))

    assert [update(client), update(client), update(client, path=VENDOR)] == [Written("34")] * 3
    assert transport.asked == [PATCH, PUT, PUT, f"PATCH /objects/{VENDOR}/34"]
    assert told == [f"This server updates {CUSTOMER} by PUT, not by PATCH; updates go by PUT from here on."]


@pytest.mark.parametrize(
    ("put", "message", "again"),
    [(refused(422, "no"), "no", [PUT]), (refused(405, "PUT not allowed either"), "Method not allowed", [PATCH, PUT])],
)
def test_a_refused_put_is_the_records_own_refusal_and_where_neither_is_allowed_the_first_one_stands(
    put, message, again
):
    second = [put] if len(again) == 1 else [NO_PATCH, put]
    client, transport = make_client(NO_PATCH, put, *second)

    assert [update(client).message, update(client).message] == [message, message]
    assert transport.asked == [PATCH, PUT, *again]


@pytest.mark.parametrize(
    ("read", "asked"),
    [(created("34"), [PATCH, READ, PUT]), (refused(404, "no such record", "notFound"), [PATCH, READ])],
)
def test_a_put_holds_all_that_its_record_holds_which_is_read_before(read, asked):
    client, transport = make_client(NO_PATCH, read, changed("34"))
    record = ChangedRecord("34", b'{"name":"N"}', in_whole=lambda own: b'{"name":"N","was":"%s"}' % own["key"].encode())

    (result,) = client.update(CUSTOMER, [record])

    assert result == (Written("34") if PUT in asked else SageError("no such record", 404, "notFound"))
    assert transport.asked == asked
    assert transport.requests[-1].body == (b'{"name":"N","was":"34"}' if PUT in asked else None)


@pytest.mark.parametrize("key", ["a/b", "1,2", "1?x=y", "#1", "..", "é"])
def test_a_key_never_leaves_its_place_in_the_url(key):
    client, transport = make_client(changed(key))

    update(client, key)

    path = transport.asked[0].removeprefix(f"PATCH /objects/{CUSTOMER}/")
    assert unquote(path) == key
    assert not set(path) & set("/,?#")


FORBIDDEN = refused(403, "You do not have permission.", "forbidden", "GW-0042")
IN_A_FIELD = {"code": "operationFailed", "message": "m", "details": [{"message": "no", "target": "/creditLimit"}]}
PERMIT = (
    "Give the Web Services user and the app permission to list, add and edit this object, and check that the company "
    "is subscribed to its application."
)


@pytest.mark.parametrize("write", [create, update])
def test_a_forbidden_object_ends_the_run(write):
    client, transport = make_client(FORBIDDEN)

    with pytest.raises(AccessError) as caught:
        write(client)

    assert len(transport.requests) == 1
    assert str(caught.value) == (
        f"Access to {CUSTOMER} is denied (403). Sage Intacct says: You do not have permission. [GW-0042] {PERMIT}"
    )


@pytest.mark.parametrize("write", [create, update])
@pytest.mark.parametrize(
    ("answer", "field"),
    [
        (refused(403, "The user may not change this record", "forbidden"), ""),
        (Answer(403, payload={"ia::result": {"ia::error": IN_A_FIELD}}), "creditLimit"),
    ],
)
def test_a_forbidden_record_or_field_is_the_rows_own_refusal(write, answer, field):
    client, _ = make_client(answer)

    assert write(client).field == field


ASSIGN = (
    "Assign the user to the entity under Company > Admin > Users > User entities in Sage Intacct, and check "
    "`entity_id`."
)


@pytest.mark.parametrize(
    ("entity", "code", "told"),
    [
        ("100", "forbidden", f"Access to entity 100 is denied (403). {{}} [forbidden] {ASSIGN}"),
        ("", "", f"Access to {CUSTOMER} is denied (403). {{}} [HTTP 403] {PERMIT}"),
    ],
)
def test_a_denial_says_who_must_permit_what(entity, code, told):
    said = "The user has no access to this entity"

    assert access_text(CUSTOMER, entity, SageError(said, 403, code)) == told.format(f"Sage Intacct says: {said}.")


def test_requests_and_what_they_cost_are_counted():
    client, _ = make_client(CUT, created(), changed("34"), refused(422, "no"))

    create(client)
    assert (client.traffic.requests, client.traffic.retries, client.traffic.transactions) == (2, 1, 1)
    update(client)
    assert (client.traffic.requests, client.traffic.transactions) == (3, 2)
    update(client)
    assert (client.traffic.requests, client.traffic.transactions) == (4, 2)
    other, account = make_client(created())[0], Traffic()
    create(other.with_traffic(account))
    assert (account.requests, account.transactions, account.most_in_flight) == (1, 1, 1)
    assert (other.traffic.requests, other.traffic.transactions) == (0, 0)

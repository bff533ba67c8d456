import pytest
from fakes import (
    CUSTOMER,
    CUT,
    GONE,
    KEY_RUNNING,
    FakeClock,
    create,
    created,
    make_client,
    new_record,
    refused,
    replayed,
)

from destination_sage_intacct.intacct.bulk import Written
from destination_sage_intacct.intacct.classify import Answer
from destination_sage_intacct.intacct.errors import OutageError, SageError

CREATE = f"POST /objects/{CUSTOMER}"
READ = f"GET /objects/{CUSTOMER}/32"
FOUND = Answer(200, payload={"ia::result": {"key": "32", "id": "CUST-32"}})
KEY_EXPIRED = refused(409, "The response stored for this idempotency key is no longer available")


def fresh(answer):
    """As the server of the second reading gives it to a request that was sent at noon."""
    return replayed(answer, "2026-09-21T14:13:20Z", date="Mon, 21 Sep 2026 14:13:20 GMT")


REPLAYED = replayed(created("32"))
CLOSED = replayed(refused(422, "period closed"))
OLD, NEW = Written("32", replayed=True), Written("32")
NO = SageError("no", 422, "invalidRequest")
STILL_CLOSED = SageError("period closed", 422, "invalidRequest")


@pytest.mark.parametrize(
    ("script", "result", "keys", "transactions"),
    [
        ([created("32")], NEW, "0", 1),
        ([refused(422, "no")], NO, "0", 0),
        # A lost create is sent again under its key, not booked twice; the stored answer may be of an earlier run.
        ([CUT, REPLAYED, FOUND], OLD, "0 0 -", 1),
        ([CUT, fresh(created("32")), FOUND], OLD, "0 0 -", 2),
        ([CUT, REPLAYED, GONE, created("77")], Written("77"), "0 0 - 1", 1),
        # What an earlier run made is believed if it is there, and was paid by that run.
        ([REPLAYED, FOUND], OLD, "0 -", 1),
        ([REPLAYED, refused(403, "Forbidden")], OLD, "0 -", 0),
        ([REPLAYED, GONE, created("77")], Written("77"), "0 - 1", 1),
        # Stored failures are stepped over, but not without end.
        ([CLOSED, created("32")], NEW, "0 1", 1),
        ([CLOSED, refused(422, "no")], NO, "0 1", 0),
        ([CLOSED, CLOSED, created("32")], NEW, "0 1 2", 1),
        ([CLOSED] * 50, STILL_CLOSED, " ".join(map(str, range(50))), 0),
        # Sage's guide can be read so that every answer to a keyed request carries the date.
        ([fresh(created("32")), FOUND], NEW, "0 -", 2),
        ([fresh(refused(422, "no"))], NO, "0", 0),
    ],
)
def test_a_create_is_booked_once_whatever_is_stored_under_its_key(script, result, keys, transactions):
    client, transport = make_client(*script)

    assert create(client) == result
    assert [(key or "-").removeprefix("key-") for key in transport.idempotency_keys] == keys.split()
    assert set(transport.asked) <= {CREATE, READ}
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
    assert result.code == "may_exist"
    assert "between 2026-07-23 and 2026-09-19" in result.message
    assert transport.idempotency_keys == ["key-0"]


def test_a_key_that_stays_taken_beyond_any_request_settles_nothing_and_books_nothing_twice():
    client, transport = make_client(KEY_RUNNING, KEY_RUNNING, clock=FakeClock(), wait_budget=1.0)

    with pytest.raises(OutageError) as caught:
        create(client)

    assert str(caught.value) == (
        "Sage Intacct is still working on an earlier attempt to create records of accounts-receivable/customer, for "
        "longer than any request may take, so it is not known yet whether they were created. Nothing was sent twice; "
        "the next sync asks again."
    )
    assert transport.idempotency_keys == ["key-0", "key-0"]


def test_a_key_that_was_used_for_another_body_is_a_refusal():
    client, transport = make_client(refused(409, "The idempotency key was used with a different payload"))

    assert isinstance(create(client), SageError)
    assert len(transport.requests) == 1

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


def test_a_lost_create_is_sent_again_under_the_same_key_and_not_booked_twice():
    client, transport = make_client(CUT, replayed(created("32")), FOUND)

    assert create(client) == Written("32", replayed=True)
    assert transport.idempotency_keys == ["key-0", "key-0", None]
    assert transport.asked == [CREATE, CREATE, READ]  # the stored answer may be of an earlier run


def test_a_lost_create_whose_stored_answer_is_of_a_record_that_is_gone_is_sent_under_a_new_key():
    client, transport = make_client(CUT, replayed(created("32")), GONE, created("77"))

    assert create(client) == Written("77")
    assert transport.idempotency_keys == ["key-0", "key-0", None, "key-1"]


def test_a_stored_failure_gets_one_new_attempt_under_a_new_key():
    client, transport = make_client(replayed(refused(422, "period closed")), created("32"))

    assert create(client) == Written("32")
    assert transport.idempotency_keys == ["key-0", "key-1"]


def test_a_stored_failure_that_fails_anew_stands():
    client, transport = make_client(replayed(refused(422, "period closed")), refused(422, "period still closed"))

    result = create(client)

    assert isinstance(result, SageError)
    assert result.message == "period still closed"
    assert transport.idempotency_keys == ["key-0", "key-1"]


def test_stored_failures_of_earlier_syncs_are_stepped_over():
    stored = replayed(refused(422, "period closed"))
    client, transport = make_client(stored, stored, created("32"))

    assert create(client) == Written("32")
    assert transport.idempotency_keys == ["key-0", "key-1", "key-2"]


def test_keys_without_end_are_not_tried_without_end():
    client, transport = make_client(*[replayed(refused(422, "period closed"))] * 50)

    result = create(client)

    assert isinstance(result, SageError)
    assert result.message == "period closed"
    assert transport.idempotency_keys == [f"key-{attempt}" for attempt in range(50)]


def test_a_replay_of_an_earlier_run_is_believed_when_its_record_exists():
    client, transport = make_client(replayed(created("32")), FOUND)

    assert create(client) == Written("32", replayed=True)
    assert transport.asked == [CREATE, READ]


def test_a_replay_whose_record_is_gone_is_sent_under_a_new_key():
    client, transport = make_client(replayed(created("32")), GONE, created("77"))

    assert create(client) == Written("77")
    assert transport.asked == [CREATE, READ, CREATE]
    assert transport.idempotency_keys == ["key-0", None, "key-1"]


def test_a_record_that_may_not_be_read_is_taken_to_exist():
    client, _ = make_client(replayed(created("32")), refused(403, "Forbidden"))

    assert create(client) == Written("32", replayed=True)


def test_a_replay_that_names_no_record_proves_nothing():
    stored = replayed(Answer(201, payload={"ia::result": {}}))
    client, transport = make_client(stored, stored, max_retries=1)

    with pytest.raises(OutageError):
        create(client)

    assert transport.idempotency_keys == ["key-0", "key-0"]


@pytest.mark.parametrize("record", [new_record(may_repeat=True), new_record(unique_id="C-1")])
def test_an_expired_key_is_replaced_where_that_cannot_book_twice(record):
    client, transport = make_client(KEY_EXPIRED, created("32"))

    assert create(client, record) == Written("32")
    assert transport.idempotency_keys == ["key-0", "key-1"]


def test_a_key_that_has_expired_twice_is_a_refusal():
    client, transport = make_client(KEY_EXPIRED, KEY_EXPIRED)

    assert isinstance(create(client, new_record(may_repeat=True)), SageError)
    assert transport.idempotency_keys == ["key-0", "key-1"]


def test_a_row_that_was_sent_before_and_cannot_be_looked_for_is_not_booked_under_another_key():
    client, transport = make_client(KEY_EXPIRED)

    result = create(client)

    assert isinstance(result, SageError)
    assert result.code == "may_exist"
    assert "between 2026-07-23 and 2026-09-19" in result.message
    assert transport.idempotency_keys == ["key-0"]


@pytest.mark.parametrize("answer", [created("32"), refused(422, "no")])
def test_an_answer_that_was_stored_just_now_is_no_stored_one(answer):
    """Sage's guide can be read so that every answer to a keyed request carries the date."""
    client, transport = make_client(fresh(answer), FOUND)

    result = create(client)

    assert result in {Written("32"), SageError("no", 422, "invalidRequest")}
    assert transport.idempotency_keys.count("key-0") == len([key for key in transport.idempotency_keys if key]) == 1


def test_a_key_that_stays_taken_beyond_any_request_settles_nothing_and_books_nothing_twice():
    client, transport = make_client(KEY_RUNNING, KEY_RUNNING, clock=FakeClock(), wait_budget=1.0)

    with pytest.raises(OutageError) as caught:
        create(client)

    assert str(caught.value) == (
        "Sage Intacct still works on an earlier attempt to create records of accounts-receivable/customer, longer than "
        "any request may take, so whether they were created cannot be known yet. Nothing was sent twice; the next sync "
        "asks again."
    )
    assert transport.idempotency_keys == ["key-0", "key-0"]


def test_a_key_that_was_used_for_another_body_is_a_refusal():
    client, transport = make_client(refused(409, "The idempotency key was used with a different payload"))

    assert isinstance(create(client), SageError)
    assert len(transport.requests) == 1


@pytest.mark.parametrize(
    ("script", "transactions"),
    [
        ([created("32")], 1),
        ([CUT, fresh(created("32")), FOUND], 2),  # a look at the record, and the record
        ([CUT, replayed(created("32")), FOUND], 1),
        ([replayed(created("32")), FOUND], 1),  # billed to the earlier run; the look at the record is this one's
        ([replayed(created("32")), GONE, created("77")], 1),
        ([refused(422, "no")], 0),
    ],
)
def test_what_an_earlier_run_paid_is_not_counted_again(script, transactions):
    client, transport = make_client(*script)

    create(client)

    assert transport.is_used_up
    assert client.traffic.transactions == transactions

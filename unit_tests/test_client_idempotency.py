import pytest
from fakes import CUSTOMER, CUT, GONE, KEY_RUNNING, FakeClock, create, created, make_client, refused, replayed

from destination_sage_intacct.intacct.bulk import Written
from destination_sage_intacct.intacct.classify import Answer
from destination_sage_intacct.intacct.errors import OutageError, SageError

CREATE = f"POST /objects/{CUSTOMER}"
READ = f"GET /objects/{CUSTOMER}/32"
FOUND = Answer(200, payload={"ia::result": {"key": "32", "id": "CUST-32"}})
KEY_EXPIRED = refused(409, "The response stored for this idempotency key is no longer available")


def test_a_lost_create_is_sent_again_under_the_same_key_and_not_booked_twice():
    client, transport = make_client(CUT, replayed(created("32")))

    assert create(client) == Written("32", replayed=True)
    assert transport.idempotency_keys == ["key-0", "key-0"]
    assert transport.asked == [CREATE, CREATE]  # no look at the record: this process sent it itself


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


def test_a_replay_that_names_no_record_is_believed():
    client, transport = make_client(replayed(Answer(201, payload={"ia::result": {}})))

    assert create(client) == Written("", replayed=True)
    assert transport.asked == [CREATE]


def test_an_expired_key_is_replaced():
    client, transport = make_client(KEY_EXPIRED, created("32"))

    assert create(client) == Written("32")
    assert transport.idempotency_keys == ["key-0", "key-1"]


def test_a_key_that_has_expired_twice_is_a_refusal():
    client, transport = make_client(KEY_EXPIRED, KEY_EXPIRED)

    assert isinstance(create(client), SageError)
    assert transport.idempotency_keys == ["key-0", "key-1"]


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
        ([CUT, replayed(created("32"))], 1),
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

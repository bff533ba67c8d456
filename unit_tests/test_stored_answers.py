"""Answers to a batch from the server's memory: believed where they still hold, and never a reason to book twice."""

import pytest
from fakes import CUSTOMER, CUT, KEY_RUNNING, created, make_client, refused, replayed
from numbered_records import key_of, records, sent
from sage_answers import bad, batch, created_batch, found

from destination_sage_intacct import exact_json
from destination_sage_intacct.intacct.bulk import Written
from destination_sage_intacct.intacct.classify import Answer
from destination_sage_intacct.intacct.errors import OutageError

CREATE = f"POST /objects/{CUSTOMER}"
QUERY = "POST /services/core/query"
KEY_EXPIRED = refused(409, "The response stored for this idempotency key is no longer available")


def test_a_stored_answer_of_an_earlier_run_is_believed_for_records_that_exist():
    client, transport = make_client(
        replayed(batch("7", "8", "9")), found({"key": "7"}, {"key": 9}), replayed(created("8")), refused(404, "gone"),
        created("10"),
    )  # fmt: skip

    results = client.create(CUSTOMER, records(3))

    assert results == [Written("7", replayed=True), Written("10"), Written("9", replayed=True)]
    assert transport.asked == [CREATE, QUERY, CREATE, f"GET /objects/{CUSTOMER}/8", CREATE]
    assert transport.idempotency_keys == [key_of("r0", "r1", "r2"), None, "r1-0", None, "r1-1"]
    asked = exact_json.decode(transport.requests[1].body)
    assert (asked["fields"], asked["filters"]) == (["key"], [{"$in": {"key": ["7", "8", "9"]}}])
    assert client.traffic.transactions == 2  # one query, one record; the others were paid by the earlier run


def test_a_stored_answer_that_names_no_record_keys_proves_nothing():
    nameless = replayed(batch({"ia::status": 201}, {"ia::status": 201}))
    client, transport = make_client(nameless, nameless, max_retries=1)

    with pytest.raises(OutageError):
        client.create(CUSTOMER, records(2))
    assert transport.asked == [CREATE, CREATE]


def test_where_queries_are_not_permitted_the_records_are_looked_at_one_by_one():
    script = [refused(403, "no queries"), refused(403, "not yours"), refused(403, "not yours")]
    client, transport = make_client(replayed(batch("7", "8")), *script)
    assert client.create(CUSTOMER, records(2)) == [Written("7", replayed=True), Written("8", replayed=True)]
    assert sorted(transport.asked[2:]) == [f"GET /objects/{CUSTOMER}/{key}" for key in "78"]


@pytest.mark.parametrize(
    ("script", "results", "keys"),
    [
        # Each failure, be it of the whole batch, gets one new attempt.
        (
            [replayed(batch("7", bad())), Answer(200, payload={"ia::result": {"key": "7"}}), created("8")],
            [Written("7", replayed=True), Written("8")],
            [key_of("r0", "r1"), None, "r1-0"],
        ),
        (
            [replayed(refused(422, "a record is bad")), created("1"), created("2")],
            [Written("1"), Written("2")],
            [key_of("r0", "r1"), "r0-0", "r1-0"],
        ),
        # An answer that was cut on its way is asked for again.
        (
            [batch("1"), replayed(batch("1")), replayed(batch("1", "2")), found({"key": "1"}, {"key": "2"})],
            [Written("1", replayed=True), Written("2", replayed=True)],
            [*[key_of("r0", "r1")] * 3, None],
        ),
    ],
)
def test_what_a_stored_answer_does_not_settle_is_asked_for_again(script, results, keys):
    client, transport = make_client(*script)
    assert client.create(CUSTOMER, records(2)) == results
    assert transport.idempotency_keys == keys


def test_a_failure_of_a_stored_answer_that_fails_anew_is_final():
    client, transport = make_client(replayed(batch(bad("old"), bad("old"))), refused(422, "new"), refused(422, "new"))
    assert [result.message for result in client.create(CUSTOMER, records(2))] == ["new", "new"]
    assert len(transport.requests) == 3


def test_a_batch_whose_key_has_expired_goes_one_by_one_under_the_records_own_keys():
    client, transport = make_client(KEY_EXPIRED, *(created(str(number)) for number in range(1, 5)), created_batch(2))

    assert client.create(CUSTOMER, records(4)) == [Written(str(number)) for number in range(1, 5)]
    assert transport.idempotency_keys == [key_of("r0", "r1", "r2", "r3"), "r0-0", "r1-0", "r2-0", "r3-0"]
    client.create(CUSTOMER, records(2, 5))
    assert sent(transport)[-1] == [5, 6]  # it said nothing about arrays


def test_a_batch_whose_key_stays_taken_settles_nothing_and_is_not_sent_under_another():
    client, transport = make_client(KEY_RUNNING, KEY_RUNNING, wait_budget=1.0)
    with pytest.raises(OutageError, match=r"^Sage Intacct still works on an earlier attempt to create records of"):
        client.create(CUSTOMER, records(2))
    assert len(set(transport.idempotency_keys)) == 1


@pytest.mark.parametrize("stored", [batch("1"), batch(bad()), Answer(201, payload={"ia::result": {"key": "1"}})])
def test_a_stored_answer_that_lacks_results_settles_nothing_and_nothing_is_sent_twice(stored):
    client, transport = make_client(CUT, *[replayed(stored)] * 3)
    with pytest.raises(OutageError, match="with an answer that does not cover everything that was sent") as caught:
        client.create(CUSTOMER, records(2))

    assert str(caught.value).startswith(f"Sage Intacct did not answer {CREATE} in 4 attempts: HTTP 20")
    assert sent(transport) == [[0, 1]] * 4
    assert len(set(transport.idempotency_keys)) == 1

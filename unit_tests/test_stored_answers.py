"""Answers from the server's memory: believed where they still hold, and never a reason to book twice."""

from dataclasses import replace

import pytest
from fakes import CUSTOMER, CUT, KEY_RUNNING, changed, created, make_client, new_record, refused, replayed
from numbered_records import key_of, records, sent
from sage_answers import bad, batch, created_batch, found

from destination_sage_intacct import exact_json
from destination_sage_intacct.intacct.bulk import ChangedRecord, Written
from destination_sage_intacct.intacct.classify import Answer, idempotency_conflict
from destination_sage_intacct.intacct.create import UNNAMED_CONFLICT
from destination_sage_intacct.intacct.errors import OutageError, SageError

CREATE = f"POST /objects/{CUSTOMER}"
QUERY = "POST /services/core/query"
KEY_EXPIRED = refused(409, "The response stored for this idempotency key is no longer available")


def test_a_stored_answer_of_an_earlier_run_is_believed_for_records_that_exist():
    existing, gone = found({"key": "7"}, {"key": 9}), [replayed(created("8")), refused(404, "gone"), created("10")]
    client, transport = make_client(replayed(batch("7", "8", "9")), existing, *gone)

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


BATCH_KEY = key_of("r0", "r1")
AGAIN = [Written("7", replayed=True), Written("8", replayed=True)]


@pytest.mark.parametrize(
    ("script", "results", "keys"),
    [
        # Each failure, be it of the whole batch, gets one new attempt, whose failure is final.
        (
            [replayed(batch("7", bad())), Answer(200, payload={"ia::result": {"key": "7"}}), created("8")],
            [AGAIN[0], Written("8")],
            [BATCH_KEY, None, "r1-0"],
        ),
        (
            [replayed(refused(422, "a record is bad")), created("1"), created("2")],
            [Written("1"), Written("2")],
            [BATCH_KEY, "r0-0", "r1-0"],
        ),
        (
            [replayed(batch(bad("old"), bad("old"))), refused(422, "new"), created("2")],
            [SageError("new", 422, "invalidRequest"), Written("2")],
            [BATCH_KEY, "r0-0", "r1-0"],
        ),
        # An answer that was cut on its way is asked for again.
        (
            [batch("7"), replayed(batch("7")), replayed(batch("7", "8")), found({"key": "7"}, {"key": "8"})],
            AGAIN,
            [*[BATCH_KEY] * 3, None],
        ),
    ],
)
def test_what_a_stored_answer_does_not_settle_is_asked_for_again(script, results, keys):
    client, transport = make_client(*script)
    assert client.create(CUSTOMER, records(2)) == results
    assert transport.idempotency_keys == keys


def test_a_batch_whose_key_has_expired_goes_one_by_one_under_the_records_own_keys():
    client, transport = make_client(KEY_EXPIRED, *(created(str(number)) for number in range(1, 5)), created_batch(2))
    assert client.create(CUSTOMER, records(4)) == [Written(str(number)) for number in range(1, 5)]
    assert transport.idempotency_keys == [key_of("r0", "r1", "r2", "r3"), "r0-0", "r1-0", "r2-0", "r3-0"]
    client.create(CUSTOMER, records(2, 5))
    assert sent(transport)[-1] == [5, 6]  # it said nothing about arrays


def test_a_batch_whose_key_stays_taken_settles_nothing_and_is_not_sent_under_another():
    client, transport = make_client(KEY_RUNNING, KEY_RUNNING, wait_budget=1.0)
    with pytest.raises(OutageError, match=r"^Sage Intacct is still working on an earlier attempt to create records of"):
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


UNNAMED = refused(409, "The request conflicts with an earlier one")


def test_only_a_409_of_no_known_reason_is_unnamed():
    locked, other_status = refused(409, "The record is locked by another user"), replace(UNNAMED, status=422)
    taken = refused(409, "Another record with the value C1 already exists")
    meant = [idempotency_conflict(replace(each, is_keyed=True)) for each in (UNNAMED, taken, locked, other_status)]
    assert meant == ["unnamed", None, None, None]
    assert idempotency_conflict(UNNAMED) is None
    assert idempotency_conflict(Answer(409, is_keyed=True)) is None


def test_it_is_waited_for_as_for_an_attempt_that_still_runs():
    client, transport = make_client(UNNAMED, UNNAMED, created("32"))
    assert client.create(CUSTOMER, [new_record()]) == [Written("32")]
    assert transport.idempotency_keys == ["key-0"] * 3


def test_a_record_that_could_be_doubled_goes_out_under_no_other_key():
    client, transport = make_client(*[UNNAMED] * 3, max_retries=2)
    (result,) = client.create(CUSTOMER, [new_record(may_repeat=True)])
    assert (result.code, result.message) == (UNNAMED_CONFLICT, "The request conflicts with an earlier one")
    assert transport.idempotency_keys == ["key-0"] * 3


def test_a_batch_that_could_be_doubled_is_not_taken_apart():
    client, transport = make_client(*[UNNAMED] * 3, max_retries=2)
    results = client.create(CUSTOMER, [new_record("a", unique_id="A"), new_record("b")])
    assert [result.code for result in results] == [UNNAMED_CONFLICT] * 2
    assert len(transport.requests) == 3


@pytest.mark.parametrize("settings", [{"unique_id": "C1"}, {"may_double": True}])
def test_a_record_whose_second_the_server_refuses_goes_out_under_a_new_key(settings):
    client, transport = make_client(UNNAMED, created("32"), max_retries=0)
    assert client.create(CUSTOMER, [new_record(**settings)]) == [Written("32")]
    assert transport.idempotency_keys == ["key-0", "key-1"]
    client, _ = make_client(UNNAMED, UNNAMED, max_retries=0)
    (result,) = client.create(CUSTOMER, [new_record(**settings)])
    assert (result.status, result.code) == (409, "invalidRequest")  # then it is the record's own


def test_an_update_that_may_still_land_is_not_refused_and_one_that_was_sent_once_is():
    client, _ = make_client(CUT, UNNAMED, max_retries=1)
    with pytest.raises(OutageError, match="still working on an earlier attempt"):
        client.update(CUSTOMER, [ChangedRecord("32", b'{"name":"x"}')])
    client, _ = make_client(UNNAMED, changed(), max_retries=0)
    (result,) = client.update(CUSTOMER, [ChangedRecord("32", b'{"name":"x"}')])
    assert isinstance(result, SageError)

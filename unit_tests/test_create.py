from dataclasses import replace

import pytest
from fakes import CUSTOMER, CUT, THROTTLED, FakeClock, created, make_client, new_record, refused, replayed
from numbered_records import key_of, records, sent
from sage_answers import bad, batch, created_batch, found

from destination_sage_intacct.intacct.bulk import Capabilities, Written
from destination_sage_intacct.intacct.classify import Answer
from destination_sage_intacct.intacct.create import batch_key
from destination_sage_intacct.intacct.errors import AccessError, OutageError, SageError

QUERY = "POST /services/core/query"
FOUND = Answer(200, payload={"ia::result": {"key": "2"}})
CREATE = f"POST /objects/{CUSTOMER}"
NO = SageError("no", 422, "operationFailed")
WHOLE = refused(422, "a record is bad")


def test_records_go_together_and_each_has_the_result_in_its_place():
    client, transport = make_client(batch("7", bad(), "9"), entity="100")

    assert client.create(CUSTOMER, records(3)) == [Written("7"), NO, Written("9")]
    assert sent(transport) == [[0, 1, 2]]
    assert transport.requests[0].headers["X-IA-API-Param-Entity"] == "100"
    assert client.traffic.transactions == 2


def test_a_record_alone_is_sent_as_an_object_under_its_own_key():
    client, transport = make_client(*[created()] * 3, capabilities=Capabilities(1))

    client.create(CUSTOMER, records(1))
    client.create(CUSTOMER, records(2))
    assert sent(transport) == [0, 0, 1]
    assert transport.idempotency_keys == ["r0-0", "r0-0", "r1-0"]


def test_a_batch_has_a_key_made_of_its_records_keys_in_order():
    client, transport = make_client(created_batch(2), created_batch(2), created_batch(2))

    for some in (records(2), records(2), records(2)[::-1]):
        client.create(CUSTOMER, some)

    keys = transport.idempotency_keys
    assert keys[0] == keys[1] == key_of("r0", "r1")
    assert keys[2] == key_of("r1", "r0") != keys[0]


def test_records_come_in_batches_that_grow_and_the_results_keep_their_order():
    client, transport = make_client(created_batch(50), created_batch(75, 51), created_batch(75, 126))

    results = client.create(CUSTOMER, records(200))

    assert results == [Written(str(number)) for number in range(1, 201)]
    assert [len(each) for each in sent(transport)] == [50, 75, 75]


def test_a_body_that_would_be_too_large_is_parted():
    large = [new_record(str(number), b'{"n":%d,"t":"%s"}' % (number, b"x" * 440_000)) for number in range(3)]
    client, transport = make_client(created_batch(2), created("3"))

    assert client.create(CUSTOMER, large) == [Written("1"), Written("2"), Written("3")]
    assert sent(transport) == [[0, 1], 2]


@pytest.mark.parametrize("first", [CUT, batch("1")])
def test_a_batch_that_was_not_answered_whole_is_sent_again_under_its_key(first):
    client, transport = make_client(first, replayed(batch("1", "2")), found({"key": "1"}, {"key": "2"}))

    assert client.create(CUSTOMER, records(2)) == [Written("1", replayed=True), Written("2", replayed=True)]
    assert transport.asked == [CREATE, CREATE, QUERY]  # the stored answer may be of an earlier run
    assert sent(transport) == [[0, 1], [0, 1]]
    assert len(set(transport.idempotency_keys[:2])) == 1


def test_a_list_that_breaks_off_after_an_error_does_not_refuse_the_rest():
    """The second record has landed; under a key of its own it would be booked twice."""
    client, transport = make_client(batch(bad()), replayed(batch(bad(), "2")), FOUND, refused(422, "no"))

    assert [type(result) for result in client.create(CUSTOMER, records(2))] == [SageError, Written]
    assert transport.idempotency_keys == [key_of("r0", "r1"), key_of("r0", "r1"), None, "r0-0"]


@pytest.mark.parametrize(
    "refusal", [WHOLE, refused(400, "Payload contains errors", error_id="REST-1064"), batch(bad(), status=422)]
)
def test_a_batch_refused_as_a_whole_is_halved_until_the_record_at_fault_is_named(refusal):
    client, transport = make_client(refusal, created_batch(2), refusal, refused(422, "it is me"), created("4"))

    results = client.create(CUSTOMER, records(4))

    assert results == [Written("1"), Written("2"), SageError("it is me", 422, "invalidRequest"), Written("4")]
    assert sent(transport) == [[0, 1, 2, 3], [0, 1], [2, 3], 2, 3]
    assert len(set(transport.idempotency_keys)) == 5


PAGE_413 = Answer(413, unreadable="an HTML page")


def test_a_proxy_that_takes_no_batch_of_this_size_gets_smaller_ones_where_the_server_stops_a_second_record():
    own = [replace(record, unique_id=f"C-{number}") for number, record in enumerate(records(4))]
    client, transport = make_client(*[PAGE_413] * 2, created_batch(2), created_batch(2, 3), max_retries=1)

    assert client.create(CUSTOMER, own) == [Written(str(number)) for number in range(1, 5)]
    assert sent(transport) == [[0, 1, 2, 3], [0, 1, 2, 3], [0, 1], [2, 3]]


def test_otherwise_a_page_that_refuses_a_batch_says_nothing_about_its_records():
    client, transport = make_client(*[PAGE_413] * 2, max_retries=1)

    with pytest.raises(OutageError, match=r"HTTP 413 with an HTML page, not an answer of Sage .* lower `batch_size`"):
        client.create(CUSTOMER, records(4))
    assert sent(transport) == [[0, 1, 2, 3]] * 2


@pytest.mark.parametrize(
    ("answer", "count", "sizes", "waited"),
    [
        (THROTTLED, 50, [50, 25, 25], 5.0),  # the batch may be too many requests by itself
        (refused(413, "too large"), 197, [50, 25, 25, 49, 49, 49], 0.0),
    ],
)
def test_a_batch_that_is_too_much_for_the_server_is_halved(answer, count, sizes, waited):
    clock = FakeClock()
    script = [created_batch(size, 1 + sum(sizes[1:place])) for place, size in enumerate(sizes[1:], 1)]
    client, transport = make_client(answer, *script, clock=clock)

    assert client.create(CUSTOMER, records(count)) == [Written(str(number)) for number in range(1, count + 1)]
    assert [len(each) for each in sent(transport)] == sizes
    assert sum(clock.waits) == waited


def test_a_server_that_takes_no_arrays_is_found_out_once():
    told = []
    no_array = refused(400, "The object does not accept an array")
    script = [no_array, created("1"), no_array, created("2"), created("3"), *[created(str(n)) for n in range(4, 8)]]
    client, transport = make_client(*script, capabilities=Capabilities(500, told.append))

    assert client.create(CUSTOMER, records(3)) == [Written("1"), Written("2"), Written("3")]
    assert sent(transport) == [[0, 1, 2], 0, [1, 2], 1, 2]
    assert client.create(CUSTOMER, records(4)) == [Written(str(number)) for number in range(4, 8)]
    assert sent(transport)[5:] == [0, 1, 2, 3]
    assert told == [f"This server takes {CUSTOMER} by POST only one record at a time; no batches from here on."]


@pytest.mark.parametrize(
    ("script", "counts", "batches"),
    [
        # One that says so itself is believed at once; two records of which one is bad say nothing about arrays.
        ([refused(405, "no arrays"), *[created()] * 6], (4, 2), [[0, 1, 2, 3], 0, 1, 2, 3, 0, 1]),
        ([refused(415, "no arrays"), *[created()] * 6], (4, 2), [[0, 1, 2, 3], 0, 1, 2, 3, 0, 1]),
        ([WHOLE, created("1"), refused(422, "it is me"), created_batch(2)], (2, 2), [[0, 1], 0, 1, [0, 1]]),
    ],
)
def test_a_server_without_arrays_is_sent_one_record_at_a_time(script, counts, batches):
    client, transport = make_client(*script)

    for count in counts:
        client.create(CUSTOMER, records(count))

    assert sent(transport) == batches


@pytest.mark.parametrize(("status", "unique_id"), [(429, ""), (503, "OWN")])
def test_a_record_refused_for_now_is_sent_once_more_by_itself(status, unique_id):
    client, transport = make_client(batch("1", bad("busy", status)), created("2"))
    new = [replace(record, unique_id=unique_id) for record in records(2)]

    assert client.create(CUSTOMER, new) == [Written("1"), Written("2")]
    assert transport.idempotency_keys == [key_of("r0", "r1"), "r1-0"]
    assert client.traffic.transactions == 2


def test_a_record_that_the_server_failed_at_and_does_not_keep_apart_is_not_sent_again():
    client, transport = make_client(batch("1", bad("busy", 503)))

    with pytest.raises(
        OutageError, match=r"^Sage Intacct failed at a new record of .* \(HTTP 503\), so whether it was"
    ):
        client.create(CUSTOMER, records(2))
    assert transport.is_used_up


@pytest.mark.parametrize("answer", [refused(403, "no permission"), batch("1", bad("no permission", 403))])
def test_a_forbidden_object_ends_the_run_however_it_is_told(answer):
    client, _ = make_client(answer)

    with pytest.raises(AccessError, match=r"^Access to accounts-receivable/customer is denied \(403\)"):
        client.create(CUSTOMER, records(2))


def test_a_forbidden_record_is_its_own_refusal():
    client, _ = make_client(batch("1", bad("The user may not create this record", 403)))

    assert [type(result) for result in client.create(CUSTOMER, records(2))] == [Written, SageError]


def test_equal_keys_joined_differently_are_other_batches():
    assert batch_key(["a", "b"]) != batch_key(["ab"]) != batch_key(["b", "a"])
    assert len(batch_key(["a"] * 500)) == 64

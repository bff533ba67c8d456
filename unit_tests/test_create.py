from dataclasses import replace

import pytest
from fakes import CUSTOMER, CUT, THROTTLED, FakeClock, created, make_client, new_record, refused, replayed
from numbered_records import key_of, records, sent
from sage_answers import bad, batch, created_batch, found

from destination_sage_intacct.intacct.bulk import Written
from destination_sage_intacct.intacct.classify import Answer
from destination_sage_intacct.intacct.create import batch_key
from destination_sage_intacct.intacct.errors import AccessError, OutageError, SageError

QUERY = "POST /services/core/query"
FOUND = Answer(200, payload={"ia::result": {"key": "2"}})
CREATE = f"POST /objects/{CUSTOMER}"
NO = SageError("no", 422, "operationFailed")
WHOLE = refused(422, "a record is bad")


def written(first, last):
    return [Written(str(number)) for number in range(first, last + 1)]


def own(count, unique_id):
    """New records whose own id keeps a second one from being made."""
    return [replace(record, unique_id=unique_id) for record in records(count)]


NO_ARRAY = refused(400, "The object does not accept an array")
PAGE_413 = Answer(413, unreadable="an HTML page")
NOT_THIS = SageError("The user may not create this record", 403, "operationFailed")
FAULT, AT_FAULT = refused(422, "it is me"), SageError("it is me", 422, "invalidRequest")
LARGE = [new_record(str(number), b'{"n":%d,"t":"%s"}' % (number, b"x" * 440_000)) for number in range(3)]


@pytest.mark.parametrize(("script", "new", "results", "batches"), [
    # Records go together, each has the result in its place; one alone is sent as an object.
    ([batch("7", bad(), "9")], records(3), [Written("7"), NO, Written("9")], [[0, 1, 2]]),
    ([batch("1", bad("The user may not create this record", 403))], records(2), [Written("1"), NOT_THIS], [[0, 1]]),
    ([created("1")], records(1), written(1, 1), [0]),
    # A body that would be too large is parted.
    ([created_batch(2), created("3")], LARGE, written(1, 3), [[0, 1], 2]),
    # A batch refused as a whole is halved until the record at fault is named.
    *(([whole, created_batch(2), FAULT, created("4")], records(4), [*written(1, 2), AT_FAULT, Written("4")],
       [[0, 1, 2, 3], [0, 1], 2, 3])
      for whole in (WHOLE, refused(400, "Errors", error_id="REST-1064"), batch(bad(), status=422))),
    # One that breaks off is not halved: the second record has landed, and would be booked twice.
    ([batch(bad()), replayed(batch(bad(), "2")), FOUND, FAULT], records(2), [AT_FAULT, Written("2", replayed=True)],
     [[0, 1], [0, 1], 0]),
    # A page of a proxy may halve it only where the server stops a second record.
    ([PAGE_413, PAGE_413, created_batch(2), created_batch(2, 3)], own(4, "OWN"), written(1, 4),
     [[0, 1, 2, 3], [0, 1, 2, 3], [0, 1], [2, 3]]),
    # A record refused for now is sent once more by itself.
    ([batch("1", bad("busy", 429)), created("2")], records(2), written(1, 2), [[0, 1], 1]),
    ([batch("1", bad("busy", 503)), created("2")], own(2, "OWN"), written(1, 2), [[0, 1], 1]),
    # A server that takes no arrays.
    *(([no_array, created("1"), created("2"), created("3")], records(3), written(1, 3), [[0, 1, 2], 0, 1, 2])
      for no_array in (NO_ARRAY, refused(405, "no"), refused(415, "no"))),
], ids=range(14))  # fmt: skip
def test_each_record_has_its_result_however_they_are_sent(script, new, results, batches):
    client, transport = make_client(*script, entity="100", max_retries=1, most_in_flight=1)

    assert client.create(CUSTOMER, new) == results
    assert sent(transport) == batches
    keys = [f"r{each}-0" if isinstance(each, int) else key_of(*(f"r{number}" for number in each)) for each in batches]
    assert new is LARGE or [key for key in transport.idempotency_keys if key] == keys
    assert {each.headers.get("X-IA-API-Param-Entity") for each in transport.requests} == {"100"}
    assert client.traffic.transactions == sum(isinstance(result, Written) for result in results)


@pytest.mark.parametrize(("answers", "count", "sizes", "waited"), [
    ([], 150, [30, 120], 0.0),
    ([THROTTLED], 30, [30, 15, 15], 5.0),  # the batch may be too many requests by itself
    ([refused(413, "too large")], 117, [30, 15, 15, 29, 29, 29], 0.0),
])  # fmt: skip
def test_batches_grow_and_one_that_is_too_much_for_the_server_is_halved(answers, count, sizes, waited):
    clock, good = FakeClock(), sizes[len(answers) :]
    script = [created_batch(size, 1 + sum(good[:place])) for place, size in enumerate(good)]
    client, transport = make_client(*answers, *script, clock=clock, most_in_flight=1)

    assert client.create(CUSTOMER, records(count)) == written(1, count)
    assert [len(each) for each in sent(transport)] == sizes
    assert sum(clock.waits) == waited


@pytest.mark.parametrize("first", [CUT, batch("1")])
def test_a_batch_that_was_not_answered_whole_is_sent_again_under_its_key(first):
    client, transport = make_client(first, replayed(batch("1", "2")), found({"key": "1"}, {"key": "2"}))
    assert client.create(CUSTOMER, records(2)) == [Written("1", replayed=True), Written("2", replayed=True)]
    assert transport.asked == [CREATE, CREATE, QUERY]  # the stored answer may be of an earlier run
    assert transport.idempotency_keys == [key_of("r0", "r1")] * 2 + [None]


@pytest.mark.parametrize(("script", "error", "text"), [
    ([PAGE_413] * 2, OutageError, r"HTTP 413 with an HTML page, not an answer of Sage .* lower `batch_size`"),
    # One that the server failed at and does not keep apart is not sent again.
    ([batch("1", bad("busy", 503))], OutageError, r"^Sage Intacct failed while creating .* \(HTTP 503\), so it is"),
    ([batch("1", bad("no permission", 403))], AccessError, r"^Access to accounts-receivable/customer is denied"),
])  # fmt: skip
def test_an_answer_that_says_nothing_about_the_records_ends_the_run(script, error, text):
    client, transport = make_client(*script, max_retries=1)
    with pytest.raises(error, match=text):
        client.create(CUSTOMER, records(2))
    assert transport.is_used_up


def test_a_batch_has_a_key_made_of_its_records_keys_in_order():
    assert batch_key(["a", "b"]) != batch_key(["ab"]) != batch_key(["b", "a"]) != batch_key(["a", "b"])
    assert len(batch_key(["a"] * 500)) == 64

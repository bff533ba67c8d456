import pytest
from fakes import CUSTOMER, CUT, KEY_RUNNING, changed, make_client, refused, replayed
from sage_answers import bad, batch

from destination_sage_intacct import exact_json
from destination_sage_intacct.intacct.bulk import Capabilities, ChangedRecord, Written
from destination_sage_intacct.intacct.errors import AccessError, OutageError, SageError

TOGETHER = f"PATCH /objects/{CUSTOMER}"
NO_METHOD = refused(405, "Method not allowed")


def alone(number, method="PATCH"):
    return f"{method} /objects/{CUSTOMER}/{number}"


def records(count):
    return [ChangedRecord(str(number), b'{"n":%d}' % number) for number in range(1, count + 1)]


def updated(count, first=1):
    return batch(*(str(number) for number in range(first, first + count)), status=200)


def written(*keys):
    return [Written(str(key)) for key in keys]


def test_records_go_together_on_the_collection_each_with_its_key_and_one_alone_as_an_object():
    client, transport = make_client(batch("1", bad(), "3"), changed("1"), entity="100")
    results = client.update(CUSTOMER, records(3))
    client.update(CUSTOMER, records(1))

    assert results == [Written("1"), SageError("no", 422, "operationFailed"), Written("3")]
    together, single = transport.requests
    assert transport.asked == [TOGETHER, alone(1)]
    assert exact_json.decode(together.body) == [{"key": str(number), "n": number} for number in (1, 2, 3)]
    assert (together.headers["X-IA-API-Param-Entity"], single.body) == ("100", b'{"n":1}')
    assert client.traffic.transactions == 3


TOO_LARGE = refused(413, "too large")
SMALLER = [updated(29, first) for first in (31, 60, 89)]


@pytest.mark.parametrize(
    ("script", "sizes"),
    [
        ([updated(30), updated(87, 31)], [30, 87]),
        # A body that is too large for the server makes all later ones smaller.
        ([TOO_LARGE, updated(15), updated(15, 16), *SMALLER], [30, 15, 15, 29, 29, 29]),
    ],
)
def test_batches_grow_unless_one_was_too_large_and_the_results_keep_their_order(script, sizes):
    client, transport = make_client(*script, most_in_flight=1)
    assert client.update(CUSTOMER, records(117)) == written(*range(1, 118))
    assert [len(exact_json.decode(each.body)) for each in transport.requests] == sizes


@pytest.mark.parametrize("lost", [[CUT], [CUT, KEY_RUNNING], [batch("1", status=200)], [refused(502, "bad gateway")]])
def test_a_batch_whose_outcome_is_not_known_is_sent_again_under_its_key_so_that_the_first_one_ends_before(lost):
    client, transport = make_client(*lost, updated(2))
    assert client.update(CUSTOMER, records(2)) == written(1, 2)
    assert transport.asked == [TOGETHER] * (len(lost) + 1)
    assert len(set(transport.idempotency_keys)) == 1


NO_ANSWER = r"^Sage Intacct did not answer PATCH /objects/accounts-receivable/customer"
STILL_AT_IT = r"^Sage Intacct is still working on an earlier attempt to update records of"


@pytest.mark.parametrize(
    ("script", "said"), [([batch("1", status=200)] * 4, NO_ANSWER), ([CUT, *[KEY_RUNNING] * 60], STILL_AT_IT)]
)
def test_a_batch_whose_outcome_stays_unknown_is_an_outage(script, said):
    client, _ = make_client(*script)
    with pytest.raises(OutageError, match=said):
        client.update(CUSTOMER, records(2))


AT_FAULT = [refused(422, "bad"), updated(2), refused(404, "it is me"), changed("4")]


@pytest.mark.parametrize(
    ("script", "count", "refused_at", "asked"),
    [
        # A batch refused as a whole is halved until the record at fault is named.
        (AT_FAULT, 4, [2], [TOGETHER, TOGETHER, alone(3), alone(4)]),
        # A record refused for now is sent once more by itself.
        ([batch("1", bad("busy", 429)), changed("2")], 2, [], [TOGETHER, alone(2)]),
    ],
)
def test_records_are_sent_once_more_by_themselves_where_that_helps(script, count, refused_at, asked):
    client, transport = make_client(*script)
    results = client.update(CUSTOMER, records(count))
    assert [place for place, result in enumerate(results) if isinstance(result, SageError)] == refused_at
    assert transport.asked == asked
    assert client.traffic.transactions == count - len(refused_at)


BY_PUT = [alone(1, "PUT"), alone(2, "PUT")]


@pytest.mark.parametrize(
    ("refusals", "asked", "said"),
    [
        (
            [refused(400, "The object does not accept an array")],
            [TOGETHER, *[alone(1), alone(2)] * 2],
            f"This server takes {CUSTOMER} by PATCH only one record at a time; no batches from here on.",
        ),
        (
            [NO_METHOD, NO_METHOD],
            [TOGETHER, alone(1), *BY_PUT, *BY_PUT],
            f"This server updates {CUSTOMER} by PUT, not by PATCH; updates go by PUT from here on.",
        ),
    ],
)
def test_what_a_server_does_not_take_is_found_out_and_reported_once(refusals, asked, said):
    reported = []
    script = [*refusals, *(changed(number) for number in "1212")]
    client, transport = make_client(*script, capabilities=Capabilities(500, reported.append))
    for _ in range(2):
        assert client.update(CUSTOMER, records(2)) == written(1, 2)
    assert transport.asked == asked
    assert reported == [said]


@pytest.mark.parametrize("answer", [refused(403, "no permission"), batch("1", bad("no permission", 403))])
def test_a_forbidden_object_ends_the_run_however_that_is_said(answer):
    client, _ = make_client(answer)
    with pytest.raises(AccessError, match=r"^Access to accounts-receivable/customer is denied \(403\)"):
        client.update(CUSTOMER, records(2))


def test_a_stored_failure_of_an_update_gets_one_new_attempt():
    client, transport = make_client(CUT, replayed(refused(500, "Unable to process request")), changed("1"))
    assert client.update(CUSTOMER, records(1)) == [Written("1")]
    first, second, third = transport.idempotency_keys
    assert first == second != third

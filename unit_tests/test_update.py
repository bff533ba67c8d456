import pytest
from fakes import CUSTOMER, CUT, KEY_RUNNING, changed, make_client, new_record, refused, replayed
from sage_answers import bad, batch

from destination_sage_intacct import exact_json
from destination_sage_intacct.intacct.bulk import Capabilities, ChangedRecord, Written
from destination_sage_intacct.intacct.errors import AccessError, OutageError, SageError

TOGETHER = f"PATCH /objects/{CUSTOMER}"
NO_METHOD = refused(405, "Method not allowed")
WHOLE = refused(422, "a record is bad")


def alone(number, method="PATCH"):
    return f"{method} /objects/{CUSTOMER}/{number}"


def records(count):
    return [ChangedRecord(str(number), b'{"n":%d}' % number) for number in range(1, count + 1)]


def updated(count, first=1):
    return batch(*(str(number) for number in range(first, first + count)), status=200)


def written(*keys):
    return [Written(str(key)) for key in keys]


def test_records_go_together_on_the_collection_each_with_its_key():
    client, transport = make_client(batch("1", bad(), "3"), entity="100")

    results = client.update(CUSTOMER, records(3))

    assert results == [Written("1"), SageError("no", 422, "operationFailed"), Written("3")]
    (request,) = transport.requests
    assert transport.asked == [TOGETHER]
    assert exact_json.decode(request.body) == [{"key": str(number), "n": number} for number in (1, 2, 3)]
    assert request.headers["X-IA-API-Param-Entity"] == "100"
    assert client.traffic.transactions == 2


def test_batches_grow_and_the_results_keep_their_order():
    client, transport = make_client(updated(30), updated(120, 31))

    assert client.update(CUSTOMER, records(150)) == written(*range(1, 151))
    assert [len(exact_json.decode(each.body)) for each in transport.requests] == [30, 120]


def test_a_record_alone_is_sent_as_an_object():
    client, transport = make_client(changed("1"), changed("2"), capabilities=Capabilities(1))

    client.update(CUSTOMER, records(2))

    assert transport.asked == [alone(1), alone(2)]
    assert transport.requests[0].body == b'{"n":1}'


@pytest.mark.parametrize("lost", [CUT, batch("1", status=200), refused(502, "bad gateway")])
def test_a_batch_whose_outcome_is_not_known_is_sent_again(lost):
    client, transport = make_client(lost, updated(2))

    assert client.update(CUSTOMER, records(2)) == written(1, 2)
    assert transport.asked == [TOGETHER, TOGETHER]


def test_a_list_that_is_never_whole_is_an_outage():
    client, _ = make_client(*[batch("1", status=200)] * 2, max_retries=1)

    with pytest.raises(OutageError, match=r"^Sage Intacct did not answer PATCH /objects/accounts-receivable/customer"):
        client.update(CUSTOMER, records(2))


def test_a_batch_refused_as_a_whole_is_halved_until_the_record_at_fault_is_named():
    client, transport = make_client(WHOLE, updated(2), refused(404, "it is me"), changed("4"))

    results = client.update(CUSTOMER, records(4))

    assert [type(result) for result in results] == [Written, Written, SageError, Written]
    assert transport.asked == [TOGETHER, TOGETHER, alone(3), alone(4)]


def test_a_body_that_is_too_large_for_the_server_makes_all_later_ones_smaller():
    answers = [updated(15), updated(15, 16), updated(29, 31), updated(29, 60), updated(29, 89)]
    client, transport = make_client(refused(413, "too large"), *answers, most_in_flight=1)

    client.update(CUSTOMER, records(117))

    assert [len(exact_json.decode(each.body)) for each in transport.requests] == [30, 15, 15, 29, 29, 29]


def test_a_server_that_takes_no_arrays_is_found_out_once():
    told = []
    no_array = refused(400, "The object does not accept an array")
    script = [no_array, changed("1"), changed("2"), changed("1"), changed("2")]
    client, transport = make_client(*script, capabilities=Capabilities(500, told.append))

    for _ in range(2):
        assert client.update(CUSTOMER, records(2)) == written(1, 2)

    assert transport.asked == [TOGETHER, alone(1), alone(2), alone(1), alone(2)]
    assert told == [f"This server takes {CUSTOMER} by PATCH only one record at a time; no batches from here on."]


def test_a_server_that_knows_only_put_is_told_of_once_and_nothing_else_is_said_of_it():
    told = []
    script = [NO_METHOD, NO_METHOD, *[changed(str(number)) for number in (1, 2, 1, 2)]]
    client, transport = make_client(*script, capabilities=Capabilities(500, told.append))

    for _ in range(2):
        assert client.update(CUSTOMER, records(2)) == written(1, 2)

    by_put = [alone(1, "PUT"), alone(2, "PUT")]
    assert transport.asked == [TOGETHER, alone(1), *by_put, *by_put]
    assert told == [f"This server updates {CUSTOMER} by PUT, not by PATCH; updates go by PUT from here on."]


def test_a_record_refused_for_now_is_sent_once_more_by_itself():
    client, transport = make_client(batch("1", bad("busy", 429)), changed("2"))

    assert client.update(CUSTOMER, records(2)) == written(1, 2)
    assert transport.asked == [TOGETHER, alone(2)]
    assert client.traffic.transactions == 2


@pytest.mark.parametrize("answer", [refused(403, "no permission"), batch("1", bad("no permission", 403))])
def test_a_forbidden_object_ends_the_run_however_it_is_told(answer):
    client, _ = make_client(answer)

    with pytest.raises(AccessError, match=r"^Access to accounts-receivable/customer is denied \(403\)"):
        client.update(CUSTOMER, records(2))


def test_what_the_server_takes_by_one_method_says_nothing_about_the_other():
    client, transport = make_client(NO_METHOD, changed("1"), changed("2"), batch("3", "4"))
    client.update(CUSTOMER, records(2))

    client.create(CUSTOMER, [new_record("a"), new_record("b")])

    assert transport.asked[-1] == f"POST /objects/{CUSTOMER}"
    assert len(exact_json.decode(transport.requests[-1].body)) == 2


def test_an_update_that_was_lost_is_sent_again_under_the_same_key_so_that_the_first_one_ends_before():
    client, transport = make_client(CUT, KEY_RUNNING, batch("1", "2"))

    assert client.update(CUSTOMER, records(2)) == [Written("1"), Written("2")]
    assert len(set(transport.idempotency_keys)) == 1


def test_an_update_whose_earlier_attempt_never_ends_is_an_outage():
    client, _ = make_client(CUT, *[KEY_RUNNING] * 60)

    with pytest.raises(OutageError, match=r"^Sage Intacct is still working on an earlier attempt to update records of"):
        client.update(CUSTOMER, records(2))


def test_a_stored_failure_of_an_update_gets_one_new_attempt():
    client, transport = make_client(CUT, replayed(refused(500, "Unable to process request")), changed("1"))

    assert client.update(CUSTOMER, records(1)) == [Written("1")]
    first, second, third = transport.idempotency_keys
    assert first == second != third

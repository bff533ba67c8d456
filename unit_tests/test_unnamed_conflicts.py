"""A 409 that names neither the idempotency key nor another reason may be about an earlier attempt."""

from dataclasses import replace

import pytest
from fakes import CUSTOMER, CUT, changed, created, make_client, new_record, refused

from destination_sage_intacct.intacct.bulk import ChangedRecord, Written
from destination_sage_intacct.intacct.classify import Answer, idempotency_conflict
from destination_sage_intacct.intacct.create import UNNAMED_CONFLICT
from destination_sage_intacct.intacct.errors import OutageError, SageError

UNNAMED = refused(409, "The request conflicts with an earlier one")


@pytest.mark.parametrize(
    ("answer", "conflict"),
    [
        (UNNAMED, "unnamed"),
        (refused(409, "Another record with the value C1 already exists"), None),
        (refused(409, "The record is locked by another user"), None),
        (refused(422, "The request conflicts with an earlier one"), None),
        (Answer(409), None),
    ],
)
def test_only_a_409_of_no_known_reason_is_unnamed(answer, conflict):
    assert idempotency_conflict(replace(answer, is_keyed=True)) == conflict
    assert idempotency_conflict(answer) is None


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
    with pytest.raises(OutageError, match="still works on an earlier attempt"):
        client.update(CUSTOMER, [ChangedRecord("32", b'{"name":"x"}')])

    client, _ = make_client(UNNAMED, changed(), max_retries=0)
    (result,) = client.update(CUSTOMER, [ChangedRecord("32", b'{"name":"x"}')])
    assert isinstance(result, SageError)

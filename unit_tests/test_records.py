import pytest
from fakes import refused, replayed
from sage_answers import bad, batch

from destination_sage_intacct import exact_json
from destination_sage_intacct.intacct.bulk import (
    ChangedRecord,
    Written,
    count_written,
    holds_results,
    is_passing,
    result_alone,
    results_by_position,
)
from destination_sage_intacct.intacct.classify import Answer
from destination_sage_intacct.intacct.errors import SageError

NO = SageError("no", 422, "operationFailed")
NOT_READABLE = "the record's result is not readable"


@pytest.mark.parametrize(
    ("answer", "results"),
    [
        (batch("1", "2"), [Written("1"), Written("2")]),
        (batch("1", bad()), [Written("1"), NO]),
        (batch({"key": "1", "ia::status": 201}, bad()), [Written("1"), NO]),
        (batch(bad(), {"key": 7, "ia::status": 200}), [NO, Written("7")]),
        (batch({"ia::status": 204}, bad()), [Written(), NO]),
        (batch({"key": None}, bad()), [Written(), NO]),
        (
            batch("1", {"ia::status": 422, "ia::error": [{"code": "operationFailed", "message": "no"}]}),
            [Written("1"), NO],
        ),
        (
            batch("1", {"ia::status": 404}),
            [Written("1"), SageError("HTTP 404 without an explanation", 404)],
        ),
        (
            batch("1", {"key": "2", "ia::error": {"message": "no", "code": "operationFailed"}}),
            [Written("1"), SageError("no", 207, "operationFailed")],
        ),
        (batch("1", "2", status=207), [Written("1"), Written("2")]),
        (batch("1", None), [Written("1"), SageError(NOT_READABLE, 207)]),
        (batch("1", ["2"]), [Written("1"), SageError(NOT_READABLE, 207)]),
        (batch(bad(), bad(), status=422), [NO, NO]),
        (
            batch({"ia::error": {"message": "a"}}, {"ia::error": {"message": "b"}}, status=400),
            [SageError("a", 400), SageError("b", 400)],
        ),
    ],
)
def test_each_result_is_read_in_its_place(answer, results):
    assert results_by_position(answer, 2) == results


def test_every_result_of_an_answer_from_memory_says_so():
    read = results_by_position(replayed(batch("1", "2")), 2)

    assert read == [Written("1", replayed=True), Written("2", replayed=True)]


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (
            refused(400, "not an array", error_id="REST-1028"),
            SageError("not an array", 400, "invalidRequest", "REST-1028"),
        ),
        (Answer(413), SageError("HTTP 413 without an explanation", 413)),
        (batch(bad(), status=422), SageError("no", 422, "operationFailed")),
        (batch(bad(), bad(), bad(), status=422), SageError("HTTP 422 without an explanation", 422)),
        (batch("1", "2", status=422), SageError("HTTP 422 without an explanation", 422)),
        (Answer(400, payload={"ia::result": []}), SageError("HTTP 400 without an explanation", 400)),
        (Answer(201, payload={"ia::result": {"ia::error": {"message": "no"}}}), SageError("no", 201)),
        (batch("1"), SageError("the answer does not hold 2 results", 201)),
        (batch(bad()), SageError("the answer does not hold 2 results", 207)),
        (batch("1", "2", "3"), SageError("the answer does not hold 2 results", 201)),
        (Answer(201, payload={"ia::result": {"key": "1"}}), SageError("the answer does not hold 2 results", 201)),
        (Answer(200), SageError("the answer does not hold 2 results", 200)),
    ],
)
def test_an_answer_without_a_result_for_each_record_speaks_for_none(answer, error):
    assert results_by_position(answer, 2) == error


@pytest.mark.parametrize(
    ("payload", "is_whole"),
    [
        ({"ia::result": [{}, {}]}, True),
        ({"ia::result": [{}, bad()]}, True),
        ({"ia::result": [{}]}, False),
        ({"ia::result": [{}, {}, {}]}, False),
        ({"ia::result": {"key": "1"}}, False),
        ({}, False),
        ([{}, {}], False),
        (None, False),
    ],
)
def test_a_list_is_whole_when_it_holds_one_result_for_each_record(payload, is_whole):
    assert holds_results(2)(payload) is is_whole


@pytest.mark.parametrize(
    ("result", "passing"),
    [
        (Written("1"), False),
        (NO, False),
        (SageError("no", 409), False),
        (SageError("no", 408), True),
        (SageError("no", 429), True),
        (SageError("no", 500), True),
        (SageError("no", 503), True),
    ],
)
def test_a_record_that_the_server_had_no_time_for_is_refused_for_now_only(result, passing):
    assert is_passing(result) is passing


def test_only_written_records_are_counted():
    assert count_written([Written("1"), NO, Written()]) == 2


def test_the_result_of_a_record_sent_alone_may_stand_in_a_list():
    assert result_alone(batch("1")) == Written("1")
    assert result_alone(batch(bad())) == NO


def test_in_a_batch_an_update_carries_its_record_key():
    record = ChangedRecord('3"4', b'{"name":"x"}')

    assert exact_json.decode(record.keyed) == {"key": '3"4', "name": "x"}
    assert record.size == len(record.keyed) + 1

from dataclasses import replace

import pytest
from fakes import new_record, refused
from sage_answers import bad, batch

from destination_sage_intacct import exact_json
from destination_sage_intacct.intacct.bulk import (
    ChangedRecord,
    Written,
    count_written,
    holds_changed,
    holds_created,
    holds_deleted,
    is_transient,
    result_alone,
    results_by_position,
)
from destination_sage_intacct.intacct.classify import Answer
from destination_sage_intacct.intacct.errors import SageError

NO = SageError("no", 422, "operationFailed")


@pytest.mark.parametrize(
    ("answer", "results"),
    [
        (batch("1", "2"), [Written("1"), Written("2")]),
        (batch("1", bad()), [Written("1"), NO]),
        (batch({"key": "1", "ia::status": 201}, bad()), [Written("1"), NO]),
        (batch(bad(), {"key": 7, "ia::status": 200}), [NO, Written("7")]),
        (batch({"ia::status": 204}, bad()), [Written(), NO]),
        (
            batch("1", {"ia::status": 422, "ia::error": [{"code": "operationFailed", "message": "no"}]}),
            [Written("1"), NO],
        ),
        (batch("1", {"ia::status": 404}), [Written("1"), SageError("HTTP 404 without an explanation", 404)]),
        (
            batch("1", {"key": "2", "ia::error": {"message": "no", "code": "operationFailed"}}),
            [Written("1"), SageError("no", 207, "operationFailed")],
        ),
        (batch("1", "2", status=207), [Written("1"), Written("2")]),
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
    read = results_by_position(replace(batch("1", "2"), may_be_stored=True, is_older=True), 2)

    assert read == [Written("1", replayed=True), Written("2", replayed=True)]


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (
            refused(400, "not an array", error_id="REST-1028"),
            SageError("not an array", 400, "invalidRequest", "REST-1028"),
        ),
        (batch(bad(), status=422), SageError("no", 422, "operationFailed")),
        (Answer(201, payload={"ia::result": {"ia::error": {"message": "no"}}}), SageError("no", 201)),
        (Answer(413), SageError("HTTP 413 with no body, not an answer of Sage Intacct", 413)),
        (batch("1"), SageError("HTTP 201 with an answer that does not cover everything that was sent", 201)),
    ],
)
def test_an_answer_without_a_result_for_each_record_speaks_for_none(answer, error):
    assert results_by_position(answer, 2) == error


def item(key, **more):
    return {"key": key, **more}


def answered(*results, status=201, **meta):
    return Answer(status, {}, {"ia::result": list(results), "ia::meta": meta})


PAGES = [
    Answer(201),
    Answer(202),
    Answer(204),
    Answer(201, payload={}),
    Answer(201, payload=[]),
    Answer(201, payload=[item("1"), item("2")]),
    Answer(201, payload="ok"),
    Answer(201, payload={"ia::result": None}),
    Answer(201, payload={"ia::result": []}),
    Answer(201, payload={"ia::result": item("1")}),
    answered(item("1")),
    answered(item("1"), item("2"), item("3")),
    answered(item("1"), None),
    answered(item("1"), "2"),
    answered(item("1"), {}),
    answered(item("1"), item(None)),
    answered(item("1"), item("")),
    answered(item("1"), item(True)),
    answered(item("1"), item("2"), totalCount=2, totalError=1),
    answered(item("1"), bad(), totalError=2),
    answered(item("1"), item("2"), totalSuccess=1),
    answered(item("1"), item("2"), status=422),
]


@pytest.mark.parametrize("answer", PAGES)
@pytest.mark.parametrize(
    "is_whole", [holds_created([new_record(), new_record()]), holds_changed(["1", "2"]), holds_deleted(["1", "2"])]
)
def test_what_does_not_hold_a_result_of_its_own_for_each_record_proves_nothing(answer, is_whole):
    if answer.status == 204 and is_whole(answer):
        assert is_whole(Answer(204, unreadable="an HTML page")) is False  # a deletion of all is answered that way
        return
    assert is_whole(answer) is False


@pytest.mark.parametrize(
    "answer",
    [
        answered(item("1"), item("2"), totalCount=2, totalSuccess=2, totalError=0),
        answered(item(1), item(2), totalCount=2),
        answered(item("1", **{"ia::status": 201}), bad(), status=207, totalSuccess=1, totalError=1),
        answered(bad(), bad(), status=422),
        Answer(422, {}, {"ia::result": [bad(), item("2")]}),
    ],
)
def test_one_result_for_each_record_is_proof(answer):
    assert holds_created([new_record(), new_record()])(answer)
    assert holds_changed(["1", "2"])(answer)
    assert holds_deleted(["1", "2"])(answer)


def test_the_same_record_key_twice_proves_no_create():
    assert not holds_created([new_record(), new_record()])(answered(item("1"), item("1")))


@pytest.mark.parametrize(
    ("told", "is_own"), [("C-1", True), ("c-1", True), (" C-1 ", True), (None, True), (7, True), ("C-2", False)]
)
def test_another_records_id_proves_no_create(told, is_own):
    record = new_record(unique_id="C-1")

    assert holds_created([record])(Answer(201, {}, {"ia::result": item("7", id=told)})) is is_own


def test_another_records_key_proves_no_change():
    swapped = answered(item("2"), item("1"), status=200)

    assert not holds_changed(["1", "2"])(swapped)
    assert not holds_deleted(["1", "2"])(swapped)


def test_of_a_deletion_in_a_list_the_place_and_a_status_are_enough():
    partial = answered({"ia::status": 204}, bad(status=404), status=207)

    assert holds_deleted(["1", "2"])(partial)
    assert not holds_changed(["1", "2"])(partial)


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
    assert is_transient(result) is passing


def test_only_written_records_are_counted():
    assert count_written([Written("1"), NO, Written()]) == 2


def test_the_result_of_a_record_sent_alone_may_stand_in_a_list():
    is_whole = holds_created([new_record()])

    assert result_alone(batch("1"), is_whole) == Written("1")
    assert result_alone(batch(bad()), is_whole) == NO


def test_an_answer_that_proves_nothing_is_no_result_of_a_record_sent_alone():
    result = result_alone(Answer(200, unreadable="an HTML page"), holds_changed(["7"]))

    assert result == SageError("HTTP 200 with an HTML page, not an answer of Sage Intacct", 200)


def test_in_a_batch_an_update_carries_its_record_key():
    record = ChangedRecord('3"4', b'{"name":"x"}')

    assert exact_json.decode(record.keyed) == {"key": '3"4', "name": "x"}
    assert record.size == len(record.keyed) + 1

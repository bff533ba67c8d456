from dataclasses import replace

import pytest
from fakes import new_record, refused
from sage_answers import bad, batch

from destination_sage_intacct import exact_json
from destination_sage_intacct.intacct.bulk import (
    ChangedRecord,
    Written,
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
        (batch("1", {"ia::status": 422, "ia::error": [bad()["ia::error"]]}), [Written("1"), NO]),
        (batch("1", {"ia::status": 404}), [Written("1"), SageError("HTTP 404 without an explanation", 404)]),
        (batch("1", bad() | {"key": "2", "ia::status": None}), [Written("1"), replace(NO, status=207)]),
        (batch("1", "2", status=207), [Written("1"), Written("2")]),
        (batch(bad(), bad(), status=422), [NO, NO]),
        (batch(*({"ia::error": {"message": each}} for each in "ab"), status=400), [SageError(e, 400) for e in "ab"]),
        (
            replace(batch("1", "2"), may_be_stored=True, is_older=True),
            [Written("1", replayed=True), Written("2", replayed=True)],
        ),
    ],
)
def test_each_result_is_read_in_its_place(answer, results):
    assert results_by_position(answer, 2) == results


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (refused(400, "no array", error_id="REST-1028"), SageError("no array", 400, "invalidRequest", "REST-1028")),
        (batch(bad(), status=422), NO),
        (Answer(201, payload={"ia::result": {"ia::error": {"message": "no"}}}), SageError("no", 201)),
        (Answer(413), SageError("HTTP 413 with no body, not an answer of Sage Intacct", 413)),
        (batch("1"), SageError("HTTP 201 with an answer that does not cover everything that was sent", 201)),
    ],
)
def test_an_answer_without_a_result_for_each_record_speaks_for_none(answer, error):
    assert results_by_position(answer, 2) == error


def answered(*results, status=201, **meta):
    """An answer whose results are the record keys in these texts, or what else is given."""
    shown = [{"key": each} if isinstance(each, str) else each for each in results]
    return Answer(status, {}, {"ia::result": shown, "ia::meta": meta})


ONE, TWO = {"key": "1"}, {"key": "2"}
PAGES = [
    *(Answer(status) for status in (201, 202, 204)),
    *(Answer(201, payload=page) for page in ({}, [], [ONE, TWO], "ok")),
    *(Answer(201, payload={"ia::result": held}) for held in (None, [], ONE, [ONE, None], [ONE, "2"])),
    *(answered("1", held) for held in ({}, {"key": None}, {"key": ""}, {"key": True})),
    answered("1"),
    answered("1", "2", "3"),
    answered("1", "2", totalCount=2, totalError=1),
    answered("1", bad(), totalError=2),
    answered("1", "2", totalSuccess=1),
    answered("1", "2", status=422),
]
CREATED = holds_created([new_record(), new_record()])
CHANGED, DELETED = holds_changed(["1", "2"]), holds_deleted(["1", "2"])


@pytest.mark.parametrize("answer", PAGES)
@pytest.mark.parametrize("is_whole", [CREATED, CHANGED, DELETED])
def test_what_does_not_hold_a_result_of_its_own_for_each_record_proves_nothing(answer, is_whole):
    if answer.status == 204 and is_whole is DELETED:  # a deletion of all is answered that way
        assert is_whole(answer) is True
        answer = replace(answer, unreadable="an HTML page")
    assert is_whole(answer) is False


@pytest.mark.parametrize(
    ("answer", "proven"),
    [
        (answered("1", "2", totalCount=2, totalSuccess=2, totalError=0), (True, True, True)),
        (answered({"key": 1}, {"key": 2}, totalCount=2), (True, True, True)),
        (answered(ONE | {"ia::status": 201}, bad(), status=207, totalSuccess=1, totalError=1), (True, True, True)),
        (answered(bad(), bad(), status=422), (True, True, True)),
        (Answer(422, {}, {"ia::result": [bad(), TWO]}), (True, True, True)),
        # The same record key twice proves no create, and another record's key no change.
        (answered("1", "1"), (False, False, False)),
        (answered("2", "1", status=200), (True, False, False)),
        # Of a deletion in a list the place and a status are enough.
        (answered({"ia::status": 204}, bad(status=404), status=207), (False, False, True)),
    ],
)
def test_one_result_for_each_record_is_proof(answer, proven):
    assert (CREATED(answer), CHANGED(answer), DELETED(answer)) == proven


@pytest.mark.parametrize(
    ("said", "is_own"), [("C-1", True), ("c-1", True), (" C-1 ", True), (None, True), (7, True), ("C-2", False)]
)
def test_another_records_id_proves_no_create(said, is_own):
    is_whole = holds_created([new_record(unique_id="C-1")])
    assert is_whole(Answer(201, {}, {"ia::result": {"key": "7", "id": said}})) is is_own


@pytest.mark.parametrize(("status", "passing"), [(408, True), (409, False), (429, True), (500, True), (503, True)])
def test_a_record_that_the_server_had_no_time_for_is_refused_for_now_only(status, passing):
    assert is_transient(SageError("no", status)) is passing
    assert not is_transient(NO)
    assert not is_transient(Written("1"))


def test_the_result_of_a_record_sent_alone_may_be_in_a_list_and_is_an_error_where_nothing_is_proven():
    page = Answer(200, unreadable="an HTML page")
    nothing = SageError("HTTP 200 with an HTML page, not an answer of Sage Intacct", 200)
    assert result_alone(batch("1"), holds_created([new_record()])) == Written("1")
    assert result_alone(batch(bad()), holds_created([new_record()])) == NO
    assert result_alone(page, holds_changed(["7"])) == nothing


def test_in_a_batch_an_update_carries_its_record_key():
    record = ChangedRecord('3"4', b'{"name":"x"}')
    assert exact_json.decode(record.keyed) == {"key": '3"4', "name": "x"}
    assert record.size == len(record.keyed) + 1

import threading
from contextlib import suppress

import pytest
from fakes import CUT, changed, created, make_plan, refused
from pipeline_run import CUSTOMERS, STREAM, Writing, scripted, stream_plan, takes_everything
from sage_answers import bad, batch, created_batch, found

from destination_sage_intacct import exact_json
from destination_sage_intacct.config import MatchByFields
from destination_sage_intacct.intacct.classify import Answer
from destination_sage_intacct.intacct.errors import OutageError
from destination_sage_intacct.plan.stream_plan import DELETED_AT
from destination_sage_intacct.protocol.catalog import ConfiguredStream
from destination_sage_intacct.protocol.ledger import Outcome
from destination_sage_intacct.protocol.messages import Record, StreamKey

BY_ID = MatchByFields(("id",))
LONG_SECONDS = 30
COLUMNS = ("id", "name", DELETED_AT)
NOTHING_TO_WRITE = {"key": "7"}


def rows(count, first=0):
    return [{"id": f"C-{number}", "name": "x"} for number in range(first, first + count)]


def deleting_plan():
    stream = ConfiguredStream(STREAM, "append", COLUMNS)
    return make_plan("upsert", model=CUSTOMERS, stream=stream, matching=BY_ID, on_source_delete="delete")


def ids(writing):
    """The ids that each request held."""
    bodies = [exact_json.decode(each.body) for each in writing.transport.requests]
    return [[row["id"] for row in body] if isinstance(body, list) else body["id"] for body in bodies]


def test_rows_are_sent_together_when_the_buffer_is_full():
    writing = scripted(created_batch(3), batch_size=3)
    writing.write(*rows(2))
    assert (writing.transport.requests, writing.ledger.unsettled()) == ([], 2)
    writing.write(*rows(1, 2))
    writing.settle()
    assert ids(writing) == [["C-0", "C-1", "C-2"]]
    assert writing.outcomes == {Outcome.CREATED: 3}


def test_with_a_batch_size_of_one_each_row_is_a_request():
    writing = scripted(created("1"), changed("7"), batch_size=1)
    writing.write({"id": "C-1", "name": "x"}, {"key": "7", "name": "y"})
    writing.pipeline.finish()
    assert [each.method for each in writing.transport.requests] == ["POST", "PATCH"]
    assert writing.outcomes == {Outcome.CREATED: 1, Outcome.UPDATED: 1}


@pytest.mark.parametrize(("seconds", "sent"), [(19.9, False), (20.0, True)])
def test_a_row_waits_no_longer_than_twenty_seconds_for_others(seconds, sent):
    writing = scripted(created("1"))
    writing.write(*rows(1))
    writing.clock.time += seconds
    writing.write(NOTHING_TO_WRITE)
    writing.settle()
    assert writing.transport.is_used_up is sent


def test_the_twenty_seconds_count_from_the_first_row_of_a_buffer():
    writing = scripted(created_batch(2), created("3"))
    writing.write(*rows(1))
    writing.clock.time += 19
    writing.write(*rows(1, 1))
    writing.clock.time += 1
    writing.write(NOTHING_TO_WRITE)
    writing.write(*rows(1, 2))
    writing.clock.time += 19
    writing.write(NOTHING_TO_WRITE)
    writing.settle()

    assert ids(writing) == [["C-0", "C-1"]]


def test_a_row_waits_a_moment_for_company_and_is_then_sent_once():
    writing = scripted(created_batch(2))
    writing.write(*rows(1))
    writing.pipeline.pause()
    assert writing.transport.requests == []

    writing.write(*rows(1, 1))
    writing.pause()
    writing.pause()
    writing.settle()
    assert ids(writing) == [["C-0", "C-1"]]


def test_a_moment_without_input_gathers_on_while_every_thread_is_busy():
    began, go = threading.Event(), threading.Event()

    def slow(_request):
        began.set()
        assert go.wait(LONG_SECONDS)
        return created("1")

    writing = scripted(slow, created_batch(2))
    writing.write(*rows(1))
    writing.pause()
    began.wait(LONG_SECONDS)
    writing.write(*rows(1, 1))
    writing.pause()
    writing.write(*rows(1, 2))
    go.set()
    writing.settle()
    assert ids(writing) == ["C-0"]

    writing.pause()
    writing.settle()
    assert ids(writing) == ["C-0", ["C-1", "C-2"]]


def test_each_stream_gathers_its_own_rows():
    other = StreamKey(None, "others")
    writing = Writing(
        scripted(created_batch(2), created_batch(2)).transport, stream_plan(), stream_plan(stream=other), batch_size=2
    )

    writing.write(*rows(1))
    writing.write(*rows(1, 1), stream=other)
    writing.write(*rows(1, 2))
    writing.write(*rows(1, 3), stream=other)
    writing.pipeline.finish()

    assert ids(writing) == [["C-0", "C-2"], ["C-1", "C-3"]]


def test_a_row_about_a_busy_record_waits_until_the_one_before_it_is_settled():
    writing = scripted(
        found({"key": "7", "id": "C-1"}), Answer(204, {}, None), found(), created("8"), plan=deleting_plan()
    )
    written = writing.write({"id": "C-1", DELETED_AT: "2026-01-31"}, {"id": "C-1", "name": "Two"})
    writing.pipeline.finish()
    assert [row.outcome for row in written] == [Outcome.DELETED, Outcome.CREATED]
    assert writing.transport.is_used_up


def test_a_freed_row_goes_with_the_rows_that_came_meanwhile():
    script = (found({"key": "7", "id": "C-1"}), Answer(204, {}, None), found(), created_batch(2))
    writing = scripted(*script, plan=deleting_plan())
    writing.write({"id": "C-1", DELETED_AT: "2026-01-31"}, {"id": "C-1", "name": "Two"})
    writing.pause()
    writing.settle()
    writing.write({"id": "C-2", "name": "x"})
    writing.pipeline.finish()
    assert writing.outcomes == {Outcome.DELETED: 1, Outcome.CREATED: 2}


def test_many_rows_about_one_record_do_not_fill_the_memory():
    writing = Writing(takes_everything(), stream_plan(matching=BY_ID))
    writing.write(*({"id": "C-1", "name": str(number)} for number in range(5_200)))
    assert writing.ledger.unsettled() < 5_001
    writing.pipeline.close()


def test_rows_that_wait_are_bounded_by_their_bytes():
    writing = Writing(takes_everything(), stream_plan(matching=BY_ID), batch_size=500)
    most = 0
    for number in range(300):
        (row,) = [writing.ledger.receive(Record(1, STREAM, {"id": f"C-{number}", "name": "x"}, size=1 << 20))]
        writing.pipeline.write(row)
        most = max(most, writing.ledger.unsettled_size)
    writing.pipeline.finish()

    assert 4 << 20 <= most <= 65 << 20
    assert writing.outcomes == {Outcome.CREATED: 300}


def test_a_few_large_rows_in_many_streams_are_sent_before_they_fill_the_memory():
    streams = [StreamKey(None, f"s{number}") for number in range(100)]
    plans = [stream_plan(stream=stream, matching=BY_ID) for stream in streams]
    writing = Writing(takes_everything(), *plans)
    most = 0
    for number in range(1_000):
        stream = streams[number % 100]
        row = writing.ledger.receive(Record(1, stream, {"id": f"C-{number}", "name": "x"}, size=200_000))
        writing.pipeline.write(row)
        most = max(most, writing.ledger.unsettled_size)
    writing.pipeline.finish()

    assert most <= 65 << 20
    assert writing.ledger.unsettled() == 0


def test_one_row_that_is_larger_than_all_that_may_wait_is_sent():
    writing = Writing(takes_everything(), stream_plan(matching=BY_ID))
    writing.pipeline.write(writing.ledger.receive(Record(1, STREAM, {"id": "C-1", "name": "x"}, size=1 << 30)))
    writing.pipeline.write(writing.ledger.receive(Record(1, STREAM, {"id": "C-2", "name": "x"})))
    writing.pipeline.finish()
    assert writing.outcomes == {Outcome.CREATED: 2}


def test_rows_that_only_their_own_key_can_tell_of_are_sent_at_once_and_alone():
    plan = stream_plan("insert", object_type="Custom object", custom_object_path="platform-apps/nsp::x")
    writing = scripted(created("1"), created("2"), plan=plan)
    writing.write({"name": "Twin"}, {"name": "Twin"})
    writing.settle()
    assert [isinstance(exact_json.decode(each.body), dict) for each in writing.transport.requests] == [True, True]
    assert len(set(writing.transport.idempotency_keys)) == 2


def test_each_result_settles_the_row_at_its_place():
    writing = scripted(batch("1", bad("No"), "3"), refused(404, "Gone"))
    written = writing.write(*rows(3), {"key": "4", "name": "Four"})
    writing.pipeline.finish()
    assert [row.outcome for row in written] == [Outcome.CREATED, Outcome.REJECTED, Outcome.CREATED, Outcome.REJECTED]
    assert [(row.number, rejection.message) for row, rejection in writing.rejected] == [(2, "No"), (4, "Gone")]


@pytest.mark.parametrize("look", [lambda writer: writer.pause(), lambda writer: writer.finish()])
def test_the_first_failure_is_raised_and_its_row_stays_unsettled(look):
    go = threading.Event()
    writing = scripted(lambda _: (go.wait(LONG_SECONDS), CUT)[1], CUT, CUT, CUT, batch_size=1)
    writing.write(*rows(1))
    go.set()
    with suppress(OutageError):
        writing.settle()

    with pytest.raises(OutageError, match="in 4 attempts"):
        look(writing.pipeline)
    with pytest.raises(OutageError, match="in 4 attempts"):
        writing.write(*rows(1, 1))

    assert (writing.outcomes, writing.rejected) == ({}, [])
    assert writing.pipeline.cost(STREAM).traffic.requests == 4
    writing.pipeline.close()


def test_closing_lets_what_is_being_sent_be_answered_and_sends_nothing_that_waits():
    began, go = threading.Event(), threading.Event()

    def slow(_request):
        began.set()
        assert go.wait(LONG_SECONDS)
        return created_batch(2)

    writing = scripted(slow, batch_size=2)
    writing.write(*rows(3))
    began.wait(LONG_SECONDS)
    threading.Timer(0, go.set).start()

    writing.pipeline.close()

    assert writing.outcomes == {Outcome.CREATED: 2}
    assert (len(writing.transport.requests), writing.ledger.unsettled()) == (1, 1)


def test_rows_from_many_threads_at_once_are_each_settled_once():
    answers: list[Answer] = []
    answer = takes_everything()

    def server(request):
        answers.append(answer(request))
        return answers[-1]

    writing = Writing(server, stream_plan(matching=BY_ID), batch_size=7, threads=6)
    written = writing.write(*({"id": f"C-{number % 50}", "name": str(number)} for number in range(1_000)))
    writing.pipeline.finish()

    assert {row.outcome for row in written} == {Outcome.CREATED, Outcome.UPDATED}
    assert writing.outcomes[Outcome.CREATED] == 50
    writing.pipeline.close()

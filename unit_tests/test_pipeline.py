import threading
import time
from contextlib import suppress
from typing import Any

import pytest
from fakes import CUT, ScriptedTransport, changed, created, make_plan, refused
from pipeline_run import CUSTOMERS, STREAM, Writing, scripted, stream_plan, takes_everything
from sage_answers import bad, batch, created_batch, found

from destination_sage_intacct import exact_json
from destination_sage_intacct.config import MatchByFields, MatchByRecordKey
from destination_sage_intacct.delivery.workers import Shares
from destination_sage_intacct.intacct.classify import Answer
from destination_sage_intacct.intacct.errors import OutageError
from destination_sage_intacct.plan.stream_plan import DELETED_AT
from destination_sage_intacct.protocol.catalog import ConfiguredStream
from destination_sage_intacct.protocol.ledger import Outcome
from destination_sage_intacct.protocol.messages import Record, StreamKey
from destination_sage_intacct.rows.mapping import MappingError

BY_ID = MatchByFields(("id",))
LONG_SECONDS = 30
COLUMNS = ("id", "name", DELETED_AT)


def rows(count, first=0):
    return [{"id": f"C-{number}", "name": "x"} for number in range(first, first + count)]


def deleting():
    stream = ConfiguredStream(STREAM, "append", COLUMNS)
    return make_plan("upsert", model=CUSTOMERS, stream=stream, matching=BY_ID, on_source_delete="delete")


def ids(writing):
    """The ids that each request held."""
    bodies = [exact_json.decode(each.body) for each in writing.transport.requests]
    return [[row["id"] for row in body] if isinstance(body, list) else body["id"] for body in bodies]


def later(writing, seconds):
    """Let time pass up to a row that has nothing to write, and what is being sent be answered."""
    writing.clock.time += seconds
    writing.write({"key": "7"})
    writing.settle()


def held_back(answer):
    """A server that answers when it may `go`, and the event that its request came."""
    began, go = threading.Event(), threading.Event()

    def slow(_request):
        began.set()
        assert go.wait(LONG_SECONDS)
        return answer

    return slow, began, go


def test_rows_are_sent_together_when_the_buffer_is_full():
    writing = scripted(created_batch(3), batch_size=3)
    writing.write(*rows(2))
    assert (writing.transport.requests, writing.ledger.unsettled()) == ([], 2)
    writing.write(*rows(1, 2))
    writing.settle()
    assert ids(writing) == [["C-0", "C-1", "C-2"]]
    assert writing.outcomes == {Outcome.CREATED: 3}


def test_rows_wait_no_longer_than_twenty_seconds_from_the_first_of_their_buffer():
    writing = scripted(created_batch(2), created("3"))
    writing.write(*rows(1))
    later(writing, 19)
    writing.write(*rows(1, 1))
    later(writing, 0.9)
    assert writing.transport.requests == []
    later(writing, 0.1)
    writing.write(*rows(1, 2))
    later(writing, 19)
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
    slow, began, go = held_back(created("1"))
    writing = scripted(slow, created_batch(2))
    writing.write(*rows(1))
    writing.pause()
    began.wait(LONG_SECONDS)
    for number in (1, 2):
        writing.write(*rows(1, number))
        writing.pause()
    go.set()
    writing.settle()
    assert ids(writing) == ["C-0"]
    writing.pause()
    writing.settle()
    assert ids(writing) == ["C-0", ["C-1", "C-2"]]


def test_each_stream_gathers_its_own_rows():
    other = StreamKey(None, "others")
    transport = scripted(created_batch(2), created_batch(2)).transport
    writing = Writing(transport, stream_plan(), stream_plan(stream=other), batch_size=2)
    for number, stream in enumerate((STREAM, other, STREAM, other)):
        writing.write(*rows(1, number), stream=stream)
    writing.pipeline.finish()
    assert ids(writing) == [["C-0", "C-2"], ["C-1", "C-3"]]


def test_a_row_about_a_busy_record_waits_until_the_one_before_it_is_settled():
    writing = scripted(found({"key": "7", "id": "C-1"}), Answer(204, {}, None), found(), created("8"), plan=deleting())
    written = writing.write({"id": "C-1", DELETED_AT: "2026-01-31"}, {"id": "C-1", "name": "Two"})
    writing.pipeline.finish()
    assert [row.outcome for row in written] == [Outcome.DELETED, Outcome.CREATED]
    assert writing.transport.is_used_up


def test_a_freed_row_goes_with_the_rows_that_came_meanwhile():
    script = (found({"key": "7", "id": "C-1"}), Answer(204, {}, None), found(), created_batch(2))
    writing = scripted(*script, plan=deleting())
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


@pytest.mark.parametrize(("streams", "count", "size"), [(1, 300, 1 << 20), (100, 1_000, 200_000)])
def test_rows_that_wait_are_sent_before_they_fill_the_memory(streams, count, size):
    keys = [StreamKey(None, f"s{number}") for number in range(streams)]
    writing = Writing(takes_everything(), *(stream_plan(stream=key, matching=BY_ID) for key in keys))
    most = 0
    for number in range(count):
        record = Record(1, keys[number % streams], {"id": f"C-{number}", "name": "x"}, size=size)
        writing.pipeline.write(writing.ledger.receive(record))
        most = max(most, writing.ledger.unsettled_size)
    writing.pipeline.finish()
    assert 4 << 20 <= most <= 65 << 20
    assert [writing.ledger.outcomes(key) for key in keys] == [{Outcome.CREATED: count // streams}] * streams


def test_one_row_that_is_larger_than_all_that_may_wait_is_sent():
    writing = Writing(takes_everything(), stream_plan(matching=BY_ID))
    for name, size in (("C-1", 1 << 30), ("C-2", 0)):
        writing.pipeline.write(writing.ledger.receive(Record(1, STREAM, {"id": name, "name": "x"}, size=size)))
    writing.pipeline.finish()
    assert writing.outcomes == {Outcome.CREATED: 2}


def test_rows_that_only_their_own_key_identifies_are_sent_at_once_and_alone():
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
    for again in (lambda: look(writing.pipeline), lambda: writing.write(*rows(1, 1))):
        with pytest.raises(OutageError, match="in 4 attempts"):
            again()
    assert (writing.outcomes, writing.rejected) == ({}, [])
    assert writing.pipeline.cost(STREAM).traffic.requests == 4
    writing.pipeline.close()


def test_closing_lets_what_is_being_sent_be_answered_and_sends_nothing_that_waits():
    slow, began, go = held_back(created_batch(2))
    writing = scripted(slow, batch_size=2)
    writing.write(*rows(3))
    began.wait(LONG_SECONDS)
    threading.Timer(0, go.set).start()
    writing.pipeline.close()
    assert writing.outcomes == {Outcome.CREATED: 2}
    assert (len(writing.transport.requests), writing.ledger.unsettled()) == (1, 1)


def test_rows_from_many_threads_at_once_are_each_settled_once():
    writing = Writing(takes_everything(), stream_plan(matching=BY_ID), batch_size=7, threads=6)
    written = writing.write(*({"id": f"C-{number % 50}", "name": str(number)} for number in range(1_000)))
    writing.pipeline.finish()
    assert {row.outcome for row in written} == {Outcome.CREATED, Outcome.UPDATED}
    assert writing.outcomes[Outcome.CREATED] == 50
    writing.pipeline.close()


def test_the_cost_of_a_stream_is_what_its_requests_were():
    other = StreamKey(None, "others")
    transport = scripted(batch("1", bad(), "3"), changed("7"), created_batch(2)).transport
    writing = Writing(transport, stream_plan(), stream_plan(stream=other))
    writing.write(*({"id": each, "name": "x"} for each in "123"), {"key": "7", "name": "x"})
    writing.pipeline.finish()
    for seconds, name in ((5, "4"), (3, "5")):
        writing.clock.time += seconds
        writing.write({"id": name, "name": "x"}, stream=other)
    writing.clock.time += 1
    writing.pipeline.finish()

    cost, others = writing.pipeline.cost(STREAM), writing.pipeline.cost(other)
    assert (cost.traffic.requests, cost.traffic.transactions, cost.replays, cost.seconds) == (2, 3, 0, 0.0)
    assert (others.traffic.requests, others.traffic.transactions, others.seconds) == (1, 2, 4.0)


def test_a_column_that_came_late_is_warned_of_once_and_one_that_names_a_field_is_sent():
    writing = scripted(created_batch(2))
    known = {"id": "2", "name": "Two", "taxId": "T"}
    writing.write({"id": "1", "name": "One", "late": 1, "_ab_cdc_lsn": 1}, {**known, "late": 2})
    writing.pipeline.finish()
    assert writing.warnings == ["Columns of stream customers that are not sent: late (no such field)."]
    assert exact_json.decode(writing.transport.requests[0].body)[1] == known
    (plan,) = writing.pipeline.plans
    assert {"late", "taxId"} <= plan.mapping.unsent.keys() | plan.mapping.targets.keys()
    with pytest.raises(MappingError, match=r"^Stream customers: Columns `name` and `NAME` both go to field `name`"):
        writing.write({"name": "x", "NAME": "y"})


def keys_of(*rows_of_each: dict[str, Any], primary_key=(), sync_id=None, **settings) -> list[str | None]:
    """The idempotency keys under which these rows are created, each alone, in the order of their requests."""
    stream = ConfiguredStream(STREAM, "append", ("row", "id", "name"), primary_key=primary_key, sync_id=sync_id)
    chosen = {"matching": MatchByRecordKey("key")} | settings
    question = [found()] if "matching" in settings else []
    script = [answer for number in range(len(rows_of_each)) for answer in (*question, created(str(number)))]
    writing = Writing(ScriptedTransport(*script), make_plan("insert", stream=stream, **chosen), batch_size=1)
    writing.write(*rows_of_each)
    writing.pipeline.finish()
    return [key for key in writing.transport.idempotency_keys if key]


def test_the_primary_key_distinguishes_rows_of_equal_values_whatever_came_before():
    by_row = {"primary_key": (("row",),), "sync_id": "7"}
    one, two = ({"row": row, "name": "Twin"} for row in (1, 2))
    both = keys_of(one, two, **by_row)
    assert len(set(both)) == 2
    assert {*keys_of(two, **by_row | {"sync_id": "8"}), *keys_of(one, **by_row)} == set(both)
    assert keys_of({"row": 2, "name": "Other"}, **by_row)[0] not in both
    nested = {"primary_key": (("meta", "row"),)}
    assert len({*keys_of(*({"meta": {"row": row}, "name": "Twin"} for row in (1, 2)), **nested)}) == 2
    assert keys_of({"meta": None, "name": "Twin"}, **nested) == keys_of({"name": "Twin"})  # an empty one is none


def test_without_a_key_equal_rows_are_numbered_within_the_sync():
    twins = keys_of({"name": "Twin"}, {"name": "Twin"}, sync_id="7")
    (first,) = keys_of({"name": "Twin"}, sync_id="7")
    assert len(set(twins)) == 2
    assert first in twins
    assert first in keys_of({"name": "Other"}, {"name": "Twin"}, sync_id="7")
    assert keys_of({"name": "Twin"}, sync_id="8") != [first]


def test_a_natural_key_takes_the_place_of_the_primary_key():
    by_name = {"matching": MatchByFields(("name",)), "primary_key": (("row",),)}
    assert keys_of({"row": 1, "name": "One"}, **by_name) == keys_of({"row": 2, "name": "One"}, **by_name)
    assert keys_of({"row": 1, "name": "One"}, **by_name) != keys_of({"row": 1, "name": "Two"}, **by_name)


def test_what_another_stream_may_have_changed_unseen_is_asked_for_again():
    """One stream finds the record by its id, the other by its record key; A, B, A must all be written."""
    other = StreamKey(None, "others")
    script = [found(), created("7"), changed("7"), found({"key": "7", "id": "C-1", "name": "Two"}), changed("7")]
    by_id = stream_plan(matching=MatchByFields(("id",)), skip_unchanged=True)
    writing = Writing(ScriptedTransport(*script), by_id, stream_plan(stream=other))
    one = (STREAM, {"id": "C-1", "name": "One"})
    for stream, row in (one, (other, {"key": "7", "name": "Two"}), one):
        writing.write(row, stream=stream)
        writing.pipeline.finish()
    assert exact_json.decode(writing.transport.requests[-1].body) == {"name": "One"}
    assert writing.transport.is_used_up


def test_streams_that_find_their_records_alike_share_what_they_know():
    other = StreamKey(None, "others")
    plans = [stream_plan(stream=stream, matching=MatchByFields(("id",))) for stream in (STREAM, other)]
    writing = Writing(ScriptedTransport(found(), created("7"), changed("7")), *plans)
    for stream in (STREAM, other):
        writing.write({"id": "C-1", "name": str(stream)}, stream=stream)
        writing.pipeline.finish()
    assert writing.transport.is_used_up


def test_what_another_thread_writes_as_soon_as_it_is_shared_out_leaves_once(monkeypatch):
    """Left twice, a write would release the next one of its record while the one before it is in flight."""
    slow, began, go = held_back(created_batch(2))
    writing = scripted(slow, created_batch(2), plan=stream_plan("insert"), batch_size=2)
    add = Shares.add

    def add_and_lose_the_processor(shares, writer, writes, expected):
        add(shares, writer, writes, expected)
        if began.is_set():
            go.set()
            while any(write.outcome is None for write in writes):
                time.sleep(0.001)

    monkeypatch.setattr(Shares, "add", add_and_lose_the_processor)
    writing.write(*rows(2))
    assert began.wait(LONG_SECONDS)
    writing.write(*rows(2, 2))
    writing.pipeline.finish()
    assert ids(writing) == [["C-0", "C-1"], ["C-2", "C-3"]]
    assert writing.outcomes == {Outcome.CREATED: 4}

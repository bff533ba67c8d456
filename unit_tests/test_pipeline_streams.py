from collections.abc import Iterator
from typing import Any

import pytest
from fakes import ScriptedTransport, changed, created, make_plan
from pipeline_run import STREAM, Writing, scripted, stream_plan, takes_everything
from sage_answers import bad, batch, created_batch, found

from destination_sage_intacct import exact_json
from destination_sage_intacct.config import ConfigError, MatchByFields, MatchByRecordKey, RejectedRows
from destination_sage_intacct.delivery.sync import take
from destination_sage_intacct.protocol.catalog import ConfiguredStream
from destination_sage_intacct.protocol.ledger import Outcome
from destination_sage_intacct.protocol.messages import Message, ProtocolError, Record, StreamKey
from destination_sage_intacct.rows.mapping import MappingError


def test_rows_that_need_no_request_are_settled_in_passing():
    writing = scripted()
    written = writing.write("no object", {"key": "a,b", "name": "x"}, {"key": "7"})
    assert [row.outcome for row in written] == [Outcome.REJECTED, Outcome.REJECTED, Outcome.UNCHANGED]
    assert [rejection.code for _, rejection in writing.rejected] == ["not_an_object", "invalid_record_key"]


def test_the_cost_of_a_stream_is_what_its_requests_were():
    other = StreamKey(None, "others")
    transport = scripted(batch("1", bad(), "3"), changed("7"), created_batch(2)).transport
    writing = Writing(transport, stream_plan(), stream_plan(stream=other))

    writing.write(*({"id": each, "name": "x"} for each in "123"), {"key": "7", "name": "x"})
    writing.pipeline.finish()
    writing.clock.time += 5
    writing.write({"id": "4", "name": "x"}, stream=other)
    writing.clock.time += 3
    writing.write({"id": "5", "name": "x"}, stream=other)
    writing.clock.time += 1
    writing.pipeline.finish()

    cost, others = writing.pipeline.cost(STREAM), writing.pipeline.cost(other)
    assert (cost.traffic.requests, cost.traffic.transactions, cost.replays, cost.seconds) == (2, 3, 0, 0.0)
    assert (others.traffic.requests, others.traffic.transactions, others.seconds) == (1, 2, 4.0)


def test_a_column_that_came_late_is_warned_of_once_and_one_that_names_a_field_is_sent():
    writing = scripted(created_batch(2))

    writing.write(
        {"id": "1", "name": "One", "late": 1, "_ab_cdc_lsn": 1}, {"id": "2", "name": "Two", "taxId": "T", "late": 2}
    )
    writing.pipeline.finish()

    assert writing.warnings == ["Columns of stream customers that are not sent: late (no such field)."]
    assert exact_json.decode(writing.transport.requests[0].body)[1] == {"id": "2", "name": "Two", "taxId": "T"}
    (plan,) = writing.pipeline.plans
    assert {"late", "taxId"} <= plan.mapping.unsent.keys() | plan.mapping.targets.keys()


def test_a_late_column_in_conflict_names_the_stream():
    writing = scripted()
    with pytest.raises(MappingError, match=r"^Stream customers: Columns `name` and `NAME` both go to field `name`"):
        writing.write({"name": "x", "NAME": "y"})


def test_a_stream_whose_rows_cannot_fill_the_natural_key_ends_the_sync():
    plan = make_plan("upsert", stream=ConfiguredStream(STREAM, "append", ()), matching=MatchByFields(("id",)))
    writing = Writing(takes_everything(), plan)
    with pytest.raises(ConfigError, match=r"^Records of stream customers are to be found by `id`, but no column"):
        writing.write({"name": "x"})


@pytest.mark.parametrize("is_broken", [True, False])
def test_the_end_of_the_input_and_a_broken_line_send_what_waits(is_broken):
    writing = scripted(created("1"))
    seen: list[str] = []

    def messages() -> Iterator[Message | None]:
        yield Record(1, STREAM, {"id": "C-1", "name": "One"})
        if is_broken:
            raise ProtocolError("Line 2 of the input is not JSON")

    try:
        take(messages(), writing.pipeline, writing.ledger, RejectedRows())
    except ProtocolError as error:
        seen.append(str(error))

    assert seen == (["Line 2 of the input is not JSON"] if is_broken else [])
    assert writing.outcomes == {Outcome.CREATED: 1}


def keys_of(*rows_of_each: dict[str, Any], primary_key=(), sync_id=None, **settings) -> list[str | None]:
    """The idempotency keys under which these rows are created, each alone."""
    stream = ConfiguredStream(STREAM, "append", ("row", "id", "name"), primary_key=primary_key, sync_id=sync_id)
    chosen = {"matching": MatchByRecordKey("key")} | settings
    question = [found()] if "matching" in settings else []
    script = [answer for number in range(len(rows_of_each)) for answer in (*question, created(str(number)))]
    writing = Writing(ScriptedTransport(*script), make_plan("insert", stream=stream, **chosen), batch_size=1)
    writing.write(*rows_of_each)
    writing.pipeline.finish()
    return [key for key in writing.transport.idempotency_keys if key]


def test_the_primary_key_tells_rows_of_equal_values_apart_whatever_came_before():
    by_row = {"primary_key": (("row",),), "sync_id": "7"}
    one, two = keys_of({"row": 1, "name": "Twin"}, {"row": 2, "name": "Twin"}, **by_row)
    assert one != two
    assert keys_of({"row": 2, "name": "Twin"}, **by_row | {"sync_id": "8"}) == [two]
    assert keys_of({"row": 2, "name": "Other"}, **by_row) != [two]


def test_a_nested_primary_key_is_found_and_an_empty_one_is_none():
    nested = {"primary_key": (("meta", "row"),)}
    assert len({*keys_of(*({"meta": {"row": row}, "name": "Twin"} for row in (1, 2)), **nested)}) == 2
    assert keys_of({"meta": None, "name": "Twin"}, **nested) == keys_of({"name": "Twin"})


def test_without_a_key_equal_rows_are_numbered_within_the_sync():
    first, second = keys_of({"name": "Twin"}, {"name": "Twin"}, sync_id="7")
    assert first != second
    assert keys_of({"name": "Other"}, {"name": "Twin"}, sync_id="7")[1] == first
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

    for stream, row in (
        (STREAM, {"id": "C-1", "name": "One"}),
        (other, {"key": "7", "name": "Two"}),
        (STREAM, {"id": "C-1", "name": "One"}),
    ):
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

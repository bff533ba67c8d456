from collections.abc import Iterator
from dataclasses import replace

import pytest
from fakes import ScriptedTransport, make_config, make_state
from fakes import created as created_one
from pipeline_run import STREAM, Writing, scripted, takes_everything
from row_reading import HEADER, LINE_MODEL, LINES, MODEL, line
from sage_answers import found

from destination_sage_intacct.config import ConfigError, MatchByRecordKey, RejectedRows, StreamSettings
from destination_sage_intacct.delivery.sync import take
from destination_sage_intacct.intacct.clock import StoppedError
from destination_sage_intacct.plan.build import plan_stream, target_of
from destination_sage_intacct.plan.stream_plan import StreamPlan
from destination_sage_intacct.protocol.catalog import ConfiguredStream
from destination_sage_intacct.protocol.ledger import Outcome
from destination_sage_intacct.protocol.messages import Message, ProtocolError, Record, StreamComplete, StreamKey
from destination_sage_intacct.rows.values import Problem

ONE, TWO = StreamKey(None, "one"), StreamKey("public", "two")
HOPELESS = Problem("unknown_field", "There is no such field", "Leave it out.", "number")
CUT_SHORT = "The input ended within a document of {}: neither a STATE nor the end of the stream follows, "


def document_plan(stream: StreamKey) -> StreamPlan:
    own = StreamSettings(stream.name, stream.namespace, field_mapping=HEADER, lines=LINES)
    custom = {"object_type": "Custom object", "custom_object_path": MODEL.object_path}
    config = make_config(**custom, matching=MatchByRecordKey("key"), streams=(own,), operation="insert")
    configured = ConfiguredStream(stream, "append", tuple(line(1)))
    return plan_stream(target_of(configured, config), config, MODEL, {"bill-line": LINE_MODEL})


def writing_of_two(*, first_is_hopeless: bool = False) -> Writing:
    one = document_plan(ONE)
    if first_is_hopeless:
        one = replace(one, validate=lambda _body, _is_new: HOPELESS)
    return Writing(takes_everything(), one, document_plan(TWO))


def taken(writing: Writing, *messages: Message) -> None:
    take(iter(messages), writing.pipeline, writing.ledger, RejectedRows())


def created(writing: Writing) -> list[int]:
    return [writing.ledger.outcomes(stream)[Outcome.CREATED] for stream in (ONE, TWO)]


def row(stream: StreamKey, number: int = 1, place: int = 1) -> Record:
    return Record(place, stream, line(number))


def test_each_document_that_was_cut_short_is_named_and_those_before_are_written():
    writing, odd = writing_of_two(), writing_of_two()
    with pytest.raises(ProtocolError) as caught:
        taken(writing, row(ONE), make_state(None), row(ONE, 2, 3), row(TWO, 1, 4), row(TWO, 1, 5))

    where = "stream one (its row 2, line 3 of the input), stream public.two (its row 2, line 5 of the input)"
    assert str(caught.value).startswith(CUT_SHORT.format(where))
    assert created(writing) == [1, 0]
    taken(odd, row(ONE), make_state(ONE), Record(3, ONE, "no row"))  # what belongs to no document cuts none short
    assert created(odd) == [1, 0]


@pytest.mark.parametrize("ends", [(), (StreamComplete(3, ONE), StreamComplete(4, TWO))], ids=["the end", "complete"])
def test_a_document_that_can_never_be_delivered_does_not_keep_another_from_it(ends):
    writing = writing_of_two(first_is_hopeless=True)
    with pytest.raises(ConfigError, match=r"^Stream one: column `text` goes to `number`, but no row could deliver it"):
        taken(writing, row(ONE), row(TWO), *ends)
    assert (created(writing), writing.ledger.unsettled()) == ([0, 1], 1)


def test_no_row_is_taken_after_a_document_that_can_never_be_delivered():
    writing = writing_of_two(first_is_hopeless=True)
    with pytest.raises(ConfigError):
        taken(writing, row(ONE), StreamComplete(2, ONE), row(TWO, 1, 3), StreamComplete(4, TWO))
    assert writing.ledger.received() == 1


def test_a_sync_that_is_stopped_ends_no_document_and_rejects_none():
    writing = writing_of_two()

    def messages() -> Iterator[Message]:
        yield Record(1, ONE, line(1, "much"))
        writing.clock.stopped = True

    with pytest.raises(StoppedError):
        take(messages(), writing.pipeline, writing.ledger, RejectedRows())
    assert writing.ledger.unsettled() == 1


def test_what_waits_of_a_stream_is_sent_when_it_is_complete():
    writing = scripted(created_one("1"))
    (written,) = writing.write({"id": "C-1", "name": "One"})
    writing.pipeline.complete(STREAM)
    writing.settle()
    assert written.outcome is Outcome.CREATED


def test_the_query_for_the_entities_is_on_the_account_of_the_stream_that_asks_first():
    plans = [replace(document_plan(stream), entity_field="company") for stream in (ONE, TWO)]
    writing = Writing(ScriptedTransport(found({"key": "1", "id": "100"})), *plans)

    writing.write(line(1, company=None))
    writing.write(line(1, company="900"), stream=TWO)
    writing.write(line(1, company="900"))

    assert [writing.pipeline.cost(stream).traffic.transactions for stream in (ONE, TWO)] == [0, 1]

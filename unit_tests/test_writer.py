from collections.abc import Iterator
from typing import Any

import pytest
from fakes import FakeClock, ScriptedExchange, changed, created, make_plan, make_transport, refused

from destination_sage_intacct import exact_json
from destination_sage_intacct.config import RejectedRows
from destination_sage_intacct.delivery.rejection import Rejection
from destination_sage_intacct.delivery.sync import take
from destination_sage_intacct.delivery.writer import Writer
from destination_sage_intacct.intacct.client import IntacctClient
from destination_sage_intacct.protocol.ledger import Ledger, Outcome, Row
from destination_sage_intacct.protocol.messages import Message, ProtocolError, Record, StreamKey

STREAM = StreamKey(None, "customers")


class Sync:
    """A writer of one stream, with what it did."""

    def __init__(self, *script: Any, rows_per_batch: int = 1, **plan: Any) -> None:
        self.exchange = ScriptedExchange(*script)
        self.ledger = Ledger([STREAM], lambda *_: None)
        self.rejected: list[tuple[Row, Rejection]] = []
        self.warnings: list[str] = []
        self.writer = Writer(
            IntacctClient(make_transport(self.exchange)),
            self.ledger,
            [make_plan("upsert", **plan)],
            lambda row, rejection: self.rejected.append((row, rejection)),
            self.warnings.append,
            FakeClock(),
            rows_per_batch,
        )

    def write(self, *rows: Any) -> list[Row]:
        received = [self.ledger.receive(Record(1, STREAM, data)) for data in rows]
        for row in received:
            self.writer.write(row)
        return received


def test_a_row_is_sent_when_its_buffer_is_full():
    sync = Sync(created("1"), changed("34"), rows_per_batch=2)

    sync.write({"name": "One"})
    assert (sync.exchange.requests, sync.ledger.unsettled()) == ([], 1)

    sync.write({"id": "34", "name": "Two"})
    assert sync.exchange.is_used_up
    assert sync.ledger.outcomes(STREAM) == {Outcome.CREATED: 1, Outcome.UPDATED: 1}


def test_what_is_buffered_is_sent_by_a_flush():
    sync = Sync(created("1"), rows_per_batch=500)
    sync.write({"name": "One"})

    sync.writer.flush()
    sync.writer.flush()

    assert sync.ledger.outcomes(STREAM) == {Outcome.CREATED: 1}
    assert len(sync.exchange.requests) == 1


def test_each_result_settles_the_row_at_its_place():
    sync = Sync(created("1"), refused(422, "No"), created("3"), refused(404, "Gone"), rows_per_batch=4)

    rows = sync.write({"name": "One"}, {"name": "Two"}, {"name": "Three"}, {"id": "4", "name": "Four"})

    assert [row.outcome for row in rows] == [Outcome.CREATED, Outcome.REJECTED, Outcome.CREATED, Outcome.REJECTED]
    assert [(row.number, rejection.message) for row, rejection in sync.rejected] == [(2, "No"), (4, "Gone")]


def test_the_cost_of_a_stream_is_what_its_requests_were():
    sync = Sync(created("1"), refused(422, "No"), changed("4"), rows_per_batch=3)

    sync.write({"name": "One"}, {"name": "Two"}, {"id": "4", "name": "Four"})

    cost = sync.writer.costs[STREAM]
    assert (cost.requests, cost.transactions, cost.replayed) == (3, 2, 0)


def test_an_outage_leaves_the_row_unsettled_and_unrecorded():
    sync = Sync(*[refused(503, "Down")] * 4)

    with pytest.raises(Exception, match="in 4 attempts"):
        sync.write({"name": "One"})

    assert sync.ledger.unsettled() == 1
    assert sync.rejected == []
    assert sync.writer.costs[STREAM].requests == 4


def test_a_primary_key_makes_the_key_of_a_create_and_an_ordinal_tells_equal_rows_apart():
    keyless = Sync(*[created(str(number)) for number in range(3)])

    keyless.write({"name": "Twin"}, {"name": "Twin"}, {"name": "Other"})

    keys = keyless.exchange.idempotency_keys
    assert len(set(keys)) == 3
    bodies = [exact_json.decode(each.body or b"") for each in keyless.exchange.requests]
    assert bodies[0] == bodies[1]


def test_a_column_that_came_late_is_warned_of_once():
    sync = Sync(created("1"), created("2"))

    sync.write({"name": "One", "late": 1, "_ab_cdc_lsn": 1}, {"name": "Two", "late": 2})

    assert sync.warnings == ["Columns of stream customers that are not sent: late (no such field)."]


def test_a_moment_without_input_sends_what_is_buffered():
    sync = Sync(created("1"), rows_per_batch=500)
    unsettled: list[int] = []

    def messages() -> Iterator[Message | None]:
        yield Record(1, STREAM, {"name": "One"})
        unsettled.append(sync.ledger.unsettled())
        yield None
        unsettled.append(sync.ledger.unsettled())

    take(messages(), sync.writer, sync.ledger, RejectedRows())

    assert unsettled == [1, 0]


@pytest.mark.parametrize("is_broken", [True, False])
def test_the_end_of_the_input_and_a_broken_line_send_what_is_buffered(is_broken):
    sync = Sync(created("1"), rows_per_batch=500)
    seen: list[str] = []

    def messages() -> Iterator[Message | None]:
        yield Record(1, STREAM, {"name": "One"})
        if is_broken:
            raise ProtocolError("Line 2 of the input is not JSON")

    try:
        take(messages(), sync.writer, sync.ledger, RejectedRows())
    except ProtocolError as error:
        seen.append(str(error))

    assert seen == (["Line 2 of the input is not JSON"] if is_broken else [])
    assert sync.ledger.outcomes(STREAM) == {Outcome.CREATED: 1}

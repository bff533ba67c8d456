"""A rejected row counts at once, and keeps its STATE back until it is recorded."""

import pytest
from fakes import make_state

from destination_sage_intacct.protocol.ledger import Ledger, LedgerError, Outcome
from destination_sage_intacct.protocol.messages import Record, StreamKey

A, B = StreamKey(None, "a"), StreamKey(None, "b")


class Desk:
    def __init__(self):
        self.released = []
        self.ledger = Ledger([A, B], lambda state, kept, rejected: self.released.append((state.line, kept, rejected)))

    def reject(self, stream=A):
        row = self.ledger.receive(Record(0, stream, {}))
        self.ledger.settle(row, Outcome.REJECTED, recorded=False)
        return row

    def state(self, number, stream=A):
        self.ledger.state(make_state(stream, number))


def test_a_rejected_row_counts_before_it_is_recorded():
    desk = Desk()
    desk.reject()

    assert desk.ledger.rejected() == 1
    assert desk.ledger.unsettled() == 0


def test_a_state_waits_until_every_rejected_row_before_it_is_recorded():
    desk = Desk()
    row = desk.reject()
    desk.reject()
    desk.state(1)
    assert desk.released == []

    desk.ledger.recorded({row.segment: 1})
    assert desk.released == []
    desk.ledger.recorded({row.segment: 1})
    assert desk.released == [(1, 0, 2)]


def test_a_state_waits_for_no_rejected_row_behind_it():
    desk = Desk()
    first = desk.reject()
    desk.state(1)
    second = desk.reject()
    desk.state(2)

    desk.ledger.recorded({second.segment: 1})
    assert desk.released == []
    desk.ledger.recorded({first.segment: 1})
    assert desk.released == [(1, 0, 1), (2, 0, 1)]


def test_rows_of_several_segments_and_streams_are_recorded_together():
    desk = Desk()
    rows = [desk.reject(A), desk.reject(B)]
    desk.state(1, None)
    later = desk.reject(A)
    desk.state(2, A)

    desk.ledger.recorded({row.segment: 1 for row in (*rows, later)})

    assert desk.released == [(1, 0, 2), (2, 0, 1)]


def test_a_row_is_recorded_once():
    desk = Desk()
    row = desk.reject()
    desk.ledger.recorded({row.segment: 1})

    with pytest.raises(LedgerError, match="1 rows of stream a were recorded twice"):
        desk.ledger.recorded({row.segment: 1})


def test_whether_a_state_waits_is_known():
    desk = Desk()
    row = desk.reject()
    assert not desk.ledger.has_waiting
    desk.state(1)
    assert desk.ledger.has_waiting

    desk.ledger.recorded({row.segment: 1})

    assert not desk.ledger.has_waiting

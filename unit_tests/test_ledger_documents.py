from contextlib import contextmanager
from itertools import permutations

import pytest
from fakes import make_state

from destination_sage_intacct.protocol.ledger import Ledger, Outcome
from destination_sage_intacct.protocol.messages import Record, StreamKey


def test_a_state_inside_a_document_goes_out_only_with_the_next_one_behind_it():
    released = []
    stream = StreamKey(None, "lines")
    ledger = Ledger([stream], lambda state, *_: released.append(state.line))
    first = ledger.receive(Record(1, stream, {}))
    ledger.state(make_state(stream, 1))
    ledger.state(make_state(stream, 2))
    second = ledger.receive(Record(2, stream, {}))
    ledger.join(first, second)
    for row in (first, second):
        ledger.settle(row, Outcome.CREATED)
    assert released == []

    ledger.state(make_state(stream, 3))
    assert released == [1, 2, 3]


def test_a_state_inside_a_document_waits_for_the_rows_before_the_next_one_too():
    released = []
    stream = StreamKey(None, "lines")
    ledger = Ledger([stream], lambda state, *_: released.append(state.line))
    first = ledger.receive(Record(1, stream, {}))
    ledger.state(make_state(stream, 1))
    second = ledger.receive(Record(2, stream, {}))
    ledger.join(first, second)
    third = ledger.receive(Record(3, stream, {}))
    ledger.state(make_state(stream, 2))
    for row in (first, second):
        ledger.settle(row, Outcome.CREATED)
    assert released == []

    ledger.settle(third, Outcome.CREATED)
    assert released == [1, 2]


@pytest.mark.parametrize("order", permutations(range(4)))
def test_a_document_with_a_state_in_each_gap_goes_out_with_its_last_row_whatever_row_that_is(order):
    released = []
    stream = StreamKey(None, "lines")
    ledger = Ledger([stream], lambda state, *_: released.append(state.line))
    rows = []
    for number in range(1, 5):
        rows.append(ledger.receive(Record(number, stream, {})))
        if number > 1:
            ledger.join(*rows[-2:])
        ledger.state(make_state(stream, number))
    for place in order[:-1]:
        ledger.settle(rows[place], Outcome.CREATED)
        assert released == []

    ledger.settle(rows[order[-1]], Outcome.CREATED)
    assert released == [1, 2, 3, 4]


def test_a_row_of_a_document_that_comes_behind_a_state_long_gone_keeps_no_other_back():
    released = []
    stream = StreamKey(None, "lines")
    ledger = Ledger([stream], lambda state, *_: released.append(state.line))
    first = ledger.receive(Record(1, stream, {}))
    ledger.settle(first, Outcome.REJECTED)
    ledger.state(make_state(stream, 1))
    other = ledger.receive(Record(2, stream, {}))
    ledger.state(make_state(stream, 2))
    ledger.join(first, ledger.receive(Record(3, stream, {})))
    ledger.settle(other, Outcome.CREATED)

    assert released == [1, 2]


class Writes:
    """A ledger whose STATEs are seen write by write."""

    def __init__(self, *streams):
        self.writes = []
        self.ledger = Ledger(streams, lambda state, *_: self.writes[-1].append(state.line), together=self._together)

    @contextmanager
    def _together(self):
        self.writes.append([])
        yield

    def rows(self, *streams):
        return [self.ledger.receive(Record(1, stream, {})) for stream in streams]

    def settle(self, *rows):
        for row in rows:
            self.ledger.settle(row, Outcome.CREATED)


LINES, OTHERS = StreamKey(None, "lines"), StreamKey(None, "others")


def test_states_within_a_document_go_out_in_one_write_with_the_next_one_behind_it():
    desk = Writes(LINES)
    before, first = desk.rows(LINES, LINES)
    desk.ledger.state(make_state(LINES, 1))
    (second,) = desk.rows(LINES)
    desk.ledger.state(make_state(LINES, 2))
    (third,) = desk.rows(LINES)
    for earlier, later in ((first, second), (second, third)):
        desk.ledger.join(earlier, later)
    desk.ledger.state(make_state(LINES, 3))
    desk.ledger.state(make_state(LINES, 4))
    desk.settle(before, first, second, third)

    assert desk.writes == [[1, 2, 3], [4]]


def test_a_state_within_a_document_waits_for_a_global_one_behind_it_and_for_all_that_this_covers():
    desk = Writes(LINES, OTHERS)
    (first,) = desk.rows(LINES)
    desk.ledger.state(make_state(LINES, 1))
    second, other = desk.rows(LINES, OTHERS)
    desk.ledger.join(first, second)
    desk.ledger.state(make_state(None, 2))
    desk.settle(first, second)
    assert desk.writes == []

    desk.settle(other)
    assert desk.writes == [[1, 2]]


def test_a_global_state_within_a_document_of_one_stream_waits_for_the_next_of_that_stream():
    desk = Writes(LINES, OTHERS)
    (first,) = desk.rows(LINES)
    desk.ledger.state(make_state(None, 1))
    (second,) = desk.rows(LINES)
    desk.ledger.join(first, second)
    desk.ledger.state(make_state(OTHERS, 2))
    desk.settle(first, second)
    assert desk.writes == []

    desk.ledger.state(make_state(LINES, 3))
    assert desk.writes == [[1, 2, 3]]

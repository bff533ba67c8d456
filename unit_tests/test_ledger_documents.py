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

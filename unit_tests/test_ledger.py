from collections import Counter

import pytest
from fakes import in_threads, make_state

from destination_sage_intacct.protocol.ledger import Ledger, LedgerError, Outcome
from destination_sage_intacct.protocol.messages import Record, StreamKey, parse_line

A, B, C = (StreamKey(None, name) for name in "abc")
NEVER_SEEN = StreamKey("elsewhere", "x")


class Desk:
    """A ledger with what it released: (number of the STATE, rows not rejected, rows rejected)."""

    def __init__(self, *streams, **settings):
        self.released = []
        self.ledger = Ledger(streams or (A, B), self._release, **settings)
        self.states = 0

    def _release(self, state, records, rejected):
        self.released.append((state.line, records, rejected))

    def rows(self, *streams):
        return [self.ledger.receive(Record(0, stream, {})) for stream in streams]

    def state(self, stream):
        self.states += 1
        self.ledger.state(make_state(stream, self.states))
        return self.states

    def settle(self, *rows, outcome=Outcome.CREATED):
        for row in rows:
            self.ledger.settle(row, outcome)

    def reject(self, *rows):
        self.settle(*rows, outcome=Outcome.REJECTED)


def test_a_state_with_no_rows_before_it_goes_out_at_once():
    desk = Desk()

    desk.state(A)

    assert desk.released == [(1, 0, 0)]


def test_a_state_waits_for_every_row_before_it():
    desk = Desk()
    first, second = desk.rows(A, A)
    desk.state(A)

    desk.settle(second)
    assert desk.released == []
    desk.settle(first)
    assert desk.released == [(1, 2, 0)]


def test_a_row_after_a_state_does_not_hold_it():
    desk = Desk()
    (first,) = desk.rows(A)
    desk.state(A)
    desk.rows(A)

    desk.settle(first)

    assert desk.released == [(1, 1, 0)]


def test_a_state_waits_for_the_one_before_it_in_its_stream():
    desk = Desk()
    (first,) = desk.rows(A)
    desk.state(A)
    (second,) = desk.rows(A)
    desk.state(A)

    desk.settle(second)
    assert desk.released == []
    desk.settle(first)
    assert desk.released == [(1, 1, 0), (2, 1, 0)]


def test_a_state_never_waits_for_another_stream():
    desk = Desk()
    desk.rows(B)
    desk.state(B)
    (row,) = desk.rows(A)
    desk.state(A)

    desk.settle(row)

    assert desk.released == [(2, 1, 0)]


def test_a_global_state_waits_for_the_rows_of_all_streams_and_counts_them():
    desk = Desk()
    of_a, of_b, rejected = desk.rows(A, B, B)
    desk.state(None)

    desk.settle(of_a)
    desk.reject(rejected)
    assert desk.released == []
    desk.settle(of_b)
    assert desk.released == [(1, 2, 1)]


def test_global_states_count_their_own_rows_and_keep_their_order():
    desk = Desk()
    (first,) = desk.rows(A)
    desk.state(None)
    (second,) = desk.rows(B)
    desk.state(None)

    desk.settle(second)
    assert desk.released == []
    desk.settle(first)
    assert desk.released == [(1, 1, 0), (2, 1, 0)]


def test_a_global_state_and_those_of_streams_pass_one_another_in_no_direction():
    desk = Desk()
    (row,) = desk.rows(B)
    desk.state(B)
    desk.state(None)
    desk.state(A)

    assert desk.released == []
    desk.settle(row)
    assert desk.released == [(1, 1, 0), (2, 0, 0), (3, 0, 0)]


def test_a_released_global_state_frees_the_other_streams():
    desk = Desk(A, B, C)
    (row,) = desk.rows(A)
    desk.state(None)
    desk.state(B)
    desk.state(None)
    desk.state(C)

    desk.settle(row)

    assert [number for number, _, _ in desk.released] == [1, 2, 3, 4]


def test_a_legacy_state_covers_all_streams():
    desk = Desk()
    of_a, of_b = desk.rows(A, B)
    desk.ledger.state(parse_line(b'{"type":"STATE","state":{"data":{}}}', 5))

    desk.settle(of_a)
    assert desk.released == []
    desk.settle(of_b)
    assert desk.released == [(5, 2, 0)]


def test_a_state_of_a_stream_that_the_catalog_does_not_hold_goes_back_too():
    desk = Desk()
    desk.rows(A)

    desk.state(NEVER_SEEN)

    assert desk.released == [(1, 0, 0)]


def test_streams_of_one_name_in_two_namespaces_are_two():
    here, there = StreamKey("here", "a"), StreamKey("there", "a")
    desk = Desk(here, there)
    desk.rows(there)

    desk.state(here)

    assert desk.released == [(1, 0, 0)]


def test_a_dry_run_gives_no_state_back():
    desk = Desk(hold_all=True)
    (row,) = desk.rows(A)
    desk.state(A)
    desk.state(None)

    desk.settle(row)
    desk.ledger.release_held()

    assert desk.released == []


def test_a_state_that_covers_rejected_rows_is_held_with_all_behind_it():
    desk = Desk(hold_rejected=True)
    rejected, fine, other = desk.rows(A, A, B)
    desk.state(A)
    desk.state(A)
    desk.state(B)
    desk.state(None)

    desk.settle(fine, other)
    desk.reject(rejected)
    assert desk.released == [(3, 1, 0)]

    desk.ledger.release_held()
    assert desk.released == [(3, 1, 0), (1, 1, 1), (2, 0, 0), (4, 0, 0)]


def test_states_before_a_rejected_row_are_not_held():
    desk = Desk(hold_rejected=True)
    (fine,) = desk.rows(A)
    desk.state(A)
    (rejected,) = desk.rows(A)
    desk.state(A)

    desk.reject(rejected)
    desk.settle(fine)

    assert desk.released == [(1, 1, 0)]


def test_what_is_released_by_permission_must_still_be_settled():
    desk = Desk(hold_rejected=True)
    rejected, _ = desk.rows(A, A)
    desk.state(A)
    desk.reject(rejected)

    desk.ledger.release_held()

    assert desk.released == []


def test_rejected_rows_hold_nothing_unless_asked():
    desk = Desk()
    (row,) = desk.rows(A)
    desk.state(A)

    desk.reject(row)

    assert desk.released == [(1, 0, 1)]


def test_a_row_has_one_outcome():
    desk = Desk()
    (row,) = desk.rows(StreamKey(None, "a"))
    desk.settle(row)

    with pytest.raises(LedgerError, match=r"^row 1 of stream a was settled twice$"):
        desk.reject(row)
    assert desk.ledger.outcomes(A) == {Outcome.CREATED: 1}


def test_a_row_knows_its_number_in_its_stream_and_its_line_in_the_input():
    ledger = Ledger([A, B], lambda *_: None)

    rows = [ledger.receive(Record(line, stream, {"n": line})) for line, stream in ((1, A), (2, B), (5, A))]

    assert [(row.stream, row.number, row.line, row.data) for row in rows] == [
        (A, 1, 1, {"n": 1}),
        (B, 1, 2, {"n": 2}),
        (A, 2, 5, {"n": 5}),
    ]


def test_the_account_counts_every_outcome_by_stream():
    desk = Desk()
    rows = desk.rows(*[A] * 6, B, B)
    for row, outcome in zip(rows, Outcome, strict=False):
        desk.settle(row, outcome=outcome)
    desk.reject(rows[6])

    assert desk.ledger.outcomes(A) == Counter(list(Outcome))
    assert desk.ledger.outcomes(B) == {Outcome.REJECTED: 1}
    assert (desk.ledger.received(), desk.ledger.received(A), desk.ledger.received(B)) == (8, 6, 2)
    assert (desk.ledger.rejected(), desk.ledger.unsettled()) == (2, 1)


def test_the_account_is_a_copy():
    desk = Desk()

    desk.ledger.outcomes(A)[Outcome.CREATED] += 5

    assert desk.ledger.outcomes(A)[Outcome.CREATED] == 0


def test_rows_settled_by_many_threads_release_each_state_once_and_in_order():
    desk = Desk(A)
    rows = []
    for _ in range(200):
        rows += desk.rows(A, A)
        desk.state(A)

    in_threads(*[lambda part=part: desk.settle(*rows[part::4]) for part in range(4)])

    assert desk.released == [(number, 2, 0) for number in range(1, 201)]

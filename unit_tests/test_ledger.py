"""What a ledger releases, told by scripts.

A script's steps: `a` `b` `c` a row comes, `a&1` one of the same document as row 1; `A` `B` `C` a STATE of the stream,
`X` of one that the catalog does not hold, `G` a GLOBAL one, `G:ab` one that lists a and b, `L` a legacy one; `+12` rows
1 and 2 are created, `-1` row 1 is rejected, `!1` rejected and not recorded, `=1` now it is; `*` what is held may go;
`?` nothing has been released so far, `?3` the third STATE has.

What is released: `1:2` the first STATE with its 2 rows, `1:1-1` with one and one rejected, `1:2+2:0` two in one write.
"""

import json
from collections import Counter
from contextlib import contextmanager

import pytest
from fakes import in_threads, make_state

from destination_sage_intacct.protocol.ledger import Ledger, LedgerError, Outcome
from destination_sage_intacct.protocol.messages import Record, StreamKey, parse_line

STREAMS = {"a": StreamKey(None, "a"), "b": StreamKey("public", "a"), "c": StreamKey(None, "c")}
A, B, C = STREAMS.values()
NEVER_SEEN = StreamKey("elsewhere", "x")
SETTLED = {"+": Outcome.CREATED, "-": Outcome.REJECTED, "!": Outcome.REJECTED}


def parsed(state, number=1):
    return parse_line(json.dumps({"type": "STATE", "state": state}).encode(), number)


def shared(streams, number=1):
    """A GLOBAL state that lists these streams, as it is parsed."""
    listed = [{"stream_descriptor": {"name": each.name, "namespace": each.namespace}} for each in streams]
    return parsed({"type": "GLOBAL", "global": {"shared_state": {}, "stream_states": listed}}, number)


class Desk:
    """A ledger, its rows, and what it released in each write: the number of the STATE with its counts."""

    def __init__(self, script="", **settings):
        self.writes = []
        self.ledger = Ledger(STREAMS.values(), self._release, together=self._together, **settings)
        self.rows = []
        self.states = 0
        for step in script.split():
            self.take(step)

    @contextmanager
    def _together(self):
        self.writes.append([])
        yield

    def _release(self, state, records, rejected):
        self.writes[-1].append(f"{state.line}:{records}" + (f"-{rejected}" if rejected else ""))

    @property
    def released(self):
        return " ".join("+".join(write) for write in self.writes)

    def take(self, step):
        kind, rest = step[0], step[1:]
        chosen = [self.rows[int(number) - 1] for number in rest] if kind in "+-!=" else []
        if kind in STREAMS:
            self.rows.append(self.ledger.receive(Record(0, STREAMS[kind], {})))
            if rest:
                self.ledger.join(self.rows[int(rest[1:]) - 1], self.rows[-1])
        elif kind.isupper():
            self.states += 1
            self.ledger.state(self.state(kind, rest[1:]))
        elif kind == "=":
            self.ledger.recorded(Counter(row.segment for row in chosen))
        elif kind == "*":
            self.ledger.release_held()
        elif kind == "?":
            assert [state.split(":")[0] for write in self.writes for state in write] == list(rest)
        for row in chosen if kind in SETTLED else ():
            self.ledger.settle(row, SETTLED[kind], recorded=kind != "!")

    def state(self, kind, listed):
        if kind == "L":
            return parsed({"data": {}}, self.states)
        if listed:
            return shared([STREAMS[name] for name in listed], self.states)
        return make_state({"G": None, "X": NEVER_SEEN}.get(kind, STREAMS.get(kind.lower())), self.states)


@pytest.mark.parametrize(
    ("script", "released"),
    [
        # A STATE waits for the rows before it and for the STATEs of its stream before it, and for no other stream.
        ("A", "1:0"),
        ("a A a A +2 ? +1", "1:1 2:1"),
        ("b B a A +2", "2:1"),
        ("a A -1", "1:0-1"),
        # A GLOBAL one waits for the rows of all streams; it and those of streams do not overtake one another.
        ("a G b G +2 ? +1", "1:1 2:1"),
        ("a G B G C +1", "1:1 2:0 3:0 4:0"),
        ("a b L +1 ? +2", "1:2"),
        ("a A a b G:ab a A +3124", "1:1 2:2 3:1"),
        ("a A a b G:ab a A +1243", "1:1 2:2 3:1"),
        # It counts the streams that it lists; the rows of others are counted by the next that lists them.
        ("a b b +123 G:ab", "1:3"),
        ("a b +12 G:a b -3 G:a b +4 G:b G:ab", "1:1 2:0 3:2-1 4:0"),
        ("b G:a ? +1", "1:0"),
        # One within a document goes out with the next one behind the document, in one write.
        ("a A A a&1 +12 ? A", "1:1+2:0+3:1"),
        ("a A a&1 b G +12 ? +3", "1:1+2:2"),
        ("a G a&1 B +12 ? A", "1:1+2:0+3:1"),
        # A rejected row holds its STATE back until it is recorded.
        ("a !1 a !2 A ? =1 ? =2", "1:0-2"),
        ("a !1 A a !2 A =2 ? =1", "1:0-1 2:0-1"),
        ("a !1 b !2 G a !3 A =123", "1:0-2 2:0-1"),
    ],
)
def test_a_state_goes_out_once_after_its_rows(script, released):
    assert Desk(script).released == released


@pytest.mark.parametrize(
    ("script", "released", "held"),
    [
        ("a a b A A B G +23 -1 ?3 *", "3:1 1:1-1 2:0 4:0", "hold_rejected"),
        ("a A a A -2 +1", "1:1", "hold_rejected"),
        ("a a A -1 *", "", "hold_rejected"),
        ("a A G +1 *", "", "hold_all"),  # a dry run gives none back
    ],
)
def test_a_state_that_covers_rejected_rows_may_be_held_with_all_behind_it(script, released, held):
    assert Desk(script, **{held: True}).released == released


@pytest.mark.parametrize(
    ("listed", "counted"),
    [
        *((unread, 2) for unread in (None, {}, {"stream_states": None}, {"stream_states": {}}, "text")),
        ({"stream_states": [None, {}, {"stream_descriptor": {"name": ""}}, {"stream_descriptor": {"name": "c"}}]}, 1),
    ],
)
def test_a_global_state_counts_every_stream_where_its_list_cannot_be_read(listed, counted):
    desk = Desk("a c +12")
    desk.ledger.state(parsed({"type": "GLOBAL", "global": listed}))
    assert desk.released == f"1:{counted}"


@pytest.mark.parametrize(
    ("script", "again", "error"),
    [("a +1", "-1", "row 1 of stream a was settled"), ("a !1 =1", "=1", "1 rows of stream a were recorded")],
)
def test_a_row_has_one_outcome_and_is_recorded_once(script, again, error):
    desk = Desk(script)
    before = desk.ledger.outcomes(A)
    with pytest.raises(LedgerError, match=f"^{error} twice$"):
        desk.take(again)
    assert desk.ledger.outcomes(A) == before


def test_a_row_knows_its_number_in_its_stream_and_its_line_in_the_input():
    ledger = Ledger([A, B], lambda *_: None)
    rows = [ledger.receive(Record(line, stream, {"n": line})) for line, stream in ((1, A), (2, B), (5, A))]
    assert [(row.stream, row.number, row.line) for row in rows] == [(A, 1, 1), (B, 1, 2), (A, 2, 5)]
    assert [row.data for row in rows] == [{"n": 1}, {"n": 2}, {"n": 5}]


def test_the_account_counts_every_outcome_by_stream():
    desk = Desk("a a a a a a b b !7")
    for row, outcome in zip(desk.rows, Outcome, strict=False):
        desk.ledger.settle(row, outcome)
    desk.ledger.outcomes(A)[Outcome.CREATED] += 5  # it is a copy
    assert desk.ledger.outcomes(A) == Counter(list(Outcome))
    assert desk.ledger.outcomes(B) == {Outcome.REJECTED: 1}
    assert (desk.ledger.received(), desk.ledger.received(A), desk.ledger.received(B)) == (8, 6, 2)
    assert (desk.ledger.rejected(), desk.ledger.unsettled()) == (2, 1)


def test_whether_a_state_waits_is_known():
    assert [Desk(script).ledger.has_waiting for script in ("a !1", "a !1 A", "a !1 A =1")] == [False, True, False]


def test_rows_settled_by_many_threads_release_each_state_once_and_in_order():
    desk = Desk("a a A " * 200)

    def settle(rows):
        for row in rows:
            desk.ledger.settle(row, Outcome.CREATED)

    in_threads(*[lambda part=part: settle(desk.rows[part::4]) for part in range(4)])
    assert desk.released == " ".join(f"{number}:2" for number in range(1, 201))

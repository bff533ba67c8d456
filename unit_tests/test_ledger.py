"""What a ledger releases, by scripts.

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
from hypothesis import given, settings
from hypothesis import strategies as st

from destination_sage_intacct.protocol.ledger import Ledger, LedgerError, Outcome
from destination_sage_intacct.protocol.messages import Record, StreamKey, parse_line

STREAMS = {"a": StreamKey(None, "a"), "b": StreamKey("public", "a"), "c": StreamKey(None, "c")}
A, B, C = STREAMS.values()
NEVER_SEEN = StreamKey("elsewhere", "x")
SETTLED = {"+": Outcome.CREATED, "-": Outcome.REJECTED, "!": Outcome.REJECTED}
ANY_STREAM = st.sampled_from([A, B, C])


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


def steps(joins):
    """Return steps of an input; in some of them rows join the document of the row before, if `joins` allows it."""
    row = st.tuples(st.just("row"), ANY_STREAM, joins)
    state = st.tuples(st.just("state"), ANY_STREAM | st.none() | st.just(NEVER_SEEN))
    settle = st.tuples(st.just("settle"), st.integers(0, 1000), st.sampled_from(Outcome))
    return st.lists(row | state | settle, max_size=50)


class Model:
    """What a ledger promises, without queues: what may go is worked out anew after each step, by the rules."""

    def __init__(self):
        self.released = {}
        self.ledger = Ledger([A, B, C], self._release)
        self.rows = []  # (stream, row), in the order of the input
        self.states = []  # the streams of each STATE, with the numbers of the rows that it closes
        self.joined = set()  # the numbers of rows whose next row is of the same document
        self.last = {}

    def row(self, stream, joins):
        row = self.ledger.receive(Record(0, stream, {}))
        before = self.last.get(stream)
        if joins and before is not None and self.rows[before][1].outcome is None:
            self.ledger.join(self.rows[before][1], row)
            self.joined.add(before)
        self.last[stream] = len(self.rows)
        self.rows.append((stream, row))

    def state(self, stream):
        # A GLOBAL one goes before every later STATE, also of a stream that is not in the catalog.
        streams = [A, B, C, NEVER_SEEN] if stream is None else [stream]
        closed = {number for _, closes in self.states for number in closes}
        new = [number for number, (of, _) in enumerate(self.rows) if of in streams and number not in closed]
        self.states.append((streams, new))
        self.ledger.state(make_state(stream, len(self.states) - 1))

    @property
    def open(self):
        return [row for _, row in self.rows if row.outcome is None]

    def settle(self, choice, outcome):
        if self.open:
            self.ledger.settle(self.open[choice % len(self.open)], outcome)

    def check(self):
        assert self.ledger.unsettled() == len(self.open)
        assert set(self.released) == self.due()

    def _release(self, state, records, rejected):
        outcomes = [self.rows[number][1].outcome for number in self.states[state.line][1]]
        assert state.line not in self.released
        assert None not in outcomes
        assert (records + rejected, rejected) == (len(outcomes), outcomes.count(Outcome.REJECTED))
        self.released[state.line] = (records, rejected)

    def due(self):
        """Return the STATEs that may go: all rows before settled, in order, and none that leaves a document open."""
        settled = [number for number, (_, row) in enumerate(self.rows) if row.outcome]
        going = {place for place, (_, closes) in enumerate(self.states) if set(closes) <= set(settled)}
        while wrong := {place for place in going if self._must_stay(place, going)}:
            going -= wrong
        return going

    def _must_stay(self, place, going):
        streams, _ = self.states[place]
        for stream in streams:
            own = [each for each, (covers, _) in enumerate(self.states) if stream in covers]
            index = own.index(place)
            is_last = index + 1 == len(own) or own[index + 1] not in going
            if not set(own[:index]) <= going or (is_last and self._is_within(stream, place)):
                return True
        return False

    def _is_within(self, stream, place):
        """Return whether a STATE is between two rows of one document of a stream."""
        closed = [number for _, closes in self.states[: place + 1] for number in closes]
        before = [number for number in closed if self.rows[number][0] == stream]
        return bool(before) and max(before) in self.joined


@settings(max_examples=600)
@given(steps(st.just(False)) | steps(st.booleans()), st.randoms(use_true_random=False))
def test_every_state_goes_out_once_after_its_rows_with_its_counts_and_leaves_no_document_open(taken, chance):
    model = Model()
    for kind, *what in taken:
        getattr(model, kind)(*what)
        model.check()
    while model.open:
        model.settle(chance.randrange(1000), chance.choice(list(Outcome)))
        model.check()

    if not model.joined:
        assert len(model.released) == len(model.states)
    settled = sum(sum(model.ledger.outcomes(stream).values()) for stream in (A, B, C))
    assert settled == model.ledger.received() == len(model.rows)


def test_a_global_state_costs_what_its_rows_do_and_not_what_its_streams_do():
    streams = [StreamKey(None, f"s{number}") for number in range(2_000)]
    ledger = Ledger(streams, lambda *_: None)
    row = ledger.receive(Record(0, streams[0], {}))
    for number in range(2_000):
        ledger.state(make_state(None, number))
    assert sum(len(stream.closed) for stream in ledger._streams.values()) == 1  # noqa: SLF001 - what it would cost
    ledger.settle(row, Outcome.CREATED)
    assert not ledger.has_waiting

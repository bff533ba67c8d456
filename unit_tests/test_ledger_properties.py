from fakes import make_state
from hypothesis import given, settings
from hypothesis import strategies as st

from destination_sage_intacct.protocol.ledger import Ledger, Outcome
from destination_sage_intacct.protocol.messages import Record, StreamKey

A, B, C = (StreamKey(None, name) for name in "abc")
NEVER_SEEN = StreamKey("elsewhere", "x")

STREAMS = st.sampled_from([A, B, C])


def steps(joins):
    """Return steps of an input; in some of them rows join the document of the row before, if `joins` allows it."""
    row = st.tuples(st.just("row"), STREAMS, joins)
    state = st.tuples(st.just("state"), STREAMS | st.none() | st.just(NEVER_SEEN))
    settle = st.tuples(st.just("settle"), st.integers(0, 1000), st.sampled_from(Outcome))
    return st.lists(row | state | settle, max_size=50)


class Model:
    """What a ledger promises, told without queues: what may go is worked out anew after each step, by the rules."""

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
        """Return whether a STATE lies between two rows of one document of a stream."""
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

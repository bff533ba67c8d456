from fakes import make_state
from hypothesis import given, settings
from hypothesis import strategies as st

from destination_sage_intacct.protocol.ledger import Ledger, Outcome
from destination_sage_intacct.protocol.messages import Record, StreamKey

A, B, C = (StreamKey(None, name) for name in "abc")
NEVER_SEEN = StreamKey("elsewhere", "x")

STREAMS = st.sampled_from([A, B, C])
STEPS = st.lists(
    st.tuples(st.just("row"), STREAMS)
    | st.tuples(st.just("state"), STREAMS | st.none() | st.just(NEVER_SEEN))
    | st.tuples(st.just("settle"), st.integers(0, 1000), st.sampled_from(Outcome)),
    max_size=60,
)


@settings(max_examples=300)
@given(STEPS, st.randoms(use_true_random=False))
def test_whatever_the_order_every_state_goes_out_once_after_its_rows_with_its_counts(steps, chance):
    model = Model()
    for step in steps:
        model.take(*step)
        model.check()
    chance.shuffle(model.open)
    while model.open:
        model.take("settle", 0, chance.choice(list(Outcome)))
        model.check()

    assert len(model.released) == len(model.states)
    counts = [model.released[number] for number in model.released]
    outcomes = [row.outcome for rows in model.states.values() for row in rows["rows"]]
    assert sum(records + rejected for records, rejected in counts) == len(outcomes)
    assert sum(rejected for _, rejected in counts) == outcomes.count(Outcome.REJECTED)
    received = sum(sum(model.ledger.outcomes(stream).values()) for stream in (A, B, C))
    assert received == model.ledger.received()
    assert model.ledger.unsettled() == 0


class Model:
    """What a ledger promises, told without queues: each STATE with the rows that it covers."""

    def __init__(self):
        self.ledger = Ledger([A, B, C], self._release)
        self.open = []
        self.since = {A: [], B: [], C: []}
        self.states = {}
        self.released = {}

    def take(self, kind, *what):
        if kind == "row":
            row = self.ledger.receive(Record(0, what[0], {}))
            self.open.append(row)
            self.since[what[0]].append(row)
        elif kind == "state":
            if what[0] is not None:
                self.since.setdefault(what[0], [])
            # A GLOBAL one goes before every later STATE, also of a stream that is not in the catalog.
            streams = [*self.since, NEVER_SEEN] if what[0] is None else [what[0]]
            rows = [row for stream in streams for row in self.since.get(stream, ())]
            self.since |= {stream: [] for stream in streams}
            number = len(self.states)
            self.states[number] = {"streams": set(streams), "rows": rows}
            self.ledger.state(make_state(what[0], number))
        elif self.open:
            self.ledger.settle(self.open.pop(what[0] % len(self.open)), what[1])

    def check(self):
        assert self.ledger.unsettled() == len(self.open)
        due: set[int] = set()
        for number, entry in self.states.items():
            settled = all(row.outcome is not None for row in entry["rows"])
            if settled and set(self._earlier(number)) <= due:
                due.add(number)
        assert set(self.released) == due

    def _earlier(self, number):
        """Return the STATEs before this one that cover a stream of its own."""
        streams = self.states[number]["streams"]
        return [each for each in range(number) if self.states[each]["streams"] & streams]

    def _release(self, state, records, rejected):
        entry = self.states[state.line]
        outcomes = [row.outcome for row in entry["rows"]]
        assert state.line not in self.released
        assert None not in outcomes
        assert (records + rejected, rejected) == (len(outcomes), outcomes.count(Outcome.REJECTED))
        assert set(self._earlier(state.line)) <= set(self.released)
        self.released[state.line] = (records, rejected)


class Documents:
    """The same for rows that are lines of documents: what may go is worked out anew after each step, by the rules."""

    def __init__(self):
        self.out = []
        self.ledger = Ledger([A, B, C], lambda state, *_: self.out.append(state.line))
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
        streams = [A, B, C] if stream is None else [stream]
        closed = {number for _, closes in self.states for number in closes}
        new = [number for number, (of, _) in enumerate(self.rows) if of in streams and number not in closed]
        self.states.append((streams, new))
        self.ledger.state(make_state(stream, len(self.states) - 1))

    def settle(self, choice):
        left = [row for _, row in self.rows if row.outcome is None]
        if left:
            self.ledger.settle(left[choice % len(left)], Outcome.CREATED)

    def due(self):
        """Return the STATEs that may go: all rows before settled, in order, and none that leaves a document open."""
        going = {
            place
            for place, (_, closes) in enumerate(self.states)
            if all(self.rows[number][1].outcome for number in closes)
        }
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
        before = [
            number for _, closes in self.states[: place + 1] for number in closes if self.rows[number][0] == stream
        ]
        return bool(before) and max(before) in self.joined


DOCUMENT_STEPS = st.lists(
    st.tuples(st.just("row"), STREAMS, st.booleans())
    | st.tuples(st.just("state"), STREAMS | st.none())
    | st.tuples(st.just("settle"), st.integers(0, 1000)),
    max_size=40,
)


@settings(max_examples=400)
@given(DOCUMENT_STEPS, st.randoms(use_true_random=False))
def test_no_state_goes_out_that_leaves_a_document_open(steps, chance):
    model = Documents()
    for kind, *what in steps:
        getattr(model, kind)(*what)
        assert set(model.out) == model.due()
    for _ in model.rows:
        model.settle(chance.randrange(1000))
        assert set(model.out) == model.due()
    assert len(set(model.out)) == len(model.out)


def test_a_global_state_costs_what_its_rows_do_and_not_what_its_streams_do():
    streams = [StreamKey(None, f"s{number}") for number in range(2_000)]
    ledger = Ledger(streams, lambda *_: None)
    row = ledger.receive(Record(0, streams[0], {}))
    for number in range(2_000):
        ledger.state(make_state(None, number))
    assert sum(len(stream.closed) for stream in ledger._streams.values()) == 1  # noqa: SLF001 - what it would cost
    ledger.settle(row, Outcome.CREATED)
    assert not ledger.has_waiting

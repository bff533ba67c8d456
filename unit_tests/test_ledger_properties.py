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
                self.since.setdefault(what[0], [])  # a GLOBAL one before knew nothing of it
            streams = list(self.since) if what[0] is None else [what[0]]
            rows = [row for stream in streams for row in self.since[stream]]
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

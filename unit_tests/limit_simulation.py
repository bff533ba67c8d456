"""One connector's requests against the law of the limiter, sent and answered by hand."""

from destination_sage_intacct.intacct.adaptive_limit import AdaptiveLimit, Slot

ALONE = 10_000.0  # past the first minute, in which nobody can know who else uses the tenant


class SimulatedConnector:
    """A connector at a moment `now`, which passes only when told; its requests in flight are `open`."""

    def __init__(self, ceiling=6, chance=0.0):
        self.now = 0.0
        self.adaptive = AdaptiveLimit(ceiling, lambda: chance, self.now)
        self.open = []

    @property
    def limit(self):
        return self.adaptive.limit

    def fill(self):
        """Send until no place is left, after the wait that is asked for; return that wait."""
        waited = 0.0
        while (entered := self.adaptive.acquire(self.now)) is not None:
            if isinstance(entered, Slot):
                self.open.append(entered)
            else:
                waited += entered
                self.now += entered
        return waited

    def answer(self, slot=None):
        slot = slot or self.open[0]
        self.open.remove(slot)
        self.adaptive.succeeded(slot, self.now)
        self.adaptive.release(slot)

    def refuse(self, slot=None, seconds=1.0):
        slot = slot or self.open[-1]
        self.open.remove(slot)
        self.adaptive.back_pressure(slot, seconds, self.now)
        self.adaptive.release(slot)

    def answer_all(self):
        for slot in list(self.open):
            self.answer(slot)

    def round(self):
        """Fill every place, and have every request answered."""
        self.fill()
        self.answer_all()

    def climb_to(self, limit):
        """Have requests answered until so many may be in flight; the others end without a word."""
        for _ in range(10 * limit):
            if self.limit == limit:
                break
            self.fill()
            self.answer()
        assert self.limit == limit
        for slot in self.open:
            self.adaptive.release(slot)
        self.open.clear()

    def refused_beyond(self, held):
        """Climb until one more than `held` is refused."""
        self.climb_to(held + 1)
        self.fill()
        self.refuse()
        self.answer_all()
        self.now += 1.0

    def rounds_while(self, limit):
        """Let rounds pass, half a second each, while the limit stays as it is."""
        for _ in range(100):
            if self.limit == limit:
                self.round()
                self.now += 0.5
        assert self.limit != limit


def most_tried(connector, seconds, step=0.5):
    """The highest number of requests at once while every request is answered at once."""
    highest = 0
    for _ in range(int(seconds / step)):
        connector.fill()
        highest = max(highest, len(connector.open))
        connector.answer_all()
        connector.now += step
    return highest

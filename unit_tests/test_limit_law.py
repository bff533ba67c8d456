"""More after successes, less after refusals, nothing before the server's time, and room for others."""

import itertools

import pytest

from destination_sage_intacct.intacct.adaptive_limit import AdaptiveLimit, Slot
from destination_sage_intacct.intacct.classify import granted_slots

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


def test_the_first_requests_are_two_at_a_time_and_a_place_is_free_when_its_request_is_over():
    assert [SimulatedConnector(ceiling).limit for ceiling in (1, 2, 6, 20)] == [1, 2, 2, 2]
    connector = SimulatedConnector()
    assert connector.fill() == 0.0
    assert len(connector.open) == 2
    connector.answer()
    assert connector.limit == 3
    assert [isinstance(connector.adaptive.acquire(connector.now), Slot) for _ in range(3)] == [True, True, False]


def limits_after_rounds(connector):
    limits = []
    for _ in range(3):
        connector.round()
        limits.append(connector.limit)
    return limits


def test_until_a_refusal_each_success_makes_one_place_more_up_to_the_ceiling_if_all_are_used():
    assert limits_after_rounds(SimulatedConnector(ceiling=7)) == [4, 7, 7]
    connector = SimulatedConnector()
    for _ in range(100):
        connector.open.append(connector.adaptive.acquire(connector.now))
        connector.answer()
    assert connector.limit == 2


def test_after_a_refusal_each_place_more_takes_a_round_of_its_own():
    connector = SimulatedConnector(ceiling=8)
    connector.now += 61.0  # nobody else seems to be there
    connector.climb_to(8)
    connector.fill()
    connector.refuse()
    connector.answer_all()
    connector.now += 3.0
    assert connector.limit == 5
    assert limits_after_rounds(connector) == [6, 7, 7]


@pytest.mark.parametrize(("hints", "limit"), [((4,), 4), ((9,), 6), ((1,), 2), ((-1,), 2), ((4, 6), 4), ((0, 6), 2)])
def test_the_first_hint_of_the_server_is_where_the_climb_begins_within_the_ceiling(hints, limit):
    connector = SimulatedConnector(ceiling=6)
    for hint in hints:
        connector.adaptive.hint(hint)
    assert connector.limit == limit
    connector.fill()
    connector.refuse()
    connector.adaptive.hint(6)
    assert connector.limit < max(limit, 2)  # after a refusal none is believed


def test_after_a_refusal_nobody_sends_before_the_servers_time():
    connector = SimulatedConnector()
    connector.fill()
    connector.refuse(seconds=7.0)
    assert connector.adaptive.acquire(6.5) == 0.5
    assert connector.adaptive.acquire(7.0) is None  # one place is left, and taken
    connector.refuse(seconds=1.0)
    assert connector.adaptive.acquire(0.0) == 7.0  # the later of two waits counts
    assert isinstance(connector.adaptive.acquire(7.0), Slot)


@pytest.mark.parametrize(("refusals", "left"), [(1, 7), (5, 7)])
def test_a_refusal_takes_a_share_of_the_places_and_one_wave_counts_once(refusals, left):
    connector = SimulatedConnector(ceiling=20)
    connector.climb_to(10)
    connector.fill()
    for _ in range(refusals):
        connector.refuse()

    assert connector.limit == left
    connector.answer_all()
    connector.now = 1.0
    connector.fill()
    connector.refuse()
    assert connector.limit == 4


@pytest.mark.parametrize(
    ("granted", "remaining", "slots"),
    [
        ("6", "5", 4),
        ("6", "1", 1),
        ("6", "-1", -1),
        (" 8 ", "8", 6),
        *((odd, "5", None) for odd in (None, "", "LIMIT001-10", "6, 6", "1e3", "9" * 5_000)),
        ("6", None, None),
    ],
)
def test_two_of_what_the_headers_grant_are_left_to_others(granted, remaining, slots):
    """They are read as a hint, or not at all."""
    named = {"x-ia-throttle-limit": granted, "x-ia-throttle-limit-remaining": remaining}
    assert granted_slots({name: value for name, value in named.items() if value is not None}) == slots


def refused_alone(held, wait=1.0, **settings):
    """Return a connector that knows to be alone and was refused beyond `held` requests, after the wait."""
    connector = SimulatedConnector(**settings)
    connector.now = ALONE
    connector.climb_to(held + 1)
    refused(connector, wait)
    connector.answer_all()
    connector.now += min(wait, 5.0)
    return connector


def refused(connector, wait=1.0):
    connector.fill()
    connector.refuse(seconds=wait)


@pytest.mark.parametrize(
    ("settings", "quiet", "more"),
    [
        *(({"chance": 0.0}, 8.5, 1.5), ({"chance": 0.99}, 13.0, 2.0)),
        # A costly wait puts the next try off, but not for ever.
        *(({"wait": 5.0}, 44.0, 2.0), ({"wait": 100.0}, 8.0, 22.0)),
    ],
)
def test_one_more_is_tried_when_the_time_has_come_and_no_sooner(settings, quiet, more):
    connector = refused_alone(4, **settings)
    assert most_tried(connector, quiet) == 4
    assert most_tried(connector, more) == 5


@pytest.mark.parametrize(("held", "left"), [(1, 1), (2, 2), (6, 5)])
def test_a_refused_try_leaves_one_place_open_for_a_while_but_not_of_a_small_tenant(held, left):
    connector = refused_alone(held, ceiling=20)
    most_tried(connector, seconds=8.0)
    connector.now += 3600.0  # after which only one more is tried
    connector.rounds_while(held)
    connector.fill()
    assert len(connector.open) == held + 1
    connector.refuse()

    assert connector.limit == left
    if left < held:
        connector.answer_all()
        connector.now += 1.0
        assert [most_tried(connector, 1.0), most_tried(connector, 2.0)] == [left, held]


def waits_between_places_left_open(connector, seconds):
    """How long from one place left open to the next, to the half second, while every request is answered at once."""
    moments = []
    for _ in range(int(seconds / 0.5)):
        before = connector.limit
        connector.round()
        if connector.limit < before:
            moments.append(connector.now)
        connector.now += 0.5
    return [later - earlier for earlier, later in itertools.pairwise(moments)]


def test_a_place_that_nobody_takes_is_left_open_ever_more_seldom_until_somebody_took_it():
    connector = SimulatedConnector(ceiling=6)
    connector.climb_to(6)
    waits = waits_between_places_left_open(connector, seconds=300.0)
    refused(connector)
    connector.answer_all()
    later = waits_between_places_left_open(connector, seconds=190.0)
    assert (waits[:3], set(waits[3:])) == ([10.0, 20.0, 40.0], {40.0})
    assert later[-5:] == [10.0, 20.0, 40.0, 40.0, 40.0]


def test_who_does_not_get_an_open_place_back_gives_more():
    connector = SimulatedConnector(ceiling=6)
    connector.climb_to(6)
    connector.rounds_while(6)
    connector.now += 2.0
    connector.climb_to(6)
    refused(connector)
    assert connector.limit == 4
    connector.now += 1.0
    connector.answer_all()
    assert most_tried(connector, seconds=8.0) == 4


@pytest.mark.parametrize("tries", [1, 2])
def test_a_place_that_was_open_for_a_moment_is_not_kept(tries):
    """Nor do two requests of one try win it; in the first minute somebody else may be there."""
    connector = SimulatedConnector()
    connector.refused_beyond(3)
    kept = connector.limit
    connector.rounds_while(kept)
    connector.fill()
    if tries > 1:
        connector.answer()
        connector.fill()
        assert [slot.number for slot in connector.open].count(kept + 1) == tries
    connector.answer_all()

    assert connector.limit == kept
    connector.now += 0.5
    assert most_tried(connector, seconds=0.5) == kept
    assert most_tried(connector, seconds=2.0) == kept + 1


def test_each_place_is_won_by_two_tries_of_its_own_and_a_refused_one_does_not_count():
    connector = SimulatedConnector()
    connector.refused_beyond(3)
    for refused in (False, True, False):
        kept = connector.limit
        connector.rounds_while(kept)
        connector.round()
        assert connector.limit == kept
        connector.rounds_while(kept)
        connector.fill()
        if refused:
            connector.refuse()
        connector.answer_all()
        assert (connector.limit == kept + 1) is not refused


def test_a_tenant_that_gives_less_than_long_ago_is_not_taken_for_shared():
    connector = SimulatedConnector(ceiling=4)
    connector.now = ALONE
    connector.climb_to(4)
    connector.round()
    connector.now += 200.0
    for held in (3, 4):
        connector.answer_all()
        for _ in range(held):
            connector.open.append(connector.adaptive.acquire(connector.now))
    connector.refuse()
    connector.answer_all()
    assert most_tried(connector, seconds=1.0) == 2
    assert most_tried(connector, seconds=2.0) == 3


def test_a_small_connector_that_is_alone_pauses_for_others_once_a_minute():
    connector = SimulatedConnector(ceiling=2)
    waits = []
    for _ in range(600):
        waits.append(connector.fill())
        connector.answer_all()
        connector.now += 1.0
    assert 9 <= len([wait for wait in waits if wait]) <= 10
    assert sum(waits) <= 12.1

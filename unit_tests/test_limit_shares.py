"""What connectors get of a tenant, in simulated time; requests of 2.75 s are batches of 500, of 0.255 s single rows."""

import heapq
import itertools
import random
from collections import Counter

import pytest

from destination_sage_intacct.intacct.adaptive_limit import AdaptiveLimit

pytestmark = pytest.mark.usefixtures("untraced")

MINUTE = 60.0


class Connector:
    """A connector that always has more to send; `served` counts its requests by the minute of their answer."""

    def __init__(self, ceiling, begins, ends, seed):
        self.adaptive = AdaptiveLimit(ceiling, random.Random(seed).random, begins)
        self.begins = begins
        self.ends = ends
        self.served = Counter()
        self.refused = 0

    def served_in(self, minutes):
        return sum(self.served[minute] for minute in minutes)


class Tenant:
    """So many requests at once, each of the same length; HTTP 429 beyond, with a wait of `retry_after` seconds."""

    def __init__(self, places, request_seconds, retry_after=1.0):
        self.now = 0.0
        self._places = places
        self._request_seconds = request_seconds
        self._retry_after = retry_after
        self._in_flight = 0
        self._events = []
        self._order = itertools.count()

    def join(self, seed, ceiling=6, begins=0.0, ends=float("inf")):
        connector = Connector(ceiling, begins, ends, seed)
        self._at(begins, self._send_all, connector)
        return connector

    def run(self, minutes):
        while self._events and self._events[0][0] < minutes * MINUTE:
            self.now, _, happens, arguments = heapq.heappop(self._events)
            happens(*arguments)

    def use(self, connector, minutes):
        """The share of the tenant's time that a connector used in these minutes."""
        return connector.served_in(minutes) * self._request_seconds / (len(minutes) * MINUTE * self._places)

    def _at(self, moment, happens, *arguments):
        heapq.heappush(self._events, (moment, next(self._order), happens, arguments))

    def _send_all(self, connector):
        while self.now < connector.ends:
            entered = connector.adaptive.acquire(self.now)
            if isinstance(entered, float):
                self._at(self.now + entered, self._send_all, connector)
                return
            if entered is None:
                return
            self._send(connector, entered)

    def _send(self, connector, slot):
        if self._in_flight < self._places:
            self._in_flight += 1
            self._at(self.now + self._request_seconds, self._answer, connector, slot)
        else:
            connector.refused += 1
            connector.adaptive.back_pressure(slot, self._retry_after, self.now)
            connector.adaptive.release(slot)

    def _answer(self, connector, slot):
        self._in_flight -= 1
        connector.served[int(self.now // MINUTE)] += 1
        connector.adaptive.succeeded(slot, self.now)
        connector.adaptive.release(slot)
        self._send_all(connector)


SEEDS = range(10)


@pytest.mark.parametrize(
    ("places", "request_seconds", "least"),
    [(1, 2.75, 0.93), (2, 2.75, 0.93), (6, 2.75, 0.9), (1, 0.255, 0.85), (2, 0.255, 0.85), (6, 0.255, 0.9)],
)
def test_one_connector_uses_what_a_tenant_gives_from_the_first_minute(places, request_seconds, least):
    for seed in SEEDS:
        tenant = Tenant(places, request_seconds)
        connector = tenant.join(seed)
        tenant.run(2)
        assert tenant.use(connector, range(2)) >= least


@pytest.mark.parametrize("request_seconds", [0.255, 2.75])
@pytest.mark.parametrize("places", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("retry_after", [1.0, 5.0])
def test_asking_for_more_costs_one_connector_little(places, request_seconds, retry_after):
    """It knocks about five times a minute at most."""
    for seed in SEEDS:
        tenant = Tenant(places, request_seconds, retry_after)
        connector = tenant.join(seed)
        tenant.run(10)
        assert tenant.use(connector, range(10)) >= 0.84
        assert connector.refused <= 6 * 10


def tenant_of_two(places, request_seconds, seed, minutes, begins=MINUTE, ceiling=6, ends=float("inf")):
    """Return a tenant after so many minutes with its two connectors, of which the second begins later."""
    tenant = Tenant(places, request_seconds)
    first, second = tenant.join(seed, ceiling), tenant.join(seed + 1000, ceiling, begins, ends)
    tenant.run(minutes)
    return tenant, first, second


@pytest.mark.parametrize("ceiling", [6, 20])
@pytest.mark.parametrize("begins", [0.0, 1.0, 60.0])
def test_two_connectors_share_a_tenant_of_six_within_two_to_one_in_every_minute(begins, ceiling):
    for seed in SEEDS:
        _, first, second = tenant_of_two(6, 2.75, seed, 10, begins, ceiling)
        assert all(0.5 <= first.served[minute] / second.served[minute] <= 2 for minute in range(2, 10))


@pytest.mark.parametrize(
    ("places", "request_seconds", "begins", "minutes"),
    [
        *((6, seconds, begins, range(2, 12)) for seconds in (0.255, 0.5, 1.0, 2.75) for begins in (0.0, 1.0, 60.0)),
        # One too small to leave a place open is shared over time.
        *((places, seconds, MINUTE, range(1, 21)) for places in (1, 2) for seconds in (0.255, 2.75)),
    ],
)
def test_over_ten_minutes_two_connectors_share_whatever_their_requests_take(places, request_seconds, begins, minutes):
    for seed in SEEDS:
        tenant, first, second = tenant_of_two(places, request_seconds, seed, minutes.stop, begins)
        assert 0.5 <= first.served_in(minutes) / second.served_in(minutes) <= 2
        assert places < 6 or tenant.use(first, minutes) + tenant.use(second, minutes) >= 0.84


@pytest.mark.parametrize("request_seconds", [0.255, 2.75])
def test_a_connector_that_comes_second_to_a_full_tenant_wins_places_and_leaves_them_again(request_seconds):
    for seed in SEEDS:
        tenant, first, second = tenant_of_two(6, request_seconds, seed, 6, ends=4 * MINUTE)
        assert second.refused > 0
        assert second.served[1] > 0
        assert second.served[3] >= first.served[3] / 3
        assert tenant.use(first, [5]) >= 0.9

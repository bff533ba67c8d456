"""A tenant that several connectors share, in simulated time: so many places, HTTP 429 beyond, no delay between."""

import heapq
import itertools
import random
from collections import Counter

from destination_sage_intacct.intacct.adaptive_limit import AdaptiveLimit

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
    """So many requests at once, each of the same length; what comes beyond is told to wait `retry_after` seconds."""

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

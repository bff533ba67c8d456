"""Random syncs through a server that answers in Sage Intacct's place, with stops and slow readers: the books.

Whatever is answered, whenever the run is stopped, after enough replays the server holds what the rows say, once. No
value of a row is in any output, though answers quote them, and no run goes on for long after its end.
"""

import io
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from random import Random
from typing import Any

import pytest
from books import Books, Outcomes, customer, invoice
from emulator_process import EmulatorProcess
from example_counts import random_syncs_of
from fakes import FakeClock
from hypothesis import event, given
from hypothesis import strategies as st
from interloper import FOREIGN_STATUSES, INSTEAD, SPOILT, SUCCESSES, WAITS, Interloper, Strike
from overlaps import WatchedExchange
from random_syncs import VALUES, RandomSync, Row, lines, random_syncs, rest_after
from sync_checks import CUSTOMERS, INVOICE_PATH, assert_every_row_has_an_outcome, held
from sync_in_process import Synced, sync

from destination_sage_intacct.intacct.classify import Answer, NoResponse
from destination_sage_intacct.intacct.clock import StoppedError
from destination_sage_intacct.intacct.errors import OutageError
from destination_sage_intacct.intacct.transport import HttpRequest
from destination_sage_intacct.protocol.output import OutputClosedError

pytestmark = pytest.mark.usefixtures("untraced", "odd_turns")

MOST_REPLAYS = 5
LONGEST_END_SECONDS = 30
QUERY = "/services/core/query"

_ROUTES = st.sampled_from(
    [{"method": "POST"}, {"method": "PATCH"}, {"method": "*"}, {"method": "POST", "route": QUERY}, {"method": "GET"}]
)
_NTH = st.one_of(
    st.lists(st.integers(1, 8), min_size=1, max_size=4, unique=True).map(tuple), st.just(tuple(range(1, 40)))
)
_STRIKES = st.one_of(
    st.builds(
        lambda answer, status, passes, nth, where: Strike(answer, nth=nth, status=status, passes=passes, **where),
        st.sampled_from(sorted(INSTEAD)),
        st.sampled_from((*SUCCESSES, *FOREIGN_STATUSES)),
        st.booleans(),
        _NTH,
        _ROUTES,
    ),
    st.builds(
        lambda answer, nth, where: Strike(answer, nth=nth, **where), st.sampled_from(sorted(WAITS)), _NTH, _ROUTES
    ),
    st.builds(
        lambda answer, nth, where: Strike(answer, nth=nth, passes=True, **where),
        st.sampled_from(sorted(SPOILT)),
        _NTH,
        _ROUTES,
    ),
)


@dataclass(frozen=True)
class Troubled:
    """A sync, what it meets, when it is stopped (after so many requests, 0 for never), and how stdout takes lines.

    `reader_leaves`: after so many bytes nobody takes them any more.
    """

    sync: RandomSync
    strikes: tuple[Strike, ...]
    stopped_after: int
    reader: int | None
    reader_leaves: int | None
    cached_date: str


@st.composite
def troubled(draw: st.DrawFn) -> Troubled:
    plain = draw(random_syncs())
    return Troubled(
        replace(plain, faults=(), flags=(), has_cursor=False),
        tuple(draw(st.lists(_STRIKES, min_size=draw(st.sampled_from([0, 1])), max_size=3))),
        draw(st.sampled_from([0, 0, 0, 1, 2, 3, 5, 8, 13])),
        draw(st.none() | st.integers(0, 1000)),
        draw(st.sampled_from([None] * 9 + [0, 500, 2000])),
        draw(st.sampled_from(["replay", "every"])),
    )


class EndingClock(FakeClock):
    """Knows when the run was told to end, in the seconds of a real clock."""

    ended: float | None = None

    def stop(self) -> None:
        self.ended = self.ended or time.monotonic()
        super().stop()


class StoppingExchange(WatchedExchange):
    """The real exchange; the run is asked to stop as soon as it has sent so many requests."""

    def __init__(self, clock: FakeClock, after: int) -> None:
        super().__init__()
        self._clock = clock
        self._left = after

    def __call__(self, request: HttpRequest) -> Answer | NoResponse:
        self._left -= 1
        if self._left == 0:
            self._clock.stop()
        return super().__call__(request)


class SlowReader(io.BytesIO):
    """A raw standard output whose reader is slow: it takes a part, or nothing for now. It may leave after a while."""

    def __init__(self, seed: int, leaves: int | None = None) -> None:
        super().__init__()
        self._random = Random(seed)
        self._leaves = leaves
        self._always_writable = os.open(os.devnull, os.O_WRONLY)

    def write(self, data: Any) -> int:  # type: ignore[override]
        if self._leaves is not None and self.tell() >= self._leaves:
            raise BrokenPipeError
        taken = self._random.choice([0, 1, 7, 100, len(data)])
        return super().write(bytes(data)[:taken]) if taken else 0

    def getvalue(self) -> bytes:
        """Return the lines that came whole: a reader that left may have taken a part of the last one."""
        return super().getvalue()[: super().getvalue().rfind(b"\n") + 1]

    def fileno(self) -> int:
        return self._always_writable

    def __del__(self) -> None:
        os.close(self._always_writable)


@random_syncs_of(80, 5000)
@given(case=troubled())
def test_the_books_are_right_whatever_is_answered(
    emulator_with: Callable[..., EmulatorProcess], config_for: Callable[..., Any], case: Troubled
) -> None:
    emulator = emulator_with("--cached-date", case.cached_date)
    books = Books(emulator.records(CUSTOMERS), case.sync.operation, skips=case.sync.settings["skip_unchanged"])
    allowed = [books.take(step) if isinstance(step, Row) else frozenset() for step in case.sync.steps]

    with Interloper(emulator.url, case.strikes) as between:
        config = config_for(emulator, **case.sync.configuration, api_url=between.url)
        finished = run_to_the_end(case, config, between, allowed)

    event("replayed" if len(finished) > 1 else "at once")
    assert held(emulator, CUSTOMERS, customer) == books.customers
    assert held(emulator, INVOICE_PATH, invoice) == books.invoices


def run_to_the_end(case: Troubled, config: Any, between: Interloper, allowed: list[Outcomes]) -> list[Synced]:
    """Sync, and replay what was not acknowledged: after each failure or stop, the first replay still in trouble."""
    finished: list[Synced] = []
    steps = case.sync.steps
    while len(finished) <= MOST_REPLAYS:
        clock = EndingClock()
        exchange = StoppingExchange(clock, 0 if finished else case.stopped_after)
        leaves = None if finished else case.reader_leaves
        stdout = None if case.reader is None and leaves is None else SlowReader(case.reader or 0, leaves)
        synced = sync(
            config, case.sync.catalog, lines(steps, case.sync.streams), clock, transport=exchange, stdout=stdout
        )
        finished.append(synced)
        assert clock.ended is None or time.monotonic() - clock.ended < LONGEST_END_SECONDS
        assert exchange.overlaps == []
        assert_nothing_leaked(synced)
        assert_every_row_has_an_outcome(steps, allowed, synced, is_first=len(finished) == 1)
        if synced.error is None:
            return finished
        assert isinstance(synced.error, OutageError | StoppedError | OutputClosedError), synced.error
        if len(finished) > 1:
            between.play(())
        steps = rest_after(steps, {state["id"] for state in synced.states})
    raise AssertionError(f"{MOST_REPLAYS} replays, and still no end: {finished[-1].error}")


def assert_nothing_leaked(synced: Synced) -> None:
    said = f"{synced.messages} {synced.error}".lower().replace(",", "")
    assert [said[max(0, said.index(value) - 300) :][:400] for value in VALUES if value in said] == []

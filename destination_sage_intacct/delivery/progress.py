"""What a sync reports while it runs: every half minute how far each stream is, and the start of a long wait at once.

A line holds counts and the stream's name, never a value of a row.
"""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from destination_sage_intacct.delivery.pipeline import StreamCost
from destination_sage_intacct.delivery.summary import rate
from destination_sage_intacct.intacct.clock import Clock
from destination_sage_intacct.protocol.ledger import Ledger, Outcome
from destination_sage_intacct.protocol.messages import StreamKey
from destination_sage_intacct.protocol.output import Output, OutputClosedError, counted

PROGRESS_SECONDS = 30.0
LONG_WAIT_SECONDS = 10.0
_ALWAYS_SHOWN = frozenset({Outcome.CREATED, Outcome.UPDATED, Outcome.UNCHANGED, Outcome.REJECTED})


@dataclass(frozen=True, slots=True)
class StreamCounts:
    """How far a stream is: rows received, rows by outcome, API transactions."""

    received: int
    outcomes: Mapping[Outcome, int]
    transactions: int


NOTHING = StreamCounts(0, {}, 0)


def progress_line(stream: StreamKey, before: StreamCounts, now: StreamCounts, seconds: float, in_flight: int) -> str:
    """Return the line of one stream.

    Args:
        stream: its name.
        before: how far it was.
        now: how far it is.
        seconds: between the two.
        in_flight: requests of all streams that are not answered yet.
    """
    shown = (outcome for outcome in Outcome if outcome in _ALWAYS_SHOWN or now.outcomes.get(outcome))
    outcomes = ", ".join(f"{now.outcomes.get(outcome, 0)} {outcome}" for outcome in shown)
    settled = sum(now.outcomes.values()) - sum(before.outcomes.values())
    return (
        f"Progress of {stream}: {counted(now.received, 'row')} received, {outcomes}; {rate(settled, seconds)} rows/s, "
        f"{counted(in_flight, 'request')} in flight, {counted(now.transactions, 'API transaction')} so far."
    )


class ProgressReporter:
    """Logs how far a sync is, in a separate thread, so that the lines appear whatever the other threads wait for.

    Args:
        output: the log.
        clock: measures.
        in_flight: returns how many requests are in flight.
        seconds: from one line of a stream to its next.
    """

    def __init__(
        self, output: Output, clock: Clock, in_flight: Callable[[], int], seconds: float = PROGRESS_SECONDS
    ) -> None:
        self._output = output
        self._clock = clock
        self._in_flight = in_flight
        self._seconds = seconds

    @contextmanager
    def watching(
        self, streams: Sequence[StreamKey], ledger: Ledger, cost: Callable[[StreamKey], StreamCost]
    ) -> Iterator[None]:
        """Report until the block ends; a stream without news since its last line is silent.

        Args:
            streams: of the sync.
            ledger: counts their rows.
            cost: returns what a stream has cost so far.
        """
        has_ended = threading.Event()

        def counts(stream: StreamKey) -> StreamCounts:
            outcomes = ledger.outcomes(stream)  # before the rows that came, which are then never fewer
            return StreamCounts(ledger.received(stream), outcomes, cost(stream).traffic.transactions)

        def report() -> None:
            known = dict.fromkeys(streams, NOTHING)
            looked = self._clock.monotonic()
            while not has_ended.wait(self._seconds):
                now = self._clock.monotonic()
                try:
                    known = self._report(known, {stream: counts(stream) for stream in streams}, now - looked)
                except OutputClosedError:
                    return  # the thread that reads the input meets it too
                looked = now

        # A daemon, as nothing may keep the process alive.
        thread = threading.Thread(target=report, name="progress", daemon=True)
        thread.start()
        try:
            yield
        finally:
            has_ended.set()
            thread.join()  # so that no line comes after the summary

    def _report(
        self, before: Mapping[StreamKey, StreamCounts], now: dict[StreamKey, StreamCounts], seconds: float
    ) -> dict[StreamKey, StreamCounts]:
        for stream, counts in now.items():
            if counts != before[stream]:
                line = progress_line(stream, before[stream], counts, seconds, self._in_flight())
                self._output.log("INFO", line)
        return now


class WaitReporter:
    """Logs that a wait of ten seconds or more begins: once, however many threads wait; safe from any thread.

    Args:
        output: the log.
        clock: measures.
    """

    def __init__(self, output: Output, clock: Clock) -> None:
        self._output = output
        self._clock = clock
        self._ends: dict[str, float] = {}
        self._lock = threading.Lock()

    def begin(self, reason: str, seconds: float) -> None:
        """Note that a wait begins. One that ends about when a wait for the same reason does is that wait."""
        if seconds < LONG_WAIT_SECONDS:
            return
        now = self._clock.monotonic()
        with self._lock:
            self._ends = {each: ends for each, ends in self._ends.items() if ends > now}
            if now + seconds < self._ends.get(reason, now) + LONG_WAIT_SECONDS:
                return
            self._ends[reason] = now + seconds
        self._output.log("INFO", f"Waiting {seconds:.0f} seconds: {reason}.")

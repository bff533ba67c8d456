"""What a sync says while it runs: a line for each stream with news, and one for each long wait."""

import io
import queue
import threading

import pytest
from fakes import FakeClock, in_threads, settled

from destination_sage_intacct import exact_json
from destination_sage_intacct.delivery.pipeline import StreamCost
from destination_sage_intacct.delivery.progress import ProgressReporter, StreamCounts, WaitReporter, progress_line
from destination_sage_intacct.protocol.ledger import Ledger, Outcome
from destination_sage_intacct.protocol.messages import Record, StreamKey
from destination_sage_intacct.protocol.output import Output

CUSTOMERS, BILLS = StreamKey(None, "customers"), StreamKey("erp", "bills")
LONG_SECONDS = 60.0


class Lines(io.RawIOBase):
    """Takes what is written; each line of the log is given to the thread that asks for it."""

    def __init__(self) -> None:
        super().__init__()
        self.written: queue.Queue[str] = queue.Queue()

    def writable(self):
        return True

    def write(self, data):
        self.written.put(exact_json.decode(bytes(data))["log"]["message"])
        return len(data)

    def next(self):
        return self.written.get(timeout=LONG_SECONDS)


def logged(output_bytes):
    return [exact_json.decode(line)["log"]["message"] for line in output_bytes.getvalue().splitlines()]


def at_once(lines):
    """Return a reporter that looks again and again without a pause."""
    return ProgressReporter(Output(lines), FakeClock(), lambda: 2, seconds=0)


def test_a_line_of_progress_has_every_count_and_the_rate_since_the_last_one():
    before = StreamCounts(500, {Outcome.CREATED: 400}, 30)
    outcomes = {Outcome.CREATED: 900, Outcome.UPDATED: 20, Outcome.UNCHANGED: 70, Outcome.REJECTED: 10}
    assert progress_line(BILLS, before, StreamCounts(2000, outcomes, 61), 30.0, 4) == (
        "Progress of erp.bills: 2000 rows received, 900 created, 20 updated, 70 unchanged, 10 rejected; 20 rows/s, "
        "4 requests in flight, 61 API transactions so far."
    )
    few = StreamCounts(3, {Outcome.DELETED: 1, Outcome.SKIPPED: 2}, 1)
    assert progress_line(CUSTOMERS, StreamCounts(0, {}, 0), few, 0.0, 1) == (
        "Progress of customers: 3 rows received, 0 created, 0 updated, 0 unchanged, 1 deleted, 2 skipped, 0 rejected; "
        "- rows/s, 1 request in flight, 1 API transaction so far."
    )


def test_a_stream_without_news_since_its_last_line_is_silent():
    ledger, lines = Ledger([CUSTOMERS, BILLS], lambda *_: None), Lines()
    costs = {CUSTOMERS: StreamCost(), BILLS: StreamCost()}
    first, second = (ledger.receive(Record(1, CUSTOMERS, {})) for _ in range(2))
    ledger.settle(first, Outcome.CREATED)
    with at_once(lines).watching([CUSTOMERS, BILLS], ledger, costs.__getitem__):
        said = [lines.next()]
        ledger.settle(second, Outcome.UPDATED)
        said.append(lines.next())
        costs[BILLS].traffic.add(transactions=1)
        said.append(lines.next())

    assert [line.split(", 0 unchanged")[0] for line in said] == [
        "Progress of customers: 2 rows received, 1 created, 0 updated",
        "Progress of customers: 2 rows received, 1 created, 1 updated",
        "Progress of erp.bills: 0 rows received, 0 created, 0 updated",
    ]
    assert lines.written.empty()


@pytest.mark.parametrize("seconds", [0, 3600])
def test_the_reporting_ends_with_the_rows_at_once(seconds):
    reporter = ProgressReporter(Output(Lines()), FakeClock(), lambda: 0, seconds)
    with reporter.watching([CUSTOMERS], settled({}, stream=CUSTOMERS), lambda _: StreamCost()):
        assert [thread.daemon for thread in threading.enumerate() if thread.name == "progress"] == [True]
    assert [thread for thread in threading.enumerate() if thread.name == "progress"] == []


def test_an_output_that_takes_nothing_more_ends_the_reporting_without_a_word(capfd):
    closed = Lines()
    closed.close()
    with at_once(closed).watching([CUSTOMERS], settled({Outcome.CREATED: 1}, stream=CUSTOMERS), lambda _: StreamCost()):
        for thread in [each for each in threading.enumerate() if each.name == "progress"]:
            thread.join(LONG_SECONDS)
            assert not thread.is_alive()
    assert capfd.readouterr() == ("", "")


def test_a_wait_of_ten_seconds_is_logged_once_when_it_begins_and_a_shorter_one_is_not():
    written = io.BytesIO()
    waits = WaitReporter(Output(written), FakeClock())
    waits.begin("an outage (HTTP 503)", 9.9)
    waits.begin("an outage (HTTP 503)", 10.0)
    in_threads(*[lambda: waits.begin("the limit", 60.0)] * 8)
    assert logged(written) == ["Waiting 10 seconds: an outage (HTTP 503).", "Waiting 60 seconds: the limit."]


def test_a_wait_that_goes_on_ten_seconds_longer_or_begins_later_or_has_another_reason_is_another_one():
    written, clock = io.BytesIO(), FakeClock()
    waits = WaitReporter(Output(written), clock)
    waits.begin("the limit", 60.0)
    clock.time += 5
    waits.begin("the limit", 64.0)  # it ends 9 seconds after the first
    waits.begin("an outage", 20.0)
    waits.begin("the limit", 65.0)  # 10 seconds after
    clock.time += 65
    waits.begin("the limit", 10.0)
    said = ("60 seconds: the limit", "20 seconds: an outage", "65 seconds: the limit", "10 seconds: the limit")
    assert logged(written) == [f"Waiting {wait}." for wait in said]

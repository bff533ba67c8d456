"""What each stage of a row's way costs: the real functions, timed one stage after the other over the same rows.

In one thread: what the whole connector needs beyond their sum goes into threads, locks and buffers.
"""

import gc
import io
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import IO, TypeVar

from benchmarks.connector_run import configuration
from benchmarks.customers import PATH, Customers
from benchmarks.prepared_answers import NOWHERE, PreparedAnswers, in_place_of_the_network
from benchmarks.throughput import BATCH, INSERT
from destination_sage_intacct.config import Config, parse_config
from destination_sage_intacct.connect import connect
from destination_sage_intacct.delivery.actions import Create, Write, decide_row, identity_of
from destination_sage_intacct.delivery.locks import RecordQueue
from destination_sage_intacct.intacct.bulk import NewRecord
from destination_sage_intacct.intacct.clock import SystemClock
from destination_sage_intacct.intacct.create import attempt_key, create_key
from destination_sage_intacct.intacct.model import known_model
from destination_sage_intacct.plan.build import plan_stream, target_of
from destination_sage_intacct.plan.stream_plan import StreamPlan, primary_key_values
from destination_sage_intacct.protocol.catalog import read_catalog
from destination_sage_intacct.protocol.ledger import Ledger, Outcome, Row
from destination_sage_intacct.protocol.messages import Message, State, parse_line, read_lines
from destination_sage_intacct.protocol.output import Output

_SENDING = "records become requests, answers results"
_ANSWERING = "(the benchmark itself writes the answers)"
_ROUNDS = 3
_MICRO = 1_000_000

_T = TypeVar("_T")


def measure(customers: Customers) -> dict[str, float]:
    """Return microseconds of CPU time a row for each stage, by its name, in the order of the way."""
    raw = configuration(NOWHERE, **INSERT)
    config = parse_config(raw)
    plan = _plan(config, customers)
    lines = list(customers.lines())
    spent: dict[str, float] = {}

    def timed(stage: str, work: Callable[[], _T]) -> _T:
        result, seconds = _quickest(work)
        spent[stage] = seconds / customers.rows * _MICRO
        return result

    with tempfile.TemporaryFile() as file:
        file.writelines(lines)
        timed("the line is read", lambda: _read(file))
    messages = timed("the line is parsed", lambda: _parsed(lines))
    rows = timed("the row is entered and settled, STATEs go out", lambda: _settled(plan, messages))
    creates = timed("it becomes the body of a record", lambda: _creates(plan, rows))
    writes = timed("it is kept apart from others of its record", lambda: _ordered(plan, rows, creates))
    records = timed("it gets its idempotency key", lambda: _records(plan, writes))
    with in_place_of_the_network():
        client = connect(config, raw, Output(io.BytesIO()), SystemClock())
    timed(_SENDING, lambda: client.create(PATH, records))
    bodies = [_array(records[start : start + BATCH]) for start in range(0, len(records), BATCH)]
    answers = PreparedAnswers()
    timed(_ANSWERING, lambda: [answers.written(body) for body in bodies])
    spent[_SENDING] -= spent[_ANSWERING]
    return spent


def _quickest(work: Callable[[], _T]) -> tuple[_T, float]:
    """Return the result, and the CPU seconds of the round that others disturbed least."""
    quickest = float("inf")
    # The connector never holds all rows at once, so its garbage collector never walks over them.
    gc.freeze()
    for _ in range(_ROUNDS):
        began = time.process_time()
        result = work()
        quickest = min(quickest, time.process_time() - began)
    gc.unfreeze()
    return result, quickest


def _plan(config: Config, customers: Customers) -> StreamPlan:
    (stream,) = read_catalog(customers.catalog())
    model = known_model(PATH)
    assert model is not None
    return plan_stream(target_of(stream, config), config, model)


def _read(file: IO[bytes]) -> int:
    file.seek(0)
    return sum(1 for _ in read_lines(file.fileno(), lambda: False))


def _parsed(lines: Sequence[bytes]) -> list[Message]:
    messages = [parse_line(line, number) for number, line in enumerate(lines, start=1)]
    return [message for message in messages if message is not None]


def _settled(plan: StreamPlan, messages: Sequence[Message]) -> list[Row]:
    """Enter every row and STATE, and the outcomes a batch later, as answers come."""
    ledger = Ledger([plan.stream], Output(io.BytesIO()).state)
    rows: list[Row] = []
    settled = 0
    for message in messages:
        if isinstance(message, State):
            ledger.state(message)
            continue
        rows.append(ledger.receive(message))
        if len(rows) - settled == BATCH:
            for row in rows[settled:]:
                ledger.settle(row, Outcome.CREATED)
            settled = len(rows)
    for row in rows[settled:]:
        ledger.settle(row, Outcome.CREATED)
    return rows


def _creates(plan: StreamPlan, rows: Sequence[Row]) -> list[Create]:
    decisions = [decide_row(plan, row.data) for row in rows]
    return [decision for decision in decisions if isinstance(decision, Create)]


def _ordered(plan: StreamPlan, rows: Sequence[Row], creates: Sequence[Create]) -> list[Write]:
    queue = RecordQueue()
    writes = [
        Write((row,), plan, create, identity_of(plan, create), ("key", *primary_key_values(plan, row.data)))
        for row, create in zip(rows, creates, strict=True)
    ]
    for start in range(0, len(writes), BATCH):
        batch = writes[start : start + BATCH]
        for each in batch:
            queue.enter(each)
        for each in batch:
            queue.leave(each)
    return writes


def _records(plan: StreamPlan, writes: Sequence[Write]) -> list[NewRecord]:
    return [_record(plan, each, each.action.encoded) for each in writes if isinstance(each.action, Create)]


def _record(plan: StreamPlan, write: Write, body: bytes) -> NewRecord:
    return NewRecord(body, partial(attempt_key, create_key(plan.scope, write.origin, body), plan.sync_id))


def _array(records: Sequence[NewRecord]) -> bytes:
    return b"[" + b",".join(record.body for record in records) + b"]"

"""A pipeline of one or more streams against a server that follows a script or a function."""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import unquote

from fakes import FakeClock, ScriptedTransport, make_config, make_model, make_plan, make_session
from sage_answers import batch, created_batch, found

from destination_sage_intacct import exact_json
from destination_sage_intacct.config import MatchByRecordKey
from destination_sage_intacct.delivery.pipeline import Pipeline
from destination_sage_intacct.intacct.bulk import Capabilities
from destination_sage_intacct.intacct.classify import Answer
from destination_sage_intacct.intacct.client import IntacctClient
from destination_sage_intacct.intacct.transport import HttpRequest
from destination_sage_intacct.plan.stream_plan import StreamPlan
from destination_sage_intacct.protocol.catalog import ConfiguredStream
from destination_sage_intacct.protocol.ledger import Ledger, Outcome, Row
from destination_sage_intacct.protocol.messages import Record, StreamKey
from destination_sage_intacct.rejected_rows.rejection import Rejection, rejection_for

STREAM = StreamKey(None, "customers")
COLUMNS = ("key", "id", "name")
CUSTOMERS = make_model("id", "name", "taxId", "status", read_only=["key"])


def stream_plan(operation: str = "upsert", stream: StreamKey = STREAM, **settings: Any) -> StreamPlan:
    configured = ConfiguredStream(stream, "append", COLUMNS)
    chosen = {"matching": MatchByRecordKey("key"), "skip_unchanged": False} | settings
    return make_plan(operation, model=CUSTOMERS, stream=configured, **chosen)


class Writing:
    """A pipeline with what it did; rows go to the first stream unless another is named."""

    def __init__(self, transport: Any, *plans: StreamPlan, batch_size: int = 500, threads: int = 1) -> None:
        self.transport = transport
        self.clock = FakeClock()
        self.ledger = Ledger([plan.stream for plan in plans], lambda *_: None)
        self.rejected: list[tuple[Row, Rejection]] = []
        self.warnings: list[str] = []
        session = make_session(transport, clock=self.clock, most_in_flight=threads)
        self.stream = plans[0].stream
        self.pipeline = Pipeline(
            make_config(batch_size=batch_size, max_concurrency=threads),
            IntacctClient(session, Capabilities(batch_size)),
            self.ledger,
            plans,
            lambda write, reason: self.rejected.extend(
                (row, rejection_for(reason, write.record_key, write.values)) for row in write.rows
            ),
            self.warnings.append,
            self.clock,
        )

    def write(self, *rows: Any, stream: StreamKey | None = None) -> list[Row]:
        received = [self.ledger.receive(Record(1, stream or self.stream, data)) for data in rows]
        for row in received:
            self.pipeline.write(row)
        return received

    def pause(self) -> None:
        """Let a moment without input be so long that what waits is sent."""
        self.clock.time += 3
        self.pipeline.pause()

    def settle(self) -> None:
        """Wait for what is being sent, and send nothing more."""
        workers = self.pipeline._workers  # noqa: SLF001 - the pipeline itself waits only when it also sends
        while not workers.idle:
            workers.wait()

    @property
    def outcomes(self) -> Mapping[Outcome, int]:
        return self.ledger.outcomes(self.stream)


def scripted(*script: Any, plan: StreamPlan | None = None, **settings: Any) -> Writing:
    return Writing(ScriptedTransport(*script), plan or stream_plan(), **settings)


def takes_everything(seen: Callable[[str, Any], None] = lambda _what, _body: None) -> Callable[[HttpRequest], Answer]:
    """A server that knows no record and takes every write; `seen` is told of each request and its body."""

    def answer(request: HttpRequest) -> Answer:
        body = exact_json.decode(request.body or b"null")
        name = request.url.rsplit("/", 1)[1]
        seen(f"{request.method} {name}", body)
        if request.url.endswith("/query"):
            return found()
        if request.method == "POST":
            return created_batch(len(body)) if isinstance(body, list) else _alone(201, "1")
        if isinstance(body, list):
            return batch(*(each["key"] for each in body), status=200)
        return _alone(200, unquote(name))

    return answer


def _alone(status: int, key: str) -> Answer:
    return Answer(status, {}, {"ia::result": {"key": key}})

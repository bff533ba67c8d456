"""What the unit tests share: a clock that never waits, a server that follows a script, and short builders."""

import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from destination_sage_intacct import exact_json
from destination_sage_intacct.config import AccessToken, Config
from destination_sage_intacct.intacct.adaptive_limit import Limiter
from destination_sage_intacct.intacct.bulk import NewRecord, Result
from destination_sage_intacct.intacct.classify import Answer, NoResponse
from destination_sage_intacct.intacct.client import IntacctClient
from destination_sage_intacct.intacct.clock import StoppedError
from destination_sage_intacct.intacct.model import Field, Model
from destination_sage_intacct.intacct.session import Request, Session
from destination_sage_intacct.intacct.transport import HttpRequest, Transport
from destination_sage_intacct.plan.build import plan_stream, target_of
from destination_sage_intacct.plan.stream_plan import StreamPlan
from destination_sage_intacct.protocol.catalog import ConfiguredStream
from destination_sage_intacct.protocol.ledger import Ledger, Outcome
from destination_sage_intacct.protocol.messages import Record, State, StreamKey

BASE_URL = "https://api.example/ia/api/v1"
CUSTOMER = "accounts-receivable/customer"
NOON = 1_790_000_000.0

POST = Request("POST", f"/objects/{CUSTOMER}", b'{"name":"Starluck"}', "key-1")
CUT = NoResponse(may_have_been_sent=True, reason="the connection was cut before the answer was complete")
NOT_SENT = NoResponse(may_have_been_sent=False, reason="the host refused the connection")

Step = Answer | NoResponse | Callable[[HttpRequest], Answer | NoResponse]


class FakeClock:
    """Time that passes only when someone waits; `waits` holds every wait in seconds."""

    def __init__(self, start: float = NOON) -> None:
        self.time = start
        self.waits: list[float] = []
        self.stopped = False

    def monotonic(self) -> float:
        return self.time

    def now(self) -> float:
        return self.time

    def stop(self) -> None:
        self.stopped = True

    def sleep(self, seconds: float) -> None:
        if self.stopped:
            raise StoppedError
        self.waits.append(seconds)
        self.time += seconds


class ScriptedTransport:
    """Answers each request with the next step of the script, and keeps what was asked.

    Whether records differ from others only by case, asked behind an exact query, is not in the script: there are none.
    """

    def __init__(self, *script: Step) -> None:
        self._script = list(script)
        self._was_exact = False
        self.requests: list[HttpRequest] = []

    def __call__(self, request: HttpRequest) -> Answer | NoResponse:
        if b'"caseSensitiveComparison":false' in (request.body or b"") and self._was_exact:
            return Answer(200, {}, {"ia::result": [], "ia::meta": {"totalCount": 0, "start": 1, "pageSize": 4000}})
        self._was_exact = b'"caseSensitiveComparison":true' in (request.body or b"")
        self.requests.append(request)
        if not self._script:
            raise AssertionError(f"the script has no answer for {request.method} {request.url}")
        step = self._script.pop(0)
        return step(request) if callable(step) else step

    @property
    def is_used_up(self) -> bool:
        return not self._script

    @property
    def asked(self) -> list[str]:
        """Method and path of every request, below the base URL."""
        return [f"{each.method} {each.url.removeprefix(BASE_URL)}" for each in self.requests]

    @property
    def idempotency_keys(self) -> list[str | None]:
        return [each.headers.get("Idempotency-Key") for each in self.requests]

    @property
    def forms(self) -> list[dict[str, str]]:
        return [dict(parse_qsl((each.body or b"").decode())) for each in self.requests]

    @property
    def queries(self) -> list[dict[str, str]]:
        return [dict(parse_qsl(urlsplit(each.url).query)) for each in self.requests]


class CountedTokens:
    """Tokens `token-0`, `token-1` …, one more for each renewal."""

    def __init__(self) -> None:
        self.renewals = 0

    def current(self) -> str:
        return f"token-{self.renewals}"

    def renew(self, refused: str) -> str:
        if refused == self.current():
            self.renewals += 1
        return self.current()


def make_session(transport: Transport, clock=None, max_retries=3, wait_budget=900.0, most_in_flight=6) -> Session:
    clock = clock or FakeClock()
    limiter = Limiter(most_in_flight, clock, lambda: 0.5)
    return Session(BASE_URL, transport, CountedTokens(), clock, limiter, max_retries, wait_budget)


def created(key: str = "32", **headers: str) -> Answer:
    """The answer to a create, as Sage's OpenAPI shows it."""
    result = {"key": key, "href": f"/objects/{CUSTOMER}/{key}"}
    return Answer(201, headers, {"ia::result": result, "ia::meta": {"totalCount": 1, "totalSuccess": 1}})


def changed(key: str = "32") -> Answer:
    return Answer(200, {}, created(key).payload)


def refused(status: int, message: str, code: str = "invalidRequest", error_id: str = "", **headers: str) -> Answer:
    """A refusal in the nesting of live traffic."""
    error = {"code": code, "message": message} | ({"errorId": error_id} if error_id else {})
    payload = {"ia::result": {"ia::error": error}, "ia::meta": {"totalCount": 1, "totalSuccess": 0, "totalError": 1}}
    return Answer(status, {name.replace("_", "-"): value for name, value in headers.items()}, payload)


def replayed(answer: Answer, stored: str = "2026-09-20T10:00:00Z", **headers: str) -> Answer:
    headers = {**answer.headers, **headers, "x-ia-idempotency-cached-date": stored}
    return replace(answer, headers=headers)


THROTTLED = refused(429, "API rate limit exceeded", "GW-0010", retry_after="5")
TOKEN_REFUSED = refused(401, "Token is not valid", "tokenInvalid", "REST-2102")
KEY_RUNNING = refused(409, "Another request with the same idempotency key is being processed")
GONE = refused(404, "no such record", "notFound")


def make_client(*script: Step, entity="", capabilities=None, **settings) -> tuple[IntacctClient, ScriptedTransport]:
    transport = ScriptedTransport(*script)
    session = replace(make_session(transport, **settings), entity=entity)
    return IntacctClient(session, capabilities), transport


def new_record(name: str = "key", body: bytes = b'{"name":"Starluck"}', **settings: Any) -> NewRecord:
    """A record whose keys are `key-0`, `key-1` and so on, by attempt."""
    return NewRecord(body, lambda attempt: f"{name}-{attempt}", **settings)


def create(client: IntacctClient, record: NewRecord | None = None) -> Result:
    (result,) = client.create(CUSTOMER, [record or new_record()])
    return result


def make_config(**settings: Any) -> Config:
    given = {"company_id": "acme", "credentials": AccessToken("token"), "object_type": "Customer"} | settings
    return Config(**given)


def make_model(*names: str, path: str = CUSTOMER, read_only: Iterable[str] = ()) -> Model:
    fields = {name: Field("string") for name in names}
    return Model(path, fields | {name: Field("string", read_only=True) for name in read_only})


def fields_of(**names: str) -> dict[str, Field]:
    """Fields by their type: `fields_of(string="id name", date_time="closedAt")`."""
    return {name: Field(kind.replace("_", "-")) for kind, listed in names.items() for name in listed.split()}


# Names of every kind: nested, a whole and its part, an app's own, underscores, twins, read-only.
MIXED_MODEL = make_model(
    "id", "name", "creditLimit", "contacts.default.email1", "contacts.default.mailingAddress.city", "term", "term.id",
    "nsp::RATING", "a__b", "Twin", "twin", read_only=["totalDue"],
)  # fmt: skip


def as_is(path: str) -> str:
    """The alias of an object that has none: each name stands for itself."""
    return path


def make_plan(operation="insert", columns=("id", "name", "taxId"), model=None, stream=None, **settings) -> StreamPlan:
    """A plan made the way the connector makes it; `deactivate` comes from the sync mode."""
    mode = "soft_delete" if operation == "deactivate" else "append"
    stream = stream or ConfiguredStream(StreamKey(None, "customers"), mode, tuple(columns))
    chosen = "auto" if operation == "deactivate" else operation
    config = make_config(operation=chosen, **settings)
    return plan_stream(target_of(stream, config), config, model or make_model("id", "name", "taxId", "status"))


def settled(outcomes: Mapping[Outcome, int], open_rows: int = 0, stream: StreamKey | None = None) -> Ledger:
    """A ledger of one stream whose rows came to these outcomes; `open_rows` have none yet."""
    stream = stream or StreamKey(None, "customers")
    ledger = Ledger([stream], lambda *_: None)
    for outcome, count in outcomes.items():
        for _ in range(count):
            ledger.settle(ledger.receive(Record(1, stream, {})), outcome)
    for _ in range(open_rows):
        ledger.receive(Record(1, stream, {}))
    return ledger


def make_state(stream: StreamKey | None, number: int = 0) -> State:
    """A STATE of a stream, or a GLOBAL one; told apart by `line`."""
    members = exact_json.decode_members(b"{}")
    return State(number, "STREAM" if stream else "GLOBAL", stream, members, members)


def in_threads(*tasks: Callable[[], object]) -> None:
    """Run each task in a thread of its own, all at once, and wait for them."""
    start = threading.Barrier(len(tasks))
    threads = [threading.Thread(target=lambda task=task: (start.wait(), task())) for task in tasks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

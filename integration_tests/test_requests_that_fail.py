"""Whatever happens to a request on its way, the server holds each record once, or nothing is acknowledged.

The client runs in this process with a clock that never waits; requests go over HTTP to the emulator, which commits
or does not commit before it fails.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from emulator_process import EmulatorProcess
from fakes import FakeClock
from fault_kinds import TOKEN_REFUSED

from destination_sage_intacct.intacct.adaptive_limit import Limiter
from destination_sage_intacct.intacct.auth import FixedToken, RenewedTokens, TokenEndpoint
from destination_sage_intacct.intacct.bulk import ChangedRecord, NewRecord, Result, Written
from destination_sage_intacct.intacct.client import IntacctClient
from destination_sage_intacct.intacct.create import attempt_key
from destination_sage_intacct.intacct.errors import AuthenticationError, OutageError, SageError
from destination_sage_intacct.intacct.session import WAIT_BUDGET_SECONDS, Session
from destination_sage_intacct.intacct.transport import RequestsTransport

CUSTOMERS = "accounts-receivable/customer"
ROUTE = f"/objects/{CUSTOMERS}"
BODY = b'{"id":"F-1","name":"Once"}'
TIMEOUT_SECONDS = 0.4
# The clock never waits, so a key that the emulator holds for half a second of its own is asked for very often.
PATIENT_SECONDS = 1000 * WAIT_BUDGET_SECONDS


class Api:
    """A client of one process's life: its clock, its transport; a new one is what a restart gives."""

    def __init__(
        self,
        emulator: EmulatorProcess,
        max_retries: int = 3,
        sync_id: str | None = "7",
        wait_budget: float = WAIT_BUDGET_SECONDS,
    ) -> None:
        self.emulator = emulator
        self.clock = FakeClock()
        self._sync_id = sync_id
        transport = RequestsTransport(TIMEOUT_SECONDS, self.clock)
        endpoint = TokenEndpoint(emulator.url, transport, self.clock, max_retries)
        tokens = RenewedTokens(
            lambda: endpoint.client_credentials("demo-client", "demo-secret", "demo@demo"), self.clock
        )
        limiter = Limiter(6, self.clock)
        self.session = Session(emulator.url, transport, tokens, self.clock, limiter, max_retries, wait_budget)
        self.client = IntacctClient(self.session)

    def create(self, body: bytes = BODY, key: str = "the row's own key", *, may_repeat: bool = False) -> Result:
        record = NewRecord(body, partial(attempt_key, key, self._sync_id), may_repeat=may_repeat)
        return self.client.create(CUSTOMERS, [record])[0]

    def update(self, key: str, body: bytes) -> Result:
        return self.client.update(CUSTOMERS, [ChangedRecord(key, body)])[0]

    def held(self, record_id: str = "F-1") -> list[dict[str, Any]]:
        return [each for each in self.emulator.records(CUSTOMERS) if each["id"] == record_id]

    def tried(self, method: str) -> int:
        return len([each for each in self.emulator.requests() if each["method"] == method and ROUTE in each["path"]])


# Sage's guide can be read so that each answer to a keyed request carries the date of storing, not repeated ones alone.
@pytest.fixture(params=["replay", "every"])
def api(emulator_with: Callable[..., EmulatorProcess], request: pytest.FixtureRequest) -> Api:
    return Api(emulator_with("--cached-date", request.param))


def status(code: int, when: str = "before", headers: dict[str, str] | None = None, body: Any = None) -> dict[str, Any]:
    return {"kind": "status", "status": code, "when": when, "headers": headers or {}, "body": body}


TOKEN_BODY = {
    "ia::result": {"ia::error": {"code": "invalidRequest", "message": "The token is not valid", "errorId": "REST-1206"}}
}
LOCKED = {
    "ia::error": {"code": "invalidRequest", "message": "The Idempotency-Key belongs to a request that still runs"}
}

PASSING = {
    **{f"{code} {when}": status(code, when) for code in (500, 502, 503, 504, 524) for when in ("before", "after")},
    **{f"cut {when}": {"kind": "cut", "when": when} for when in ("before", "after")},
    **{f"time-out {when}": {"kind": "delay", "seconds": 0.8, "when": when} for when in ("before", "after")},
    "unreadable answer": {"kind": "malformed", "when": "after"},
    "unreadable answer, not committed": {"kind": "malformed", "when": "before"},
    "429 Retry-After in seconds": status(429, headers={"Retry-After": "7"}),
    "429 Retry-After as a date": status(429, headers={"Retry-After": "Mon, 21 Sep 2026 13:33:27 GMT"}),
    "429 with Sage's own header": status(429, headers={"X-IA-Throttle-Limit-Retry-After": "7"}),
    "429 without a header": status(429),
    "503 with a throttle header": status(503, headers={"X-IA-Throttle-Limit-Retry-After": "7"}),
    "401": status(401, body=TOKEN_REFUSED),
    "400 REST-1206": status(400, body=TOKEN_BODY),
    "409 locked": status(409, body=LOCKED),
}  # fmt: skip


@pytest.mark.parametrize("fault", PASSING.values(), ids=PASSING)
def test_a_create_that_met_a_fault_is_booked_once(emulator: EmulatorProcess, fault: dict[str, Any]) -> None:
    api = Api(emulator, wait_budget=PATIENT_SECONDS)
    emulator.fault(route=ROUTE, method="POST", nth=[1], action=fault)

    result = api.create()

    assert isinstance(result, Written)
    (customer,) = api.held()
    assert customer["key"] == result.key
    assert api.tried("POST") >= 2


@pytest.mark.parametrize("fault", PASSING.values(), ids=PASSING)
def test_an_update_that_met_a_fault_lands(emulator: EmulatorProcess, fault: dict[str, Any]) -> None:
    api = Api(emulator, wait_budget=PATIENT_SECONDS)
    old = api.create()
    assert isinstance(old, Written)
    api.emulator.fault(route=f"{ROUTE}/*", method="PATCH", nth=[1], action=fault)

    result = api.update(old.key, b'{"name":"Changed"}')

    assert isinstance(result, Written)
    assert api.held()[0]["name"] == "Changed"
    keys = [each["headers"]["idempotency-key"] for each in api.emulator.requests() if each["method"] == "PATCH"]
    assert len(keys) >= 2
    assert keys[0] == keys[1]


@pytest.mark.parametrize("name", ["500 before", "cut after", "time-out after", "unreadable answer"])
def test_retries_are_spent_and_then_the_sync_fails_for_now(emulator: EmulatorProcess, name: str) -> None:
    api = Api(emulator, max_retries=2)
    emulator.fault(route=ROUTE, method="POST", action=PASSING[name])

    with pytest.raises(OutageError, match=f"POST {ROUTE} in 3 attempts"):
        api.create()

    assert api.tried("POST") == 3
    assert [1 <= wait / 2**n * 2 <= 2 for n, wait in enumerate(api.clock.waits)] == [True, True]
    # The next run sends the same row again: still it is booked once.
    emulator.clear_faults()
    assert isinstance(Api(emulator).create(), Written)
    assert len(api.held()) == 1


def test_throttling_waits_as_the_server_says_and_spends_no_retry(emulator: EmulatorProcess) -> None:
    api = Api(emulator, max_retries=0)
    emulator.fault(route=ROUTE, method="POST", nth=[1, 2, 3], action=status(429, headers={"Retry-After": "7"}))

    assert isinstance(api.create(), Written)

    assert api.clock.waits == [7.0, 7.0, 7.0]
    assert api.session.traffic.waited_seconds == 21.0
    assert len(api.held()) == 1


def test_throttling_beyond_the_wait_budget_fails_for_now(api: Api) -> None:
    asked = {"Retry-After": "400"}
    api.emulator.fault(route=ROUTE, method="POST", action=status(429, headers=asked))

    with pytest.raises(OutageError, match="limits the requests of this company"):
        api.create()

    assert sum(api.clock.waits) <= WAIT_BUDGET_SECONDS
    assert api.held() == []


def test_a_token_refused_twice_is_a_mistake_of_the_configuration(api: Api) -> None:
    api.emulator.fault(route=ROUTE, method="POST", action=status(401, body=TOKEN_REFUSED))

    with pytest.raises(AuthenticationError, match="refused a token that it had issued a moment before"):
        api.create()

    assert api.tried("POST") == 2


def test_a_host_that_is_not_there_is_tried_again_and_then_given_up() -> None:
    clock = FakeClock()
    transport = RequestsTransport(TIMEOUT_SECONDS, clock)
    tokens = FixedToken("demo-access-token")
    session = Session("http://127.0.0.1:9/ia/api/v1", transport, tokens, clock, Limiter(6, clock), 2)

    with pytest.raises(OutageError, match="the host refused the connection"):
        IntacctClient(session).create(CUSTOMERS, [NewRecord(BODY, str)])

    assert len(clock.waits) == 2


def test_a_replay_after_a_crash_is_not_booked_twice(api: Api) -> None:
    """The answer was lost with the process; the next one sends the same row under the same key."""
    first = api.create()
    api.emulator.advance_clock(60)
    result = Api(api.emulator, sync_id="8").create()

    assert isinstance(first, Written)
    assert result == Written(first.key, replayed=True)
    assert len(api.held()) == 1


def test_a_stored_failure_gets_one_new_attempt(api: Api) -> None:
    """Yesterday's refusal is stored for two days; meanwhile a person has repaired its cause in Sage Intacct."""
    api.create(key="another row's key")
    refused = api.create(b'{"id":"F-1","name":"Twice"}')
    assert isinstance(refused, SageError)
    assert api.emulator.records(CUSTOMERS)[-1]["name"] == "Once"
    first_tries = api.tried("POST")
    api.emulator.advance_clock(24 * 3600)

    again = Api(api.emulator, sync_id="8").create(b'{"id":"F-1","name":"Twice"}')

    assert isinstance(again, SageError)
    assert not again.message.startswith("no idempotency key")
    assert api.tried("POST") == first_tries + 2


def test_a_stored_failure_does_not_swallow_a_row_that_would_now_be_taken(api: Api) -> None:
    action = status(
        422, body={"ia::error": {"code": "operationFailed", "message": "The period is closed"}}, when="before"
    )
    replay = action | {"headers": {"x-ia-idempotency-cached-date": "2026-01-14T10:00:00Z"}}
    api.emulator.fault(route=ROUTE, method="POST", nth=[1], action=replay)

    result = api.create()

    assert isinstance(result, Written)
    assert len(api.held()) == 1
    keys = [
        each["headers"]["idempotency-key"]
        for each in api.emulator.requests()
        if each["method"] == "POST" and ROUTE in each["path"]
    ]
    assert keys == ["the row's own key", "the row's own key-7-1"]


def test_a_row_whose_record_was_deleted_since_is_created_anew(api: Api) -> None:
    first = api.create()
    assert isinstance(first, Written)
    api.client.delete(CUSTOMERS, [first.key])
    assert api.held() == []

    second = Api(api.emulator, sync_id="8").create()

    assert isinstance(second, Written)
    assert second.key != first.key
    assert len(api.held()) == 1
    api.emulator.advance_clock(60)
    third = Api(api.emulator, sync_id="8").create()
    assert third == Written(second.key, replayed=True)
    assert len(api.held()) == 1


def test_a_key_older_than_its_stored_answer_is_replaced_once_where_that_is_allowed(api: Api) -> None:
    first = api.create(b'{"name":"Numbered by Sage"}')
    assert isinstance(first, Written)
    api.emulator.advance_clock(49 * 3600)

    unknown = Api(api.emulator, sync_id="8").create(b'{"name":"Numbered by Sage"}')
    second = Api(api.emulator, sync_id="8").create(b'{"name":"Numbered by Sage"}', may_repeat=True)

    assert isinstance(unknown, SageError)
    assert unknown.code == "may_exist"
    assert isinstance(second, Written)
    assert second.key != first.key


def test_a_lock_that_never_opens_is_waited_for_within_the_budget_and_books_nothing_twice(api: Api) -> None:
    api.emulator.fault(route=ROUTE, method="POST", times=40, action=status(409, body=LOCKED))

    with pytest.raises(OutageError, match="still working on an earlier attempt to create records"):
        api.create()

    assert sum(api.clock.waits) >= WAIT_BUDGET_SECONDS - 60
    assert api.held() == []
    # The next run asks again, under the same key.
    api.emulator.clear_faults()
    assert isinstance(Api(api.emulator, sync_id="8").create(), Written)
    assert len(api.held()) == 1
    keys = {
        each["headers"]["idempotency-key"]
        for each in api.emulator.requests(last=1000)
        if each["method"] == "POST" and ROUTE in each["path"]
    }
    assert keys == {"the row's own key"}

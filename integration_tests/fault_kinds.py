"""What can happen to a request on its way: the faults of the matrix, and where they strike."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import Any
from urllib.parse import urlsplit

from emulator_process import EmulatorProcess
from fakes import FakeClock

from destination_sage_intacct.intacct.classify import Answer, NoResponse
from destination_sage_intacct.intacct.clock import SystemClock
from destination_sage_intacct.intacct.session import WAIT_BUDGET_SECONDS
from destination_sage_intacct.intacct.transport import HttpRequest, RequestsTransport, Transport

Json = Any

TOKEN_REFUSED = {"error": {"code": "tokenInvalid", "message": "Token is not valid", "errorId": "REST-2102"}}
ORDINARY_SECONDS = 30.0
IMPATIENT_SECONDS = 0.15
_LONGER_THAN_PATIENCE = 0.35
_CONNECTIONS = 8
# Enough requests for any sync of the matrix.
EVERY = tuple(range(1, 2000))
EVERY_FROM_THE_SECOND = EVERY[1:]


@dataclass(frozen=True)
class Fault:
    """One kind of fault.

    `action`: what the emulator does; None: the connection is refused, so the emulator hears nothing.
    `is_final`: if it lasts, a person must look at it, so the sync does not fail just for now.
    `needs_key`: it is about the idempotency key, which only creates carry.
    `wait_budget_seconds`: how long a request may wait because the server asks for it; the product's own is only
    needed where the server really works on.
    """

    action: dict[str, Json] | None
    timeout_seconds: float = ORDINARY_SECONDS
    wait_budget_seconds: float = 30.0
    is_final: bool = False
    needs_key: bool = False


class HurriedClock(FakeClock):
    """A fake clock that gives the emulator a thousandth of each wait, to finish what it still works on."""

    def sleep(self, seconds: float) -> None:
        super().sleep(seconds)
        threading.Event().wait(seconds / 1000)


class _Refusing:
    """An exchange some of whose requests find a closed door."""

    def __init__(self, transport: Transport, strikes: Callable[[HttpRequest], bool]) -> None:
        self._exchange = transport
        self._strikes = strikes

    def __call__(self, request: HttpRequest) -> Answer | NoResponse:
        if self._strikes(request):
            return NoResponse(may_have_been_sent=False, reason="the host refused the connection")
        return self._exchange(request)


@dataclass(frozen=True)
class Way:
    """How requests go: what sends them, and how long they may wait in all because the server asks for it."""

    transport: Transport
    wait_budget_seconds: float


def open_way(timeout_seconds: float = ORDINARY_SECONDS, wait_budget_seconds: float = WAIT_BUDGET_SECONDS) -> Way:
    """Return a way on which nothing happens."""
    return Way(RequestsTransport(timeout_seconds, SystemClock(), _CONNECTIONS), wait_budget_seconds)


def struck_way(emulator: EmulatorProcess, fault: Fault, method: str, route: str, nth: tuple[int, ...]) -> Way:
    """Let the nth requests of a method and route meet a fault; return the way on which they do."""
    way = open_way(fault.timeout_seconds, fault.wait_budget_seconds)
    if fault.action is None:
        return replace(way, transport=_Refusing(way.transport, _nth(emulator.url, method, route, nth)))
    emulator.fault(route=route, method=method, nth=list(nth), action=fault.action)
    return way


def _nth(base_url: str, method: str, route: str, nth: tuple[int, ...]) -> Callable[[HttpRequest], bool]:
    lock = threading.Lock()
    seen = 0

    def strikes(request: HttpRequest) -> bool:
        nonlocal seen
        path = request.url.removeprefix(base_url)
        if request.method != method or not fnmatchcase(urlsplit(path).path, route):
            return False
        with lock:
            seen += 1
            return seen in nth

    return strikes


def status(code: int, when: str = "before", headers: dict[str, str] | None = None, body: Json = None) -> Fault:
    """Return the fault of an answer with this status."""
    return Fault({"kind": "status", "status": code, "when": when, "headers": headers or {}, "body": body})


def refusal(message: str, error_id: str = "") -> Json:
    """Return the body of a refusal."""
    return {"ia::result": {"ia::error": {"code": "invalidRequest", "message": message, "errorId": error_id}}}


_BOTH = ("before", "after")
FAULTS: dict[str, Fault] = {
    "connection refused": Fault(None),
    **{f"time-out {when}": Fault(
        {"kind": "delay", "seconds": _LONGER_THAN_PATIENCE, "when": when}, IMPATIENT_SECONDS, WAIT_BUDGET_SECONDS
    ) for when in _BOTH},
    **{f"cut {when}": Fault({"kind": "cut", "when": when}) for when in _BOTH},
    **{f"{code} {when}": status(code, when) for code in (500, 502, 503, 504, 524) for when in _BOTH},
    **{f"unreadable body {when}": Fault({"kind": "malformed", "when": when}) for when in _BOTH},
    "429 Retry-After": status(429, headers={"Retry-After": "7"}),
    "429 Sage's header": status(429, headers={"X-IA-Throttle-Limit-Retry-After": "7"}),
    "429 bare": status(429),
    "401": Fault({"kind": "status", "status": 401, "body": TOKEN_REFUSED}, is_final=True),
    "400 REST-1206": Fault(
        {"kind": "status", "status": 400, "body": refusal("The token is not valid", "REST-1206")}, is_final=True
    ),
    "409 key in use": replace(
        status(409, body=refusal("The Idempotency-Key belongs to a request that is still processed")), needs_key=True
    ),
}  # fmt: skip
TRUNCATED_LIST = Fault({"kind": "truncated_list"})
RECORD_LOCKED = status(409, body=refusal("The record is locked by another process", "BL01001973"))

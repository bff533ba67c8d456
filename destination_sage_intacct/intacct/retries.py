"""One request to one answer: deadline, retry, idempotency, what a failure means. The one place that waits."""

import random
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from destination_sage_intacct.intacct.adaptive_limit import Limiter
from destination_sage_intacct.intacct.auth import Tokens
from destination_sage_intacct.intacct.classify import (
    TOO_MANY,
    Answer,
    Classification,
    NoResponse,
    backoff_seconds,
    classify,
    wait_seconds,
)
from destination_sage_intacct.intacct.clock import Clock
from destination_sage_intacct.intacct.errors import AuthenticationError, OutageError
from destination_sage_intacct.intacct.transport import HttpRequest, Transport

WAIT_BUDGET_SECONDS = 900.0
_GATEWAY_TIMEOUT = 504


@dataclass(frozen=True, slots=True)
class Request:
    """One request to the API.

    Attributes:
        method: the HTTP method.
        path: below the base URL.
        body: encoded.
        entity: the entity it concerns, empty for the top level.
        idempotency_key: empty for none.
        parameters: the query string with its question mark, or nothing.
        is_whole: tells of the payload of a success whether it holds everything that was asked for. Without it, every
            success does.
        divisible: its records can be sent in several requests. A 429 that it met alone is then handed back, since the
            API gives one to a batch that is too large too (Sage REST guide, error handling).
        once: it must not land twice. After an attempt that may have landed it is not repeated; the answer then says
            `sent_before`.
    """

    method: str
    path: str
    body: bytes | None = field(default=None, repr=False)
    entity: str = ""
    idempotency_key: str = ""
    parameters: str = ""
    is_whole: Callable[[Any], bool] | None = None
    divisible: bool = False
    once: bool = False


class Traffic:
    """An account of requests; safe from any thread.

    Attributes:
        requests: how many were sent, repetitions included.
        retries: how many were repeated after a failure.
        transactions: API transactions that they cost, as the client counts them.
        waited_seconds: what they waited in all because of the server's limits.
        most_in_flight: the highest number in flight, of all accounts, while one of this account was.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.requests = 0
        self.retries = 0
        self.transactions = 0
        self.waited_seconds = 0.0
        self.most_in_flight = 0

    def add(self, *, requests: int = 0, retries: int = 0, transactions: int = 0, waited_seconds: float = 0.0) -> None:
        """Add to the account."""
        with self._lock:
            self.requests += requests
            self.retries += retries
            self.transactions += transactions
            self.waited_seconds += waited_seconds

    def saw_in_flight(self, requests: int) -> None:
        """Take note of how many requests were in flight."""
        with self._lock:
            self.most_in_flight = max(self.most_in_flight, requests)


@dataclass(frozen=True, slots=True)
class _Patience:
    """What one request has used up; each failure gives a new one."""

    retries: int = 0
    waited_seconds: float = 0.0
    waits: int = 0
    token_renewed: bool = False
    may_have_landed: bool = False


@dataclass(frozen=True, slots=True)
class _Attempt:
    """One exchange: what came back, what it means, and how it went out."""

    outcome: Answer | NoResponse
    meaning: Classification
    token: str
    was_alone: bool  # nothing else of ours was in flight meanwhile
    asked_seconds: float = 0.0  # how long everybody waits after it, because the server asks for it


class RetryingSession:
    """Sends requests until they are answered, within what each may retry and wait; safe from any thread.

    Args:
        base_url: without a slash at its end.
        transport: sends one request once.
        tokens: hands out access tokens.
        clock: measures and waits.
        limiter: says when one more request may be in flight.
        max_retries: transient failures of one request that are repeated.
        wait_budget_seconds: how long one request may wait in all because the server asks for it.
    """

    def __init__(
        self,
        base_url: str,
        transport: Transport,
        tokens: Tokens,
        clock: Clock,
        limiter: Limiter,
        max_retries: int,
        wait_budget_seconds: float = WAIT_BUDGET_SECONDS,
    ) -> None:
        self._base_url = base_url
        self._transport = transport
        self._tokens = tokens
        self._clock = clock
        self._limiter = limiter
        self._max_retries = max_retries
        self._wait_budget = wait_budget_seconds
        self.traffic = Traffic()

    def send(self, request: Request, traffic: Traffic | None = None) -> Answer:
        """Return the server's final answer, a refusal included.

        Args:
            request: what to send.
            traffic: the account to keep; without one, the transport's own.

        Raises:
            OutageError: retries or waits are exhausted; a write may or may not have landed.
            AuthenticationError: the token is refused and a renewed one too.
            ConfigurationError: no attempt makes sense, such as a certificate that cannot be verified.
            StoppedError: the run was asked to stop while the request waited.
        """
        account = traffic or self.traffic
        patience = _Patience()
        while True:
            attempt = self._attempt(request, patience, account)
            match attempt:
                case _Attempt(Answer() as answer, Classification.ANSWERED):
                    return replace(answer, sent_before=patience.may_have_landed)
                case _Attempt(meaning=Classification.TOKEN):
                    patience = self._renew(patience, attempt.token)
                case _Attempt(Answer() as answer, Classification.THROTTLED):
                    if request.divisible and _may_be_too_large(attempt, patience):
                        return replace(answer, sent_before=patience.may_have_landed)
                    patience = self._charge(request, patience, attempt.asked_seconds)
                case _Attempt(Answer() as answer, Classification.RUNNING):
                    seconds = self._pause(patience.waits)
                    if patience.waited_seconds + seconds > self._wait_budget:
                        # No request runs that long, so the key is not held by a running one.
                        return replace(answer, sent_before=patience.may_have_landed)
                    self._clock.sleep(seconds)
                    account.add(waited_seconds=seconds)
                    patience = replace(_waited(patience, seconds), may_have_landed=True)
                case _Attempt(outcome, Classification.UNKNOWN) if request.once:
                    return replace(outcome if isinstance(outcome, Answer) else _no_answer(outcome), sent_before=True)
                case _Attempt(Answer() as answer, Classification.LOCKED) if patience.retries >= self._max_retries:
                    return replace(answer, sent_before=patience.may_have_landed)
                case _:
                    patience = self._back_off(request, patience, attempt, account)

    def _attempt(self, request: Request, patience: _Patience, account: Traffic) -> _Attempt:
        """Send once, in a slot that ends with the answer: a request that waits keeps nobody else waiting."""
        with self._limiter.slot(lambda seconds: account.add(waited_seconds=seconds)) as slot:
            token = self._tokens.current()
            sent_at = self._clock.monotonic()
            outcome = self._transport(self._on_the_wire(request, token))
            if isinstance(outcome, Answer):
                outcome = replace(outcome, seconds=self._clock.monotonic() - sent_at)
            account.add(requests=1)
            account.saw_in_flight(slot.most_in_flight)
            meaning = classify(outcome, request.is_whole)
            asked = 0.0
            if meaning is Classification.THROTTLED and isinstance(outcome, Answer):
                # Zero, as a date of a clock behind ours gives, would never use up the budget.
                asked = wait_seconds(outcome.headers, self._clock.now()) or self._pause(patience.waits)
                self._limiter.throttled(slot, asked)
            elif meaning is Classification.ANSWERED:
                self._limiter.succeeded(slot)
            return _Attempt(outcome, meaning, token, slot.most_in_flight == 1, asked)

    def _renew(self, patience: _Patience, token: str) -> _Patience:
        if patience.token_renewed:
            raise AuthenticationError(
                "Sage Intacct refused a token that it had issued a moment before. Check that the user and the "
                "app are still authorized for this company and entity, and that no other connection uses the "
                "same user and app: a new authorization replaces older ones."
            )
        self._tokens.renew(token)
        return replace(patience, token_renewed=True)

    def _charge(self, request: Request, patience: _Patience, seconds: float) -> _Patience:
        """Take a wait off the request's budget. The limiter makes it wait, with all others, before it is sent again."""
        if patience.waited_seconds + seconds > self._wait_budget:
            raise OutageError(
                f"Sage Intacct limits the requests of this company and asked {_name(request)} to wait longer than "
                f"{self._wait_budget:.0f} seconds in all. Too many integrations may share the company: "
                "run this sync at another time, or ask Sage for a higher concurrency limit."
            )
        return _waited(patience, seconds)

    def _back_off(self, request: Request, patience: _Patience, attempt: _Attempt, account: Traffic) -> _Patience:
        if patience.retries >= self._max_retries:
            count = "1 attempt" if patience.retries == 0 else f"{patience.retries + 1} attempts"
            raise OutageError(
                f"Sage Intacct did not answer {_name(request)} in {count}: {_why(attempt.outcome)}. "
                f"Check that {self._base_url} (`api_url`) can be reached and that Sage Intacct is up; "
                "the next sync sends again whatever was not acknowledged."
            )
        account.add(retries=1)
        self._clock.sleep(self._pause(patience.retries))
        may_have_landed = patience.may_have_landed or attempt.meaning is Classification.UNKNOWN
        return replace(patience, retries=patience.retries + 1, may_have_landed=may_have_landed)

    def _pause(self, retry: int) -> float:
        return backoff_seconds(retry, random.random())  # noqa: S311 - spreading retries needs no secrecy

    def _on_the_wire(self, request: Request, token: str) -> HttpRequest:
        return HttpRequest(
            request.method,
            f"{self._base_url}{request.path}{request.parameters}",
            _headers(request),
            request.body,
            token,
        )


def _no_answer(lost: NoResponse) -> Answer:
    """Return what a gateway would say in the place of a server that does not answer."""
    return Answer(_GATEWAY_TIMEOUT, payload={"ia::error": {"message": lost.reason}})


def _may_be_too_large(attempt: _Attempt, patience: _Patience) -> bool:
    """Return whether a 429 may be about the request's size, and every send so far was refused for certain."""
    return (
        isinstance(attempt.outcome, Answer)
        and attempt.outcome.status == TOO_MANY
        and attempt.was_alone
        and not patience.may_have_landed
    )


def _waited(patience: _Patience, seconds: float) -> _Patience:
    return replace(patience, waits=patience.waits + 1, waited_seconds=patience.waited_seconds + seconds)


def _headers(request: Request) -> Mapping[str, str]:
    headers = {"Accept": "application/json"}
    if request.body is not None:
        headers["Content-Type"] = "application/json"
    if request.entity:
        headers["X-IA-API-Param-Entity"] = request.entity
    if request.idempotency_key:
        headers["Idempotency-Key"] = request.idempotency_key
    return headers


def _name(request: Request) -> str:
    return f"{request.method} {request.path}"


def _why(attempt: Answer | NoResponse) -> str:
    if isinstance(attempt, NoResponse):
        return attempt.reason
    if not attempt.readable:
        return f"HTTP {attempt.status} with a body that is not JSON"
    error = attempt.error
    if error is None:
        return f"HTTP {attempt.status} with an answer that does not cover everything that was sent"
    said = error.message.rstrip(".")
    return said if said.startswith("HTTP ") else f"HTTP {attempt.status}, {said}"

"""From one request to its final answer: retries, waits, a renewed token. The one place that waits."""

import random
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Any

from destination_sage_intacct.intacct.adaptive_limit import Limiter
from destination_sage_intacct.intacct.auth import Tokens
from destination_sage_intacct.intacct.classify import (
    Answer,
    Classification,
    NoResponse,
    backoff_seconds,
    classify,
    refusal_of_all,
    wait_seconds,
)
from destination_sage_intacct.intacct.clock import Clock
from destination_sage_intacct.intacct.errors import AuthenticationError, OutageError
from destination_sage_intacct.intacct.transport import HttpRequest, Transport

WAIT_BUDGET_SECONDS = 900.0


@dataclass(frozen=True, slots=True)
class Request:
    """One request to the API.

    Attributes:
        method: the HTTP method.
        path: below the base URL.
        body: encoded.
        idempotency_key: empty for none.
        parameters: the query string with its question mark, or nothing.
        is_whole: returns whether the payload of a success holds everything that was asked for. Without it, every
            success does.
        divisible: its records can be sent in several requests. A 429 that it met alone is then returned, since the API
            gives one to a batch that is too large too (Sage REST guide, error handling).
        once: it must not land twice. After an attempt that may have landed it is not repeated; the answer then has
            `sent_before` set.
    """

    method: str
    path: str
    body: bytes | None = field(default=None, repr=False)
    idempotency_key: str = ""
    parameters: str = ""
    is_whole: Callable[[Any], bool] | None = None
    divisible: bool = False
    once: bool = False


class Traffic:
    """What a stream's requests have cost so far; safe from any thread.

    Attributes:
        requests: how many were sent, repetitions included.
        retries: how many were repeated after a failure.
        transactions: API transactions that they cost, as the client counts them.
        waited_seconds: what they waited in all because of the server's limits.
        most_in_flight: the highest number in flight, of all streams, while one of this stream was.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.requests = 0
        self.retries = 0
        self.transactions = 0
        self.waited_seconds = 0.0
        self.most_in_flight = 0

    def add(self, *, requests: int = 0, retries: int = 0, transactions: int = 0, waited_seconds: float = 0.0) -> None:
        """Add to the counts."""
        with self._lock:
            self.requests += requests
            self.retries += retries
            self.transactions += transactions
            self.waited_seconds += waited_seconds

    def saw_in_flight(self, requests: int) -> None:
        """Record how many requests were in flight."""
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

    def mark(self, answer: Answer) -> Answer:
        """Return an answer with whether an earlier send may have been carried out."""
        return replace(answer, sent_before=True) if self.may_have_landed else answer


@dataclass(frozen=True, slots=True)
class _Attempt:
    """One send: what came back, what it means, and how it went out."""

    outcome: Answer | NoResponse
    meaning: Classification
    token: str
    was_alone: bool  # nothing else of ours was in flight meanwhile
    asked_seconds: float = 0.0  # how long everybody waits after it, because the server asks for it


@dataclass(frozen=True, slots=True)
class Session:
    """Sends requests until they are answered, within what each may retry and wait; safe from any thread.

    Args:
        base_url: without a slash at its end.
        transport: sends one request once.
        tokens: supplies access tokens.
        clock: measures and waits.
        limiter: says when one more request may be in flight.
        max_retries: transient failures of one request that are repeated.
        wait_budget_seconds: how long one request may wait in all because the server asks for it.
        entity: that every request is made in, empty for the top level.
        traffic: counts the requests.
    """

    base_url: str
    transport: Transport
    tokens: Tokens
    clock: Clock
    limiter: Limiter
    max_retries: int
    wait_budget_seconds: float = WAIT_BUDGET_SECONDS
    entity: str = ""
    traffic: Traffic = field(default_factory=Traffic)

    def send(self, request: Request) -> Answer:
        """Return the server's final answer, be it a success or a refusal.

        Raises:
            OutageError: retries or waits are exhausted; a write may or may not have landed.
            AuthenticationError: the token is refused and a renewed one too.
            ConfigurationError: no attempt makes sense, such as a certificate that cannot be verified.
            StoppedError: the run was asked to stop while the request waited.
        """
        patience = _Patience()
        while True:
            attempt = self._attempt(request, patience)
            match attempt:
                case _Attempt(Answer() as answer, Classification.ANSWERED):
                    return patience.mark(answer)
                case _Attempt(meaning=Classification.TOKEN):
                    patience = self._renew(patience, attempt.token)
                case _Attempt(Answer() as answer, Classification.THROTTLED):
                    if request.divisible and _may_be_too_large(attempt, patience):
                        return patience.mark(answer)
                    patience = self._charge(request, patience, attempt.asked_seconds)
                case _Attempt(Answer() as answer, Classification.RUNNING):
                    seconds = self._pause(patience.waits)
                    if patience.waited_seconds + seconds > self.wait_budget_seconds:
                        # No request runs that long, so the key is not held by a running one.
                        return patience.mark(answer)
                    self.clock.sleep(seconds)
                    self.traffic.add(waited_seconds=seconds)
                    patience = replace(_waited(patience, seconds), may_have_landed=True)
                case _Attempt(outcome, Classification.UNKNOWN) if request.once:
                    return replace(outcome if isinstance(outcome, Answer) else _no_answer(outcome), sent_before=True)
                case _Attempt(Answer() as answer, Classification.LOCKED) if patience.retries >= self.max_retries:
                    return patience.mark(answer)
                case _:
                    patience = self._back_off(request, patience, attempt)

    def _attempt(self, request: Request, patience: _Patience) -> _Attempt:
        """Send once, in a slot that ends with the answer: a request that waits keeps no other one waiting."""
        with self.limiter.slot(lambda seconds: self.traffic.add(waited_seconds=seconds)) as slot:
            token = self.tokens.current()
            sent_at = self.clock.monotonic()
            outcome = self.transport(self._on_the_wire(request, token))
            if isinstance(outcome, Answer):
                outcome = replace(outcome, seconds=self.clock.monotonic() - sent_at)
            self.traffic.add(requests=1)
            self.traffic.saw_in_flight(slot.most_in_flight)
            meaning = classify(outcome, request.is_whole)
            asked = 0.0
            if meaning is Classification.THROTTLED and isinstance(outcome, Answer):
                # Zero, as a date of a clock behind ours gives, would never use up the budget.
                asked = wait_seconds(outcome.headers, self.clock.now()) or self._pause(patience.waits)
                self.limiter.back_pressure(slot, asked)
            elif meaning is Classification.ANSWERED:
                self.limiter.succeeded(slot)
            return _Attempt(outcome, meaning, token, slot.most_in_flight == 1, asked)

    def _renew(self, patience: _Patience, token: str) -> _Patience:
        if patience.token_renewed:
            raise AuthenticationError(
                "Sage Intacct refused a token that it had issued a moment before. Check that the user and the "
                "app are still authorized for this company and entity, and that no other connection uses the "
                "same user and app: a new authorization replaces older ones."
            )
        self.tokens.renew(token)
        return replace(patience, token_renewed=True)

    def _charge(self, request: Request, patience: _Patience, seconds: float) -> _Patience:
        """Take a wait off the request's budget. The limiter makes it wait, with all others, before it is sent again."""
        if patience.waited_seconds + seconds > self.wait_budget_seconds:
            raise OutageError(
                f"Sage Intacct limits the requests of this company and asked {_name(request)} to wait longer than "
                f"{self.wait_budget_seconds:.0f} seconds in all. Too many integrations may share the company: "
                "run this sync at another time, or ask Sage for a higher concurrency limit."
            )
        return _waited(patience, seconds)

    def _back_off(self, request: Request, patience: _Patience, attempt: _Attempt) -> _Patience:
        if patience.retries >= self.max_retries:
            count = "1 attempt" if patience.retries == 0 else f"{patience.retries + 1} attempts"
            raise OutageError(
                f"Sage Intacct did not answer {_name(request)} in {count}: {_why(attempt.outcome)}. "
                f"Check that {self.base_url} (`api_url`) can be reached and that Sage Intacct is up; "
                "the next sync sends again whatever was not acknowledged."
            )
        self.traffic.add(retries=1)
        self.clock.sleep(self._pause(patience.retries))
        may_have_landed = patience.may_have_landed or attempt.meaning is Classification.UNKNOWN
        return replace(patience, retries=patience.retries + 1, may_have_landed=may_have_landed)

    def _pause(self, retry: int) -> float:
        return backoff_seconds(retry, random.random())  # noqa: S311 - spreading retries needs no secrecy

    def _on_the_wire(self, request: Request, token: str) -> HttpRequest:
        return HttpRequest(
            request.method,
            f"{self.base_url}{request.path}{request.parameters}",
            _headers(request, self.entity),
            request.body,
            token,
        )


def _no_answer(lost: NoResponse) -> Answer:
    """Return what a gateway would say in the place of a server that does not answer."""
    return Answer(HTTPStatus.GATEWAY_TIMEOUT, payload={"ia::error": {"message": lost.reason}})


def _may_be_too_large(attempt: _Attempt, patience: _Patience) -> bool:
    """Return whether a 429 may be about the request's size, and every send so far was refused for certain."""
    return (
        isinstance(attempt.outcome, Answer)
        and attempt.outcome.status == HTTPStatus.TOO_MANY_REQUESTS
        and attempt.was_alone
        and not patience.may_have_landed
    )


def _waited(patience: _Patience, seconds: float) -> _Patience:
    return replace(patience, waits=patience.waits + 1, waited_seconds=patience.waited_seconds + seconds)


def _headers(request: Request, entity: str) -> Mapping[str, str]:
    headers = {"Accept": "application/json"}
    if request.body is not None:
        headers["Content-Type"] = "application/json"
    if entity:
        headers["X-IA-API-Param-Entity"] = entity
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
    error = refusal_of_all(attempt)
    if error is None:
        return f"HTTP {attempt.status} with an answer that does not cover everything that was sent"
    said = error.message.rstrip(".")
    return said if said.startswith("HTTP ") else f"HTTP {attempt.status}, {said}"

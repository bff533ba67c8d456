"""From one request to its final answer: retries, waits, a renewed token. The one place that waits."""

import random
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from http import HTTPStatus

from destination_sage_intacct.intacct.adaptive_limit import Limiter
from destination_sage_intacct.intacct.auth import Tokens
from destination_sage_intacct.intacct.classify import (
    Answer,
    Classification,
    NoResponse,
    backoff_seconds,
    classify,
    granted_slots,
    has_result,
    refusal_of_all,
    unanswered,
    wait_seconds,
    with_age,
)
from destination_sage_intacct.intacct.clock import Clock
from destination_sage_intacct.intacct.errors import AnswerTooLargeError, AuthenticationError, NotTakenError, OutageError
from destination_sage_intacct.intacct.transport import HttpRequest, Transport

WAIT_BUDGET_SECONDS = 900.0
_LIMITED = "Sage Intacct limits the requests of this company (HTTP {}), and no request is sent meanwhile"
_STILL_RUNNING = "Sage Intacct is still working on an earlier attempt of a request"
_SENT_AGAIN = "a request failed ({}) and is sent again then"
# What a proxy or a firewall says to requests that are too large, or of a method that it does not know.
_NOT_TAKEN = frozenset(
    {
        HTTPStatus.METHOD_NOT_ALLOWED,
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        HTTPStatus.REQUEST_URI_TOO_LONG,
        HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
    }
)


@dataclass(frozen=True, slots=True)
class Request:
    """One request to the API.

    Attributes:
        method: the HTTP method.
        path: below the base URL.
        body: encoded.
        idempotency_key: empty for none.
        parameters: the query string with its question mark, or nothing.
        is_whole: returns whether an answer holds everything that was asked for; not asked about a refusal of all.
        divisible: its records can be sent in several requests. A 429 that it met alone is then returned, since the API
            gives one to a batch that is too large too (Sage REST guide, error handling).
        once: it must not land twice. After an attempt that may have landed it is not repeated; the answer then has
            `sent_before` set.
        key_is_new: the idempotency key was made up for this request.
        is_divisible_question: it changes nothing, and can be asked about fewer records. An answer that is too large is
            then not asked for again.
        takes_failure: a failure of Sage's own is returned once retries are exhausted, not raised.
    """

    method: str
    path: str
    body: bytes | None = field(default=None, repr=False)
    idempotency_key: str = ""
    parameters: str = ""
    is_whole: Callable[[Answer], bool] = has_result
    divisible: bool = False
    once: bool = False
    key_is_new: bool = False
    is_divisible_question: bool = False
    takes_failure: bool = False


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

    began: float  # when the request was sent first, in monotonic seconds
    retries: int = 0
    waited_seconds: float = 0.0
    waits: int = 0
    token_renewed: bool = False
    may_have_landed: bool = False


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
        waits: called with the reason and the seconds of each wait, as it begins, even if others wait for the same.
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
    waits: Callable[[str, float], None] = lambda _reason, _seconds: None

    def send(self, request: Request) -> Answer:
        """Return the server's final answer, be it a success or a refusal.

        Raises:
            OutageError: retries or waits are exhausted; a write may or may not have landed.
            AnswerTooLargeError: the same, of a question that can be asked about fewer records.
            NotTakenError: the same, where something on the way takes no request of this size or kind.
            AuthenticationError: the token is refused and a renewed one too.
            StoppedError: the run was asked to stop while the request waited.
        """
        patience = _Patience(self.clock.monotonic())
        while True:
            attempt = self._attempt(request, patience)
            match attempt:
                case _Attempt(Answer() as answer, Classification.ANSWERED):
                    return answer
                case _Attempt(meaning=Classification.TOKEN):
                    patience = self._renew(patience, attempt.token)
                case _Attempt(Answer() as answer, Classification.THROTTLED):
                    is_patient = attempt.asked_seconds <= self.wait_budget_seconds
                    if is_patient and request.divisible and _may_be_too_large(attempt, patience):
                        return answer
                    patience = self._charge(request, patience, attempt.asked_seconds)
                case _Attempt(Answer() as answer, Classification.RUNNING):
                    seconds = self._pause(patience.waits)
                    if patience.waited_seconds + seconds > self.wait_budget_seconds:
                        # No request runs that long, so the key is not held by a running one.
                        return answer
                    self.waits(_STILL_RUNNING, seconds)
                    self.clock.sleep(seconds)
                    self.traffic.add(waited_seconds=seconds)
                    patience = replace(_waited(patience, seconds), may_have_landed=True)
                case _Attempt(outcome, Classification.UNKNOWN) if request.once:
                    return replace(outcome if isinstance(outcome, Answer) else _no_answer(outcome), sent_before=True)
                case _Attempt(Answer() as answer) if patience.retries >= self.max_retries and _is_final(
                    request, attempt
                ):
                    return answer
                case _:
                    patience = self._back_off(request, patience, attempt)

    def _attempt(self, request: Request, patience: _Patience) -> _Attempt:
        """Send once, in a slot that ends with the answer: a request that waits keeps no other one waiting."""
        with self.limiter.slot(lambda seconds: self.traffic.add(waited_seconds=seconds)) as slot:
            token = self.tokens.current()
            sent_at = self.clock.monotonic()
            outcome = self.transport(self._on_the_wire(request, token))
            if isinstance(outcome, Answer):
                self.limiter.hint(granted_slots(outcome.headers))
                outcome = self._with_times(outcome, request, patience, self.clock.monotonic() - sent_at)
            self.traffic.add(requests=1)
            self.traffic.saw_in_flight(slot.most_in_flight)
            meaning = classify(outcome, request.is_whole)
            asked = 0.0
            if meaning is Classification.THROTTLED and isinstance(outcome, Answer):
                # Zero, which a server's clock behind ours can give, would never use up the budget.
                asked = wait_seconds(outcome.headers, self.clock.now()) or self._pause(patience.waits)
                # A wait that makes this request fail is not slept.
                everyone_waits = asked if asked <= self.wait_budget_seconds else 0.0
                self.limiter.back_pressure(slot, everyone_waits)
                self.waits(_LIMITED.format(outcome.status), everyone_waits)
            elif meaning is Classification.ANSWERED:
                self.limiter.succeeded(slot)
            return _Attempt(outcome, meaning, token, slot.most_in_flight == 1, asked)

    def _with_times(self, answer: Answer, request: Request, patience: _Patience, seconds: float) -> Answer:
        marked = replace(
            answer,
            seconds=seconds,
            sent_before=patience.may_have_landed,
            sent=request.body or b"",
            is_keyed=bool(request.idempotency_key),
        )
        age = self.clock.monotonic() - patience.began
        return with_age(marked, key_is_new=request.key_is_new, seconds=age, now=self.clock.now())

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
        is_too_large = isinstance(attempt.outcome, NoResponse) and attempt.outcome.is_too_large
        if patience.retries >= self.max_retries or (is_too_large and request.is_divisible_question):
            raise self._outage(request, patience.retries + 1, attempt.outcome)
        self.traffic.add(retries=1)
        seconds = self._pause(patience.retries)
        self.waits(_SENT_AGAIN.format(unanswered(attempt.outcome)), seconds)
        self.clock.sleep(seconds)
        may_have_landed = patience.may_have_landed or attempt.meaning is Classification.UNKNOWN
        return replace(patience, retries=patience.retries + 1, may_have_landed=may_have_landed)

    def _outage(self, request: Request, attempts: int, last: Answer | NoResponse) -> OutageError:
        count = "1 attempt" if attempts == 1 else f"{attempts} attempts"
        failed = f"Sage Intacct did not answer {_name(request)} in {count}: {_why(last)}."
        again = "the next sync sends again whatever was not acknowledged."
        if isinstance(last, Answer) and last.status in _NOT_TAKEN and refusal_of_all(last) is None:
            size = f"{len(request.body or b'')} bytes"
            advice = f"A proxy or firewall may refuse requests of this size ({size}) or kind: lower `batch_size`;"
            return NotTakenError(f"{failed} {advice} {again}", last.status)
        is_too_large = isinstance(last, NoResponse) and last.is_too_large
        return (AnswerTooLargeError if is_too_large else OutageError)(
            f"{failed} Check that {self.base_url} (`api_url`) can be reached and that Sage Intacct is up; {again}"
        )

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
    return attempt.reason if isinstance(attempt, NoResponse) else attempt.description


def _is_final(request: Request, attempt: _Attempt) -> bool:
    """Return whether an answer that kept coming after retries is accepted in the end: it is Sage's own."""
    if attempt.meaning is Classification.LOCKED:
        return True
    return request.takes_failure and isinstance(attempt.outcome, Answer) and refusal_of_all(attempt.outcome) is not None

"""One request to one answer: deadline, retry, idempotency, what a failure means. The one place that waits."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from destination_sage_intacct.intacct.auth import Tokens
from destination_sage_intacct.intacct.clock import Clock
from destination_sage_intacct.intacct.errors import AuthenticationError, OutageError
from destination_sage_intacct.intacct.exchange import Exchange, HttpRequest
from destination_sage_intacct.intacct.verdict import (
    Answer,
    Lost,
    Meaning,
    backoff_seconds,
    judge,
    wait_seconds,
)

WAIT_BUDGET_SECONDS = 900.0


@dataclass(frozen=True, slots=True)
class Request:
    """One request to the API: `path` below the base URL, `body` encoded, `entity` empty for the top level."""

    method: str
    path: str
    body: bytes | None = field(default=None, repr=False)
    entity: str = ""
    idempotency_key: str = ""
    parameters: str = ""


@dataclass(frozen=True, slots=True)
class _Patience:
    """What one request has used up; each failure gives a new one."""

    retries: int = 0
    waited_seconds: float = 0.0
    waits: int = 0
    token_renewed: bool = False
    sends: int = 0


@dataclass(slots=True)
class Traffic:
    """What the transport did, for the summary."""

    requests: int = 0
    retries: int = 0
    waited_seconds: float = 0.0


class Transport:
    """Sends requests until they are answered, within what each may retry and wait.

    Args:
        base_url: without a slash at its end.
        exchange: sends one request once.
        tokens: hands out access tokens.
        clock: waits.
        max_retries: transient failures of one request that are repeated.
        wait_budget_seconds: how long one request may wait in all because the server asks for it.
    """

    def __init__(
        self,
        base_url: str,
        exchange: Exchange,
        tokens: Tokens,
        clock: Clock,
        max_retries: int,
        wait_budget_seconds: float = WAIT_BUDGET_SECONDS,
    ) -> None:
        self._base_url = base_url
        self._exchange = exchange
        self._tokens = tokens
        self._clock = clock
        self._max_retries = max_retries
        self._wait_budget = wait_budget_seconds
        self.traffic = Traffic()

    def send(self, request: Request) -> Answer:
        """Return the server's final answer, a refusal included.

        Raises:
            OutageError: retries or waits are exhausted; a write may or may not have landed.
            AuthenticationError: the token is refused and a renewed one too.
            ConfigurationError: no attempt makes sense, such as a certificate that cannot be verified.
            StoppedError: the run was asked to stop while the request waited.
        """
        patience = _Patience()
        while True:
            token = self._tokens.current()
            attempt = self._exchange(self._on_the_wire(request, token))
            self.traffic.requests += 1
            patience = replace(patience, sends=patience.sends + 1)
            meaning = judge(attempt)
            if meaning is Meaning.ANSWERED and isinstance(attempt, Answer):
                return replace(attempt, sends=patience.sends)
            if meaning is Meaning.TOKEN:
                patience = self._renew(patience, token)
            elif meaning is Meaning.THROTTLED and isinstance(attempt, Answer):
                patience = self._wait_for_the_server(request, patience, attempt)
            elif meaning is Meaning.RUNNING and isinstance(attempt, Answer):
                seconds = self._pause(patience.waits)
                if patience.waited_seconds + seconds > self._wait_budget:
                    # No request runs that long, so the key is not held by a running one.
                    return replace(attempt, sends=patience.sends)
                patience = self._wait(patience, seconds)
            else:
                patience = self._back_off(request, patience, attempt)

    def _renew(self, patience: _Patience, token: str) -> _Patience:
        if patience.token_renewed:
            raise AuthenticationError(
                "Sage Intacct refused a token that it had issued a moment before. Check that the user and the "
                "app are still authorized for this company and entity, and that no other connection uses the "
                "same user and app: a new authorization replaces older ones."
            )
        self._tokens.renew(token)
        return replace(patience, token_renewed=True)

    def _wait_for_the_server(self, request: Request, patience: _Patience, answer: Answer) -> _Patience:
        asked = wait_seconds(answer.headers, self._clock.now())
        # Zero, as a date of a clock behind ours gives, would never use up the budget.
        seconds = asked or self._pause(patience.waits)
        if patience.waited_seconds + seconds > self._wait_budget:
            raise OutageError(
                f"Sage Intacct limits the requests of this company and asked {_name(request)} to wait longer than "
                f"{self._wait_budget:.0f} seconds in all. Too many integrations may share the company: "
                "run this sync at another time, or ask Sage for a higher concurrency limit."
            )
        return self._wait(patience, seconds)

    def _wait(self, patience: _Patience, seconds: float) -> _Patience:
        self.traffic.waited_seconds += seconds
        self._clock.sleep(seconds)
        return replace(patience, waits=patience.waits + 1, waited_seconds=patience.waited_seconds + seconds)

    def _back_off(self, request: Request, patience: _Patience, attempt: Answer | Lost) -> _Patience:
        if patience.retries >= self._max_retries:
            raise OutageError(
                f"Sage Intacct did not answer {_name(request)} in {patience.retries + 1} attempts: {_why(attempt)}. "
                f"Check that {self._base_url} can be reached and that Sage Intacct is up; the next sync sends "
                "again whatever was not acknowledged."
            )
        self.traffic.retries += 1
        self._clock.sleep(self._pause(patience.retries))
        return replace(patience, retries=patience.retries + 1)

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


def _why(attempt: Answer | Lost) -> str:
    if isinstance(attempt, Lost):
        return attempt.reason
    if not attempt.readable:
        return f"HTTP {attempt.status} with a body that is not JSON"
    error = attempt.error
    return f"HTTP {attempt.status}" + (f", {error.message.rstrip('.')}" if error else "")

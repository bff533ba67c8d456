"""What one attempt at a request means, as pure functions: they decide without a network and without a clock.

seen                                                          class          then
an answer to this request, success or refusal                 ANSWERED       final
no connection was made                                        NOT_SENT       resent
429; 503 with a header that asks to wait                      THROTTLED      waits as asked; no retry is spent
401, or 400 with Sage's number for a refused token            TOKEN          the token is renewed once
409: an earlier send of the same idempotency key still runs   RUNNING        waits, then resent with the same key
409: another client is writing the record                     LOCKED         resent, up to `max_retries`
anything else (no answer, a cut or unreadable one, a          UNKNOWN        resent with the same key, up to
success that lacks results, 5xx, 408, a redirect)                            `max_retries`; it may have been done
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from enum import Enum, auto
from functools import cached_property
from http import HTTPStatus
from typing import Any, Literal

from destination_sage_intacct.intacct.errors import SageError, parse_error

_TOKEN_REJECTED_ID = "REST-1206"  # noqa: S105 - an error number; comes with HTTP 400 (Sage community 19992)
_CACHED_HEADER = "x-ia-idempotency-cached-date"
_LOCKED = re.compile(r"\b(locked|being (edited|updated|modified|used) by)\b")
_EPOCH_LIKE = 1_000_000_000.0
_LONGEST_BACKOFF_SECONDS = 60.0
_LAST_DOUBLING = 6

# One of these says how long to wait (Sage REST guide, HTTP headers; the guide spells the first both ways).
_WAIT_HEADERS = (
    "retry-after",
    "x-ia-throttle-limit-retry-after",
    "x-ia-throttle-limit-retryafter",
    "x-ia-tenant-throttle-limit-retry-after",
    "x-ia-hour-rate-limit-retry-after",
)


@dataclass(frozen=True)
class Answer:
    """One answer of the server: header names in lower case, `payload` the decoded body (None when empty)."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    payload: Any = None
    readable: bool = True
    sent_before: bool = False  # an earlier send of the request may have been carried out
    seconds: float = 0.0  # how long the last exchange took, from sending to the whole answer

    @property
    def replayed(self) -> bool:
        """Return whether the server repeated a stored answer instead of working."""
        return _CACHED_HEADER in self.headers

    @property
    def is_ok(self) -> bool:
        """Return whether the status is one of success, whatever the body says."""
        return self.status < HTTPStatus.MULTIPLE_CHOICES

    @cached_property
    def error(self) -> SageError | None:
        """Return the answer's error, if it is one as a whole. Some arrive with status 200."""
        found = parse_error(self.payload, self.status)
        if found is None and not self.is_ok:
            return SageError(message=f"HTTP {self.status} without an explanation", status=self.status)
        return found


@dataclass(frozen=True, slots=True)
class NoResponse:
    """No answer came; `may_have_been_sent`: the request may have reached the server."""

    may_have_been_sent: bool
    reason: str


class Classification(Enum):
    """The classes of an attempt, explained at the top of this module."""

    ANSWERED = auto()
    NOT_SENT = auto()
    THROTTLED = auto()
    TOKEN = auto()
    RUNNING = auto()
    LOCKED = auto()
    UNKNOWN = auto()


Conflict = Literal["running", "expired", "mismatch"]


def classify(attempt: Answer | NoResponse, is_whole: Callable[[Any], bool] | None = None) -> Classification:
    """Return what an attempt means.

    Args:
        attempt: what came of it.
        is_whole: returns whether the payload of a success holds everything that was asked for. One that does not
            leaves open what became of the rest.
    """
    if isinstance(attempt, NoResponse):
        return Classification.UNKNOWN if attempt.may_have_been_sent else Classification.NOT_SENT
    is_cut = is_whole is not None and refusal_of_all(attempt) is None and not is_whole(attempt.payload)
    if attempt.replayed and attempt.readable and not is_cut:
        # A stored failure comes back for the same key however often it is asked; repeating it settles nothing.
        return Classification.ANSWERED
    if attempt.status == HTTPStatus.TOO_MANY_REQUESTS:
        return Classification.THROTTLED
    if attempt.status == HTTPStatus.SERVICE_UNAVAILABLE and any(name in attempt.headers for name in _WAIT_HEADERS):
        return Classification.THROTTLED
    if _is_unknown(attempt):
        return Classification.UNKNOWN
    if is_cut:
        return Classification.UNKNOWN
    error = attempt.error
    if attempt.status == HTTPStatus.UNAUTHORIZED or (error is not None and error.error_id == _TOKEN_REJECTED_ID):
        return Classification.TOKEN
    if idempotency_conflict(attempt) == "running":
        return Classification.RUNNING
    if attempt.status == HTTPStatus.CONFLICT and error is not None and _LOCKED.search(error.searchable):
        return Classification.LOCKED
    return Classification.ANSWERED


def _is_unknown(answer: Answer) -> bool:
    """Return whether the server may have worked all the same: its failure, a redirect, a body that cannot be read."""
    if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR or answer.status == HTTPStatus.REQUEST_TIMEOUT:
        return True
    if HTTPStatus.MULTIPLE_CHOICES <= answer.status < HTTPStatus.BAD_REQUEST:
        return True
    return answer.is_ok and not answer.readable


def refusal_of_all(answer: Answer) -> SageError | None:
    """Return why a request about several records was refused, None if it was not refused as a whole.

    In the list of a success an error is one record's own, also where the list breaks off after it.
    """
    results = answer.payload.get("ia::result") if isinstance(answer.payload, Mapping) else None
    return None if answer.is_ok and isinstance(results, list) else answer.error


def idempotency_conflict(answer: Answer) -> Conflict | None:
    """Return what a 409 about the idempotency key means; None for any other answer.

    Sage documents the three cases but not their texts, so words are looked for, and an unclear one counts as
    running: waiting is the only mistake that books nothing twice.
    """
    error = answer.error
    if answer.status != HTTPStatus.CONFLICT or error is None or "idempoten" not in error.searchable:
        return None
    words = error.searchable
    if any(word in words for word in ("expire", "no longer", "older", "already been used", "already used")):
        return "expired"
    if any(word in words for word in ("different", "mismatch", "does not match", "not match")):
        return "mismatch"
    return "running"


def wait_seconds(headers: Mapping[str, str], now: float) -> float | None:
    """Return how long the server asks to wait, in seconds; None when it does not say.

    Both forms of Retry-After are read (seconds, HTTP date), and of several headers the longest wait counts.

    Args:
        headers: header names in lower case.
        now: seconds since 1970.
    """
    waits = [wait for name in _WAIT_HEADERS if (wait := _wait(headers.get(name), now)) is not None]
    return max(waits) if waits else None


def _wait(value: str | None, now: float) -> float | None:
    if not value:
        return None
    try:
        seconds = float(value)
    except ValueError:
        try:
            moment = parsedate_to_datetime(value).timestamp()
        except ValueError:
            return None
        return max(0.0, moment - now)
    if seconds != seconds or seconds < 0:  # noqa: PLR0124 - NaN is the one number unlike itself
        return None
    return max(0.0, seconds - now) if seconds > _EPOCH_LIKE else seconds


def backoff_seconds(retry: int, chance: float) -> float:
    """Return how long to wait before retry `retry` (from 0): 1, 2, 4 … 60 seconds, less up to half by chance.

    Args:
        retry: how many retries went before.
        chance: a random number in [0, 1), so that several connectors do not retry in step.
    """
    return min(_LONGEST_BACKOFF_SECONDS, 2.0 ** min(retry, _LAST_DOUBLING)) * (1 - chance / 2)

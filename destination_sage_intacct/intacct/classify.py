"""What one attempt at a request means, as pure functions: they decide without a network and without a clock.

An answer counts only for what it proves. A refusal counts in one of Sage's own forms, a success when it holds the
result of each record that was sent; what comes from a proxy, a firewall or a sign-in page says nothing about a row.

seen                                                          class          then
an answer of Sage's to this request, success or refusal       ANSWERED       final
no connection was made                                        NOT_SENT       resent, up to `max_retries`
429; 503 with a header that asks to wait                      THROTTLED      waits as asked; no retry is spent
401, or 400 with Sage's number for a refused token, in        TOKEN          the token is renewed once
one of Sage's forms
409: an earlier send of the same idempotency key still runs   RUNNING        waits, then resent with the same key
409: another client is writing the record, or an unnamed      LOCKED         resent, up to `max_retries`; then final
reason, which may be the idempotency key
anything else (no answer, a cut or unreadable one, a page     UNKNOWN        resent with the same key, up to
that is not Sage's, a success without its results, 5xx, 408,                 `max_retries`; it may have been done
a redirect)
"""

import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
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
_CLOCK_GRAIN_SECONDS = 1.0  # headers give the time in whole seconds

# One of these says how long to wait (Sage REST guide, HTTP headers; the guide spells the first both ways).
_GRANTED_HEADERS = ("x-ia-throttle-limit", "x-ia-throttle-limit-remaining")
_LEFT_TO_OTHERS = 2
_WAIT_HEADERS = (
    "retry-after",
    "x-ia-throttle-limit-retry-after",
    "x-ia-throttle-limit-retryafter",
    "x-ia-tenant-throttle-limit-retry-after",
    "x-ia-hour-rate-limit-retry-after",
)


@dataclass(frozen=True)
class Answer:
    """One answer to a request.

    Attributes:
        status: of HTTP.
        headers: names in lower case.
        payload: the decoded body, None when there is none.
        unreadable: what the body is instead of JSON, such as `an HTML page`; empty if it is JSON, or empty.
        sent_before: an earlier send of the request may have been carried out.
        may_be_stored: the server may have repeated an earlier answer instead of working, and then what the answer says
            was true at that time only.
        is_older: as far as its date shows, it was stored before the request was sent first.
        seconds: how long the last exchange took, from sending to the whole answer.
        is_keyed: the request had an idempotency key.
        sent: the body of the request, where an error may have to be shown without its values.
    """

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    payload: Any = None
    unreadable: str = ""
    sent_before: bool = False
    may_be_stored: bool = False
    is_older: bool = False
    seconds: float = 0.0
    is_keyed: bool = False
    sent: bytes = field(default=b"", repr=False, compare=False)

    @property
    def is_stored(self) -> bool:
        """Return whether this is the answer to an earlier request under the same idempotency key."""
        return self.may_be_stored and (self.sent_before or self.is_older)

    @property
    def is_ok(self) -> bool:
        """Return whether the status is one of success, whatever the body says."""
        return HTTPStatus.OK <= self.status < HTTPStatus.MULTIPLE_CHOICES

    @cached_property
    def error(self) -> SageError | None:
        """Return the error that the answer is as a whole, in one of Sage's forms. Some arrive with status 200."""
        found = parse_error(self.payload, self.status)
        return replace(found, sent=self.sent) if found is not None and self.sent else found

    @property
    def description(self) -> str:
        """Return what was answered, for an answer that proves nothing: `HTTP 403 with an HTML page, not …`."""
        error = refusal_of_all(self)
        if error is not None:
            said = error.shown.message.rstrip(".")
            return said if said.startswith("HTTP ") else f"HTTP {self.status}, {said}"
        if self.is_ok and isinstance(self.payload, Mapping) and "ia::result" in self.payload:
            return f"HTTP {self.status} with an answer that does not cover everything that was sent"
        body = self.unreadable or ("no body" if self.payload is None else "JSON of another form")
        return f"HTTP {self.status} with {body}, not an answer of Sage Intacct"


@dataclass(frozen=True, slots=True)
class NoResponse:
    """No answer came; `may_have_been_sent`: the request may have reached the server.

    `is_too_large`: one came that holds more than fits into memory together with the rest of the sync.
    """

    may_have_been_sent: bool
    reason: str
    is_too_large: bool = False


class Classification(Enum):
    """The classes of an attempt, explained at the top of this module."""

    ANSWERED = auto()
    NOT_SENT = auto()
    THROTTLED = auto()
    TOKEN = auto()
    RUNNING = auto()
    LOCKED = auto()
    UNKNOWN = auto()


Conflict = Literal["running", "expired", "mismatch", "unnamed"]


def has_result(answer: Answer) -> bool:
    """Return whether an answer has a result at all, in the API's own form."""
    return answer.is_ok and isinstance(answer.payload, Mapping) and answer.payload.get("ia::result") is not None


def classify(attempt: Answer | NoResponse, is_whole: Callable[[Answer], bool] = has_result) -> Classification:
    """Return what an attempt means.

    Args:
        attempt: what came of it.
        is_whole: returns whether an answer holds everything that was asked for; not called when all were rejected. If
            not, the outcome of the rest is unknown.
    """
    if isinstance(attempt, NoResponse):
        return Classification.UNKNOWN if attempt.may_have_been_sent else Classification.NOT_SENT
    error = refusal_of_all(attempt)
    proves = error is not None or is_whole(attempt)
    if attempt.is_stored and proves:
        # A stored failure comes back for the same key however often it is asked; repeating it settles nothing.
        return Classification.ANSWERED
    if attempt.status == HTTPStatus.TOO_MANY_REQUESTS:
        return Classification.THROTTLED
    if attempt.status == HTTPStatus.SERVICE_UNAVAILABLE and any(name in attempt.headers for name in _WAIT_HEADERS):
        return Classification.THROTTLED
    if not proves or _may_have_worked(attempt.status):
        return Classification.UNKNOWN
    if attempt.status == HTTPStatus.UNAUTHORIZED or (error is not None and error.error_id == _TOKEN_REJECTED_ID):
        return Classification.TOKEN
    match idempotency_conflict(attempt):
        case "running":
            return Classification.RUNNING
        case "unnamed":
            return Classification.LOCKED
    if attempt.status == HTTPStatus.CONFLICT and error is not None and _LOCKED.search(error.searchable):
        return Classification.LOCKED
    return Classification.ANSWERED


def _may_have_worked(status: int) -> bool:
    """Return whether a status leaves open what the server did: its failure, a time-out, a redirect, an interim one."""
    is_refusal = HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR
    is_success = HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES
    return not (is_refusal or is_success) or status == HTTPStatus.REQUEST_TIMEOUT


def refusal_of_all(answer: Answer) -> SageError | None:
    """Return why a request about several records was refused, None if it was not refused as a whole.

    In a list of several an error is one record's own; in the list of a success also where it breaks off after it.
    """
    results = answer.payload.get("ia::result") if isinstance(answer.payload, Mapping) else None
    is_list = isinstance(results, list) and (answer.is_ok or len(results) > 1)
    return None if is_list else answer.error


def with_age(answer: Answer, *, key_is_new: bool, seconds: float, now: float) -> Answer:
    """Return an answer with whether it may be a stored one, and whether it is older than its request.

    Sage's guide can be read so that every answer to a request with an idempotency key carries the date, not only those
    that are repeated; so the date alone proves nothing.

    Args:
        answer: with `sent_before` as it is known.
        key_is_new: the key was made up for this request, so that nothing can be stored under it before.
        seconds: how long ago the request was sent first.
        now: seconds since 1970, for a server that does not send its time.
    """
    if _CACHED_HEADER not in answer.headers or (key_is_new and not answer.sent_before):
        return answer
    stored = _moment(answer.headers[_CACHED_HEADER])
    answered_at = _moment(answer.headers.get("date", ""))
    age = None if stored is None else (now if answered_at is None else answered_at) - stored
    is_older = not key_is_new and (age is None or age > seconds + _CLOCK_GRAIN_SECONDS)
    return replace(answer, may_be_stored=True, is_older=is_older)


def _moment(text: str) -> float | None:
    """Return the seconds since 1970 of a date in the form of HTTP or of ISO, None for any other text."""
    for parse in (parsedate_to_datetime, datetime.fromisoformat):
        # A header may hold anything: the libraries raise other errors for a day or a year that no calendar has.
        with suppress(ValueError, TypeError, OverflowError, IndexError):
            moment = parse(text)
            return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    return None


def idempotency_conflict(answer: Answer) -> Conflict | None:
    """Return what a 409 about the idempotency key means; None for any other answer.

    Sage documents the three cases but not their texts, so the text is searched for words, and an unclear one counts as
    running: waiting is the only mistake that books nothing twice. One that does not name the key, and no other reason
    that is known, may still be about it: `unnamed`.
    """
    error = answer.error
    if answer.status != HTTPStatus.CONFLICT or error is None:
        return None
    words = error.searchable
    if "idempoten" not in words:
        is_known = error.is_duplicate or _LOCKED.search(words) is not None
        return "unnamed" if answer.is_keyed and not is_known else None
    if any(word in words for word in ("expire", "no longer", "older", "already been used", "already used")):
        return "expired"
    if any(word in words for word in ("different", "mismatch", "does not match", "not match")):
        return "mismatch"
    return "running"


def unanswered(attempt: Answer | NoResponse) -> str:
    """Return in a few words what came instead of an answer that counts, with nothing from it but its status."""
    return attempt.reason if isinstance(attempt, NoResponse) else f"HTTP {attempt.status}"


def wait_seconds(headers: Mapping[str, str], now: float) -> float | None:
    """Return how long the server asks to wait, in seconds; None when it does not say.

    Both forms of Retry-After are read (seconds, HTTP date), and of several headers the longest wait counts.

    Args:
        headers: header names in lower case.
        now: seconds since 1970.
    """
    waits = [wait for name in _WAIT_HEADERS if (wait := _wait(headers.get(name), now)) is not None]
    return max(waits) if waits else None


def granted_slots(headers: Mapping[str, str]) -> int | None:
    """Return how many requests at once the server says that there is room for, None where it does not say.

    Two of what it grants are left to others. The names of the headers are documented, how they count is not (Sage REST
    guide, transaction volume and concurrency), so this is a hint.

    Args:
        headers: header names in lower case.
    """
    try:
        granted, remaining = (int(headers[name]) for name in _GRANTED_HEADERS)
    except (KeyError, ValueError):
        return None
    return min(granted - _LEFT_TO_OTHERS, remaining)


def _wait(value: str | None, now: float) -> float | None:
    if not value:
        return None
    try:
        seconds = float(value)
    except ValueError:
        moment = _moment(value)
        return None if moment is None else max(0.0, moment - now)
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

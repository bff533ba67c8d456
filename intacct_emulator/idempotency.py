"""Remembers answers under their Idempotency-Key. Source: Sage REST guide, bulk requests, preventing duplicates.

An answer is replayed for 48 hours, failures included; its key stays taken for 60 days; a key serves one request.
"""

import hashlib
from dataclasses import dataclass, replace
from http import HTTPStatus

from intacct_emulator.clock import Clock
from intacct_emulator.exchange import Answer, Request
from intacct_emulator.refusals import RefusalError, error
from intacct_emulator.scope import Scope
from intacct_emulator.settings import CachedDate, KeyConflicts

HEADER = "Idempotency-Key"
CACHED_DATE = "x-ia-idempotency-cached-date"
MAX_KEY_LENGTH = 256

_ANSWER_SECONDS = 48 * 3600
_KEY_SECONDS = 60 * 24 * 3600
_UNNAMED_CONFLICT = "The request conflicts with an earlier one"


@dataclass(frozen=True, slots=True)
class _Memory:
    fingerprint: bytes
    began: float
    date: str
    answer: Answer | None = None


class Idempotency:
    """The memory of one company."""

    def __init__(self, clock: Clock, cached_date: CachedDate, key_conflicts: KeyConflicts = "named") -> None:
        self._clock = clock
        self._cached_date = cached_date
        self._key_conflicts: KeyConflicts = key_conflicts
        self._memories: dict[str, _Memory] = {}

    def begin(self, request: Request, scope: Scope) -> Answer | None:
        """Takes the key for this request; an answer, if it was answered before.

        Raises:
            RefusalError: the key is taken by another request, by one that still runs, or by one whose answer is gone.
        """
        key = request.header(HEADER)
        if key is None:
            return None
        if len(key) > MAX_KEY_LENGTH:
            # guess[long-key]: the limit is known, what happens beyond it is not.
            raise RefusalError(
                HTTPStatus.BAD_REQUEST, error("invalidRequest", f"{HEADER} is longer than {MAX_KEY_LENGTH} characters")
            )
        now, fingerprint = self._clock.seconds(), _fingerprint(request, scope)
        memory = self._memories.get(key)
        if memory is None or now - memory.began >= _KEY_SECONDS:
            self._memories[key] = _Memory(fingerprint, now, self._clock.now())
            return None
        if memory.fingerprint != fingerprint:
            raise self._conflict("was used before with a different request")
        if memory.answer is None:
            raise self._conflict("belongs to a request that is still being processed")
        if now - memory.began >= _ANSWER_SECONDS:
            raise self._conflict("was used before and its result is no longer available")
        # guess[replay-billing]: a replay is not billed and takes no time for its records.
        return replace(memory.answer, headers=_dated(memory.answer, key, memory.date), records=0, billed=0)

    def finish(self, request: Request, answer: Answer) -> Answer:
        """Remembers the answer, and returns it as it goes out."""
        key = request.header(HEADER)
        if key is None:
            return answer
        self._memories[key] = replace(self._memories[key], answer=answer)
        # guess[cached-date]: only a replay carries the two headers; the guide can be read so that the first answer
        # does, too.
        if self._cached_date == "replay":
            return answer
        return replace(answer, headers=_dated(answer, key, self._memories[key].date))

    def release(self, request: Request) -> None:
        """Gives the key back if the request was never answered."""
        key = request.header(HEADER)
        if key is not None and self._memories[key].answer is None:
            del self._memories[key]

    def _conflict(self, what: str) -> RefusalError:
        # guess[key-conflicts]: the status 409 is known, the texts are not.
        text = f"The {HEADER} {what}" if self._key_conflicts == "named" else _UNNAMED_CONFLICT
        return RefusalError(HTTPStatus.CONFLICT, error("invalidRequest", text))


def _dated(answer: Answer, key: str, date: str) -> dict[str, str]:
    return {**answer.headers, HEADER: key, CACHED_DATE: date}


def _fingerprint(request: Request, scope: Scope) -> bytes:
    # guess[same-request]: the same request means the same method, path, entity and body.
    parts = [request.method, request.path, scope.entity or "", ""]
    return hashlib.sha256("\n".join(parts).encode() + request.body).digest()

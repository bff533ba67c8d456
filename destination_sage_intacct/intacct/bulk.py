"""Many records in, one result for each out: what creating, updating and deleting have in common.

A request holds as many records as this server was seen to take. Where one is refused as a whole, `at_fault` finds the
records that are the reason.
"""

import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from math import ceil
from typing import Any, ClassVar, Generic, TypeVar

from destination_sage_intacct import exact_json
from destination_sage_intacct.intacct.at_fault import Faults, Refused, Search
from destination_sage_intacct.intacct.classify import Answer, refusal_of_all
from destination_sage_intacct.intacct.errors import SageError, parse_error, raise_if_forbidden
from destination_sage_intacct.intacct.session import Session

MOST_RECORDS = 500  # Sage REST guide, bulk requests
LARGEST_BODY_BYTES = 900_000  # the API takes about 1 MB
ROOM_IN_AN_ARRAY = LARGEST_BODY_BYTES - len("[]")
# Small enough for an early answer, which opens further slots; then four times as many.
_FIRST_SIZE = 32
_GROWTH = 4
_QUICK_SECONDS = 10.0
_SLOW_SECONDS = 30.0

# A batch refused with one of these may have been refused for being a batch; the second kind says so.
_ABOUT_ARRAYS = frozenset(
    {
        HTTPStatus.BAD_REQUEST,
        HTTPStatus.METHOD_NOT_ALLOWED,
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
        HTTPStatus.UNPROCESSABLE_ENTITY,
    }
)
ABOUT_THE_METHOD = frozenset({HTTPStatus.METHOD_NOT_ALLOWED, HTTPStatus.UNSUPPORTED_MEDIA_TYPE})
_ABOUT_SIZE = frozenset({HTTPStatus.REQUEST_ENTITY_TOO_LARGE, HTTPStatus.TOO_MANY_REQUESTS})
_SMALLEST_BATCH = 2
MARKS_OF_AN_ERROR = frozenset({"ia::error", "ia::status"})

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class NewRecord:
    """A record to create.

    Attributes:
        body: encoded.
        idempotency_key: by attempt, from 0.
        unique_id: the id in the body by which the server itself refuses a second record, empty for none.
        may_double: it may be sent under another key although the server may have it already.
        may_repeat: it may be sent under another key where the server knows that it was sent, but no longer the outcome:
        a query has just shown that it does not exist.
    """

    body: bytes = field(repr=False)
    idempotency_key: Callable[[int], str]
    unique_id: str = ""
    may_repeat: bool = False
    may_double: bool = False

    @property
    def is_kept_single(self) -> bool:
        """Return whether it may be sent under another key whatever the outcome was."""
        return bool(self.unique_id) or self.may_double

    @property
    def size(self) -> int:
        """Return the bytes that the record takes in an array."""
        return len(self.body) + 1


@dataclass(frozen=True, slots=True)
class ChangedRecord:
    """A record to update: its record key and the encoded body with the fields to change, at least one.

    `again`, for a body that must not land twice: called before the record is sent once more after an attempt that may
    have landed; it returns what is left to send, or the result if nothing is.

    `in_whole`: takes the record as it was read, and returns the encoded body with all that it holds besides; for a
    server whose updates may replace a record. None where the body is all that there is.
    """

    key: str
    body: bytes = field(repr=False)
    again: "Callable[[], ChangedRecord | Result] | None" = field(default=None, repr=False, compare=False)
    in_whole: "Callable[[Mapping[str, Any]], bytes] | None" = field(default=None, repr=False, compare=False)

    @property
    def size(self) -> int:
        """Return the bytes that the record takes in an array."""
        return len(self.keyed) + 1

    @property
    def keyed(self) -> bytes:
        """Return the body with the record key in it, as an array of updates needs it."""
        return b'{"key":' + exact_json.encode(self.key) + b"," + self.body[1:]


@dataclass(frozen=True, slots=True)
class Written:
    """A record that was created, updated or deleted; `key` is empty for one that was deleted.

    `replayed`: the server repeated the answer of an earlier request instead of working.
    """

    key: str = ""
    replayed: bool = False


Result = Written | SageError
"""The result of one record: written, or why not."""


class Capabilities:
    """What this server takes, learnt from its answers and shared by all streams; safe from any thread.

    Args:
        most_records: in one request.
        notice: called once with each thing that a person should know about this server.
    """

    def __init__(self, most_records: int = MOST_RECORDS, notice: Callable[[str], None] = lambda _text: None) -> None:
        self._most_records = most_records
        self._notice = notice
        self._lock = threading.Lock()
        self._sizes: dict[str, BatchSize] = {}
        self._faults: dict[tuple[str, str], Faults] = {}
        self._one_by_one: set[tuple[str, str]] = set()
        self._by_put: set[str] = set()

    def size(self, path: str) -> "BatchSize":
        """Return how many records of an object go into one request; a new object begins where others have got to."""
        with self._lock:
            if path not in self._sizes:
                learnt = max((size.records for size in self._sizes.values()), default=_FIRST_SIZE)
                self._sizes[path] = BatchSize(self._most_records, learnt)
            return self._sizes[path]

    def faults(self, method: str, path: str) -> Faults | None:
        """Return what refusals of requests as a whole have taught about an object; None if there were none."""
        return self._faults.get((method, path))

    def open_faults(self, method: str, path: str) -> Faults:
        """Return the same, from the first refusal on."""
        with self._lock:
            return self._faults.setdefault((method, path), Faults())

    def takes_arrays(self, method: str, path: str) -> bool:
        """Return whether several records of an object may go into one request; true until shown otherwise."""
        return (method, path) not in self._one_by_one

    def learn_arrays(self, method: str, path: str, status: int, results: Sequence[Result]) -> None:
        """Learn from records that were refused together and then sent apart: was it the array that was refused?"""
        is_said = status in ABOUT_THE_METHOD
        is_shown = status in _ABOUT_ARRAYS and len(results) == _SMALLEST_BATCH
        if (is_said or is_shown) and count_written(results) == len(results):
            self._learn(
                self._one_by_one,
                (method, path),
                f"This server takes {path} by {method} only one record at a time; no batches from here on.",
            )

    def updates_by_put(self, path: str) -> bool:
        """Return whether an object is updated by PUT."""
        return path in self._by_put

    def learn_put(self, path: str) -> None:
        """Learn that an object is updated by PUT."""
        self._learn(
            self._by_put, path, f"This server updates {path} by PUT, not by PATCH; updates go by PUT from here on."
        )

    def _learn(self, known: set[Item], fact: Item, notice: str) -> None:
        with self._lock:
            is_new = fact not in known
            known.add(fact)
        if is_new:
            self._notice(notice)


class BatchSize:
    """The number of records in one request: times four while requests are quick, halved when one is slow or too large.

    Used from many threads without a lock: the size is one number, and any value that it has had is a good one.

    Args:
        most_records: never more than this.
        first: how many records the first request holds.
    """

    def __init__(self, most_records: int = MOST_RECORDS, first: int = _FIRST_SIZE) -> None:
        self._most = most_records
        self._size = min(first, most_records)

    @property
    def records(self) -> int:
        """Return how many records the next request may hold."""
        return self._size

    def learn(self, records: int, answer: Answer) -> None:
        """Learn from the answer to a request with this number of records.

        One that is slow, crowded out or too large by itself does not show how many are too many.
        """
        if answer.status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
            if records > 1:
                self.too_large(records)
        elif answer.status == HTTPStatus.TOO_MANY_REQUESTS or answer.seconds > _SLOW_SECONDS:
            if records > 1:
                self._shrink(records)
        elif answer.seconds < _QUICK_SECONDS and records > self._size // 2:  # an even share may be that small
            self._size = min(self._most, self._size * _GROWTH)

    def too_large(self, records: int) -> None:
        """Learn that a request with this number of records is too large."""
        self._most = min(self._most, max(1, records - 1))
        self._shrink(records)

    def _shrink(self, records: int) -> None:
        self._size = min(self._size, max(1, records // 2))


class Bulk(ABC, Generic[Item]):
    """Requests about records of one object, as many in each as the server takes. Base of what sends them.

    Args:
        session: sends, in the entity of the records.
        capabilities: what the server was seen to take.
        path: of the object.
    """

    method: ClassVar[str]

    def __init__(self, session: Session, capabilities: Capabilities, path: str) -> None:
        self._session = session
        self._capabilities = capabilities
        self._path = path
        self._size = capabilities.size(path)

    @abstractmethod
    def send_group(self, items: Sequence[Item]) -> list[Result] | Refused:
        """Return the result of each of some records, sent in one request, or that it was refused as a whole."""

    @abstractmethod
    def send_alone(self, item: Item, *, again: bool = False) -> Result:
        """Return the result of one record; `again`: it was refused alone before."""

    @abstractmethod
    def texts(self, item: Item) -> Iterable[str]:
        """Return the values by which a refusal may name a record."""

    def may_need(self, item: Item, others: Sequence[Item]) -> bool:  # noqa: ARG002 - only some can tell
        """Return whether a record may be taken only after one of these others is written."""
        return bool(others)

    def learn_pair(self, status: int, results: Sequence[Result]) -> None:
        """Learn from two records that were refused together and then written apart."""
        self._capabilities.learn_arrays(self.method, self._path, status, results)

    def _most_records(self) -> int:
        """Return how many records a request may hold now."""
        return self._size.records if self._capabilities.takes_arrays(self.method, self._path) else 1

    def _settled_batch(self, items: Sequence[Item]) -> Sequence[Result]:
        """Return one result for each of the records of a request, in groups where many were refused before."""
        faults = self._capabilities.faults(self.method, self._path)
        refused = None
        if faults is None or faults.group(len(items)) >= len(items):
            found = self.send_group(items)
            if not isinstance(found, Refused):
                if faults is not None:
                    faults.learn(len(items))
                return found
            refused = found
        faults = faults or self._capabilities.open_faults(self.method, self._path)
        search = Search(self, items, faults, self._most_records, self._session.limiter)
        return search.results(refused)

    def _results(self, answer: Answer, count: int) -> list[Result] | SageError:
        """Return what `results_by_position` does, unless the object or the entity as a whole is forbidden.

        Raises:
            AccessError: it is.
        """
        results = results_by_position(answer, count)
        if isinstance(results, SageError):
            raise_if_forbidden(results, self._path, self._session.entity)
        else:
            for result in results:
                raise_if_forbidden(result, self._path, self._session.entity)
        return results

    def _count(self, *results: Result) -> None:
        """Count the API transactions that these results cost."""
        self._session.traffic.add(transactions=count_written(results))


def split(
    items: Sequence[Item], size: BatchSize, room: int, bytes_of: Callable[[Item], int]
) -> Iterator[Sequence[Item]]:
    """Yield batch after batch, each as large as the answers up to then allow, and at least one item, however large.

    A batch holds no more than an even share of what is left.

    Args:
        items: in their order.
        size: the number of records in one request; read again for each batch.
        room: the bytes that the items of a batch may take together.
        bytes_of: returns what an item takes of them.
    """
    start = 0
    while start < len(items):
        left = len(items) - start
        share = ceil(left / ceil(left / size.records))
        end, used = start, 0
        for item in items[start : start + share]:
            used += bytes_of(item)
            if used > room and end > start:
                break
            end += 1
        yield items[start:end]
        start = end


def halves(items: Sequence[Item]) -> tuple[Sequence[Item], Sequence[Item]]:
    """Return the two halves of what was refused as a whole, to find out which item is at fault."""
    half = len(items) // 2
    return items[:half], items[half:]


def refused_by(answer: Answer, error: SageError) -> Refused:
    """Return that an answer refused several records as a whole, which too many of them may be the reason for."""
    return Refused(error, answer.payload, is_about_size=answer.status in _ABOUT_SIZE)


def holds_created(records: Sequence[NewRecord]) -> Callable[[Answer], bool]:
    """Return the test whether an answer proves the results of new records: each has its own key, or its error."""

    def is_own(place: int, result: Mapping[str, Any]) -> bool:
        answered, given = result.get("id"), records[place].unique_id
        is_other = isinstance(answered, str) and given and answered.strip().casefold() != given.strip().casefold()
        return bool(_key_of(result)) and not is_other

    def test(answer: Answer) -> bool:
        listed = _listed_results(answer.payload, len(records))
        if listed is None or not _proves(answer, listed, is_own):
            return False
        keys = [_key_of(result) for result in listed if not _is_error(result)]
        return len(set(keys)) == len(keys)

    return test


def holds_changed(keys: Sequence[str]) -> Callable[[Answer], bool]:
    """Return the test whether an answer proves the results of updates, in the order of these record keys."""

    def test(answer: Answer) -> bool:
        listed = _listed_results(answer.payload, len(keys))
        return listed is not None and _proves(answer, listed, lambda place, result: _key_of(result) == keys[place])

    return test


def holds_deleted(keys: Sequence[str]) -> Callable[[Answer], bool]:
    """Return the test whether an answer proves the results of deletions.

    All went well under 204 without a body. In a list the results of those that did may name no key (Sage REST guide,
    bulk requests).
    """

    def is_own(place: int, result: Mapping[str, Any]) -> bool:
        key = _key_of(result)
        return key == keys[place] if key else isinstance(result.get("ia::status"), int)

    def test(answer: Answer) -> bool:
        if answer.status == HTTPStatus.NO_CONTENT:
            return answer.payload is None and not answer.unreadable
        listed = _listed_results(answer.payload, len(keys))
        return listed is not None and _proves(answer, listed, is_own)

    return test


def _proves(answer: Answer, listed: Sequence[Any], is_own: Callable[[int, Mapping[str, Any]], bool]) -> bool:
    """Return whether each result is an error or the record's own, and the answer's counts say the same."""
    errors = 0
    for place, result in enumerate(listed):
        if _is_error(result):
            errors += 1
        elif not isinstance(result, dict) or not is_own(place, result):
            return False
    if not answer.is_ok and not errors:
        return False
    about = answer.payload.get("ia::meta")
    counts = about if isinstance(about, Mapping) else {}
    failed, done = counts.get("totalError"), counts.get("totalSuccess")
    is_more_failed = isinstance(failed, int) and failed > errors
    is_less_done = isinstance(done, int) and done < len(listed) - errors
    return not (is_more_failed or is_less_done)


def count_written(results: Iterable[Result]) -> int:
    """Return how many records were written."""
    return sum(isinstance(result, Written) for result in results)


def is_transient(result: Result) -> bool:
    """Return whether a record of a batch was refused for now only: too many requests, or a failure of the server."""
    return isinstance(result, SageError) and result.is_transient


def result_alone(answer: Answer, is_whole: Callable[[Answer], bool]) -> Result:
    """Return the result of the write of one record, sent alone; an error where the answer proves nothing about it."""
    if answer.error is not None:
        return answer.error
    if not is_whole(answer):
        return SageError(answer.description, answer.status)
    (result,) = _listed_results(answer.payload, 1) or (None,)
    return _written(result, answer)


def results_by_position(answer: Answer, count: int) -> list[Result] | SageError:
    """Return one result for each of several records, in their order; the error if they were refused as a whole.

    Each record's own error is in its place of the list (Sage REST guide, bulk requests), under 207 or, when all failed
    alike, under their common status.
    """
    refusal = refusal_of_all(answer)
    listed = _listed_results(answer.payload, count)
    if refusal is not None or listed is None:
        return refusal or SageError(answer.description, answer.status)
    return [_error_of(result, answer) or _written(result, answer) for result in listed]


def _listed_results(payload: object, count: int) -> list[Any] | None:
    """Return one result for each of `count` records in the order of the answer, None if there are fewer or more."""
    results = payload.get("ia::result") if isinstance(payload, Mapping) else None
    if count == 1 and isinstance(results, Mapping):
        return [results]
    return results if isinstance(results, list) and len(results) == count else None


def _is_error(result: object) -> bool:
    """Return whether a result is an error; almost every one is a success, so only one that could be is looked into."""
    could_be = isinstance(result, dict) and not MARKS_OF_AN_ERROR.isdisjoint(result)
    return could_be and parse_error({"ia::result": result}, 0) is not None


def _error_of(result: object, answer: Answer) -> SageError | None:
    found = parse_error({"ia::result": result}, answer.status) if _is_error(result) else None
    return replace(found, sent=answer.sent) if found is not None else None


def _key_of(result: object) -> str:
    """Return the record key in a result, empty if it names none."""
    key = result.get("key") if isinstance(result, dict) else None
    if isinstance(key, str):
        return key
    return str(key) if isinstance(key, int) and not isinstance(key, bool) else ""


def _written(result: object, answer: Answer) -> Written:
    return Written(_key_of(result), answer.is_stored)

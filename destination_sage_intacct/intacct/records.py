"""Records on their way to Sage Intacct, and what became of each."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from destination_sage_intacct import exact_json
from destination_sage_intacct.intacct.classify import Answer, refusal_of_all
from destination_sage_intacct.intacct.errors import SageError, parse_error

_HTTP_ERRORS_FROM = 400
SERVER_ERRORS_FROM = 500
_PASSING_STATUSES = frozenset({408, 429})


@dataclass(frozen=True, slots=True)
class Written:
    """A record that was created or updated; `key` is empty where the server did not tell it.

    `replayed`: the server repeated the answer of an earlier request instead of working.
    """

    key: str = ""
    replayed: bool = False


@dataclass(frozen=True, slots=True)
class Refused:
    """A record that Sage Intacct did not take."""

    error: SageError


Result = Written | Refused


@dataclass(frozen=True, slots=True)
class NewRecord:
    """A record to create: its encoded body, and its idempotency key by attempt, from 0.

    `is_unique`: the server itself refuses a second one, by its id.
    """

    body: bytes = field(repr=False)
    idempotency_key: Callable[[int], str]
    is_unique: bool = False

    @property
    def size(self) -> int:
        """Bytes that the record takes in an array."""
        return len(self.body) + 1


@dataclass(frozen=True, slots=True)
class ChangedRecord:
    """A record to update: its record key and the encoded body with the fields to change, at least one.

    `again`, for a body that must not land twice: asked before the record is sent once more after an attempt that may
    have landed, it tells what is left to send, or the result if nothing is.
    """

    key: str
    body: bytes = field(repr=False)
    again: "Callable[[], ChangedRecord | Result] | None" = field(default=None, repr=False, compare=False)

    @property
    def size(self) -> int:
        """Bytes that the record takes in an array."""
        return len(self.keyed) + 1

    @property
    def keyed(self) -> bytes:
        """The body with the record key in it, as an array of updates wants it."""
        return b'{"key":' + exact_json.encode(self.key) + b"," + self.body[1:]


def holds_results(count: int) -> Callable[[Any], bool]:
    """Return the test whether a payload holds one result for each of `count` records."""

    def test(payload: Any) -> bool:  # noqa: ANN401 - whatever the server sent
        return _results(payload, count) is not None

    return test


def result_alone(answer: Answer) -> Result:
    """Read the result of the write of one record, sent alone."""
    error = answer.error
    if error is not None:
        return Refused(error)
    result = answer.payload.get("ia::result") if isinstance(answer.payload, Mapping) else None
    if isinstance(result, list) and len(result) == 1:
        result = result[0]
    return _written(result, answer)


def results_by_position(answer: Answer, count: int) -> list[Result] | SageError:
    """Read one result for each of several records, in their order; the error where they were refused as a whole.

    Each record's own error stands in its place of the list (Sage REST guide, bulk requests), under 207 or, when all
    failed alike, under their common status. A list of another length speaks for none of them.
    """
    results = _results(answer.payload, count)
    if results is None:
        return refusal_of_all(answer) or SageError(f"the answer does not hold {count} results", answer.status)
    read = [_of_one(result, answer) for result in results]
    if answer.status >= _HTTP_ERRORS_FROM and not any(isinstance(result, Refused) for result in read):
        return answer.error or SageError(f"HTTP {answer.status} without an explanation", answer.status)
    return read


def count_written(results: Iterable[Result]) -> int:
    """Count the records that were written."""
    return sum(isinstance(result, Written) for result in results)


def is_passing(result: Result) -> bool:
    """Return whether a record of a batch was refused for now only: too many requests, or a failure of the server."""
    return isinstance(result, Refused) and (
        result.error.status in _PASSING_STATUSES or result.error.status >= SERVER_ERRORS_FROM
    )


def _results(payload: object, count: int) -> list[Any] | None:
    results = payload.get("ia::result") if isinstance(payload, Mapping) else None
    return results if isinstance(results, list) and len(results) == count else None


def _of_one(result: object, answer: Answer) -> Result:
    # Almost every result is a success: only one that could be an error is looked into.
    if not isinstance(result, Mapping):
        return Refused(SageError("the record's result is not readable", answer.status))
    if "ia::error" in result or "ia::status" in result:
        error = parse_error({"ia::result": result}, answer.status)
        if error is not None:
            return Refused(error)
    return _written(result, answer)


def _written(result: object, answer: Answer) -> Written:
    key = result.get("key") if isinstance(result, Mapping) else None
    return Written("" if key is None else str(key), answer.replayed)

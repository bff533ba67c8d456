"""Reads records: chosen fields of those that match, by the query service; or whole ones by their record keys."""

from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import Any

from destination_sage_intacct import exact_json
from destination_sage_intacct.intacct.address import address
from destination_sage_intacct.intacct.bulk import MARKS_OF_AN_ERROR, halves
from destination_sage_intacct.intacct.classify import Answer
from destination_sage_intacct.intacct.errors import AnswerTooLargeError, SageError, parse_error, raise_if_forbidden
from destination_sage_intacct.intacct.session import Request, Session

QUERY_PATH = "/services/core/query"
_LARGEST_PAGE = 4000  # Sage's OpenAPI, core query
_SMALLER_PAGE = 10  # attempts with a smaller page, where one is too large
_MOST_KEYS = 50  # so that the address stays short


class TooManyRecordsError(Exception):
    """A query matches more records than it was made for."""


Read = Mapping[str, Any] | SageError
"""A whole record, or why there is none: with status 404 it does not exist."""


@dataclass(frozen=True, slots=True)
class Query:
    """Asks for `fields` of the records of an object that pass `filters`, joined by `and` or by the expression.

    Without a filter every record is returned. Texts are compared with case, unless `ignores_case`.
    `includes_private`: at the top level also the records of private entities (Sage's OpenAPI: by default they are not).
    `most_records`: with more than these the query does not serve its purpose; None for any number.
    """

    path: str
    fields: Sequence[str]
    filters: Sequence[Mapping[str, Any]]
    expression: str | None = None
    ignores_case: bool = False
    includes_private: bool = False
    most_records: int | None = None

    def page(self, start: int, size: int = _LARGEST_PAGE) -> bytes:
        """Return the request's body for the page of this size that begins with record `start`, from 1.

        Without an order the service answers in none, and pages would overlap (recorded live).
        """
        asked = {
            "object": self.path,
            "fields": list(self.fields),
            "filterParameters": {"caseSensitiveComparison": not self.ignores_case}
            | ({"includePrivate": True} if self.includes_private else {}),
            "orderBy": [{"key": "asc"}],
            "start": start,
            "size": size,
        }
        if self.filters:
            asked["filters"] = list(self.filters)
        if self.expression is not None:
            asked["filterExpression"] = self.expression
        return exact_json.encode(asked)


@dataclass(frozen=True, slots=True)
class Count:
    """How many records match a query, and the first of them, if there is one."""

    records: int
    first: Mapping[str, Any] | None


def find(session: Session, query: Query, *, takes_failure: bool = False) -> list[Mapping[str, Any]] | SageError:
    """Return the fields of every record that matches, by dotted names; the error if the question is refused.

    Args:
        session: sends.
        query: what is asked.
        takes_failure: return also the error of a server that fails at the question, however often it is asked.

    Raises:
        TooManyRecordsError: more records match than the query wants.
    """
    found: list[Mapping[str, Any]] = []
    size = _LARGEST_PAGE
    while True:
        start = len(found) + 1
        asked = Request(
            "POST",
            QUERY_PATH,
            query.page(start, size),
            is_whole=_is_page(query, start, size),
            is_divisible_question=size > 1,
            takes_failure=takes_failure,
        )
        try:
            answer = session.send(asked)
        except AnswerTooLargeError:
            if size == 1:
                raise
            size = max(1, size // _SMALLER_PAGE)
            continue
        if answer.error is not None:
            return answer.error
        session.traffic.add(transactions=1)
        if query.most_records is not None and (_total(answer.payload) or 0) > query.most_records:
            raise TooManyRecordsError
        page = answer.payload["ia::result"]
        found += page
        if len(page) < _page_size(answer.payload, size) or len(found) >= (_total(answer.payload) or 0):
            return found


def count(session: Session, query: Query) -> Count | SageError:
    """Return how many records match, and the first of them; the error if the question is refused, or not answered."""
    whole = _is_page(query, 1, 1)
    answer = session.send(Request("POST", QUERY_PATH, query.page(1, 1), is_whole=whole, takes_failure=True))
    if answer.error is not None:
        return answer.error
    session.traffic.add(transactions=1)
    return Count(_total(answer.payload) or 0, next(iter(answer.payload["ia::result"]), None))


def existing_keys(session: Session, path: str, keys: Collection[str]) -> set[str]:
    """Return those of the record keys whose records exist; a record that may not be read is taken to exist."""
    if len(keys) > 1:
        found = find(session, Query(path, ["key"], [{"$in": {"key": sorted(keys)}}]))
        if not isinstance(found, SageError):
            return {str(record.get("key")) for record in found}
    return {key for key in keys if _exists(session, path, key)}


def _exists(session: Session, path: str, key: str) -> bool:
    answer = session.send(Request("GET", address(path, [key]), is_whole=holds_records([key])))
    session.traffic.add(transactions=int(answer.error is None))
    return answer.status != HTTPStatus.NOT_FOUND


def _is_page(query: Query, start: int, size: int) -> Callable[[Answer], bool]:
    """Return the test whether an answer holds every record of the page that its own count promises, each once.

    A record that a list lacks would be taken for missing, and created a second time.
    """

    def test(answer: Answer) -> bool:
        payload = answer.payload
        page = payload.get("ia::result") if answer.is_ok and isinstance(payload, Mapping) else None
        total = _total(payload)
        if total is None or not isinstance(page, list) or not all(isinstance(record, Mapping) for record in page):
            return False
        if "key" in query.fields and not _are_distinct([record.get("key") for record in page]):
            return False
        return len(page) >= min(_page_size(payload, size), total - (start - 1))

    return test


def _page_size(payload: Mapping[str, Any], asked: int) -> int:
    """Return how many records a page holds at most; the server may give fewer than were asked for."""
    about = payload.get("ia::meta")
    size = about.get("pageSize") if isinstance(about, Mapping) else None
    return size if isinstance(size, int) and 0 < size < asked else asked


def _total(payload: object) -> int | None:
    """Return how many records match in all, as the answer says; every answer of the service does (recorded live)."""
    about = payload.get("ia::meta") if isinstance(payload, Mapping) else None
    total = about.get("totalCount") if isinstance(about, Mapping) else None
    return int(total) if isinstance(total, int) or (isinstance(total, str) and total.isdecimal()) else None


def _are_distinct(keys: Sequence[object]) -> bool:
    """Return whether these are record keys of different records."""
    named = {str(key) for key in keys if isinstance(key, str | int) and key != ""}
    return len(named) == len(keys)


def read(session: Session, path: str, keys: Sequence[str]) -> dict[str, Read]:
    """Return for each record key the whole record, lines included, or why it cannot be read (404: not there).

    Raises:
        AccessError: the object or the entity as a whole is forbidden.
    """
    parts = [keys[start : start + _MOST_KEYS] for start in range(0, len(keys), _MOST_KEYS)]
    if len(parts) == 1:
        return _read_some(session, path, parts[0])
    found: dict[str, Read] = {}
    with ThreadPoolExecutor(max(1, min(len(parts), session.limiter.limit)), thread_name_prefix="read") as threads:
        for some in threads.map(partial(_read_some, session, path), parts):
            found |= some
    return found


def _read_some(session: Session, path: str, keys: Sequence[str]) -> dict[str, Read]:
    try:
        answer = session.send(
            Request("GET", address(path, keys), is_whole=holds_records(keys), is_divisible_question=len(keys) > 1)
        )
    except AnswerTooLargeError:
        if len(keys) == 1:
            raise
        first, second = halves(keys)
        return _read_some(session, path, first) | _read_some(session, path, second)
    entries = _entries(answer)
    if isinstance(entries, SageError):
        raise_if_forbidden(entries, path, session.entity)
        if len(keys) == 1:
            return {keys[0]: entries}
        first, second = halves(keys)
        return _read_some(session, path, first) | _read_some(session, path, second)
    session.traffic.add(transactions=1)
    found = _by_key(keys, entries, answer.status)
    if len(keys) == 1:
        return {keys[0]: found[keys[0]]}
    # Once more, alone, where the answer says nothing about a record, or that it cannot be had just now.
    for key in keys:
        read = found.get(key)
        if read is None or (isinstance(read, SageError) and read.is_transient):
            found |= _read_some(session, path, [key])
    return {key: found[key] for key in keys}


def _entries(answer: Answer) -> list[Mapping[str, Any]] | SageError:
    """Return what the answer holds of each record; the error where they were refused as a whole."""
    result = answer.payload.get("ia::result") if isinstance(answer.payload, Mapping) else None
    if isinstance(result, list) and len(result) > 1:
        return [entry if isinstance(entry, Mapping) else {} for entry in result]
    if answer.error is not None:
        return answer.error
    return result if isinstance(result, list) else [result]  # type: ignore[list-item] # `holds_records` has seen it


def _by_key(keys: Sequence[str], entries: Sequence[Mapping[str, Any]], status: int) -> dict[str, Read]:
    """Map each entry to the record key that it names, else to the key asked for at the same position.

    An entry with an error may name no key (Sage REST guide, bulk requests). A list of another length has no positions.
    """
    named: dict[str, Read] = {}
    by_position: dict[str, Read] = {}
    for position, entry in enumerate(entries):
        is_error = "ia::error" in entry or "ia::status" in entry
        found: Read = (parse_error({"ia::result": entry}, status) if is_error else None) or entry
        key = entry.get("key")
        if key is not None:
            named[str(key)] = found
        elif found and len(entries) == len(keys):
            by_position[keys[position]] = found
    return by_position | named


def holds_records(keys: Sequence[str]) -> Callable[[Answer], bool]:
    """Return the test whether an answer holds these records and no others; of several some may be left out."""

    def test(answer: Answer) -> bool:
        result = answer.payload.get("ia::result") if isinstance(answer.payload, Mapping) else None
        listed = result if isinstance(result, list) else [result]
        records = [record for record in listed if isinstance(record, Mapping)]
        if not 0 < len(records) <= len(keys) or len(records) < len(listed):
            return False
        named = [record.get("key") for record in records if not record.keys() & MARKS_OF_AN_ERROR]
        return _are_distinct(named) and {str(key) for key in named} <= set(keys)

    return test

"""Asks the query service: chosen fields of the records that match, all pages of them."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import quote

from destination_sage_intacct import exact_json
from destination_sage_intacct.intacct.access import FORBIDDEN, raise_if_forbidden
from destination_sage_intacct.intacct.batches import in_batches, in_halves
from destination_sage_intacct.intacct.classify import Answer
from destination_sage_intacct.intacct.errors import SageError, parse_error
from destination_sage_intacct.intacct.records import Refused, is_passing
from destination_sage_intacct.intacct.retries import Request
from destination_sage_intacct.intacct.session import Session

QUERY_PATH = "/services/core/query"
_LARGEST_PAGE = 4000  # Sage's OpenAPI, core query
_NOT_FOUND = 404


@dataclass(frozen=True, slots=True)
class Query:
    """One question: `fields` of the records of an object that pass `filters`, joined by `and` or by the expression.

    Without a filter it is about every record. Texts are compared with regard to case.
    """

    path: str
    fields: Sequence[str]
    filters: Sequence[Mapping[str, Any]]
    expression: str | None = None

    def page(self, start: int) -> bytes:
        """Return the request's body for the page that begins with record `start`, from 1.

        Without an order the service answers in none, and pages would overlap (recorded live).
        """
        asked = {
            "object": self.path,
            "fields": list(self.fields),
            "filterParameters": {"caseSensitiveComparison": True},
            "orderBy": [{"key": "asc"}],
            "start": start,
            "size": _LARGEST_PAGE,
        }
        if self.filters:
            asked["filters"] = list(self.filters)
        if self.expression is not None:
            asked["filterExpression"] = self.expression
        return exact_json.encode(asked)


def find(session: Session, query: Query) -> list[Mapping[str, Any]] | SageError:
    """Return the fields of every record that matches, by dotted names; the error if the question is refused."""
    found: list[Mapping[str, Any]] = []
    while True:
        start = len(found) + 1
        answer = session.send(Request("POST", QUERY_PATH, query.page(start), is_whole=_is_page(start)))
        if answer.error is not None:
            return answer.error
        session.account.add(transactions=1)
        page = answer.payload["ia::result"]
        found += page
        if len(page) < _page_size(answer.payload) or len(found) >= _total(answer.payload, len(found)):
            return found


def existing_keys(session: Session, path: str, keys: Collection[str]) -> set[str]:
    """Return those of the record keys whose records exist; a record that may not be read is taken to exist."""
    if len(keys) > 1:
        found = find(session, Query(path, ["key"], [{"$in": {"key": sorted(keys)}}]))
        if not isinstance(found, SageError):
            return {str(record.get("key")) for record in found}
    return {key for key in keys if _exists(session, path, key)}


def _exists(session: Session, path: str, key: str) -> bool:
    answer = session.send(Request("GET", f"/objects/{quote(path)}/{quote(key, safe='')}"))
    session.account.add(transactions=int(answer.error is None))
    return answer.status != _NOT_FOUND


def _is_page(start: int) -> Callable[[Any], bool]:
    """Return the test whether a payload holds every record of the page that its own count promises.

    A record that a list lacks would be taken for missing, and created a second time.
    """

    def test(payload: Any) -> bool:  # noqa: ANN401 - whatever the server sent
        page = payload.get("ia::result") if isinstance(payload, Mapping) else None
        if not isinstance(page, list) or not all(isinstance(record, Mapping) for record in page):
            return False
        promised = _total(payload, start - 1 + len(page)) - (start - 1)
        return len(page) >= min(_page_size(payload), promised)

    return test


def _page_size(payload: Mapping[str, Any]) -> int:
    """Return how many records a page holds at most; the server may give fewer than were asked for."""
    about = payload.get("ia::meta")
    size = about.get("pageSize") if isinstance(about, Mapping) else None
    return size if isinstance(size, int) and 0 < size < _LARGEST_PAGE else _LARGEST_PAGE


def _total(payload: Mapping[str, Any], otherwise: int) -> int:
    """Return how many records match in all, as the answer says."""
    about = payload.get("ia::meta")
    total = about.get("totalCount") if isinstance(about, Mapping) else None
    return total if isinstance(total, int) else otherwise


# A whole record, or why there is none: with status 404 it does not exist.
Read = Mapping[str, Any] | SageError

_MOST_KEYS = 50  # so that the address stays short


def read(session: Session, path: str, keys: Sequence[str]) -> dict[str, Read]:
    """Return for each record key the whole record, lines included, or why it cannot be read (404: not there).

    Raises:
        AccessError: the object or the entity as a whole is forbidden.
    """
    found = in_batches(keys, lambda start: start + _MOST_KEYS, partial(_read_some, session, path))
    return dict(zip(keys, found, strict=True))


def _read_some(session: Session, path: str, keys: Sequence[str]) -> list[Read]:
    address = f"/objects/{quote(path)}/{','.join(quote(key, safe='') for key in keys)}"
    answer = session.send(Request("GET", address, is_whole=_holds(len(keys))))
    entries = _entries(answer)
    if isinstance(entries, SageError):
        if entries.status == FORBIDDEN:
            raise_if_forbidden(Refused(entries), path, session.entity)
        return [entries] if len(keys) == 1 else in_halves(keys, partial(_read_some, session, path))
    session.account.add(transactions=1)
    told = _told(keys, entries, answer.status)
    if len(keys) == 1:
        return [told.get(keys[0]) or SageError("the answer holds another record", answer.status)]
    return [_settled(session, path, key, told.get(key)) for key in keys]


def _settled(session: Session, path: str, key: str, found: Read | None) -> Read:
    """Read a record by itself once more where the answer says nothing about it, or that it cannot be had just now."""
    if found is None or (isinstance(found, SageError) and is_passing(Refused(found))):
        (found,) = _read_some(session, path, [key])
    return found


def _entries(answer: Answer) -> list[Mapping[str, Any]] | SageError:
    """Return what is told of each record; the error where they were refused as a whole."""
    result = answer.payload.get("ia::result") if isinstance(answer.payload, Mapping) else None
    if isinstance(result, list) and len(result) > 1:
        return [entry if isinstance(entry, Mapping) else {} for entry in result]
    if answer.error is not None:
        return answer.error
    return result if isinstance(result, list) else [result]  # type: ignore[list-item] # `_holds` has seen it


def _told(keys: Sequence[str], entries: Sequence[Mapping[str, Any]], status: int) -> dict[str, Read]:
    """Tell what each entry says of which record: that which it names, else the one asked for in its place.

    An entry with an error may name no key (Sage REST guide, bulk requests). A list of another length has no places.
    """
    told: dict[str, Read] = {}
    nameless: dict[str, Read] = {}
    for place, entry in enumerate(entries):
        is_error = "ia::error" in entry or "ia::status" in entry
        found: Read = (parse_error({"ia::result": entry}, status) if is_error else None) or entry
        named = entry.get("key")
        if named is not None:
            told[str(named)] = found
        elif found and len(entries) == len(keys):
            nameless[keys[place]] = found
    return nameless | told


def _holds(count: int) -> Callable[[Any], bool]:
    """Return the test whether a payload holds so many records; of several some may be left out."""

    def test(payload: Any) -> bool:  # noqa: ANN401 - whatever the server sent
        result = payload.get("ia::result") if isinstance(payload, Mapping) else None
        records = result if isinstance(result, list) else [result]
        return 0 < len(records) <= count and all(isinstance(record, Mapping) for record in records)

    return test

"""Asks the query service: chosen fields of the records that match, all pages of them."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from destination_sage_intacct import exact_json
from destination_sage_intacct.intacct.errors import SageError
from destination_sage_intacct.intacct.server import Server
from destination_sage_intacct.intacct.transport import Request

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


def find(server: Server, query: Query) -> list[Mapping[str, Any]] | SageError:
    """Return the fields of every record that matches, by dotted names; the error if the question is refused."""
    found: list[Mapping[str, Any]] = []
    while True:
        start = len(found) + 1
        answer = server.send(Request("POST", QUERY_PATH, query.page(start), is_whole=_is_page(start)))
        if answer.error is not None:
            return answer.error
        server.account.add(transactions=1)
        page = answer.payload["ia::result"]
        found += page
        if len(page) < _page_size(answer.payload) or len(found) >= _total(answer.payload, len(found)):
            return found


def existing_keys(server: Server, path: str, keys: Collection[str]) -> set[str]:
    """Return those of the record keys whose records exist; a record that may not be read is taken to exist."""
    if len(keys) > 1:
        found = find(server, Query(path, ["key"], [{"$in": {"key": sorted(keys)}}]))
        if not isinstance(found, SageError):
            return {str(record.get("key")) for record in found}
    return {key for key in keys if _exists(server, path, key)}


def _exists(server: Server, path: str, key: str) -> bool:
    answer = server.send(Request("GET", f"/objects/{quote(path)}/{quote(key, safe='')}"))
    server.account.add(transactions=int(answer.error is None))
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

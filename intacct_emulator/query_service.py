"""`POST /services/core/query`: rows of chosen fields, filtered, ordered and paged.

Source: Sage's OpenAPI, core query.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

from intacct_emulator.aggregates import Aggregate, aggregate, groups
from intacct_emulator.checking import Json
from intacct_emulator.clock import Clock
from intacct_emulator.columns import column
from intacct_emulator.comparing import NUMERIC, Column
from intacct_emulator.envelopes import page
from intacct_emulator.exchange import Answer, Request
from intacct_emulator.expressions import parse
from intacct_emulator.filters import Reader
from intacct_emulator.objects_service import payload
from intacct_emulator.refusals import invalid_request
from intacct_emulator.scope import Scope
from intacct_emulator.searching import Searches, matching
from intacct_emulator.settings import Settings
from intacct_emulator.store import Record, Store, Table

PATH = "/services/core/query"
DEFAULT_SIZE = 100
MAX_SIZE = 4000

_KEYS = frozenset({"object", "fields", "filters", "filterExpression", "filterParameters", "orderBy", "start", "size"})
_FLAGS = {"includeHierarchyFields": False, "caseSensitiveComparison": True, "includePrivate": False}


@dataclass(frozen=True, slots=True)
class Parameters:
    """What `filterParameters` says."""

    as_of: date
    case_sensitive: bool
    include_private: bool


class QueryService:
    """Answers queries."""

    def __init__(self, settings: Settings, store: Store, clock: Clock) -> None:
        self._settings = settings
        self._store = store
        self._clock = clock
        self._searches = Searches(store)

    def answer(self, request: Request, scope: Scope) -> Answer:
        """Return one page of rows.

        Raises:
            RefusalError: the query cannot be understood.
        """
        asked = payload(request)
        if not isinstance(asked, dict):
            # guess[query-list]: Sage's guide allows a list of queries too; the answer is not shown.
            raise invalid_request("A query is an object")
        for name in asked:
            if name not in _KEYS:
                raise invalid_request(f'Unrecognized key "{name}" in query payload')
        table = self._table(asked)
        fields = _fields(asked, lambda name: column(self._store, table, name))
        start, size = _number(asked, "start", 1), _number(asked, "size", DEFAULT_SIZE)
        if size > MAX_SIZE:
            # guess[page-size]: the limit is known, what happens beyond it is not.
            raise invalid_request(f"size must not exceed {MAX_SIZE}")
        found = self._found(asked, table, scope)
        rows = self._rows(asked, table, fields, found)
        shown = rows[start - 1 : start - 1 + size]
        return page([_shown(row, fields) for row in shown], len(rows), start, size, records=len(shown))

    def _table(self, asked: Json) -> Table:
        name = asked.get("object")
        # guess[object-prefix]: a model's `apiObject` serves too, prefix and all: Keboola's extractor queries what the
        # model lists.
        table = self._store.table(name.removeprefix("objects/")) if isinstance(name, str) else None
        if table is None:
            # guess[unknown-object]: only that an unknown object is refused is plain.
            raise invalid_request(f"The object {name} does not exist")
        return table

    def _found(self, asked: Json, table: Table, scope: Scope) -> list[Record]:
        """Return the rows that the filters let through, in the order of their keys."""
        parameters = self._parameters(asked)
        reader = Reader(
            cache(lambda name: self._comparable(table, name, "a filter")),
            parameters.as_of,
            parameters.case_sensitive,
            self._settings.apostrophes,
        )
        conditions = reader.read(asked.get("filters"))
        expression = parse(asked.get("filterExpression"), len(conditions))
        rows = self._searches.rows(table)
        keys = matching(rows, conditions, expression, case_sensitive=parameters.case_sensitive)
        return rows.in_order(rows.visible(keys, scope, private=parameters.include_private))

    def _rows(
        self, asked: Json, table: Table, fields: Sequence[tuple[str, Column | Aggregate]], found: list[Record]
    ) -> list[list[Record]]:
        """Return the records of each row of the answer in order: one, or with aggregates those of a group."""
        plain = [field for _, field in fields if isinstance(field, Column)]
        if len(plain) == len(fields):
            ordered = _ordered(
                found, asked.get("orderBy"), lambda name: _sorting(self._comparable(table, name, "orderBy")), _by_digest
            )
            return [[record] for record in ordered]
        named = dict(fields)

        def sorting(name: str) -> Callable[[list[Record]], tuple[int, Any]]:
            if name not in named:
                # guess[group-order]: groups are ordered by what is asked of them.
                raise invalid_request(f"orderBy names {name}, which is not among the fields of the aggregates")
            return _sorting_groups(named[name])

        return _ordered(groups(found, plain), asked.get("orderBy"), sorting, lambda group: _by_digest(*group[:1]))

    def _comparable(self, table: Table, name: str, where: str) -> Column:
        if name == "href" or name.endswith(".href"):
            raise invalid_request(f"The {name} field cannot be used in {where}")
        return column(self._store, table, name)

    def _parameters(self, asked: Json) -> Parameters:
        given = asked.get("filterParameters") or {}
        if not isinstance(given, dict) or given.keys() - {"asOfDate", *_FLAGS}:
            raise invalid_request("Unrecognized key in filterParameters")
        flags = {name: default if given.get(name) is None else given[name] for name, default in _FLAGS.items()}
        for name, value in flags.items():
            if not isinstance(value, bool):
                # guess[parameter-type]: a text such as "true" is refused, as everywhere.
                raise invalid_request(f"{name} must be true or false")
        # guess[as-of-day]: the current day is that of the company's clock, in UTC.
        as_of = self._clock.now()[:10] if given.get("asOfDate") is None else given["asOfDate"]
        try:
            day = date.fromisoformat(as_of)
        except (TypeError, ValueError) as error:
            raise invalid_request("asOfDate must be a date such as 2026-01-31") from error
        return Parameters(day, flags["caseSensitiveComparison"], flags["includePrivate"])


def _fields(asked: Json, find: Callable[[str], Column]) -> list[tuple[str, Column | Aggregate]]:
    names = asked.get("fields")
    if not isinstance(names, list) or not names or not all(isinstance(name, str) for name in names):
        raise invalid_request("fields must be a list of one field or more")
    # guess[aggregate-name]: an aggregate is answered under the name that it was asked for by.
    return [(name, aggregate(name, find) or find(name)) for name in names]


def _shown(records: list[Record], fields: Sequence[tuple[str, Column | Aggregate]]) -> Json:
    return {
        name: field.of(records) if isinstance(field, Aggregate) else field.read(records[0]) for name, field in fields
    }


def _number(asked: Json, name: str, default: int) -> int:
    value = asked.get(name, default)
    if type(value) is not int or value < 1:
        # guess[first-record]: the first record is 1, and a start at 0 is refused; PostHog's source sends it.
        raise invalid_request(f"{name} must be a positive integer")
    return value


def _ordered(
    rows: list[Any],
    order: object,
    sorting: Callable[[str], Callable[[Any], tuple[int, Any]]],
    by_digest: Callable[[Any], bytes],
) -> list[Any]:
    if not order:
        # The live service answers in no order at all; this one is the same each time, and not by key.
        return sorted(rows, key=by_digest)
    if not isinstance(order, list):
        raise invalid_request("orderBy must be a list")
    for each in reversed(order):
        if not isinstance(each, dict) or len(each) != 1 or next(iter(each.values())) not in ("asc", "desc"):
            raise invalid_request('orderBy takes objects such as {"id":"asc"}')
        ((name, direction),) = each.items()
        rows = sorted(rows, key=sorting(name), reverse=direction == "desc")
    return rows


def _by_digest(record: Record | None = None) -> bytes:
    return hashlib.blake2b(record.key.encode() if record is not None else b"", digest_size=8).digest()


def _sorting(by: Column) -> Callable[[Record], tuple[int, Any]]:
    return lambda record: _place(by, by.held(record))


def _sorting_groups(by: Column | Aggregate) -> Callable[[list[Record]], tuple[int, Any]]:
    if isinstance(by, Column):
        return lambda group: _place(by, by.held(group[0]))
    counts = by.function == "count"
    return lambda group: _place(by.column, by.of(group) if counts else by.column.comparable(by.of(group)))


def _place(by: Column, value: Any) -> tuple[int, Any]:  # noqa: ANN401 - of the field's type
    # guess[empty-first]: empty fields come first.
    empty: Any = Decimal(0) if by.kind in NUMERIC else ""
    return (0, empty) if value is None else (1, value)

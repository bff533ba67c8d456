"""`POST /services/core/query`: rows of chosen fields, filtered, ordered and paged.

Source: Sage's OpenAPI, core query.
"""

import hashlib
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any

from intacct_emulator.checking import Json
from intacct_emulator.columns import column
from intacct_emulator.envelopes import page
from intacct_emulator.exchange import Answer, Request
from intacct_emulator.filters import NUMERIC, Column, compile_filters
from intacct_emulator.objects_service import payload
from intacct_emulator.refusals import invalid_request
from intacct_emulator.scope import Scope
from intacct_emulator.store import Record, Store, Table

PATH = "/services/core/query"
DEFAULT_SIZE = 100
MAX_SIZE = 4000

_KEYS = frozenset({"object", "fields", "filters", "filterExpression", "filterParameters", "orderBy", "start", "size"})
_PARAMETERS = frozenset({"asOfDate", "includeHierarchyFields", "caseSensitiveComparison", "includePrivate"})


def answer(request: Request, store: Store, scope: Scope) -> Answer:
    """Return one page of rows.

    Raises:
        RefusalError: the query cannot be understood.
    """
    asked = payload(request)
    if not isinstance(asked, dict):
        raise invalid_request("A query is an object")
    for name in asked:
        if name not in _KEYS:
            raise invalid_request(f'Unrecognized key "{name}" in query payload')
    table = _table(asked, store)
    columns = _columns(asked, store, table)
    parameters = _parameters(asked)
    # guess: texts are compared by case unless the query says otherwise, as the sample of the documentation sends.
    case_sensitive = parameters.get("caseSensitiveComparison", True) is not False
    matches = compile_filters(
        asked.get("filters"),
        asked.get("filterExpression"),
        lambda name: _filterable(store, table, name),
        case_sensitive=case_sensitive,
    )
    private = parameters.get("includePrivate", False)
    candidates = _by_index(asked, store, table, case_sensitive=case_sensitive)
    found = [record for record in store.visible(table, scope, private=private, among=candidates) if matches(record)]
    found = _ordered(found, asked.get("orderBy"), lambda name: column(store, table, name))
    start, size = _number(asked, "start", 1), _number(asked, "size", DEFAULT_SIZE)
    if size > MAX_SIZE:
        # guess: the limit is known, what happens beyond it is not.
        raise invalid_request(f"size must not exceed {MAX_SIZE}")
    shown = found[start - 1 : start - 1 + size]
    rows = [{name: column.read(record) for name, column in columns} for record in shown]
    return page(rows, len(found), start, size, records=len(rows))


def _table(asked: Json, store: Store) -> Table:
    name = asked.get("object")
    table = store.table(name) if isinstance(name, str) else None
    if table is None:
        # guess: only that an unknown object is refused is plain.
        raise invalid_request(f"The object {name} does not exist")
    return table


def _by_index(asked: Json, store: Store, table: Table, *, case_sensitive: bool) -> Iterable[Record] | None:
    """Return the few records that can match, where a filter names their keys or ids; None when all must be looked at.

    Lines are found by their documents, which are what is answered for them.
    """
    if asked.get("filterExpression") is not None or not case_sensitive:
        return None
    owner = table.schema.owner
    named = store.table(owner[0]) if owner is not None else table
    prefix = f"{owner[1]}." if owner is not None else ""
    if named is None:
        return None
    for each in asked.get("filters") or ():
        ((operator, operand),) = each.items()
        ((name, value),) = operand.items()
        if operator in ("$eq", "$in") and name in (f"{prefix}id", f"{prefix}key"):
            wanted = {str(one) for one in (value if isinstance(value, list) else [value])}
            keys = wanted if name.endswith("key") else {named.keys_by_id.get(one, "") for one in wanted}
            return [named.records[key] for key in sorted(keys & named.records.keys(), key=int)]
    return None


def _columns(asked: Json, store: Store, table: Table) -> list[tuple[str, Column]]:
    names = asked.get("fields")
    if not isinstance(names, list) or not names or not all(isinstance(name, str) for name in names):
        raise invalid_request("fields must be a list of one field or more")
    return [(name, column(store, table, name)) for name in names]


def _filterable(store: Store, table: Table, name: str) -> Column:
    if name == "href" or name.endswith(".href"):
        raise invalid_request(f"The {name} field cannot be used in a filter")
    return column(store, table, name)


def _parameters(asked: Json) -> Json:
    parameters = asked.get("filterParameters") or {}
    if not isinstance(parameters, dict) or parameters.keys() - _PARAMETERS:
        raise invalid_request("Unrecognized key in filterParameters")
    return parameters


def _number(asked: Json, name: str, default: int) -> int:
    value = asked.get(name, default)
    if type(value) is not int or value < 1:
        raise invalid_request(f"{name} must be a positive integer")
    return value


def _ordered(found: list[Record], order: object, find: Callable[[str], Column]) -> list[Record]:
    if not order:
        # The live service answers in no order at all; this one is the same each time, and not by key.
        return sorted(found, key=lambda record: hashlib.blake2b(record.key.encode(), digest_size=8).digest())
    if not isinstance(order, list):
        raise invalid_request("orderBy must be a list")
    for each in reversed(order):
        if not isinstance(each, dict) or len(each) != 1 or next(iter(each.values())) not in ("asc", "desc"):
            raise invalid_request('orderBy takes objects such as {"id":"asc"}')
        ((name, direction),) = each.items()
        found = sorted(found, key=_sorting(find(name)), reverse=direction == "desc")
    return found


def _sorting(by: Column) -> Callable[[Record], tuple[int, Any]]:
    # guess: empty fields come first.
    empty: Any = Decimal(0) if by.kind in NUMERIC else ""

    def key(record: Record) -> tuple[int, Any]:
        value = by.comparable(by.read(record))
        return (0, empty) if value is None else (1, value)

    return key

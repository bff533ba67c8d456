"""Are a record's lines these? In doubt they are not, and the row's lines replace them."""

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from destination_sage_intacct import exact_json
from destination_sage_intacct.intacct.model import Model
from destination_sage_intacct.rows.changes import Leaf, holds_leaf, leaves, spelled
from destination_sage_intacct.rows.parts import flattened

_AMOUNT = "txnAmount"
# A line owns lists, such as `taxEntries`; lists in lists of lists are no document.
_MOST_LEVELS = 10
_OPEN = Model("", is_open=True)

_Line = Sequence[Leaf]
_Record = Mapping[str, Any]
_Spelling = tuple[tuple[str, tuple[str, str] | None], ...]


def same_lines(lines: Sequence[Any], held: Sequence[Any], model: Model, levels: int = _MOST_LEVELS) -> bool:
    """Tell whether a record's lines are these, whatever else Sage Intacct has filled in, in any order.

    Lists in a line are compared like the lines, lists of plain values as they stand. A value that no line of the
    record shows is another one, unless it is sure that it cannot be read: see `_readable`.

    Args:
        lines: bodies of lines as they would be written.
        held: the record's own lines as they were read.
        model: of the lines.
        levels: how many levels of lists are looked into.
    """
    if not levels or len(lines) != len(held) or not all(isinstance(line, Mapping) for line in (*lines, *held)):
        return False
    records = [flattened(line) for line in held]
    # What is not shown as null may be absent because it is empty.
    shows_empty = any(value is None for record in records for value in record.values())
    shown = frozenset(name for line in held for name in line) if shows_empty else frozenset()
    told = [_readable(line, shown, model) for line in lines]
    if all(_is(line, record, levels) for line, record in zip(told, records, strict=True)):
        return True
    # The lines that tell most choose first: one that tells just its amount could take the record of another.
    return _are_all_found(sorted(told, key=len, reverse=True), records, levels)


def _readable(line: Mapping[str, Any], shown: frozenset[str], model: Model) -> _Line:
    """Return the values of a line, without those that Sage Intacct takes and never shows.

    In its own examples a bill is made with `totalTxnAmount` in its lines, and read without (OpenAPI description, POST
    and GET of accounts-payable/bill). But a field may also be absent because it is empty, and then it is to be
    written. So a value is left out only if empty fields are shown as null and this one is not shown, if it stands in
    the line itself and is not the company's own, and if the line's amount is there to be compared.

    Args:
        line: as it would be written.
        shown: the fields that the record's lines show; none where they do not show the empty ones.
        model: of the line.
    """
    told = leaves(line, model)
    if _AMOUNT not in shown or line.get(_AMOUNT) in (None, ""):
        return told
    return [leaf for leaf in told if leaf[0] in shown or "." in leaf[0] or "::" in leaf[0] or _is_list(leaf)]


def _is_list(leaf: Leaf) -> bool:
    return isinstance(leaf[1], list)


def _is(line: _Line, record: _Record, levels: int) -> bool:
    return all(
        _is_list_held(leaf[1], record.get(leaf[0]), levels) if _is_list(leaf) else holds_leaf(leaf, record)
        for leaf in line
    )


def _is_list_held(given: Sequence[Any], own: object, levels: int) -> bool:
    if not isinstance(own, list):
        return False
    return exact_json.encode(given) == exact_json.encode(own) or same_lines(given, own, _OPEN, levels - 1)


def _are_all_found(lines: Iterable[_Line], records: Iterable[_Record], levels: int) -> bool:
    """Find a record of its own for each line, among those of the same spelling first: there may be thousands."""
    left = dict(enumerate(records))
    indexes: dict[tuple[Leaf, ...], dict[_Spelling, deque[int]]] = {}
    rest: list[_Line] = []
    for line in lines:
        fields = tuple((path, None, kind) for path, value, kind in line if not isinstance(value, list))
        if fields not in indexes:
            indexes[fields] = _index(fields, left)
        own = tuple((path, spelled(value, kind)) for path, value, kind in line if not isinstance(value, list))
        if not _take(line, indexes[fields].get(own, deque()), left, levels):
            rest.append(line)
    return all(_take(line, deque(left), left, levels) for line in rest)


def _index(fields: Iterable[Leaf], records: Mapping[int, _Record]) -> dict[_Spelling, deque[int]]:
    found: dict[_Spelling, deque[int]] = {}
    for number, record in records.items():
        own = tuple((path, spelled(record.get(path), kind)) for path, _, kind in fields)
        found.setdefault(own, deque()).append(number)
    return found


def _take(line: _Line, candidates: deque[int], left: dict[int, _Record], levels: int) -> bool:
    """Take the first of the candidates that are still left and hold the line."""
    for _ in range(len(candidates)):
        number = candidates.popleft()
        if number in left:
            if _is(line, left[number], levels):
                del left[number]
                return True
            candidates.append(number)
    return False

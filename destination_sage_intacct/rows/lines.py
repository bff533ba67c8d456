"""Documents and their lines: rows that are lines become one document, and lines are compared with those of a record."""

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from destination_sage_intacct import exact_json
from destination_sage_intacct.intacct.model import OPEN_MODEL, Model
from destination_sage_intacct.rows.choices import are_same
from destination_sage_intacct.rows.comparison import (
    Leaf,
    canonical_form,
    comparable_paths,
    holds,
    holds_leaf,
    leaf_values,
)
from destination_sage_intacct.rows.paths import flatten, pick
from destination_sage_intacct.rows.values import Problem

Body = dict[str, Any]
_Line = Sequence[Leaf]
_Record = Mapping[str, Any]
_Holders = dict[tuple[str, Any], dict[tuple[str, str] | None, deque[int]]]

_NOBODY: deque[int] = deque()
OPERATION = "ia::operation"
_AMOUNT = "txnAmount"
# A line owns lists, such as `taxEntries`; lists in lists of lists are no document.
_MOST_LEVELS = 10
_OF_COLUMNS = frozenset({"unknown_field", "read_only_field"})
_DELETE_WITHOUT_KEY = Problem(
    "line_without_key",
    "A line is to be deleted, but has no `key` that identifies it",
    "Give the line the key that it has in Sage Intacct, or send the document's lines without `ia::operation`: they "
    "then replace those that the record has.",
)


@dataclass(frozen=True, slots=True)
class LineRow:
    """One row read as a line of a document: its number in the stream, the document's own fields, the line's."""

    number: int
    record_key: Any
    header: Body | Problem
    line: Body | Problem


def assemble(rows: Sequence[LineRow], list_field: str) -> Body | Problem:
    """Return the document of these rows: the header of the first, the lines of all in their order.

    Args:
        rows: at least one, in their order.
        list_field: the field that holds the lines.
    """
    first, lines = rows[0], []
    for position, row in enumerate(rows):
        if isinstance(row.header, Problem):
            return _in_row(row.header, row, rows)
        if isinstance(row.line, Problem):
            return _in_row(replace(row.line, field=f"{list_field}[{position}].{row.line.field}"), row, rows)
        lines.append(row.line)
        field = _first_difference(first, row)
        if field is not None:
            return Problem(
                "document_disagrees",
                f"Rows {first.number} and {row.number} are lines of one document and differ in a field of the document",
                "Give all rows of a document the same value there, map the column to a field of the line in "
                "`lines.fields`, or add it to `lines.group_by` if it distinguishes documents.",
                field,
            )
    header = first.header if isinstance(first.header, dict) else {}
    return {**header, list_field: lines}


def _in_row(problem: Problem, row: LineRow, rows: Sequence[LineRow]) -> Problem:
    """Name the row, as the reason is given for all rows of the document; not if every row has it, by its column."""
    if len(rows) == 1 or problem.code in _OF_COLUMNS:
        return problem
    return replace(problem, message=f"In row {row.number} of the same document: {problem.message}")


def _first_difference(one: LineRow, other: LineRow) -> str | None:
    if one.record_key != other.record_key:
        return "the record key"
    if isinstance(one.header, Problem) or isinstance(other.header, Problem) or one.header == other.header:
        return None
    mine, others = flatten(one.header), flatten(other.header)
    # A null means what an absent field means, and an empty object has no field.
    return next((name for name in dict.fromkeys((*mine, *others)) if mine.get(name) != others.get(name)), None)


def lists_of(body: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Return the lists at the top of a body: the lines of a document, other owned records, or plain values."""
    return {name: value for name, value in body.items() if isinstance(value, list)}


def without_lists(body: Mapping[str, Any]) -> Body:
    """Return a body without its lists."""
    return {name: value for name, value in body.items() if not isinstance(value, list)}


def with_lines_replaced(lines: Sequence[Any], held: Sequence[Mapping[str, Any]]) -> list[Any]:
    """Return what makes these lines the only ones of a record: the old ones deleted, the new ones added.

    A line that a request does not name stays as it is, and one without a key is added (Sage REST guide, owned
    objects).
    """
    return [{"key": str(line["key"]), OPERATION: "delete"} for line in held if line.get("key")] + list(lines)


def still_to_send(lines: Sequence[Any], held: Sequence[Mapping[str, Any]], model: Model) -> list[Any] | Problem:
    """Return what must be sent for a record to have these lines; nothing where it has them already.

    Where a line names one of the record's own (`key`), or what is to be done (`ia::operation`), the list is sent
    as it is, without what has come true: keyed lines that hold their values or are gone, lines that are there.
    Otherwise the lines replace the record's own.

    Args:
        lines: objects, as they would be written.
        held: the record's own lines as they were read.
        model: of the lines.
    """
    if not any(_key(line) or line.get(OPERATION) for line in lines):
        added = [_values(line) for line in lines]
        return [] if same_lines(added, held, model) else with_lines_replaced(added, held)
    if any(line.get(OPERATION) == "delete" and not _key(line) for line in lines):
        return _DELETE_WITHOUT_KEY
    named = {_key(line) for line in lines}
    own = {_key(line): flatten(line) for line in held}
    others: deque[Mapping[str, Any]] = deque(flatten(line) for line in held if _key(line) not in named)
    return [line for line in lines if not _has_come_true(line, own, others, model)]


def positions(sent: Sequence[Any], lines: Sequence[Any]) -> tuple[int | None, ...]:
    """Return for each entry of a list that is sent which of the lines it is; None for one that only takes a line off.

    Args:
        sent: what `still_to_send` returned.
        lines: what it was asked for.
    """
    places = {id(line): place for place, line in enumerate(lines)}
    if any(id(entry) in places for entry in sent):
        return tuple(places.get(id(entry)) for entry in sent)
    taken_off = len(sent) - len(lines)
    return tuple(None if place < taken_off else place - taken_off for place in range(len(sent)))


def is_end_of(lines: Sequence[Any], held: Sequence[Mapping[str, Any]], model: Model) -> bool:
    """Return whether these lines are just the last ones of a record that has more: what a cut in its rows leaves."""
    return 0 < len(lines) < len(held) and same_lines([_values(line) for line in lines], held[-len(lines) :], model)


def holds_objects(values: Sequence[Any]) -> bool:
    """Return whether a list holds nothing but objects, as owned records are."""
    return all(isinstance(value, Mapping) for value in values)


def _has_come_true(
    line: Mapping[str, Any], own: Mapping[str, Body], others: deque[Mapping[str, Any]], model: Model
) -> bool:
    key, values = _key(line), _values(line)
    if not key:
        return _take_alike(values, others, model)
    if line.get(OPERATION) == "delete":
        return key not in own
    return key in own and holds(values, own[key], model)


def _take_alike(values: Body, candidates: deque[Mapping[str, Any]], model: Model) -> bool:
    """Take the first line that agrees in all that it shows: in doubt it is there, since sending it would double it."""
    paths, _ = comparable_paths(values, model)
    for position, record in enumerate(candidates):
        shown = pick(values, paths & record.keys())
        if shown and holds(shown, record, model):
            del candidates[position]
            return True
    return False


def _key(line: Mapping[str, Any]) -> str:
    key = line.get("key")
    return "" if key is None else str(key)


def _values(line: Mapping[str, Any]) -> Body:
    """Return a line's own values, without what names it and what is to be done with it."""
    return {name: value for name, value in line.items() if name not in {"key", OPERATION}}


def same_lines(lines: Sequence[Any], held: Sequence[Any], model: Model, levels: int = _MOST_LEVELS) -> bool:
    """Return whether a record's lines are these, whatever else Sage Intacct has filled in, in any order.

    Lists in a line are compared like the lines, lists of plain values as they are. A value that no line of the record
    shows is a different one, unless it certainly cannot be read: see `_readable`.

    Args:
        lines: bodies of lines as they would be written.
        held: the record's own lines as they were read.
        model: of the lines.
        levels: how many levels of lists are looked into.
    """
    if not levels or len(lines) != len(held) or not all(isinstance(line, Mapping) for line in (*lines, *held)):
        return False
    records = [flatten(line) for line in held]
    # What is not shown as null may be absent because it is empty.
    shows_empty = any(value is None for record in records for value in record.values())
    shown = frozenset(name for line in held for name in line) if shows_empty else frozenset()
    wanted = [_readable(line, shown, model) for line in lines]
    if all(_is(line, record, levels) for line, record in zip(wanted, records, strict=True)):
        return True
    # The lines with most values choose first: one with just its amount could take the record of another.
    return _are_all_found(sorted(wanted, key=len, reverse=True), records, levels)


def _readable(line: Mapping[str, Any], shown: frozenset[str], model: Model) -> _Line:
    """Return the values of a line, without those that Sage Intacct takes and never shows.

    In its own examples a bill is made with `totalTxnAmount` in its lines, and read without (OpenAPI description, POST
    and GET of accounts-payable/bill). But a field may also be absent because it is empty, and then it is to be
    written. So a value is left out only if empty fields are shown as null and this one is not shown, if it is in
    the line itself and is not the company's own, and if the line's amount is there to be compared.

    Args:
        line: as it would be written.
        shown: the fields that the record's lines show; none where they do not show the empty ones.
        model: of the line.
    """
    values = leaf_values(line, model)
    if _AMOUNT not in shown or line.get(_AMOUNT) in (None, ""):
        return values
    return [leaf for leaf in values if leaf[0] in shown or "." in leaf[0] or "::" in leaf[0] or _is_list(leaf)]


def _is_list(leaf: Leaf) -> bool:
    return isinstance(leaf[1], list)


def _is(line: _Line, record: _Record, levels: int) -> bool:
    return all(
        _is_list_held(leaf, record.get(leaf[0]), levels) if _is_list(leaf) else holds_leaf(leaf, record)
        for leaf in line
    )


def _is_list_held(leaf: Leaf, own: object, levels: int) -> bool:
    path, given, kind = leaf
    if kind == "choices":
        return are_same(given, own, path)
    if not isinstance(own, list):
        return False
    return exact_json.encode(given) == exact_json.encode(own) or same_lines(given, own, OPEN_MODEL, levels - 1)


def _are_all_found(lines: Iterable[_Line], records: Sequence[_Record], levels: int) -> bool:
    """Find a different record for each line, among those that share its rarest value first: there may be thousands."""
    left = dict(enumerate(records))
    holders: _Holders = {}
    rest: list[_Line] = []
    for line in lines:
        shared = (_holders_of(leaf, records, holders) for leaf in line if not _is_list(leaf))
        if not _take(line, min(filter(None, shared), key=len, default=_NOBODY), left, levels):
            rest.append(line)
    return all(_take(line, deque(left), left, levels) for line in rest)


def _holders_of(leaf: Leaf, records: Sequence[_Record], holders: _Holders) -> deque[int] | None:
    """Return which records show a value in the same spelling; each field's are looked through once."""
    path, value, kind = leaf
    if (path, kind) not in holders:
        found: dict[tuple[str, str] | None, deque[int]] = {}
        for number, record in enumerate(records):
            if path in record:
                found.setdefault(canonical_form(record[path], kind), deque()).append(number)
        holders[path, kind] = found
    return holders[path, kind].get(canonical_form(value, kind))


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

"""Documents and their lines: rows that are lines become one document, and lines are compared with those of a record."""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from destination_sage_intacct.intacct.model import Model
from destination_sage_intacct.rows.changes import comparable_paths, holds
from destination_sage_intacct.rows.line_comparison import same_lines
from destination_sage_intacct.rows.parts import flattened
from destination_sage_intacct.rows.parts import part as part_of
from destination_sage_intacct.rows.values import Problem

Body = dict[str, Any]

_OPERATION = "ia::operation"
_OF_COLUMNS = frozenset({"unknown_field", "read_only_field"})
_DELETE_WITHOUT_KEY = Problem(
    "line_without_key",
    "A line is to be deleted, and has no `key` that tells which one",
    "Give the line the key that it has in Sage Intacct, or send the document's lines without `ia::operation`: they "
    "then replace those that the record has.",
)


@dataclass(frozen=True, slots=True)
class Part:
    """One row read as a line of a document: its number in the stream, the document's own fields, the line's."""

    number: int
    record_key: Any
    header: Body | Problem
    line: Body | Problem


def assemble(parts: Sequence[Part], list_field: str) -> Body | Problem:
    """Return the document of these rows: the header of the first, the lines of all in their order.

    Args:
        parts: at least one, in the order of their rows.
        list_field: the field that holds the lines.
    """
    first, lines = parts[0], []
    for place, part in enumerate(parts):
        if isinstance(part.header, Problem):
            return _in_row(part.header, part, parts)
        if isinstance(part.line, Problem):
            return _in_row(replace(part.line, field=f"{list_field}[{place}].{part.line.field}"), part, parts)
        lines.append(part.line)
        field = _first_difference(first, part)
        if field is not None:
            return Problem(
                "document_disagrees",
                f"Rows {first.number} and {part.number} are lines of one document and differ in a field of its own",
                "Give all rows of a document the same value there, map the column to a field of the line in "
                "`lines.fields`, or add it to `lines.group_by` if it tells documents apart.",
                field,
            )
    header = first.header if isinstance(first.header, dict) else {}
    return {**header, list_field: lines}


def _in_row(problem: Problem, part: Part, parts: Sequence[Part]) -> Problem:
    """Name the row, as all rows of the document are told the reason; not where every row has it, through its column."""
    if len(parts) == 1 or problem.code in _OF_COLUMNS:
        return problem
    return replace(problem, message=f"In row {part.number} of the same document: {problem.message}")


def _first_difference(one: Part, other: Part) -> str | None:
    if one.record_key != other.record_key:
        return "the record key"
    if isinstance(one.header, Problem) or isinstance(other.header, Problem) or one.header == other.header:
        return None
    mine, others = flattened(one.header), flattened(other.header)
    # A null says what an absent field says, and an empty object has no field.
    return next((name for name in dict.fromkeys((*mine, *others)) if mine.get(name) != others.get(name)), None)


def lists_of(body: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Return the lists at the top of a body: the lines of a document, other owned records, or plain values."""
    return {name: value for name, value in body.items() if isinstance(value, list)}


def without_lists(body: Mapping[str, Any]) -> Body:
    """Return a body without its lists."""
    return {name: value for name, value in body.items() if not isinstance(value, list)}


def replaced(lines: Sequence[Any], held: Sequence[Mapping[str, Any]]) -> list[Any]:
    """Return what makes these lines the only ones of a record: the old ones deleted, the new ones added.

    A line that a request does not name stays as it is, and one without a key is added (Sage REST guide, owned
    objects).
    """
    return [{"key": str(line["key"]), _OPERATION: "delete"} for line in held if line.get("key")] + list(lines)


def still_to_send(lines: Sequence[Any], held: Sequence[Mapping[str, Any]], model: Model) -> list[Any] | Problem:
    """Return what must be sent for a record to have these lines; nothing where it has them already.

    Where a line names one of the record's own (`key`), or says what is to be done (`ia::operation`), the list is sent
    as it is, without what has come true: keyed lines that hold their values or are gone, lines that are there.
    Otherwise the lines replace the record's own.

    Args:
        lines: objects, as they would be written.
        held: the record's own lines as they were read.
        model: of the lines.
    """
    if not any(_key(line) or line.get(_OPERATION) for line in lines):
        added = [_values(line) for line in lines]
        return [] if same_lines(added, held, model) else replaced(added, held)
    if any(line.get(_OPERATION) == "delete" and not _key(line) for line in lines):
        return _DELETE_WITHOUT_KEY
    named = {_key(line) for line in lines}
    own = {_key(line): flattened(line) for line in held}
    others: deque[Mapping[str, Any]] = deque(flattened(line) for line in held if _key(line) not in named)
    return [line for line in lines if not _has_come_true(line, own, others, model)]


def holds_objects(values: Sequence[Any]) -> bool:
    """Tell whether a list holds nothing but objects, as owned records are."""
    return all(isinstance(value, Mapping) for value in values)


def _has_come_true(
    line: Mapping[str, Any], own: Mapping[str, Body], others: deque[Mapping[str, Any]], model: Model
) -> bool:
    key, values = _key(line), _values(line)
    if not key:
        return _take_alike(values, others, model)
    if line.get(_OPERATION) == "delete":
        return key not in own
    return key in own and holds(values, own[key], model)


def _take_alike(values: Body, candidates: deque[Mapping[str, Any]], model: Model) -> bool:
    """Take the first line that agrees in all that it tells: in doubt it is there, since sending it would double it."""
    paths, _ = comparable_paths(values, model)
    for place, record in enumerate(candidates):
        shown = part_of(values, paths & record.keys())
        if shown and holds(shown, record, model):
            del candidates[place]
            return True
    return False


def _key(line: Mapping[str, Any]) -> str:
    key = line.get("key")
    return "" if key is None else str(key)


def _values(line: Mapping[str, Any]) -> Body:
    """Return a line's own values, without what names it and what is to be done with it."""
    return {name: value for name, value in line.items() if name not in {"key", _OPERATION}}

"""Documents and their lines: rows that are lines become one document, and lines are compared with those of a record."""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from destination_sage_intacct.intacct.model import Model
from destination_sage_intacct.rows.changes import holds
from destination_sage_intacct.rows.notation import notation
from destination_sage_intacct.rows.values import Problem

Body = dict[str, Any]

_AMOUNT = "txnAmount"


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
            return part.header
        if isinstance(part.line, Problem):
            return replace(part.line, field=f"{list_field}[{place}].{part.line.field}")
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


def _first_difference(one: Part, other: Part) -> str | None:
    if one.record_key != other.record_key:
        return "the record key"
    if isinstance(one.header, Problem) or isinstance(other.header, Problem) or one.header == other.header:
        return None
    mine, others = flattened(one.header), flattened(other.header)
    return next(name for name in dict.fromkeys((*mine, *others)) if mine.get(name) != others.get(name))


def lists_of(body: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Return the lists at the top of a body: the lines of a document, or any other owned records."""
    return {name: value for name, value in body.items() if isinstance(value, list)}


def without_lists(body: Mapping[str, Any]) -> Body:
    """Return a body without its lists."""
    return {name: value for name, value in body.items() if not isinstance(value, list)}


def same_lines(lines: Sequence[Any], held: Sequence[Any], model: Model) -> bool:
    """Tell whether a record's lines are these, whatever else Sage Intacct has filled in, in any order.

    Args:
        lines: bodies of lines as they would be written.
        held: the record's own lines as they were read.
        model: of the lines.
    """
    if len(lines) != len(held) or not all(isinstance(line, Mapping) for line in (*lines, *held)):
        return False
    own = [flattened(line) for line in held]
    if all(holds(line, record, model) for line, record in zip(lines, own, strict=True)):
        return True
    # In another order: lines of one amount are tried against each other only.
    left: dict[str | None, deque[Mapping[str, Any]]] = {}
    for record in own:
        left.setdefault(_amount(record), deque()).append(record)
    return all(_take(line, left.get(_amount(line), deque()), model) for line in lines)


def replaced(lines: Sequence[Any], held: Sequence[Mapping[str, Any]]) -> list[Any]:
    """Return what makes these lines the only ones of a record: the old ones deleted, the new ones added.

    A line that a request does not name stays as it is, and one without a key is added (Sage REST guide, owned
    objects).
    """
    return [{"key": str(line["key"]), "ia::operation": "delete"} for line in held if line.get("key")] + list(lines)


def flattened(record: Mapping[str, Any], prefix: str = "") -> Body:
    """Return the fields of a record by dotted names, as a query would."""
    flat: Body = {}
    for name, value in record.items():
        if isinstance(value, Mapping):
            flat |= flattened(value, f"{prefix}{name}.")
        else:
            flat[prefix + name] = value
    return flat


def _amount(line: Mapping[str, Any]) -> str | None:
    return notation(line.get(_AMOUNT), "amount")


def _take(line: Mapping[str, Any], candidates: deque[Mapping[str, Any]], model: Model) -> bool:
    for place, record in enumerate(candidates):
        if holds(line, record, model):
            del candidates[place]
            return True
    return False

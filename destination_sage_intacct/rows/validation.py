"""What Sage Intacct is sure to refuse, found before it is sent: the first thing wrong with a body, and what to do.

A doubtful case is no problem here; Sage Intacct decides it.
"""

from collections.abc import Callable, Mapping, Sequence
from decimal import Context, Decimal
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from destination_sage_intacct.intacct.model import Model
from destination_sage_intacct.intacct.objects import ObjectType
from destination_sage_intacct.rows.body_outline import outline
from destination_sage_intacct.rows.body_schema import KEYED, body_schema
from destination_sage_intacct.rows.suggestions import unknown_field
from destination_sage_intacct.rows.values import Problem, canonical_text

Validation = Callable[[Mapping[str, Any], bool], Problem | None]
"""Takes a body, and whether it makes a new record."""

_NO_LINES: Mapping[str, Model] = {}


def compile_validation(
    object_type: ObjectType, model: Model, operation: str, lines: Mapping[str, Model] = _NO_LINES
) -> Validation:
    """Return what finds the first problem of a body that `convert` has made, None if there is none that is sure.

    Lines are taken for all that the document is to hold, unless one of them has a `key` or an `ia::operation`.

    Args:
        object_type: what the model service does not tell of the object.
        model: of the object. Unknown fields are refused only if it is neither open nor partial.
        operation: `insert`, `update`, `upsert` or `deactivate`; of an insert no update is expected, and so on.
        lines: models of the records in its lists, by their objects' paths.
    """
    ways = {"insert": (True,), "upsert": (True, False)}.get(operation, (False,))
    checks = {creating: _compile(object_type, model, lines, creating=creating) for creating in ways}

    def validate(body: Mapping[str, Any], creating: bool) -> Problem | None:
        if creating not in checks:
            checks[creating] = _compile(object_type, model, lines, creating=creating)
        return checks[creating](body)

    return validate


def _compile(
    object_type: ObjectType, model: Model, lines: Mapping[str, Model], *, creating: bool
) -> Callable[[Mapping[str, Any]], Problem | None]:
    fits = outline(object_type, model, lines, creating=creating)
    validator = Draft202012Validator(body_schema(object_type, model, lines, creating=creating))
    must_balance = creating and object_type.lines is not None and object_type.lines.must_balance

    def check(body: Mapping[str, Any]) -> Problem | None:
        if not fits(body):  # the schema takes a hundred times as long, and is asked only where something looks wrong
            error = next(validator.iter_errors(body), None)
            if error is not None:
                return _problem(error, model, lines)
        return imbalance(body) if must_balance else None

    return check


def _problem(error: ValidationError, model: Model, lines: Mapping[str, Model]) -> Problem:
    """Say what a schema's error means to the person who must act. The row's values stay out."""
    facts: Mapping[str, Any] = error.schema if isinstance(error.schema, Mapping) else {}
    path, own_path, own_model = _place(list(error.absolute_path), model, lines)
    match facts.get("problem"):
        case "unknown_field":
            return unknown_field(own_path, path, own_model)
        case "read_only_field":
            return read_only_field(path, own_model)
        case "create_only_field":
            return _create_only(path)
        case "required_field_missing":
            return _missing(facts["field"])
        case "line_incomplete":
            return _incomplete(path, facts["fields"])
        case "too_few_lines":
            return _too_few(path, len(error.instance) if isinstance(error.instance, list) else 0, facts["least"])
    return _not_allowed(path, facts.get("enum"))


def _place(names: list[str | int], model: Model, lines: Mapping[str, Model]) -> tuple[str, str, Model]:
    """Return the path as it is shown, `lines[2].memo`, the path in the model that it leads to, and that model."""
    shown = own = ""
    for name in names:
        if isinstance(name, int):
            field = model.fields.get(own)
            model = lines.get(field.target if field else "", Model("", is_open=True))
            shown, own = f"{shown}[{name}]", ""
        else:
            shown, own = (f"{path}.{name}" if path else name for path in (shown, own))
    return shown, own, model


def read_only_field(path: str, model: Model) -> Problem:
    """Say that Sage Intacct sets a field itself."""
    return Problem(
        "read_only_field",
        f"Sage Intacct sets this field of {model.object_path} itself",
        "Do not map a column to it.",
        path,
    )


def _create_only(path: str) -> Problem:
    return Problem(
        "create_only_field",
        "The field can be set only when the record is made, and the record is there already",
        "Do not map a column to it, find the records by it with `matching`, or set `operation` to insert.",
        path,
    )


def _missing(path: str) -> Problem:
    return Problem(
        "required_field_missing",
        "Sage Intacct requires the field of a new record, and the row has no value for it",
        f"Map a column to `{path}` that has a value in every row that makes a record.",
        path,
    )


def _incomplete(path: str, fields: list[str]) -> Problem:
    named = " or ".join(f"`{field}`" for field in fields)
    return Problem(
        "line_incomplete",
        f"The line has no {named}",
        f"Give every line a value for {named}.",
        f"{path}.{fields[0]}" if len(fields) == 1 else path,
    )


def _too_few(path: str, lines: int, least: int) -> Problem:
    return Problem(
        "too_few_lines",
        f"The document has {lines} line{'' if lines == 1 else 's'} and needs at least {least}",
        "Send all lines of a document together: as one list, or as rows that follow each other; rows that were deleted "
        "at the source are no lines of it.",
        path,
    )


def _not_allowed(path: str, allowed: list[str | None] | None) -> Problem:
    named = ", ".join(f"`{name}`" for name in allowed or () if name)
    return Problem(
        "invalid_value",
        f"The value is not one that the field allows{f': {named}' if named else ''}",
        "Translate the column's values in the warehouse, for example with CASE.",
        path,
    )


# More than an amount and any number of lines can have, so that no sum is rounded.
_EXACT = Context(prec=400)
_UNBALANCED = Problem(
    "unbalanced",
    "The debits of the journal entry's lines are not equal to their credits",
    "Send all lines of the entry together, and correct the amounts or `txnType` in the warehouse.",
    "lines",
)


def imbalance(body: Mapping[str, Any]) -> Problem | None:
    """Find that the lines of a new journal entry do not balance.

    Of an update nothing is sure: the record may be a draft, and an update does not say so. Not judged, as Sage Intacct
    decides: a draft; lines that change the record's own ones; lines with taxes; lines of several currencies or rates,
    which balance after conversion; an amount that is negative or not a number.
    """
    lines = body.get("lines")
    if not isinstance(lines, list) or body.get("state") == "draft" or not _is_plain(lines):
        return None
    totals = {"debit": Decimal(0), "credit": Decimal(0)}
    for line in lines:
        amount = canonical_text(line.get("txnAmount"), "amount")
        side = line.get("txnType")
        if amount is None or amount.startswith("-") or not isinstance(side, str) or side not in totals:
            return None
        totals[side] = _EXACT.add(totals[side], Decimal(amount))
    return None if totals["debit"] == totals["credit"] else _UNBALANCED


def _is_plain(lines: Sequence[Any]) -> bool:
    if not all(isinstance(line, Mapping) for line in lines) or not lines:
        return False
    currency = lines[0].get("currency")
    return not any(
        line.get("taxEntries") or line.get("currency") != currency or any(name in line for name in KEYED)
        for line in lines
    )

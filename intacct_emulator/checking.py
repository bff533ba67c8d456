"""Checks a body against its object's schema, and names everything that is wrong with it.

A schema is compiled once into a table of small functions, one per field, for a new record and for an existing one,
so that a batch of hundreds of records is checked in milliseconds.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any, TypeAlias

from intacct_emulator.refusals import (
    Error,
    missing_field,
    payload_errors,
    read_only_field,
    unknown_field,
    wrong_value,
)
from intacct_emulator.schemas import Field, Group, Schema, load

Json: TypeAlias = dict[str, Any]
_Check: TypeAlias = Callable[[Any, str, list[Error]], None]
_Members: TypeAlias = Mapping[str, _Check]

OPERATION = "ia::operation"

_AMOUNT = re.compile(r"-?\d+(\.\d+)?")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_DATE_TIME = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})")


def check(schema: Schema, body: object, *, creating: bool) -> Json:
    """The body itself, if nothing is wrong with it.

    Raises:
        RefusalError: the body's fields are at fault; each is a detail of the error.
    """
    if type(body) is not dict:
        raise payload_errors([wrong_value("/", "an object")])
    problems: list[Error] = []
    _check_record(schema, body, "", problems, creating=creating)
    if problems:
        raise payload_errors(problems)
    return body


def _check_record(schema: Schema, body: Json, path: str, problems: list[Error], *, creating: bool) -> None:
    if schema.is_open:
        problems.extend(read_only_field(f"{path}/{name}") for name in ("key", "href") if name in body)
        return
    _check_members(_compiled(schema.path, creating), body, path, problems)
    if creating:
        missing = (required for required in schema.required if _is_missing(body, required))
        problems.extend(missing_field(f"{path}/{required.replace('.', '/')}") for required in missing)


def _check_members(members: _Members, body: Json, path: str, problems: list[Error]) -> None:
    for name, value in body.items():
        checks = members.get(name)
        if checks is None:
            problems.append(unknown_field(f"{path}/{name}"))
        else:
            checks(value, f"{path}/{name}", problems)


def _is_missing(body: Json, required: str) -> bool:
    value: Any = body
    for part in required.split("."):
        value = value.get(part) if type(value) is dict else None
    # guess: null, an empty text and an empty list count as missing.
    return value is None or value in ("", []) or (type(value) is dict and not any(value.values()))


@cache
def _compiled(path: str, creating: bool) -> _Members:
    return _members(load()[path].body, creating=creating)


def _members(group: Group, *, creating: bool) -> _Members:
    members: dict[str, _Check] = {name: _of_field(field, creating=creating) for name, field in group.fields.items()}
    members |= {name: _of_group(_members(inner, creating=creating)) for name, inner in group.groups.items()}
    members |= {name: _of_ref(_members(ref.parts, creating=creating)) for name, ref in group.refs.items()}
    members |= {name: _of_list(load().get(path), creating=creating) for name, path in group.lists.items()}
    return members


def _of_field(field: Field, *, creating: bool) -> _Check:
    if field.read_only or (field.create_only and not creating):
        return _refuse_read_only
    if field.choices is not None:
        return _of_choices(field.choices)
    expected, fits = _KINDS[field.kind]

    def of_value(value: object, path: str, problems: list[Error]) -> None:
        if value is not None and not fits(value):
            problems.append(wrong_value(path, expected))

    return of_value


def _of_choices(choices: tuple[str | None, ...]) -> _Check:
    shown = ", ".join("null" if choice is None else f"'{choice}'" for choice in choices)

    def of_choices(value: object, path: str, problems: list[Error]) -> None:
        if value not in choices or type(value) not in (str, type(None)):
            problems.append(wrong_value(path, f"one of {shown}"))

    return of_choices


def _of_group(members: _Members) -> _Check:
    def of_group(value: object, path: str, problems: list[Error]) -> None:
        if type(value) is dict:
            _check_members(members, value, path, problems)
        else:
            problems.append(wrong_value(path, "an object"))

    return of_group


def _of_ref(members: _Members) -> _Check:
    def of_ref(value: object, path: str, problems: list[Error]) -> None:
        if value is None:
            return  # guess: null clears a reference, as {"id": null} does.
        if type(value) is not dict:
            problems.append(wrong_value(path, 'an object such as {"id": "..."} or {"key": "..."}'))
            return
        _check_members(members, value, path, problems)
        problems.extend(
            wrong_value(f"{path}/{name}", "the value of an existing record or null")
            for name in ("id", "key")
            if value.get(name) == ""
        )

    return of_ref


def _of_list(items: Schema | None, *, creating: bool) -> _Check:
    def of_list(value: object, path: str, problems: list[Error]) -> None:
        if type(value) is not list:
            problems.append(wrong_value(path, "a list"))
            return
        for index, item in enumerate(value):
            _check_item(items, item, f"{path}/{index}", problems, creating=creating)

    return of_list


def _check_item(items: Schema | None, item: object, path: str, problems: list[Error], *, creating: bool) -> None:
    """One owned item: with a key it changes an existing one, without it is new."""
    if type(item) is not dict:
        problems.append(wrong_value(path, "an object"))
        return
    if type(item.get("key", "")) is not str:
        problems.append(wrong_value(f"{path}/key", "a string"))
        return
    if items is None:
        return  # guess: lists whose objects the emulator does not know take any object.
    existing = not creating and "key" in item
    if existing and item.get(OPERATION) == "delete":
        return
    body = {name: value for name, value in item.items() if name != "key"} if existing else item
    _check_record(items, body, path, problems, creating=not existing)


def _refuse_read_only(_value: object, path: str, problems: list[Error]) -> None:
    problems.append(read_only_field(path))


def _is_text(value: object) -> bool:
    return type(value) is str


def _is_boolean(value: object) -> bool:
    return type(value) is bool


def _is_integer(value: object) -> bool:
    return type(value) is int


def _is_number(value: object) -> bool:
    return type(value) is int or type(value) is Decimal


def _is_amount(value: object) -> bool:
    return type(value) is str and _AMOUNT.fullmatch(value) is not None


def _is_date(value: object) -> bool:
    return type(value) is str and _DATE.fullmatch(value) is not None and _parses(date.fromisoformat, value)


def _is_date_time(value: object) -> bool:
    return type(value) is str and _DATE_TIME.fullmatch(value) is not None and _parses(datetime.fromisoformat, value)


def _parses(parse: Callable[[str], object], value: str) -> bool:
    try:
        parse(value)
    except ValueError:
        return False
    return True


# guess: a value of another JSON type is refused, not converted: no source shows either.
_KINDS: dict[str, tuple[str, Callable[[object], bool]]] = {
    "string": ("a string", _is_text),
    "boolean": ("true or false", _is_boolean),
    "integer": ("an integer", _is_integer),
    "number": ("a number", _is_number),
    "date": ("a date such as 2026-01-31", _is_date),
    "date-time": ("a date and time such as 2026-01-31T08:00:00Z", _is_date_time),
    "amount": ("an amount as a string, such as '12.50'", _is_amount),
    "binary": ("a string", _is_text),
}

"""Checks a body against its object's schema, and names everything that is wrong with it.

A schema is compiled once into a table of small functions, one per field, for a new record and for an existing one,
so that a batch of hundreds of records is checked in milliseconds.
"""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from intacct_emulator.field_types import KINDS
from intacct_emulator.refusals import (
    Error,
    missing_field,
    payload_errors,
    read_only_field,
    unknown_field,
    wrong_value,
)
from intacct_emulator.schemas import Field, Group, Schema

Json: TypeAlias = dict[str, Any]
_Check: TypeAlias = Callable[[Any, str, list[Error]], None]
_Members: TypeAlias = Mapping[str, _Check]

OPERATION = "ia::operation"


class Checks:
    """The checks of one company's objects.

    Args:
        find: gives the schema of an owned list's object as it is now, None for one that the emulator does not know.
    """

    def __init__(self, find: Callable[[str], Schema | None]) -> None:
        self._find = find
        self._compiled: dict[tuple[Schema, bool], _Members] = {}

    def check(self, schema: Schema, body: object, *, creating: bool) -> Json:
        """Return the body itself, if nothing is wrong with it.

        Raises:
            RefusalError: the body's fields are at fault; each is a detail of the error.
        """
        if type(body) is not dict:
            raise payload_errors([wrong_value("/", "an object")])
        problems: list[Error] = []
        self._check_record(schema, body, "", problems, creating=creating)
        if problems:
            raise payload_errors(problems)
        return body

    def check_whole(self, schema: Schema, body: Json) -> None:
        """Looks for what a record must have in a body that takes its place; what no update can change stays anyway.

        Raises:
            RefusalError: it lacks something.
        """
        fields = schema.body.fields
        wanted = [name for name in schema.required if name not in fields or not fields[name].create_only]
        missing = [missing_field(f"/{name.replace('.', '/')}") for name in wanted if _is_missing(body, name)]
        if missing:
            raise payload_errors(missing)

    def _check_record(self, schema: Schema, body: Json, path: str, problems: list[Error], *, creating: bool) -> None:
        if schema.is_open:
            fixed = [name for name, field in schema.body.fields.items() if field.read_only]
            problems.extend(read_only_field(f"{path}/{name}") for name in fixed if name in body)
            return
        members = self._compiled.get((schema, creating))
        if members is None:
            members = self._compiled[schema, creating] = self._members(schema.body, creating=creating)
        _check_members(members, body, path, problems)
        if creating:
            missing = [required for required in schema.required if _is_missing(body, required)]
        else:
            # guess[emptied-field]: what a record must have when it is made cannot be emptied later.
            missing = [required for required in schema.required if _is_emptied(body, required)]
        problems.extend(missing_field(f"{path}/{required.replace('.', '/')}") for required in missing)

    def _members(self, group: Group, *, creating: bool) -> _Members:
        members: dict[str, _Check] = {name: _of_field(field, creating=creating) for name, field in group.fields.items()}
        members |= {name: _of_group(self._members(inner, creating=creating)) for name, inner in group.groups.items()}
        members |= {name: _of_ref(self._members(ref.parts, creating=creating)) for name, ref in group.refs.items()}
        members |= {name: self._of_list(path, creating=creating) for name, path in group.lists.items()}
        return members

    def _of_list(self, items: str, *, creating: bool) -> _Check:
        def of_list(value: object, path: str, problems: list[Error]) -> None:
            if type(value) is not list:
                problems.append(wrong_value(path, "a list"))
                return
            schema = self._find(items)
            for index, item in enumerate(value):
                self._check_item(schema, item, f"{path}/{index}", problems, creating=creating)

        return of_list

    def _check_item(
        self, items: Schema | None, item: object, path: str, problems: list[Error], *, creating: bool
    ) -> None:
        """One owned item: with a key it changes an existing one, without it is new."""
        if type(item) is not dict:
            problems.append(wrong_value(path, "an object"))
            return
        if type(item.get("key", "")) is not str:
            problems.append(wrong_value(f"{path}/key", "a string"))
            return
        if items is None:
            return  # guess[unchecked-lists]: lists whose objects the emulator does not know take any object.
        existing = not creating and "key" in item
        if existing and item.get(OPERATION) == "delete":
            return
        body = {name: value for name, value in item.items() if name != "key"} if existing else item
        self._check_record(items, body, path, problems, creating=not existing)


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
    # guess[empty-is-missing]: null, an empty text and an empty list count as missing.
    return value is None or value in ("", []) or (type(value) is dict and not any(value.values()))


def _is_emptied(body: Json, required: str) -> bool:
    value: Any = body
    for part in required.split("."):
        if type(value) is not dict or part not in value:
            return False
        value = value[part]
    return value is None or value == "" or (type(value) is dict and not any(value.values()))


def _of_field(field: Field, *, creating: bool) -> _Check:
    if field.read_only or (field.create_only and not creating):
        return _refuse_read_only
    if field.choices is not None:
        return _of_choices(field.choices, several=field.kind == "array")
    expected, fits = KINDS[field.kind]

    def of_value(value: object, path: str, problems: list[Error]) -> None:
        if value is not None and not fits(value):
            problems.append(wrong_value(path, expected))

    return of_value


def _of_choices(choices: tuple[str | None, ...], *, several: bool) -> _Check:
    shown = ", ".join("null" if choice is None else f"'{choice}'" for choice in choices)

    def of_choices(value: object, path: str, problems: list[Error]) -> None:
        if type(value) not in (str, type(None)) or value not in choices:
            problems.append(wrong_value(path, f"one of {shown}"))

    def of_several(value: object, path: str, problems: list[Error]) -> None:
        if value is not None and (not isinstance(value, list) or any(each not in choices for each in value)):
            problems.append(wrong_value(path, f"a list of {shown}"))

    return of_several if several else of_choices


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
            return  # guess[null-reference]: null clears a reference, as {"id": null} does.
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


def _refuse_read_only(_value: object, path: str, problems: list[Error]) -> None:
    problems.append(read_only_field(path))

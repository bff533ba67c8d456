"""The fields of an object that a query may name, by dotted path: `term.id`, `audit.modifiedDateTime`."""

from http import HTTPStatus
from typing import Any

from intacct_emulator.comparing import Column, Getter
from intacct_emulator.refusals import RefusalError, error
from intacct_emulator.rendering import href
from intacct_emulator.schemas import Field, Group, Ref
from intacct_emulator.store import Record, Store, Table

_LONGEST_PATH = 20


def column(store: Store, table: Table, name: str) -> Column:
    """Return the column of that name.

    Raises:
        RefusalError: the object has no such field, or none that can be queried (REST-1106, REST-1107).
    """
    schema = table.schema
    special = _special(store, table, name)
    if special is not None:
        return special
    *parents, last = name.split(".")
    if schema.is_open:
        return Column(name, "any", _value(tuple(parents), last, None))
    group: Group = schema.body
    if len(parents) > _LONGEST_PATH:
        raise _unusable(schema.path, name)
    for level, parent in enumerate(parents, start=1):
        if parent in group.lists:
            raise RefusalError(
                HTTPStatus.BAD_REQUEST, error("invalidRequest", f"The path {name} crosses an array", "REST-1107")
            )
        ref = group.refs.get(parent)
        if ref is not None and last in ref.parts.fields and level == len(parents):
            return _of_reference(store, ref, tuple(parents), name)
        if ref is not None and not _holds(ref.parts, [*parents[level:], last]):
            return _of_target(store, table, ref, tuple(parents[:level]), name)
        inner = ref.parts if ref is not None else group.groups.get(parent)
        if inner is None:
            raise _unusable(schema.path, name)
        group = inner
    field = group.fields.get(last)
    if field is None or field.write_only:
        raise _unusable(schema.path, name)
    return Column(name, _kind(last, field), _value(tuple(parents), last, field.default))


def _special(store: Store, table: Table, name: str) -> Column | None:
    """Return what a record has besides its values."""
    path = table.schema.path
    readers: dict[str, tuple[str, Getter]] = {
        "key": ("key", lambda record: record.key),
        "id": ("key" if table.schema.id_rule == "key" else "string", lambda record: record.id),
        "href": ("string", lambda record: href(path, record.key)),
        "audit.createdDateTime": ("date-time", lambda record: record.created),
        "audit.modifiedDateTime": ("date-time", lambda record: record.modified),
        "audit.createdBy": ("string", lambda _record: "1"),
        "audit.modifiedBy": ("string", lambda _record: "1"),
        "entity.id": ("string", lambda record: record.entity),
        "entity.key": ("string", lambda record: _entity(store, record, "key")),
        "entity.name": ("string", lambda record: _entity(store, record, "name")),
    }
    found = readers.get(name)
    return Column(name, *found, is_own=name not in ("entity.key", "entity.name")) if found is not None else None


def _entity(store: Store, record: Record, part: str) -> str | None:
    entity = store.entity(record.entity)
    if entity is None:
        return None
    return entity.key if part == "key" else str(entity.values.get(part))


def _kind(name: str, field: Field) -> str:
    return "key" if name == "key" else field.kind


def _value(parents: tuple[str, ...], last: str, default: str | bool | None) -> Getter:
    def read(record: Record) -> Any:  # noqa: ANN401 - of the field's type
        values = record.values
        for parent in parents:
            values = values.get(parent) or {}
        return values.get(last, default)

    return read


def _holds(group: Group, path: list[str]) -> bool:
    """Return whether a reference itself shows what the path names."""
    first, *rest = path
    if not rest:
        return first in group.fields
    inner = group.refs[first].parts if first in group.refs else group.groups.get(first)
    return first in group.lists or (inner is not None and (first in group.refs or _holds(inner, rest)))


def _of_target(store: Store, table: Table, ref: Ref, parents: tuple[str, ...], name: str) -> Column:
    """Return a field of the record that a reference points at: `vendor.creditLimit` of a bill."""
    target = store.table(ref.target)
    if target is None:
        raise _unusable(table.schema.path, name)
    try:
        found = column(store, target, name.removeprefix(".".join(parents) + "."))
    except RefusalError as refused:
        raise _unusable(table.schema.path, name) from refused
    by_key = _value(parents, "key", None)

    def read(record: Record) -> Any:  # noqa: ANN401 - of the field's type
        pointed_at = target.records.get(by_key(record) or "")
        return found.read(pointed_at) if pointed_at is not None else None

    return Column(name, found.kind, read, is_own=False)


def _of_reference(store: Store, ref: Ref, parents: tuple[str, ...], name: str) -> Column:
    """Return what a reference shows of its target."""
    last = name.rpartition(".")[2]
    field = ref.parts.fields[last]
    if last not in ("name", "href"):
        return Column(name, _kind(last, field), _value(parents, last, field.default))
    by_key = _value(parents, "key", None)

    def read(record: Record) -> str | None:
        table, key = store.table(ref.target), by_key(record)
        if key is None or table is None or key not in table.records:
            return None
        return href(ref.target, key) if last == "href" else table.records[key].values.get("name")

    return Column(name, _kind(last, field), read, is_own=False)


def _unusable(path: str, name: str) -> RefusalError:
    # guess[unknown-column]: a field that does not exist is refused like one that may only be written.
    text = f"The {name} field in {path} object cannot be used in query in version 1"
    return RefusalError(
        HTTPStatus.BAD_REQUEST,
        error(
            "invalidRequest",
            text,
            "REST-1106",
            "IA.THE_FIELD_IN_OBJECT_CANNOT_BE_USED_IN_QUERY",
            FIELD=name,
            OBJECT=path,
            VERSION="1",
        ),
    )

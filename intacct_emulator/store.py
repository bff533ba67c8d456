"""The records of the emulated company, in memory.

Records never change: an update puts a new one in the place of the old. So a transaction is undone by putting the
old ones back, and an answer may be built from a record while others write.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from intacct_emulator.schemas import CUSTOM_OBJECTS, Schema, load, open_schema
from intacct_emulator.scope import Scope
from intacct_emulator.settings import CustomObjectId

ENTITIES = "company-config/entity"


@dataclass(frozen=True, slots=True)
class Record:
    """One record. `values` are what was written, references resolved; defaults and nulls are not stored."""

    key: str
    values: dict[str, Any]
    entity: str | None
    created: str
    modified: str

    @property
    def id(self) -> str:
        """Return the visible id, the key where the object has no id."""
        return str(self.values.get("id") or self.key)


@dataclass(slots=True)
class Table:
    """All records of one object, in the order of their keys.

    `changes` are the keys of the records that were put or removed, in that order: by it an index keeps in step.
    """

    schema: Schema
    records: dict[str, Record] = field(default_factory=dict)
    keys_by_id: dict[str, list[str]] = field(default_factory=dict)
    changes: list[str] = field(default_factory=list)
    next_key: int = 0
    next_number: int = 1

    def new_key(self) -> str:
        """Return a key that no record of this object had before."""
        self.next_key = max(self.next_key, self.schema.first_key)
        key = str(self.next_key)
        self.next_key += 1
        return key

    def new_id(self) -> str:
        """Return the next free number of an object that numbers its records itself."""
        while (number := self.schema.numbering.format(self.next_number)) in self.keys_by_id:
            self.next_number += 1
        return number

    def by_id(self, record_id: str) -> Record | None:
        """Return the record with this visible id."""
        return next(self.all_by_id(record_id), None)

    def all_by_id(self, record_id: str) -> Iterator[Record]:
        """Yield the records with this visible id: several where it is unique in less than the company."""
        return (self.records[key] for key in self.keys_by_id.get(record_id, ()))

    def name(self, record: Record) -> None:
        """Let the record be found by its visible id."""
        self.keys_by_id.setdefault(record.id, []).append(record.key)

    def unname(self, record: Record) -> None:
        """Undo `name`."""
        keys = self.keys_by_id[record.id]
        keys.remove(record.key)
        if not keys:
            del self.keys_by_id[record.id]


class Store:
    """The tables of the company, by object path."""

    def __init__(self, custom_object_id: CustomObjectId = "refused") -> None:
        self._custom_object_id: CustomObjectId = custom_object_id
        self._tables = {path: Table(schema) for path, schema in load().items() if not schema.is_type}
        self._item_keys = count(1)
        self._undo: list[Callable[[], None]] | None = None

    def table(self, path: str) -> Table | None:
        """Return the table of an object, None where there is no such object.

        Custom objects and documents of a transaction definition are made when first requested.
        """
        found = self._tables.get(path)
        if found is None and path.startswith(CUSTOM_OBJECTS) and len(path) > len(CUSTOM_OBJECTS):
            found = self._tables[path] = Table(open_schema(path, self._custom_object_id))
        if found is None and "::" in path:
            # guess[definitions]: every name is that of a transaction definition; which ones there are is a company's
            # own matter.
            kind, _, definition = path.partition("::")
            type_of = load().get(kind)
            if type_of is not None and type_of.is_type and definition:
                found = self._tables[path] = Table(type_of.of_definition(definition))
        return found

    def schema(self, path: str) -> Schema | None:
        """Return the schema of an object as it is now, None where there is no such object."""
        table = self.table(path)
        return table.schema if table is not None else None

    def entity(self, entity_id: str | None) -> Record | None:
        """Return the entity with this id, None where there is none, and for the top level."""
        return None if entity_id is None else self._tables[ENTITIES].by_id(entity_id)

    def item_key(self, path: str) -> str:
        """Return a key for a new item of an owned list."""
        table = self._tables.get(path)
        return table.new_key() if table is not None else str(next(self._item_keys))

    def tables(self) -> Iterator[Table]:
        """Return every table, those of custom objects that were asked for included."""
        return iter(self._tables.values())

    def put(self, table: Table, record: Record) -> None:
        """Adds the record, or puts it in the place of the one with its key."""
        before = table.records.get(record.key)
        table.records[record.key] = record
        table.changes.append(record.key)
        if before is None or before.id != record.id:
            if before is not None:
                table.unname(before)
            table.name(record)
        if self._undo is not None:
            self._undo.append(lambda: self._restore(table, record.key, before))

    def remove(self, table: Table, record: Record) -> None:
        """Deletes the record."""
        del table.records[record.key]
        table.changes.append(record.key)
        table.unname(record)
        if self._undo is not None:
            self._undo.append(lambda: self._restore(table, record.key, record))

    @contextmanager
    def transaction(self) -> Iterator[Callable[[], None]]:
        """Gives a function that takes back everything put and removed since."""
        self._undo = []
        try:
            yield self._rollback
        finally:
            self._undo = None

    def _rollback(self) -> None:
        steps, self._undo = self._undo or [], None
        for step in reversed(steps):
            step()

    def _restore(self, table: Table, key: str, before: Record | None) -> None:
        table.changes.append(key)
        now = table.records.pop(key, None)
        if now is not None:
            table.unname(now)
        if before is not None:
            table.name(before)
            in_order = sorted([*table.records.items(), (key, before)], key=lambda item: int(item[0]))
            table.records.clear()
            table.records.update(in_order)

    def visible(self, table: Table, scope: Scope, *, private: bool = False) -> Iterator[Record]:
        """Yield the records that the scope may see, in the order of their keys. Lines are read from their documents."""
        if table.schema.owner is not None:
            owner = self._tables[table.schema.owner[0]]
            documents = self.visible(owner, scope, private=private)
            yield from (line for document in documents for line in lines_of(table.schema, document))
            return
        for record in table.records.values():
            if scope.sees(record.entity, is_document=table.schema.is_document, private=private):
                yield record

    def everything(self, table: Table) -> Iterator[Record]:
        """Return all records of all entities, in the order of their keys; of a line's object, of all documents."""
        if table.schema.owner is None:
            return iter(table.records.values())
        documents = self.everything(self._tables[table.schema.owner[0]])
        return (line for document in documents for line in lines_of(table.schema, document))

    def find(self, table: Table, key: str, scope: Scope) -> Record | None:
        """Return the record with this key, None when it is absent or not the scope's to see."""
        if table.schema.owner is not None:
            private = scope.private_by_key == "shown"
            return next((line for line in self.visible(table, scope, private=private) if line.key == key), None)
        record = table.records.get(key)
        if record is None or not scope.reaches(record.entity, is_document=table.schema.is_document):
            return None
        return record


def lines_of(schema: Schema, document: Record) -> Iterator[Record]:
    """Yield the lines of a document as separate records, each with its number and a reference to the document."""
    owner = schema.owner[1] if schema.owner is not None else ""
    reference = {"key": document.key, "id": document.id}
    for number, line in enumerate(document.values.get("lines") or (), start=1):
        values = {**line, "lineNumber": number, owner: reference}
        yield Record(line["key"], values, document.entity, line["audit"]["created"], line["audit"]["modified"])

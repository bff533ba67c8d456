"""Turns a checked body into a record's values, and a change into the changed values.

A body that was just read from the network is taken over, not copied: only references and owned lists are worked on.
"""

from dataclasses import dataclass

from intacct_emulator.checking import OPERATION, Json
from intacct_emulator.refusals import RefusalError, business_failure, error
from intacct_emulator.schemas import Group, Ref, Schema
from intacct_emulator.store import Store


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes into the values of one record; `now` is the instant of the write, `path` its object."""

    store: Store
    path: str
    now: str

    def create(self, group: Group, body: Json) -> Json:
        """The values of a new record, or of a group of it."""
        for name in body.keys() & group.refs.keys():
            body[name] = self._reference(group.refs[name], body[name])
        for name in body.keys() & group.groups.keys():
            body[name] = self.create(group.groups[name], body[name])
        for name in body.keys() & group.lists.keys():
            body[name] = self._items(group.lists[name], [], body[name])
        return body

    def update(self, group: Group, values: Json, body: Json) -> Json:
        """The values with the body's in the place of their own; what the body does not name stays."""
        changed = {**values, **body}
        for name in body.keys() & group.refs.keys():
            changed[name] = self._changed_reference(group.refs[name], values.get(name) or {}, body[name])
        for name in body.keys() & group.groups.keys():
            changed[name] = self.update(group.groups[name], values.get(name) or {}, body[name])
        for name in body.keys() & group.lists.keys():
            changed[name] = self._items(group.lists[name], values.get(name) or [], body[name])
        return changed

    def _changed_reference(self, ref: Ref, before: Json, body: Json | None) -> Json:
        """What the body sets beside key and id is merged; a key or an id replaces both."""
        if not body:
            return {}
        names_target = "key" in body or "id" in body
        kept = {name: value for name, value in before.items() if name not in ("key", "id")} if names_target else before
        return self._resolved(ref.target, self.update(ref.parts, kept, body))

    def _reference(self, ref: Ref, body: Json | None) -> Json:
        # guess: a contact's details given inside another record stay there; whether they make a contact is not told.
        if not body:
            return {}
        return self._resolved(ref.target, self.create(ref.parts, body) if ref.parts.groups else body)

    def _resolved(self, target: str, reference: Json) -> Json:
        """The reference with both its key and its id, where the emulator holds the record it points at."""
        # guess: a target that does not exist is stored as it was given, until a rule refuses it.
        table = self.store.table(target)
        key, record_id = reference.get("key"), reference.get("id")
        if table is None or not (key or record_id):
            return reference
        # guess: where key and id are both given, the key decides.
        record = table.records.get(key) if key else table.by_id(str(record_id))
        return reference if record is None else {**reference, "key": record.key, "id": record.id}

    def _items(self, path: str, existing: list[Json], changes: list[Json]) -> list[Json]:
        """Owned items after a change: with a key it changes that item, without it adds one, others stay.

        Source: Sage REST guide, owner and owned objects.
        """
        table = self.store.table(path)
        schema = table.schema if table is not None else None
        items: dict[str, Json] = {item["key"]: item for item in existing}
        for index, change in enumerate(changes):
            key = change.pop("key", None)
            operation = change.pop(OPERATION, None)
            if key is None:
                added = self._new_item(schema, path, change)
                items[added["key"]] = added
            elif key not in items:
                raise self._no_such_item(index, str(key))
            elif operation == "delete":
                del items[key]
            else:
                items[key] = self._changed_item(schema, items[key], change)
        return list(items.values())

    def _new_item(self, schema: Schema | None, path: str, body: Json) -> Json:
        key = self.store.item_key(path)
        if schema is None:
            return {**body, "key": key}
        stamps = {"created": self.now, "modified": self.now}
        return {**self.create(schema.body, body), "key": key, "audit": stamps}

    def _changed_item(self, schema: Schema | None, item: Json, change: Json) -> Json:
        if schema is None:
            return {**item, **change}
        stamps = {**item["audit"], "modified": self.now}
        return {**self.update(schema.body, item, change), "audit": stamps}

    def _no_such_item(self, index: int, key: str) -> RefusalError:
        # guess: what a key of an unknown line answers is not known; other business failures answer 422.
        text = f"lines/{index}: no line with key {key} belongs to this record"
        return business_failure("PATCH", self.path, [error("notFound", text)])

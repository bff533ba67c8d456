"""Turns a checked body into a record's values, and a change into the changed values.

A body that was just read from the network is taken over, not copied: only references and owned lists are worked on.
"""

from dataclasses import dataclass, field

from intacct_emulator.checking import OPERATION, Json
from intacct_emulator.references import References
from intacct_emulator.refusals import Error, RefusalError, business_failure, error
from intacct_emulator.schemas import Group, Ref, Schema


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes into the values of one record; `now` is the instant of the write, `path` its object.

    `problems` are the references that point at nothing: with one of them the values must not be kept. The argument
    `at` of the methods is where in the body a group is.
    """

    references: References
    path: str
    now: str
    problems: list[Error] = field(default_factory=list)

    def create(self, group: Group, body: Json, at: str = "") -> Json:
        """Return the values of a new record, or of a group of it."""
        for name, value in body.items():
            if name in group.refs:
                body[name] = self._reference(group.refs[name], value, f"{at}/{name}")
            elif name in group.groups:
                body[name] = self.create(group.groups[name], value, f"{at}/{name}")
            elif name in group.lists:
                body[name] = self._items(group.lists[name], [], value, f"{at}/{name}")
        return body

    def update(self, group: Group, values: Json, body: Json, at: str = "") -> Json:
        """Return the values, replaced by the body's where it has them; what the body does not name stays."""
        changed = {**values, **body}
        for name, value in body.items():
            if name in group.refs:
                changed[name] = self._changed_reference(group.refs[name], values.get(name) or {}, value, f"{at}/{name}")
            elif name in group.groups:
                changed[name] = self.update(group.groups[name], values.get(name) or {}, value, f"{at}/{name}")
            elif name in group.lists:
                changed[name] = self._items(group.lists[name], values.get(name) or [], value, f"{at}/{name}")
        return changed

    def replace(self, group: Group, values: Json, body: Json, at: str = "") -> Json:
        """Return the values that take the place of a record's own: the body's, and what no update can change.

        A document's state is kept: other than by workflows it is set to draft only.
        """
        fixed = {name for name, field in group.fields.items() if field.read_only or field.create_only} | {"state"}
        replaced = {name: value for name, value in values.items() if name in fixed}
        for name, value in body.items():
            if name in group.refs:
                replaced[name] = self._reference(group.refs[name], value, f"{at}/{name}")
            elif name in group.groups:
                replaced[name] = self.replace(group.groups[name], values.get(name) or {}, value, f"{at}/{name}")
            elif name in group.lists:
                replaced[name] = self._replaced_items(group.lists[name], values.get(name) or [], value, f"{at}/{name}")
            else:
                replaced[name] = value
        return replaced

    def _replaced_items(self, path: str, existing: list[Json], given: list[Json], at: str) -> list[Json]:
        """Return the owned items of a body: those that it names by key are replaced, the others go."""
        schema = self.references.store.schema(path)
        own = {item["key"]: item for item in existing}
        named = [own[item["key"]] for item in given if item.get("key") in own]
        emptied = [
            {"audit": item.get("audit"), "key": item["key"]} | (self.replace(schema.body, item, {}) if schema else {})
            for item in named
        ]
        return self._items(path, emptied, given, at)

    def _changed_reference(self, ref: Ref, before: Json, body: Json | None, at: str) -> Json:
        """Return the reference: a key or an id in the body replaces both, other members are merged."""
        if not body:
            return {}
        names_target = "key" in body or "id" in body
        kept = {name: value for name, value in before.items() if name not in ("key", "id")} if names_target else before
        return self._resolved(ref, self.update(ref.parts, kept, body, at), at)

    def _reference(self, ref: Ref, body: Json | None, at: str) -> Json:
        if not body:
            return {}
        return self._resolved(ref, self.create(ref.parts, body, at) if ref.parts.groups else body, at)

    def _resolved(self, ref: Ref, reference: Json, at: str) -> Json:
        found = self.references.resolve(ref, reference)
        if found is None:
            self.problems.append(self.references.invalid(ref, reference, at))
        return found or reference

    def _items(self, path: str, existing: list[Json], changes: list[Json], at: str) -> list[Json]:
        """Owned items after a change: with a key it changes that item, without it adds one, others stay.

        Source: Sage REST guide, owner and owned objects.
        """
        schema = self.references.store.schema(path)
        items: dict[str, Json] = {item["key"]: item for item in existing}
        for index, change in enumerate(changes):
            place = f"{at}/{index}"
            key = change.pop("key", None)
            operation = change.pop(OPERATION, None)
            if key is None:
                added = self._new_item(schema, path, change, place)
                items[added["key"]] = added
            elif key not in items:
                raise self._no_such_item(index, str(key))
            elif operation == "delete":
                del items[key]
            else:
                items[key] = self._changed_item(schema, items[key], change, place)
        return list(items.values())

    def _new_item(self, schema: Schema | None, path: str, body: Json, at: str) -> Json:
        key = self.references.store.item_key(path)
        if schema is None:
            return {**body, "key": key}
        stamps = {"created": self.now, "modified": self.now}
        return {**self.create(schema.body, body, at), "key": key, "audit": stamps}

    def _changed_item(self, schema: Schema | None, item: Json, change: Json, at: str) -> Json:
        if schema is None:
            return {**item, **change}
        stamps = {**item["audit"], "modified": self.now}
        return {**self.update(schema.body, item, change, at), "audit": stamps}

    def _no_such_item(self, index: int, key: str) -> RefusalError:
        # guess[unknown-line]: what a key of an unknown line answers is not known; other business failures answer 422.
        text = f"lines/{index}: no line with key {key} belongs to this record"
        return business_failure("PATCH", self.path, [error("notFound", text)])

"""References between records: what a reference points at, and what points at a record."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from intacct_emulator.refusals import Error, at, error
from intacct_emulator.schemas import Group, Ref
from intacct_emulator.scope import Scope
from intacct_emulator.settings import Settings
from intacct_emulator.store import Record, Store, Table

_CONTACT = "company-config/contact"
_LOCATION = "company-config/location"

# guess[contact-version]: the version of a contact that an invoice refers to is found by the contact's own id and key.
_HELD_IN = {"company-config/contact-version": _CONTACT}


@dataclass(frozen=True, slots=True)
class References:
    """Finds the targets of references for a write that is made in `scope` at the instant `now`.

    `contacts` are those that the write makes or changes, by their keys; `keep` puts them once it is certain.
    """

    store: Store
    scope: Scope
    settings: Settings
    now: str
    contacts: dict[str, Record] = field(default_factory=dict)

    def resolve(self, ref: Ref, reference: dict[str, Any]) -> dict[str, Any] | None:
        """Return the reference with both its key and its id, None if it points at nothing.

        A reference to an object of which the emulator holds nothing is left as it was given.
        """
        table = _held(self.store, ref.target)
        key, record_id = reference.get("key"), reference.get("id")
        # guess[inline-contact]: a contact's details given inside another record stay there, whether or not its id names
        # a contact. By flag they make one, or change the one that is named.
        has_details = ref.target == _CONTACT and bool(reference.keys() - {"key", "id"})
        is_made = has_details and self.settings.inline_contact == "made"
        if is_made and table is not None and not (key or record_id):
            return self._make(table, reference)
        if table is None or table.schema.is_open or not (key or record_id):
            return reference  # guess[unheld-objects]: it is taken as it is.
        record = self._target(table, key, record_id)
        if record is None and ref.target == _LOCATION and not key:
            # Fyle gives entries between entities, and their lines, an entity's id for a location.
            record = self.store.entity(str(record_id))
        # guess[reference-across]: a record of another entity cannot be referred to; the top level may refer to those of
        # every entity.
        if record is not None and self._sees(record):
            if is_made:
                self._change(table, record, reference)
            return {**reference, "key": record.key, "id": record.id}
        if is_made and record is None and not key:
            return self._make(table, reference)
        return reference if has_details else None

    def keep(self) -> None:
        """Puts the contacts that the write has made or changed."""
        table = self.store.table(_CONTACT)
        if table is not None:
            for contact in self.contacts.values():
                self.store.put(table, contact)

    def _target(self, table: Table, key: str | None, record_id: str | None) -> Record | None:
        """Return the record that a reference names."""
        # guess[key-before-id]: where key and id are both given, the key decides. By flag the id does, or two that
        # disagree are refused.
        by_key, by_id = table.records.get(key or ""), self._by_id(table, record_id)
        if key and record_id and self.settings.reference_by != "key":
            return by_id if self.settings.reference_by == "id" or by_id is by_key else None
        return by_key if key else by_id

    def _by_id(self, table: Table, record_id: str | None) -> Record | None:
        """Return the record of an id: one of the scope's own entity before one that is only seen from it."""
        new = (each for each in self.contacts.values() if table.schema.path == _CONTACT and each.id == record_id)
        found = sorted(
            (each for each in table.all_by_id(str(record_id)) if self._sees(each)),
            key=lambda each: each.entity != self.scope.entity,
        )
        return next(new, None) or (found[0] if found else None)

    def _sees(self, record: Record) -> bool:
        return self.scope.sees(record.entity, is_document=False, private=True)

    def _make(self, table: Table, reference: dict[str, Any]) -> dict[str, Any]:
        key = table.new_key()
        record_id = reference.get("id") or f"Contact {key}"
        values = {"printAs": record_id, **reference, "id": record_id}
        self.contacts[key] = Record(key, values, self.scope.entity, self.now, self.now)
        return {**reference, "key": key, "id": record_id}

    def _change(self, table: Table, contact: Record, reference: dict[str, Any]) -> None:
        given = {name: value for name, value in reference.items() if name not in ("key", "id")}
        for name in table.schema.body.groups.keys() & given.keys():
            given[name] = {**(contact.values.get(name) or {}), **(given[name] or {})}
        self.contacts[contact.key] = replace(contact, values={**contact.values, **given}, modified=self.now)

    def invalid(self, ref: Ref, reference: dict[str, Any], path: str) -> Error:
        """Return the error about a reference that points at nothing; `path` is its place in the body."""
        table = _held(self.store, ref.target)
        title = table.schema.title if table is not None else ref.target
        shown = reference.get("key") or reference.get("id")
        # guess[reference-text]: the text is published of vendors and projects, with no code, id or target.
        return at(path, error("invalidConfiguration", f"Invalid {title} '{shown}' specified."))


def _held(store: Store, target: str) -> Table | None:
    return store.table(_HELD_IN.get(target, target))


class Uses:
    """How often records refer to each record of one object: counted at first, then kept by `forget`."""

    def __init__(self, store: Store, path: str) -> None:
        self._store = store
        self._path = path
        self._counts: Counter[str] = Counter()
        for table in store.tables():
            if table.schema.owner is None:
                for record in table.records.values():
                    self._counts.update(self._of(table, record))

    def by_others(self, table: Table, record: Record) -> int:
        """Return how many references to the record other records hold; its own to itself do not count."""
        return self._counts[record.key] - sum(key == record.key for key in self._of(table, record))

    def forget(self, table: Table, record: Record) -> None:
        """Takes away the references that the record itself holds, as it is deleted."""
        self._counts.subtract(self._of(table, record))

    def _of(self, table: Table, record: Record) -> Iterator[str]:
        return self._in(table.schema.body, record.values)

    def _in(self, group: Group, values: dict[str, Any]) -> Iterator[str]:
        for name, value in values.items():
            if not value:
                continue
            if name in group.refs:
                ref = group.refs[name]
                if value.get("key") and _HELD_IN.get(ref.target, ref.target) == self._path:
                    yield value["key"]
                yield from self._in(ref.parts, value)
            elif name in group.groups:
                yield from self._in(group.groups[name], value)
            elif name in group.lists:
                items = self._store.schema(group.lists[name])
                if items is not None:
                    for item in value:
                        yield from self._in(items.body, item)

"""References between records: what a reference points at, and what points at a record."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from intacct_emulator.refusals import Error, at, error
from intacct_emulator.schemas import Group, Ref
from intacct_emulator.scope import Scope
from intacct_emulator.store import Record, Store, Table

_CONTACT = "company-config/contact"
_LOCATION = "company-config/location"

# guess[contact-version]: the version of a contact that an invoice refers to is found by the contact's own id and key.
_HELD_IN = {"company-config/contact-version": _CONTACT}


@dataclass(frozen=True, slots=True)
class References:
    """Finds the targets of references for a write that is made in `scope`."""

    store: Store
    scope: Scope

    def resolve(self, ref: Ref, reference: dict[str, Any]) -> dict[str, Any] | None:
        """Return the reference with both its key and its id, None if it points at nothing.

        A reference to an object of which the emulator holds nothing is left as it was given.
        """
        table = _held(self.store, ref.target)
        key, record_id = reference.get("key"), reference.get("id")
        if table is None or table.schema.is_open or not (key or record_id):
            return reference  # guess[unheld-objects]: it is taken as it is.
        # guess[key-before-id]: where key and id are both given, the key decides.
        record = table.records.get(key) if key else table.by_id(str(record_id))
        if record is None and ref.target == _LOCATION and not key:
            # Fyle gives entries between entities, and their lines, an entity's id for a location.
            record = self.store.entity(str(record_id))
        # guess[reference-across]: a record of another entity cannot be referred to; the top level may refer to those of
        # every entity.
        if record is not None and self.scope.sees(record.entity, is_document=False, private=True):
            return {**reference, "key": record.key, "id": record.id}
        # guess[inline-contact]: a contact's details given inside another record stay there, whether or not its id names
        # a contact.
        if ref.target == _CONTACT and reference.keys() - {"key", "id"}:
            return reference
        return None

    def invalid(self, ref: Ref, reference: dict[str, Any], path: str) -> Error:
        """Return what is said of a reference that points at nothing; `path` is its place in the body."""
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

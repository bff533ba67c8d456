"""Which entity a request works in, and what it may see from there."""

from dataclasses import dataclass

from intacct_emulator.refusals import RefusalError, forbidden, invalid_request
from intacct_emulator.settings import PrivateByKey, PrivateEntities, Settings, SharedRecords

# Entities of the company that the demo user may not enter.
CLOSED_ENTITIES = frozenset({"300"})


@dataclass(frozen=True, slots=True)
class Scope:
    """The id of an entity, None at the top level, and what of the entities is private there."""

    entity: str | None = None
    private_entities: PrivateEntities = "master-data"
    private_by_key: PrivateByKey = "hidden"
    shared_records: SharedRecords = "master-data"

    def sees(self, entity: str | None, *, is_document: bool, private: bool = False) -> bool:
        """Return whether a record that belongs to `entity` (None: to the top level) is seen from here.

        At the top level what is private of an entity is seen only with `private`, as the query's `includePrivate`
        says.
        """
        if entity == self.entity:
            return True
        if self.entity is None:
            # guess[private-records]: what is private. Sage's OpenAPI: queries at the top level "do not access data in
            # private entities"; Sage's help: customers and the like are private to the entity that they were created
            # in. So documents are seen, unless a company's whole entities are private. A list shows what a query
            # without the parameter does, as it has none.
            return private or self.private_entities == "none" or (is_document and self.private_entities != "all")
        # guess[shared-records]: customers and the like of the top level are shared with every entity, documents are
        # not.
        return entity is None and (not is_document or self.shared_records == "all")

    def reaches(self, entity: str | None, *, is_document: bool) -> bool:
        """Return whether a record that belongs to `entity` can be read, changed and deleted by its key from here."""
        # guess[private-by-key]: a key alone does not reach a private record: `allowed-operations` takes keys and needs
        # the parameter. Against it: by Sage's help a user at the top level can access private data.
        return self.sees(entity, is_document=is_document, private=self.private_by_key == "shown")


def enter(entity: str | None, settings: Settings, *, known: bool) -> Scope:
    """Return the scope of an entity that a token or a header names.

    Raises:
        RefusalError: there is no such entity (400) or the user may not enter it (403).
    """
    if entity is None:
        return Scope(None, settings.private_entities, settings.private_by_key)
    if not known:
        # guess[unknown-entity]: what an unknown entity answers is not known; to continue at the top level would write
        # in the wrong place.
        if settings.unknown_entity == "top-level":
            return Scope(None, settings.private_entities, settings.private_by_key)
        raise invalid_entity(entity)
    if entity in CLOSED_ENTITIES:
        # guess[closed-entity]: only the status 403 and the text of GW-0042 are known.
        raise forbidden(f"Forbidden: the user has no access to entity {entity}")
    return Scope(entity, shared_records=settings.shared_records)


def invalid_entity(entity: str) -> RefusalError:
    """Return the refusal of an entity that does not exist."""
    return invalid_request(f"The entity {entity} in X-IA-API-Param-Entity does not exist")

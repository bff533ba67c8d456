"""Which entity a request works in, and what it may see from there."""

from dataclasses import dataclass

from intacct_emulator.refusals import RefusalError, forbidden, invalid_request

# Entities of the company that the demo user may not enter.
CLOSED_ENTITIES = frozenset({"300"})


@dataclass(frozen=True, slots=True)
class Scope:
    """The id of an entity, None at the top level."""

    entity: str | None = None

    def sees(self, entity: str | None, *, is_document: bool, private: bool = False) -> bool:
        """Return whether a record that belongs to `entity` (None: to the top level) is seen from here.

        At the top level documents of every entity are seen; other records of an entity only with `private`,
        as the query's `includePrivate` says.
        """
        if entity == self.entity:
            return True
        if self.entity is None:
            # guess: `includePrivate` is a query's; a list and a read at the top level show no private records either.
            return is_document or private
        # guess: customers and the like of the top level are shared with every entity, documents are not.
        return entity is None and not is_document


def enter(entity: str | None, *, known: bool) -> Scope:
    """Return the scope of an entity that a token or a header names.

    Raises:
        RefusalError: there is no such entity (400) or the user may not enter it (403).
    """
    if entity is None:
        return Scope()
    if not known:
        # guess: what an unknown entity answers is not known; to go on at the top level would write astray.
        raise invalid_entity(entity)
    if entity in CLOSED_ENTITIES:
        # guess: only the status 403 and the text of GW-0042 are known.
        raise forbidden(f"Forbidden: the user has no access to entity {entity}")
    return Scope(entity)


def invalid_entity(entity: str) -> RefusalError:
    """Return the refusal of an entity that does not exist."""
    return invalid_request(f"The entity {entity} in X-IA-API-Param-Entity does not exist")

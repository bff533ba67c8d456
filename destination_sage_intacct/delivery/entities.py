"""The entities that rows name: each is proved to exist before anything is written in it."""

from collections.abc import Callable

from destination_sage_intacct.connection_check import ENTITY_PATH
from destination_sage_intacct.intacct.client import IntacctClient
from destination_sage_intacct.intacct.errors import SageError
from destination_sage_intacct.rows.notation import plain
from destination_sage_intacct.rows.values import Problem


class Entities:
    """Knows which entities exist; each is asked for once.

    Args:
        client: asks.
        configured: the entity of the configuration, empty for the top level; it is proved already.
        warn: told once of each entity that cannot be proved.
    """

    def __init__(self, client: IntacctClient, configured: str, warn: Callable[[str], None]) -> None:
        self._client = client
        self._configured = configured
        self._warn = warn
        self._exists = {configured: True}

    def of_row(self, value: object, column: str) -> str | Problem:
        """Return the entity that a row names in this column, the configured one if it names none.

        How Sage Intacct answers a request for an entity that it does not know is not documented; were it to go on at
        the top level, the row would land in the wrong books.
        """
        given = plain(value)
        if value is not None and (given is None or isinstance(value, bool)):
            return Problem("invalid_entity", "The row's entity is not a text or number", _ADVICE, column)
        entity = (given or "").strip() or self._configured
        if entity not in self._exists:
            self._exists[entity] = self._asked(entity)
        if self._exists[entity]:
            return entity
        return Problem("unknown_entity", "The row's entity does not exist in this company", _ADVICE, column)

    def _asked(self, entity: str) -> bool:
        found = self._client.find_ids(ENTITY_PATH, entity)
        if isinstance(found, SageError):
            self._warn(f"Whether entity {entity} exists could not be proved; its rows are sent to it all the same.")
            return True
        return bool(found)


_ADVICE = (
    "Fill the column with the entity's id as shown under Company > Entities in Sage Intacct, or leave it empty for the "
    "entity of the configuration."
)

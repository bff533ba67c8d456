"""The entities that rows name: each is proved to exist before anything is written in it."""

import re
from collections.abc import Callable

from destination_sage_intacct.connection_check import ENTITY_PATH
from destination_sage_intacct.intacct.client import IntacctClient
from destination_sage_intacct.intacct.errors import SageError
from destination_sage_intacct.intacct.query import Query
from destination_sage_intacct.rows.values import Problem, plain_text, whole_number

EntityOf = Callable[[object, str], str | Problem]
"""Takes the value of a row's entity and its column; returns the entity, or why the row names none."""

# The entity goes into a header: no control character may end it there, and Latin-1 is what a header can hold.
_SENDABLE = re.compile(r"[\x20-\x7e\xa0-\xff]+")


class Entities:
    """Knows which entities exist: all are queried at once, when a row first names one other than the configured one.

    Args:
        configured: the entity of the configuration, empty for the top level; it is proved already.
        warn: called once if the entities cannot be verified.
    """

    def __init__(self, configured: str, warn: Callable[[str], None]) -> None:
        self._configured = configured
        self._warn = warn
        self._is_asked = False
        self._existing: frozenset[str] | None = None

    def of_row(self, client: IntacctClient, value: object, column: str) -> str | Problem:
        """Return the entity that a row names in this column, the configured one if it names none.

        How Sage Intacct answers a request for an entity that it does not know is not documented; if it continued at the
        top level, the row would be written to the wrong books.

        Args:
            client: asks, if that was not done before.
            value: of the row; a whole number may have decimals that add nothing.
            column: that holds it.

        Raises:
            IntacctError: as `IntacctClient.find`.
        """
        given = _text(value)
        if given is None:
            return Problem("invalid_entity", "The row's entity is not a text or number", _ADVICE, column)
        entity = given.strip(" ") or self._configured
        if entity == self._configured:
            return entity
        if not _SENDABLE.fullmatch(entity):
            return Problem("invalid_entity", "The row's entity holds characters that no ID has", _ADVICE, column)
        if not self._is_asked:
            self._existing, self._is_asked = self._asked(client), True
        if self._existing is None or entity in self._existing:
            return entity
        return Problem("unknown_entity", "The row's entity does not exist in this company", _ADVICE, column)

    def _asked(self, client: IntacctClient) -> frozenset[str] | None:
        found = client.in_entity("").find(Query(ENTITY_PATH, ["key", "id"], []))
        if isinstance(found, SageError):
            self._warn(
                f"Could not verify that the entities that rows name exist. {found.said} The rows are sent to them "
                "anyway."
            )
            return None
        return frozenset(str(record.get("id")) for record in found)


def _text(value: object) -> str | None:
    if value is None:
        return ""
    return None if isinstance(value, bool) else whole_number(value) or plain_text(value)


_ADVICE = (
    "Fill the column with the entity's id as shown under Company > Entities in Sage Intacct, or leave it empty for the "
    "entity of the configuration."
)

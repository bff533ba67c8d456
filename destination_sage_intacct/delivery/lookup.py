"""Asks Sage Intacct for the records that rows are about: one query for many rows."""

import re
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from destination_sage_intacct.delivery.actions import INACTIVE, Match, Update
from destination_sage_intacct.intacct.access import FORBIDDEN, access_text, is_about_entity
from destination_sage_intacct.intacct.client import IntacctClient
from destination_sage_intacct.intacct.errors import AccessError, ConfigurationError, SageError
from destination_sage_intacct.intacct.query import Query
from destination_sage_intacct.plan.stream_plan import StreamPlan
from destination_sage_intacct.rows.comparison import comparable_paths, holds
from destination_sage_intacct.rows.matching import NaturalKey, assign, filters
from destination_sage_intacct.rows.paths import pick

Record = Mapping[str, Any]
Found = Sequence[Record] | SageError

# The field cannot be queried, is not valid, crosses an array (recorded live).
_ABOUT_A_FIELD = frozenset({"REST-1106", "REST-1043", "REST-1107"})


class Lookup:
    """Finds the records of one stream's rows, with the fields that are compared; safe from any thread.

    What cannot be asked for is learnt once: a field that the query service refuses is left out from then on. Each
    method raises AccessError where the user may not enter the entity.

    Args:
        client: asks.
        plan: of the stream.
        warn: told once of each thing that cannot be compared.
    """

    def __init__(self, client: IntacctClient, plan: StreamPlan, warn: Callable[[str], None]) -> None:
        self._client = client
        self._plan = plan
        self._warn = warn
        self._told: set[str] = set()
        self._lock = threading.Lock()
        self._unreadable: frozenset[str] = frozenset()
        self._compares = plan.skip_unchanged and plan.operation != "insert"
        self._permitted = True

    def by_natural_key(self, matches: Sequence[Match]) -> dict[NaturalKey, Found]:
        """Return the records that carry each natural key, or why the service cannot look for it.

        Raises:
            AccessError: queries are not permitted, so no row of the stream can be matched.
            ConfigurationError: a field of the natural key cannot be queried.
        """
        keys = list(dict.fromkeys(match.natural_key for match in matches))
        bodies = [self._written(match) for match in matches]
        fields = list(self._plan.natural_key)
        records = self._ask(*filters(keys, fields, self._plan.model), self._compared(bodies) | set(fields))
        if not isinstance(records, SageError):
            return dict(assign(keys, fields, records, self._plan.model))
        if records.status == FORBIDDEN:
            raise AccessError(self._no_queries(records))
        if self._unreadable & set(fields):
            raise ConfigurationError(self._no_matching(records))
        if len(keys) == 1:
            return {keys[0]: records}
        half = len(matches) // 2
        return self.by_natural_key(matches[:half]) | self.by_natural_key(matches[half:])

    def by_record_key(self, updates: Sequence[Update]) -> dict[str, Record]:
        """Return the records with these keys, as far as they are found and there is something to compare."""
        # One that is no number would have the query refused for all; its update is told that it is not there.
        updates = [update for update in updates if update.key.isdecimal()]
        if not updates or not self._permitted:
            return {}
        fields = self._compared(update.body for update in updates)
        if not fields:
            return {}
        keys = sorted({update.key for update in updates})
        records = self._ask([{"$in": {"key": keys}}], None, fields)
        if not isinstance(records, SageError):
            return {str(record.get("key")): record for record in records}
        self._permitted = records.status != FORBIDDEN
        self._tell("compare", self._no_comparing(records))
        return {}

    def by_id(self, bodies: Sequence[Mapping[str, Any]]) -> dict[str, list[Record]]:
        """Return the records that carry the ids of these bodies, with the fields that the bodies fill."""
        ids = sorted({str(body["id"]) for body in bodies})
        fields = frozenset().union(*(comparable_paths(body, self._plan.model)[0] for body in bodies))
        records = self._ask([{"$in": {"id": ids}}], None, set(fields - self._unreadable) | {"id"})
        found: dict[str, list[Record]] = {}
        for record in () if isinstance(records, SageError) else records:
            found.setdefault(str(record.get("id")), []).append(record)
        return found

    def holds(self, record: Record, body: Mapping[str, Any]) -> bool:
        """Return whether a record that was found holds every value of a body."""
        return self._compares and holds(body, record, self._plan.model, self._unreadable)

    def holds_part(self, record: Record, shown: Mapping[str, Any]) -> bool:
        """Return whether a record that was found holds every value of a part of a body, compared or not."""
        return holds(shown, record, self._plan.model, self._unreadable)

    def holds_what_is_readable(self, record: Record, body: Mapping[str, Any]) -> bool:
        """Return whether a record holds every value of a body that can be read back, and at least one."""
        paths = comparable_paths(body, self._plan.model)[0] - self._unreadable
        shown = pick(body, paths)
        return bool(shown) and holds(shown, record, self._plan.model, self._unreadable)

    def _written(self, match: Match) -> Mapping[str, Any]:
        return {"deactivate": INACTIVE, "delete": {}}.get(match.operation, match.body)

    def _compared(self, bodies: Iterable[Mapping[str, Any]]) -> set[str]:
        """Return the fields to ask for: all that are compared, else those that can be set only on create."""
        asked: set[str] = set()
        for body in bodies:
            chosen = body if self._compares else pick(body, self._plan.create_only)
            asked |= comparable_paths(chosen, self._plan.model)[0] if chosen else frozenset()
        return asked - self._unreadable

    def _ask(
        self, chosen: Sequence[Mapping[str, Any]], expression: str | None, fields: set[str]
    ) -> list[Record] | SageError:
        """Ask, without the fields that the service turns out to refuse."""
        while True:
            asked = sorted(fields - {"key"})
            answer = self._client.find(Query(self._plan.object.path, ["key", *asked], chosen, expression))
            if not isinstance(answer, SageError):
                return answer
            if answer.status == FORBIDDEN and is_about_entity(self._plan.entity, answer):
                raise AccessError(access_text(self._plan.object.path, self._plan.entity, answer))
            refused = _refused_fields(answer, asked, self._plan.natural_key)
            with self._lock:
                self._unreadable |= refused
            fields -= refused
            if not refused or refused & set(self._plan.natural_key):
                return answer
            self._tell(", ".join(sorted(refused)), self._not_compared(answer, refused))

    def _tell(self, subject: str, text: str) -> None:
        with self._lock:
            is_new = subject not in self._told
            self._told.add(subject)
        if is_new:
            self._warn(text)

    def _no_queries(self, error: SageError) -> str:
        return (
            f"Stream {self._plan.stream}: records of {self._plan.object.path} cannot be found by "
            f"{_listed(self._plan.natural_key)}, because the user may not query them. {_said(error)} Give the Web "
            "Services user permission to list and view this object and to use the query service, or have records found "
            "by their record key (`matching`; in data activation the matching key)."
        )

    def _no_matching(self, error: SageError) -> str:
        return (
            f"Stream {self._plan.stream}: records of {self._plan.object.path} cannot be found by "
            f"{_listed(self._plan.natural_key)}: a field cannot be used in a query. {_said(error)} Have records "
            "found by other fields (`matching`; in data activation the matching key)."
        )

    def _no_comparing(self, error: SageError) -> str:
        return (
            f"Rows of stream {self._plan.stream} are written without comparing them with the records of "
            f"{self._plan.object.path}, so unchanged ones are written too: they cannot be queried. {_said(error)}"
        )

    def _not_compared(self, error: SageError, fields: Iterable[str]) -> str:
        return (
            f"Rows of stream {self._plan.stream} that fill {_listed(sorted(fields))} are always written, as "
            f"{self._plan.object.path} cannot be queried for it. {_said(error)}"
        )


def _refused_fields(error: SageError, asked: Sequence[str], natural_key: Sequence[str]) -> set[str]:
    """Return the fields that a query was refused for: the longest that Sage names; all if it names none of them.

    The natural key is blamed last, since nothing can be found without it.
    """
    if error.field in asked:
        return {error.field}
    if error.error_id not in _ABOUT_A_FIELD:
        return set()
    named = [field for field in asked if re.search(rf"(?<![\w.]){re.escape(field)}(?![\w.])", error.message)]
    return {max(named, key=len)} if named else set(asked) - set(natural_key) or set(asked)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _said(error: SageError) -> str:
    return f"Sage Intacct says: {error.message.rstrip('.')} [{error.error_id or error.code or f'HTTP {error.status}'}]."

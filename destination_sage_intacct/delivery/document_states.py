"""The states of the documents that a stream has written: a draft is not a posted bill, and may go unnoticed.

What a create answers does not show the state (Sage's OpenAPI), and defaults differ by object: invoices and journal
entries are posted, bills are drafts. So the documents in each state are counted, thousands with one query, and none of
them is returned but one to show its state.
"""

import threading
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

from destination_sage_intacct.delivery.rehearsal import Forecast
from destination_sage_intacct.intacct.client import IntacctClient
from destination_sage_intacct.intacct.errors import IntacctError, SageError
from destination_sage_intacct.intacct.query import Query
from destination_sage_intacct.plan.stream_plan import StreamPlan
from destination_sage_intacct.protocol.output import counted

_STATE = "state"
_DRAFT = "draft"
_UNKNOWN = ""
_ASKED_TOGETHER = 4_000
_ENTITIES_AT_ONCE = 8
# Where all documents are in one state: one query for them all, one for those in the state of the first.
_QUERIES = 2
# Of bills, invoices, adjustments, payments and journal entries (Sage's OpenAPI): what comes before they are posted.
_NOT_POSTED = frozenset({_DRAFT, "submitted", "partiallyApproved", "declined"})


class DocumentStates:
    """Counts the documents of one stream by their states; safe from any thread.

    Args:
        client: asks, and counts on the stream's account.
        plan: of the stream.
        forecast: of a dry run, in which nothing is asked: no document is written.
    """

    def __init__(self, client: IntacctClient, plan: StreamPlan, forecast: Forecast | None = None) -> None:
        self._client = client
        self._forecast = forecast
        self._path = plan.object.path
        field = plan.model.fields.get(_STATE)
        has_drafts = field is not None and (plan.object.lines is not None or _DRAFT in field.allowed)
        self._has_states = has_drafts
        self._lock = threading.Lock()
        self._waiting: dict[str, dict[str, None]] = defaultdict(dict)
        self._counts: Counter[str] = Counter()

    def note(self, key: str, entity: str) -> None:
        """Note that a document was created or updated in an entity, empty for the top level."""
        if self._has_states and key:
            with self._lock:
                self._waiting[entity][key] = None

    def ask(self, at_least: int = 1) -> None:
        """Query the states of the documents that wait, if there are at least this many; raises StoppedError."""
        with self._lock:
            if sum(map(len, self._waiting.values())) < at_least:
                return
            waiting, self._waiting = self._waiting, defaultdict(dict)
        if self._forecast is not None:
            self._forecast.add(_QUERIES * len(waiting))
            return
        with ThreadPoolExecutor(min(len(waiting), _ENTITIES_AT_ONCE), thread_name_prefix="states") as threads:
            for states in threads.map(self._states, waiting, map(list, waiting.values())):
                with self._lock:
                    self._counts.update(states)

    def ask_if_many(self) -> None:
        """Query once enough wait to be worth one query."""
        self.ask(_ASKED_TOGETHER)

    @property
    def counts(self) -> dict[str, int]:
        """Return how many documents are in which state, `not_reported` for one that Sage Intacct did not report."""
        with self._lock:
            return {state or "not_reported": number for state, number in self._counts.most_common()}

    def summary(self) -> str:
        """Return how many documents are in which state; empty where there are none."""
        if not self._counts:
            return ""
        parts = [_counted(number, state) for state, number in self._counts.most_common()]
        return f"{counted(self._counts.total(), 'document')} written: {', '.join(parts)}"

    def _states(self, entity: str, keys: list[str]) -> Counter[str]:
        """Return the states of these documents; a query that is not answered fails nothing, as they are written."""
        states: Counter[str] = Counter()
        with suppress(IntacctError):
            while states.total() < len(keys):
                state, _ = self._count(entity, keys, [{"$ne": {_STATE: known}} for known in states])
                if not state or state in states:
                    break
                _, states[state] = self._count(entity, keys, [{"$eq": {_STATE: state}}])
        states[_UNKNOWN] = max(0, len(keys) - states.total())
        return +states

    def _count(self, entity: str, keys: list[str], filters: Sequence[Mapping[str, Any]]) -> tuple[str, int]:
        """Return the state of the first of the documents that pass the filters, and how many do; none if unanswered."""
        of_these = [{"$in": {"key": sorted(keys)}}, *filters]
        query = Query(self._path, ["key", _STATE], of_these, includes_private=not entity)
        found = self._client.in_entity(entity).count(query)
        if isinstance(found, SageError) or found.first is None:
            return _UNKNOWN, 0
        return str(found.first.get(_STATE) or _UNKNOWN), found.records


def _counted(number: int, state: str) -> str:
    match state:
        case "":
            return f"{number} in a state that Sage Intacct did not report"
        case "draft":
            return f"{counted(number, 'draft')} (not in the general ledger)"
    return f"{number} {state}" + (" (not in the general ledger)" if state in _NOT_POSTED else "")

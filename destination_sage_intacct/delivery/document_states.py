"""The states of the documents that a stream has written: a draft is not a posted bill, and may go unnoticed.

What a create answers does not show the state (Sage's OpenAPI), and defaults differ by object: invoices and journal
entries are posted, bills are drafts. So the states are queried, those of many documents at once.
"""

import threading
from collections import Counter, defaultdict

from destination_sage_intacct.delivery.rehearsal import Forecast
from destination_sage_intacct.intacct.client import IntacctClient
from destination_sage_intacct.intacct.errors import IntacctError, SageError
from destination_sage_intacct.intacct.query import Query
from destination_sage_intacct.plan.stream_plan import StreamPlan
from destination_sage_intacct.protocol.output import counted

_STATE = "state"
_DRAFT = "draft"
_UNKNOWN = ""
_ASKED_TOGETHER = 2_000
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
            self._forecast.add(len(waiting))
            return
        for entity, keys in waiting.items():
            states = self._states(entity, list(keys))
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
        query = Query(self._path, ["key", _STATE], [{"$in": {"key": sorted(keys)}}], includes_private=not entity)
        try:
            found = self._client.in_entity(entity).find(query, takes_failure=True)
        except IntacctError:
            return Counter({_UNKNOWN: len(keys)})
        if isinstance(found, SageError):
            return Counter({_UNKNOWN: len(keys)})
        states = {str(record.get("key")): str(record.get(_STATE) or _UNKNOWN) for record in found}
        return Counter(states.get(key, _UNKNOWN) for key in keys)


def _counted(number: int, state: str) -> str:
    match state:
        case "":
            return f"{number} in a state that Sage Intacct did not report"
        case "draft":
            return f"{counted(number, 'draft')} (not in the general ledger)"
    return f"{number} {state}" + (" (not in the general ledger)" if state in _NOT_POSTED else "")

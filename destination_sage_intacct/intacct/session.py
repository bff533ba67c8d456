"""The server as one stream sees it: where requests go, who pays for them, what this server has shown of itself."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from destination_sage_intacct.intacct.auth import Introspection
from destination_sage_intacct.intacct.batches import MOST_RECORDS, BatchSize
from destination_sage_intacct.intacct.classify import TOO_MANY, Answer
from destination_sage_intacct.intacct.errors import SageError
from destination_sage_intacct.intacct.records import Result, count_written
from destination_sage_intacct.intacct.retries import Request, RetryingSession, Traffic

# A batch refused with one of these may have been refused for being a batch; the second kind says so.
_ABOUT_ARRAYS = frozenset({400, 405, 415, 422})
ABOUT_THE_METHOD = frozenset({405, 415})
_TOO_LARGE = 413

_SMALLEST_BATCH = 2


class Capabilities:
    """What this server takes, learnt from its answers and shared by all streams; safe from any thread.

    Args:
        most_records: in one request.
        notice: told once of what a person should know about this server.
    """

    def __init__(self, most_records: int = MOST_RECORDS, notice: Callable[[str], None] = lambda _text: None) -> None:
        self._most_records = most_records
        self._notice = notice
        self._sizes: dict[str, BatchSize] = {}
        self._one_by_one: set[tuple[str, str]] = set()
        self._replacing: set[str] = set()

    def size(self, path: str) -> BatchSize:
        """Return how many records of an object go into one request."""
        return self._sizes.setdefault(path, BatchSize(self._most_records))

    def takes_arrays(self, method: str, path: str) -> bool:
        """Return whether several records of an object may go into one request, as far as is known."""
        return (method, path) not in self._one_by_one

    def learn_arrays(self, method: str, path: str, error: SageError, results: Sequence[Result]) -> None:
        """Learn from records that were refused together and taken apart: was it the array that was refused?"""
        was_told = error.status in ABOUT_THE_METHOD
        is_shown = error.status in _ABOUT_ARRAYS and len(results) == _SMALLEST_BATCH
        if (was_told or is_shown) and count_written(results) == len(results) and self.takes_arrays(method, path):
            self._one_by_one.add((method, path))
            self._notice(f"This server takes {path} by {method} only one record at a time; no batches from here on.")

    def learn_size(self, path: str, records: int, answer: Answer) -> None:
        """Learn from the answer to a batch how large the next may be."""
        size = self.size(path)
        if answer.status == _TOO_LARGE:
            size.too_large(records)
        elif answer.status == TOO_MANY:
            size.crowded(records)
        else:
            size.answered(records, answer.seconds)

    def updates_by_put(self, path: str) -> bool:
        """Return whether an object is updated by PUT."""
        return path in self._replacing

    def learn_put(self, path: str) -> None:
        """Learn that an object is updated by PUT."""
        if path not in self._replacing:
            self._replacing.add(path)
            self._notice(f"This server updates {path} by PUT, not by PATCH; updates go by PUT from here on.")


@dataclass(frozen=True, slots=True)
class Session:
    """Sends requests in an entity (empty for the top level), on an account; may be able to ask about its token."""

    transport: RetryingSession
    entity: str = ""
    capabilities: Capabilities = field(default_factory=Capabilities)
    traffic: Traffic | None = None
    introspection: Introspection | None = None

    def send(self, request: Request) -> Answer:
        """Send a request in the entity. Raises as `RetryingSession.send`."""
        return self.transport.send(replace(request, entity=self.entity), self.account)

    @property
    def account(self) -> Traffic:
        """Return the account on which requests go."""
        return self.traffic or self.transport.traffic

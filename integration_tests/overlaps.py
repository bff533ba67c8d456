"""Watches which records are being written, to see whether two writes to one record are ever in flight together."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from destination_sage_intacct.intacct.classify import Answer, NoResponse
from destination_sage_intacct.intacct.clock import SystemClock
from destination_sage_intacct.intacct.transport import HttpRequest, RequestsTransport

_TIMEOUT_SECONDS = 60.0


class WatchedExchange(RequestsTransport):
    """The real exchange; `overlaps` names each record of which two writes were in flight together.

    A record is known by its record key in an update, and by its id in a create. `writes` are these names in the
    order in which they were sent.
    """

    def __init__(self, timeout_seconds: float = _TIMEOUT_SECONDS) -> None:
        super().__init__(timeout_seconds, SystemClock(), connections=20)
        self.overlaps: list[str] = []
        self.writes: list[str] = []
        self._lock = threading.Lock()
        self._in_flight: set[str] = set()

    def __call__(self, request: HttpRequest) -> Answer | NoResponse:
        with self._watched(list(_written(request))):
            return super().__call__(request)

    @contextmanager
    def _watched(self, names: list[str]) -> Iterator[None]:
        with self._lock:
            self.writes += names
            self.overlaps += sorted(self._in_flight.intersection(names))
            ours = set(names) - self._in_flight
            self._in_flight |= ours
        try:
            yield
        finally:
            with self._lock:
                self._in_flight -= ours


def _written(request: HttpRequest) -> Iterator[str]:
    """Yield the records that a request writes."""
    _, is_object, place = request.url.partition("/objects/")
    if not is_object or request.method not in {"POST", "PATCH", "PUT"}:
        return
    body = json.loads(request.body or b"{}")
    for each in body if isinstance(body, list) else [body]:
        if request.method == "POST":
            if "id" in each:
                yield f"{place} id {each['id']}"
        elif isinstance(body, list):
            yield f"{place} key {each['key']}"
        else:
            path, key = place.rsplit("/", 1)
            yield f"{path} key {key}"

"""What went through the emulator: counts for every request, and the last ones as they were received."""

from collections import Counter, deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from intacct_emulator.exchange import Answer, Request
from intacct_emulator.objects_service import PREFIX, split_path

REMEMBERED = 2000


@dataclass(slots=True)
class Seen:
    """One request as it was received, and the status of its answer: None while it runs or when it was cut."""

    request: Request
    status: int | None = None


@dataclass(slots=True)
class Traffic:
    """Counts of one company's requests."""

    requests: int = 0
    api_transactions: int = 0
    in_flight: int = 0
    max_in_flight: int = 0
    throttled: int = 0
    by_route: Counter[str] = field(default_factory=Counter)
    by_status: Counter[str] = field(default_factory=Counter)
    seen: deque[Seen] = field(default_factory=lambda: deque(maxlen=REMEMBERED))

    def arrived(self, request: Request) -> Seen:
        """Counts a request."""
        self.requests += 1
        self.by_route[f"{request.method} {_route(request.path)}"] += 1
        seen = Seen(request)
        self.seen.append(seen)
        return seen

    @contextmanager
    def slot(self) -> Iterator[None]:
        """Counts a request as in flight."""
        self.in_flight += 1
        self.max_in_flight = max(self.max_in_flight, self.in_flight)
        try:
            yield
        finally:
            self.in_flight -= 1

    def answered(self, seen: Seen, answer: Answer) -> None:
        """Notes how a request was answered."""
        seen.status = answer.status
        self.by_status[str(answer.status)] += 1

    def stats(self) -> dict[str, Any]:
        """Return the counts, as `/emulator/stats` returns them."""
        return {
            "requests": self.requests,
            "api_transactions": self.api_transactions,
            "max_in_flight": self.max_in_flight,
            "throttled": self.throttled,
            "by_route": dict(sorted(self.by_route.items())),
            "by_status": dict(sorted(self.by_status.items())),
        }

    def last(self, number: int) -> list[dict[str, Any]]:
        """Return the last requests, oldest first, bodies as text exactly as received."""
        return [
            {
                "method": seen.request.method,
                "path": seen.request.path,
                "query": dict(seen.request.query),
                "headers": dict(seen.request.headers),
                "body": seen.request.body.decode("utf-8", "backslashreplace"),
                "status": seen.status,
            }
            for seen in list(self.seen)[-number:]
            if number > 0
        ]


def _route(path: str) -> str:
    """Return the path with keys left out, so that requests for many records are one route."""
    if not path.startswith(PREFIX):
        return path
    name, keys = split_path(path)
    return f"{PREFIX}{name}/{{key}}" if keys else f"{PREFIX}{name}"

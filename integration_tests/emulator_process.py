"""The emulator as a process of its own, for tests: started on a free port, asked over HTTP, stopped at the end."""

import contextlib
import http.client
import os
import subprocess
import sys
from decimal import Decimal
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

import msgspec

_DECODER = msgspec.json.Decoder(float_hook=Decimal)
_ENCODER = msgspec.json.Encoder(decimal_format="number")
_LISTENING = "listening on "


class EmulatorProcess:
    """A context manager around one emulator; `flags` are those of its command line."""

    url: str

    def __init__(self, *flags: str) -> None:
        command = [sys.executable, "-m", "intacct_emulator", "--port", "0", *flags]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=_unmeasured())
        assert self._process.stdout is not None
        line = self._process.stdout.readline().strip()
        if not line.startswith(_LISTENING):
            self.stop()
            raise RuntimeError(f"the emulator did not start, see its messages above; it said: {line!r}")
        self.url = line.removeprefix(_LISTENING)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def records(self, path: str) -> list[dict[str, Any]]:
        """Return every record of an object, of all entities, in the order of their keys, with exact numbers."""
        return self._ask("GET", f"records/{path}")

    def ledger(self) -> list[dict[str, Any]]:
        """Return the documents that are posted to the general ledger, with their entries."""
        return self._ask("GET", "ledger")

    def hold(self, path: str, *bodies: dict[str, Any], entity: str | None = None) -> list[str]:
        """Create records that a test takes for granted, in an entity or at the top level; their keys.

        It is no request of the API: nothing counts it.
        """
        inside = "" if entity is None else f"?entity={entity}"
        return [held["key"] for held in self._ask("POST", f"records/{path}{inside}", bodies)]

    def delete(self, path: str) -> None:
        """Delete every record of an object over the API, as another client does."""
        address = urlsplit(self.url)
        keys = ",".join(each["key"] for each in self.records(path))
        connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=30)
        with contextlib.closing(connection):
            authorization = {"Authorization": "Bearer demo-access-token"}
            connection.request("DELETE", f"{address.path}/objects/{path}/{keys}", headers=authorization)
            assert connection.getresponse().status == http.client.NO_CONTENT

    def stats(self) -> dict[str, Any]:
        """Counts of requests, of API transactions, of the most in flight, of those throttled."""
        return self._ask("GET", "stats")

    def requests(self, last: int = 100) -> list[dict[str, Any]]:
        """Return the last requests as they were received, oldest first."""
        return self._ask("GET", f"requests?last={last}")

    def fault(self, **rule: Any) -> None:
        """Adds a fault, see docs/emulator.md."""
        self._ask("POST", "faults", rule)

    def struck(self) -> list[int]:
        """Return how many requests each fault has met."""
        return list(self._ask("GET", "faults")["struck"])

    def clear_faults(self) -> None:
        """Removes every fault."""
        self._ask("DELETE", "faults")

    def declare_fields(
        self,
        path: str,
        fields: dict[str, Any],
        refs: dict[str, Any] | None = None,
        dimensions: dict[str, Any] | None = None,
    ) -> None:
        """Give an object fields of the company's own until the next reset, see docs/emulator.md."""
        asked = {"object": path, "fields": fields, "refs": refs or {}, "dimensions": dimensions or {}}
        self._ask("POST", "fields", asked)

    def close_books(self, until: str) -> None:
        """Close the books up to a day such as 2026-01-31, until the next reset."""
        self._ask("POST", "closed-until", {"date": until})

    def reset(self) -> None:
        """Everything back to a fresh start."""
        self._ask("POST", "reset")

    def expire_tokens(self) -> None:
        """End every access token now."""
        self._ask("POST", "expire-tokens")

    def advance_clock(self, seconds: float) -> None:
        """Moves the emulator's clock on."""
        self._ask("POST", "clock", {"advance_seconds": seconds})

    def stop(self) -> None:
        """Ends the process."""
        self._process.terminate()
        self._process.communicate()

    def _ask(self, method: str, route: str, body: object = None) -> Any:
        address = urlsplit(self.url)
        connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=30)
        try:
            connection.request(method, f"/emulator/{route}", None if body is None else _ENCODER.encode(body))
            answer = connection.getresponse()
            text = answer.read()
        finally:
            connection.close()
        if answer.status >= http.client.BAD_REQUEST:
            raise RuntimeError(f"{method} /emulator/{route} answered {answer.status}: {text.decode()}")
        return _DECODER.decode(text) if text else None


def _unmeasured() -> dict[str, str]:
    """Return the environment without what measures coverage: the emulator's is not asked for, and halves its speed."""
    return {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}

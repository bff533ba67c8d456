"""A server between the connector and Sage Intacct that now and then answers in its place, or spoils what it passes on.

What a balancer, a firewall, a proxy, a sign-in page or a broken network does; byte for byte, over real sockets.
"""

import contextlib
import http.client
import json
import socket
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fnmatch import fnmatchcase
from typing import Any, Self
from urllib.parse import urlsplit

Json = Any

HTML = b"<html><h1>Service under maintenance</h1></html>"
FOREIGN_STATUSES = (400, 401, 403, 404, 405, 407, 409, 410, 413, 421, 422, 431, 451, 500, 502)
SUCCESSES = (200, 201, 202, 204, 207)


@dataclass(frozen=True)
class Real:
    """What Sage Intacct answered, and to what; nothing if it never heard of the request."""

    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    sent: bytes = b""

    @property
    def payload(self) -> Json:
        return json.loads(self.body) if self.body else None


def response(status: int, body: bytes = b"", *headers: tuple[str, str]) -> bytes:
    """Return the bytes of a whole answer."""
    lines = [f"HTTP/1.1 {status} Whatever", *(f"{name}: {value}" for name, value in headers)]
    return "\r\n".join([*lines, f"Content-Length: {len(body)}", "", ""]).encode("latin-1") + body


def _json(status: int, payload: Json) -> bytes:
    return response(status, json.dumps(payload).encode(), ("Content-Type", "application/json"))


def _with_results(real: Real, change: Callable[[list[Json]], list[Json]]) -> bytes:
    """Return the real answer with other results in its list, or of its one record; an empty one if there are none."""
    payload = real.payload
    results = payload.get("ia::result") if isinstance(payload, dict) else None
    if not isinstance(results, list | dict):
        return response(real.status)
    is_list = isinstance(results, list)
    changed = change(results if is_list else [results])
    shown = changed if is_list or len(changed) != 1 else changed[0]
    return response(real.status, json.dumps({**payload, "ia::result": shown}).encode(), *real.headers)


def _nameless(results: list[Json]) -> list[Json]:
    return [{name: value for name, value in each.items() if name != "key"} for each in results]


def _alike(results: list[Json]) -> list[Json]:
    """Return results that all name the first one's record; a single one names none."""
    return [{**each, "key": results[0].get("key")} for each in results] if len(results) > 1 else _nameless(results)


def _counted_wrong(real: Real) -> bytes:
    payload = real.payload
    if not isinstance(payload, dict):
        return response(real.status)
    about = {**(payload.get("ia::meta") or {}), "totalError": 1 + len(str(payload)), "totalCount": 10**6}
    return response(real.status, json.dumps({**payload, "ia::meta": about}).encode(), *real.headers)


def _as_a_page(real: Real) -> bytes:
    others = [(name, value) for name, value in real.headers if name.lower() != "content-type"]
    return response(real.status, real.body, ("Content-Type", "text/html"), *others)


def _quoted(sent: bytes) -> str:
    """Return an error text that shows the values of a request as servers do: in capitals, cut, with other digits."""
    with contextlib.suppress(ValueError):
        values = [text for text in _texts(json.loads(sent, parse_int=Decimal, parse_float=Decimal)) if len(text) > 3]
        return "; ".join(f"'{text}' {text.upper()} {text[:7]}... x{text}x {_grouped(text)}" for text in values)
    return sent.decode("utf-8", "replace")


def _texts(value: Json) -> Iterator[str]:
    if isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _texts(inner)
    elif isinstance(value, str | Decimal):
        yield str(value)


def _grouped(text: str) -> str:
    try:
        return f"{Decimal(text):,}" + "0" * ("." in text)
    except ArithmeticError:
        return text


def _quoting(real: Real) -> bytes:
    """Return the real answer with values of the request in each of its errors."""

    def in_errors(value: Json) -> Json:
        if isinstance(value, list):
            return [in_errors(inner) for inner in value]
        if not isinstance(value, dict):
            return value
        changed = {name: in_errors(inner) for name, inner in value.items()}
        if "message" in changed:
            return changed | {"message": f"{changed['message']} {_quoted(real.sent)}"}
        return changed

    is_error = b'"ia::error"' in real.body
    return response(real.status, json.dumps(in_errors(real.payload)).encode() if is_error else real.body, *real.headers)


def _failing(real: Real) -> bytes:
    """Return an outage of Sage Intacct in place of the real answer, which quotes what was sent."""
    error = {"code": "serverError", "message": f"Cannot save {_quoted(real.sent)}", "errorId": "REST-5000"}
    return _json(500, {"ia::result": {"ia::error": error}, "ia::meta": {"totalCount": 1, "totalError": 1}})


def _throttled(wait: str) -> Callable[[int], bytes]:
    return lambda _status: response(429, b"", ("Retry-After", wait))


CLOSED = b""  # after which the connection is closed: the answer breaks off here

# What comes instead of an answer, whether or not Sage Intacct has worked; given the status that is to be shown.
INSTEAD: Mapping[str, Callable[[int], bytes]] = {
    "no body": response,
    "an HTML page": lambda status: response(status, HTML, ("Content-Type", "text/html")),
    "an HTML page without a type": lambda status: response(status, HTML),
    "an empty object": lambda status: _json(status, {}),
    "null": lambda status: _json(status, None),
    "a list": lambda status: _json(status, []),
    "a text": lambda status: _json(status, "ok"),
    "foreign JSON": lambda status: _json(status, {"message": "Forbidden"}),
    "a foreign error": lambda status: _json(status, {"error": {"code": status, "message": "not allowed"}}),
    "a result of nothing": lambda status: _json(status, {"ia::result": None}),
    "an empty result": lambda status: _json(status, {"ia::result": {}}),
    "an empty list": lambda status: _json(status, {"ia::result": []}),
    "an interim answer": lambda _status: b"HTTP/1.1 101 Switching Protocols\r\n\r\n",
    "a head that breaks off": lambda status: f"HTTP/1.1 {status} OK\r\nContent-Type: appl".encode(),
    "two lengths": lambda status: response(status, b"{}", ("Content-Length", "900")),
    "packed badly": lambda status: response(status, b"nope", ("Content-Encoding", "gzip")),
    "no answer": lambda _status: CLOSED,
    "no HTTP": lambda _status: b"SSH-2.0-OpenSSH_9.2\r\n",
}
# What a gateway says that lets nothing through for now; the server never hears of the request.
WAITS: Mapping[str, Callable[[int], bytes]] = {
    f"a wait of {wait}": _throttled(wait)
    for wait in ("-5", "1000000000", "1e9", "9" * 30, "soon", "", "Mon, 99 Feb 2026 25:61:00 GMT")
}
# What becomes of Sage Intacct's own answer on its way.
SPOILT: Mapping[str, Callable[[Real], bytes]] = {
    "a body that breaks off": lambda real: response(real.status, real.body, *real.headers)[
        : -len(real.body) // 2 or None
    ],
    "a body of another type": _as_a_page,
    "fewer results": lambda real: _with_results(real, lambda results: results[:-1]),
    "more results": lambda real: _with_results(real, lambda results: [*results, *results[:1]]),
    "results without keys": lambda real: _with_results(real, _nameless),
    "results of one record": lambda real: _with_results(real, _alike),
    "counts that say otherwise": _counted_wrong,
    "errors that quote": _quoting,
    "an outage that quotes": _failing,
}


@dataclass(frozen=True)
class Strike:
    """Which requests meet what: the `nth` of those that fit, from 1; `passes`: Sage Intacct works on them."""

    answer: str
    method: str = "POST"
    route: str = "/objects/*"
    nth: tuple[int, ...] = (1,)
    status: int = 200
    passes: bool = False

    def bytes_of(self, real: Real | None) -> bytes:
        if self.answer in SPOILT:
            return SPOILT[self.answer](real or Real())
        return (INSTEAD | WAITS)[self.answer](self.status)


@dataclass
class Interloper:
    """Serves on `url` and passes on to `upstream` what no strike meets."""

    upstream: str
    strikes: tuple[Strike, ...] = ()
    struck: int = 0
    _seen: dict[int, int] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        address = urlsplit(self.upstream)
        self._host, self._port = str(address.hostname), address.port
        self.base = address.path
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}{self.base}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def play(self, strikes: Iterable[Strike]) -> None:
        """Let only these strikes meet requests from here on."""
        with self._lock:
            self.strikes, self.struck = tuple(strikes), 0
            self._seen.clear()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        upstream = http.client.HTTPConnection(self._host, self._port, timeout=60)
        broken = contextlib.suppress(OSError, ValueError, http.client.HTTPException)
        with connection, contextlib.closing(upstream), connection.makefile("rb") as reading, broken:
            while line := reading.readline():
                if not self._answer(connection, upstream, reading, line):
                    return

    def _answer(
        self, connection: socket.socket, upstream: http.client.HTTPConnection, reading: Any, line: bytes
    ) -> bool:
        """Answer one request; return whether the connection stays."""
        method, path, _ = line.decode("latin-1").split(" ", 2)
        headers = dict(http.client.parse_headers(reading).items())
        body = reading.read(int(headers.pop("Content-Length", 0)))
        strike = self._strike(method, path)
        real = None
        if strike is None or strike.passes or strike.answer in SPOILT:
            upstream.request(method, path, body or None, headers)
            got = upstream.getresponse()
            kept = tuple((name, value) for name, value in got.getheaders() if name.lower() != "content-length")
            real = Real(got.status, kept, got.read(), body)
        if strike is None:
            assert real is not None
            connection.sendall(response(real.status, real.body, *real.headers) if real.status != 204 else _NO_CONTENT)
            return True
        connection.sendall(strike.bytes_of(real))
        return False

    def _strike(self, method: str, path: str) -> Strike | None:
        with self._lock:
            met = None
            for place, strike in enumerate(self.strikes):
                if strike.method in (method, "*") and fnmatchcase(path.removeprefix(self.base), strike.route):
                    self._seen[place] = self._seen.get(place, 0) + 1
                    if met is None and self._seen[place] in strike.nth:
                        met = strike
            self.struck += met is not None
            return met


_NO_CONTENT = b"HTTP/1.1 204 No Content\r\n\r\n"

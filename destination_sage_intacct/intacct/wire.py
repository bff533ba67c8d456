"""Connections that keep every exchange within its time and its size, whatever is sent or comes back.

The libraries below us restart the timeout with each piece that arrives and trust what frames an answer. Here is the one
place that reads from a socket and writes to it, so what holds here holds for interim answers, heads, redirects and
bodies alike, through TLS and through a proxy.
"""

import email.errors
import http.client
import io
import re
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, BinaryIO, cast

import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

from destination_sage_intacct.intacct.clock import Clock

# With every interim answer before it. Python takes 100 headers of 64 KiB each, and any number of interim answers.
LARGEST_HEAD_BYTES = 1 << 20
# One record of TLS, which is what a socket's timeout covers when it sends.
_PART_BYTES = 1 << 14
# 100 Continue, 103 Early Hints and the like come before the answer. 101 is an answer to what was never asked for.
_INTERIM = re.compile(rb"HTTP/\d\.\d\s+1(?!01)\d\d\s")
_LENGTH = re.compile(r"[0-9]{1,18}")
_BROKEN_HEAD = (email.errors.MissingHeaderBodySeparatorDefect, email.errors.FirstHeaderLineIsContinuationDefect)


class TooLargeError(Exception):
    """The answer does not fit into memory with the rest of the sync."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What one exchange may take: until when, in monotonic seconds of the clock, and how many bytes its answer has."""

    clock: Clock
    deadline: float
    largest_answer_bytes: int

    def seconds_left(self) -> float:
        """Return how long the exchange may still last. Raises TimeoutError when that is over."""
        left = self.deadline - self.clock.monotonic()
        if left <= 0:
            raise TimeoutError("timed out")
        return left


# The libraries make connections and answers in places where nothing of ours can be handed over.
_BOUNDS: ContextVar[Bounds] = ContextVar("bounds")


@contextmanager
def within(bounds: Bounds) -> Iterator[None]:
    """Keep what this thread exchanges in the block within bounds."""
    token = _BOUNDS.set(bounds)
    try:
        yield
    finally:
        _BOUNDS.reset(token)


class _Incoming(io.RawIOBase):
    """What a socket receives of one answer; a read waits no longer than the exchange may last."""

    def __init__(self, sock: socket.socket, stream: io.RawIOBase) -> None:
        self._sock = sock
        self._stream = stream
        self._bytes_read = 0
        self.most_bytes = LARGEST_HEAD_BYTES

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:  # noqa: ANN401 - what can be written to has no name yet
        self._sock.settimeout(_BOUNDS.get().seconds_left())
        size = cast("int | None", self._stream.readinto(buffer))
        self._bytes_read += size or 0
        if self._bytes_read > self.most_bytes:
            raise TooLargeError(f"the answer holds more than {self.most_bytes} bytes")
        return size

    def close(self) -> None:
        self._stream.close()
        super().close()


class _Head:
    """The stream of an answer while its head is read: leaves out interim answers, knows the last line."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._has_begun = False
        self.last_line = b""

    def readline(self, limit: int = -1) -> bytes:
        line = self._stream.readline(limit)
        while not self._has_begun and _INTERIM.match(line):
            while line.strip():
                line = self._stream.readline(limit)
            line = self._stream.readline(limit)
        self._has_begun = True
        self.last_line = line
        return line

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever else the stream can do
        return getattr(self._stream, name)


class _Response(http.client.HTTPResponse):
    """Reads within the bounds, and takes no head that breaks off or frames the body in two ways."""

    def __init__(self, sock: socket.socket, *args: Any, **settings: Any) -> None:  # noqa: ANN401 - as http.client has it
        super().__init__(sock, *args, **settings)
        # Detached, not reopened: the socket counts its streams, and is closed with the last one.
        self._incoming = _Incoming(sock, self.fp.detach())
        self.fp = io.BufferedReader(self._incoming)

    def begin(self) -> None:
        stream, head = self.fp, _Head(self.fp)
        self.fp = cast("io.BufferedReader", head)  # of which only lines are read meanwhile
        super().begin()
        self.fp = stream
        if not head.last_line:
            raise http.client.IncompleteRead(b"")
        _check_head(self.status, self.headers)
        self._incoming.most_bytes = _BOUNDS.get().largest_answer_bytes


def _check_head(status: int, headers: http.client.HTTPMessage) -> None:
    """Raise where a head does not say for certain what follows it; Python takes the first length, or the next best."""
    lengths = {length.strip() for value in headers.get_all("content-length", ()) for length in value.split(",")}
    if len(lengths) > 1 or not all(_LENGTH.fullmatch(length) for length in lengths):
        raise http.client.HTTPException("Content-Length is not one number")
    if any(isinstance(defect, _BROKEN_HEAD) for defect in headers.defects):
        raise http.client.HTTPException("a line of the head is no header")
    if status == http.HTTPStatus.SWITCHING_PROTOCOLS:
        raise http.client.HTTPException("another protocol was not asked for")


class _Connection(urllib3.connection.HTTPConnection):
    """Connects and sends within the bounds."""

    response_class = _Response

    def _new_conn(self) -> socket.socket:
        """Try the host's addresses one after the other; urllib3 alone would give each of them the whole time."""
        host, longest = self.host, cast("float", self.timeout)
        try:
            addresses = list(dict.fromkeys(found[4][0] for found in socket.getaddrinfo(host, self.port)))
        except (OSError, UnicodeError):
            return super()._new_conn()  # which says it in its own words
        failure: Exception = ConnectTimeoutError(self, "timed out")
        try:
            for address in addresses:
                self.timeout = min(longest, _BOUNDS.get().seconds_left())
                self.host = str(address)
                try:
                    return super()._new_conn()
                except (NewConnectionError, ConnectTimeoutError) as error:
                    failure = error
        except TimeoutError:
            failure = ConnectTimeoutError(self, "timed out")
        finally:
            self.host = host
        raise failure

    def send(self, data: Any) -> None:  # noqa: ANN401 - as http.client has it
        """Send bytes a part at a time, each within what is left; TLS restarts the timeout with each of its records."""
        if self.sock is None:
            self.connect()
        for start in range(0, len(data), _PART_BYTES):
            self.sock.settimeout(_BOUNDS.get().seconds_left())
            self.sock.sendall(data[start : start + _PART_BYTES])


class _ProxySocket(ssl.SSLSocket):
    """TLS to a proxy, which carries TLS to the host: one record of that may take many reads of this."""

    def recv(self, *args: int) -> bytes:
        self.settimeout(_BOUNDS.get().seconds_left())
        return super().recv(*args)


class _SecureConnection(urllib3.connection.HTTPSConnection, _Connection):
    """The same over TLS."""

    def _connect_tls_proxy(self, hostname: str, sock: socket.socket) -> ssl.SSLSocket:
        secured = super()._connect_tls_proxy(hostname, sock)
        secured.__class__ = _ProxySocket  # urllib3 makes it in a place where no class can be named
        return secured


class _Pool(urllib3.HTTPConnectionPool):
    ConnectionCls = _Connection


class _SecurePool(urllib3.HTTPSConnectionPool):
    ConnectionCls = _SecureConnection


class Adapter(HTTPAdapter):
    """Connects as requests does, directly or through a proxy, on connections that keep within the bounds."""

    def init_poolmanager(self, *args: Any, **settings: Any) -> None:  # noqa: ANN401 - as requests has it
        """Make the pools of connections."""
        super().init_poolmanager(*args, **settings)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _SecurePool}

    def proxy_manager_for(self, *args: Any, **settings: Any) -> urllib3.PoolManager:  # noqa: ANN401 - as requests has it
        """Return the pools of connections through one proxy."""
        manager: urllib3.PoolManager = super().proxy_manager_for(*args, **settings)
        manager.pool_classes_by_scheme = self.poolmanager.pool_classes_by_scheme
        return manager

    def build_response(self, req: requests.PreparedRequest, resp: urllib3.BaseHTTPResponse) -> requests.Response:
        """Return an answer as it is: without its cookies, and without the character set that it claims to have."""
        response = requests.Response()
        response.status_code = resp.status
        response.headers.update(resp.headers)
        response.raw = resp
        response.request = req
        return response

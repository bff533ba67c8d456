"""One HTTP exchange: a request goes out once, an answer comes back or is lost. Nothing is decided here."""

import http.client
import http.cookiejar
import io
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, BinaryIO, Protocol, cast
from urllib.parse import urlsplit

import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.util.retry import Retry

from destination_sage_intacct import exact_json
from destination_sage_intacct.intacct.classify import Answer, NoResponse
from destination_sage_intacct.intacct.clock import Clock

CONNECT_TIMEOUT_SECONDS = 10.0
LARGEST_ANSWER_BYTES = 256 << 20
_CHUNK_BYTES = 1 << 16

# Only connecting is repeated below us: what failed there never reached the server. Everything else may have.
_CONNECT_RETRIES = Retry(total=None, connect=2, read=False, redirect=0, status=0, other=0)
# How OpenSSL reports, in its versions, that what came back is not TLS.
_NO_TLS = ("WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "UNKNOWN_PROTOCOL")
_NEVER_SENT = (
    urllib3.exceptions.NewConnectionError,
    urllib3.exceptions.ConnectTimeoutError,
    urllib3.exceptions.ProxyError,
)


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """One request on the wire; `url` is whole."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = field(default=None, repr=False)
    token: str | None = field(default=None, repr=False)


class Transport(Protocol):
    """Sends one request once."""

    def __call__(self, request: HttpRequest) -> Answer | NoResponse:
        """Return the server's answer, or that none came. Raises ConfigurationError where no attempt makes sense."""
        ...


class _TooLargeError(Exception):
    """The answer does not fit into memory with the rest of the sync."""


class _Bearer(requests.auth.AuthBase):
    """Sets the token itself, so that a .netrc of the machine never replaces it."""

    def __init__(self, token: str | None) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if self._token is not None:
            request.headers["Authorization"] = f"Bearer {self._token}"
        return request


class _Head:
    """The stream of an answer while its head is read; knows the last line."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.last_line = b""

    def readline(self, limit: int = -1) -> bytes:
        self.last_line = self._stream.readline(limit)
        return self.last_line

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever else the stream can do
        return getattr(self._stream, name)


class _Response(http.client.HTTPResponse):
    """Notices when the connection ends within the headers, which the standard library takes for their end."""

    def begin(self) -> None:
        stream, head = self.fp, _Head(self.fp)
        self.fp = cast("io.BufferedReader", head)  # of which only lines are read meanwhile
        super().begin()
        self.fp = stream
        if not head.last_line:
            raise http.client.IncompleteRead(b"")


class _Connection(urllib3.connection.HTTPConnection):
    response_class = _Response


class _SecureConnection(urllib3.connection.HTTPSConnection):
    response_class = _Response


class _Pool(urllib3.HTTPConnectionPool):
    ConnectionCls = _Connection


class _SecurePool(urllib3.HTTPSConnectionPool):
    ConnectionCls = _SecureConnection


class _Adapter(HTTPAdapter):
    """Connects as requests does, directly or through a proxy, and reads heads of answers to their end."""

    def init_poolmanager(self, *args: Any, **settings: Any) -> None:  # noqa: ANN401 - as requests has it
        super().init_poolmanager(*args, **settings)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _SecurePool}

    def proxy_manager_for(self, *args: Any, **settings: Any) -> urllib3.PoolManager:  # noqa: ANN401 - as requests has it
        manager: urllib3.PoolManager = super().proxy_manager_for(*args, **settings)
        manager.pool_classes_by_scheme = self.poolmanager.pool_classes_by_scheme
        return manager


class RequestsTransport:
    """HTTP through requests: pooled connections, certificates checked, no redirects, no cookies, a whole deadline.

    Safe from any thread: of what threads share in the session, only the pool of connections changes after its making,
    and that is guarded by a lock of its own. The pool never makes a request wait, as the deadline would not cover it.

    Args:
        timeout_seconds: from sending to the last byte of the answer.
        clock: measures the deadline.
        connections: how many are kept open for the requests that follow; more are opened when more are needed.
    """

    def __init__(self, timeout_seconds: float, clock: Clock, connections: int = 1) -> None:
        self._timeout = timeout_seconds
        self._clock = clock
        # Its warnings show attempts that are repeated just below; if all fail, the answer or `NoResponse` says why.
        logging.getLogger("urllib3").setLevel(logging.ERROR)
        self._session = requests.Session()
        adapter = _Adapter(pool_maxsize=connections, max_retries=_CONNECT_RETRIES)
        self._session.mount("https://", adapter)
        self._session.mount("http://", adapter)
        self._session.cookies.set_policy(http.cookiejar.DefaultCookiePolicy(allowed_domains=[]))

    def __call__(self, request: HttpRequest) -> Answer | NoResponse:
        """Send once; a lost answer says whether the request may have arrived."""
        deadline = self._clock.monotonic() + self._timeout
        try:
            with self._session.request(
                request.method,
                request.url,
                data=request.body,
                headers=dict(request.headers),
                auth=_Bearer(request.token),
                timeout=(min(CONNECT_TIMEOUT_SECONDS, self._timeout), self._timeout),
                allow_redirects=False,
                stream=True,
            ) as response:
                body = _read(response, lambda: self._clock.monotonic() > deadline)
                headers = {name.lower(): value for name, value in response.headers.items()}
                return _answer(response.status_code, headers, body)
        except requests.exceptions.SSLError as error:
            return _tls_failure(error, request.url)
        except (requests.exceptions.ConnectTimeout, requests.exceptions.ProxyError) as error:
            return NoResponse(may_have_been_sent=False, reason=_reason(error))
        except requests.exceptions.ConnectionError as error:
            return NoResponse(may_have_been_sent=not _never_sent(error), reason=_reason(error))
        except (requests.exceptions.Timeout, TimeoutError):
            return NoResponse(may_have_been_sent=True, reason=f"no answer within {self._timeout:g} seconds")
        except _TooLargeError as error:
            return NoResponse(may_have_been_sent=True, reason=str(error))
        except (requests.exceptions.RequestException, urllib3.exceptions.HTTPError) as error:
            # Whatever else an answer can do wrong, such as two lengths; our own address was checked before.
            return NoResponse(may_have_been_sent=True, reason=_reason(error))


def _read(response: requests.Response, is_late: Callable[[], bool]) -> bytes:
    """Read the body as it comes, so that a server that drips cannot hold us past the deadline."""
    parts: list[bytes] = []
    size = 0
    while chunk := response.raw.read1(_CHUNK_BYTES, decode_content=True):
        parts.append(chunk)
        size += len(chunk)
        if is_late():
            raise TimeoutError
        if size > LARGEST_ANSWER_BYTES:
            raise _TooLargeError(f"the answer holds more than {LARGEST_ANSWER_BYTES} bytes")
    return b"".join(parts)


def _answer(status: int, headers: Mapping[str, str], body: bytes) -> Answer:
    if not body.strip():
        return Answer(status, headers)
    media_type = headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type and not media_type.endswith(("/json", "+json")):
        return Answer(status, headers, unreadable=_kind_of(media_type, body))
    try:
        return Answer(status, headers, exact_json.decode(body))
    except exact_json.NotJsonError:
        return Answer(status, headers, unreadable=_kind_of(media_type, body))


def _kind_of(media_type: str, body: bytes) -> str:
    """Return what a body is that is not JSON, in words."""
    if media_type == "text/html" or body.lstrip()[:1] == b"<":
        return "an HTML page"
    return "a body that is not JSON" if media_type in {"", "application/json"} else f"a body of type {media_type[:60]}"


def _never_sent(error: requests.exceptions.ConnectionError) -> bool:
    cause = error.args[0] if error.args else None
    if isinstance(cause, urllib3.exceptions.MaxRetryError):
        cause = cause.reason
    return isinstance(cause, _NEVER_SENT)


def _tls_failure(error: requests.exceptions.SSLError, url: str) -> NoResponse:
    text = str(error)
    if "CERTIFICATE_VERIFY_FAILED" in text:
        reason = (
            f"the certificate of {urlsplit(url).netloc} cannot be verified; if a proxy of your network re-signs "
            "traffic, its certificate authority must be trusted where the connector runs (REQUESTS_CA_BUNDLE)"
        )
        return NoResponse(may_have_been_sent=False, reason=reason)
    if any(word in text for word in _NO_TLS):
        return NoResponse(
            may_have_been_sent=True, reason="the host does not speak TLS on this port, which an https address needs"
        )
    return NoResponse(may_have_been_sent=True, reason="the encrypted connection broke")


def _reason(error: Exception) -> str:
    """Say why in a person's words; the libraries' own texts hold addresses of objects."""
    text = str(error)
    if "NameResolution" in text or "Name or service not known" in text or "getaddrinfo" in text:
        return "the host's name cannot be resolved"
    if "refused" in text:
        return "the host refused the connection"
    if isinstance(error, requests.exceptions.ProxyError):
        return "the proxy did not let the connection through"
    if isinstance(error, requests.exceptions.ConnectTimeout) or "timed out" in text:
        return "the host did not answer in time"
    return "the connection was cut before the answer was complete"

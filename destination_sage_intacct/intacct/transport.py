"""One HTTP exchange: a request goes out once, an answer comes back or is lost. It decides nothing."""

import logging
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import urlsplit

import requests
import urllib3
from urllib3.util.retry import Retry

from destination_sage_intacct import exact_json
from destination_sage_intacct.intacct.classify import Answer, NoResponse
from destination_sage_intacct.intacct.clock import Clock
from destination_sage_intacct.intacct.errors import ConfigurationError
from destination_sage_intacct.intacct.wire import Adapter, Bounds, TooLargeError, within
from destination_sage_intacct.this_machine import is_this_machine

CONNECT_TIMEOUT_SECONDS = 10.0
# On the wire, and unpacked; the largest page, of 4000 records, is a few MiB. A short value takes up to thirty times its
# size in memory, so they are counted too.
LARGEST_ANSWER_BYTES = 32 << 20
_MOST_VALUES = 4_000_000
_PIECE_BYTES = 1 << 16
_PACKINGS = frozenset({"gzip", "x-gzip", "deflate"})
_EITHER_HEADER = zlib.MAX_WBITS | 32  # gzip's or zlib's, as zlib finds it

# Only connecting is repeated below us: what failed there never reached the server. Everything else may have.
_CONNECT_RETRIES = Retry(total=None, connect=2, read=False, redirect=0, status=0, other=0)
# How OpenSSL reports, in its versions, that what came back is not TLS.
_NO_TLS = ("WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "UNKNOWN_PROTOCOL")
_NEVER_SENT = (
    urllib3.exceptions.NewConnectionError,
    urllib3.exceptions.ConnectTimeoutError,
    urllib3.exceptions.ProxyError,
)
_NO_PROXY = (
    requests.exceptions.InvalidURL,
    requests.exceptions.InvalidSchema,
    urllib3.exceptions.LocationValueError,
)
_NO_PROXY_TEXT = (
    "The proxy that the environment variable HTTPS_PROXY or ALL_PROXY names cannot be used: set it to the address of "
    "an HTTP proxy, such as http://proxy.example.com:3128, or unset it where the connector runs."
)
_NO_REQUEST_TEXT = (
    "The address or the access token holds characters that no HTTP request can carry: check `api_url` and the token, "
    "and enter them again without line breaks or special characters."
)
_NO_AUTHORITIES_TEXT = (
    "The certificate authorities that the environment variable REQUESTS_CA_BUNDLE or CURL_CA_BUNDLE names cannot be "
    "read: set it to a file in PEM format, or unset it where the connector runs."
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


class _Bearer(requests.auth.AuthBase):
    """Sets the token itself, so that a .netrc of the machine never replaces it."""

    def __init__(self, token: str | None) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if self._token is not None:
            request.headers["Authorization"] = f"Bearer {self._token}"
        return request


class RequestsTransport:
    """HTTP through requests: pooled connections, certificates checked, no redirects, no cookies, a whole deadline.

    A host that is this machine is never reached through a proxy.

    Safe from any thread: of what threads share in the session, only the pool of connections changes after its making,
    and that has its own lock. The pool never makes a request wait, as the deadline would not cover it.

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
        self._session.headers["Accept-Encoding"] = "gzip"
        self._adapter = Adapter(pool_maxsize=connections, max_retries=_CONNECT_RETRIES)

    def __call__(self, request: HttpRequest) -> Answer | NoResponse:
        """Send once; a lost answer says whether the request may have arrived."""
        bounds = Bounds(self._clock, self._clock.monotonic() + self._timeout, LARGEST_ANSWER_BYTES)
        try:
            with within(bounds), self._send(request) as response:
                headers = {name.lower(): value for name, value in response.headers.items()}
                return _answer(response.status_code, headers, _read(response.raw, headers, bounds))
        except requests.exceptions.SSLError as error:
            return _tls_failure(error, request.url)
        except (requests.exceptions.ConnectTimeout, requests.exceptions.ProxyError) as error:
            return NoResponse(may_have_been_sent=False, reason=_reason(error))
        except requests.exceptions.ConnectionError as error:
            return NoResponse(may_have_been_sent=not _never_sent(error), reason=_reason(error))
        except (requests.exceptions.Timeout, urllib3.exceptions.ReadTimeoutError, TimeoutError):
            return NoResponse(may_have_been_sent=True, reason=f"no answer within {self._timeout:g} seconds")
        except TooLargeError as error:
            return NoResponse(may_have_been_sent=True, reason=str(error), is_too_large=True)
        except _NO_PROXY as error:
            raise ConfigurationError(_NO_PROXY_TEXT) from error
        except (requests.exceptions.RequestException, urllib3.exceptions.HTTPError, zlib.error) as error:
            # Whatever else an answer can do wrong, such as two lengths; our own address was checked before.
            return NoResponse(may_have_been_sent=True, reason=_reason(error))
        except ValueError as error:
            # Of a header that http.client does not write; nothing was sent yet.
            raise ConfigurationError(_NO_REQUEST_TEXT) from error
        except OSError as error:
            # The one that requests raises by itself, before it connects.
            raise ConfigurationError(_NO_AUTHORITIES_TEXT) from error

    def _send(self, request: HttpRequest) -> requests.Response:
        """Send, and return the head of the answer. By the adapter, as the session would resolve its redirects."""
        session = self._session
        headers, auth = dict(request.headers), _Bearer(request.token)
        wanted = requests.Request(request.method, request.url, data=request.body, headers=headers, auth=auth)
        try:
            prepared = session.prepare_request(wanted)
        except ValueError as error:
            raise ConfigurationError(_NO_REQUEST_TEXT) from error
        settings: dict[str, Any] = {**session.merge_environment_settings(request.url, {}, True, True, None)}
        if is_this_machine(urlsplit(request.url).hostname or ""):
            settings["proxies"] = {}
        timeout = (min(CONNECT_TIMEOUT_SECONDS, self._timeout), self._timeout)
        return self._adapter.send(prepared, timeout=timeout, **settings)


def _read(raw: urllib3.BaseHTTPResponse, headers: Mapping[str, str], bounds: Bounds) -> bytes:
    """Read the body as it comes, and unpack it on the way, within the bounds at every piece."""
    pieces = iter(lambda: raw.read1(_PIECE_BYTES, decode_content=False), b"")
    packing = headers.get("content-encoding", "").strip().lower()
    if "," in packing:
        # Each would multiply what the next one has to unpack, and no server packs twice what we ask to be packed once.
        raise zlib.error("packed more than once")
    parts: list[bytes] = []
    size = 0
    for part in _unpacked(pieces) if packing in _PACKINGS else pieces:
        bounds.seconds_left()
        parts.append(part)
        size += len(part)
        if size > bounds.largest_answer_bytes:
            raise TooLargeError(f"the answer holds more than {bounds.largest_answer_bytes} bytes")
    return b"".join(parts)


def _unpacked(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Unpack what gzip or zlib packed, a piece at a time. Raises zlib.error where it is broken or breaks off."""
    unpacking = None
    for piece in pieces:
        packed = piece
        while packed or (unpacking and not unpacking.eof):
            if unpacking is None or unpacking.eof:
                unpacking = zlib.decompressobj(_EITHER_HEADER)
            part = unpacking.decompress(packed, _PIECE_BYTES)
            yield part
            packed = unpacking.unused_data if unpacking.eof else unpacking.unconsumed_tail
            if not packed and len(part) < _PIECE_BYTES:
                break
    if unpacking is not None and not unpacking.eof:
        raise zlib.error("it breaks off")


def _answer(status: int, headers: Mapping[str, str], body: bytes) -> Answer:
    if not body.strip():
        return Answer(status, headers)
    media_type = headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type and not media_type.endswith(("/json", "+json")):
        return Answer(status, headers, unreadable=_kind_of(media_type, body))
    if sum(body.count(begin) for begin in (b",", b"[", b"{")) > _MOST_VALUES:
        raise TooLargeError(f"the answer holds more than {_MOST_VALUES} values")
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

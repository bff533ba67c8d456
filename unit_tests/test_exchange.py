import contextlib
import datetime as dt
import gzip
import socket
import ssl
import threading
from dataclasses import replace
from decimal import Decimal

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from destination_sage_intacct.intacct.clock import SystemClock
from destination_sage_intacct.intacct.errors import ConfigurationError
from destination_sage_intacct.intacct.exchange import HttpRequest, RequestsExchange
from destination_sage_intacct.intacct.verdict import Answer, Lost

CUT = Lost(sent=True, reason="the connection was cut before the answer was complete")


class Server:
    """A server on a real socket that gives each request the next answer, byte for byte.

    An answer is bytes, or a function of the connection and of an event that says the test is over. What was
    asked is kept in `requests`.
    """

    def __init__(self, *answers, greeting=None):
        self._answers = list(answers)
        self._greeting = greeting
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._open = self._listener
        self.requests = []
        self.connections = 0
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}/ia/api/v1"

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._ended.set()
        for each in (self._open, self._listener):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()

    def request(self, method="GET", **settings):
        return HttpRequest(method, f"{self.url}/objects/x", **settings)

    def _serve(self):
        with contextlib.suppress(OSError):
            while self._answers or self._greeting:
                connection, _ = self._listener.accept()
                self.connections += 1
                self._open = connection
                with connection:
                    if self._greeting is not None:
                        self._greeting(connection)
                    self._talk(connection)

    def _talk(self, connection):
        with connection.makefile("rb") as reading:
            while self._answers and (line := reading.readline()):
                head = [line]
                while (line := reading.readline()).strip():
                    head.append(line)
                lengths = [int(each.split(b":")[1]) for each in head if each.lower().startswith(b"content-length")]
                body = reading.read(lengths[0] if lengths else 0)
                self.requests.append((b"".join(head).decode(), body))
                answer = self._answers.pop(0)
                if callable(answer):
                    answer(connection, self._ended)
                    return
                connection.sendall(answer)
                if b"Connection: close" in answer:
                    return


def cut(connection, _):
    connection.close()


def reset(connection, _):
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
    connection.close()


def silence(_, ended):
    ended.wait()


def drip(connection, ended):
    """An answer that never ends, a byte at a time."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
    with contextlib.suppress(OSError):
        while not ended.wait(0.01):
            connection.sendall(b" ")


def http(body, status="200 OK", *headers, length=None):
    lines = [f"HTTP/1.1 {status}", *headers, f"Content-Length: {len(body) if length is None else length}", "", ""]
    return "\r\n".join(lines).encode() + body


@pytest.fixture
def exchange(monkeypatch):
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    return RequestsExchange(5.0, SystemClock())


def test_an_answer_is_read_with_its_exact_numbers(exchange):
    with Server(http(b'{"amount": 68400.10}', "201 Created", "X-IA-Throttle-Limit: 6")) as server:
        answer = exchange(server.request("POST", headers={"X-IA-API-Param-Entity": "100"}, body=b"{}", token="secret"))

    assert isinstance(answer, Answer)
    assert (answer.status, answer.readable) == (201, True)
    assert answer.payload == {"amount": Decimal("68400.10")}
    assert answer.headers["x-ia-throttle-limit"] == "6"
    head, body = server.requests[0]
    assert head.startswith("POST /ia/api/v1/objects/x HTTP/1.1\r\n")
    assert "Authorization: Bearer secret\r\n" in head
    assert "X-IA-API-Param-Entity: 100\r\n" in head
    assert body == b"{}"


def test_a_request_without_a_token_carries_none(exchange):
    with Server(http(b"{}")) as server:
        exchange(server.request("POST", body=b"a=1"))

    assert "Authorization" not in server.requests[0][0]


def test_neither_the_token_nor_the_body_is_ever_printed():
    assert "hidden" not in repr(HttpRequest("POST", "https://host", {}, b"hidden body", "hidden-token"))


@pytest.mark.parametrize("body", [b"", b"  \r\n"])
def test_an_empty_body_is_none(exchange, body):
    with Server(http(body, "200 OK")) as server:
        assert exchange(server.request()) == Answer(200, {"content-length": str(len(body))})


@pytest.mark.parametrize("body", [b"<html>502 Bad Gateway</html>", b'{"key": "1"', b"\xff\xfe"])
def test_a_body_that_is_not_json_is_told_apart(exchange, body):
    with Server(http(body, "502 Bad Gateway")) as server:
        answer = exchange(server.request())

    assert isinstance(answer, Answer)
    assert (answer.status, answer.payload, answer.readable) == (502, None, False)


def test_a_compressed_answer_is_unpacked(exchange):
    body = gzip.compress(b'{"key": "' + b"1" * 300_000 + b'"}')
    with Server(http(body, "200 OK", "Content-Encoding: gzip")) as server:
        answer = exchange(server.request())

    assert isinstance(answer, Answer)
    assert answer.payload == {"key": "1" * 300_000}


def test_an_answer_in_chunks_is_put_together(exchange):
    chunks = b'7\r\n{"key":\r\n4\r\n "1"\r\n1\r\n}\r\n0\r\n\r\n'
    with Server(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks) as server:
        answer = exchange(server.request())

    assert isinstance(answer, Answer)
    assert answer.payload == {"key": "1"}


def test_a_port_where_nobody_listens_is_not_sent(exchange):
    with Server() as server:
        pass

    assert exchange(server.request()) == Lost(sent=False, reason="the host refused the connection")


def test_a_host_that_does_not_exist_is_not_sent(exchange):
    lost = exchange(HttpRequest("GET", "http://host.invalid/"))

    assert lost == Lost(sent=False, reason="the host's name cannot be resolved")


def test_a_proxy_that_does_not_answer_is_not_sent(exchange, monkeypatch):
    with Server() as server:
        pass
    monkeypatch.setenv("HTTP_PROXY", server.url.removesuffix("/ia/api/v1"))
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)

    lost = exchange(HttpRequest("GET", "http://api.example/"))

    assert isinstance(lost, Lost)
    assert not lost.sent


def test_a_proxy_that_does_not_let_us_through_is_not_sent(exchange, monkeypatch):
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    with Server(http(b"", "403 Forbidden", "Connection: close"), http(b""), http(b"")) as server:
        monkeypatch.setenv("HTTPS_PROXY", server.url.removesuffix("/ia/api/v1"))
        lost = exchange(HttpRequest("POST", "https://api.example/", token="secret"))

    assert lost == Lost(sent=False, reason="the proxy did not let the connection through")
    assert not any("secret" in head for head, _ in server.requests)


def test_a_host_that_does_not_take_the_connection_in_time_is_not_sent():
    exchange = RequestsExchange(0.05, SystemClock())
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full, contextlib.ExitStack() as waiting:
        for _ in range(3):
            client = waiting.enter_context(socket.socket())
            client.setblocking(False)
            client.connect_ex(full.getsockname())
        lost = exchange(HttpRequest("POST", f"http://127.0.0.1:{full.getsockname()[1]}/"))

    assert lost == Lost(sent=False, reason="the host did not answer in time")


def test_a_connection_cut_before_the_answer_may_have_been_sent(exchange):
    with Server(cut) as server:
        assert exchange(server.request("POST", body=b"{}")) == CUT

    assert len(server.requests) == 1


def test_a_connection_that_is_reset_may_have_been_sent(exchange):
    with Server(reset) as server:
        lost = exchange(server.request("POST", body=b"{}"))

    assert isinstance(lost, Lost)
    assert lost.sent


@pytest.mark.parametrize(
    "answer",
    [
        http(b'{"key": "1"}', "201 Created", "Connection: close", length=1000),
        b'HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n7\r\n{"key":\r\n',
        http(
            gzip.compress(b'{"key": "1"}')[:-12],
            "201 Created",
            "Content-Encoding: gzip",
            "Connection: close",
            length=99,
        ),
    ],
)
def test_an_answer_cut_in_its_body_may_have_been_sent(exchange, answer):
    with Server(answer) as server:
        assert exchange(server.request("POST", body=b"{}")) == CUT


def test_an_answer_that_is_not_http_may_have_been_sent(exchange):
    with Server(b"SSH-2.0-OpenSSH\r\nConnection: close\r\n") as server:
        assert exchange(server.request("POST", body=b"{}")) == CUT


def test_an_answer_with_a_broken_compression_may_have_been_sent(exchange):
    with Server(http(b"this is not gzip", "200 OK", "Content-Encoding: gzip")) as server:
        assert exchange(server.request()) == CUT


def test_a_server_that_stays_silent_is_given_up_at_the_deadline():
    exchange = RequestsExchange(0.1, SystemClock())
    with Server(silence) as server:
        lost = exchange(server.request("POST", body=b"{}"))

    assert lost == Lost(sent=True, reason="no answer within 0.1 seconds")


def test_a_server_that_drips_cannot_hold_us_past_the_deadline():
    exchange = RequestsExchange(0.1, SystemClock())
    with Server(drip) as server:
        lost = exchange(server.request())

    assert lost == Lost(sent=True, reason="no answer within 0.1 seconds")


def test_an_answer_too_large_for_memory_is_not_read_on(exchange, monkeypatch):
    monkeypatch.setattr("destination_sage_intacct.intacct.exchange.LARGEST_ANSWER_BYTES", 1000)
    with Server(http(b"[" + b" " * 5000 + b"]")) as server:
        assert exchange(server.request()) == Lost(sent=True, reason="the answer holds more than 1000 bytes")


def test_a_small_answer_that_unpacks_to_a_large_one_is_not_read_on(exchange, monkeypatch):
    monkeypatch.setattr("destination_sage_intacct.intacct.exchange.LARGEST_ANSWER_BYTES", 100_000)
    with Server(http(gzip.compress(b" " * 5_000_000), "200 OK", "Content-Encoding: gzip")) as server:
        assert exchange(server.request()) == Lost(sent=True, reason="the answer holds more than 100000 bytes")


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "307 Temporary Redirect", "308 Permanent Redirect"])
def test_a_redirect_is_not_followed(exchange, status):
    with Server(http(b"{}", status, "Location: /elsewhere"), http(b"{}")) as server:
        answer = exchange(server.request("POST", body=b"{}", token="secret"))

    assert isinstance(answer, Answer)
    assert answer.status == int(status[:3])
    assert len(server.requests) == 1


def test_cookies_are_not_kept(exchange):
    with Server(http(b"{}", "200 OK", "Set-Cookie: session=another-user; Path=/"), http(b"{}")) as server:
        exchange(server.request())
        exchange(server.request())

    assert "Cookie" not in server.requests[1][0]


def test_a_netrc_of_the_machine_replaces_no_token(exchange, monkeypatch, tmp_path):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login someone password else\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    with Server(http(b"{}"), http(b"{}")) as server:
        exchange(server.request(token="secret"))
        exchange(replace(server.request(), token=None))

    assert "Authorization: Bearer secret\r\n" in server.requests[0][0]
    assert "Authorization" not in server.requests[1][0]


def test_a_connection_is_used_again(exchange):
    with Server(http(b"{}"), http(b"{}"), http(b"{}")) as server:
        for _ in range(3):
            exchange(server.request())

        assert server.connections == 1


def test_an_encrypted_connection_that_breaks_may_have_been_sent(exchange):
    with Server(greeting=lambda connection: connection.sendall(b"this is not TLS")) as server:
        lost = exchange(HttpRequest("GET", server.url.replace("http://", "https://")))

    assert lost == Lost(sent=True, reason="the encrypted connection broke")


def test_a_certificate_that_cannot_be_verified_is_for_a_person(exchange, tmp_path):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(self_signed(tmp_path / "server.pem"))

    def secured(connection):
        with contextlib.suppress(ssl.SSLError):
            context.wrap_socket(connection, server_side=True).close()

    with Server(greeting=secured) as server, pytest.raises(ConfigurationError) as caught:
        exchange(HttpRequest("GET", server.url.replace("http://", "https://")))

    assert str(caught.value) == (
        "The server's certificate cannot be verified. Check `api_url`; if a proxy of your network re-signs "
        "traffic, its certificate authority must be trusted where the connector runs (REQUESTS_CA_BUNDLE)."
    )


def self_signed(path):
    """A certificate that nobody vouches for, with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    unlocked = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.write_bytes(certificate.public_bytes(Encoding.PEM) + unlocked)
    return path

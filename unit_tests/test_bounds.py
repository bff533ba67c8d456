"""Every exchange keeps within its time and its size, whatever part of an answer takes too long or holds too much."""

import contextlib
import gzip
import socket
import ssl
import tracemalloc
import zlib

import pytest
from fakes import CUT
from socket_server import Server, api_certificate, direct_exchange, http

from destination_sage_intacct.intacct.classify import Answer, NoResponse
from destination_sage_intacct.intacct.clock import SystemClock
from destination_sage_intacct.intacct.transport import HttpRequest, RequestsTransport

SECONDS = 0.2
LATE = NoResponse(may_have_been_sent=True, reason=f"no answer within {SECONDS} seconds")
OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
MOVED = b"HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\n"
TLS_RECORD = b"\x16\x03\x03\x40\x00\x02\x00\x3f\x00\x03\x03"  # the first bytes of one that holds 16 KiB


def drip(piece, start=b""):
    def answer(connection, ended):
        connection.sendall(start)
        with contextlib.suppress(OSError):
            while not ended.wait(0.01):
                connection.sendall(piece)

    return answer


def bomb(mebibytes):
    """A body of gzip a thousand times larger than it looks."""
    packing = zlib.compressobj(9, zlib.DEFLATED, 31)
    return b"".join(packing.compress(bytes(1 << 20)) for _ in range(mebibytes)) + packing.flush()


@pytest.fixture
def transport(monkeypatch):
    return direct_exchange(monkeypatch)


@pytest.fixture
def hurried(monkeypatch):
    direct_exchange(monkeypatch)
    return RequestsTransport(SECONDS, SystemClock())


@pytest.mark.parametrize("answer", [
    pytest.param(drip(b"/", b"HTTP"), id="status line"),
    pytest.param(drip(b"a", OK + b"X-Slow: "), id="header"),
    pytest.param(drip(CONTINUE), id="100 Continue"),
    pytest.param(drip(b"Link: </x>\r\n", b"HTTP/1.1 103 Early Hints\r\n"), id="103 Early Hints"),
    pytest.param(drip(b"a", MOVED + b"Content-Length: 100000\r\n\r\n"), id="redirect"),
    pytest.param(drip(b" ", OK + b"Content-Length: 100000\r\n\r\n"), id="body"),
    pytest.param(drip(b"0", CHUNKED), id="size of a chunk"),
    pytest.param(drip(b"x", CHUNKED + b"2;"), id="extension of a chunk"),
    pytest.param(drip(b"a: b\r\n", CHUNKED + b"0\r\n"), id="trailer"),
    pytest.param(drip(gzip.compress(b""), OK + b"Content-Encoding: gzip\r\n\r\n"), id="gzip of nothing"),
])  # fmt: skip
def test_no_part_of_an_answer_that_drips_holds_us_past_the_deadline(hurried, answer):
    with Server(answer) as server:
        assert hurried(server.request("POST", body=b"{}")) == LATE


@pytest.mark.alone
def test_a_connection_that_is_used_again_has_the_time_of_its_new_request(hurried):
    def slow(connection, ended):
        for _ in range(2):
            ended.wait(SECONDS * 0.7)
            connection.sendall(http(b"{}"))
            connection.recv(1 << 16)
        drip(b"a", OK)(connection, ended)

    with Server(slow) as server:
        one, other, late = (hurried(server.request()) for _ in range(3))

    assert (type(one), type(other), late, server.connections) == (Answer, Answer, LATE, 1)


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_host_that_reads_no_body_is_given_up_at_the_deadline(hurried, api_tls, scheme):
    def read_nothing(connection):
        with contextlib.suppress(OSError):
            held = api_tls.wrap_socket(connection, server_side=True) if scheme == "https" else connection
            server.ended.wait()
            held.close()

    with Server(greeting=read_nothing) as server:
        lost = hurried(HttpRequest("POST", f"{scheme}://localhost:{server.port}/", body=bytes(30 << 20)))

    assert lost == NoResponse(may_have_been_sent=True, reason="the host did not answer in time")


@pytest.fixture
def api_tls(tmp_path, monkeypatch):
    """TLS as localhost and api.example have it, which the transport trusts."""
    pem = api_certificate(tmp_path / "api.pem")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(pem))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    return context


class Proxy(Server):
    """A proxy at which the connection to the host ends in one of several ways; over TLS itself if `secured`."""

    def __init__(self, tls, end, *, secured):
        super().__init__(greeting=self._tunnel)
        self._tls, self._end, self._secured = tls, end, secured

    def _tunnel(self, connection):
        with contextlib.suppress(OSError):
            proxy = self._tls.wrap_socket(connection, server_side=True) if self._secured else connection
            proxy.recv(1 << 16)
            if self._end == "CONNECT":
                return drip(b"a", OK + b"X-Slow: ")(proxy, self.ended)
            proxy.sendall(OK + b"\r\n")
            if self._end == "handshake":
                proxy.recv(1 << 16)
                return drip(b"a", TLS_RECORD)(proxy, self.ended)
            answer = self._exchange(proxy)
            if self._end == "answer":
                for byte in answer:
                    self.ended.wait(0.01)
                    proxy.sendall(bytes([byte]))
            proxy.sendall(answer)
            self.ended.wait()
        return None

    def _exchange(self, proxy):
        """Be the host at the end of the tunnel; return what it answers, encrypted."""
        received, sent = ssl.MemoryBIO(), ssl.MemoryBIO()
        host = self._tls.wrap_bio(received, sent, server_side=True)
        for step in (host.do_handshake, lambda: host.read(1 << 16)):
            while True:
                with contextlib.suppress(ssl.SSLWantReadError):
                    step()
                    break
                proxy.sendall(sent.read())
                arrived = proxy.recv(1 << 16)
                if not arrived:
                    raise ConnectionAbortedError
                received.write(arrived)
        host.write(http(b'{"key": "' + b"1" * 3000 + b'"}'))
        return sent.read()


@pytest.mark.parametrize("secured", [False, True], ids=["http proxy", "https proxy"])
@pytest.mark.parametrize("end", ["CONNECT", "handshake", "answer", "whole"])
def test_the_deadline_holds_through_a_proxy(api_tls, transport, hurried, monkeypatch, secured, end):
    monkeypatch.setenv("NO_PROXY", "")
    with Proxy(api_tls, end, secured=secured) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"{'https' if secured else 'http'}://localhost:{proxy.port}")
        send = transport if end == "whole" else hurried
        answer = send(HttpRequest("POST", "https://api.example/x", body=b"{}"))

    assert answer.payload == {"key": "1" * 3000} if end == "whole" else answer == LATE


def too_large(what):
    return NoResponse(may_have_been_sent=True, reason=f"the answer holds more than {what}", is_too_large=True)


@pytest.mark.parametrize("status", ["200 OK", "302 Found", "503 Service Unavailable"])
def test_a_bomb_is_not_unpacked_beyond_the_largest_answer(transport, monkeypatch, status):
    largest = 4 << 20
    monkeypatch.setattr("destination_sage_intacct.intacct.transport.LARGEST_ANSWER_BYTES", largest)
    packed = bomb(64)
    with Server(http(packed, status, "Location: /elsewhere", "Content-Encoding: gzip")) as server:
        tracemalloc.start()
        lost = transport(server.request("POST", body=b"{}"))
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()

    assert lost == too_large(f"{largest} bytes")
    assert most < 2 * largest + len(packed)


LONG_HEADERS = b"".join(b"X-%d: " % number + b"a" * 60_000 + b"\r\n" for number in range(30))


@pytest.mark.parametrize(("answer", "what"), [
    pytest.param(CONTINUE * 100_000, "1048576 bytes", id="interim answers"),
    pytest.param(OK + LONG_HEADERS, "1048576 bytes", id="headers"),
    pytest.param(http(b"[" + b"[]," * 500 + b"[]]"), "1000 values", id="short values"),
])  # fmt: skip
def test_what_is_too_large_for_memory_is_not_read_on(transport, monkeypatch, answer, what):
    monkeypatch.setattr("destination_sage_intacct.intacct.transport._MOST_VALUES", 1000)
    with Server(lambda connection, _: connection.sendall(answer)) as server:
        assert transport(server.request()) == too_large(what)


PACKED, TWICE = gzip.compress(b'{"key": "1"}'), gzip.compress(gzip.compress(b"{}"))


def filling(size):
    return gzip.compress(f'"{"a" * (size - 2)}"'.encode())


@pytest.mark.parametrize(("body", "packing", "payload"), [
    (gzip.compress(b'{"key":') + gzip.compress(b' "1"}'), "gzip", {"key": "1"}),
    (PACKED, "X-GZIP", {"key": "1"}),
    (zlib.compress(b'{"key": "1"}'), "deflate", {"key": "1"}),
    (b'{"key": "1"}', "identity", {"key": "1"}),
    # One that fills its last piece.
    *((filling(size), "gzip", "a" * (size - 2)) for size in (65_535, 65_536, 65_537, 131_072)),
    # One that is packed more than once, or breaks off although its length is right.
    *((TWICE, packing, CUT) for packing in ("gzip, gzip", "gzip,gzip,gzip", "deflate, gzip", "br, gzip")),
    *((PACKED[:-missing], "gzip", CUT) for missing in (1, 4, 8, 10)),
], ids=range(16))  # fmt: skip
def test_a_body_is_unpacked_in_each_of_the_forms_that_servers_use_or_is_lost(transport, body, packing, payload):
    with Server(http(body, "200 OK", f"Content-Encoding: {packing}")) as server:
        answer = transport(server.request())
    assert answer == CUT if payload is CUT else answer.payload == payload


def test_a_packed_body_of_nothing_is_no_body(transport):
    with Server(http(b"", "204 No Content", "Content-Encoding: gzip")) as server:
        assert transport(server.request("DELETE")).payload is None


def test_a_host_is_tried_at_each_of_its_addresses(transport, monkeypatch):
    """Nobody listens at the first one."""
    with Server(http(b'{"key": "1"}')) as server:
        found = socket.getaddrinfo

        def resolve(host, port, *others, **settings):
            addresses = ["127.0.0.2", "127.0.0.1"] if host == "api.example" else [host]
            return [each for address in addresses for each in found(address, port, *others, **settings)]

        monkeypatch.setattr(socket, "getaddrinfo", resolve)
        assert transport(HttpRequest("GET", f"http://api.example:{server.port}/")).payload == {"key": "1"}

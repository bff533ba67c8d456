"""An answer that is late, cut or framed wrongly is lost, and one with odd but harmless headers is read."""

import contextlib
import gzip
import itertools
import socket
import ssl

import pytest
from fakes import CUT
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from socket_server import Server, api_certificate, direct_exchange, http

from destination_sage_intacct.intacct.classify import Answer, NoResponse
from destination_sage_intacct.intacct.clock import SystemClock
from destination_sage_intacct.intacct.errors import ConfigurationError
from destination_sage_intacct.intacct.transport import HttpRequest, RequestsTransport

CUT_GZIP = gzip.compress(b'{"key": "1"}', mtime=0)[:-12]
OK = b"HTTP/1.1 200 OK\r\n"
NO_CONTENT = b"HTTP/1.1 204 No Content\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
END = b"Content-Length: 2\r\n\r\n{}"
NAMES = st.sampled_from(b"Content-Length Transfer-Encoding Content-Encoding Location Content-Type Connection".split())
ODD_VALUES = st.sampled_from(b"2 chunked gzip deflate close application/json http://[ gzip,chunked".split())
VALUES = st.one_of(st.binary(max_size=30), ODD_VALUES)
STATUS = st.one_of(st.integers(100, 599).map(lambda status: b"%d" % status), st.binary(max_size=6))
ANSWERS = st.builds(
    lambda status, headers, body: (
        b"HTTP/1.1 " + status + b"\r\n" + b"".join(name + b": " + value + b"\r\n" for name, value in headers) + body
    ),
    STATUS,
    st.lists(st.tuples(NAMES, VALUES), max_size=5),
    st.one_of(st.binary(max_size=60), st.binary(max_size=60).map(lambda body: b"\r\n" + body)),
)


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


@pytest.fixture
def transport(monkeypatch):
    return direct_exchange(monkeypatch)


def set_proxies(monkeypatch, **proxies):
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.setenv(name, "")
    for name, address in proxies.items():
        monkeypatch.setenv(name, address.removesuffix("/ia/api/v1"))


def https(server):
    return HttpRequest("GET", server.url.replace("http://", "https://"))


def not_sent(reason):
    return NoResponse(may_have_been_sent=False, reason=reason)


def test_a_host_or_proxy_that_is_not_there_is_not_sent_and_leaves_no_raw_lines(transport, caplog, monkeypatch):
    with Server() as server:
        pass
    assert transport(server.request()) == not_sent("the host refused the connection")
    assert transport(HttpRequest("GET", "http://host.invalid/")) == not_sent("the host's name cannot be resolved")
    set_proxies(monkeypatch, HTTP_PROXY=server.url)
    assert not transport(HttpRequest("GET", "http://api.example/")).may_have_been_sent
    assert caplog.records == []


def test_a_proxy_that_does_not_let_us_through_is_not_sent(transport, monkeypatch):
    with Server(http(b"", "403 Forbidden", "Connection: close"), http(b""), http(b"")) as server:
        set_proxies(monkeypatch, HTTPS_PROXY=server.url)
        lost = transport(HttpRequest("POST", "https://api.example/", token="secret"))
    assert lost == not_sent("the proxy did not let the connection through")
    assert not any("secret" in head for head, _ in server.requests)


def test_a_host_that_does_not_take_the_connection_in_time_is_not_sent():
    transport = RequestsTransport(0.05, SystemClock())
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full, contextlib.ExitStack() as waiting:
        for _ in range(3):
            client = waiting.enter_context(socket.socket())
            client.setblocking(False)
            client.connect_ex(full.getsockname())
        lost = transport(HttpRequest("POST", f"http://127.0.0.1:{full.getsockname()[1]}/"))
    assert lost == not_sent("the host did not answer in time")


@pytest.mark.parametrize("break_off", [lambda connection, _: connection.close(), reset])
def test_a_connection_that_breaks_before_the_answer_may_have_been_sent(transport, break_off):
    with Server(break_off) as server:
        assert transport(server.request("POST", body=b"{}")).may_have_been_sent
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "answer",
    [
        http(b'{"key": "1"}', "201 Created", "Connection: close", length=1000),
        b'HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n7\r\n{"key":\r\n',
        http(CUT_GZIP, "201 Created", "Content-Encoding: gzip", "Connection: close", length=99),
        lambda connection, _: connection.close(),
    ],
)
def test_an_answer_cut_in_its_body_may_have_been_sent(transport, answer):
    with Server(answer) as server:
        assert transport(server.request("POST", body=b"{}")) == CUT


@pytest.mark.parametrize("slow", [silence, drip])
def test_a_server_that_stays_silent_or_drips_is_given_up_at_the_deadline(slow):
    transport = RequestsTransport(0.1, SystemClock())
    with Server(slow) as server:
        lost = transport(server.request("POST", body=b"{}"))
    assert lost == NoResponse(may_have_been_sent=True, reason="no answer within 0.1 seconds")


@pytest.mark.parametrize(
    ("most", "answer"),
    [
        (1000, http(b"[" + b" " * 5000 + b"]")),
        (100_000, http(gzip.compress(b" " * 5_000_000, mtime=0), "200 OK", "Content-Encoding: gzip")),
    ],
)
def test_an_answer_too_large_for_memory_sent_or_unpacked_is_not_read_on(transport, monkeypatch, most, answer):
    monkeypatch.setattr("destination_sage_intacct.intacct.transport.LARGEST_ANSWER_BYTES", most)
    reason = f"the answer holds more than {most} bytes"
    with Server(answer) as server:
        assert transport(server.request()) == NoResponse(may_have_been_sent=True, reason=reason, is_too_large=True)


@pytest.mark.parametrize(
    ("greeting", "reason"),
    [
        (b"this is not TLS", "the host does not speak TLS on this port, which an https address needs"),
        (b"", "the encrypted connection broke"),
    ],
)
def test_an_encrypted_connection_that_breaks_may_have_been_sent(transport, greeting, reason):
    def greet(connection):
        connection.sendall(greeting)
        connection.shutdown(socket.SHUT_WR)

    with Server(greeting=greet) as server:
        assert transport(https(server)) == NoResponse(may_have_been_sent=True, reason=reason)


def test_a_certificate_that_cannot_be_verified_is_named_and_nothing_was_sent(transport, tmp_path):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(api_certificate(tmp_path / "server.pem"))

    def secured(connection):
        with contextlib.suppress(ssl.SSLError):
            context.wrap_socket(connection, server_side=True).close()

    with Server(greeting=secured) as server:
        lost = transport(https(server))

    host = server.url.removeprefix("http://").removesuffix("/ia/api/v1")
    assert lost == not_sent(
        f"the certificate of {host} cannot be verified; if a proxy of your network re-signs traffic, its certificate "
        "authority must be trusted where the connector runs (REQUESTS_CA_BUNDLE)"
    )


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        *(("HTTPS_PROXY", odd, "The proxy that") for odd in ("socks5://127.0.0.1:9", "ftp://127.0.0.1:9", "http://[")),
        ("HTTPS_PROXY", "http://:0:0", "The proxy that"),
        ("REQUESTS_CA_BUNDLE", "/nowhere.pem", "The certificate authorities that"),
    ],
)
def test_a_proxy_or_authorities_that_cannot_be_used_are_a_wrong_environment(transport, monkeypatch, name, value, text):
    set_proxies(monkeypatch, **{name: value})
    with pytest.raises(ConfigurationError, match=f"{text} the environment variable"):
        transport(HttpRequest("GET", "https://api.example/"))


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "LOCALHOST", "127.0.0.2"])
def test_no_proxy_of_the_environment_leads_to_this_machine(transport, monkeypatch, host):
    with Server(http(b"")) as proxy:
        set_proxies(monkeypatch, HTTP_PROXY=proxy.url, http_proxy=proxy.url, ALL_PROXY=proxy.url)
        transport(HttpRequest("POST", f"http://{host}:9/", body=b"client_secret=hidden"))
        assert proxy.requests == []


@pytest.mark.parametrize("token", ["a\nb", "a\r\nX-Evil: 1", "\u4e2d\u6587", "a\ud800b"])
def test_what_no_request_can_carry_is_a_wrong_configuration_and_nothing_is_sent(transport, token):
    with Server(http(b"")) as server, pytest.raises(ConfigurationError, match="that no HTTP request can carry"):
        transport(server.request("POST", token=token))
    assert server.requests == []
    with pytest.raises(ConfigurationError, match="that no HTTP request can carry"):
        transport(HttpRequest("GET", "https://[::1/x"))


@pytest.mark.parametrize(
    "answer",
    [
        *(b"{}", b"\x00\x00\r\n\r\n", b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n"),
        *(status + END for status in (b"HTTP/2 200 OK\r\n", b"HTTP/1.1 2OO OK\r\n", b"HTTP/1.1 1000 OK\r\n")),
        # Lengths and sizes of chunks that are none, or more than one.
        *(OK + b"Content-Length: " + odd + b"\r\n\r\n{}" for odd in (b"-5", b"two", b"0_2", b"", b"9" * 5000, b"2, 3")),
        OK + b"Content-Length: 900\r\n" + END,
        *(CHUNKED + odd + b"\r\n{}\r\n0\r\n\r\n" for odd in (b"F" * 4000, b"-5", b"1" * 100_000, b"zz")),
        # Headers that are none, too long, or too many.
        *(OK + odd + END for odd in (b"no header\r\n", b" folded: at once\r\n", b"X-Long: " + b"a" * 70_000 + b"\r\n")),
        OK + b"X-Many: a\r\n" * 1000 + END,
        # Not packed as it says, or without an end of the headers.
        OK + b"Content-Encoding: gzip\r\nContent-Length: 4\r\n\r\nnope",
        *(NO_CONTENT, NO_CONTENT + b"Date: Mon, 21 Sep", b"HTTP/1.1 100 Continue\r\n\r\n" + NO_CONTENT),
    ],
    ids=itertools.count(),
)
def test_what_does_not_say_for_certain_where_it_ends_is_lost(transport, answer):
    with Server(lambda connection, _: connection.sendall(answer)) as server:
        assert transport(server.request("POST", body=b"{}")) == CUT


@pytest.mark.parametrize(
    "header",
    [
        *(b"Content-Type: application/json; charset", b"Content-Type: ;;=\x00", b"X-Zero: \x00a", b"X-Name: \xe9\xff"),
        *(b"Location: http://[::1/x", b"Set-Cookie: \xff=;\x00=; expires=x; domain=[", b"Content-Length: 2"),
        b"X-Long: " + b"a" * 65_000,
    ],
    ids=itertools.count(),
)
def test_an_odd_header_does_not_lose_the_answer(transport, header):
    with Server(lambda connection, _: connection.sendall(OK + header + b"\r\n" + END)) as server:
        assert transport(server.request()).payload == {}


@pytest.mark.parametrize("location", [b"http://[::1/x", b"http://" + b"a" * 300, b"http://\xe9\xe9.\xff/", b""])
def test_a_redirect_is_returned_wherever_it_leads(transport, location):
    with Server(b"HTTP/1.1 302 Found\r\nLocation: " + location + b"\r\nContent-Length: 0\r\n\r\n") as server:
        assert transport(server.request("POST", body=b"{}")).status == 302


@pytest.mark.parametrize("interim", ["100 Continue", "102 Processing", "103 Early Hints", "199 Whatever"])
def test_the_answer_is_the_one_behind_those_in_between(transport, interim):
    """And the next request on the connection is not answered by what was left over."""
    in_between = f"HTTP/1.1 {interim}\r\nLink: </style.css>\r\n\r\n".encode()
    with Server(in_between * 2 + http(b'{"key": "1"}'), http(b'{"key": "2"}')) as server:
        assert [transport(server.request()).payload for _ in range(2)] == [{"key": "1"}, {"key": "2"}]
        assert server.connections == 1


@given(answer=ANSWERS)
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_nothing_that_a_server_sends_escapes_as_an_exception(monkeypatch, answer):
    direct_exchange(monkeypatch)
    with Server(lambda connection, _: connection.sendall(answer)) as server:
        assert isinstance(RequestsTransport(1.0, SystemClock())(server.request()), Answer | NoResponse)

"""An answer that is framed wrongly is lost, and one with odd but harmless headers is read: neither is ever a defect."""

import pytest
from fakes import CUT
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from socket_server import Server, direct_exchange, http

from destination_sage_intacct.intacct.classify import Answer, NoResponse
from destination_sage_intacct.intacct.clock import SystemClock
from destination_sage_intacct.intacct.transport import RequestsTransport

OK = b"HTTP/1.1 200 OK\r\n"
NO_CONTENT = b"HTTP/1.1 204 No Content\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
END = b"Content-Length: 2\r\n\r\n{}"


@pytest.fixture
def transport(monkeypatch):
    return direct_exchange(monkeypatch)


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(b"{}", id="HTTP 0.9"),
        pytest.param(b"HTTP/2 200 OK\r\n" + END, id="HTTP 2"),
        pytest.param(b"HTTP/1.1 2OO OK\r\n" + END, id="a status of letters"),
        pytest.param(b"HTTP/1.1 1000 OK\r\n" + END, id="a status of four digits"),
        pytest.param(b"\x00\x00\r\n\r\n", id="zeros"),
        pytest.param(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n", id="another protocol"),
        pytest.param(OK + b"Content-Length: -5\r\n\r\n{}", id="a negative length"),
        pytest.param(OK + b"Content-Length: two\r\n\r\n{}", id="a length in words"),
        pytest.param(OK + b"Content-Length: 0_2\r\n\r\n{}", id="a length as Python writes it"),
        pytest.param(OK + b"Content-Length: \r\n\r\n{}", id="an empty length"),
        pytest.param(OK + b"Content-Length: " + b"9" * 5000 + b"\r\n\r\n{}", id="a length of 5000 digits"),
        pytest.param(OK + b"Content-Length: 2, 3\r\n\r\n{} ", id="two lengths in one header"),
        pytest.param(CHUNKED + b"F" * 4000 + b"\r\n{}", id="a huge chunk"),
        pytest.param(CHUNKED + b"-5\r\n{}\r\n0\r\n\r\n", id="a negative chunk"),
        pytest.param(CHUNKED + b"1" * 100_000 + b"\r\n{}", id="a chunk size of 100000 digits"),
        pytest.param(OK + b"no header\r\n" + END, id="a line without a colon"),
        pytest.param(OK + b" folded: at once\r\n" + END, id="a continuation of nothing"),
        pytest.param(OK + b"X-Long: " + b"a" * 70_000 + b"\r\n" + END, id="a line of 70 kB"),
        pytest.param(OK + b"X-Many: a\r\n" * 1000 + END, id="1000 headers"),
        pytest.param(OK + b"Content-Length: 900\r\n" + END, id="two lengths in two headers"),
        pytest.param(OK + b"Content-Encoding: gzip\r\nContent-Length: 4\r\n\r\nnope", id="not packed as it is said"),
        pytest.param(CHUNKED + b"zz\r\n", id="a chunk size of other letters"),
        pytest.param(NO_CONTENT, id="no end of the headers"),
        pytest.param(NO_CONTENT + b"Date: Mon, 21 Sep", id="a broken header"),
        pytest.param(b"HTTP/1.1 100 Continue\r\n\r\n" + NO_CONTENT, id="no end behind an answer in between"),
    ],
)
def test_what_does_not_say_for_certain_where_it_ends_is_lost(transport, answer):
    with Server(lambda connection, _: connection.sendall(answer)) as server:
        assert transport(server.request("POST", body=b"{}")) == CUT


@pytest.mark.parametrize(
    "header",
    [
        pytest.param(b"Content-Type: application/json; charset", id="a character set without a name"),
        pytest.param(b"Content-Type: ;;=\x00", id="no media type"),
        pytest.param(b"X-Zero: \x00a", id="NUL"),
        pytest.param(b"X-Name: \xe9\xff", id="not ASCII"),
        pytest.param(b"Location: http://[::1/x", id="an address that does not parse"),
        pytest.param(b"Set-Cookie: \xff=;\x00=; expires=x; domain=[", id="a broken cookie"),
        pytest.param(b"Content-Length: 2", id="the same length twice"),
        pytest.param(b"X-Long: " + b"a" * 65_000, id="65 kB"),
    ],
)
def test_an_odd_header_does_not_lose_the_answer(transport, header):
    with Server(lambda connection, _: connection.sendall(OK + header + b"\r\n" + END)) as server:
        assert transport(server.request()).payload == {}


@pytest.mark.parametrize(
    "location",
    [b"http://[::1/x", b"http://h:99999999/x", b"http://" + b"a" * 300, b"http://\xe9\xe9.\xff/", b"http:// /", b""],
)
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


HEADERS = st.sampled_from(
    b"Content-Length Transfer-Encoding Content-Encoding Location Content-Type Connection Set-Cookie".split()
)
ODD_VALUES = st.sampled_from(b"2 chunked gzip deflate close application/json http://[ gzip,chunked".split())
VALUES = st.one_of(st.binary(max_size=30), ODD_VALUES)
STATUS = st.one_of(st.integers(100, 599).map(lambda status: b"%d" % status), st.binary(max_size=6))
ANSWERS = st.builds(
    lambda status, headers, body: (
        b"HTTP/1.1 " + status + b"\r\n" + b"".join(name + b": " + value + b"\r\n" for name, value in headers) + body
    ),
    STATUS,
    st.lists(st.tuples(HEADERS, VALUES), max_size=5),
    st.one_of(st.binary(max_size=60), st.binary(max_size=60).map(lambda body: b"\r\n" + body)),
)


@given(answer=ANSWERS)
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_nothing_that_a_server_sends_escapes_as_an_exception(monkeypatch, answer):
    direct_exchange(monkeypatch)
    with Server(lambda connection, _: connection.sendall(answer)) as server:
        assert isinstance(RequestsTransport(1.0, SystemClock())(server.request()), Answer | NoResponse)

import gzip
import threading
from dataclasses import replace
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from fakes import in_threads
from socket_server import Server, direct_exchange, http

from destination_sage_intacct.intacct.classify import Answer
from destination_sage_intacct.intacct.clock import SystemClock
from destination_sage_intacct.intacct.transport import HttpRequest, RequestsTransport


@pytest.fixture
def transport(monkeypatch):
    return direct_exchange(monkeypatch)


def exchanged(transport, answer, method="GET", **request):
    """The answer to a request, and the server as it is afterwards."""
    with Server(answer) as server:
        return transport(server.request(method, **request)), server


def test_an_answer_is_read_with_its_exact_numbers_and_no_token_or_body_is_ever_printed(transport):
    sent = {"headers": {"X-IA-API-Param-Entity": "100"}, "body": b"{}", "token": "secret"}
    given = http(b'{"amount": 68400.10}', "201 Created", "X-IA-Throttle-Limit: 6")
    answer, server = exchanged(transport, given, "POST", **sent)

    assert (answer.status, answer.unreadable) == (201, "")
    assert answer.payload == {"amount": Decimal("68400.10")}
    assert answer.headers["x-ia-throttle-limit"] == "6"
    ((head, body),) = server.requests
    assert head.startswith("POST /ia/api/v1/objects/x HTTP/1.1\r\n")
    assert "Authorization: Bearer secret\r\n" in head
    assert "X-IA-API-Param-Entity: 100\r\n" in head
    assert body == b"{}"
    assert "hidden" not in repr(HttpRequest("POST", "https://host", {}, b"hidden body", "hidden-token"))


@pytest.mark.parametrize("body", [b"", b"  \r\n"])
def test_an_empty_body_is_none(transport, body):
    answer, _ = exchanged(transport, http(body, "200 OK"))
    assert answer == Answer(200, {"content-length": str(len(body))})


@pytest.mark.parametrize(
    ("body", "media_type", "what"),
    [
        (b"<html>502 Bad Gateway</html>", "", "an HTML page"),
        (b"<html>502 Bad Gateway</html>", "text/html", "an HTML page"),
        (b'{"key": "1"}', "text/html; charset=utf-8", "an HTML page"),
        (b'{"key": "1"}', "text/plain", "a body of type text/plain"),
        (b'{"key": "1"', "application/json", "a body that is not JSON"),
        (b"\xff\xfe", "", "a body that is not JSON"),
    ],
)
def test_a_body_that_is_not_json_says_what_it_is(transport, body, media_type, what):
    header = [f"Content-Type: {media_type}"] if media_type else []
    answer, _ = exchanged(transport, http(body, "502 Bad Gateway", *header))
    assert (answer.status, answer.payload, answer.unreadable) == (502, None, what)


LONG = b'{"key": "' + b"1" * 300_000 + b'"}'
CHUNKS = b'7\r\n{"key":\r\n4\r\n "1"\r\n1\r\n}\r\n0\r\n\r\n'


@pytest.mark.parametrize(
    ("sent", "key"),
    [
        (http(b'{"key": "1"}', "200 OK", "Content-Type: application/json;charset=UTF-8"), "1"),
        (http(b'{"key": "1"}', "200 OK", "Content-Type: Application/JSON"), "1"),
        (http(b'{"key": "1"}', "200 OK", "Content-Type: application/hal+json"), "1"),
        (http(gzip.compress(LONG), "200 OK", "Content-Encoding: gzip"), "1" * 300_000),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + CHUNKS, "1"),
    ],
    ids=["charset", "case", "hal", "compressed", "chunks"],
)
def test_json_is_read_under_each_of_its_names_unpacked_and_put_together(transport, sent, key):
    assert exchanged(transport, sent)[0].payload == {"key": key}


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "307 Temporary Redirect", "308 Permanent Redirect"])
def test_a_redirect_is_not_followed(transport, status):
    with Server(http(b"{}", status, "Location: /elsewhere"), http(b"{}")) as server:
        answer = transport(server.request("POST", body=b"{}", token="secret"))
    assert answer.status == int(status[:3])
    assert len(server.requests) == 1


def test_a_netrc_of_the_machine_replaces_no_token(transport, monkeypatch, tmp_path):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login someone password else\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    with Server(http(b"{}"), http(b"{}")) as server:
        transport(server.request(token="secret"))
        transport(replace(server.request(), token=None))

    assert "Authorization: Bearer secret\r\n" in server.requests[0][0]
    assert "Authorization" not in server.requests[1][0]


THREADS = 6
REQUESTS = 30


class Echo(BaseHTTPRequestHandler):
    """Answers with what was asked, and a cookie; a request to /meet only when all threads have one in flight."""

    protocol_version = "HTTP/1.1"
    all_here = threading.Barrier(THREADS)
    connections: set[tuple[str, int]] = set()  # noqa: RUF012 - shared by the handlers on purpose

    def do_POST(self):
        self.connections.add(self.client_address)
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        if self.path == "/meet":
            self.all_here.wait()
        answer = f'{{"body": {body}, "token": "{self.headers["Authorization"]}"}}'.encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.send_header("X-Cookie", self.headers.get("Cookie", "none"))
        self.send_header("Set-Cookie", f"thread={body}")
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_):
        """Print nothing."""


@pytest.fixture
def server(monkeypatch):
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    Echo.connections = set()
    with ThreadingHTTPServer(("127.0.0.1", 0), Echo) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.mark.parametrize(("connections", "most_opened"), [(THREADS, THREADS), (1, THREADS * REQUESTS)])
def test_each_thread_gets_the_answer_to_its_own_requests(server, connections, most_opened):
    transport = RequestsTransport(30.0, SystemClock(), connections)
    wrong = []

    def ask(thread):
        for number in range(REQUESTS):
            body = f"{thread * REQUESTS + number}"
            path = "/meet" if number == 0 else "/"
            answer = transport(HttpRequest("POST", server + path, body=body.encode(), token=f"of-{thread}"))
            expected = ({"body": int(body), "token": f"Bearer of-{thread}"}, "none")
            if (answer.payload, answer.headers["x-cookie"]) != expected:
                wrong.append(answer)

    in_threads(*[lambda thread=thread: ask(thread) for thread in range(THREADS)])
    assert wrong == []
    assert THREADS <= len(Echo.connections) <= most_opened

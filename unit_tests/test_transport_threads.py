import http.server
import threading

import pytest
from fakes import in_threads

from destination_sage_intacct.intacct.clock import SystemClock
from destination_sage_intacct.intacct.transport import HttpRequest, RequestsTransport

THREADS = 6
REQUESTS = 30


class Echo(http.server.BaseHTTPRequestHandler):
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
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Echo) as server:
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

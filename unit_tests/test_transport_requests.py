import gzip
from dataclasses import replace
from decimal import Decimal

import pytest
from socket_server import Server, direct_exchange, http

from destination_sage_intacct.intacct.classify import Answer
from destination_sage_intacct.intacct.transport import HttpRequest


@pytest.fixture
def transport(monkeypatch):
    return direct_exchange(monkeypatch)


def test_an_answer_is_read_with_its_exact_numbers(transport):
    with Server(http(b'{"amount": 68400.10}', "201 Created", "X-IA-Throttle-Limit: 6")) as server:
        answer = transport(server.request("POST", headers={"X-IA-API-Param-Entity": "100"}, body=b"{}", token="secret"))

    assert isinstance(answer, Answer)
    assert (answer.status, answer.unreadable) == (201, "")
    assert answer.payload == {"amount": Decimal("68400.10")}
    assert answer.headers["x-ia-throttle-limit"] == "6"
    head, body = server.requests[0]
    assert head.startswith("POST /ia/api/v1/objects/x HTTP/1.1\r\n")
    assert "Authorization: Bearer secret\r\n" in head
    assert "X-IA-API-Param-Entity: 100\r\n" in head
    assert body == b"{}"


def test_neither_the_token_nor_the_body_is_ever_printed():
    assert "hidden" not in repr(HttpRequest("POST", "https://host", {}, b"hidden body", "hidden-token"))


@pytest.mark.parametrize("body", [b"", b"  \r\n"])
def test_an_empty_body_is_none(transport, body):
    with Server(http(body, "200 OK")) as server:
        assert transport(server.request()) == Answer(200, {"content-length": str(len(body))})


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
    with Server(http(body, "502 Bad Gateway", *([f"Content-Type: {media_type}"] if media_type else []))) as server:
        answer = transport(server.request())
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
    with Server(sent) as server:
        assert transport(server.request()).payload == {"key": key}


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "307 Temporary Redirect", "308 Permanent Redirect"])
def test_a_redirect_is_not_followed(transport, status):
    with Server(http(b"{}", status, "Location: /elsewhere"), http(b"{}")) as server:
        answer = transport(server.request("POST", body=b"{}", token="secret"))
    assert answer.status == int(status[:3])
    assert len(server.requests) == 1


def test_cookies_are_not_kept_and_a_connection_is_used_again(transport):
    with Server(http(b"{}", "200 OK", "Set-Cookie: session=another-user; Path=/"), http(b"{}"), http(b"{}")) as server:
        for _ in range(3):
            transport(server.request())
        assert server.connections == 1
    assert not any("Cookie" in head for head, _ in server.requests)


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

"""An address where something else than S3 answers: whatever it says, the endpoint is what is to be corrected."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from destination_sage_intacct.rejected_rows import s3
from destination_sage_intacct.rejected_rows.store import S3Access, StorageOutageError, StorageRefusedError

PAGE = b"<!DOCTYPE html><html><head><meta charset=utf-8><title>Console</title></head><body><p>Hello<br></body></html>"
XHTML = b"<html><head><title>Console</title></head><body><p>Hello</p></body></html>"
TOLD = b"<?xml version='1.0'?>\n<Error><Code>MethodNotAllowed</Code><Message>Not this.</Message></Error>"
ENDPOINT = (
    "Correct `object_storage_config.s3_endpoint`: it must be the address of an S3 API, not of a web page, a console or "
    "another API."
)


class Answering(BaseHTTPRequestHandler):
    """Gives one answer to whatever is asked, and counts the questions."""

    protocol_version = "HTTP/1.1"  # else boto3 waits for a `100 Continue`
    status = 200
    body = b""
    headers_out: dict[str, str] = {}  # noqa: RUF012 - replaced for each server
    asked: list[str] = []  # noqa: RUF012 - replaced for each server

    def answer(self) -> None:
        self.asked.append(self.command)
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.send_response(self.status)
        for name, value in {**self.headers_out, "Content-Length": str(len(self.body))}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(self.body)

    do_GET = do_PUT = do_DELETE = do_HEAD = answer  # noqa: N815 - as the server calls them

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def served(answering: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), answering) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def error_at(answering, error, *, is_amazon=False):
    """The error of trying out a bucket where this answers, and the address."""
    with served(answering) as url, pytest.MonkeyPatch.context() as patched:
        if is_amazon:
            patched.setenv("AWS_ENDPOINT_URL_S3", url)
        access = S3Access("bucket", "rejected", "us-east-1", "" if is_amazon else url, "key", "secret")
        with pytest.raises(error) as raised:
            s3.S3Bucket(access).try_out()
    return str(raised.value), url


def answers(status, body=b"", **headers):
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    return type("One", (Answering,), {"status": status, "body": body, "headers_out": given, "asked": []})


@pytest.mark.parametrize(
    ("answering", "doing", "answered"),
    [
        (answers(200, XHTML), "be written to", "HTTP 200"),
        (answers(200), "be written to", "HTTP 200"),
        (answers(200, XHTML, ETag='"of a page"'), "be listed", "HTTP 200"),
        (answers(200, ETag='"of a page"'), "be listed", "HTTP 200"),
        (answers(301, Location="/login"), "be written to", "HTTP 301"),
        (answers(302, PAGE, Location="https://example.com/x"), "be written to", "HTTP 302"),
    ],
)  # fmt: skip
def test_what_is_no_answer_of_s3_names_the_endpoint(answering, doing, answered):
    text, url = error_at(answering, StorageRefusedError)

    assert text == (
        f"The bucket `bucket` for rejected rows cannot {doing}: {url} answers, but not as S3 does [{answered}]. "
        f"{ENDPOINT}"
    )


def test_a_redirect_is_asked_once():
    answering = answers(301, Location="/login")
    error_at(answering, StorageRefusedError)

    assert answering.asked == ["PUT"]


@pytest.mark.parametrize("status", [401, 403, 404, 405])
def test_a_page_that_refuses_leads_to_the_settings(status):
    text, _ = error_at(answers(status, PAGE), StorageRefusedError)

    assert f"[{status}]. " in text
    assert "object_storage_config" in text


@pytest.mark.parametrize(("status", "body"), [(502, PAGE), (408, PAGE), (429, PAGE), (501, TOLD)])
def test_what_may_pass_is_an_outage(status, body, monkeypatch):
    monkeypatch.setattr(s3, "_ATTEMPTS", 1)

    text, _ = error_at(answers(status, body), StorageOutageError)

    assert "The next sync tries again" in text


def test_without_an_endpoint_something_answers_before_amazon():
    text, _ = error_at(answers(302, PAGE), StorageRefusedError, is_amazon=True)

    assert text == (
        "The bucket `bucket` for rejected rows cannot be written to: something answers in place of Amazon S3 "
        "[HTTP 302]. Set `object_storage_config.s3_endpoint` if the bucket is another service's; otherwise let the "
        "connector's machine past the proxy or firewall that answers."
    )


def test_a_redirect_of_s3_names_the_region():
    answering = answers(301, TOLD.replace(b"MethodNotAllowed", b"PermanentRedirect"), x_amz_bucket_region="us-east-1")
    text, _ = error_at(answering, StorageRefusedError)

    assert text.endswith(
        "[PermanentRedirect]. Set `object_storage_config.s3_bucket_region` to the bucket's own region."
    )

"""The role that a customer gives: how it is asked for, and that it is asked for again before it expires."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl

from destination_sage_intacct.rejected_rows.s3 import BASE_KEY_ID, BASE_SECRET, EXTERNAL_ID, S3Bucket
from destination_sage_intacct.rejected_rows.store import S3Access

ARN = "arn:aws:iam::123456789012:role/rejected-rows"
ENVIRONMENT = {BASE_KEY_ID: "AIRBYTE", BASE_SECRET: "airbyte-secret", EXTERNAL_ID: "the workspace"}
ANSWER = """<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials>
<AccessKeyId>ROLE-{number}</AccessKeyId><SecretAccessKey>secret</SecretAccessKey><SessionToken>token</SessionToken>
<Expiration>{until}</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>"""


class Amazon(ThreadingHTTPServer):
    """A token service and an S3 in one: takes everything, and keeps what it was asked."""

    def __init__(self, lasts: timedelta) -> None:
        super().__init__(("127.0.0.1", 0), Asked)
        self.lasts = lasts
        self.roles: list[dict[str, str]] = []
        self.asked_by: list[str] = []
        self.stored_by: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Asked(BaseHTTPRequestHandler):
    server: Amazon
    protocol_version = "HTTP/1.1"  # else boto3 waits for a `100 Continue`

    def do_POST(self) -> None:
        form = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.server.roles.append(dict(parse_qsl(form)))
        self.server.asked_by.append(self._key_id())
        until = (datetime.now(UTC) + self.server.lasts).isoformat()
        self._answer(ANSWER.format(number=len(self.server.roles), until=until).encode())

    def do_PUT(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.server.stored_by.append(self._key_id())
        self._answer(b"")

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def _key_id(self) -> str:
        return self.headers["Authorization"].partition("Credential=")[2].partition("/")[0]

    def _answer(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("ETag", '"of a file"')
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def amazon(monkeypatch, lasts: timedelta = timedelta(hours=1)) -> Iterator[Amazon]:
    with Amazon(lasts) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        monkeypatch.setenv("AWS_ENDPOINT_URL_STS", server.url)
        yield server
        server.shutdown()


def bucket(server: Amazon, **changes: str) -> S3Bucket:
    return S3Bucket(S3Access("bucket", endpoint=server.url, role_arn=ARN, **changes), ENVIRONMENT)


def test_airbytes_own_identity_assumes_the_role_with_its_external_id(monkeypatch):
    with amazon(monkeypatch) as server:
        stored = bucket(server)
        for key in ("a", "b"):
            stored.put(key, b"content", "text/csv")

    (asked,) = server.roles
    assert (asked["RoleArn"], asked["ExternalId"]) == (ARN, "the workspace")
    assert server.asked_by == ["AIRBYTE"]
    assert server.stored_by == ["ROLE-1", "ROLE-1"]


def test_a_role_is_assumed_again_before_it_expires(monkeypatch):
    with amazon(monkeypatch, timedelta(minutes=5)) as server:
        stored = bucket(server)
        for key in ("a", "b"):
            stored.put(key, b"content", "text/csv")

    assert server.stored_by[0] != server.stored_by[1]


def test_keys_come_before_a_role(monkeypatch):
    with amazon(monkeypatch) as server:
        bucket(server, access_key_id="OWN", secret_access_key="s").put("a", b"content", "text/csv")

    assert server.roles == []
    assert server.stored_by == ["OWN"]

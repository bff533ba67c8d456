"""What errors of S3, and servers in its place, say to the person who set them up; and how a role is asked for."""

import itertools
import threading
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl

import pytest
from botocore import exceptions

from destination_sage_intacct.rejected_rows import s3
from destination_sage_intacct.rejected_rows.s3 import S3Action, translate_error
from destination_sage_intacct.rejected_rows.store import S3Access, StorageOutageError, StorageRefusedError

PAGE = b"<!DOCTYPE html><html><head><meta charset=utf-8><title>Console</title></head><body><p>Hello<br></body></html>"
XHTML = b"<html><head><title>Console</title></head><body><p>Hello</p></body></html>"
TOLD = b"<?xml version='1.0'?>\n<Error><Code>MethodNotAllowed</Code><Message>Not this.</Message></Error>"
ARN = "arn:aws:iam::123456789012:role/rejected-rows"
ENVIRONMENT = {s3.BASE_KEY_ID: "AIRBYTE", s3.BASE_SECRET: "airbyte-secret", s3.EXTERNAL_ID: "the workspace"}
ROLE = """<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials>
<AccessKeyId>ROLE-{number}</AccessKeyId><SecretAccessKey>secret</SecretAccessKey><SessionToken>token</SessionToken>
<Expiration>{until}</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>"""


class Asked(BaseHTTPRequestHandler):
    """A request: it is kept by the server, with the id of the key that signed it, and answered as the server says."""

    protocol_version = "HTTP/1.1"  # else boto3 waits for a `100 Continue`

    def answer(self):
        sent = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        key_id = self.headers.get("Authorization", "").partition("Credential=")[2].partition("/")[0]
        self.server.asked.append((self.command, key_id, sent.decode()))
        status, body, headers = self.server.answer_to(self.command)
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = answer  # noqa: N815 - as the server calls them

    def log_message(self, *_):
        """Say nothing."""


@contextmanager
def served(answer_to):
    with ThreadingHTTPServer(("127.0.0.1", 0), Asked) as server:
        server.answer_to, server.asked = answer_to, []
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", server.asked
        server.shutdown()


def error_at(error, status, body=b"", *, is_amazon=False, **headers):
    """The error of trying out a bucket where this answers, the address, and which methods were asked."""
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    with served(lambda _: (status, body, given)) as (url, asked), pytest.MonkeyPatch.context() as patched:
        if is_amazon:
            patched.setenv("AWS_ENDPOINT_URL_S3", url)
        access = S3Access("bucket", "rejected", "us-east-1", "" if is_amazon else url, "key", "secret")
        with pytest.raises(error) as raised:
            s3.S3Bucket(access).try_out()
    return str(raised.value), url, [method for method, *_ in asked]


@pytest.mark.parametrize(
    ("status", "body", "headers", "doing"),
    [
        (200, XHTML, {}, "be written to"),
        (200, b"", {}, "be written to"),
        (200, XHTML, {"ETag": '"of a page"'}, "be listed"),
        (200, b"", {"ETag": '"of a page"'}, "be listed"),
        (301, b"", {"Location": "/login"}, "be written to"),
        (302, PAGE, {"Location": "https://example.com/x"}, "be written to"),
    ],
)
def test_what_is_no_answer_of_s3_names_the_endpoint_and_a_redirect_is_asked_once(status, body, headers, doing):
    text, url, asked = error_at(StorageRefusedError, status, body, **headers)
    said = f"cannot {doing}: {url} answers, but not as S3 does [HTTP {status}]. Correct `object_storage_config.s3_endp"
    assert text.startswith(f"The bucket `bucket` for rejected rows {said}")
    if status in {301, 302}:
        assert asked == ["PUT"]


@pytest.mark.parametrize("status", [401, 403, 404, 405])
def test_a_page_that_refuses_leads_to_the_settings(status):
    text, *_ = error_at(StorageRefusedError, status, PAGE)
    assert f"[{status}]. " in text
    assert "object_storage_config" in text


@pytest.mark.parametrize(("status", "body"), [(502, PAGE), (408, PAGE), (429, PAGE), (501, TOLD)])
def test_what_may_pass_is_an_outage(status, body, monkeypatch):
    monkeypatch.setattr(s3, "_ATTEMPTS", 1)
    assert "The next sync tries again" in error_at(StorageOutageError, status, body)[0]


def test_without_an_endpoint_something_answers_before_amazon():
    text, *_ = error_at(StorageRefusedError, 302, PAGE, is_amazon=True)
    said = "something answers in place of Amazon S3 [HTTP 302]. Set `object_storage_config.s3_endpoint` if the bucket"
    assert text.startswith(f"The bucket `bucket` for rejected rows cannot be written to: {said}")


def test_a_redirect_of_s3_names_the_region():
    body = TOLD.replace(b"MethodNotAllowed", b"PermanentRedirect")
    text, *_ = error_at(StorageRefusedError, 301, body, x_amz_bucket_region="us-east-1")
    remedy = "Set `object_storage_config.s3_bucket_region` to the bucket's own region."
    assert text.endswith(f"[PermanentRedirect]. {remedy}")


def stored_twice(monkeypatch, lasts=timedelta(hours=1), **keys):
    """What a token service and an S3 in one are asked while two files are stored; a role lasts as long as given."""
    numbers = itertools.count(1)

    def answer_to(method):
        if method == "PUT":
            return 200, b"", {"ETag": '"of a file"'}
        until = (datetime.now(UTC) + lasts).isoformat()
        return 200, ROLE.format(number=next(numbers), until=until).encode(), {}

    with served(answer_to) as (url, asked):
        monkeypatch.setenv("AWS_ENDPOINT_URL_STS", url)
        bucket = s3.S3Bucket(S3Access("bucket", endpoint=url, role_arn=ARN, **keys), ENVIRONMENT)
        for key in ("a", "b"):
            bucket.put(key, b"content", "text/csv")
    return [(method, key_id) for method, key_id, _ in asked], dict(parse_qsl(asked[0][2]))


def test_airbytes_own_identity_assumes_the_role_with_its_external_id_and_again_before_it_expires(monkeypatch):
    asked, form = stored_twice(monkeypatch)
    assert asked == [("POST", "AIRBYTE"), ("PUT", "ROLE-1"), ("PUT", "ROLE-1")]
    assert (form["RoleArn"], form["ExternalId"]) == (ARN, "the workspace")
    asked, _ = stored_twice(monkeypatch, timedelta(minutes=5))
    first, second = (key_id for method, key_id in asked if method == "PUT")
    assert first != second


def test_keys_come_before_a_role(monkeypatch):
    asked, _ = stored_twice(monkeypatch, access_key_id="OWN", secret_access_key="s")
    assert asked == [("PUT", "OWN"), ("PUT", "OWN")]


ACCESS = S3Access("bucket", "rejected", role_arn="arn:aws:iam::1:role/r")
URL = {"endpoint_url": "https://s3.amazonaws.com/bucket"}
LOOK_UP = "Look up that error in the documentation of the service's S3 API, and correct the settings of the bucket"
REGION = "Set `object_storage_config.s3_bucket_region` to the bucket's own region."
GRANT = "Grant `s3:PutObject` on `bucket/rejected/*` to the principal of `object_storage_config`"
KEYS = "Correct `object_storage_config.access_key_id` and `object_storage_config.secret_access_key`."
SHORTEN = "Shorten or correct `object_storage_config.bucket_path`, `object_storage_config.path_format` or "


def translated(error, attempt=S3Action.WRITE, access=ACCESS):
    """The text that an error becomes, and its type."""
    made = translate_error(error, attempt, access)
    return str(made), type(made)


def answer(code, status=400, operation="PutObject"):
    words = {"Error": {"Code": code, "Message": "Words of the service."}} if code else {}
    return exceptions.ClientError({**words, "ResponseMetadata": {"HTTPStatusCode": status}}, operation)


@pytest.mark.parametrize(
    ("code", "remedy"),
    [
        ("NoSuchBucket", "Create the bucket, or correct `object_storage_config.s3_bucket_name`."),
        ("InvalidBucketName", "Correct `object_storage_config.s3_bucket_name`."),
        ("AccessDenied", GRANT),
        ("SignatureDoesNotMatch", KEYS),
        ("PermanentRedirect", REGION),
        ("AuthorizationHeaderMalformed", REGION),
        ("RequestTimeTooSkewed", "Set the clock of the connector's machine."),
        ("KeyTooLongError", SHORTEN),
        ("EntityTooLarge", LOOK_UP),
    ],
)
def test_what_the_service_refuses_says_what_to_correct(code, remedy):
    words = f"cannot be written to: the service says: Words of the service [{code}]. {remedy}"
    text, kind = translated(answer(code))
    assert text.startswith(f"The bucket `bucket` for rejected rows {words}")
    assert kind is StorageRefusedError


NO_NAME = "cannot be used: that is not a valid bucket name. Correct"
NO_PROFILE = "cannot be used: boto3 reports: The config profile (x) could not be found. Correct"
NO_KEYS = "cannot be used: no AWS credentials were found. Fill in"
ROLE_REFUSED = "AWS STS says: Words of the service [AccessDenied]. The role arn:aws:iam::1:role/r could not be"


@pytest.mark.parametrize(
    ("error", "attempt", "words"),
    [
        (answer("", 403), S3Action.WRITE, f"the service says: nothing [403]. {LOOK_UP}"),
        (answer("NotImplemented", 501), S3Action.WRITE, "Words of the service [NotImplemented]. "),
        (answer("AccessDenied", 403), S3Action.WRITE, "Grant `s3:PutObject` on `bucket/rejected/*` to"),
        (answer("AccessDenied", 403), S3Action.LIST, "Grant `s3:ListBucket` on `bucket` to"),
        (answer("AccessDenied", 403), S3Action.DELETE, "Grant `s3:DeleteObject` on `bucket/rejected/*` to"),
        (answer("AccessDenied", 403, operation="AssumeRole"), S3Action.WRITE, ROLE_REFUSED),
        (exceptions.NoCredentialsError(), S3Action.CONNECT, NO_KEYS),
        (exceptions.CredentialRetrievalError(provider="p", error_msg="e"), S3Action.CONNECT, NO_KEYS),
        (exceptions.ParamValidationError(report="Invalid bucket name"), S3Action.CONNECT, NO_NAME),
        (exceptions.ProfileNotFound(profile="x"), S3Action.CONNECT, NO_PROFILE),
    ],
)
def test_what_the_settings_are_at_fault_for_says_what_to_correct(error, attempt, words):
    text, kind = translated(error, attempt)
    assert kind is StorageRefusedError
    assert words in text


def test_without_a_folder_the_whole_bucket_is_to_be_granted():
    text, _ = translated(answer("AccessDenied", 403), access=S3Access("bucket"))
    assert "Grant `s3:PutObject` on `bucket/*` to" in text


OTHER = S3Access("bucket", endpoint="http://own")
UNREACHED = "cannot be written to: Amazon S3 cannot be reached"


@pytest.mark.parametrize(
    ("error", "access", "words"),
    [
        (answer("InternalError", 500), ACCESS, "the service says: Words of the service [InternalError]"),
        (answer("SlowDown", 503), ACCESS, "the service says: Words of the service [SlowDown]"),
        (answer("RequestTimeout"), ACCESS, "the service says: Words of the service [RequestTimeout]"),
        # An error of Amazon's own servers is not laid to the endpoint.
        (answer("500", 500), ACCESS, "the service says: Words of the service [500]"),
        (answer("500", 500, operation="AssumeRole"), OTHER, "AWS STS says: Words of the service [500]"),
        (exceptions.EndpointConnectionError(**URL), ACCESS, f"{UNREACHED} (EndpointConnectionError)"),
        (exceptions.ConnectTimeoutError(**URL), ACCESS, f"{UNREACHED} (ConnectTimeoutError)"),
        (exceptions.ReadTimeoutError(**URL), ACCESS, f"{UNREACHED} (ReadTimeoutError)"),
        (exceptions.SSLError(**URL, error="certificate"), ACCESS, f"{UNREACHED} (SSLError)"),
    ],
)
def test_a_service_that_is_busy_or_out_of_reach_is_tried_again_by_the_next_sync(error, access, words):
    text, kind = translated(error, access=access)
    assert kind is StorageOutageError
    assert f"{words}. The next sync tries again" in text
    assert ("check `object_storage_config.s3_endpoint`" in text) == words.startswith(UNREACHED)

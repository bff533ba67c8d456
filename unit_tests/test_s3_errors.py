"""What an error of the S3 API tells the person who set it up; those that a server gives are in integration_tests."""

import itertools

import pytest
from botocore.exceptions import (
    ClientError,
    ConnectTimeoutError,
    CredentialRetrievalError,
    EndpointConnectionError,
    NoCredentialsError,
    ParamValidationError,
    ProfileNotFound,
    ReadTimeoutError,
    SSLError,
)

from destination_sage_intacct.rejected_rows.s3 import S3Action, translate_error
from destination_sage_intacct.rejected_rows.store import S3Access, StorageOutageError, StorageRefusedError

ACCESS = S3Access("bucket", "rejected", role_arn="arn:aws:iam::1:role/r")
LOOK_UP = (
    "Look that error up among those of the service's S3 API, and correct the bucket's own settings, "
    "`object_storage_config.s3_endpoint`, `object_storage_config.s3_bucket_name` or "
    "`object_storage_config.s3_bucket_region`."
)
URL = "https://s3.amazonaws.com/bucket"
REGION = "Set `object_storage_config.s3_bucket_region` to the bucket's own region."
GRANT = (
    "Grant `s3:PutObject` on `bucket/rejected/*` to the principal of `object_storage_config`, or what the service "
    "names instead."
)
KEYS = "Correct `object_storage_config.access_key_id` and `object_storage_config.secret_access_key`."
SHORTEN = (
    "Shorten or correct `object_storage_config.bucket_path`, `object_storage_config.path_format` or "
    "`object_storage_config.file_name_format`."
)


def translated(error, attempt=S3Action.WRITE, access=ACCESS):
    """The text that an error becomes, and its type."""
    made = translate_error(error, attempt, access)
    return str(made), type(made)


def answer(code, status=400, message="Words of the service.", operation="PutObject"):
    response = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(response, operation)


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
    assert translated(answer(code)) == (f"The bucket `bucket` for rejected rows {words}", StorageRefusedError)


def test_an_answer_without_words_shows_its_status_and_an_unknown_request_is_not_sent_again():
    wordless = ClientError({"ResponseMetadata": {"HTTPStatusCode": 403}}, "PutObject")
    assert f"the service says: nothing [403]. {LOOK_UP}" in translated(wordless)[0]
    assert translated(answer("NotImplemented", 501))[1] is StorageRefusedError


@pytest.mark.parametrize(
    ("attempt", "grant"),
    [
        (S3Action.WRITE, "`s3:PutObject` on `bucket/*`"),
        (S3Action.LIST, "`s3:ListBucket` on `bucket`"),
        (S3Action.DELETE, "`s3:DeleteObject` on `bucket/*`"),
    ],
)
def test_what_is_denied_says_what_to_grant(attempt, grant):
    assert f"Grant {grant} to" in translated(answer("AccessDenied", 403), attempt, S3Access("bucket"))[0]


@pytest.mark.parametrize(
    ("error", "access"),
    [
        *((answer(*error), ACCESS) for error in (("InternalError", 500), ("SlowDown", 503), ("RequestTimeout", 400))),
        # An error of Amazon's own servers is not laid to the endpoint.
        (answer("500", 500), ACCESS),
        (answer("500", 500, operation="AssumeRole"), S3Access("bucket", endpoint="http://own")),
    ],
)
def test_a_service_that_is_busy_is_tried_again_by_the_next_sync(error, access):
    text, kind = translated(error, access=access)
    assert kind is StorageOutageError
    assert text.endswith(f" says: Words of the service [{error.response['Error']['Code']}]. The next sync tries again.")


def test_no_advice_names_all_settings_at_once():
    """Each names those that can be wrong."""
    errors = [answer("?"), answer("500", 500), ProfileNotFound(profile="x"), ReadTimeoutError(endpoint_url=URL)]
    for error, attempt in itertools.product(errors, S3Action):
        assert "check `object_storage_config`" not in translated(error, attempt)[0].lower()


def test_a_role_that_is_refused_is_named():
    text, kind = translated(answer("AccessDenied", 403, operation="AssumeRole"))
    assert kind is StorageRefusedError
    assert "AWS STS says: Words of the service [AccessDenied]. The role arn:aws:iam::1:role/r could not be" in text


@pytest.mark.parametrize(
    "error",
    [
        *(kind(endpoint_url=URL) for kind in (EndpointConnectionError, ConnectTimeoutError, ReadTimeoutError)),
        SSLError(endpoint_url=URL, error="certificate"),
    ],
)
def test_a_service_that_cannot_be_reached_is_an_outage(error):
    text, kind = translated(error, S3Action.LIST)
    assert kind is StorageOutageError
    assert f"cannot be listed: Amazon S3 cannot be reached ({type(error).__name__})." in text


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (NoCredentialsError(), "no AWS credentials were found. Fill in"),
        (CredentialRetrievalError(provider="p", error_msg="e"), "no AWS credentials were found. Fill in"),
        (ParamValidationError(report="Invalid bucket name"), "that is no name of a bucket. Correct"),
        (ProfileNotFound(profile="x"), "boto3 says: The config profile (x) could not be found. Correct"),
    ],
)
def test_what_boto3_refuses_itself_says_what_to_correct(error, words):
    text, kind = translated(error, S3Action.CONNECT)
    assert kind is StorageRefusedError
    assert f"for rejected rows cannot be used: {words}" in text

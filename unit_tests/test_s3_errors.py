"""What an error of the S3 API tells the person who set it up; those that a server gives are in integration_tests."""

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
    "Look up that error in the documentation of the service's S3 API, and correct the settings of the bucket itself, "
    "`object_storage_config.s3_endpoint`, `object_storage_config.s3_bucket_name` or "
    "`object_storage_config.s3_bucket_region`."
)
URL = "https://s3.amazonaws.com/bucket"


def answer(code, status=400, message="Words of the service.", operation="PutObject"):
    response = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(response, operation)


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
    error = translate_error(answer(code), S3Action.WRITE, ACCESS)

    assert isinstance(error, StorageRefusedError)
    assert str(error) == (
        f"The bucket `bucket` for rejected rows cannot be written to: the service says: Words of the service [{code}]. "
        f"{remedy}"
    )


@pytest.mark.parametrize(
    ("attempt", "grant"),
    [
        (S3Action.WRITE, "`s3:PutObject` on `bucket/*`"),
        (S3Action.LIST, "`s3:ListBucket` on `bucket`"),
        (S3Action.DELETE, "`s3:DeleteObject` on `bucket/*`"),
    ],
)
def test_what_is_denied_says_what_to_grant(attempt, grant):
    assert f"Grant {grant} to" in str(translate_error(answer("AccessDenied", 403), attempt, S3Access("bucket")))


@pytest.mark.parametrize(("code", "status"), [("InternalError", 500), ("SlowDown", 503), ("RequestTimeout", 400)])
def test_a_service_that_is_busy_is_tried_again_by_the_next_sync(code, status):
    error = translate_error(answer(code, status), S3Action.WRITE, ACCESS)

    assert isinstance(error, StorageOutageError)
    assert str(error).endswith(f"Words of the service [{code}]. The next sync tries again.")


def test_what_a_service_does_not_know_is_not_tried_again():
    error = translate_error(answer("NotImplemented", 501), S3Action.WRITE, ACCESS)

    assert isinstance(error, StorageRefusedError)


def test_no_advice_names_all_settings_at_once():
    """Each names those that can be wrong."""
    errors = [answer("?"), answer("500", 500), ProfileNotFound(profile="x"), ReadTimeoutError(endpoint_url=URL)]
    texts = [str(translate_error(error, attempt, ACCESS)) for error in errors for attempt in S3Action]

    assert [text for text in texts if "check `object_storage_config`" in text.lower()] == []


def test_an_error_of_amazons_servers_is_not_laid_to_the_endpoint():
    of_role = translate_error(
        answer("500", 500, operation="AssumeRole"), S3Action.WRITE, S3Access("bucket", endpoint="http://own")
    )

    for error in (translate_error(answer("500", 500), S3Action.WRITE, ACCESS), of_role):
        assert isinstance(error, StorageOutageError)
        assert str(error).endswith(" says: Words of the service [500]. The next sync tries again.")


def test_an_answer_without_words_is_told_by_its_status():
    wordless = ClientError({"ResponseMetadata": {"HTTPStatusCode": 403}}, "PutObject")
    error = translate_error(wordless, S3Action.WRITE, ACCESS)

    assert f"the service says: nothing [403]. {LOOK_UP}" in str(error)


def test_a_role_that_is_refused_is_named():
    error = translate_error(answer("AccessDenied", 403, operation="AssumeRole"), S3Action.WRITE, ACCESS)

    assert isinstance(error, StorageRefusedError)
    assert "AWS STS says: Words of the service [AccessDenied]. The role arn:aws:iam::1:role/r could not be" in str(
        error
    )


@pytest.mark.parametrize(
    "error",
    [
        EndpointConnectionError(endpoint_url=URL),
        ConnectTimeoutError(endpoint_url=URL),
        ReadTimeoutError(endpoint_url=URL),
        SSLError(endpoint_url=URL, error="certificate"),
    ],
)
def test_a_service_that_cannot_be_reached_is_an_outage(error):
    outage = translate_error(error, S3Action.LIST, ACCESS)

    assert isinstance(outage, StorageOutageError)
    assert f"cannot be listed: Amazon S3 cannot be reached ({type(error).__name__})." in str(outage)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (NoCredentialsError(), "no AWS credentials were found. Fill in"),
        (CredentialRetrievalError(provider="p", error_msg="e"), "no AWS credentials were found. Fill in"),
        (ParamValidationError(report="Invalid bucket name"), "that is not a valid bucket name. Correct"),
        (ProfileNotFound(profile="x"), "boto3 reports: The config profile (x) could not be found. Correct"),
    ],
)
def test_what_boto3_refuses_itself_says_what_to_correct(error, words):
    refused = translate_error(error, S3Action.CONNECT, ACCESS)

    assert isinstance(refused, StorageRefusedError)
    assert f"for rejected rows cannot be used: {words}" in str(refused)

"""A bucket behind the S3 API: Amazon's own, or any that speaks it."""

import os
import re
from collections.abc import Callable, Mapping
from enum import Enum
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import boto3
import botocore.session
from botocore.config import Config
from botocore.credentials import (
    CredentialProvider,
    CredentialResolver,
    DeferredRefreshableCredentials,
    create_assume_role_refresher,
)
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    CredentialRetrievalError,
    HTTPClientError,
    NoCredentialsError,
    ParamValidationError,
    PartialCredentialsError,
)
from botocore.exceptions import (
    ConnectionError as NoConnectionError,
)

from destination_sage_intacct.rejected_rows.store import (
    S3Access,
    StorageOutageError,
    StorageRefusedError,
)

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_SETTING = "object_storage_config"
_NOT_IMPLEMENTED = "NotImplemented"
_ASSUME_ROLE = "AssumeRole"
_LIST = re.compile(rb"<(\w+:)?ListBucketResult[\s>]")

_BUSY = {
    "408",
    "429",
    "InternalError",
    "OperationAborted",
    "RequestLimitExceeded",
    "RequestTimeout",
    "ServiceUnavailable",
    "SlowDown",
    "Throttling",
    "ThrottlingException",
    "TooManyRequests",
    "TooManyRequestsException",
}
_DENIED = {"AccessDenied", "AllAccessDisabled", "AccountProblem", "403", "Forbidden"}
_WRONG_KEYS = {
    "ExpiredToken",
    "InvalidAccessKeyId",
    "InvalidClientTokenId",
    "InvalidSecurity",
    "InvalidToken",
    "NotSignedUp",
    "SignatureDoesNotMatch",
    "TokenRefreshRequired",
}
_WRONG_REGION = {"301", "AuthorizationHeaderMalformed", "IllegalLocationConstraintException", "PermanentRedirect"}
_WRONG_PATH = {"InvalidURI", "KeyTooLongError"}
_CREDENTIALS = (NoCredentialsError, PartialCredentialsError, CredentialRetrievalError)


class NotS3Error(Exception):
    """Something answered that is not S3; `status` is of HTTP."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class S3Action(Enum):
    """What was tried: in words, and the permission that it needs."""

    CONNECT = ("be used", "")
    WRITE = ("be written to", "s3:PutObject")
    LIST = ("be listed", "s3:ListBucket")
    DELETE = ("have a file deleted", "s3:DeleteObject")


def translate_error(
    error: ClientError | BotoCoreError | NotS3Error | ValueError, attempt: S3Action, access: S3Access
) -> StorageRefusedError | StorageOutageError:
    """Return what to raise instead of an error of boto3, whose own retries are spent."""
    doing, permission = attempt.value
    failed = f"The bucket `{access.bucket}` for rejected rows cannot {doing}"
    if isinstance(error, ClientError):
        return _answered(error, failed, permission, access)
    if isinstance(error, NotS3Error):
        return _foreign(error, failed, access)
    if isinstance(error, _CREDENTIALS):
        return StorageRefusedError(
            f"{failed}: no AWS credentials were found. Fill in `{_SETTING}.access_key_id` and "
            f"`{_SETTING}.secret_access_key`, or `{_SETTING}.role_arn`, or give the connector's machine a role."
        )
    if isinstance(error, ParamValidationError):
        return StorageRefusedError(f"{failed}: that is not a valid bucket name. Correct `{_SETTING}.s3_bucket_name`.")
    if isinstance(error, NoConnectionError | HTTPClientError):
        return StorageOutageError(
            f"{failed}: {access.endpoint or 'Amazon S3'} cannot be reached ({type(error).__name__}). The next sync "
            f"tries again; if the error persists, check `{_SETTING}.s3_endpoint`, `{_SETTING}.s3_bucket_region` and "
            "the network."
        )
    return StorageRefusedError(
        f"{failed}: boto3 reports: {_sentence(str(error))}. Correct `{_SETTING}.s3_bucket_name` or "
        f"`{_SETTING}.s3_endpoint`, or the AWS settings in the environment variables and the profile of the "
        "connector's machine."
    )


def _foreign(error: NotS3Error, failed: str, access: S3Access) -> StorageRefusedError:
    answered = f"[HTTP {error.status}]"
    if access.endpoint:
        return StorageRefusedError(
            f"{failed}: {access.endpoint} answers, but not as S3 does {answered}. Correct `{_SETTING}.s3_endpoint`: "
            "it must be the address of an S3 API, not of a web page, a console or another API."
        )
    return StorageRefusedError(
        f"{failed}: something answers in place of Amazon S3 {answered}. Set `{_SETTING}.s3_endpoint` if the bucket is "
        "another service's; otherwise let the connector's machine past the proxy or firewall that answers."
    )


def _answered(
    error: ClientError, failed: str, permission: str, access: S3Access
) -> StorageRefusedError | StorageOutageError:
    details = error.response.get("Error", {})
    code = details.get("Code", "")
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    is_role = error.operation_name == _ASSUME_ROLE
    said = f"{'AWS STS' if is_role else 'the service'} says: {_sentence(details.get('Message', ''))} [{code or status}]"
    if (status >= HTTPStatus.INTERNAL_SERVER_ERROR and code != _NOT_IMPLEMENTED) or code in _BUSY:
        if access.endpoint and code in {"", str(status)} and not is_role:
            return StorageOutageError(
                f"{failed}: {access.endpoint} answers, but not as S3 does [HTTP {status}]. The next sync tries again; "
                f"if the error persists, correct `{_SETTING}.s3_endpoint`: it must be the address of an S3 API."
            )
        return StorageOutageError(f"{failed}: {said}. The next sync tries again.")
    remedy = _role_remedy(access) if is_role else _remedy(code, permission, access)
    return StorageRefusedError(f"{failed}: {said}. {remedy}")


def _role_remedy(access: S3Access) -> str:
    return (
        f"The role {access.role_arn} could not be assumed: check `{_SETTING}.role_arn`, the role's trust policy, and "
        "the external ID that it requires."
    )


def _remedy(code: str, permission: str, access: S3Access) -> str:
    if code == "NoSuchBucket":
        return f"Create the bucket, or correct `{_SETTING}.s3_bucket_name`."
    if code in _DENIED and permission:
        files = f"/{access.folder}/*" if access.folder else "/*"
        resource = access.bucket + ("" if permission == S3Action.LIST.value[1] else files)
        grant = f"Grant `{permission}` on `{resource}` to the principal of `{_SETTING}`"
        return f"{grant}, or what the service names instead."
    if code in _WRONG_KEYS:
        return f"Correct `{_SETTING}.access_key_id` and `{_SETTING}.secret_access_key`."
    if code in _WRONG_REGION:
        return f"Set `{_SETTING}.s3_bucket_region` to the bucket's own region."
    if code == "InvalidBucketName":
        return f"Correct `{_SETTING}.s3_bucket_name`."
    if code in _WRONG_PATH:
        return (
            f"Shorten or correct `{_SETTING}.bucket_path`, `{_SETTING}.path_format` or `{_SETTING}.file_name_format`."
        )
    if code == "RequestTimeTooSkewed":
        return "Set the clock of the connector's machine."
    return (
        "Look up that error in the documentation of the service's S3 API, and correct the settings of the bucket "
        f"itself, `{_SETTING}.s3_endpoint`, `{_SETTING}.s3_bucket_name` or `{_SETTING}.s3_bucket_region`."
    )


def _sentence(text: str) -> str:
    return text.strip().rstrip(".") or "nothing"


# The variables from which Airbyte's other connectors take the identity that may assume a customer's role.
BASE_KEY_ID = "AWS_ASSUME_ROLE_ACCESS_KEY_ID"
BASE_SECRET = "AWS_ASSUME_ROLE_SECRET_ACCESS_KEY"  # noqa: S105 - the name of a variable
EXTERNAL_ID = "AWS_ASSUME_ROLE_EXTERNAL_ID"

_CONNECT_SECONDS = 10
_READ_SECONDS = 60
_ATTEMPTS = 4
_GLOBAL_REGION = "us-east-1"
_SESSION_NAME = "airbyte-destination-sage-intacct"
_ROLE_SECONDS = 3600


class S3Bucket:
    """One bucket. Safe to use from one thread; its own threads: none.

    Raises:
        StorageRefusedError: there are no credentials to begin with, or they cannot be used.
    """

    def __init__(self, access: S3Access, environment: Mapping[str, str] = os.environ) -> None:
        self._access = access
        self._client: S3Client = self._asked(S3Action.CONNECT, lambda: _client(access, environment))

    def put(self, key: str, content: bytes, content_type: str) -> None:
        """Store a file whole.

        Without a condition that the key be free (`If-None-Match`): a repeated request whose first answer was lost
        would be refused for its own success, and not every service knows it. Keys are made so that none comes twice.
        """
        bucket = self._access.bucket
        self._asked(
            S3Action.WRITE,
            lambda: self._client.put_object(Bucket=bucket, Key=key, Body=content, ContentType=content_type),
        )

    def try_out(self) -> None:
        """Write, list and delete a file, as Airbyte's other destinations do in their check."""
        bucket, folder = self._access.bucket, self._access.folder
        key = f"{folder}/_check_test/{uuid4()}".removeprefix("/")
        self.put(key, b"written by a connection check, to be deleted at once\n", "text/plain")
        self._asked(S3Action.LIST, lambda: self._client.list_objects_v2(Bucket=bucket, Prefix=key, MaxKeys=1))
        self._asked(S3Action.DELETE, lambda: self._client.delete_object(Bucket=bucket, Key=key))

    def _asked(self, attempt: S3Action, ask: Callable[[], Any]) -> Any:  # noqa: ANN401 - whatever boto3 answers
        try:
            return ask()
        except (ClientError, BotoCoreError, NotS3Error, ValueError) as error:
            # From None: the original error may show the request.
            raise translate_error(error, attempt, self._access) from None


def _client(access: S3Access, environment: Mapping[str, str]) -> "S3Client":
    session = boto3.Session(
        access.access_key_id or None, access.secret_access_key or None, botocore_session=_session(access, environment)
    )
    client = session.client(
        "s3",
        region_name=access.region or None,
        endpoint_url=access.endpoint or None,
        config=_settings(access),
    )
    client.meta.events.register("before-parse.s3", _check_is_s3)
    return client


def _check_is_s3(*, response_dict: Mapping[str, Any], operation_model: Any, **_: object) -> None:  # noqa: ANN401 - as boto3 calls it
    """Check an answer before boto3 reads it, because a page of another service would pass for a stored file.

    S3 gives an ETag for each file, lists in XML, and names the region to which it redirects: without that, boto3 would
    ask for it again and again.

    Raises:
        NotS3Error: the answer is not one of S3's.
    """
    status, headers = response_dict["status_code"], response_dict["headers"]
    if status >= HTTPStatus.BAD_REQUEST:
        return
    if status >= HTTPStatus.MULTIPLE_CHOICES:
        is_s3 = "x-amz-bucket-region" in headers
    elif operation_model.name == "PutObject":
        is_s3 = "etag" in headers
    else:
        is_s3 = operation_model.name != "ListObjectsV2" or bool(_LIST.search(response_dict["body"]))
    if not is_s3:
        raise NotS3Error(status)


def _settings(access: S3Access) -> Config:
    limits = Config(
        connect_timeout=_CONNECT_SECONDS,
        read_timeout=_READ_SECONDS,
        retries={"mode": "standard", "total_max_attempts": _ATTEMPTS},
    )
    if not access.endpoint:
        return limits
    # Other services know neither a bucket as a host name nor, many of them, Amazon's newer checksums.
    others = Config(
        s3={"addressing_style": "path"},
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
    )
    return limits.merge(others)


def _session(access: S3Access, environment: Mapping[str, str]) -> botocore.session.Session:
    session = botocore.session.Session()
    if access.role_arn and not access.access_key_id:
        session.register_component("credential_provider", CredentialResolver([_AssumedRole(access, environment)]))
    return session


class _AssumedRole(CredentialProvider):
    """Credentials of a role, asked for at the first request and renewed by botocore before they expire."""

    METHOD = "assume-role"

    def __init__(self, access: S3Access, environment: Mapping[str, str]) -> None:
        super().__init__()
        self._access = access
        self._environment = environment

    def load(self) -> DeferredRefreshableCredentials:
        """Return the credentials, not asked for yet."""
        own = self._environment
        sts = boto3.client(
            "sts",
            region_name=self._access.region or _GLOBAL_REGION,
            aws_access_key_id=own.get(BASE_KEY_ID) or None,
            aws_secret_access_key=own.get(BASE_SECRET) or None,
            config=_settings(S3Access("")),
        )
        wanted = {"RoleArn": self._access.role_arn, "RoleSessionName": _SESSION_NAME, "DurationSeconds": _ROLE_SECONDS}
        if own.get(EXTERNAL_ID):
            wanted["ExternalId"] = own[EXTERNAL_ID]
        return DeferredRefreshableCredentials(create_assume_role_refresher(sts, wanted), self.METHOD)

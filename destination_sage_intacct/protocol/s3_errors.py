"""What an error of the S3 API means for the person who set it up."""

from enum import Enum

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

from destination_sage_intacct.protocol.object_store import (
    S3Access,
    StorageOutageError,
    StorageRefusedError,
)
from destination_sage_intacct.protocol.s3_answers import NotS3Error

_SETTING = "object_storage_config"
_SERVER_ERROR = 500
_NOT_IMPLEMENTED = "NotImplemented"
_ASSUME_ROLE = "AssumeRole"

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
# Of S3, and of services that keep a folder in a file system.
_WRONG_PATH = {"InvalidURI", "KeyTooLongError", "XMinioInvalidObjectName", "XMinioInvalidResourceName"}
_CREDENTIALS = (NoCredentialsError, PartialCredentialsError, CredentialRetrievalError)


class Attempt(Enum):
    """What was tried: in words, and the permission that it needs."""

    CONNECT = ("be used", "")
    WRITE = ("be written to", "s3:PutObject")
    LIST = ("be listed", "s3:ListBucket")
    DELETE = ("have a file deleted", "s3:DeleteObject")


def told(
    error: ClientError | BotoCoreError | NotS3Error, attempt: Attempt, access: S3Access
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
        return StorageRefusedError(f"{failed}: that is no name of a bucket. Correct `{_SETTING}.s3_bucket_name`.")
    if isinstance(error, NoConnectionError | HTTPClientError):
        return StorageOutageError(
            f"{failed}: {access.endpoint or 'Amazon S3'} cannot be reached ({type(error).__name__}). The next sync "
            f"tries again; if it stays so, check `{_SETTING}.s3_endpoint`, `{_SETTING}.s3_bucket_region` and the "
            "network."
        )
    return StorageRefusedError(
        f"{failed}: boto3 says: {_sentence(str(error))}. Correct `{_SETTING}.s3_bucket_name`, or what "
        "the connector's machine is told about AWS by its environment variables and its profile."
    )


def _foreign(error: NotS3Error, failed: str, access: S3Access) -> StorageRefusedError:
    answered = f"[HTTP {error.status}{f' to {error.leads_to}' if error.leads_to else ''}]"
    if access.endpoint:
        return StorageRefusedError(
            f"{failed}: {access.endpoint} answers, but not as S3 does {answered}. Correct `{_SETTING}.s3_endpoint`: "
            "it must be the address of an S3 API, not of a web page, a console or another API."
        )
    return StorageRefusedError(
        f"{failed}: something answers in place of Amazon S3 {answered}. Set `{_SETTING}.s3_endpoint` if the bucket is "
        "another service's; else let the connector's machine past the proxy or firewall that answers."
    )


def _answered(
    error: ClientError, failed: str, permission: str, access: S3Access
) -> StorageRefusedError | StorageOutageError:
    details = error.response.get("Error", {})
    code = details.get("Code", "")
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    is_role = error.operation_name == _ASSUME_ROLE
    said = f"{'AWS STS' if is_role else 'the service'} says: {_sentence(details.get('Message', ''))} [{code or status}]"
    if (status >= _SERVER_ERROR and code != _NOT_IMPLEMENTED) or code in _BUSY:
        if access.endpoint and code in {"", str(status)} and not is_role:
            # A web page that is found is told as 500 too, by boto3.
            answered = "HTTP 500 or 200" if status == _SERVER_ERROR else f"HTTP {status}"
            return StorageOutageError(
                f"{failed}: {access.endpoint} answers, but not as S3 does [{answered}]. The next sync tries again; if "
                f"it stays so, correct `{_SETTING}.s3_endpoint`: it must be the address of an S3 API."
            )
        return StorageOutageError(f"{failed}: {said}. The next sync tries again.")
    remedy = _role_remedy(access) if is_role else _remedy(code, permission, access)
    return StorageRefusedError(f"{failed}: {said}. {remedy}")


def _role_remedy(access: S3Access) -> str:
    return (
        f"The role {access.role_arn} could not be assumed: check `{_SETTING}.role_arn`, whom the role trusts, and the "
        "external ID that it asks for."
    )


def _remedy(code: str, permission: str, access: S3Access) -> str:
    if code == "NoSuchBucket":
        return f"Create the bucket, or correct `{_SETTING}.s3_bucket_name`."
    if code in _DENIED and permission:
        files = f"/{access.folder}/*" if access.folder else "/*"
        resource = access.bucket + ("" if permission == Attempt.LIST.value[1] else files)
        return (
            f"Grant `{permission}` on `arn:{_partition(access.region)}:s3:::{resource}` to whom `{_SETTING}` names, or "
            "what the service names instead."
        )
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
        "Look that error up among those of the service's S3 API, and correct the bucket's own settings, "
        f"`{_SETTING}.s3_endpoint`, `{_SETTING}.s3_bucket_name` or `{_SETTING}.s3_bucket_region`."
    )


def _partition(region: str) -> str:
    """Return the part of Amazon's cloud that a region lies in, as its resource names tell it."""
    return {"cn": "aws-cn", "us-gov": "aws-us-gov"}.get(region.rpartition("-")[0].rpartition("-")[0], "aws")


def _sentence(text: str) -> str:
    return text.strip().rstrip(".") or "nothing"

"""A bucket behind the S3 API: Amazon's own, or any that speaks it."""

import io
import os
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import boto3
import botocore.session
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.credentials import (
    CredentialProvider,
    CredentialResolver,
    DeferredRefreshableCredentials,
    create_assume_role_refresher,
)
from botocore.exceptions import BotoCoreError, ClientError

from destination_sage_intacct.protocol.object_store import S3Access
from destination_sage_intacct.protocol.s3_answers import NotS3Error, check_is_s3
from destination_sage_intacct.protocol.s3_errors import Attempt, told

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

# The variables from which Airbyte's other connectors take the identity that may assume a customer's role.
BASE_KEY_ID = "AWS_ASSUME_ROLE_ACCESS_KEY_ID"
BASE_SECRET = "AWS_ASSUME_ROLE_SECRET_ACCESS_KEY"  # noqa: S105 - the name of a variable
EXTERNAL_ID = "AWS_ASSUME_ROLE_EXTERNAL_ID"

_CONNECT_SECONDS = 10
_READ_SECONDS = 60
_ATTEMPTS = 4
_ONE_REQUEST_BYTES = 16 << 20
_PIECE_BYTES = 8 << 20
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
        self._client: S3Client = self._asked(Attempt.CONNECT, lambda: _client(access, environment))

    def put(self, key: str, content: bytes, content_type: str) -> None:
        """Store a file whole; a large one in several requests, and then it appears with the last of them.

        Without a condition that the key be free (`If-None-Match`): a repeated request whose first answer was lost
        would be refused for its own success, and not every service knows it. Keys are made so that none comes twice.
        """
        transfer = TransferConfig(_ONE_REQUEST_BYTES, multipart_chunksize=_PIECE_BYTES, use_threads=False)
        extra = {"ContentType": content_type}

        def store() -> None:
            self._client.upload_fileobj(io.BytesIO(content), self._access.bucket, key, extra, Config=transfer)

        self._asked(Attempt.WRITE, store)

    def try_out(self) -> None:
        """Write, list and delete a file, as Airbyte's other destinations do in their check."""
        bucket, folder = self._access.bucket, self._access.folder
        prefix = f"{folder}/_check_test/" if folder else "_check_test/"
        key = f"{prefix}{uuid4()}"
        self.put(key, b"written by a connection check, to be deleted at once\n", "text/plain")
        self._asked(Attempt.LIST, lambda: self._client.list_objects_v2(Bucket=bucket, Prefix=prefix, MaxKeys=1))
        self._asked(Attempt.DELETE, lambda: self._client.delete_object(Bucket=bucket, Key=key))

    def _asked(self, attempt: Attempt, ask: Callable[[], Any]) -> Any:  # noqa: ANN401 - whatever boto3 answers
        try:
            return ask()
        except (ClientError, BotoCoreError, NotS3Error) as error:
            # From None: the original error may show the request.
            raise told(error, attempt, self._access) from None


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
    client.meta.events.register("before-parse.s3", check_is_s3)
    return client


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

"""What the connector needs of an object store, and how a store fails."""

from dataclasses import dataclass, field
from typing import Protocol


class StorageRefusedError(Exception):
    """The store will not take files as configured. Says what to grant or correct; never holds a secret."""


class StorageOutageError(Exception):
    """The store could not be reached or did not answer. Trying again later helps."""


@dataclass(frozen=True, slots=True)
class S3Access:
    """A folder of a bucket, and the identity for it: the keys, else the role, else what boto3 finds on the machine.

    An empty text means not set. `endpoint` is the URL of another service than Amazon's.
    """

    bucket: str
    folder: str = ""
    region: str = ""
    endpoint: str = ""
    access_key_id: str = field(default="", repr=False)
    secret_access_key: str = field(default="", repr=False)
    role_arn: str = ""


class ObjectStore(Protocol):
    """One bucket. Every method raises StorageRefusedError or StorageOutageError."""

    def put(self, key: str, content: bytes, content_type: str) -> None:
        """Store a file whole, under a key that no other file has."""
        ...

    def try_out(self) -> None:
        """Write, list and delete a file."""
        ...

"""The settings of object storage for rejected rows: names and defaults are those of Airbyte's other destinations.

So a configuration made for one of those is taken as it is (Airbyte's destination-hubspot, public specification).
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import urlsplit

from destination_sage_intacct.config.errors import ConfigError

Flattening = Literal["No flattening", "Root level flattening"]
Stringify = Literal["Default", "Stringify"]

_SETTING = "object_storage_config"
# boto3 rejects underscores, though container engines give such names.
_HOST = re.compile(r"[A-Za-z0-9.:-]+")
_PLAIN = re.compile(r"[!-~]+")


@dataclass(frozen=True, slots=True)
class CsvFormat:
    """Files in CSV."""

    flattening: Flattening = "No flattening"


@dataclass(frozen=True, slots=True)
class JsonLinesFormat:
    """Files in JSON Lines."""

    flattening: Flattening = "No flattening"
    stringify: Stringify = "Default"


@dataclass(frozen=True, slots=True)
class NoCompression:
    """Files as they are."""


@dataclass(frozen=True, slots=True)
class Gzip:
    """Files in gzip."""


@dataclass(frozen=True, slots=True)
class NoStorage:
    """Rejected rows are in the log alone."""


@dataclass(frozen=True, slots=True)
class S3Storage:
    """Rejected rows go to a bucket: with the two keys, else as the role, else as what boto3 finds on the machine."""

    s3_bucket_name: str
    s3_bucket_region: str = ""
    s3_endpoint: str = ""
    bucket_path: str = ""
    access_key_id: str = field(default="", repr=False)
    secret_access_key: str = field(default="", repr=False)
    role_arn: str = ""
    format: CsvFormat | JsonLinesFormat = CsvFormat()
    compression: NoCompression | Gzip = NoCompression()
    path_format: str = "{sync_id}/{namespace}/{stream_name}/"
    file_name_format: str = "{date}_{timestamp}_{part_number}{format_extension}"


ObjectStorage = NoStorage | S3Storage

_FORMATS: Mapping[str, Callable[..., CsvFormat | JsonLinesFormat]] = {"CSV": CsvFormat, "JSONL": JsonLinesFormat}
_COMPRESSIONS: Mapping[str, Callable[..., NoCompression | Gzip]] = {"No Compression": NoCompression, "GZIP": Gzip}


def check_object_storage(settings: Mapping[str, Any]) -> None:
    """Check what spec.json cannot.

    Raises:
        ConfigError: half of a pair of keys, or an endpoint that is no URL.
    """
    keys = ("access_key_id", "secret_access_key")
    for name, other in (keys, keys[::-1]):
        if other in settings and name not in settings:
            raise ConfigError(
                f"`{_SETTING}.{name}` is missing; fill it in, or remove `{_SETTING}.{other}` to sign in with a role.",
                key=f"{_SETTING}.{name}",
            )
    if "s3_endpoint" in settings and not _is_url(settings["s3_endpoint"]):
        raise ConfigError(
            f"`{_SETTING}.s3_endpoint` must be the URL of the service, for example `https://minio.example.com:9000`: a "
            "host of letters, digits, dots and hyphens, without user and password; leave it empty for Amazon S3.",
            key=f"{_SETTING}.s3_endpoint",
        )


def built_object_storage(given: Mapping[str, Any]) -> ObjectStorage:
    """Return checked settings as a dataclass; whatever is not given takes its default."""
    rest = {name: value for name, value in given.items() if name != "storage_type"}
    if given.get("storage_type", "None") == "None":
        return NoStorage()
    if "format" in rest:
        chosen = dict(rest["format"])
        rest["format"] = _FORMATS[chosen.pop("format_type")](**chosen)
    if "compression" in rest:
        rest["compression"] = _COMPRESSIONS[rest["compression"]["compression_type"]]()
    return S3Storage(**rest)


def _is_url(text: str) -> bool:
    try:
        parts = urlsplit(text)
        is_host = bool(_HOST.fullmatch(parts.hostname or "")) and parts.port != 0
    except ValueError:  # a port that is not a number, an unfinished IPv6 address
        return False
    is_bare = parts.username is None and not parts.query and not parts.fragment
    return parts.scheme in {"http", "https"} and is_host and is_bare and bool(_PLAIN.fullmatch(text))

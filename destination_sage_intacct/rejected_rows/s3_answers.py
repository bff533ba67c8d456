"""Whether it is S3 that answers: at a mistaken address there may be a web page, a console or another API."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

_ERROR = re.compile(rb"<(\w+:)?Error[\s>]")
_LIST = re.compile(rb"<(\w+:)?ListBucketResult[\s>]")
_REQUEST_ID, _REGION = "x-amz-request-id", "x-amz-bucket-region"
_REDIRECT, _REFUSED, _SERVER_ERROR, _NOT_IMPLEMENTED = 300, 400, 500, 501
# What also a gateway before S3 says in its own words, and what trying again helps against.
_PASSING = (408, 429)


class NotS3Error(Exception):
    """Something answered that is not S3.

    Attributes:
        status: of HTTP.
        leads_to: scheme and host of where it redirects to, empty for none.
    """

    def __init__(self, status: int, leads_to: str = "") -> None:
        super().__init__(status)
        self.status = status
        self.leads_to = leads_to


def check_is_s3(*, response_dict: Mapping[str, Any], operation_model: Any, **_: object) -> None:  # noqa: ANN401 - as boto3 calls it
    """Look at an answer before boto3 reads it: that takes a foreign page for an empty list, and follows it in circles.

    An error of S3 is told in XML, or without a body under an id of the request, a redirect with the region; a list is
    always XML, and a file that is stored has an ETag. Errors of a server pass, as boto3 repeats the request then.

    Raises:
        NotS3Error: the answer is nothing that S3 says.
    """
    status, headers = response_dict["status_code"], response_dict["headers"]
    body = response_dict["body"]
    if status < _REDIRECT:
        if not _has_what_s3_gives(operation_model.name, headers, body):
            raise NotS3Error(status)
        return
    if status in _PASSING or (status >= _SERVER_ERROR and status != _NOT_IMPLEMENTED):
        return
    # Without a region to go on to, boto3 would ask for it again and again.
    telling = _REGION if status < _REFUSED else _REQUEST_ID
    if not (_ERROR.search(body) if body else telling in headers):
        raise NotS3Error(status, _origin(headers.get("location", "")))


def _has_what_s3_gives(operation: str, headers: Mapping[str, str], body: bytes) -> bool:
    if operation == "PutObject":
        return "etag" in headers
    return operation != "ListObjectsV2" or bool(_LIST.search(body))


def _origin(url: str) -> str:
    try:
        parts = urlsplit(url)
    except ValueError:  # an unfinished IPv6 address
        return ""
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}" if parts.netloc else ""

"""An S3 API on loopback (moto's server), and what a test finds in its buckets afterwards."""

import csv
import gzip
import io
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import boto3
from botocore.config import Config
from connector_process import Finished
from moto.server import ThreadedMotoServer

from destination_sage_intacct import exact_json

Json = Any
REASON = "_airbyte_rejected_"

csv.field_size_limit(1 << 30)


class StoredFiles:
    """One bucket, and a configuration that stores in it below the folder `rejected`."""

    def __init__(self, url: str) -> None:
        self.name = f"bucket-{uuid4()}"
        self.config: dict[str, Json] = {
            "storage_type": "S3",
            "access_key_id": "bucket-key-id",
            "secret_access_key": "bucket-secret-key",
            "s3_bucket_name": self.name,
            "s3_bucket_region": "us-east-1",
            "s3_endpoint": url,
            "bucket_path": "rejected",
        }
        self.client = boto3.client(
            "s3",
            endpoint_url=url,
            region_name="us-east-1",
            aws_access_key_id="any",
            aws_secret_access_key="any",
            config=Config(s3={"addressing_style": "path"}),
        )
        self.client.create_bucket(Bucket=self.name)

    def files(self) -> list[str]:
        """Return the keys of all files."""
        pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=self.name)
        return [file["Key"] for page in pages for file in page.get("Contents", ())]

    def content(self, key: str) -> bytes:
        body = self.client.get_object(Bucket=self.name, Key=key)["Body"].read()
        return gzip.decompress(body) if key.endswith(".gz") else body

    def rows(self) -> list[dict[str, Json]]:
        """Return the rows of all files: texts from CSV, values from JSON Lines."""
        return [row for key in self.files() for row in parsed(key, self.content(key))]

    def take_away(self) -> None:
        """Delete the bucket and all that it holds."""
        for key in self.files():
            self.client.delete_object(Bucket=self.name, Key=key)
        self.client.delete_bucket(Bucket=self.name)


def parsed(key: str, content: bytes) -> list[dict[str, Json]]:
    """Return the rows of one file."""
    text = content.decode()
    if ".csv" in key:
        return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))
    return [exact_json.decode(line.encode()) for line in text.split("\n") if line]


@contextmanager
def s3_server() -> Iterator[str]:
    """Serve an S3 API of its own thread; yields its URL."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    try:
        yield f"http://{host}:{port}"
    finally:
        server.stop()


def rejected_numbers(stats_of: Finished) -> int:
    """Return how many rejected rows the STATEs of a run count."""
    return int(sum(state["destinationStats"]["rejectedRecordCount"] for state in stats_of.states))

"""Airbyte links a sync to a folder of its own making; a warning says when the files are elsewhere."""

import pytest
from configurations import LEAST

from destination_sage_intacct.config import parse_config
from destination_sage_intacct.rejected_rows.storage import storage_warnings

S3 = {"storage_type": "S3", "s3_bucket_name": "rejects", "s3_bucket_region": "eu-west-1"}
BEGIN = "begin `object_storage_config.path_format` with `{sync_id}/`"
SLASHES = "write `object_storage_config.bucket_path` without a slash at its start and without two in a row"


def warned(config=None, **storage):
    return list(storage_warnings(parse_config(LEAST | {"object_storage_config": S3 | storage} | (config or {}))))


@pytest.mark.parametrize(
    "storage",
    [
        {},
        {"bucket_path": "a/b"},
        {"bucket_path": "a/b/"},
        {"path_format": "${SYNC_ID}/x/{stream_name}"},
        {"path_format": "/{sync_id}/{date:yyyy/MM}"},
        {"path_format": "{sync_id}"},
    ],
)
def test_a_link_that_leads_to_the_files_needs_no_warning(storage):
    assert warned(**storage) == []


@pytest.mark.parametrize(
    ("storage", "link", "remedy"),
    [
        ({"path_format": "{namespace}/{sync_id}/"}, "", BEGIN),
        ({"path_format": "{sync_id}_{namespace}/"}, "", BEGIN),
        ({"path_format": "all/", "bucket_path": "a//"}, "a/", BEGIN),
        ({"path_format": "job{sync_id}/"}, "", BEGIN),
        ({"bucket_path": "/a"}, "/a/", SLASHES),
        ({"bucket_path": "a//b"}, "a//b/", SLASHES),
        ({"bucket_path": "/"}, "/", SLASHES),
    ],
)
def test_a_link_that_leads_elsewhere_is_told_with_the_remedy(storage, link, remedy):
    (warning,) = warned(**storage)

    assert warning == (
        f"Airbyte's link from a sync to its rejected rows leads to `s3://rejects/{link}`, then the job's number, where "
        f"no files will be: {remedy}."
    )


@pytest.mark.parametrize("without", [{"s3_endpoint": "https://minio.example.com"}, {"s3_bucket_region": ""}])
def test_where_airbyte_makes_no_link_nothing_is_told(without):
    assert warned(path_format="all/", **without) == []


def test_a_dry_run_and_a_sync_without_storage_need_no_warning():
    assert warned({"dry_run": True}, path_format="all/") == []
    assert list(storage_warnings(parse_config(LEAST))) == []

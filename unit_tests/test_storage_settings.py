"""The settings of object storage: what is taken, what is wrong and how that is named, and what is only warned of."""

import re
from datetime import UTC, datetime

import pytest
from configurations import LEAST
from hypothesis import given
from hypothesis import strategies as st
from wrong_storage import WRONG

from destination_sage_intacct import config
from destination_sage_intacct.config import ConfigError, parse_config
from destination_sage_intacct.protocol.messages import StreamKey
from destination_sage_intacct.rejected_rows.path_template import PLACEHOLDERS, KeyFormat, PlaceholderValues
from destination_sage_intacct.rejected_rows.s3 import S3Bucket
from destination_sage_intacct.rejected_rows.storage import check_storage, storage_warnings
from destination_sage_intacct.rejected_rows.store import S3Access, StorageRefusedError

S3 = {"storage_type": "S3", "s3_bucket_name": "rejects"}
ROOT_LEVEL = "Root level flattening"


def stored(**settings):
    parsed = parse_config(LEAST | {"object_storage_config": S3 | settings})
    check_storage(parsed)
    return parsed.object_storage_config


def refused(**settings):
    """What is said of settings that are wrong, and the setting that is named."""
    with pytest.raises(ConfigError) as raised:
        stored(**settings)
    return str(raised.value), raised.value.key.removeprefix("object_storage_config.")


def test_what_is_left_out_or_left_empty_takes_the_defaults_of_airbyte():
    assert stored() == config.S3Storage(
        "rejects",
        format=config.CsvFormat("No flattening"),
        compression=config.NoCompression(),
        path_format="{sync_id}/{namespace}/{stream_name}/",
        file_name_format="{date}_{timestamp}_{part_number}{format_extension}",
    )
    empty = dict.fromkeys(("access_key_id", "secret_access_key", "role_arn", "s3_endpoint", "format"))
    assert stored(**empty, s3_bucket_region="", bucket_path="") == stored()


@pytest.mark.parametrize(
    ("name", "given", "meant"),
    [
        ("format", {"format_type": "CSV", "flattening": ROOT_LEVEL}, config.CsvFormat(ROOT_LEVEL)),
        ("format", {"format_type": "JSONL"}, config.JsonLinesFormat("No flattening", "Default")),
        ("format", {"format_type": "JSONL", "stringify": "Stringify"}, config.JsonLinesFormat(stringify="Stringify")),
        ("compression", {"compression_type": "GZIP"}, config.Gzip()),
        ("bucket_path", "/a//b/", "/a//b/"),
        ("bucket_path", ".hidden/a..b/...", ".hidden/a..b/..."),
        ("bucket_path", "x" * 700, "x" * 700),
        ("path_format", "{namespace}.{stream_name}/", "{namespace}.{stream_name}/"),
        ("path_format", "$/${NAMESPACE}_${STREAM_NAME}_", "$/${NAMESPACE}_${STREAM_NAME}_"),
    ],
)
def test_what_can_be_stored_with_is_taken(name, given, meant):
    assert getattr(stored(**{name: given}), name) == meant


def test_the_keys_do_not_show_in_the_representation():
    shown = repr(stored(access_key_id="the-key-id", secret_access_key="the-secret"))
    assert "the-key-id" not in shown
    assert "the-secret" not in shown


ENDPOINT = (
    "s3_endpoint` must be the URL of the service, for example `https://minio.example.com:9000`: a host of letters, "
    "digits, dots and hyphens, without user and password; leave it empty for Amazon S3."
)
BUCKET_MISSING = "s3_bucket_name` is missing; fill in Bucket Name, for example `airbyte-rejected-rows`."
BY_A_ROLE = "` is missing; fill it in, or remove `object_storage_config.{}` to sign in with a role."
NO_ENDPOINTS = [
    *("minio:9000", "ftp://minio", "http://", "http://[::1", "http://minio:port", "http://minio_1:9000"),
    *("http://mini o:9000", "https://münchen.example", "http://minio/a b", "http://minio/a\nb", "http://minio/\ud800"),
    *("http://user:a-password@minio:9000", "http://minio:9000?x=1"),
]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"storage_type": "GCS"}, "storage_type` must be `None` or `S3`."),
        ({"s3_bucket_name": ""}, BUCKET_MISSING),
        ({"access_key_id": "id"}, f"secret_access_key{BY_A_ROLE.format('access_key_id')}"),
        ({"secret_access_key": "secret"}, f"access_key_id{BY_A_ROLE.format('secret_access_key')}"),
        *(({"s3_endpoint": url}, ENDPOINT) for url in NO_ENDPOINTS),
        ({"format": {"format_type": "Avro"}}, "format.format_type` must be `CSV` or `JSONL`."),
        ({"bucket-path": "x"}, "bucket-path` is not a setting; did you mean `object_storage_config.bucket_path`?"),
    ],
)
def test_a_wrong_setting_is_named_with_its_remedy(change, sentence):
    assert refused(**change) == (f"`object_storage_config.{sentence}", sentence.partition("`")[0])


@pytest.mark.parametrize(("change", "key", "sentence"), WRONG)
def test_a_path_that_cannot_be_stored_at_is_named_with_its_remedy(change, key, sentence):
    assert refused(**change) == (sentence, key)


def test_a_region_that_does_not_exist_is_named_with_the_one_that_was_meant():
    text, _ = refused(s3_bucket_region="eu-west1")
    assert text.startswith("`object_storage_config.s3_bucket_region` must be `af-south-1`, ")
    assert text.endswith("; did you mean `eu-west-1`?")


@pytest.mark.parametrize("name", ["path_format", "file_name_format"])
def test_a_placeholder_that_means_nothing_is_named_with_those_that_do(name):
    text, key = refused(**{name: "{year}/{job}/"})
    assert key == name
    assert text.startswith(
        f"`object_storage_config.{name}` holds `{{job}}`, which is not a placeholder; remove it or use one of "
        "`{namespace}`, `{stream_name}`, `{sync_id}`, "
    )
    assert text.endswith("`{format_extension}`, or a date such as `{date:yyyy_MM}`.")


@pytest.mark.parametrize("endpoint", ["http://[::1]:9000", "https://s3.eu-1.example.com/s3", "http://" + "m" * 63])
def test_an_address_that_boto3_takes_is_taken(endpoint):
    assert stored(s3_endpoint=endpoint).s3_endpoint == endpoint
    S3Bucket(S3Access("rejects", endpoint=endpoint), {})


@pytest.mark.parametrize("host", ["-minio", "minio..example", "minio-.example", "m" * 64])
def test_an_address_that_boto3_does_not_take_is_to_be_corrected(host):
    with pytest.raises(
        StorageRefusedError, match=r"boto3 reports: Invalid endpoint.*`object_storage_config.s3_endpoint`"
    ):
        S3Bucket(S3Access("rejects", endpoint=stored(s3_endpoint=f"http://{host}").s3_endpoint), {})


def test_what_the_text_asks_to_cut_is_enough_and_no_more():
    excess = int(re.findall(r"by (\d+) bytes", refused(bucket_path="x" * 1000)[0])[0])
    stored(bucket_path="x" * (1000 - excess))
    refused(bucket_path="x" * (1001 - excess))


PIECES = st.sampled_from([*PLACEHOLDERS, "${SYNC_ID}", "{date:yyyy/MM}", "{date:.}", ".", "/", "x", "é", "€" * 60])
TEMPLATES = st.lists(PIECES, min_size=1, max_size=12).map("".join)
FOLDERS = st.integers(0, 900).map(lambda length: "a/é" * (length // 4))
NAMES = st.text(min_size=1, max_size=40) | st.text(min_size=150, max_size=400)
SYNC_IDS = st.none() | st.integers(0, 2**64).map(str) | NAMES


@given(TEMPLATES, TEMPLATES, FOLDERS, st.none() | NAMES, NAMES, SYNC_IDS)
def test_whatever_is_taken_makes_a_key_that_s3_takes_in_the_folder_that_is_named(
    path, name, bucket_path, namespace, stream, sync_id
):
    try:
        settings = stored(path_format=path, file_name_format=name, bucket_path=bucket_path)
    except ConfigError:
        return
    keys = KeyFormat(settings.bucket_path, settings.path_format, settings.file_name_format)
    day, unique = datetime(2026, 1, 2, tzinfo=UTC), "0f8fad5b-d9cb-469f-a165-70867728950e"
    key = keys.key(PlaceholderValues(StreamKey(namespace, stream), sync_id, day, 123, unique, ".csv.gz"))

    assert 0 < len(key.encode()) <= 1024
    assert {"", ".", ".."}.isdisjoint(key.split("/"))
    assert key.startswith(keys.folder(sync_id))


# Airbyte links a sync to a folder of its own making; a warning says when the files are elsewhere.
BEGIN = "begin `object_storage_config.path_format` with `{sync_id}/`"
SLASHES = "write `object_storage_config.bucket_path` without a slash at its start and without two in a row"


def warned(storage, **others):
    settings = S3 | {"s3_bucket_region": "eu-west-1"} | storage
    return list(storage_warnings(parse_config(LEAST | {"object_storage_config": settings} | others)))


@pytest.mark.parametrize(
    "storage",
    [
        *({"bucket_path": folder} for folder in ("", "a/b", "a/b/")),
        *({"path_format": path} for path in ("${SYNC_ID}/x/{stream_name}", "/{sync_id}/{date:yyyy/MM}", "{sync_id}")),
        # Airbyte makes no link.
        {"path_format": "all/", "s3_endpoint": "https://minio.example.com"},
        {"path_format": "all/", "s3_bucket_region": ""},
    ],
)
def test_a_link_that_leads_to_the_files_needs_no_warning(storage):
    assert warned(storage) == []


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
def test_a_link_that_leads_elsewhere_is_warned_of_unless_it_is_a_dry_run(storage, link, remedy):
    where = f"`s3://rejects/{link}`, then the job's number, where no files will be: {remedy}."
    assert warned(storage) == [f"Airbyte's link from a sync to its rejected rows leads to {where}"]
    assert warned(storage, dry_run=True) == []


@pytest.mark.parametrize("setting", [None, {"storage_type": "None"}])
def test_none_is_no_storage_and_needs_no_warning(setting):
    parsed = parse_config(LEAST | {"object_storage_config": setting})
    assert parsed.object_storage_config == config.NoStorage()
    assert list(storage_warnings(parsed)) == []

"""The settings of object storage: what Airbyte's other destinations take is taken, what is wrong is named."""

import pytest
from configurations import LEAST

from destination_sage_intacct.config import (
    ConfigError,
    CsvFormat,
    Gzip,
    JsonLinesFormat,
    NoCompression,
    NoStorage,
    S3Storage,
    parse_config,
)
from destination_sage_intacct.rejected_rows.s3 import S3Bucket
from destination_sage_intacct.rejected_rows.storage import check_storage
from destination_sage_intacct.rejected_rows.store import S3Access, StorageRefusedError

S3 = {"storage_type": "S3", "s3_bucket_name": "rejects"}


def stored(**settings):
    config = parse_config(LEAST | {"object_storage_config": S3 | settings})
    check_storage(config)
    return config.object_storage_config


@pytest.mark.parametrize("setting", [None, {"storage_type": "None"}])
def test_none_is_no_storage(setting):
    assert parse_config(LEAST | {"object_storage_config": setting}).object_storage_config == NoStorage()


def test_what_is_left_out_takes_the_defaults_of_airbyte():
    assert stored() == S3Storage(
        "rejects",
        format=CsvFormat("No flattening"),
        compression=NoCompression(),
        path_format="{sync_id}/{namespace}/{stream_name}/",
        file_name_format="{date}_{timestamp}_{part_number}{format_extension}",
    )


def test_what_the_form_leaves_empty_counts_as_left_out():
    empty = dict.fromkeys(("access_key_id", "secret_access_key", "role_arn", "s3_endpoint", "format"))

    assert stored(**empty, s3_bucket_region="", bucket_path="") == stored()


@pytest.mark.parametrize(
    ("format_", "expected"),
    [
        ({"format_type": "CSV", "flattening": "Root level flattening"}, CsvFormat("Root level flattening")),
        ({"format_type": "JSONL"}, JsonLinesFormat("No flattening", "Default")),
        ({"format_type": "JSONL", "stringify": "Stringify"}, JsonLinesFormat("No flattening", "Stringify")),
    ],
)
def test_every_format_is_read(format_, expected):
    assert stored(format=format_).format == expected


def test_compression_is_read():
    assert stored(compression={"compression_type": "GZIP"}).compression == Gzip()


def test_the_keys_do_not_show_in_the_representation():
    shown = repr(stored(access_key_id="the-key-id", secret_access_key="the-secret"))

    assert "the-key-id" not in shown
    assert "the-secret" not in shown


ENDPOINT = (
    "s3_endpoint` must be the URL of the service, for example `https://minio.example.com:9000`: a host of letters, "
    "digits, dots and hyphens, without user and password; leave it empty for Amazon S3."
)
BY_A_ROLE = "` is missing; fill it in, or remove `object_storage_config.{}` to sign in by a role."


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"storage_type": "GCS"}, "storage_type` must be `None` or `S3`."),
        (
            {"s3_bucket_name": ""},
            "s3_bucket_name` is missing; fill in Bucket Name, for example `airbyte-rejected-rows`.",
        ),
        ({"access_key_id": "id"}, f"secret_access_key{BY_A_ROLE.format('access_key_id')}"),
        ({"secret_access_key": "secret"}, f"access_key_id{BY_A_ROLE.format('secret_access_key')}"),
        ({"s3_endpoint": "minio:9000"}, ENDPOINT),
        ({"s3_endpoint": "ftp://minio"}, ENDPOINT),
        ({"s3_endpoint": "http://"}, ENDPOINT),
        ({"s3_endpoint": "http://[::1"}, ENDPOINT),
        ({"s3_endpoint": "http://minio:port"}, ENDPOINT),
        ({"s3_endpoint": "http://minio_1:9000"}, ENDPOINT),
        ({"s3_endpoint": "http://mini o:9000"}, ENDPOINT),
        ({"s3_endpoint": "https://münchen.example"}, ENDPOINT),
        ({"s3_endpoint": "http://minio/a b"}, ENDPOINT),
        ({"s3_endpoint": "http://minio/a\nb"}, ENDPOINT),
        ({"s3_endpoint": "http://minio/\ud800"}, ENDPOINT),
        ({"s3_endpoint": "http://user:a-password@minio:9000"}, ENDPOINT),
        ({"s3_endpoint": "http://minio:9000?x=1"}, ENDPOINT),
        ({"format": {"format_type": "Avro"}}, "format.format_type` must be `CSV` or `JSONL`."),
        ({"bucket-path": "x"}, "bucket-path` is not a setting; did you mean `object_storage_config.bucket_path`?"),
    ],
)
def test_a_wrong_setting_is_named_with_its_remedy(change, sentence):
    with pytest.raises(ConfigError) as raised:
        stored(**change)

    assert str(raised.value) == f"`object_storage_config.{sentence}"
    assert raised.value.key == f"object_storage_config.{sentence.partition('`')[0]}"


def test_a_region_that_does_not_exist_is_told_with_the_one_that_was_meant():
    with pytest.raises(ConfigError) as raised:
        stored(s3_bucket_region="eu-west1")

    assert str(raised.value).startswith("`object_storage_config.s3_bucket_region` must be `af-south-1`, ")
    assert str(raised.value).endswith("; did you mean `eu-west-1`?")


@pytest.mark.parametrize("endpoint", ["http://[::1]:9000", "https://s3.eu-1.example.com/s3", "http://" + "m" * 63])
def test_an_address_that_boto3_takes_is_taken(endpoint):
    assert stored(s3_endpoint=endpoint).s3_endpoint == endpoint
    S3Bucket(S3Access("rejects", endpoint=endpoint), {})


@pytest.mark.parametrize("host", ["-minio", "minio..example", "minio-.example", "m" * 64])
def test_an_address_that_boto3_does_not_take_is_to_be_corrected(host):
    with pytest.raises(StorageRefusedError, match=r"boto3 says: Invalid endpoint.*`object_storage_config.s3_endpoint`"):
        S3Bucket(S3Access("rejects", endpoint=stored(s3_endpoint=f"http://{host}").s3_endpoint), {})


@pytest.mark.parametrize("name", ["path_format", "file_name_format"])
def test_a_placeholder_that_stands_for_nothing_is_named_with_those_that_do(name):
    with pytest.raises(ConfigError) as raised:
        stored(**{name: "{year}/{job}/"})

    assert raised.value.key == f"object_storage_config.{name}"
    assert str(raised.value).startswith(
        f"`object_storage_config.{name}` holds `{{job}}`, which is no placeholder; remove it or use one of "
        "`{namespace}`, `{stream_name}`, `{sync_id}`, "
    )
    assert str(raised.value).endswith("`{format_extension}`, or a date such as `{date:yyyy_MM}`.")

"""Paths in a bucket: what no file could be stored at is refused, and what is not refused can be stored at."""

import re
from datetime import UTC, datetime

import pytest
from configurations import LEAST
from hypothesis import given
from hypothesis import strategies as st
from wrong_storage import WRONG

from destination_sage_intacct.config import ConfigError, parse_config
from destination_sage_intacct.protocol.messages import StreamKey
from destination_sage_intacct.rejected_rows.path_template import PLACEHOLDERS, KeyFormat, PlaceholderValues
from destination_sage_intacct.rejected_rows.storage import check_storage

PIECES = st.sampled_from([*PLACEHOLDERS, "${SYNC_ID}", "{date:yyyy/MM}", "{date:.}", ".", "/", "x", "é", "€" * 60])
TEMPLATES = st.lists(PIECES, min_size=1, max_size=12).map("".join)
NAMES = st.text(min_size=1, max_size=40) | st.text(min_size=150, max_size=400)


def stored(**settings):
    whole = {"storage_type": "S3", "s3_bucket_name": "rejects", **settings}
    config = parse_config(LEAST | {"object_storage_config": whole})
    check_storage(config)
    return config.object_storage_config


@pytest.mark.parametrize(("change", "key", "sentence"), WRONG)
def test_a_path_that_cannot_be_stored_at_is_named_with_its_remedy(change, key, sentence):
    with pytest.raises(ConfigError) as raised:
        stored(**change)

    assert str(raised.value) == sentence
    assert raised.value.key == f"object_storage_config.{key}"


@pytest.mark.parametrize(
    "settings",
    [
        {"bucket_path": "/a//b/"},
        {"bucket_path": ".hidden/a..b/..."},
        {"path_format": "{namespace}.{stream_name}/"},
        {"path_format": "$/${NAMESPACE}_${STREAM_NAME}_"},
        {"bucket_path": "x" * 700},
    ],
)
def test_a_path_that_can_be_stored_at_is_taken(settings):
    assert {name: getattr(stored(**settings), name) for name in settings} == settings


def test_what_the_text_asks_to_cut_is_enough_and_no_more():
    with pytest.raises(ConfigError) as raised:
        stored(bucket_path="x" * 1000)
    excess = int(re.findall(r"by (\d+) bytes", str(raised.value))[0])

    stored(bucket_path="x" * (1000 - excess))
    with pytest.raises(ConfigError):
        stored(bucket_path="x" * (1001 - excess))


@given(
    TEMPLATES,
    TEMPLATES,
    st.integers(0, 900).map(lambda length: "a/é" * (length // 4)),
    st.none() | NAMES,
    NAMES,
    st.none() | st.integers(0, 2**64).map(str) | NAMES,
)
def test_whatever_is_taken_makes_a_key_that_s3_takes_in_the_folder_that_is_told(
    path, name, bucket_path, namespace, stream, sync_id
):
    try:
        settings = stored(path_format=path, file_name_format=name, bucket_path=bucket_path)
    except ConfigError:
        return
    keys = KeyFormat(settings.bucket_path, settings.path_format, settings.file_name_format)
    unique = "0f8fad5b-d9cb-469f-a165-70867728950e"
    facts = PlaceholderValues(
        StreamKey(namespace, stream), sync_id, datetime(2026, 1, 2, tzinfo=UTC), 123, unique, ".csv.gz"
    )

    key = keys.key(facts)

    assert 0 < len(key.encode()) <= 1024
    assert {"", ".", ".."}.isdisjoint(key.split("/"))
    assert key.startswith(keys.folder(sync_id))

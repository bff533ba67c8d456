from dataclasses import replace

import pytest

from destination_sage_intacct.protocol.catalog import CatalogError, ConfiguredStream, read_catalog
from destination_sage_intacct.protocol.messages import StreamKey

PLAIN = ConfiguredStream(StreamKey(None, "customers"), "append", ("id", "name"))


def catalog(*streams):
    return {"streams": list(streams)}


def entry(name="customers", **settings):
    stream = {"name": name, "json_schema": {"properties": {"id": {}, "name": {}}}, **settings.pop("stream", {})}
    return {"stream": stream, "sync_mode": "incremental", "destination_sync_mode": "append", **settings}


def test_a_stream_is_read_with_all_that_the_connector_needs():
    key, generation = [["id"], ["company", "key"]], {"generation_id": 1, "minimum_generation_id": 0}
    settings = {"destination_sync_mode": "append_dedup", "primary_key": key, "cursor_field": ["updated_at"]}
    (read,) = read_catalog(catalog(entry(**settings, **generation, sync_id=42, a_key_of_tomorrow={})))
    expected = {"primary_key": (("id",), ("company", "key")), "cursor": ("updated_at",), "sync_id": "42"}
    assert read == replace(PLAIN, sync_mode="append_dedup", **expected)


@pytest.mark.parametrize(("generation", "least", "replaces"), [
    (3, 3, True), (1, 1, True), (3, 0, False), (3, 2, False), (0, 0, False), (None, None, False), ("x", "x", False),
])  # fmt: skip
def test_airbyte_asks_for_earlier_rows_to_go_where_no_earlier_generation_is_to_stay(generation, least, replaces):
    (read,) = read_catalog(catalog(entry(generation_id=generation, minimum_generation_id=least)))
    assert read.replaces_earlier is replaces


@pytest.mark.parametrize(("settings", "read"), [
    *(({"primary_key": key}, {}) for key in (None, [], [[]], "id")),
    ({"sync_id": None, "stream": {"namespace": None}}, {}),
    ({"sync_id": 0, "stream": {"namespace": ""}}, {"sync_id": "0"}),
    *(({"destination_sync_mode": mode}, {}) for mode in (None, "")),
    *(({"destination_object_name": name}, {}) for name in (None, "")),
    ({"destination_object_name": "Customer"}, {"object_name": "Customer"}),
    *(({"stream": {"json_schema": schema}}, {"columns": ()})
     for schema in (None, {}, {"properties": None}, {"type": "object"}, "text")),
])  # fmt: skip
def test_nulls_and_empty_values_say_nothing(settings, read):
    assert read_catalog(catalog(entry(**settings))) == (replace(PLAIN, **read),)


def test_the_same_name_in_two_namespaces_is_two_streams():
    streams = read_catalog(catalog(entry(stream={"namespace": "b"}), entry(stream={"namespace": "a"}), entry()))
    assert [str(stream.key) for stream in streams] == ["b.customers", "a.customers", "customers"]


@pytest.mark.parametrize(("raw", "text"), [
    *((raw, "The configured catalog is not a JSON object with a list `streams`.") for raw in ([], None, {})),
    ({"streams": {}}, "The configured catalog is not a JSON object with a list `streams`."),
    (catalog(), "The configured catalog has no streams: select at least one stream in the connection."),
    (catalog(entry(), 5), "Entry 2 of the configured catalog has no stream with a name."),
    *((catalog(nameless), "Entry 1 of the configured catalog has no stream with a name.")
     for nameless in ({"stream": "customers"}, entry(""), entry(stream={"name": 5}))),
    (catalog(entry(), entry()), "The configured catalog holds stream customers twice: keep one of them."),
])  # fmt: skip
def test_a_catalog_that_cannot_be_used_is_refused(raw, text):
    with pytest.raises(CatalogError) as caught:
        read_catalog(raw)
    assert str(caught.value) == text

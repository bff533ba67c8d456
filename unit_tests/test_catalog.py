import pytest

from destination_sage_intacct.protocol.catalog import CatalogError, ConfiguredStream, read_catalog
from destination_sage_intacct.protocol.messages import StreamKey


def catalog(*streams):
    return {"streams": list(streams)}


def entry(name="customers", **settings):
    stream = {"name": name, "json_schema": {"properties": {"id": {}, "name": {}}}, **settings.pop("stream", {})}
    return {"stream": stream, "sync_mode": "incremental", "destination_sync_mode": "append", **settings}


def test_a_stream_is_read_with_all_that_the_connector_needs():
    raw = catalog(
        entry(
            stream={"namespace": "public"},
            destination_sync_mode="append_dedup",
            primary_key=[["id"], ["company", "key"]],
            cursor_field=["updated_at"],
            sync_id=42,
            generation_id=1,
            minimum_generation_id=0,
            a_key_of_tomorrow={},
        )
    )

    assert read_catalog(raw) == (
        ConfiguredStream(
            StreamKey("public", "customers"),
            "append_dedup",
            columns=("id", "name"),
            primary_key=(("id",), ("company", "key")),
            cursor=("updated_at",),
            sync_id="42",
        ),
    )


def test_the_object_that_the_mapping_form_chose_is_read():
    with_it, *without = read_catalog(
        catalog(
            entry("a", destination_object_name="Customer"),
            entry("b"),
            entry("c", destination_object_name=None),
            entry("d", destination_object_name=""),
        )
    )

    assert with_it.object_name == "Customer"
    assert [stream.object_name for stream in without] == ["", "", ""]


@pytest.mark.parametrize(
    ("generation", "least", "replaces"),
    [(3, 3, True), (1, 1, True), (3, 0, False), (3, 2, False), (0, 0, False), (None, None, False), ("x", "x", False)],
)
def test_airbyte_asks_for_earlier_rows_to_go_where_no_earlier_generation_is_to_stay(generation, least, replaces):
    (read,) = read_catalog(catalog(entry(generation_id=generation, minimum_generation_id=least)))

    assert read.replaces_earlier is replaces


def test_streams_keep_their_order():
    raw = catalog(entry("b"), entry("a"), entry("c"))

    assert [stream.key.name for stream in read_catalog(raw)] == ["b", "a", "c"]


@pytest.mark.parametrize(
    "stream",
    [
        entry(primary_key=None, sync_id=None, stream={"namespace": None}),
        entry(primary_key=[], stream={"namespace": ""}),
        entry(primary_key=[[]]),
        entry(primary_key="id"),
    ],
)
def test_nulls_and_empty_values_say_nothing(stream):
    (read,) = read_catalog(catalog(stream))

    assert (read.key, read.primary_key, read.sync_id) == (StreamKey(None, "customers"), (), None)


@pytest.mark.parametrize("schema", [None, {}, {"properties": None}, {"type": "object"}, "text"])
def test_a_stream_without_a_schema_has_no_columns(schema):
    (read,) = read_catalog(catalog(entry(stream={"json_schema": schema})))

    assert read.columns == ()


@pytest.mark.parametrize("mode", [None, ""])
def test_a_mode_that_is_not_given_is_append(mode):
    assert read_catalog(catalog(entry(destination_sync_mode=mode)))[0].sync_mode == "append"


def test_a_sync_id_of_zero_is_one():
    assert read_catalog(catalog(entry(sync_id=0)))[0].sync_id == "0"


def test_the_same_name_in_two_namespaces_is_two_streams():
    streams = read_catalog(catalog(entry(stream={"namespace": "a"}), entry(stream={"namespace": "b"}), entry()))

    assert [str(stream.key) for stream in streams] == ["a.customers", "b.customers", "customers"]


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ([], "The configured catalog is not a JSON object with a list `streams`."),
        (None, "The configured catalog is not a JSON object with a list `streams`."),
        ({}, "The configured catalog is not a JSON object with a list `streams`."),
        ({"streams": {}}, "The configured catalog is not a JSON object with a list `streams`."),
        (catalog(), "The configured catalog has no streams: select at least one stream in the connection."),
        (catalog(entry(), 5), "Entry 2 of the configured catalog has no stream with a name."),
        (catalog({"stream": "customers"}), "Entry 1 of the configured catalog has no stream with a name."),
        (catalog(entry("")), "Entry 1 of the configured catalog has no stream with a name."),
        (catalog(entry(stream={"name": 5})), "Entry 1 of the configured catalog has no stream with a name."),
        (catalog(entry(), entry()), "The configured catalog holds stream customers twice: keep one of them."),
    ],
)
def test_a_catalog_that_cannot_be_used_is_refused(raw, text):
    with pytest.raises(CatalogError) as caught:
        read_catalog(raw)

    assert str(caught.value) == text

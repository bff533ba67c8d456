"""Entries of `streams` against catalogs as platforms make them: the right object, or an end before the first row."""

import pytest
from fakes import make_config

from destination_sage_intacct.config import ConfigError, StreamSettings
from destination_sage_intacct.plan.build import target_of
from destination_sage_intacct.plan.stream_names import with_names_of
from destination_sage_intacct.protocol.catalog import ConfiguredStream
from destination_sage_intacct.protocol.messages import StreamKey

OBJECTS = {"customers": "Customer", "vendors": "Vendor", "bills": "Bill"}
COLUMNS = ("id", "name")


def key(name):
    namespace, _, stream = name.rpartition(".")
    return StreamKey(namespace or None, stream)


def streams(*names, mode="append"):
    return [ConfiguredStream(key(name), mode, COLUMNS) for name in names]


def config(*entries, default="Customer", **settings):
    """A configuration whose entries of `streams` set the object that their name says."""
    keys = [key(each) for each in entries]
    own = tuple(StreamSettings(each.name, each.namespace, object_type=OBJECTS[each.name]) for each in keys)
    return make_config(object_type=default, streams=own, **settings)


def refusal(names, entries):
    with pytest.raises(ConfigError, match="which is not in the catalog") as caught:
        objects(streams(*names), config(*entries))
    assert caught.value.key == "streams"
    return str(caught.value)


def objects(catalog, given):
    """Where each stream goes, as the connector decides it."""
    found, notices = with_names_of(catalog, given)
    return {str(stream.key): target_of(stream, found).object.path.rpartition("/")[2] for stream in catalog}, notices


@pytest.mark.parametrize(
    ("names", "entries"),
    [
        (["customers", "vendors"], ["vendors"]),
        (["customers", "vendors"], ["public.vendors"]),
        (["wh_customers", "wh_vendors"], ["vendors"]),
        (["wh_customers", "wh_vendors"], ["customers", "vendors"]),
        (["wh_vendors"], ["vendors"]),
        (["wh_customers", "wh_vendors", "wh_bills"], ["bills", "vendors"]),
        (["wh_customers", "wh_vendors", "wh_old_vendors"], ["vendors"]),
        (["public.customers", "public.vendors"], ["vendors"]),
        (["public.customers", "public.vendors"], ["public.vendors"]),
        (["airbyte.customers", "airbyte.vendors"], ["public.vendors"]),
        (["airbyte.wh_customers", "airbyte.wh_vendors"], ["public.vendors"]),
        (["airbyte.wh_customers", "airbyte.wh_vendors"], ["vendors"]),
        (["eu.customers", "eu.vendors", "us.customers", "us.vendors"], ["vendors"]),
        (["eu.customers", "eu.vendors", "us.customers", "us.vendors"], ["eu.vendors", "us.vendors"]),
        (["eu.wh_customers", "eu.wh_vendors", "us.wh_customers", "us.wh_vendors"], ["eu.vendors", "us.vendors"]),
    ],
)
def test_each_stream_goes_to_its_own_object_whatever_it_is_renamed_to(names, entries):
    where, _ = objects(streams(*names), config(*entries))
    for name in names:
        if name != "wh_old_vendors":
            assert where[name] == next(each for each in ("vendor", "bill", "customer") if name.endswith(f"{each}s"))


@pytest.mark.parametrize(
    ("names", "entries"),
    [
        (["eu.customers", "eu.vendors", "us.vendors"], ["public.vendors"]),
        (["eu.wh_vendors", "us.wh_vendors", "us.wh_customers"], ["vendors"]),
        (["wh_vendors", "wh_a_vendors", "wh_a"], ["vendors", "customers"]),
        (["wh_customers", "xy_vendors"], ["vendors"]),
        (["WH_CUSTOMERS", "WH_VENDORS"], ["vendors"]),
        (["customers", "suppliers"], ["vendors"]),
        (["customers"], ["vendors"]),
    ],
)
def test_where_that_is_not_sure_the_sync_ends_before_the_first_row(names, entries):
    assert refusal(names, entries)


def test_a_renamed_stream_is_named_once_and_one_of_the_right_name_never():
    _, notices = objects(streams("wh_customers", "wh_vendors"), config("vendors"))
    assert notices == [
        "`streams[0]` is about stream vendors, which arrives here as wh_vendors: its settings apply to that stream."
    ]
    assert objects(streams("public.customers", "vendors"), config("customers", "vendors"))[1] == []


def test_streams_that_may_be_meant_or_would_go_to_the_default_object_are_named():
    said = (
        "`streams[0]` is about stream public.vendors, which is not in the catalog, and may be meant for `eu.vendors`, "
    )
    assert refusal(["eu.vendors", "us.vendors"], ["public.vendors"]).startswith(f"{said}`us.vendors`. Write the name")
    assert refusal(["customers", "vendor"], ["customers", "vendors"]).startswith(
        "`streams[1]` is about stream vendors, which is not in the catalog, while stream vendor would go to Customer, "
        "as no entry is about it. Did you mean `vendor`? Write the names that the streams have here"
    )


ACTIVATED = [ConfiguredStream(StreamKey(None, "accounts"), "append", COLUMNS, object_name="Vendor")]


@pytest.mark.parametrize(
    ("catalog", "settings"),
    [
        (streams("customers", "suppliers"), {"default_for_other_streams": True}),
        (streams("customers"), {"default": None}),
        (ACTIVATED, {}),  # streams of data activation take nothing from the default object
    ],
)
def test_an_entry_about_no_stream_is_a_warning_where_no_row_can_go_wrong(catalog, settings):
    *_, notice = with_names_of(catalog, config("customers", "vendors", **settings))[1]
    said = "`streams[1]` is about stream vendors, which is not in the catalog, so its settings apply to no stream."
    assert notice == f"{said} Correct the name, or remove the entry."

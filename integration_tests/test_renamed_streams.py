"""Catalogs as platforms make them, in whole syncs: each stream's rows are in its own object, or nothing is written."""

from collections.abc import Callable
from typing import Any

import pytest
from airbyte_input import catalog, configured_stream, record, stream_state
from emulator_process import EmulatorProcess
from sync_in_process import Synced, sync

from destination_sage_intacct.config import ConfigError

Json = Any
ConfigFor = Callable[..., Json]

OBJECTS = {"customers": "Customer", "vendors": "Vendor"}
PATHS = {"customers": "accounts-receivable/customer", "vendors": "accounts-payable/vendor"}
BY_ID = {"matching": {"by": "fields", "fields": ["id"]}}


def parts(name: str) -> tuple[str | None, str]:
    """Split `namespace.stream`."""
    namespace, _, stream = name.rpartition(".")
    return namespace or None, stream


def entry(name: str) -> Json:
    namespace, stream = parts(name)
    own = {"stream": stream, "object_type": OBJECTS[stream]}
    return own | ({"namespace": namespace} if namespace else {})


def stream_of(name: str, mode: str = "append_dedup", **more: Json) -> Json:
    namespace, stream = parts(name)
    made = configured_stream(stream, mode, columns=("id", "name"), **more)
    made["stream"] |= {"namespace": namespace} if namespace else {}
    return made


def written(name: str) -> Json:
    """A row of a stream, whose id is the stream's name."""
    namespace, stream = parts(name)
    return record(stream, {"id": name, "name": "x"}, namespace)


def run_sync(config: Json, names: list[str], **more: Json) -> Synced:
    states = [stream_state(parts(name)[1], number, parts(name)[0]) for number, name in enumerate(names)]
    return sync(config, catalog(*(stream_of(name, **more) for name in names)), [*map(written, names), *states])


def where(emulator: EmulatorProcess, names: list[str]) -> dict[str, str]:
    """Return for each stream in which object its row is; a row in two objects would be seen."""
    found = [(each["id"], kind) for kind, path in PATHS.items() for each in emulator.records(path)]
    mine = [(name, kind) for name, kind in found if name in names]
    assert len(dict(mine)) == len(mine)
    return dict(mine)


@pytest.mark.parametrize(
    ("names", "entries"),
    [
        (["customers", "vendors"], ["vendors"]),
        (["wh_customers", "wh_vendors"], ["vendors"]),
        (["wh_customers", "wh_vendors"], ["customers", "vendors"]),
        (["wh_vendors"], ["vendors"]),
        (["public.customers", "public.vendors"], ["vendors"]),
        (["public.customers", "public.vendors"], ["public.vendors"]),
        (["airbyte.customers", "airbyte.vendors"], ["public.vendors"]),
        (["airbyte.wh_customers", "airbyte.wh_vendors"], ["public.vendors"]),
        (["airbyte.wh_customers", "airbyte.wh_vendors"], ["vendors"]),
        (["customers", "vendors"], ["public.vendors"]),
        (["eu.customers", "eu.vendors", "us.customers", "us.vendors"], ["vendors"]),
        (["eu.customers", "eu.vendors", "us.customers", "us.vendors"], ["eu.vendors", "us.vendors"]),
        (["eu.wh_customers", "eu.wh_vendors", "us.wh_customers", "us.wh_vendors"], ["eu.vendors", "us.vendors"]),
        (["source_public.customers", "source_public.vendors"], ["public.vendors"]),
    ],
)
def test_each_row_is_in_the_object_of_its_stream(
    emulator: EmulatorProcess, config_for: ConfigFor, names: list[str], entries: list[str]
) -> None:
    synced = run_sync(config_for(emulator, streams=[entry(each) for each in entries], **BY_ID), names)

    assert synced.error is None
    assert where(emulator, names) == {name: "vendors" if name.endswith("vendors") else "customers" for name in names}
    assert len(synced.states) == len(names)


@pytest.mark.parametrize(
    ("names", "entries"),
    [
        (["eu.customers", "eu.vendors", "us.vendors"], ["public.vendors"]),
        (["eu.wh_vendors", "us.wh_vendors", "us.wh_customers"], ["vendors"]),
        (["wh_customers", "xy_vendors"], ["vendors"]),
        (["WH_CUSTOMERS", "WH_VENDORS"], ["vendors"]),
        (["customers", "suppliers"], ["vendors"]),
        (["customers"], ["vendors"]),
    ],
)
def test_where_that_cannot_be_told_nothing_is_written(
    emulator: EmulatorProcess, config_for: ConfigFor, names: list[str], entries: list[str]
) -> None:
    synced = run_sync(config_for(emulator, streams=[entry(each) for each in entries], **BY_ID), names)

    assert isinstance(synced.error, ConfigError)
    assert "which is not in the catalog" in str(synced.error)
    assert where(emulator, names) == {}
    assert synced.states == []
    assert not [
        each for each in emulator.requests() if each["method"] in {"POST", "PATCH"} and "/objects/" in each["path"]
    ]


@pytest.mark.parametrize("names", [["wh_customers", "wh_vendors"], ["eu.customers", "eu.vendors"]])
def test_a_refresh_writes_the_rows_of_its_stream_again(
    emulator: EmulatorProcess, config_for: ConfigFor, names: list[str]
) -> None:
    """The platform sends a refresh as rows to be added or upserted, of a new generation (`supportsRefreshes`)."""
    config = config_for(emulator, streams=[entry("vendors")], **BY_ID)
    for generation in (1, 2):
        refresh = {"generation_id": generation, "minimum_generation_id": generation, "sync_id": generation}
        assert run_sync(config, names, **refresh).error is None

    assert where(emulator, names) == {name: "vendors" if name.endswith("vendors") else "customers" for name in names}


@pytest.mark.parametrize("names", [["wh_customers", "wh_vendors"], ["eu.customers", "eu.vendors"]])
def test_a_clear_takes_nothing_away_and_gives_its_states_back(
    emulator: EmulatorProcess, config_for: ConfigFor, names: list[str]
) -> None:
    config = config_for(emulator, streams=[entry("vendors")], **BY_ID)
    run_sync(config, names)
    before = where(emulator, names)
    states = [stream_state(parts(name)[1], number, parts(name)[0]) for number, name in enumerate(names)]

    synced = sync(config, catalog(*(stream_of(name, "overwrite") for name in names)), states)

    assert synced.error is None
    assert len(synced.states) == len(names)
    assert where(emulator, names) == before
    assert [line for line in synced.log if "the records in Sage Intacct stay as they are" in line]


def test_streams_of_data_activation_go_to_the_object_that_was_chosen(
    emulator: EmulatorProcess, config_for: ConfigFor
) -> None:
    chosen = {"anything": "Vendor", "wh_vendors": "Customer"}
    streams = [stream_of(name, destination_object_name=each, primary_key=[["id"]]) for name, each in chosen.items()]

    synced = sync(config_for(emulator), catalog(*streams), [*map(written, chosen)])

    assert synced.error is None
    assert where(emulator, list(chosen)) == {"anything": "vendors", "wh_vendors": "customers"}

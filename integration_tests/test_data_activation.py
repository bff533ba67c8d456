"""A data activation connection from end to end: discovered, mapped in the form, synced as the platform does it."""

from collections.abc import Callable
from typing import Any

import pytest
from activation_form import Mapped, connect, pick, source_column
from activation_rules import connection_complaints
from airbyte_input import CLIENT_CREDENTIALS, catalog, record, stream_state
from connector_process import Finished, run
from emulator_process import EmulatorProcess
from simulated_platform import Connection

Json = Any

CUSTOMER, BILL = "accounts-receivable/customer", "accounts-payable/bill"
FIELDS = ("id", "name", "creditLimit", "notes")
# All of it is about streams of other kinds; the form has decided on these things.
OF_OTHER_STREAMS = {
    "object_type": "Vendor",
    "operation": "update",
    "matching": {"by": "fields", "fields": ["taxId"]},
}


@pytest.fixture
def config(emulator: EmulatorProcess) -> Json:
    return {"company_id": "demo", "api_url": emulator.url, "credentials": CLIENT_CREDENTIALS}


@pytest.fixture
def operations(config: Json) -> list[Json]:
    (message,) = run("discover", config).of_type("DESTINATION_CATALOG")
    return message["destination_catalog"]["operations"]


@pytest.fixture
def mapped(operations: list[Json]) -> Callable[..., Mapped]:
    """Map some fields of customers, found by their ID where they are to be found."""

    def get(mode: str, fields: tuple[str, ...] = FIELDS) -> Mapped:
        key = () if mode == "append" else ("id",)
        return connect("clients", pick(operations, "Customer", mode), key, fields)

    return get


def messages(mapped: Mapped, rows: list[Json]) -> list[Json]:
    """Return what the platform makes of rows of the warehouse, and one STATE."""
    sources = [{source_column(name): value for name, value in row.items()} for row in rows]
    return [
        *(record("clients", mapped.row(source), "warehouse") for source in sources),
        stream_state("clients", 1, "warehouse"),
    ]


def write(config: Json, mapped: Mapped, *rows: Json, **changes: Json) -> Finished:
    return run("write", config, catalog(mapped.stream | changes), messages(mapped, list(rows)))


def customers(emulator: EmulatorProcess) -> dict[str, Json]:
    return {each["id"]: each for each in emulator.records(CUSTOMER)}


def warnings(finished: Finished) -> list[str]:
    return [each["log"]["message"] for each in finished.of_type("LOG") if each["log"]["level"] == "WARN"]


def test_the_platform_has_no_complaint_about_a_whole_sync(
    emulator: EmulatorProcess, config: Json, mapped: Callable[..., Mapped]
) -> None:
    stream = mapped("append_dedup")
    rows = [{"id": "CUST-100", "name": "Renamed"}, {"id": "D-1", "name": "New"}, {"id": "D-2", "name": None}]

    finished = Connection(config | {"rejected_rows": {"policy": "continue"}}, catalog(stream.stream)).sync(
        messages(stream, rows)
    )

    assert finished.outcomes("warehouse.clients") == {"created": 1, "updated": 1, "rejected": 1}
    assert [each["destinationStats"] for each in finished.states] == [{"recordCount": 2.0, "rejectedRecordCount": 1.0}]
    assert customers(emulator)["CUST-100"]["name"] == "Renamed"
    assert "D-1" in customers(emulator)


def test_the_form_decides_and_not_the_configuration(
    emulator: EmulatorProcess, config: Json, mapped: Callable[..., Mapped]
) -> None:
    entry = {"stream": "clients", "operation": "update", "field_mapping": [{"column": "name", "field": "notes"}]}

    finished = write(
        config | OF_OTHER_STREAMS | {"streams": [entry]}, mapped("append_dedup"), {"id": "D-1", "name": "New"}
    )

    assert finished.outcomes("warehouse.clients") == {"created": 1}
    assert customers(emulator)["D-1"]["name"] == "New"
    (told,) = warnings(finished)
    assert told == (
        "Stream warehouse.clients: `operation`, `field_mapping` in `streams[0]` are not used, since the connection's "
        "mapping decides on it. Remove it from the configuration, or change the mapping in the connection."
    )


def test_the_configuration_fills_the_rest(
    emulator: EmulatorProcess, config: Json, mapped: Callable[..., Mapped]
) -> None:
    emulator.hold(CUSTOMER, {"id": "D-1", "name": "Old", "notes": "Call first"})

    cleared = write(config | {"null_values": "clear"}, mapped("update"), {"id": "D-1", "name": "New", "notes": None})

    assert cleared.outcomes("warehouse.clients") == {"updated": 1}
    assert (customers(emulator)["D-1"]["name"], customers(emulator)["D-1"]["notes"]) == ("New", None)


def test_a_sync_that_comes_again_writes_nothing(
    emulator: EmulatorProcess, config: Json, mapped: Callable[..., Mapped]
) -> None:
    row = {"id": "D-1", "name": "New", "creditLimit": 10.5}
    write(config, mapped("append_dedup"), row)
    before = customers(emulator)

    finished = write(config, mapped("append_dedup"), row)

    assert finished.outcomes("warehouse.clients") == {"unchanged": 1}
    assert customers(emulator) == before


def test_an_object_that_is_not_there_any_more_ends_the_sync_before_the_first_row(
    config: Json, mapped: Callable[..., Mapped]
) -> None:
    stream = mapped("append_dedup", ("id", "name"))

    finished = write(config, stream, {"id": "D-1", "name": "New"}, destination_object_name="platform-apps/gone")

    assert (finished.code, finished.error["failure_type"]) == (1, "config_error")
    assert finished.states == []
    assert finished.error["message"] == (
        "Stream warehouse.clients goes to the object platform-apps/gone, which Sage Intacct does not have, or no "
        "longer has. Refresh the destination's fields in the connection, and choose the object again."
    )


def test_a_field_that_is_not_there_any_more_ends_the_sync_before_the_first_row(
    emulator: EmulatorProcess, config: Json, operations: list[Json]
) -> None:
    stream = connect("clients", pick(operations, "Customer", "append_dedup"), ("id",), ["name", "nsp::GONE"])

    finished = write(config, stream, {"id": "D-1", "name": "New", "nsp::GONE": "x"})

    assert (finished.code, finished.error["failure_type"]) == (1, "config_error")
    assert finished.error["message"] == (
        "Stream warehouse.clients: column `nsp::GONE` goes to `nsp::GONE`, but no row could deliver it: Sage Intacct's "
        "object accounts-receivable/customer has no such field. Refresh the destination's fields in the connection, "
        "and map the column to a field that is offered there. Nothing was written."
    )
    assert "D-1" not in customers(emulator)


def test_what_rows_hold_beyond_the_mapping_is_told_once_and_not_sent(
    emulator: EmulatorProcess, config: Json, mapped: Callable[..., Mapped]
) -> None:
    rows = [{"id": f"D-{number}", "name": "New", "WAREHOUSE_ONLY": number} for number in range(2)]

    finished = run(
        "write",
        config,
        catalog(mapped("append_dedup").stream),
        [*(record("clients", row, "warehouse") for row in rows), stream_state("clients", 1, "warehouse")],
    )

    assert finished.outcomes("warehouse.clients") == {"created": 2}
    assert [each for each in warnings(finished) if "WAREHOUSE_ONLY" in each] == [
        "Columns of stream warehouse.clients that are not sent: WAREHOUSE_ONLY (not mapped in the connection)."
    ]
    assert {"D-0", "D-1"} <= customers(emulator).keys()


def test_rows_without_the_matching_key_end_the_sync_where_no_schema_has_told_so(
    emulator: EmulatorProcess, config: Json, operations: list[Json]
) -> None:
    before = set(customers(emulator))
    mapped = connect("clients", pick(operations, "Customer", "append_dedup"), ("key",), ("name",))
    without_schema = mapped.stream | {"stream": mapped.stream["stream"] | {"json_schema": {}}}

    finished = run("write", config, catalog(without_schema), [record("clients", {"name": "New"}, "warehouse")])

    assert (finished.code, finished.error["failure_type"]) == (1, "config_error")
    assert finished.error["message"] == (
        "Records of stream warehouse.clients are to be found by `key`, but no column goes to that field. Map a column "
        "to it in the connection, or choose another matching key there."
    )
    assert set(customers(emulator)) == before


@pytest.mark.parametrize("key", ["key", "id"])
def test_an_update_of_nothing_but_the_matching_key_is_refused(config: Json, operations: list[Json], key: str) -> None:
    mapped = connect("clients", pick(operations, "Customer", "update"), (key,), ())

    assert write(config, mapped, {key: "1"}).error["message"] == (
        "None of the columns of stream warehouse.clients names a field of Customer, so nothing would be written. "
        "Columns: only what finds records. Map columns to fields in the connection."
    )


def test_a_setting_about_deleted_rows_refuses_no_object_that_gets_none(config: Json, operations: list[Json]) -> None:
    stream = connect("clients", pick(operations, "Bill", "update"), ("key",), ["description"])

    finished = write(config | {"on_source_delete": "deactivate"}, stream, {"key": "no-such-bill", "description": "x"})

    assert finished.outcomes("warehouse.clients") == {"rejected": 1}


def test_a_custom_field_can_be_named_where_the_model_service_is_closed(
    emulator_with: Callable[..., EmulatorProcess], config: Json
) -> None:
    emulator = emulator_with("--no-model")
    emulator.declare_fields(CUSTOMER, {"nsp::MOOD": {"type": "string"}})
    config |= {"api_url": emulator.url}
    (message,) = run("discover", config).of_type("DESTINATION_CATALOG")
    operation = pick(message["destination_catalog"]["operations"], "Customer", "append_dedup")

    finished = write(
        config, connect("clients", operation, ("id",), ["nsp::MOOD"]), {"id": "D-1", "name": "New", "nsp::MOOD": "good"}
    )

    assert finished.outcomes("warehouse.clients") == {"created": 1}
    assert customers(emulator)["D-1"]["nsp::MOOD"] == "good"


def test_a_refresh_that_asks_for_earlier_rows_to_go_is_told_that_they_stay(
    emulator: EmulatorProcess, config: Json, mapped: Callable[..., Mapped]
) -> None:
    before = set(customers(emulator))

    finished = write(
        config,
        mapped("append"),
        {"id": "D-1", "name": "One"},
        {"id": "D-2", "name": "Two"},
        generation_id=2,
        minimum_generation_id=2,
    )

    assert set(customers(emulator)) == before | {"D-1", "D-2"}
    (told,) = [each for each in warnings(finished) if "earlier" in each]
    assert told == (
        "Airbyte asks to replace what earlier syncs wrote; this connector deletes nothing for that. Records that "
        "earlier syncs created stay, and the rows of this one are added to them: warehouse.clients. To change records "
        "instead of adding them, choose a mode that finds them, such as Append + Deduped or Upsert."
    )


def test_a_bill_is_found_by_its_vendor_and_number_together(
    emulator: EmulatorProcess, config: Json, operations: list[Json]
) -> None:
    operation = pick(operations, "Bill", "append_dedup")
    others = ["description", "dueDate", "currency.txnCurrency"]
    stream = connect("clients", operation, ("vendor.id", "billNumber"), others)
    assert connection_complaints(operations, stream.stream) == []
    line = {"txnAmount": "5.10", "glAccount.id": "6000", "dimensions.location.id": "CA"}
    bill = {
        "billNumber": "B-1",
        "createdDate": "2026-01-31",
        "dueDate": "2026-02-28",
        "currency.txnCurrency": "USD",
        "lines": [line],
    }
    first, second = ({**bill, "vendor.id": vendor, "description": vendor} for vendor in ("VEND-100", "VEND-200"))
    assert write(config, stream, first).outcomes("warehouse.clients") == {"created": 1}

    finished = write(config, stream, {**first, "description": "Again"}, second)

    assert finished.outcomes("warehouse.clients") == {"created": 1, "updated": 1}
    held = {each["vendor"]["id"]: each for each in emulator.records(BILL)}
    assert {vendor: each["description"] for vendor, each in held.items()} == {
        "VEND-100": "Again",
        "VEND-200": "VEND-200",
    }
    assert [len(each["lines"]) for each in held.values()] == [1, 1]

"""Every cell of operation by record key, through the real process, against servers of several makes."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from connector_process import Finished
from emulator_process import EmulatorProcess
from server_makes import CUSTOMERS, MAKES, Make, customers_by_id, sync

COLUMNS = ("key", "id", "name", "notes")


@dataclass
class World:
    """What one sync did that holds every cell: a stream for each operation, each with rows of every kind."""

    make: Make
    config: dict[str, Any]
    keys: dict[str, str]
    before: dict[str, dict[str, Any]]
    after: dict[str, dict[str, Any]]
    finished: Finished

    def rejections(self, stream: str) -> list[str]:
        return [line for line in self.finished.rejections if f" of stream {stream}" in line]


@pytest.fixture(scope="module", params=MAKES, ids=lambda make: make.name)
def world(
    request: pytest.FixtureRequest, emulator_with: Callable[..., EmulatorProcess], config_for: Callable[..., Any]
) -> World:
    make: Make = request.param
    emulator = emulator_with(*make.flags)
    config = config_for(emulator, **make.settings)
    ids = ("INSERT", "UPDATE", "UPSERT", "DELETE", "MIXED")
    old = [{"id": f"OLD-{each}", "name": f"Old {each}", "notes": "old notes"} for each in ids]
    assert sync(config, {"olds": ("append", old)}, COLUMNS).code == 0
    before = customers_by_id(emulator)
    keys = {each: before[f"OLD-{each}"]["key"] for each in ids}
    streams: dict[str, tuple[str, list[dict[str, Any]]]] = {
        "inserts": (
            "append",
            [{"id": "NEW-1", "name": "Without a key"}, {"key": keys["INSERT"], "id": "NEW-2", "name": "With a key"}],
        ),
        "updates": (
            "update",
            [{"key": keys["UPDATE"], "name": "Changed by update"}]
            + [{"key": key, "name": "Nobody's name"} for key in (None, "", "  ", "987654")],
        ),
        "upserts": (
            "append_dedup",
            [
                {"key": int(keys["UPSERT"]), "name": "Changed by upsert"},
                {"key": None, "id": "NEW-3", "name": "Upserted with a null key"},
                {"key": "", "id": "NEW-4", "name": "Upserted with an empty key"},
                {"id": "NEW-5", "name": "Upserted without a key"},
                {"key": "987654", "id": "NEW-6", "name": "Nobody's name"},
            ],
        ),
        "deletes": ("soft_delete", [{"key": keys["DELETE"], "name": "Not sent"}, {"key": None, "name": "Nobody"}]),
        "mixed": (
            "append_dedup",
            [
                {"id": "MIXED-1", "name": "First"},
                {"id": "OLD-MIXED", "name": "Has the id of another"},
                {"key": keys["MIXED"], "name": "Changed in between"},
                {"id": "MIXED-2", "name": "Last"},
            ],
        ),
    }
    finished = sync(config, streams, COLUMNS)
    return World(make, config, keys, before, customers_by_id(emulator), finished)


def assert_in_its_entity(world: World, customer: dict[str, Any]) -> None:
    assert customer["entity"]["id"] == world.make.entity


def test_insert_without_a_key_creates(world: World) -> None:
    assert world.after["NEW-1"]["name"] == "Without a key"
    assert_in_its_entity(world, world.after["NEW-1"])
    assert world.finished.outcomes("inserts") == {"created": 2}


def test_insert_with_a_key_creates_and_does_not_send_the_key(world: World) -> None:
    assert world.after["NEW-2"]["name"] == "With a key"
    assert world.after["NEW-2"]["key"] != world.keys["INSERT"]
    assert_in_its_entity(world, world.after["NEW-2"])
    assert world.after["OLD-INSERT"] == world.before["OLD-INSERT"]


def test_update_with_a_key_changes_the_given_fields_only(world: World) -> None:
    customer = world.after["OLD-UPDATE"]

    assert (customer["key"], customer["name"]) == (world.keys["UPDATE"], "Changed by update")
    assert_in_its_entity(world, customer)
    if "PUT" not in world.make.flags:
        assert customer["notes"] == "old notes"


def test_update_without_a_key_is_rejected(world: World) -> None:
    assert world.finished.outcomes("updates") == {"updated": 1, "rejected": 4}
    assert world.rejections("updates")[:3] == [
        f"Rejected row {number} of stream updates: field key: Record ID is required for update mode. "
        "[record_key_missing] Fill the column that is mapped to `key` with the record's key in Sage Intacct, or use "
        "the operation upsert, which creates rows that have none."
        for number in (2, 3, 4)
    ]


def test_upsert_with_a_key_updates(world: World) -> None:
    customer = world.after["OLD-UPSERT"]

    assert (customer["key"], customer["name"]) == (world.keys["UPSERT"], "Changed by upsert")
    assert_in_its_entity(world, customer)


def test_upsert_without_a_key_creates(world: World) -> None:
    assert world.finished.outcomes("upserts") == {"created": 3, "updated": 1, "rejected": 1}
    for new, name in (("NEW-3", "a null key"), ("NEW-4", "an empty key"), ("NEW-5", "out a key")):
        assert world.after[new]["name"].endswith(name)
        assert_in_its_entity(world, world.after[new])


def test_an_unknown_key_is_rejected_and_creates_nothing(world: World) -> None:
    for stream in ("updates", "upserts"):
        assert f"Rejected row 5 of stream {stream}, record key 987654: " in world.rejections(stream)[-1]
    assert "NEW-6" not in world.after


def test_a_soft_delete_sets_the_status_to_inactive(world: World) -> None:
    assert world.finished.outcomes("deletes") == {"updated": 1, "rejected": 1}
    customer = world.after["OLD-DELETE"]
    assert customer["status"] == "inactive"
    if "PUT" not in world.make.flags:
        assert customer["name"] == "Old DELETE"


def test_what_fails_is_named_and_the_rest_is_delivered(world: World) -> None:
    assert world.finished.code == 1
    assert world.finished.outcomes("mixed") == {"created": 2, "updated": 1, "rejected": 1}
    (rejection,) = world.rejections("mixed")
    assert rejection.startswith("Rejected row 2 of stream mixed: ")
    assert "already exists" in rejection
    assert "support id" in rejection
    assert {"MIXED-1", "MIXED-2"} <= world.after.keys()
    assert world.after["OLD-MIXED"]["name"] == "Changed in between"


def test_a_server_that_wants_put_is_told_of_once(world: World) -> None:
    told = [line for line in world.finished.log if "by PUT" in line]

    assert len(told) == (1 if "PUT" in world.make.flags else 0)


def test_each_state_counts_its_own_rows(world: World) -> None:
    counts = {state["id"]: state["destinationStats"] for state in world.finished.states}

    assert {number: (each["recordCount"], each["rejectedRecordCount"]) for number, each in counts.items()} == {
        0: (2.0, 0.0),
        1: (1.0, 4.0),
        2: (4.0, 1.0),
        3: (1.0, 1.0),
        4: (3.0, 1.0),
    }
    assert world.finished.error["failure_type"] == "config_error"


def test_nothing_else_was_created(world: World) -> None:
    created = world.after.keys() - world.before.keys()

    assert created == {"NEW-1", "NEW-2", "NEW-3", "NEW-4", "NEW-5", "MIXED-1", "MIXED-2"}


def test_dry_run_writes_nothing_and_acknowledges_nothing(
    emulator: EmulatorProcess, config_for: Callable[..., Any]
) -> None:
    before = emulator.records(CUSTOMERS)
    rows = [{"key": before[0]["key"], "name": "Changed name"}, {"id": "NEW-1", "name": "New name"}, {"key": "a,b"}]

    finished = sync(config_for(emulator, dry_run=True), {"customers": ("append_dedup", rows)}, COLUMNS)

    assert finished.outcomes("customers") == {"created": 1, "updated": 1, "rejected": 1}
    assert finished.states == []
    assert emulator.records(CUSTOMERS) == before

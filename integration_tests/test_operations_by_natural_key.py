"""Every cell of operation by natural key, through the real process, against servers of several makes."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from connector_process import Finished
from server_makes import CUSTOMERS, MAKES, Make, customers_by_id, sync

COLUMNS = ("id", "name", "notes", "status")
BY_ID = {"by": "fields", "fields": ["id"]}
BY_NAME = {"by": "fields", "fields": ["name"]}
MODES = {"insert": "append", "update": "update", "upsert": "append_dedup", "delete": "soft_delete"}
Row = dict[str, Any]

OLD = [
    *({"id": f"OLD-{each}", "name": f"Old {each}", "notes": "old notes"} for each in ("INSERT", "UPDATE", "UPSERT")),
    *({"id": f"OLD-{each}", "name": f"Old {each}", "notes": "old notes"} for each in ("DELETE", "SAME", "CASE")),
    {"id": "OLD-GONE", "name": "Old GONE", "status": "inactive"},
    {"id": "TWIN-1", "name": "Twin"},
    {"id": "TWIN-2", "name": "Twin"},
]
STREAMS: dict[str, tuple[str, list[Row]]] = {
    "inserts": ("append", [{"id": "NEW-1", "name": "Inserted"}, {"id": "OLD-INSERT", "name": "Not to be written"}]),
    "updates": (
        "update",
        [
            {"id": "OLD-UPDATE", "name": "Changed by update"},
            {"id": "NOBODY", "name": "Nobody's name"},
            {"id": None, "name": "Nobody's name"},
            {"id": "  ", "name": "Nobody's name"},
        ],
    ),
    "upserts": (
        "append_dedup",
        [
            {"id": "OLD-UPSERT", "name": "Changed by upsert"},
            {"id": "NEW-2", "name": "Upserted"},
            {"id": "OLD-SAME", "name": "Old SAME", "notes": "old notes"},
        ],
    ),
    "deletes": ("soft_delete", [{"id": "OLD-DELETE", "name": "Not sent"}, {"id": "OLD-GONE"}, {"id": "NOBODY"}]),
    "turns": (
        "append_dedup",
        [{"id": "TURN", "name": name} for name in ("First", "Second", "First")] + [{"id": "turn", "name": "Lower"}],
    ),
    **{f"twins_{each}": (mode, [{"name": "Twin", "notes": "whose?"}]) for each, mode in MODES.items()},
}


@dataclass
class World:
    """What one sync did that holds every cell: a stream for each operation, each with rows of every kind."""

    make: Make
    before: dict[str, Row]
    after: dict[str, Row]
    finished: Finished

    def rejections(self, stream: str) -> list[str]:
        return [line for line in self.finished.rejections if f" of stream {stream}" in line]

    def outcomes(self, stream: str) -> dict[str, int]:
        return self.finished.outcomes(stream)


@pytest.fixture(scope="module", params=[make for make in MAKES if make.can_query], ids=lambda make: make.name)
def world(request: pytest.FixtureRequest, emulator_with: Callable[..., Any], config_for: Callable[..., Any]) -> World:
    make: Make = request.param
    emulator = emulator_with(*make.flags)
    own = [{"stream": f"twins_{each}", "matching": BY_NAME} for each in MODES]
    config = config_for(emulator, **make.settings, streams=own, default_for_other_streams=True) | {"matching": BY_ID}
    assert sync(config, {"olds": ("append", OLD)}, COLUMNS).code == 0
    before = customers_by_id(emulator)
    finished = sync(config, STREAMS, COLUMNS)
    return World(make, before, customers_by_id(emulator), finished)


def test_insert_creates_what_is_not_there_and_skips_what_is(world: World) -> None:
    assert world.outcomes("inserts") == {"created": 1, "skipped": 1}
    assert world.after["NEW-1"]["name"] == "Inserted"
    assert world.after["OLD-INSERT"] == world.before["OLD-INSERT"]


def test_update_changes_what_is_there_and_rejects_what_is_not(world: World) -> None:
    customer = world.after["OLD-UPDATE"]

    assert world.outcomes("updates") == {"updated": 1, "rejected": 3}
    assert (customer["key"], customer["name"]) == (world.before["OLD-UPDATE"]["key"], "Changed by update")
    if "PUT" not in world.make.flags:
        assert customer["notes"] == "old notes"
    of_nobody, *of_none = sorted(world.rejections("updates"), key=lambda line: "no_such_record" not in line)
    assert of_nobody == (
        "Rejected row 2 of stream updates: field id: No record has this natural key. [no_such_record] Correct the "
        "row, create the record first, or use the operation upsert, which creates missing ones."
    )
    assert of_none == [
        f"Rejected row {number} of stream updates: field id: The row has no value for `id`, by which its record is "
        "found. [natural_key_missing] Fill the column that is mapped to `id`, or match by fields that every row has."
        for number in (3, 4)
    ]


def test_upsert_does_either_and_leaves_alone_what_is_the_same(world: World) -> None:
    assert world.outcomes("upserts") == {"created": 1, "updated": 1, "unchanged": 1}
    assert world.after["OLD-UPSERT"]["name"] == "Changed by upsert"
    assert world.after["OLD-UPSERT"]["key"] == world.before["OLD-UPSERT"]["key"]
    assert world.after["NEW-2"]["name"] == "Upserted"
    assert world.after["OLD-SAME"] == world.before["OLD-SAME"]


def test_a_soft_delete_sets_the_status_of_what_is_there(world: World) -> None:
    assert world.outcomes("deletes") == {"updated": 1, "unchanged": 1, "skipped": 1}
    assert world.after["OLD-DELETE"]["status"] == "inactive"
    assert world.after["OLD-GONE"] == world.before["OLD-GONE"]
    if "PUT" not in world.make.flags:
        assert world.after["OLD-DELETE"]["name"] == "Old DELETE"


@pytest.mark.parametrize("operation", MODES)
def test_several_records_reject_the_row_and_are_named(world: World, operation: str) -> None:
    stream = f"twins_{operation}"
    keys = ", ".join(world.before[twin]["key"] for twin in ("TWIN-1", "TWIN-2"))

    assert world.outcomes(stream) == {"rejected": 1}
    (line,) = world.rejections(stream)
    assert line == (
        f"Rejected row 1 of stream {stream}: field name: 2 records have this natural key, with the record keys "
        f"{keys}. [ambiguous_natural_key] Merge or correct these records in Sage Intacct, or match by fields "
        "that only one record can share."
    )
    for twin in ("TWIN-1", "TWIN-2"):
        assert world.after[twin] == world.before[twin]


def test_rows_about_one_new_record_are_one_create_and_updates_in_their_order(world: World) -> None:
    """The first value comes back, so an update that the server answered from its memory would be seen."""
    assert world.outcomes("turns") == {"created": 1, "updated": 2, "rejected": 1}
    assert world.after["TURN"]["name"] == "First"
    assert "turn" not in world.after
    (line,) = world.rejections("turns")
    assert line.startswith("Rejected row 4 of stream turns: field id: No record has this natural key, but the rec")


def test_every_record_lands_in_the_entity(world: World) -> None:
    created = world.after.keys() - world.before.keys()

    assert created == {"NEW-1", "NEW-2", "TURN"}
    assert {world.after[each]["entity"]["id"] for each in created} == {world.make.entity}


def test_each_state_counts_its_own_rows(world: World) -> None:
    counts = {state["id"]: tuple(state["destinationStats"].values()) for state in world.finished.states}

    assert counts == dict(
        enumerate([(2.0, 0.0), (1.0, 3.0), (3.0, 0.0), (3.0, 0.0), (3.0, 1.0), *[(0.0, 1.0)] * len(MODES)])
    )


def test_without_permission_to_query_the_sync_says_which_one_is_missing(
    emulator_with: Callable[..., Any], config_for: Callable[..., Any]
) -> None:
    (make,) = (make for make in MAKES if not make.can_query)
    emulator = emulator_with(*make.flags)
    before = emulator.records(CUSTOMERS)

    finished = sync(config_for(emulator) | {"matching": BY_ID}, {"upserts": STREAMS["upserts"]}, COLUMNS)

    assert (finished.code, finished.states) == (1, [])
    assert finished.error["failure_type"] == "config_error"
    assert finished.error["message"].startswith(
        "Stream upserts: records of accounts-receivable/customer cannot be found by `id`, because the user may not "
        "query them. Sage Intacct says: "
    )
    assert finished.error["message"].endswith(
        "Give the Web Services user permission to list and view this object and to use the query service, or have "
        "records found by their record key (`matching`; in data activation the matching key)."
    )
    assert emulator.records(CUSTOMERS) == before

"""Every operation that discover offers, with each of its matching keys, is written through the connector's process."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from activation_form import Mapped, connect, source_column
from activation_rules import connection_complaints
from airbyte_input import catalog, record
from connector_process import Finished, run
from emulator_process import EmulatorProcess
from offered_rows import References, differences, hold_references, readable, row

from destination_sage_intacct.intacct.objects import OBJECT_TYPES

Json = Any
Row = dict[str, Json]

CUSTOMER = "accounts-receivable/customer"
SUBSCRIPTION, PLAIN = "platform-apps/nsp::subscription", "platform-apps/nsp::plain"
DECLARED = {
    "nsp::FEE": {"type": "string", "format": "decimal-precision-2"},
    "nsp::SINCE": {"type": "string", "format": "date"},
    "nsp::SEEN": {"type": "string", "format": "date-time"},
    "nsp::SEATS": {"type": "integer"},
    "nsp::SHARE": {"type": "number"},
    "nsp::RENEWS": {"type": "boolean"},
    "nsp::TIER": {"type": "string", "enum": [None, "gold", "silver"]},
    "nsp::TAGS": {"type": "array"},
}
# By this field a test finds the record of a row; of the others it is the ID, which Sage Intacct gives a custom object.
NUMBERS = {"Invoice": "invoiceNumber", "Bill": "billNumber", "Journal Entry": "referenceNumber"}
NUMBERS |= dict.fromkeys((SUBSCRIPTION, PLAIN), "name")
MODES = ("append", "append_dedup", "update", "soft_delete")


@dataclass(frozen=True)
class Case:
    """An operation with one of its matching keys, and the number of the record that it is tried on."""

    operation: Json
    key: tuple[str, ...]
    number: str
    mapped: Mapped

    @property
    def name(self) -> str:
        return self.operation["object_name"]

    @property
    def path(self) -> str:
        return OBJECT_TYPES[self.name].path if self.name in OBJECT_TYPES else self.name

    @property
    def told_by(self) -> str:
        return NUMBERS.get(self.name, "id")

    def of_number(self, number: str, references: References, variant: int) -> Row:
        """Return a row with a value for every field, about the record of a number."""
        return row(self.operation, references, variant) | {self.told_by: number}


@dataclass(frozen=True)
class World:
    """All cases, what they were given, and what the emulator held before and after the changing ones."""

    cases: list[Case]
    given: dict[str, list[Row]]
    made: dict[tuple[str, str], Json]
    held: dict[tuple[str, str], Json]
    finished: tuple[Finished, Finished]

    def of_mode(self, mode: str) -> list[Case]:
        return [case for case in self.cases if case.operation["sync_mode"] == mode]


def _cases(operations: list[Json]) -> list[Case]:
    cases: list[Case] = []
    for operation in operations:
        for key in operation["matching_keys"] or [()]:
            number = f"N-{len(cases)}"
            cases.append(Case(operation, tuple(key), number, connect(f"stream {len(cases)}", operation, key)))
    return cases


def _records(emulator: EmulatorProcess, cases: list[Case]) -> dict[tuple[str, str], Json]:
    """Return every record by its object's path and number."""
    told_by = {case.path: case.told_by for case in cases}
    return {(path, each.get(name)): each for path, name in told_by.items() for each in emulator.records(path)}


def _sync(config: Json, cases: list[Case], given: dict[str, list[Row]]) -> Finished:
    """Write rows as a warehouse has them: under its own names, which the platform renames on the way."""
    lines = []
    for case in cases:
        stream = case.mapped.stream["stream"]["name"]
        sources = [{source_column(name): value for name, value in each.items()} for each in given[case.number]]
        lines += [record(stream, case.mapped.row(source), "warehouse") for source in sources]
    return run("write", config, catalog(*(case.mapped.stream for case in cases)), lines)


def _changing_rows(case: Case, key: str, references: References) -> list[Row]:
    by_key = case.key == ("key",)
    if case.operation["sync_mode"] == "soft_delete":
        return [{"key": key} if by_key else dict.fromkeys(case.key, case.number)]
    changed = case.of_number(case.number, references, 2) | {"key": key if by_key else None}
    fresh = case.of_number(f"{case.number}-new", references, 2) | {"key": None}
    return [changed] if case.operation["sync_mode"] == "update" else [changed, fresh]


@pytest.fixture(scope="module")
def world(emulator_with: Callable[..., EmulatorProcess], config_for: Callable[..., Json]) -> World:
    emulator = emulator_with("--no-demo-data")
    emulator.declare_fields(CUSTOMER, {"nsp::REGION": {"type": "string"}})
    emulator.declare_fields(SUBSCRIPTION, DECLARED, {"nsp::r10007": {"apiObject": "accounts-payable/vendor"}})
    emulator.declare_fields(PLAIN, {"nsp::NOTE": {"type": "string"}})
    references = hold_references(emulator)
    config = {name: value for name, value in config_for(emulator).items() if name not in {"object_type", "matching"}}
    (found,) = run("discover", config).of_type("DESTINATION_CATALOG")
    operations = found["destination_catalog"]["operations"]
    cases = _cases(operations)
    for case in cases:
        assert connection_complaints(operations, case.mapped.stream) == []
    adding = [case for case in cases if case.operation["sync_mode"] == "append"]
    changing = [case for case in cases if case not in adding]
    given = {
        case.number: [case.of_number(each.number, references, 1) for each in cases if each.path == case.path]
        for case in adding
    }
    added = _sync(config, adding, given)
    made = _records(emulator, cases)
    given |= {case.number: _changing_rows(case, made[case.path, case.number]["key"], references) for case in changing}
    changed = _sync(config, changing, given)
    return World(cases, given, made, _records(emulator, cases), (added, changed))


def test_all_objects_and_modes_are_offered(world):
    modes = {name: [each.operation["sync_mode"] for each in world.cases if each.name == name] for name in OBJECT_TYPES}
    documents = {"Invoice", "Bill", "Journal Entry"}

    assert {name: set(offered) for name, offered in modes.items()} == {
        name: set(MODES) - ({"soft_delete"} if name in documents else set()) for name in OBJECT_TYPES
    }
    assert {each.operation["sync_mode"] for each in world.cases if each.name == SUBSCRIPTION} == set(MODES)


def test_every_row_arrives(world):
    for finished in world.finished:
        assert (finished.code, finished.rejections) == (0, []), "\n".join(finished.log)


def test_a_row_that_is_inserted_becomes_a_record_with_just_its_values(world):
    for case in world.of_mode("append"):
        for given in world.given[case.number]:
            wrong = [*differences(readable(case.operation, given), world.made[case.path, given[case.told_by]])]
            assert wrong == [], case.name


@pytest.mark.parametrize("mode", ["append_dedup", "update"])
def test_a_row_that_finds_its_record_changes_it_to_just_its_values(world, mode):
    for case in world.of_mode(mode):
        given = world.given[case.number][0]
        now, before = world.held[case.path, case.number], world.made[case.path, case.number]
        assert [*differences(readable(case.operation, given), now)] == [], (case.name, case.key)
        assert [*differences(readable(case.operation, given), before)], "the row changes nothing, and proves nothing"
        assert now["key"] == before["key"]


def test_an_upserted_row_that_finds_no_record_makes_one(world):
    for case in world.of_mode("append_dedup"):
        given = world.given[case.number][1]
        new = world.held[case.path, f"{case.number}-new"]
        assert [*differences(readable(case.operation, given), new)] == [], (case.name, case.key)


def test_a_soft_deleted_record_is_inactive_and_otherwise_as_it_was(world):
    for case in world.of_mode("soft_delete"):
        before, now = world.made[case.path, case.number], world.held[case.path, case.number]
        assert before["status"] == "active"
        assert {**now, "audit": None} == {**before, "audit": None, "status": "inactive"}, (case.name, case.key)


def test_nothing_else_came_to_be(world):
    new = {(case.path, f"{case.number}-new") for case in world.of_mode("append_dedup")}

    assert world.held.keys() == world.made.keys() | new

"""What is written while faults strike, what a clean run leaves at the server, and whether the books add up."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from airbyte_input import CLIENT_CREDENTIALS, catalog, configured_stream, record, stream_state
from emulator_process import EmulatorProcess
from fault_kinds import FAULTS, Fault, HurriedClock, Way, open_way
from sync_in_process import Synced, sync

Json = Any
Row = dict[str, Json]

CUSTOMERS = "accounts-receivable/customer"
INVOICES = "accounts-receivable/invoice"
BY_ID = {"by": "fields", "fields": ["id"]}
BY_RECORD_KEY = {"by": "record_key", "field": "key"}
ROWS_PER_STATE = 10


@dataclass(frozen=True)
class Scenario:
    """Rows of one stream: what they find at the server, how they are sent, in how many requests when nothing fails."""

    name: str
    method: str
    requests: int
    batch_size: int
    rows: list[Row]
    settings: dict[str, Json]
    mode: str = "append"
    path: str = CUSTOMERS
    before: list[Row] = field(default_factory=list)

    def __str__(self) -> str:
        return f"{self.name}, {self.batch_size} a request"

    @property
    def is_batch(self) -> bool:
        """Return whether several rows go into one request."""
        return self.requests < len(self.rows)

    def faults(self) -> dict[str, Fault]:
        """Return the faults that its requests can meet, by name."""
        return {name: fault for name, fault in FAULTS.items() if self.method == "POST" or not fault.needs_key}

    @property
    def route(self) -> str:
        """Return every path under which the object's records are written."""
        return f"/objects/{self.path}*"

    def prepare(self, emulator: EmulatorProcess) -> "Scenario":
        """Make the records that the rows find; return the scenario with their record keys in place of their ids."""
        if self.path == INVOICES:
            emulator.hold(CUSTOMERS, {"id": "C-1", "name": "Customer of every invoice"})
            emulator.hold("general-ledger/account", {"id": "4000", "name": "Revenue"})
        if not self.before:
            return self
        seed = Scenario("seed", "POST", 0, 500, self.before, {"matching": BY_RECORD_KEY, "operation": "insert"})
        assert seed.run(emulator).error is None
        if self.settings["matching"] != BY_RECORD_KEY:
            return self
        keys = {each["id"]: each["key"] for each in emulator.records(self.path)}
        rows = [{"key": keys[row["id"]]} | {name: row[name] for name in row if name != "id"} for row in self.rows]
        return replace(self, rows=rows)

    def run(self, emulator: EmulatorProcess, way: Way | None = None, start: int = 0, max_retries: int = 3) -> Synced:
        """Run one sync of the rows from `start` on, with a STATE after every tenth row."""
        way = way or open_way()
        config = {
            "company_id": "demo",
            "api_url": emulator.url,
            "credentials": CLIENT_CREDENTIALS,
            "object_type": "Customer",
            "batch_size": self.batch_size,
            "max_retries": max_retries,
            "max_concurrency": 4,
            **self.settings,
        }
        stream = configured_stream("rows", self.mode, columns=[*self.rows[0]], primary_key=[["row"]], sync_id=7)
        return sync(
            config,
            catalog(stream),
            self._lines(start),
            HurriedClock(),
            transport=way.transport,
            wait_budget_seconds=way.wait_budget_seconds,
        )

    def _lines(self, start: int) -> Iterator[Json]:
        for number, row in enumerate(self.rows[start:], start=start + 1):
            yield record("rows", row)
            if number % ROWS_PER_STATE == 0:
                yield stream_state("rows", number)

    def tried(self, emulator: EmulatorProcess) -> int:
        """Count the requests by which the object's records were to be written."""
        return sum(
            each["method"] == self.method and f"/objects/{self.path}" in each["path"]
            for each in emulator.requests(last=2000)
        )


def held(emulator: EmulatorProcess, path: str, columns: Sequence[str]) -> list[Row]:
    """Return what the server holds of these columns, one entry for each record."""
    records = [{column: _value(each, column) for column in columns} for each in emulator.records(path)]
    return sorted(records, key=str)


def _value(record: Row, column: str) -> Json:
    value: Json = record
    for name in column.split("."):
        value = value[name]
    if isinstance(value, list):
        return [{"txnAmount": line["txnAmount"], "glAccount": {"id": line["glAccount"]["id"]}} for line in value]
    return value


def assert_holds_a_clean_run(scenario: Scenario, emulator: EmulatorProcess) -> None:
    """Every row's record is held once, with all that was sent, and no other."""
    columns = [column for column in scenario.rows[0] if column not in {"row", "key"}]
    expected = {row["row"]: {column: row[column] for column in columns} for row in scenario.rows}
    assert held(emulator, scenario.path, columns) == sorted(expected.values(), key=str)


def assert_books_add_up(synced: Synced, start: int = 0) -> int:
    """Return each row that was taken has one outcome or is still to be sent; return up to which row is acknowledged."""
    outcomes = Counter(synced.outcomes("rows"))
    acknowledged = start
    for state in synced.states:
        counts = state["destinationStats"]
        assert counts["recordCount"] + counts.get("rejectedRecordCount", 0) == ROWS_PER_STATE
        acknowledged += ROWS_PER_STATE
        assert state["stream"]["stream_state"] == {"cursor": acknowledged}
    unsettled = outcomes.pop("not settled, to be sent again", 0)
    assert outcomes["rejected"] == len(synced.rejections)
    assert outcomes.total() >= acknowledged - start
    assert unsettled == 0 or synced.error is not None
    return acknowledged


def customers(count: int, **values: Json) -> list[Row]:
    return [
        {"row": n, "id": f"F-{n:03}", "name": f"Customer {n}", "creditLimit": 100 + n, **values} for n in range(count)
    ]


def invoices(count: int) -> list[Row]:
    return [
        {
            "row": n,
            "invoiceNumber": f"SI-{n // 2}",  # two of each, so that nothing but its own key tells a row from its twin
            "customer.id": "C-1",
            "invoiceDate": "2026-01-31",
            "dueDate": "2026-02-28",
            "lines": [{"txnAmount": "100.40", "glAccount": {"id": "4000"}}],
        }
        for n in range(count)
    ]


def _scenarios() -> Iterator[Scenario]:
    # The two slots of the start share a batch.
    for size, rows, requests in ((1, 30, 30), (500, 60, 2)):
        inserted = {"matching": BY_RECORD_KEY, "operation": "insert"}
        new, old, changed = customers(rows), customers(rows, notes="old"), customers(rows, notes="new")
        yield Scenario("creates by natural key", "POST", requests, size, new, {"matching": BY_ID}, "append_dedup")
        yield Scenario("creates with own ids", "POST", requests, size, new, inserted)
        yield Scenario(
            "updates by record key",
            "PATCH",
            requests,
            size,
            changed,
            {"matching": BY_RECORD_KEY, "operation": "update"},
            before=old,
        )
        yield Scenario(
            "updates by natural key", "PATCH", requests, size, changed, {"matching": BY_ID}, "append_dedup", before=old
        )
    yield Scenario(
        "invoices", "POST", 30, 500, invoices(30), {"object_type": "Invoice", "operation": "insert"}, path=INVOICES
    )


SCENARIOS = list(_scenarios())

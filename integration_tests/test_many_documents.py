"""Journal entries from one row per line: whatever STATEs and faults come between, each is booked once and whole."""

import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import accumulate
from typing import Any

import pytest
from airbyte_input import catalog, configured_stream, record, stream_state
from emulator_process import EmulatorProcess
from example_counts import PROVING, times
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from sync_in_process import Synced, sync

from destination_sage_intacct.intacct.errors import OutageError

pytestmark = pytest.mark.usefixtures("untraced", "odd_turns")

Json = Any
Line = tuple[str, Decimal, str]

ENTRIES = "general-ledger/journal-entry"
STREAM = "lines"
ENTRIES_PER_SYNC = times(16, 40)
ACCOUNTS = ("1000", "4000", "6000")
OPPOSITE = {"debit": "credit", "credit": "debit"}
FIELDS = {"side": "txnType", "amount": "txnAmount", "account": "glAccount.id"}
HEADER = {"journal": "glJournal.id", "date": "postingDate", "text": "description", "no": "referenceNumber"}
PRIMARY_KEY = [["no"], ["line"]]
BY_NUMBER = {"matching": {"by": "fields", "fields": ["referenceNumber"]}}
WAYS: dict[str, Json] = {
    "insert, primary key": {"operation": "insert"},
    "insert, found by number": {"operation": "insert", **BY_NUMBER},
    "upsert, found by number": {"operation": "upsert", **BY_NUMBER},
}
COLUMNS = (*HEADER, "line", *FIELDS)
CATALOG = catalog(configured_stream(STREAM, "append", columns=COLUMNS, primary_key=PRIMARY_KEY))
CUT = {"kind": "cut", "when": "after"}
BUSY = {"kind": "status", "status": 503, "when": "before"}
LOST = {"kind": "status", "status": 503, "when": "after"}
EVER_SINCE = 500


@dataclass(frozen=True)
class Books:
    """What one sync reads: entries with their lines, and after which rows a STATE comes."""

    entries: dict[str, list[Line]]
    states_after: frozenset[int]

    @property
    def rows(self) -> list[Json]:
        return [
            {"no": number, "line": place, "journal": "GJ", "date": "2026-01-31", "text": f"Entry {number}"}
            | {"side": side, "amount": str(amount), "account": account}
            for number, lines in self.entries.items()
            for place, (side, amount, account) in enumerate(lines)
        ]

    def messages(self, after: int) -> Iterator[Json]:
        """Yield the rows after so many, and their STATEs, whose ids tell how many rows they cover."""
        rows = self.rows
        for count, row in enumerate(rows[after:], start=after + 1):
            yield record(STREAM, row)
            if count in self.states_after or count == len(rows):
                yield stream_state(STREAM, count)


def entry_of(size: int, chance: random.Random) -> list[Line]:
    """Make an entry of so many lines, whose debits equal its credits."""
    lines = [
        (chance.choice(list(OPPOSITE)), Decimal(chance.randint(1, 10**11)).scaleb(-2), chance.choice(ACCOUNTS))
        for _ in range(size - 1)
    ]
    rest = sum(amount if side == "debit" else -amount for side, amount, _ in lines)
    if rest == 0:
        side, amount, account = lines[0]
        lines[0] = (side, amount + 1, account)
        rest = Decimal(1 if side == "debit" else -1)
    return [*lines, ("credit" if rest > 0 else "debit", abs(rest), chance.choice(ACCOUNTS))]


SIZES = st.one_of(*[st.integers(2, 5)] * 8, st.integers(2, 60), st.integers(2, 1000), st.just(1000))
STRIKES = st.one_of(
    st.integers(1, ENTRIES_PER_SYNC // 2).map(lambda first: list(range(first, EVER_SINCE))),
    st.lists(st.integers(1, ENTRIES_PER_SYNC), max_size=4, unique=True),
)


@st.composite
def books(draw: st.DrawFn) -> Books:
    """Draw entries, and STATEs: after every row, after some, or only at the end."""
    chance = random.Random(draw(st.integers(0, 2**32)))
    sizes = draw(st.lists(SIZES, min_size=ENTRIES_PER_SYNC, max_size=ENTRIES_PER_SYNC))
    entries = {f"JE-{number}": entry_of(size, chance) for number, size in enumerate(sizes)}
    share = draw(st.sampled_from([1.0, 0.3, 0.02, 0.0]))
    return Books(entries, frozenset(count for count in range(1, sum(sizes)) if chance.random() < share))


@settings(
    max_examples=times(25, 10_000 // ENTRIES_PER_SYNC),
    derandomize=not PROVING,
    database=None,
    deadline=None,
    print_blob=False,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture, HealthCheck.data_too_large],
)
@given(
    source=books(),
    way=st.sampled_from(list(WAYS)),
    nth=STRIKES,
    action=st.sampled_from([CUT, BUSY, LOST]),
    batch_size=st.sampled_from([1, 7, 500]),
)
def test_each_entry_is_booked_once_and_whole_whatever_comes_between(
    emulator_with: Callable[..., EmulatorProcess],
    config_for: Callable[..., Json],
    source: Books,
    way: str,
    nth: list[int],
    action: Json,
    batch_size: int,
) -> None:
    emulator = emulator_with()
    config = config_for(emulator, **configuration(way, batch_size))
    emulator.fault(route=f"/objects/{ENTRIES}*", method="POST", nth=nth, action=action)

    finished = run_to_the_end(config, source, emulator)

    event(f"{way}: " + ("at once" if len(finished) == 1 else "replayed"))
    held = emulator.records(ENTRIES)
    assert Counter(each["referenceNumber"] for each in held) == Counter(source.entries.keys())
    assert {each["referenceNumber"]: lines_of(each) for each in held} == source.entries
    assert balances(lines_of(each) for each in held) == balances(iter(source.entries.values()))


@pytest.mark.parametrize("way", WAYS)
def test_going_on_from_a_state_inside_an_entry_neither_doubles_nor_shortens_it(
    emulator: EmulatorProcess, config_for: Callable[..., Json], way: str
) -> None:
    lines = [(side, Decimal(amount), "1000") for amount in (1, 2) for side in ("debit", "credit")]
    source = Books({"JE-1": lines, "JE-2": lines}, frozenset({2}))
    config = config_for(emulator, **configuration(way, 1), max_concurrency=1)
    emulator.fault(route=f"/objects/{ENTRIES}*", method="POST", nth=list(range(2, EVER_SINCE)), action=BUSY)

    stopped = sync(config, CATALOG, source.messages(0))
    emulator.clear_faults()
    replayed = sync(config, CATALOG, source.messages(last(stopped, 0)))

    assert isinstance(stopped.error, OutageError)
    assert replayed.error is None
    assert {each["referenceNumber"]: lines_of(each) for each in emulator.records(ENTRIES)} == source.entries
    assert len(emulator.records(ENTRIES)) == 2


def configuration(way: str, batch_size: int) -> Json:
    stream = {
        "stream": STREAM,
        "field_mapping": mapped(HEADER),
        "lines": {"group_by": ["no"], "fields": mapped(FIELDS)},
    }
    return {"object_type": "Journal Entry", "streams": [stream], "batch_size": batch_size, **WAYS[way]}


def mapped(fields: dict[str, str]) -> list[dict[str, str]]:
    return [{"column": column, "field": field} for column, field in fields.items()]


def run_to_the_end(config: Json, source: Books, emulator: EmulatorProcess) -> list[Synced]:
    """Sync; after an outage again, without faults, from the last STATE that was released."""
    ends = {0, *accumulate(len(lines) for lines in source.entries.values())}
    covered, finished = 0, []
    while covered < len(source.rows):
        synced = sync(config, CATALOG, source.messages(covered))
        finished.append(synced)
        assert synced.rejections == []
        assert counted(synced) == max(0, last(synced, covered) - covered)
        assert synced.error is None or isinstance(synced.error, OutageError), synced.error
        assert len(finished) == 1 or synced.error is None
        covered = last(synced, covered)
        assert covered in ends, "the source would go on in the middle of an entry"
        emulator.clear_faults()
    return finished


def last(synced: Synced, covered: int) -> int:
    """Return how many rows the last STATE that was released covers."""
    return max([covered, *(state["id"] for state in synced.states)])


def counted(synced: Synced) -> int:
    return sum(int(state["destinationStats"]["recordCount"]) for state in synced.states)


def lines_of(document: Json) -> list[Line]:
    return [(line["txnType"], Decimal(line["txnAmount"]), line["glAccount"]["id"]) for line in document["lines"]]


def balances(entries: Iterator[list[Line]]) -> dict[str, Decimal]:
    """Return what is booked on each account, debits less credits."""
    sums = dict.fromkeys(ACCOUNTS, Decimal(0))
    for lines in entries:
        for side, amount, account in lines:
            sums[account] += amount if side == "debit" else -amount
    return sums

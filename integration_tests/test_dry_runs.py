"""A dry run says what the real run right after it does, and writes nothing."""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from airbyte_input import CLIENT_CREDENTIALS, catalog, configured_stream, record
from emulator_process import EmulatorProcess
from example_counts import random_syncs_of
from hypothesis import given
from hypothesis import strategies as st
from markdown_page import blocks
from random_syncs import RandomSync, random_syncs
from random_syncs import Row as SourceRow
from random_syncs import lines as lines_of
from rehearsed_syncs import RehearsedSync, rehearsed_syncs
from sync_in_process import Synced, sync
from tampering import tampering

from destination_sage_intacct.delivery.rehearsal import CANNOT_FORESEE
from destination_sage_intacct.intacct.classify import Answer
from destination_sage_intacct.intacct.transport import HttpRequest
from destination_sage_intacct.protocol.ledger import Ledger, Outcome, Row

pytestmark = pytest.mark.usefixtures("untraced", "odd_turns")

Json = Any
Configure = Callable[..., Json]

ELSEWHERE = "Of the other entity"
NO_SUCH_KEY = "No record has this record key"
README = Path(__file__).parents[1] / "README.md"
CUSTOMERS, INVOICES = "accounts-receivable/customer", "accounts-receivable/invoice"
COLUMNS = ("id", "name", "term__id")
TABLE = (
    {"id": "CUST-100", "name": "Power Aerospace", "term__id": "N30"},
    {"id": "NEW-1", "name": "New", "term__id": None},
    {"id": "NEW-2", "name": "New, too", "term__id": "N99"},
)


TABLES = catalog(configured_stream("customers", "append_dedup", columns=COLUMNS))
KEYED = catalog(configured_stream("customers", "append_dedup", columns=("key", "id", "parent__id", "name", "company")))
ROWS = [record("customers", row) for row in TABLE]


@contextmanager
def outcomes_watched() -> Iterator[dict[tuple[str, int], str]]:
    """Give the outcome of each row, by stream and number, as the ledger learns them."""
    seen: dict[tuple[str, int], str] = {}
    settle = Ledger.settle

    def watched(self: Ledger, row: Row, outcome: Outcome, **more: Any) -> None:
        seen[row.stream.name, row.number] = outcome.value
        settle(self, row, outcome, **more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Ledger, "settle", watched)
        yield seen


def reasons(synced: Synced) -> list[str]:
    """Return the log's lines of rejected rows, without what only an answer has: the support id, a new record's key."""
    plain = (re.sub(r", support id [^\]]*", "", line) for line in synced.rejections)
    plain = (line.replace("Sage Intacct would say:", "Sage Intacct says:") for line in plain)
    return sorted(re.sub(r"record key (new-)?\w+", "record key *", line) for line in plain)


def invoice(number: str) -> Json:
    lines = [{"txnAmount": "1.50", "glAccount": {"id": account}, "dimensions": {}} for account in ("4000", "5004")]
    dates = {"invoiceDate": "2026-01-05", "dueDate": "2026-02-05"}
    return {"invoiceNumber": number, "customer": {"id": "CUST-100"}, "lines": lines, **dates}


def writes(emulator: EmulatorProcess) -> list[str]:
    """Return the routes of the requests that write."""
    return [route for route in emulator.stats()["by_route"] if "/objects/" in route and not route.startswith("GET ")]


@random_syncs_of(15, 200)
@given(data=st.data())
def test_a_dry_run_says_of_each_row_what_the_real_run_after_it_does(
    emulator_with: Callable[..., EmulatorProcess], config_for: Configure, data: st.DataObject
) -> None:
    emulator = emulator_with()
    paths = {"customer": "accounts-receivable", "vendor": "accounts-payable", "term": "accounts-receivable"}
    keys = {name: [each["key"] for each in emulator.records(f"{room}/{name}")] for name, room in paths.items()}
    keyed = emulator.hold(CUSTOMERS, *({"id": f"KEYED-{number}", "name": "Zyxo"} for number in range(3)))
    emulator.hold(INVOICES, *(invoice(number) for number in ("OLD-1", "OLD-2")))
    case: RehearsedSync = data.draw(rehearsed_syncs(keys | {"customer": keyed}))

    assert_foreseen(emulator, config_for(emulator, **case.configuration), case.catalog, case.lines)


@random_syncs_of(5, 100)
@given(case=random_syncs())
def test_so_it_does_of_the_rows_of_every_other_random_sync(
    emulator_with: Callable[..., EmulatorProcess], config_for: Configure, case: RandomSync
) -> None:
    """Without faults, one request at a time; a document that is to be posted breaks a rule of Sage Intacct's own."""
    steps = tuple(step for step in case.steps if not (isinstance(step, SourceRow) and step.data.get("state")))
    emulator = emulator_with(*case.flags)
    config = config_for(emulator, **case.configuration) | {"max_concurrency": 1}

    assert_foreseen(emulator, config, case.catalog, lines_of(steps, case.streams))


def assert_foreseen(emulator: EmulatorProcess, config: Json, streams: Json, lines: Sequence[Json]) -> None:
    """Sync dry and in earnest, and compare outcomes and reasons row by row."""
    with outcomes_watched() as foreseen:
        dry = sync(config | {"dry_run": True}, streams, lines)
    assert writes(emulator) == []
    with outcomes_watched() as come:
        real = sync(config, streams, lines)

    assert (dry.error, real.error) == (None, None)
    assert dry.states == []
    assert foreseen == come
    assert reasons(dry) == reasons(real)


@pytest.mark.parametrize(
    ("matching", "outcomes", "rejections"),
    [
        pytest.param(None, {"updated": 1, "created": 1, "rejected": 1}, ["Invalid Term '…' specified."], id="as shown"),
        # Record keys are numbers: ids in their place find nothing.
        pytest.param(
            {"by": "record_key", "field": "id"}, {"rejected": 3}, ["No record has this record key"] * 3, id="key"
        ),
    ],
)
def test_readmes_first_configuration_says_the_same_dry_and_in_earnest(
    emulator: EmulatorProcess, matching: Json, outcomes: Json, rejections: list[str]
) -> None:
    (shown,) = [block.text for block in blocks(README) if block.heading == "A first configuration"]
    config = json.loads(shown) | {"api_url": emulator.url, "company_id": "demo", "credentials": CLIENT_CREDENTIALS}
    assert config.pop("dry_run") is True
    config |= {"matching": matching} if matching else {}
    before = emulator.records(CUSTOMERS)

    dry = sync(config | {"dry_run": True}, TABLES, ROWS)
    assert emulator.records(CUSTOMERS) == before
    assert writes(emulator) == []
    real = sync(config, TABLES, ROWS)
    assert writes(emulator) != []

    assert dry.outcomes("customers") == real.outcomes("customers") == outcomes
    assert reasons(dry) == reasons(real)
    assert len(dry.rejections) == len(rejections)
    for line, words in zip(sorted(dry.rejections), rejections, strict=True):
        assert words in line


def test_a_dry_run_says_what_the_real_run_would_cost_and_what_it_cannot_foresee(
    emulator: EmulatorProcess, config_for: Configure
) -> None:
    config = config_for(emulator, matching={"by": "fields", "fields": ["id"]}, rejected_rows={"policy": "continue"})

    more = [record("customers", {"id": f"MORE-{number}", "name": "More", "term__id": "N30"}) for number in range(10)]

    dry, real = (sync(config | {"dry_run": is_dry}, TABLES, [*ROWS, *more]) for is_dry in (True, False))

    # One query for the records and their look-alikes; then twelve records are written, or their payment terms
    # are asked for.
    assert ", 13 API transactions, " in real.summaries[0]
    assert ", 2 API transactions, " in dry.summaries[0]
    assert dry.summaries[0].endswith("a real run would cost about 13 API transactions")
    assert dry.log[-1] == CANNOT_FORESEE
    assert CANNOT_FORESEE not in real.log


@pytest.mark.parametrize("status", [400, 403, 500])
def test_what_cannot_be_asked_is_not_checked_and_that_is_said_once(
    emulator: EmulatorProcess, config_for: Configure, status: int
) -> None:
    def tamper(request: HttpRequest, answer: Answer) -> Answer:
        if b'"object":"accounts-receivable/term"' in (request.body or b""):
            return Answer(status, {}, {"ia::result": {"ia::error": {"code": "x", "message": "Not now"}}})
        return answer

    config = config_for(emulator, matching={"by": "fields", "fields": ["id"]}, batch_size=1)
    rows = [{"id": f"NEW-{number}", "name": "New", "term__id": "N99"} for number in range(3)]
    dry = sync(
        config | {"dry_run": True}, TABLES, [record("customers", row) for row in rows], transport=tampering(tamper)
    )

    assert dry.outcomes("customers") == {"created": 3}
    (warned,) = [line for line in dry.log if line.startswith("This dry run does not check whether the records of ")]
    assert warned == (
        "This dry run does not check whether the records of accounts-receivable/term that rows name exist, because "
        "they cannot be queried. Sage Intacct says: Not now. [x]"
    )
    assert writes(emulator) == []


def test_in_an_entity_the_dry_run_sees_what_the_entity_sees(emulator: EmulatorProcess, config_for: Configure) -> None:
    emulator.hold(CUSTOMERS, {"id": "ELSEWHERE", "name": ELSEWHERE}, entity="200")
    emulator.hold(CUSTOMERS, {"id": "HERE", "name": "Of this entity"}, entity="100")
    streams = [{"stream": "customers", "entity_field": "company"}]
    config = config_for(emulator, streams=streams, rejected_rows={"policy": "continue"})
    keys = [each["key"] for each in emulator.records(CUSTOMERS)]
    ids = ("HERE", "ELSEWHERE", "CUST-100")
    rows = [
        *({"key": key, "id": None, "parent__id": None, "name": "Changed"} for key in keys),
        *({"key": None, "id": f"P-{each}", "parent__id": each, "name": "New"} for each in ids),
        *({"key": None, "id": each, "parent__id": None, "name": "New"} for each in ids),
    ]
    lines = [record("customers", {**row, "company": "100"}) for row in rows]

    assert_foreseen(emulator, config, KEYED, lines)
    # Of five record keys one is the other entity's, as is one of the three parents; the three ids are taken.
    assert Counter(each["name"] for each in emulator.records(CUSTOMERS)) == {"Changed": 4, "New": 2, ELSEWHERE: 1}


def test_what_the_dry_run_itself_would_write_counts_as_written(
    emulator: EmulatorProcess, config_for: Configure
) -> None:
    config = config_for(emulator, max_concurrency=1, rejected_rows={"policy": "continue"})
    rows = [
        {"key": None, "id": "N-1", "parent__id": "N-2", "name": "Before its parent"},
        {"key": None, "id": "N-2", "parent__id": None, "name": "A parent"},
        {"key": None, "id": "N-3", "parent__id": "N-2", "name": "Behind its parent"},
        {"key": None, "id": "N-3", "parent__id": "N-2", "name": "Behind its parent"},
        {"key": None, "id": "N-3", "parent__id": "N-2", "name": "Of the same id"},
    ]
    lines = [record("customers", {**row, "company": None}) for row in rows]

    dry, real = (sync(config | {"dry_run": is_dry}, KEYED, lines) for is_dry in (True, False))

    assert dry.outcomes("customers") == real.outcomes("customers") == {"created": 3, "rejected": 2}
    assert reasons(dry) == reasons(real)
    assert "Another record with the value '…' already exists" in dry.rejections[1]


def test_a_row_that_comes_twice_with_an_id_only_a_create_can_set_is_no_rejection(
    emulator: EmulatorProcess, config_for: Configure
) -> None:
    """Where unchanged rows are written, too: the second one asks whether the record has the id."""
    config = config_for(emulator, matching={"by": "fields", "fields": ["name"]}, skip_unchanged=False, batch_size=1)
    lines = [record("customers", {"id": "B-1", "name": "Bob", "term__id": "N30"})] * 2

    for is_dry in (True, False):
        assert sync(config | {"dry_run": is_dry}, TABLES, lines).outcomes("customers") == {"created": 1, "updated": 1}

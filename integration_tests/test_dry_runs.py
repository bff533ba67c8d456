"""A dry run says what the real run right after it does, and writes nothing."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from emulator_process import EmulatorProcess
from example_counts import random_syncs_of
from hypothesis import given
from hypothesis import strategies as st
from rehearsed_syncs import RehearsedSync, rehearsed_syncs
from sync_in_process import Synced, sync

from destination_sage_intacct.protocol.ledger import Ledger, Outcome, Row

Json = Any
Configure = Callable[..., Json]

KEYS = {"customer": ["1"], "vendor": ["1"], "term": ["1"]}


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
    case: RehearsedSync = data.draw(rehearsed_syncs(keys))
    config = config_for(emulator, **case.configuration)

    with outcomes_watched() as foreseen:
        dry = sync(config | {"dry_run": True}, case.catalog, case.lines)
    assert writes(emulator) == []
    with outcomes_watched() as come:
        real = sync(config, case.catalog, case.lines)

    assert (dry.error, real.error) == (None, None)
    assert dry.states == []
    assert foreseen == come
    assert reasons(dry) == reasons(real)

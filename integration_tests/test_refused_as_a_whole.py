"""A server that refuses a request as a whole, however much it says of the records at fault: exactly these are rejected,
each by an answer about itself, and all others are written once.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest
from emulator_process import EmulatorProcess
from example_counts import random_syncs_of
from fault_kinds import HurriedClock
from hypothesis import given
from hypothesis import strategies as st

from destination_sage_intacct import exact_json
from destination_sage_intacct.intacct.auth import Tokens
from destination_sage_intacct.intacct.bulk import ChangedRecord, NewRecord, Result, Written
from destination_sage_intacct.intacct.client import IntacctClient, open_client
from destination_sage_intacct.intacct.clock import SystemClock
from destination_sage_intacct.intacct.create import attempt_key
from destination_sage_intacct.intacct.errors import SageError
from destination_sage_intacct.intacct.transport import RequestsTransport

pytestmark = pytest.mark.usefixtures("untraced", "odd_turns")

Json = Any
EmulatorWith = Callable[..., EmulatorProcess]

CUSTOMERS = "accounts-receivable/customer"
COLLECTION = f"/objects/{CUSTOMERS}"
NAMES = ("first", "place", "each", "nothing")
ROWS = 120
SLOTS = 6
CUT = {"kind": "cut", "when": "after"}
KINDS = ("good", "own", "shared", "taken", "child")


class FixedToken(Tokens):
    """The token of the emulator's start."""

    def current(self) -> str:
        return "demo-access-token"

    def renew(self, refused: str) -> str:
        return refused


@dataclass(frozen=True)
class Row:
    """A customer, and the words of its refusal; none for one that is good."""

    body: dict[str, Json]
    reason: str = ""


def rows_of(kinds: Sequence[str]) -> list[Row]:
    """Return customers: some name a term that is not there, of their own or a common one, or have an id that is taken.

    A child has the customer before it as its parent, so it is good if that one is, and is sent no sooner.
    """
    rows: list[Row] = []
    for number, kind in enumerate(kinds):
        body: dict[str, Json] = {"id": f"W-{number:03}", "name": f"Customer {number}"}
        reason = ""
        if kind in ("own", "shared"):
            term = f"NONE-{number}" if kind == "own" else "NONE"
            body["term"], reason = {"id": term}, f"'{term}'"
        elif kind == "taken":
            body["id"] = reason = f"TAKEN-{number}"
        elif kind == "child" and rows:
            parent = rows[-1].body["id"]
            is_there = not rows[-1].reason or parent.startswith("TAKEN")
            body["parent"], reason = {"id": parent}, "" if is_there else f"'{parent}'"
        rows.append(Row(body, reason))
    return rows


def client_of(emulator: EmulatorProcess, most_in_flight: int = SLOTS) -> IntacctClient:
    transport = RequestsTransport(30.0, SystemClock(), most_in_flight)
    return open_client(
        emulator.url,
        FixedToken(),
        max_in_flight=most_in_flight,
        max_retries=8,
        transport=transport,
        clock=HurriedClock(),
    )


def new_record(row: Row) -> NewRecord:
    keys = partial(attempt_key, f"key of {row.body['id']}", "7")
    return NewRecord(exact_json.encode(row.body), keys, row.body["id"], may_repeat=True)


def hold_the_taken(emulator: EmulatorProcess, rows: Sequence[Row]) -> None:
    taken = [row.body["id"] for row in rows if row.body["id"].startswith("TAKEN")]
    if taken:
        emulator.hold(CUSTOMERS, *({"id": each, "name": "before"} for each in taken))


def assert_exactly_the_bad_are_rejected(rows: Sequence[Row], results: Sequence[Result]) -> None:
    for row, result in zip(rows, results, strict=True):
        assert isinstance(result, SageError) == bool(row.reason), (row, result)
        if isinstance(result, SageError):
            assert row.reason in result.message, (row, result)


def ids(emulator: EmulatorProcess) -> list[str]:
    return sorted(each["id"] for each in emulator.records(CUSTOMERS))


def drawn_kinds(share_of_good: int) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(("good",) * share_of_good + KINDS), min_size=1, max_size=ROWS)


KINDS_OF_ROWS = st.sampled_from([0, 4, 40, 200]).flatmap(drawn_kinds)


@pytest.mark.parametrize("names", NAMES)
@random_syncs_of(usual=12, proving=150)
@given(kinds=KINDS_OF_ROWS, then=KINDS_OF_ROWS, is_cut=st.booleans())
def test_of_new_records_exactly_the_bad_are_rejected_and_all_others_are_there_once(
    emulator_with: EmulatorWith, names: str, kinds: list[str], then: list[str], is_cut: bool
) -> None:
    emulator = emulator_with("--no-demo-data", "--partial-form", "whole", "--whole-names", names)
    if is_cut:
        emulator.fault(route=COLLECTION, method="POST", probability=0.2, times=8, action=CUT)
    client = client_of(emulator)
    rows = rows_of([*kinds, *then])
    hold_the_taken(emulator, rows)

    for some in (rows[: len(kinds)], rows[len(kinds) :]):
        results = client.create(CUSTOMERS, [new_record(row) for row in some])
        assert_exactly_the_bad_are_rejected(some, results)

    good = [row.body["id"] for row in rows if not row.reason]
    assert ids(emulator) == sorted([*good, *(row.reason for row in rows if row.reason.startswith("TAKEN"))])


@pytest.mark.parametrize("names", NAMES)
@random_syncs_of(usual=8, proving=100)
@given(kinds=KINDS_OF_ROWS, is_cut=st.booleans())
def test_of_updates_exactly_the_bad_do_not_land(
    emulator_with: EmulatorWith, names: str, kinds: list[str], is_cut: bool
) -> None:
    emulator = emulator_with("--no-demo-data", "--partial-form", "whole", "--whole-names", names)
    rows = rows_of([kind if kind in ("own", "shared") else "good" for kind in kinds])
    keys = emulator.hold(CUSTOMERS, *({"id": row.body["id"], "name": "before"} for row in rows))
    if is_cut:
        emulator.fault(route=f"{COLLECTION}*", method="PATCH", probability=0.2, times=8, action=CUT)
    bodies = [{"name": row.body["name"]} | ({"term": row.body["term"]} if row.reason else {}) for row in rows]

    results = client_of(emulator).update(
        CUSTOMERS, [ChangedRecord(key, exact_json.encode(body)) for key, body in zip(keys, bodies, strict=True)]
    )

    assert_exactly_the_bad_are_rejected(rows, results)
    assert [result for result in results if isinstance(result, Written)] == [
        Written(key) for key, row in zip(keys, rows, strict=True) if not row.reason
    ]
    names_now = {each["id"]: each["name"] for each in emulator.records(CUSTOMERS)}
    assert names_now == {row.body["id"]: "before" if row.reason else row.body["name"] for row in rows}


@pytest.mark.parametrize("names", NAMES)
@random_syncs_of(usual=8, proving=100)
@given(kinds=st.lists(st.sampled_from(("free", "free", "free", "held", "family")), min_size=1, max_size=ROWS))
def test_of_deletes_exactly_those_in_use_stay(emulator_with: EmulatorWith, names: str, kinds: list[str]) -> None:
    """Of a family the child is deleted first, as it came; others are held by a customer that stays."""
    emulator = emulator_with("--no-demo-data", "--partial-form", "whole", "--whole-names", names)
    given_ids = [f"D-{number:03}" for number in range(len(kinds))]
    keys = emulator.hold(CUSTOMERS, *({"id": each, "name": "x"} for each in given_ids))
    in_use = [each for each, kind in zip(given_ids, kinds, strict=True) if kind == "held"]
    parents = [each for each, kind in zip(given_ids, kinds, strict=True) if kind == "family"]
    kept = [{"id": f"KEPT-{each}", "name": "x", "parent": {"id": each}} for each in in_use]
    children = [{"id": f"CHILD-{each}", "name": "x", "parent": {"id": each}} for each in parents]
    held = emulator.hold(CUSTOMERS, *kept, *children) if kept or children else []
    child_of = dict(zip(parents, held[len(kept) :], strict=True))
    wanted = [key for each, own in zip(given_ids, keys, strict=True) for key in (child_of.get(each), own) if key]

    results = dict(zip(wanted, client_of(emulator).delete(CUSTOMERS, wanted), strict=True))

    rejected = {key for key, result in results.items() if isinstance(result, SageError)}
    assert rejected == {key for each, key in zip(given_ids, keys, strict=True) if each in in_use}
    assert ids(emulator) == sorted([*in_use, *(each["id"] for each in kept)])

"""Two guesses of the emulator may be wrong at once: rows are still written once and right."""

from collections.abc import Callable
from itertools import combinations
from typing import Any

import pytest
from airbyte_input import catalog, configured_stream, record
from emulator_process import EmulatorProcess
from example_counts import PROVING
from sync_in_process import Synced, sync

pytestmark = pytest.mark.usefixtures("untraced", "odd_turns")

Json = Any
Reading = tuple[str, ...]

CUSTOMERS, BILLS, ENTRIES = "accounts-receivable/customer", "accounts-payable/bill", "general-ledger/journal-entry"

# Every flag's other readings. Not among them: `--no-query`, without which no natural key is found, and
# `--closed-until`, which is no reading of the server's but a matter of the company.
READINGS: tuple[Reading, ...] = (
    ("--update-method", "PUT"),
    ("--update-method", "PUT", "--put", "replaces"),
    ("--ids-unique-in", "entity"),
    ("--task-ids-unique-in", "project"),
    ("--reference-by", "id"),
    ("--reference-by", "refused"),
    ("--inline-contact", "made"),
    ("--key-conflicts", "unnamed"),
    ("--partial-form", "error-list"),
    ("--partial-form", "no-status"),
    ("--partial-form", "whole"),
    ("--partial-status", "200"),
    ("--partial-status", "first-failure"),
    ("--bad-token-form", "1206"),
    ("--bad-token-form", "0040"),
    ("--cached-date", "every"),
    ("--throttle-headers", "none"),
    ("--limit-headers", "true"),
    ("--limit-headers", "hourly"),
    ("--limit-headers", "spent"),
    ("--limit-headers", "high"),
    ("--limit-headers", "garbage"),
    ("--refresh-answer", "none"),
    ("--rotate-refresh-tokens",),
    ("--unknown-entity", "top-level"),
    ("--bill-state", "posted"),
    ("--duplicate-status", "400"),
    ("--duplicate-status", "409"),
    ("--custom-object-id", "ignored"),
    ("--custom-object-id", "given"),
    ("--no-arrays",),
    ("--no-model",),
    ("--private-entities", "none"),
    ("--private-entities", "all"),
    ("--private-by-key", "shown"),
    ("--shared-records", "all"),
    ("--apostrophes", "escaped"),
)
USUAL: tuple[tuple[Reading, Reading], ...] = (
    (("--update-method", "PUT", "--put", "replaces"), ("--no-model",)),
    (("--update-method", "PUT", "--put", "replaces"), ("--inline-contact", "made")),
    (("--ids-unique-in", "entity"), ("--private-entities", "all")),
    (("--key-conflicts", "unnamed"), ("--duplicate-status", "409")),
    (("--partial-form", "no-status"), ("--partial-status", "200")),
    (("--reference-by", "refused"), ("--cached-date", "every")),
    (("--apostrophes", "escaped"), ("--no-arrays",)),
    (("--limit-headers", "spent"), ("--throttle-headers", "none")),
)


def exclude_each_other(one: Reading, other: Reading) -> bool:
    """Return whether both set one flag: a server has one reading of each guess."""
    return bool({each for each in one if each.startswith("--")} & set(other))


PAIRS = [
    one + other
    for one, other in (combinations(READINGS, 2) if PROVING else USUAL)
    if not exclude_each_other(one, other)
]


def line(account: str, amount: str, **more: Json) -> Json:
    return {"txnAmount": amount, "glAccount": {"id": account}, "dimensions": {"location": {"id": "US"}}, **more}


def customers(text: str) -> list[Json]:
    """Return rows of which the third is refused; each text goes into a field."""
    rows = [{"id": f"C-{n} O'Neil", "name": f"{n} {text}", "contacts__default__id": f"Contact {n}"} for n in range(5)]
    terms = ["N30", "N15", "none", "N30", "N30"]
    return [
        row | {"contacts__default__email1": f"{number}@example.com", "term__id": terms[number]}
        for number, row in enumerate(rows)
    ]


def bills(text: str) -> list[Json]:
    return [
        {
            "billNumber": f"B-{number}",
            "vendor__id": vendor,
            "vendor__key": key,
            "createdDate": "2026-01-10",
            "dueDate": "2026-02-10",
            "currency__txnCurrency": "USD",
            "description": text,
            "lines": [line("6000", "9.00"), line("6100", f"{number + 1}.00")],
        }
        for number, (vendor, key) in enumerate([("VEND-100", "301"), ("VEND-200", "302"), ("VEND-100", None)])
    ]


def entries(text: str) -> list[Json]:
    lines = [line("6000", "5.00", txnType="debit"), line("2000", "5.00", txnType="credit")]
    shared = {"glJournal__id": "GJ", "postingDate": "2026-01-10", "lines": lines}
    return [{"referenceNumber": f"J-{number}", "description": text, **shared} for number in range(2)]


OBJECTS: dict[str, tuple[str, tuple[str, ...], Callable[[str], list[Json]]]] = {
    "customers": ("Customer", ("id",), customers),
    "bills": ("Bill", ("vendor.id", "billNumber"), bills),
    "entries": ("Journal Entry", ("referenceNumber",), entries),
}


@pytest.mark.parametrize("flags", PAIRS, ids=" ".join)
def test_records_are_held_once_and_right_under_two_other_readings(
    emulator_with: Callable[..., EmulatorProcess], config_for: Callable[..., Json], flags: Reading
) -> None:
    emulator = emulator_with(*flags)
    before = {path: len(emulator.records(path)) for path in (CUSTOMERS, BILLS, ENTRIES)}

    def write(text: str, operation: str) -> Synced:
        streams = [
            {"stream": name, "object_type": kind, "operation": operation}
            | {"matching": {"by": "fields", "fields": list(fields)}}
            for name, (kind, fields, _) in OBJECTS.items()
        ]
        config = config_for(emulator, streams=streams, rejected_rows={"policy": "continue"})
        rows = {name: made(text) for name, (_, _, made) in OBJECTS.items()}
        given = catalog(*(configured_stream(name, columns=tuple(each[0])) for name, each in rows.items()))
        synced = sync(config, given, [record(name, row) for name, each in rows.items() for row in each])
        assert synced.error is None
        return synced

    def outcomes(synced: Synced) -> list[dict[str, int]]:
        return [synced.outcomes(name) for name in OBJECTS]

    def assert_held(text: str) -> None:
        made = emulator.records(CUSTOMERS)[before[CUSTOMERS] :]
        held = sorted((each["id"], each["name"], each["term"]["id"], *contact(each)) for each in made)
        wanted = [
            (row["id"], row["name"], row["term__id"], row["contacts__default__id"], row["contacts__default__email1"])
            for row in customers(text)
            if row["term__id"] != "none"
        ]
        assert held == wanted
        documents = emulator.records(BILLS)[before[BILLS] :]
        assert sorted(
            (each["billNumber"], each["vendor"]["id"], each["description"], amounts(each)) for each in documents
        ) == [(row["billNumber"], row["vendor__id"], text, amounts(row)) for row in bills(text)]
        booked = emulator.records(ENTRIES)[before[ENTRIES] :]
        assert sorted((each["referenceNumber"], each["description"], amounts(each)) for each in booked) == [
            (row["referenceNumber"], text, amounts(row)) for row in entries(text)
        ]

    first, again = write("a", "insert"), write("a", "upsert")
    assert outcomes(first) == [{"created": 4, "rejected": 1}, {"created": 3}, {"created": 2}]
    assert outcomes(again) == [{"unchanged": 4, "rejected": 1}, {"unchanged": 3}, {"unchanged": 2}]
    assert_held("a")
    changed, back = write("b", "upsert"), write("a", "upsert")
    assert outcomes(changed) == outcomes(back) == [{"updated": 4, "rejected": 1}, {"updated": 3}, {"updated": 2}]
    assert_held("a")


def contact(customer: Json) -> tuple[str, str]:
    default = customer["contacts"]["default"]
    return default["id"], default["email1"]


def amounts(document: Json) -> list[str]:
    return [each["txnAmount"] for each in document["lines"]]

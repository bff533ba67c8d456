"""Every cell of the table in docs/writing.md: the row's entity, where the record lives, what is asked for.

Nothing is made twice, and nothing is written in another entity than the record's own.
"""

from collections.abc import Callable
from typing import Any

import pytest
from airbyte_input import catalog, configured_stream, record
from emulator_process import EmulatorProcess
from sync_in_process import Synced, sync
from tampering import tampering

from destination_sage_intacct.intacct.classify import Answer
from destination_sage_intacct.intacct.transport import HttpRequest

Json = Any

STREAM = "rows"
CUSTOMERS, INVOICES = "accounts-receivable/customer", "accounts-receivable/invoice"
TOP, ONE, OTHER, NOWHERE = "", "100", "200", "nowhere"
READINGS = [
    ("--private-entities", "master-data"),
    ("--private-entities", "all", "--cached-date", "every"),
    ("--private-entities", "none", "--private-by-key", "shown"),
    ("--shared-records", "all"),
]

HELD = {
    "customer by id": {"id": "C-1", "name": "Zyx", "notes": "before"},
    "customer by name": {"name": "Zyx", "notes": "before"},
    "invoice": {
        "invoiceNumber": "I-1",
        "customer": {"id": "CUST-100"},
        "invoiceDate": "2026-01-05",
        "dueDate": "2026-02-05",
        "referenceNumber": "before",
        "lines": [{"txnAmount": "1.00", "glAccount": {"id": "4000"}}],
    },
}
SETTINGS: dict[str, Json] = {
    "customer by id": {"matching": {"by": "fields", "fields": ["id"]}},
    "customer by name": {"matching": {"by": "fields", "fields": ["name"]}},
    "invoice": {"object_type": "Invoice", "matching": {"by": "fields", "fields": ["invoiceNumber"]}},
}
CHANGED = {"customer by id": "notes", "customer by name": "notes", "invoice": "referenceNumber"}


def expected(kind: str, row_entity: str, lives: str, operation: str, flags: tuple[str, ...]) -> str:
    """Return the outcome, as the table has it."""
    is_shared = kind != "invoice" or "--shared-records" in flags
    is_visible = row_entity in {lives, TOP} or (lives == TOP and is_shared)
    if lives == NOWHERE:
        return {"update": "rejected", "delete": "skipped"}.get(operation, "created")
    if not is_visible:
        return "rejected"
    return {"insert": "skipped", "delete": "deleted"}.get(operation, "updated")


@pytest.mark.parametrize("flags", READINGS)
@pytest.mark.parametrize("operation", ["insert", "update", "upsert", "delete"])
@pytest.mark.parametrize("kind", list(HELD))
@pytest.mark.parametrize("lives", [TOP, ONE, OTHER, NOWHERE])
@pytest.mark.parametrize("row_entity", [TOP, ONE])
def test_a_record_is_written_where_it_lives_or_its_row_is_rejected(
    emulator_with: Callable[..., EmulatorProcess],
    config_for: Callable[..., Json],
    flags: tuple[str, ...],
    row_entity: str,
    lives: str,
    kind: str,
    operation: str,
) -> None:
    emulator = emulator_with(*flags)
    path = INVOICES if kind == "invoice" else CUSTOMERS
    if lives != NOWHERE:
        emulator.hold(path, HELD[kind], entity=lives or None)

    dry, synced = (write(emulator, config_for, kind, row_entity, operation, dry_run=is_dry) for is_dry in (True, False))

    outcome = expected(kind, row_entity, lives, operation, flags)
    assert synced.error is None
    assert dry.outcomes(STREAM) == {outcome: 1}
    assert synced.outcomes(STREAM) == {outcome: 1}
    if outcome == "rejected" and lives != NOWHERE:
        there = "the top level" if lives == TOP else f"entity {lives}"
        assert f"belongs to {there}, but the row is for entity {row_entity}" in synced.rejections[0]
    assert (
        held(emulator, path, kind)
        == {
            "created": [(row_entity, "after")],
            "updated": [(lives, "after")],
            "deleted": [],
            "skipped": [] if lives == NOWHERE else [(lives, "before")],
            "rejected": [] if lives == NOWHERE else [(lives, "before")],
        }[outcome]
    )


@pytest.mark.parametrize("kind", list(HELD))
def test_rows_of_two_entities_for_one_new_record_make_it_once(
    emulator: EmulatorProcess, config_for: Callable[..., Json], kind: str
) -> None:
    path = INVOICES if kind == "invoice" else CUSTOMERS
    rows = [row_of(kind, ONE), row_of(kind, OTHER)]

    synced = write(emulator, config_for, kind, ONE, "upsert", *rows)

    assert synced.outcomes(STREAM) == {"created": 1, "rejected": 1}
    assert held(emulator, path, kind) == [(ONE, "after")]


def test_a_second_row_of_this_sync_is_written_where_the_record_lives(
    emulator: EmulatorProcess, config_for: Callable[..., Json]
) -> None:
    kind = "customer by id"
    emulator.hold(CUSTOMERS, HELD[kind], entity=ONE)
    rows = [row_of(kind, TOP) | {"notes": text} for text in ("first", "second", "second")]

    synced = write(emulator, config_for, kind, TOP, "upsert", *rows, batch_size=1)

    assert synced.outcomes(STREAM).keys() <= {"updated", "unchanged"}
    assert held(emulator, CUSTOMERS, kind) == [(ONE, "second")]


def test_a_record_in_an_entity_that_may_not_be_written_is_one_rejected_row(
    emulator: EmulatorProcess, config_for: Callable[..., Json]
) -> None:
    kind = "customer by id"
    emulator.hold(CUSTOMERS, HELD[kind], entity=ONE)

    def tamper(request: HttpRequest, answer: Answer) -> Answer:
        if request.headers.get("X-IA-API-Param-Entity") != ONE:
            return answer
        error = {"code": "forbidden", "errorId": "GW-0042", "message": f"User is not allowed to enter entity {ONE}"}
        return Answer(403, {}, {"ia::result": {"ia::error": error}})

    rows = [row_of(kind, TOP), row_of(kind, TOP) | {"id": "C-2"}]
    for is_dry in (True, False):
        transport = tampering(tamper)
        synced = write(emulator, config_for, kind, TOP, "upsert", *rows, transport=transport, dry_run=is_dry)

        assert synced.error is None
        assert synced.outcomes(STREAM) == {"rejected": 1, "created": 1}
        assert f"The record belongs to entity {ONE}, in which the user may not write it" in synced.rejections[0]


def test_where_other_entities_cannot_be_asked_about_a_warning_says_so_once(
    emulator: EmulatorProcess, config_for: Callable[..., Json]
) -> None:
    def tamper(request: HttpRequest, answer: Answer) -> Answer:
        if request.url.endswith("/services/core/query") and "X-IA-API-Param-Entity" not in request.headers:
            error = {"code": "invalidRequest", "message": "Not here"}
            return Answer(400, {}, {"ia::result": {"ia::error": error}})
        return answer

    kind = "customer by name"
    rows = [row_of(kind, ONE) | {"name": f"Zyx {number}"} for number in range(4)]
    settings: Json = {"streams": [{"stream": STREAM, "entity_field": "company"}], "entity_id": ONE}
    synced = write(
        emulator, config_for, kind, TOP, "upsert", *rows, batch_size=1, transport=tampering(tamper), **settings
    )

    assert synced.outcomes(STREAM) == {"created": 4}
    warnings = [line for line in synced.log if "that another entity has already" in line]
    assert len(warnings) == 1


@pytest.mark.parametrize("kind", ["customer by id", "customer by name"])
def test_a_record_that_comes_to_be_between_the_two_questions_is_updated(
    emulator: EmulatorProcess, config_for: Callable[..., Json], kind: str
) -> None:
    """As when a request of a run that was killed lands late; two questions are asked for rows of an entity."""

    def tamper(request: HttpRequest, answer: Answer) -> Answer:
        asked = request.body or b""
        is_the_first = (
            b'"caseSensitiveComparison":true' in asked and b'"object":"accounts-receivable/customer"' in asked
        )
        if is_the_first and not held(emulator, CUSTOMERS, kind):
            emulator.hold(CUSTOMERS, HELD[kind], entity=ONE)
        return answer

    synced = write(emulator, config_for, kind, ONE, "upsert", transport=tampering(tamper))

    assert synced.outcomes(STREAM) == {"updated": 1}
    assert held(emulator, CUSTOMERS, kind) == [(ONE, "after")]


def row_of(kind: str, entity: str) -> Json:
    return HELD[kind] | {CHANGED[kind]: "after", "company": entity or None}


def write(
    emulator: EmulatorProcess,
    config_for: Callable[..., Json],
    kind: str,
    entity: str,
    operation: str,
    *rows: Json,
    transport: Any = None,
    **settings: Json,
) -> Synced:
    rows = rows or (row_of(kind, entity),)
    if operation == "delete":
        rows = tuple(row | {"_ab_cdc_deleted_at": "2026-01-01"} for row in rows)
        settings |= {"on_source_delete": "delete"}
    else:
        settings |= {"operation": operation}
    streams = [{"stream": STREAM, "entity_field": "company"}]
    config = config_for(
        emulator, **{"streams": streams, "rejected_rows": {"policy": "continue"}, **SETTINGS[kind], **settings}
    )
    mode = "append_dedup" if operation == "delete" else "append"
    stream = configured_stream(STREAM, mode, columns=tuple(rows[0]))
    return sync(config, catalog(stream), [record(STREAM, row) for row in rows], transport=transport)


def held(emulator: EmulatorProcess, path: str, kind: str) -> list[tuple[str, str]]:
    """Return where the record lives and what its changed field holds, for each record that carries the key."""
    name = {"customer by id": "id", "customer by name": "name", "invoice": "invoiceNumber"}[kind]
    return [
        (each["entity"]["id"] or "", each[CHANGED[kind]])
        for each in emulator.records(path)
        if each[name] == HELD[kind][name]
    ]

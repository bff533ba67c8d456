"""The same rows again, as after a crash: what was booked is not booked twice, what is meant is not swallowed."""

from collections.abc import Callable
from typing import Any

import pytest
from airbyte_input import catalog, configured_stream, record
from connector_process import run
from emulator_process import EmulatorProcess


def twins(emulator: EmulatorProcess) -> int:
    """Count the customers named Twin; Sage Intacct numbers them itself, so nothing else stops a second one."""
    return [each["name"] for each in emulator.records("accounts-receivable/customer")].count("Twin")


def keyed(sync_id: int) -> dict[str, Any]:
    return catalog(configured_stream("customers", "append", primary_key=[["row"]], sync_id=sync_id))


def test_a_row_with_a_primary_key_is_booked_once_over_several_syncs(
    emulator: EmulatorProcess, config_for: Callable[..., Any]
) -> None:
    rows = [record("customers", {"row": 1, "name": "Twin"})]

    for sync_id in (7, 8, 9):
        assert run("write", config_for(emulator), keyed(sync_id), rows).outcomes("customers") == {"created": 1}

    assert twins(emulator) == 1


def test_rows_of_equal_values_and_other_primary_keys_are_all_booked(
    emulator: EmulatorProcess, config_for: Callable[..., Any]
) -> None:
    rows = [record("customers", {"row": number, "name": "Twin"}) for number in range(3)]

    assert run("write", config_for(emulator), keyed(7), rows).outcomes("customers") == {"created": 3}

    assert twins(emulator) == 3


def test_a_row_whose_values_have_changed_is_not_swallowed(
    emulator: EmulatorProcess, config_for: Callable[..., Any]
) -> None:
    for notes in ("first", "second"):
        run("write", config_for(emulator), keyed(7), [record("customers", {"row": 1, "name": "Twin", "notes": notes})])

    assert twins(emulator) == 2


@pytest.mark.parametrize(
    ("settings", "warning"),
    [
        ({"primary_key": [["id"]]}, None),
        ({"sync_id": 7}, "a crash: one that comes again may count as already created"),
        ({}, "nor from those of another sync within 48 hours: they would count as already created"),
    ],
)
def test_a_stream_without_a_primary_key_is_warned_of(
    emulator: EmulatorProcess, config_for: Callable[..., Any], settings: dict[str, Any], warning: str | None
) -> None:
    streams = catalog(configured_stream("customers", **settings))
    rows = [record("customers", {"id": "K-1", "name": "Keyed"})]

    finished = run("write", config_for(emulator), streams, rows)

    warnings = [line for line in finished.log if "has no primary key" in line]
    assert len(warnings) == (1 if warning else 0)
    assert not warning or warning in warnings[0]


def test_equal_rows_of_a_stream_without_a_primary_key_are_all_created(
    emulator: EmulatorProcess, config_for: Callable[..., Any]
) -> None:
    streams = catalog(configured_stream("customers", "append", sync_id=7))
    rows = [record("customers", {"name": "Twin"})] * 3

    assert run("write", config_for(emulator), streams, rows).outcomes("customers") == {"created": 3}
    assert twins(emulator) == 3

    emulator.advance_clock(60)
    # The same sync again, as Airbyte does after a crash: nothing more is booked, and the summary says so.
    again = run("write", config_for(emulator), streams, rows)
    assert "3 of the created ones had arrived before and were not booked again" in again.summaries[0]
    assert twins(emulator) == 3

    # Another sync means its rows.
    streams = catalog(configured_stream("customers", "append", sync_id=8))
    assert run("write", config_for(emulator), streams, rows).outcomes("customers") == {"created": 3}
    assert twins(emulator) == 6


DAYS_LATER = 3 * 24 * 3600


@pytest.mark.parametrize(("allowed", "booked"), [(False, 1), (True, 2)])
def test_a_row_that_may_already_be_booked_is_booked_again_only_if_that_is_allowed(
    emulator: EmulatorProcess, config_for: Callable[..., Any], allowed: bool, booked: int
) -> None:
    row = {
        "row": 1, "customer__id": "CUST-100", "invoiceDate": "2026-01-10", "dueDate": "2026-02-10",
        "referenceNumber": "R-1", "lines": [{"txnAmount": "1.10", "glAccount": {"id": "4000"}}],
    }  # fmt: skip
    streams = catalog(configured_stream("invoices", "append", columns=tuple(row), primary_key=[["row"]]))
    config = config_for(
        emulator,
        object_type="Invoice",
        resend_after_48_hours=allowed,
        rejected_rows={"policy": "continue"},
    )
    assert run("write", config, streams, [record("invoices", row)]).outcomes("invoices") == {"created": 1}
    emulator.advance_clock(DAYS_LATER)

    again = run("write", config, streams, [record("invoices", row)])

    assert again.outcomes("invoices") == {"created": 1} if allowed else {"rejected": 1}
    assert allowed or "[may_be_booked]" in again.rejections[0]
    held = [each["referenceNumber"] for each in emulator.records("accounts-receivable/invoice")]
    assert held.count("R-1") == booked


def test_a_row_whose_record_a_query_has_just_missed_is_created_under_a_new_key(
    empty_emulator: EmulatorProcess, config_for: Callable[..., Any]
) -> None:
    emulator = empty_emulator
    streams = catalog(configured_stream("customers", "append_dedup", columns=("name", "taxId")))
    config = config_for(emulator, matching={"by": "fields", "fields": ["name", "taxId"]})
    rows = [record("customers", {"name": "Twin", "taxId": "T-1"})]
    assert run("write", config, streams, rows).outcomes("customers") == {"created": 1}
    emulator.delete("accounts-receivable/customer")
    emulator.advance_clock(DAYS_LATER)

    assert run("write", config, streams, rows).outcomes("customers") == {"created": 1}
    assert twins(emulator) == 1

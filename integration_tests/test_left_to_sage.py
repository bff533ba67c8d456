"""What only some companies require, and what a term gives, is sent: Sage Intacct decides, and its words are told."""

from collections.abc import Callable
from typing import Any

import pytest
from airbyte_input import catalog, configured_stream, record
from emulator_process import EmulatorProcess
from sync_in_process import Synced, sync

Json = Any

BILLS, STREAM = "accounts-payable/bill", "bills"
LINE = {"txnAmount": "15.00", "glAccount.id": "6000", "dimensions.location.id": "CA"}
BILL = {
    "vendor.id": "VEND-100",
    "billNumber": "B-1",
    "createdDate": "2026-01-10",
    "dueDate": "2026-02-10",
    "currency.txnCurrency": "USD",
    "lines": [LINE],
}


@pytest.fixture
def config(emulator: EmulatorProcess, config_for: Callable[..., Json]) -> Json:
    return config_for(emulator, object_type="Bill", operation="insert")


def write(config: Json, row: Json) -> Synced:
    return sync(config, catalog(configured_stream(STREAM, columns=tuple(row))), [record(STREAM, row)])


def without(*names: str) -> Json:
    return {name: value for name, value in BILL.items() if name not in names}


def test_a_bill_whose_term_gives_its_due_date_is_created(emulator: EmulatorProcess, config: Json) -> None:
    emulator.hold("accounts-payable/term", {"id": "N7", "due": {"days": 7}})

    for number, row in enumerate((without("dueDate"), BILL)):
        written = write(config, {**row, "term.id": "N7", "billNumber": f"B-{number}"})
        assert (written.outcomes(STREAM), written.rejections) == ({"created": 1}, [])

    assert [each["term"]["id"] for each in emulator.records(BILLS)] == ["N7", "N7"]


def test_a_line_with_an_allocation_needs_no_location(emulator: EmulatorProcess, config: Json) -> None:
    share = {"value": "100", "dimensions": {"location": {"id": "CA"}}}
    emulator.hold("general-ledger/txn-allocation-template", {"id": "RENT", "lines": [share]})
    line = {"txnAmount": "15.00", "glAccount.id": "6000", "allocation.id": "RENT"}

    written = write(config, {**BILL, "lines": [line]})

    assert (written.outcomes(STREAM), written.rejections) == ({"created": 1}, [])
    assert emulator.records(BILLS)[0]["lines"][0]["allocation"]["id"] == "RENT"


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (without("dueDate"), "The Date Due field is missing a value."),
        (without("currency.txnCurrency"), "/currency/txnCurrency"),
        ({**BILL, "lines": [{"txnAmount": "15.00", "glAccount.id": "6000"}]}, "/lines/0/dimensions/location"),
    ],
)
def test_what_this_company_requires_is_rejected_in_the_words_of_sage(
    emulator: EmulatorProcess, config: Json, row: Json, said: str
) -> None:
    written = write(config | {"rejected_rows": {"policy": "continue"}}, row)

    assert written.outcomes(STREAM) == {"rejected": 1}
    assert "Sage Intacct says: " in written.rejections[0]
    assert said in written.rejections[0]
    assert emulator.records(BILLS) == []

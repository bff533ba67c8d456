"""Lists that a line owns, such as its taxes: a document that is sent again keeps its lines unless one has changed."""

from collections.abc import Callable
from typing import Any

from emulator_process import EmulatorProcess
from invoices import STREAM, invoice, line, line_keys, write

Json = Any


def taxed(amount: str, rate: int) -> Json:
    return line(amount) | {"taxEntries": [{"taxRate": rate, "txnTaxAmount": "40.00"}]}


def test_lines_with_taxes_are_replaced_only_when_a_tax_has_changed(
    emulator: EmulatorProcess, config_for: Callable[..., Json]
) -> None:
    config = config_for(emulator)
    rows = [invoice(1, taxed("400", rate), taxed("400", 5)) for rate in (10, 10, 11, 11)]

    synced, keys = [], []
    for row in rows:
        synced.append(write(config, row))
        keys.append(line_keys(emulator))

    assert [each.error for each in synced] == [None] * 4
    assert [each.outcomes(STREAM) for each in synced] == [
        {"created": 1},
        {"unchanged": 1},
        {"updated": 1},
        {"unchanged": 1},
    ]
    assert keys[0] == keys[1] != keys[2] == keys[3]

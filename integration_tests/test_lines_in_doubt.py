"""Lines are sent only where the record's own are known, and never again before the record was looked at."""

from collections.abc import Callable
from typing import Any

import pytest
from emulator_process import EmulatorProcess
from invoices import STREAM, amounts, invoice, write
from tampering import tampering, with_first_failed, without_lines

from destination_sage_intacct.intacct.classify import Answer
from destination_sage_intacct.intacct.transport import HttpRequest

Json = Any


@pytest.fixture
def config(emulator: EmulatorProcess, config_for: Callable[..., Json]) -> Json:
    return config_for(emulator)


def is_read(request: HttpRequest) -> bool:
    return request.method == "GET" and "/invoice/" in request.url


@pytest.mark.parametrize(
    ("status", "outcomes", "held"), [(500, {"updated": 2}, [10, 21]), (404, {"updated": 1, "rejected": 1}, [10, 20])]
)
def test_a_record_that_cannot_be_read_with_the_others_concerns_its_own_row_alone(
    emulator: EmulatorProcess, config: Json, status: int, outcomes: Json, held: list[int]
) -> None:
    write(config, invoice(1, "10", "20"), invoice(2, "5"))

    def tamper(request: HttpRequest, answer: Answer) -> Answer:
        return with_first_failed(answer, status) if is_read(request) and "," in request.url else answer

    synced = write(config, invoice(1, "10", "21"), invoice(2, "6"), transport=tampering(tamper))

    assert synced.outcomes(STREAM) == outcomes
    assert amounts(emulator) == {"I-1": held, "I-2": [6]}


def test_no_line_is_sent_to_a_record_whose_own_lines_are_not_told(emulator: EmulatorProcess, config: Json) -> None:
    write(config, invoice(1, "10", "20"))

    def tamper(request: HttpRequest, answer: Answer) -> Answer:
        return without_lines(answer) if is_read(request) else answer

    synced = write(config, invoice(1, "10", "20"), transport=tampering(tamper))

    assert synced.outcomes(STREAM) == {"rejected": 1}
    assert "field lines: Sage Intacct returns the record without its own lines" in synced.rejections[0]
    assert amounts(emulator) == {"I-1": [10, 20]}


def test_lines_of_a_batch_that_landed_although_it_says_that_it_failed_are_not_doubled(
    emulator: EmulatorProcess, config: Json
) -> None:
    write(config, invoice(1, "10", "20"), invoice(2, "5"))

    def tamper(request: HttpRequest, answer: Answer) -> Answer:
        is_batch = request.method == "PATCH" and request.url.endswith("/invoice")
        return with_first_failed(answer, 500) if is_batch else answer

    synced = write(config, invoice(1, "10", "21"), invoice(2, "6"), transport=tampering(tamper))

    assert synced.outcomes(STREAM) == {"updated": 2}
    assert amounts(emulator) == {"I-1": [10, 21], "I-2": [6]}


@pytest.mark.parametrize("when", ["before", "after"])
def test_lines_sent_by_put_whose_answer_is_lost_are_there_once(
    emulator_with: Callable[..., EmulatorProcess], config_for: Callable[..., Json], when: str
) -> None:
    emulator = emulator_with("--update-method", "PUT")
    config = config_for(emulator)
    write(config, invoice(1, "10", "20"))
    keyed = {"key": emulator.records("accounts-receivable/invoice")[0]["lines"][0]["key"], "txnAmount": "11"}
    emulator.fault(
        route="/objects/accounts-receivable/invoice/*", method="PUT", nth=[1], action={"kind": "cut", "when": when}
    )

    synced = write(config, invoice(1, keyed, "30"))

    assert synced.outcomes(STREAM) == {"updated": 1}
    assert amounts(emulator) == {"I-1": [11, 20, 30]}

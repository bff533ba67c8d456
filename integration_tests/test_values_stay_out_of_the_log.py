"""Whole syncs in which Sage Intacct quotes the values of rows: none is in any output, unless a setting asks for it."""

from collections.abc import Callable
from typing import Any

import pytest
from airbyte_input import catalog, configured_stream, record, stream_state
from connector_process import Finished, run
from emulator_process import EmulatorProcess

Json = Any
NAME = "Zyx Secret Holding"
ROW = {"id": "C-9", "name": NAME, "notes": "of nobody's business", "creditLimit": 1234567.5, "taxId": "77-88991"}
STREAMS = catalog(configured_stream("rows", columns=list(ROW), primary_key=[["id"]]))
QUOTED = f"Invalid name '{NAME.upper()}', limit 1,234,567.50, tax id 77-88991, cut '{NAME[:10]}...' and x{NAME}x of C-9"
LEAKS = (NAME.lower(), "zyx secret", "1,234,567", "1234567", "77-88991", "nobody")


def body(message: str, **more: str) -> Json:
    error = {"code": "invalidRequest", "message": message, "errorId": "REST-1", **more}
    return {"ia::result": {"ia::error": error}, "ia::meta": {"totalCount": 1, "totalSuccess": 0, "totalError": 1}}


def sync(emulator: EmulatorProcess, config: Json, status: int, route: str, answer: Json) -> Finished:
    emulator.fault(route=route, action={"kind": "status", "status": status, "body": answer, "when": "before"})
    return run("write", config, STREAMS, [record("rows", ROW), stream_state("rows", 1)])


@pytest.mark.parametrize("status", [400, 403, 409, 422, 500, 503])
@pytest.mark.parametrize("route", ["/objects/*", "/services/core/query"])
@pytest.mark.parametrize("more", [{}, {"target": f"/{NAME}"}, {"code": NAME, "errorId": NAME}, {"correction": QUOTED}])
def test_no_value_is_in_any_output(
    emulator: EmulatorProcess, config_for: Callable[..., Json], status: int, route: str, more: dict[str, str]
) -> None:
    config = config_for(emulator, max_retries=0, matching={"by": "fields", "fields": ["id"]})

    finished = sync(emulator, config, status, route, body(QUOTED, **more))

    assert finished.code == 1
    said = (finished.stdout + finished.stderr).lower()
    assert [leak for leak in LEAKS if leak in said] == []


def test_a_rejected_row_of_a_batch_shows_no_value_of_another(
    emulator: EmulatorProcess, config_for: Callable[..., Json]
) -> None:
    error = {"ia::error": {"code": "invalidRequest", "message": QUOTED, "errorId": "REST-1"}, "ia::status": 400}
    answer = {"ia::result": [error, error], "ia::meta": {"totalCount": 2, "totalSuccess": 0, "totalError": 2}}
    emulator.fault(
        route="/objects/*",
        method="POST",
        nth=[1],
        action={"kind": "status", "status": 207, "body": answer, "when": "before"},
    )
    config = config_for(emulator, operation="insert", rejected_rows={"policy": "continue"})
    lines = [record("rows", ROW), record("rows", {"id": "C-8", "name": "Other"}), stream_state("rows", 1)]

    finished = run("write", config, STREAMS, lines)

    assert len(finished.rejections) == 2
    said = (finished.stdout + finished.stderr).lower()
    assert [leak for leak in LEAKS if leak in said] == []


def test_a_setting_shows_them_where_rows_are_rejected(
    emulator: EmulatorProcess, config_for: Callable[..., Json]
) -> None:
    config = config_for(emulator, show_rejected_values=True)
    emulator.fault(route="/objects/*", action={"kind": "status", "status": 422, "body": body(QUOTED), "when": "before"})

    row = {**ROW, "name": "shown"}
    lines = [record("rows", row), stream_state("rows", 1)]
    finished = run("write", config, STREAMS, lines, shows_values=True)

    (line,) = finished.rejections
    assert QUOTED in line

"""What a source really emits: its catalog and its rows, read from the source's own process, decimals kept exact."""

import json
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from pyairbyte_environment import run_offline

Row = dict[str, Any]
Columns = dict[str, Any]  # the JSON schema of each column


def read_columns(source: Path, config: Row, folder: Path) -> dict[str, Columns]:
    """Return the columns of each stream, by the source's discover."""
    (folder / "source.json").write_text(json.dumps(config), "utf-8")
    streams = _messages(source, ["discover", "--config", "source.json"], folder, "CATALOG")[0]["streams"]
    (folder / "catalog.json").write_text(
        json.dumps({"streams": [_configured(stream) for stream in streams]}), encoding="utf-8"
    )
    return {stream["name"]: stream["json_schema"]["properties"] for stream in streams}


def read_rows(source: Path, folder: Path) -> dict[str, list[Row]]:
    """Return the rows of each stream that `read_columns` found, in the order in which they come."""
    arguments = ["read", "--config", "source.json", "--catalog", "catalog.json"]
    rows: dict[str, list[Row]] = {}
    for record in _messages(source, arguments, folder, "RECORD"):
        rows.setdefault(record["stream"], []).append(record["data"])
    return rows


def _configured(stream: Row) -> Row:
    return {"stream": stream, "sync_mode": "full_refresh", "destination_sync_mode": "append"}


def _messages(source: Path, arguments: Sequence[str], folder: Path, kind: str) -> list[Row]:
    finished = run_offline([source, *arguments], folder)
    assert finished.returncode == 0, finished.stdout[-2000:] + finished.stderr[-2000:]
    messages = [json.loads(line, parse_float=Decimal) for line in finished.stdout.splitlines()]
    return [message[kind.lower()] for message in messages if message["type"] == kind]

"""What a newcomer does first, as README and the connector's page say it, with a table that has ids of its own.

The steps are read from the pages and done word for word; a step that no program here knows makes a test fail.
"""

import json
import re
import shlex
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from airbyte_form import sent, untouched
from airbyte_input import CLIENT_CREDENTIALS, catalog, configured_stream, record, stream_state
from connector_process import COMMAND, ROOT, outcomes_told
from emulator_process import EmulatorProcess
from markdown_page import CONNECTOR_PAGE, blocks, section

from destination_sage_intacct.config import load_spec

Json = Any

README = ROOT / "README.md"
CUSTOMERS = "accounts-receivable/customer"
FORM = load_spec()["connectionSpecification"]
TABLE = [{"id": f"K-{number}", "name": f"Customer {number}", "taxId": f"T{number}"} for number in range(1, 6)]
MODES = {"Append + Deduped": "append_dedup", "Append": "append"}


@pytest.fixture
def run_command(tmp_path: Path, emulator: EmulatorProcess) -> Callable[..., list[Json]]:
    """Run a command of the page in a folder that holds its files; returns the messages."""

    def run(command: str, config: Json, streams: Json) -> list[Json]:
        # What a newcomer has at hand: a company, a user and an app, here those of the emulator.
        own = {"company_id": "demo", "credentials": CLIENT_CREDENTIALS, "api_url": emulator.url}
        (tmp_path / "config.json").write_text(json.dumps({**config, **own}))
        (tmp_path / "catalog.json").write_text(json.dumps(streams))
        lines = [*(record("customers", row) for row in TABLE), stream_state("customers", 1)]
        (tmp_path / "messages.jsonl").write_text("".join(f"{json.dumps(line)}\n" for line in lines))
        program = shlex.join(COMMAND)
        finished = subprocess.run(
            ["bash", "-c", command.replace(".venv/bin/destination-sage-intacct", program)],
            cwd=tmp_path,
            capture_output=True,
            timeout=60,
            check=False,
            text=True,
        )
        assert finished.returncode == 0, finished.stdout + finished.stderr
        return [json.loads(line) for line in finished.stdout.splitlines()]

    return run


def upserted() -> Json:
    return catalog(configured_stream("customers", "append_dedup", columns=tuple(TABLE[0]), primary_key=[["id"]]))


def outcomes(messages: list[Json]) -> dict[str, int]:
    log = [message["log"]["message"] for message in messages if message["type"] == "LOG"]
    return outcomes_told([line for line in log if line.startswith("Summary of ")], "customers")


def assert_table_is_there_once(emulator: EmulatorProcess) -> None:
    held = [each for each in emulator.records(CUSTOMERS) if each["id"].startswith("K-")]
    assert sorted((each["id"], each["name"], each["taxId"]) for each in held) == [tuple(row.values()) for row in TABLE]


def test_readmes_first_configuration_brings_a_table_of_own_ids(
    emulator: EmulatorProcess, run_command: Callable[..., list[Json]]
) -> None:
    (first,) = [block.text for block in blocks(README) if block.heading == "A first configuration"]
    config = json.loads(first)
    commands = [line.strip() for line in README.read_text().splitlines() if "bin/destination-sage-intacct " in line]
    assert [command.split()[1] for command in commands] == ["spec", "check", "discover", "write"]

    said = {command.split()[1]: run_command(command, config, upserted()) for command in commands}

    assert said["spec"][-1]["type"] == "SPEC"
    assert said["check"][-1]["connectionStatus"] == {"status": "SUCCEEDED"}
    assert said["discover"][-1]["type"] == "DESTINATION_CATALOG"
    assert config.pop("dry_run") is True
    assert outcomes(said["write"]) == {"created": len(TABLE)}
    assert not [each for each in emulator.records(CUSTOMERS) if each["id"].startswith("K-")]

    assert "Remove it when the summary is what you expect." in " ".join(README.read_text().split())
    assert outcomes(run_command(commands[-1], config, upserted())) == {"created": len(TABLE)}
    assert_table_is_there_once(emulator)
    assert outcomes(run_command(commands[-1], config, upserted())) == {"unchanged": len(TABLE)}
    assert_table_is_there_once(emulator)


def steps(heading: str) -> list[str]:
    """Return the numbered steps under a heading of the page, each in one line."""
    text = section(CONNECTOR_PAGE, heading)
    return [
        " ".join(step.split())
        for step in re.findall(r"^\d+\. (.*?)(?=^\d+\. |\Z|\n\n)", text, re.DOTALL | re.MULTILINE)
    ]


def named(title: str) -> str:
    """Return the setting that the form shows under a title."""
    (name,) = [name for name, setting in FORM["properties"].items() if setting["title"] == title]
    return str(name)


def form_of(page_steps: list[str]) -> Json:
    """Fill in Airbyte's form as the steps say, for a table of customers with ids of its own."""
    form = untouched(FORM)
    done: list[str] = []
    for step in page_steps:
        bold = re.findall(r"\*\*(.+?)\*\*", step)
        match bold:
            case ["Destinations > New destination > Sage Intacct"]:
                done.append("open")
            case ["Company ID", "Authentication", "Object Type"]:
                form |= {named(bold[0]): "demo", named(bold[1]): CLIENT_CREDENTIALS, named(bold[2]): "Customer"}
                done.append("fill in")
            case ["Matching", "By fields", "By record key"]:
                (branch,) = [each for each in FORM["properties"]["matching"]["oneOf"] if each["title"] == bold[1]]
                field = re.search(r"such as `(\w+)` for customers", step)
                assert field is not None
                form[named(bold[0])] = {**untouched(branch), "fields": [field[1]]}
                done.append("match")
            case ["Streams"] | ["Entity ID"]:
                assert named(bold[0])  # for streams of other objects, and for companies with entities
                done.append("optional")
            case ["Test and save"]:
                done.append("save")
            case ["Rejected Rows", "Object Storage"]:
                done.append("optional")
            case _:
                raise AssertionError(f"a step that is not known here: {step}")
    assert done == ["open", "fill in", "match", "optional", "optional", "optional", "save"]
    return sent(FORM, form)


def test_the_pages_steps_bring_a_table_of_own_ids(
    emulator: EmulatorProcess, run_command: Callable[..., list[Json]]
) -> None:
    destination = form_of(steps("Step 5: Set up the destination in Airbyte"))
    modes, dry, off = steps("Step 6: Set up the connection")
    assert re.search(r"\*\*Append \+ Deduped\*\* creates or updates them", modes)
    assert "primary key" in modes
    assert "Turn on **Dry Run**" in dry
    assert off == "Turn it off and sync."
    write = ".venv/bin/destination-sage-intacct write --config config.json --catalog catalog.json < messages.jsonl"
    check = ".venv/bin/destination-sage-intacct check --config config.json"

    assert run_command(check, destination, {})[-1]["connectionStatus"] == {"status": "SUCCEEDED"}
    tried = run_command(write, destination | {named("Dry Run"): True}, upserted())
    assert outcomes(tried) == {"created": len(TABLE)}
    assert outcomes(run_command(write, destination, upserted())) == {"created": len(TABLE)}
    assert_table_is_there_once(emulator)
    assert outcomes(run_command(write, destination, upserted())) == {"unchanged": len(TABLE)}
    assert_table_is_there_once(emulator)

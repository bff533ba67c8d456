"""Whoever follows the pages from the top gets what they say: every command and every output is tried here."""

import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from connector_process import run
from declared_oauth import ask
from emulator_process import EmulatorProcess
from markdown_page import CONNECTOR_PAGE, ROOT, Block, blocks
from page_commands import free_port, run_blocks

Json = Any

FIRST_SYNC = "A first sync without Sage Intacct"
BY_HAND = "A refresh token by hand"
PRODUCTION = "https://api.intacct.com/ia/api/v1"
REDIRECT_ADDRESS = "https://cloud.airbyte.com/auth_flow"

pytestmark = [
    pytest.mark.skipif(
        not Path(sys.executable).with_name("intacct-emulator").exists(),
        reason="the project is not installed into this interpreter's environment; `make test` installs it",
    ),
    pytest.mark.skipif(
        not (shutil.which("bash") and shutil.which("curl")), reason="the pages' commands need bash and curl"
    ),
]


def of(heading: str, *languages: str) -> list[Block]:
    return [block for block in blocks(CONNECTOR_PAGE) if block.heading == heading and block.language in languages]


def test_every_block_of_the_page_is_tried() -> None:
    """Blocks in JSON are configurations, which the unit tests take in; there is no other place for a command."""
    shown = blocks(CONNECTOR_PAGE)

    assert {block.language for block in shown} == {"bash", "json", "text"}
    assert {block.heading for block in shown if block.language != "json"} == {FIRST_SYNC, BY_HAND}


def test_a_first_sync_from_the_top_prints_what_the_page_shows(tmp_path: Path) -> None:
    shown = of(FIRST_SYNC, "bash", "text")
    commands = [block.text for block in shown if block.language == "bash"]

    ran = run_blocks(commands, tmp_path, {"8000": str(free_port())})

    assert ran.codes == [0] * len(commands), ran.outputs
    printed = iter(ran.outputs)
    for command, after in zip(shown, [*shown[1:], None], strict=True):
        if command.language == "bash":
            expected = after.text.strip("\n") if after and after.language == "text" else ""
            assert next(printed) == expected, command.text


def test_a_refresh_token_is_had_by_hand_as_the_page_shows(
    emulator: EmulatorProcess, config_for: Callable[..., dict[str, Json]], tmp_path: Path
) -> None:
    (address,), (transport,) = of(BY_HAND, "text"), of(BY_HAND, "bash")
    filled_in = {"CLIENT_ID": "demo-client", "CLIENT_SECRET": "demo-secret", "REDIRECT_ADDRESS": REDIRECT_ADDRESS}
    url = address.text.strip().replace(PRODUCTION, emulator.url)
    for shown, actual in filled_in.items():
        url = url.replace(shown, actual)
    status, headers, _ = ask("GET", url)
    assert status == 302
    assert headers["location"].startswith(REDIRECT_ADDRESS)
    (code,) = parse_qs(urlsplit(headers["location"]).query)["code"]

    (answer,) = run_blocks(
        [transport.text.replace("curl ", "curl --silent ")],
        tmp_path,
        {PRODUCTION: emulator.url, **filled_in, "'code=CODE'": f"'code={code}'"},
    ).outputs

    (pasted,) = of(BY_HAND, "json")
    credentials = json.loads(pasted.text)["credentials"] | {
        "client_id": "demo-client",
        "client_secret": "demo-secret",
        "refresh_token": json.loads(answer)["refresh_token"],
    }
    emulator.expire_tokens()
    assert run("check", config_for(emulator, credentials=credentials)).status == {"status": "SUCCEEDED"}


@pytest.mark.parametrize("number", [0, 1])
def test_the_configurations_that_sign_in_pass_the_check_with_credentials_that_are_right(
    emulator: EmulatorProcess, number: int
) -> None:
    """The first is by client credentials, the last by an access token."""
    heading = ("Client credentials", "An access token")[number]
    shown = json.loads(of(heading, "json")[0].text)
    right = {"client_id": "demo-client", "client_secret": "demo-secret", "user_id": "demo"}
    if number:
        right = {"access_token": "demo-access-token"}
    config = {
        "object_type": "Customer",
        **shown,
        "company_id": "demo",
        "credentials": {"auth_type": shown["credentials"]["auth_type"], **right},
        "api_url": emulator.url,
    }
    assert shown["credentials"].keys() == config["credentials"].keys()

    assert run("check", config).status == {"status": "SUCCEEDED"}


def test_the_commands_of_the_readme_work_on_its_configuration(emulator: EmulatorProcess, tmp_path: Path) -> None:
    """With the emulator's address and credentials, and the demo's rows."""
    (configuration, *_) = [block for block in blocks(ROOT / "README.md") if block.language == "json"]
    config = json.loads(configuration.text) | {"api_url": emulator.url, "company_id": "demo"}
    config["credentials"] |= {"client_id": "demo-client", "client_secret": "demo-secret", "user_id": "demo"}
    (tmp_path / "config.json").write_text(json.dumps(config), "utf-8")
    for name in ("catalog.json", "messages.jsonl"):
        shutil.copy(ROOT / "demo/compose" / name, tmp_path)
    lines = (ROOT / "README.md").read_text("utf-8").splitlines()
    program = "    .venv/bin/"
    commands = [line.removeprefix(program) for line in lines if line.startswith(f"{program}destination-sage-intacct ")]

    ran = run_blocks(commands, tmp_path, {})

    assert [command.split()[1] for command in commands] == ["spec", "check", "discover", "write"]
    assert ran.codes == [0, 0, 0, 0], ran.outputs
    types = [{json.loads(line)["type"] for line in output.splitlines()} for output in ran.outputs]
    assert types == [{"SPEC"}, {"CONNECTION_STATUS"}, {"DESTINATION_CATALOG"}, {"LOG"}]
    assert "Dry run: nothing was written" in ran.outputs[-1]

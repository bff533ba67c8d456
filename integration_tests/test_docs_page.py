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
from markdown_page import AS_CODE_PAGE, CONNECTOR_PAGE, FIRST_SYNC_PAGE, ROOT, SITE_PAGES, TOKENS_PAGE, Block, blocks
from page_commands import free_port, run_blocks

Json = Any

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


def of(page: Path, *languages: str) -> list[Block]:
    return [block for block in blocks(page) if block.language in languages]


def test_every_block_of_the_pages_is_tried() -> None:
    """Blocks in JSON are configurations, which the unit tests take in, as they do the example for Terraform."""
    shown = {(page, block.language) for page in (*SITE_PAGES, FIRST_SYNC_PAGE) for block in blocks(page)}

    assert shown == {
        (CONNECTOR_PAGE, "json"),
        *((TOKENS_PAGE, language) for language in ("json", "text", "bash")),
        *((AS_CODE_PAGE, language) for language in ("hcl", "python", "bash")),
        *((FIRST_SYNC_PAGE, language) for language in ("bash", "text")),
    }


def test_a_first_sync_from_the_top_prints_what_the_page_shows(tmp_path: Path) -> None:
    shown = of(FIRST_SYNC_PAGE, "bash", "text")
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
    (address,), (transport,) = of(TOKENS_PAGE, "text"), of(TOKENS_PAGE, "bash")
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

    pasted, _ = of(TOKENS_PAGE, "json")
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
    block = (of(CONNECTOR_PAGE, "json")[0], of(TOKENS_PAGE, "json")[-1])[number]
    shown = json.loads(block.text)
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


def commands_of_readme() -> list[str]:
    program = "    .venv/bin/"
    lines = (ROOT / "README.md").read_text("utf-8").splitlines()
    return [line.removeprefix(program) for line in lines if line.startswith(f"{program}destination-sage-intacct ")]


def commands_as_code() -> list[str]:
    (block,) = of(AS_CODE_PAGE, "bash")
    return block.text.splitlines()


@pytest.mark.parametrize(
    ("commands", "verbs"),
    [
        pytest.param(commands_of_readme(), ["spec", "check", "discover", "write"], id="README"),
        pytest.param(commands_as_code(), ["check", "discover", "write"], id="as code"),
    ],
)
def test_the_commands_of_the_pages_work_on_the_first_configuration(
    emulator: EmulatorProcess, tmp_path: Path, commands: list[str], verbs: list[str]
) -> None:
    """With the emulator's address and credentials, and the demo's rows."""
    (configuration, *_) = of(ROOT / "README.md", "json")
    config = json.loads(configuration.text) | {"api_url": emulator.url, "company_id": "demo"}
    config["credentials"] |= {"client_id": "demo-client", "client_secret": "demo-secret", "user_id": "demo"}
    (tmp_path / "config.json").write_text(json.dumps(config), "utf-8")
    for name in ("catalog.json", "messages.jsonl"):
        shutil.copy(ROOT / "demo/compose" / name, tmp_path)

    ran = run_blocks(commands, tmp_path, {})

    assert [command.split()[1] for command in commands] == verbs
    assert ran.codes == [0] * len(commands), ran.outputs
    answers = {"spec": "SPEC", "check": "CONNECTION_STATUS", "discover": "DESTINATION_CATALOG", "write": "LOG"}
    types = [{json.loads(line)["type"] for line in output.splitlines()} for output in ran.outputs]
    assert types == [{answers[verb]} for verb in verbs]
    assert "Dry run: nothing was written" in ran.outputs[-1]

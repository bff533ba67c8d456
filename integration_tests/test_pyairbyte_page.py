"""The page's example for PyAirbyte runs as it is shown, and brings its rows into the emulator without the dry run."""

from pathlib import Path

from emulator_process import EmulatorProcess
from markdown_page import AS_CODE_PAGE, blocks
from pyairbyte_environment import (
    BIN,
    DESTINATION,
    SOURCE_FAKER,
    log_of_the_destination,
    require_pyairbyte,
    run_offline,
)

CONTACTS = "company-config/contact"


def test_the_example_for_pyairbyte_does_what_it_says(emulator: EmulatorProcess, tmp_path: Path) -> None:
    require_pyairbyte()
    (shown,) = [block.text for block in blocks(AS_CODE_PAGE) if block.language == "python"]
    own = {
        'get_source("source-faker"': f'get_source("source-faker", local_executable="{SOURCE_FAKER}"',
        '"destination-sage-intacct",\n    local_executable="destination-sage-intacct"': (
            f'"destination-sage-intacct",\n    local_executable="{DESTINATION}"'
        ),
        '"company_id": "acme"': f'"company_id": "demo", "api_url": "{emulator.url}"',
        "the client ID of your app": "demo-client",
        "the client secret of your app": "demo-secret",
        '"airbyte_sync"': '"demo"',
    }
    for page, test in own.items():
        assert shown.count(page) == 1, page
        shown = shown.replace(page, test)
    before = len(emulator.records(CONTACTS))

    dry = run_offline([BIN / "python", "-c", shown], tmp_path)

    assert dry.returncode == 0, dry.stdout + dry.stderr
    assert "Dry run: nothing was written" in log_of_the_destination(tmp_path)
    assert len(emulator.records(CONTACTS)) == before

    real = run_offline([BIN / "python", "-c", shown.replace('"dry_run": True', '"dry_run": False')], tmp_path)

    assert real.returncode == 0, real.stdout + real.stderr
    users = emulator.records(CONTACTS)[before:]
    assert len(users) == 10
    assert all(user["printAs"] for user in users)

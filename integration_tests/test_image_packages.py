"""What the image's lock holds is what the verbs import: nothing is missing, nothing is idle."""

import json
import re
import subprocess
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any

import connector_process
import pytest
from airbyte_input import catalog, configured_stream, record, stream_state
from connector_process import Finished
from emulator_process import EmulatorProcess
from image_wheels import IMAGE_LOCK, ROOT, locked
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from stored_rejections import StoredFiles

Configure = Callable[..., dict[str, Any]]

CONNECTOR = "destination-sage-intacct"
STREAMS = catalog(configured_stream("customers", columns=("id", "name"), primary_key=[["id"]]))
BY_ID = {"by": "fields", "fields": ["id"]}
ROWS = [
    record("customers", {"id": f"PACKAGES-{number}", "name": "A customer" if number else None}) for number in (1, 0)
]
INSTALLED = """
import json
from importlib.metadata import distributions, packages_distributions
def name(stated): return stated.lower().replace("_", "-")
packages = {module: [name(each) for each in found] for module, found in packages_distributions().items()}
print(json.dumps([packages, {name(each.metadata["Name"]): each.requires or [] for each in distributions()}]))
"""


@pytest.fixture
def run(image_packages: Path) -> Callable[..., Finished]:
    """Run a verb by the console script of the image's environment."""
    return partial(connector_process.run, command=[image_packages / "bin" / CONNECTOR])


def said_by(image_packages: Path, *arguments: str | Path) -> str:
    command = (image_packages / "bin/python", *arguments)
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def with_requirements(names: Iterable[str], requirements: dict[str, list[str]]) -> set[str]:
    """Return the names, and those of what they need, and so on; without what only an extra needs."""
    found, waiting = set(), list(names)
    while waiting:
        if (name := waiting.pop()) not in found:
            found.add(name)
            needs = map(Requirement, requirements[name])
            waiting += [
                canonicalize_name(each.name)
                for each in needs
                if each.marker is None or each.marker.evaluate({"extra": ""})
            ]
    return found


def test_the_lock_alone_runs_spec_check_and_discover(
    run: Callable[..., Finished], emulator: EmulatorProcess, config_for: Configure
) -> None:
    config = config_for(emulator)

    assert len(run("spec", None).of_type("SPEC")) == 1
    assert run("check", config).status == {"status": "SUCCEEDED"}
    assert len(run("discover", config).of_type("DESTINATION_CATALOG")) == 1


def test_a_write_imports_every_package_of_the_lock(
    run: Callable[..., Finished],
    image_packages: Path,
    empty_emulator: EmulatorProcess,
    config_for: Configure,
    bucket: StoredFiles,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One row is written and one rejected into object storage, so that nothing is left that is imported only then."""
    monkeypatch.setenv("PYTHONPROFILEIMPORTTIME", "1")  # Python says on stderr what it imports
    config = config_for(empty_emulator, matching=BY_ID, object_storage_config=bucket.config)

    finished = run("write", config, STREAMS, [*ROWS, stream_state("customers", 1)])

    assert finished.outcomes("customers") == {"created": 1, "rejected": 1}
    assert len(bucket.rows()) == 1
    modules = re.findall(r"^import time:.*\|\s+([\w.]+)$", finished.stderr, re.MULTILINE)
    packages, requirements = json.loads(said_by(image_packages, "-P", "-c", INSTALLED))
    imported = {name for module in modules for name in packages.get(module.split(".")[0], ())} - {CONNECTOR}
    assert requirements.keys() == {*locked(IMAGE_LOCK), CONNECTOR}
    assert with_requirements(imported, requirements) == locked(IMAGE_LOCK).keys()


def test_the_bill_of_materials_is_the_lock(image_packages: Path) -> None:
    bill = json.loads(said_by(image_packages, "-P", ROOT / "sbom.py"))

    assert {each["name"]: each["version"] for each in bill["components"]} == locked(IMAGE_LOCK)
    assert all(each["purl"] == f"pkg:pypi/{each['name']}@{each['version']}" for each in bill["components"])
    assert [each["name"] for each in bill["components"] if not each["licenses"]] == []
    assert bill["metadata"]["component"]["name"] == CONNECTOR


def test_the_console_script_says_its_version(image_packages: Path) -> None:
    (version,) = re.findall(r'^VERSION = "(.+)"$', (ROOT / "setup.py").read_text("utf-8"), re.MULTILINE)
    command = (image_packages / "bin" / CONNECTOR, "--version")
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == f"{CONNECTOR} {version}\n"

"""A folder in which Airbyte's standard tests find this connector, whatever the folder of the checkout is called.

They take the connector's name, module and class from the name of the folder that they run in. This one has the right
name, links to the checkout, and the configurations of acceptance-test-config.yml with the address of an emulator.
"""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from airbyte_cdk.test.standard_tests import DestinationTestSuiteBase
from emulator_process import EmulatorProcess

CHECKOUT = Path(__file__).resolve().parents[1]
NAME = "destination-sage-intacct"
_SUITE = "acceptance-test-config.yml"


def make_acceptance_folder(parent: Path, emulator: EmulatorProcess) -> Path:
    """Make the folder; its configurations differ from the checkout's only in the address."""
    folder = parent / NAME
    for entry in (_SUITE, "metadata.yaml", "destination_sage_intacct"):
        (folder / entry).parent.mkdir(parents=True, exist_ok=True)
        (folder / entry).symlink_to(CHECKOUT / entry)
    for path in _config_paths():
        config = json.loads((CHECKOUT / path).read_text("utf-8"))
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(json.dumps({**config, "api_url": emulator.url}), "utf-8")
    return folder


def _config_paths() -> set[str]:
    sections: dict[str, Any] = yaml.safe_load((CHECKOUT / _SUITE).read_text("utf-8"))["acceptance_tests"]
    return {entry["config_path"] for section in sections.values() for entry in section["tests"]}


class AcceptanceSuite(DestinationTestSuiteBase):
    """Airbyte's tests of a destination, run in the folder above.

    What is None here are tests that have nothing to find out: the first asks Airbyte's public registry for the last
    published version, of which there is none; the others are for sources, and skip every destination.
    """

    folder = CHECKOUT  # whose list of configurations names the tests; while one runs, it is the folder above

    test_docker_image_spec_backward_compatibility = None
    test_docker_image_build_and_discover = None
    test_docker_image_build_and_read = None

    @classmethod
    def get_connector_root_dir(cls) -> Path:
        return cls.folder

    @pytest.fixture(autouse=True)
    def _in_the_folder(self, tmp_path: Path, emulator: EmulatorProcess, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(AcceptanceSuite, "folder", make_acceptance_folder(tmp_path, emulator))
        monkeypatch.setattr("tempfile.tempdir", str(tmp_path))  # the tests leave copies of the configurations there

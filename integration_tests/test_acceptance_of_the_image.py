"""Airbyte's own tests of a destination, on the image: it prints a sound form, and check answers as listed."""

import pytest
from acceptance_folder import AcceptanceSuite
from airbyte_cdk.test.standard_tests.pytest_hooks import pytest_generate_tests as pytest_generate_tests  # noqa: PLC0414
from image_engine import BuiltImages


class TestOnTheImage(AcceptanceSuite):
    """What runs in this process is in test_acceptance.py."""

    test_check = None
    test_config_matches_spec = None

    @pytest.fixture
    def connector_image_override(self, connector_image: BuiltImages, monkeypatch: pytest.MonkeyPatch) -> str:
        """Give the image that Airbyte's tests are to run, with the engine that holds it."""
        for name, value in connector_image.environment.items():
            monkeypatch.setenv(name, value)
        return connector_image.connector

    @pytest.fixture
    def connector_base_image_override(self) -> None:
        """Airbyte's tests build nothing."""

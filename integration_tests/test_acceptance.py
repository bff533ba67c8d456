"""Airbyte's own tests of a destination, in this process: the form takes each configuration, check answers as listed."""

from acceptance_folder import AcceptanceSuite
from airbyte_cdk.test.standard_tests.pytest_hooks import pytest_generate_tests as pytest_generate_tests  # noqa: PLC0414


class TestInProcess(AcceptanceSuite):
    """What runs the image is in test_acceptance_of_the_image.py."""

    test_docker_image_build_and_spec = None
    test_docker_image_build_and_check = None
    test_docker_image_build_and_config_matches_spec = None

"""Fixtures of the emulator's own tests."""

from collections.abc import Callable

import pytest
from emulator_process import EmulatorProcess

from emulator.emulator_rest import Rest


@pytest.fixture
def rest(emulator: EmulatorProcess) -> Rest:
    """Give a client of an emulator without flags."""
    return Rest(emulator)


@pytest.fixture
def rest_with(emulator_with: Callable[..., EmulatorProcess]) -> Callable[..., Rest]:
    """Give a client of an emulator with these flags."""
    return lambda *flags: Rest(emulator_with(*flags))

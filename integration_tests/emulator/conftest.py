"""Fixtures of the emulator's own tests."""

from collections.abc import Callable

import pytest
from emulator_process import EmulatorProcess

from emulator.clients_company import COMPANY
from emulator.emulator_rest import Rest
from emulator.wire import Wire


@pytest.fixture
def rest(emulator: EmulatorProcess) -> Rest:
    """Give a client of an emulator without flags."""
    return Rest(emulator)


@pytest.fixture
def rest_with(emulator_with: Callable[..., EmulatorProcess]) -> Callable[..., Rest]:
    """Give a client of an emulator with these flags."""
    return lambda *flags: Rest(emulator_with(*flags))


@pytest.fixture
def wire(emulator: EmulatorProcess) -> Wire:
    """Give the wire of an emulator without flags."""
    return Wire(emulator)


@pytest.fixture
def company(wire: Wire) -> Wire:
    """Give the wire of a company in which there is a record of every object that Fyle knows."""
    for written in COMPANY:
        wire.emulator.hold(written.path, written.body)
    return wire

"""Fixtures of the integration tests: emulators of several makes, and configurations that sign in to them."""

import os
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from airbyte_input import CLIENT_CREDENTIALS
from emulator_process import EmulatorProcess
from image_engine import BuiltImages, NoEngineError, built_images
from image_wheels import NoPackagesError, make_environment
from stored_rejections import StoredFiles, s3_server
from tracing import untraced

__all__ = ["untraced"]

Make = tuple[str, ...]

_OFTEN_SECONDS = 5e-6


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Spread the tests over several workers, if there are: a module goes to one, all that needs the images to one.

    So what a module shares is made once, and so is the one Docker engine. What takes longest comes first: at the end
    there are only the unit tests' small modules to share out, and no worker waits long for another.
    """
    if not hasattr(config, "workerinput"):
        return
    for item in items:
        needs_images = not {"connector_image", "image_packages"}.isdisjoint(getattr(item, "fixturenames", ()))
        item.add_marker(pytest.mark.xdist_group("images" if needs_images else item.path.stem))
    items.sort(key=_place_among_workers)


def _place_among_workers(item: pytest.Item) -> int:
    if item.get_closest_marker("xdist_group").args == ("images",):
        return 0
    return 1 if Path(__file__).parent in item.path.parents else 2


@pytest.fixture
def odd_turns() -> Iterator[None]:
    """Let threads take turns a thousand times as often as usual, so that they meet at odd places."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(_OFTEN_SECONDS)
    yield
    sys.setswitchinterval(usual)


@pytest.fixture(scope="session")
def _emulators() -> Iterator[Callable[..., EmulatorProcess]]:
    """Start an emulator once per set of flags."""
    started: dict[Make, EmulatorProcess] = {}

    def get(*flags: str) -> EmulatorProcess:
        if flags not in started:
            started[flags] = EmulatorProcess(*flags)
        return started[flags]

    yield get
    with ThreadPoolExecutor(max(1, len(started))) as all_at_once:
        list(all_at_once.map(EmulatorProcess.stop, started.values()))


@pytest.fixture(scope="session")
def emulator_with(_emulators: Callable[..., EmulatorProcess]) -> Callable[..., EmulatorProcess]:
    """Give an emulator with these flags, as fresh as one just started."""

    def get(*flags: str) -> EmulatorProcess:
        emulator = _emulators(*flags)
        emulator.reset()
        return emulator

    return get


@pytest.fixture
def emulator(emulator_with: Callable[..., EmulatorProcess]) -> EmulatorProcess:
    """Give an emulator without flags, as fresh as one just started."""
    return emulator_with()


@pytest.fixture
def empty_emulator(emulator_with: Callable[..., EmulatorProcess]) -> EmulatorProcess:
    """Give an emulator that holds no records, as fresh as one just started."""
    return emulator_with("--no-demo-data")


@pytest.fixture(scope="session")
def config_for() -> Callable[..., dict[str, Any]]:
    """Give a configuration for an emulator, records found by the column `key`."""

    def get(emulator: EmulatorProcess, **settings: Any) -> dict[str, Any]:
        return {
            "company_id": "demo",
            "object_type": "Customer",
            "matching": {"by": "record_key", "field": "key"},
            "api_url": emulator.url,
            "credentials": CLIENT_CREDENTIALS,
            **settings,
        }

    return get


@pytest.fixture(scope="session")
def connector_image() -> Iterator[BuiltImages]:
    """Give the images, built. Where there can be no engine the test is skipped, or fails if REQUIRE_CONTAINER is 1."""
    try:
        with built_images() as images:
            yield images
    except (NoEngineError, NoPackagesError) as reason:
        if os.environ.get("REQUIRE_CONTAINER") == "1":
            raise
        pytest.skip(str(reason))


@pytest.fixture(scope="session")
def image_packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give an environment with what the connector's image holds; skipped or failed as `connector_image` is."""
    place = tmp_path_factory.mktemp("image") / "connector"
    try:
        make_environment(place)
    except NoPackagesError as reason:
        if os.environ.get("REQUIRE_CONTAINER") == "1":
            raise
        pytest.skip(str(reason))
    return place


@pytest.fixture(scope="session")
def _s3_url() -> Iterator[str]:
    """Give the URL of an S3 API on loopback."""
    with s3_server() as url:
        yield url


@pytest.fixture
def bucket(_s3_url: str) -> StoredFiles:
    """Give a new bucket."""
    return StoredFiles(_s3_url)

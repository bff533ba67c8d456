"""The fixture of tests that are not measured for coverage, since measuring takes most of their time."""

from collections.abc import Iterator

import pytest
from coverage import Coverage


@pytest.fixture
def untraced(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Measure no coverage meanwhile, here or in the processes that are started: it takes half of their time or more.

    For modules that run many syncs or simulations, whose lines others reach too.
    """
    monkeypatch.delenv("COVERAGE_PROCESS_CONFIG", raising=False)
    measured = Coverage.current()
    if measured is not None:
        measured.stop()
    yield
    if measured is not None:
        measured.start()

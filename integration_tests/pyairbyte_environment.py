"""PyAirbyte, Airbyte's own client, in an environment of its own: where it is, and how it runs without a network.

It is no package of this project's environment: it pins other versions of the same libraries, and needs Python 3.11 or
3.12. `make test` installs it and source-faker under .tools, from requirements-pyairbyte.lock and
requirements-source-faker.lock.
"""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

_TOOLS = Path(__file__).resolve().parents[1] / ".tools"
BIN = _TOOLS / "pyairbyte/bin"
SOURCE_FAKER = _TOOLS / "source-faker/bin/source-faker"
DESTINATION = Path(sys.executable).with_name("destination-sage-intacct")
DEADLINE_SECONDS = 300


def require_pyairbyte() -> None:
    """Skip the tests where PyAirbyte cannot be; in CI, where it must be, fail them."""
    missing = [str(path) for path in (BIN / "pyab", SOURCE_FAKER) if not path.exists()]
    if not missing:
        return
    why = f"{' and '.join(missing)} not installed: `make test` does so where it finds Python 3.11 or 3.12"
    if os.environ.get("CI") == "true":
        pytest.fail(why)
    pytest.skip(why)


def run_offline(command: Sequence[str | Path], folder: Path, text: str = "") -> subprocess.CompletedProcess[str]:
    """Run a command of PyAirbyte or of a source to its end, with all that it writes in a folder."""
    offline = {"DO_NOT_TRACK": "1", "AIRBYTE_OFFLINE_MODE": "1", "NO_LIVE_PROGRESS": "1", "PYTHONWARNINGS": "ignore"}
    places = {f"AIRBYTE_{place}": str(folder / place) for place in ("PROJECT_DIR", "CACHE_ROOT", "LOGGING_ROOT")}
    places["HOME"] = str(folder)
    return subprocess.run(
        command,
        input=text,
        capture_output=True,
        text=True,
        check=False,
        timeout=DEADLINE_SECONDS,
        cwd=folder,
        # The smoke test starts its source by name.
        env={**os.environ, **offline, **places, "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"},
    )


def log_of_the_destination(folder: Path) -> str:
    """Return what the connector told PyAirbyte in the runs of a folder."""
    logs = sorted((folder / "LOGGING_ROOT").glob("destination-sage-intacct/*.log"))
    return "\n".join(log.read_text("utf-8") for log in logs)

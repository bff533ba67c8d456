"""The packages of the images as files: fetched once by pip with its own settings, served to the builds on loopback.

So a build needs neither this machine's settings of pip, nor its certificates, nor, after the first time, a network.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp

from image_base import pip_wheel
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[1]
IMAGE_LOCK = ROOT / "requirements-image.lock"
_BUILD_LOCK = ROOT / "requirements-build.lock"
_LOCKS = (IMAGE_LOCK, _BUILD_LOCK, ROOT / "requirements-emulator.lock")
_KEPT_IN = ROOT / ".tools/image"


class NoPackagesError(Exception):
    """The packages cannot be fetched; the text has pip's words."""


def wheels() -> Path:
    """Return the folder with the packages of these locks for this Python; it is kept until the locks change.

    Raises:
        NoPackagesError: there is no pip, or it cannot fetch one.
    """
    if pip_wheel() is None:
        raise NoPackagesError("this Python has no pip of its own (ensurepip)")
    digest = hashlib.sha256(b"".join(lock.read_bytes() for lock in _LOCKS)).hexdigest()[:12]
    kind = f"wheels-{sys.version_info.major}.{sys.version_info.minor}-"
    place = _KEPT_IN / f"{kind}{digest}"
    if place.is_dir():
        return place
    _KEPT_IN.mkdir(parents=True, exist_ok=True)
    for old in _KEPT_IN.glob(f"{kind}*"):
        shutil.rmtree(old)
    fetched = Path(mkdtemp(prefix="fetching-", dir=_KEPT_IN))
    try:
        for lock in _LOCKS:
            _fetch(lock, fetched)
        fetched.rename(place)  # a folder of this name is always complete
    finally:
        shutil.rmtree(fetched, ignore_errors=True)
    return place


def _fetch(lock: Path, folder: Path) -> None:
    flags = ("--no-deps", "--only-binary", ":all:", "--require-hashes", "--requirement", lock, "--dest", folder)
    finished = subprocess.run(
        [sys.executable, f"{pip_wheel()}/pip", "--disable-pip-version-check", "download", "--quiet", *flags],
        capture_output=True,
        text=True,
        check=False,
    )
    if finished.returncode:
        told = [line for line in finished.stderr.splitlines() if line.startswith("ERROR")]
        raise NoPackagesError(f"pip cannot fetch the packages of {lock.name}: {' '.join(told)}")


def locked(lock: Path) -> dict[str, str]:
    """Return the versions by the names of what a lock installs into this Python."""
    lines = [line.rstrip(" \\\n") for line in lock.read_text("utf-8").splitlines() if not line.startswith(" ")]
    wanted = [Requirement(line) for line in lines]
    return {each.name: str(each.specifier)[2:] for each in wanted if each.marker is None or each.marker.evaluate()}


def make_environment(place: Path) -> None:
    """Make the environment of the connector's image in a folder, as the Dockerfile does: of its lock, and the package.

    Raises:
        NoPackagesError: as `wheels`.
    """
    found = wheels()
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", place], check=True)
    flags = ("--no-compile", "--no-deps", "--require-hashes", "--requirement")
    _install(found, "--python", place, "install", *flags, IMAGE_LOCK)
    with TemporaryDirectory() as name:
        source = Path(name)
        _install(found, "install", "--target", source / "tools", *flags, _BUILD_LOCK)
        for file in ("setup.py", "pyproject.toml", "README.md"):
            shutil.copy(ROOT / file, source)
        shutil.copytree(ROOT / "destination_sage_intacct", source / "destination_sage_intacct")
        ours = ("--no-compile", "--no-deps", "--no-build-isolation", source)
        _install(found, "--python", place, "install", *ours, PYTHONPATH=str(source / "tools"))


def _install(found: Path, *arguments: str | Path, **environment: str) -> None:
    subprocess.run(
        [sys.executable, f"{pip_wheel()}/pip", *arguments, "--quiet", "--no-index", "--find-links", found],
        env={"PATH": os.environ["PATH"], "PIP_CONFIG_FILE": os.devnull, **environment},
        check=True,
    )


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve a folder on a free port of loopback; gives the address."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/"
        finally:
            server.shutdown()


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing: pip says what it lacks."""

"""The packages of the images as files: fetched once by pip with its own settings, served to the builds on loopback.

So a build needs neither this machine's settings of pip, nor its certificates, nor, after the first time, a network.
"""

import hashlib
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import mkdtemp

from image_base import pip_wheel

ROOT = Path(__file__).resolve().parents[1]
_LOCKS = (ROOT / "requirements-image.lock", ROOT / "requirements-emulator.lock")
_KEPT_IN = ROOT / ".tools/image"


class NoPackagesError(Exception):
    """The packages cannot be fetched; the text has pip's words."""


def wheels() -> Path:
    """Return the folder with the packages of both locks for this Python; it is kept until the locks change.

    Raises:
        NoPackagesError: pip cannot fetch one.
    """
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

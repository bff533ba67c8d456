"""A Docker engine of the tests' own, and in it the images of the Dockerfile, as it stands, on a stand-in of its base.

The engine runs in a folder of its own beside any other, touches neither the network's set-up nor other images, and
leaves nothing behind. It needs root on Linux and Debian's docker.io, whose client can build without plug-ins.
"""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from image_base import make_base, why_there_is_no_base
from image_wheels import ROOT, served, wheels

_CLIENT = Path("/usr/bin/docker")
_ENGINE = Path("/usr/sbin/dockerd")
_BASE = "docker.io/airbyte/python-connector-base:4.1.0"  # without a digest: with one, the engine asks a registry
# The engine makes no network for containers, so those started by others' tests get the machine's own.
_CLIENT_FOR_OTHERS = f"""#!/bin/sh
[ "$1" = run ] && shift && exec {_CLIENT} run --network host "$@"
exec {_CLIENT} "$@"
"""
# It ends with the tests, even if they are killed, and what it mounts ends with it. Its images are in memory, some
# 700 MB: on a disk it takes longer to remove their many files than to make them.
_ALONE = (
    *("setpriv", "--pdeathsig", "TERM", "unshare", "--mount"),
    *("sh", "-c", 'mount -t tmpfs images "$0" && exec "$@"'),
)
_START_SECONDS = 60
_STOP_SECONDS = 30


class NoEngineError(Exception):
    """No engine can be had on this machine; the text says why."""


@dataclass(frozen=True)
class BuiltImages:
    """The images in the tests' own engine, and the environment by which `docker` and the CDK find them.

    `environment` holds DOCKER_HOST, and a PATH on which `docker` is the client that fits the engine; what it runs is on
    this machine's network.
    """

    connector: str
    emulator: str
    base: str
    environment: dict[str, str]

    def docker(self, *arguments: str | Path) -> str:
        """Run the client; return what it wrote. A failure is an AssertionError with its words."""
        return _docker(self.environment, *arguments)


def why_there_is_no_engine() -> str | None:
    """Return why the images cannot be built and run here, and what would help; None if they can."""
    if sys.platform != "linux":
        return "the image is built and run on Linux only"
    if os.geteuid() != 0:
        return "building and running the image starts a Docker engine of its own, which needs root"
    if not (_CLIENT.exists() and _ENGINE.exists()):
        return "there is no Docker engine: install Debian's docker.io (apt-get install docker.io)"
    return why_there_is_no_base()


@contextmanager
def built_images() -> Iterator[BuiltImages]:
    """Start an engine, build both images; stop the engine and remove everything at the end, whatever happened.

    Raises:
        NoEngineError: the machine cannot do it.
        NoPackagesError: the packages for the images cannot be fetched.
    """
    if reason := why_there_is_no_engine():
        raise NoEngineError(reason)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="image-")))
        environment = stack.enter_context(_engine(folder))
        address = stack.enter_context(served(wheels()))
        _import_base(folder / "base", address, environment)
        images = BuiltImages("connector:test", "emulator:test", _BASE, environment)
        for target, name in (("connector", images.connector), ("emulator", images.emulator)):
            _build(target, name, environment)
        yield images


@contextmanager
def _engine(folder: Path) -> Iterator[dict[str, str]]:
    """Run an engine in a folder; gives the environment in which its client finds it."""
    programs = folder / "bin"
    programs.mkdir()
    (programs / "docker").write_text(_CLIENT_FOR_OTHERS, "utf-8")
    (programs / "docker").chmod(0o755)
    socket = f"unix://{folder}/engine.sock"
    environment = {
        **os.environ,
        "DOCKER_HOST": socket,
        "DOCKER_CONFIG": str(folder / "client"),
        "DOCKER_BUILDKIT": "1",
        "PATH": f"{programs}:{os.environ['PATH']}",
    }
    data = folder / "data"
    data.mkdir()
    places = ("--data-root", data, "--exec-root", folder / "exec", "--pidfile", folder / "engine.pid")
    network = ("--bridge=none", "--iptables=false", "--ip6tables=false", "--ip-forward=false", "--ip-masq=false")
    with (folder / "engine.log").open("wb") as log:
        engine = subprocess.Popen(
            [*_ALONE, data, _ENGINE, *places, *network, "--storage-driver", "overlay2", "--host", socket],
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        _wait_for(engine, folder, environment)
        yield environment
    finally:
        _stop(engine)


def _wait_for(engine: subprocess.Popen[bytes], folder: Path, environment: dict[str, str]) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while subprocess.run([_CLIENT, "version"], env=environment, capture_output=True, check=False).returncode:
        with suppress(subprocess.TimeoutExpired):
            engine.wait(0.1)
        if engine.returncode is not None or time.monotonic() > deadline:
            told = (folder / "engine.log").read_text("utf-8").splitlines()[-3:]
            raise NoEngineError(f"the Docker engine does not start: {' '.join(told)}")


def _stop(engine: subprocess.Popen[bytes]) -> None:
    """End the engine, which ends its containers and its containerd; if it will not, end its whole session."""
    engine.terminate()
    try:
        engine.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(engine.pid, 9)
        engine.wait()


def _import_base(root: Path, address: str, environment: dict[str, str]) -> None:
    root.mkdir(mode=0o755)
    make_base(root, address)
    path = "ENV PATH=/usr/local/bin:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin"
    with subprocess.Popen(["tar", "--directory", root, "--create", "."], stdout=subprocess.PIPE) as tar:
        settings = ("--change", path, "--change", "ENV LANG=C.UTF-8")
        subprocess.run(
            [_CLIENT, "import", *settings, "-", _BASE],
            stdin=tar.stdout,
            env=environment,
            check=True,
            capture_output=True,
        )
    shutil.rmtree(root)


def _build(target: str, name: str, environment: dict[str, str]) -> None:
    flags = ("--network", "host", "--build-arg", f"BASE_IMAGE={_BASE}", "--target", target, "--tag", name)
    _docker(environment, "build", "--progress=plain", *flags, ROOT)


def _docker(environment: dict[str, str], *arguments: str | Path) -> str:
    finished = subprocess.run([_CLIENT, *arguments], env=environment, capture_output=True, text=True, check=False)
    assert finished.returncode == 0, f"docker {arguments[0]} failed: {finished.stderr[-4000:]}"
    return finished.stdout

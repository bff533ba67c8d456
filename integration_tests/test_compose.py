"""compose.yaml, played with the engine alone: its two containers, on a network of their own."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import yaml
from image_engine import ROOT, BuiltImages

SERVICES: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))["services"]
CONNECTOR = SERVICES["connector"]
READ = """
import urllib.request
print(urllib.request.urlopen('http://127.0.0.1:8000/emulator/records/accounts-receivable/customer').read().decode())
"""


def rights(service: dict[str, Any]) -> list[str]:
    """Return what compose gives a service, as flags of `docker run`."""
    flags = ["--read-only"] if service.get("read_only") else []
    flags += [f"--cap-drop={name}" for name in service.get("cap_drop", ())]
    flags += [f"--tmpfs={place}" for place in service.get("tmpfs", ())]
    return flags + [f"--volume={volume.replace('.', str(ROOT), 1)}" for volume in service.get("volumes", ())]


@contextmanager
def emulator_container(images: BuiltImages) -> Iterator[str]:
    """Run the emulator until the engine finds it healthy; its network is its own loopback."""
    flags = rights(SERVICES["emulator"])
    container = images.docker("run", "--detach", "--network", "none", *flags, images.emulator).strip()
    try:
        watch = ("events", "--since", "0", "--filter", f"container={container}", "--format", "{{.Action}}")
        with subprocess.Popen(["docker", *watch], env=images.environment, stdout=subprocess.PIPE, text=True) as events:
            assert events.stdout is not None
            seen = next(line.strip() for line in events.stdout if line.startswith(("health_status", "die")))
            events.terminate()
        assert seen == "health_status: healthy", images.docker("logs", container)
        yield container
    finally:
        images.docker("rm", "--force", container)


@pytest.fixture(scope="module")
def emulator_beside(connector_image: BuiltImages) -> Iterator[str]:
    with emulator_container(connector_image) as container:
        yield container


def run_connector(images: BuiltImages, emulator: str, arguments: list[str], given: bytes = b"") -> list[dict[str, Any]]:
    assert CONNECTOR["network_mode"] == "service:emulator"
    network = ("--network", f"container:{emulator}")
    finished = subprocess.run(
        ["/usr/bin/docker", "run", "--rm", "--interactive", *network, *rights(CONNECTOR), images.connector, *arguments],
        env=images.environment,
        input=given,
        capture_output=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr.decode()
    return [json.loads(line) for line in finished.stdout.splitlines()]


def test_compose_up_ends_with_a_check_that_succeeds(connector_image: BuiltImages, emulator_beside: str) -> None:
    messages = run_connector(connector_image, emulator_beside, CONNECTOR["command"])

    (status,) = [each for each in messages if each["type"] == "CONNECTION_STATUS"]
    assert status["connectionStatus"] == {"status": "SUCCEEDED"}


def test_the_write_of_the_page_arrives(connector_image: BuiltImages, emulator_beside: str) -> None:
    """The arguments are those of docs/image.md."""
    (line,) = [
        line for line in (ROOT / "docs/image.md").read_text("utf-8").splitlines() if " -T connector write" in line
    ]
    arguments, given = line.split(" -T connector ")[1].split(" < ")

    messages = run_connector(connector_image, emulator_beside, arguments.split(), (ROOT / given).read_bytes())

    assert [each["type"] for each in messages].count("STATE") == 1
    held = connector_image.docker("exec", emulator_beside, "/opt/emulator/bin/python", "-c", READ)
    assert {"FROM-AIRBYTE-1", "FROM-AIRBYTE-2"} <= {each["id"] for each in json.loads(held)}

"""The connector's image, run as Airbyte runs it, with less than Airbyte allows it."""

import json
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from connector_process import Finished, assert_nothing_is_told
from image_engine import BuiltImages

Json = Any

# No root, nothing to write to but /tmp, no capability, a quarter of the memory that Airbyte gives.
HARDENED = (
    *("--user", "1000:1000", "--read-only", "--tmpfs", "/tmp", "--cap-drop", "ALL"),
    *("--security-opt", "no-new-privileges", "--pids-limit", "256", "--cpus", "1"),
    *("--memory", "512m", "--memory-swap", "512m"),
)
_DEADLINE_SECONDS = 60


def run_image(
    images: BuiltImages, arguments: Sequence[str], config: Json, streams: Json = None, lines: Iterable[Json] = ()
) -> Finished:
    """Run one command in the hardened image to its end, on this machine's network.

    Args:
        images: the image.
        arguments: `spec`, or what `command` gives.
        config: stands in the container as /config/config.json.
        streams: stand there as /config/catalog.json.
        lines: messages for standard input.
    """
    lines = list(lines)
    with config_folder(config, streams) as folder:
        process = subprocess.run(
            ["docker", *start(folder), images.connector, *arguments],
            input=b"".join(json.dumps(line).encode() + b"\n" for line in lines),
            env=images.environment,
            capture_output=True,
            timeout=_DEADLINE_SECONDS,
            check=False,
        )
    finished = finished_run(process.returncode, process.stdout, process.stderr)
    assert_nothing_is_told(finished, config, lines)
    return finished


def command(verb: str) -> tuple[str, ...]:
    """Return the arguments that Airbyte gives a verb."""
    catalog = ("--catalog", "/config/catalog.json") if verb == "write" else ()
    return (verb, "--config", "/config/config.json", *catalog)


def start(folder: Path, *flags: str) -> tuple[str, ...]:
    """Return what starts a hardened container that reads its files from a folder."""
    return ("run", "--rm", "--interactive", "--volume", f"{folder}:/config:ro", *HARDENED, *flags)


@contextmanager
def config_folder(config: Json, streams: Json) -> Iterator[Path]:
    """Make the folder that becomes /config; the container's user may read it."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        (folder / "config.json").write_text(json.dumps(config), "utf-8")
        (folder / "catalog.json").write_text(json.dumps(streams), "utf-8")
        yield folder


def finished_run(code: int, stdout: bytes, stderr: bytes) -> Finished:
    """Return a run that has ended, its messages parsed."""
    text = stdout.decode()
    return Finished(code, text, stderr.decode(), [json.loads(line) for line in text.splitlines()])

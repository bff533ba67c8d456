"""What the image is made of is what the project says elsewhere; the image itself is tested by integration_tests."""

import re
from importlib.metadata import requires
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[1]
DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8")
DEVELOPING = {"pytest", "moto", "mypy", "ruff", "hypothesis", "coverage", "import-linter"}

Pins = dict[str, set[tuple[str, tuple[str, ...]]]]


def pins(lock: str) -> Pins:
    """Return each package's versions with their hashes; a package can have a version for each Python."""
    found: Pins = {}
    for block in re.split(r"\n(?=\S)", (ROOT / lock).read_text("utf-8").strip()):
        ((name, version),) = re.findall(r"\A([a-z0-9-]+)(?:\[.*?\])?==(\S+)", block)
        found.setdefault(name, set()).add((version, tuple(re.findall(r"--hash=(\S+)", block))))
    return found


def needed(extra: str | None) -> set[str]:
    """Return the packages that setup.py names for the connector, or for an extra."""
    wanted = [Requirement(text) for text in requires("destination-sage-intacct") or ()]
    if extra is None:
        return {each.name for each in wanted if each.marker is None}
    return {each.name for each in wanted if each.marker and str(each.marker) == f'extra == "{extra}"'}


@pytest.mark.parametrize("lock", ["requirements-image.lock", "requirements-build.lock", "requirements-emulator.lock"])
def test_an_image_has_the_versions_that_the_tests_have(lock: str) -> None:
    """`make lock` writes these locks together."""
    tested = pins("requirements.lock")
    assert {name: pinned for name, pinned in pins(lock).items() if not pinned <= tested.get(name, set())} == {}


@pytest.mark.parametrize(
    ("lock", "extra", "unwanted"), [("image", None, {"setuptools"}), ("emulator", "emulator", {"requests", "boto3"})]
)
def test_an_image_has_what_its_package_needs_and_nothing_else(lock: str, extra: str | None, unwanted: set[str]) -> None:
    """Nothing for developing; the CDK is for destination.py, which no verb imports."""
    held = pins(f"requirements-{lock}.lock").keys()
    assert "airbyte-cdk" in needed(None)
    assert needed(extra)
    assert needed(extra) - {"airbyte-cdk"} <= held
    assert not (DEVELOPING | unwanted | {"airbyte-cdk"}) & held


def test_the_image_and_compose_carry_the_version_of_the_package() -> None:
    (version,) = re.findall(r'^VERSION = "(.+)"$', (ROOT / "setup.py").read_text("utf-8"), re.MULTILINE)
    services = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))["services"]
    shown = set(re.findall(r"destination-sage-intacct:([\d.]+)", (ROOT / "docs/image.md").read_text("utf-8")))
    assert re.findall(r"^ARG VERSION=(\S+)$", DOCKERFILE, re.MULTILINE) == [version]
    assert {service["image"].split(":")[1] for service in services.values()} == {version}
    assert shown == {version}
    stages = set(re.findall(r"^FROM \S+ AS (\S+)$", DOCKERFILE, re.MULTILINE))
    assert {service["build"]["target"] for service in services.values()} <= stages


def test_the_base_is_pinned_by_digest_and_nothing_else_is_fetched_to_build() -> None:
    """A `# syntax=` line would make the engine fetch another front end."""
    assert re.findall(r"^ARG BASE_IMAGE=(\S+)$", DOCKERFILE, re.MULTILINE)[0].count("@sha256:") == 1
    assert set(re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)) == {"${BASE_IMAGE}"}
    assert "syntax=" not in DOCKERFILE


def test_what_the_dockerfile_copies_is_all_that_the_engine_is_given() -> None:
    """The files of the checkout, not those of another stage."""
    copied = {
        name for line in re.findall(r"^COPY (?!--from)(.+) \S+$", DOCKERFILE, re.MULTILINE) for name in line.split()
    }
    given = {line[1:] for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines() if line.startswith("!")}
    assert copied == given

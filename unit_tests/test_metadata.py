"""What the registry, the package, the images, the form and the pages say of the connector is the same everywhere."""

import json
import re
from importlib.metadata import requires
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

import pytest
import yaml
from airbyte_connector_models.metadata.v0.connector_metadata_definition_v0 import ConnectorMetadataDefinitionV0
from configurations import TOKEN
from packaging.requirements import Requirement
from pydantic import ValidationError

from destination_sage_intacct.config import parse_config

ROOT = Path(__file__).resolve().parents[1]
DOCS_PAGE = ROOT / "docs/integrations/destinations/sage-intacct.md"
SVG = "{http://www.w3.org/2000/svg}"


def read(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


METADATA: dict[str, Any] = yaml.safe_load(read("metadata.yaml"))
DATA: dict[str, Any] = METADATA["data"]
SPEC: dict[str, Any] = json.loads(read("destination_sage_intacct/spec.json"))
SETTINGS: dict[str, Any] = SPEC["connectionSpecification"]["properties"]
VERSION: str = DATA["dockerImageTag"]


def test_the_metadata_is_valid_for_airbytes_own_model_which_refuses_a_word_that_it_does_not_know():
    ConnectorMetadataDefinitionV0.model_validate(METADATA)
    with pytest.raises(ValidationError, match="supportsDataActivations"):
        ConnectorMetadataDefinitionV0.model_validate({**METADATA, "data": {**DATA, "supportsDataActivations": True}})


@pytest.mark.parametrize(
    ("place", "pattern"),
    [
        ("setup.py", r'^VERSION = "(.+)"$'),
        ("CHANGELOG.md", r"^## \[(.+?)\]"),
        ("docs/integrations/destinations/sage-intacct.md", r"(?s)\A.*?^#+ Changelog.*?^\| (\d[^ |]*)"),
    ],
    ids=["setup.py", "changelog", "docs page"],
)
def test_the_version_is_the_same_everywhere(place: str, pattern: str):
    """The first version that a changelog names is the newest."""
    assert re.findall(pattern, read(place), re.MULTILINE)[0] == VERSION


def test_the_form_and_the_registry_link_to_the_page_that_exists_and_names_every_setting():
    assert SPEC["documentationUrl"] == DATA["documentationUrl"]
    assert DATA["documentationUrl"].endswith(f"/integrations/destinations/{DOCS_PAGE.stem}")
    page = DOCS_PAGE.read_text("utf-8")
    assert [name for name in SETTINGS if f"`{name}`" not in page] == []


def test_every_address_that_the_connector_calls_by_itself_is_allowed():
    sign_in = SPEC["advanced_auth"]["oauth_config_specification"]["oauth_connector_input_specification"]
    defaults = parse_config({"company_id": "demo", "object_type": "Customer", "credentials": TOKEN})
    urls = [defaults.api_url, sign_in["consent_url"], sign_in["access_token_url"]]
    # In the templates of the sign-in, what is filled in comes after the host.
    assert {urlsplit(url.split("{{")[0]).hostname for url in urls} <= set(DATA["allowedHosts"]["hosts"])


def test_the_allowed_addresses_that_users_name_are_settings_of_the_form():
    named = re.findall(r"\$\{([\w.]+)\}", " ".join(DATA["allowedHosts"]["hosts"]))
    assert named
    for path in named:
        setting, *inside = path.split(".")
        form = SETTINGS[setting]
        choices = [choice["properties"] for choice in form.get("oneOf", [])]
        assert all(any(name in choice for choice in choices) for name in inside), path


def test_the_package_the_dockerfile_and_the_form_say_what_the_registry_says():
    links = dict(re.findall(r'^([A-Z_]+) = "(https://.+)"$', read("setup.py"), re.MULTILINE))
    (reference,) = DATA["externalDocumentationUrls"]
    assert links == {"PAGE": DATA["documentationUrl"], "API_REFERENCE": reference["url"]}
    assert f'license="{DATA["license"]}"' in read("setup.py")
    assert read("LICENSE").startswith(f"{DATA['license']} License")
    bases = re.findall(r"^ARG BASE_IMAGE=(\S+)$", DOCKERFILE, re.MULTILINE)
    assert bases == [DATA["connectorBuildOptions"]["baseImage"]]
    # With data activation the platform looks for this setting by name, and links to the bucket that it holds.
    assert DATA["supportsDataActivation"] is True
    assert "object_storage_config" in SETTINGS


def test_the_icon_is_a_square_drawing_that_loads_nothing():
    drawing = ET.fromstring(read(DATA["icon"]))  # noqa: S314 - our own file
    left, top, width, height = map(float, drawing.attrib["viewBox"].split())
    parts = {part.tag.removeprefix(SVG) for part in drawing.iter()}
    assert (left, top, width) == (0, 0, height)
    assert parts <= {"svg", "rect", "path"}, "text needs a font, an image or a script needs a file"


DOCKERFILE = read("Dockerfile")
DEVELOPING = {"pytest", "moto", "mypy", "ruff", "hypothesis", "coverage", "import-linter"}

Pins = dict[str, set[tuple[str, tuple[str, ...]]]]


def pins(lock: str) -> Pins:
    """Return each package's versions with their hashes; a package can have a version for each Python."""
    found: Pins = {}
    for block in re.split(r"\n(?=\S)", read(lock).strip()):
        ((name, version),) = re.findall(r"\A([a-z0-9-]+)(?:\[.*?\])?==(\S+)", block)
        found.setdefault(name, set()).add((version, tuple(re.findall(r"--hash=(sha256:\S+)", block))))
    return found


@pytest.mark.parametrize("lock", sorted(path.name for path in ROOT.glob("requirements*.lock")))
def test_a_lock_pins_every_package_by_hash_and_names_no_index(lock: str) -> None:
    assert [name for name, versions in pins(lock).items() if not all(hashes for _, hashes in versions)] == []
    assert "://" not in read(lock)


def test_the_clients_are_locked_in_the_versions_that_the_makefile_names() -> None:
    makefile = read("Makefile")
    (clients,) = re.findall(r"^CLIENTS := (.+)$", makefile, re.MULTILINE)
    for client in clients.split():
        ((name, version),) = re.findall(rf"^{client} := (\S+)==(\S+)$", makefile, re.MULTILINE)
        assert version in {each for each, _ in pins(f"requirements-{client}.lock")[name]}


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
    services = yaml.safe_load(read("compose.yaml"))["services"]
    shown = set(re.findall(r"destination-sage-intacct:([\d.]+)", read("docs/image.md")))
    assert re.findall(r"^ARG VERSION=(\S+)$", DOCKERFILE, re.MULTILINE) == [VERSION]
    assert {service["image"].split(":")[1] for service in services.values()} == {VERSION}
    assert shown == {VERSION}
    stages = set(re.findall(r"^FROM \S+ AS (\S+)$", DOCKERFILE, re.MULTILINE))
    assert {service["build"]["target"] for service in services.values()} <= stages


def test_the_base_is_pinned_by_digest_and_nothing_else_is_fetched_to_build() -> None:
    """A `# syntax=` line would make the engine fetch another front end."""
    assert re.findall(r"^ARG BASE_IMAGE=(\S+)$", DOCKERFILE, re.MULTILINE)[0].count("@sha256:") == 1
    assert set(re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)) == {"${BASE_IMAGE}"}
    assert "syntax=" not in DOCKERFILE


def test_what_the_dockerfile_copies_is_all_that_the_engine_is_given() -> None:
    """The files of the checkout, not those of another stage."""
    lines = re.findall(r"^COPY (?!--from)(.+) \S+$", DOCKERFILE, re.MULTILINE)
    copied = {name for line in lines for name in line.split()}
    given = {line[1:] for line in read(".dockerignore").splitlines() if line.startswith("!")}
    assert copied == given

"""What the registry, the package, the form and the pages say of the connector is the same everywhere."""

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

import pytest
import yaml
from airbyte_connector_models.metadata.v0.connector_metadata_definition_v0 import ConnectorMetadataDefinitionV0
from configurations import TOKEN
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


def test_the_base_image_is_that_of_the_dockerfile():
    (base,) = re.findall(r"^ARG BASE_IMAGE=(\S+)$", read("Dockerfile"), re.MULTILINE)
    assert DATA["connectorBuildOptions"]["baseImage"] == base


def test_the_form_and_the_registry_link_to_the_page_that_exists_and_names_every_setting():
    assert SPEC["documentationUrl"] == DATA["documentationUrl"]
    assert DATA["documentationUrl"].endswith(f"/integrations/destinations/{DOCS_PAGE.stem}")
    page = DOCS_PAGE.read_text("utf-8")
    assert [name for name in SETTINGS if f"`{name}`" not in page] == []


def test_data_activation_comes_with_the_setting_that_airbyte_reads_for_rejected_rows():
    """The platform looks for it by name and links to the bucket that it holds."""
    assert DATA["supportsDataActivation"] is True
    assert "object_storage_config" in SETTINGS


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


def test_the_licence_is_that_of_the_package():
    assert f'license="{DATA["license"]}"' in read("setup.py")
    assert read("LICENSE").startswith(f"{DATA['license']} License")


def test_the_package_links_to_what_the_registry_links_to():
    links = dict(re.findall(r'^([A-Z_]+) = "(https://.+)"$', read("setup.py"), re.MULTILINE))
    (reference,) = DATA["externalDocumentationUrls"]
    assert links == {"PAGE": DATA["documentationUrl"], "API_REFERENCE": reference["url"]}


def test_the_icon_is_a_square_drawing_that_loads_nothing():
    drawing = ET.fromstring(read(DATA["icon"]))  # noqa: S314 - our own file
    left, top, width, height = map(float, drawing.attrib["viewBox"].split())
    parts = {part.tag.removeprefix(SVG) for part in drawing.iter()}
    assert (left, top, width) == (0, 0, height)
    assert parts <= {"svg", "rect", "path"}, "text needs a font, an image or a script needs a file"


def test_every_configuration_of_the_acceptance_suite_exists():
    suite = yaml.safe_load(read("acceptance-test-config.yml"))["acceptance_tests"]
    for entry in [entry for section in suite.values() for entry in section["tests"]]:
        assert (ROOT / entry["config_path"]).is_file()
        assert (ROOT / entry.get("spec_path", entry["config_path"])).is_file()

"""The pages for Airbyte's site have the shape that the site and the form's documentation panel ask for."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from markdown_page import AS_CODE_PAGE, CONNECTOR_PAGE, ROOT, SITE_PAGES, TROUBLESHOOTING_PAGE, blocks

from destination_sage_intacct.config import load_spec, parse_config

Json = dict[str, Any]

MOST_LINES = 400
METADATA = yaml.safe_load((ROOT / "metadata.yaml").read_text("utf-8"))["data"]
PROPERTIES: Json = load_spec()["connectionSpecification"]["properties"]
TEXT = CONNECTOR_PAGE.read_text("utf-8")
ANCHOR = re.compile(r'(?<=\n\n)<FieldAnchor field="([^"]+)">\n\n(.+?)\n\n</FieldAnchor>(?=\n\n)', re.DOTALL)
LINK = re.compile(r"\]\(([^)]+)\)")
ANCHORED = [field for fields, _ in ANCHOR.findall(TEXT) for field in fields.split(",")]

pages = pytest.mark.parametrize("page", SITE_PAGES, ids=lambda page: page.stem)


def test_the_connector_page_is_short_enough_to_be_read_and_its_front_matter_names_the_image():
    assert len(TEXT.splitlines()) <= MOST_LINES
    front, _ = TEXT.removeprefix("---\n").split("\n---\n", 1)
    assert yaml.safe_load(front) == {"dockerRepository": METADATA["dockerRepository"]}


def test_the_sections_that_every_destination_has_are_there():
    headings = re.findall(r"^## (.+)$", TEXT, re.MULTILINE)
    wanted = ["Prerequisites", "Setup guide", "Supported sync modes", "Namespace support", "Changelog"]
    assert [heading for heading in headings if heading in wanted] == wanted


def test_every_page_beside_the_connector_page_is_one_of_the_site():
    assert sorted(CONNECTOR_PAGE.with_suffix("").iterdir()) == sorted(SITE_PAGES[1:])


@pages
def test_no_link_leaves_the_pages_of_the_site(page: Path):
    for link in LINK.findall(page.read_text("utf-8")):
        if not link.startswith(("https://", "#")):
            assert (page.parent / link.partition("#")[0]).resolve() in SITE_PAGES, link


def test_links_to_other_pages_are_of_the_form_that_the_panel_resolves():
    """The panel resolves what begins with ../../ against Airbyte's site, and any other path against the web app."""
    links = [link for link in LINK.findall(TEXT) if not link.startswith(("https://", "#"))]
    assert {Path(link).name for link in links} == {page.name for page in SITE_PAGES[1:]}
    assert [link for link in links if not re.fullmatch(r"\.\./\.\./integrations/destinations/[\w/-]+\.md", link)] == []


def test_every_setting_of_the_form_is_anchored_once_with_blank_lines_around_it():
    """Without the blank lines the site shows the Markdown within as it is written."""
    assert sorted(field for field in ANCHORED if "[" not in field) == sorted(PROPERTIES)
    assert TEXT.count("FieldAnchor") == 2 * len(ANCHOR.findall(TEXT)) > 0


def test_every_way_to_sign_in_and_to_match_is_anchored():
    constants = {
        f"{name}[{each['const']}]"
        for name in ("credentials", "matching")
        for option in PROPERTIES[name]["oneOf"]
        for each in option["properties"].values()
        if "const" in each
    }
    assert sorted(field for field in ANCHORED if "[" in field) == sorted(constants)


def test_the_terraform_example_holds_a_configuration_that_is_accepted():
    (block,) = [block for block in blocks(AS_CODE_PAGE) if block.language == "hcl"]
    (definition,) = re.findall(r'definition_id = "(.+)"', block.text)
    assert definition == METADATA["definitionId"]
    assert parse_config(_json_of(block.text)).dry_run


def _json_of(terraform: str) -> Json:
    """Return what `jsonencode` is given: names become texts, and commas are put between the members."""
    (text,) = re.findall(r"jsonencode\((.+?)\n  \}\)", terraform, re.DOTALL)
    text = re.sub(r"(\w+) += ", r'"\1": ', text + "\n}")
    text = re.sub(r'": var\.(\w+)', r'": "\1"', text)
    decoded: Json = json.loads(re.sub(r'(?<=["\]}\w])\n(?=\s*")', ",\n", text))
    return decoded


def test_a_link_to_a_step_of_the_setup_guide_is_on_the_troubleshooting_page():
    """The step in which an app is authorized is what most failures to sign in come from."""
    assert "../sage-intacct.md#step-2-authorize-the-app-in-sage-intacct" in TROUBLESHOOTING_PAGE.read_text("utf-8")

"""The pages hold what they say: commands, links, folders and configurations exist and work."""

import json
import re

import pytest
from markdown_page import ROOT, anchors

from destination_sage_intacct.config import parse_config

PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *sorted(ROOT.glob("docs/**/*.md"))]
JSON_BLOCK = re.compile(r"^```json\n(.*?)^```", re.MULTILINE | re.DOTALL)
JSON_IN_LINE = re.compile(r'`(\{".*?\})`')
LINK = re.compile(r"\]\((?!https?:)([^)#]*)#?([^)]*)\)")
MAKE = re.compile(r"(?:`|^ {4})make ([a-z-]+)", re.MULTILINE)
HOUSE_LINE = re.compile(r"^ {4}( *)([\w./]+) {2,}\S")
OF_README = [json.loads(text) for text in JSON_BLOCK.findall((ROOT / "README.md").read_text("utf-8"))]

pages = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)


def test_the_configurations_of_the_readme_and_the_demo_are_accepted():
    assert OF_README
    for shown in [*OF_README, json.loads((ROOT / "demo/config.json").read_text("utf-8"))]:
        parse_config(shown)


@pages
def test_json_on_a_page_is_json_and_its_ways_of_matching_are_accepted(page):
    text = page.read_text("utf-8")
    for shown in map(json.loads, JSON_BLOCK.findall(text) + JSON_IN_LINE.findall(text)):
        if "by" in shown:
            parse_config(OF_README[0] | {"matching": shown})


@pages
def test_every_make_target_on_a_page_exists(page):
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    assert set(MAKE.findall(page.read_text("utf-8"))) <= targets


@pages
def test_every_link_leads_to_a_file_and_to_a_heading_of_it(page):
    links = LINK.findall(page.read_text("utf-8"))
    assert [f"{file}#{anchor}" for file, anchor in links if not leads(page, file, anchor)] == []


def leads(page, file, anchor):
    target = page.parent / file if file else page
    return target.exists() and (not anchor or anchor in anchors(target))


def test_every_room_of_the_house_exists():
    """The listing in CONTRIBUTING.md, whose indented lines lie in the folder above them."""
    house = (ROOT / "CONTRIBUTING.md").read_text("utf-8").split("## Finding one's way")[1].split("\n\n")[1]
    folder = ROOT
    for line in house.splitlines():
        found = HOUSE_LINE.match(line)
        assert found, line
        path = (folder if found[1] else ROOT) / found[2]
        folder = folder if found[1] else path
        assert path.exists(), line


def test_the_lock_names_no_index_and_pins_every_package_by_hash():
    packages = re.split(r"\n(?=\S)", (ROOT / "requirements.lock").read_text("utf-8").strip())
    assert len(packages) > 50
    for package in packages:
        assert re.match(r"[a-z0-9-]+(\[[a-z0-9,-]+\])?==\S+.*\\\n    --hash=sha256:", package), package
    assert "://" not in "".join(packages)

"""The pages hold what they say: commands, links, folders and configurations exist and work."""

import json
import re
from pathlib import Path

import pytest
from markdown_page import anchors

from destination_sage_intacct.config import parse_config

ROOT = Path(__file__).resolve().parents[1]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *sorted(ROOT.glob("docs/**/*.md"))]
JSON_BLOCK = re.compile(r"^```json\n(.*?)^```", re.MULTILINE | re.DOTALL)
JSON_IN_LINE = re.compile(r'`(\{".*?\})`')
LINK = re.compile(r"\]\((?!https?:)([^)#]*)#?([^)]*)\)")
MAKE = re.compile(r"(?:`|^ {4})make ([a-z-]+)", re.MULTILINE)
HOUSE_LINE = re.compile(r"^ {4}( *)([\w./]+) {2,}\S")

pages = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)


@pages
def test_json_on_a_page_is_json(page):
    text = page.read_text("utf-8")
    for block in JSON_BLOCK.findall(text) + JSON_IN_LINE.findall(text):
        json.loads(block)


def test_the_configurations_of_the_readme_and_the_demo_are_accepted():
    shown = JSON_BLOCK.findall((ROOT / "README.md").read_text("utf-8"))
    assert shown
    for text in [*shown, (ROOT / "demo/config.json").read_text("utf-8")]:
        parse_config(json.loads(text))


@pages
def test_the_ways_of_matching_on_a_page_are_accepted(page):
    first = json.loads(JSON_BLOCK.findall((ROOT / "README.md").read_text("utf-8"))[0])
    for text in JSON_IN_LINE.findall(page.read_text("utf-8")):
        shown = json.loads(text)
        if "by" in shown:
            parse_config(first | {"matching": shown})


@pages
def test_every_make_target_on_a_page_exists(page):
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    assert set(MAKE.findall(page.read_text("utf-8"))) <= targets


@pages
def test_every_link_leads_to_a_file_and_to_a_heading_of_it(page):
    missing = [
        f"{file}#{anchor}" for file, anchor in LINK.findall(page.read_text("utf-8")) if not leads(page, file, anchor)
    ]
    assert missing == []


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

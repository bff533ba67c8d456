"""A page in parts: its sections, the blocks of code with the section that they stand in, its tables."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent

ROOT = Path(__file__).resolve().parents[1]
CONNECTOR_PAGE = ROOT / "docs/integrations/destinations/sage-intacct.md"
TOKENS_PAGE = ROOT / "docs/integrations/destinations/sage-intacct/sage-intacct-tokens.md"
AS_CODE_PAGE = ROOT / "docs/integrations/destinations/sage-intacct/sage-intacct-as-code.md"
TROUBLESHOOTING_PAGE = ROOT / "docs/integrations/destinations/sage-intacct/sage-intacct-troubleshooting.md"
# The pages that Airbyte's site takes.
SITE_PAGES = [CONNECTOR_PAGE, TOKENS_PAGE, AS_CODE_PAGE, TROUBLESHOOTING_PAGE]
FIRST_SYNC_PAGE = ROOT / "docs/first-sync.md"

_BLOCK = re.compile(r"^( *)```(\w*)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
_HEADING = re.compile(r"^(#{1,4}) (.+)$", re.MULTILINE)
_CODE = re.compile(r"(`+)(.+?)\1(?!`)")
_CELL = re.compile(r"(?<!\\)\|")


@dataclass(frozen=True)
class Block:
    """A block of code: the heading that it stands under, its language and its text."""

    heading: str
    language: str
    text: str


def blocks(page: Path) -> list[Block]:
    """Return the blocks of code of a page in their order."""
    text = page.read_text("utf-8")
    return [Block(_headings(text[: found.start()])[-1], found[2], dedent(found[3])) for found in _BLOCK.finditer(text)]


def prose(text: str) -> str:
    """Return a text without its code, in blocks and in lines."""
    return _CODE.sub("", _BLOCK.sub("", text))


def section(page: Path, heading: str) -> str:
    """Return what stands under a heading, up to the next one of its level or above."""
    text = page.read_text("utf-8")
    (start,) = [found for found in _HEADING.finditer(text) if found[2] == heading]
    rest = text[start.end() :]
    end = re.search(rf"^#{{1,{len(start[1])}}} ", _without_blocks(rest), re.MULTILINE)
    return rest[: end.start()] if end else rest


def tables(text: str) -> Iterator[list[list[str]]]:
    """Yield the rows of each table without its head, as their cells; a pipe within a cell is plain again."""
    for table in re.findall(r"(?:^\|.*\n?)+", text, re.MULTILINE):
        rows = [[cell.strip().replace("\\|", "|") for cell in _CELL.split(line)[1:-1]] for line in table.splitlines()]
        yield rows[2:]


def codes(cell: str) -> list[str]:
    """Return what stands in code type."""
    return [found[2].strip() for found in _CODE.finditer(cell)]


def anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings as sites of Markdown make them."""
    names = _headings(page.read_text("utf-8"))
    return {re.sub(r"[^\w -]", "", name.lower()).replace(" ", "-") for name in names}


def _headings(text: str) -> list[str]:
    return [found[2] for found in _HEADING.finditer(_without_blocks(text))]


def _without_blocks(text: str) -> str:
    """Blank the blocks of code, whose comments look like headings; every place stays where it is."""
    return _BLOCK.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), text)

"""The way of a row, as CONTRIBUTING walks it, is the way that a row takes."""

import ast
import re
from collections import Counter
from pathlib import Path

import pytest
from row_trace import PACKAGE, Trace, trace_row

ROOT = Path(__file__).parents[1]
MOST_FILES_ENTERED = 37
MOST_FILES_READ, MOST_FILES_READ_TWICE = 28, 6


@pytest.fixture(scope="module")
def trace() -> Trace:
    return trace_row()


@pytest.fixture(scope="module")
def section() -> str:
    page = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    return page.split("## The way of a row\n")[1].split("\n## ")[0]


def steps(section: str) -> list[tuple[str, str]]:
    """Return the files and functions that the walk names, in its order."""
    walk = section[section.index("\n1. ") : section.index("\nAn update takes ")]
    found: list[tuple[str, str]] = []
    name = ""
    for quoted in re.findall(r"`([^`]+)`", walk):
        if quoted.endswith(".py"):
            name = quoted
        elif "." in quoted or quoted in defined(name):
            found.append((name, quoted))
    return found


def defined(name: str) -> set[str]:
    return {
        node.name for node in ast.parse((PACKAGE / name).read_text("utf-8")).body if isinstance(node, ast.FunctionDef)
    }


def test_a_row_enters_no_more_files_than_a_reader_can_follow(trace: Trace) -> None:
    assert len(trace.files) <= MOST_FILES_ENTERED, list(trace.files)


def test_every_function_of_the_walk_is_on_the_way(trace: Trace, section: str) -> None:
    named = steps(section)
    before = {("run.py", "run"), ("application.py", "Application.write")}

    assert len(named) > MOST_FILES_READ
    assert [step for step in named if step not in before and step not in trace.functions] == []


def test_the_walk_opens_few_files_and_hardly_one_twice(section: str) -> None:
    opened: list[str] = []
    for name, _ in steps(section):
        if not opened or opened[-1] != name:
            opened.append(name)
    again = [name for name, times in Counter(opened).items() if times > 1]

    assert len(set(opened)) <= MOST_FILES_READ, sorted(set(opened))
    assert len(again) <= MOST_FILES_READ_TWICE, again


def test_what_a_row_enters_is_on_the_page(trace: Trace, section: str) -> None:
    assert [name for name in trace.files if f"`{name}`" not in section] == []


def test_the_map_names_every_module_at_the_top() -> None:
    page = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    package = page.split("    destination_sage_intacct/ ")[1].split("    intacct_emulator/")[0]
    named = set(re.findall(r"^ {6}(\S+?)/? ", package, re.MULTILINE))
    there = {path.name for path in PACKAGE.iterdir() if path.suffix == ".py" or (path / "__init__.py").is_file()}

    assert named == there - {"__init__.py"}

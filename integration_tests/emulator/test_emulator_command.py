"""The command: how it starts, ends and is described."""

import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from emulator_process import EmulatorProcess

from intacct_emulator.main import parser

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "emulator.md").read_text("utf-8")
COMMAND = [sys.executable, "-m", "intacct_emulator"]


def flags() -> set[str]:
    return {option for action in parser()._actions for option in action.option_strings} - {"-h", "--help"}  # noqa: SLF001


def guesses() -> list[tuple[str, str, str]]:
    """Return the name, the consequence and the flag of each guess that the page lists."""
    rows = re.findall(r"^\| `([a-z-]+)` \|(.*)\|$", PAGE.partition("## What is guessed")[2], re.MULTILINE)
    cells = [(name, [cell.strip() for cell in rest.split("|")]) for name, rest in rows]
    assert [name for name, each in cells if len(each) != 4 or not all(each)] == []
    return [(name, consequence, flag) for name, (_, _, consequence, flag) in cells]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_quickly_and_without_a_trace(number):
    process = subprocess.Popen(COMMAND, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    line = process.stdout.readline()
    began = time.monotonic()
    process.send_signal(number)
    _, errors = process.communicate(timeout=10)
    assert re.fullmatch(r"listening on http://127\.0\.0\.1:\d+/ia/api/v1\n", line)
    assert (time.monotonic() - began < 3, errors) == (True, "")


def test_a_port_that_is_taken_is_told():
    with EmulatorProcess() as emulator:
        port = emulator.url.split(":")[2].split("/")[0]
        ended = subprocess.run([*COMMAND, "--port", port], capture_output=True, text=True, timeout=10, check=False)
    assert ended.returncode == 1
    assert ended.stderr == f"intacct-emulator: cannot listen on 127.0.0.1:{port}: Address already in use\n"


def test_the_page_describes_every_flag_and_no_other():
    described = set(re.findall(r"^\| `(--[a-z-]+)", PAGE, re.MULTILINE))
    assert described == flags()


def test_the_page_lists_every_guess_of_the_source_once_and_no_other():
    sources = [path for path in (ROOT / "intacct_emulator").rglob("*.*") if path.suffix in (".py", ".txt")]
    marks = [mark for path in sources for mark in re.findall(r"# guess\b(.{0,40})", path.read_text("utf-8"))]
    names = {name[1] for mark in marks if (name := re.match(r"\[([a-z-]+)\]: ", mark))}
    assert [mark for mark in marks if not re.match(r"\[([a-z-]+|\.\.\.)\]", mark)] == []
    assert sorted(name for name, _, _ in guesses()) == sorted(names)


def test_a_flag_plays_the_other_reading_where_a_record_is_at_stake():
    at_stake = {name for name, consequence, _ in guesses() if re.search(r"\b(lost|doubled|misplaced)\b", consequence)}
    with_a_flag = {name for name, _, flag in guesses() if flag.startswith("`--")}
    assert at_stake - with_a_flag == set()
    assert {flag.strip("`") for _, _, flag in guesses()} <= flags() | {"-"}

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
    flags = {option for action in parser()._actions for option in action.option_strings} - {"-h", "--help"}  # noqa: SLF001
    described = set(re.findall(r"^\| `(--[a-z-]+)", PAGE, re.MULTILINE))
    assert described == flags


def test_the_page_counts_every_guess():
    sources = [path for path in (ROOT / "intacct_emulator").rglob("*.*") if path.suffix in (".py", ".txt")]
    guesses = sum(path.read_text("utf-8").count("# guess:") for path in sources)
    counted = re.search(r"(\d+) places", PAGE)
    assert counted is not None
    assert int(counted[1]) == guesses - 1  # the package's own description names the mark

"""`make demo` shows what README.md says it shows."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

pytestmark = pytest.mark.skipif(
    not Path(sys.executable).with_name("destination-sage-intacct").exists(),
    reason="the project is not installed into this interpreter's environment; `make test` installs it",
)


@pytest.fixture(scope="module")
def shown():
    environment = os.environ | {"PYTHONIOENCODING": "utf-8"}
    done = subprocess.run(
        [sys.executable, "-m", "demo.demo"],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_excerpt_in_the_readme_is_what_the_demo_prints(shown):
    readme = (ROOT / "README.md").read_text("utf-8")
    excerpt = readme.split("From its output:\n")[1].split("\n    make test")[0]
    printed = set(shown.splitlines())
    lines = [line.removeprefix("    ") for line in excerpt.splitlines() if line.startswith("    ")]
    assert len(lines) > 5
    assert [line for line in lines if line not in printed] == []


def test_the_records_read_back_are_marked_with_what_happened_to_them(shown):
    marks = [line.split()[0] for line in shown.splitlines() if line.startswith(("  created ", "  updated "))]
    assert (marks.count("created"), marks.count("updated")) == (7, 3)


def test_a_second_run_of_the_same_rows_writes_nothing_and_costs_one_api_transaction_per_object(shown):
    second = " ".join(shown.split("The same rows once more\n")[1].split())

    assert second.startswith("write in ")
    assert "records changed: 0 " in second
    assert "0 created + 0 updated + 6 unchanged + 0 deleted + 0 skipped + 2 rejected" in second
    assert "0 created + 0 updated + 4 unchanged + 0 deleted + 0 skipped + 1 rejected" in second
    assert second.count(" 1 API transactions ") == 2


def test_the_demo_fits_a_terminal_and_colours_nothing_that_is_not_one(shown):
    assert max(map(len, shown.splitlines())) <= 100
    assert "\x1b" not in shown


def test_the_demo_shows_no_secret(shown):
    assert "demo-secret" not in shown
    assert "demo-access-token" not in shown

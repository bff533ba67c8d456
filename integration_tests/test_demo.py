"""`make demo` shows what README.md says it shows."""

import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest
import requests

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


def any_support_id(line):
    """Requests at once are numbered in any order, and so are the support ids of their refusals."""
    return re.sub(r"EmuWEB001%7E\d{8}", "EmuWEB001%7E00000000", line)


def test_the_excerpt_in_the_readme_is_what_the_demo_prints(shown):
    readme = (ROOT / "README.md").read_text("utf-8")
    excerpt = readme.split("From its output:\n")[1].split("\n    make test")[0]
    printed = {any_support_id(line) for line in shown.splitlines()}
    lines = [any_support_id(line[4:]) for line in excerpt.splitlines() if line.startswith("    ")]
    assert len(lines) > 5
    assert [line for line in lines if line not in printed] == []


def test_the_records_read_back_are_marked_with_what_happened_to_them(shown):
    marks = [line.split()[0] for line in shown.splitlines() if line.startswith(("  created ", "  updated "))]
    assert (marks.count("created"), marks.count("updated")) == (9, 3)


def test_refusals_by_sage_are_shown_with_what_to_do_about_each(shown):
    rejected = " ".join(shown.split("what to do\n")[1].split("\nHow the sync ends")[0].split())
    by_sage = [reason.split("] ")[1] for reason in rejected.split(" says: ")[1:]]

    assert sorted(advice.split(":")[0].split(",")[0] for advice in by_sage) == [
        "Create the missing record first",
        "Create the payment term in Sage Intacct (receivable for invoices",
        "The row's date or the date that the document already has is in a closed period",
    ]


def test_the_rows_of_a_refused_document_share_its_reason(shown):
    numbers = re.findall(r"^    Row (\d+) as well, for the same reason\.$", shown, re.MULTILINE)
    assert sorted(numbers, key=int) == ["7", "9", "11"]


def test_a_document_is_read_back_with_all_its_lines(shown):
    lines = shown.split("general-ledger/journal-entry\n")[1].split("\n\n")[0].splitlines()[1:]

    assert [line.split()[-3:] for line in lines if "debit" in line] == [
        ["18250.40", "6000", "ENG"],
        ["9120.15", "6000", "SA"],
        ["412.08", "6100", "FIN"],
    ]
    assert [line.split()[-2:] for line in lines if "credit" in line] == [["27370.55", "1000"], ["412.08", "2000"]]


def test_a_second_run_of_the_same_rows_writes_nothing_and_costs_a_query_per_object_and_a_read_of_the_lines(shown):
    second = " ".join(shown.split("The same rows once more\n")[1].split())
    streams = second.split("Summary of ")[1:]

    assert second.startswith("write in ")
    assert "records changed: 0 " in second
    assert "0 created + 0 updated + 6 unchanged + 0 deleted + 0 skipped + 2 rejected" in streams[0]
    assert "0 created + 0 updated + 4 unchanged + 0 deleted + 0 skipped + 2 rejected" in streams[1]
    assert "0 created + 0 updated + 5 unchanged + 0 deleted + 0 skipped + 6 rejected" in streams[2]
    spent = [stream.split(" API transaction")[0].split()[-1] for stream in streams]
    assert spent == ["1", "1", "2"]


def test_it_ends_with_commands_that_exist_and_pages_that_do(shown):
    """The three commands for Airbyte are those of the image's page, where tests keep them."""
    next_steps = shown.split("\nWhat next\n")[1]
    first, *of_airbyte = [line.strip() for line in next_steps.splitlines() if line.startswith("    ")]
    image_page = " ".join((ROOT / "docs/image.md").read_text("utf-8").split())

    assert first == ".venv/bin/intacct-emulator --port 8000"
    assert Path(sys.executable).with_name("intacct-emulator").exists()
    assert len(of_airbyte) == 3
    for command in of_airbyte:
        assert all(f"`{part}`" in image_page or f" {part} " in image_page for part in parts(command)), command
    assert "http://host.docker.internal:8040/ia/api/v1" in next_steps
    assert "http://host.docker.internal:8040/ia/api/v1" in image_page
    assert "`Rejected row`" in next_steps
    assert [page for page in re.findall(r"docs/[a-z-]+\.md", next_steps) if not (ROOT / page).is_file()] == []


def parts(command):
    """Return a command in the parts that the page has it in: the setting for one run by itself."""
    setting, _, rest = command.partition(" ")
    return [setting, rest] if "=" in setting else [command]


def test_on_a_terminal_the_company_of_the_demo_can_be_looked_at_until_enter_is_pressed():
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "demo.demo"], cwd=ROOT, stdin=theirs, stdout=theirs, env=os.environ | {"NO_COLOR": "1"}
    ) as process:
        os.close(theirs)
        said = ""
        try:
            while not (found := re.search(r"until you press Enter: (http\S+)[\s\S]*docs/rejected-rows\.md", said)):
                said += os.read(ours, 65536).decode()
            page = requests.get(found[1], timeout=60)
            os.write(ours, b"\n")
            assert process.wait(60) == 0, said
        finally:
            process.kill()
            os.close(ours)

    assert page.headers["Content-Type"].startswith("text/html")
    assert "general-ledger/journal-entry" in page.text
    with pytest.raises(requests.ConnectionError):
        requests.get(found[1], timeout=60)


def test_the_demo_fits_a_terminal_and_colours_nothing_that_is_not_one(shown):
    assert max(map(len, shown.splitlines())) <= 100
    assert "\x1b" not in shown


def test_the_demo_shows_no_secret(shown):
    assert "demo-secret" not in shown
    assert "demo-access-token" not in shown

"""Sage Intacct's side by itself, as its own page shows it: nothing of Airbyte is needed."""

import subprocess
import sys
import textwrap

import pytest
from emulator_process import EmulatorProcess

from destination_sage_intacct import intacct
from destination_sage_intacct.intacct import RequestsTransport, TokenEndpoint
from destination_sage_intacct.intacct.clock import SystemClock

CUSTOMERS = "accounts-receivable/customer"


@pytest.fixture
def example(emulator: EmulatorProcess) -> str:
    """Return the example of the package's docstring, for the emulator."""
    clock = SystemClock()
    endpoint = TokenEndpoint(emulator.url, RequestsTransport(30.0, clock), clock, 0)
    grant = endpoint.client_credentials("demo-client", "demo-secret", "demo@demo")
    code = textwrap.dedent((intacct.__doc__ or "").split("\n\n", 1)[1].split("\n\nRequests are")[0])
    for placeholder, real in (
        ("https://api.intacct.com/ia/api/v1", emulator.url),
        ("<access token>", grant.access_token),
    ):
        assert placeholder in code
        code = code.replace(placeholder, real)
    return code


def run(code: str) -> str:
    finished = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert finished.returncode == 0, finished.stderr
    return finished.stdout


def test_the_example_creates_a_record_and_finds_it(example: str, emulator: EmulatorProcess) -> None:
    printed = run(example)

    assert printed == "[{'id': 'C-1', 'name': 'Starluck'}]\n"
    (held,) = [each for each in emulator.records(CUSTOMERS) if each["id"] == "C-1"]
    assert held["entity"]["id"] == "100"


def test_the_example_says_why_a_record_is_rejected(example: str) -> None:
    printed = run(example.replace('"name": "Starluck"', '"name": ""'))

    assert printed.startswith("Sage Intacct says: ")
    assert "Support id: " in printed


def test_it_needs_nothing_of_airbyte(example: str) -> None:
    loaded = run(f"{example}\nimport sys\nprint(*sys.modules)").split()

    assert "destination_sage_intacct.intacct.client" in loaded
    rooms = {name.split(".")[1] for name in loaded if name.startswith("destination_sage_intacct.")}
    assert rooms == {"intacct", "exact_json", "this_machine"}
    assert "airbyte_cdk" not in loaded

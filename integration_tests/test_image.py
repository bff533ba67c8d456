"""The image of the Dockerfile, built and run: Airbyte's verbs with as few rights and as little memory as can be."""

import json
import re
import subprocess
import time
from collections.abc import Callable
from typing import Any

import pytest
from airbyte_input import catalog, configured_stream, record, stream_state
from connector_container import command, config_folder, finished_run, run_image, start
from emulator_process import EmulatorProcess
from image_engine import ROOT, BuiltImages
from image_wheels import IMAGE_LOCK, locked

Configure = Callable[..., dict[str, Any]]

CUSTOMERS = "accounts-receivable/customer"
STREAMS = catalog(configured_stream("customers", columns=("id", "name"), primary_key=[["id"]]))
BY_ID = {"by": "fields", "fields": ["id"]}
MANY = 5_000
MOST_BYTES = 60_000_000  # on top of its base
STARTED_BY_AIRBYTE = """
import resource, subprocess, sys
line = "cat /config/messages | $AIRBYTE_ENTRYPOINT write --config /config/config.json --catalog /config/catalog.json"
code = subprocess.run(["sh", "-c", line]).returncode
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=sys.stderr)
sys.exit(code)
"""


def customer(number: int) -> dict[str, Any]:
    return record("customers", {"id": f"IMAGE-{number}", "name": f"Customer {number}"})


def inside(images: BuiltImages, script: str) -> str:
    """Run a shell's script in the connector's image."""
    return images.docker("run", "--rm", "--network", "none", "--entrypoint", "sh", images.connector, "-c", script)


def inspected(images: BuiltImages, image: str) -> dict[str, Any]:
    (found,) = json.loads(images.docker("image", "inspect", image))
    return found


def ids(emulator: EmulatorProcess) -> set[str]:
    return {each["id"] for each in emulator.records(CUSTOMERS) if each["id"].startswith("IMAGE-")}


def test_spec(connector_image: BuiltImages) -> None:
    finished = run_image(connector_image, ["spec"], {})

    assert (finished.code, finished.stderr) == (0, "")
    (message,) = finished.messages
    assert message["spec"] == json.loads((ROOT / "destination_sage_intacct/spec.json").read_text("utf-8"))


def test_check(connector_image: BuiltImages, emulator: EmulatorProcess, config_for: Configure) -> None:
    config = config_for(emulator)
    assert run_image(connector_image, command("check"), config).status == {"status": "SUCCEEDED"}

    config["credentials"] = config["credentials"] | {"client_secret": "wrong-secret"}
    assert run_image(connector_image, command("check"), config).status["status"] == "FAILED"


def test_discover(connector_image: BuiltImages, emulator: EmulatorProcess, config_for: Configure) -> None:
    finished = run_image(connector_image, command("discover"), config_for(emulator))

    assert (finished.code, finished.stderr) == (0, "")
    (message,) = finished.of_type("DESTINATION_CATALOG")
    objects = {each["object_name"] for each in message["destination_catalog"]["operations"]}
    assert {"Customer", "Vendor", "Invoice"} <= objects


def test_write(connector_image: BuiltImages, empty_emulator: EmulatorProcess, config_for: Configure) -> None:
    lines = [customer(1), customer(2), stream_state("customers", 1)]

    finished = run_image(connector_image, command("write"), config_for(empty_emulator, matching=BY_ID), STREAMS, lines)

    assert (finished.code, finished.stderr) == (0, "")
    assert [state["id"] for state in finished.states] == [1]
    assert ids(empty_emulator) == {"IMAGE-1", "IMAGE-2"}


def test_airbytes_own_command_line_writes_many_rows(
    connector_image: BuiltImages,
    empty_emulator: EmulatorProcess,
    config_for: Configure,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Airbyte starts a shell with $AIRBYTE_ENTRYPOINT behind a pipe; the memory's limit is that of HARDENED."""
    lines = [*map(customer, range(MANY)), stream_state("customers", 1)]
    python = ("--entrypoint", "/opt/connector/bin/python")

    with config_folder(config_for(empty_emulator, matching=BY_ID), STREAMS) as folder:
        (folder / "messages").write_text("".join(f"{json.dumps(line)}\n" for line in lines), "utf-8")
        process = subprocess.run(
            ["docker", *start(folder, *python), connector_image.connector, "-c", STARTED_BY_AIRBYTE],
            env=connector_image.environment,
            capture_output=True,
            check=False,
        )

    finished = finished_run(process.returncode, process.stdout, process.stderr)
    assert finished.code == 0, finished.stderr
    assert [state["destinationStats"]["recordCount"] for state in finished.states] == [MANY]
    assert len(ids(empty_emulator)) == MANY
    with capsys.disabled():
        print(f"\nThe image: a write of {MANY} rows needs {int(finished.stderr) // 1024} MB at most.")


def test_it_is_small_and_its_size_and_time_to_start_are_told(
    connector_image: BuiltImages, capsys: pytest.CaptureFixture[str]
) -> None:
    size, base = (
        inspected(connector_image, name)["Size"] for name in (connector_image.connector, connector_image.base)
    )
    assert size - base < MOST_BYTES
    before = time.monotonic()
    assert run_image(connector_image, ["spec"], {}).code == 0
    seconds = time.monotonic() - before

    with capsys.disabled():
        print(f"\nThe image: {size / 1e6:.0f} MB, its base {base / 1e6:.0f} MB of them; spec in {seconds:.1f} s.")


def test_docker_stop_ends_a_write_with_143(
    connector_image: BuiltImages, empty_emulator: EmulatorProcess, config_for: Configure
) -> None:
    """After 10 seconds docker would kill it, and the exit code would be 137."""
    with config_folder(config_for(empty_emulator, matching=BY_ID), STREAMS) as folder:
        arguments = (*start(folder, "--name", "stopped"), connector_image.connector, *command("write"))
        with subprocess.Popen(
            ["docker", *arguments], env=connector_image.environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        ) as process:
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.write(
                "".join(json.dumps(each) + "\n" for each in (customer(1), stream_state("customers", 1))).encode()
            )
            process.stdin.flush()
            assert any(json.loads(line)["type"] == "STATE" for line in iter(process.stdout.readline, b""))

            connector_image.docker("stop", "--time", "10", "stopped")

            assert process.wait() == 143
    assert ids(empty_emulator) == {"IMAGE-1"}


def test_the_user_is_a_number_that_is_not_root_and_can_write_nothing(connector_image: BuiltImages) -> None:
    assert inspected(connector_image, connector_image.connector)["Config"]["User"] == "1000:1000"
    assert inside(connector_image, "id -u; id -g; find /opt -writable -not -type l").split() == ["1000", "1000"]


def test_nothing_is_inside_that_the_connector_does_not_need(connector_image: BuiltImages) -> None:
    packages = "/opt/connector/lib/python3*/site-packages"

    installed = inside(connector_image, f"ls {packages}").split()
    assert "destination_sage_intacct" in installed
    developing = (
        "airbyte_cdk",
        "setuptools",
        "intacct_emulator",
        "pytest",
        "moto",
        "mypy",
        "hypothesis",
        "starlette",
        "unit_tests",
        "benchmarks",
    )
    assert [name for name in developing if name in installed] == []
    assert inside(connector_image, "for tool in cc gcc g++ clang rustc; do command -v $tool; done; true") == ""
    assert inside(connector_image, "ls -A /build /custom_cache ~root/.cache 2>/dev/null; true") == ""


def test_every_package_finds_those_that_it_needs_but_for_the_cdk_that_no_verb_imports(
    connector_image: BuiltImages,
) -> None:
    told = inside(connector_image, "python -m pip --python /opt/connector/bin/python check || true")
    assert re.fullmatch(r"destination-sage-intacct \S+ requires airbyte-cdk, which is not installed.\n", told)


def test_its_bill_of_materials_is_where_the_label_says_and_names_what_is_installed(
    connector_image: BuiltImages,
) -> None:
    place = inspected(connector_image, connector_image.connector)["Config"]["Labels"]["io.airbyte.sbom"]
    bill = json.loads(inside(connector_image, f"cat {place}"))

    assert bill["bomFormat"] == "CycloneDX"
    assert {each["name"]: each["version"] for each in bill["components"]} == locked(IMAGE_LOCK)
    assert bill["metadata"]["component"]["name"] == "destination-sage-intacct"


def test_the_version_is_told(connector_image: BuiltImages) -> None:
    labels = inspected(connector_image, connector_image.connector)["Config"]["Labels"]
    told = connector_image.docker("run", "--rm", "--network", "none", connector_image.connector, "--version")
    assert told == f"destination-sage-intacct {labels['org.opencontainers.image.version']}\n"


def test_all_that_the_connector_imports_is_compiled(connector_image: BuiltImages) -> None:
    """Where nothing can be written, Python would compile what is not at each start."""
    script = "import sys, os, boto3, importlib.metadata, jsonschema, sqlite3; "
    script += "boto3.client('s3', region_name='us-east-1'); import destination_sage_intacct.run, "
    script += "destination_sage_intacct.application, destination_sage_intacct.rejected_rows.s3\n"
    script += "for module in sys.modules.values():\n"
    script += "    cached = getattr(module, '__cached__', None)\n"
    script += "    if cached and not os.path.exists(cached): print(module.__name__)"

    assert inside(connector_image, f'/opt/connector/bin/python -c "{script}"') == ""


def test_the_labels_name_the_connector_and_its_version(connector_image: BuiltImages) -> None:
    (version,) = re.findall(r'^VERSION = "(.+)"$', (ROOT / "setup.py").read_text("utf-8"), re.MULTILINE)
    labels = inspected(connector_image, connector_image.connector)["Config"]["Labels"]

    assert labels["io.airbyte.name"] == "airbyte/destination-sage-intacct"
    assert labels["io.airbyte.version"] == labels["org.opencontainers.image.version"] == version

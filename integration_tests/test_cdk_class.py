"""The class that Airbyte's CDK finds by name does what the process does."""

import importlib
import io
import json
import logging
from collections.abc import Callable
from typing import Any

import pytest
from airbyte_cdk.destinations import Destination
from airbyte_cdk.models import (
    AirbyteMessageSerializer,
    ConfiguredAirbyteCatalogSerializer,
    ConnectorSpecificationSerializer,
    Status,
)
from airbyte_input import catalog, configured_stream, record, stream_state
from connector_process import run
from emulator_process import EmulatorProcess

LOGGER = logging.getLogger("airbyte")
STREAMS = catalog(configured_stream("customers", columns=("key", "id", "name")))


@pytest.fixture
def said() -> io.BytesIO:
    return io.BytesIO()


@pytest.fixture
def destination(said: io.BytesIO) -> Destination:
    connector = importlib.import_module("destination_sage_intacct").DestinationSageIntacct
    assert issubclass(connector, Destination)
    return connector(said)


def test_an_unknown_name_is_no_attribute_of_the_package() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'SourceSageIntacct'"):
        _ = importlib.import_module("destination_sage_intacct").SourceSageIntacct


def test_its_spec_is_what_the_process_prints(destination: Destination) -> None:
    (printed,) = run("spec", {}).of_type("SPEC")

    assert (
        ConnectorSpecificationSerializer.dump(destination.spec(LOGGER)).items()
        >= {
            name: value for name, value in printed["spec"].items() if name != "supported_destination_sync_modes"
        }.items()
    )


def test_its_discover_tells_what_the_process_prints(
    destination: Destination, said: io.BytesIO, emulator: EmulatorProcess, config_for: Callable[..., dict[str, Any]]
) -> None:
    (printed,) = run("discover", config_for(emulator)).of_type("DESTINATION_CATALOG")

    assert destination.discover(LOGGER, config_for(emulator)) == printed["destination_catalog"]
    assert said.getvalue() == b""


def test_its_check_answers_as_the_process_does(
    destination: Destination, emulator: EmulatorProcess, config_for: Callable[..., dict[str, Any]]
) -> None:
    right, wrong = config_for(emulator), config_for(emulator, entity_id="999")

    assert destination.check(LOGGER, right).status is Status.SUCCEEDED
    answer = destination.check(LOGGER, wrong)
    assert (answer.status, answer.message) == (Status.FAILED, run("check", wrong).status["message"])


def test_its_write_takes_the_cdks_messages(
    destination: Destination, said: io.BytesIO, emulator: EmulatorProcess, config_for: Callable[..., dict[str, Any]]
) -> None:
    lines = [record("customers", {"id": "CDK-1", "name": "By class"}), stream_state("customers", 1)]
    messages = [AirbyteMessageSerializer.load(line) for line in lines]

    returned = destination.write(config_for(emulator), ConfiguredAirbyteCatalogSerializer.load(STREAMS), messages)

    assert list(returned) == []
    assert "CDK-1" in {each["id"] for each in emulator.records("accounts-receivable/customer")}
    (state,) = [line for line in map(json.loads, said.getvalue().splitlines()) if line["type"] == "STATE"]
    assert state["state"]["destinationStats"]["recordCount"] == 1.0


def test_half_of_a_character_in_a_message_costs_its_row_alone(
    destination: Destination, said: io.BytesIO, emulator: EmulatorProcess, config_for: Callable[..., dict[str, Any]]
) -> None:
    rows = [{"id": "CDK-2", "name": "Elm \ud83d"}, {"id": "CDK-3", "name": "Oak"}]
    messages = [AirbyteMessageSerializer.load(record("customers", row)) for row in rows]
    config = config_for(emulator, rejected_rows={"policy": "continue"})

    destination.write(config, ConfiguredAirbyteCatalogSerializer.load(STREAMS), messages)

    ids = {each["id"] for each in emulator.records("accounts-receivable/customer")}
    assert {"CDK-2", "CDK-3"} & ids == {"CDK-3"}
    assert b"Rejected row 1 of stream customers" in said.getvalue()


def test_its_run_is_the_process(destination: Destination, said: io.BytesIO) -> None:
    destination.run(["spec"])

    assert json.loads(said.getvalue())["type"] == "SPEC"
    with pytest.raises(SystemExit):
        destination.run(["discover"])

"""The same id in another entity is another question: it is looked up, never taken for the record of the first."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from airbyte_input import catalog, configured_stream, record
from emulator_process import EmulatorProcess
from invoices import STREAM
from sync_in_process import Synced, sync
from tampering import tampering

from destination_sage_intacct.intacct.classify import Answer
from destination_sage_intacct.intacct.transport import HttpRequest

Json = Any

VENDORS = "accounts-payable/vendor"


@pytest.fixture
def config(emulator: EmulatorProcess, config_for: Callable[..., Json]) -> Json:
    streams = [{"stream": STREAM, "entity_field": "company"}]
    return config_for(
        emulator, object_type="Vendor", matching={"by": "fields", "fields": ["id"]}, streams=streams, operation="upsert"
    )


def write(config: Json, *rows: Json, **settings: Any) -> Synced:
    stream = configured_stream(STREAM, columns=("id", "name", "company"))
    return sync(config, catalog(stream), [record(STREAM, row) for row in rows], **settings)


@pytest.mark.parametrize("name", ["One", "Another"])
def test_a_row_of_another_entity_is_not_settled_by_what_this_sync_wrote_in_the_first(
    emulator: EmulatorProcess, config: Json, name: str
) -> None:
    rows = [{"id": "V-1", "name": "One", "company": "100"}, {"id": "V-1", "name": name, "company": "200"}]

    synced = write(config, *rows)

    assert synced.outcomes(STREAM) == {"created": 1, "rejected": 1}
    held = [(each["name"], each["entity"]["id"]) for each in emulator.records(VENDORS) if each["id"] == "V-1"]
    assert held == [("One", "100")]


def test_a_record_of_the_top_level_is_found_from_an_entity_and_updated(emulator: EmulatorProcess, config: Json) -> None:
    rows = [{"id": "V-1", "name": "One", "company": None}, {"id": "V-1", "name": "Two", "company": "100"}]

    assert write(config, *rows).outcomes(STREAM) == {"created": 1, "updated": 1}
    held = [(each["name"], each["entity"]["id"]) for each in emulator.records(VENDORS) if each["id"] == "V-1"]
    assert held == [("Two", None)]


def test_an_entity_that_may_not_be_entered_is_named_with_what_to_permit(config: Json) -> None:
    said = "User is not allowed to enter entity 200"

    def tamper(request: HttpRequest, answer: Answer) -> Answer:
        if request.headers.get("X-IA-API-Param-Entity") != "200":
            return answer
        error = {"code": "forbidden", "errorId": "GW-0042", "message": said}
        return replace(answer, status=403, payload={"ia::result": {"ia::error": error}})

    row = {"id": "V-2", "name": "Two", "company": "200"}
    assert str(write(config, row, transport=tampering(tamper)).error) == (
        f"Access to entity 200 is denied (403). Sage Intacct says: {said}. [GW-0042] Assign the user to the entity "
        "under Company > Admin > Users > User entities in Sage Intacct, and check `entity_id`."
    )

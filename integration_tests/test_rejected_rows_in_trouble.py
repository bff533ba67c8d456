"""What is acknowledged around rejected rows: a STATE only when those before it are stored, whatever happens."""

from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

import pytest
from airbyte_input import catalog, configured_stream, record, stream_state
from connector_process import Finished, run, writing
from emulator_process import EmulatorProcess
from stored_rejections import REASON, StoredFiles, rejected_numbers, s3_server

pytestmark = pytest.mark.usefixtures("untraced")

Json = Any
CUSTOMERS = "accounts-receivable/customer"
STREAMS = catalog(configured_stream("customers", columns=("key", "id", "name"), sync_id=42))
BAD = {"key": "not, a key", "name": "Rejected name"}


@pytest.fixture
def config(
    emulator: EmulatorProcess, bucket: StoredFiles, config_for: Callable[..., dict[str, Json]]
) -> dict[str, Json]:
    return config_for(emulator, object_storage_config=bucket.config)


def good(number: int) -> Json:
    return record("customers", {"id": f"G-{number}", "name": "Good"})


def bad() -> Json:
    return record("customers", BAD)


def state(number: int) -> Json:
    return stream_state("customers", number)


def ids(finished: Finished) -> list[int]:
    return [each["id"] for each in finished.states]


def numbers(bucket: StoredFiles) -> list[int]:
    """Return the numbers of the rows that are stored, in order."""
    return sorted(int(row[f"{REASON}row"]) for row in bucket.rows())


def test_a_state_behind_rejected_rows_comes_while_input_stays_open_and_then_they_are_stored(
    config: dict[str, Json], bucket: StoredFiles
) -> None:
    with writing(config, STREAMS) as running:
        running.send(good(1), bad(), state(1))
        answer = running.next("STATE")["state"]
        assert numbers(bucket) == [2]
        running.send(bad(), bad(), state(2))
        running.next("STATE")
        assert numbers(bucket) == [2, 3, 4]
        finished = running.finish()

    assert answer["destinationStats"] == {"recordCount": 1.0, "rejectedRecordCount": 1.0}
    assert finished.code == 0


def test_rows_that_no_state_waits_for_wait_for_others(config: dict[str, Json], bucket: StoredFiles) -> None:
    with writing(config, STREAMS) as running:
        running.send(bad())
        running.nothing_comes("STATE", during=1.5)
        assert bucket.files() == []
        running.send(bad())
        assert running.finish().code == 0

    assert len(bucket.files()) == 1


def test_many_states_with_few_rejected_rows_share_a_file(config: dict[str, Json], bucket: StoredFiles) -> None:
    lines = [line for number in range(1, 301) for line in (bad(), good(number), state(number))]

    finished = run("write", config, STREAMS, lines)

    assert ids(finished) == list(range(1, 301))
    assert {tuple(each["destinationStats"].values()) for each in finished.states} == {(1.0, 1.0)}
    assert numbers(bucket) == list(range(1, 601, 2))
    assert len(bucket.files()) == 1


def test_sigterm_stores_what_is_rejected_and_releases_its_state(
    emulator: EmulatorProcess, config: dict[str, Json], bucket: StoredFiles
) -> None:
    """A row is on its way, so that nothing is stored before."""
    slow = {"kind": "delay", "seconds": 6.0, "when": "after"}
    emulator.fault(route="/objects/accounts-receivable/customer", method="POST", nth=[2], action=slow)
    with writing(config, STREAMS) as running:
        running.send(good(1), state(1))
        running.next("STATE")
        running.send(bad(), good(2), state(2))
        running.nothing_comes("STATE", during=3.25)
        assert bucket.files() == []
        running.terminate()
        finished = running.finish()

    assert (finished.code, ids(finished)) == (143, [1, 2])
    assert numbers(bucket) == [2]
    assert finished.of_type("TRACE") == []


def test_a_bucket_deleted_mid_sync_fails_it_and_nothing_is_acknowledged_too_early(
    config: dict[str, Json], bucket: StoredFiles
) -> None:
    with writing(config, STREAMS) as running:
        running.send(good(1), bad(), state(1))
        running.next("STATE")
        bucket.take_away()
        running.send(good(2), bad(), state(2), good(3), state(3))
        finished = running.finish()

    assert finished.code == 1
    assert ids(finished) == [1]
    assert finished.error["failure_type"] == "config_error"
    assert finished.error["message"] == (
        f"The bucket `{bucket.name}` for rejected rows cannot be written to: the service says: The specified bucket "
        "does not exist [NoSuchBucket]. Create the bucket, or correct `object_storage_config.s3_bucket_name`."
    )
    (unstored,) = [line for line in finished.log if "could not be stored" in line]
    assert unstored == (
        "1 rejected row could not be stored. No state that covers it was acknowledged, so the next sync sends it again."
    )


def test_after_a_service_went_away_mid_sync_the_next_sync_stores_what_is_missing(
    emulator: EmulatorProcess, config: dict[str, Json], bucket: StoredFiles
) -> None:
    lines = [good(1), bad(), state(1), good(2), bad(), state(2)]
    with ExitStack() as served:
        leaving = StoredFiles(served.enter_context(s3_server()))
        with writing(config | {"object_storage_config": leaving.config}, STREAMS) as running:
            running.send(*lines[:3])
            running.next("STATE")
            stored = len(leaving.rows())
            served.close()
            running.send(*lines[3:])
            finished = running.finish()

    again = run("write", config, STREAMS, lines[3:])

    assert (finished.code, ids(finished), stored) == (1, [1], 1)
    assert finished.error["failure_type"] == "transient_error"
    assert finished.error["message"] == (
        f"The bucket `{leaving.name}` for rejected rows cannot be written to: {leaving.config['s3_endpoint']} cannot "
        "be reached (EndpointConnectionError). The next sync tries again; if the error persists, check "
        "`object_storage_config.s3_endpoint`, `object_storage_config.s3_bucket_region` and the network."
    )
    assert (again.code, ids(again), numbers(bucket)) == (0, [2], [2])
    assert [each["id"] for each in emulator.records(CUSTOMERS) if each["name"] == "Good"] == ["G-1", "G-2"]


def test_a_bucket_that_is_not_there_fails_the_sync_before_anything_is_booked(
    emulator: EmulatorProcess, config: dict[str, Json]
) -> None:
    before = emulator.records(CUSTOMERS)
    config["object_storage_config"] = config["object_storage_config"] | {"s3_bucket_name": "no-such-bucket"}

    finished = run("write", config, STREAMS, [good(1), state(1), state(2)])

    assert finished.code == 1
    assert finished.states == []
    assert finished.error["failure_type"] == "config_error"
    assert emulator.records(CUSTOMERS) == before


def test_a_failure_of_the_sync_still_stores_what_was_rejected_before(
    emulator: EmulatorProcess, config: dict[str, Json], bucket: StoredFiles
) -> None:
    """Its STATE is released, so that these rows do not come again."""
    emulator.fault(route="/objects/*", method="POST", action={"kind": "status", "status": 503, "when": "before"})
    lines = [bad(), bad(), state(1), good(1), state(2)]

    finished = run("write", config | {"max_retries": 0}, STREAMS, lines)

    assert finished.code == 1
    assert finished.error["failure_type"] == "transient_error"
    assert "POST /objects/accounts-receivable/customer" in finished.error["message"]
    assert ids(finished) == [1]
    assert numbers(bucket) == [1, 2]


def test_stop_stores_rejected_rows_and_acknowledges_none(config: dict[str, Json], bucket: StoredFiles) -> None:
    config["rejected_rows"] = {"policy": "stop", "max_rows": 1}

    finished = run("write", config, STREAMS, [bad(), state(1), bad(), state(2), good(1), state(3)])

    assert finished.code == 1
    assert ids(finished) == []
    assert numbers(bucket) == [1, 2]
    assert f"Each one is explained in the files in `s3://{bucket.name}/rejected/42/`." in finished.error["message"]


def test_stop_within_its_limit_acknowledges_everything(config: dict[str, Json], bucket: StoredFiles) -> None:
    config["rejected_rows"] = {"policy": "stop", "max_rows": 1}

    finished = run("write", config, STREAMS, [good(1), state(1), bad(), state(2)])

    assert (finished.code, ids(finished), rejected_numbers(finished)) == (0, [1, 2], 1)
    assert numbers(bucket) == [2]

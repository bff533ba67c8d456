"""What is answered later: acknowledged at once, carried out once when its time has come."""

import base64
import json

import pytest

from emulator.emulator_rest import CUSTOMERS, VENDORS

STATUS = "/services/core/async/job-status"
BULK, BULK_STATUS = "/services/bulk/job/create", "/services/bulk/job/status"
LATER = {"Prefer": "respond-async"}
NEW = {"id": "C-1", "name": "A"}


@pytest.fixture
def slow(rest_with):
    """Give a client of an emulator whose jobs wait a minute and take another."""
    return rest_with("--job-seconds", "60")


def ids(rest):
    return [customer["id"] for customer in rest.emulator.records("accounts-receivable/customer")][3:]


def state(rest, job):
    return rest.get(f"{STATUS}?jobId={job}").result


def test_a_request_is_acknowledged_at_once_and_carried_out_once(slow):
    reply = slow.post(CUSTOMERS, NEW, **LATER)
    job = reply.result["jobId"]
    assert (reply.status, reply.headers["Retry-After"], reply.result["state"]) == (202, "120", "queued")
    assert reply.result["href"] == f"{STATUS}?jobId={job}"
    assert ids(slow) == []

    slow.emulator.advance_clock(61)
    assert (state(slow, job)["state"], ids(slow)) == ("inTransit", [])
    slow.emulator.advance_clock(60)
    told = state(slow, job)
    assert (told["state"], ids(slow)) == ("delivered", ["C-1"])
    assert set(told) == {"jobId", "state", "queuedDateTime", "startedDateTime", "finishedDateTime", "href"}
    assert told["queuedDateTime"] < told["startedDateTime"] < told["finishedDateTime"]
    slow.emulator.advance_clock(600)
    assert ids(slow) == ["C-1"]


def test_jobs_are_carried_out_one_after_another_each_in_its_own_entity(slow):
    first = slow.post(CUSTOMERS, NEW, X_IA_API_Param_Entity="100", **LATER).result["jobId"]
    second = slow.delete(f"{CUSTOMERS}/103", Prefer="respond-async-serialized").result["jobId"]
    slow.emulator.advance_clock(121)
    assert [state(slow, job)["state"] for job in (first, second)] == ["delivered", "inTransit"]
    slow.emulator.advance_clock(60)
    held = slow.emulator.records("accounts-receivable/customer")
    assert [(each["id"], each["entity"]["id"]) for each in held][2:] == [("C-1", "100")]
    assert slow.emulator.stats()["api_transactions"] == 2


def test_a_job_that_is_refused_is_delivered_and_writes_nothing(slow):
    job = slow.post(CUSTOMERS, {"id": "CUST-100", "name": "B"}, **LATER).result["jobId"]
    slow.emulator.advance_clock(121)
    assert (state(slow, job)["state"], ids(slow), slow.emulator.stats()["api_transactions"]) == ("delivered", [], 0)


def test_a_request_that_is_repeated_under_its_key_is_the_same_job(slow):
    first, again = (slow.post(CUSTOMERS, {"name": "A"}, Idempotency_Key="k", **LATER) for _ in range(2))
    assert (again.status, again.result["jobId"]) == (202, first.result["jobId"])
    slow.emulator.advance_clock(300)
    assert len(ids(slow)) == 1


def test_a_bad_token_is_refused_at_once_and_other_headers_ask_for_nothing(slow):
    assert slow.post(CUSTOMERS, NEW, Prefer="return=minimal", X_Policy="async").status == 201
    slow.token = "none"
    assert slow.post(CUSTOMERS, {"name": "B"}, **LATER).status == 401


def test_a_job_that_does_not_exist_is_told_by_its_number_within(rest):
    job = base64.urlsafe_b64encode(b"6465763031YuR").decode().rstrip("=")
    reply = rest.get(f"{STATUS}?jobId={job}")
    assert (reply.status, reply.error["code"]) == (404, "notFound")
    assert reply.error["message"] == "Asynchronous job 6465763031YuR status could not be found"
    for other in ("x", "caf\u00e9", "_w"):
        assert rest.get(f"{STATUS}?jobId={other}").status == 404
    assert rest.get(STATUS).status == 404
    assert rest.post(STATUS, {}).status == 405


def test_jobs_are_gone_after_a_reset(slow):
    slow.post(CUSTOMERS, NEW, **LATER)
    slow.emulator.reset()
    slow.emulator.advance_clock(600)
    assert ids(slow) == []


# --- Bulk


def submit(rest, file, *, job_file="file", name="file", filename="vendors.json", **asked):
    told = {"objectName": "accounts-payable/vendor", "operation": "create", "fileContentType": "json"}
    content = file if isinstance(file, str) else json.dumps(file)
    form = (
        '--b\r\nContent-Disposition: form-data; name="ia::requestBody"\r\nContent-Type: application/json\r\n\r\n'
        f"{json.dumps({**told, 'jobFile': job_file, **asked})}\r\n"
        f'--b\r\nContent-Disposition: form-data; name="{name}"; filename="{filename}"\r\n'
        f"Content-Type: application/json\r\n\r\n{content}\r\n--b--\r\n"
    )
    return rest.post(BULK, form.encode(), Content_Type="multipart/form-data; boundary=b")


def vendors(rest):
    return {each["id"]: each["name"] for each in rest.emulator.records("accounts-payable/vendor")}


def test_a_bulk_job_goes_on_after_a_failure_and_answers_by_position(slow):
    file = [{"id": "V-1", "name": "Zoë"}, {"id": "VEND-100", "name": "B"}, {"id": "V-3", "name": "C"}]
    reply = submit(slow, file)
    job = reply.result["jobId"]
    asked = f"{BULK_STATUS}?jobId={job}"
    assert (reply.status, reply.result["statusURL"]) == (200, asked)
    assert slow.get(asked).result["status"] == "queued"
    slow.emulator.advance_clock(61)
    assert {"status", "percentComplete"} <= set(slow.get(f"{asked}&download=true").result)
    assert set(vendors(slow)) == {"VEND-100", "VEND-200"}

    slow.emulator.advance_clock(60)
    told = slow.get(asked).result
    assert (told["status"], told["jobStatusFile"]) == ("completed", f"{job}-response.json")
    results = slow.get(told["downloadURL"])
    assert [each["ia::status"] for each in results.result] == [201, 422, 201]
    assert results.body["ia::meta"] == {"totalCount": 3, "totalSuccess": 2, "totalError": 1}
    assert (vendors(slow)["V-1"], vendors(slow)["VEND-100"]) == ("Zoë", "Pacific Bell")
    assert slow.emulator.stats()["api_transactions"] == 2


@pytest.mark.parametrize(("job_file", "name"), [("vendors.json", "file"), ("file", "file")])
def test_the_file_is_named_by_its_part_or_by_its_own_name(slow, job_file, name):
    assert submit(slow, [{"id": "V-1", "name": "A"}], job_file=job_file, name=name).status == 200
    slow.emulator.advance_clock(121)
    assert "V-1" in vendors(slow)


def test_a_bulk_job_changes_and_deletes_by_key(slow):
    submit(slow, [{"key": "301", "name": "X"}, {"name": "Y"}], operation="update")
    submit(slow, [{"key": "302"}, {"key": "999"}], operation="delete")
    slow.emulator.advance_clock(600)
    assert vendors(slow) == {"VEND-100": "X"}


def test_more_records_than_a_batch_and_more_bytes_than_a_request_are_taken(slow):
    submit(slow, [{"id": f"V-{number}", "name": "n" * 80, "notes": "x" * 2000} for number in range(600)])
    slow.emulator.advance_clock(600)
    assert len(vendors(slow)) == 602


@pytest.mark.parametrize(
    "asked", [{"operation": "upsert"}, {"fileContentType": "csv"}, {"job_file": "other"}, {"extra": 1}], ids=str
)
def test_a_form_of_another_kind_is_refused(slow, asked):
    assert submit(slow, [{"id": "V-1", "name": "A"}], **asked).status == 400
    slow.emulator.advance_clock(600)
    assert "V-1" not in vendors(slow)


def test_a_body_that_is_no_form_is_refused_and_a_file_that_is_no_list_fails_the_job(slow):
    assert slow.post(BULK, [{"id": "V-1"}]).status == 400
    for file in ({"id": "V-1", "name": "A"}, "[{"):
        job = submit(slow, file).result["jobId"]
        slow.emulator.advance_clock(600)
        assert slow.get(f"{BULK_STATUS}?jobId={job}").result["status"] == "failed"
    assert slow.get(f"{BULK_STATUS}?jobId=none").status == 404
    assert slow.get(VENDORS).body["ia::meta"]["totalCount"] == 2

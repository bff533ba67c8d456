"""Many records in one request: each by itself, or all or none; told in the form that was asked for."""

import pytest

from emulator.emulator_rest import CUSTOMERS

GOOD = {"id": "C-1", "name": "A"}
TAKEN = {"id": "CUST-100", "name": "B"}
WRONG = {"id": "C-3", "nam": "C", "name": "C"}
ALSO_GOOD = {"id": "C-4", "name": "D"}
MIXED = [GOOD, TAKEN, WRONG, ALSO_GOOD]


def ids(rest):
    return [customer["id"] for customer in rest.emulator.records("accounts-receivable/customer")][3:]


def test_a_batch_that_succeeds_answers_references_in_order(rest):
    reply = rest.post(CUSTOMERS, [GOOD, ALSO_GOOD])
    assert reply.status == 201
    assert [set(item) for item in reply.result] == [{"key", "id", "href"}] * 2
    assert [item["id"] for item in reply.result] == ["C-1", "C-4"]
    assert reply.body["ia::meta"] == {"totalCount": 2, "totalSuccess": 2, "totalError": 0}


def test_a_batch_that_fails_in_part_tells_each_record_by_position(rest):
    reply = rest.post(CUSTOMERS, MIXED)
    assert reply.status == 207
    assert [item["ia::status"] for item in reply.result] == [201, 422, 400, 201]
    assert ["ia::error" in item for item in reply.result] == [False, True, True, False]
    assert "key" not in reply.result[1]
    assert reply.body["ia::meta"] == {"totalCount": 4, "totalSuccess": 2, "totalError": 2}
    assert ids(rest) == ["C-1", "C-4"]


def test_a_batch_of_which_every_record_fails_alike_has_their_status(rest):
    reply = rest.post(CUSTOMERS, [TAKEN, TAKEN])
    assert (reply.status, [item["ia::status"] for item in reply.result]) == (422, [422, 422])


def test_a_batch_finds_a_duplicate_within_itself(rest):
    reply = rest.post(CUSTOMERS, [GOOD, GOOD])
    assert [item["ia::status"] for item in reply.result] == [201, 422]


def test_a_transaction_writes_all_or_none(rest):
    reply = rest.post(CUSTOMERS, MIXED, X_IA_API_Param_Transaction="true")
    assert [item["ia::status"] for item in reply.result] == [422, 422, 400, 422]
    assert reply.result[0]["ia::error"]["code"] == "unprocessed"
    assert reply.body["ia::meta"] == {"totalCount": 4, "totalSuccess": 0, "totalError": 4}
    assert ids(rest) == []
    assert rest.post(CUSTOMERS, [GOOD, ALSO_GOOD], X_IA_API_Param_Transaction="true").status == 201


def test_a_transaction_of_changes_is_taken_back_whole(rest):
    changes = [{"key": "101", "name": "X"}, {"key": "102", "status": "inactive"}, {"key": "999", "name": "Z"}]
    assert rest.patch(CUSTOMERS, changes, X_IA_API_Param_Transaction="true").status == 207
    held = rest.emulator.records("accounts-receivable/customer")
    assert (held[0]["name"], held[1]["status"]) == ("Power Aerospace Materials", "active")


def test_records_are_changed_by_their_keys(rest):
    reply = rest.patch(CUSTOMERS, [{"key": "102", "name": "X"}, {"key": "999", "name": "Y"}, {"name": "Z"}])
    assert reply.status == 207
    assert [item["ia::status"] for item in reply.result] == [200, 404, 400]
    assert reply.result[0]["id"] == "CUST-200"
    assert rest.get(f"{CUSTOMERS}/102").result["name"] == "X"


def test_records_are_deleted_by_their_keys(rest):
    assert rest.delete(f"{CUSTOMERS}/101,102").status == 204
    reply = rest.delete(f"{CUSTOMERS}/103,101")
    assert (reply.status, reply.result[0]) == (207, {"ia::status": 204})
    assert reply.result[1]["ia::status"] == 404
    assert rest.get(CUSTOMERS).result == []


def test_more_than_five_hundred_records_are_refused_and_five_hundred_are_not(rest):
    assert rest.post(CUSTOMERS, [{"name": "N"}] * 501).status == 400
    assert rest.post(CUSTOMERS, []).status == 400
    assert rest.post(CUSTOMERS, [{"name": "N"}] * 500).body["ia::meta"]["totalSuccess"] == 500


def test_a_failed_record_may_be_told_by_a_list_of_errors(rest_with):
    reply = rest_with("--partial-form", "error-list").post(CUSTOMERS, [GOOD, TAKEN])
    assert reply.status == 207
    assert [error["errorId"] for error in reply.result[1]["ia::error"]] == ["REST-7001"]


def test_a_failed_batch_may_be_told_as_a_whole_with_nothing_written(rest_with):
    rest = rest_with("--partial-form", "whole")
    reply = rest.post(CUSTOMERS, [GOOD, TAKEN])
    assert (reply.status, reply.error["errorId"]) == (422, "REST-7001")
    assert ids(rest) == []
    assert rest.post(CUSTOMERS, [GOOD, ALSO_GOOD]).status == 201


def test_arrays_can_be_refused(rest_with):
    rest = rest_with("--no-arrays")
    assert rest.post(CUSTOMERS, [GOOD]).status == 400
    assert rest.patch(CUSTOMERS, [{"key": "101", "name": "X"}]).status == 400
    assert rest.post(CUSTOMERS, GOOD).status == 201


@pytest.mark.parametrize(("reading", "status"), [("200", 200), ("first-failure", 422)])
def test_a_batch_that_fails_in_part_may_have_another_status_with_the_same_results(rest_with, reading, status):
    rest = rest_with("--partial-status", reading)
    reply = rest.post(CUSTOMERS, MIXED)
    assert (reply.status, [item["ia::status"] for item in reply.result]) == (status, [201, 422, 400, 201])
    assert rest.post(CUSTOMERS, [WRONG, WRONG]).status == 400
    assert ids(rest) == ["C-1", "C-4"]


def test_records_of_a_batch_that_fails_in_part_may_have_no_status(rest_with):
    reply = rest_with("--partial-form", "no-status").post(CUSTOMERS, MIXED)
    assert (reply.status, [set(item) for item in reply.result]) == (
        207,
        [{"key", "id", "href"}, {"ia::error"}, {"ia::error"}, {"key", "id", "href"}],
    )


@pytest.mark.parametrize(
    ("names", "targets"),
    [("first", [None]), ("place", ["/1"]), ("each", ["/1", "/2/nam"]), ("nothing", [])],
)
def test_the_refusal_of_a_whole_batch_names_so_much_of_the_records_at_fault(rest_with, names, targets):
    rest = rest_with("--partial-form", "whole", "--whole-names", names)
    reply = rest.post(CUSTOMERS, MIXED)
    assert reply.status == 422
    assert [detail.get("target") for detail in reply.error.get("details", ())] == targets
    assert ids(rest) == []

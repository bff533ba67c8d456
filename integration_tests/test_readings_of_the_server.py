"""Where the emulator guesses, and a wrong guess could lose, double or misplace a record: right in each reading."""

from collections.abc import Callable
from typing import Any

import pytest
from airbyte_input import catalog, configured_stream, record
from emulator_process import EmulatorProcess
from sync_in_process import Synced, sync

Json = Any

STREAM = "rows"
CUSTOMERS, BILLS, INVOICES = "accounts-receivable/customer", "accounts-payable/bill", "accounts-receivable/invoice"
BILL = {
    "billNumber": "B-1",
    "vendor__id": "VEND-100",
    "createdDate": "2026-01-10",
    "dueDate": "2026-02-10",
    "currency__txnCurrency": "USD",
    "lines": [{"txnAmount": "9.00", "glAccount": {"id": "6000"}, "dimensions": {"location": {"id": "US"}}}],
}


def write(config: Json, *rows: Json) -> Synced:
    stream = configured_stream(STREAM, columns=tuple(rows[0]))
    return sync(config, catalog(stream), [record(STREAM, row) for row in rows])


@pytest.mark.parametrize("status", ["400", "409", "422"])
@pytest.mark.parametrize("operation", ["insert", "upsert"])
def test_an_id_that_is_taken_makes_no_second_record_under_any_status(
    emulator_with: Callable[..., EmulatorProcess], config_for: Callable[..., Json], status: str, operation: str
) -> None:
    emulator = emulator_with("--duplicate-status", status)
    config = config_for(emulator, operation=operation, rejected_rows={"policy": "continue"})
    rows = [{"id": "CUST-100", "name": "Another"}, {"id": "C-1", "name": "New"}]

    by_key = write(config, *[row | {"key": None} for row in rows])

    assert by_key.outcomes(STREAM) == {"created": 1, "rejected": 1}
    assert "CUST-100" not in [each["id"] for each in emulator.records(CUSTOMERS) if each["name"] == "Another"]
    assert [each["name"] for each in emulator.records(CUSTOMERS) if each["id"] == "C-1"] == ["New"]


@pytest.mark.parametrize("reading", ["refused", "top-level"])
def test_an_entity_that_does_not_exist_gets_no_row_at_the_top_level(
    emulator_with: Callable[..., EmulatorProcess], config_for: Callable[..., Json], reading: str
) -> None:
    emulator = emulator_with("--unknown-entity", reading)
    matching = {"by": "fields", "fields": ["id"]}

    by_row = write(
        config_for(
            emulator,
            matching=matching,
            streams=[{"stream": STREAM, "entity_field": "company"}],
            rejected_rows={"policy": "continue"},
        ),
        {"id": "C-1", "name": "x", "company": "999"},
    )
    assert by_row.outcomes(STREAM) == {"rejected": 1}
    assert "C-1" not in [each["id"] for each in emulator.records(CUSTOMERS)]


@pytest.mark.parametrize("reading", ["refused", "top-level"])
def test_a_token_for_an_entity_that_does_not_exist_writes_nothing(
    emulator_with: Callable[..., EmulatorProcess], config_for: Callable[..., Json], reading: str
) -> None:
    emulator = emulator_with("--unknown-entity", reading)
    credentials = {
        "auth_type": "client_credentials",
        "client_id": "demo-client",
        "client_secret": "demo-secret",
        "username": "demo@demo",
    }

    synced = write(config_for(emulator, entity_id="999", credentials=credentials), {"id": "C-1", "name": "x"})

    assert synced.error is not None
    assert "C-1" not in [each["id"] for each in emulator.records(CUSTOMERS)]


@pytest.mark.parametrize(
    ("reading", "said"),
    [("draft", "1 document written: 1 draft (not in the general ledger)"), ("posted", "1 document written: 1 posted")],
)
def test_the_summary_shows_the_state_of_a_bill_whatever_it_begins_with(
    emulator_with: Callable[..., EmulatorProcess], config_for: Callable[..., Json], reading: str, said: str
) -> None:
    emulator = emulator_with("--bill-state", reading)

    (summary,) = write(config_for(emulator, object_type="Bill", operation="insert"), BILL).summaries

    assert said in summary
    assert [each["state"] for each in emulator.records(BILLS)] == [reading]


@pytest.mark.parametrize("reading", ["token", "none"])
def test_a_refresh_token_serves_every_sync_whether_or_not_it_is_answered(
    emulator_with: Callable[..., EmulatorProcess], config_for: Callable[..., Json], reading: str
) -> None:
    emulator = emulator_with("--refresh-answer", reading)
    credentials = {
        "auth_type": "oauth2.0",
        "client_id": "demo-client",
        "client_secret": "demo-secret",
        "refresh_token": "demo-refresh-token",
    }
    config = config_for(emulator, credentials=credentials, operation="insert")

    for number in range(2):
        assert write(config, {"id": f"C-{number}", "name": "x"}).outcomes(STREAM) == {"created": 1}
        emulator.expire_tokens()


MIXED_ANSWERS = [
    ("--partial-status", "207"),
    ("--partial-status", "200"),
    ("--partial-status", "first-failure"),
    ("--partial-form", "error-list"),
    ("--partial-form", "no-status"),
    ("--partial-form", "no-status", "--partial-status", "200"),
    ("--partial-form", "whole"),
]


@pytest.mark.parametrize("reading", MIXED_ANSWERS, ids=" ".join)
def test_of_a_batch_that_fails_in_part_each_row_gets_its_own_outcome(
    emulator_with: Callable[..., EmulatorProcess], config_for: Callable[..., Json], reading: tuple[str, ...]
) -> None:
    emulator = emulator_with("--no-demo-data", *reading)
    deletes = {"on_source_delete": "delete", "rejected_rows": {"policy": "continue"}}
    config = config_for(emulator, matching={"by": "fields", "fields": ["id"]}, **deletes)
    bad = {"id": "C-3", "name": "3", "term__id": "none"}
    rows = [bad if number == 3 else {"id": f"C-{number}", "name": str(number), "term__id": None} for number in range(6)]

    created = write(config, *rows)
    assert created.outcomes(STREAM) == {"created": 5, "rejected": 1}
    assert [each["name"] for each in emulator.records(CUSTOMERS)] == ["0", "1", "2", "4", "5"]

    emulator.hold(CUSTOMERS, {"id": "C-3", "name": "3"})
    changed = write(config, *[row | {"name": row["name"] + "!"} for row in rows])
    assert changed.outcomes(STREAM) == {"updated": 5, "rejected": 1}
    assert sorted(each["name"] for each in emulator.records(CUSTOMERS)) == ["0!", "1!", "2!", "3", "4!", "5!"]

    used = {"customer": {"id": "C-3"}, "invoiceDate": "2026-01-05", "dueDate": "2026-02-04"}
    emulator.hold("general-ledger/account", {"id": "5004", "name": "Sales"})
    emulator.hold(INVOICES, {**used, "lines": [{"txnAmount": "1.00", "glAccount": {"id": "5004"}}]})
    gone = write(config, *[{"id": row["id"], "_ab_cdc_deleted_at": "2026-01-20T00:00:00Z"} for row in rows])
    assert gone.outcomes(STREAM) == {"deleted": 5, "rejected": 1}
    assert [each["id"] for each in emulator.records(CUSTOMERS)] == ["C-3"]


@pytest.mark.parametrize("reading", ["key", "id", "refused"])
def test_a_reference_whose_key_and_id_disagree_goes_by_the_key_in_every_reading(
    emulator_with: Callable[..., EmulatorProcess], config_for: Callable[..., Json], reading: str
) -> None:
    emulator = emulator_with("--reference-by", reading)
    config = config_for(emulator, object_type="Bill", matching={"by": "fields", "fields": ["billNumber"]})
    (supplies,) = (each["key"] for each in emulator.records("general-ledger/account") if each["id"] == "6100")
    line = {"txnAmount": "9.00", "glAccount": {"key": supplies, "id": "6000"}, "dimensions": {"location": {"id": "US"}}}
    row = BILL | {"vendor__key": "302", "lines": [line]}

    for _ in range(2):
        first = write(config, row)

    assert first.rejections == []
    held = emulator.records(BILLS)
    assert {(bill["vendor"]["id"], bill["lines"][0]["glAccount"]["id"]) for bill in held} == {("VEND-200", "6100")}
    assert len(held) == 1


@pytest.mark.parametrize("reading", ["key", "id", "refused"])
def test_a_reference_by_which_records_are_found_goes_by_what_finds_them_in_every_reading(
    emulator_with: Callable[..., EmulatorProcess], config_for: Callable[..., Json], reading: str
) -> None:
    emulator = emulator_with("--reference-by", reading)
    matching = {"by": "fields", "fields": ["vendor.id", "billNumber"]}
    row = BILL | {"vendor__key": "302"}

    outcomes = [
        write(config_for(emulator, object_type="Bill", matching=matching), row | more).outcomes(STREAM)
        for more in ({}, {}, {"referenceNumber": "PO-1"})
    ]

    assert outcomes == [{"created": 1}, {"unchanged": 1}, {"updated": 1}]
    assert [(bill["vendor"]["id"], bill["referenceNumber"]) for bill in emulator.records(BILLS)] == [
        ("VEND-100", "PO-1")
    ]


HOURS_49 = 49 * 3600


@pytest.mark.parametrize("reading", ["named", "unnamed"])
def test_a_row_whose_answer_is_stored_no_longer_is_not_booked_twice(
    emulator_with: Callable[..., EmulatorProcess], config_for: Callable[..., Json], reading: str
) -> None:
    emulator = emulator_with("--key-conflicts", reading)
    config = config_for(emulator, object_type="Bill", operation="insert", rejected_rows={"policy": "continue"})
    stream = configured_stream(STREAM, "append", columns=tuple(BILL), primary_key=[["billNumber"]])

    def again() -> Synced:
        return sync(config, catalog(stream), [record(STREAM, BILL)])

    assert again().outcomes(STREAM) == {"created": 1}
    emulator.advance_clock(HOURS_49)
    second = again()

    assert second.outcomes(STREAM) == {"rejected": 1}
    assert "[may_be_booked]" in second.rejections[0]
    assert "Look for it in Sage Intacct" in second.rejections[0]
    assert len(emulator.records(BILLS)) == 1


@pytest.mark.parametrize(("reading", "outcome"), [("named", {"created": 1}), ("unnamed", {"rejected": 1})])
def test_a_document_that_was_deleted_comes_back_once_or_its_row_is_told(
    emulator_with: Callable[..., EmulatorProcess], config_for: Callable[..., Json], reading: str, outcome: Json
) -> None:
    emulator = emulator_with("--key-conflicts", reading)
    matching = {"by": "fields", "fields": ["billNumber"]}
    settings = {"object_type": "Bill", "matching": matching, "rejected_rows": {"policy": "continue"}}
    config = config_for(emulator, **settings)

    write(config, BILL)
    emulator.delete(BILLS)
    emulator.advance_clock(HOURS_49)
    emulator.expire_tokens()
    back = write(config, BILL)

    assert back.outcomes(STREAM) == outcome
    assert all("`resend_after_48_hours`" in line for line in back.rejections)
    allowed = config_for(emulator, resend_after_48_hours=True, **settings)
    write(allowed, BILL)
    assert len(emulator.records(BILLS)) == 1


@pytest.mark.parametrize("reading", ["named", "unnamed"])
def test_records_with_ids_of_their_own_are_made_once_whatever_the_server_remembers(
    emulator_with: Callable[..., EmulatorProcess], config_for: Callable[..., Json], reading: str
) -> None:
    emulator = emulator_with("--no-demo-data", "--key-conflicts", reading)
    config = config_for(emulator, matching={"by": "fields", "fields": ["id"]})
    rows = [{"id": f"C-{number}", "name": str(number)} for number in range(3)]

    assert write(config, *rows).outcomes(STREAM) == {"created": 3}
    emulator.delete(CUSTOMERS)
    emulator.advance_clock(HOURS_49)
    assert write(config, *rows).outcomes(STREAM) == {"created": 3}
    assert write(config, *rows).outcomes(STREAM) == {"unchanged": 3}
    assert [each["id"] for each in emulator.records(CUSTOMERS)] == ["C-0", "C-1", "C-2"]


OTHER_BILL = {
    "billNumber": "B-2",
    "vendor": {"id": "VEND-200"},
    "createdDate": "2026-01-10",
    "dueDate": "2026-02-10",
    "currency": {"txnCurrency": "USD"},
}
PUTS = [("--update-method", "PATCH"), ("--update-method", "PUT"), ("--update-method", "PUT", "--put", "replaces")]


@pytest.mark.parametrize("more", [(), ("--no-query", "--no-model")], ids=" ".join)
@pytest.mark.parametrize("reading", PUTS, ids=" ".join)
def test_an_update_leaves_what_its_row_does_not_hold_whatever_the_method(
    emulator_with: Callable[..., EmulatorProcess],
    config_for: Callable[..., Json],
    reading: tuple[str, ...],
    more: tuple[str, ...],
) -> None:
    emulator = emulator_with(*reading, *more)
    contact = {"id": "AMoore", "email1": "a@example.com", "mailingAddress": {"city": "Ghent", "country": "BE"}}
    (key,) = emulator.hold(
        CUSTOMERS,
        {
            "id": "C-1",
            "name": "before",
            "notes": "kept",
            "creditLimit": 12.5,
            "term": {"id": "N30"},
            "contacts": {"default": contact},
            "nsp::REGION": "north",
        },
    )
    config = config_for(emulator)
    before = emulator.records(CUSTOMERS)[-1]

    for outcome in ("updated", "updated" if more else "unchanged"):
        assert write(config, {"key": key, "name": "after"}).outcomes(STREAM) == {outcome: 1}

    after = emulator.records(CUSTOMERS)[-1]
    assert without_stamps(after) == without_stamps(before) | {"name": "after"}
    assert [each["id"] for each in emulator.records(CUSTOMERS)].count("C-1") == 1


def without_stamps(value: Json) -> Json:
    """Return a record, or a part of it, without the times of its writes."""
    if isinstance(value, dict):
        return {name: without_stamps(each) for name, each in value.items() if name != "audit"}
    return [without_stamps(each) for each in value] if isinstance(value, list) else value


@pytest.mark.parametrize("reading", PUTS, ids=" ".join)
def test_the_lines_of_a_document_stay_right_whatever_the_method_of_an_update(
    emulator_with: Callable[..., EmulatorProcess], config_for: Callable[..., Json], reading: tuple[str, ...]
) -> None:
    emulator = emulator_with(*reading)
    config = config_for(emulator, object_type="Bill", matching={"by": "fields", "fields": ["billNumber"]})
    one, two = (
        {"txnAmount": amount, "glAccount": {"id": "6000"}, "dimensions": {"location": {"id": "US"}}}
        for amount in ("1.00", "2.00")
    )
    given = [[one], [one, two], [one | {"txnAmount": "3.00"}, two], [two], [two]]

    for number, lines in enumerate(given):
        if number == 1:
            emulator.hold(BILLS, {**OTHER_BILL, "lines": [one]})
        synced = write(config, BILL | {"lines": lines})
        assert synced.rejections == []
        held = {bill["billNumber"]: bill for bill in emulator.records(BILLS)}["B-1"]
        assert sorted(line["txnAmount"] for line in held["lines"]) == sorted(line["txnAmount"] for line in lines)
        assert {(line["glAccount"]["id"], line["dimensions"]["location"]["id"]) for line in held["lines"]} == {
            ("6000", "US")
        }
    header = write(
        config, {name: BILL[name] for name in ("billNumber", "currency__txnCurrency")} | {"description": "x"}
    )

    assert header.outcomes(STREAM) == {"updated": 1}
    (held,) = (bill for bill in emulator.records(BILLS) if bill["billNumber"] == "B-1")
    assert (held["description"], held["vendor"]["id"], held["dueDate"]) == ("x", "VEND-100", "2026-02-10")
    assert [line["txnAmount"] for line in held["lines"]] == ["2.00"]
    assert len(emulator.records(BILLS)) == 2


TASKS = "projects/task"


def tasks_of(emulator: EmulatorProcess) -> list[tuple[str, str, str]]:
    return sorted((each["project"]["id"], each["id"], each["name"]) for each in emulator.records(TASKS))


@pytest.mark.parametrize("reading", ["company", "project"])
def test_a_task_is_written_in_its_own_project_or_its_row_is_rejected(
    emulator_with: Callable[..., EmulatorProcess], config_for: Callable[..., Json], reading: str
) -> None:
    emulator = emulator_with("--task-ids-unique-in", reading)
    emulator.hold("projects/project", *({"id": each, "name": each, "category": "contract"} for each in ("P-1", "P-2")))
    config = config_for(
        emulator,
        object_type="Custom object",
        custom_object_path=TASKS,
        matching={"by": "fields", "fields": ["project.id", "id"]},
        rejected_rows={"policy": "continue"},
    )
    rows = [{"id": "T-1", "project__id": project, "name": f"of {project}"} for project in ("P-1", "P-2")]

    first, second = write(config, *rows), write(config, *rows)
    changed = write(config, *[row | {"name": row["name"] + "!"} for row in rows])

    if reading == "project":
        assert first.outcomes(STREAM) == {"created": 2}
        assert second.outcomes(STREAM) == {"unchanged": 2}
        assert changed.outcomes(STREAM) == {"updated": 2}
        assert tasks_of(emulator) == [("P-1", "T-1", "of P-1!"), ("P-2", "T-1", "of P-2!")]
    else:
        assert first.outcomes(STREAM) == {"created": 1, "rejected": 1}
        assert second.outcomes(STREAM) == {"unchanged": 1, "rejected": 1}
        assert "Another record with the value '…' already exists" in second.rejections[0]
        assert len(tasks_of(emulator)) == 1
        assert tasks_of(emulator)[0][2] == f"of {tasks_of(emulator)[0][0]}!"


def test_tasks_are_not_found_by_an_id_that_another_project_may_use(
    emulator: EmulatorProcess, config_for: Callable[..., Json]
) -> None:
    config = config_for(
        emulator,
        object_type="Custom object",
        custom_object_path=TASKS,
        matching={"by": "fields", "fields": ["id"]},
    )

    synced = write(config, {"id": "T-1", "project__id": "P-1", "name": "x"})

    assert "records cannot be found by `id` without `project.id`" in str(synced.error)
    assert emulator.records(TASKS) == []


@pytest.mark.parametrize("reading", ["company", "entity"])
def test_an_id_of_another_entity_makes_no_second_record_and_changes_none(
    emulator_with: Callable[..., EmulatorProcess], config_for: Callable[..., Json], reading: str
) -> None:
    emulator = emulator_with("--no-demo-data", "--ids-unique-in", reading)
    config = config_for(
        emulator,
        matching={"by": "fields", "fields": ["id"]},
        streams=[{"stream": STREAM, "entity_field": "company"}],
        rejected_rows={"policy": "continue"},
    )
    rows = [
        {"id": "C-1", "name": "one", "company": "100"},
        {"id": "C-1", "name": "other", "company": "200"},
        {"id": "C-2", "name": "top", "company": None},
    ]

    first, second = write(config, *rows), write(config, *rows)

    assert first.outcomes(STREAM) == {"created": 2, "rejected": 1}
    assert second.outcomes(STREAM) == {"unchanged": 2, "rejected": 1}
    assert "but the row is for entity" in second.rejections[0]
    assert sorted(each["id"] for each in emulator.records(CUSTOMERS)) == ["C-1", "C-2"]


@pytest.mark.parametrize("reading", ["company", "entity"])
def test_at_the_top_level_an_id_finds_the_one_record_that_has_it_and_no_one_of_two(
    emulator_with: Callable[..., EmulatorProcess], config_for: Callable[..., Json], reading: str
) -> None:
    emulator = emulator_with("--no-demo-data", "--ids-unique-in", reading)
    emulator.hold(CUSTOMERS, {"id": "C-1", "name": "before"}, entity="100")
    if reading == "entity":
        emulator.hold(CUSTOMERS, {"id": "C-2", "name": "of 100"}, entity="100")
        emulator.hold(CUSTOMERS, {"id": "C-2", "name": "of 200"}, entity="200")
    config = config_for(emulator, matching={"by": "fields", "fields": ["id"]}, rejected_rows={"policy": "continue"})

    one = write(config, {"id": "C-1", "name": "after"}, {"id": "C-1", "name": "after"})
    two = write(config, {"id": "C-2", "name": "after"})

    assert one.outcomes(STREAM).keys() <= {"updated", "unchanged"}
    held = [(each["id"], each["name"], each["entity"]["id"]) for each in emulator.records(CUSTOMERS)]
    if reading == "entity":
        assert "2 records have this natural key" in two.rejections[0]
        assert held == [("C-1", "after", "100"), ("C-2", "of 100", "100"), ("C-2", "of 200", "200")]
    else:
        assert two.outcomes(STREAM) == {"created": 1}
        assert held == [("C-1", "after", "100"), ("C-2", "after", None)]


CONTACTS = "company-config/contact"


@pytest.mark.parametrize("reading", ["stays", "made"])
@pytest.mark.parametrize("by", ["id", "key"])
@pytest.mark.parametrize("named", [True, False], ids=["of an id", "without an id"])
def test_the_details_of_a_contact_make_no_second_contact(
    emulator_with: Callable[..., EmulatorProcess],
    config_for: Callable[..., Json],
    reading: str,
    by: str,
    named: bool,
) -> None:
    emulator = emulator_with("--no-demo-data", "--inline-contact", reading)
    matching = {"by": "record_key", "field": "key"} if by == "key" else {"by": "fields", "fields": ["id"]}
    config = config_for(emulator, matching=matching)
    held = {"key": emulator.hold(CUSTOMERS, {"id": "C-1", "name": "x"})[0]} if by == "key" else {"id": "C-1"}
    row = {**held, "name": "one", "contacts__default__email1": "a@example.com"}
    row |= {"contacts__default__id": "Ann"} if named else {}

    outcomes = [
        write(config, row | more).outcomes(STREAM)
        for more in ({}, {}, {"name": "two"}, {"contacts__default__email1": "b@example.com"})
    ]

    assert outcomes[1:] == [{"unchanged": 1}, {"updated": 1}, {"updated": 1}]
    (customer,) = emulator.records(CUSTOMERS)
    assert customer["contacts"]["default"]["email1"] == "b@example.com"
    made = [(each["id"] if named else "", each["email1"]) for each in emulator.records(CONTACTS)]
    assert made == ([("Ann" if named else "", "b@example.com")] if reading == "made" else [])
    if reading == "made":
        assert customer["contacts"]["default"]["key"] == emulator.records(CONTACTS)[0]["key"]


QUOTED = ["O'Neil", "'", "D''Arcy's \\ 'n'", "plain"]


@pytest.mark.parametrize("reading", ["plain", "escaped"])
@pytest.mark.parametrize("fields", [["id"], ["name", "notes"]], ids=" and ".join)
def test_rows_whose_natural_keys_hold_apostrophes_are_made_once(
    emulator_with: Callable[..., EmulatorProcess], config_for: Callable[..., Json], reading: str, fields: list[str]
) -> None:
    emulator = emulator_with("--no-demo-data", "--apostrophes", reading)
    config = config_for(emulator, matching={"by": "fields", "fields": fields}, rejected_rows={"policy": "continue"})
    rows = [{"id": f"{text} {n}", "name": text, "notes": f"{text}!"} for n, text in enumerate(QUOTED)]

    syncs = [write(config, *rows), write(config, *rows), write(config, *[row | {"creditLimit": 5} for row in rows])]

    assert [each.outcomes(STREAM) for each in syncs] == [{"created": 4}, {"unchanged": 4}, {"updated": 4}]
    held = sorted((each["name"], each["notes"], each["creditLimit"]) for each in emulator.records(CUSTOMERS))
    assert held == sorted((text, f"{text}!", 5) for text in QUOTED)

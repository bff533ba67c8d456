"""What a company would hold after the writes of a dry run."""

import pytest

from destination_sage_intacct.delivery import rehearsed_company
from destination_sage_intacct.delivery.rehearsed_company import RehearsedCompany
from destination_sage_intacct.intacct.query import Query

PATH = "accounts-receivable/customer"


def company():
    return RehearsedCompany({PATH: ["name"]}, lambda _: None)


def asked(value, field="id", **more):
    return Query(PATH, ["key", "id", "name", "status", "term.id"], [{"$in": {field: [value]}}], **more)


def test_new_records_are_found_by_their_id_their_key_and_the_fields_that_rows_are_found_by():
    dry = company()
    key = dry.create(PATH, {"id": "C-1", "name": "One", "term": {"id": "N30"}}, 50, "", "create-1")

    found = [{"key": key, "id": "C-1", "name": "One", "status": "active", "term.id": "N30"}]
    for query in (asked("C-1"), asked(key, "key"), asked("One", "name"), asked("c-1 ", ignores_case=True)):
        assert dry.as_it_would_be(query, [], "") == found
    for query in (asked("c-1"), asked("N30", "term.id"), asked("C-2")):
        assert dry.as_it_would_be(query, [], "") == []
    assert dry.created_for("create-1") == key


def test_what_was_found_is_shown_as_it_would_be_changed_or_not_at_all():
    dry = company()
    dry.update(PATH, "7", {"name": "New", "term": None}, 20)
    dry.delete(PATH, "8")
    dry.update(PATH, "9", {"term": {"id": "N60"}}, 20)
    dry.update(PATH, "9", {"term": {"key": "3"}}, 20)  # of the id nothing is known then
    held = [{"key": key, "id": f"C-{key}", "name": "Old", "status": "active", "term.id": "N30"} for key in "789"]
    changed = held[0] | {"name": "New", "term.id": None}
    assert dry.as_it_would_be(asked("C-7"), held, "") == [changed, held[2] | {"term.id": None}]


def test_the_holder_of_an_id_that_would_be_gone_or_renamed_holds_it_no_more():
    dry = company()
    for number, holder in (("1", "7"), ("2", "8"), ("3", "9"), ("4", "")):
        dry.remember_answer("", PATH, "id", f"C-{number}", holder)
    first, second = (dry.create(PATH, {"id": f"N-{each}"}, 10, "", f"create-{each}") for each in (1, 2))
    for gone in ("7", second):
        dry.delete(PATH, gone)
    dry.update(PATH, "8", {"id": "C-NEW"}, 20)
    dry.update(PATH, "9", {"name": "New"}, 20)
    dry.update(PATH, first, {"id": "N-9"}, 10)

    assert [dry.answer("", PATH, "id", f"C-{number}") for number in "12345"] == [False, False, True, False, None]
    assert dry.answer("100", PATH, "id", "C-3") is None
    assert [dry.keys_of_new(PATH, "id", f"N-{each}", "") for each in (1, 2, 9)] == [[], [], [first]]


def test_the_earliest_records_are_forgotten_when_memory_is_used_up(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(rehearsed_company, "_MOST_BYTES_REMEMBERED", 100_000)
    dry = company()
    for number in range(1000):
        dry.create(PATH, {"id": f"C-{number}"}, 250, "", f"create-{number}")
    there = [number for number in range(1000) if dry.keys_of_new(PATH, "id", f"C-{number}", "")]
    assert there == list(range(950, 1000))

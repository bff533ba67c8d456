"""What becomes of a row, and of rows that are lines of one document."""

from dataclasses import replace

import pytest
from row_reading import DELETED, HEADER, LINES, STREAM, Taking, bodies, line, numbers, reasons, rejected
from sage_answers import found

from destination_sage_intacct.config import ConfigError, FieldMapping
from destination_sage_intacct.delivery.actions import Create, Delete, Update
from destination_sage_intacct.protocol.ledger import Outcome
from destination_sage_intacct.protocol.messages import Change, Record
from destination_sage_intacct.protocol.unreadable import Unreadable
from destination_sage_intacct.rows.values import Problem

WITH_KEY = (*HEADER, FieldMapping("key", "key"))


def of_entities(**settings):
    """A reader of documents for the entity in their column `co`; the company has the entity 200 besides its own."""
    return Taking(found({"key": "1", "id": "200"}), entity_field="co", **settings)


@pytest.mark.parametrize("code", ["unknown_field", "read_only_field"])
@pytest.mark.parametrize(
    ("lines", "field", "column"),
    [(None, "number", "text"), (LINES, "number", "text"), (LINES, "lines[0].txnAmount", "amount")],
)
def test_a_column_that_no_row_could_deliver_stops_the_stream(lines, field, column, code):
    taking = Taking(lines=lines)
    problem = Problem(code, "No row can fill this field", "Do not map a column to it.", field)
    taking.reader.plan = replace(taking.reader.plan, validate=lambda _body, _is_new: problem)

    with pytest.raises(ConfigError) as caught:
        taking.all(line(1))
    said = f"column `{column}` goes to `{field}`, but no row could deliver it: No row can fill this field. Do not map a"
    assert str(caught.value).startswith(f"Stream rows: {said} column to it. No row of the stream was written from here")
    assert caught.value.key == "streams"


def test_a_row_with_nothing_but_its_record_key_leaves_the_record_as_it_is():
    (taken,) = Taking(lines=None, mapping=WITH_KEY, operation="update").take({"key": "7"})
    assert (taken.outcome, taken.reason) == (Outcome.UNCHANGED, None)


def test_rows_of_one_document_come_out_together_when_another_one_begins_and_the_last_at_the_end():
    taking = Taking()
    assert taking.take(line(1, row=5), line(1, "2.20", row=6)) == []
    (first,) = taking.take(line(2, "3"))

    assert isinstance(first.action, Create)
    assert first.action.body == {"number": "A", "lines": [{"txnAmount": "1.10"}, {"txnAmount": "2.20"}]}
    assert (numbers(first), first.origin) == ([1, 2], ("key", 1, 5))
    assert bodies(taking.reader.end()) == [{"number": "A", "lines": [{"txnAmount": "3"}]}]
    assert list(taking.reader.end()) == []


@pytest.mark.parametrize("nulls", ["leave", "clear"])
def test_a_null_is_no_value_of_a_line_whatever_it_is_to_do_with_a_record(nulls):
    (taken,) = Taking(null_values=nulls).all(line(1), line(1, None))
    assert taken.action.body == {"number": "A", "lines": [{"txnAmount": "1.10"}, {}]}


NO_DOCUMENT = ": It is not clear which document the row belongs to: column `no` is empty. [document_missing] "
NO_OBJECT = "Rejected row 2 of stream rows: The row is not a JSON object of columns and values. [not_an_object] "


@pytest.mark.parametrize(
    ("row", "said"),
    [(line(None), NO_DOCUMENT), (line(""), NO_DOCUMENT), ({"amount": "1"}, NO_DOCUMENT), (["no", "row"], NO_OBJECT)],
)
def test_a_row_that_names_no_document_is_rejected_alone_and_ends_none(row, said):
    taking = Taking()
    assert said in rejected(taking.take(line(1), row))
    assert numbers(*taking.all(line(1))) == [1, 3]


@pytest.mark.parametrize("number", ["1", 1.5, True])
def test_values_of_other_kinds_name_other_documents(number):
    assert [numbers(each) for each in Taking().all(line(1), line(number))] == [[1], [2]]


def test_a_document_deleted_at_the_source_is_skipped_row_by_row_where_that_is_to_be_ignored():
    taken = Taking().all(line(1, **DELETED), line(1, **DELETED))
    assert [(numbers(each), each.outcome) for each in taken] == [([1], Outcome.SKIPPED), ([2], Outcome.SKIPPED)]


def test_a_document_deleted_at_the_source_is_deleted_once_whatever_its_lines_hold():
    taking = Taking(mapping=WITH_KEY, operation="upsert", on_source_delete="delete")
    (taken,) = taking.all(line(1, "no number", key="7", **DELETED), line(1, key="7", **DELETED))
    assert (numbers(taken), taken.action) == ([1, 2], Delete("7", lines=2))


@pytest.mark.parametrize("setting", ["delete", "deactivate"])
@pytest.mark.parametrize("gone", [0, 1])
def test_a_document_some_of_whose_lines_were_deleted_is_what_is_left_of_it(setting, gone):
    taking = Taking(mapping=WITH_KEY, operation="upsert", on_source_delete=setting)
    rows = [line(1, "1", key="7"), line(1, "2", key="7")]
    rows[gone] |= DELETED
    (taken,) = taking.all(*rows)
    assert numbers(taken) == [1, 2]
    assert taken.action.body == {"number": "A", "lines": [{"txnAmount": rows[1 - gone]["amount"]}]}


def test_a_soft_delete_writes_the_status_and_no_lines():
    (taken,) = Taking(mapping=WITH_KEY, mode="soft_delete").all(line(1, key="7"))
    assert isinstance(taken.action, Update)
    assert taken.action.body == {"status": "inactive"}


def test_each_document_is_for_the_entity_of_its_rows():
    rows = [line(1, co="200"), line(1, co="200"), line(2, co=None), line(2, co="100")]
    taken = of_entities(entity_id="100").all(*rows)
    assert [(numbers(each), each.plan.entity) for each in taken] == [([1, 2], "200"), ([3, 4], "100")]


@pytest.mark.parametrize("deleted", [{}, DELETED], ids=["written", "deleted"])
def test_a_document_of_two_entities_is_rejected_with_all_its_rows(deleted):
    taking = of_entities(entity_id="100", operation="upsert", on_source_delete="delete", mapping=WITH_KEY)
    row = line(1, key="7", **deleted)
    taken = taking.all(row | {"co": "200"}, row | {"co": "200"}, row | {"co": ""})

    assert reasons(taken) == [([1, 2, 3], "document_disagrees")]


def poisoned(taking, number, column):
    """A row of a document of which one column cannot be read."""
    record = Record(1, STREAM, line(number) | {column: "a text"}, unreadable=(Unreadable(column, "it is malformed"),))
    return list(taking.reader.read(taking.ledger.receive(record)))


@pytest.mark.parametrize("column", ["amount", "text", "another"])
def test_a_document_of_which_a_value_cannot_be_read_is_rejected_with_all_its_rows(column):
    taking = Taking()
    taken = [*taking.take(line(1)), *poisoned(taking, 1, column), *taking.all(line(1, "3"), line(2))]
    assert reasons(taken) == [([1, 2, 3], "unreadable_value")]
    assert bodies(taken) == [{"number": "A", "lines": [{"txnAmount": "1.10"}]}]


@pytest.mark.parametrize(
    ("later", "lost"),
    [
        # It is missing in the document before or in the one behind it ...
        ([line(2), line(2), line(3)], [[2], [1], [3, 4]]),
        # ... or is of the one that goes on.
        ([line(1), line(2)], [[2], [1, 3]]),
    ],
)
def test_a_row_whose_document_cannot_be_read_takes_along_each_that_it_may_belong_to(later, lost):
    taking = Taking()
    taken = [*taking.take(line(1)), *poisoned(taking, 1, "no"), *taking.all(*later)]
    assert reasons(taken) == [(rows, "unreadable_value") for rows in lost]
    assert bodies(taken) == [{"number": "A", "lines": [{"txnAmount": "1.10"}]}]


def test_a_line_whose_value_was_not_carried_is_not_missing_from_its_document():
    taking = Taking()
    lost = Record(1, STREAM, line(1, None), (Change("amount", "SOURCE_FIELD_SIZE_LIMITATION"),))
    taken = [*taking.take(line(1)), *taking.reader.read(taking.ledger.receive(lost)), *taking.all(line(2))]
    assert reasons(taken) == [([1, 2], "value_not_carried")]

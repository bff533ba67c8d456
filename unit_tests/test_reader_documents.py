import pytest
from row_reading import DELETED, HEADER, STREAM, Taking, bodies, line, numbers, reasons, rejected
from sage_answers import found

from destination_sage_intacct.config import FieldMapping
from destination_sage_intacct.delivery.actions import Create, Delete, Update
from destination_sage_intacct.protocol.ledger import Outcome
from destination_sage_intacct.protocol.messages import Change, Record
from destination_sage_intacct.protocol.unreadable import Unreadable


def test_rows_of_one_document_come_out_together_when_another_one_begins():
    taking = Taking()

    assert taking.take(line(1), line(1, "2.20")) == []
    (first,) = taking.take(line(2, "3"))
    assert numbers(first) == [1, 2]
    assert first.action.body == {"number": "A", "lines": [{"txnAmount": "1.10"}, {"txnAmount": "2.20"}]}
    assert isinstance(first.action, Create)


def test_the_last_document_comes_out_at_the_end_and_only_once():
    taking = Taking()
    taking.take(line(1))

    assert bodies(taking.reader.end()) == [{"number": "A", "lines": [{"txnAmount": "1.10"}]}]
    assert list(taking.reader.end()) == []


def test_a_document_is_told_by_the_primary_key_of_its_first_row():
    (taken,) = Taking().all(line(1, row=5), line(1, row=6))

    assert taken.origin == ("key", 1, 5)


def test_a_document_that_disagrees_is_rejected_with_all_its_rows():
    taken = Taking().all(line(1), line(1, text="B"))

    assert [numbers(each) for each in taken] == [[1, 2]]
    assert taken[0].outcome is Outcome.REJECTED
    assert rejected(taken) == (
        "Rejected row 1 of stream rows, primary key 1: field number: Rows 1 and 2 are lines of one document and "
        "differ in a field of the document. [document_disagrees] Give all rows of a document the same value there, "
        "map the column to a field of the line in `lines.fields`, or add it to `lines.group_by` if it distinguishes "
        "documents."
    )


@pytest.mark.parametrize("row", [line(None), line(""), {"amount": "1"}])
def test_a_row_that_names_no_document_is_rejected_alone(row):
    taking = Taking()

    assert rejected(taking.take(line(1), row)).endswith(
        ": It is not clear which document the row belongs to: column `no` is empty. [document_missing] Fill every "
        "column of `lines.group_by`, or choose columns that every row has."
    )
    assert numbers(*taking.all(line(1))) == [1, 3]


def test_rows_of_a_document_that_has_ended_are_rejected():
    assert rejected(Taking().take(line(1), line(2), line(1))[1:]) == (
        "Rejected row 3 of stream rows, primary key 1: field no: The row belongs to a document whose other rows came "
        "earlier, with rows of other documents in between. [document_scattered] Order the source's rows by the columns "
        "of `lines.group_by`, so that all rows of a document come together."
    )


@pytest.mark.parametrize("number", ["1", 1.5, True])
def test_values_of_other_kinds_name_other_documents(number):
    assert [numbers(each) for each in Taking().all(line(1), line(number))] == [[1], [2]]


def test_a_document_deleted_at_the_source_is_skipped_row_by_row_where_that_is_to_be_ignored():
    taken = Taking().all(line(1, **DELETED), line(1, **DELETED))

    assert [(numbers(each), each.outcome) for each in taken] == [([1], Outcome.SKIPPED), ([2], Outcome.SKIPPED)]


def test_a_document_deleted_at_the_source_is_deleted_once_whatever_its_lines_hold():
    taking = Taking(mapping=(*HEADER, FieldMapping("key", "key")), operation="upsert", on_source_delete="delete")

    (taken,) = taking.all(line(1, "no number", key="7", **DELETED), line(1, key="7", **DELETED))

    assert (numbers(taken), taken.action) == ([1, 2], Delete("7", lines=2))


@pytest.mark.parametrize("setting", ["delete", "deactivate"])
@pytest.mark.parametrize("gone", [0, 1])
def test_a_document_some_of_whose_lines_were_deleted_is_what_is_left_of_it(setting, gone):
    taking = Taking(mapping=(*HEADER, FieldMapping("key", "key")), operation="upsert", on_source_delete=setting)
    rows = [line(1, "1", key="7"), line(1, "2", key="7")]
    rows[gone] |= DELETED

    (taken,) = taking.all(*rows)

    assert numbers(taken) == [1, 2]
    assert taken.action.body == {"number": "A", "lines": [{"txnAmount": rows[1 - gone]["amount"]}]}


def test_a_soft_delete_writes_the_status_and_no_lines():
    (taken,) = Taking(mapping=(*HEADER, FieldMapping("key", "key")), mode="soft_delete").all(line(1, key="7"))

    assert isinstance(taken.action, Update)
    assert taken.action.body == {"status": "inactive"}


def test_each_document_is_for_the_entity_of_its_rows():
    taking = Taking(found({"key": "1", "id": "200"}), entity_field="co", entity_id="100")

    taken = taking.all(line(1, co="200"), line(1, co="200"), line(2, co=None), line(2, co="100"))

    assert [(numbers(each), each.plan.entity) for each in taken] == [([1, 2], "200"), ([3, 4], "100")]


@pytest.mark.parametrize("deleted", [{}, DELETED], ids=["written", "deleted"])
def test_a_document_of_two_entities_is_rejected_with_all_its_rows(deleted):
    settings = {"operation": "upsert", "on_source_delete": "delete", "mapping": (*HEADER, FieldMapping("key", "key"))}
    taking = Taking(found({"key": "1", "id": "200"}), entity_field="co", entity_id="100", **settings)
    row = line(1, key="7", **deleted)

    taken = taking.all(row | {"co": "200"}, row | {"co": "200"}, row | {"co": ""})

    assert [numbers(each) for each in taken] == [[1, 2, 3]]
    assert rejected(taken) == (
        "Rejected row 1 of stream rows, primary key 1: field co: Rows 1 and 3 are lines of one document and are for "
        "different entities. [document_disagrees] Give all rows of a document the same entity, an empty one being that "
        "of the configuration, or add the column to `lines.group_by` if it distinguishes documents."
    )


def test_one_row_whose_entity_is_unknown_rejects_its_whole_document():
    taking = Taking(found({"key": "1", "id": "200"}), entity_field="co")

    taken = taking.all(line(1, co="200"), line(1, co=""), line(1, co="900"))

    assert [(numbers(each), each.reason.code) for each in taken] == [([1, 2, 3], "unknown_entity")]


def test_a_document_has_a_limit_past_which_its_rows_are_rejected_one_by_one():
    taking = Taking()

    whole = taking.all(*(line(1) for _ in range(10_000)))
    first, *others = taking.all(*(line(2) for _ in range(10_003)), line(3))

    assert [len(numbers(each)) for each in whole] == [10_000]
    assert (len(numbers(first)), first.reason.code) == (10_000, "document_too_long")
    assert [numbers(each) for each in others] == [[20_001], [20_002], [20_003], [20_004]]
    assert others[3].outcome is None
    assert rejected(others[:1]) == (
        "Rejected row 20001 of stream rows, primary key 2: field no: The row belongs to a document of more than 10,000 "
        "lines, which is the maximum. [document_too_long] Check that the columns of `lines.group_by` "
        "together distinguish each document from the others; split a document that is truly longer."
    )


def test_rows_whose_values_are_wrong_are_rejected_and_the_stream_goes_on():
    taken = Taking().all(line(1, "much"), line(2))

    assert [each.outcome is None for each in taken] == [False, True]


def poisoned(taking, number, column):
    """A row of a document of which one column cannot be read."""
    data = line(number) | {column: "a text"}
    record = Record(1, STREAM, data, unreadable=(Unreadable(column, "it is malformed"),))
    return list(taking.reader.read(taking.ledger.receive(record)))


@pytest.mark.parametrize("column", ["amount", "text", "another"])
def test_a_document_of_which_a_value_cannot_be_read_is_rejected_with_all_its_rows(column):
    taking = Taking()

    taken = [*taking.take(line(1)), *poisoned(taking, 1, column), *taking.all(line(1, "3"), line(2))]

    assert reasons(taken) == [([1, 2, 3], "unreadable_value")]
    assert bodies(taken) == [{"number": "A", "lines": [{"txnAmount": "1.10"}]}]


def test_a_row_whose_document_cannot_be_read_is_missing_in_the_one_before_or_the_one_behind_it():
    taking = Taking()
    taken = [*taking.take(line(1)), *poisoned(taking, 1, "no"), *taking.all(line(2), line(2), line(3))]

    assert reasons(taken) == [([2], "unreadable_value"), ([1], "unreadable_value"), ([3, 4], "unreadable_value")]
    assert bodies(taken) == [{"number": "A", "lines": [{"txnAmount": "1.10"}]}]


def test_a_row_whose_document_cannot_be_read_is_of_the_one_that_goes_on():
    taking = Taking()
    taken = [*taking.take(line(1)), *poisoned(taking, 1, "no"), *taking.all(line(1), line(2))]

    assert reasons(taken) == [([2], "unreadable_value"), ([1, 3], "unreadable_value")]
    assert len(bodies(taken)) == 1


def test_a_line_whose_value_was_not_carried_is_not_missing_from_its_document():
    taking = Taking()
    lost = Record(1, STREAM, line(1, None), (Change("amount", "SOURCE_FIELD_SIZE_LIMITATION"),))

    taken = [*taking.take(line(1)), *taking.reader.read(taking.ledger.receive(lost)), *taking.all(line(2))]

    assert reasons(taken) == [([1, 2], "value_not_carried")]

"""What becomes of a row; of rows that are lines, see test_reader_documents.py."""

from dataclasses import replace

import pytest
from row_reading import HEADER, LINES, Taking, bodies, line, numbers, rejected
from sage_answers import found

from destination_sage_intacct.config import ConfigError, FieldMapping
from destination_sage_intacct.protocol.ledger import Outcome
from destination_sage_intacct.rows.values import Problem


def test_rows_without_lines_come_out_at_once():
    taking = Taking(lines=None, mapping=())

    (taken,) = taking.take({"number": "A", "key": None})

    assert (numbers(taken), taken.action.body) == ([1], {"number": "A"})
    assert list(taking.reader.end()) == []


def test_a_row_that_is_no_object_is_rejected_and_does_not_end_a_document():
    taking = Taking()

    assert rejected(taking.take(line(1), ["not", "a", "row"])) == (
        "Rejected row 2 of stream rows: The row is not a JSON object of columns and values. [not_an_object] Report it "
        "to the maker of the source: Airbyte's records are objects."
    )
    assert numbers(*taking.all(line(1))) == [1, 3]


def test_a_row_of_an_unknown_entity_is_rejected():
    assert rejected(Taking(found(), entity_field="co").all(line(1, co="900"))) == (
        "Rejected row 1 of stream rows, primary key 1: field co: The row's entity does not exist in this company. "
        "[unknown_entity] Fill the column with the entity's id as shown under Company > Entities in Sage Intacct, or "
        "leave it empty for the entity of the configuration."
    )


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

    assert str(caught.value) == (
        f"Stream rows: column `{column}` goes to `{field}`, but no row could deliver it: No row can fill this field. "
        "Do not map a column to it. No row of the stream was written from here on."
    )
    assert caught.value.key == "streams"


def test_a_row_with_nothing_but_its_record_key_leaves_the_record_as_it_is():
    (taken,) = Taking(lines=None, mapping=(*HEADER, FieldMapping("key", "key")), operation="update").take({"key": "7"})

    assert (taken.outcome, taken.reason) == (Outcome.UNCHANGED, None)


def test_columns_that_the_schema_does_not_name_are_taken_up_and_those_not_sent_told_once():
    taking = Taking(lines=None, mapping=())

    taken = taking.take({"number": "A", "extra": 1}, {"number": "B", "extra": 2})

    assert bodies(taken) == [{"number": "A"}, {"number": "B"}]
    assert taking.warnings == ["Columns of stream rows that are not sent: extra (no such field)."]

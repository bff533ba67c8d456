import pytest
from batch_updating import Comparing

from destination_sage_intacct.rows.values import Problem


@pytest.mark.parametrize("record", [{"number": "N-1"}, {"number": "N-1", "description": "old"}])
def test_what_only_a_create_can_set_is_left_out_where_the_record_holds_it(record):
    change = Comparing({"number": "N-1", "description": "new"}, record=record).without_fixed()

    assert change.intent.body == {"description": "new"}
    assert change.intent.encoded == b'{"description":"new"}'


def test_what_only_a_create_can_set_is_a_problem_where_the_record_holds_another_value():
    assert Comparing({"number": "N-1", "description": "new"}, record={"number": "N-2"}).without_fixed() == Problem(
        "create_only_field",
        "The field can be set only when the record is made, and the record is there already",
        "Do not map a column to it, find the records by it with `matching`, or set `operation` to insert.",
        "number",
    )


@pytest.mark.parametrize(
    ("body", "record"), [({"number": "N-1"}, None), ({"description": "new"}, {"number": "N-2", "description": "old"})]
)
def test_a_change_stays_as_it_is_where_the_record_is_not_known_or_nothing_is_fixed(body, record):
    comparing = Comparing(body, record=record)

    assert comparing.without_fixed() is comparing.changes[0]

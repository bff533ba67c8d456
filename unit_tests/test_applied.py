"""A whole record after a change."""

import pytest

from destination_sage_intacct.rows.applied import applied

LINES = [{"key": "1", "memo": "One", "glAccount": {"key": "9", "id": "6100"}}, {"key": "2", "memo": "Two"}]
CASH = {"glAccount": {"id": "6000"}}


@pytest.mark.parametrize(("change", "fields"), [
    ({"note": "New"}, {"note": "New"}),
    ({"term": {"id": "N30"}}, {"term": {"id": "N30", "due": 1}}),
    ({"term": {"due": 2}}, {"term": {"key": "5", "id": "N15", "due": 2}}),
    ({"term": None, "tags": ["b"]}, {"term": None, "tags": ["b"]}),
    ({"lines": [{"key": "1", "memo": "New"}]}, {"lines": [LINES[0] | {"memo": "New"}, LINES[1]]}),
    ({"lines": [{"key": "1"} | CASH, {"key": "2", "ia::operation": "delete"}]}, {"lines": [LINES[0] | CASH]}),
    ({"lines": [{"memo": "Three"}]}, {"lines": [*LINES, {"memo": "Three", "key": "new-3"}]}),
])  # fmt: skip
def test_what_a_change_does_not_name_stays(change, fields):
    record = {"key": "7", "note": "Old", "term": {"key": "5", "id": "N15", "due": 1}, "tags": ["a"], "lines": LINES}
    assert applied(record, change) == record | fields


def test_a_new_record_has_keys_in_its_lists():
    lines = applied({"key": "new-1"}, {"lines": [{"memo": "One"}, {"memo": "Two"}]})["lines"]
    assert lines == [{"memo": "One", "key": "new-1"}, {"memo": "Two", "key": "new-2"}]

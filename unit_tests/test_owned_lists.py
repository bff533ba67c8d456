"""An empty list takes the lines of a record away, or clears a field of plain values; its field says which it is."""

import pytest
from fakes import make_plan

from destination_sage_intacct.delivery.actions import Update
from destination_sage_intacct.delivery.document_lines import still_to_change
from destination_sage_intacct.intacct.model import Field, Model

BILL = Model(
    "accounts-payable/bill", {"name": Field("string"), "taxes": Field("list", target="x/tax"), "tags": Field("list")}
)
PLAN = make_plan("update", object_type="Bill", model=BILL)


def left_of(body, **held):
    """What is left to send of an update of a record that holds this, or the code of the problem."""
    left = still_to_change(Update("7", body, b""), None, {"key": "7", **held}, PLAN, None)
    return left.body if isinstance(left, Update) else left.code


@pytest.mark.parametrize(
    ("name", "held", "left"),
    [
        ("lines", {}, "lines_not_known"),
        ("taxes", {}, "lines_not_known"),
        ("taxes", {"taxes": None}, "lines_not_known"),
        ("taxes", {"taxes": []}, {}),
        ("taxes", {"taxes": [{"key": "1"}]}, {"taxes": [{"key": "1", "ia::operation": "delete"}]}),
        ("tags", {}, {"tags": []}),
        ("tags", {"tags": ["a"]}, {"tags": []}),
        ("tags", {"tags": []}, {}),
        ("unknown", {}, {"unknown": []}),
        ("unknown", {"unknown": [{"key": "1"}]}, {"unknown": [{"key": "1", "ia::operation": "delete"}]}),
    ],
)
def test_an_empty_list_clears_lines_by_the_target_of_its_field(name, held, left):
    assert left_of({name: []}, **held) == left

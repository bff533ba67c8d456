"""The checker of catalogs and connections finds each rule that is broken, and nothing in ones that are right."""

from copy import deepcopy
from typing import Any

import pytest
from activation_form import connect
from activation_rules import catalog_complaints, connection_complaints

Json = Any

OPERATION = {
    "object_name": "Bill",
    "sync_mode": "append_dedup",
    "json_schema": {
        "type": "object",
        "properties": {
            "key": {"type": "string"},
            "vendor.id": {"type": "string"},
            "billNumber": {"type": "string"},
            "lines": {"type": "array"},
        },
        "required": ["vendor.id"],
        "additionalProperties": False,
    },
    "matching_keys": [["key"], ["vendor.id", "billNumber"]],
}
KEY = ("vendor.id", "billNumber")


def altered(path: str, value: Json) -> Json:
    """Return the operation with one member replaced; a path leads to it."""
    operation = deepcopy(OPERATION)
    *parents, last = path.split("/")
    place: Json = operation
    for parent in parents:
        place = place[parent]
    place[last] = value
    return operation


def test_a_right_catalog_gives_no_cause_for_complaint() -> None:
    assert catalog_complaints([OPERATION, altered("sync_mode", "update")]) == []


@pytest.mark.parametrize(
    ("operations", "said"),
    [
        ([OPERATION, OPERATION], "Bill append_dedup: offered twice, the form takes the first"),
        ([altered("object_name", "")], " append_dedup: the object has no name"),
        ([altered("sync_mode", "overwrite")], "Bill overwrite: the form does not offer this mode"),
        ([altered("sync_mode", "append")], "Bill append: nothing is matched when rows are added"),
        ([altered("matching_keys", [])], "Bill append_dedup: no matching key finds the records"),
        ([altered("matching_keys", [[]])], "Bill append_dedup: a matching key has no fields"),
        (
            [altered("matching_keys", [["key"], ["number"]])],
            "Bill append_dedup: number is part of a matching key and no field",
        ),
        (
            [altered("matching_keys", [["vendor.id", "billNumber"], ["billNumber", "vendor.id"]])],
            "Bill append_dedup: two matching keys are the same",
        ),
        ([altered("json_schema/required", ["customer"])], "Bill append_dedup: customer is required and no field"),
        ([altered("json_schema/type", "array")], "Bill append_dedup: the form finds no fields"),
        (
            [altered("json_schema/additionalProperties", {})],
            "Bill append_dedup: whether other fields may be named is not said",
        ),
        (
            [altered("json_schema/properties/vendor.id", {"type": "object"})],
            "Bill append_dedup: vendor.id is not one value: the form shows the top level only",
        ),
        (
            [altered("json_schema/properties/lines", {})],
            "Bill append_dedup: lines is not one value: the form shows the top level only",
        ),
        (
            [altered("json_schema/properties/lines", {"type": "text"})],
            "Bill append_dedup: no JSON Schema: 'text' is not valid under any of the given schemas",
        ),
    ],
)
def test_each_fault_of_a_catalog_is_found(operations: list[Json], said: str) -> None:
    assert said in catalog_complaints(operations)


def test_a_connection_that_the_form_makes_gives_no_cause_for_complaint() -> None:
    for key in OPERATION["matching_keys"]:
        assert connection_complaints([OPERATION], connect("bills", OPERATION, key).stream) == []
        assert connection_complaints([OPERATION], connect("bills", OPERATION, key, fields=()).stream) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"destination_object_name": None}, "no object is set"),
        ({"destination_object_name": "Invoice"}, "Invoice append_dedup is not offered"),
        ({"destination_sync_mode": "update"}, "Bill update is not offered"),
        ({"primary_key": [["vendor.id"]]}, "the primary key ['vendor.id'] is no matching key"),
        ({"primary_key": None}, "the primary key [] is no matching key"),
    ],
)
def test_each_fault_of_a_connection_is_found(change: Json, said: str) -> None:
    assert said in connection_complaints([OPERATION], connect("bills", OPERATION, KEY).stream | change)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        (["vendor.id"], "billNumber is of the primary key and not mapped"),
        (["billNumber"], "vendor.id is required and not mapped"),
        (["vendor.id", "billNumber", "memo"], "memo is mapped and no field"),
    ],
)
def test_each_fault_of_a_mapping_is_found(fields: list[str], said: str) -> None:
    stream = connect("bills", OPERATION, KEY).stream
    stream["stream"]["json_schema"]["properties"] = {name: {} for name in fields}

    assert said in connection_complaints([OPERATION], stream)


def test_fields_may_be_named_freely_where_the_schema_says_so() -> None:
    opened = altered("json_schema/additionalProperties", True)

    assert connection_complaints([opened], connect("bills", opened, KEY, fields=["nsp::REGION"]).stream) == []

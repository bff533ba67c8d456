from decimal import Decimal

import pytest

from destination_sage_intacct.intacct.model import Field, Model
from destination_sage_intacct.rows.comparison import comparable_paths, holds

MODEL = Model(
    "accounts-receivable/customer",
    {
        "key": Field("string", read_only=True),
        "id": Field("string"),
        "name": Field("string"),
        "isOnHold": Field("boolean"),
        "healthScore": Field("integer"),
        "creditLimit": Field("number"),
        "totalDue": Field("amount"),
        "startDate": Field("date"),
        "closedAt": Field("date-time"),
        "status": Field("enum", ("active", "inactive")),
        "term": Field("ref"),
        "term.id": Field("string"),
        "term.key": Field("string"),
        "contacts": Field("group"),
        "contacts.default": Field("ref"),
        "contacts.default.id": Field("string"),
        "contacts.default.key": Field("string"),
        "contacts.default.email1": Field("string"),
        "contacts.default.mailingAddress": Field("group"),
        "contacts.default.mailingAddress.city": Field("string"),
        "contactList": Field("list"),
        "nsp::PLANS": Field("choices"),
        "filter": Field("any"),
        "action": Field("enum", ("submit", "draft"), write_only=True),
    },
)
OPEN = Model("platform-apps/nsp::subscription", is_open=True)


@pytest.mark.parametrize(
    ("body", "paths", "is_whole"),
    [
        ({}, set(), True),
        ({"id": "C-1", "creditLimit": 5, "nsp::CODE": "x"}, {"id", "creditLimit", "nsp::CODE"}, True),
        ({"term": {"id": "N30"}}, {"term.id"}, True),
        ({"term": {"key": "12", "id": "N30"}}, {"term.key", "term.id"}, True),
        ({"term": None}, {"term.key"}, True),
        ({"term": {"id": None}}, {"term.id"}, True),
        (
            {"contacts": {"default": {"email1": "a@b.c", "mailingAddress": {"city": None}}}},
            {"contacts.default.email1", "contacts.default.mailingAddress.city"},
            True,
        ),
        ({"contacts": {"default": None}}, {"contacts.default.key"}, True),
        ({"name": "x", "contactList": [{"id": "1"}]}, {"name"}, False),
        ({"name": "x", "contactList": None}, {"name"}, False),
        ({"name": "x", "contactList": {"id": "1"}}, {"name"}, False),
        ({"name": "x", "nsp::tags": []}, {"name"}, False),
        ({"name": "x", "nsp::PLANS": ["a"]}, {"name"}, False),
        ({"name": "x", "filter": 7}, {"name", "filter"}, True),
        ({"name": "x", "action": "submit"}, {"name"}, False),
        ({"name": {"first": "x"}, "id": "C-1"}, {"id"}, False),
        ({"term": "N30", "id": "C-1"}, {"id"}, False),
        ({"term": {}, "id": "C-1"}, {"id"}, False),
        ({"contacts": None, "id": "C-1"}, {"id"}, False),
        ({"contacts": {"default": "x"}, "id": "C-1"}, {"id"}, False),
    ],
)
def test_a_body_is_asked_for_by_the_paths_of_what_can_be_read_back(body, paths, is_whole):
    assert comparable_paths(body, MODEL) == (paths, is_whole)


@pytest.mark.parametrize(
    ("body", "paths", "is_whole"),
    [
        ({"term": {"id": "N30"}, "note": None, "n": 1}, {"term.id", "note", "n"}, True),
        ({"name": "x", "lines": [1]}, {"name"}, False),
        ({"name": "x", "group": {}}, {"name"}, False),
    ],
)
def test_where_nothing_is_known_of_the_object_the_shape_of_a_value_decides(body, paths, is_whole):
    assert comparable_paths(body, OPEN) == (paths, is_whole)


EQUAL = [
    ("name", "Ærø", "Ærø"),
    ("name", "", None),
    ("name", None, ""),
    ("name", 5, "5"),
    ("name", Decimal("5.10"), "5.10"),
    ("name", True, "true"),
    ("key", 101, "101"),
    ("isOnHold", False, "false"),
    ("isOnHold", "true", True),
    ("healthScore", 12, "12"),
    ("healthScore", "012", 12),
    ("healthScore", Decimal("12.0"), 12),
    ("creditLimit", Decimal("1.50"), Decimal("1.5")),
    ("creditLimit", 100, Decimal("1E+2")),
    ("creditLimit", "n/a", "n/a"),
    ("totalDue", 68400, "68400.00"),
    ("totalDue", Decimal("-0.00"), "0.00"),
    ("totalDue", 10**25 + 1, f"{10**25 + 1}.00"),
    ("startDate", "20260131", "2026-01-31"),
    ("startDate", "soon", "soon"),
    ("startDate", 20260131, "20260131"),
    ("closedAt", "2026-01-31T09:00:00+01:00", "2026-01-31T08:00:00Z"),
    ("closedAt", "2026-01-31T08:00:00.000", "2026-01-31T08:00:00Z"),
    ("closedAt", "2026-01-31T08:00:00.1234567Z", "2026-01-31T08:00:00.1234567Z"),
    ("status", "active", "active"),
    ("nsp::NEW", "x", "x"),
    ("nsp::NEW", 7, "7.00"),
    ("nsp::NEW", "7.50", Decimal("7.5")),
    ("nsp::NEW", True, "true"),
]
DIFFERENT = [
    ("name", "Starluck", "starluck"),
    ("name", "Starluck", "Starluck "),
    ("name", "x", ""),
    ("name", "", "x"),
    ("name", "1.50", "1.5"),
    ("name", Decimal("5.10"), "5.1"),
    ("name", True, "True"),
    ("name", 1, True),
    ("name", 1.5, 2.5),  # exact JSON never gives a float; it is no reason to leave a row unwritten
    ("key", 101, "0101"),
    ("isOnHold", False, None),
    ("isOnHold", 1, True),
    ("healthScore", 0, None),
    ("healthScore", 1, True),
    ("healthScore", Decimal("12.5"), 12),
    ("creditLimit", "n/a", 0),
    ("creditLimit", 5, []),
    ("totalDue", Decimal("12.345"), "12.35"),
    ("totalDue", 10**25 + 1, f"{10**25}.00"),
    ("totalDue", Decimal("1E+999999999"), "1.00"),
    ("startDate", "2026-01-31", "2026-02-01"),
    ("startDate", "soon", "2026-01-31"),
    ("closedAt", "2026-01-31T08:00:00+01:00", "2026-01-31T08:00:00Z"),
    ("closedAt", "2026-01-31T08:00:00.1234567Z", "2026-01-31T08:00:00.1234568Z"),
    ("status", "active", "Active"),
    ("nsp::NEW", "", None),
    ("nsp::NEW", None, ""),
    ("nsp::NEW", 7, "007"),
    ("nsp::NEW", "1.50", "1.5"),
    ("nsp::NEW", 1, True),
    ("nsp::NEW", "x", ["x"]),
]


@pytest.mark.parametrize(
    ("field", "value", "held", "is_held"), [*((*each, True) for each in EQUAL), *((*each, False) for each in DIFFERENT)]
)
def test_the_same_value_in_another_form_is_held_and_no_other(field, value, held, is_held):
    assert holds({field: value}, {field: held}, MODEL) is is_held


RECORD = {
    "key": "34",
    "id": "C-1",
    "name": "Starluck",
    "term.id": "N30",
    "term.key": "12",
    "contacts.default.key": None,
    "contacts.default.email1": None,
    "contacts.default.mailingAddress.city": "Oslo",
    "API_QUERY_ALIAS__25": None,
}


@pytest.mark.parametrize(
    ("body", "is_held"),
    [
        ({}, True),
        ({"id": "C-1", "name": "Starluck", "term": {"key": 12, "id": "N30"}}, True),
        ({"contacts": {"default": None}}, True),
        ({"contacts": {"default": {"key": ""}}}, True),
        ({"contacts": {"default": {"email1": ""}}}, True),
        ({"contacts": {"default": {"mailingAddress": {"city": "Oslo"}}}}, True),
        ({"name": "Starluck", "term": None}, False),
        ({"name": "Starluck", "term": {"id": "N60"}}, False),
        ({"name": "Starluck", "term": {"key": 12, "id": "N60"}}, False),
        ({"name": "Starluck", "term": {"id": None}}, False),
        ({"contacts": {"default": {"mailingAddress": {"city": "Bergen"}}}}, False),
    ],
)
def test_a_nested_body_is_held_if_every_leaf_is(body, is_held):
    assert holds(body, RECORD, MODEL) is is_held


@pytest.mark.parametrize("body", [{"contactList": None}, {"action": "submit"}, {"nsp::tags": ["x"]}, {"term": {}}])
def test_what_cannot_be_read_back_is_never_held(body):
    (name,) = body

    assert not holds({"name": "Starluck"} | body, RECORD | {name: body[name]}, MODEL)


@pytest.mark.parametrize(
    ("body", "unreadable", "is_held"),
    [
        ({"name": "Starluck", "status": None}, (), False),  # it was not read
        ({"name": "Starluck", "id": "C-1"}, {"name"}, False),
        ({"id": "C-1"}, {"name"}, True),
        ({"term": {"id": "N30"}}, {"term.id"}, False),
    ],
)
def test_a_field_that_was_not_read_or_that_the_query_refused_is_not_held(body, unreadable, is_held):
    assert holds(body, RECORD, MODEL, unreadable=unreadable) is is_held


def test_a_cleared_reference_of_an_unknown_object_is_compared_as_it_stands():
    assert holds({"term": None}, {"term": None}, OPEN)
    assert not holds({"term": {"id": None}}, {"term.id": ""}, OPEN)


def test_a_value_nested_deeper_than_the_stack_is_compared_like_any_other():
    body: dict[str, object] = {"leaf": "x"}
    for _ in range(3_000):
        body = {"a": body}

    assert holds(body, {"a." * 3_000 + "leaf": "x"}, OPEN)
    assert not holds(body, {"a." * 3_000 + "leaf": "y"}, OPEN)

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from fakes import fields_of
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from destination_sage_intacct import exact_json
from destination_sage_intacct.intacct.model import Field, Model
from destination_sage_intacct.rows.comparison import comparable_paths, holds
from destination_sage_intacct.rows.conversion import convert

FIELDS = fields_of(
    string="id name term.id term.key contacts.default.id contacts.default.key contacts.default.email1"
    " contacts.default.mailingAddress.city",
    boolean="isOnHold", integer="healthScore", number="creditLimit", amount="totalDue", date="startDate",
    date_time="closedAt", ref="term contacts.default", group="contacts contacts.default.mailingAddress",
    list="contactList", choices="nsp::PLANS", any="filter",
) | {
    "key": Field("string", read_only=True), "status": Field("enum", ("active", "inactive")),
    "action": Field("enum", ("submit", "draft"), write_only=True),
}  # fmt: skip
MODEL = Model("accounts-receivable/customer", FIELDS)
OPEN = Model("platform-apps/nsp::subscription", is_open=True)


@pytest.mark.parametrize(("model", "body", "paths", "is_whole"), [
    (MODEL, {}, "", True),
    (MODEL, {"id": "C-1", "creditLimit": 5, "nsp::CODE": "x"}, "id creditLimit nsp::CODE", True),
    (MODEL, {"term": {"id": "N30"}}, "term.id", True),
    (MODEL, {"term": {"key": "12", "id": "N30"}}, "term.key term.id", True),
    (MODEL, {"term": None}, "term.key", True), (MODEL, {"term": {"id": None}}, "term.id", True),
    (MODEL, {"contacts": {"default": {"email1": "a@b.c", "mailingAddress": {"city": None}}}},
     "contacts.default.email1 contacts.default.mailingAddress.city", True),
    (MODEL, {"contacts": {"default": None}}, "contacts.default.key", True),
    (MODEL, {"name": "x", "filter": 7}, "name filter", True),
    *((MODEL, {"name": "x", "contactList": value}, "name", False) for value in ([{"id": "1"}], None, {"id": "1"})),
    *((MODEL, {"name": "x"} | more, "name", False) for more in ({"nsp::tags": []}, {"nsp::PLANS": ["a"]})),
    (MODEL, {"name": "x", "action": "submit"}, "name", False),
    (MODEL, {"name": {"first": "x"}, "id": "C-1"}, "id", False),
    *((MODEL, {"id": "C-1", "term": value}, "id", False) for value in ("N30", {})),
    *((MODEL, {"id": "C-1", "contacts": value}, "id", False) for value in (None, {"default": "x"})),
    # Where nothing is known of the object the shape of a value decides.
    (OPEN, {"term": {"id": "N30"}, "note": None, "n": 1}, "term.id note n", True),
    *((OPEN, {"name": "x"} | more, "name", False) for more in ({"lines": [1]}, {"group": {}})),
])  # fmt: skip
def test_a_body_is_asked_for_by_the_paths_of_what_can_be_read_back(model, body, paths, is_whole):
    assert comparable_paths(body, model) == (set(paths.split()), is_whole)


EQUAL = [
    ("name", "Ærø", "Ærø"), ("name", "", None), ("name", None, ""), ("name", 5, "5"), ("name", True, "true"),
    ("name", Decimal("5.10"), "5.10"), ("key", 101, "101"), ("status", "active", "active"),
    ("isOnHold", False, "false"), ("isOnHold", "true", True),
    ("healthScore", 12, "12"), ("healthScore", "012", 12), ("healthScore", Decimal("12.0"), 12),
    ("creditLimit", Decimal("1.50"), Decimal("1.5")), ("creditLimit", 100, Decimal("1E+2")),
    ("creditLimit", "n/a", "n/a"), ("totalDue", 68400, "68400.00"), ("totalDue", Decimal("-0.00"), "0.00"),
    ("totalDue", 10**25 + 1, f"{10**25 + 1}.00"),
    ("startDate", "20260131", "2026-01-31"), ("startDate", "soon", "soon"), ("startDate", 20260131, "20260131"),
    ("closedAt", "2026-01-31T09:00:00+01:00", "2026-01-31T08:00:00Z"),
    ("closedAt", "2026-01-31T08:00:00.000", "2026-01-31T08:00:00Z"),
    ("closedAt", "2026-01-31T08:00:00.1234567Z", "2026-01-31T08:00:00.1234567Z"),
    ("nsp::NEW", "x", "x"), ("nsp::NEW", 7, "7.00"), ("nsp::NEW", "7.50", Decimal("7.5")), ("nsp::NEW", True, "true"),
    ("nsp::PLANS", ["a", "b"], ["b", "a"]),
]  # fmt: skip
DIFFERENT = [
    ("name", "Starluck", "starluck"), ("name", "Starluck", "Starluck "), ("name", "x", ""), ("name", "", "x"),
    ("name", "1.50", "1.5"), ("name", Decimal("5.10"), "5.1"), ("name", True, "True"), ("name", 1, True),
    ("name", 1.5, 2.5),  # exact JSON never gives a float; it is no reason to leave a row unwritten
    ("key", 101, "0101"), ("status", "active", "Active"), ("isOnHold", False, None), ("isOnHold", 1, True),
    ("healthScore", 0, None), ("healthScore", 1, True), ("healthScore", Decimal("12.5"), 12),
    ("creditLimit", "n/a", 0), ("creditLimit", 5, []), ("totalDue", Decimal("12.345"), "12.35"),
    ("totalDue", 10**25 + 1, f"{10**25}.00"), ("totalDue", Decimal("1E+999999999"), "1.00"),
    ("startDate", "2026-01-31", "2026-02-01"), ("startDate", "soon", "2026-01-31"),
    ("closedAt", "2026-01-31T08:00:00+01:00", "2026-01-31T08:00:00Z"),
    ("closedAt", "2026-01-31T08:00:00.1234567Z", "2026-01-31T08:00:00.1234568Z"),
    ("nsp::NEW", "", None), ("nsp::NEW", None, ""), ("nsp::NEW", 7, "007"), ("nsp::NEW", "1.50", "1.5"),
    ("nsp::NEW", 1, True), ("nsp::NEW", "x", ["x"]), ("nsp::PLANS", ["a"], ["a", "b"]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("field", "value", "held", "is_held"), [*((*each, True) for each in EQUAL), *((*each, False) for each in DIFFERENT)]
)
def test_the_same_value_in_another_form_is_held_and_no_other(field, value, held, is_held):
    assert holds({field: value}, {field: held}, MODEL) is is_held


RECORD = {
    "key": "34", "id": "C-1", "name": "Starluck", "term.id": "N30", "term.key": "12", "contacts.default.key": None,
    "contacts.default.email1": None, "contacts.default.mailingAddress.city": "Oslo", "API_QUERY_ALIAS__25": None,
}  # fmt: skip


TERM, OTHER = {"key": 12, "id": "N30"}, {"key": 12, "id": "N60"}


@pytest.mark.parametrize(("body", "is_held"), [
    ({}, True), ({"id": "C-1", "name": "Starluck", "term": TERM}, True),
    *(({"contacts": {"default": value}}, True) for value in (None, {"key": ""}, {"email1": ""})),
    ({"contacts": {"default": {"mailingAddress": {"city": "Oslo"}}}}, True),
    ({"contacts": {"default": {"mailingAddress": {"city": "Bergen"}}}}, False),
    *(({"name": "Starluck", "term": term}, False) for term in (None, {"id": None}, {"id": "N60"}, OTHER)),
])  # fmt: skip
def test_a_nested_body_is_held_if_every_leaf_is(body, is_held):
    assert holds(body, RECORD, MODEL) is is_held


@pytest.mark.parametrize("body", [{"contactList": None}, {"action": "submit"}, {"nsp::tags": ["x"]}, {"term": {}}])
def test_what_cannot_be_read_back_is_never_held(body):
    (name,) = body
    assert not holds({"name": "Starluck"} | body, RECORD | {name: body[name]}, MODEL)


@pytest.mark.parametrize(("body", "unreadable", "is_held"), [
    ({"name": "Starluck", "status": None}, (), False),  # it was not read
    ({"name": "Starluck", "id": "C-1"}, {"name"}, False),
    ({"id": "C-1"}, {"name"}, True), ({"term": {"id": "N30"}}, {"term.id"}, False),
])  # fmt: skip
def test_a_field_that_was_not_read_or_that_the_query_refused_is_not_held(body, unreadable, is_held):
    assert holds(body, RECORD, MODEL, unreadable=unreadable) is is_held


def test_a_cleared_reference_and_the_deepest_value_of_an_unknown_object_are_compared_like_any_other():
    body = {"leaf": "x"}
    for _ in range(3_000):  # deeper than the stack
        body = {"a": body}

    assert holds({"term": None}, {"term": None}, OPEN)
    assert not holds({"term": {"id": None}}, {"term.id": ""}, OPEN)
    assert holds(body, {"a." * 3_000 + "leaf": "x"}, OPEN)
    assert not holds(body, {"a." * 3_000 + "leaf": "y"}, OPEN)


ZONES = st.integers(-12 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
CENTS = st.integers(-(10**18), 10**18)
INSTANTS = st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1), timezones=ZONES)  # noqa: DTZ001 - they get zones


def in_utc(instant):
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")


def same(value):
    return value


def two_decimals(cents):
    return f"{Decimal(cents).scaleb(-2):.2f}"


LEAVES = st.none() | st.booleans() | st.integers() | st.decimals(allow_nan=False, allow_infinity=False) | st.text()
JSON = st.recursive(LEAVES, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=5)
NAMES = st.sampled_from([*(path for path in MODEL.fields if "." not in path), "nsp::NEW"])


def body_of(values):
    body: dict[str, Any] = {}
    for path, value in values.items():
        *groups, name = path.split(".")
        inner = body
        for group in groups:
            inner = inner.setdefault(group, {})
        inner[name] = value
    return body


@given(st.dictionaries(NAMES, JSON, max_size=4), st.dictionaries(NAMES, JSON, max_size=4), st.booleans())
def test_no_json_value_raises_and_what_is_not_wholly_comparable_is_not_held(body, record, is_open):
    model = OPEN if is_open else MODEL
    paths, is_whole = comparable_paths(body, model)

    if holds(body, record, model):
        # No query asks for a multi-picklist, but a whole record shows it.
        asked = {name: value for name, value in body.items() if is_open or name != "nsp::PLANS"}
        assert comparable_paths(asked, model) == (paths, True)
        assert is_whole or asked != body
        assert paths <= set(record)


SPELLINGS = {True: ("true", "T", "Yes", 1, True), False: ("false", "F", "No", 0, False)}


def either(values, held, *forms):
    """Pair a warehouse's form of a value with the form in which the API shows it."""
    return values.flatmap(
        lambda value: st.tuples(st.sampled_from([form(value) for form in forms]), st.just(held(value)))
    )


def decimal(cents):
    return exact_json.decode(two_decimals(cents).encode())


def as_object(name):
    return {"id": name}


def as_json(name):
    return exact_json.encode({"id": name}).decode()


# A text that begins with a brace is JSON, one of blanks nothing.
REFERENCES = st.text(min_size=1).filter(lambda name: name.strip() and not name.strip().startswith("{"))
WHOLE = st.integers(-(10**18), 10**18)
ROWS: dict[str, st.SearchStrategy[tuple[Any, Any]]] = {
    "id": either(st.text(), str.strip, same, lambda name: f"{name}   "),
    "name": either(WHOLE, str, same, str),
    "isOnHold": st.booleans().flatmap(lambda yes: st.tuples(st.sampled_from(SPELLINGS[yes]), st.just(yes))),
    "healthScore": either(WHOLE, same, same, str, lambda number: f" {number}.0 "),
    "creditLimit": either(CENTS, decimal, decimal, two_decimals, lambda cents: f"{two_decimals(cents)}000"),
    "totalDue": either(CENTS, two_decimals, decimal, two_decimals, lambda cents: f"{two_decimals(cents)}0"),
    "startDate": either(st.dates(), str, str, lambda day: f"{day}T00:00:00-08:00", lambda day: f"{day:%Y%m%d}"),
    "closedAt": either(INSTANTS, in_utc, lambda instant: instant.isoformat(), in_utc),
    "status": either(st.sampled_from(["active", "inactive"]), same, same, str.upper),
    "term": either(REFERENCES, str.strip, same, as_object, as_json),
    "contacts.default.key": either(st.integers(1, 10**9), str, same, str),
    "contacts.default.mailingAddress.city": either(st.text(), same, same),
}
# `%Y` is not padded for years before 1000 on every platform.
ROWS["startDate"] = ROWS["startDate"].filter(lambda pair: len(pair[0]) >= len("20260131"))


WRITTEN = st.fixed_dictionaries({}, optional=ROWS)


def written_and_read(pairs):
    """Return the body that is made of a row, and the record in which a query shows it."""
    made = {path: convert(sent, path, MODEL) for path, (sent, _) in pairs.items()}
    record = {f"{path}.id" if path == "term" else path: held for path, (_, held) in pairs.items()}
    return exact_json.decode(exact_json.encode(body_of(made))), record


@settings(max_examples=300)
@given(WRITTEN)
def test_whatever_was_converted_and_written_is_held_when_it_is_read_back(pairs):
    written, record = written_and_read(pairs)
    assert comparable_paths(written, MODEL) == (set(record), True)
    assert holds(written, record, MODEL)


@settings(max_examples=300)
@given(WRITTEN.filter(bool), st.data())
def test_one_leaf_that_changed_is_seen(pairs, data):
    path = data.draw(st.sampled_from(sorted(pairs)))
    before = data.draw(ROWS[path])
    assume(not alike(path, before[1], pairs[path][1]))
    written, _ = written_and_read(pairs)
    _, record = written_and_read(pairs | {path: before})

    assert not holds(written, record, MODEL)


def alike(path, one, other):
    """Return whether two values in the API's own form are the same; it shows each number in one form per field."""
    return Decimal(one) == Decimal(other) if path == "totalDue" else one == other

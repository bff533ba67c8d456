from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from destination_sage_intacct import exact_json
from destination_sage_intacct.intacct.model import Field, Model
from destination_sage_intacct.rows import matching
from destination_sage_intacct.rows.matching import assign, filters, folded, natural_key
from destination_sage_intacct.rows.values import Problem

MODEL = Model(
    "accounts-receivable/customer",
    {
        "id": Field("string"),
        "name": Field("string"),
        "healthScore": Field("integer"),
        "creditLimit": Field("number"),
        "totalDue": Field("amount"),
        "startDate": Field("date"),
        "audit": Field("group"),
        "audit.modifiedDateTime": Field("date-time"),
        "isOnHold": Field("boolean"),
        "status": Field("enum", ("active", "inactive")),
        "term": Field("ref"),
        "term.id": Field("string"),
        "term.key": Field("string"),
    },
)
COMPOSITE = ("id", "creditLimit")


WINTER = "2026-01-31T09:00:00+01:00"
TEXTS = st.text("aA bBß", min_size=1, max_size=3).filter(str.strip)
KEYS = st.lists(st.tuples(TEXTS, st.decimals(0, 2, places=1).map(lambda number: f"{number.normalize():f}")), max_size=6)


@pytest.mark.parametrize(
    ("field", "value", "text"),
    [
        ("id", " c-1 ", " c-1 "),
        *(("id", 7, "7"), ("id", Decimal("7.50"), "7.50"), ("healthScore", "012", "12")),
        *(("creditLimit", Decimal("1.50"), "1.5"), ("creditLimit", "1.5", "1.5"), ("totalDue", "68400.00", "68400")),
        *(("startDate", "2026-01-31", "2026-01-31"), ("audit.modifiedDateTime", WINTER, "2026-01-31T08:00:00Z")),
        *(("isOnHold", True, "true"), ("status", "active", "active"), ("nsp::code", 5, "5"), ("a.b.c", "x", "x")),
    ],
)
def test_a_natural_key_is_one_text_per_field(field, value, text):
    body = value
    for name in reversed(field.split(".")):
        body = {name: body}
    assert natural_key(body, [field], MODEL) == (text,)
    assert natural_key({"term": {"key": 101}, **body}, ["term.key", field], MODEL) == ("101", text)


@pytest.mark.parametrize(
    "body",
    [
        *({}, {"term": None}, {"term": "N30"}, {"term": {}}, {"term.id": "N30"}),
        *({"term": {"id": empty}} for empty in (None, "", " \t\n")),
    ],
)
def test_a_row_without_a_value_has_no_natural_key_and_says_what_to_do(body):
    assert natural_key({"id": "C-1"} | body, ["id", "term.id"], MODEL) == Problem(
        "natural_key_missing",
        "The row has no value for `term.id`, by which its record is found",
        "Fill the column that is mapped to `term.id`, or match by fields that every row has.",
        "term.id",
    )


@pytest.mark.parametrize(
    ("field", "value", "what"),
    [
        *(("id", several, "a list or an object") for several in (["C-1"], {"id": "N30"})),
        *(("creditLimit", odd, "not of the field's type (number)") for odd in ("a secret", Decimal("1E+999999999"))),
        ("healthScore", Decimal("1.5"), "not of the field's type (integer)"),
        ("startDate", "31.01.2026", "not of the field's type (date)"),
        ("isOnHold", "perhaps", "not of the field's type (boolean)"),
    ],
)
def test_a_value_that_can_find_no_record_is_rejected_without_showing_it(field, value, what):
    assert natural_key({field: value}, [field], MODEL) == Problem(
        "invalid_natural_key",
        f"The value for `{field}`, by which the record is found, is {what}",
        f"Map a column to `{field}` that holds a single value of the field's type, or match by other fields.",
        field,
    )


def test_keys_that_the_api_might_take_for_the_same_fold_to_one():
    assert folded((" C-1\t", "Straße")) == folded(("c-1", "STRASSE")) == ("c-1", "strasse")
    assert folded(("C 1",)) != folded(("C1",))


def test_keys_are_asked_for_at_once_by_one_field_and_one_by_one_by_several():
    keys = [("C-1",), ("c-1",), ("C-1",), ("7",)]
    assert filters(keys, ["id"], MODEL) == ([{"$in": {"id": ["C-1", "c-1", "7"]}}], None)
    values = ("C-1", Decimal("1.5"), "C-2", Decimal(7))
    assert filters([("C-1", "1.5"), ("C-2", "7"), ("C-1", "1.5")], COMPOSITE, MODEL) == (
        [{"$eq": {name: value}} for name, value in zip(COMPOSITE * 2, values, strict=True)],
        "(1 and 2) or (3 and 4)",
    )
    assert filters([("C-1", "n", "N30")], ["id", "name", "term.id"], MODEL)[1] == "(1 and 2 and 3)"


@pytest.mark.parametrize(
    ("field", "sent"),
    [
        *(("id", '"7"'), ("nsp::code", '"7"'), ("healthScore", "12"), ("creditLimit", "0.10"), ("totalDue", '"68400"')),
        *(("startDate", '"2026-01-31"'), ("isOnHold", '"true"'), ("term.key", '"101"')),
    ],
)
def test_a_value_goes_out_with_the_json_type_of_its_field(field, sent):
    asked, _ = filters([(sent.strip('"'),)], [field], MODEL)
    assert exact_json.encode(asked) == f'[{{"$in":{{"{field}":[{sent}]}}}}]'.encode()


def test_a_record_belongs_to_the_key_that_is_exactly_its_own():
    upper, lower, twin = {"key": "1", "id": "A-1"}, {"key": "2", "id": "a-1"}, {"key": "3", "id": "a-1"}
    found = assign([("A-1",), ("a-1",), ("B",)], ["id"], [lower, upper, twin], MODEL)
    assert found == {("A-1",): [upper], ("a-1",): [lower, twin], ("B",): []}


def test_a_record_on_two_pages_counts_once_and_one_without_a_record_key_by_itself():
    shown = {"key": "1", "id": "A"}
    pages = [shown, {**shown, "API_QUERY_ALIAS__25": None}, {"key": 1, "id": "A"}]
    assert assign([("A",)], ["id"], pages, MODEL) == {("A",): [shown]}
    assert len(assign([("A",)], ["id"], [{"id": "A"}, {"id": "A", "key": None}], MODEL)[("A",)]) == 2


def test_a_record_is_found_by_value_and_not_by_the_form_that_the_api_shows():
    fields = ["totalDue", "creditLimit", "healthScore", "audit.modifiedDateTime"]
    shown = dict(zip(fields, ("68400.00", 7, "3", "2026-01-31T08:00:00Z"), strict=True))
    row = {"totalDue": 68400, "creditLimit": Decimal("7.0"), "healthScore": 3, "audit": {"modifiedDateTime": WINTER}}
    key = natural_key(row, fields, MODEL)
    assert assign([key], fields, [shown], MODEL) == {key: [shown]}


@pytest.mark.parametrize("value", [None, [], {}, "other"])
def test_a_record_without_the_value_is_nobodys(value):
    assert assign([("A", "1")], COMPOSITE, [{"key": "1", "id": "A", "creditLimit": value}], MODEL) == {("A", "1"): []}
    assert assign([("A",)], ["id"], [{"key": "1"}], MODEL) == {("A",): []}


@given(KEYS, KEYS)
def test_every_key_gets_its_own_records_and_never_those_of_another(asked, held):
    rows = [{"key": str(key), "id": name, "creditLimit": Decimal(limit)} for key, (name, limit) in enumerate(held)]
    found = assign(asked, COMPOSITE, rows, MODEL)
    assert set(found) == set(asked)
    for key, records in found.items():
        own = [
            row["key"]
            for row, each in zip(rows, held, strict=True)
            if each == key or (each not in asked and folded(each) == folded(key))
        ]
        assert sorted((record["key"] for record in records), key=int) == own


def test_only_letters_and_blanks_have_other_spellings():
    assert not any(matching.may_have_look_alikes(key) for key in (("1001",), ("10-01", "2026-01-05")))
    assert all(matching.may_have_look_alikes(key) for key in (("C-1",), (" 1",), ("1", "é")))


def test_a_record_looks_alike_whose_key_differs_by_case_or_blanks_alone():
    records = [{"key": "1", "id": "a-1"}, {"key": "2", "id": "B-1"}, {"key": "3"}]
    assert matching.look_alikes([("A-1 ",), ("b-2",)], ["id"], records, MODEL) == {("A-1 ",): (records[0], False)}
    twins = [{"key": "1", "id": "a-1"}, {"key": "2", "id": "A-1"}]  # the one that carries the key itself is preferred
    for order in (twins, twins[::-1]):
        assert matching.look_alikes([("A-1",)], ["id"], order, MODEL) == {("A-1",): (twins[1], True)}

import copy
import functools
import re
from dataclasses import replace
from decimal import Decimal

import jsonschema_rs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from json_places import GONE, changed, places
from jsonschema import Draft202012Validator
from refused_bodies import BILL_LINE, BODIES, CASES, CREATE_ONLY, CREDIT, DEBIT, INVOICE_LINE, MISSING, UNBALANCED

from destination_sage_intacct.intacct.model import Field, Model, known_model
from destination_sage_intacct.intacct.objects import OBJECT_TYPES, object_at
from destination_sage_intacct.rows.validation import body_schema, compile_validation
from destination_sage_intacct.rows.values import Problem

OTHER_CREDIT = CREDIT | {"txnAmount": "1"}  # not what DEBIT amounts to


def whole(path):
    """Return what is known of an object as if it came from the model service, so that there is no other field."""
    return Model(path, known_model(path).fields)


def models(label, model_of=whole):
    """Return the model of an object and those of its lines."""
    model = model_of(OBJECT_TYPES[label].path)
    return model, {field.target: model_of(field.target) for path, field in model.fields.items() if path == "lines"}


def check(label, body, *, creating=True, operation="upsert", model_of=whole):
    before = copy.deepcopy(body)
    model, lines = models(label, model_of)
    problem = compile_validation(OBJECT_TYPES[label], model, operation, lines)(body, creating)
    assert body == before
    return problem


def said(problem):
    assert isinstance(problem, Problem)
    return f"{problem.message}. {problem.advice}", problem.field


@pytest.mark.parametrize("model_of", [whole, known_model])
@pytest.mark.parametrize("label", OBJECT_TYPES)
def test_what_an_object_needs_is_enough(label, model_of):
    assert check(label, BODIES[label], model_of=model_of) is None


def test_fields_that_only_the_company_knows_are_sent():
    fields = {"nsp::REGION": "x", "newInSage": 1, "lines": [INVOICE_LINE | {"nsp::A": "x"}]}
    assert check("Invoice", BODIES["Invoice"] | fields, model_of=known_model) is None


@pytest.mark.parametrize(("label", "changes", "sentence", "field"), CASES)
def test_the_first_thing_wrong_is_named_with_its_field(label, changes, sentence, field):
    assert said(check(label, BODIES[label] | changes)) == (sentence, field)


@pytest.mark.parametrize("label", OBJECT_TYPES)
def test_each_required_field_is_missed_on_create_and_not_on_update(label):
    for path in OBJECT_TYPES[label].required:
        body = {name: value for name, value in BODIES[label].items() if name != path.split(".")[0]}
        assert said(check(label, body)) == (MISSING.format(path), path)
        assert check(label, body, creating=False, operation="update") is None or "id" in body


@pytest.mark.parametrize(
    ("label", "changes"),
    [
        ("Bill", {"dueDate": None}),
        ("Bill", {"term": {"id": "N30"}}),
        ("Bill", {"dueDate": None, "term": {"id": "N30"}}),
        ("Bill", {"currency": None}),
        ("Bill", {"currency": {"txnCurrency": None}}),
        ("Bill", {"lines": [BILL_LINE | {"dimensions": None}]}),
        ("Bill", {"lines": [BILL_LINE | {"dimensions": {"department": {"id": "1"}}}]}),
        ("Bill", {"lines": [BILL_LINE | {"dimensions": None, "allocation": {"id": "A"}}]}),
        ("Bill", {"lines": [BILL_LINE | {"txnAmount": None, "totalTxnAmount": "5"}]}),
        ("Invoice", {"dueDate": None}),
        ("Invoice", {"dueDate": None, "term": {"key": "7"}}),
        ("Invoice", {"term": {"id": "N30"}}),
        ("Employee", {"id": None}),
        # A balance that only Sage Intacct can work out.
        ("Journal Entry", {"state": "draft", "lines": [DEBIT, OTHER_CREDIT]}),
        ("Journal Entry", {"lines": [DEBIT | {"currency": {"txnCurrency": "EUR"}}, OTHER_CREDIT]}),
        ("Journal Entry", {"lines": [DEBIT | {"taxEntries": [{"baseTaxAmount": "1"}]}, OTHER_CREDIT]}),
        ("Journal Entry", {"lines": [DEBIT | {"txnAmount": "-1"}, OTHER_CREDIT]}),
        ("Journal Entry", {"lines": [DEBIT | {"key": "1"}, OTHER_CREDIT]}),
        ("Journal Entry", {"tax": {"taxImplication": "inbound"}, "lines": [DEBIT, OTHER_CREDIT]}),
    ],
)
def test_what_only_some_companies_require_and_what_a_term_gives_is_left_to_sage(label, changes):
    assert check(label, BODIES[label] | changes) is None


@pytest.mark.parametrize(
    ("label", "body", "field"),
    [("Customer", {"id": "C-1"}, "id"), ("Journal Entry", {"state": "draft"}, "state"), ("Contact", {"id": "J"}, "id")],
)
def test_what_is_set_at_create_only_is_refused_on_update(label, body, field):
    assert said(check(label, body, creating=False)) == (CREATE_ONLY, field)


def test_the_table_says_what_is_create_only_where_the_model_service_does_not():
    entry = OBJECT_TYPES["Journal Entry"]
    model = Model(entry.path, {"state": Field("enum", ("draft", "posted"))})
    assert said(compile_validation(entry, model, "update")({"state": "draft"}, False)) == (CREATE_ONLY, "state")


@pytest.mark.parametrize("label", ["Invoice", "Bill", "Journal Entry"])
def test_lines_of_an_update_are_whole_unless_they_name_the_records_own(label):
    incomplete = {"description" if label == "Journal Entry" else "memo": "x"}
    assert check(label, {"lines": [incomplete]}, creating=False) is not None
    for own in (incomplete | {"key": "5"}, {"key": "5", "ia::operation": "delete"}):
        assert check(label, {"lines": [own]}, creating=False) is None


def test_whether_an_update_balances_is_left_to_sage_as_the_record_may_be_a_draft():
    changed = {"lines": [DEBIT, OTHER_CREDIT]}
    assert check("Journal Entry", changed, creating=False) is None
    assert said(check("Journal Entry", BODIES["Journal Entry"] | changed)) == (UNBALANCED, "lines")


@pytest.mark.parametrize("side", [["debit"], {"is": "debit"}, 1])
def test_a_side_that_is_no_text_is_left_to_sage_where_nothing_is_known_of_the_lines(side):
    entry = OBJECT_TYPES["Journal Entry"]
    body = BODIES["Journal Entry"] | {"lines": [DEBIT | {"txnType": side}, CREDIT]}
    assert compile_validation(entry, whole(entry.path), "insert")(body, True) is None


def test_a_journal_entry_balances_to_the_last_digit():
    tenths = [DEBIT | {"txnAmount": "0.10"}] * 3
    large = "90000000000000000000000000000000"
    balanced = [
        [*tenths, CREDIT | {"txnAmount": "0.3"}],
        [*tenths, DEBIT | {"txnAmount": large}, CREDIT | {"txnAmount": f"{large}.30"}],
    ]
    for lines in balanced:
        assert check("Journal Entry", BODIES["Journal Entry"] | {"lines": lines}) is None
    a_cent_more = {"lines": [*balanced[1][:-1], CREDIT | {"txnAmount": f"{large}.31"}]}
    assert said(check("Journal Entry", BODIES["Journal Entry"] | a_cent_more)) == (UNBALANCED, "lines")


def test_of_an_object_of_which_nothing_is_known_nothing_is_refused():
    path = "platform-apps/nsp::subscription"
    validate = compile_validation(object_at(path), Model(path, is_open=True), "insert")
    assert validate({"id": 1, "nsp::X": {"a": [1]}}, True) is None


def test_no_problem_holds_a_value():
    values = re.compile("gone|maybe|199|Starluck|October|5004")
    problems = [check(label, BODIES[label] | changes) for label, changes, _, _ in CASES]
    assert not [each for each in problems if values.search(f"{each.message} {each.advice} {each.field}")]


VALUES = st.sampled_from([None, "", "x", "draft", "debit", True, 7, Decimal("1.5"), {}, [], [{}], [None], {"id": "x"}])
LABELS = st.sampled_from(["Customer", "Invoice", "Bill", "Journal Entry"])
CHANGES = st.lists(st.tuples(st.integers(0, 10**6), VALUES | st.just(GONE)), max_size=3)


def in_part(path):
    return replace(whole(path), is_partial=True)


@settings(max_examples=100, deadline=None)
@given(LABELS, st.data(), CHANGES, st.booleans(), st.sampled_from([whole, in_part]))
def test_both_validators_agree(label, data, changes, creating, model_of):
    """jsonschema_rs decides whether a body is valid, jsonschema says what is wrong."""
    model, lines = models(label, model_of)
    extra = data.draw(st.dictionaries(st.sampled_from([*model.fields, "nsp::NEW"]), VALUES, max_size=2))
    body = BODIES[label] | extra
    for number, put in changes:
        ways = list(places(body))
        if ways:
            body = changed(body, ways[number % len(ways)], put)
    schema = body_schema(OBJECT_TYPES[label], model, lines, creating=creating)
    assert jsonschema_rs.Draft202012Validator(schema).is_valid(body) == Draft202012Validator(schema).is_valid(body)


DEEP = functools.reduce(lambda held, _: {"a": held}, range(99), "x")


@pytest.mark.parametrize("value", ["\ud800", {"\ud800": 1}, 10**60, Decimal("1E+400"), DEEP])
def test_a_value_that_one_validator_may_not_take_never_raises(value):
    model, lines = models("Customer", in_part)
    validate = compile_validation(OBJECT_TYPES["Customer"], model, "insert", lines)
    assert validate(BODIES["Customer"] | {"notes": value, "nsp::X": value}, True) is None
    assert validate({"nsp::X": value}, True).code == "required_field_missing"
    assert validate(BODIES["Customer"] | {"status": value}, True).code == "invalid_value"


@pytest.mark.parametrize("creating", [True, False])
@pytest.mark.parametrize("label", OBJECT_TYPES)
def test_the_schema_is_one(label, creating):
    Draft202012Validator.check_schema(body_schema(OBJECT_TYPES[label], *models(label), creating=creating))

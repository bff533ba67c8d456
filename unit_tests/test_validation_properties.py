from decimal import Decimal
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from refused_bodies import BODIES

from destination_sage_intacct.intacct.model import Model, known_model
from destination_sage_intacct.intacct.objects import OBJECT_TYPES
from destination_sage_intacct.rows.validation import body_schema, compile_validation

VALUES = st.sampled_from([None, "", "x", "draft", "debit", True, 7, Decimal("1.5"), {}, [], [{}], [None], {"id": "x"}])
LABELS = st.sampled_from(["Customer", "Invoice", "Bill", "Journal Entry"])
CHANGES = st.lists(st.tuples(st.integers(0, 10**6), VALUES | st.just("gone")), max_size=3)


def models(label, *, is_partial):
    known = known_model(OBJECT_TYPES[label].path)
    targets = [field.target for path, field in known.fields.items() if path == "lines"]
    fields = {target: known_model(target).fields for target in targets}
    return Model(known.object_path, known.fields, is_partial=is_partial), {
        target: Model(target, members, is_partial=is_partial) for target, members in fields.items()
    }


def places(value, path=()):
    """Yield every place in a body: the way to it."""
    if isinstance(value, dict | list):
        for name, member in value.items() if isinstance(value, dict) else enumerate(value):
            yield (*path, name)
            yield from places(member, (*path, name))


def changed(value: Any, path: tuple[Any, ...], put: object) -> Any:
    """Return a copy with another value at a place, or without the place where it is to be gone."""
    name, *rest = path
    made = dict(value) if isinstance(value, dict) else list(value)
    if rest:
        made[name] = changed(value[name], tuple(rest), put)
    elif put == "gone":
        del made[name]
    else:
        made[name] = put
    return made


@settings(max_examples=100, deadline=None)
@given(LABELS, st.data(), CHANGES, st.booleans(), st.booleans())
def test_both_validators_agree(label, data, changes, creating, is_partial):
    """jsonschema_rs decides whether a body is valid, jsonschema says what is wrong."""
    model, lines = models(label, is_partial=is_partial)
    entry = OBJECT_TYPES[label]
    extra = data.draw(st.dictionaries(st.sampled_from([*model.fields, "nsp::NEW"]), VALUES, max_size=2))
    body = BODIES[label] | extra
    for number, put in changes:
        ways = list(places(body))
        if ways:
            body = changed(body, ways[number % len(ways)], put)
    schema = body_schema(entry, model, lines, creating=creating)

    assert jsonschema_rs.Draft202012Validator(schema).is_valid(body) == Draft202012Validator(schema).is_valid(body)


def nested(levels):
    value: Any = "x"
    for _ in range(levels):
        value = {"a": value}
    return value


@pytest.mark.parametrize("value", ["\ud800", {"\ud800": 1}, 10**60, Decimal("1E+400"), nested(99)])
def test_a_value_that_one_validator_may_not_take_never_raises(value):
    model, lines = models("Customer", is_partial=True)
    validate = compile_validation(OBJECT_TYPES["Customer"], model, "insert", lines)

    assert validate(BODIES["Customer"] | {"notes": value, "nsp::X": value}, True) is None
    assert getattr(validate({"nsp::X": value}, True), "code", None) == "required_field_missing"
    assert getattr(validate(BODIES["Customer"] | {"status": value}, True), "code", None) == "invalid_value"


@pytest.mark.parametrize("creating", [True, False])
@pytest.mark.parametrize("label", OBJECT_TYPES)
def test_the_schema_is_one(label, creating):
    model, lines = models(label, is_partial=False)

    Draft202012Validator.check_schema(body_schema(OBJECT_TYPES[label], model, lines, creating=creating))

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from refused_bodies import BODIES, CASES

from destination_sage_intacct.intacct.model import Model, known_model
from destination_sage_intacct.intacct.objects import OBJECT_TYPES
from destination_sage_intacct.rows.body_outline import outline
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


@settings(max_examples=400, deadline=None)
@given(LABELS, st.data(), CHANGES, st.booleans(), st.booleans())
def test_what_passes_at_a_glance_passes_the_schema(label, data, changes, creating, is_partial):
    model, lines = models(label, is_partial=is_partial)
    entry = OBJECT_TYPES[label]
    extra = data.draw(st.dictionaries(st.sampled_from([*model.fields, "nsp::NEW"]), VALUES, max_size=2))
    body = BODIES[label] | extra
    for number, put in changes:
        ways = list(places(body))
        if ways:
            body = changed(body, ways[number % len(ways)], put)

    if outline(entry, model, lines, creating=creating)(body):
        errors = Draft202012Validator(body_schema(entry, model, lines, creating=creating)).iter_errors(body)
        assert [error.message for error in errors] == []
    assert isinstance(compile_validation(entry, model, "upsert", lines)(body, creating), object)


@pytest.mark.parametrize("is_partial", [False, True])
@pytest.mark.parametrize("label", OBJECT_TYPES)
def test_a_valid_body_passes_at_a_glance(label, is_partial):
    model, lines = models(label, is_partial=is_partial)

    assert outline(OBJECT_TYPES[label], model, lines, creating=True)(BODIES[label])


@pytest.mark.parametrize(("label", "changes"), [case[:2] for case in CASES])
def test_a_wrong_body_does_not_pass_at_a_glance_unless_only_its_balance_is_wrong(label, changes):
    model, lines = models(label, is_partial=False)
    sentences = [sentence for other, theirs, sentence, _ in CASES if (other, theirs) == (label, changes)]

    passes = outline(OBJECT_TYPES[label], model, lines, creating=True)(BODIES[label] | changes)

    assert passes == sentences[0].startswith("The debits")


@pytest.mark.parametrize("creating", [True, False])
@pytest.mark.parametrize("label", OBJECT_TYPES)
def test_the_schema_is_one(label, creating):
    model, lines = models(label, is_partial=False)

    Draft202012Validator.check_schema(body_schema(OBJECT_TYPES[label], model, lines, creating=creating))

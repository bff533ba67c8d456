import pytest
from hypothesis import given
from hypothesis import strategies as st

from destination_sage_intacct.intacct.model import Field, Model
from destination_sage_intacct.rows.choices import are_same, named_in
from destination_sage_intacct.rows.conversion import convert
from destination_sage_intacct.rows.lines import same_lines
from destination_sage_intacct.rows.values import Problem

PLANS = ("gold", "silver", "gold, old", "A|B")
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1).map(str.strip).filter(bool)
MODEL = Model("x", {"any": Field("choices"), "nsp::many": Field("choices"), "plans": Field("choices", PLANS)})


@pytest.mark.parametrize(("value", "known", "named"), [
    # Without known values only an array and Sage's own separator hold several.
    (["a", "b"], (), ["a", "b"]),
    ([" a ", None, "", "b", "b"], (), [" a ", "", "b", "b"]),
    ('["a", "b, c"]', (), ["a", "b, c"]), (" [] ", (), []), ("a#~#b, c", (), ["a", "b, c"]),
    ("#~#a#~#b#~#", (), ["a", "b"]),
    *((text, (), [text]) for text in ("a, b", "a;b", "a\nb", "[old] things", "[old]", 7)),
    # Any separator counts where the values leave no doubt.
    *((text, PLANS, ["gold", "silver"]) for text in ("gold;silver", "gold|silver", "gold\nsilver\n")),
    ("Gold , SILVER", PLANS, ["Gold", "SILVER"]),
    ("gold, old;silver", PLANS, ["gold, old", "silver"]),
    ("gold#~#A|B", PLANS, ["gold", "A|B"]),
    *((text, PLANS, [text]) for text in ("gold, old", "A|B", "gold, old, silver", "gold, bronze")),
    # Two readings that both fit are not decided between.
    ("a;b|c", ("a", "b|c", "a;b", "c"), ["a;b|c"]),
])  # fmt: skip
def test_a_value_names_one_choice_or_several(value, known, named):
    assert named_in(value, known) == named


@given(st.lists(TEXTS, min_size=1))
def test_an_array_of_texts_arrives_as_it_is(values):
    assert convert(values, "any", MODEL) == values


@pytest.mark.parametrize(("field", "value", "keep_nulls", "made"), [
    *(("plans", blank, False, None) for blank in ("", "  ", None)), ("plans", None, True, []),
    ("plans", [], False, []), ("plans", [None], False, []),
    ("plans", ["Gold", "gold", " SILVER "], False, ["gold", "silver"]),
    ("plans", "silver; Gold", False, ["silver", "gold"]),
    ("any", None, False, None), ("any", None, True, []),
])  # fmt: skip
def test_values_are_spelt_as_the_field_allows_and_a_null_clears_all_where_nulls_clear(field, value, keep_nulls, made):
    assert convert(value, field, MODEL, keep_nulls=keep_nulls) == made


NOT_ALLOWED = "The value is not one that the field allows: `gold`, `silver`, `gold, old`, `A|B`"
NO_TEXT = "The value is an object or holds one, and the field holds several texts"


@pytest.mark.parametrize(("field", "value", "message"), [
    *(("plans", value, NOT_ALLOWED) for value in (["gold", "bronze"], "bronze", "gold, bronze")),
    *(("any", value, NO_TEXT) for value in ({"a": 1}, [{"a": 1}], [["a"]])),
])  # fmt: skip
def test_what_is_no_text_that_the_field_allows_is_a_problem(field, value, message):
    problem = convert(value, field, MODEL)
    assert isinstance(problem, Problem)
    assert (problem.code, problem.field, problem.message) == ("invalid_value", field, message)


@pytest.mark.parametrize(("given", "held", "name", "is_same"), [
    *((["a", "b"], held, "nsp::PLANS", True) for held in (["a", "b"], ["b", "a"], "b#~#a")),
    (["a"], "a", "nsp::PLANS", True), (["a", "a"], ["a"], "nsp::PLANS", True),
    *((given, held, "nsp::PLANS", True) for given, held in (([], None), ([], ""), (None, []), (["7"], [7]))),
    *((["a"], held, "nsp::PLANS", False) for held in (["a", "b"], None, [{"a": 1}])),
    (["a", "b"], ["a"], "nsp::PLANS", False), ([], ["a"], "nsp::PLANS", False),
    # The values of Sage's own fields may have an order.
    (["a", "b"], ["a", "b"], "sortOrder", True), (["a", "b"], ["b", "a"], "sortOrder", False),
])  # fmt: skip
def test_a_record_holds_the_values_of_a_multi_picklist_in_any_order(given, held, name, is_same):
    assert are_same(given, held, name) is is_same


def test_lines_are_the_same_whatever_the_order_of_their_choices():
    lines = [{"nsp::many": ["a", "b"]}, {"nsp::many": []}]
    assert same_lines(lines, [{"nsp::many": None}, {"nsp::many": ["b", "a"]}], MODEL)
    assert not same_lines(lines, [{"nsp::many": ["a"]}, {"nsp::many": ["b", "a"]}], MODEL)

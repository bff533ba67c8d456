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


@pytest.mark.parametrize(
    ("value", "named"),
    [
        (["a", "b"], ["a", "b"]),
        ([" a ", None, "", "b", "b"], [" a ", "", "b", "b"]),
        ('["a", "b, c"]', ["a", "b, c"]),
        (" [] ", []),
        ("a#~#b, c", ["a", "b, c"]),
        ("#~#a#~#b#~#", ["a", "b"]),
        ("a, b", ["a, b"]),
        ("a;b", ["a;b"]),
        ("a\nb", ["a\nb"]),
        ("[old] things", ["[old] things"]),
        ("[old]", ["[old]"]),
        (7, [7]),
    ],
)
def test_without_known_values_only_an_array_and_sages_own_separator_hold_several(value, named):
    assert named_in(value, ()) == named


@pytest.mark.parametrize(
    ("value", "named"),
    [
        ("gold;silver", ["gold", "silver"]),
        ("Gold , SILVER", ["Gold", "SILVER"]),
        ("gold|silver", ["gold", "silver"]),
        ("gold\nsilver\n", ["gold", "silver"]),
        ("gold, old", ["gold, old"]),
        ("A|B", ["A|B"]),
        ("gold, old;silver", ["gold, old", "silver"]),
        ("gold#~#A|B", ["gold", "A|B"]),
        ("gold, old, silver", ["gold, old, silver"]),
        ("gold, bronze", ["gold, bronze"]),
    ],
)
def test_any_separator_counts_where_the_values_leave_no_doubt(value, named):
    assert named_in(value, PLANS) == named


def test_two_readings_that_both_fit_are_not_decided_between():
    assert named_in("a;b|c", ("a", "b|c", "a;b", "c")) == ["a;b|c"]


@given(st.lists(TEXTS, min_size=1))
def test_an_array_of_texts_arrives_as_it_is(values):
    assert convert(values, "any", MODEL) == values


@pytest.mark.parametrize(
    ("value", "made"),
    [
        ("", None),
        ("  ", None),
        ([], []),
        ([None], []),
        (["Gold", "gold", " SILVER "], ["gold", "silver"]),
        ("silver; Gold", ["silver", "gold"]),
    ],
)
def test_values_are_spelt_as_the_field_allows_them(value, made):
    assert convert(value, "plans", MODEL) == made


@pytest.mark.parametrize("value", [["gold", "bronze"], "bronze", "gold, bronze"])
def test_a_value_that_the_field_does_not_allow_is_named_with_those_that_it_does(value):
    problem = convert(value, "plans", MODEL)

    assert isinstance(problem, Problem)
    assert (problem.code, problem.field) == ("invalid_value", "plans")
    assert "`gold`, `silver`" in problem.message


@pytest.mark.parametrize("value", [{"a": 1}, [{"a": 1}], [["a"]]])
def test_objects_are_no_texts(value):
    problem = convert(value, "any", MODEL)

    assert isinstance(problem, Problem)
    assert problem.message == "The value is an object or holds one, and the field holds several texts"


@pytest.mark.parametrize(("keep_nulls", "made"), [(True, []), (False, None)])
def test_a_null_clears_all_values_where_nulls_clear(keep_nulls, made):
    assert convert(None, "any", MODEL, keep_nulls=keep_nulls) == made


@pytest.mark.parametrize(
    ("given", "held"),
    [
        (["a", "b"], ["b", "a"]),
        (["a", "b"], "b#~#a"),
        (["a"], "a"),
        (["a", "a"], ["a"]),
        ([], None),
        ([], ""),
        (None, []),
        (["7"], [7]),
    ],
)
def test_a_record_holds_the_values_of_a_multi_picklist_in_any_order(given, held):
    assert are_same(given, held, "nsp::PLANS")


def test_the_values_of_sages_own_fields_may_have_an_order():
    assert are_same(["a", "b"], ["a", "b"], "sortOrder")
    assert not are_same(["a", "b"], ["b", "a"], "sortOrder")


@pytest.mark.parametrize(
    ("given", "held"), [(["a"], ["a", "b"]), (["a", "b"], ["a"]), (["a"], None), ([], ["a"]), (["a"], [{"a": 1}])]
)
def test_a_record_that_holds_others_is_another(given, held):
    assert not are_same(given, held, "nsp::PLANS")


def test_lines_are_the_same_whatever_the_order_of_their_choices():
    lines = [{"nsp::many": ["a", "b"]}, {"nsp::many": []}]

    assert same_lines(lines, [{"nsp::many": None}, {"nsp::many": ["b", "a"]}], MODEL)
    assert not same_lines(lines, [{"nsp::many": ["a"]}, {"nsp::many": ["b", "a"]}], MODEL)

from collections import Counter
from decimal import Decimal

import pytest
from fakes import make_plan
from hypothesis import given
from hypothesis import strategies as st

from destination_sage_intacct import exact_json
from destination_sage_intacct.delivery.actions import decide_row
from destination_sage_intacct.delivery.reader import BodyOrdinals
from destination_sage_intacct.intacct.create import attempt_key, create_key
from destination_sage_intacct.intacct.model import Model

SCOPE = ("acme", "100", "accounts-receivable/customer", "", "customers")
BODY = b'{"name":"Starluck"}'
LONGEST_KEY = 256  # Sage REST guide, bulk requests

PARTS = st.text(max_size=3)
SCOPES = st.lists(PARTS, min_size=5, max_size=5).map(tuple)
VALUES = st.none() | st.booleans() | st.integers() | PARTS | st.decimals(allow_nan=False, allow_infinity=False)
IDENTITIES = st.lists(VALUES, max_size=3)
BODIES = st.dictionaries(PARTS, VALUES, max_size=3).map(exact_json.encode)
ROWS = st.tuples(SCOPES, IDENTITIES, BODIES)


@given(ROWS, ROWS)
def test_rows_that_differ_in_anything_differ_in_their_key_and_the_same_row_has_the_same(one, other):
    scope, identity, body = one
    assert create_key(scope, identity, body) == create_key(list(scope), tuple(identity), bytes(body))
    assert (create_key(*one) == create_key(*other)) == (spelled(one) == spelled(other))


@pytest.mark.parametrize(
    ("scope", "identity", "body"),
    [
        *(((*SCOPE[:place], "x", *SCOPE[place + 1 :]), ["key", "1"], BODY) for place in range(len(SCOPE))),
        *((SCOPE, other, BODY) for other in (["key", "2"], ["key", 1], ["key", "1", None], ["key"], ["ordinal", "1"])),
        (SCOPE, ["key", "1"], BODY + b" "),
        (("acme100", "", *SCOPE[2:]), ["key", "1"], BODY),
        (SCOPE, ["ke", "y1"], BODY),
        ((*SCOPE, "key"), ["1"], BODY),
    ],
)
def test_every_part_counts(scope, identity, body):
    assert create_key(SCOPE, ["key", "1"], BODY) != create_key(scope, identity, body)


def test_a_decimal_counts_with_its_digits():
    keys = {create_key(SCOPE, [Decimal(text)], BODY) for text in ("1.0", "1.00", "1E+0", "1")}
    assert len(keys) == 3  # the last two are written alike


def test_the_order_of_a_rows_columns_does_not_count():
    """A source that gives its columns in another order in a replay must not book the row twice."""
    plan = make_plan(columns=("id", "name", "contacts"), model=Model("x/y", is_open=True))
    row = {"id": "C-1", "name": "N", "contacts": {"default": {"id": "1"}, "primary": {"id": "2"}}}
    turned = {**dict(reversed(row.items())), "contacts": dict(reversed(row["contacts"].items()))}
    one, other = (decide_row(plan, each).encoded for each in (row, turned))
    assert create_key(SCOPE, ["1"], one) == create_key(SCOPE, ["1"], other)


def test_a_key_is_short_and_plain_enough_for_a_header():
    key = create_key(SCOPE, ["key", "é" * 1000], BODY)
    assert len(key) == 64
    assert set(key) <= set("0123456789abcdef")
    assert len(attempt_key(key, "sync-" + "9" * 20, 10**6)) < LONGEST_KEY


@pytest.mark.parametrize(("sync_id", "key"), [("42", "key-42-1"), (None, "key-1")])
def test_the_keys_of_attempts_differ_and_the_first_is_the_rows_own(sync_id, key):
    keys = [attempt_key("key", sync_id, attempt) for attempt in range(51)]
    assert keys[:2] == ["key", key]
    assert len(set(keys)) == 51


def spelled(row):
    scope, identity, body = row
    return scope, exact_json.encode(identity), body


@given(st.lists(st.binary(max_size=1), max_size=200))
def test_each_row_gets_its_place_among_equal_ones(bodies):
    ordinals, counts = BodyOrdinals(), Counter()
    for body in bodies:
        counts[body] += 1
        assert ordinals.next(body) == (counts[body],)


@given(st.lists(st.binary(max_size=1), max_size=200), st.integers(1, 20))
def test_no_two_equal_rows_share_an_ordinal_however_few_bodies_are_counted(bodies, capacity):
    ordinals = BodyOrdinals(capacity)
    given = [(body, ordinals.next(body)) for body in bodies]
    assert len(set(given)) == len(bodies)
    assert all(len(ordinal) == 1 for _, ordinal in given[:capacity])


def test_counting_begins_anew_when_it_holds_as_many_as_it_may():
    ordinals = BodyOrdinals(2)
    assert [ordinals.next(body) for body in (b"a", b"a", b"a", b"b", b"a")] == [(1,), (2,), (1, 1), (1, 1), (1, 2)]


def test_a_row_costs_at_most_32_bytes():
    ordinals = BodyOrdinals()
    for row in range(100_000):
        assert ordinals.next(b"%d" % row) == (1,)
    (used,) = ordinals._counts.execute(  # noqa: SLF001 - tracemalloc does not see what SQLite holds
        "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size"
    ).fetchone()
    assert used <= 32 * 100_000

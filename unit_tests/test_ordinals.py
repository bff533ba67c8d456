from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from destination_sage_intacct.delivery.reader import BodyOrdinals


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

import random
import tracemalloc
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from destination_sage_intacct.delivery.ordinals import Ordinals

# Few values, so that digests come again; 0, which also fills an empty table; and neighbours that share a slot.
DIGESTS = st.sampled_from([0, 1, 2, 1024, 1025, 2048, 2**63, 2**64 - 1]) | st.integers(0, 2**64 - 1)


@given(st.lists(DIGESTS, max_size=200))
def test_each_row_gets_its_place_among_equal_ones(digests):
    ordinals, counts = Ordinals(), Counter()
    for digest in digests:
        counts[digest] += 1
        assert ordinals.next(digest) == counts[digest]


def test_no_count_is_lost_while_the_table_grows():
    chance = random.Random(1)
    pool = [chance.getrandbits(64) for _ in range(5_000)] + [0]
    ordinals, counts = Ordinals(), Counter()
    for digest in chance.choices(pool, k=20_000):
        counts[digest] += 1
        assert ordinals.next(digest) == counts[digest]


def test_a_row_costs_at_most_64_bytes_also_while_the_table_grows():
    chance = random.Random(2)
    worst = 0.0
    tracemalloc.start()
    try:
        ordinals = Ordinals()
        for rows in range(0, 300_000, 100):
            for _ in range(100):
                ordinals.next(chance.getrandbits(64))
            if rows >= 1_000:  # the first table is there before the first row
                worst = max(worst, tracemalloc.get_traced_memory()[1] / rows)
    finally:
        tracemalloc.stop()

    assert 18 < worst <= 64


@pytest.mark.parametrize("digest", [-1, 2**64])
def test_what_is_no_digest_of_64_bits_is_refused(digest):
    with pytest.raises(OverflowError):
        Ordinals().next(digest)

import pytest
from hypothesis import given
from hypothesis import strategies as st

from destination_sage_intacct.intacct.bulk import LARGEST_BODY_BYTES, ROOM_IN_AN_ARRAY, BatchSize, split
from destination_sage_intacct.intacct.classify import Answer


class Fixed(BatchSize):
    """A size that does not change."""

    def __init__(self, records):
        self._size = records


SLOW, QUICK = Answer(201, seconds=30.1), Answer(201, seconds=1.0)
CROWDED, TOO_LARGE = Answer(429, seconds=0.1), Answer(413, seconds=0.1)


def sizes(items, records):
    """Return how many items each batch holds; an item is the number of its bytes."""
    return [len(batch) for batch in split(items, Fixed(records), ROOM_IN_AN_ARRAY, int)]


@pytest.mark.parametrize(
    ("ceiling", "answers", "records"),
    [
        # The first request holds few records, or as many as are allowed.
        *((ceiling, [], [min(ceiling, 32)]) for ceiling in (500, 20, 1)),
        # The size grows while requests are quick, up to the ceiling; requests of one size make it grow once.
        (500, [(count, Answer(201, seconds=9.9)) for count in (32, 128, 500)], [32, 128, 500, 500]),
        (500, [(32, QUICK)] * 3, [32, 128, 128, 128]),
        *((500, [(32, Answer(201, seconds=seconds))], [32, 32]) for seconds in (10.0, 20.0, 30.0)),
        # One that was less than an even share says nothing about larger ones.
        (500, [(16, QUICK)], [32, 32]),
        (500, [(17, QUICK)], [32, 128]),
        # A slow request halves what it held, but one from before never makes the size grow.
        (500, [(40, SLOW), (1, SLOW)], [32, 20, 1]),
        (500, [(10, CROWDED), (50, SLOW), (400, CROWDED), (400, TOO_LARGE)], [32, 5, 5, 5, 5]),
        # After crowding the size grows again; what was too large once is never tried again.
        (500, [(50, CROWDED), (25, QUICK)], [32, 25, 100]),
        (500, [(50, TOO_LARGE), (25, QUICK), (49, QUICK), (49, QUICK)], [32, 25, 49, 49, 49]),
    ],
)
def test_the_size_follows_the_answers(ceiling, answers, records):
    size = BatchSize(ceiling)
    seen = [size.records]
    for count, answer in answers:
        size.learn(count, answer)
        seen.append(size.records)

    assert seen == records


def test_buffers_of_five_hundred_come_to_be_sent_whole():
    size, sent = BatchSize(), []
    for _ in range(4):
        for batch in split([10] * 500, size, ROOM_IN_AN_ARRAY, int):
            sent.append(len(batch))
            size.learn(len(batch), QUICK)

    assert sent == [32, 117, 351, 500, 500, 500]


@given(
    st.integers(1, 500), st.lists(st.tuples(st.sampled_from([201, 413, 429]), st.integers(1, 500), st.floats(0, 60)))
)
def test_the_size_is_never_less_than_one_nor_more_than_the_ceiling(ceiling, answers):
    size = BatchSize(ceiling)
    for status, records, seconds in answers:
        size.learn(records, Answer(status, seconds=seconds))
        assert 1 <= size.records <= ceiling


HALF = (LARGEST_BODY_BYTES - 2) // 2  # the array's own two brackets count; each record brings its comma


@pytest.mark.parametrize(
    ("items", "records", "batches"),
    [
        ([10] * 7, 3, [3, 2, 2]),
        ([10] * 7, 7, [7]),
        ([10] * 7, 500, [7]),
        ([10] * 7, 6, [4, 3]),
        ([HALF, HALF, 1], 500, [2, 1]),
        ([HALF, HALF + 1], 500, [1, 1]),
        ([LARGEST_BODY_BYTES * 2, 1], 500, [1, 1]),
    ],
)
def test_batches_are_even_shares_of_what_is_left_and_end_before_the_body_is_too_large(items, records, batches):
    assert sizes(items, records) == batches


@given(st.lists(st.integers(1, 400_000), max_size=20), st.integers(1, 5))
def test_batches_hold_every_record_once_in_order(items, most):
    batches = list(split(items, Fixed(most), ROOM_IN_AN_ARRAY, int))

    assert [item for batch in batches for item in batch] == items
    for batch in batches:
        assert 1 <= len(batch) <= most
        assert len(batch) == 1 or sum(batch) + 2 <= LARGEST_BODY_BYTES

import pytest
from hypothesis import given
from hypothesis import strategies as st

from destination_sage_intacct.intacct.bulk import LARGEST_BODY_BYTES, ROOM_IN_AN_ARRAY, BatchSize, split
from destination_sage_intacct.intacct.classify import Answer


class Fixed(BatchSize):
    """A size that does not change."""

    def __init__(self, records):
        self._size = records


def answered(size, records, seconds):
    size.learn(records, Answer(201, seconds=seconds))


def crowded(size, records):
    size.learn(records, Answer(429, seconds=0.1))


def too_large(size, records):
    size.learn(records, Answer(413, seconds=0.1))


def sizes(items, records):
    """Return how many items each batch holds; an item is the number of its bytes."""
    return [len(batch) for batch in split(items, Fixed(records), ROOM_IN_AN_ARRAY, int)]


def test_the_first_request_holds_fifty_records_or_as_many_as_are_allowed():
    assert (BatchSize().records, BatchSize(500).records, BatchSize(20).records, BatchSize(1).records) == (50, 50, 20, 1)


def test_the_size_doubles_while_requests_are_quick_up_to_the_ceiling():
    size = BatchSize(500)
    seen = []
    for _ in range(5):
        answered(size, size.records, 9.9)
        seen.append(size.records)

    assert seen == [100, 200, 400, 500, 500]


@pytest.mark.parametrize("seconds", [10.0, 20.0, 30.0])
def test_a_request_that_is_neither_quick_nor_slow_changes_nothing(seconds):
    size = BatchSize()

    answered(size, 50, seconds)

    assert size.records == 50


@pytest.mark.parametrize(("records", "size_after"), [(25, 50), (26, 100)])
def test_a_request_that_was_less_than_an_even_share_says_nothing_about_larger_ones(records, size_after):
    size = BatchSize()

    answered(size, records, 0.1)

    assert size.records == size_after


def test_buffers_of_five_hundred_come_to_be_sent_whole():
    size, sent = BatchSize(), []
    for _ in range(4):
        for batch in split([10] * 500, size, ROOM_IN_AN_ARRAY, int):
            sent.append(len(batch))
            answered(size, len(batch), 1.0)

    assert sent == [50, 90, 180, 180, 250, 250, 500, 500]


def test_requests_of_one_size_that_were_in_flight_together_double_it_once():
    size = BatchSize()

    for _ in range(6):
        answered(size, 50, 1.0)

    assert size.records == 100


def test_a_slow_request_halves_what_it_held():
    size = BatchSize()

    answered(size, 40, 30.1)
    assert size.records == 20
    answered(size, 1, 31.0)
    assert size.records == 1


def test_a_slow_request_from_before_never_makes_the_size_grow():
    size = BatchSize()
    crowded(size, 10)

    answered(size, 50, 31.0)
    crowded(size, 400)
    too_large(size, 400)

    assert size.records == 5


def test_after_crowding_the_size_grows_again():
    size = BatchSize()

    crowded(size, 50)
    assert size.records == 25
    answered(size, 25, 1.0)
    assert size.records == 50


def test_what_was_too_large_once_is_never_tried_again():
    size = BatchSize()

    too_large(size, 50)
    assert size.records == 25
    for _ in range(5):
        answered(size, size.records, 1.0)
    assert size.records == 49


@given(
    st.integers(1, 500), st.lists(st.tuples(st.sampled_from([201, 413, 429]), st.integers(1, 500), st.floats(0, 60)))
)
def test_the_size_is_never_less_than_one_nor_more_than_the_ceiling(ceiling, answers):
    size = BatchSize(ceiling)
    for status, records, seconds in answers:
        size.learn(records, Answer(status, seconds=seconds))
        assert 1 <= size.records <= ceiling


def test_batches_are_even_shares_of_what_is_left_and_never_more_than_the_number_of_records():
    assert sizes([10] * 7, 3) == [3, 2, 2]
    assert sizes([10] * 7, 7) == sizes([10] * 7, 500) == [7]
    assert sizes([10] * 7, 6) == [4, 3]


def test_a_batch_ends_before_its_body_is_too_large():
    """The array's own two brackets count; each record brings its comma."""
    half = (LARGEST_BODY_BYTES - 2) // 2

    assert sizes([half, half, 1], 500) == [2, 1]
    assert sizes([half, half + 1], 500) == [1, 1]


def test_a_record_larger_than_a_body_may_be_goes_alone():
    assert sizes([LARGEST_BODY_BYTES * 2, 1], 500) == [1, 1]


@given(st.lists(st.integers(1, 400_000), max_size=20), st.integers(1, 5))
def test_batches_hold_every_record_once_in_order(items, most):
    batches = list(split(items, Fixed(most), ROOM_IN_AN_ARRAY, int))

    assert [item for batch in batches for item in batch] == items
    for batch in batches:
        assert 1 <= len(batch) <= most
        assert len(batch) == 1 or sum(batch) + 2 <= LARGEST_BODY_BYTES

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from destination_sage_intacct.intacct.batches import LARGEST_BODY_BYTES, BatchSize, end_of_batch


@dataclass(frozen=True)
class Thing:
    size: int


def test_the_first_request_holds_fifty_records_or_as_many_as_are_allowed():
    assert (BatchSize().records, BatchSize(500).records, BatchSize(20).records, BatchSize(1).records) == (50, 50, 20, 1)


def test_the_size_doubles_while_requests_are_quick_up_to_the_ceiling():
    size = BatchSize(500)
    seen = []
    for _ in range(5):
        size.answered(size.records, 9.9)
        seen.append(size.records)

    assert seen == [100, 200, 400, 500, 500]


@pytest.mark.parametrize("seconds", [10.0, 20.0, 30.0])
def test_a_request_that_is_neither_quick_nor_slow_changes_nothing(seconds):
    size = BatchSize()

    size.answered(50, seconds)

    assert size.records == 50


@pytest.mark.parametrize(("records", "size_after"), [(25, 50), (26, 100)])
def test_a_request_that_was_less_than_an_even_share_says_nothing_about_larger_ones(records, size_after):
    size = BatchSize()

    size.answered(records, 0.1)

    assert size.records == size_after


def test_buffers_of_five_hundred_come_to_be_sent_whole():
    size, sent = BatchSize(), []
    for _ in range(4):
        start = 0
        while start < 500:
            end = end_of_batch([Thing(10)] * 500, start, size.records)
            sent.append(end - start)
            size.answered(end - start, 1.0)
            start = end

    assert sent == [50, 90, 180, 180, 250, 250, 500, 500]


def test_requests_of_one_size_that_were_in_flight_together_double_it_once():
    size = BatchSize()

    for _ in range(6):
        size.answered(50, 1.0)

    assert size.records == 100


def test_a_slow_request_halves_what_it_held():
    size = BatchSize()

    size.answered(40, 30.1)
    assert size.records == 20
    size.answered(1, 31.0)
    assert size.records == 1


def test_a_slow_request_from_before_never_makes_the_size_grow():
    size = BatchSize()
    size.crowded(10)

    size.answered(50, 31.0)
    size.crowded(400)
    size.too_large(400)

    assert size.records == 5


def test_after_crowding_the_size_grows_again():
    size = BatchSize()

    size.crowded(50)
    assert size.records == 25
    size.answered(25, 1.0)
    assert size.records == 50


def test_what_was_too_large_once_is_never_tried_again():
    size = BatchSize()

    size.too_large(50)
    assert size.records == 25
    for _ in range(5):
        size.answered(size.records, 1.0)
    assert size.records == 49


@given(
    st.integers(1, 500),
    st.lists(st.tuples(st.sampled_from(["answered", "crowded", "too_large"]), st.integers(1, 500), st.floats(0, 60))),
)
def test_the_size_is_never_less_than_one_nor_more_than_the_ceiling(ceiling, events):
    size = BatchSize(ceiling)
    for what, records, seconds in events:
        if what == "answered":
            size.answered(records, seconds)
        else:
            getattr(size, what)(records)
        assert 1 <= size.records <= ceiling


def test_batches_are_even_shares_of_what_is_left_and_never_more_than_the_number_of_records():
    things = [Thing(10)] * 7

    assert [end_of_batch(things, start, 3) for start in (0, 3, 5)] == [3, 5, 7]
    assert end_of_batch(things, 0, 7) == end_of_batch(things, 0, 500) == 7
    assert end_of_batch(things, 0, 6) == 4


def test_a_batch_ends_before_its_body_is_too_large():
    """The array's own two brackets count; each record brings its comma."""
    half = (LARGEST_BODY_BYTES - 2) // 2

    assert end_of_batch([Thing(half), Thing(half), Thing(1)], 0, 500) == 2
    assert end_of_batch([Thing(half), Thing(half + 1)], 0, 500) == 1


def test_a_record_larger_than_a_body_may_be_goes_alone():
    things = [Thing(LARGEST_BODY_BYTES * 2), Thing(1)]

    assert end_of_batch(things, 0, 500) == 1
    assert end_of_batch(things, 1, 500) == 2


@given(st.lists(st.integers(1, 400_000).map(Thing), max_size=20), st.integers(1, 5))
def test_batches_hold_every_record_once_in_order(things, most):
    start, batches = 0, []
    while start < len(things):
        end = end_of_batch(things, start, most)
        batches.append(things[start:end])
        start = end

    assert [thing for batch in batches for thing in batch] == things
    for batch in batches:
        assert 1 <= len(batch) <= most
        assert len(batch) == 1 or sum(thing.size for thing in batch) + 2 <= LARGEST_BODY_BYTES

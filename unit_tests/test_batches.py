import pytest
from fakes import CUSTOMER, in_threads
from hypothesis import given
from hypothesis import strategies as st

from destination_sage_intacct.intacct.bulk import (
    LARGEST_BODY_BYTES,
    ROOM_IN_AN_ARRAY,
    BatchSize,
    Capabilities,
    Written,
    split,
)
from destination_sage_intacct.intacct.classify import Answer
from destination_sage_intacct.intacct.errors import SageError


class Fixed(BatchSize):
    """A size that does not change."""

    def __init__(self, records):
        self._size = records


SLOW, QUICK = Answer(201, seconds=30.1), Answer(201, seconds=1.0)
CROWDED, TOO_LARGE = Answer(429, seconds=0.1), Answer(413, seconds=0.1)


@pytest.mark.parametrize(("ceiling", "answers", "records"), [
    # The first request holds few records, or as many as are allowed.
    *((ceiling, [], [min(ceiling, 32)]) for ceiling in (500, 20, 1)),
    # The size grows while requests are quick, up to the ceiling; requests of one size make it grow once.
    (500, [(count, Answer(201, seconds=9.9)) for count in (32, 128, 500)], [32, 128, 500, 500]),
    (500, [(32, QUICK)] * 3, [32, 128, 128, 128]), (500, [(32, Answer(422, seconds=0.1))], [32, 128]),
    *((500, [(32, Answer(201, seconds=seconds))], [32, 32]) for seconds in (10.0, 20.0, 30.0)),
    # One that was less than an even share says nothing about larger ones.
    (500, [(16, QUICK)], [32, 32]), (500, [(17, QUICK)], [32, 128]),
    # A slow request halves what it held, but one from before never makes the size grow.
    (500, [(40, SLOW), (2, SLOW)], [32, 20, 1]),
    (500, [(10, CROWDED), (50, SLOW), (400, CROWDED), (400, TOO_LARGE)], [32, 5, 5, 5, 5]),
    # A single record shows that a second one may go with it, never that there are too many.
    (500, [(2, CROWDED), (1, CROWDED), (1, SLOW), (1, QUICK), (1, QUICK)], [32, 1, 1, 1, 4, 4]),
    (500, [(1, each) for each in (CROWDED, SLOW, TOO_LARGE, QUICK)], [32] * 5),
    # After crowding the size grows again; what was too large once is never tried again.
    (500, [(50, CROWDED), (25, QUICK)], [32, 25, 100]),
    (500, [(50, TOO_LARGE), (25, QUICK), (49, QUICK), (49, QUICK)], [32, 25, 49, 49, 49]),
])  # fmt: skip
def test_the_size_follows_the_answers(ceiling, answers, records):
    size = BatchSize(ceiling)
    seen = [size.records]
    for count, answer in answers:
        size.learn(count, answer)
        seen.append(size.records)

    assert seen == records


@given(
    st.integers(1, 500), st.lists(st.tuples(st.sampled_from([201, 413, 429]), st.integers(1, 500), st.floats(0, 60)))
)
def test_the_size_is_never_less_than_one_nor_more_than_the_ceiling(ceiling, answers):
    size = BatchSize(ceiling)
    for status, records, seconds in answers:
        size.learn(records, Answer(status, seconds=seconds))
        assert 1 <= size.records <= ceiling


HALF = (LARGEST_BODY_BYTES - 2) // 2  # the array's own two brackets count; each record brings its comma


@pytest.mark.parametrize(("items", "records", "batches"), [
    ([10] * 7, 3, [3, 2, 2]), ([10] * 7, 7, [7]), ([10] * 7, 500, [7]), ([10] * 7, 6, [4, 3]),
    ([HALF, HALF, 1], 500, [2, 1]), ([HALF, HALF + 1], 500, [1, 1]), ([LARGEST_BODY_BYTES * 2, 1], 500, [1, 1]),
])  # fmt: skip
def test_batches_are_even_shares_of_what_is_left_and_end_before_the_body_is_too_large(items, records, batches):
    """An item is the number of its bytes."""
    assert [len(batch) for batch in split(items, Fixed(records), ROOM_IN_AN_ARRAY, int)] == batches


@given(st.lists(st.integers(1, 400_000), max_size=20), st.integers(1, 5))
def test_batches_hold_every_record_once_in_order(items, most):
    batches = list(split(items, Fixed(most), ROOM_IN_AN_ARRAY, int))
    assert [item for batch in batches for item in batch] == items
    for batch in batches:
        assert 1 <= len(batch) <= most
        assert len(batch) == 1 or sum(batch) + 2 <= LARGEST_BODY_BYTES


VENDOR = "accounts-payable/vendor"
PAIR = [Written("1"), Written("2")]
ONE_IS_BAD = [Written("1"), SageError("no", 422)]


def learnt(*lessons):
    warnings = []
    capabilities = Capabilities(500, warnings.append)
    for status, results in lessons:
        capabilities.learn_arrays("POST", CUSTOMER, status, results)
    return capabilities, warnings


@pytest.mark.parametrize(("status", "results", "takes"), [
    *((status, PAIR, False) for status in (400, 422)), *((status, PAIR * 2, False) for status in (405, 415)),
    (400, [*PAIR, Written("3")], True), *((status, ONE_IS_BAD, True) for status in (400, 405)),
    *((status, PAIR, True) for status in (409, 413, 429)),
])  # fmt: skip
def test_arrays_are_given_up_only_when_it_was_the_array_that_was_refused(status, results, takes):
    capabilities, warnings = learnt((status, results))
    assert capabilities.takes_arrays("POST", CUSTOMER) is takes
    assert len(warnings) == (not takes)


def test_what_is_learnt_holds_for_one_method_and_one_object_and_is_reported_once():
    capabilities, warnings = learnt((400, PAIR), (400, PAIR))
    for _ in range(2):
        capabilities.learn_put(CUSTOMER)

    assert capabilities.takes_arrays("PATCH", CUSTOMER)
    assert capabilities.takes_arrays("POST", VENDOR)
    assert (capabilities.updates_by_put(CUSTOMER), capabilities.updates_by_put(VENDOR)) == (True, False)
    assert len(warnings) == 2


@pytest.mark.parametrize(("answer", "size"), [(Answer(201, seconds=9.0), 128), (Answer(413, seconds=0.1), 25)])
def test_the_size_of_a_batch_follows_the_answers_and_the_next_object_begins_with_it(answer, size):
    capabilities = Capabilities()
    capabilities.size(CUSTOMER).learn(50, answer)
    assert (capabilities.size(CUSTOMER).records, capabilities.size(VENDOR).records) == (size, size)
    capabilities.size(VENDOR).learn(50, Answer(201, seconds=31.0))
    assert capabilities.size(CUSTOMER).records == size


def test_threads_share_one_size():
    capabilities, sizes = Capabilities(), []
    in_threads(*[lambda: sizes.append(capabilities.size(CUSTOMER))] * 8)
    assert len({id(size) for size in sizes}) == 1

import pytest
from fakes import CUSTOMER, in_threads

from destination_sage_intacct.intacct.bulk import Capabilities, Written
from destination_sage_intacct.intacct.classify import Answer
from destination_sage_intacct.intacct.errors import SageError

VENDOR = "accounts-payable/vendor"
NO_ARRAY = 400
NO = SageError("no", 422)
WRITTEN = [Written("1"), Written("2")]


def learnt(*lessons):
    told = []
    capabilities = Capabilities(500, told.append)
    for status, results in lessons:
        capabilities.learn_arrays("POST", CUSTOMER, status, results)
    return capabilities, told


@pytest.mark.parametrize(
    ("status", "results", "takes"),
    [
        (NO_ARRAY, WRITTEN, False),
        (422, WRITTEN, False),
        (405, [*WRITTEN, *WRITTEN], False),
        (415, [*WRITTEN, *WRITTEN], False),
        (NO_ARRAY, [*WRITTEN, Written("3")], True),
        (NO_ARRAY, [Written("1"), NO], True),
        (405, [Written("1"), NO], True),
        (413, WRITTEN, True),
        (429, WRITTEN, True),
        (409, WRITTEN, True),
    ],
)
def test_arrays_are_given_up_only_when_it_was_the_array_that_was_refused(status, results, takes):
    capabilities, told = learnt((status, results))

    assert capabilities.takes_arrays("POST", CUSTOMER) is takes
    assert len(told) == (not takes)


def test_what_is_learnt_holds_for_one_method_and_one_object_and_is_told_once():
    capabilities, told = learnt((NO_ARRAY, WRITTEN), (NO_ARRAY, WRITTEN))

    for _ in range(2):
        capabilities.learn_put(CUSTOMER)

    assert capabilities.takes_arrays("PATCH", CUSTOMER)
    assert capabilities.takes_arrays("POST", VENDOR)
    assert (capabilities.updates_by_put(CUSTOMER), capabilities.updates_by_put(VENDOR)) == (True, False)
    assert len(told) == 2
    assert told[1] == f"This server updates {CUSTOMER} by PUT, not by PATCH; updates go by PUT from here on."


@pytest.mark.parametrize(
    ("answer", "size"),
    [
        (Answer(201, seconds=9.0), 128),
        (Answer(207, seconds=20.0), 32),
        (Answer(422, seconds=0.1), 128),
        (Answer(201, seconds=31.0), 25),
        (Answer(413, seconds=0.1), 25),
        (Answer(429, seconds=0.1), 25),
    ],
)
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

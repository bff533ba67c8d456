import threading
from collections import Counter

import pytest
from fakes import FakeClock
from hypothesis import given
from hypothesis import strategies as st

from destination_sage_intacct.intacct.adaptive_limit import Limiter
from destination_sage_intacct.intacct.at_fault import Faults, Refused, Search
from destination_sage_intacct.intacct.errors import SageError

SIX = 6


class Server:
    """Refuses requests as a whole; its records are numbers, `bad` ones are refused alone too.

    `says`: returns the refusal of some records. `needs`: by record, the one that must be there before.
    """

    def __init__(self, bad, says=lambda _sent: {}, needs=None):
        self.bad, self.says, self.needs = {*bad}, says, needs or {}
        self.written, self.sizes, self.pairs = Counter(), [], []
        self.refused_alone = threading.Event()
        self._lock = threading.Lock()

    def _takes(self, item):
        return item not in self.bad and self.written[self.needs.get(item, item)] >= (item in self.needs)

    def send_group(self, items):
        with self._lock:
            self.sizes.append(len(items))
            if not all(map(self._takes, items)):
                return Refused(SageError("the whole", 422), self.says(items))
            self.written.update(items)
        return [f"key of {item}" for item in items]

    def send_alone(self, item, *, again=False):  # noqa: ARG002 - the second time is like the first
        with self._lock:
            self.sizes.append(1)
            if self._takes(item):
                self.written[item] += 1
                return f"key of {item}"
        self.refused_alone.set()
        return SageError(f"{item} is bad", 422)

    def texts(self, item):
        return [f"value {item}", f"shared by {item % 7}", "common"]

    def may_need(self, item, others):
        return self.needs.get(item) in others

    def learn_pair(self, status, results):
        self.pairs.append((status, results))


def search(server, items, faults=None, slots=SIX, most=500):
    limiter = Limiter(slots, FakeClock(), lambda: 0.5)
    return Search(server, items, faults or Faults(), lambda: most, limiter).results(None)


def target(place):
    return {"ia::error": {"message": "no", "details": [{"message": "no", "target": f"/{place}/term"}]}}


def named_truly(bad):
    """What a server may say of the first record at fault: its place from 0 or 1, a value of its own or a common one."""
    return {
        "nothing": lambda _sent: {},
        "place from 0": lambda sent: target(next(place for place, item in enumerate(sent) if item in bad)),
        "place from 1": lambda sent: target(next(place for place, item in enumerate(sent, 1) if item in bad)),
        "value": lambda sent: {"message": f"no 'value {next(item for item in sent if item in bad)}'"},
        "shared value": lambda sent: {"message": f"shared by {next(item for item in sent if item in bad) % 7}: no"},
        "each": lambda sent: [target(place) for place, item in enumerate(sent) if item in bad],
    }


@given(data=st.data(), count=st.integers(1, 200), slots=st.integers(1, SIX), most=st.sampled_from([1, 3, 20, 500]))
def test_exactly_the_bad_are_refused_and_all_others_written_once_whatever_the_server_names(data, count, slots, most):
    """Also where it names others than those at fault."""
    share, chance = data.draw(st.sampled_from([0, 1, 10, 50, 100])), data.draw(st.randoms(use_true_random=False))
    bad = {item for item in range(count) if chance.randrange(100) < share}
    lies = {
        "any place": lambda sent: target(chance.randrange(len(sent))),
        "any value": lambda sent: {"message": f"value {chance.choice(sent)}, common"},
    }
    says = data.draw(st.sampled_from([*named_truly(bad).values(), *lies.values()]))
    faults = Faults()

    for first in (0, count):
        server = Server({first + item for item in bad}, lambda sent, first=first: says([i - first for i in sent]))
        items = [*range(first, first + count)]
        expected = [SageError(f"{i} is bad", 422) if i in server.bad else f"key of {i}" for i in items]
        assert search(server, items, faults, slots, most) == expected
        assert server.written == Counter(set(items) - server.bad)
        assert len(server.sizes) <= 2 * count + 2


@pytest.mark.parametrize(("name", "most"), [("each", 65), ("place from 0", 110), ("place from 1", 115), ("value", 110)])
def test_records_that_are_named_cost_a_request_each_and_one_to_be_named(name, most):
    bad = range(0, 500, 10)
    server = Server(bad, named_truly(bad)[name])
    search(server, range(500))
    assert len(server.sizes) <= most


def test_groups_are_small_after_many_were_bad_and_grow_while_all_are_good():
    faults, first, good = Faults(), Server(range(0, 500, 10)), Server(())
    assert faults.group(500) == 500

    search(first, range(500), faults)
    assert len(first.sizes) < 350
    assert 4 <= faults.group(500) <= 12

    search(good, range(3000), faults)
    assert good.sizes[0] <= 12
    assert max(good.sizes) == 500 == faults.group(500)


def test_where_most_are_bad_each_is_sent_alone():
    faults, server = Faults(), Server(range(0, 100, 2))
    search(Server(range(0, 300, 2)), range(300), faults)
    search(server, range(100), faults)
    assert server.sizes == [1] * 100


def test_one_that_was_refused_before_the_one_it_needs_was_written_is_sent_once_more():
    """Two groups go side by side, and the second overtakes the first."""

    class Slow(Server):
        def send_group(self, items):
            if 0 in items:
                assert self.refused_alone.wait(30)
            return super().send_group(items)

    faults = Faults()
    faults.learn(100, 10)
    size = faults.group(500)
    server = Slow((), needs={size: size - 1, size + 1: size})

    assert search(server, range(2 * size), faults) == [f"key of {item}" for item in range(2 * size)]
    assert set(server.written.values()) == {1}


class NoArrays(Server):
    def send_group(self, items):
        self.sizes.append(len(items))
        return Refused(SageError("no arrays", 400))


@pytest.mark.parametrize(("count", "sizes", "pair"), [
    (8, [8, 4, 2, 1, 1], ["key of 0", "key of 1"]), (7, [7, 3, 1, 1, 1], ["key of 1", "key of 2"]),
])  # fmt: skip
def test_two_or_three_that_were_refused_together_and_written_apart_say_so(count, sizes, pair):
    server = NoArrays(())
    search(server, range(count), slots=1)
    assert server.sizes[:5] == sizes
    assert server.pairs[0] == (400, pair)


def test_a_request_that_fails_ends_the_search_with_its_error():
    def break_off(_sent):
        raise ConnectionError

    server = Server([0], break_off)
    with pytest.raises(ConnectionError):
        search(server, range(100))
    assert server.sizes == [100]

"""Finds the records at fault where the server refuses a request as a whole and writes nothing of it.

A refusal that names a record, by its place in the request or by a value that only some records hold, takes these out:
each is sent alone, the others together again. Where it names nothing, the records are searched by halves, several
groups side by side; the worse the last ones were, the smaller the groups. A record is rejected only by an answer to a
request that held nothing else.
"""

import re
import threading
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property, partial
from math import ceil
from typing import Any, Generic, Protocol, TypeVar

from destination_sage_intacct.intacct.adaptive_limit import Limiter
from destination_sage_intacct.intacct.errors import SageError

_BY_VALUE, _FROM_ZERO, _FROM_ONE = "value", "place from 0", "place from 1"
_FIRST_PLACE = {_FROM_ZERO: 0, _FROM_ONE: 1}
_PLACE = re.compile(r"(?:ia::result)?[/\[]?(\d+)(?:[/\].]|$)")
_SHORTEST = 4  # characters of a value that is looked for outside quotes
_FEW = 3  # records that are halved into single ones, if the first of them passes
_QUOTES = "'\"`\u2018\u2019\u201c\u201d"

# A request takes about as long before its first record as for fifty (docs/benchmarks.md), so smaller ones gain nothing.
_SMALLEST_SHARE = 50
_REMEMBERED = 200  # records, by which the share of bad ones is judged
_UNKNOWN = 8  # good records that are taken for granted before anything is known
# Halving needs the fewest requests where a group is as likely to hold a bad record as not: ln 2 / share. Beyond one bad
# record in three no group is better than each record alone.
_EVEN_CHANCE = 0.7
_MOST_BAD = 0.35

Item = TypeVar("Item")
Item_contra = TypeVar("Item_contra", contravariant=True)
Done = TypeVar("Done")


@dataclass(frozen=True, slots=True)
class Refused:
    """A request about several records that was refused as a whole: nothing of it was written.

    Attributes:
        error: why, and under which status.
        payload: the whole answer, None where it is not the server's.
        is_about_size: fewer records may pass, whatever they hold.
    """

    error: SageError
    payload: object = None
    is_about_size: bool = False


_ENDED = Refused(SageError("one of them was found to be at fault"))


class Faults:
    """What the refusals of an object's records have taught about the next ones; safe from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._records = self._bad = 0.0
        self._names: Counter[tuple[str, bool]] = Counter()

    def group(self, most: int) -> int:
        """Return how many records are best sent together, `most` where hardly any is bad."""
        share = self._bad / (self._records + _UNKNOWN)
        if share >= _MOST_BAD:
            return 1
        return most if share * most <= _EVEN_CHANCE else int(_EVEN_CHANCE / share)

    def learn(self, records: int, bad: int = 0) -> None:
        """Learn how many records were settled, and how many of them a search found to be bad."""
        with self._lock:
            if bad or self._bad:
                kept = max(0.0, 1 - records / _REMEMBERED)
                self._records = self._records * kept + records
                self._bad = self._bad * kept + bad

    def learn_name(self, way: str, *, was_right: bool) -> None:
        """Learn whether a record that a refusal named was at fault."""
        with self._lock:
            self._names[way, was_right] += 1

    def trusts(self, way: str) -> bool:
        """Return whether refusals that name a record in this way are worth following."""
        return self._names[way, True] + 1 >= self._names[way, False]


class Sender(Protocol[Item_contra, Done]):
    """Sends records of one object."""

    def send_group(self, items: Sequence[Item_contra]) -> "Sequence[Done | SageError] | Refused":
        """Return the result of each of several records that were sent together, or that all were refused."""

    def send_alone(self, item: Item_contra, *, again: bool = False) -> Done | SageError:
        """Return the result of a record; `again` after it was refused alone before."""

    def texts(self, item: Item_contra) -> Iterable[str]:
        """Return the values by which a refusal may name a record."""

    def may_need(self, item: Item_contra, others: Sequence[Item_contra]) -> bool:
        """Return whether a record may be taken only after one of these others is written."""

    def learn_pair(self, status: int, results: Sequence[Done | SageError]) -> None:
        """Learn from two records that were refused together and then written apart."""


class Search(Generic[Item, Done]):
    """Settles the records of one batch, each by a request that was not refused as a whole.

    Records that are sent side by side lose their order, so one that was refused alone before those ahead of it were
    written is sent once more at the end, if it may need one of them.

    Args:
        sender: sends them.
        items: the records of the batch.
        faults: what is known of the object.
        size: returns the highest number of records in a request for now.
        limiter: says how many requests may be in flight, and are.
    """

    def __init__(
        self,
        sender: Sender[Item, Done],
        items: Sequence[Item],
        faults: Faults,
        size: Callable[[], int],
        limiter: Limiter,
    ) -> None:
        self._sender = sender
        self._items = items
        self._faults = faults
        self._size = size
        self._largest = len(items)
        self._limiter = limiter
        self._threads = min(limiter.limit, len(items))
        self._results: dict[int, Done | SageError] = {}
        self._changed = threading.Condition()
        self._left: deque[int] = deque()
        self._suspects: deque[int] = deque()
        self._named_ones: set[int] = set()
        self._busy = 0
        self._has_failed = False
        self._is_spread = False
        self._answers = 0
        # By place: after how many answers a record was sent alone, and with which one it was settled.
        self._begun_at: dict[int, int] = {}
        self._settled_at: dict[int, int] = {}

    def results(self, refused: Refused | None = None) -> list[Done | SageError]:
        """Return one result for each record, in their order.

        Args:
            refused: the refusal of all of them together, if they were sent so before.

        Raises:
            IntacctError, StoppedError: what `Session.send` raises; no further request is begun then.
        """
        everything = range(len(self._items))
        tasks = [partial(self._work) for _ in range(self._threads)]
        if refused is None:
            self._left.extend(everything)
        else:
            self._busy = 1
            tasks[0] = partial(self._work, everything, refused)
        with ThreadPoolExecutor(self._threads, thread_name_prefix="search") as threads:
            for ended in [threads.submit(task) for task in tasks]:
                ended.result()
        self._once_more()
        return [self._results[place] for place in everything]

    # -- the threads ---------------------------------------------------------------------------------------------------

    def _work(self, places: Sequence[int] = (), refused: Refused | None = None) -> None:
        try:
            if refused is not None:
                self._divide(places, refused)
                self._end_of_task()
            while some := self._take():
                self._settle(some)
                self._end_of_task()
        except BaseException:
            with self._changed:
                self._has_failed = True
                self._changed.notify_all()
            raise

    def _take(self) -> list[int]:
        """Return the places of the records of the next request; none if all are settled, or a request has failed."""
        with self._changed:
            self._changed.wait_for(lambda: self._has_failed or self._left or self._suspects or not self._busy)
            if self._has_failed or not (self._left or self._suspects):
                return []
            self._busy += 1
            if self._suspects:
                return [self._suspects.popleft()]
            return sorted(self._left.popleft() for _ in range(min(len(self._left), self._most())))

    def _most(self) -> int:
        size = self._faults.group(min(self._size(), self._largest))
        if not self._is_spread:
            return size
        idle = max(1, self._limiter.limit - self._limiter.in_flight)
        return min(size, max(_SMALLEST_SHARE, ceil(len(self._left) / idle)))

    def _end_of_task(self) -> None:
        with self._changed:
            self._busy -= 1
            self._changed.notify_all()

    def _put_back(self, places: Iterable[int]) -> None:
        with self._changed:
            self._left.extendleft(reversed([*places]))
            self._changed.notify_all()

    def _put_back_in_parts(self, places: Sequence[int]) -> None:
        """Have no more than half as many records in a request from here on."""
        self._largest = max(1, min(self._largest, len(places) // 2))
        self._put_back(places)

    # -- one request ---------------------------------------------------------------------------------------------------

    def _settle(self, places: Sequence[int]) -> None:
        if len(places) == 1:
            is_bad = self._is_bad(places[0])
            if places[0] not in self._named_ones:  # how many a search has to find is what the size of groups follows
                self._faults.learn(1, int(is_bad))
            return
        refused = self._send(places)
        if refused is None:
            self._faults.learn(len(places))
        else:
            self._divide(places, refused)

    def _send(self, places: Sequence[int]) -> Refused | None:
        """Send records together; return the refusal if they were refused as a whole."""
        found = self._sender.send_group([self._items[place] for place in places])
        if isinstance(found, Refused):
            return found
        self._note(places, found)
        return None

    def _is_bad(self, place: int, *, again: bool = False) -> bool:
        """Send a record alone, and return whether it was refused."""
        self._begun_at[place] = self._answers
        result = self._sender.send_alone(self._items[place], again=again)
        self._note([place], [result])
        return isinstance(result, SageError)

    def _note(self, places: Sequence[int], results: Sequence[Done | SageError]) -> None:
        with self._changed:
            self._answers += 1
            self._results.update(zip(places, results, strict=True))
            self._settled_at.update(dict.fromkeys(places, self._answers))

    # -- a request that was refused ------------------------------------------------------------------------------------

    def _divide(self, places: Sequence[int], refused: Refused) -> None:
        if refused.is_about_size:
            self._put_back_in_parts(places)
            return
        for way in (_FROM_ZERO, _FROM_ONE, _BY_VALUE):
            suspects = self._named(places, refused, way) if self._faults.trusts(way) else []
            if suspects:
                self._take_out(places, suspects, way)
                return
        self._search(places, refused)

    def _take_out(self, places: Sequence[int], suspects: Sequence[int], way: str) -> None:
        """Send the records that a refusal names alone, the others together again."""
        self._is_spread = True
        named = {*suspects}
        self._put_back([place for place in places if place not in named])
        first, *others = suspects
        is_bad = self._is_bad(first)
        self._faults.learn_name(way, was_right=is_bad)
        if not is_bad:
            self._put_back(others)
            return
        with self._changed:
            self._named_ones.update(others)
            self._suspects.extend(others)
            self._changed.notify_all()

    def _search(self, places: Sequence[int], refused: Refused) -> None:
        """Find one bad record by halves: where the first half passes, the second one holds it."""
        few = places if len(places) <= _FEW else ()
        while len(places) > 1:
            first, second = places[: len(places) // 2], places[len(places) // 2 :]
            again = self._send_half(first)
            if again is None:
                places = second
                continue
            self._put_back(second)
            if again is _ENDED:
                return
            if again.is_about_size:
                self._put_back_in_parts(first)
                return
            places, refused = first, again
            few = places if len(places) <= _FEW else ()
        self._settle(places)
        apart = [self._results[place] for place in few]  # each was sent alone
        if apart and not any(isinstance(result, SageError) for result in apart):
            self._sender.learn_pair(refused.error.status, apart[-2:])

    def _send_half(self, places: Sequence[int]) -> Refused | None:
        """Send half of the records that were refused together; None if it passed, `_ENDED` if it held a bad one."""
        refused = None if len(places) == 1 else self._send(places)
        if len(places) == 1:
            self._settle(places)
        elif refused is None:
            self._faults.learn(len(places))
        if refused is None and any(isinstance(self._results[place], SageError) for place in places):
            return _ENDED
        return refused

    def _named(self, places: Sequence[int], refused: Refused, way: str) -> list[int]:
        """Return the places of the records that a refusal names in a way; none if it names all of them."""
        if way == _BY_VALUE:
            named = self._by_value(places, refused)
        else:
            numbered = {int(number) - _FIRST_PLACE[way] for number in _places(refused.payload)}
            named = {places[place] for place in numbered if 0 <= place < len(places)}
        return sorted(named) if len(named) < len(places) else []

    def _by_value(self, places: Sequence[int], refused: Refused) -> set[int]:
        """Return the places of the records that alone hold a value which the refusal names."""
        sent, named = {*places}, set[int]()
        for text in {*_texts(refused.payload)}:
            found = [held & sent for value, held in self._held.items() if value in text and _is_named(value, text)]
            fewest = min((held for held in found if held), key=len, default=set())
            if len(fewest) < len(sent):
                named |= fewest
        return named

    @cached_property
    def _held(self) -> Mapping[str, set[int]]:
        """Return by value the places of the records that hold it."""
        held: defaultdict[str, set[int]] = defaultdict(set)
        for place, item in enumerate(self._items):
            for text in self._sender.texts(item):
                held[text].add(place)
        return held

    def _once_more(self) -> None:
        """Send those once more that were refused before records ahead of them were written, if they may need one."""
        for place, begun in sorted(self._begun_at.items()):
            if isinstance(self._results[place], SageError):
                since = [ahead for ahead in range(place) if self._settled_at[ahead] > begun]
                written = [self._items[ahead] for ahead in since if not isinstance(self._results[ahead], SageError)]
                if self._sender.may_need(self._items[place], written):
                    self._is_bad(place, again=True)


def _places(payload: object) -> Iterator[str]:
    """Yield the numbers that begin the targets of a refusal: `/3/term`."""
    for name, text in _members(payload):
        if name == "target" and (found := _PLACE.match(text)):
            yield found[1]


def _texts(payload: object) -> Iterator[str]:
    """Yield what a refusal says in words."""
    yield from (text for name, text in _members(payload) if name == "message")


def _members(payload: object) -> Iterator[tuple[str, str]]:
    left: list[Any] = [payload]
    while left:
        value = left.pop()
        if isinstance(value, Mapping):
            yield from ((name, text) for name, text in value.items() if isinstance(text, str))
            left.extend(value.values())
        elif isinstance(value, list):
            left.extend(value)


def _is_named(value: str, text: str) -> bool:
    """Return whether a text names a value, which is not a part of a longer word there; a short one in quotes."""
    edge = rf"[{_QUOTES}]" if len(value) < _SHORTEST else r"[^\w-]"
    return re.search(rf"(?:^|{edge}){re.escape(value)}(?:{edge}|$)", text) is not None

"""How many records go into one request, as this server takes them."""

from collections.abc import Callable, Sequence
from math import ceil
from typing import Protocol, TypeVar

MOST_RECORDS = 500  # Sage REST guide, bulk requests
LARGEST_BODY_BYTES = 900_000  # the API takes about 1 MB
_FIRST_SIZE = 50
_QUICK_SECONDS = 10.0
_SLOW_SECONDS = 30.0

_Item = TypeVar("_Item")
_Found = TypeVar("_Found")


class Sized(Protocol):
    """Something with a size in bytes."""

    @property
    def size(self) -> int:
        """Bytes in a request's body."""
        ...


class BatchSize:
    """The number of records in one request: doubled while requests are quick, halved when one is slow or too large.

    Used from many threads without a lock: the size is one number, and any value that it has had is a good one.

    Args:
        ceiling: never more records than this.
    """

    def __init__(self, ceiling: int = MOST_RECORDS) -> None:
        self._most = ceiling
        self._size = min(_FIRST_SIZE, ceiling)

    @property
    def records(self) -> int:
        """Return how many records the next request may hold."""
        return self._size

    def answered(self, records: int, seconds: float) -> None:
        """Learn from a request that took so long from sending to its answer."""
        if seconds > _SLOW_SECONDS:
            self._size = min(self._size, _half(records))
        elif seconds < _QUICK_SECONDS and records > self._size // 2:  # an even share may be that small
            self._size = min(self._most, self._size * 2)

    def crowded(self, records: int) -> None:
        """Learn that a request was refused for now, maybe because of its size."""
        self._size = min(self._size, _half(records))

    def too_large(self, records: int) -> None:
        """Learn that a request was too large, and will be the next time too."""
        self._most = min(self._most, max(1, records - 1))
        self._size = min(self._size, _half(records))


def end_of_batch(records: Sequence[Sized], start: int, most: int) -> int:
    """Return where the batch that begins at `start` ends: at most so many records, and no larger than a body may be.

    It holds at least one record, however large that is, and no more than an even share of those that are left.
    """
    left = len(records) - start
    share = ceil(left / ceil(left / most))
    room = LARGEST_BODY_BYTES - 2
    end = start
    for record in records[start : start + share]:
        room -= record.size
        if room < 0 and end > start:
            break
        end += 1
    return end


def in_batches(
    items: Sequence[_Item], end: Callable[[int], int], send: Callable[[Sequence[_Item]], list[_Found]]
) -> list[_Found]:
    """Send items batch after batch; `end` says where the one that begins at a place ends. One result for each item."""
    results: list[_Found] = []
    while len(results) < len(items):
        start = len(results)
        results += send(items[start : end(start)])
    return results


def in_halves(items: Sequence[_Item], send: Callable[[Sequence[_Item]], list[_Found]]) -> list[_Found]:
    """Send a batch that was refused as a whole in two, to find out which item is at fault."""
    half = len(items) // 2
    return send(items[:half]) + send(items[half:])


def _half(records: int) -> int:
    return max(1, records // 2)

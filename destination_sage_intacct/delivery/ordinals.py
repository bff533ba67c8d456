"""The ordinal of a row among equal bodies: what tells rows apart in a stream without any key.

This is all that grows with a sync, so it is kept small: a table of open addressing with 12 bytes a slot, which is
doubled when two thirds are taken. A row costs 18 to 36 bytes, and 54 while both tables exist.
"""

from array import array

_FIRST_SLOTS = 1024


class Ordinals:
    """Counts the rows of one stream by the digest of their bodies. Not thread-safe."""

    def __init__(self) -> None:
        self._digests = array("Q", [0]) * _FIRST_SLOTS
        self._counts = array("I", [0]) * _FIRST_SLOTS
        self._distinct = 0

    def next(self, digest: int) -> int:
        """Return how many rows with this digest there were, this one included: 1, 2, 3 and so on.

        Args:
            digest: 64 bits of a hash, from 0 to 2**64 - 1.
        """
        slot = _slot_of(digest, self._digests, self._counts)
        ordinal = self._counts[slot] + 1
        if ordinal == 1:
            if 3 * (self._distinct + 1) > 2 * len(self._digests):
                self._grow()
                slot = _slot_of(digest, self._digests, self._counts)
            self._digests[slot] = digest
            self._distinct += 1
        self._counts[slot] = ordinal
        return ordinal

    def _grow(self) -> None:
        slots = 2 * len(self._digests)
        digests, counts = array("Q", [0]) * slots, array("I", [0]) * slots
        for digest, count in zip(self._digests, self._counts, strict=True):
            if count:
                slot = _slot_of(digest, digests, counts)
                digests[slot], counts[slot] = digest, count
        self._digests, self._counts = digests, counts


def _slot_of(digest: int, digests: "array[int]", counts: "array[int]") -> int:
    """Return the slot that holds the digest, or the free one where it belongs; a slot is free while its count is 0."""
    mask = len(digests) - 1
    slot = digest & mask
    while counts[slot] and digests[slot] != digest:
        slot = (slot + 1) & mask
    return slot

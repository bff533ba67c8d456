"""What this sync has written, by natural key, so that the rows that follow need no further query."""

import threading
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass

from destination_sage_intacct.rows.matching import NaturalKey


@dataclass(frozen=True, slots=True)
class CachedRecord:
    """A record as this sync left it: its record key, and of the row that wrote it last natural key, digest and entity.

    Rows whose natural keys differ only by case or blanks may be about two records or about one; only the server knows.
    Nor does what was written in one entity tell what a row finds from another.
    """

    key: str
    natural_key: NaturalKey
    digest: bytes
    entity: str = ""


class RecordCache:
    """Remembers a fixed number of records and forgets the one that was least recently used. Thread-safe.

    Args:
        capacity: how many records are remembered.
    """

    def __init__(self, capacity: int = 20_000) -> None:
        self._capacity = capacity
        self._records: OrderedDict[Hashable, CachedRecord] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, identity: Hashable) -> CachedRecord | None:
        """Return the record of this identity; None if it was not written in this sync, or is forgotten."""
        with self._lock:
            record = self._records.get(identity)
            if record is not None:
                self._records.move_to_end(identity)
            return record

    def put(self, identity: Hashable, record: CachedRecord) -> None:
        """Remember a record in place of what was known under this identity."""
        with self._lock:
            self._records[identity] = record
            self._records.move_to_end(identity)
            if len(self._records) > self._capacity:
                self._records.popitem(last=False)

    def forget(self, identity: Hashable) -> None:
        """Forget a record, as its write may or may not have landed; one that is not known is no error."""
        with self._lock:
            self._records.pop(identity, None)

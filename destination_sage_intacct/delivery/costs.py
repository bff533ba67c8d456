"""What the rows of a stream cost, and what they would have cost one by one."""

from collections import Counter
from dataclasses import dataclass, field

from destination_sage_intacct.intacct.transport import Traffic
from destination_sage_intacct.protocol.ledger import Outcome


@dataclass(slots=True)
class Cost:
    """The account of one stream; `seconds` from its first row to its last outcome."""

    traffic: Traffic = field(default_factory=Traffic)
    replayed: int = 0
    joined: int = 0  # rows that share a record with the row before them, as lines of one document
    asked_in_vain: int = 0  # records that were looked up by natural key for rows that were then rejected
    began: float | None = None
    ended: float = 0.0

    @property
    def seconds(self) -> float:
        """Return how long the stream took."""
        return 0.0 if self.began is None else max(0.0, self.ended - self.began)


def transactions_one_by_one(
    outcomes: Counter[Outcome], joined: int = 0, asked_in_vain: int = 0, *, by_natural_key: bool
) -> int:
    """Return the API transactions of a connector that sends a request for each record, and asks before each if it must.

    Sage bills each record written and each page queried, also in a batch; a record that it refuses is not counted, only
    the question before it.
    """
    written = sum(outcomes[each] for each in (Outcome.CREATED, Outcome.UPDATED, Outcome.UNCHANGED, Outcome.DELETED))
    written = max(0, written - joined)
    asked = written + outcomes[Outcome.SKIPPED] + asked_in_vain if by_natural_key else 0
    return written + asked

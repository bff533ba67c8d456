"""Changes records: each compared with what it holds and written while no other write to it is on its way."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial

from destination_sage_intacct.delivery.locks import RecordLocks
from destination_sage_intacct.delivery.lookup import Lookup
from destination_sage_intacct.delivery.own_lines import (
    Refusal,
    adds_lines,
    needs_record,
    still_to_change,
    without_ignored,
)
from destination_sage_intacct.delivery.writes import Change
from destination_sage_intacct.intacct.client import IntacctClient
from destination_sage_intacct.intacct.errors import SageError
from destination_sage_intacct.intacct.records import ChangedRecord, Refused, Result, Written
from destination_sage_intacct.plan.stream_plan import StreamPlan
from destination_sage_intacct.protocol.ledger import Outcome

Became = Outcome | Refusal


class Changing:
    """Changes the records of one stream; safe from any thread.

    Args:
        plan: of the stream.
        client: on the stream's account.
        lookup: compares.
        claims: keeps two writes to one record apart.
        dry_run: write nothing; the outcomes are what would have happened.
    """

    def __init__(
        self, plan: StreamPlan, client: IntacctClient, lookup: Lookup, claims: RecordLocks, *, dry_run: bool
    ) -> None:
        self._plan = plan
        self._path = plan.object.path
        self._client = client
        self._lookup = lookup
        self._claims = claims
        self._dry_run = dry_run

    def change(self, changes: Sequence[Change]) -> Iterator[tuple[Change, Became]]:
        """Write changes, those of one record one after the other; tell of each what became of it."""
        for some in _rounds(changes):
            with self._claims.held(self._path, [each.intent.key for each in some]):
                became = self._changed(some)
            yield from zip(some, became, strict=True)

    def _changed(self, changes: Sequence[Change]) -> list[Became]:
        compared = self._compared([without_ignored(each, self._plan, self._lookup) for each in changes])
        left = [each for each in compared if isinstance(each, Change) and each.intent.body]
        results: dict[int, Result] = {id(each): Written() for each in left}
        if left and not self._dry_run:
            # What is sent again is what is left of the whole change, not of what was sent before.
            whole = {each.intent.key: each for each in changes}
            records = [self._record(each, whole[each.intent.key]) for each in left]
            results = dict(zip(results, self._client.update(self._path, records), strict=True))
        return [_became(each, results) for each in compared]

    def _compared(self, changes: Sequence[Change]) -> list[Change | Refusal]:
        keys = [each.intent.key for each in changes if needs_record(each)]
        read = self._client.read(self._path, keys) if keys else {}
        return [
            still_to_change(each, read[each.intent.key], self._plan, self._lookup) if needs_record(each) else each
            for each in changes
        ]

    def _record(self, change: Change, whole: Change) -> ChangedRecord:
        again = partial(self._again, whole) if adds_lines(change) else None
        return ChangedRecord(change.intent.key, change.intent.encoded, again)

    def _again(self, change: Change) -> ChangedRecord | Result:
        """Compare a change that may have landed with its record as it is now."""
        key = change.intent.key
        wanted = without_ignored(change, self._plan, self._lookup)
        left = still_to_change(wanted, self._client.read(self._path, [key])[key], self._plan, self._lookup, again=True)
        if isinstance(left, Change):
            return self._record(left, change) if left.intent.body else Written(key)
        return Refused(left if isinstance(left, SageError) else SageError(left.message, code=left.code))


def _became(compared: Change | Refusal, results: dict[int, Result]) -> Became:
    if not isinstance(compared, Change):
        return compared
    if not compared.intent.body:
        return Outcome.UNCHANGED
    result = results[id(compared)]
    return result.error if isinstance(result, Refused) else Outcome.UPDATED


def _rounds(changes: Sequence[Change]) -> Iterator[list[Change]]:
    """Part changes so that no record key comes twice in one part, in order for each record."""
    rest = list(changes)
    while rest:
        taken: set[str] = set()
        now: list[Change] = []
        later: list[Change] = []
        for each in rest:
            if each.intent.key in taken:
                later.append(replace(each, record=None))  # what a query told of it is no longer true
            else:
                now.append(each)
                taken.add(each.intent.key)
        yield now
        rest = later

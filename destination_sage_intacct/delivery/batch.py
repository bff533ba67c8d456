"""Sends the rows of one stream, many at a time: look up, compare, create, update, settle."""

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from hashlib import blake2b

from destination_sage_intacct.delivery.actions import (
    Create,
    Decision,
    Delete,
    Leave,
    Match,
    Reject,
    Skip,
    Update,
    Write,
    decide,
)
from destination_sage_intacct.delivery.changing import Became, Changing
from destination_sage_intacct.delivery.known import CachedRecord, RecordCache
from destination_sage_intacct.delivery.locks import Pending, RecordLocks, unique_id
from destination_sage_intacct.delivery.lookup import Lookup, Record
from destination_sage_intacct.delivery.own_lines import Refusal, not_whole
from destination_sage_intacct.delivery.writes import Change, Creation, without_fixed
from destination_sage_intacct.intacct.client import IntacctClient
from destination_sage_intacct.intacct.errors import SageError
from destination_sage_intacct.intacct.records import NewRecord, Refused, Result, Written
from destination_sage_intacct.plan.stream_plan import StreamPlan, primary_key_text
from destination_sage_intacct.protocol.ledger import Outcome, Row
from destination_sage_intacct.rejected_rows.rejection import Rejection, from_problem, from_sage
from destination_sage_intacct.rows.idempotency import create_key, key_of_attempt
from destination_sage_intacct.rows.paths import pick
from destination_sage_intacct.rows.values import Problem, texts

_Deletion = tuple[Pending, Delete]
_Decided = Creation | Change | _Deletion
Settle = Callable[[Row, Outcome, Rejection | None], None]
_FORGETTABLE = frozenset({404})


class BatchWriter:
    """Sends the rows of one stream; safe from any thread.

    Args:
        plan: of the stream.
        client: on the stream's account.
        lookup: finds the stream's records.
        known: what this sync has written, of all streams; None where it may have changed since.
        claims: keeps two writes to one record apart.
        settle: takes each row's outcome, and why if it was rejected.
        dry_run: write nothing; the outcomes are what would have happened.
    """

    def __init__(
        self,
        plan: StreamPlan,
        client: IntacctClient,
        lookup: Lookup,
        known: RecordCache | None,
        claims: RecordLocks,
        settle: Settle,
        *,
        dry_run: bool,
    ) -> None:
        self._plan = plan
        self._path = plan.object.path
        self._client = client
        self._lookup = lookup
        self._known = known or RecordCache(0)
        self._claims = claims
        self._changing = Changing(plan, client, lookup, claims, dry_run=dry_run)
        self._settle = settle
        self._dry_run = dry_run
        self._lock = threading.Lock()
        self.replayed = 0
        self.joined = 0
        self.asked_in_vain = 0

    def send(self, batch: Sequence[Pending]) -> None:
        """Write these rows, no two of them about one record, and settle each.

        Raises:
            IntacctError: the way is broken or closed; rows without an outcome stay unsettled.
            StoppedError: the run is asked to stop; rows without an outcome stay unsettled.
        """
        creations = [Creation(each, each.intent) for each in batch if isinstance(each.intent, Create)]
        changes = list(self._compared([Change(each, each.intent) for each in batch if isinstance(each.intent, Update)]))
        matched = self._matched([(each, each.intent) for each in batch if isinstance(each.intent, Match)])
        creations += [each for each in matched if isinstance(each, Creation)]
        changes += [each for each in matched if isinstance(each, Change)]
        deletions = [(each, each.intent) for each in batch if isinstance(each.intent, Delete)]
        deletions += [each for each in matched if isinstance(each, tuple)]
        self._delete(deletions)
        changes += self._create(creations)
        changes = list(self._changeable(changes))
        for change, became in self._changing.change(changes):
            self._changed(change, became)

    def _compared(self, changes: Sequence[Change]) -> Iterator[Change]:
        """Settle the rows whose records, found by record key, hold their values already; return the others."""
        records = self._lookup.by_record_key([each.intent for each in changes])
        for each in changes:
            record = records.get(each.intent.key)
            if record is not None and self._lookup.holds(record, each.intent.body):
                self._done(each.pending, Outcome.UNCHANGED, None)
            else:
                yield replace(each, record=record)

    def _changeable(self, changes: Sequence[Change]) -> Iterator[Change]:
        """Reject rows that would set what can be set only when a record is made to another value."""
        for each in changes:
            change = without_fixed(each, self._plan, self._lookup)
            if isinstance(change, Problem):
                self._reject(each.pending, change, each.intent.key)
            else:
                yield change

    def _matched(self, rows: Sequence[tuple[Pending, Match]]) -> list[_Decided]:
        """Find the records of rows with a natural key, settle what needs no write, return what does."""
        writes: list[_Decided] = []
        unknown: list[tuple[Pending, Match]] = []
        for each, match in rows:
            known = self._known.get(each.identity)
            if known is None or (known.natural_key, known.entity) != (match.natural_key, self._plan.entity):
                unknown.append((each, match))
            elif known.digest != self._digest(match) and pick(match.body, self._plan.fixed_on_update):
                unknown.append((each, match))  # only the record tells whether it holds them
            elif known.digest == self._digest(match) and self._plan.skip_unchanged:
                self._done(each, Outcome.SKIPPED if match.operation == "insert" else Outcome.UNCHANGED, None)
            else:
                writes += self._decided(each, decide(self._plan, match, [{"key": known.key}]), None)
        return writes + self._looked_up(unknown)

    def _looked_up(self, rows: Sequence[tuple[Pending, Match]]) -> list[_Decided]:
        """As `_matched`, for rows of whose records nothing is known."""
        if not rows:
            return []
        writes: list[_Decided] = []
        found = self._lookup.by_natural_key([match for _, match in rows])
        for each, match in rows:
            records = found[match.natural_key]
            if isinstance(records, SageError):
                self._reject_refused(each, match, records)
            else:
                decision = decide(self._plan, match, records)
                writes += self._decided(each, decision, records[0] if len(records) == 1 else None)
        return writes

    def _decided(self, pending: Pending, decision: Decision, record: Record | None) -> list[_Decided]:
        match decision:
            case Create():
                return [Creation(pending, decision)]
            case Update(key, body) if record is not None and self._lookup.holds(record, body):
                self._remember(pending, key)
                self._done(pending, Outcome.UNCHANGED, None)
            case Update():
                return [Change(pending, decision, record)]
            case Delete():
                return [(pending, decision)]
            case Leave():
                self._done(pending, Outcome.UNCHANGED, None)
            case Skip():
                self._done(pending, Outcome.SKIPPED, None)
            case Reject(problem, key):
                self._reject(pending, problem, key)
        return []

    def _create(self, creations: Sequence[Creation]) -> list[Change]:
        """Create records; return the changes to be made to those that turn out to be there."""
        if not creations:
            return []
        results: Sequence[Result] = [Written()] * len(creations)
        if not self._dry_run:
            results = self._client.create(self._path, [self._new_record(each) for each in creations])
        there: list[tuple[Creation, SageError]] = []
        for each, result in zip(creations, results, strict=True):
            if isinstance(result, Written):
                self._created(each, result)
            elif result.error.is_duplicate:
                there.append((each, result.error))
            else:
                self._reject_refused(each.pending, each.intent, result.error)
        return self._there(there) if there else []

    def _created(self, creation: Creation, result: Written) -> None:
        if result.replayed:
            with self._lock:
                self.replayed += 1
        self._remember(creation.pending, result.key)
        self._done(creation.pending, Outcome.CREATED, None)

    def _there(self, refused: Sequence[tuple[Creation, SageError]]) -> list[Change]:
        """Settle rows whose record was refused as a duplicate: it may be this very row, sent before a crash."""
        matches = [(each.pending, each.pending.intent) for each, _ in refused if isinstance(each.pending.intent, Match)]
        changes = [write for write in self._looked_up(matches) if isinstance(write, Change)]
        self._there_by_id([each for each, _ in refused if unique_id(self._plan, each.intent.body)])
        changing = {id(each.pending) for each in changes}
        for each, error in refused:
            # Whatever is still open is not there: another field than the key must be unique.
            if each.pending.row.outcome is None and id(each.pending) not in changing:
                self._reject_refused(each.pending, each.intent, error)
        return changes

    def _there_by_id(self, refused: Sequence[Creation]) -> None:
        """Count a row as created if the record with its id holds its values."""
        given = [each for each in refused if isinstance(each.pending.intent, Create)]
        records = self._lookup.by_id([each.intent.body for each in given]) if given else {}
        for each in given:
            found = records.get(str(each.intent.body["id"]), [])
            if len(found) == 1 and self._lookup.holds_what_is_readable(found[0], each.intent.body):
                self._created(each, Written(str(found[0].get("key")), replayed=True))

    def _changed(self, change: Change, became: Became) -> None:
        if isinstance(became, Outcome):
            self._remember(change.pending, change.intent.key)
            self._done(change.pending, became, None)
        else:
            if isinstance(became, SageError) and became.status in _FORGETTABLE:
                self._known.forget(change.pending.identity)
            self._refuse(change.pending, change.intent, became)

    def _delete(self, deletions: Sequence[_Deletion]) -> None:
        keys = list(dict.fromkeys(delete.key for _, delete in deletions))
        with self._claims.held(self._path, keys):
            refused = self._not_whole([delete for _, delete in deletions if delete.lines])
            keys = [key for key in keys if key not in refused]
            results: dict[str, Result] = dict.fromkeys(keys, Written())
            if keys and not self._dry_run:
                results = dict(zip(keys, self._client.delete(self._path, keys), strict=True))
        for pending, delete in deletions:
            result = results.get(delete.key)
            refusal = result.error if isinstance(result, Refused) else refused.get(delete.key)
            self._known.forget(pending.identity)
            if refusal is not None:
                self._refuse(pending, delete, refusal)
            else:
                self._done(pending, Outcome.DELETED, None)

    def _not_whole(self, documents: Sequence[Delete]) -> dict[str, Refusal]:
        """Tell of documents that may not be deleted why, by record key."""
        if not documents:
            return {}
        read = self._client.read(self._path, [each.key for each in documents])
        refusals = {each.key: not_whole(each, read[each.key]) for each in documents}
        return {key: refusal for key, refusal in refusals.items() if refusal is not None}

    def _refuse(self, pending: Pending, intent: Write, why: Refusal) -> None:
        if isinstance(why, SageError):
            self._reject_refused(pending, intent, why)
        else:
            self._reject(pending, why, "" if isinstance(intent, Match) else intent.key)

    def _reject(self, pending: Pending, problem: Problem, key: str) -> None:
        shown = primary_key_text(self._plan, pending.row.data)
        self._done(pending, Outcome.REJECTED, from_problem(problem, key, shown))

    def _done(self, pending: Pending, outcome: Outcome, rejection: Rejection | None) -> None:
        if outcome is Outcome.REJECTED and isinstance(pending.intent, Match):
            with self._lock:
                self.asked_in_vain += 1
        if pending.others and outcome not in {Outcome.REJECTED, Outcome.SKIPPED}:
            with self._lock:
                self.joined += len(pending.others)
        for row in (pending.row, *pending.others):
            self._settle(row, outcome, rejection)

    def _new_record(self, creation: Creation) -> NewRecord:
        encoded = creation.intent.encoded
        own = create_key(self._plan.scope, creation.pending.origin, encoded)
        is_unique = unique_id(self._plan, creation.intent.body) is not None
        return NewRecord(encoded, partial(key_of_attempt, own, self._plan.sync_id), is_unique)

    def _remember(self, pending: Pending, key: str) -> None:
        match = pending.intent
        # A record whose key the server did not tell must be asked for.
        if isinstance(match, Match) and (key or self._dry_run):
            self._known.put(
                pending.identity, CachedRecord(key, match.natural_key, self._digest(match), self._plan.entity)
            )

    def _digest(self, match: Match) -> bytes:
        """Return the digest of what a row asks for; whatever a row to deactivate or delete holds, it asks for that."""
        asked = {"deactivate": b"", "delete": b"delete"}.get(match.operation, match.encoded)
        return blake2b(asked, digest_size=16).digest()

    def _reject_refused(self, pending: Pending, intent: Write, error: SageError) -> None:
        key = "" if isinstance(intent, Match) else intent.key
        # Those of the row itself, of which a change may have sent only a part.
        values = () if isinstance(pending.intent, Delete) else texts(pending.intent.body)
        shown = primary_key_text(self._plan, pending.row.data)
        self._done(pending, Outcome.REJECTED, from_sage(error, key, values, shown, self._path))

"""Finds records, then deletes, creates, updates; each write is settled as soon as it has its outcome."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from hashlib import blake2b
from http import HTTPStatus
from typing import TypeVar

from destination_sage_intacct import exact_json
from destination_sage_intacct.delivery.actions import (
    INACTIVE,
    Action,
    Create,
    Decision,
    Delete,
    Find,
    Reason,
    Reject,
    SageRecord,
    Update,
    Write,
    decide_found,
    in_another_entity,
    in_conflict,
    is_about_the_record,
    looks_alike,
    may_be_booked,
    no_access,
    no_record_key,
    unique_id,
)
from destination_sage_intacct.delivery.document_lines import (
    adds_lines,
    needs_record,
    not_whole,
    still_to_change,
    without_ignored_lines,
)
from destination_sage_intacct.delivery.document_states import DocumentStates
from destination_sage_intacct.delivery.locks import RecordLocks
from destination_sage_intacct.delivery.lookup import CachedRecord, Lookup, RecordCache
from destination_sage_intacct.delivery.rehearsal import Records
from destination_sage_intacct.intacct.bulk import ChangedRecord, NewRecord, Result, Written
from destination_sage_intacct.intacct.create import MAY_EXIST, UNNAMED_CONFLICT, attempt_key, create_key
from destination_sage_intacct.intacct.errors import AccessError, SageError
from destination_sage_intacct.plan.stream_plan import LINES, StreamPlan
from destination_sage_intacct.protocol.ledger import LedgerError, Outcome
from destination_sage_intacct.rows.lines import positions
from destination_sage_intacct.rows.paths import omit, pick
from destination_sage_intacct.rows.whole import in_whole

_SomeAction = TypeVar("_SomeAction", bound=Action)
_Known = TypeVar("_Known", Update, Delete)
_ORDER: dict[type, int] = {Delete: 0, Create: 1}  # a delete may free the id that a create takes
_DOCUMENTS_READ_TOGETHER = 500
_DEACTIVATED = blake2b(b"", digest_size=16).digest()


class BatchWriter:
    """Writes batches of one stream in one entity; safe from any thread.

    Args:
        plan: of the stream, in the entity.
        client: in the entity, counting on the stream's account; in a dry run a rehearsal, which writes nothing.
        lookup: finds the stream's records.
        cache: the records that this sync has written, of all streams; None where others may have changed them since.
        locks: keep two writes to one record key apart.
        states: learns of each document that is written, and asks for its state.
    """

    def __init__(
        self,
        plan: StreamPlan,
        client: Records,
        lookup: Lookup,
        cache: RecordCache | None,
        locks: RecordLocks,
        states: DocumentStates,
    ) -> None:
        self._plan = plan
        self._path = plan.object.path
        self._client = client
        self._lookup = lookup
        self._cache = cache or RecordCache(0)
        self._locks = locks
        self._states = states

    @property
    def batch_size(self) -> int:
        """Return how many records one request takes for now."""
        return self._client.batch_size(self._path)

    @property
    def asks_first(self) -> bool:
        """Return whether records are looked for before they are written."""
        return bool(self._plan.natural_key) or self._plan.operation != "insert"

    @property
    def reads_documents(self) -> bool:
        """Return whether records that are found may have to be read as a whole, to compare their lines."""
        return self.asks_first and self._plan.object.lines is not None

    def most_with(self, first: Write) -> int:
        """Return how many writes, beginning with this one, are taken together: as many as one request takes for now.

        More of documents that are read first, so that no request reads few: most of them need no write then.
        """
        is_read = isinstance(first.action, Update) and needs_record(first.action)
        return max(self.batch_size, _DOCUMENTS_READ_TOGETHER) if is_read else self.batch_size

    def find(self, batch: Sequence[Write], settle: Callable[[Write, Outcome], None]) -> list[Write]:
        """Find the records of a batch, and settle the writes that have nothing to change; return the others.

        Deletes come first, then creates; those that turned out to be about one record follow one another, in order. No
        two writes of a batch have the same identity. Raises as `write`.
        """
        if not self.asks_first and not any(isinstance(write.action, Delete) for write in batch):
            return list(batch)
        left = self._take_steps(batch, (self._find_records,), settle)
        places: dict[object, int] = {}
        for place, write in enumerate(left):
            places.setdefault(write.known_key or write, place)
        return sorted(
            left,
            key=lambda write: (_ORDER.get(type(write.action), len(_ORDER)), places[write.known_key or write]),
        )

    def write(self, batch: Sequence[Write], settle: Callable[[Write, Outcome], None]) -> None:
        """Bring each write to its outcome, and settle it then: what a later request does cannot undo it.

        Args:
            batch: writes that `find` returned, not necessarily all of them.
            settle: called with each write as soon as it has its outcome.

        Raises:
            IntacctError: the connection is broken or access is denied; writes without an outcome stay unsettled.
            StoppedError: the run was asked to stop; writes without an outcome stay unsettled.
            LedgerError: a write has no outcome: a bug in this connector.
        """
        left = self._take_steps(batch, (self._delete, self._create, self._update), settle)
        if left:
            raise LedgerError(f"{len(left)} writes of stream {self._plan.stream} have no outcome")
        self._states.ask_if_many()

    def _take_steps(
        self,
        batch: Sequence[Write],
        steps: Iterable[Callable[[Sequence[Write]], None]],
        settle: Callable[[Write, Outcome], None],
    ) -> list[Write]:
        left = list(batch)
        for step in steps:
            try:
                step(left)
            finally:
                for write in left:
                    if write.outcome is not None:
                        settle(write, write.outcome)
                left = [write for write in left if write.outcome is None]
        return left

    # -- find and compare ----------------------------------------------------------------------------------------------

    def _find_records(self, batch: Sequence[Write]) -> None:
        """Find the records, and finish the writes that have nothing to change."""
        by_key = [(write, write.action) for write in batch if isinstance(write.action, Update)]
        records = self._lookup.by_record_key([update for _, update in by_key])
        for write, update in by_key:
            write.record = records.get(update.key)
            write.home = self._lookup.home(write.record)
            if self._is_held(write):
                write.outcome = Outcome.UNCHANGED
        finds = [(write, write.action) for write in batch if isinstance(write.action, Find)]
        self._look_up([(write, find) for write, find in finds if not self._decide_from_cache(write, find)])

    def _decide_from_cache(self, write: Write, find: Find) -> bool:
        """Decide a write by what this sync has written; return False if its record must be asked for."""
        known = self._cache.get(write.identity)
        if known is None or (known.natural_key, known.entity) != (find.natural_key, self._plan.entity):
            return False
        if self._plan.watches_status and known.digest == _DEACTIVATED:
            return False  # the row has come back: the status is to be reported, or changed
        is_held = known.digest == _digest(find) and self._plan.skip_unchanged
        if not is_held and pick(find.body, self._plan.fixed_on_update):
            return False  # whether it holds these can only be read from the record
        if is_held:
            write.outcome = Outcome.SKIPPED if find.operation == "insert" else Outcome.UNCHANGED
        else:
            write.home = known.home
            write.decide(decide_found(self._plan, find, [{"key": known.key}]))
        return True

    def _look_up(self, finds: Sequence[tuple[Write, Find]]) -> None:
        """Ask for the records of these writes, and decide them."""
        if not finds:
            return
        found = self._lookup.matches([find for _, find in finds])
        unfound: list[tuple[Write, Find]] = []
        for write, find in finds:
            records = found.records[find.natural_key]
            if isinstance(records, SageError):
                write.reject(records)
                continue
            write.decide(self._decided(write, find, records))
            write.record = records[0] if len(records) == 1 else None
            write.home = self._lookup.home(write.record)
            if isinstance(write.action, Update) and self._is_held(write):
                self._finish(write, Outcome.UNCHANGED, write.action.key)
            elif not records and (write.reason is None or is_about_the_record(write.reason)):
                unfound.append((write, find))
        alike = found.alike
        if alike is None:
            alike = self._lookup.look_alikes([find for _, find in unfound])
        for write, find in unfound:
            near = alike.get(find.natural_key)
            if near is None:
                continue
            if near.is_same and self._plan.entity in {"", near.record.get("entity.id")}:
                # It was created between the two queries, for example by a request of a run that was killed.
                write.outcome = write.reason = None
                write.home = self._lookup.home(near.record)
                write.decide(decide_found(self._plan, find, [near.record]))
            else:
                problem = in_another_entity if near.is_same else looks_alike
                write.reject(problem(self._plan, near.record))

    def _decided(self, write: Write, find: Find, records: Sequence[SageRecord]) -> Decision:
        """Decide a write by the records that were found; the first of several versions must be fit to create one."""
        decision = decide_found(self._plan, find, records)
        first = write.versions[0].asked if write.versions else None
        if isinstance(decision, Create) and isinstance(first, Find):
            problem = self._plan.validate(first.body, True)
            return Reject(problem) if problem else decision
        return decision

    def _is_held(self, write: Write) -> bool:
        """Return whether the record that was found for an update holds all that it asks for.

        Notes that a record is inactive though its row came back, or makes it active, where a setting asks for it.
        """
        update = write.action
        if write.record is None or not isinstance(update, Update):
            return False
        is_inactive = self._plan.watches_status and write.record.get("status") == INACTIVE["status"]
        if is_inactive and "status" not in update.body:
            write.is_inactive = not self._plan.reactivates
            if self._plan.reactivates:
                write.action = update = update.with_body({**update.body, "status": "active"})
        return self._lookup.holds(write.record, update.body)

    # -- delete --------------------------------------------------------------------------------------------------------

    def _delete(self, batch: Sequence[Write]) -> None:
        deletes = [(write, write.action) for write in batch if isinstance(write.action, Delete)]
        for home, some in _by_home(deletes):
            with self._rejecting_without_access(home, some):
                self._delete_some(some, self._client_in(home))

    def _delete_some(self, deletes: Sequence[tuple[Write, Delete]], client: Records) -> None:
        keys = list(dict.fromkeys(delete.key for _, delete in deletes))
        with self._locks.held(self._path, keys):
            kept = self._not_whole([delete for _, delete in deletes if delete.lines], client)
            keys = [key for key in keys if key not in kept]
            results = dict(zip(keys, client.delete(self._path, keys), strict=True)) if keys else {}
        for write, delete in deletes:
            self._cache.forget(write.identity)
            result = results.get(delete.key)
            reason = result if isinstance(result, SageError) else kept.get(delete.key)
            if reason is None:
                write.outcome = Outcome.DELETED
            else:
                write.reject(reason, delete.key)

    def _not_whole(self, documents: Sequence[Delete], client: Records) -> dict[str, Reason]:
        """Return, by record key, why documents may not be deleted."""
        if not documents:
            return {}
        read = client.read(self._path, [each.key for each in documents])
        reasons = {each.key: not_whole(each, read[each.key]) for each in documents}
        return {key: reason for key, reason in reasons.items() if reason is not None}

    # -- create --------------------------------------------------------------------------------------------------------

    def _create(self, batch: Sequence[Write]) -> None:
        """Create records; a record that turns out to be there leaves its write as an update, or finished."""
        creates = [(write, write.action) for write in batch if isinstance(write.action, Create)]
        if not creates:
            return
        results = self._client.create(self._path, [self._new_record(*each) for each in creates])
        duplicates: list[tuple[Write, Create, SageError]] = []
        for (write, create), result in zip(creates, results, strict=True):
            if isinstance(result, Written):
                write.is_replay = result.replayed
                self._finish(write, Outcome.CREATED, result.key)
            elif result.code == MAY_EXIST:
                write.reject(may_be_booked(result), create.key)
            elif result.is_duplicate or result.code == UNNAMED_CONFLICT:
                duplicates.append((write, create, result))
            else:
                write.reject(result, create.key)
        if duplicates:
            self._resolve_duplicates(duplicates)

    def _resolve_duplicates(self, duplicates: Sequence[tuple[Write, Create, SageError]]) -> None:
        """Decide writes whose record exists already, or may: it may be from this very row, sent before a crash."""
        self._look_up([(write, write.asked) for write, _, _ in duplicates if isinstance(write.asked, Find)])
        by_id = [
            (write, create)
            for write, create, _ in duplicates
            if isinstance(write.asked, Create) and unique_id(self._plan, create.body)
        ]
        records = self._lookup.by_id([create.body for _, create in by_id]) if by_id else {}
        for write, create in by_id:
            found = records.get(str(create.body["id"]), [])
            is_ours = len(found) == 1 and not self._lookup.home(found[0])
            if is_ours and self._lookup.holds_what_is_readable(found[0], create.body):
                write.is_replay = True
                self._finish(write, Outcome.CREATED, str(found[0].get("key")))
        for write, create, error in duplicates:
            # One that was not found has its value in another unique field.
            if write.outcome is None and not isinstance(write.action, Update):
                write.reject(in_conflict(error) if error.code == UNNAMED_CONFLICT else error, create.key)

    def _new_record(self, write: Write, create: Create) -> NewRecord:
        own = create_key(self._plan.scope, write.origin, create.encoded)
        keys = partial(attempt_key, own, self._plan.sync_id)
        was_looked_up = isinstance(write.asked, Find)
        may_repeat = was_looked_up or self._plan.resend_after_48_hours
        return NewRecord(
            create.encoded,
            keys,
            unique_id(self._plan, create.body) or "",
            may_repeat,
            self._plan.resend_after_48_hours,
        )

    # -- update --------------------------------------------------------------------------------------------------------

    def _update(self, batch: Sequence[Write]) -> None:
        """Update records, while no other write to them is on its way; those of one record one after the other."""
        updates = [write for write in batch if self._leave_out_create_only(write)]
        for some in _rounds(updates):
            with self._locks.held(self._path, [update.key for _, update in some]):
                for home, there in _by_home(some):
                    with self._rejecting_without_access(home, there):
                        self._update_some(there, self._client_in(home))

    def _client_in(self, home: str) -> Records:
        return self._client.in_entity(home) if home else self._client

    @contextmanager
    def _rejecting_without_access(self, home: str, writes: Sequence[tuple[Write, _Known]]) -> Iterator[None]:
        """Reject what was found in another entity than that of its rows, if the user may not write it there."""
        try:
            yield
        except AccessError:
            if not home:
                raise
            for write, action in writes:
                if write.outcome is None:
                    write.reject(no_access(home), action.key)

    def _leave_out_create_only(self, write: Write) -> bool:
        """Leave out fields that only a create can set, where the record holds just that; else reject the write.

        Where nothing is known of the record they stay, and Sage Intacct decides. Returns whether the write is an update
        that is still to be sent.
        """
        update = write.action
        if not isinstance(update, Update):
            return False
        fixed = pick(update.body, self._plan.create_only)
        if not fixed or write.record is None:
            return True
        if self._lookup.holds_part(write.record, fixed):
            write.action = update.with_body(omit(update.body, self._plan.create_only))
        elif problem := self._plan.validate(update.body, False):
            write.reject(problem, update.key)
            return False
        return True

    def _update_some(self, some: Sequence[tuple[Write, Update]], client: Records) -> None:
        left: list[tuple[Write, Update, Update]] = []
        for (write, update), compared in zip(some, self._compared(some, client), strict=True):
            if not isinstance(compared, Update):
                self._reject_update(write, update, compared)
            elif compared.body:
                left.append((write, update, compared))
            else:
                self._finish(write, Outcome.UNCHANGED, update.key)
        results = client.update(self._path, [self._changed_record(*each) for each in left]) if left else []
        for (write, update, _), result in zip(left, results, strict=True):
            if isinstance(result, SageError):
                self._reject_update(write, update, result)
            else:
                self._finish(write, Outcome.UPDATED, update.key)

    def _compared(self, some: Sequence[tuple[Write, Update]], client: Records) -> list[Update | Reason]:
        """Return what is left of each update once its lists are compared with the record's own."""
        wanted = [without_ignored_lines(update, write.record, self._plan, self._lookup) for write, update in some]
        keys = [update.key for update in wanted if needs_record(update)]
        read = client.read(self._path, keys) if keys else {}
        return [
            still_to_change(
                update, write.record, read[update.key], self._plan, self._lookup, may_be_cut=write.may_be_cut
            )
            if needs_record(update)
            else update
            for (write, _), update in zip(some, wanted, strict=True)
        ]

    def _changed_record(self, write: Write, update: Update, left: Update) -> ChangedRecord:
        """Return what is `left` of an update, to be sent."""
        sent, lines = left.body.get(LINES), update.body.get(LINES)
        write.sent_lines = positions(sent, lines) if isinstance(sent, list) and isinstance(lines, list) else ()
        again = partial(self._left_now, write, update) if adds_lines(left) else None
        return ChangedRecord(left.key, left.encoded, again, partial(_in_whole, self._plan, left))

    def _left_now(self, write: Write, update: Update) -> ChangedRecord | Result:
        """Compare an update that may have landed with its record as it is now: the whole, not what was left of it."""
        wanted = without_ignored_lines(update, write.record, self._plan, self._lookup)
        whole = self._client_in(write.home).read(self._path, [update.key])[update.key]
        left = still_to_change(wanted, write.record, whole, self._plan, self._lookup, again=True)
        if isinstance(left, Update):
            return self._changed_record(write, update, left) if left.body else Written(update.key)
        return left if isinstance(left, SageError) else SageError(left.message, code=left.code)

    def _reject_update(self, write: Write, update: Update, reason: Reason) -> None:
        if isinstance(reason, SageError) and reason.status == HTTPStatus.NOT_FOUND:
            self._cache.forget(write.identity)
            if not update.key.isdecimal() and not self._plan.natural_key:
                reason = no_record_key(self._plan.mapping.key_field)
        write.reject(reason, update.key)

    # -- outcomes ------------------------------------------------------------------------------------------------------

    def _finish(self, write: Write, outcome: Outcome, key: str) -> None:
        """Set an outcome after which the record holds the row's values, and remember that."""
        write.outcome = outcome
        if outcome in {Outcome.CREATED, Outcome.UPDATED}:
            self._states.note(key, write.home or self._plan.entity)
        last = write.versions[-1].asked if write.versions else write.asked
        # A record whose key the server did not return must be asked for.
        if isinstance(last, Find) and key:
            known = CachedRecord(key, last.natural_key, _digest(last), self._plan.entity, write.home)
            self._cache.put(write.identity, known)


def _in_whole(plan: StreamPlan, update: Update, own: SageRecord) -> bytes:
    """Return an update with all else that its record holds. A document's state is left to Sage Intacct's workflows."""
    but = ("state",) if plan.object.lines is not None else ()
    return exact_json.encode(in_whole(own, update.body, plan.model, plan.known_line_model, but))


def _by_home(writes: Sequence[tuple[Write, _SomeAction]]) -> Iterator[tuple[str, list[tuple[Write, _SomeAction]]]]:
    """Split writes by the entities of their records, each part in order."""
    for home in dict.fromkeys(write.home for write, _ in writes):
        yield home, [(write, action) for write, action in writes if write.home == home]


def _rounds(updates: Sequence[Write]) -> Iterator[list[tuple[Write, Update]]]:
    """Split updates so that no record key appears twice in one part; those of one record stay in order."""
    left = [(write, write.action) for write in updates if isinstance(write.action, Update)]
    while left:
        now: dict[str, tuple[Write, Update]] = {}
        later: list[tuple[Write, Update]] = []
        for write, update in left:
            if update.key in now:
                write.record = None  # what a query returned is no longer true by then
                later.append((write, update))
            else:
                now[update.key] = (write, update)
        yield list(now.values())
        left = later


def _digest(find: Find) -> bytes:
    """Return the digest of what a row asks for: to deactivate or delete a record, whatever else it holds."""
    if find.operation == "deactivate":
        return _DEACTIVATED
    return blake2b(b"delete" if find.operation == "delete" else find.encoded, digest_size=16).digest()

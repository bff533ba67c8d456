"""Creates records, each once: in batches, and one by one where a batch settles nothing.

The server keeps the answer to a request under its Idempotency-Key for 48 hours and repeats it instead of working,
failures included (Sage REST guide, bulk requests). So the same record gets the same key, in a resend and in a replay
after a crash. A key that is derived too little books twice; one that is derived too much swallows a write that was
meant. A batch has its own key, derived from its records' keys.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from http import HTTPStatus
from typing import Any

from destination_sage_intacct import exact_json
from destination_sage_intacct.intacct.address import address
from destination_sage_intacct.intacct.at_fault import Refused
from destination_sage_intacct.intacct.bulk import (
    ABOUT_THE_METHOD,
    ROOM_IN_AN_ARRAY,
    Bulk,
    NewRecord,
    Result,
    Written,
    holds_created,
    is_transient,
    refused_by,
    result_alone,
    split,
)
from destination_sage_intacct.intacct.classify import Answer, idempotency_conflict
from destination_sage_intacct.intacct.errors import NotTakenError, OutageError, SageError, raise_if_forbidden
from destination_sage_intacct.intacct.query import existing_keys
from destination_sage_intacct.intacct.redaction import values_of
from destination_sage_intacct.intacct.session import Request

_MOST_NEW_KEYS = 50
# How long an answer is repeated, and how long its key stays taken (Sage REST guide, bulk requests).
_ANSWER_KEPT, _KEY_KEPT = timedelta(hours=48), timedelta(days=60)
MAY_EXIST, UNNAMED_CONFLICT = "may_exist", "unnamed_conflict"


def create_key(scope: Sequence[str], identity: Sequence[Any], body: bytes) -> str:
    """Return the key of one create: 64 hexadecimal digits.

    Args:
        scope: company, entity, object path, and where the record comes from (namespace and stream of a row).
        identity: the values that identify it there (a row's natural or primary key; for a row without any, the sync's
            id and the row's ordinal among rows of equal body).
        body: the encoded body.
    """
    return sha256(exact_json.encode([list(scope), list(identity)]) + body).hexdigest()


def attempt_key(key: str, sync_id: str | None, attempt: int) -> str:
    """Return the key of an attempt at a create: the row's own for attempt 0, then one for each stored failure.

    The first new one is tied to the sync, so that a row which fails in every sync needs two requests and not one
    more each time; later ones only count.
    """
    if not attempt:
        return key
    return f"{key}-{sync_id}-{attempt}" if sync_id else f"{key}-{attempt}"


def batch_key(keys: Sequence[str]) -> str:
    """Return the idempotency key of a batch, from its records' own keys in order."""
    return sha256("\n".join(keys).encode()).hexdigest()


class BulkCreate(Bulk[NewRecord]):
    """Creates records of one object."""

    method = "POST"

    def create(self, records: Sequence[NewRecord]) -> list[Result]:
        """Create records; one result for each, in their order.

        Raises:
            OutageError: whether records were created is not known, and sending them again could create them twice.
            AccessError: the object or the entity as a whole is forbidden.
        """
        results: list[Result] = []
        for batch in split(records, self._size, ROOM_IN_AN_ARRAY, lambda record: record.size):
            results += self._settled_batch(batch)
        return results

    def send_group(self, records: Sequence[NewRecord]) -> list[Result] | Refused:
        """Create records in one request; one by one where the server takes no others, or a batch settles nothing."""
        if len(records) == 1 or not self._capabilities.takes_arrays("POST", self._path):
            return self._one_by_one(records)
        request = Request(
            "POST",
            address(self._path),
            b"[" + b",".join([record.body for record in records]) + b"]",
            idempotency_key=batch_key([record.idempotency_key(0) for record in records]),
            is_whole=holds_created(records),
            divisible=True,
        )
        try:
            answer = self._session.send(request)
        except NotTakenError as error:
            # What refused it may have passed it on: then only the server itself stops a second record.
            if not all(record.unique_id for record in records):
                raise
            self._size.too_large(len(records))
            refused = Refused(SageError(str(error), error.status), is_about_size=True)
            return self._apart_by_method(records, error.status) or refused
        self._size.learn(len(records), answer)
        results = self._results(answer, len(records))
        if not isinstance(results, SageError):
            return self._settled(records, results, answer)
        conflict = idempotency_conflict(answer)
        if conflict == "running":
            raise OutageError(unsettled_text(self._path))
        if conflict == "unnamed" and not all(each.is_kept_single for each in records):
            return [replace(results, code=UNNAMED_CONFLICT)] * len(records)
        if conflict is not None:
            return self._one_by_one(records)
        return self._apart_by_method(records, results.status) or refused_by(answer, results)

    def send_alone(self, record: NewRecord, *, again: bool = False) -> Result:
        """Create one record; `again`: under the key of another attempt than the one that was refused."""
        return self._create_one(record, int(again))

    def texts(self, record: NewRecord) -> Iterable[str]:
        """Return the values of a record."""
        return values_of(record.body)

    def may_need(self, record: NewRecord, others: Sequence[NewRecord]) -> bool:
        """Return whether a record refers to one of these others; the server itself stops a second one of it."""
        if not record.unique_id:
            return False
        held = {value.strip().casefold() for value in values_of(record.body)}
        return any(other.unique_id.strip().casefold() in held for other in others if other.unique_id)

    def _one_by_one(self, records: Sequence[NewRecord]) -> list[Result]:
        return [self._create_one(record) for record in records]

    def _apart_by_method(self, records: Sequence[NewRecord], status: int) -> list[Result]:
        """Send records one by one if a status says that the server takes no batches; no results for any other."""
        if status not in ABOUT_THE_METHOD:
            return []
        results = self._one_by_one(records)
        self._capabilities.learn_arrays("POST", self._path, status, results)
        return results

    def _settled(self, records: Sequence[NewRecord], results: list[Result], answer: Answer) -> list[Result]:
        """Accept the results that are proved; send the other records once more, alone, under their own keys.

        A stored answer names records that must still exist, and its failures may have passed since.
        """
        gone = self._gone(answer, results)
        if not answer.is_older:
            self._count(*results)
        settled = list(results)
        for place, (record, result) in enumerate(zip(records, results, strict=True)):
            is_open = is_transient(result) or (answer.is_stored and isinstance(result, SageError))
            if not answer.is_older:
                self._raise_if_open(record, result)
            if is_open or (isinstance(result, Written) and result.key in gone):
                settled[place] = self._create_one(record)
        return settled

    def _gone(self, answer: Answer, results: Sequence[Result]) -> set[str]:
        """Return the record keys in an answer that no longer name a record; a fresh answer is accepted unasked."""
        named = {result.key for result in results if isinstance(result, Written)} if answer.may_be_stored else set()
        return named - existing_keys(self._session, self._path, named)

    def _raise_if_open(self, record: NewRecord, result: Result) -> None:
        """Raise if the server failed at a record of a batch, and nothing would stop a second one.

        Raises:
            OutageError: it may have been created.
        """
        if isinstance(result, SageError) and result.is_server_failure and not record.unique_id:
            raise OutageError(
                f"Sage Intacct failed while creating a record of {self._path} (HTTP {result.status}), so it is not "
                "known whether it was created. Nothing was sent twice; the next sync looks for it first."
            )

    def _create_one(self, record: NewRecord, first: int = 0) -> Result:
        """Create a record, under a new key where its own is about an attempt that settles nothing any more.

        A stored failure, which gets one attempt of this run's own; a stored success whose record is gone; a key whose
        answer is stored no longer.

        Args:
            record: what to create.
            first: the attempt to begin with.
        """
        is_whole = holds_created([record])
        result: Result = SageError("no idempotency key was left to try", code="idempotency")
        has_failed = was_expired = False
        for attempt in range(first, _MOST_NEW_KEYS):
            key = record.idempotency_key(attempt)
            request = Request("POST", address(self._path), record.body, idempotency_key=key, is_whole=is_whole)
            answer = self._session.send(request)
            self._size.learn(1, answer)
            result = result_alone(answer, is_whole)
            match idempotency_conflict(answer):
                case "running":
                    raise OutageError(unsettled_text(self._path))
                case "expired" if not (record.may_repeat or record.unique_id):
                    return self._may_exist()
                case "unnamed" if not record.is_kept_single and isinstance(result, SageError):
                    return replace(result, code=UNNAMED_CONFLICT)
                case "expired" | "unnamed" if not was_expired:
                    was_expired = True
                    continue
            if not answer.is_older:
                self._count(result)
            if isinstance(result, Written):
                if not self._gone(answer, [result]):
                    break
            elif not answer.is_stored or (has_failed and not answer.is_older):
                break
            else:
                has_failed = True
        raise_if_forbidden(result, self._path, self._session.entity)
        return result

    def _may_exist(self) -> SageError:
        """Return the reason not to send a record whose key is older than its stored answer."""
        now = datetime.fromtimestamp(self._session.clock.now(), UTC)
        first, last = now - _KEY_KEPT, now - _ANSWER_KEPT
        sent = f"between {first:%Y-%m-%d} and {last:%Y-%m-%d}"
        return SageError(f"This record was sent before, {sent}, and may exist", HTTPStatus.CONFLICT, MAY_EXIST)


def unsettled_text(path: str) -> str:
    """Return the error for an idempotency key that stays taken."""
    return (
        f"Sage Intacct is still working on an earlier attempt to create records of {path}, for longer than any request "
        "may take, so it is not known yet whether they were created. Nothing was sent twice; the next sync asks again."
    )

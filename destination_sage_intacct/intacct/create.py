"""Creates records, each once: in batches, and one by one where a batch settles nothing.

The server keeps the answer to a request under its Idempotency-Key for 48 hours and repeats it instead of working,
failures included (Sage REST guide, bulk requests). So the same record gets the same key, in a resend and in a replay
after a crash. A key that is derived too little books twice; one that is derived too much swallows a write that was
meant. A batch has a key of its own, made of its records' keys.
"""

from collections.abc import Sequence
from hashlib import sha256
from typing import Any
from urllib.parse import quote

from destination_sage_intacct import exact_json
from destination_sage_intacct.intacct.bulk import (
    ABOUT_THE_METHOD,
    ROOM_IN_AN_ARRAY,
    Bulk,
    NewRecord,
    Result,
    Written,
    halves,
    holds_results,
    is_passing,
    result_alone,
    split,
)
from destination_sage_intacct.intacct.classify import Answer, idempotency_conflict
from destination_sage_intacct.intacct.errors import OutageError, SageError, raise_if_forbidden
from destination_sage_intacct.intacct.query import existing_keys
from destination_sage_intacct.intacct.session import Request

_MOST_NEW_KEYS = 50


def create_key(scope: Sequence[str], identity: Sequence[Any], body: bytes) -> str:
    """Return the key of one create: 64 hexadecimal digits.

    Args:
        scope: company, entity, object path, and where the record comes from (namespace and stream of a row).
        identity: the values that identify it there (a row's natural or primary key; for a row without any, the sync's
            id and the row's ordinal among rows of equal body).
        body: the encoded body.
    """
    return sha256(exact_json.encode([list(scope), list(identity)]) + body).hexdigest()


def key_of_attempt(key: str, sync_id: str | None, attempt: int) -> str:
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


class BulkCreate(Bulk):
    """Creates records of one object."""

    def create(self, records: Sequence[NewRecord]) -> list[Result]:
        """Create records; one result for each, in their order.

        Raises:
            OutageError: whether records were created is not known, and sending them again could create them twice.
            AccessError: the object or the entity as a whole is forbidden.
        """
        results: list[Result] = []
        for batch in split(records, self._size, ROOM_IN_AN_ARRAY, lambda record: record.size):
            results += self._create_batch(batch)
        return results

    def _create_batch(self, records: Sequence[NewRecord]) -> list[Result]:
        if len(records) == 1 or not self._capabilities.takes_arrays("POST", self._path):
            return [self._create_one(record) for record in records]
        answer = self._session.send(
            Request(
                "POST",
                f"/objects/{quote(self._path)}",
                b"[" + b",".join([record.body for record in records]) + b"]",
                idempotency_key=batch_key([record.idempotency_key(0) for record in records]),
                is_whole=holds_results(len(records)),
                divisible=True,
            )
        )
        self._size.learn(len(records), answer)
        results = self._results(answer, len(records))
        if isinstance(results, SageError):
            return self._create_apart(records, answer, results)
        if answer.replayed:
            return self._settle_replay(records, results, answer)
        self._count(*results)
        return [
            self._create_again(record, result) if is_passing(result) else result
            for record, result in zip(records, results, strict=True)
        ]

    def _create_again(self, record: NewRecord, result: Result) -> Result:
        """Send a record of a batch once more, alone, after the server failed at it.

        Raises:
            OutageError: it may have been created, and nothing would stop a second one.
        """
        if isinstance(result, SageError) and result.is_server_failure and not record.is_unique:
            raise OutageError(
                f"Sage Intacct failed at a new record of {self._path} (HTTP {result.status}), so whether it was "
                "created is not known. Nothing was sent twice; the next sync looks for it first."
            )
        return self._create_one(record)

    def _create_apart(self, records: Sequence[NewRecord], answer: Answer, error: SageError) -> list[Result]:
        """Find what is wrong with a batch that was refused as a whole: nothing of it was written.

        Raises:
            OutageError: whether an earlier attempt at the batch was carried out is not known, and cannot be asked.
        """
        conflict = idempotency_conflict(answer)
        if conflict == "running":
            raise OutageError(unsettled_text(self._path))
        if conflict or error.status in ABOUT_THE_METHOD:
            results = [self._create_one(record) for record in records]
        else:
            first, second = halves(records)
            results = self._create_batch(first) + self._create_batch(second)
        self._capabilities.learn_arrays("POST", self._path, error, results)
        return results

    def _settle_replay(self, records: Sequence[NewRecord], results: list[Result], answer: Answer) -> list[Result]:
        """Believe a stored answer where it still holds; send the other records once more, under their own keys.

        An answer to a request of this process needs no proof. That of an earlier process names records that must still
        exist, and its failures may have passed since.
        """
        settled = list(results)
        again = [place for place, result in enumerate(results) if isinstance(result, SageError)]
        if answer.sent_before:
            self._count(*results)
        else:
            named = {result.key for result in results if isinstance(result, Written) and result.key}
            gone = named - existing_keys(self._session, self._path, named)
            again += [place for place, each in enumerate(results) if isinstance(each, Written) and each.key in gone]
        for place in again:
            settled[place] = self._create_one(records[place])
        return settled

    def _create_one(self, record: NewRecord) -> Result:
        result: Result = SageError("no idempotency key was left to try", code="idempotency")
        conflicts = 0
        for attempt in range(_MOST_NEW_KEYS):
            key = record.idempotency_key(attempt)
            answer = self._session.send(
                Request("POST", f"/objects/{quote(self._path)}", record.body, idempotency_key=key)
            )
            result = result_alone(answer)
            conflict = idempotency_conflict(answer)
            if conflict == "running":
                raise OutageError(unsettled_text(self._path))
            conflicts += conflict is not None
            if answer.sent_before or not answer.replayed:
                self._count(result)
            if conflicts > 1 or not self._needs_new_key(answer, result):
                break
        raise_if_forbidden(result, self._path, self._session.entity)
        return result

    def _needs_new_key(self, answer: Answer, result: Result) -> bool:
        """Return whether this answer is about an older attempt and settles nothing about the record.

        A stored failure, a key whose answer is no longer stored, and a stored success whose record is gone.
        """
        if idempotency_conflict(answer) == "expired":
            return True
        if not answer.replayed:
            return False
        if isinstance(result, SageError):
            return True
        return (
            not answer.sent_before and bool(result.key) and not existing_keys(self._session, self._path, {result.key})
        )


def unsettled_text(path: str) -> str:
    """Return what to say when an idempotency key stays taken."""
    return (
        f"Sage Intacct still works on an earlier attempt to create records of {path}, longer than any request may "
        "take, so whether they were created cannot be known yet. Nothing was sent twice; the next sync asks again."
    )

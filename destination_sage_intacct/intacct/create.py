"""Creates records, each once: in batches, and one by one where a batch settles nothing.

The server keeps the answer to a request under its Idempotency-Key for 48 hours and repeats it instead of working,
failures included (Sage REST guide, bulk requests). A batch has a key of its own, made of its records' keys.
"""

from collections.abc import Sequence
from functools import partial
from hashlib import sha256
from urllib.parse import quote

from destination_sage_intacct.intacct.access import FORBIDDEN, raise_if_forbidden
from destination_sage_intacct.intacct.batches import end_of_batch, in_batches, in_halves
from destination_sage_intacct.intacct.classify import Answer, idempotency_conflict, refusal_of_all
from destination_sage_intacct.intacct.errors import OutageError, SageError
from destination_sage_intacct.intacct.query import existing_keys
from destination_sage_intacct.intacct.records import (
    SERVER_ERRORS_FROM,
    NewRecord,
    Refused,
    Result,
    Written,
    count_written,
    holds_results,
    is_passing,
    result_alone,
    results_by_position,
)
from destination_sage_intacct.intacct.retries import Request
from destination_sage_intacct.intacct.session import ABOUT_THE_METHOD, Session

_MOST_NEW_KEYS = 50


def create(session: Session, path: str, records: Sequence[NewRecord]) -> list[Result]:
    """Create records; one result for each, in their order."""
    size = session.capabilities.size(path)
    return in_batches(
        records, lambda start: end_of_batch(records, start, size.records), partial(_create_some, session, path)
    )


def batch_key(keys: Sequence[str]) -> str:
    """Return the idempotency key of a batch, from its records' own keys in order."""
    return sha256("\n".join(keys).encode()).hexdigest()


def _create_some(session: Session, path: str, records: Sequence[NewRecord]) -> list[Result]:
    if len(records) == 1 or not session.capabilities.takes_arrays("POST", path):
        return [_create_one(session, path, record) for record in records]
    answer = session.send(
        Request(
            "POST",
            f"/objects/{quote(path)}",
            b"[" + b",".join([record.body for record in records]) + b"]",
            idempotency_key=batch_key([record.idempotency_key(0) for record in records]),
            is_whole=holds_results(len(records)),
            divisible=True,
        )
    )
    session.capabilities.learn_size(path, len(records), answer)
    results = results_by_position(answer, len(records))
    if isinstance(results, SageError):
        return _create_apart(session, path, records, answer, results)
    for result in results:
        raise_if_forbidden(result, path, session.entity)
    if answer.replayed:
        return _settle_replay(session, path, records, results, answer)
    session.account.add(transactions=count_written(results))
    return [
        _create_again(session, path, record, result) if is_passing(result) else result
        for record, result in zip(records, results, strict=True)
    ]


def _create_again(session: Session, path: str, record: NewRecord, result: Result) -> Result:
    """Send a record of a batch once more, alone, after the server failed at it.

    Raises:
        OutageError: it may have been created, and nothing would stop a second one.
    """
    if isinstance(result, Refused) and result.error.status >= SERVER_ERRORS_FROM and not record.is_unique:
        raise OutageError(
            f"Sage Intacct failed at a new record of {path} (HTTP {result.error.status}), so whether it was created is "
            "not known. Nothing was sent twice; the next sync looks for it first."
        )
    return _create_one(session, path, record)


def _create_apart(
    session: Session, path: str, records: Sequence[NewRecord], answer: Answer, error: SageError
) -> list[Result]:
    """Find what is wrong with a batch that was refused as a whole: nothing of it was written.

    Raises:
        OutageError: whether an earlier attempt at the batch was carried out is not known, and cannot be asked.
    """
    if error.status == FORBIDDEN:
        raise_if_forbidden(Refused(error), path, session.entity)
    conflict = idempotency_conflict(answer)
    if conflict == "running":
        raise OutageError(unsettled_text(path))
    is_cut_off = answer.replayed and refusal_of_all(answer) is None
    if is_cut_off and not all(record.is_unique for record in records):
        raise OutageError(_cut_off_text(path, len(records)))
    if conflict or error.status in ABOUT_THE_METHOD or is_cut_off:
        results = [_create_one(session, path, record) for record in records]
    else:
        results = in_halves(records, partial(_create_some, session, path))
    session.capabilities.learn_arrays("POST", path, error, results)
    return results


def _settle_replay(
    session: Session, path: str, records: Sequence[NewRecord], results: list[Result], answer: Answer
) -> list[Result]:
    """Believe a stored answer where it still holds; send the other records once more, under their own keys.

    An answer to a request of this process needs no proof. That of an earlier process names records that must still
    exist, and its failures may have passed since.
    """
    settled = list(results)
    again = [place for place, result in enumerate(results) if isinstance(result, Refused)]
    if not answer.sent_before:
        named = {result.key for result in results if isinstance(result, Written) and result.key}
        gone = named - existing_keys(session, path, named)
        again += [place for place, result in enumerate(results) if isinstance(result, Written) and result.key in gone]
    else:
        session.account.add(transactions=count_written(results))
    for place in again:
        settled[place] = _create_one(session, path, records[place])
    return settled


def _create_one(session: Session, path: str, record: NewRecord) -> Result:
    result: Result = Refused(SageError("no idempotency key was left to try", code="idempotency"))
    conflicts = 0
    for attempt in range(_MOST_NEW_KEYS):
        key = record.idempotency_key(attempt)
        answer = session.send(Request("POST", f"/objects/{quote(path)}", record.body, idempotency_key=key))
        result = result_alone(answer)
        conflict = idempotency_conflict(answer)
        if conflict == "running":
            raise OutageError(unsettled_text(path))
        conflicts += conflict is not None
        if isinstance(result, Written) and (answer.sent_before or not answer.replayed):
            session.account.add(transactions=1)
        if conflicts > 1 or not _needs_new_key(session, path, answer, result):
            break
    raise_if_forbidden(result, path, session.entity)
    return result


def _needs_new_key(session: Session, path: str, answer: Answer, result: Result) -> bool:
    """Return whether this answer speaks of an older attempt and settles nothing about the record.

    A stored failure, a key whose answer is no longer stored, and a stored success whose record is gone.
    """
    if idempotency_conflict(answer) == "expired":
        return True
    if not answer.replayed:
        return False
    if isinstance(result, Refused):
        return True
    return not answer.sent_before and bool(result.key) and not existing_keys(session, path, {result.key})


def unsettled_text(path: str) -> str:
    """Say that a key stayed taken."""
    return (
        f"Sage Intacct still works on an earlier attempt to create records of {path}, longer than any request may "
        "take, so whether they were created cannot be known yet. Nothing was sent twice; the next sync asks again."
    )


def _cut_off_text(path: str, count: int) -> str:
    """Say that a stored answer does not tell what became of each record."""
    return (
        f"Sage Intacct repeats an answer about {count} new records of {path} that does not hold {count} results, so "
        "which of them were created is not known. Nothing was sent twice; the next sync looks for them first."
    )

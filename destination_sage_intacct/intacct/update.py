"""Updates records by their record keys: in batches on the collection, and one by one where a batch is refused.

An update says what fields shall hold, so it may be repeated. But one that timed out may still be worked on when it is
repeated, and must not land after the next update of its record. So each carries an idempotency key: the server then
refuses the repeated one until the first has ended. The key is of this one request, never of its content: a value that
comes back (A, B, A within a day) would be answered from the server's memory.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from urllib.parse import quote
from uuid import uuid4

from destination_sage_intacct.intacct.access import FORBIDDEN, raise_if_forbidden
from destination_sage_intacct.intacct.batches import end_of_batch, in_batches, in_halves
from destination_sage_intacct.intacct.classify import TOO_MANY, Answer, idempotency_conflict
from destination_sage_intacct.intacct.errors import OutageError, SageError
from destination_sage_intacct.intacct.records import (
    ChangedRecord,
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

_METHOD_NOT_ALLOWED = 405
_MOST_TRIES = 3  # of an update that must not land twice, each after a look at its record


def update(session: Session, path: str, records: Sequence[ChangedRecord]) -> list[Result]:
    """Change the given fields of records; no record key twice; one result for each, in their order."""
    size = session.capabilities.size(path)
    return in_batches(
        records, lambda start: end_of_batch(records, start, size.records), partial(_update_some, session, path)
    )


def record_path(path: str, key: str) -> str:
    """Return where a record is."""
    return f"/objects/{quote(path)}/{quote(key, safe='')}"


def _update_some(session: Session, path: str, records: Sequence[ChangedRecord]) -> list[Result]:
    in_batches = session.capabilities.takes_arrays("PATCH", path) and not session.capabilities.updates_by_put(path)
    if len(records) == 1 or not in_batches:
        return [_update_one(session, path, record) for record in records]
    body = b"[" + b",".join([record.keyed for record in records]) + b"]"
    request = Request("PATCH", f"/objects/{quote(path)}", body, is_whole=holds_results(len(records)), divisible=True)
    answer = _send_alone(session, path, request)
    session.capabilities.learn_size(path, len(records), answer)
    results = results_by_position(answer, len(records))
    if isinstance(results, SageError):
        return _update_apart(session, path, records, answer, results)
    for result in results:
        raise_if_forbidden(result, path, session.entity)
    session.account.add(transactions=count_written(results))
    return [
        _update_again(session, path, record, result) if is_passing(result) else result
        for record, result in zip(records, results, strict=True)
    ]


def _update_apart(
    session: Session, path: str, records: Sequence[ChangedRecord], answer: Answer, error: SageError
) -> list[Result]:
    """Find what is wrong with a batch that was refused as a whole."""
    if error.status == FORBIDDEN:
        raise_if_forbidden(Refused(error), path, session.entity)
    if answer.replayed and any(record.again for record in records):
        return [_update_again(session, path, record, Refused(error)) for record in records]
    if error.status in ABOUT_THE_METHOD:
        results = [_update_one(session, path, record) for record in records]
    else:
        results = in_halves(records, partial(_update_some, session, path))
    if not session.capabilities.updates_by_put(path):
        session.capabilities.learn_arrays("PATCH", path, error, results)
    return results


def _update_again(session: Session, path: str, record: ChangedRecord, result: Result) -> Result:
    """Send a record of a batch once more, alone, or what is left of it where the server may have worked on it."""
    was_refused = isinstance(result, Refused) and result.error.status == TOO_MANY
    left = record if was_refused else _left(session, record)
    return _update_one(session, path, left) if isinstance(left, ChangedRecord) else left


def _left(session: Session, record: ChangedRecord) -> ChangedRecord | Result:
    """Return what is to be sent after an attempt that may have landed, or the result if nothing is."""
    left = record if record.again is None else record.again()
    session.account.add(transactions=int(isinstance(left, Written)))
    return left


def _update_one(session: Session, path: str, record: ChangedRecord) -> Result:
    """Change one record.

    Raises:
        OutageError: it must not land twice, and whether it will have landed is not known.
    """
    result: Result = Refused(SageError("not sent"))
    for _ in range(_MOST_TRIES):
        answer = _change_by_either(session, path, record)
        result = result_alone(answer)
        raise_if_forbidden(result, path, session.entity)
        if not _is_in_doubt(record, answer, result):
            session.account.add(transactions=int(isinstance(result, Written)))
            return result
        left = _left(session, record)
        if not isinstance(left, ChangedRecord):
            return left
        record = left
    if isinstance(result, Refused) and not answer.replayed and is_passing(result):
        raise OutageError(
            f"Sage Intacct did not answer {_MOST_TRIES} attempts to update a record of {path}: {result.error.message}. "
            "What the record holds was read each time; the next sync compares it again and sends what is missing."
        )
    return result


def _is_in_doubt(record: ChangedRecord, answer: Answer, result: Result) -> bool:
    """Return whether a record that must not land twice may have landed although nothing says so."""
    if record.again is None:
        return False
    if isinstance(result, Refused):
        return answer.sent_before or answer.replayed
    # A success that cannot be read; one that the server repeats by the idempotency key is no matter of doubt.
    return answer.sent_before and not answer.readable


def _change_by_either(session: Session, path: str, record: ChangedRecord) -> Answer:
    """Send one update by PATCH, or by PUT to a server that knows no other method."""
    method = "PUT" if session.capabilities.updates_by_put(path) else "PATCH"
    answer = _change(session, method, path, record)
    if answer.status == _METHOD_NOT_ALLOWED and method == "PATCH":
        replaced = _change(session, "PUT", path, record)
        if replaced.status != _METHOD_NOT_ALLOWED:
            session.capabilities.learn_put(path)
            return replaced
    return answer


def _change(session: Session, method: str, path: str, record: ChangedRecord) -> Answer:
    request = Request(method, record_path(path, record.key), record.body)
    if method == "PUT":  # only POST and PATCH know idempotency keys (Sage REST guide, bulk requests)
        return session.send(replace(request, once=record.again is not None))
    answer = _send_alone(session, path, request)
    if record.again is not None or not answer.replayed or answer.error is None:
        return answer
    # A stored failure speaks of an attempt that is over: one new one, then its answer stands.
    return _send_alone(session, path, request)


def _send_alone(session: Session, path: str, request: Request) -> Answer:
    """Send an update under a key of its own, so that no two attempts at it are ever worked on together.

    Raises:
        OutageError: an attempt is still worked on, and may land at any time.
    """
    answer = session.send(replace(request, idempotency_key=uuid4().hex))
    if idempotency_conflict(answer) == "running":
        raise OutageError(
            f"Sage Intacct still works on an earlier attempt to update records of {path}, longer than any request "
            "may take, so what they will hold cannot be known yet. The next sync sends these rows again."
        )
    return answer

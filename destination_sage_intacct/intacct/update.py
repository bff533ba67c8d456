"""Updates records by their record keys: in batches on the collection, and one by one where a batch is refused.

An update says what fields are to hold, so it may be repeated. But one that timed out may still be worked on when it is
repeated, and must not land after the next update of its record. So each carries an idempotency key: the server then
refuses the repeated one until the first has ended. The key is of this one request, never of its content: a value that
comes back (A, B, A within a day) would be answered from the server's memory.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from http import HTTPStatus
from uuid import uuid4

from destination_sage_intacct.intacct.address import address
from destination_sage_intacct.intacct.at_fault import Refused
from destination_sage_intacct.intacct.bulk import (
    ABOUT_THE_METHOD,
    ROOM_IN_AN_ARRAY,
    Bulk,
    ChangedRecord,
    Result,
    holds_changed,
    is_transient,
    refused_by,
    result_alone,
    split,
)
from destination_sage_intacct.intacct.classify import Answer, idempotency_conflict
from destination_sage_intacct.intacct.errors import NotTakenError, OutageError, SageError, raise_if_forbidden
from destination_sage_intacct.intacct.query import holds_records
from destination_sage_intacct.intacct.redaction import values_of
from destination_sage_intacct.intacct.session import Request

_MOST_TRIES = 3  # of an update that must not land twice, each after a look at its record


class BulkUpdate(Bulk[ChangedRecord]):
    """Updates records of one object."""

    method = "PATCH"

    def update(self, records: Sequence[ChangedRecord]) -> list[Result]:
        """Change the given fields of records; no record key twice; one result for each, in their order.

        Raises:
            OutageError: what a record holds is not known, or an update may still land.
            AccessError: the object or the entity as a whole is forbidden.
        """
        results: list[Result] = []
        for batch in split(records, self._size, ROOM_IN_AN_ARRAY, lambda record: record.size):
            results += self._settled_batch(batch)
        return results

    def send_group(self, records: Sequence[ChangedRecord]) -> list[Result] | Refused:
        """Change records in one request; one by one where the server takes no others, or a batch settles nothing."""
        takes_arrays = self._capabilities.takes_arrays("PATCH", self._path)
        if len(records) == 1 or not takes_arrays or self._capabilities.updates_by_put(self._path):
            return [self._update_one(record) for record in records]
        body = b"[" + b",".join([record.keyed for record in records]) + b"]"
        whole = holds_changed([record.key for record in records])
        try:
            answer = self._send_keyed(Request("PATCH", address(self._path), body, is_whole=whole, divisible=True))
        except NotTakenError as error:
            self._size.too_large(len(records))
            apart = [self._update_again(record, SageError(str(error), error.status)) for record in records]
            self._capabilities.learn_arrays("PATCH", self._path, error.status, apart)
            return apart
        self._size.learn(len(records), answer)
        results = self._results(answer, len(records))
        if isinstance(results, SageError):
            return self._apart(records, answer, results)
        self._count(*results)
        return [
            self._update_again(record, result) if is_transient(result) else result
            for record, result in zip(records, results, strict=True)
        ]

    def send_alone(self, record: ChangedRecord, *, again: bool = False) -> Result:
        """Change one record; `again`: what is left to change of it."""
        left = self._left(record) if again else record
        return self._update_one(left) if isinstance(left, ChangedRecord) else left

    def texts(self, record: ChangedRecord) -> Iterable[str]:
        """Return the values of an update, and its record key."""
        return {record.key, *values_of(record.body)}

    def learn_pair(self, status: int, results: Sequence[Result]) -> None:
        """Learn from two updates that were refused together and then written apart by the same method."""
        if not self._capabilities.updates_by_put(self._path):
            super().learn_pair(status, results)

    def _apart(self, records: Sequence[ChangedRecord], answer: Answer, error: SageError) -> list[Result] | Refused:
        """Send records one by one where their batch was refused for more than one at fault; else say that it was."""
        if answer.is_stored and any(record.again for record in records):
            return [self._update_again(record, error) for record in records]
        if error.status not in ABOUT_THE_METHOD:
            return refused_by(answer, error)
        results = [self._update_one(record) for record in records]
        if not self._capabilities.updates_by_put(self._path):
            self._capabilities.learn_arrays("PATCH", self._path, error.status, results)
        return results

    def _update_again(self, record: ChangedRecord, result: Result) -> Result:
        """Send a record of a batch once more, alone, or what is left of it where the server may have worked on it."""
        was_refused = isinstance(result, SageError) and result.status == HTTPStatus.TOO_MANY_REQUESTS
        left = record if was_refused else self._left(record)
        return self._update_one(left) if isinstance(left, ChangedRecord) else left

    def _left(self, record: ChangedRecord) -> ChangedRecord | Result:
        """Return what is to be sent after an attempt that may have landed, or the result if nothing is."""
        left = record if record.again is None else record.again()
        if not isinstance(left, ChangedRecord):
            self._count(left)
        return left

    def _update_one(self, record: ChangedRecord) -> Result:
        """Change one record.

        Raises:
            OutageError: it must not land twice, and whether it will have landed is not known.
        """
        result: Result = SageError("not sent")
        for _ in range(_MOST_TRIES):
            answer = self._change_by_either(record)
            self._size.learn(1, answer)
            result = result_alone(answer, holds_changed([record.key]))
            raise_if_forbidden(result, self._path, self._session.entity)
            if not _is_in_doubt(record, answer, result):
                self._count(result)
                return result
            left = self._left(record)
            if not isinstance(left, ChangedRecord):
                return left
            record = left
        if isinstance(result, SageError) and result.is_transient and not answer.is_stored:
            raise OutageError(
                f"Sage Intacct did not answer {_MOST_TRIES} attempts to update a record of {self._path}: "
                f"{result.message}. What the record holds was read each time; the next sync compares it again and "
                "sends what is missing."
            )
        return result

    def _change_by_either(self, record: ChangedRecord) -> Answer:
        """Send one update by PATCH, or by PUT to a server that knows no other method.

        Sage documents no PUT, so one may replace the record: it is sent with all that the record holds.
        """
        is_known = self._capabilities.updates_by_put(self._path)
        answer = Answer(HTTPStatus.METHOD_NOT_ALLOWED) if is_known else self._change("PATCH", record)
        if answer.status != HTTPStatus.METHOD_NOT_ALLOWED:
            return answer
        whole = self._in_whole(record)
        if isinstance(whole, Answer):
            return whole
        replaced = self._change("PUT", whole)
        if not is_known and replaced.status == HTTPStatus.METHOD_NOT_ALLOWED:
            return answer
        self._capabilities.learn_put(self._path)
        return replaced

    def _in_whole(self, record: ChangedRecord) -> ChangedRecord | Answer:
        """Return an update with all else that its record holds, or the refusal to read it."""
        if record.in_whole is None:
            return record
        read = self._session.send(
            Request("GET", address(self._path, [record.key]), is_whole=holds_records([record.key]))
        )
        if read.error is not None:
            return read
        self._session.traffic.add(transactions=1)
        result = read.payload["ia::result"]
        return replace(record, body=record.in_whole(result[0] if isinstance(result, list) else result))

    def _change(self, method: str, record: ChangedRecord) -> Answer:
        at = address(self._path, [record.key])
        request = Request(method, at, record.body, is_whole=holds_changed([record.key]))
        if method == "PUT":  # only POST and PATCH know idempotency keys (Sage REST guide, bulk requests)
            return self._session.send(replace(request, once=record.again is not None))
        answer = self._send_keyed(request)
        if record.again is not None or not answer.is_stored or answer.error is None:
            return answer
        # A stored failure is about an attempt that is over: one new one, then its answer is final.
        return self._send_keyed(request)

    def _send_keyed(self, request: Request) -> Answer:
        """Send an update under its own key, so that the server never works on two attempts at once.

        Raises:
            OutageError: an attempt is still worked on, and may land at any time.
        """
        answer = self._session.send(replace(request, idempotency_key=uuid4().hex, key_is_new=True))
        conflict = idempotency_conflict(answer)
        # Under a key that was just made up, only an attempt that was sent before can be in the way.
        if conflict == "running" or (conflict == "unnamed" and answer.sent_before):
            raise OutageError(
                f"Sage Intacct is still working on an earlier attempt to update records of {self._path}, for longer "
                "than any request may take, so it is not known yet what they will hold. The next sync sends these rows "
                "again."
            )
        return answer


def _is_in_doubt(record: ChangedRecord, answer: Answer, result: Result) -> bool:
    """Return whether a record that must not land twice may have landed although nothing says so."""
    return record.again is not None and isinstance(result, SageError) and (answer.sent_before or answer.is_stored)

"""Deletes records by their record keys, many in a request; a record that is gone already counts as deleted."""

from collections.abc import Sequence
from functools import partial
from urllib.parse import quote

from destination_sage_intacct.intacct.access import FORBIDDEN, raise_if_forbidden
from destination_sage_intacct.intacct.batches import in_batches, in_halves
from destination_sage_intacct.intacct.errors import SageError
from destination_sage_intacct.intacct.records import (
    Refused,
    Result,
    Written,
    count_written,
    holds_results,
    is_passing,
    results_by_position,
)
from destination_sage_intacct.intacct.retries import Request
from destination_sage_intacct.intacct.session import Session

_NO_CONTENT = 204
_NOT_FOUND = 404
_LONGEST_ADDRESS = 6_000  # many servers and proxies refuse addresses beyond 8 kB


def delete(session: Session, path: str, keys: Sequence[str]) -> list[Result]:
    """Delete records; no record key twice; one result for each, in their order."""
    size = session.capabilities.size(path)
    return in_batches(keys, lambda start: _end(keys, start, size.records), partial(_delete_some, session, path))


def _end(keys: Sequence[str], start: int, most: int) -> int:
    room = _LONGEST_ADDRESS
    end = start
    for key in keys[start : start + most]:
        room -= len(key) + 1
        if room < 0 and end > start:
            break
        end += 1
    return end


def _delete_some(session: Session, path: str, keys: Sequence[str]) -> list[Result]:
    address = f"/objects/{quote(path)}/{','.join(quote(key, safe='') for key in keys)}"
    whole = holds_results(len(keys))
    answer = session.send(
        Request("DELETE", address, is_whole=lambda payload: payload is None or whole(payload), divisible=len(keys) > 1)
    )
    if answer.status == _NO_CONTENT or (answer.error is None and answer.payload is None):
        session.account.add(transactions=len(keys))
        return [Written(key) for key in keys]
    results: list[Result] | SageError = results_by_position(answer, len(keys))
    if isinstance(results, SageError):
        refusal = Refused(results)
        if results.status == FORBIDDEN:
            raise_if_forbidden(refusal, path, session.entity)
        if len(keys) > 1:
            return in_halves(keys, partial(_delete_some, session, path))
        results = [refusal]
    for result in results:
        raise_if_forbidden(result, path, session.entity)
    # Partial answers name no keys, so records are told by their place (Sage REST guide, bulk requests).
    session.account.add(transactions=count_written(results))
    return [_settled(session, path, key, result, len(keys)) for key, result in zip(keys, results, strict=True)]


def _settled(session: Session, path: str, key: str, result: Result, together: int) -> Result:
    # A record key is a number (every example of Sage's), so nothing was ever held under any other text.
    if isinstance(result, Refused) and result.error.status == _NOT_FOUND and key.isdecimal():
        return Written(key)
    if together > 1 and is_passing(result):
        (result,) = _delete_some(session, path, [key])
    return Written(key) if isinstance(result, Written) else result

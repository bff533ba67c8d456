"""Reads whole records by their record keys."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from destination_sage_intacct.intacct.errors import SageError
from destination_sage_intacct.intacct.server import Server
from destination_sage_intacct.intacct.transport import Request

_MOST_KEYS = 50  # so that the address stays short
_NOT_FOUND = 404


def read(server: Server, path: str, keys: Sequence[str]) -> dict[str, Mapping[str, Any]] | SageError:
    """Return whole records by their record keys, lines included; those that do not exist are left out."""
    found: dict[str, Mapping[str, Any]] = {}
    for start in range(0, len(keys), _MOST_KEYS):
        some = keys[start : start + _MOST_KEYS]
        records = _read_some(server, path, some)
        if isinstance(records, SageError) and records.status == _NOT_FOUND and len(some) > 1:
            # One that is missing must not hide the others.
            records = _read_each(server, path, some)
        if isinstance(records, SageError):
            if records.status != _NOT_FOUND:
                return records
            continue
        found |= {str(record.get("key")): record for record in records}
    return found


def _read_each(server: Server, path: str, keys: Sequence[str]) -> list[Mapping[str, Any]] | SageError:
    found: list[Mapping[str, Any]] = []
    for key in keys:
        records = _read_some(server, path, [key])
        if not isinstance(records, SageError):
            found += records
        elif records.status != _NOT_FOUND:
            return records
    return found


def _read_some(server: Server, path: str, keys: Sequence[str]) -> list[Mapping[str, Any]] | SageError:
    address = f"/objects/{quote(path)}/{','.join(quote(key, safe='') for key in keys)}"
    answer = server.send(Request("GET", address, is_whole=_holds(len(keys))))
    if answer.error is not None:
        return answer.error
    server.account.add(transactions=1)
    result = answer.payload["ia::result"]
    return result if isinstance(result, list) else [result]


def _holds(count: int) -> Callable[[Any], bool]:
    """Return the test whether a payload holds so many records."""

    def test(payload: Any) -> bool:  # noqa: ANN401 - whatever the server sent
        result = payload.get("ia::result") if isinstance(payload, Mapping) else None
        records = result if isinstance(result, list) else [result]
        return len(records) == count and all(isinstance(record, Mapping) for record in records)

    return test

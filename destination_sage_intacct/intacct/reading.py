"""Reads whole records by their record keys: what is wrong with one of them says nothing about the others."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any
from urllib.parse import quote

from destination_sage_intacct.intacct.access import FORBIDDEN, raise_if_forbidden
from destination_sage_intacct.intacct.batches import in_batches, in_halves
from destination_sage_intacct.intacct.errors import SageError, parse_error
from destination_sage_intacct.intacct.records import Refused, is_passing
from destination_sage_intacct.intacct.server import Server
from destination_sage_intacct.intacct.transport import Request
from destination_sage_intacct.intacct.verdict import Answer

# A whole record, or why there is none: with status 404 it does not exist.
Read = Mapping[str, Any] | SageError

_MOST_KEYS = 50  # so that the address stays short


def read(server: Server, path: str, keys: Sequence[str]) -> dict[str, Read]:
    """Return for each record key the whole record, lines included, or why it cannot be read (404: not there).

    Raises:
        AccessError: the object or the entity as a whole is forbidden.
    """
    found = in_batches(keys, lambda start: start + _MOST_KEYS, partial(_read_some, server, path))
    return dict(zip(keys, found, strict=True))


def _read_some(server: Server, path: str, keys: Sequence[str]) -> list[Read]:
    address = f"/objects/{quote(path)}/{','.join(quote(key, safe='') for key in keys)}"
    answer = server.send(Request("GET", address, is_whole=_holds(len(keys))))
    entries = _entries(answer)
    if isinstance(entries, SageError):
        if entries.status == FORBIDDEN:
            raise_if_forbidden(Refused(entries), path, server.entity)
        return [entries] if len(keys) == 1 else in_halves(keys, partial(_read_some, server, path))
    server.account.add(transactions=1)
    told = _told(keys, entries, answer.status)
    if len(keys) == 1:
        return [told.get(keys[0]) or SageError("the answer holds another record", answer.status)]
    return [_settled(server, path, key, told.get(key)) for key in keys]


def _settled(server: Server, path: str, key: str, found: Read | None) -> Read:
    """Read a record by itself once more where the answer says nothing about it, or that it cannot be had just now."""
    if found is None or (isinstance(found, SageError) and is_passing(Refused(found))):
        (found,) = _read_some(server, path, [key])
    return found


def _entries(answer: Answer) -> list[Mapping[str, Any]] | SageError:
    """Return what is told of each record; the error where they were refused as a whole."""
    result = answer.payload.get("ia::result") if isinstance(answer.payload, Mapping) else None
    if isinstance(result, list) and len(result) > 1:
        return [entry if isinstance(entry, Mapping) else {} for entry in result]
    if answer.error is not None:
        return answer.error
    return result if isinstance(result, list) else [result]  # type: ignore[list-item] # `_holds` has seen it


def _told(keys: Sequence[str], entries: Sequence[Mapping[str, Any]], status: int) -> dict[str, Read]:
    """Tell what each entry says of which record: that which it names, else the one asked for in its place.

    An entry with an error may name no key (Sage REST guide, bulk requests). A list of another length has no places.
    """
    told: dict[str, Read] = {}
    nameless: dict[str, Read] = {}
    for place, entry in enumerate(entries):
        is_error = "ia::error" in entry or "ia::status" in entry
        found: Read = (parse_error({"ia::result": entry}, status) if is_error else None) or entry
        named = entry.get("key")
        if named is not None:
            told[str(named)] = found
        elif found and len(entries) == len(keys):
            nameless[keys[place]] = found
    return nameless | told


def _holds(count: int) -> Callable[[Any], bool]:
    """Return the test whether a payload holds so many records; of several some may be left out."""

    def test(payload: Any) -> bool:  # noqa: ANN401 - whatever the server sent
        result = payload.get("ia::result") if isinstance(payload, Mapping) else None
        records = result if isinstance(result, list) else [result]
        return 0 < len(records) <= count and all(isinstance(record, Mapping) for record in records)

    return test

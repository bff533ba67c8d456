"""Create, update, query, model: many records in, one result per record out."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

from destination_sage_intacct import exact_json
from destination_sage_intacct.intacct.errors import AccessError, SageError
from destination_sage_intacct.intacct.transport import Request, Transport
from destination_sage_intacct.intacct.verdict import Answer, idempotency_conflict

_FORBIDDEN = 403
_NOT_FOUND = 404
_METHOD_NOT_ALLOWED = 405
_MOST_NEW_KEYS = 50


@dataclass(frozen=True, slots=True)
class Written:
    """A record that was created or updated; `key` is empty where the server did not tell it."""

    key: str = ""
    replayed: bool = False


@dataclass(frozen=True, slots=True)
class Refused:
    """A record that Sage Intacct did not take."""

    error: SageError


Result = Written | Refused


@dataclass(frozen=True, slots=True)
class NewRecord:
    """A record to create: its encoded body, and the idempotency keys to try in turn, the row's own one first."""

    body: bytes = field(repr=False)
    idempotency_keys: Iterable[str]


@dataclass(frozen=True, slots=True)
class ChangedRecord:
    """A record to update: its record key and the encoded body with the fields to change."""

    key: str
    body: bytes = field(repr=False)


class IntacctClient:
    """The Sage Intacct REST API, by object path such as `accounts-receivable/customer`.

    Every method may raise what `Transport.send` raises, and AccessError where the object or the entity as a
    whole is forbidden.

    Args:
        transport: sends.
        entity: the entity of every request, empty for the top level.
        notice: told once of what a person should know about this server.
    """

    def __init__(
        self, transport: Transport, entity: str = "", notice: Callable[[str], None] = lambda _text: None
    ) -> None:
        self._transport = transport
        self._entity = entity
        self._notice = notice
        self._replacing: set[str] = set()

    @property
    def requests(self) -> int:
        """Return how many requests were sent so far."""
        return self._transport.traffic.requests

    def create(self, path: str, records: Sequence[NewRecord]) -> list[Result]:
        """Create records; one result for each, in their order."""
        return [self._create(path, record) for record in records]

    def update(self, path: str, records: Sequence[ChangedRecord]) -> list[Result]:
        """Change the given fields of records; one result for each, in their order."""
        return [self._update(path, record) for record in records]

    def list_page(self, path: str) -> SageError | None:
        """Read the first page of an object's collection; the error if the server refuses."""
        return self._transport.send(Request("GET", f"/objects/{quote(path)}", entity=self._entity)).error

    def model(self, path: str) -> Mapping[str, Any] | SageError:
        """Ask the model service for an object's fields."""
        parameters = "?" + urlencode({"name": path})
        answer = self._transport.send(
            Request("GET", "/services/core/model", entity=self._entity, parameters=parameters)
        )
        if answer.error is not None or not isinstance(answer.payload, Mapping):
            return answer.error or SageError("the model service gave no answer", answer.status)
        return answer.payload

    def find_ids(self, path: str, record_id: str) -> list[str] | SageError:
        """Return the record keys of the records that carry this visible id, asked at the top level."""
        query = {"object": path, "fields": ["key", "id"], "filters": [{"$eq": {"id": record_id}}]}
        answer = self._transport.send(Request("POST", "/services/core/query", exact_json.encode(query)))
        result = answer.payload.get("ia::result") if isinstance(answer.payload, Mapping) else None
        if answer.error is not None or not isinstance(result, list):
            return answer.error or SageError("the query service gave no list", answer.status)
        return [str(row.get("key")) for row in result if isinstance(row, Mapping)]

    def _create(self, path: str, record: NewRecord) -> Result:
        result: Result = Refused(SageError("no idempotency key was left to try", code="idempotency"))
        conflicts = 0
        for key in _at_most(record.idempotency_keys, _MOST_NEW_KEYS):
            answer = self._transport.send(Request("POST", f"/objects/{quote(path)}", record.body, self._entity, key))
            result = _result(answer)
            conflicts += idempotency_conflict(answer) is not None
            if conflicts > 1 or not self._needs_new_key(path, answer, result):
                break
        _raise_if_forbidden(result, path, self._entity)
        return result

    def _needs_new_key(self, path: str, answer: Answer, result: Result) -> bool:
        """Tell whether this answer speaks of an older attempt and settles nothing about the record.

        A stored failure, a key whose answer is no longer stored, and a stored success whose record is gone.
        """
        if idempotency_conflict(answer) in {"expired", "running"}:
            return True
        if not answer.replayed:
            return False
        if isinstance(result, Refused):
            return True
        return answer.sends == 1 and bool(result.key) and not self._exists(path, result.key)

    def _exists(self, path: str, key: str) -> bool:
        answer = self._transport.send(Request("GET", _record_path(path, key), entity=self._entity))
        return answer.status != _NOT_FOUND

    def _update(self, path: str, record: ChangedRecord) -> Result:
        method = "PUT" if path in self._replacing else "PATCH"
        answer = self._change(method, path, record)
        if answer.status == _METHOD_NOT_ALLOWED and method == "PATCH":
            replaced = self._change("PUT", path, record)
            if replaced.status != _METHOD_NOT_ALLOWED:
                self._replacing.add(path)
                self._notice(f"This server updates {path} by PUT, not by PATCH; updates go by PUT from here on.")
                answer = replaced
        result = _result(answer)
        _raise_if_forbidden(result, path, self._entity)
        return result

    def _change(self, method: str, path: str, record: ChangedRecord) -> Answer:
        return self._transport.send(Request(method, _record_path(path, record.key), record.body, self._entity))


def _record_path(path: str, key: str) -> str:
    return f"/objects/{quote(path)}/{quote(key, safe='')}"


def _result(answer: Answer) -> Result:
    """Read the result of a write of one record, sent alone."""
    error = answer.error
    payload = answer.payload
    result = payload.get("ia::result") if isinstance(payload, Mapping) else None
    if error is not None:
        return Refused(error)
    if isinstance(result, list) and len(result) == 1:
        result = result[0]
    key = result.get("key") if isinstance(result, Mapping) else None
    return Written("" if key is None else str(key), answer.replayed)


def _raise_if_forbidden(result: Result, path: str, entity: str) -> None:
    """Stop where the object or the entity is closed as a whole: every further row would fail alike."""
    if isinstance(result, Refused) and result.error.status == _FORBIDDEN and not _is_about_one_record(result.error):
        raise AccessError(access_text(path, entity, result.error))


def _is_about_one_record(error: SageError) -> bool:
    return bool(error.field) or "record" in error.message.lower()


def access_text(path: str, entity: str, error: SageError) -> str:
    """Say who must permit what after a 403."""
    said = f"Sage Intacct says: {error.message.rstrip('.')} [{error.error_id or error.code or 'HTTP 403'}]."
    if entity and "entity" in error.searchable:
        return (
            f"Access to entity {entity} is denied (403). {said} Assign the user to the entity under Company > Admin "
            "> Users > User entities in Sage Intacct, and check `entity_id`."
        )
    return (
        f"Access to {path} is denied (403). {said} Give the Web Services user and the app permission to list, add "
        "and edit this object, and check that its application is subscribed."
    )


def _at_most(keys: Iterable[str], count: int) -> Iterator[str]:
    yield from (key for key, _ in zip(keys, range(count), strict=False))

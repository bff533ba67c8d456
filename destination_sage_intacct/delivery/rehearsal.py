"""A dry run's client: it answers writes as Sage Intacct would, from what queries return, and sends no write."""

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from http import HTTPStatus
from typing import Any

from destination_sage_intacct import exact_json
from destination_sage_intacct.delivery.rehearsed_company import RehearsedCompany, SageRecord
from destination_sage_intacct.intacct.bulk import ChangedRecord, NewRecord, Result, Written
from destination_sage_intacct.intacct.client import IntacctClient
from destination_sage_intacct.intacct.errors import AccessError, SageError, access_text, is_about_entity
from destination_sage_intacct.intacct.model import CUSTOM_OBJECTS
from destination_sage_intacct.intacct.query import Query, Read
from destination_sage_intacct.intacct.session import Traffic
from destination_sage_intacct.plan.stream_plan import StreamPlan
from destination_sage_intacct.rows.references import Reference, references

CANNOT_FORESEE = (
    "A dry run cannot foresee what only Sage Intacct decides when a record is written (smart rules and its other "
    "business rules, approvals, closed periods), which of two streams that are about the same records comes first, "
    "what the user may not see, and what others change meanwhile."
)

_LOCATION, _ENTITY = "company-config/location", "company-config/entity"
_TITLES = {"general-ledger/account": "GL Account"}  # others are named as their paths are

Named = Iterable[tuple[str, str]]
"""Values of `key` or `id`, each with which of the two it is."""


class Forecast:
    """By how much the API transactions of a real run differ from those of its dry run; safe from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._difference = 0

    def add(self, transactions: int) -> None:
        """Count what only the real run costs, or, as a negative number, what only the dry run does."""
        with self._lock:
            self._difference += transactions

    def of_real_run(self, transactions: int) -> int:
        """Return what the real run costs, from the API transactions that its dry run has cost."""
        return transactions + self._difference


class Rehearsal:
    """Takes the place of the client of one stream in one entity; safe from any thread.

    The outcome of a write follows from whether the records exist that it changes and names, and from the ids that are
    taken. What cannot be queried is not checked, which is reported once. Raises as the client does.

    Args:
        client: asks, in the entity, counting on the stream's account.
        plan: of the stream.
        company: what this dry run would have written, of all streams.
        forecast: of the stream's cost.
        entity: that the client asks in, empty for the top level.
    """

    def __init__(
        self, client: IntacctClient, plan: StreamPlan, company: RehearsedCompany, forecast: Forecast, entity: str
    ) -> None:
        self._client = client
        self._plan = plan
        self._company = company
        self._forecast = forecast
        self._entity = entity

    @property
    def is_at_the_top(self) -> bool:
        """Return what the client does."""
        return self._client.is_at_the_top

    def batch_size(self, path: str) -> int:
        """Return what the client does."""
        return self._client.batch_size(path)

    def in_entity(self, entity: str) -> "Rehearsal":
        """Return this rehearsal in another entity."""
        return Rehearsal(self._client.in_entity(entity), self._plan, self._company, self._forecast, entity)

    # -- questions that the real run asks, too -------------------------------------------------------------------------

    def find(self, query: Query, *, takes_failure: bool = False) -> list[SageRecord] | SageError:
        """Return what the client would find after the writes so far."""
        return self._find(self._client, query, takes_failure=takes_failure)

    def read(self, path: str, keys: Sequence[str]) -> dict[str, Read]:
        """Return each record as it would be after the writes so far."""
        company = self._company
        held = [key for key in keys if not company.is_new(path, key) and not company.is_deleted(path, key)]
        found = self._client.read(path, held) if held else {}
        for key in keys:
            own = found.get(key, {"key": key})
            if company.is_deleted(path, key):
                found[key] = _not_found(path, key)
            elif not isinstance(own, SageError):
                found[key] = company.whole(path, key, own)
        return found

    # -- writes --------------------------------------------------------------------------------------------------------

    def create(self, path: str, records: Sequence[NewRecord]) -> list[Result]:
        """Return the results that new records would have, in their order."""
        bodies = [exact_json.decode(record.body) for record in records]
        self._ask_about_references(bodies)
        self.in_entity("").ask(path, (("id", record.unique_id) for record in records if record.unique_id))
        return [self._create(path, record, body) for record, body in zip(records, bodies, strict=True)]

    def update(self, path: str, records: Sequence[ChangedRecord]) -> list[Result]:
        """Return the results that changes would have, in their order."""
        bodies = [exact_json.decode(record.body) for record in records]
        self.ask(path, (("key", record.key) for record in records))
        self._ask_about_references(bodies)
        return [self._update(path, record, body) for record, body in zip(records, bodies, strict=True)]

    def delete(self, path: str, keys: Sequence[str]) -> list[Result]:
        """Return the results that deletions would have, in their order; a missing record counts as deleted."""
        self.ask(path, (("key", key) for key in keys))
        return [self._delete(path, key) for key in keys]

    def _create(self, path: str, record: NewRecord, body: Mapping[str, Any]) -> Result:
        idempotency_key = record.idempotency_key(0)
        known = self._company.created_for(idempotency_key)
        if known is not None:
            return self._written(known, replayed=True)
        if record.unique_id and self.in_entity("").exists(path, "id", record.unique_id):
            return _taken(record)
        missing = self._missing(body)
        if missing is not None:
            return _invalid(missing, record.body)
        key = self._company.create(path, body, len(record.body), self._entity, idempotency_key)
        return self._written(key)

    def _update(self, path: str, record: ChangedRecord, body: Mapping[str, Any]) -> Result:
        if self.exists(path, "key", record.key) is False:
            return _not_found(path, record.key)
        missing = self._missing(body)
        if missing is not None:
            return _invalid(missing, record.body)
        self._company.update(path, record.key, body, len(record.body))
        return self._written(record.key)

    def _delete(self, path: str, key: str) -> Result:
        if self.exists(path, "key", key) is False:
            return Written(key) if key.isdecimal() else _not_found(path, key)
        self._company.delete(path, key)
        return self._written(key)

    def _written(self, key: str, *, replayed: bool = False) -> Written:
        self._forecast.add(1)
        return Written(key, replayed)

    # -- what exists ---------------------------------------------------------------------------------------------------

    def exists(self, path: str, field: str, value: str) -> bool | None:
        """Return whether a record has this `key` or `id`; None where `ask` was not answered."""
        company = self._company
        if field == "key" and (company.is_new(path, value) or company.is_deleted(path, value)):
            return company.is_new(path, value)
        if field == "key" and not value.isdecimal() and not path.startswith(CUSTOM_OBJECTS):
            return False  # every record key is a number, and a query for another text fails as a whole
        if company.keys_of_new(path, field, value, self._entity):
            return True
        return company.answer(self._entity, path, field, value)

    def ask(self, path: str, named: Named) -> None:
        """Ask with one query which of these records exist, of those not known yet."""
        unknown: dict[str, dict[str, None]] = {}
        for field, value in named:
            if self.exists(path, field, value) is None:
                unknown.setdefault(field, {})[value] = None
        if not unknown or self._company.is_closed(self._entity, path):
            return
        filters = [{"$in": {field: list(values)}} for field, values in unknown.items()]
        expression = " or ".join(str(number) for number in range(1, len(filters) + 1)) if len(filters) > 1 else None
        query = Query(
            path,
            ["key", *(field for field in unknown if field != "key")],
            filters,
            expression,
            includes_private=self.is_at_the_top,
        )
        found = self._find_aside(query)
        if isinstance(found, SageError):
            if found.status == HTTPStatus.FORBIDDEN and is_about_entity(self._entity, found):
                raise AccessError(access_text(path, self._entity, found))
            self._company.close(self._entity, path, _not_checked(path, found))
            return
        for field, values in unknown.items():
            holders = {str(record.get(field)): str(record.get("key")) for record in found}
            for value in values:
                self._company.remember_answer(self._entity, path, field, value, holders.get(value, ""))

    def _ask_about_references(self, bodies: Iterable[Mapping[str, Any]]) -> None:
        named: dict[str, list[tuple[str, str]]] = {}
        for body in bodies:
            for each in self._references(body):
                named.setdefault(each.target, []).append((each.member, each.value))
        for path, values in named.items():
            self.ask(path, values)
        if _LOCATION in named:
            # An entity's id may be given for a location (fyle-intacct-api, journal entries between entities).
            left = [(field, value) for field, value in named[_LOCATION] if not self.exists(_LOCATION, field, value)]
            self.ask(_ENTITY, [(field, value) for field, value in left if field == "id"])

    def _missing(self, body: Mapping[str, Any]) -> Reference | None:
        """Return the first reference that names no record."""
        return next((each for each in self._references(body) if self._is_missing(each)), None)

    def _is_missing(self, each: Reference) -> bool:
        if self.exists(each.target, each.member, each.value) is not False:
            return False
        is_entity = each.target == _LOCATION and each.member == "id" and self.exists(_ENTITY, "id", each.value)
        return is_entity is False

    def _references(self, body: Mapping[str, Any]) -> Iterable[Reference]:
        return references(body, self._plan.model, self._plan.line_model)

    def _find_aside(self, query: Query) -> list[SageRecord] | SageError:
        """Send a query that a real run does not: it counts for the stream, but not for the real run."""
        own, traffic = Traffic(), self._client.traffic
        try:
            return self._find(self._client.with_traffic(own), query, takes_failure=True)
        finally:
            self._forecast.add(-own.transactions)
            traffic.add(
                requests=own.requests,
                retries=own.retries,
                transactions=own.transactions,
                waited_seconds=own.waited_seconds,
            )
            traffic.saw_in_flight(own.most_in_flight)

    def _find(self, client: IntacctClient, query: Query, *, takes_failure: bool) -> list[SageRecord] | SageError:
        found = client.find(query, takes_failure=takes_failure)
        if isinstance(found, SageError):
            return found
        shown = self._company.as_it_would_be(query, found, self._entity)
        self._remember(query, found)
        return shown

    def _remember(self, query: Query, found: Iterable[SageRecord]) -> None:
        """Remember which records exist, and which of those that a query asked for by `key` or `id` do not."""
        holders: dict[str, dict[str, str]] = {"key": {}, "id": {}}
        for record in found:
            for field, own in holders.items():
                if record.get(field) is not None:
                    own[str(record[field])] = str(record.get("key"))
        asked = dict(query.filters[0].get("$in", {})) if len(query.filters) == 1 else {}
        for field, own in holders.items():
            if field == "key" or self.is_at_the_top:
                values = dict.fromkeys([*map(str, asked.get(field, ())), *own])
                for value in values:
                    self._company.remember_answer(self._entity, query.path, field, value, own.get(value, ""))


Records = IntacctClient | Rehearsal
"""What queries and writes records, or foresees the results."""


def rehearsed(plans: Iterable[StreamPlan], warn: Callable[[str], None]) -> RehearsedCompany:
    """Return the company of a dry run, before its first row."""
    found_by: dict[str, set[str]] = {}
    for plan in plans:
        found_by.setdefault(plan.object.path, set()).update(plan.natural_key)
    return RehearsedCompany(found_by, warn)


def _not_found(path: str, key: str) -> SageError:
    return SageError(f"{path} with key {key} was not found", HTTPStatus.NOT_FOUND, "notFound", foreseen=True)


def _taken(record: NewRecord) -> SageError:
    return SageError(
        f"Another record with the value '{record.unique_id}' already exists",
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "operationFailed",
        "REST-7001",
        sent=record.body,
        foreseen=True,
    )


def _invalid(reference: Reference, sent: bytes) -> SageError:
    name = reference.target.rpartition("/")[2].replace("-", " ").title()
    return SageError(
        f"Invalid {_TITLES.get(reference.target, name)} '{reference.value}' specified.",
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "invalidConfiguration",
        "REST-7001",
        field=reference.field,
        sent=sent,
        foreseen=True,
    )


def _not_checked(path: str, error: SageError) -> str:
    return (
        f"This dry run does not check whether the records of {path} that rows name exist, because they cannot be "
        f"queried. {error.said}"
    )

"""Finds the records that rows are about: in the cache of what this sync has written, else by a query for many rows."""

import re
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any

from destination_sage_intacct import exact_json
from destination_sage_intacct.delivery.actions import Find, SageRecord, Update
from destination_sage_intacct.delivery.rehearsal import Records
from destination_sage_intacct.intacct.errors import (
    AccessError,
    ConfigurationError,
    OutageError,
    SageError,
    access_text,
    is_about_entity,
)
from destination_sage_intacct.intacct.query import Query, TooManyRecordsError
from destination_sage_intacct.plan.stream_plan import StreamPlan
from destination_sage_intacct.rows.comparison import comparable_paths, holds
from destination_sage_intacct.rows.matching import (
    LookAlike,
    NaturalKey,
    another_key,
    assign,
    escaped,
    exactly,
    filters,
    filters_by_field,
    look_alikes,
    may_have_look_alikes,
    trimmed,
)
from destination_sage_intacct.rows.paths import pick

Filters = Sequence[Mapping[str, Any]]
Found = list[SageRecord] | SageError

_HOME = "entity.id"
# How many more records than keys a query may find before it counts as one that finds others' records.
_MOST_FOR_A_KEY, _MOST_FOR_FEW = 4, 100
# The field cannot be queried, is not valid, crosses an array (recorded live).
_ABOUT_A_FIELD = frozenset({"REST-1106", "REST-1043", "REST-1107"})


@dataclass(frozen=True, slots=True)
class CachedRecord:
    """A record as this sync left it; natural key, digest and entity are those of the row that wrote it last.

    Rows whose natural keys differ only by case or blanks may be about two records or about one; only the server knows.
    Nor does a write in one entity show what a row of another entity would find. `home` as in `Write`.
    """

    key: str
    natural_key: NaturalKey
    digest: bytes
    entity: str = ""
    home: str = ""


class RecordCache:
    """The records that this sync has written, a fixed number, least recently used ones forgotten. Thread-safe.

    Args:
        capacity: how many records are remembered.
    """

    def __init__(self, capacity: int = 20_000) -> None:
        self._capacity = capacity
        self._records: OrderedDict[Hashable, CachedRecord] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, identity: Hashable) -> CachedRecord | None:
        """Return the record of this identity; None if it was not written in this sync, or is forgotten."""
        with self._lock:
            record = self._records.get(identity)
            if record is not None:
                self._records.move_to_end(identity)
            return record

    def put(self, identity: Hashable, record: CachedRecord) -> None:
        """Remember a record in place of what was known under this identity."""
        with self._lock:
            self._records[identity] = record
            self._records.move_to_end(identity)
            if len(self._records) > self._capacity:
                self._records.popitem(last=False)

    def forget(self, identity: Hashable) -> None:
        """Forget a record, as its write may or may not have landed; one that is not known is no error."""
        with self._lock:
            self._records.pop(identity, None)


@dataclass(frozen=True, slots=True)
class Matches:
    """What was found of some natural keys.

    Attributes:
        records: those that carry each key, or why the service cannot look for it.
        alike: of keys that no record carries, what `Lookup.look_alikes` returns; None if that was not asked yet.
    """

    records: Mapping[NaturalKey, Sequence[SageRecord] | SageError]
    alike: Mapping[NaturalKey, LookAlike] | None = None


class Lookup:
    """Finds the records of one stream's rows, with the fields that are compared; safe from any thread.

    A field that the query service rejects is left out from then on. Each method raises AccessError where the user may
    not enter the entity.

    Args:
        client: asks.
        plan: of the stream.
        warn: called once with each thing that cannot be compared.
    """

    def __init__(self, client: Records, plan: StreamPlan, warn: Callable[[str], None]) -> None:
        self._client = client
        self._plan = plan
        self._warn = warn
        self._warned: set[str] = set()
        self._lock = threading.Lock()
        self._unreadable: frozenset[str] = frozenset()
        self._compares = plan.skip_unchanged and plan.operation != "insert"
        self._home = {_HOME} if "entity" in plan.model.fields else set()
        self._permitted = True
        self._asks_by_field = True
        self._escapes = False
        self._mostly_new = True

    def matches(self, finds: Sequence[Find]) -> Matches:
        """Return what carries the natural keys; while most rows are new, with what only looks like them.

        Then one query without regard to case asks for both. Where it is refused, or most records are there, the exact
        one is asked first. Raises as `by_natural_key`.
        """
        keys = list(dict.fromkeys(find.natural_key for find in finds))
        if self._mostly_new and not self._plan.entity and any(map(may_have_look_alikes, keys)):
            matches = self._without_regard_to_case(keys, finds)
            if matches is not None:
                return matches
        return Matches(self.by_natural_key(finds))

    def _without_regard_to_case(self, keys: Sequence[NaturalKey], finds: Sequence[Find]) -> Matches | None:
        """Return what one query finds, and what the exact one says of keys that only have look-alikes; None if refused.

        Which records the service takes for the same is decided by it alone, in its exact answer.
        """
        fields, model = self._plan.natural_key, self._plan.model
        compared = self._compared([find.changes for find in finds]) | set(fields)

        def ask(chosen: Filters, expression: str | None, most: int | None) -> Found:
            sent = _sent(finds)
            return self._ask(chosen, expression, compared, sent, takes_failure=True, most=most, ignores_case=True)

        records = self._by_filters(list(dict.fromkeys([*keys, *map(trimmed, keys)])), ask)
        if isinstance(records, SageError):
            self._mostly_new = False
            return None
        exact = exactly(keys, fields, records, model)
        taken = {record.get("key") for held in exact.values() for record in held}
        alike = look_alikes([key for key in keys if not exact[key]], fields, records, model)
        self._mostly_new = 2 * (len(taken) + len(alike)) < len(keys)
        found: dict[NaturalKey, Sequence[SageRecord] | SageError] = {**exact}
        unclear = [find for find in finds if find.natural_key in alike]
        for key, held in self.by_natural_key(unclear).items() if unclear else ():
            own = held if isinstance(held, SageError) else [each for each in held if each.get("key") not in taken]
            found[key] = own
        return Matches(found, alike)

    def by_natural_key(self, finds: Sequence[Find]) -> dict[NaturalKey, Sequence[SageRecord] | SageError]:
        """Return the records that carry each natural key, or why the service cannot look for it.

        A query that is refused, or that the server fails at, is halved until the key at fault is alone.

        Raises:
            AccessError: queries are not permitted, so no row of the stream can be matched.
            ConfigurationError: a field of the natural key cannot be queried.
            OutageError: queries fail whatever is looked for.
        """
        keys = list(dict.fromkeys(find.natural_key for find in finds))
        compared = self._compared([find.changes for find in finds])
        found = self._by_keys(keys, compared, _sent(finds))
        if not isinstance(found, SageError):
            return found
        if len(keys) == 1:
            return self._proved(keys[0], compared, found, _sent(finds))
        half = len(finds) // 2
        return self.by_natural_key(finds[:half]) | self.by_natural_key(finds[half:])

    def look_alikes(self, finds: Sequence[Find]) -> dict[NaturalKey, LookAlike]:
        """Return what keeps new records of these natural keys, which no record has that was found, from being made.

        A record of another entity that has the same key, or a record whose key differs only in case or blanks. Where
        the service does not answer that, a warning is logged once, and no record is returned.
        """
        keys = [find.natural_key for find in finds]
        if keys and self._plan.entity:
            records = self._alike(keys, self._client.in_entity(""), self._home - self._unreadable)
            if not isinstance(records, SageError):
                return look_alikes(keys, self._plan.natural_key, records, self._plan.model)
            self._warn_once("elsewhere", self._no_other_entities(replace(records, sent=_sent(finds))))
        keys = [key for key in keys if may_have_look_alikes(key)]
        if not keys:
            return {}
        records = self._alike(keys, self._client, self._home - self._unreadable)
        if isinstance(records, SageError):
            self._warn_once("look-alikes", self._no_look_alikes(replace(records, sent=_sent(finds))))
            return {}
        return look_alikes(keys, self._plan.natural_key, records, self._plan.model)

    def _alike(self, keys: Sequence[NaturalKey], client: Records, more: Iterable[str]) -> Found:
        asked = ["key", *dict.fromkeys([*self._plan.natural_key, *more])]

        def ask(chosen: Filters, expression: str | None, most: int | None) -> Found:
            query = Query(
                self._plan.object.path,
                asked,
                chosen,
                expression,
                ignores_case=True,
                includes_private=client.is_at_the_top,
                most_records=most,
            )
            return client.find(query, takes_failure=True)

        return self._by_filters([trimmed(key) for key in keys], ask)

    def home(self, record: SageRecord | None) -> str:
        """Return the entity of a record, empty where it is not known or is that of the rows."""
        entity = str((record or {}).get(_HOME) or "")
        return "" if self._plan.entity else entity

    def _by_keys(
        self, keys: Sequence[NaturalKey], compared: set[str], sent: bytes, *, escapes: bool = False
    ) -> dict[NaturalKey, Sequence[SageRecord] | SageError] | SageError:
        fields = list(self._plan.natural_key)

        def ask(chosen: Filters, expression: str | None, most: int | None) -> Found:
            return self._ask(chosen, expression, compared | set(fields), sent, takes_failure=True, most=most)

        records = self._by_filters([escaped(key) for key in keys] if escapes else keys, ask)
        if not isinstance(records, SageError):
            return dict(assign(keys, fields, records, self._plan.model))
        if records.status == HTTPStatus.FORBIDDEN:
            raise AccessError(self._no_queries(records))
        if self._unreadable & set(fields):
            raise ConfigurationError(self._no_matching(records))
        return records

    def _by_filters(self, keys: Sequence[NaturalKey], ask: Callable[[Filters, str | None, int | None], Found]) -> Found:
        """Ask for the records of natural keys: with a filter for each field, or for each part of a key.

        The first is the smaller query; but where the same values come in many combinations, it finds many records that
        no row is about. Then the second is used from there on.
        """
        fields, model = self._plan.natural_key, self._plan.model
        keys = [escaped(key) for key in keys] if self._escapes else keys
        if len(fields) > 1 and self._asks_by_field:
            try:
                return ask(*filters_by_field(keys, fields, model), _MOST_FOR_A_KEY * len(keys) + _MOST_FOR_FEW)
            except TooManyRecordsError:
                self._asks_by_field = False
        return ask(*filters(keys, fields, model), None)

    def _proved(
        self, key: NaturalKey, compared: set[str], error: SageError, sent: bytes
    ) -> dict[NaturalKey, Sequence[SageRecord] | SageError]:
        """Blame a key for the failure of its query only if one for another key succeeds, and its own fails once more.

        Raises:
            OutageError: the other one fails as well, so this says nothing about the row.
        """
        other = self._by_keys([another_key(key, self._plan.natural_key, self._plan.model)], set(), sent)
        if isinstance(other, SageError):
            raise OutageError(
                f"Sage Intacct cannot answer queries for {self._plan.object.path} by {_listed(self._plan.natural_key)} "
                f"for now, whichever value is looked up. {error.said} The rows of stream {self._plan.stream} that were "
                "not acknowledged are sent again by the next sync. If the error persists, find records by other fields "
                "(`matching`; in data activation the matching key)."
            )
        if not self._escapes and not error.is_transient and escaped(key) != key:
            # One client in production writes an apostrophe so (Fyle); here it is refused as it is.
            again = self._by_keys([key], compared, sent, escapes=True)
            if not isinstance(again, SageError):
                self._escapes = True
                return again
        again = self._by_keys([key], compared, sent)
        return {key: error} if isinstance(again, SageError) else again

    def by_record_key(self, updates: Sequence[Update]) -> dict[str, SageRecord]:
        """Return those records with these keys that are found, if there is something to compare."""
        # A key that is no number would fail the whole query; that row gets its 404 from the update instead.
        updates = [update for update in updates if update.key.isdecimal()]
        if not updates or not self._permitted:
            return {}
        fields = self._compared(update.body for update in updates)
        if not fields:
            return {}
        keys = sorted({update.key for update in updates})
        records = self._ask([{"$in": {"key": keys}}], None, fields, _sent(updates))
        if not isinstance(records, SageError):
            return {str(record.get("key")): record for record in records}
        self._permitted = records.status != HTTPStatus.FORBIDDEN
        self._warn_once("compare", self._no_comparing(records))
        return {}

    def by_id(self, bodies: Sequence[Mapping[str, Any]]) -> dict[str, list[SageRecord]]:
        """Return the records that carry the ids of these bodies, with the fields that the bodies fill."""
        ids = sorted({str(body["id"]) for body in bodies})
        asked = [part for each in ids for part in escaped((each,))] if self._escapes else ids
        fields = frozenset().union(*(comparable_paths(body, self._plan.model)[0] for body in bodies))
        records = self._ask(
            [{"$in": {"id": asked}}], None, set(fields - self._unreadable) | {"id"}, exact_json.encode(list(bodies))
        )
        found: dict[str, list[SageRecord]] = {}
        for record in () if isinstance(records, SageError) else records:
            found.setdefault(str(record.get("id")), []).append(record)
        return found

    def holds(self, record: SageRecord, body: Mapping[str, Any]) -> bool:
        """Return whether a record that was found holds every value of a body."""
        return self._compares and holds(body, record, self._plan.model, self._unreadable)

    def holds_part(self, record: SageRecord, shown: Mapping[str, Any]) -> bool:
        """Return whether a record that was found holds every value of a part of a body, compared or not."""
        return holds(shown, record, self._plan.model, self._unreadable)

    def holds_what_is_readable(self, record: SageRecord, body: Mapping[str, Any]) -> bool:
        """Return whether a record holds every value of a body that can be read back, and at least one."""
        paths = comparable_paths(body, self._plan.model)[0] - self._unreadable
        shown = pick(body, paths)
        return bool(shown) and holds(shown, record, self._plan.model, self._unreadable)

    def _compared(self, bodies: Iterable[Mapping[str, Any]]) -> set[str]:
        """Return the fields to ask for: all that are compared, else those that can be set only on create."""
        asked: set[str] = set()
        for body in bodies:
            chosen = body if self._compares else pick(body, self._plan.create_only)
            asked |= comparable_paths(chosen, self._plan.model)[0] if chosen else frozenset()
        asked |= {"status"} if self._plan.watches_status else set()
        return asked - self._unreadable

    def _ask(
        self,
        chosen: Filters,
        expression: str | None,
        fields: set[str],
        sent: bytes,
        *,
        takes_failure: bool = False,
        most: int | None = None,
        ignores_case: bool = False,
    ) -> Found:
        """Ask, without the fields that the service turns out to reject; `takes_failure` as `IntacctClient.find`.

        `sent`: the bodies of the rows, of which an error that is shown must hold no value.
        """
        is_at_the_top = self._client.is_at_the_top
        fields = fields | self._home if is_at_the_top else fields
        while True:
            asked = sorted(fields - {"key"} - (self._unreadable & self._home))
            query = Query(
                self._plan.object.path,
                ["key", *asked],
                chosen,
                expression,
                ignores_case=ignores_case,
                includes_private=is_at_the_top,
                most_records=most,
            )
            answer = self._client.find(query, takes_failure=takes_failure)
            if not isinstance(answer, SageError):
                return answer
            answer = replace(answer, sent=sent)
            if answer.status == HTTPStatus.FORBIDDEN and is_about_entity(self._plan.entity, answer):
                raise AccessError(access_text(self._plan.object.path, self._plan.entity, answer))
            unreadable = _fields_at_fault(answer, asked, self._plan.natural_key)
            with self._lock:
                self._unreadable |= unreadable
            fields -= unreadable
            if not unreadable or unreadable & set(self._plan.natural_key):
                return answer
            if compared := unreadable - self._home:
                self._warn_once(", ".join(sorted(compared)), self._not_compared(answer, compared))

    def _warn_once(self, subject: str, text: str) -> None:
        with self._lock:
            is_new = subject not in self._warned
            self._warned.add(subject)
        if is_new:
            self._warn(text)

    def _no_queries(self, error: SageError) -> str:
        return (
            f"Stream {self._plan.stream}: records of {self._plan.object.path} cannot be found by "
            f"{_listed(self._plan.natural_key)}, because the user may not query them. {error.said} Give the Web "
            "Services user permission to list and view this object and to use the query service, or have records found "
            "by their record key (`matching`; in data activation the matching key)."
        )

    def _no_matching(self, error: SageError) -> str:
        return (
            f"Stream {self._plan.stream}: records of {self._plan.object.path} cannot be found by "
            f"{_listed(self._plan.natural_key)}: a field cannot be used in a query. {error.said} Have records "
            "found by other fields (`matching`; in data activation the matching key)."
        )

    def _no_look_alikes(self, error: SageError) -> str:
        return (
            f"Stream {self._plan.stream} may create records of {self._plan.object.path} whose "
            f"{_listed(self._plan.natural_key)} differs from another record's only in case or blanks: Sage Intacct did "
            f"not answer whether there are any. {error.said}"
        )

    def _no_other_entities(self, error: SageError) -> str:
        return (
            f"Stream {self._plan.stream} may create records of {self._plan.object.path} in entity {self._plan.entity} "
            f"that another entity has already: Sage Intacct did not answer whether it does. {error.said}"
        )

    def _no_comparing(self, error: SageError) -> str:
        return (
            f"Rows of stream {self._plan.stream} are written without comparing them with the records of "
            f"{self._plan.object.path}, so unchanged ones are written too: they cannot be queried. {error.said}"
        )

    def _not_compared(self, error: SageError, fields: Iterable[str]) -> str:
        return (
            f"Rows of stream {self._plan.stream} that fill {_listed(sorted(fields))} are always written, as "
            f"{self._plan.object.path} cannot be queried for it. {error.said}"
        )


def _fields_at_fault(error: SageError, asked: Sequence[str], natural_key: Sequence[str]) -> set[str]:
    """Return the fields that a query failed for: the longest that Sage names; all if it names none of them.

    The natural key is blamed last, since nothing can be found without it.
    """
    if error.field in asked:
        return {error.field}
    if error.error_id not in _ABOUT_A_FIELD:
        return set()
    named = [field for field in asked if re.search(rf"(?<![\w.]){re.escape(field)}(?![\w.])", error.message)]
    return {max(named, key=len)} if named else set(asked) - set(natural_key) or set(asked)


def _sent(asked: Iterable[Find | Update]) -> bytes:
    """Return the bodies of rows as one list."""
    return b"[" + b",".join(each.encoded for each in asked) + b"]"


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)

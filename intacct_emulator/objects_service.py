"""`/objects/<application>/<object>`: list, read, create, update, delete; one record or up to 500."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from intacct_emulator import exact_json, rules, states
from intacct_emulator.batches import Batches
from intacct_emulator.checking import Checks, Json
from intacct_emulator.clock import Clock
from intacct_emulator.envelopes import SupportIds, page, result
from intacct_emulator.exchange import Answer, Request
from intacct_emulator.lines import Lines
from intacct_emulator.references import References, Uses
from intacct_emulator.refusals import (
    Error,
    business_failure,
    duplicate,
    in_use,
    malformed_payload,
    method_not_allowed,
    missing_field,
    no_payload,
    no_such_record,
    no_such_resource,
    payload_errors,
    read_only_field,
)
from intacct_emulator.rendering import reference, whole
from intacct_emulator.schemas import Schema
from intacct_emulator.scope import Scope
from intacct_emulator.settings import Settings
from intacct_emulator.store import Record, Store, Table
from intacct_emulator.totals import with_totals
from intacct_emulator.writing import Writer

PREFIX = "/objects/"
LIST_SIZE = 100
_TASK = "projects/task"


def split_path(path: str) -> tuple[str, str]:
    """Return the object's path and the keys behind it, empty when there are none.

    A typed or custom object's name has colons and may have spaces, but no slash.
    """
    parts = path.removeprefix(PREFIX).split("/")
    return "/".join(parts[:2]), "/".join(parts[2:])


def payload(request: Request) -> Any:  # noqa: ANN401 - JSON is of any type
    """Return the request's body.

    Raises:
        RefusalError: there is none, or it is not JSON.
    """
    if not request.body.strip():
        raise no_payload(request.method)
    try:
        return exact_json.decode(request.body)
    except exact_json.MalformedJsonError as malformed:
        raise malformed_payload() from malformed


@dataclass(frozen=True, slots=True)
class ObjectsService:
    """The verbs on objects."""

    settings: Settings
    store: Store
    clock: Clock
    support: SupportIds
    checks: Checks
    books: rules.Books

    def answer(self, request: Request, scope: Scope) -> Answer:
        """Does what the request asks.

        Raises:
            RefusalError: the request is refused as a whole.
        """
        path, keys = split_path(request.path)
        table = self.store.table(path)
        if table is None or "/" in keys:
            raise no_such_resource(request.path)
        self._check_method(request.method, table, request.path, has_keys=bool(keys))
        if request.method == "OPTIONS":
            # guess[options]: the model lists the verb, no source shows its answer.
            return Answer(
                HTTPStatus.NO_CONTENT, headers={"allow": ", ".join(http_methods(table.schema, self.settings))}
            )
        if request.method == "GET":
            return self._read(table, keys.split(","), scope) if keys else self._list(table, scope)
        if request.method == "DELETE":
            return self._delete(request, table, keys.split(","), scope)
        body = payload(request)
        if request.method == "POST":
            return self._batches(request).write(
                body, lambda record: self.create(table, record, scope), HTTPStatus.CREATED, table
            )
        if keys:
            return self._update_one(table, keys, body, scope)
        return self._batches(request).write(
            body, lambda record: self._update_item(table, record, scope), HTTPStatus.OK, table
        )

    def _check_method(self, method: str, table: Table, path: str, *, has_keys: bool) -> None:
        elsewhere = "POST" if has_keys else "DELETE"
        if method == elsewhere or method not in http_methods(table.schema, self.settings):
            raise method_not_allowed(method, path)

    def _batches(self, request: Request) -> Batches:
        transaction = (request.header("X-IA-API-Param-Transaction") or "").lower() == "true"
        return Batches(self.settings, self.store, self.support, transaction=transaction)

    def _list(self, table: Table, scope: Scope) -> Answer:
        """Return the first hundred: the list takes no parameters."""
        seen = list(self.store.visible(table, scope))
        rows = [reference(table.schema, record) for record in seen[:LIST_SIZE]]
        return page(rows, len(seen), 1, LIST_SIZE)

    def _read(self, table: Table, keys: list[str], scope: Scope) -> Answer:
        def read(key: str) -> Json:
            return whole(self.store, table, self._existing(table, key, scope))

        if len(keys) == 1:
            return result(HTTPStatus.OK, read(keys[0]), billed=1)
        # guess[several-keys]: several keys of which one is unknown answer as a batch does, 207 with one entry per key.
        return Batches(self.settings, self.store, self.support).each(keys, read, HTTPStatus.OK, billed=1)

    def create(self, table: Table, body: object, scope: Scope) -> Json:
        """Creates one record and answers its reference.

        Raises:
            RefusalError: its fields are at fault, or a rule is broken.
        """
        schema = table.schema
        if schema.owner is not None:
            return self._lines().create(table, body, scope)
        checked = self.checks.check(schema, body, creating=True)
        rules.before_write(schema.path, checked)
        _without_ignored_id(schema, checked)
        record_id = checked.get("id")
        if not record_id and schema.id_rule == "numbered":
            record_id = checked["id"] = table.new_id()
        references = self._references(scope)
        if record_id and self._is_taken(table, str(record_id), scope.entity, references, checked):
            raise duplicate("POST", schema.path, str(record_id), self.settings.duplicate_status)
        if schema.path == rules.BILL and not checked.get("state"):
            # guess[bill-state]: Sage's OpenAPI says draft; a client in production pays such bills without submitting
            # them (Fyle).
            checked["state"] = self.settings.bill_state
        now = self.clock.now()
        writer = Writer(references, schema.path, now)
        values = writer.create(schema.body, checked)
        self._check_books("POST", schema.path, values, writer.problems)
        references.keep()
        record = Record(table.new_key(), with_totals(schema.path, values), scope.entity, now, now)
        self.store.put(table, record)
        return reference(schema, record)

    def _update_one(self, table: Table, keys: str, body: object, scope: Scope) -> Answer:
        if isinstance(body, dict) and "key" in body:
            # Sage's own sample names the key in the body too; another key would be a change of it.
            if body["key"] != keys:
                raise payload_errors([read_only_field("/key")])
            del body["key"]
        return result(HTTPStatus.OK, self.update(table, keys, body, scope), billed=1, records=1)

    def _update_item(self, table: Table, body: object, scope: Scope) -> Json:
        if not isinstance(body, dict) or not body.get("key"):
            raise payload_errors([missing_field("/key")])
        return self.update(table, str(body.pop("key")), body, scope)

    def update(self, table: Table, key: str, body: object, scope: Scope) -> Json:
        """Changes one record and answers its reference.

        Raises:
            RefusalError: there is no such record, fields are at fault, or a rule is broken.
        """
        schema = table.schema
        if schema.owner is not None:
            return self._lines().change(table, self._existing(table, key, scope), body, scope)
        # guess[put]: where an update is PUT, it leaves what it does not name, as PATCH does. By flag it replaces the
        # record, of which only stays what no update can change.
        replaces = self.settings.update_method == "PUT" and self.settings.put == "replaces"
        return self._change(table, key, body, scope, replaces=replaces)

    def _change(self, table: Table, key: str, body: object, scope: Scope, *, replaces: bool = False) -> Json:
        record = self._existing(table, key, scope)
        schema = table.schema
        checked = self.checks.check(schema, body, creating=False)
        rules.before_write(schema.path, checked)
        _without_ignored_id(schema, checked)
        new_id = checked.get("id")
        references = self._references(scope)
        named = record.values | checked
        is_renamed = new_id is not None and new_id != record.id
        if is_renamed and self._is_taken(table, str(new_id), record.entity, references, named):
            raise duplicate("PATCH", schema.path, str(new_id), self.settings.duplicate_status)
        now = self.clock.now()
        writer = Writer(references, schema.path, now)
        if replaces:
            self.checks.check_whole(schema, checked)
        values = (writer.replace if replaces else writer.update)(schema.body, record.values, checked)
        problems = writer.problems or self.books.closed(schema.path, record.values)
        problems = problems or states.locked(schema, record.values) + states.taken_back(schema, record.values, values)
        self._check_books("PATCH", schema.path, values, problems)
        references.keep()
        changed = Record(key, with_totals(schema.path, values), record.entity, record.created, now)
        self.store.put(table, changed)
        return reference(schema, changed)

    def _references(self, scope: Scope) -> References:
        return References(self.store, scope, self.settings, self.clock.now())

    def _is_taken(self, table: Table, record_id: str, entity: str | None, references: References, values: Json) -> bool:
        """Return whether another record has this id, so that one of these values may not have it."""
        # guess[ids-of-the-company]: an id is taken for the whole company, whichever entity its record belongs to. By
        # flag it is taken in its entity only.
        others = [
            other
            for other in table.all_by_id(record_id)
            if self.settings.ids_unique_in == "company" or other.entity == entity
        ]
        if table.schema.path == _TASK and self.settings.task_ids_unique_in == "project":
            project = references.resolve(table.schema.body.refs["project"], values["project"]) or {}
            others = [other for other in others if other.values["project"].get("key") == project.get("key")]
        return bool(others)

    def _check_books(self, verb: str, path: str, values: Json, problems: list[Error]) -> None:
        if not problems:
            self.books.check_lines(path, values)
            problems = self.books.broken_by(path, values, creating=verb == "POST")
        if problems:
            raise business_failure(verb, path, problems)

    def _delete(self, request: Request, table: Table, keys: list[str], scope: Scope) -> Answer:
        path, uses = table.schema.path, Uses(self.store, table.schema.path)

        def delete(key: str) -> Json:
            record = self._existing(table, key, scope)
            if table.schema.owner is not None:
                self._lines().delete(table, record, scope)
                return {}
            if uses.by_others(table, record):
                raise in_use(path, table.schema.title, record.id)
            problems = self.books.closed(path, record.values) + states.locked(table.schema, record.values)
            if problems:
                raise business_failure("DELETE", path, problems)
            uses.forget(table, record)
            self.store.remove(table, record)
            return {}

        if len(keys) == 1:
            delete(keys[0])
            return Answer(HTTPStatus.NO_CONTENT, records=1, billed=1)
        return self._batches(request).each(keys, delete, HTTPStatus.NO_CONTENT, billed=None)

    def _lines(self) -> Lines:
        return Lines(self.store, self._references, self._change)

    def _existing(self, table: Table, key: str, scope: Scope) -> Record:
        record = self.store.find(table, key, scope)
        if record is None:
            raise no_such_record(table.schema.path, key)
        return record


def _without_ignored_id(schema: Schema, body: Json) -> None:
    """Take an id that was let through from a record whose id is its key."""
    if schema.id_rule == "key":
        body.pop("id", None)


def http_methods(schema: Schema, settings: Settings) -> list[str]:
    """Return the verbs of an object as its model lists them."""
    writes = ("POST", "DELETE", "PATCH") if schema.owner is None else schema.alone
    return ["OPTIONS", "GET", *(settings.update_method if verb == "PATCH" else verb for verb in writes)]

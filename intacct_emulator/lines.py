"""Lines of documents that are written alone: each such write is a change of their document.

Sources: Sage's OpenAPI, bill-line, invoice-line, employee-expense-line and journal-entry-line, for the verbs of each
(`alone` in their tables), and for the reference to the document, which a new line must have.
"""

from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from intacct_emulator.checking import OPERATION, Json
from intacct_emulator.references import References
from intacct_emulator.refusals import (
    RefusalError,
    business_failure,
    missing_field,
    payload_errors,
    read_only_field,
    unknown_field,
    wrong_value,
)
from intacct_emulator.rendering import reference
from intacct_emulator.scope import Scope
from intacct_emulator.store import Record, Store, Table, lines_of

_PLACE = "/lines/0"


@dataclass(frozen=True, slots=True)
class Lines:
    """The verbs on lines; `update` changes fields of one document."""

    store: Store
    references: Callable[[Scope], References]
    update: Callable[[Table, str, object, Scope], Json]

    def create(self, table: Table, body: object, scope: Scope) -> Json:
        """Adds a line to the document that it names, and answers its reference.

        Raises:
            RefusalError: there is no such document, or it does not take the line.
        """
        line, name = _line(body), _owner(table)[1]
        if "key" in line:
            raise payload_errors([read_only_field("/key")])
        document = self._document(table, line.pop(name, None), scope)
        self._change("POST", table, document, line, scope)
        *_, added = lines_of(table.schema, self._documents(table).records[document])
        return reference(table.schema, added)

    def change(self, table: Table, held: Record, body: object, scope: Scope) -> Json:
        """Changes a line and answers its reference.

        Raises:
            RefusalError: the line or its document does not allow the change.
        """
        line, name = _line(body), _owner(table)[1]
        own = held.values[name]
        given = line.pop(name, own) or {}
        # guess[moved-line]: a line stays with its document; one that names another is refused.
        if not isinstance(given, dict) or any(given.get(part, own[part]) != own[part] for part in own):
            raise payload_errors([read_only_field(f"/{name}")])
        self._change("PATCH", table, own["key"], {**line, "key": held.key}, scope)
        return reference(table.schema, held)

    def delete(self, table: Table, held: Record, scope: Scope) -> None:
        """Deletes a line.

        Raises:
            RefusalError: its document needs it.
        """
        gone = {"key": held.key, OPERATION: "delete"}
        self._change("DELETE", table, held.values[_owner(table)[1]]["key"], gone, scope)

    def _documents(self, table: Table) -> Table:
        documents = self.store.table(_owner(table)[0])
        if documents is None:
            raise LookupError(f"There is no object for the lines of {table.schema.path}")
        return documents

    def _document(self, table: Table, given: Any, scope: Scope) -> str:  # noqa: ANN401 - JSON is of any type
        """Return the key of the document that a new line names."""
        name = _owner(table)[1]
        if given is None or given == {}:
            raise payload_errors([missing_field(f"/{name}")])
        key = (given.get("key") or given.get("id")) if isinstance(given, dict) else None
        if not isinstance(key, str):
            raise payload_errors([wrong_value(f"/{name}", 'an object such as {"key": "..."}')])
        document = self.store.find(self._documents(table), key, scope)
        if document is None:
            problem = self.references(scope).invalid(table.schema.body.refs[name], {"key": key}, f"/{name}")
            raise business_failure("POST", table.schema.path, [problem])
        return document.key

    def _change(self, verb: str, table: Table, document: str, line: Json, scope: Scope) -> None:
        # guess[lines-alone]: the rules for a document's lines in a change of the document apply to a line written
        # alone.
        try:
            self.update(self._documents(table), document, {"lines": [line]}, scope)
        except RefusalError as refused:
            raise _of_line(refused, verb, table.schema.path) from refused


def _owner(table: Table) -> tuple[str, str]:
    if table.schema.owner is None:
        raise LookupError(f"{table.schema.path} belongs to no document")
    return table.schema.owner


def _line(body: object) -> Json:
    if not isinstance(body, dict):
        raise payload_errors([wrong_value("/", "an object")])
    if OPERATION in body:
        raise payload_errors([unknown_field(f"/{OPERATION}")])
    return body


def _of_line(refused: RefusalError, verb: str, path: str) -> RefusalError:
    """Return the refusal of the document's change as one of the line, whose fields are at the top of the body."""
    details = [_relative(detail) for detail in refused.error.get("details", ())]
    if not details:
        return refused
    if refused.status == HTTPStatus.UNPROCESSABLE_ENTITY:
        return business_failure(verb, path, details)
    return payload_errors(details)


def _relative(said: Any) -> Any:  # noqa: ANN401 - any part of an error
    if isinstance(said, dict):
        return {name: _relative(value) for name, value in said.items()}
    return said.removeprefix(_PLACE) if isinstance(said, str) else said

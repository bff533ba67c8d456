"""Create, update, query, model: many records in, one result per record out."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import quote, urlencode

from destination_sage_intacct.intacct import create, delete, update
from destination_sage_intacct.intacct import query as querying
from destination_sage_intacct.intacct.auth import TokenScope
from destination_sage_intacct.intacct.errors import SageError
from destination_sage_intacct.intacct.query import Query, Read
from destination_sage_intacct.intacct.records import ChangedRecord, NewRecord, Result
from destination_sage_intacct.intacct.retries import Request, Traffic
from destination_sage_intacct.intacct.session import Session


class IntacctClient:
    """The Sage Intacct REST API, by object path such as `accounts-receivable/customer`; safe from any thread.

    Every method may raise what `Transport.send` raises, and AccessError where the object or the entity as a
    whole is forbidden.

    Args:
        session: where requests go, in which entity, on whose account.
    """

    def __init__(self, session: Session) -> None:
        self._session = session

    def on_account(self, traffic: Traffic) -> "IntacctClient":
        """Return this client with its requests and API transactions counted on another account."""
        return IntacctClient(replace(self._session, traffic=traffic))

    def in_entity(self, entity: str) -> "IntacctClient":
        """Return this client with its requests made in another entity."""
        return IntacctClient(replace(self._session, entity=entity))

    @property
    def traffic(self) -> Traffic:
        """Return the account on which this client's requests are counted."""
        return self._session.account

    def create(self, path: str, records: Sequence[NewRecord]) -> list[Result]:
        """Create records, in as few requests as the server takes; one result for each, in their order.

        A batch that is refused as a whole is split until the record at fault is named. Records of one call may share
        a request, so those without a unique id or number that a replay can find belong into calls of their own.
        """
        return create.create(self._session, path, records)

    def update(self, path: str, records: Sequence[ChangedRecord]) -> list[Result]:
        """Change the given fields of records; no record key twice; one result for each, in their order."""
        return update.update(self._session, path, records)

    def delete(self, path: str, keys: Sequence[str]) -> list[Result]:
        """Delete records; no record key twice; one result for each, in their order. One that is gone is deleted."""
        return delete.delete(self._session, path, keys)

    def read(self, path: str, keys: Sequence[str]) -> dict[str, Read]:
        """Return for each record key the whole record, lines included, or why it cannot be read (404: not there)."""
        return querying.read(self._session, path, keys)

    def find(self, query: Query) -> list[Mapping[str, Any]] | SageError:
        """Return the asked fields of every record that matches, by dotted names; the error if Sage refuses."""
        return querying.find(self._session, query)

    def list_page(self, path: str) -> SageError | None:
        """Read the first page of an object's collection; the error if the server refuses."""
        return self._session.send(Request("GET", f"/objects/{quote(path)}")).error

    def model(self, path: str) -> Mapping[str, Any] | SageError:
        """Ask the model service for an object's fields."""
        return self._asked_for_models("?" + urlencode({"name": path}))

    def models(self) -> Mapping[str, Any] | SageError:
        """Ask the model service which objects there are (`parse_listing` reads the answer)."""
        return self._asked_for_models("")

    def token_scope(self) -> TokenScope | None:
        """Return what the token in use is for; None for one that is the app's own, or about which nobody can ask."""
        introspection = self._session.introspection
        return introspection.scope() if introspection else None

    def find_ids(self, path: str, record_id: str) -> list[str] | SageError:
        """Return the record keys of the records that carry this visible id, asked at the top level."""
        at_the_top = replace(self._session, entity="")
        found = querying.find(at_the_top, Query(path, ["key", "id"], [{"$eq": {"id": record_id}}]))
        return found if isinstance(found, SageError) else [str(record.get("key")) for record in found]

    def _asked_for_models(self, parameters: str) -> Mapping[str, Any] | SageError:
        answer = self._session.send(Request("GET", "/services/core/model", parameters=parameters))
        if answer.error is not None or not isinstance(answer.payload, Mapping):
            return answer.error or SageError("the model service gave no answer", answer.status)
        return answer.payload

"""The Sage Intacct REST API: create, update, delete, read and find records, ask for models."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from destination_sage_intacct.intacct import query as querying
from destination_sage_intacct.intacct.adaptive_limit import Limiter
from destination_sage_intacct.intacct.address import address, escaped
from destination_sage_intacct.intacct.auth import Introspection, Tokens, TokenScope
from destination_sage_intacct.intacct.bulk import MOST_RECORDS, Capabilities, ChangedRecord, NewRecord, Result
from destination_sage_intacct.intacct.clock import Clock, SystemClock
from destination_sage_intacct.intacct.create import BulkCreate
from destination_sage_intacct.intacct.delete import BulkDelete
from destination_sage_intacct.intacct.errors import SageError
from destination_sage_intacct.intacct.model import ListedObject, Model, parse_model, parse_object_list
from destination_sage_intacct.intacct.query import Count, Query, Read
from destination_sage_intacct.intacct.session import WAIT_BUDGET_SECONDS, Request, Session, Traffic
from destination_sage_intacct.intacct.transport import RequestsTransport, Transport
from destination_sage_intacct.intacct.update import BulkUpdate

MOST_IN_FLIGHT = 6
MAX_RETRIES = 3
TIMEOUT_SECONDS = 120.0


def open_client(
    base_url: str,
    tokens: Tokens,
    *,
    entity: str = "",
    max_in_flight: int = MOST_IN_FLIGHT,
    batch_size: int = MOST_RECORDS,
    max_retries: int = MAX_RETRIES,
    timeout_seconds: float = TIMEOUT_SECONDS,
    wait_budget_seconds: float = WAIT_BUDGET_SECONDS,
    transport: Transport | None = None,
    clock: Clock | None = None,
    introspection: Introspection | None = None,
    notice: Callable[[str], None] = lambda _text: None,
    waits: Callable[[str, float], None] = lambda _reason, _seconds: None,
    limit_changed: Callable[[int, int], None] = lambda _before, _after: None,
) -> "IntacctClient":
    """Return a client of a company; nothing is sent yet.

    Args:
        base_url: such as `https://api.intacct.com/ia/api/v1`.
        tokens: supplies access tokens.
        entity: that requests are made in, empty for the top level.
        max_in_flight: the highest number of requests at a time; the company's own limit is found below it.
        batch_size: the highest number of records in one request.
        max_retries: transient failures of one request that are repeated.
        timeout_seconds: of one request, from sending to the last byte of its answer; for HTTP without a `transport`.
        wait_budget_seconds: how long one request may wait in all because the server asks for it.
        transport: sends each request; HTTP through requests without one.
        clock: measures and waits; the machine's without one.
        introspection: reports what the token in use is for.
        notice: called once with each thing that a person should know about the server.
        waits: called with the reason and the seconds of each wait, as it begins, by each thread that waits.
        limit_changed: called with how many requests may be in flight, before and after a change.
    """
    clock = clock or SystemClock()
    transport = transport or RequestsTransport(timeout_seconds, clock, max_in_flight)
    limiter = Limiter(max_in_flight, clock, changed=limit_changed)
    session = Session(
        base_url, transport, tokens, clock, limiter, max_retries, wait_budget_seconds, entity, waits=waits
    )
    return IntacctClient(session, Capabilities(batch_size, notice), introspection)


class IntacctClient:
    """A company's Sage Intacct, by object path such as `accounts-receivable/customer`; safe from any thread.

    Every method may raise what `Session.send` raises, and AccessError where the object or the entity as a whole is
    forbidden. A record that Sage Intacct rejects raises nothing: its result is the `SageError`.

    Args:
        session: sends the requests, in an entity.
        capabilities: what the server was seen to take, shared with the clients of other entities.
        introspection: reports what the token in use is for, None if that cannot be asked.
    """

    def __init__(
        self, session: Session, capabilities: Capabilities | None = None, introspection: Introspection | None = None
    ) -> None:
        self._session = session
        self._capabilities = capabilities or Capabilities()
        self._introspection = introspection

    def with_traffic(self, traffic: Traffic) -> "IntacctClient":
        """Return this client with its requests and API transactions counted there."""
        return self._with(replace(self._session, traffic=traffic))

    def in_entity(self, entity: str) -> "IntacctClient":
        """Return this client with its requests made in another entity, empty for the top level."""
        return self._with(replace(self._session, entity=entity))

    @property
    def is_at_the_top(self) -> bool:
        """Return whether requests name no entity: they are for the top level, or for the one of the token."""
        return not self._session.entity

    @property
    def most_in_flight(self) -> int:
        """Return how many requests may be in flight now."""
        return self._session.limiter.limit

    @property
    def in_flight(self) -> int:
        """Return how many requests are in flight now, of all entities."""
        return self._session.limiter.in_flight

    def batch_size(self, path: str) -> int:
        """Return how many records of an object go into one request, as currently known."""
        return self._capabilities.size(path).records

    @property
    def traffic(self) -> Traffic:
        """Return where this client's requests and API transactions are counted."""
        return self._session.traffic

    def create(self, path: str, records: Sequence[NewRecord]) -> list[Result]:
        """Create records, in as few requests as the server takes; one result for each, in their order.

        Where a batch is refused as a whole, the records at fault are found first. Records of one call may share
        a request, so those without a unique id or number that a replay can find belong in separate calls.
        """
        return BulkCreate(self._session, self._capabilities, path).create(records)

    def update(self, path: str, records: Sequence[ChangedRecord]) -> list[Result]:
        """Change the given fields of records; no record key twice; one result for each, in their order."""
        return BulkUpdate(self._session, self._capabilities, path).update(records)

    def delete(self, path: str, keys: Sequence[str]) -> list[Result]:
        """Delete records; no record key twice; one result for each, in their order. One that is gone is deleted."""
        return BulkDelete(self._session, self._capabilities, path).delete(keys)

    def read(self, path: str, keys: Sequence[str]) -> dict[str, Read]:
        """Return for each record key the whole record, lines included, or why it cannot be read (404: not there)."""
        return querying.read(self._session, path, keys)

    def find(self, query: Query, *, takes_failure: bool = False) -> list[Mapping[str, Any]] | SageError:
        """Return the asked fields of every record that matches, by dotted names; the error if Sage refuses.

        `takes_failure`: return also the error of a server that fails at this question, however often it is asked.
        """
        return querying.find(self._session, query, takes_failure=takes_failure)

    def count(self, query: Query) -> Count | SageError:
        """Return how many records match, and the first of them; the error if Sage refuses or fails."""
        return querying.count(self._session, query)

    def list_page(self, path: str) -> SageError | None:
        """Read the first page of an object's collection; the error if the server refuses."""
        return self._session.send(Request("GET", address(path))).error

    def model(self, path: str) -> Model | SageError | None:
        """Return an object's fields and methods; None if the model service knows no such object."""
        answer = self._ask_model_service(f"?name={escaped(path)}")
        return answer if isinstance(answer, SageError) else parse_model(path, answer)

    def objects(self) -> tuple[ListedObject, ...] | SageError:
        """Return every object that the model service lists."""
        answer = self._ask_model_service("")
        return answer if isinstance(answer, SageError) else parse_object_list(answer)

    def token_scope(self) -> TokenScope | None:
        """Return what the token in use is for; None for one that is the app's own, or that cannot be asked about."""
        return self._introspection.scope() if self._introspection else None

    def find_ids(self, path: str, record_id: str) -> list[str] | SageError:
        """Return the record keys of the records that carry this visible id, asked at the top level."""
        at_the_top = replace(self._session, entity="")
        found = querying.find(at_the_top, Query(path, ["key", "id"], [{"$eq": {"id": record_id}}]))
        return found if isinstance(found, SageError) else [str(record.get("key")) for record in found]

    def _with(self, session: Session) -> "IntacctClient":
        return IntacctClient(session, self._capabilities, self._introspection)

    def _ask_model_service(self, parameters: str) -> Mapping[str, Any] | SageError:
        answer = self._session.send(Request("GET", "/services/core/model", parameters=parameters))
        if answer.error is not None or not isinstance(answer.payload, Mapping):
            return answer.error or SageError("the model service gave no answer", answer.status)
        return answer.payload

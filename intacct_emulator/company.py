"""The emulated company: all of its state, and what it answers. `reset` makes a new one."""

from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus

from intacct_emulator import bulk_service, demo_data, dimension_service, model_service, query_service
from intacct_emulator.checking import Checks, Json
from intacct_emulator.clock import Clock
from intacct_emulator.envelopes import SupportIds, refusal, result
from intacct_emulator.exchange import Answer, Request
from intacct_emulator.faults import Faults
from intacct_emulator.idempotency import HEADER as IDEMPOTENCY_HEADER
from intacct_emulator.idempotency import Idempotency
from intacct_emulator.jobs import STATUS as JOB_STATUS
from intacct_emulator.jobs import Jobs
from intacct_emulator.latency import Latency
from intacct_emulator.oauth2_service import PREFIX as OAUTH2
from intacct_emulator.oauth2_service import Oauth2Service
from intacct_emulator.objects_service import PREFIX as OBJECTS
from intacct_emulator.objects_service import ObjectsService
from intacct_emulator.query_service import QueryService
from intacct_emulator.refusals import (
    RefusalError,
    bad_token,
    error,
    forbidden,
    method_not_allowed,
    no_such_resource,
)
from intacct_emulator.rules import Books
from intacct_emulator.scope import Scope, enter
from intacct_emulator.settings import Settings
from intacct_emulator.store import Store
from intacct_emulator.tokens import Tokens
from intacct_emulator.traffic import Traffic
from intacct_emulator.workflow_service import PREFIX as WORKFLOWS
from intacct_emulator.workflow_service import WorkflowService

ENTITY_HEADER = "X-IA-API-Param-Entity"
MAX_BODY_BYTES = 1024 * 1024
SESSION = "/services/core/session/id"
_DEMO_SESSION = {"sessionId": "emulator-session", "expiresIn": 21_600}


@dataclass(frozen=True, slots=True)
class Admission:
    """In which scope a request works, its answer if that is known already, and whether it took an idempotency key."""

    scope: Scope
    answer: Answer | None = None
    holds_key: bool = False


class Company:
    """One company with its records, tokens, memory of answers, faults and counts."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.clock = Clock()
        self.support = SupportIds()
        self.store = Store(settings.custom_object_id)
        self.tokens = Tokens(settings, self.clock)
        self.idempotency = Idempotency(self.clock, settings.cached_date, settings.key_conflicts)
        self.faults = Faults()
        self.traffic = Traffic()
        self.latency = Latency(settings)
        self.jobs = Jobs(self.clock, settings.job_seconds)
        self.books = Books(self.store, settings.closed_until)
        checks = Checks(self.store.schema)
        self._queries = QueryService(settings, self.store, self.clock)
        self._objects = ObjectsService(settings, self.store, self.clock, self.support, checks, self.books)
        self._workflows = WorkflowService(settings, self.store, self.clock, checks, self.books, self._objects)
        self._oauth2 = Oauth2Service(self.tokens, self.store, self.clock, settings.unknown_entity)
        demo_data.fill(self.store, self._objects, demo_data=settings.demo_data)

    def hold(self, path: str, bodies: list[Json], entity: str | None) -> list[Json]:
        """Creates records of an object outside of any request, in an entity or at the top level; their references.

        Raises:
            RefusalError: there is no such object or entity, or a record is refused; those before it stay.
        """
        table = self.store.table(path)
        if table is None:
            raise no_such_resource(OBJECTS + path)
        scope = enter(entity, self.settings, known=self.store.entity(entity) is not None)
        return [self._objects.create(table, body, scope) for body in bodies]

    def admit(self, request: Request) -> Admission:
        """Check the token and the entity, and takes the request's idempotency key. A refusal is an answer."""
        try:
            return self._admit(request)
        except RefusalError as refused:
            return Admission(Scope(), refusal(refused, self.support))

    def perform(self, request: Request, scope: Scope) -> Answer:
        """Carries the request out. A refusal is an answer too."""
        try:
            return self._dispatch(request, scope)
        except RefusalError as refused:
            return refusal(refused, self.support)

    def perform_later(self, request: Request, scope: Scope) -> Answer:
        """Queues the request as a job; the answer acknowledges it."""
        return self.jobs.acknowledged(self.jobs.add(lambda: self.perform(request, scope)))

    def run_jobs(self) -> None:
        """Carries out the jobs whose time has come."""
        self.traffic.api_transactions += sum(answer.billed for answer in self.jobs.run_due())

    def _admit(self, request: Request) -> Admission:
        if request.path.startswith(OAUTH2):
            return Admission(Scope())
        scope = self._scope(request)
        if len(request.body) > MAX_BODY_BYTES and request.path != bulk_service.CREATE:
            # guess[body-size]: bodies of about 1 MB are the known limit, the answer beyond it is not known.
            raise RefusalError(
                HTTPStatus.REQUEST_ENTITY_TOO_LARGE, error("invalidRequest", "The payload is larger than 1 MB")
            )
        if request.path.startswith((OBJECTS, WORKFLOWS)) and request.method in ("POST", self.settings.update_method):
            known = self.idempotency.begin(request, scope)
            holds_key = known is None and request.header(IDEMPOTENCY_HEADER) is not None
            return Admission(scope, known, holds_key=holds_key)
        return Admission(scope)

    def _scope(self, request: Request) -> Scope:
        """Return the entity of the header, else that of the token."""
        kind, _, token = (request.header("Authorization") or "").partition(" ")
        grant = self.tokens.grant(token) if kind.lower() == "bearer" else None
        if grant is None:
            raise bad_token(self.settings.bad_token_form, expired=self.tokens.was_issued(token))
        entity = request.header(ENTITY_HEADER) or grant.entity
        return enter(entity, self.settings, known=self.store.entity(entity) is not None)

    def _dispatch(self, request: Request, scope: Scope) -> Answer:
        if request.path.startswith(OAUTH2):
            return self._oauth2.answer(request)
        if request.path.startswith(OBJECTS):
            return self._objects.answer(request, scope)
        if request.path.startswith(WORKFLOWS):
            return self._workflows.answer(request, scope)
        services: dict[str, tuple[str, Callable[[], Answer]]] = {
            query_service.PATH: ("POST", lambda: self._query(request, scope)),
            model_service.PATH: ("GET", lambda: self._model(request)),
            dimension_service.PATH: ("GET", lambda: dimension_service.answer(self.store)),
            SESSION: ("GET", lambda: result(HTTPStatus.OK, _DEMO_SESSION)),
            JOB_STATUS: ("GET", lambda: self.jobs.status(request.query.get("jobId", ""))),
            bulk_service.CREATE: ("POST", lambda: self._bulk(request, scope)),
            bulk_service.STATUS: ("GET", lambda: bulk_service.status(request, self.jobs)),
        }
        method, serve = services.get(request.path, (None, None))
        if method is None or serve is None:
            raise no_such_resource(request.path)
        if request.method != method:
            raise method_not_allowed(request.method, request.path)
        return serve()

    def _query(self, request: Request, scope: Scope) -> Answer:
        if not self.settings.query:
            # guess[forbidden-service]: how a query without the right to it is answered; 403 and GW-0042 are what is
            # known.
            raise forbidden("Forbidden: the user may not use the query service")
        return self._queries.answer(request, scope)

    def _model(self, request: Request) -> Answer:
        if not self.settings.model:
            # guess[forbidden-service]: the same for the model service, of which no refusal is known.
            raise forbidden("Forbidden: the user may not use the model service")
        return model_service.answer(request, self.store, self.settings)

    def _bulk(self, request: Request, scope: Scope) -> Answer:
        return bulk_service.create(request, self.jobs, self.clock.now(), lambda each: self.perform(each, scope))

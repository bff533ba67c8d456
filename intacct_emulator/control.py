"""The tests' own way in, below `/emulator`: no count, limit, latency or fault touches it."""

from datetime import date
from http import HTTPStatus
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from intacct_emulator import exact_json, ledger
from intacct_emulator.asgi import RequestHandler
from intacct_emulator.company import Company
from intacct_emulator.custom_fields import declare
from intacct_emulator.refusals import RefusalError
from intacct_emulator.rendering import whole
from intacct_emulator.settings import Settings


class Control:
    """Looks into the handler's company, changes its course, or puts a fresh one in its place."""

    def __init__(self, handler: RequestHandler, settings: Settings) -> None:
        self._handler = handler
        self._settings = settings

    def routes(self) -> list[Route]:
        """Return the routes, below the prefix."""
        return [
            Route("/records/{path:path}", self.records),
            Route("/records/{path:path}", self.hold_records, methods=["POST"]),
            Route("/ledger", self.ledger),
            Route("/stats", self.stats),
            Route("/requests", self.requests),
            Route("/faults", self.faults, methods=["GET"]),
            Route("/faults", self.add_fault, methods=["POST"]),
            Route("/faults", self.clear_faults, methods=["DELETE"]),
            Route("/fields", self.declare_fields, methods=["POST"]),
            Route("/closed-until", self.close_books, methods=["POST"]),
            Route("/clock", self.clock, methods=["POST"]),
            Route("/reset", self.reset, methods=["POST"]),
            Route("/expire-tokens", self.expire_tokens, methods=["POST"]),
        ]

    async def records(self, request: Request) -> Response:
        """Return every record of an object whole, of all entities, in the order of their keys."""
        path, store = request.path_params["path"], self._handler.company.store
        table = store.table(path)
        if table is None:
            return _json({"error": f"There is no object {path}"}, HTTPStatus.NOT_FOUND)
        return _json([whole(store, table, record) for record in store.everything(table)])

    async def hold_records(self, request: Request) -> Response:
        """Creates the records that the body lists, in the entity that the query names."""
        bodies: Any = exact_json.decode(await request.body())
        try:
            held = self._handler.company.hold(request.path_params["path"], bodies, request.query_params.get("entity"))
        except RefusalError as refused:
            return _json({"error": refused.error}, refused.status)
        return _json(held, HTTPStatus.CREATED)

    async def ledger(self, _request: Request) -> Response:
        """Return what is posted to the general ledger."""
        return _json(list(ledger.posted(self._handler.company.store)))

    async def stats(self, _request: Request) -> Response:
        """Counts since the start or the last reset."""
        company = self._handler.company
        return _json({**company.traffic.stats(), "late_seconds": round(company.latency.late, 3)})

    async def requests(self, request: Request) -> Response:
        """Return the last requests as they were received."""
        return _json(self._handler.company.traffic.last(int(request.query_params.get("last", "100"))))

    async def faults(self, _request: Request) -> Response:
        """Return how many requests each rule has met, in their order."""
        return _json({"struck": self._handler.company.faults.struck()})

    async def add_fault(self, request: Request) -> Response:
        """Adds a rule."""
        try:
            self._handler.company.faults.add(exact_json.decode(await request.body()))
        except (msgspec.ValidationError, exact_json.MalformedJsonError) as error:
            return _json({"error": f"The fault cannot be understood: {error}"}, HTTPStatus.BAD_REQUEST)
        return _json({}, HTTPStatus.CREATED)

    async def clear_faults(self, _request: Request) -> Response:
        """Removes every rule."""
        self._handler.company.faults.clear()
        return _json({})

    async def declare_fields(self, request: Request) -> Response:
        """Adds fields of the company's own to an object."""
        try:
            declare(self._handler.company.store, exact_json.decode(await request.body()))
        except (msgspec.ValidationError, exact_json.MalformedJsonError) as error:
            return _json({"error": f"The fields cannot be understood: {error}"}, HTTPStatus.BAD_REQUEST)
        return _json({}, HTTPStatus.CREATED)

    async def close_books(self, request: Request) -> Response:
        """Closes the books up to a day, which keeps the documents of these days as they are."""
        body: Any = exact_json.decode(await request.body())
        self._handler.company.books.closed_until = date.fromisoformat(body["date"])
        return _json({})

    async def clock(self, request: Request) -> Response:
        """Moves the emulator's clock on."""
        body: Any = exact_json.decode(await request.body())
        self._handler.company.clock.advance(float(body["advance_seconds"]))
        return _json({"now": self._handler.company.clock.now()})

    async def reset(self, _request: Request) -> Response:
        """Everything back to a fresh start."""
        self._handler.company = Company(self._settings)
        return _json({})

    async def expire_tokens(self, _request: Request) -> Response:
        """End every access token now."""
        self._handler.company.tokens.expire_all()
        return _json({})


def _json(value: object, status: int = HTTPStatus.OK) -> Response:
    return Response(exact_json.encode(value), status, media_type="application/json")

"""The ASGI application: the API below `/ia/api/v1`, the tests' own way in below `/emulator`, and a page at `/`."""

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from intacct_emulator.asgi import RequestHandler
from intacct_emulator.company import Company
from intacct_emulator.control import Control
from intacct_emulator.front_page import render
from intacct_emulator.settings import Settings

BASE = "/ia/api/v1"


def build(settings: Settings) -> ASGIApp:
    """Return the application for one company."""
    handler = RequestHandler(Company(settings))

    async def api(scope: Scope, receive: Receive, send: Send) -> None:
        await handler(scope, receive, send, BASE)

    async def front_page(_request: Request) -> HTMLResponse:
        return HTMLResponse(render(handler.company))

    tests_own = Mount("/emulator", routes=Control(handler, settings).routes())
    routes = Starlette(routes=[Route("/", front_page), tests_own, Mount(BASE, api)])

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        handler.company.run_jobs()  # a page or a test sees everything done that was due by then
        await routes(scope, receive, send)

    return application

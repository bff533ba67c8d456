"""The ASGI application: the API below `/ia/api/v1`, and the tests' own way in below `/emulator`."""

from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.types import ASGIApp, Receive, Scope, Send

from intacct_emulator.asgi import RequestHandler
from intacct_emulator.company import Company
from intacct_emulator.control import Control
from intacct_emulator.settings import Settings

BASE = "/ia/api/v1"


def build(settings: Settings) -> ASGIApp:
    """Return the application for one company."""
    handler = RequestHandler(Company(settings))

    async def api(scope: Scope, receive: Receive, send: Send) -> None:
        await handler(scope, receive, send, BASE)

    return Starlette(routes=[Mount("/emulator", routes=Control(handler, settings).routes()), Mount(BASE, api)])

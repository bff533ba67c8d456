"""A connection of uvicorn's that lets the application close it without an answer."""

import asyncio
from collections.abc import MutableMapping
from typing import Any, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

TRANSPORT = "intacct_emulator.transport"


class CuttableProtocol(HttpToolsProtocol):
    """Puts the connection's transport into the scope of each request."""

    def on_message_begin(self) -> None:
        """Count a request that begins."""
        super().on_message_begin()
        cast("dict[str, Any]", self.scope)[TRANSPORT] = self.transport


def cut(scope: MutableMapping[str, Any]) -> None:
    """Resets the connection of this request."""
    transport: asyncio.Transport = scope[TRANSPORT]
    transport.abort()

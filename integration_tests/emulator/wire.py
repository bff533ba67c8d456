"""The wire that clients speak over: requests exactly as they write them."""

import http.client
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import msgspec
from emulator_process import EmulatorProcess

from emulator.emulator_rest import Reply
from emulator.real_clients import Exchange, Json, Sent


class Wire:
    """Sends requests exactly as a client wrote them, in the name of a token."""

    def __init__(self, emulator: EmulatorProcess, token: str = "demo-access-token") -> None:
        self.emulator = emulator
        self.token = token

    def send(self, sent: Sent) -> Reply:
        """Return the answer to one request."""
        address = urlsplit(self.emulator.url)
        body = sent.body if sent.body is None or isinstance(sent.body, str) else msgspec.json.encode(sent.body)
        headers = {"Content-Type": "application/json", **sent.headers}
        if sent.with_token:
            headers["Authorization"] = f"Bearer {self.token}"
        connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=30)
        try:
            connection.request(sent.method, address.path + sent.path, body, headers)
            answer = connection.getresponse()
            return Reply(answer.status, answer.headers, answer.read())
        finally:
            connection.close()

    def answered(self, exchange: Exchange) -> dict[str, Any]:
        """Return the answer, which is a success and holds what the client needs."""
        reply = self.send(exchange.sent)
        assert reply.status == http.client.OK, reply.text
        body: dict[str, Any] = reply.body
        assert {name: type(body.get(name)) for name in exchange.needs} == exchange.needs
        return body

    def create(self, path: str, body: Json, headers: Mapping[str, str] | None = None) -> Any:
        """Return the record as Fyle has it: created, then read by the key that the answer bears."""
        made = self.send(Sent("POST", f"/objects/{path}", body, headers or {}))
        assert made.status == http.client.CREATED, made.text
        return self.read(path, made.result["key"], headers)

    def read(self, path: str, key: str, headers: Mapping[str, str] | None = None) -> Any:
        """Return the whole record."""
        return self.send(Sent("GET", f"/objects/{path}/{key}", headers=headers or {})).result

    def patch(self, path: str, key: str, body: Json) -> Reply:
        """Return the answer to a change."""
        return self.send(Sent("PATCH", f"/objects/{path}/{key}", body))

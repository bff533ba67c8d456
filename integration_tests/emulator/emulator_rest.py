"""A bare REST client for the emulator's own tests: one request, its status, headers and exact body."""

import http.client
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import msgspec
from emulator_process import EmulatorProcess

_DECODER = msgspec.json.Decoder(float_hook=Decimal)
_ENCODER = msgspec.json.Encoder(decimal_format="number")

CUSTOMERS = "/objects/accounts-receivable/customer"
VENDORS = "/objects/accounts-payable/vendor"
INVOICES = "/objects/accounts-receivable/invoice"
BILLS = "/objects/accounts-payable/bill"
ENTRIES = "/objects/general-ledger/journal-entry"
CONTACTS = "/objects/company-config/contact"
ACCOUNTS = "/objects/general-ledger/account"

CLIENT = {"client_id": "demo-client", "client_secret": "demo-secret"}


@dataclass(frozen=True)
class Reply:
    status: int
    headers: Mapping[str, str]
    text: bytes

    @property
    def body(self) -> Any:
        return _DECODER.decode(self.text)

    @property
    def result(self) -> Any:
        return self.body["ia::result"]

    @property
    def error(self) -> dict[str, Any]:
        """Return the error of a request that was refused as a whole."""
        body = self.body
        return body.get("ia::error") or body.get("error") or body["ia::result"]["ia::error"]

    @property
    def details(self) -> list[tuple[str, str | None]]:
        """Return the text and the target of each detail."""
        return [(detail["message"], detail.get("target")) for detail in self.error["details"]]


class Rest:
    def __init__(self, emulator: EmulatorProcess, token: str = "demo-access-token") -> None:
        self.emulator = emulator
        self.token = token

    def send(self, method: str, path: str, body: object = None, **headers: str) -> Reply:
        """Return one request; the underscores of a header's name stand for hyphens, a body of bytes goes as it is."""
        address = urlsplit(self.emulator.url)
        content = None if body is None else body if isinstance(body, bytes) else _ENCODER.encode(body)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=30)
        try:
            send = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json", **named}
            connection.request(method, address.path + quote(path, safe="/?&=,"), content, send)
            answer = connection.getresponse()
            return Reply(answer.status, answer.headers, answer.read())
        finally:
            connection.close()

    def get(self, path: str, **headers: str) -> Reply:
        return self.send("GET", path, **headers)

    def post(self, path: str, body: object, **headers: str) -> Reply:
        return self.send("POST", path, body, **headers)

    def patch(self, path: str, body: object, **headers: str) -> Reply:
        return self.send("PATCH", path, body, **headers)

    def delete(self, path: str, **headers: str) -> Reply:
        return self.send("DELETE", path, **headers)

    def create(self, path: str, body: object, **headers: str) -> str:
        """Return the key of a new record."""
        reply = self.post(path, body, **headers)
        assert reply.status == 201, reply.text
        return str(reply.result["key"])

    def query(self, path: str, *fields: str, headers: Mapping[str, str] | None = None, **asked: Any) -> Reply:
        body = {"object": path.removeprefix("/objects/"), "fields": list(fields), **asked}
        return self.post("/services/core/query", body, **(headers or {}))

    def token_for(self, **form: str) -> Reply:
        """Return an answer of the token endpoint."""
        form_type = "application/x-www-form-urlencoded"
        return self.send("POST", "/oauth2/token", urlencode(form).encode(), Content_Type=form_type)

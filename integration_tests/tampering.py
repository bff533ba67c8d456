"""A real exchange whose answers a test may change on their way, as a server might have sent them."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from fakes import FakeClock

from destination_sage_intacct.intacct.classify import Answer, NoResponse
from destination_sage_intacct.intacct.transport import HttpRequest, RequestsTransport, Transport

Tamper = Callable[[HttpRequest, Answer], Answer]


def tampering(tamper: Tamper) -> Transport:
    """Return an exchange that hands on what `tamper` makes of each answer."""
    real = RequestsTransport(30, FakeClock(), 4)

    def transport(request: HttpRequest) -> Answer | NoResponse:
        answer = real(request)
        return tamper(request, answer) if isinstance(answer, Answer) else answer

    return transport


def with_first_failed(answer: Answer, status: int) -> Answer:
    """Return the answer to a batch with an error in the place of its first result."""
    error = {"ia::status": status, "ia::error": {"code": "operationFailed", "message": "try later"}}
    _, *others = answer.payload["ia::result"]
    return replace(answer, status=207, payload={"ia::result": [error, *others]})


def without_lines(answer: Answer) -> Answer:
    """Return the answer to a read of one record without its lines."""
    shown: dict[str, Any] = {name: each for name, each in answer.payload["ia::result"].items() if name != "lines"}
    return replace(answer, payload={"ia::result": shown})

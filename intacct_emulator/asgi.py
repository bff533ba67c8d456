"""The way of a request over the network: counted, throttled, delayed, met by faults, carried out, answered."""

from dataclasses import replace
from functools import partial
from urllib.parse import parse_qsl

from starlette.types import Receive, Scope, Send

from intacct_emulator import composite_service, throttle
from intacct_emulator.company import Company
from intacct_emulator.connection import cut
from intacct_emulator.envelopes import refusal
from intacct_emulator.exchange import Answer, Request
from intacct_emulator.faults import CutError, spoil
from intacct_emulator.jobs import may_wait
from intacct_emulator.oauth2_service import PREFIX as OAUTH2
from intacct_emulator.refusals import RefusalError, too_many_requests
from intacct_emulator.scope import Scope as EntityScope


async def read_request(scope: Scope, receive: Receive, base: str) -> Request | None:
    """Return the request with its whole body, None if the client went away; `base` is removed from its path."""
    chunks: list[bytes] = []
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        chunks.append(message.get("body", b""))
        if not message.get("more_body", False):
            break
    return Request(
        method=scope["method"],
        path=scope["path"].removeprefix(base),
        query=dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)),
        headers={name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]},
        body=b"".join(chunks),
    )


async def send_answer(answer: Answer, send: Send) -> None:
    """Sends the answer."""
    headers = {**answer.headers, "content-length": str(len(answer.body))}
    pairs = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": answer.status, "headers": pairs})
    await send({"type": "http.response.body", "body": answer.body})


class RequestHandler:
    """Lets requests through to a company."""

    def __init__(self, company: Company) -> None:
        self.company = company

    async def __call__(self, scope: Scope, receive: Receive, send: Send, base: str) -> None:
        """One request, from its first byte to the end of its answer."""
        request = await read_request(scope, receive, base)
        if request is None:
            return
        company = self.company
        seen = company.traffic.arrived(request)
        try:
            answer = await _pass(company, request)
        except CutError:
            cut(scope)
            while (await receive())["type"] != "http.disconnect":
                pass
            return
        company.traffic.answered(seen, answer)
        await send_answer(replace(answer, headers={"date": company.clock.http_date(), **answer.headers}), send)


async def _pass(company: Company, request: Request) -> Answer:
    traffic, settings = company.traffic, company.settings
    # guess[token-limit]: the token endpoints have no part in the limit of requests in flight.
    if request.path.startswith(OAUTH2):
        return await _serve(company, request)
    if traffic.in_flight >= settings.concurrency:
        traffic.throttled += 1
        return refusal(too_many_requests(throttle.refused(settings)), company.support)
    with traffic.slot():
        remaining = settings.concurrency - traffic.in_flight
        answer = await _serve(company, request)
    return replace(answer, headers={**answer.headers, **throttle.limits(settings, remaining)})


async def _serve(company: Company, request: Request) -> Answer:
    """Admitted, delayed, carried out; a fault strikes before anything is committed, or after."""
    fault = company.faults.meet(request.method, request.path)
    admission = company.admit(request)
    time = company.latency.begin()
    try:
        await time.before()
        instead = await spoil(fault, "before", None)
        if instead is not None:
            await time.rest(0)
            return instead
        answer = admission.answer or await _carry_out(company, request, admission.scope)
        company.traffic.api_transactions += answer.billed
        await time.rest(answer.records)
        if admission.holds_key:
            answer = company.idempotency.finish(request, answer)
    finally:
        if admission.holds_key:
            company.idempotency.release(request)
    return await spoil(fault, "after", answer) or answer


async def _carry_out(company: Company, request: Request, scope: EntityScope) -> Answer:
    """At once, later as a job, or as a composite of requests that each go the way of one by itself."""
    # guess[composite-limit]: a composite is one request in flight, and one of the requests that are counted.
    # guess[composite-billing]: each request of a composite is billed as one by itself, the composite is not.
    if request.path == composite_service.PATH:
        try:
            return await composite_service.answer(request, partial(_serve, company), company.support)
        except RefusalError as refused:
            return refusal(refused, company.support)
    if may_wait(request):
        # guess[async-key]: what is stored under an Idempotency-Key is the acknowledgement.
        return company.perform_later(request, scope)
    return company.perform(request, scope)

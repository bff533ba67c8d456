"""The way of a request over the network: counted, throttled, delayed, met by faults, carried out, answered."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl

from starlette.types import Receive, Scope, Send

from intacct_emulator import exact_json
from intacct_emulator.company import Admission, Company
from intacct_emulator.connection import cut
from intacct_emulator.envelopes import refusal
from intacct_emulator.exchange import JSON_CONTENT, Answer, Request, json_answer
from intacct_emulator.faults import Action
from intacct_emulator.oauth2_service import PREFIX as OAUTH2
from intacct_emulator.refusals import RefusalError, too_many_requests
from intacct_emulator.settings import Settings

_TOO_MANY = 429


async def read_request(scope: Scope, receive: Receive, base: str) -> Request:
    """The request with its whole body; `base` is taken off the front of its path."""
    chunks: list[bytes] = []
    while True:
        message = await receive()
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


class _CutError(Exception):
    """The connection is to be closed without an answer."""


class Gate:
    """Lets requests through to a company."""

    def __init__(self, company: Company) -> None:
        self.company = company

    async def __call__(self, scope: Scope, receive: Receive, send: Send, base: str) -> None:
        """One request, from its first byte to the end of its answer."""
        request = await read_request(scope, receive, base)
        company = self.company
        seen = company.traffic.arrived(request)
        try:
            answer = await _pass(company, request)
        except _CutError:
            cut(scope)
            while (await receive())["type"] != "http.disconnect":
                pass
            return
        company.traffic.answered(seen, answer)
        await send_answer(answer, send)


async def _pass(company: Company, request: Request) -> Answer:
    traffic, settings = company.traffic, company.settings
    # guess: the token endpoints have no part in the limit of requests in flight.
    if request.path.startswith(OAUTH2):
        return await _serve(company, request)
    if traffic.in_flight >= settings.concurrency:
        traffic.throttled += 1
        return refusal(too_many_requests(_throttle_headers(settings)), company.support)
    with traffic.slot():
        return await _serve(company, request)


async def _serve(company: Company, request: Request) -> Answer:
    fault = company.faults.meet(request.method, request.path)
    before = fault if fault is not None and fault.when == "before" and fault.kind != "truncated_list" else None
    after = fault if before is None else None
    try:
        admission: Admission | None = company.admit(request)
    except RefusalError as refused:
        admission, answer = None, refusal(refused, company.support)
    try:
        await asyncio.sleep(company.settings.latency_ms / 1000)
        spoiled = await _spoil(before, None)
        if spoiled is not None:
            return spoiled
        if admission is not None:
            answer = admission.answer or company.perform(request, admission.scope)
            await asyncio.sleep(company.settings.latency_per_record_ms * answer.records / 1000)
            company.traffic.api_transactions += answer.billed
            if admission.remembers:
                company.idempotency.finish(request, answer)
                admission = replace(admission, remembers=False)
    finally:
        if admission is not None and admission.remembers:
            company.idempotency.forget(request)
    return await _spoil(after, answer) or answer


async def _spoil(fault: Action | None, answer: Answer | None) -> Answer | None:
    """What the fault makes of the answer, None when the request goes on."""
    if fault is None:
        return None
    if fault.kind == "delay":
        await asyncio.sleep(fault.seconds)
        return None
    if fault.kind == "cut":
        raise _CutError
    if fault.kind == "malformed":
        return Answer(200, b'{"ia::result": {"key": "1', JSON_CONTENT)
    if fault.kind == "truncated_list":
        return _truncated(answer) if answer is not None else None
    if isinstance(fault.body, str):
        return Answer(fault.status, fault.body.encode(), {"content-type": "text/html", **fault.headers})
    if fault.body is None:
        return Answer(fault.status, b"", fault.headers)
    return json_answer(fault.status, fault.body, headers=fault.headers)


def _truncated(answer: Answer) -> Answer | None:
    """The answer with one result less."""
    body: Any = exact_json.decode(answer.body) if answer.body else None
    if not isinstance(body, dict) or not isinstance(body.get("ia::result"), list):
        return None
    return replace(answer, body=exact_json.encode({**body, "ia::result": body["ia::result"][:-1]}))


def _throttle_headers(settings: Settings) -> dict[str, str]:
    wait = str(settings.retry_after_seconds)
    forms: Mapping[str, dict[str, str]] = {
        "both": {"Retry-After": wait, "X-IA-Throttle-Limit-Retry-After": wait},
        "retry-after": {"Retry-After": wait},
        "x-ia": {"X-IA-Throttle-Limit-Retry-After": wait},
        "none": {},
    }
    limits = {"X-IA-Throttle-Limit": str(settings.concurrency), "X-IA-Throttle-Limit-Remaining": "-1"}
    return {**limits, **forms[settings.throttle_headers]}

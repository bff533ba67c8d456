"""`POST /services/core/composite`: 2 to 10 requests in one, in order, up to the first that fails.

Sources: Sage REST guide, bulk requests; Sage's OpenAPI, composite, with its samples of answers. Nothing is rolled back:
what came before the failure stays, what comes after it is `unprocessed`.
"""

import re
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import Annotated, Any, Literal
from urllib.parse import parse_qsl, unquote

import msgspec

from intacct_emulator import exact_json
from intacct_emulator.checking import Json
from intacct_emulator.envelopes import SupportIds, meta
from intacct_emulator.exchange import Answer, Request, json_answer
from intacct_emulator.jobs import is_asynchronous
from intacct_emulator.objects_service import payload
from intacct_emulator.refusals import (
    RefusalError,
    invalid_request,
    malformed_payload,
    method_not_allowed,
    skipped_with_transaction,
)

PATH = "/services/core/composite"

_INHERITED = ("authorization", "content-type", "accept")
_REFERENCE = re.compile(r"@\{([^{}.]+)\.([^{}]+)\}")


class SubRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """One request of a composite; its path cannot be a workflow's."""

    method: Literal["GET", "POST", "PATCH", "PUT", "DELETE"]
    path: Annotated[str, msgspec.Meta(pattern=r"^/(objects|services)/")]
    body: Any = None
    result_reference: str | None = None
    headers: dict[str, str] = {}


_Composite = Annotated[list[SubRequest], msgspec.Meta(min_length=2, max_length=10)]


async def answer(request: Request, send: Callable[[Request], Awaitable[Answer]], support: SupportIds) -> Answer:
    """Return the answers to all requests in one; `send` carries out a request as if it came by itself.

    Raises:
        RefusalError: the composite as a whole is refused, and nothing of it is carried out.
    """
    asked = _read(request)
    results: dict[str, Any] = {}
    entries: list[Json] = []
    failed = 0
    for each in asked:
        if failed:
            failed += 1
            skipped = skipped_with_transaction()
            entries.append({"ia::error": support.stamp(skipped.error), "ia::status": skipped.status})
            continue
        try:
            shown = entry(await send(_filled(each, request, results)))
        except RefusalError as refused:
            shown = {"ia::error": support.stamp(refused.error), "ia::status": refused.status}
        # guess[composite-partial]: a batch that fails in part, 207, is no failure at which the composite stops.
        failed += shown["ia::status"] >= HTTPStatus.BAD_REQUEST
        if each.result_reference is not None:
            results[each.result_reference] = shown.get("ia::result")
        entries.append(shown)
    status = HTTPStatus.MULTI_STATUS if failed else HTTPStatus.OK
    return json_answer(status, {"ia::result": entries, "ia::meta": meta(len(entries), failed)})


def _read(request: Request) -> list[SubRequest]:
    if request.method != "POST":
        raise method_not_allowed(request.method, request.path)
    try:
        asked = msgspec.convert(payload(request), _Composite)
    except msgspec.ValidationError as error:
        # guess[composite-form]: the form is documented, not what answers another; here nothing of it is carried out.
        raise invalid_request(f"The composite request is not valid: {error}") from error
    paths = [each.path.partition("?")[0] for each in asked]
    if PATH in paths:
        # guess[composite-within]: whether a composite may hold another.
        raise invalid_request("A composite request cannot hold another")
    if any(map(is_asynchronous, [request.headers, *(_lower(each.headers) for each in asked)])):
        # guess[composite-async]: answers are synchronous; what a request for another kind gets is not known.
        raise invalid_request("A composite request is answered synchronously")
    return asked


def _filled(each: SubRequest, request: Request, results: Mapping[str, Any]) -> Request:
    """Return the request with the results that it refers to in its path and body.

    Raises:
        RefusalError: it refers to nothing.
    """
    # guess[composite-headers]: only the three inherited ones are documented; so the entity's header is not inherited,
    # nor is the key of the whole.
    inherited = {name: value for name, value in request.headers.items() if name in _INHERITED}
    path, _, query = each.path.partition("?")
    return Request(
        method=each.method,
        path=str(_resolved(unquote(path), results)),
        query={name: str(_resolved(value, results)) for name, value in parse_qsl(query, keep_blank_values=True)},
        headers={**inherited, **_lower(each.headers)},
        body=_body(each, results),
    )


def _body(each: SubRequest, results: Mapping[str, Any]) -> bytes:
    if each.body is None:
        return b""
    try:
        return exact_json.encode(_resolved(each.body, results))
    except RecursionError as error:  # about as deeply nested as JSON can be and still be read
        raise malformed_payload() from error


def _resolved(value: Any, results: Mapping[str, Any]) -> Any:  # noqa: ANN401 - JSON is of any type
    if isinstance(value, dict):
        return {name: _resolved(inner, results) for name, inner in value.items()}
    if isinstance(value, list):
        return [_resolved(inner, results) for inner in value]
    if not isinstance(value, str):
        return value
    alone = _REFERENCE.fullmatch(value)
    if alone:
        # guess[composite-value]: a text that is a reference and nothing else becomes the value with its own type.
        return _referred(alone, results)
    return _REFERENCE.sub(lambda found: str(_referred(found, results)), value)


def _referred(reference: re.Match[str], results: Mapping[str, Any]) -> Any:  # noqa: ANN401 - JSON is of any type
    """Return the part of an earlier result that `@{vendor.1.key}` or `@{employee.department.key}` names."""
    found = results.get(reference[1])
    steps = reference[2].split(".")
    while steps:
        if isinstance(found, Mapping) and ".".join(steps) in found:  # a row of a query has flat keys
            return found[".".join(steps)]
        step = steps.pop(0)
        if isinstance(found, list) and step.isdecimal() and 0 < int(step) <= len(found):
            found = found[int(step) - 1]
        elif isinstance(found, Mapping) and step in found:
            found = found[step]
        elif not (isinstance(found, Mapping) and step == "1"):
            # guess[composite-unknown-reference]: what answers a reference to nothing.
            raise invalid_request(f"The reference {reference[0]} cannot be resolved")
    # guess[composite-index]: positions count from 1, and a single result is the first: the guide takes `vendor.1.key`
    # of one vendor that was created.
    return found


def entry(answer: Answer) -> Json:
    """Return the entry of one answer among several: its body, its status, and headers that are its own."""
    try:
        body = exact_json.decode(answer.body) if answer.body else {}
    except exact_json.MalformedJsonError:  # a fault
        body = {}
    shown = dict(body) if isinstance(body, dict) else {}
    result = shown.get("ia::result")
    if isinstance(result, dict) and "ia::error" in result:
        shown = {"ia::error": result["ia::error"]}
    if "error" in shown:
        shown["ia::error"] = shown.pop("error")
    # guess[composite-answer-headers]: the guide shows one header of Sage's own; here it is those of a stored answer.
    own = {name: value for name, value in answer.headers.items() if name.lower() != "content-type"}
    return {**shown, "ia::status": answer.status, **({"ia::headers": own} if own else {})}


def _lower(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}

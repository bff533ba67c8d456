"""What a fault makes of an answer."""

import asyncio
from dataclasses import replace
from http import HTTPStatus
from typing import Any

from intacct_emulator import exact_json
from intacct_emulator.exchange import JSON_CONTENT, Answer, json_answer
from intacct_emulator.faults import Action, When


class CutError(Exception):
    """The connection is to be closed without an answer."""


async def spoil(fault: Action | None, when: When, answer: Answer | None) -> Answer | None:
    """Return the answer that goes out in the place of the real one, None when the request goes on as it would.

    `answer` is the real one, None before there is any.

    Raises:
        CutError: no answer goes out.
    """
    if fault is None or fault.when != when:
        return None
    if fault.kind == "delay":
        await asyncio.sleep(fault.seconds)
        return None
    if fault.kind == "cut":
        raise CutError
    if fault.kind == "malformed":
        return Answer(HTTPStatus.OK, b'{"ia::result": {"key": "1', JSON_CONTENT)
    if fault.kind == "truncated_list":
        return _without_last(answer) if answer is not None else None
    return _instead(fault)


def _instead(fault: Action) -> Answer:
    if fault.body is None:
        return Answer(fault.status, b"", fault.headers)
    if isinstance(fault.body, str):
        return Answer(fault.status, fault.body.encode(), {"content-type": "text/html", **fault.headers})
    return json_answer(fault.status, fault.body, headers=fault.headers)


def _without_last(answer: Answer) -> Answer | None:
    """Return the answer with one result less, None if it has no list of results."""
    body: Any = exact_json.decode(answer.body) if answer.body else None
    if not isinstance(body, dict) or not isinstance(body.get("ia::result"), list):
        return None
    return replace(answer, body=exact_json.encode({**body, "ia::result": body["ia::result"][:-1]}))

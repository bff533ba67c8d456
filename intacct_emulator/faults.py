"""Faults that a test sets: which requests they apply to, and what happens then."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from http import HTTPStatus
from random import Random
from typing import Any, Literal, TypeAlias

import msgspec

from intacct_emulator import exact_json
from intacct_emulator.exchange import JSON_CONTENT, Answer, json_answer

Kind: TypeAlias = Literal["status", "cut", "delay", "malformed", "truncated_list"]
When: TypeAlias = Literal["before", "after"]


class Action(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What happens. `before`: nothing was committed; `after`: the request was carried out first."""

    kind: Kind
    when: When = "before"
    status: int = HTTPStatus.SERVICE_UNAVAILABLE
    headers: dict[str, str] = {}
    body: Any = None
    seconds: float = 0


class Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which requests a fault applies to.

    `route` is a glob on the path after the base URL; `nth` counts from 1 among the requests that fit the rule;
    `times` ends the rule after this number of faults; `probability` draws from a fixed seed.
    """

    action: Action
    route: str = "*"
    method: str | None = None
    nth: list[int] | None = None
    times: int | None = None
    probability: float | None = None


@dataclass(slots=True)
class _Active:
    rule: Rule
    draw: Random
    seen: int = 0
    struck: int = field(default=0)

    def strikes(self, method: str, path: str) -> bool:
        rule = self.rule
        if (rule.method not in (None, method)) or not fnmatchcase(path, rule.route):
            return False
        self.seen += 1
        if rule.nth is not None and self.seen not in rule.nth:
            return False
        if rule.times is not None and self.struck >= rule.times:
            return False
        if rule.probability is not None and self.draw.random() >= rule.probability:
            return False
        self.struck += 1
        return True


class Faults:
    """The rules in force. The first that applies to a request decides; all of them count it."""

    def __init__(self) -> None:
        self._active: list[_Active] = []

    def add(self, rule: Mapping[str, Any]) -> None:
        """Adds a rule.

        Raises:
            msgspec.ValidationError: the rule cannot be understood.
        """
        read = msgspec.convert(rule, Rule, strict=False)
        if read.action.kind == "truncated_list":  # there is no list to shorten before the request is carried out
            read = msgspec.structs.replace(read, action=msgspec.structs.replace(read.action, when="after"))
        self._active.append(_Active(read, Random(len(self._active))))  # noqa: S311 - repeatable, no secret

    def struck(self) -> list[int]:
        """Return how many requests each rule has met, in their order."""
        return [active.struck for active in self._active]

    def clear(self) -> None:
        """Removes every rule."""
        self._active.clear()

    def meet(self, method: str, path: str) -> Action | None:
        """Return what happens to this request, None if nothing does."""
        struck = [active.rule.action for active in self._active if active.strikes(method, path)]
        return struck[0] if struck else None


class CutError(Exception):
    """The connection is to be closed without an answer."""


async def spoil(fault: Action | None, when: When, answer: Answer | None) -> Answer | None:
    """Return the answer that replaces the real one, None when the request goes on normally.

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

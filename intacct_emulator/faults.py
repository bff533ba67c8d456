"""Faults that a test asks for: which request they meet, and what then happens."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from http import HTTPStatus
from random import Random
from typing import Any, Literal, TypeAlias

import msgspec

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
    """Which requests a fault meets.

    `route` is a glob on the path after the base URL; `nth` counts from 1 among the requests that fit the rule;
    `times` ends the rule after so many faults; `probability` draws from a fixed seed.
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
    """The rules in force. The first that meets a request decides; all of them count it."""

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

    def clear(self) -> None:
        """Removes every rule."""
        self._active.clear()

    def meet(self, method: str, path: str) -> Action | None:
        """Return what happens to this request, None if nothing does."""
        struck = [active.rule.action for active in self._active if active.strikes(method, path)]
        return struck[0] if struck else None

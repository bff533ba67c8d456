"""The query's `filterExpression`, which joins numbered filters: `(1 and 2) or 3`.

Source: Sage's OpenAPI, core query.
"""

import re
from dataclasses import dataclass
from typing import Literal, TypeAlias

from intacct_emulator.refusals import RefusalError, invalid_request

_TOKEN = re.compile(r"\s*(\d+|and|or|\(|\))", re.IGNORECASE)
_DEEPEST = 100
_MOST_DIGITS = 6


@dataclass(frozen=True, slots=True)
class Joined:
    """All of the parts (`and`), or at least one of them (`or`)."""

    word: Literal["and", "or"]
    parts: tuple["Expression", ...]


Expression: TypeAlias = int | Joined
"""The index of a filter, from 0, or several expressions joined."""


def parse(text: object, filters: int) -> Expression:
    """Return the expression for this number of filters.

    Raises:
        RefusalError: it cannot be understood, or names a filter that is not there.
    """
    everything = tuple(range(filters))
    if text is None:
        return Joined("and", everything)
    if not isinstance(text, str):
        raise invalid_request("filterExpression must be a string")
    word = text.strip().lower()
    if word in ("and", "or"):
        # guess[no-filters]: without a filter every record matches; Fyle's SDK sends no expression then.
        return Joined("or" if word == "or" and everything else "and", everything)
    if _TOKEN.sub("", text).strip():
        raise _misunderstood(text)
    # guess[unnamed-filter]: a filter that the expression does not name has no part in it.
    return _Parser(text, [token.lower() for token in _TOKEN.findall(text)], filters).whole()


class _Parser:
    def __init__(self, text: str, tokens: list[str], filters: int) -> None:
        self._text = text
        self._tokens = tokens
        self._filters = filters
        self._at = 0
        self._depth = 0

    def whole(self) -> Expression:
        found = self._either()
        if self._at < len(self._tokens):
            raise _misunderstood(self._text)
        return found

    def _either(self) -> Expression:
        # guess[and-before-or]: `and` binds stronger than `or`, as it commonly does: the samples use parentheses.
        parts = [self._both()]
        while self._takes("or"):
            parts.append(self._both())
        return parts[0] if len(parts) == 1 else Joined("or", tuple(parts))

    def _both(self) -> Expression:
        parts = [self._one()]
        while self._takes("and"):
            parts.append(self._one())
        return parts[0] if len(parts) == 1 else Joined("and", tuple(parts))

    def _one(self) -> Expression:
        if self._takes("("):
            self._depth += 1
            if self._depth > _DEEPEST:
                # guess[nesting]: no limit is known; this one keeps an expression from exhausting the stack.
                raise invalid_request(f"The filterExpression is nested more than {_DEEPEST} levels deep")
            inner = self._either()
            self._depth -= 1
            if not self._takes(")"):
                raise _misunderstood(self._text)
            return inner
        token = self._tokens[self._at] if self._at < len(self._tokens) else ""
        if not token.isdigit():
            raise _misunderstood(self._text)
        number = int(token[:_MOST_DIGITS]) if len(token) <= _MOST_DIGITS else 0
        if not 1 <= number <= self._filters:
            # guess[unknown-filter]: that it is refused is plain, the text is not known.
            raise invalid_request(f"The filterExpression names filter {token[:20]}; there are {self._filters}")
        self._at += 1
        return number - 1

    def _takes(self, token: str) -> bool:
        taken = self._at < len(self._tokens) and self._tokens[self._at] == token
        self._at += taken
        return taken


def _misunderstood(text: str) -> RefusalError:
    return invalid_request(f"The filterExpression {text[:200]!r} cannot be understood")

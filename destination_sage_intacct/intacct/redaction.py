"""Takes the values of rows out of what Sage Intacct says, in the spellings in which it says them.

A value of four characters or more is found anywhere, a shorter one only in quotes: `1` and `US` are words elsewhere.
Numbers of errors, such as `REST-1043`, and the fixed words of the API stay.
"""

import json
import re
from collections.abc import Iterable, Iterator
from datetime import date
from functools import lru_cache
from typing import Any
from urllib.parse import quote

from destination_sage_intacct import exact_json

HIDDEN = "…"
_SHORTEST = 4
_LONGEST_POSITION = 2  # characters
_LONG_NUMBER = 9  # digits from which on a number is found within words, too: no error has a number that long
_MOST_MATCHED = 2_000  # characters of a value; Sage Intacct quotes no more of one
_QUOTES = "'\"`\u2018\u2019\u201c\u201d"
_ELLIPSES = ("…", "...")
_RUN = re.compile(r"[a-z]+|\d+")
_DATE = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[T ].*)?", re.DOTALL)
_NUMBER = re.compile(r"[+-]?(\d+)(?:\.(\d+))?")
_GROUPS = r"[,.'\u2019\u00a0\u202f ]?"
# Values of fields with a fixed choice (Sage's OpenAPI): they are the same in every company, and errors list them.
_WORDS = frozenset(
    {
        *("active", "inactive", "activenonposting", "draft", "posted", "submitted", "approved", "declined", "paid"),
        *("reversed", "true", "false", "null", "none", "debit", "credit", "yes", "no", "individual", "company"),
        *("customer", "vendor", "employee"),
    }
)


def redacted(text: str, values: Iterable[str]) -> str:
    """Return a text without any of these values, each replaced by `…`."""
    lower = text.lower()
    digits = re.sub(r"\D", "", text)
    spans: list[tuple[int, int]] = []
    for value in {value.strip()[:_MOST_MATCHED] for value in values}:
        if value and value.lower() not in _WORDS and _may_hold(lower, digits, value):
            spans += _found(value, text, lower, digits)
    parts: list[str] = []
    end = 0
    for start, stop in sorted(spans):
        if start >= end:
            parts += [text[end:start], HIDDEN]
        end = max(end, stop)
    return "".join([*parts, text[end:]])


@lru_cache(maxsize=8)  # each record of a batch may be rejected
def values_of(body: bytes) -> frozenset[str]:
    """Return the values that a request carries, as texts; of a query, those that it looks for."""
    try:
        sent = exact_json.decode(body)
    except exact_json.NotJsonError:
        return frozenset()
    asked = sent.get("filters") if isinstance(sent, dict) and {"object", "fields"} <= sent.keys() else sent
    return frozenset(_texts(asked))


def _texts(sent: object) -> Iterator[str]:
    left: list[Any] = [sent]
    while left:
        value = left.pop()
        if isinstance(value, dict):
            left.extend(value.values())
        elif isinstance(value, list):
            left.extend(value)
        elif value is not None and not isinstance(value, bool):
            yield str(value)


def _may_hold(lower: str, digits: str, value: str) -> bool:
    """Return whether a value can be in a text at all; of the thousands that a request carries hardly any is.

    Each spelling shows the same letters in a row somewhere, or the same digits.
    """
    runs = _RUN.findall(value.lower())
    longest = max(runs, key=len, default="")
    if longest.isdigit() or not longest:
        own = re.sub(r"\D", "", value).strip("0")[:_SHORTEST]
        return own in digits or longest in lower
    return longest[:_SHORTEST] in lower or value.lower()[:_SHORTEST] in lower


def _found(value: str, text: str, lower: str, digits: str) -> Iterator[tuple[int, int]]:
    """Yield where a value is in a text."""
    if len(value) < _SHORTEST:
        pattern = rf"(?<=[{_QUOTES}]){re.escape(value)}(?=[{_QUOTES}])"
        yield from (match.span() for match in re.finditer(pattern, text, re.IGNORECASE))
        return
    number = _NUMBER.fullmatch(value)
    day = _DATE.fullmatch(value)
    if number is not None:
        yield from _number_found(number[1], number[2] or "", text, digits)
        yield from _beginnings(number[1], text, lower, _ELLIPSES)
    elif day is not None:
        yield from _texts_found(_dates(day[1]), text)
    if number is None or number[1].startswith("0"):
        yield from _texts_found(_spellings(value), text)
        yield from _beginnings(value.lower(), text, lower, (*_ELLIPSES, *_QUOTES))


def _texts_found(spellings: Iterable[str], text: str) -> Iterator[tuple[int, int]]:
    for spelled in spellings:
        pattern = r"\s+".join(map(re.escape, spelled.split()))
        yield from (match.span() for match in re.finditer(pattern, text, re.IGNORECASE))


def _spellings(value: str) -> set[str]:
    """Return a text as it is, and as JSON, a page and an address write it; some letters become two in another case."""
    import html  # noqa: PLC0415 - its names of characters cost 0.5 MB that only errors need

    return {
        value,
        value.lower(),
        value.upper(),
        json.dumps(value)[1:-1],
        json.dumps(value, ensure_ascii=False)[1:-1],
        html.escape(value),
        _quoted(value),
    }


def _quoted(value: str) -> str:
    return quote(value, safe="", errors="replace")


def _dates(day: str) -> set[str]:
    """Return a date in the notations of its readers: America, Europe, words."""
    try:
        of = date.fromisoformat(day)
    except ValueError:
        return {day}
    numbered = {
        f"{first}{sign}{second}{sign}{of.year}"
        for sign in "/-."
        for one, two in ((of.month, of.day), (of.day, of.month))
        for first, second in ((f"{one:02}", f"{two:02}"), (str(one), str(two)))
    }
    worded = {of.strftime(form) for form in ("%b %d, %Y", "%B %d, %Y", "%d %b %Y", "%d %B %Y", "%Y/%m/%d", "%Y%m%d")}
    return {day} | numbered | worded


def _number_found(whole: str, decimals: str, text: str, digits: str) -> Iterator[tuple[int, int]]:
    """Yield where a number is: with or without signs between thousands, zeros behind it, or an exponent."""
    whole, decimals = whole.lstrip("0") or "0", decimals.rstrip("0")
    significant = (whole + decimals).strip("0")
    if significant not in digits:
        return
    if len(significant) >= _SHORTEST:
        exponent = rf"{significant[0]}[.,]?{significant[1:]}0*[eE][+-]?\d+"
        yield from (match.span() for match in re.finditer(exponent, text))
    first = len(whole) % 3 or 3
    groups = [whole[:first], *(whole[at : at + 3] for at in range(first, len(whole), 3))]
    ends = rf"[.,]{decimals}0*" if decimals else r"(?:[.,]0+)?"
    # Not within the number of an error: `REST-1043`, `BL03002185`.
    starts = r"(?<!\d)" if len(significant) >= _LONG_NUMBER else r"(?<![\dA-Za-z])(?<![A-Za-z]-)"
    pattern = rf"{starts}0*{_GROUPS.join(groups)}{ends}(?!\d)"
    for match in re.finditer(pattern, text):
        start, end = match.span()
        # `2` for 2.00 may as well be a position.
        if end - start > _LONGEST_POSITION or text[start - 1 : start] in set(_QUOTES):
            yield start, end


def _beginnings(value: str, text: str, lower: str, ends: tuple[str, ...]) -> Iterator[tuple[int, int]]:
    """Yield where the beginning of a value is, four characters or more, that one of these ends."""
    if len(lower) != len(text):
        return  # some letters are longer in lower case; the whole value was looked for before
    start = lower.find(value[:_SHORTEST])
    while start >= 0:
        length = _SHORTEST
        while length < len(value) and lower[start + length : start + length + 1] == value[length]:
            if text.startswith(_ELLIPSES, start + length):
                break  # `Acme Inc...` is not `Acme Inc.` and two dots
            length += 1
        if text[start + length :].lstrip().startswith(ends):
            yield start, start + length
        start = lower.find(value[:_SHORTEST], start + 1)

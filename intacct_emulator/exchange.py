"""A request as the emulator's parts see it, and the answer they give: plain values, no network."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from intacct_emulator import exact_json

JSON_CONTENT = {"content-type": "application/json"}


@dataclass(frozen=True, slots=True)
class Request:
    """One request below the base URL.

    `path` starts with a slash and comes after `/ia/api/v1`; the names in `headers` are in lower case.
    """

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes

    def header(self, name: str) -> str | None:
        """Return the header's value, None when it is absent or empty."""
        return self.headers.get(name.lower()) or None


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer.

    `records` is how many records were written or returned by a query, which costs time;
    `billed` is how many API transactions Sage would count for it.
    """

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    records: int = 0
    billed: int = 0


def json_answer(
    status: int,
    value: object,
    *,
    headers: Mapping[str, str] | None = None,
    records: int = 0,
    billed: int = 0,
) -> Answer:
    """Return an answer with a JSON body."""
    return Answer(status, exact_json.encode(value), {**JSON_CONTENT, **(headers or {})}, records, billed)

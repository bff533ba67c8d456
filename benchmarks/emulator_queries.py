"""How fast the emulator answers queries of many filters over many records: `python -m benchmarks.emulator_queries`.

Prints for each query how many rows it finds, and how long the first answer and the fastest of five more take.
"""

import http.client
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import msgspec

from integration_tests.emulator_process import EmulatorProcess

RECORDS = 8000
FILTERS = 1000
LISTED = 4000
BATCH = 500
HEADERS = {"Authorization": "Bearer demo-access-token", "Content-Type": "application/json"}
CUSTOMERS = "accounts-receivable/customer"


def customer(number: int) -> dict[str, Any]:
    return {"id": f"B-{number}", "name": f"name {number}", "nsp::REGION": f"region {number % 20}"}


def pairs(fields: tuple[str, str]) -> dict[str, Any]:
    """Return a query as the connector makes it for natural keys of two fields."""
    numbers = range(1, RECORDS, RECORDS * 2 // FILTERS)
    filters = [{"$eq": {field: customer(number)[field]}} for number in numbers for field in fields]
    groups = (f"({number} and {number + 1})" for number in range(1, len(filters) + 1, 2))
    return {"filters": filters, "filterExpression": " or ".join(groups)}


def queries() -> Iterator[tuple[str, dict[str, Any]]]:
    yield f"{FILTERS} filters, pairs of name and region", pairs(("name", "nsp::REGION"))
    yield f"{FILTERS} filters, pairs of id and name", pairs(("id", "name"))
    for field in ("id", "name"):
        values = [customer(number)[field] for number in range(LISTED)]
        yield f"$in of {LISTED} values of {field}", {"filters": [{"$in": {field: values}}]}
    folded = {"filterParameters": {"caseSensitiveComparison": False}}
    yield f"$in of {LISTED} names, whatever their case", {"filters": [{"$in": {"name": values}}], **folded}
    ends = [{"$endsWith": {"name": f" {number}"}} for number in range(100)]
    yield "100 filters that no index answers", {"filters": ends, "filterExpression": "or"}


def main() -> None:
    with EmulatorProcess() as emulator:
        address = urlsplit(emulator.url)
        connection = http.client.HTTPConnection(address.hostname or "", address.port)

        def post(path: str, body: object) -> Any:
            connection.request("POST", f"{address.path}{path}", msgspec.json.encode(body), HEADERS)
            answer = connection.getresponse()
            text = answer.read()
            if answer.status not in (http.client.OK, http.client.CREATED):
                raise RuntimeError(f"{answer.status}: {text[:500]!r}")
            return msgspec.json.decode(text)

        for start in range(0, RECORDS, BATCH):
            post(f"/objects/{CUSTOMERS}", [customer(number) for number in range(start, start + BATCH)])
        for title, asked in queries():
            body = {"object": CUSTOMERS, "fields": ["key"], "orderBy": [{"key": "asc"}], "size": 4000, **asked}
            seconds: list[float] = []
            while len(seconds) < 2 or (len(seconds) < 6 and sum(seconds) < 2):
                began = time.perf_counter()
                total = post("/services/core/query", body)["ia::meta"]["totalCount"]
                seconds.append(time.perf_counter() - began)
            first, *others = (1000 * each for each in seconds)
            print(f"{title}: {total} rows, {first:,.1f} ms at first, then {min(others):,.1f} ms")


if __name__ == "__main__":
    main()

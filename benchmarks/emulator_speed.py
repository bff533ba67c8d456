"""How fast the emulator is, client and server on one machine: `python benchmarks/emulator_speed.py`.

Prints requests a second for single creates, and records a second for creates of 500 records.
"""

import http.client
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

sys.path.insert(0, str(Path(__file__).parents[1] / "integration_tests"))

from emulator_process import EmulatorProcess

SINGLE = 2000
BATCHES = 80
BATCH = 500
PATH = "/objects/accounts-receivable/customer"
HEADERS = {"Authorization": "Bearer demo-access-token", "Content-Type": "application/json"}


def customer(number: int) -> dict[str, object]:
    return {
        "id": f"S-{number:07d}",
        "name": f"Customer {number}",
        "creditLimit": number,
        "taxId": f"{number:09d}",
        "status": "active",
        "contacts": {"default": {"email1": f"c{number}@example.com", "mailingAddress": {"city": "San Jose"}}},
    }


def post(connection: http.client.HTTPConnection, path: str, body: bytes) -> None:
    connection.request("POST", path, body, HEADERS)
    answer = connection.getresponse()
    text = answer.read()
    if answer.status != http.client.CREATED:
        raise RuntimeError(f"{answer.status}: {text[:500]!r}")


def main() -> None:
    with EmulatorProcess() as emulator:
        address = urlsplit(emulator.url)
        connection = http.client.HTTPConnection(address.hostname or "", address.port)
        path = address.path + PATH
        singles = [msgspec.json.encode(customer(number)) for number in range(SINGLE)]
        began = time.perf_counter()
        for body in singles:
            post(connection, path, body)
        print(f"single creates: {SINGLE / (time.perf_counter() - began):,.0f} requests/s")
        first = SINGLE
        batches = [
            msgspec.json.encode([customer(first + index * BATCH + item) for item in range(BATCH)])
            for index in range(BATCHES)
        ]
        began = time.perf_counter()
        for body in batches:
            post(connection, path, body)
        print(f"creates of {BATCH}: {BATCHES * BATCH / (time.perf_counter() - began):,.0f} records/s")


if __name__ == "__main__":
    main()

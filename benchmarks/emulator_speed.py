"""How fast the emulator is, client and server on one machine: `python -m benchmarks.emulator_speed`.

Prints requests a second for single creates, and records a second for creates of 500 records.
"""

import http.client
import time
from urllib.parse import urlsplit

import msgspec

from benchmarks.customers import PATH, Customers
from integration_tests.emulator_process import EmulatorProcess

SINGLE = 2000
BATCHES = 80
BATCH = 500
HEADERS = {"Authorization": "Bearer demo-access-token", "Content-Type": "application/json"}


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
        path = f"{address.path}/objects/{PATH}"
        customers = Customers(SINGLE + BATCHES * BATCH)
        numbers = iter(range(1, customers.rows + 1))
        singles = [msgspec.json.encode(customers.body(next(numbers))) for _ in range(SINGLE)]
        began = time.perf_counter()
        for body in singles:
            post(connection, path, body)
        print(f"single creates: {SINGLE / (time.perf_counter() - began):,.0f} requests/s")
        batches = [msgspec.json.encode([customers.body(next(numbers)) for _ in range(BATCH)]) for _ in range(BATCHES)]
        began = time.perf_counter()
        for body in batches:
            post(connection, path, body)
        print(f"creates of {BATCH}: {BATCHES * BATCH / (time.perf_counter() - began):,.0f} records/s")


if __name__ == "__main__":
    main()

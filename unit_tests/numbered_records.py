"""New records that are known by a number, and how they were sent."""

from typing import Any

from fakes import CUSTOMER, ScriptedTransport, new_record

from destination_sage_intacct import exact_json
from destination_sage_intacct.intacct.bulk import NewRecord
from destination_sage_intacct.intacct.create import batch_key


def records(count: int, first: int = 0) -> list[NewRecord]:
    return [new_record(f"r{number}", b'{"n":%d}' % number) for number in range(first, first + count)]


def key_of(*names: str) -> str:
    """The key of a batch of records of these names."""
    return batch_key([f"{name}-0" for name in names])


def sent(transport: ScriptedTransport) -> list[Any]:
    """The numbers of the records that each create held."""
    bodies = [exact_json.decode(each.body or b"") for each in transport.requests if each.url.endswith(CUSTOMER)]
    return [[each["n"] for each in body] if isinstance(body, list) else body["n"] for body in bodies]

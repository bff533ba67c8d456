"""Answers to requests for many records, in the shapes of Sage's REST guide."""

from collections.abc import Mapping
from typing import Any

from destination_sage_intacct.intacct.classify import Answer

DUPLICATE = "Another record with the value C-1 already exists"
HTTP_MULTI = 207
HTTP_CREATED = 201
HTTP_OK = 200


def bad(message: str = "no", status: int = 422, **error: str) -> dict[str, Any]:
    """The result of one record that was refused."""
    return {"ia::status": status, "ia::error": {"code": "operationFailed", "message": message, **error}}


def batch(*results: Any, status: int | None = None, **headers: str) -> Answer:
    """The answer to a write of several records: a text is the record key of one that was written."""
    shown = [{"key": each} if isinstance(each, str) else each for each in results]
    all_written = all(isinstance(each, str) for each in results)
    return Answer(status or (HTTP_CREATED if all_written else HTTP_MULTI), headers, {"ia::result": shown})


def created_batch(count: int, first: int = 1) -> Answer:
    """The answer to a create of so many records, with record keys from `first` on."""
    return batch(*(str(number) for number in range(first, first + count)))


def found(*records: Mapping[str, Any], total: int | None = None, start: int = 1) -> Answer:
    """One page of a query's rows."""
    meta = {"totalCount": len(records) if total is None else total, "start": start, "pageSize": 4000}
    return Answer(HTTP_OK, {}, {"ia::result": list(records), "ia::meta": meta})

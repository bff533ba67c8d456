"""The envelopes that results and refusals travel in: `ia::result`, `ia::meta`, `ia::error`."""

from collections.abc import Sequence
from http import HTTPStatus
from itertools import count
from typing import Any

from intacct_emulator.exchange import Answer, json_answer
from intacct_emulator.refusals import Error, RefusalError


class SupportIds:
    """Numbers each refusal, as Sage's support asks for the number."""

    def __init__(self) -> None:
        self._numbers = count(1)

    def stamp(self, error: Error) -> Error:
        """Return the error with its support id; a gateway error carries a request id in its place."""
        number = next(self._numbers)
        if error["code"].startswith("GW-"):
            return {**error, "details": {"requestId": f"E0000000:{number:04X}_{number:08X}.01"}}
        return {**error, "supportId": f"EmuWEB001%7E{number:08d}"}


def meta(total: int, failed: int = 0) -> dict[str, int]:
    """`ia::meta` of a write or of a read by key."""
    return {"totalCount": total, "totalSuccess": total - failed, "totalError": failed}


def page_meta(total: int, start: int, size: int) -> dict[str, int | None]:
    """`ia::meta` of a page of a list or a query; `next` and `previous` are the starts of those pages."""
    following = start + size
    return {
        "totalCount": total,
        "start": start,
        "pageSize": size,
        "next": following if following <= total else None,
        "previous": max(1, start - size) if start > 1 else None,
    }


def result(status: int, value: object, *, billed: int = 0, records: int = 0) -> Answer:
    """Return one result."""
    return json_answer(status, {"ia::result": value, "ia::meta": meta(1)}, billed=billed, records=records)


def page(rows: Sequence[Any], total: int, start: int, size: int, *, records: int = 0) -> Answer:
    """Return one page of a list or a query, which is one API transaction."""
    body = {"ia::result": rows, "ia::meta": page_meta(total, start, size)}
    return json_answer(HTTPStatus.OK, body, billed=1, records=records)


def refusal(refused: RefusalError, support: SupportIds) -> Answer:
    """Return the answer to a request that was refused as a whole."""
    said = support.stamp(refused.error)
    if refused.gateway:
        # The expired-token answer of the newer service is known to use the bare key.
        top = "error" if said["code"] == "tokenInvalid" else "ia::error"
        return json_answer(refused.status, {top: said}, headers=refused.headers)
    body = {"ia::result": {"ia::error": said}, "ia::meta": meta(1, failed=1)}
    return json_answer(refused.status, body, headers=refused.headers)

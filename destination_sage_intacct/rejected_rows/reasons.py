"""How often rows were rejected for which reason: what decides which rows are logged, and the table at the end."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from destination_sage_intacct.protocol.messages import StreamKey
from destination_sage_intacct.protocol.output import counted
from destination_sage_intacct.rejected_rows.rejection import Rejection, shortened

ROWS_LOGGED = 100
ROWS_LOGGED_PER_REASON = 10
_KEYS_SHOWN = 3
# Sage Intacct's words may differ with each row; past this number of reasons, rows are counted together.
_MOST_REASONS = 200
_POSITION = re.compile(r"\[\d+\]|\.\d+(?=\.|$)")
_OTHERS = ("", "")


@dataclass(slots=True)
class _Reason:
    """Rows of one stream that were rejected for the same reason: the first of them, and how many there are."""

    object_path: str
    first: Rejection
    rows: int = 0
    keys: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class ReasonCount:
    """How many rows were rejected for one reason.

    Attributes:
        reason: Sage's error number, or our code; `other` for those past the first 200 reasons.
        field: of the object, with `[]` for a position in a list; empty for the record as a whole.
        rows: how many.
    """

    reason: str
    field: str
    rows: int


class RejectionReasons:
    """Counts the rejected rows of each stream by their reasons. Not thread-safe.

    Two rows have the same reason when error and field are the same, whatever the position in a list.
    """

    def __init__(self) -> None:
        self._rows: Counter[StreamKey] = Counter()
        self._reasons: dict[StreamKey, dict[tuple[str, str], _Reason]] = {}

    def add(
        self,
        stream: StreamKey,
        object_path: str,
        rejection: Rejection,
        primary_key: str,
        shown: Callable[[], Rejection],
    ) -> bool:
        """Count a row; return whether it is one of the first, which are logged one by one.

        `shown` returns the rejection as the log may show it; it is called for the first of each reason.
        """
        self._rows[stream] += 1
        reasons = self._reasons.setdefault(stream, {})
        mark = (rejection.error_id or rejection.code, _POSITION.sub("[]", rejection.field))
        if mark not in reasons and len(reasons) >= _MOST_REASONS:
            mark = _OTHERS
        if mark not in reasons:
            reasons[mark] = _Reason(object_path, shown())
        reason = reasons[mark]
        reason.rows += 1
        if len(reason.keys) < _KEYS_SHOWN and (primary_key or rejection.key):
            reason.keys.append(shortened(primary_key or rejection.key))
        return self._rows[stream] <= ROWS_LOGGED and reason.rows <= ROWS_LOGGED_PER_REASON

    def counts(self, stream: StreamKey) -> list[ReasonCount]:
        """Return how many rows of a stream were rejected for which reason, the most frequent first."""
        reasons = self._reasons.get(stream, {})
        counted_rows = [ReasonCount(mark or "other", name, reasons[mark, name].rows) for mark, name in reasons]
        return sorted(counted_rows, key=lambda each: -each.rows)

    def lines(self) -> Iterator[str]:
        """Yield a line for each reason, the most frequent first, stream by stream."""
        for stream, reasons in self._reasons.items():
            for mark, reason in sorted(reasons.items(), key=lambda item: -item[1].rows):
                line = _line(reason) if mark != _OTHERS else _others_line(reason)
                yield f"Rejections of stream {stream}: {line}"


def _others_line(reason: _Reason) -> str:
    return f"{counted(reason.rows, 'row')} for reasons other than those listed."


def _line(reason: _Reason) -> str:
    rows, first = counted(reason.rows, "row"), reason.first
    mark, field_name = first.error_id or first.code, _POSITION.sub("[]", first.field)
    where = f"field {field_name} of {reason.object_path}" if field_name else reason.object_path
    keys = f" First primary keys: {', '.join(reason.keys)}." if reason.keys else ""
    return f"{rows}, {where}: {reason.first.said} [{mark}] {reason.first.advice}{keys}"

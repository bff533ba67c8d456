"""Where rejected rows are recorded: the first ones in the log, all in a table at its end, each in object storage."""

import threading
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from functools import cache

from destination_sage_intacct.intacct.clock import Clock
from destination_sage_intacct.intacct.errors import SageError
from destination_sage_intacct.intacct.redaction import values_of
from destination_sage_intacct.plan.stream_plan import StreamPlan, primary_key_text
from destination_sage_intacct.protocol.ledger import Ledger, Row
from destination_sage_intacct.protocol.messages import StreamKey
from destination_sage_intacct.protocol.output import Output, counted
from destination_sage_intacct.rejected_rows.files import RejectedRowFiles, Storage
from destination_sage_intacct.rejected_rows.formats import REASON_PREFIX
from destination_sage_intacct.rejected_rows.reasons import (
    ROWS_LOGGED,
    ROWS_LOGGED_PER_REASON,
    ReasonCount,
    RejectionReasons,
)
from destination_sage_intacct.rejected_rows.rejection import Rejection, Source, rejection_for
from destination_sage_intacct.rejected_rows.store import StorageOutageError, StorageRefusedError
from destination_sage_intacct.rows.values import Problem


class RejectRecorder:
    """Records rejected rows, so that the ledger may release the STATEs behind them.

    Args:
        ledger: learns of each row that is recorded.
        output: the log.
        clock: measures.
        storage: where the rows are stored, None for the log alone.
        shows_values: the log may hold the values of rejected rows.

    Attributes:
        folder: the address of all that is stored, empty for none.
    """

    def __init__(
        self, ledger: Ledger, output: Output, clock: Clock, storage: Storage | None, *, shows_values: bool = False
    ) -> None:
        self._shows_values = shows_values
        self._ledger = ledger
        self._output = output
        self._clock = clock
        self.folder = storage.folder if storage else ""
        self._files = RejectedRowFiles(storage, ledger.recorded, clock) if storage else None
        self._lock = threading.Lock()
        self._reasons = RejectionReasons()
        self._silent: set[StreamKey] = set()  # the streams of which not every row is logged

    def reject(
        self,
        rows: Sequence[Row],
        plan: StreamPlan,
        reason: Problem | SageError,
        record_key: str = "",
        values: Iterable[str] = (),
        locate: Callable[[Rejection], Source] = lambda rejection: Source(rejection.field),
    ) -> None:
        """Record rows that the ledger knows as rejected and not recorded; safe from any thread.

        Args:
            rows: one row, or all of one document.
            plan: of their stream.
            reason: why they were rejected.
            record_key: of the record, if it is known.
            values: of the rows, as texts; none is shown but their primary keys.
            locate: returns where in the rows the fault is.
        """
        primary_keys = [primary_key_text(plan, row.data) for row in rows]
        whole = rejection_for(reason, record_key, path=plan.object.path)
        whole = whole.at(locate(whole))

        @cache
        def shown() -> Rejection:
            if self._shows_values:
                return whole
            # The error of one record of a batch may quote the values of another.
            hidden = [*values, *values_of(reason.sent)] if isinstance(reason, SageError) else values
            rejection = rejection_for(reason, record_key, hidden, primary_keys, plan.object.path, plan.has_field)
            return rejection.at(locate(rejection))

        for row, primary_key in zip(rows, primary_keys, strict=True):
            self._log(row, plan, whole, primary_key, shown)
            if self._files is None:
                self._ledger.recorded({row.segment: 1})
            else:
                # Whoever reads the files can read the rows in them anyway.
                self._files.add(row, self._reason(plan, row, whole))

    def reasons(self, stream: StreamKey) -> list[ReasonCount]:
        """Return how many rows of a stream were rejected for which reason, the most frequent first."""
        with self._lock:
            return self._reasons.counts(stream)

    def advance(self, *, is_silent: bool) -> None:
        """Store what is due; `is_silent`: no input comes, and no row is on its way.

        Raises:
            StorageRefusedError, StorageOutageError: rows could not be stored; they stay unrecorded.
        """
        if self._files is not None:
            self._files.store_due(is_silent=is_silent and self._ledger.has_waiting)

    def finish(self) -> None:
        """Store every row. Raises as `advance`."""
        if self._files is not None:
            self._files.store_all()

    def close(self) -> None:
        """Store what a failure has left, if that is possible, and say what is stored; raises nothing of the store.

        The log gets a line for each reason.
        """
        for line in self._reasons.lines():
            self._output.log("WARN", line)
        if self._files is None:
            return
        if not self._files.has_failed:
            try:
                self._files.store_all()
            except (StorageRefusedError, StorageOutageError) as error:
                self._output.log("WARN", str(error))
        self._account(self._files)

    def _account(self, files: RejectedRowFiles) -> None:
        if files.rows:
            by_stream = ", ".join(f"{rows} of {stream}" for stream, rows in files.rows.items())
            self._output.log(
                "INFO",
                f"Stored {counted(files.rows.total(), 'rejected row')} ({by_stream}) in {counted(files.files, 'file')} "
                f"in `{self.folder}`.",
            )
        if files.unstored:
            them = "it" if files.unstored == 1 else "them"
            self._output.log(
                "WARN",
                f"{counted(files.unstored, 'rejected row')} could not be stored. No state that covers {them} was "
                f"acknowledged, so the next sync sends {them} again.",
            )

    def _log(
        self, row: Row, plan: StreamPlan, whole: Rejection, primary_key: str, shown: Callable[[], Rejection]
    ) -> None:
        with self._lock:
            is_one_of_the_first = self._reasons.add(row.stream, plan.object.path, whole, primary_key, shown)
            is_silent = row.stream in self._silent
            if not is_one_of_the_first:
                self._silent.add(row.stream)
        if is_one_of_the_first:
            self._output.log("WARN", shown().sentence(row.number, str(row.stream), primary_key))
        elif not is_silent:
            self._output.log(
                "WARN",
                f"Not every rejected row of stream {row.stream} is logged from here on: the log has the first "
                f"{ROWS_LOGGED_PER_REASON} for each reason, {ROWS_LOGGED} in all, and at its end a line for each "
                "reason.",
            )

    def _reason(self, plan: StreamPlan, row: Row, rejection: Rejection) -> dict[str, str | int]:
        asked = plan.operation_of(row.data) if isinstance(row.data, dict) else None
        reason: dict[str, str | int] = {
            "operation": asked or plan.operation,
            "object": plan.object.path,
            "code": rejection.code,
            "error_id": rejection.error_id,
            "message": rejection.located_message,
            "field": rejection.field,
            "advice": rejection.advice,
            "support_id": rejection.support_id,
            "record_key": rejection.key,
            "row": row.number,
            "at": datetime.fromtimestamp(self._clock.now(), UTC).isoformat(timespec="milliseconds")[:-6] + "Z",
        }
        return {REASON_PREFIX + name: value for name, value in reason.items()}

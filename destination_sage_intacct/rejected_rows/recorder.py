"""Where rejected rows are recorded: each in the log, or each in object storage and the first ones in the log."""

import threading
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from destination_sage_intacct.delivery.actions import operation_of
from destination_sage_intacct.delivery.summary import counted
from destination_sage_intacct.intacct.clock import Clock
from destination_sage_intacct.plan.stream_plan import StreamPlan
from destination_sage_intacct.protocol.ledger import Ledger, Row
from destination_sage_intacct.protocol.messages import StreamKey
from destination_sage_intacct.protocol.output import Output
from destination_sage_intacct.rejected_rows.files import RejectedRowFiles, Storage
from destination_sage_intacct.rejected_rows.formats import REASON_PREFIX
from destination_sage_intacct.rejected_rows.rejection import Rejection
from destination_sage_intacct.rejected_rows.store import StorageOutageError, StorageRefusedError

TOLD_ROWS_PER_STREAM = 100


class RejectRecorder:
    """Records rejected rows, so that the ledger may release the STATEs behind them.

    Args:
        ledger: told of each row that is recorded.
        plans: of the streams; what they write where stands in the files.
        output: the log.
        clock: measures.
        storage: where the rows are stored, None for the log alone.

    Attributes:
        folder: the address of all that is stored, empty for none.
    """

    def __init__(
        self, ledger: Ledger, plans: Iterable[StreamPlan], output: Output, clock: Clock, storage: Storage | None
    ) -> None:
        self._ledger = ledger
        self._plans: Mapping[StreamKey, StreamPlan] = {plan.stream: plan for plan in plans}
        self._output = output
        self._clock = clock
        self.folder = storage.folder if storage else ""
        self._files = RejectedRowFiles(storage, ledger.recorded, clock) if storage else None
        self._lock = threading.Lock()
        self._told: Counter[StreamKey] = Counter()

    def reject(self, row: Row, rejection: Rejection) -> None:
        """Record a row that the ledger knows as rejected and not recorded; safe from any thread."""
        self._tell(row, rejection)
        if self._files is None:
            self._ledger.recorded({row.segment: 1})
        else:
            self._files.add(row, self._reason(row, rejection))

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
        """Store what a failure has left, if that is possible, and say what is stored; raises nothing of the store."""
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

    def _tell(self, row: Row, rejection: Rejection) -> None:
        with self._lock:
            self._told[row.stream] += 1
            told = self._told[row.stream]
        if self._files is None or told <= TOLD_ROWS_PER_STREAM:
            self._output.log("WARN", rejection.sentence(row.number, str(row.stream)))
        elif told == TOLD_ROWS_PER_STREAM + 1:
            self._output.log(
                "WARN",
                f"Stream {row.stream} has more than {TOLD_ROWS_PER_STREAM} rejected rows. The others are not told "
                f"here: all of them, with their reasons, are stored in `{self.folder}`.",
            )

    def _reason(self, row: Row, rejection: Rejection) -> dict[str, str | int]:
        plan = self._plans[row.stream]
        asked = operation_of(plan, row.data) if isinstance(row.data, dict) else None
        reason: dict[str, str | int] = {
            "operation": asked or plan.operation,
            "object": plan.object.path,
            "code": rejection.code,
            "error_id": rejection.error_id,
            "message": rejection.message,
            "field": rejection.field,
            "advice": rejection.advice,
            "support_id": rejection.support_id,
            "record_key": rejection.key,
            "row": row.number,
            "at": datetime.fromtimestamp(self._clock.now(), UTC).isoformat(timespec="milliseconds")[:-6] + "Z",
        }
        return {REASON_PREFIX + name: value for name, value in reason.items()}

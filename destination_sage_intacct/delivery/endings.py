"""Where documents of line rows end: at a COMPLETE, or with the input if nothing tells that it was cut short."""

from collections.abc import Sequence

from destination_sage_intacct.config import ConfigError
from destination_sage_intacct.delivery.pipeline import Pipeline
from destination_sage_intacct.protocol.ledger import Ledger, Row
from destination_sage_intacct.protocol.messages import Complete, ProtocolError, State


class Endings:
    """Ends the documents that are still open when no row of another one follows.

    A source that fails sends no further rows, and Airbyte then ends the input as if all had come; only a COMPLETE is
    missing, which in turn not every platform sends (platform source, `StreamStatusCompletionTracker`).

    Args:
        writer: holds the documents.
        ledger: knows which rows a STATE covers.
    """

    def __init__(self, writer: Pipeline, ledger: Ledger) -> None:
        self._writer = writer
        self._ledger = ledger
        self._is_marked = False  # the input tells by STATEs or COMPLETEs how far it has come
        self._failure: ConfigError | None = None

    def hear(self, message: State | Complete) -> None:
        """Take what tells how far the input has come; a COMPLETE ends its stream's document."""
        self._is_marked = True
        if isinstance(message, Complete):
            self._end(message)

    def check(self) -> None:
        """Raise why a document could not be delivered; the documents of other streams are ended first."""
        if self._failure is not None:
            raise self._failure

    def end_of_input(self) -> None:
        """End each document that is whole.

        Raises:
            ConfigError: a document has a column that can never be delivered.
            ProtocolError: the input has ended within a document.
        """
        cut: list[Row] = []
        for last_row in self._writer.open_documents:
            if self._is_marked and not self._ledger.is_covered(last_row):
                cut.append(last_row)
            else:
                self._end(last_row)
        self.check()
        if cut:
            raise ProtocolError(_cut_short(cut))

    def _end(self, what: Row | Complete) -> None:
        try:
            self._writer.complete(what.stream)
        except ConfigError as error:
            self._failure = self._failure or error


def _cut_short(last_rows: Sequence[Row]) -> str:
    where = ", ".join(f"stream {row.stream} (its row {row.number}, line {row.line} of the input)" for row in last_rows)
    return (
        f"The input ended within a document of {where}: neither a STATE nor the end of the stream follows, as when a "
        "source fails. The document was not booked, everything else was delivered, and the next sync sends it again. "
        "See in the log why the source ended."
    )

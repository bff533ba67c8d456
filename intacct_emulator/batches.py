"""Many records in one request: each separately, or all or none.

Sources: Sage REST guide, bulk requests and error handling. All done: the status of one, with a list of results.
Some failed: 207, one entry per record in the order of the request, `ia::error` in those that failed.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, TypeVar

from intacct_emulator.checking import Json
from intacct_emulator.envelopes import SupportIds, meta, result
from intacct_emulator.exchange import Answer, json_answer
from intacct_emulator.refusals import (
    RefusalError,
    invalid_request,
    of_the_whole,
    payload_errors,
    skipped_with_transaction,
    wrong_value,
)
from intacct_emulator.settings import Settings
from intacct_emulator.store import Store, Table

MAX_RECORDS = 500


_Item = TypeVar("_Item")


@dataclass(frozen=True, slots=True)
class Batches:
    """Works on the records of one request, in order."""

    settings: Settings
    store: Store
    support: SupportIds
    transaction: bool = False

    def write(self, body: object, write: Callable[[Any], Json], status: int, table: Table) -> Answer:
        """Writes the one record or the list of records that the body holds.

        Raises:
            RefusalError: the whole request is refused.
        """
        if not isinstance(body, list):
            return result(status, write(body), billed=1, records=1)
        if not self.settings.arrays:
            # guess[no-batches]: what a resource without batches answers is not known.
            raise invalid_request(f"The object {table.schema.path} does not accept an array")
        return self.each(body, write, status, billed=None)

    def each(self, items: Sequence[_Item], work: Callable[[_Item], Json], status: int, *, billed: int | None) -> Answer:
        """Works on each item; `billed` None bills each item that succeeded."""
        if not items:
            # guess[empty-batch]: an empty list is refused as an empty body would be.
            raise payload_errors([wrong_value("/", "a list of one record or more")])
        if len(items) > MAX_RECORDS:
            # guess[large-batch]: the limit is known, the text and the status are not.
            raise invalid_request(f"A request may hold at most {MAX_RECORDS} records; this one holds {len(items)}")
        with self.store.transaction() as take_back:
            outcomes = [_attempt(work, item) for item in items]
            failures = [outcome for outcome in outcomes if isinstance(outcome, RefusalError)]
            whole = self.settings.partial_form == "whole"
            if failures and (self.transaction or whole):
                take_back()
                if whole:
                    raise of_the_whole(_by_place(outcomes), self.settings.whole_names)
                outcomes = [_skipped(outcome) for outcome in outcomes]
                failures = [outcome for outcome in outcomes if isinstance(outcome, RefusalError)]
        # guess[rejected-billing]: a record that was refused is not billed: Sage counts records created, updated and
        # deleted.
        written = len(items) - len(failures)
        return self._answer(outcomes, failures, status, written if billed is None else billed)

    def _answer(
        self, outcomes: Sequence[Json | RefusalError], failures: Sequence[RefusalError], status: int, billed: int
    ) -> Answer:
        total = len(outcomes)
        written = total - len(failures)
        if not failures:
            if status == HTTPStatus.NO_CONTENT:
                return Answer(status, records=written, billed=billed)
            body = {"ia::result": outcomes, "ia::meta": meta(total)}
            return json_answer(status, body, records=written, billed=billed)
        entries = [self._entry(outcome, status) for outcome in outcomes]
        statuses = {outcome.status if isinstance(outcome, RefusalError) else status for outcome in outcomes}
        body = {"ia::result": entries, "ia::meta": meta(total, len(failures))}
        return json_answer(self._overall(statuses, failures[0].status), body, records=written, billed=billed)

    def _overall(self, statuses: set[int], first_failure: int) -> int:
        # guess[overall-status]: one status that holds for every record is the answer's own: the guide names 404 and 422
        # as well as 207, and does not say when.
        if len(statuses) == 1:
            return statuses.pop()
        return first_failure if self.settings.partial_status == "first-failure" else int(self.settings.partial_status)

    def _entry(self, outcome: Json | RefusalError, status: int) -> Json:
        # guess[partial-form]: Sage's guide describes such an entry, no source shows the answer to a batch of objects.
        form = self.settings.partial_form
        if not isinstance(outcome, RefusalError):
            return outcome if form == "no-status" else {**outcome, "ia::status": status}
        said = self.support.stamp(outcome.error)
        shown = {"ia::error": [said] if form == "error-list" else said}
        return shown if form == "no-status" else {"ia::status": outcome.status, **shown}


def _attempt(work: Callable[[_Item], Json], item: _Item) -> Json | RefusalError:
    try:
        return work(item)
    except RefusalError as refused:
        return refused


def _by_place(outcomes: Sequence[Json | RefusalError]) -> dict[int, RefusalError]:
    return {place: outcome for place, outcome in enumerate(outcomes) if isinstance(outcome, RefusalError)}


def _skipped(outcome: Json | RefusalError) -> RefusalError:
    return outcome if isinstance(outcome, RefusalError) else skipped_with_transaction()

"""A sender of one stream against a script, with what became of each row."""

from typing import Any

from fakes import make_client, make_model, make_plan

from destination_sage_intacct import exact_json
from destination_sage_intacct.config import MatchByFields, MatchByRecordKey
from destination_sage_intacct.delivery.actions import Create, Find, Update, Write, decide_row, identity_of
from destination_sage_intacct.delivery.batch import BatchWriter
from destination_sage_intacct.delivery.document_states import DocumentStates
from destination_sage_intacct.delivery.locks import RecordLocks
from destination_sage_intacct.delivery.lookup import Lookup, RecordCache
from destination_sage_intacct.delivery.rehearsal import Forecast, Records, Rehearsal, rehearsed
from destination_sage_intacct.protocol.ledger import Ledger, Outcome
from destination_sage_intacct.protocol.messages import Record, StreamKey
from destination_sage_intacct.rejected_rows.rejection import Rejection, rejection_for

STREAM = StreamKey(None, "customers")
BY_ID = MatchByFields(("id",))
BY_KEY = MatchByRecordKey("key")
QUERY = "POST /services/core/query"
CREATE = "POST /objects/accounts-receivable/customer"
UPDATE = "PATCH /objects/accounts-receivable/customer"


class Sending:
    """Rows of one stream, found by `id` as their natural key, or by record key with `by_key`."""

    def __init__(
        self,
        *script: Any,
        operation: str = "upsert",
        known: RecordCache | None = None,
        by_key: bool = False,
        dry_run: bool = False,
        **settings: Any,
    ) -> None:
        columns = ("key", "id", "name", "taxId") if by_key else ("id", "name", "taxId")
        model = make_model("id", "name", "taxId", "status", read_only=["key"])
        self.plan = make_plan(operation, columns, model, matching=BY_KEY if by_key else BY_ID, **settings)
        self.client, self.transport = make_client(*script)
        self.told: list[str] = []
        self.settled: list[tuple[Outcome, str]] = []
        self.rejections: list[Rejection] = []
        self.replays = 0
        self.ledger = Ledger([STREAM], lambda *_: None)
        self.known = known if known is not None else RecordCache()
        client: Records = self.client
        if dry_run:
            company = rehearsed([self.plan], self.told.append)
            client = Rehearsal(self.client, self.plan, company, Forecast(), "")
        lookup = Lookup(client, self.plan, self.told.append)
        states = DocumentStates(self.client, self.plan)
        self.writer = BatchWriter(self.plan, client, lookup, self.known, RecordLocks(), states)

    def send(self, *rows: dict[str, Any]) -> list[Outcome | None]:
        """Send rows in one batch; return what became of each."""
        batch = []
        for data in rows:
            action = decide_row(self.plan, data)
            assert isinstance(action, Create | Update | Find), action
            row = self.ledger.receive(Record(1, STREAM, data))
            batch.append(Write((row,), self.plan, action, identity_of(self.plan, action), ("key", data.get("id"))))
        self.writer.write(self.writer.find(batch, self._settle), self._settle)
        return [each.rows[0].outcome for each in batch]

    def _settle(self, write: Write, outcome: Outcome) -> None:
        assert (write.reason is not None) == (outcome is Outcome.REJECTED)
        if write.reason is not None:
            self.rejections.append(rejection_for(write.reason, write.record_key, write.values))
        self.replays += write.is_replay
        self.ledger.settle(write.rows[0], outcome)

    @property
    def asked(self) -> list[str]:
        return self.transport.asked

    @property
    def bodies(self) -> list[Any]:
        return [exact_json.decode(each.body or b"null") for each in self.transport.requests]

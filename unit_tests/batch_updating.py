"""Changes of documents, sent by hand with a script of answers."""

from collections.abc import Sequence
from typing import Any

from fakes import Step, make_client, make_config

from destination_sage_intacct import exact_json
from destination_sage_intacct.delivery.actions import Reason, SageRecord, Update, Write
from destination_sage_intacct.delivery.batch import BatchWriter
from destination_sage_intacct.delivery.document_states import DocumentStates
from destination_sage_intacct.delivery.locks import RecordLocks
from destination_sage_intacct.delivery.lookup import Lookup
from destination_sage_intacct.intacct.classify import Answer
from destination_sage_intacct.intacct.model import Field, Model
from destination_sage_intacct.plan.build import plan_stream, target_of
from destination_sage_intacct.protocol import messages
from destination_sage_intacct.protocol.catalog import ConfiguredStream
from destination_sage_intacct.protocol.ledger import Ledger, Outcome

STREAM = messages.StreamKey(None, "bills")
BILL = "/objects/accounts-payable/bill"
LINE_MODEL = Model("bill-line", {"txnAmount": Field("amount"), "memo": Field("string")})
MODEL = Model(
    "accounts-payable/bill",
    {
        "key": Field("string", read_only=True),
        "description": Field("string"),
        "number": Field("string", create_only=True),
        "nsp::TAGS": Field("list"),
        "lines": Field("list", target="bill-line"),
    },
)
COLUMNS = ("id", "description", "number", "lines", "nsp::TAGS")


class _Found(Lookup):
    """A lookup that has found one record, under whatever key."""

    record: SageRecord | None = None

    def by_record_key(self, updates: Sequence[Update]) -> dict[str, SageRecord]:
        return {} if self.record is None else {update.key: self.record for update in updates}


class Comparing:
    """Updates of one stream, of the records 7, 8 and so on, for which a query has returned `record`."""

    def __init__(
        self,
        *bodies: dict[str, Any],
        script: tuple[Step, ...] = (),
        record: SageRecord | None = None,
        keys: tuple[str, ...] = ("7", "8", "9"),
        locks: RecordLocks | None = None,
        **settings: Any,
    ) -> None:
        config = make_config(object_type="Bill", operation="update", **settings)
        stream = ConfiguredStream(STREAM, "append", COLUMNS)
        self.plan = plan_stream(target_of(stream, config), config, MODEL, {"bill-line": LINE_MODEL})
        self.client, self.transport = make_client(*script)
        lookup = _Found(self.client, self.plan, lambda _: None)
        lookup.record = record
        states = DocumentStates(self.client, self.plan)
        self.writer = BatchWriter(self.plan, self.client, lookup, None, locks or RecordLocks(), states)
        row = Ledger([STREAM], lambda *_: None).receive(messages.Record(1, STREAM, {}))
        updates = [Update(key, body, exact_json.encode_sorted(body)) for key, body in zip(keys, bodies, strict=False)]
        self.writes = [Write((row,), self.plan, update) for update in updates]

    def change(self) -> list[Outcome | Reason | None]:
        """Make the changes; return what became of each, and why it was rejected."""
        settled: list[Write] = []
        left = self.writer.find(self.writes, lambda write, _outcome: settled.append(write))
        self.writer.write(left, lambda write, _outcome: settled.append(write))
        assert len(settled) == len(self.writes)
        return [write.reason or write.outcome for write in self.writes]

    @property
    def sent(self) -> list[Any]:
        """The bodies of all updates."""
        return [exact_json.decode(each.body) for each in self.transport.requests if each.body is not None]


def whole(*records: dict[str, Any]) -> Answer:
    """The answer to a read of these records."""
    return Answer(200, {}, {"ia::result": list(records) if len(records) > 1 else records[0]})

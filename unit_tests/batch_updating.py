"""Changes of documents, sent by hand with a script of answers."""

from typing import Any

from fakes import Step, make_client, make_config

from destination_sage_intacct import exact_json
from destination_sage_intacct.delivery.actions import Update
from destination_sage_intacct.delivery.changing import Became, Changing
from destination_sage_intacct.delivery.locks import Pending, RecordLocks
from destination_sage_intacct.delivery.lookup import Lookup, Record
from destination_sage_intacct.delivery.writes import Change, without_fixed
from destination_sage_intacct.intacct.classify import Answer
from destination_sage_intacct.intacct.model import Field, Model
from destination_sage_intacct.plan.build import plan_stream, target_of
from destination_sage_intacct.protocol import messages
from destination_sage_intacct.protocol.catalog import ConfiguredStream
from destination_sage_intacct.protocol.ledger import Ledger
from destination_sage_intacct.rows.values import Problem

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


class Comparing:
    """Changes of one stream to the records 7, 8 and so on, of which a query told `record`."""

    def __init__(
        self,
        *bodies: dict[str, Any],
        script: tuple[Step, ...] = (),
        record: Record | None = None,
        keys: tuple[str, ...] = ("7", "8", "9"),
        claims: RecordLocks | None = None,
        **settings: Any,
    ) -> None:
        config = make_config(object_type="Bill", operation="update", **settings)
        stream = ConfiguredStream(STREAM, "append", COLUMNS)
        self.plan = plan_stream(target_of(stream, config), config, MODEL, {"bill-line": LINE_MODEL})
        self.client, self.transport = make_client(*script)
        self.claims = claims or RecordLocks()
        self.lookup = Lookup(self.client, self.plan, lambda _: None)
        row = Ledger([STREAM], lambda *_: None).receive(messages.Record(1, STREAM, {}))
        updates = [Update(key, body, exact_json.encode_sorted(body)) for key, body in zip(keys, bodies, strict=False)]
        self.changes = [Change(Pending(row, update), update, record) for update in updates]

    def without_fixed(self) -> Change | Problem:
        return without_fixed(self.changes[0], self.plan, self.lookup)

    def change(self) -> list[Became]:
        """Make the changes; return what became of each."""
        changing = Changing(self.plan, self.client, self.lookup, self.claims, dry_run=False)
        return [became for _, became in changing.change(self.changes)]

    @property
    def sent(self) -> list[Any]:
        """The bodies of all updates."""
        return [exact_json.decode(each.body) for each in self.transport.requests if each.body is not None]


def whole(*records: dict[str, Any]) -> Answer:
    """The answer to a read of these records."""
    return Answer(200, {}, {"ia::result": list(records) if len(records) > 1 else records[0]})

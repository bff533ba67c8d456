"""A reader of one stream, taken row by row."""

from functools import partial

from fakes import make_client, make_config

from destination_sage_intacct.config import FieldMapping, Lines, MatchByRecordKey, StreamSettings
from destination_sage_intacct.delivery.entities import Entities
from destination_sage_intacct.delivery.reader import RowReader
from destination_sage_intacct.intacct.model import Field, Model
from destination_sage_intacct.plan.build import plan_stream, target_of
from destination_sage_intacct.plan.columns import named_columns
from destination_sage_intacct.plan.stream_plan import primary_key_text
from destination_sage_intacct.protocol.catalog import ConfiguredStream
from destination_sage_intacct.protocol.ledger import Ledger
from destination_sage_intacct.protocol.messages import Record, StreamKey
from destination_sage_intacct.rejected_rows.rejection import rejection_for

STREAM = StreamKey(None, "rows")
LINE_MODEL = Model("bill-line", {"txnAmount": Field("amount")})
FIELDS = {"number": Field("string"), "status": Field("string"), "total": Field("amount", read_only=True)}
FIELDS |= {"born": Field("string", create_only=True), "lines": Field("list", target="bill-line")}
MODEL = Model("platform-apps/nsp::bill", FIELDS)
LINES = Lines(("no",), (FieldMapping("amount", "txnAmount"),))
HEADER = (FieldMapping("text", "number"),)
DELETED = {"_ab_cdc_deleted_at": "2026-01-31T00:00:00Z"}


class Taking:
    """A reader of one stream; `take` returns for each row that comes out its numbers and what is asked."""

    def __init__(self, *script, mapping=HEADER, lines=LINES, mode="append", operation=None, **settings):
        named = {"entity_field": settings.pop("entity_field", None)}
        own = StreamSettings("rows", operation=operation, field_mapping=mapping, lines=lines, **named)
        custom = {"object_type": "Custom object", "custom_object_path": MODEL.object_path}
        config = make_config(**custom, matching=MatchByRecordKey("key"), streams=(own,), **settings)
        stream = ConfiguredStream(STREAM, mode, ("key", "number", *named_columns(own)), (("no",), ("row",)))
        plan = plan_stream(target_of(stream, config), config, MODEL, {"bill-line": LINE_MODEL})
        self.warnings = []
        client, self.transport = make_client(*script)
        self.ledger = Ledger([STREAM], lambda *_: None)
        entity_of = partial(Entities(config.entity_id, self.warnings.append).of_row, client)
        self.joined: list[tuple[int, int]] = []
        self.reader = RowReader(plan, entity_of, self._join, self.warnings.append)

    def _join(self, one, other):
        self.joined.append((one.number, other.number))

    def take(self, *rows):
        return [each for data in rows for each in self.reader.read(self.ledger.receive(Record(1, STREAM, data)))]

    def all(self, *rows):
        return [*self.take(*rows), *self.reader.end()]


def line(number, amount="1.10", text="A", **more):
    return {"no": number, "amount": amount, "text": text, **more}


def numbers(write):
    return [row.number for row in write.rows]


def bodies(writes):
    return [each.action.body for each in writes if each.action is not None]


def reasons(writes):
    """Return the numbers of the rows that are rejected, with the code of their reason."""
    return [(numbers(each), each.reason.code) for each in writes if each.reason is not None]


def rejected(writes):
    """Return the log line of the one rejection among these."""
    (write,) = [each for each in writes if each.reason is not None]
    rejection = rejection_for(write.reason, write.record_key, write.values)
    return rejection.sentence(numbers(write)[0], "rows", primary_key_text(write.plan, write.rows[0].data))

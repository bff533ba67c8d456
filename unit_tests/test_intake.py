import pytest
from fakes import make_client, make_config
from sage_answers import found

from destination_sage_intacct.config import ConfigError, FieldMapping, Lines, MatchByRecordKey, StreamSettings
from destination_sage_intacct.delivery.entities import Entities
from destination_sage_intacct.delivery.intake import Intake, Settled
from destination_sage_intacct.delivery.intents import Create, Delete, Update
from destination_sage_intacct.delivery.order import Pending
from destination_sage_intacct.delivery.rejection import Rejection
from destination_sage_intacct.intacct.model import Field, Model
from destination_sage_intacct.planning import plan_stream, target_of
from destination_sage_intacct.protocol.catalog import ConfiguredStream
from destination_sage_intacct.protocol.ledger import Ledger, Outcome
from destination_sage_intacct.protocol.messages import Record, StreamKey

STREAM = StreamKey(None, "rows")
LINE_MODEL = Model("bill-line", {"txnAmount": Field("amount")})
MODEL = Model(
    "platform-apps/nsp::bill",
    {
        "number": Field("string"),
        "status": Field("string"),
        "total": Field("amount", read_only=True),
        "born": Field("string", create_only=True),
        "lines": Field("list", target="bill-line"),
    },
)
LINES = Lines(("no",), (FieldMapping("amount", "txnAmount"),))
HEADER = (FieldMapping("text", "number"),)
READ_ONLY = "Sage Intacct sets this field of platform-apps/nsp::bill itself. Do not map a column to it."
NO_SUCH_FIELD = (
    "Sage Intacct's object {} has no such field. Correct the field's name, or leave the field out; a custom field is "
    "named `nsp::NAME`."
)
DELETED = {"_ab_cdc_deleted_at": "2026-01-31T00:00:00Z"}


class Taking:
    """An intake of one stream; `take` returns for each row that comes out its numbers and what is asked."""

    def __init__(self, *script, mapping=HEADER, lines=LINES, mode="append", operation=None, **settings):
        named = {"entity_field": settings.pop("entity_field", None)}
        own = StreamSettings("rows", operation=operation, field_mapping=mapping, lines=lines, **named)
        config = make_config(
            object_type="Custom object",
            custom_object_path=MODEL.object_path,
            matching=MatchByRecordKey("key"),
            streams=(own,),
            **settings,
        )
        stream = ConfiguredStream(STREAM, mode, ("key", "number"), (("no",), ("row",)))
        plan = plan_stream(target_of(stream, config), config, MODEL, {"bill-line": LINE_MODEL})
        self.warnings = []
        client, self.exchange = make_client(*script)
        self.ledger = Ledger([STREAM], lambda *_: None)
        entities = Entities(client, config.entity_id, self.warnings.append)
        self.joined: list[tuple[int, int]] = []
        self.intake = Intake(plan, entities, self._join, self.warnings.append)

    def _join(self, one, other):
        self.joined.append((one.number, other.number))

    def take(self, *rows):
        return [each for data in rows for each in self.intake.take(self.ledger.receive(Record(1, STREAM, data)))]

    def all(self, *rows):
        return [*self.take(*rows), *self.intake.end()]


def line(number, amount="1.10", text="A", **more):
    return {"no": number, "amount": amount, "text": text, **more}


def numbers(taken):
    rows = taken.rows if isinstance(taken, Settled) else (taken.row, *taken.others)
    return [row.number for row in rows]


def bodies(taken):
    return [each.intent.body for each in taken if isinstance(each, Pending)]


def rejected(taken):
    """Return the log line of the one rejection among these."""
    ((rejection, number),) = [(each.rejection, numbers(each)[0]) for each in taken if isinstance(each, Settled)]
    assert isinstance(rejection, Rejection)
    return rejection.sentence(number, "rows")


def test_rows_of_one_document_come_out_together_when_another_one_begins():
    taking = Taking()

    assert taking.take(line(1), line(1, "2.20")) == []
    (first,) = taking.take(line(2, "3"))
    assert numbers(first) == [1, 2]
    assert first.intent.body == {"number": "A", "lines": [{"txnAmount": "1.10"}, {"txnAmount": "2.20"}]}
    assert isinstance(first.intent, Create)


def test_the_last_document_comes_out_at_the_end_and_only_once():
    taking = Taking()
    taking.take(line(1))

    assert bodies(taking.intake.end()) == [{"number": "A", "lines": [{"txnAmount": "1.10"}]}]
    assert list(taking.intake.end()) == []


def test_a_document_is_told_by_the_primary_key_of_its_first_row():
    (taken,) = Taking().all(line(1, row=5), line(1, row=6))

    assert taken.origin == ("key", 1, 5)


def test_rows_without_lines_come_out_at_once():
    taking = Taking(lines=None, mapping=())

    (taken,) = taking.take({"number": "A", "key": None})

    assert (numbers(taken), taken.intent.body) == ([1], {"number": "A"})
    assert list(taking.intake.end()) == []


def test_a_row_that_is_no_object_is_rejected_and_does_not_end_a_document():
    taking = Taking()

    assert rejected(taking.take(line(1), ["not", "a", "row"])) == (
        "Rejected row 2 of stream rows: The row is not a JSON object of columns and values. [not_an_object] Report it "
        "to the maker of the source: Airbyte's records are objects."
    )
    assert numbers(*taking.all(line(1))) == [1, 3]


def test_a_document_that_disagrees_is_rejected_with_all_its_rows():
    taken = Taking().all(line(1), line(1, text="B"))

    assert [numbers(each) for each in taken] == [[1, 2]]
    assert taken[0].outcome is Outcome.REJECTED
    assert rejected(taken) == (
        "Rejected row 1 of stream rows, primary key 1: field number: Rows 1 and 2 are lines of one document and differ "
        "in a field of its own. [document_disagrees] Give all rows of a document the same value there, map the column "
        "to a field of the line in `lines.fields`, or add it to `lines.group_by` if it tells documents apart."
    )


@pytest.mark.parametrize("row", [line(None), line(""), {"amount": "1"}])
def test_a_row_that_names_no_document_is_rejected_alone(row):
    taking = Taking()

    assert rejected(taking.take(line(1), row)).endswith(
        ": field no: The row does not tell which document it is a line of. [document_missing] Fill every column of "
        "`lines.group_by`, or choose columns that every row has."
    )
    assert numbers(*taking.all(line(1))) == [1, 3]


def test_rows_of_a_document_that_has_ended_are_rejected():
    assert rejected(Taking().take(line(1), line(2), line(1))[1:]) == (
        "Rejected row 3 of stream rows, primary key 1: field no: The row belongs to a document whose other rows came "
        "earlier, with rows of other documents in between. [document_scattered] Order the source's rows by the columns "
        "of `lines.group_by`, so that all rows of a document come together."
    )


@pytest.mark.parametrize("number", ["1", 1.5, True])
def test_values_of_other_kinds_name_other_documents(number):
    assert [numbers(each) for each in Taking().all(line(1), line(number))] == [[1], [2]]


def test_a_document_deleted_at_the_source_is_skipped_row_by_row_where_that_is_to_be_ignored():
    taken = Taking().all(line(1, **DELETED), line(1, **DELETED))

    assert [(numbers(each), each.outcome) for each in taken] == [([1], Outcome.SKIPPED), ([2], Outcome.SKIPPED)]


def test_a_document_deleted_at_the_source_is_deleted_once_whatever_its_lines_hold():
    taking = Taking(mapping=(*HEADER, FieldMapping("key", "key")), operation="upsert", on_source_delete="delete")

    (taken,) = taking.all(line(1, "no number", key="7", **DELETED), line(1, key="7", **DELETED))

    assert (numbers(taken), taken.intent) == ([1, 2], Delete("7"))


@pytest.mark.parametrize("setting", ["delete", "deactivate"])
@pytest.mark.parametrize("gone", [0, 1])
def test_a_document_some_of_whose_lines_were_deleted_is_what_is_left_of_it(setting, gone):
    taking = Taking(mapping=(*HEADER, FieldMapping("key", "key")), operation="upsert", on_source_delete=setting)
    rows = [line(1, "1", key="7"), line(1, "2", key="7")]
    rows[gone] |= DELETED

    (taken,) = taking.all(*rows)

    assert numbers(taken) == [1, 2]
    assert taken.intent.body == {"number": "A", "lines": [{"txnAmount": rows[1 - gone]["amount"]}]}


def test_a_soft_delete_writes_the_status_and_no_lines():
    (taken,) = Taking(mapping=(*HEADER, FieldMapping("key", "key")), mode="soft_delete").all(line(1, key="7"))

    assert isinstance(taken.intent, Update)
    assert taken.intent.body == {"status": "inactive"}


def test_each_row_is_for_its_own_entity_and_the_entity_tells_documents_apart():
    taking = Taking(found({"key": "1", "id": "200"}), entity_field="co", entity_id="100")

    taken = taking.all(line(1, co="200"), line(1, co="200"), line(1, co=None))

    assert [(numbers(each), each.entity) for each in taken] == [([1, 2], "200"), ([3], "100")]


def test_a_row_of_an_unknown_entity_is_rejected():
    assert rejected(Taking(found(), entity_field="co").all(line(1, co="900"))) == (
        "Rejected row 1 of stream rows, primary key 1: field co: The row's entity does not exist in this company. "
        "[unknown_entity] Fill the column with the entity's id as shown under Company > Entities in Sage Intacct, or "
        "leave it empty for the entity of the configuration."
    )


@pytest.mark.parametrize(
    ("field", "why"),
    [
        ("total", READ_ONLY),
        ("nosuch", NO_SUCH_FIELD.format("platform-apps/nsp::bill")),
    ],
)
def test_a_column_that_no_row_could_deliver_stops_the_stream(field, why):
    taking = Taking(lines=None, mapping=(FieldMapping("text", field),))

    with pytest.raises(ConfigError) as caught:
        taking.take({"text": "1"})

    assert str(caught.value) == (
        f"Stream rows: column `text` goes to `{field}`, and no row could deliver it: {why} No row of the stream was "
        "written from here on."
    )
    assert caught.value.key == "streams"


def test_a_column_that_no_line_could_deliver_stops_the_stream():
    taking = Taking(lines=Lines(("no",), (FieldMapping("amount", "nosuch"),)))

    with pytest.raises(ConfigError) as caught:
        taking.all(line(1))

    assert str(caught.value) == (
        "Stream rows: column `amount` goes to `lines[0].nosuch`, and no row could deliver it: "
        f"{NO_SUCH_FIELD.format('bill-line')} No row of the stream was written from here on."
    )


def test_rows_whose_values_are_wrong_are_rejected_and_the_stream_goes_on():
    taken = Taking().all(line(1, "much"), line(2))

    assert [type(each) for each in taken] == [Settled, Pending]


def test_a_row_with_nothing_but_its_record_key_leaves_the_record_as_it_is():
    (taken,) = Taking(lines=None, mapping=(*HEADER, FieldMapping("key", "key")), operation="update").take({"key": "7"})

    assert (taken.outcome, taken.rejection) == (Outcome.UNCHANGED, None)


def test_columns_that_the_schema_does_not_name_are_taken_up_and_those_not_sent_told_once():
    taking = Taking(lines=None, mapping=())

    taken = taking.take({"number": "A", "extra": 1}, {"number": "B", "extra": 2})

    assert bodies(taken) == [{"number": "A"}, {"number": "B"}]
    assert taking.warnings == ["Columns of stream rows that are not sent: extra (no such field)."]
